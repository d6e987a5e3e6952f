# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens of login sessions are never imported, in any spelling, and everything else is."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.docker_config import (
    parse_docker_config,
    parse_stored_config,
    secret_texts,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.login_sessions import leave_out_sessions
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.registries import (
    merge_registries,
    parse_registries,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.server import is_session_server
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from support.samples.secrets import encode

HUB = "https://index.docker.io/v1/"
GOOD = {"auth": encode("ada:pass-word-1")}
TOKEN = {"auth": encode("ada:session-token-1")}
IDENTITY = {"auth": encode("00000000-0000-0000-0000-000000000000:"), "identitytoken": "session-token-2"}

SESSIONS = [
    f"{HUB}access-token",
    f"{HUB}refresh-token",
    f"{HUB}/access-token",  # Docker Desktop
    f"{HUB}access-token/",
    "index.docker.io/v1/refresh-token",
    "http://index.docker.io/v1/access-token",
    "https://INDEX.docker.io/V1/Access-Token",
    "https://index.docker.io/v2/access-token",
    "https://index.docker.io/access-token",
    "https://registry-1-stage.docker.io/v1/access-token",
    "https://index-stage.docker.io/v1/refresh-token",
    "docker.io/refresh-token",
    "https://hub.docker.com/v2/access-token",
    "https://registry.example.com/v1/access-token",
    "https://registry.example.com:5000/v1/refresh-token",
    "https://ada@index.docker.io/v1/access-token",
    f" {HUB}access-token\n",
    f"{HUB}access-token?x=1",
    "hub-tool",
    "hub-tool-token",
    "hub-tool-refresh-token",
    "https://desktop.docker.com",
    "https://login.docker.com/",
    "auth.docker.io",
]
REGISTRIES = [
    HUB,
    "index.docker.io",
    "docker.io/library",
    "docker.io/acme/access-token",
    "ghcr.io/acme/access-token",
    "registry.example.com/access-token",
    "registry.example.com/team/v1/refresh-token",
    "registry.example.com/v1/access-tokens",
    "access-token.example.com",
    "mydocker.io/access-token",
    "registry-1.docker.io",
]


@pytest.mark.parametrize("server", SESSIONS)
def test_keys_of_sessions(server: str) -> None:
    assert is_session_server(server)
    config, warnings = leave_out({server: TOKEN, "ghcr.io": GOOD})
    assert config == {"auths": {"ghcr.io": GOOD}}
    assert len(warnings) == 1
    with pytest.raises(KeyringError, match="stores its session token there"):
        parse_registries([{"server": server.strip(), "username": "ada", "password": "x-1-y"}], "always")


@pytest.mark.parametrize("server", REGISTRIES)
def test_keys_of_registries(server: str) -> None:
    assert not is_session_server(server)
    assert leave_out({server: GOOD}) == ({"auths": {server: GOOD}}, [])


def leave_out(auths: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    return leave_out_sessions({"auths": auths}, "docker_config", "docker_config", "invalid_option")


def test_a_browser_login() -> None:
    auths = {HUB: GOOD, f"{HUB}access-token": TOKEN, f"{HUB}refresh-token": TOKEN}
    assert leave_out(auths) == (
        {"auths": {HUB: GOOD}},
        [
            f'docker_config: left out "{HUB}access-token", "{HUB}refresh-token". These entries hold tokens of a docker '
            "login session, and no image is pulled with them."
        ],
    )


@pytest.mark.parametrize(
    ("entry", "kept"),
    [
        pytest.param(IDENTITY, None, id="az acr login"),
        pytest.param({"identitytoken": "session-token-2"}, None, id="identity token alone"),
        pytest.param({"registrytoken": "session-token-2"}, None, id="registry token alone"),
        pytest.param({"username": "ada", "password": "", "IdentityToken": "x"}, None, id="empty password, other case"),
        pytest.param({**GOOD, "identitytoken": "session-token-2"}, GOOD, id="next to a password"),
        pytest.param({**GOOD, "RegistryToken": "session-token-2", "x": 1}, {**GOOD, "x": 1}, id="unknown fields stay"),
        pytest.param({"auth": "?", "identitytoken": "x"}, {"auth": "?"}, id="an auth to be refused"),
        pytest.param({}, {}, id="stub of a credential store"),
        pytest.param(None, None, id="null"),
    ],
)
def test_fields_of_sessions(entry: Any, kept: Any) -> None:
    config, warnings = leave_out({"r.io": entry, "ghcr.io": GOOD})
    stays = kept is not None or entry is None
    assert config == {"auths": {**({"r.io": kept} if stays else {}), "ghcr.io": GOOD}}
    assert len(warnings) == (entry != kept)
    assert not any("session-token" in warning for warning in warnings)


def test_of_a_field_that_is_stored_twice_the_value_that_counts_stays() -> None:
    text = (
        '{"auths": {"r.io": {"username": "a", "password": "p", "password": null, "IdentityToken": "session-token-2"}}}'
    )
    config = parse_stored_config(text.encode(), "It", legacy=False)
    usable, _warnings = leave_out_sessions(config, "It", "credentials_from", "invalid_secret")
    assert usable == {"auths": {"r.io": {"username": "a", "password": "p"}}}


@pytest.mark.parametrize(
    "auths",
    [{f"{HUB}access-token": TOKEN, f"{HUB}refresh-token": TOKEN}, {"r.io": IDENTITY}, {"hub-tool-token": {}}],
)
def test_nothing_but_sessions_is_refused(auths: dict[str, Any]) -> None:
    with pytest.raises(KeyringError) as raised:
        leave_out(auths)
    listed = ", ".join(f'"{server}"' for server in auths)
    assert str(raised.value) == (
        f"docker_config has no registry credentials. It has only tokens of login sessions: {listed}. Create an access "
        "token for the registry, and give it under registries or log in with it: docker login -u USER."
    )
    assert (raised.value.failure, raised.value.option) == ("invalid_option", "docker_config")


@pytest.mark.parametrize("field", ["identitytoken", "IdentityToken", "registrytoken", "Password"])
def test_the_scrubber_knows_them(field: str) -> None:
    config = parse_docker_config({"auths": {f"{HUB}access-token": {**TOKEN, field: "other-token"}}}, "docker_config")
    assert {"session-token-1", "other-token", TOKEN["auth"]} <= secret_texts(config)


@pytest.mark.parametrize("server", SESSIONS)
def test_a_stored_one_is_removed_by_name_and_else_stays(server: str) -> None:
    stored = {"auths": {server: TOKEN, "ghcr.io": GOOD}}
    absent = parse_registries([{"server": server, "state": "absent"}], "always")
    assert merge_registries(stored, absent, purge=False, update="always").config == {"auths": {"ghcr.io": GOOD}}
    other = parse_registries([{"server": "quay.io", "username": "ada", "password": "pass-word-2"}], "always")
    assert server in merge_registries(stored, other, purge=False, update="always").config["auths"]
    assert server not in merge_registries(stored, other, purge=True, update="always").config["auths"]
