# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option tables, and what of the given arguments is shown again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.settings import VARIABLES
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.invocation import public_arguments
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.options import CONNECTION, Options
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.shown import MASK, NAME
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.git_options import OPTIONS as GIT_OPTIONS
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.gitsync_secret_info import (
    OPTIONS as GIT_INFO_OPTIONS,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.image_access_info import (
    OPTIONS as ACCESS_OPTIONS,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.image_pull_secret import OPTIONS
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.image_pull_secret_info import (
    OPTIONS as PULL_INFO_OPTIONS,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.openshift_global_pull_secret_info import (
    OPTIONS as OPENSHIFT_OPTIONS,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.portal_options import PORTAL_ACCESS
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.sap_ai_core_docker_registry_secret import (
    OPTIONS as SAP_DOCKER_OPTIONS,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.sap_ai_core_docker_registry_secret_info import (
    OPTIONS as SAP_DOCKER_INFO_OPTIONS,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.sap_ai_core_git_repository import (
    OPTIONS as SAP_GIT_OPTIONS,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.sap_ai_core_git_repository_info import (
    OPTIONS as SAP_GIT_INFO_OPTIONS,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.service_account_secrets import (
    OPTIONS as LINK_OPTIONS,
)
from support.samples.secrets import encode


def test_connection_options_are_those_of_kubernetes_core() -> None:
    """plugins/module_utils/args_common.py there, AUTH_ARG_SPEC; expect_server is our own."""
    assert {
        option: {name: value for name, value in row.items() if name != "context"} for option, row in CONNECTION.items()
    } == {
        "host": {"type": "str"},
        "api_key": {"type": "str", "no_log": True},
        "kubeconfig": {"type": "raw"},
        "context": {"type": "str"},
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "client_cert": {"type": "path", "aliases": ["cert_file"]},
        "client_key": {"type": "path", "aliases": ["key_file"], "no_log": False},
        "ca_cert": {"type": "path", "aliases": ["ssl_ca_cert"]},
        "validate_certs": {"type": "bool", "aliases": ["verify_ssl"]},
        "proxy": {"type": "str"},
        "no_proxy": {"type": "str"},
        "impersonate_user": {"type": "str"},
        "impersonate_groups": {"type": "list", "elements": "str"},
        "expect_server": {"type": "str"},
    }


def test_each_connection_option_has_its_variables() -> None:
    assert set(VARIABLES) == set(CONNECTION) - {"expect_server"}


TABLES = {
    "image_pull_secret": OPTIONS,
    "image_pull_secret_info": PULL_INFO_OPTIONS,
    "image_access_info": ACCESS_OPTIONS,
    "gitsync_secret": GIT_OPTIONS,
    "gitsync_secret_info": GIT_INFO_OPTIONS,
    "openshift_global_pull_secret_info": OPENSHIFT_OPTIONS,
    "service_account_secrets": LINK_OPTIONS,
}
PORTAL_TABLES = {
    "sap_ai_core_docker_registry_secret": SAP_DOCKER_OPTIONS,
    "sap_ai_core_docker_registry_secret_info": SAP_DOCKER_INFO_OPTIONS,
    "sap_ai_core_git_repository": SAP_GIT_OPTIONS,
    "sap_ai_core_git_repository_info": SAP_GIT_INFO_OPTIONS,
}
ALL_TABLES = {**TABLES, **PORTAL_TABLES}


@pytest.mark.parametrize("options", TABLES.values(), ids=TABLES)
def test_no_option_hides_or_shadows_one_of_the_connection(options: dict[str, Any]) -> None:
    aliases = {alias for option in CONNECTION.values() for alias in option.get("aliases", [])}
    assert all(options[name] is CONNECTION[name] for name in CONNECTION)
    assert aliases.isdisjoint(options)
    others = {
        alias for name, option in options.items() if name not in CONNECTION for alias in option.get("aliases", [])
    }
    assert others.isdisjoint({*CONNECTION, *aliases})


@pytest.mark.parametrize("options", PORTAL_TABLES.values(), ids=PORTAL_TABLES)
def test_a_module_for_a_portal_has_no_options_of_a_cluster(options: dict[str, Any]) -> None:
    assert all(options[name] is PORTAL_ACCESS[name] for name in PORTAL_ACCESS)
    shared = set(options) & set(CONNECTION) - set(PORTAL_ACCESS)
    assert shared <= {"username", "password"}, "these are of what the portal stores"


def strings_of(options: Options, prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every row of a table for a string or a list of strings, at any depth, with the full name of the option."""
    for name, row in options.items():
        if row["type"] == "str" or row.get("elements") == "str":
            yield f"{prefix}{name}", row
        yield from strings_of(row.get("options", {}), f"{prefix}{name}.")


@pytest.mark.parametrize("options", ALL_TABLES.values(), ids=ALL_TABLES)
def test_every_string_says_how_it_is_shown(options: Options) -> None:
    """A row that says nothing is masked; this is for rows that were meant to be shown."""
    rows = dict(strings_of(options))
    silent = [
        option
        for option, row in rows.items()
        if not row.get("no_log") and "choices" not in row and "shown" not in row.get("context", {})
    ]
    assert silent == []
    assert {"expect_server", "proxy"} <= rows.keys()


@pytest.mark.parametrize("value", ["text", ["text"], [["text"]], {"a": "text"}, f"-----BEGIN {'A' * 9}"])
@pytest.mark.parametrize("row", [{"type": "str"}, {"type": "list", "elements": "str"}, {"type": "int"}])
def test_a_row_without_a_rule_is_masked(row: dict[str, Any], value: Any) -> None:
    assert public_arguments({"x": value}, {"x": row}) == {"x": MASK}


KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\ns3cret"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a", "a"),
        ("A b", MASK),
        (7, 7),
        (True, True),
        (None, None),
        (["a", "A b", None, 7], ["a", MASK, None, 7]),
        (["a", ["a"], {"a": "b"}], ["a", MASK, MASK]),
        (["a", KEY], MASK),
        ([["a", {KEY: 1}]], MASK),
        ({"a": "b"}, MASK),
        (KEY, MASK),
    ],
)
def test_a_rule_is_for_each_item_and_never_for_a_key(value: Any, shown: Any) -> None:
    assert public_arguments({"x": value}, {"x": {"type": "list", "elements": "str", "context": NAME}}) == {"x": shown}


S3CRET = "s3cret"


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        pytest.param({"name": "registry", "namespace": None}, {"name": "registry", "namespace": None}, id="texts"),
        pytest.param({"immutable": True, "recreate": False}, {"immutable": True, "recreate": False}, id="booleans"),
        pytest.param({"labels": {S3CRET: "b"}}, {"labels": MASK}, id="labels, whose keys may hold anything"),
        pytest.param({"impersonate_groups": ["a", "b"]}, {"impersonate_groups": ["a", "b"]}, id="list of texts"),
        pytest.param({"api_key": S3CRET, "password": S3CRET}, {"api_key": MASK, "password": MASK}, id="no_log"),
        pytest.param({"api_key": None, "password": None}, {"api_key": None, "password": None}, id="no_log, not given"),
        pytest.param({"kubeconfig": "/home/a/config"}, {"kubeconfig": "/home/a/config"}, id="path"),
        pytest.param({"kubeconfig": "~/.kube/config"}, {"kubeconfig": "~/.kube/config"}, id="path in the home"),
        pytest.param({"kubeconfig": {"users": [S3CRET]}}, {"kubeconfig": MASK}, id="kubeconfig as a mapping"),
        pytest.param({"kubeconfig": f"/a\ntoken: {S3CRET}"}, {"kubeconfig": MASK}, id="text that begins like a path"),
        pytest.param(
            {"docker_config": {"auths": {S3CRET: {}}}}, {"docker_config": MASK}, id="docker config as a mapping"
        ),
        pytest.param({"docker_config": f'{{"a": "{S3CRET}"}}'}, {"docker_config": MASK}, id="docker config as JSON"),
        pytest.param({"docker_config": encode(S3CRET)}, {"docker_config": MASK}, id="docker config as base64"),
        pytest.param(
            {"docker_config": encode('{"auths": {}}'.encode("utf-16"))},
            {"docker_config": MASK},
            id="docker config as base64 of UTF-16, which begins with slashes",
        ),
        pytest.param({"docker_config_file": "/a/b.json"}, {"docker_config_file": "/a/b.json"}, id="file"),
        pytest.param({"docker_config_file": S3CRET}, {"docker_config_file": MASK}, id="a text in place of a file"),
        pytest.param(
            {"ca_cert": "/a", "client_cert": f"-----BEGIN {S3CRET}", "client_key": f"/{{{S3CRET}"},
            {"ca_cert": "/a", "client_cert": MASK, "client_key": MASK},
            id="texts in place of certificates",
        ),
        *(
            pytest.param(
                {"registries": [{"preset": preset, "username": "ada", "preset_options": {"region": S3CRET}}]},
                {"registries": [{"preset": preset, "username": shown, "preset_options": MASK}]},
                id=f"preset {preset}",
            )
            for preset, shown in (("digitalocean", MASK), ("quay", "ada"), ("none", "ada"))
        ),
        pytest.param(
            {"credentials_from": {"name": "a", "namespace": "b"}},
            {"credentials_from": {"name": "a", "namespace": "b"}},
            id="suboptions",
        ),
        pytest.param(
            {"credentials_from": [{"name": "a"}, {"name": "b", S3CRET: "x"}]},
            {"credentials_from": [{"name": "a"}, {"name": "b", MASK: MASK}]},
            id="several mappings of suboptions",
        ),
        pytest.param({"credentials_from": S3CRET}, {"credentials_from": MASK}, id="a text in place of suboptions"),
        pytest.param(
            {
                "registries": [
                    {"server": "ghcr.io", "username": "ada", "password": S3CRET, "email": "ada@example.com"},
                    {"server": "quay.io", "password": None},
                ]
            },
            {
                "registries": [
                    {"server": "ghcr.io", "username": "ada", "password": MASK, "email": "ada@example.com"},
                    {"server": "quay.io", "password": None},
                ]
            },
            id="registries",
        ),
        pytest.param(
            {"registries": [{"server": "ghcr.io", "pasword": S3CRET}]},
            {"registries": [{"server": "ghcr.io", MASK: MASK}]},
            id="an unknown suboption",
        ),
        pytest.param({"registries": [f"ghcr.io={S3CRET}"]}, {"registries": [MASK]}, id="a text in place of an item"),
        pytest.param({"registries": S3CRET}, {"registries": MASK}, id="a text in place of the list"),
        pytest.param({"registries": [[{"server": "ghcr.io"}]]}, {"registries": [MASK]}, id="a list in the list"),
        pytest.param({"pasword": S3CRET, "x": ["y"], "name": "a"}, {MASK: MASK, "name": "a"}, id="unknown options"),
        pytest.param({"x": True, "y": None}, {MASK: MASK}, id="unknown options that hold nothing"),
        pytest.param({S3CRET: "x"}, {MASK: MASK}, id="a secret in place of an option"),
        pytest.param({7: S3CRET}, {MASK: MASK}, id="a number in place of an option"),
        pytest.param({"registries": [{S3CRET: "x"}]}, {"registries": [{MASK: MASK}]}, id="one in an item"),
        pytest.param({"credentials_from": {S3CRET: 1}}, {"credentials_from": {MASK: MASK}}, id="one in a mapping"),
        pytest.param(
            {"verify_ssl": False, "ssl_ca_cert": "/a", "key_file": f"/{{{S3CRET}"},
            {"verify_ssl": False, "ssl_ca_cert": "/a", "key_file": MASK},
            id="aliases",
        ),
        pytest.param(
            {"host": f"https://u:{S3CRET}@c:6443/", "proxy": f"http://u:{S3CRET}@p:1"},
            {"host": "https://c:6443/", "proxy": "http://p:1"},
            id="users in URLs",
        ),
        pytest.param(
            {"host": "https://c:6443", "expect_server": "https://*.example.com"},
            {"host": "https://c:6443", "expect_server": "https://*.example.com"},
            id="URLs",
        ),
        pytest.param(
            {"images": ["nginx:1", f"https://u:{S3CRET}@ghcr.io/app", "Nginx"]},
            {"images": ["nginx:1", "https://ghcr.io/app", "Nginx"]},
            id="images and what is none",
        ),
        pytest.param({"images": f"u:{S3CRET}@ghcr.io/app"}, {"images": "ghcr.io/app"}, id="a text in place of images"),
    ],
)
def test_public_arguments(arguments: dict[str, Any], shown: dict[str, Any]) -> None:
    public = public_arguments(arguments, OPTIONS)
    assert public == shown
    assert S3CRET not in json.dumps(public)


def masked(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, MASK)


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        pytest.param(
            {"format": "flux", "ssh": {"generate": "rsa", "convert": True, "host_key_fingerprints": ["SHA256:x"]}},
            {"format": "flux", "ssh": {"generate": "rsa", "convert": True, "host_key_fingerprints": ["SHA256:x"]}},
            id="what is public",
        ),
        pytest.param(
            {"ssh": dict.fromkeys(("private_key", "private_key_file", "passphrase", "known_hosts"), S3CRET)},
            {"ssh": masked("private_key", "private_key_file", "passphrase", "known_hosts")},
            id="ssh",
        ),
        pytest.param(
            {"ssh": {"private_key_file": "/etc/key"}}, {"ssh": {"private_key_file": "/etc/key"}}, id="path of a key"
        ),
        pytest.param(
            {
                "https": {
                    "username": "ada",
                    **dict.fromkeys(
                        ("password", "bearer_token", "client_key", "client_certificate", "ca_certificate"), S3CRET
                    ),
                }
            },
            {
                "https": {
                    "username": "ada",
                    **masked("password", "bearer_token", "client_key", "client_certificate", "ca_certificate"),
                }
            },
            id="https",
        ),
        pytest.param(
            {"https": {"username": S3CRET, "password": S3CRET}},
            {"https": {"username": "<hidden>", "password": MASK}},
            id="a user name that is the password",
        ),
        pytest.param(
            {"https": {"username": f"ghp_{S3CRET}"}}, {"https": {"username": "<hidden>"}}, id="a user that is a token"
        ),
        pytest.param(
            {"url": f"https://ada:{S3CRET}@h/a?x={S3CRET}", "github_app": {"base_url": f"https://{S3CRET}@h/"}},
            {"url": "https://h/a", "github_app": {"base_url": "https://h/"}},
            id="URLs",
        ),
        pytest.param(
            {"github_app": {"id": "7", "private_key": S3CRET}, "cookie_file": S3CRET},
            {"github_app": {"id": "7", "private_key": MASK}, "cookie_file": MASK},
            id="an App and cookies",
        ),
        pytest.param(
            {"format_options": {"argocd_proxy": S3CRET}, "keys": {"password": S3CRET}, "ssh": S3CRET},
            {"format_options": MASK, "keys": MASK, "ssh": MASK},
            id="what is free",
        ),
    ],
)
def test_public_arguments_of_a_git_credential(arguments: dict[str, Any], shown: dict[str, Any]) -> None:
    public = public_arguments(arguments, GIT_OPTIONS)
    assert public == shown
    assert S3CRET not in json.dumps(public)


@pytest.mark.parametrize("name", ["S3cret", "s3cret!", "a b", "", "x" * 254])
def test_what_can_be_no_name_is_not_shown(name: str) -> None:
    links = [{"name": name, "state": "present"}]
    arguments = {"service_account": name, "namespace": name, "image_pull_secrets": links, "secrets": links}
    hidden = [{"name": MASK, "state": "present"}]
    assert public_arguments(arguments, LINK_OPTIONS) == {
        **masked("service_account", "namespace"),
        "image_pull_secrets": hidden,
        "secrets": hidden,
    }


def test_names_are_shown() -> None:
    arguments = {"service_account": "default", "namespace": "web", "secrets": [{"name": "registry", "state": "absent"}]}
    assert public_arguments(arguments, LINK_OPTIONS) == arguments


# "User information is cut from every URL", also from one without scheme.
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"registries": [{"server": "ada:s3cret@ghcr.io", "username": "a", "password": "b"}]}, id="server"),
        pytest.param({"host": "ada:s3cret@cluster.example.com:6443"}, id="host"),
        pytest.param({"expect_server": "https://ada:s3cret@cluster.example.com"}, id="expect_server"),
        pytest.param({"proxy": "ada:s3cret@proxy:3128"}, id="proxy"),
        pytest.param({"registries": [{"server": "https://ada:s3/cret@ghcr.io"}]}, id="slash in the password"),
    ],
)
def test_users_are_cut_from_addresses_without_scheme(arguments: dict[str, Any]) -> None:
    shown = json.dumps(public_arguments(arguments, OPTIONS))
    assert S3CRET not in shown
    assert "s3/cret" not in shown


@pytest.mark.parametrize(
    "username", ["ghp_0123456789", "github_pat_0123456789", "glpat-0123456789", "dop_v1_0123456789"]
)
def test_a_username_that_is_a_token_is_not_shown(username: str) -> None:
    registry = {"server": "ghcr.io", "username": username, "password": "x-oauth-basic"}
    assert username not in json.dumps(public_arguments({"registries": [registry]}, OPTIONS))


def test_a_username_that_is_the_password_is_not_shown() -> None:
    registry = {"server": "ghcr.io", "username": S3CRET, "password": S3CRET}
    assert S3CRET not in json.dumps(public_arguments({"registries": [registry]}, OPTIONS))


def test_no_log_wins_over_what_the_name_of_an_option_allows() -> None:
    arguments = {"username": "ada", "server": "ghcr.io", "kubeconfig": "/a"}
    options = {name: {"type": "str", "no_log": True, "context": NAME} for name in arguments}
    assert public_arguments(arguments, options) == dict.fromkeys(arguments, MASK)
