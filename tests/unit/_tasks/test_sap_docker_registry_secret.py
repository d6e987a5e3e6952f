# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of sap_ai_core_docker_registry_secret: what is accepted, and what is refused with the reason."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timezone
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.sap_ai_core_docker_registry_secret import (
    OPTIONS,
    DockerSecretOptions,
    DockerSecretValue,
    parse_options,
)

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
ADA = {"username": "ada", "password": "s3cret"}
GHCR = {"server": "ghcr.io", **ADA}
HUB = "https://index.docker.io"
# As SAP writes it: without auth.
CONFIG = {"auths": {HUB: ADA}}
INSIDE = json.dumps(CONFIG)
DATA = {".dockerconfigjson": INSIDE}


def parse(runtime: Runtime | None = None, **given: Any) -> DockerSecretOptions:
    arguments = {"name": "registry", "service_key": {}, **given}
    result = ArgumentSpecValidator(OPTIONS).validate(arguments)
    assert not result.error_messages
    return parse_options(result.validated_parameters, runtime or Runtime(check_mode=False, environ={}), NOW)


def render(**given: Any) -> dict[str, Any]:
    """Return the docker config that a task would write."""
    options = parse(**given)
    value = DockerSecretValue(options, Runtime(check_mode=False, environ={}), NOW, None)
    config: dict[str, Any] = json.loads(value.render())
    return config


def between_braces(document: Any) -> str:
    return json.dumps(document).strip()[1:-1]


FORMS: dict[str, Any] = {
    "a mapping": CONFIG,
    "its JSON": INSIDE,
    "indented": json.dumps(CONFIG, indent=2),
    "without braces": between_braces(CONFIG),
    "without braces, with a comma at the end": between_braces(CONFIG) + ",\n",
    "its base64": base64.b64encode(INSIDE.encode()).decode(),
    "data": DATA,
    "data as JSON": json.dumps(DATA),
    "data without braces": between_braces(DATA),
    "data without braces on several lines": json.dumps(DATA, indent=2)[1:-1],
    "data as JSON in base64": base64.b64encode(json.dumps(DATA).encode()).decode(),
    "data with base64 inside": {".dockerconfigjson": base64.b64encode(INSIDE.encode()).decode()},
    "data with a mapping inside": {".dockerconfigjson": CONFIG},
    "the request": {"name": "registry", "data": DATA},
    "the request as JSON": json.dumps({"name": "registry", "data": DATA}),
    "the request without braces": between_braces({"name": "registry", "data": DATA}),
    "only its data": {"data": DATA},
    "YAML": f"auths:\n  {HUB}:\n    username: ada\n    password: s3cret\n",
    "data as YAML": f".dockerconfigjson: '{INSIDE}'\n",
    "a byte-order mark": f"\ufeff{INSIDE}",
    "an upload of Windows": json.dumps(DATA, indent=2).replace("\n", "\r\n"),
}
WRITTEN = {"auths": {HUB: {"username": "ada", "password": "s3cret", "auth": "YWRhOnMzY3JldA=="}}}


@pytest.mark.parametrize("form", FORMS)
def test_a_docker_config_in_every_form(form: str) -> None:
    assert render(docker_config=FORMS[form]) == WRITTEN


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("form", [form for form, given in FORMS.items() if isinstance(given, str)])
def test_a_file_in_every_form(form: str, encoding: str) -> None:
    runtime = Runtime(check_mode=False, environ={}, files={"/upload.txt": FORMS[form].encode(encoding)})
    (registry,) = parse(runtime, docker_config_file="/upload.txt").registries
    assert (registry.server, registry.username, registry.password) == (HUB, "ada", "s3cret")


NO_FORMS = ["{", "}", '"auths"', '"auths": {', '"auths": {}}', '"a": 1, "a": 2', '"x": "y"', "[]", "", "not base64!"]


@pytest.mark.parametrize("given", NO_FORMS)
def test_what_is_no_docker_config(given: str) -> None:
    with pytest.raises(KeyringError) as caught:
        parse(docker_config=given)
    assert caught.value.describe() == {"id": "invalid_option", "option": "docker_config", "namespace": None}


def test_username_password_and_auth_are_written_in_kubectls_order() -> None:
    options = parse(registries=[{**GHCR, "email": "ada@example.com"}], docker_config=CONFIG)
    value = DockerSecretValue(options, Runtime(check_mode=False, environ={}), NOW, None)
    assert value.render() == (
        '{"auths":{"ghcr.io":{"username":"ada","password":"s3cret","email":"ada@example.com","auth":"YWRhOnMzY3JldA=="},'
        '"https://index.docker.io":{"username":"ada","password":"s3cret","auth":"YWRhOnMzY3JldA=="}}}'
    )


REPLACES = "SAP AI Core replaces the whole value of the secret, and never returns it."
# The options, the option of the failure, its id, and a part of the message.
REFUSED: dict[str, tuple[dict[str, Any], str | None, str, str]] = {
    "a name": ({"name": "Registry"}, "name", "invalid_option", "lower-case letters"),
    "nothing": ({}, "registries", "invalid_option", "names no registry"),
    "when_given": (
        {"registries": [GHCR], "update_credentials": "when_given"},
        "update_credentials",
        "invalid_option",
        REPLACES,
    ),
    "purging": ({"registries": [GHCR], "purge_registries": True}, "purge_registries", "invalid_option", REPLACES),
    "not purging": ({"registries": [GHCR], "purge_registries": False}, "purge_registries", "invalid_option", REPLACES),
    "removing one": (
        {"registries": [GHCR, {"server": "quay.io", "state": "absent"}]},
        "registries[1].state",
        "invalid_option",
        REPLACES,
    ),
    "no password": (
        {"registries": [{"server": "ghcr.io", "username": "ada"}]},
        "registries[0].password",
        "invalid_option",
        REPLACES,
    ),
    "no user": (
        {"registries": [{"server": "ghcr.io", "password": "s3cret"}]},
        "registries[0].username",
        "invalid_option",
        REPLACES,
    ),
    "no password, to be kept": (
        {"registries": [{"server": "ghcr.io", "username": "ada"}], "update_credentials": "on_create"},
        "registries[0].password",
        "invalid_option",
        REPLACES,
    ),
    "an empty password": ({"registries": [{**GHCR, "password": ""}]}, "registries[0].password", "invalid_option", ""),
    "a mask": ({"registries": [{**GHCR, "password": "******"}]}, "registries[0].password", "invalid_option", ""),
    "a user with a colon": (
        {"registries": [{**GHCR, "username": "a:b"}]},
        "registries[0].username",
        "invalid_option",
        "",
    ),
    "an image as server": (
        {"registries": [{**GHCR, "server": "ghcr.io/a:1"}]},
        "registries[0].server",
        "invalid_option",
        "",
    ),
    "one registry twice": (
        {"registries": [{**GHCR, "server": HUB}], "docker_config": {"auths": {"https://index.docker.io/v1/": ADA}}},
        'docker_config.auths["https://index.docker.io/v1/"]',
        "invalid_option",
        "is the same registry as registries[0]",
    ),
    "a preset that replaces a password": (
        {
            "registries": [
                {
                    "preset": "harbor",
                    "username": "robot$ci",
                    "preset_options": {
                        "host": "harbor.example.com",
                        "refresh_secret": True,
                        "robot_id": "5",
                        "api_username": "admin",
                        "api_password": "api-s3cret",
                    },
                }
            ]
        },
        "registries[0].preset_options.refresh_secret",
        "invalid_option",
        REPLACES,
    ),
    "servers without a docker config": (
        {"registries": [GHCR], "docker_config_servers": ["ghcr.io"]},
        "docker_config_servers",
        "invalid_option",
        "",
    ),
    "an image that is none": ({"registries": [GHCR], "images": ["a b"]}, "images[0]", "invalid_option", ""),
    "pullable without images": (
        {"registries": [GHCR], "verify": True, "verify_require": "pullable"},
        "verify_require",
        "invalid_option",
        "",
    ),
    "no time to wait": ({"registries": [GHCR], "wait_timeout": 0}, "wait_timeout", "invalid_option", "wait=false"),
    "a day to wait": ({"registries": [GHCR], "wait_timeout": 86_400}, "wait_timeout", "invalid_option", "3600"),
    "a deletion": ({"state": "absent"}, "in_use", "in_use_unknown", "does not list who uses it"),
    "a deletion with a warning": ({"state": "absent", "in_use": "warn"}, "in_use", "in_use_unknown", ""),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case: str) -> None:
    given, option, failure, text = REFUSED[case]
    with pytest.raises(KeyringError) as caught:
        parse(**given)
    assert caught.value.describe() == {"id": failure, "option": option, "namespace": None}
    assert text in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert "when_given to keep" not in str(caught.value)


def test_of_an_absent_secret_nothing_but_its_name_is_parsed() -> None:
    options = parse(state="absent", in_use="ignore", registries=[{"server": ""}], docker_config="s3cret", images=[])
    assert (options.registries, options.images, options.verification) == ((), (), None)


def test_what_is_given_is_known_to_the_scrubber() -> None:
    runtime = Runtime(check_mode=False, environ={})
    parse(runtime, registries=[{**GHCR, "password": 'with"quote'}], docker_config=CONFIG)
    twice = json.dumps(json.dumps({"password": 'with"quote'}))
    assert "quote" not in runtime.scrubber.clean(twice)
    assert runtime.scrubber.clean("s3cret YWRhOnMzY3JldA==") == "******** ********"


def test_a_large_docker_config_warns() -> None:
    registries = [{**GHCR, "server": f"r{number}.example.com", "password": "x" * 1000} for number in range(9)]
    value = DockerSecretValue(parse(registries=registries), Runtime(check_mode=False, environ={}), NOW, None)
    assert value.warnings() == []
    value.render()
    assert "takes at most 10 KB" in value.warnings()[0]


def test_a_server_of_sap_and_one_of_docker_serve_the_same_images() -> None:
    for server in (HUB, "https://index.docker.io/v1/", "docker.io"):
        options = parse(registries=[{**GHCR, "server": server}], images=["acme/app:1", "docker.io/acme/app"])
        value = DockerSecretValue(options, Runtime(check_mode=False, environ={}), NOW, None)
        assert list(json.loads(value.render())["auths"]) == [server]
        assert [item["server"] for item in value.describe()["images"]] == [server, server]
