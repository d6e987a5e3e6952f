# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong or doubtful in a pull secret: one example for each row of the catalogue."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.lint import (
    CATALOGUE,
    Finding,
    lint,
    lint_config,
    lint_ends,
)
from support.kubelet.facts import ADA, KEY, LEGACY_KEY, LEGACY_TYPE, TYPE, pull_secret, secret

HUB = 'Write "https://index.docker.io/v1/".'
REFUSED = "the kubelet refuses every Pod that uses this Secret."

# Server, how it is shown, id, message.
SERVERS = [
    (
        " ",
        " ",
        "server_empty",
        'It is empty. Write the host of the registry, such as "ghcr.io"; for Docker Hub "https://index.docker.io/v1/".',
    ),
    (
        "https://index.docker.io/v1/access-token",
        "https://index.docker.io/v1/access-token",
        "server_session_token",
        "The command docker login stores its session token there. The token gives access to the account, and "
        "no image is "
        "pulled with it. "
        "Remove it: name it in registries with state=absent, and end the session with docker logout.",
    ),
    (
        "ghcr.io ",
        "ghcr.io ",
        "server_blank",
        "It has whitespace, a newline or a byte-order mark, so it never matches an image. Remove it.",
    ),
    (
        "my-org",
        "my-org",
        "server_hub_name",
        'A host without dot and port is a name on Docker Hub, so no image is looked up under "my-org". Write '
        '"https://index.docker.io/v1/" for Docker Hub, or the whole host, such as "registry.example.com".',
    ),
    (
        "oci://r.io",
        "oci://r.io",
        "server_scheme",
        'A server that starts with "oci://" never matches an image. Write "r.io".',
    ),
    (
        "r.io/a:1",
        "r.io/a:1",
        "server_image",
        'It looks like an image: a server has no tag and no digest. Write "r.io".',
    ),
    (
        "https://ada:s3cret@r.io",
        "https://r.io",
        "server_user",
        'A server must not contain a user name. Remove the user and write "r.io".',
    ),
    ("r.io?s3cret", "r.io", "server_query", 'It has a query or a fragment, which the kubelet drops. Write "r.io".'),
    (
        "r.io:port",
        "r.io:port",
        "server_malformed",
        'The host or the port is not valid. Write it as "registry.example.com" or "registry.example.com:5000".',
    ),
    (
        "r.io/*/app",
        "r.io/*/app",
        "server_path",
        'No repository has such a path. Write the path as the images have it, or only "r.io".',
    ),
    (
        "r.io/v1",
        "r.io/v1",
        "server_no_final_slash",
        'Without a final slash "/v1" is a path to the kubelet, and no image matches it. Write "r.io/v1/".',
    ),
    ("hub.docker.com", "hub.docker.com", "server_hub_dead_end",
     f"No image of Docker Hub is looked up under that name. {HUB}"),
    (
        "R.io",
        "R.io",
        "server_upper_case",
        'Hosts are compared with case; "R.io" serves no image of "r.io".',
    ),
    (
        "r.io/o",
        "r.io/o",
        "server_open_path",
        'Without a final "/" the credentials for "r.io/o" are also offered to "r.io/o-other". Write "r.io/o/" to serve '
        "only what lies below it.",
    ),
]  # fmt: skip

# The fields of an entry, id, message.
ENTRIES = [
    ({"username": 1}, "wrong_type", f"Its username cannot be read (it is not a string); {REFUSED}"),
    (1, "wrong_type", f"The entry cannot be read (it is not an object); {REFUSED}"),
    ({"auth": "s3cret!"}, "not_base64", f"Its auth cannot be read (it is not base64); {REFUSED}"),
    (
        {"auth": base64.b64encode(b"s3cret").decode()},
        "no_colon",
        f"Its auth cannot be read (its decoded text has no colon between user and password); {REFUSED}",
    ),
    (
        {"identitytoken": "s3cret"},
        "login_token",
        "It has only the token of a login session (identitytoken), which no kubelet uses. Give username and password.",
    ),
    (
        {"auth": base64.b64encode(b"ada:s3cret").decode(), "identitytoken": "s3cret"},
        "session_token",
        "It holds the token of a login session (identitytoken, registrytoken) next to its password, which no kubelet "
        "uses. Remove the registry with state=absent and add it again.",
    ),
    ({"username": "ada"}, "no_password", "It has no password."),
    ({"password": "s3cret"}, "no_username", "It has no user name."),
    ({}, "no_credentials", "It has neither auth nor username and password."),
    (None, "no_credentials", "It has neither auth nor username and password."),
    (
        {"username": "ada", "password": "s3cret\n"},
        "password_blank",
        "The password begins or ends with whitespace or a newline, which remains part of it.",
    ),
    (
        {"auth": base64.b64encode(b"ada:s3cret\xff").decode()},
        "auth_not_utf8",
        "The decoded auth is not UTF-8 text, which not every reader takes.",
    ),
]

STORE = (
    "The credentials are in a credential store of the machine where the login was made (credsStore, credHelpers). "
    "Give username and password."
)

# A Secret, the server, id, message.
WORKSPACE_PULL, WATCHED = "controller.devfile.io/devworkspace_pullsecret", "controller.devfile.io/watch-secret"
SECRETS = [
    (secret("s3cret"), None, "not_json", f"The docker config cannot be read (it is not JSON); {REFUSED}"),
    (secret("[]"), None, "wrong_type", f"The docker config cannot be read (it is not a JSON object); {REFUSED}"),
    (
        secret('{"auths": []}'),
        None,
        "wrong_type",
        f'"auths" of the docker config cannot be read (it is not an object of the expected shape); {REFUSED}',
    ),
    (
        secret(json.dumps({"auths": {"r.io": ADA}}), "Opaque", KEY),
        None,
        "secret_type",
        'The kubelet skips this Secret: its type is "Opaque", and its docker config is under ".dockerconfigjson". '
        "Write it under .dockerconfigjson of a Secret of type kubernetes.io/dockerconfigjson.",
    ),
    (
        secret(json.dumps({"r.io": ADA}), TYPE, LEGACY_KEY),
        None,
        "secret_type",
        'The kubelet skips this Secret: its type is "kubernetes.io/dockerconfigjson", and its docker config is under '
        '".dockercfg". Write it under .dockerconfigjson of a Secret of type kubernetes.io/dockerconfigjson.',
    ),
    (
        pull_secret(**{"r.io": ADA, "https://r.io/v1/": ADA}),
        "https://r.io/v1/",
        "same_match_key",
        'The kubelet reads "https://r.io/v1/", "r.io" as one registry, "r.io". Which of their credentials it tries '
        "first is not defined; keep one of them.",
    ),
    *(
        (given, None, "no_entries", 'The docker config has no entries under "auths", so it serves no image.')
        for given in (pull_secret(), secret("null"), secret(""), secret("{}", LEGACY_TYPE, LEGACY_KEY))
    ),
    (
        {**pull_secret(**{"r.io": ADA}), "metadata": {"labels": {WORKSPACE_PULL: "true", WATCHED: "false"}}},
        None,
        "not_watched",
        "It has the label controller.devfile.io/devworkspace_pullsecret=true without "
        "controller.devfile.io/watch-secret=true, so the DevWorkspace Operator does not see it.",
    ),
    (secret('{"credsStore": "x"}'), None, "credential_store", STORE),
    (secret('{"credHelpers": {"r.io": "x"}, "auths": {"r.io": {}}}'), "r.io", "credential_store", STORE),
]


@pytest.mark.parametrize(("server", "shown", "row", "message"), SERVERS)
def test_servers(server: str, shown: str, row: str, message: str) -> None:
    assert lint(pull_secret(**{server: ADA})) == [Finding(row, CATALOGUE[row], message, shown)]


@pytest.mark.parametrize(("entry", "row", "message"), ENTRIES)
def test_entries(entry: object, row: str, message: str) -> None:
    assert lint(pull_secret(**{"r.io": entry})) == [Finding(row, CATALOGUE[row], message, "r.io")]


@pytest.mark.parametrize(("given", "server", "row", "message"), SECRETS)
def test_secrets(given: dict[str, Any], server: str | None, row: str, message: str) -> None:
    assert lint(given) == [Finding(row, CATALOGUE[row], message, server)]


NOW = datetime(2026, 11, 21, 10, 0, tzinfo=timezone.utc)
# What is found by another function: when tokens end, and what only this collection does not read.
ENDS = {"token_ends", "token_over", "not_read_here"}


@pytest.mark.parametrize(
    ("username", "left", "row"),
    [
        ("octo", timedelta(days=1, seconds=1), None),
        ("octo", timedelta(days=1), "token_ends"),
        ("octo", timedelta(0), "token_over"),
        (None, timedelta(hours=1), "token_ends"),
        ("AWS", timedelta(hours=4, seconds=1), None),
        ("AWS", timedelta(hours=4), "token_ends"),
        ("oauth2accesstoken", timedelta(minutes=21), None),
    ],
)
def test_ends(username: str | None, left: timedelta, row: str | None) -> None:
    end = (NOW + left).strftime("%Y-%m-%dT%H:%M:%SZ")
    message = {
        "token_ends": f"It expires at {end}.",
        "token_over": f"It expired at {end}. No image can be pulled with it.",
    }
    found = lint_ends([{"server": "r.io", "username": username, "expires_at": end}], NOW)
    assert found == ([Finding(row, CATALOGUE[row], message[row], "r.io")] if row else [])
    assert lint_ends([{"server": "r.io", "username": username, "expires_at": None}], NOW) == []


def test_every_row_has_an_example() -> None:
    assert {row[2] for row in SERVERS} | {row[1] for row in ENTRIES} | {row[2] for row in SECRETS} | ENDS == set(
        CATALOGUE
    )


@pytest.mark.parametrize(
    "given",
    [
        pull_secret(**{"ghcr.io": ADA, "https://index.docker.io/v1/": ADA, "*.dkr.ecr.*.amazonaws.com": ADA}),
        secret(json.dumps({"r.io": ADA}), LEGACY_TYPE, LEGACY_KEY),
        {**pull_secret(**{"r.io": ADA}), "metadata": {"labels": {WORKSPACE_PULL: "true", WATCHED: "true"}}},
        {"type": "Opaque", "data": {"password": "eA=="}},
        {"type": "kubernetes.io/tls"},
    ],
)
def test_nothing_to_say(given: dict[str, Any]) -> None:
    assert lint(given) == []


def test_all_findings_errors_first() -> None:
    config = {"auths": {"R.io": {"password": " x"}, "a.io": {"auth": "!"}, "b.io": {"email": 1}, "c.io": {}}}
    assert [(finding.server, finding.id, finding.severity) for finding in lint_config(config)] == [
        ("a.io", "not_base64", "error"),
        ("b.io", "wrong_type", "error"),
        ("R.io", "server_upper_case", "warning"),
        ("R.io", "no_username", "warning"),
        ("R.io", "password_blank", "warning"),
        ("c.io", "no_credentials", "warning"),
    ]


def test_no_material_in_findings() -> None:
    findings = [lint(given) for given, *_rest in SECRETS]
    findings += [lint(pull_secret(**{server: ADA})) for server, *_rest in SERVERS]
    findings += [lint(pull_secret(**{"r.io": entry})) for entry, *_rest in ENTRIES]
    assert "s3cret" not in repr(findings)
