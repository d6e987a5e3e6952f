# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options and environment brought together: which cluster a task means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.settings import (
    VARIABLES,
    Settings,
    resolve_settings,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.open_cluster import parse_connection
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.options import CONNECTION
from support.samples.secrets import refusal


def resolve(given: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """The settings for these options of a task and this environment."""
    return resolve_settings(parse_connection({**dict.fromkeys(CONNECTION), **given}), environ)


@pytest.mark.parametrize(
    ("variable", "option"),
    [
        ("K8S_AUTH_HOST", "host"),
        ("K8S_AUTH_KUBECONFIG", "kubeconfig"),
        ("KUBECONFIG", "kubeconfig"),
        ("K8S_AUTH_CONTEXT", "context"),
        ("K8S_AUTH_CA_CERT", "ca_cert"),
        ("K8S_AUTH_SSL_CA_CERT", "ca_cert"),
        ("K8S_AUTH_PROXY", "proxy"),
        ("K8S_AUTH_NO_PROXY", "no_proxy"),
        ("K8S_AUTH_IMPERSONATE_USER", "impersonate_user"),
    ],
)
def test_a_variable_stands_in_for_an_option(variable: str, option: str) -> None:
    assert resolve({}, {variable: "x"}).values == {option: "x"}
    assert resolve({option: "y"}, {variable: "x"}).values == {option: "y"}
    assert resolve({option: None}, {variable: ""}).values == {}


@pytest.mark.parametrize(
    ("variables", "values"),
    [
        ({"K8S_AUTH_API_KEY": "t"}, {"api_key": "t"}),
        ({"K8S_AUTH_USERNAME": "u", "K8S_AUTH_PASSWORD": "p"}, {"username": "u", "password": "p"}),
        ({"K8S_AUTH_CERT_FILE": "/c", "K8S_AUTH_KEY_FILE": "/k"}, {"client_cert": "/c", "client_key": "/k"}),
    ],
    ids="+".join,
)
def test_credentials_of_the_environment_need_their_server(variables: dict[str, str], values: dict[str, Any]) -> None:
    server = "https://c"
    for params, environ in (({"host": server}, {}), ({}, {"K8S_AUTH_HOST": server})):
        assert resolve(params, {**environ, **variables}).values == {"host": server, **values}
    first = next(iter(variables))
    for params, environ, chosen in (
        ({}, {}, "a kubeconfig"),
        ({"kubeconfig": "/a"}, {}, "a kubeconfig"),
        ({"context": "c"}, {}, "a kubeconfig"),
        ({}, {"KUBECONFIG": "/a"}, "a kubeconfig"),
        ({}, IN_A_POD, "the Pod"),
    ):
        assert refusal(resolve, params, {**environ, **variables}) == (
            f"{first} is set, but the server comes from {chosen}. The credentials could be sent to a server that they "
            f"are not for. Set K8S_AUTH_HOST or host to the server that they belong to, or unset {first}."
        )


# What an automation platform sets for a job with a credential of a cluster.
INJECTED = {
    "K8S_AUTH_HOST": "https://another",
    "K8S_AUTH_API_KEY": "of another",
    "K8S_AUTH_VERIFY_SSL": "False",
    "K8S_AUTH_SSL_CA_CERT": "/ca",
    "K8S_AUTH_PROXY": "p",
}


@pytest.mark.parametrize(
    ("params", "environ", "values"),
    [
        pytest.param({}, {}, {}, id="nothing"),
        pytest.param(
            {"name": "registry", "expect_server": "x", "context": "c"}, {}, {"context": "c"}, id="other options"
        ),
        pytest.param({}, {"HOME": "/home/a", "K8S_AUTH_OTHER": "x"}, {}, id="other variables"),
        pytest.param(
            {}, {"KUBECONFIG": "/a", "K8S_AUTH_KUBECONFIG": "/b"}, {"kubeconfig": "/b"}, id="the first variable wins"
        ),
        pytest.param(
            {}, {"KUBECONFIG": "/a", "K8S_AUTH_KUBECONFIG": ""}, {"kubeconfig": "/a"}, id="the first that is not empty"
        ),
        pytest.param(
            {},
            {"K8S_AUTH_HOST": "https://c", "K8S_AUTH_CERT_FILE": "/c", "K8S_AUTH_KEY_FILE": "/k"},
            {"host": "https://c", "client_cert": "/c", "client_key": "/k"},
            id="older names",
        ),
        pytest.param(
            {},
            {
                "K8S_AUTH_HOST": "https://c",
                "K8S_AUTH_CLIENT_CERT": "/c",
                "K8S_AUTH_CERT_FILE": "/x",
                "K8S_AUTH_CLIENT_KEY": "/k",
                "K8S_AUTH_KEY_FILE": "/x",
            },
            {"host": "https://c", "client_cert": "/c", "client_key": "/k"},
            id="newer names win",
        ),
        pytest.param(
            {"api_key": "t"},
            {"K8S_AUTH_HOST": "https://c", "K8S_AUTH_USERNAME": "u", "K8S_AUTH_PASSWORD": "p"},
            {"host": "https://c", "api_key": "t"},
            id="a token of one's own",
        ),
        pytest.param(
            {"username": "u", "password": "p"},
            {"K8S_AUTH_HOST": "https://c", "K8S_AUTH_API_KEY": "t"},
            {"host": "https://c", "username": "u", "password": "p"},
            id="a user of one's own",
        ),
        pytest.param(
            {"client_cert": "/c"},
            {"K8S_AUTH_CLIENT_CERT": "/x", "K8S_AUTH_CLIENT_KEY": "/k"},
            {"client_cert": "/c", "client_key": "/k"},
            id="one of a pair from each",
        ),
        pytest.param(
            {"username": "u", "password": "p"}, {}, {"username": "u", "password": "p"}, id="username and password"
        ),
        pytest.param(
            {"impersonate_groups": ["a"]},
            {"K8S_AUTH_IMPERSONATE_USER": "u", "K8S_AUTH_IMPERSONATE_GROUPS": "x"},
            {"impersonate_user": "u", "impersonate_groups": ["a"]},
            id="groups as an option",
        ),
        pytest.param(
            {"impersonate_user": "u"},
            {"K8S_AUTH_IMPERSONATE_GROUPS": "a,,b"},
            {"impersonate_user": "u", "impersonate_groups": ["a", "b"]},
            id="groups as a variable",
        ),
        pytest.param({"validate_certs": False}, {}, {"validate_certs": False}, id="false is a value"),
        pytest.param({"kubeconfig": {"users": []}}, {}, {"kubeconfig": {"users": []}}, id="kubeconfig as a mapping"),
        pytest.param({"kubeconfig": "/a:/b"}, {}, {"kubeconfig": "/a:/b"}, id="several files"),
        pytest.param(
            {"kubeconfig": "/a"}, INJECTED, {"kubeconfig": "/a", "proxy": "p"}, id="a kubeconfig of one's own"
        ),
        pytest.param({"context": "c"}, INJECTED, {"context": "c", "proxy": "p"}, id="a context of one's own"),
        pytest.param(
            {"kubeconfig": "/a", "api_key": "t"},
            INJECTED,
            {"kubeconfig": "/a", "api_key": "t", "proxy": "p"},
            id="a kubeconfig and a token of one's own",
        ),
        pytest.param(
            {"host": "https://b"},
            {**INJECTED, "KUBECONFIG": "/a"},
            {
                "host": "https://b",
                "kubeconfig": "/a",
                "api_key": "of another",
                "ca_cert": "/ca",
                "validate_certs": False,
                "proxy": "p",
            },
            id="option by option otherwise",
        ),
    ],
)
def test_values(params: dict[str, Any], environ: dict[str, str], values: dict[str, Any]) -> None:
    settings = resolve(params, environ)
    assert settings.values == values
    assert {option: settings.get(option) for option in VARIABLES} == {
        option: values.get(option) for option in VARIABLES
    }


@pytest.mark.parametrize("variable", ["K8S_AUTH_VALIDATE_CERTS", "K8S_AUTH_VERIFY_SSL"])
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("True", True),
        ("yes", True),
        ("1", True),
        ("on", True),
        ("false", False),
        ("False", False),
        ("no", False),
        ("NO", False),
        ("0", False),
        ("off", False),
        ("anything", True),
    ],
)
def test_validate_certs(variable: str, text: str, value: bool) -> None:
    assert resolve({}, {variable: text}).values == {"validate_certs": value}


IN_A_POD = {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}


@pytest.mark.parametrize(
    ("params", "environ", "source"),
    [
        ({"host": "https://c"}, {}, "arguments"),
        ({"kubeconfig": "/a"}, {"KUBECONFIG": "/b", **IN_A_POD}, "arguments"),
        ({"context": "c"}, {"KUBECONFIG": "/b"}, "arguments"),
        ({}, {"K8S_AUTH_HOST": "https://c", **IN_A_POD}, "environment"),
        ({}, {"KUBECONFIG": "/a"}, "environment"),
        ({}, {"K8S_AUTH_CONTEXT": "c"}, "environment"),
        ({"api_key": "t"}, {"K8S_AUTH_HOST": "https://c"}, "environment"),
        ({}, IN_A_POD, "in_cluster"),
        ({"api_key": "t", "ca_cert": "/ca", "validate_certs": False}, IN_A_POD, "in_cluster"),
        ({}, {}, "kubeconfig"),
        ({"username": "u", "password": "p"}, {"K8S_AUTH_PROXY": "http://p"}, "kubeconfig"),
    ],
)
def test_source(params: dict[str, Any], environ: dict[str, str], source: str) -> None:
    assert resolve(params, environ).source == source


EMPTY = (
    "is empty. Without it the task could reach another cluster. Check the variable behind it, or leave the option out."
)


LOGIN_NEEDS_BOTH = (
    "username needs password. They are the login for the API server; that of a registry or Git server belongs under "
    "the module's options. Give both, or neither."
)


@pytest.mark.parametrize(
    ("params", "environ", "message"),
    [
        # What chooses a cluster is not passed over because a variable was empty.
        pytest.param({"host": ""}, {}, f"host {EMPTY}", id="empty host"),
        pytest.param({"kubeconfig": ""}, {"KUBECONFIG": "/b"}, f"kubeconfig {EMPTY}", id="empty kubeconfig"),
        pytest.param({"kubeconfig": {}}, {}, f"kubeconfig {EMPTY}", id="empty mapping as kubeconfig"),
        pytest.param({"context": ""}, IN_A_POD, f"context {EMPTY}", id="empty context"),
        # Nor is what proves who we are: the credentials of the kubeconfig would take its place.
        *(
            pytest.param(
                {"host": "https://c", option: ""},
                {f"K8S_AUTH_{option.upper()}": "x"},
                f"{option} is empty. Without it other credentials could be used. "
                "Check the variable behind it, or leave the option out.",
                id=f"empty {option}",
            )
            for option in ("api_key", "username", "password", "client_cert", "client_key")
        ),
        pytest.param(
            {"client_cert": "/c"}, {}, "client_cert needs client_key. Give both, or neither.", id="client_cert alone"
        ),
        pytest.param(
            {"client_key": "/k"}, {}, "client_key needs client_cert. Give both, or neither.", id="client_key alone"
        ),
        pytest.param({"username": "u"}, {}, LOGIN_NEEDS_BOTH, id="username alone"),
        pytest.param(
            {},
            {"K8S_AUTH_HOST": "https://c", "K8S_AUTH_USERNAME": "u"},
            LOGIN_NEEDS_BOTH,
            id="username alone, from the environment",
        ),
        pytest.param(
            {"username": "u", "password": "p", "api_key": "t"},
            {},
            "api_key and username exclude each other. A request can use only one of them. Leave one out. "
            "The user of a registry or Git server belongs under the options of the module.",
            id="a token and a user",
        ),
        pytest.param({"kubeconfig": ["/a"]}, {}, "kubeconfig must be a path or a mapping.", id="kubeconfig is a list"),
        pytest.param({"kubeconfig": 7}, {}, "kubeconfig must be a path or a mapping.", id="kubeconfig is a number"),
        pytest.param(
            {"kubeconfig": "apiVersion: v1\nusers: s3cret\n"},
            {},
            "kubeconfig must be a path or a mapping; it is the text of a file. Pass it through the filter from_yaml.",
            id="kubeconfig is the text of a file",
        ),
        pytest.param(
            {"kubeconfig": '{"users": "s3cret"}'},
            {},
            "kubeconfig must be a path or a mapping; it is the text of a file. Pass it through the filter from_yaml.",
            id="kubeconfig is JSON text",
        ),
    ],
)
def test_refused(params: dict[str, Any], environ: dict[str, str], message: str) -> None:
    assert refusal(resolve, params, environ) == message


def test_settings_do_not_print_their_values() -> None:
    assert repr(resolve({"api_key": "s3cret"}, {})) == "Settings(source='kubeconfig')"


@pytest.mark.parametrize("option", ["host", "kubeconfig", "context"])
def test_an_empty_option_never_leads_to_another_cluster(option: str) -> None:
    assert refusal(resolve, {option: ""}, {"KUBECONFIG": "/b"}) == (
        f"{option} is empty. Without it the task could reach another cluster. "
        "Check the variable behind it, or leave the option out."
    )
