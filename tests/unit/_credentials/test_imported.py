# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Of a docker config the usable entries are imported, what is left out is said, and nothing needless is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.imported import (
    ImportSource,
    drop_repeated,
    import_registries,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.registries import (
    Registry,
    warn_imported,
    warn_registries,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from support.samples.secrets import encode, refusal

ADA = {"username": "ada", "password": "s3cret"}
NONE = "These entries have neither auth nor username and password. Give them under registries if they are needed."
STORED = (
    "Their credentials are in a credential store of the machine where the login was made. Give them under registries "
    "if they are needed."
)


def imported(config: dict[str, Any], servers: Sequence[str] | None = None) -> tuple[list[str], list[str]]:
    source = ImportSource("docker_config", "docker_config", servers=servers, servers_option="docker_config_servers")
    registries, warnings = import_registries(config, source)
    return [registry.server for registry in registries], warnings


TWO_CREDENTIALS = {
    "another password": ({**ADA, "auth": encode("ada:0ld")}, "password"),
    "another user": ({**ADA, "auth": encode("eve:s3cret")}, "username"),
    "another spelling": ({"Password": "new", "auth": encode("ada:0ld")}, "password"),
}


@pytest.mark.parametrize("case", TWO_CREDENTIALS)
def test_an_auth_that_contradicts_is_refused(case: str) -> None:
    entry, field = TWO_CREDENTIALS[case]
    message = f'docker_config.auths["r.io"] has two credentials: the {field} in its auth is another one.'
    assert refusal(imported, {"auths": {"r.io": entry}}).startswith(message)
    stored = ImportSource("Secret web/registry", "credentials_from[0]", failure="invalid_secret")
    registries, warnings = import_registries({"auths": {"r.io": entry}}, stored)
    assert registries[0].password in ("0ld", "s3cret")
    assert len(warnings) == 1


def test_an_auth_that_agrees_is_accepted() -> None:
    for entry in ({**ADA, "auth": encode("ada:s3cret")}, {"username": "", "password": None, "auth": encode("a:b")}):
        assert imported({"auths": {"r.io": entry}}) == (["r.io"], [])


STUBS = [{}, None, {"auth": ""}, {"auth": None, "Username": ""}, {"email": "a@b.c"}, {"PASSWORD": "", "x": 1}]


@pytest.mark.parametrize("stub", STUBS)
def test_stubs_next_to_a_good_entry_are_left_out(stub: Any) -> None:
    config = {"auths": {"q.io": stub, "r.io": ADA}}
    assert imported(config) == (["r.io"], [f'docker_config: left out "q.io". {NONE}'])
    for helper in ({"credsStore": "desktop"}, {"CredsStore": "desktop"}, {"credHelpers": {"q.io": "x"}}):
        assert imported({**config, **helper}) == (["r.io"], [f'docker_config: left out "q.io". {STORED}'])


def test_a_user_name_alone_is_a_stub_only_next_to_a_helper() -> None:
    config = {"auths": {"q.io": {"username": "ada"}, "r.io": ADA}}
    assert "It has a username and no password." in refusal(imported, config)
    assert imported({**config, "credsStore": "x"}) == (["r.io"], [f'docker_config: left out "q.io". {STORED}'])


def test_servers_of_helpers_without_an_entry_are_left_out() -> None:
    config = {"auths": {"r.io": ADA}, "credHelpers": {"gcr.io": "gcloud", "r.io": "x"}}
    assert imported(config) == (["r.io"], [f'docker_config: left out "gcr.io". {STORED}'])


@pytest.mark.parametrize("stub", STUBS)
def test_nothing_but_stubs_is_refused(stub: Any) -> None:
    assert 'docker_config.auths["q.io"] has no credentials.' in refusal(imported, {"auths": {"q.io": stub, "p.io": {}}})


def test_an_empty_config_next_to_a_helper_says_where_they_are() -> None:
    assert refusal(imported, {"auths": {}, "credsStore": "desktop"}) == (
        "docker_config names no registry: its auths are empty. They are in a credential store (credsStore, "
        "credHelpers). Name at least one."
    )


MANY = {
    "auths": {
        "https://r.io/v1/": ADA,
        "q.io": {"auth": "pants"},
        "p.io": {},
        "registry.gitlab.io": ADA,
        "https://index.docker.io/v1/": {"auth": encode("ada:s3cret")},
    }
}


@pytest.mark.parametrize(
    ("servers", "found"),
    [
        (["r.io"], ["https://r.io/v1/"]),
        (["https://r.io/v1/"], ["https://r.io/v1/"]),
        (["index.docker.io"], ["https://index.docker.io/v1/"]),
        (["registry.gitlab.io", "http://r.io"], ["registry.gitlab.io", "https://r.io/v1/"]),
    ],
)
def test_chosen_servers(servers: list[str], found: list[str]) -> None:
    assert imported(MANY, servers) == (found, [])


@pytest.mark.parametrize(
    ("servers", "message", "option"),
    [
        (
            ["r.io", "registry.gitlab.com"],
            'docker_config_servers[1] is not a server of docker_config. It has "registry.gitlab.io", '
            '"https://r.io/v1/", "https://index.docker.io/v1/", "p.io", "q.io". Write the server as it is there.',
            "docker_config_servers[1]",
        ),
        (
            ["r.io", "p.io"],
            'docker_config.auths["p.io"] has no credentials. It has neither auth nor username and password. Give '
            "username and password there, or write the registry under registries.",
            'docker_config.auths["p.io"]',
        ),
    ],
)
def test_chosen_servers_that_cannot_be_imported(servers: list[str], message: str, option: str) -> None:
    with pytest.raises(KeyringError) as raised:
        imported(MANY, servers)
    assert (str(raised.value), raised.value.option) == (message, option)


KEY_FILE = '{"type": "service_account"}'
BLANK = "x: the password begins or ends with whitespace or a newline, which remains part of it."


@pytest.mark.parametrize(
    ("server", "password", "typed", "warned"),
    [
        pytest.param("quay.io/acme", "s3cret", 1, [], id="a key of Quay"),
        pytest.param("r.io:5000/a/b", "s3cret", 1, [], id="a key of podman"),
        pytest.param("https://gcr.io", f"{KEY_FILE}\n", 0, [], id="a key of Google with its newline"),
        pytest.param("gcr.io", f"\r\n{KEY_FILE}\r\n", 0, [], id="and with those of Windows"),
        pytest.param("gcr.io", f"{encode(KEY_FILE)}\n", 1, [BLANK], id="a key of Google in base64"),
        pytest.param("r.io", "s3cret\n", 1, [BLANK], id="a password with a newline"),
        pytest.param("r.io", "{s3cret \n", 1, [BLANK], id="another one"),
        pytest.param(
            "R.io",
            "s3cret",
            1,
            ['x: hosts are compared with case; "R.io" serves no image of "r.io".'],
            id="a host in upper case",
        ),
    ],
)
def test_warnings_only_where_they_matter(server: str, password: str, typed: int, warned: list[str]) -> None:
    registry = Registry(server, "x", username="ada", password=password)
    assert warn_imported([registry]) == warned
    assert len(warn_registries([registry])) == typed


def test_other_members_and_the_size_of_a_docker_config_need_no_warning() -> None:
    config = {"auths": {"r.io": ADA}, "HttpHeaders": {"a": "b"}, "currentContext": "x", "credsStore": "desktop"}
    assert imported(config) == (["r.io"], [])
    large = {f"r{number}.io": ADA for number in range(500)}
    assert imported({"auths": large}) == (list(large), [])


def test_the_same_credentials_in_two_secrets_count_once() -> None:
    first = Registry("ghcr.io", "a", username="ada", password="s3cret")
    same = Registry("https://ghcr.io/v2/", "b", username="ada", password="s3cret")
    other = Registry("ghcr.io", "c", username="ada", password="0ther!")
    assert drop_repeated([first, same]) == [first]
    assert drop_repeated([first, other, same]) == [first, other]
