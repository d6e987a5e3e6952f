# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task says about registries, and the merge into the docker config that is stored."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.registries import (
    Merged,
    Registry,
    UpdateCredentials,
    auth_of,
    merge_registries,
    parse_registries,
    refuse_duplicates,
    registries_of,
    warn_registries,
)
from support.samples.secrets import encode, refusal

ADA: dict[str, Any] = {"username": "ada", "password": "s3cret"}
EVE: dict[str, Any] = {"username": "eve", "password": "0ther!"}
ADA_ENTRY = {**ADA, "auth": encode("ada:s3cret")}
EVE_ENTRY = {**EVE, "auth": encode("eve:0ther!")}


@pytest.mark.parametrize(
    ("item", "update", "registry"),
    [
        pytest.param({"server": "ghcr.io", **ADA}, "always", Registry("ghcr.io", "registries[0]", **ADA), id="minimal"),
        pytest.param(
            {"server": "ghcr.io", **ADA, "email": "a@example.com", "state": "present"},
            "always",
            Registry("ghcr.io", "registries[0]", **ADA, email="a@example.com"),
            id="everything",
        ),
        pytest.param(
            {"server": "ghcr.io", **ADA, "email": None},
            "always",
            Registry("ghcr.io", "registries[0]", **ADA),
            id="null e-mail",
        ),
        pytest.param(
            {"server": "ghcr.io", "username": None, "password": None, "state": "absent"},
            "always",
            Registry("ghcr.io", "registries[0]", absent=True),
            id="absent needs no credentials",
        ),
        pytest.param(
            {"server": "ghcr.io", **ADA, "state": "absent"},
            "always",
            Registry("ghcr.io", "registries[0]", absent=True),
            id="absent ignores them",
        ),
        pytest.param(
            {"server": "hub.docker.com", "state": "absent"},
            "always",
            Registry("hub.docker.com", "registries[0]", absent=True),
            id="absent may name a key that serves nothing",
        ),
        pytest.param(
            {"server": "ghcr.io", "username": "ada", "password": None},
            "when_given",
            Registry("ghcr.io", "registries[0]", username="ada"),
            id="when_given without password",
        ),
        pytest.param(
            {"server": "ghcr.io"}, "on_create", Registry("ghcr.io", "registries[0]"), id="on_create without anything"
        ),
        pytest.param(
            {"server": "ghcr.io", "preset": None, "preset_options": {}, **ADA},
            "always",
            Registry("ghcr.io", "registries[0]", **ADA),
            id="no preset",
        ),
        pytest.param(
            {"server": "ghcr.io", "username": "ada", "password": "a:b: "},
            "always",
            Registry("ghcr.io", "registries[0]", username="ada", password="a:b: "),
            id="a password with colons and a blank",
        ),
    ],
)
def test_parse_registries(item: dict[str, Any], update: UpdateCredentials, registry: Registry) -> None:
    assert parse_registries([item], update) == [registry]


EMPTY = (
    "is empty. An empty value would replace a working credential. "
    "Check the variable behind it, or leave the option out together with update_credentials=when_given."
)
MASKED = (
    "holds a mask instead of a value. "
    "Asterisks and strings such as VALUE_SPECIFIED_IN_NO_LOG_PARAMETER replace secrets in printed output. "
    "Give the real value, or leave the option out together with update_credentials=when_given."
)
MISSING = (
    "is missing. With update_credentials=always each registry needs both username and password. "
    "Give it, or set update_credentials=when_given to keep what is stored."
)
A_COLON = (
    'must not contain ":". Readers of a docker config split user and password at the first colon. '
    "Write the part before the colon, and the rest as password."
)
NO_SERVER = (
    'registries[1].server must be a host with an optional port and path; got "{}". It is empty. '
    'Write the host of the registry, such as "ghcr.io"; for Docker Hub "https://index.docker.io/v1/".'
)


@pytest.mark.parametrize(
    ("item", "update", "message"),
    [
        pytest.param({"server": "", **ADA}, "always", NO_SERVER.format(""), id="empty server"),
        pytest.param(
            {"server": None, "preset": None, **ADA},
            "always",
            "registries[1] names no registry. Give server, or preset for one that is known by name.",
            id="neither server nor preset",
        ),
        pytest.param(
            {"server": "ghcr.io", "preset": "ghcr", **ADA},
            "always",
            "registries[1].server and registries[1].preset exclude each other. A preset gives the server. "
            "Keep one of them.",
            id="server and preset",
        ),
        pytest.param(
            {"server": "", "preset": "ghcr", "state": "absent"},
            "always",
            "registries[1].server and registries[1].preset exclude each other. A preset gives the server. "
            "Keep one of them.",
            id="absent, empty server and preset",
        ),
        pytest.param(
            {"server": "ghcr.io", "preset_options": {"host": "ghcr.io"}, **ADA},
            "always",
            "registries[1].preset_options is given without preset. Give preset, or leave it out.",
            id="preset_options without preset",
        ),
        pytest.param({"server": " ", **ADA}, "always", NO_SERVER.format(" "), id="blank server"),
        pytest.param({"server": "", "state": "absent"}, "always", NO_SERVER.format(""), id="absent, empty server"),
        pytest.param({"server": " ", "state": "absent"}, "always", NO_SERVER.format(" "), id="absent, blank server"),
        pytest.param(
            {"server": "https://eve@ghcr.io/v2", **ADA},
            "always",
            'registries[1].server must be a host with an optional port and path; got "https://…@ghcr.io/v2". '
            'A server must not contain a user name. Remove the user and write "ghcr.io".',
            id="user in server",
        ),
        pytest.param(
            {"server": "ghcr.io", "username": "a:b", "password": "s3cret"},
            "always",
            f"registries[1].username {A_COLON}",
            id="colon in username",
        ),
        pytest.param(
            {"server": "ghcr.io", "username": "a:b"},
            "when_given",
            f"registries[1].username {A_COLON}",
            id="kept password",
        ),
        pytest.param(
            {"server": "ghcr.io", "username": "ada", "password": ""},
            "always",
            f"registries[1].password {EMPTY}",
            id="empty password",
        ),
        pytest.param(
            {"server": "ghcr.io", "username": "ada", "password": " \n"},
            "when_given",
            f"registries[1].password {EMPTY}",
            id="blank password, though it could be kept",
        ),
        pytest.param(
            {"server": "ghcr.io", "username": "", "password": "s3cret"},
            "always",
            f"registries[1].username {EMPTY}",
            id="empty username",
        ),
        pytest.param(
            {"server": "ghcr.io", **ADA, "email": " "},
            "always",
            "registries[1].email is empty. An empty string is not an e-mail address. "
            "Check the variable behind it, or leave the option out.",
            id="empty e-mail",
        ),
        pytest.param(
            {"server": "ghcr.io", **ADA, "email": "***"}, "always", f"registries[1].email {MASKED}", id="masked e-mail"
        ),
        pytest.param(
            {"server": "ghcr.io", "username": "ada", "password": "******"},
            "on_create",
            f"registries[1].password {MASKED}",
            id="asterisks",
        ),
        pytest.param(
            {"server": "ghcr.io", "username": "ada", "password": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"},
            "always",
            f"registries[1].password {MASKED}",
            id="Ansible's mask",
        ),
        pytest.param(
            {"server": "ghcr.io", "username": "ada"}, "always", f"registries[1].password {MISSING}", id="no password"
        ),
        pytest.param(
            {"server": "ghcr.io", "username": "ada", "password": None},
            "always",
            f"registries[1].password {MISSING}",
            id="null password",
        ),
        pytest.param(
            {"server": "ghcr.io", "password": "s3cret"}, "always", f"registries[1].username {MISSING}", id="no username"
        ),
    ],
)
def test_parse_registries_refuses(item: dict[str, Any], update: UpdateCredentials, message: str) -> None:
    assert refusal(parse_registries, [{"server": "quay.io", **EVE}, item], update) == message


@pytest.mark.parametrize(
    ("entry", "auth"),
    [
        pytest.param(ADA, encode("ada:s3cret"), id="both"),
        pytest.param({"username": "ada"}, None, id="no password"),
        pytest.param({"password": "s3cret"}, None, id="no username"),
        pytest.param({}, None, id="neither"),
    ],
)
def test_auth_of(entry: dict[str, Any], auth: str | None) -> None:
    assert auth_of(Registry("ghcr.io", "x", **entry)) == auth


def test_a_registry_does_not_print_its_credentials() -> None:
    assert "s3cret" not in repr(Registry("ghcr.io", "registries[0]", **ADA))


@pytest.mark.parametrize(
    ("entry", "given"),
    [
        pytest.param(ADA, ADA, id="username and password"),
        pytest.param({"auth": encode("ada:s3cret")}, ADA, id="auth alone"),
        pytest.param({**EVE, "auth": encode("ada:s3cret")}, ADA, id="auth wins"),
        pytest.param(
            {**ADA, "x": {"y": None}}, {**ADA, "other_fields": {"x": {"y": None}}}, id="unknown fields come along"
        ),
        pytest.param({**ADA, "email": "a@example.com"}, {**ADA, "email": "a@example.com"}, id="e-mail"),
        pytest.param({**ADA, "email": False}, ADA, id="an e-mail that the kubelet refuses does not"),
        pytest.param({"auth": encode("ada:a:b ")}, {"username": "ada", "password": "a:b "}, id="colon in the password"),
    ],
)
def test_registries_of(entry: dict[str, Any], given: dict[str, Any]) -> None:
    config = {"auths": {"ghcr.io": entry, "https://quay.io": EVE}}
    assert registries_of(config, "docker_config") == [
        Registry("ghcr.io", 'docker_config.auths["ghcr.io"]', **given),
        Registry("https://quay.io", 'docker_config.auths["https://quay.io"]', **EVE),
    ]


PLACE = 'docker_config.auths["ghcr.io"]'
NO_CREDENTIALS = (
    f"{PLACE} has no credentials. {{}} Give username and password there, or write the registry under registries."
)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        pytest.param(
            {"auths": {}},
            "docker_config names no registry: its auths are empty. Name at least one.",
            id="empty auths",
        ),
        pytest.param(
            {"auths": {"ghcr.io": {}}, "credsStore": "desktop"},
            NO_CREDENTIALS.format(
                "They are in a credential store of the machine where the login was made (credsStore, credHelpers)."
            ),
            id="only credsStore",
        ),
        pytest.param(
            {
                "auths": {
                    "ghcr.io": {"identitytoken": "s3cret", "auth": encode("00000000-0000-0000-0000-000000000000:")}
                }
            },
            NO_CREDENTIALS.format("It has only a token of a login session (identitytoken), which no kubelet uses."),
            id="identitytoken only, as of az acr login",
        ),
        pytest.param(
            {"auths": {"ghcr.io": ADA, "ghcr.io/a:1": ADA}},
            'docker_config.auths["ghcr.io/a:1"] must be a host with an optional port and path; got "ghcr.io/a:1". '
            'It looks like an image: a server has no tag and no digest. Write "ghcr.io".',
            id="an image as server",
        ),
        pytest.param(
            {"auths": {"https://eve:s3cret@ghcr.io": ADA}},
            'docker_config.auths["https://ghcr.io"] must be a host with an optional port and path; '
            'got "https://…@ghcr.io". A server must not contain a user name. Remove the user and write "ghcr.io".',
            id="user in server",
        ),
        pytest.param(
            {"auths": {"ghcr.io": {"auth": "Zm9vOnD_c3M="}}},
            f"{PLACE}.auth cannot be read: it is URL-safe base64, and only standard base64 is read. "
            "The kubelet would refuse every Pod that uses the Secret. "
            "Write username and password instead, or encode username:password as standard base64.",
            id="URL-safe base64",
        ),
    ],
)
def test_registries_of_refuses(config: dict[str, Any], message: str) -> None:
    assert refusal(registries_of, config, "docker_config") == message


# What is refused in registries is refused in a docker config too: it may be a template with an empty variable.
@pytest.mark.parametrize(
    ("entry", "beginning"),
    [
        pytest.param({"username": "ada", "password": "********"}, f"{PLACE}.password holds a mask", id="asterisks"),
        pytest.param({"auth": encode("ada:********")}, f"{PLACE}.password holds a mask", id="asterisks within auth"),
        pytest.param(
            {"username": "ada", "password": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"},
            f"{PLACE}.password holds a mask",
            id="Ansible's mask",
        ),
        pytest.param({"username": "ada", "password": " "}, f"{PLACE}.password is empty", id="blank password"),
        pytest.param({"auth": encode("ada:\n")}, f"{PLACE}.password is empty", id="blank password within auth"),
        pytest.param({"auth": encode(":s3cret")}, f"{PLACE}.username is empty", id="no user within auth"),
        pytest.param({"username": " ", "password": "s3cret"}, f"{PLACE}.username is empty", id="blank username"),
        pytest.param({"username": "a:b", "password": "s3cret"}, f'{PLACE}.username must not contain ":"', id="colon"),
    ],
)
def test_registries_of_refuses_what_registries_refuses(entry: dict[str, Any], beginning: str) -> None:
    assert refusal(registries_of, {"auths": {"ghcr.io": entry}}, "docker_config").startswith(beginning)


@pytest.mark.parametrize(
    ("first", "second", "key"),
    [
        ("quay.io", "quay.io", "quay.io"),
        ("quay.io", "https://quay.io", "quay.io"),
        ("http://quay.io/", "https://quay.io/v2/", "quay.io"),
        ("index.docker.io", "https://index.docker.io/v1/", "index.docker.io"),
        ("quay.io/org", "https://quay.io/v2/org", "quay.io/org"),
    ],
)
def test_refuse_duplicates(first: str, second: str, key: str) -> None:
    registries = [Registry("ghcr.io", "registries[0]"), Registry(first, "registries[1]"), Registry(second, "x[2]")]
    assert refusal(refuse_duplicates, registries) == (
        f'x[2] is the same registry as registries[1] ("{first}"). The kubelet reads both as "{key}". Keep one of them.'
    )


def test_refuse_duplicates_also_where_one_is_absent() -> None:
    registries = [
        Registry("quay.io", "registries[0]", absent=True),
        Registry("https://quay.io", "registries[1]", **ADA),
    ]
    assert refusal(refuse_duplicates, registries).startswith("registries[1] is the same registry as registries[0]")


@pytest.mark.parametrize("password", ["s3cret", "a/s3cret"])
def test_the_message_about_duplicates_has_no_user(password: str) -> None:
    registries = [Registry(f"u:{password}@quay.io", "registries[0]"), Registry(f"u:{password}@quay.io", "x[1]")]
    assert "s3cret" not in refusal(refuse_duplicates, registries)


@pytest.mark.parametrize(
    "servers",
    [
        ["quay.io", "quay.io/org", "quay.io/org/", "quay.io:443"],
        ["docker.io", "index.docker.io", "docker.io/library"],
        ["QUAY.io", "quay.io"],
        ["https://quay.io/v1", "https://quay.io/v2", "quay.io"],
        [],
    ],
)
def test_different_registries_are_no_duplicates(servers: list[str]) -> None:
    refuse_duplicates(Registry(server, f"registries[{index}]") for index, server in enumerate(servers))


PADDED = "x: the password begins or ends with whitespace or a newline, which remains part of it."


@pytest.mark.parametrize(
    ("registry", "warnings"),
    [
        pytest.param(Registry("ghcr.io", "x", **ADA), [], id="nothing"),
        pytest.param(Registry("ghcr.io", "x", password="s3cret\n"), [PADDED], id="line end"),
        pytest.param(Registry("ghcr.io", "x", password=" s3cret"), [PADDED], id="blank before"),
        pytest.param(Registry("ghcr.io", "x", password="s3 cret"), [], id="blank inside"),
        pytest.param(Registry("ghcr.io", "x"), [], id="no password"),
        pytest.param(Registry("GHCR.io/o", "x", absent=True), [], id="absent"),
        pytest.param(
            Registry("GHCR.io", "x", **ADA),
            ['x: hosts are compared with case; "GHCR.io" serves no image of "ghcr.io".'],
            id="capitals",
        ),
    ],
)
def test_warn_registries(registry: Registry, warnings: list[str]) -> None:
    assert warn_registries([registry]) == warnings


AMBIGUOUS = (
    "The Secret has one registry under several names: {}. Which of their credentials the kubelet tries first is not "
    "defined; name the registry in a task to keep one of them."
)
DROPPED = "registries[0]: the Secret had the same registry also under {}; that is removed."
CHANGED_USER = "registries[0]: the username changes and the stored password is kept; check that they belong together."


@pytest.mark.parametrize(
    ("stored", "items", "purge", "update", "merged"),
    [
        pytest.param(
            {"auths": {}},
            [{"server": "ghcr.io", **ADA}],
            False,
            "always",
            Merged({"auths": {"ghcr.io": ADA_ENTRY}}),
            id="first registry",
        ),
        pytest.param(
            {"auths": {"quay.io": {"x": 1}, "a.io": None}, "HttpHeaders": {"y": "z"}},
            [{"server": "ghcr.io", **ADA}],
            False,
            "always",
            Merged(
                {"auths": {"quay.io": {"x": 1}, "a.io": None, "ghcr.io": ADA_ENTRY}, "HttpHeaders": {"y": "z"}},
                unmanaged=("quay.io", "a.io"),
            ),
            id="registries add up",
        ),
        pytest.param(
            {"auths": {"quay.io": EVE_ENTRY, "ghcr.io": EVE_ENTRY}, "HttpHeaders": {"y": "z"}},
            [{"server": "ghcr.io", **ADA}],
            True,
            "always",
            Merged({"auths": {"ghcr.io": ADA_ENTRY}, "HttpHeaders": {"y": "z"}}),
            id="purge",
        ),
        pytest.param(
            {"auths": {"quay.io": EVE_ENTRY, "ghcr.io": ADA_ENTRY}},
            [{"server": "quay.io", "state": "absent"}],
            False,
            "always",
            Merged({"auths": {"ghcr.io": ADA_ENTRY}}, unmanaged=("ghcr.io",)),
            id="absent",
        ),
        pytest.param(
            {"auths": {"https://quay.io/v1/": EVE_ENTRY, "quay.io/": EVE_ENTRY, "ghcr.io": ADA_ENTRY}},
            [{"server": "quay.io", "state": "absent"}],
            False,
            "always",
            Merged({"auths": {"ghcr.io": ADA_ENTRY}}, unmanaged=("ghcr.io",)),
            id="absent removes every spelling",
        ),
        pytest.param(
            {"auths": {"https://index.docker.io/v1": EVE_ENTRY, "https://index.docker.io/v1/": ADA_ENTRY}},
            [{"server": "https://index.docker.io/v1", "state": "absent"}],
            False,
            "always",
            Merged({"auths": {"https://index.docker.io/v1/": ADA_ENTRY}}, unmanaged=("https://index.docker.io/v1/",)),
            id="absent removes what serves nothing",
        ),
        pytest.param(
            {"auths": {"ghcr.io": ADA_ENTRY}},
            [{"server": "quay.io", "state": "absent"}],
            False,
            "always",
            Merged({"auths": {"ghcr.io": ADA_ENTRY}}, unmanaged=("ghcr.io",)),
            id="absent already",
        ),
        pytest.param(
            {"auths": {"https://quay.io/v1/": {**EVE_ENTRY, "x": 1}}},
            [{"server": "quay.io", **ADA}],
            False,
            "always",
            Merged({"auths": {"quay.io": {**ADA_ENTRY, "x": 1}}}),
            id="another spelling is the same registry",
        ),
        pytest.param(
            {"auths": {"https://quay.io": {"x": 2}, "quay.io": {"x": 1}, "quay.io/": {"x": 3}}},
            [{"server": "quay.io", **ADA}],
            False,
            "always",
            Merged(
                {"auths": {"quay.io": {**ADA_ENTRY, "x": 1}}},
                warnings=(DROPPED.format('"https://quay.io", "quay.io/"'),),
            ),
            id="this very spelling comes first",
        ),
        pytest.param(
            {"auths": {"quay.io/": {"x": 3}, "https://quay.io": {"x": 2}}},
            [{"server": "quay.io", **ADA}],
            False,
            "always",
            Merged({"auths": {"quay.io": {**ADA_ENTRY, "x": 2}}}, warnings=(DROPPED.format('"quay.io/"'),)),
            id="else the first of them",
        ),
        pytest.param(
            {"auths": {"quay.io/": EVE_ENTRY, "a.io": {}, "https://u:0ther!@quay.io": {}, "quay.io": None}},
            [{"server": "ghcr.io", **ADA}],
            False,
            "always",
            Merged(
                {
                    "auths": {
                        "quay.io/": EVE_ENTRY,
                        "a.io": {},
                        "https://u:0ther!@quay.io": {},
                        "quay.io": None,
                        "ghcr.io": ADA_ENTRY,
                    }
                },
                unmanaged=("quay.io/", "a.io", "https://u:0ther!@quay.io", "quay.io"),
                warnings=(AMBIGUOUS.format('"https://quay.io", "quay.io", "quay.io/"'),),
            ),
            id="two spellings that the task does not name",
        ),
        pytest.param(
            {"auths": {"quay.io/": EVE_ENTRY, "quay.io": EVE_ENTRY}},
            [{"server": "ghcr.io", **ADA}],
            True,
            "always",
            Merged({"auths": {"ghcr.io": ADA_ENTRY}}),
            id="two spellings that are purged",
        ),
        pytest.param(
            {"auths": {"ghcr.io": {**EVE_ENTRY, "email": "e@example.com", "x": 1}}},
            [{"server": "ghcr.io", **ADA}],
            False,
            "always",
            Merged({"auths": {"ghcr.io": {**ADA_ENTRY, "email": "e@example.com", "x": 1}}}),
            id="always replaces credentials only",
        ),
        pytest.param(
            {"auths": {"ghcr.io": None}},
            [{"server": "ghcr.io", **ADA}],
            False,
            "always",
            Merged({"auths": {"ghcr.io": ADA_ENTRY}}),
            id="null entry",
        ),
        pytest.param(
            {"auths": {"ghcr.io": EVE_ENTRY}},
            [{"server": "ghcr.io"}],
            False,
            "when_given",
            Merged({"auths": {"ghcr.io": EVE_ENTRY}}, kept=("ghcr.io",)),
            id="when_given keeps both",
        ),
        pytest.param(
            {"auths": {"ghcr.io": {"auth": EVE_ENTRY["auth"]}}},
            [{"server": "ghcr.io", "email": "e@example.com"}],
            False,
            "when_given",
            Merged({"auths": {"ghcr.io": {**EVE_ENTRY, "email": "e@example.com"}}}, kept=("ghcr.io",)),
            id="when_given keeps what auth says",
        ),
        pytest.param(
            {"auths": {"ghcr.io": EVE_ENTRY}},
            [{"server": "ghcr.io", "username": "ada"}],
            False,
            "when_given",
            Merged(
                {"auths": {"ghcr.io": {"username": "ada", "password": "0ther!", "auth": encode("ada:0ther!")}}},
                kept=("ghcr.io",),
                warnings=(CHANGED_USER,),
            ),
            id="when_given changes the username alone",
        ),
        pytest.param(
            {"auths": {"ghcr.io": EVE_ENTRY}},
            [{"server": "ghcr.io", "username": "eve"}],
            False,
            "when_given",
            Merged({"auths": {"ghcr.io": EVE_ENTRY}}, kept=("ghcr.io",)),
            id="when_given with the same username",
        ),
        pytest.param(
            {"auths": {"ghcr.io": EVE_ENTRY}},
            [{"server": "ghcr.io", "password": "s3cret"}],
            False,
            "when_given",
            Merged({"auths": {"ghcr.io": {"username": "eve", "password": "s3cret", "auth": encode("eve:s3cret")}}}),
            id="when_given changes the password alone",
        ),
        pytest.param(
            {"auths": {"ghcr.io": EVE_ENTRY}},
            [{"server": "ghcr.io", **ADA}],
            False,
            "when_given",
            Merged({"auths": {"ghcr.io": ADA_ENTRY}}),
            id="when_given with both",
        ),
        pytest.param(
            {"auths": {"ghcr.io": EVE_ENTRY}},
            [{"server": "ghcr.io"}, {"server": "quay.io", **ADA}],
            True,
            "when_given",
            Merged({"auths": {"ghcr.io": EVE_ENTRY, "quay.io": ADA_ENTRY}}, kept=("ghcr.io",)),
            id="when_given with purge",
        ),
        pytest.param(
            {"auths": {"ghcr.io": EVE_ENTRY}},
            [{"server": "ghcr.io", **ADA}],
            False,
            "on_create",
            Merged({"auths": {"ghcr.io": EVE_ENTRY}}, kept=("ghcr.io",)),
            id="on_create leaves what is there",
        ),
        pytest.param(
            {"auths": {"quay.io": EVE_ENTRY}},
            [{"server": "ghcr.io", **ADA}],
            False,
            "on_create",
            Merged({"auths": {"quay.io": EVE_ENTRY, "ghcr.io": ADA_ENTRY}}, unmanaged=("quay.io",)),
            id="on_create writes what is new",
        ),
        pytest.param(
            {"auths": {"ghcr.io": {"auth": "pants"}}},
            [{"server": "ghcr.io", **ADA}],
            False,
            "on_create",
            Merged({"auths": {"ghcr.io": ADA_ENTRY}}),
            id="on_create repairs what nobody can read",
        ),
    ],
)
def test_merge_registries(
    stored: dict[str, Any], items: list[dict[str, Any]], purge: bool, update: UpdateCredentials, merged: Merged
) -> None:
    given = json.dumps(stored)
    assert merge_registries(stored, parse_registries(items, update), purge=purge, update=update) == merged
    assert json.dumps(stored) == given, "the docker config that was given has changed"


def test_the_fields_of_an_imported_entry_are_written() -> None:
    imported = registries_of({"auths": {"ghcr.io": {"auth": encode("ada:s3cret"), "x": 2}}}, "docker_config")
    stored = {"auths": {"ghcr.io": {**EVE_ENTRY, "x": 1, "y": 1}}}
    merged = merge_registries(stored, imported, purge=False, update="always")
    assert merged.config == {"auths": {"ghcr.io": {**ADA_ENTRY, "x": 2, "y": 1}}}


def test_stored_registries_keep_their_order() -> None:
    stored: dict[str, Any] = {"auths": {"c.io": {}, "a.io": {}, "b.io": {}}}
    merged = merge_registries(stored, [Registry("d.io", "x", **ADA)], purge=False, update="always")
    assert list(merged.config["auths"]) == ["c.io", "a.io", "b.io", "d.io"]


NONE_LEFT = (
    "No registry would be left in the Secret. A pull secret without registries serves nothing. "
    "Use state=absent to delete it, or list the registries that it must have."
)
NOT_STORED = 'The Secret has no readable credentials for "{}" that could be kept. Give username and password.'


@pytest.mark.parametrize(
    ("stored", "items", "purge", "update", "message"),
    [
        pytest.param({"auths": {}}, [], False, "always", NONE_LEFT, id="none at all"),
        pytest.param({"auths": {"quay.io": {}}}, [], True, "always", NONE_LEFT, id="purged"),
        pytest.param(
            {"auths": {"https://quay.io": {}}},
            [{"server": "quay.io", "state": "absent"}],
            False,
            "always",
            NONE_LEFT,
            id="the last one removed",
        ),
        pytest.param(
            {"auths": {}},
            [{"server": "ghcr.io", "password": "s3cret"}],
            False,
            "when_given",
            f"registries[0].username is missing. {NOT_STORED.format('ghcr.io')}",
            id="no username",
        ),
        pytest.param(
            {"auths": {"quay.io": EVE_ENTRY}},
            [{"server": "quay.io"}, {"server": "https://ghcr.io", "username": "ada"}],
            False,
            "when_given",
            f"registries[1].password is missing. {NOT_STORED.format('https://ghcr.io')}",
            id="no password",
        ),
        pytest.param(
            {"auths": {"ghcr.io": {"username": "ada", "auth": "pants"}}},
            [{"server": "ghcr.io", "username": "ada"}],
            False,
            "on_create",
            f"registries[0].password is missing. {NOT_STORED.format('ghcr.io')}",
            id="unreadable",
        ),
        *(
            pytest.param(
                {"auths": {"ghcr.io": {**ADA, name: "a\ud800"}}},
                [{"server": "ghcr.io"}],
                False,
                "when_given",
                f"registries[0].username is missing. {NOT_STORED.format('ghcr.io')}",
                id=f"a stored {name} that cannot be written as UTF-8",
            )
            for name in ("username", "password")
        ),
    ],
)
def test_merge_registries_refuses(
    stored: dict[str, Any], items: list[dict[str, Any]], purge: bool, update: UpdateCredentials, message: str
) -> None:
    registries = parse_registries(items, update)
    assert refusal(merge_registries, stored, registries, purge=purge, update=update) == message
