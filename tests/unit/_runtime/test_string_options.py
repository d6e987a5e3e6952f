# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that are not strings where a string belongs are named by their place, and never shown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timezone
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.strings import REMEDY, WHY, warn_printed
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.scrub import Scrubber
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.string_options import (
    check_strings,
    refuse_dates,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.cdnetworks_ecp_registry_user import (
    DEFINITION as ECP_USER,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.cdnetworks_ecp_registry_user_info import (
    DEFINITION as ECP_USER_INFO,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.gitsync_secret import DEFINITION as GIT
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.gitsync_secret_info import (
    DEFINITION as GIT_INFO,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.image_access_info import DEFINITION as ACCESS
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.image_pull_secret import DEFINITION as PULL
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.image_pull_secret_info import (
    DEFINITION as PULL_INFO,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.openshift_global_pull_secret_info import (
    DEFINITION as OPENSHIFT,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.sap_ai_core_docker_registry_secret import (
    DEFINITION as SAP_DOCKER,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.sap_ai_core_docker_registry_secret_info import (
    DEFINITION as SAP_DOCKER_INFO,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.sap_ai_core_git_repository import (
    DEFINITION as SAP_GIT,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.sap_ai_core_git_repository_info import (
    DEFINITION as SAP_GIT_INFO,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.service_account_secrets import (
    DEFINITION as LINKS,
)
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.direct import run_direct

SECRET = "s3cret-token"
TYPED = "an0ther-of-a-wrong-type"
GOOD = {"server": "ghcr.io", "username": "octo", "password": SECRET}
LIST = "must be a string; it is a list. Give a single string, without brackets."
MAPPING = (
    "must be a string; it is a mapping. Some versions of Ansible turn a template that yields only JSON into a "
    "mapping. Check the variable behind it; for JSON let the template end with | string."
)


def registry(**changes: Any) -> dict[str, Any]:
    return {"name": "registry", "registries": [GOOD, {**GOOD, "server": "quay.io", **changes}]}


REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "password in a list": (registry(password=[SECRET]), f"registries[1].password {LIST}"),
    "password in a list in a list": (registry(password=[[SECRET]]), f"registries[1].password {LIST}"),
    "empty list": (registry(password=[]), f"registries[1].password {LIST}"),
    "password in a mapping": (registry(password={"value": SECRET}), f"registries[1].password {MAPPING}"),
    "username in a list": (registry(username=[SECRET]), f"registries[1].username {LIST}"),
    "server in a mapping": (registry(server={"a": SECRET}), f"registries[1].server {MAPPING}"),
    "item as JSON": (
        {"registries": [GOOD, json.dumps({**GOOD, "password": [SECRET]})]},
        f"registries[1].password {LIST}",
    ),
    "one item as JSON": ({"registries": json.dumps({"password": [SECRET]})}, f"registries[0].password {LIST}"),
    "name": ({"name": [SECRET], "registries": [GOOD]}, f"name {LIST}"),
    "of the connection": ({"api_key": [SECRET], "registries": [GOOD]}, f"api_key {LIST}"),
    "where to copy from, in a list": (
        {"credentials_from": [{"name": "a"}, {"name": {"a": SECRET}}]},
        f"credentials_from[1].name {MAPPING}",
    ),
    "where to copy from, as JSON": (
        {"credentials_from": json.dumps({"name": ["a"]})},
        f"credentials_from.name {LIST}",
    ),
    "where to copy from": ({"credentials_from": {"name": {"a": SECRET}}}, f"credentials_from.name {MAPPING}"),
}

REFUSED_OF_GIT: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "key in a list": ({"ssh": {"private_key": [SECRET]}}, f"ssh.private_key {LIST}"),
    "password in a mapping": ({"https": {"password": {"a": SECRET}}}, f"https.password {MAPPING}"),
    "as pairs": ({"https": json.dumps({"password": [SECRET]})}, f"https.password {LIST}"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_list_or_mapping_is_no_text(case: str) -> None:
    arguments, message = REFUSED[case]
    with pytest.raises(KeyringError) as caught:
        check_strings(arguments, PULL.options, Scrubber())

    assert str(caught.value) == message


@pytest.mark.parametrize("case", REFUSED_OF_GIT)
def test_a_list_or_mapping_is_no_git_credential(case: str) -> None:
    arguments, message = REFUSED_OF_GIT[case]
    with pytest.raises(KeyringError) as caught:
        check_strings(arguments, GIT.options, Scrubber())

    assert str(caught.value) == message


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(registry(), id="texts"),
        pytest.param(registry(password=None, email=None), id="nothing"),
        pytest.param({**registry(), "docker_config": {"auths": {}}, "kubeconfig": {"users": []}}, id="raw"),
        pytest.param({**registry(), "labels": {"a": "b"}, "namespaces": ["a"], "unknown": ["b"]}, id="others"),
        pytest.param(registry(preset_options={"regions": ["de"]}), id="options of a preset"),
        pytest.param({"registries": ["server=ghcr.io password=[x]"]}, id="pairs"),
        pytest.param({"registries": [GOOD, [GOOD], None, 7]}, id="items of a wrong type"),
        pytest.param({"registries": {**GOOD, "password": [SECRET]}}, id="no list"),
    ],
)
def test_what_is_left_to_others(arguments: Mapping[str, Any]) -> None:
    check_strings(arguments, PULL.options, Scrubber())


@pytest.mark.parametrize("value", [[TYPED], {"a": TYPED}, [{"a": ["short", TYPED]}]])
@pytest.mark.parametrize("field", ["password", "username"])
def test_its_content_is_not_shown(field: str, value: Any) -> None:
    context = Runtime(check_mode=True, environ={})

    result = run_direct("image_pull_secret", PULL, registry(**{field: value}), context)

    assert result["operation"] == "failed"
    assert result["msg"].startswith(f"registries[1].{field} must be a string; it is a ")
    assert TYPED not in json.dumps(result)
    assert "short" not in json.dumps(result)


NUMBER = 987654321987
TODAY = date(2026, 12, 1)
NOON = datetime(2026, 12, 1, 12, tzinfo=timezone.utc)
MODULES = {
    "cdnetworks_ecp_registry_user": ECP_USER,
    "cdnetworks_ecp_registry_user_info": ECP_USER_INFO,
    "image_pull_secret": PULL,
    "image_pull_secret_info": PULL_INFO,
    "gitsync_secret": GIT,
    "gitsync_secret_info": GIT_INFO,
    "image_access_info": ACCESS,
    "openshift_global_pull_secret_info": OPENSHIFT,
    "sap_ai_core_docker_registry_secret": SAP_DOCKER,
    "sap_ai_core_docker_registry_secret_info": SAP_DOCKER_INFO,
    "sap_ai_core_git_repository": SAP_GIT,
    "sap_ai_core_git_repository_info": SAP_GIT_INFO,
    "service_account_secrets": LINKS,
}
# Mappings whose fields are checked by tables of their own, of presets and formats.
OWN_TABLES = ("preset_options", "format_options")


def wrong(option: str, kind: str) -> str:
    if kind == "null":
        return f"{option} must be a string; it is null. Check the variable behind it, or leave it out."
    return f"{option} must be a string; it is {kind}. {WHY} {REMEDY}"


def string_options(options: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the full name of every option that is a string, and arguments in which it is a number."""
    for name, row in options.items():
        if row["type"] in ("str", "path"):
            yield name, {name: NUMBER}
        elif row.get("elements") in ("str", "path"):
            yield f"{name}[1]", {name: ["a", NUMBER]}
        elif "options" in row and row["type"] == "dict":
            yield from ((f"{name}.{inner}", {name: given}) for inner, given in string_options(row["options"]))
        elif "options" in row:
            yield from ((f"{name}[1].{inner}", {name: [{}, given]}) for inner, given in string_options(row["options"]))


ALL_STRINGS = {
    f"{module} {option}": (module, option, given)
    for module, code in MODULES.items()
    for option, given in string_options(code.options)
}


def accepts_integer(option: str) -> bool:
    return option.startswith("github_app") and option.endswith(("id", "installation_id")) and "client" not in option


@pytest.mark.parametrize("case", ALL_STRINGS)
def test_no_string_option_takes_a_number(case: str) -> None:
    module, option, given = ALL_STRINGS[case]
    if accepts_integer(option):
        assert check_strings(given, MODULES[module].options, Scrubber()) == []
        return
    with pytest.raises(KeyringError) as caught:
        check_strings(given, MODULES[module].options, Scrubber())

    assert str(caught.value) == wrong(option, "an integer")
    assert caught.value.describe() == {"id": "not_a_string", "option": option, "namespace": None}


def test_every_mapping_says_which_of_its_fields_are_strings() -> None:
    silent = {
        f"{module} {name}"
        for module, code in MODULES.items()
        for name, row in [*code.options.items(), *PULL.options["registries"]["options"].items()]
        if row["type"] in ("dict", "raw") and "options" not in row and "context" not in row and name not in OWN_TABLES
    }
    assert silent == set()


KUBECONFIG = {
    "clusters": [{"name": "a", "cluster": {"server": "https://a.example", "insecure-skip-tls-verify": True}}],
    "preferences": {"colors": True},
    "contexts": [
        {"name": "a", "context": {"extensions": [{"extension": {"last-update": TODAY, "version": 1.35}, "name": "m"}]}}
    ],
}


def user(**fields: Any) -> dict[str, Any]:
    return {"kubeconfig": {**KUBECONFIG, "users": [{"name": "a", "user": fields}]}}


def config(**fields: Any) -> dict[str, Any]:
    return {"docker_config": {"auths": {"ghcr.io": fields}, "HttpHeaders": {"X": 5}}}


# What is given, the option that is named, and the type that is named.
WRONG_TYPES: Mapping[str, tuple[Mapping[str, Any], str, str]] = {
    "integer": (registry(password=42798), "registries[1].password", "an integer"),
    "zero": (registry(password=0), "registries[1].password", "an integer"),
    "boolean": (registry(password=False), "registries[1].password", "a boolean"),
    "float": (registry(password=1.5), "registries[1].password", "a floating-point number"),
    "date": (registry(password=TODAY), "registries[1].password", "a date"),
    "time": (registry(password=NOON), "registries[1].password", "a date with a time"),
    "boolean for a time": (registry(expires_at=True), "registries[1].expires_at", "a boolean"),
    "integer for a time": (registry(expires_at=20991231), "registries[1].expires_at", "an integer"),
    "in an item as JSON": ({"registries": ['{"password": 5}']}, "registries[0].password", "an integer"),
    "namespace in a list": ({"namespaces": ["web", 5]}, "namespaces[1]", "an integer"),
    "null in a list": ({"namespaces": ["web", None]}, "namespaces[1]", "null"),
    "a number in place of a list": ({"namespaces": 5}, "namespaces", "an integer"),
    "no for a list": ({"service_accounts": False}, "service_accounts", "a boolean"),
    "label": ({"labels": {"tier": True}}, 'labels["tier"]', "a boolean"),
    "annotation": ({"annotations": {"example.com/n": 1.5}}, 'annotations["example.com/n"]', "a floating-point number"),
    "password of a docker config": (config(password=5), 'docker_config.auths["ghcr.io"].password', "an integer"),
    "in capitals": (config(Password=5), 'docker_config.auths["ghcr.io"].Password', "an integer"),
    "beside an auth": (config(auth="YTpi", username=5), 'docker_config.auths["ghcr.io"].username', "an integer"),
    "auth of a docker config": (config(auth=False), 'docker_config.auths["ghcr.io"].auth', "a boolean"),
    "in a Secret": ({"docker_config": {"stringData": {".dockerconfigjson": config(password=5)["docker_config"]}}},
                    'docker_config.stringData[".dockerconfigjson"].auths["ghcr.io"].password', "an integer"),
    "server with a user": (
        {"docker_config": {"auths": {"https://me:s3cret@ghcr.io": {"password": 5}}}},
        'docker_config.auths["https://ghcr.io"].password',
        "an integer",
    ),
    "token of a kubeconfig": (user(token=NUMBER), "kubeconfig.users[0].user.token", "an integer"),
    "password of a kubeconfig": (user(username="a", password=False), "kubeconfig.users[0].user.password", "a boolean"),
    "argument of a plugin": (
        user(exec={"command": "a", "args": ["--port", 80]}),
        "kubeconfig.users[0].user.exec.args[1]",
        "an integer",
    ),
    "environment of a plugin": (
        user(exec={"env": [{"name": "A", "value": TODAY}], "provideClusterInfo": False}),
        "kubeconfig.users[0].user.exec.env[0].value",
        "a date",
    ),
    "of the connection": ({"api_key": NUMBER}, "api_key", "an integer"),
    "alias": ({"ssl_ca_cert": 5}, "ssl_ca_cert", "an integer"),
}  # fmt: skip
WRONG_TYPES_OF_GIT: Mapping[str, tuple[Mapping[str, Any], str, str]] = {
    "passphrase": ({"ssh": {"passphrase": 0}}, "ssh.passphrase", "an integer"),
    "as JSON": ({"https": '{"password": 5}'}, "https.password", "an integer"),
    "cookie file": ({"cookie_file": True}, "cookie_file", "a boolean"),
    "key of a Secret": ({"keys": {"password": True}}, "keys.password", "a boolean"),
    "key of a source": (
        {"credentials_from": {"keys": {"password": 1}}},
        "credentials_from.keys.password",
        "an integer",
    ),
    "boolean for an ID": ({"github_app": {"id": True}}, "github_app.id", "a boolean"),
    "float for an ID": ({"github_app": {"id": 1.5}}, "github_app.id", "a floating-point number"),
    "date for an ID": ({"github_app": {"installation_id": TODAY}}, "github_app.installation_id", "a date"),
    "client ID": ({"github_app": {"client_id": 5}}, "github_app.client_id", "an integer"),
}


@pytest.mark.parametrize("case", [*WRONG_TYPES, *WRONG_TYPES_OF_GIT])
def test_what_is_no_string_is_refused(case: str) -> None:
    code, cases = (PULL, WRONG_TYPES) if case in WRONG_TYPES else (GIT, WRONG_TYPES_OF_GIT)
    given, option, kind = cases[case]
    with pytest.raises(KeyringError) as caught:
        check_strings(given, code.options, Scrubber())

    assert str(caught.value) == wrong(option, kind)
    assert caught.value.describe() == {"id": "not_a_string", "option": option, "namespace": None}


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(registry(expires_at=TODAY), id="date"),
        pytest.param(registry(expires_at=NOON), id="time"),
        pytest.param({"labels": {"tier": None}, "annotations": {}}, id="null takes a label away"),
        pytest.param(user(token="a", exec=None), id="kubeconfig"),
        pytest.param(config(password="a", email=None), id="docker config"),
        pytest.param({"prune_limit": "5", "purge_registries": "yes", "min_validity": 5}, id="no strings"),
    ],
)
def test_what_is_accepted(given: Mapping[str, Any]) -> None:
    assert check_strings(given, PULL.options, Scrubber()) == []
    refuse_dates(given, PULL.options)


def test_dates_alone_are_refused_on_the_controller() -> None:
    refuse_dates(registry(password=5, username=True), PULL.options)
    with pytest.raises(KeyringError) as caught:
        refuse_dates(registry(username=5, password=TODAY), PULL.options)

    assert str(caught.value) == wrong("registries[1].password", "a date")


@pytest.mark.parametrize("text", ["True", "False", "None"])
def test_the_printing_of_another_value_warns(text: str) -> None:
    given = {**registry(password=text), "labels": {"a": text}, "namespaces": ["web", text]}

    assert check_strings(given, PULL.options, Scrubber()) == [
        warn_printed(option) for option in ("registries[1].password", 'labels["a"]', "namespaces[1]")
    ]


@pytest.mark.parametrize("text", ["true", "no", "null", "none", "", "1.5", "42798", "2026-12-01", "nan"])
def test_other_strings_do_not_warn(text: str) -> None:
    assert check_strings(registry(password=text), PULL.options, Scrubber()) == []


@pytest.mark.parametrize("value", [NUMBER, 9876.54321987])
@pytest.mark.parametrize("field", ["password", "username", "email"])
def test_its_value_is_not_shown(field: str, value: Any) -> None:
    result = run_direct("image_pull_secret", PULL, registry(**{field: value}), Runtime(check_mode=True, environ={}))

    assert result["failure"] == {"id": "not_a_string", "option": f"registries[1].{field}", "namespace": None}
    assert str(value) not in json.dumps(result)


def test_a_warning_is_there_after_a_failure_too() -> None:
    given = {**registry(password="None"), "name": "Not a name"}
    result = run_direct("image_pull_secret", PULL, given, Runtime(check_mode=True, environ={}))

    assert result["failed"]
    assert result["warnings"] == [warn_printed("registries[1].password")]
