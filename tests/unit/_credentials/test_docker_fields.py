# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Field names of docker configs are read as Go reads them, by everything that reads one."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.docker_config import (
    KEY,
    LEGACY_KEY,
    LEGACY_TYPE,
    doubtful_texts,
    parse_docker_config,
    parse_stored_config,
    secret_texts,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.docker_fields import spell_entry
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.lint import lint
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.registries import parse_registries
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.secret_values import HIDDEN
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.pull_secret import (
    ODD,
    describe_pull_secret,
    list_registries,
    merge_pull_secret,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.image_pull_secret_info import describe_config
from support.samples.secrets import decode, docker_secret, encode, stored_secret

ADA = {"username": "ada", "password": "s3cret"}
ADA_AUTH = encode("ada:s3cret")
ADA_ENTRY = {**ADA, "auth": ADA_AUTH}
NEW = {"server": "r.io", "username": "eve", "password": "n3w"}
NEW_ENTRY = {"username": "eve", "password": "n3w", "auth": encode("eve:n3w")}
NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)

# The text of an entry, and what Go reads of it.
ENTRIES = [
    ('{"Username": "ada", "Password": "s3cret"}', ADA),
    ('{"USERNAME": "ada", "PASSWORD": "s3cret"}', ADA),
    ('{"uSERname": "ada", "passWord": "s3cret"}', ADA),
    ('{"u\\u017fername": "ada", "pa\\u017f\\u017fword": "s3cret"}', ADA),
    (f'{{"Auth": "{ADA_AUTH}"}}', {"auth": ADA_AUTH}),
    (f'{{"AUTH": "{ADA_AUTH}", "Email": "a@b.c"}}', {"auth": ADA_AUTH, "email": "a@b.c"}),
    ('{"username": "old", "Username": "ada", "password": "s3cret"}', ADA),
    ('{"username": "old", "username": "ada", "password": "s3cret"}', ADA),
    ('{"username": "ada", "password": "s3cret", "username": null, "Password": null}', ADA),
    ('{"username": null, "USERNAME": "ada", "password": "s3cret"}', ADA),
    ('{"password": "old", "Password": "older", "username": "ada", "password": "s3cret"}', ADA),
    ('{"username": 7, "Username": "ada", "password": "s3cret"}', {"username": 7, "password": "s3cret"}),
    ('{"IdentityToken": "t", "identityto\\u212aen": "u", "x": 1, "X": 2}', {"identitytoken": "u", "x": 1, "X": 2}),
]


@pytest.mark.parametrize(("text", "read"), ENTRIES)
def test_spell_entry(text: str, read: dict[str, Any]) -> None:
    config = parse_stored_config(f'{{"auths": {{"r.io": {text}}}}}'.encode(), "It", legacy=False)
    assert spell_entry(config["auths"]["r.io"]) == read
    legacy = parse_stored_config(f'{{"r.io": {text}}}'.encode(), "It", legacy=True)
    assert spell_entry(legacy["auths"]["r.io"]) == read


# The text of a docker config, and the servers that Go reads of it with their users.
CONFIGS = [
    ('{"Auths": {"r.io": {"username": "a"}}}', {"r.io": "a"}),
    ('{"AUTHS": {"r.io": {"username": "a"}}}', {"r.io": "a"}),
    ('{"auth\\u017f": {"r.io": {"username": "a"}}}', {"r.io": "a"}),
    (
        '{"auths": {"q.io": {"username": "a"}}, "Auths": {"r.io": {"USERNAME": "b"}}}',
        {"q.io": "a", "r.io": "b"},
    ),
    (
        '{"AUTHS": {"r.io": {"username": "a"}}, "auths": {"r.io": {"username": "b"}}}',
        {"r.io": "b"},
    ),
    (
        '{"auths": {"r.io": {"username": "a"}}, "auths": {"r.io": {"username": "b"}}}',
        {"r.io": "b"},
    ),
    ('{"auths": {"r.io": {"username": "a"}}, "auths": null}', {}),
    ('{"auths": {"r.io": {"username": "a"}}, "Auths": null, "AUTHS": {"q.io": {"username": "b"}}}', {"q.io": "b"}),
    ('{"auths": {"r.io": {"username": "a"}, "r.io": {"username": "b"}}}', {"r.io": "b"}),
    ("null", {}),
]


@pytest.mark.parametrize(("text", "users"), CONFIGS)
def test_everything_reads_the_same_entries(text: str, users: dict[str, str]) -> None:
    secret = docker_secret(text)
    assert {each["server"]: each["username"] for each in list_registries(secret)} == users
    described = describe_config(secret, None, NOW)
    assert {each["server"] for each in described["registries"]} == set(users)
    assert not [problem for problem in described["problems"] if problem["severity"] == "error"]
    assert list(describe_pull_secret(secret).get("registries", {})) == list(users)


@pytest.mark.parametrize(("text", "users"), CONFIGS)
@pytest.mark.parametrize("purge", [False, True])
def test_no_entry_survives_a_purge_or_a_removal(text: str, users: dict[str, str], purge: bool) -> None:
    items = [NEW] if purge else [NEW, *({"server": name, "state": "absent"} for name in users if name != "r.io")]
    payload = merge_pull_secret(docker_secret(text), parse_registries(items, "always"), purge=purge, update="always")
    assert json.loads(decode(payload.data[KEY] or "")) == {"auths": {"r.io": NEW_ENTRY}}
    again = docker_secret(decode(payload.data[KEY] or ""))
    assert merge_pull_secret(again, parse_registries(items, "always"), purge=purge, update="always").data == {}


@pytest.mark.parametrize(("text", "read"), ENTRIES[:12])
def test_nothing_old_survives_a_rotation(text: str, read: dict[str, Any]) -> None:
    secret = docker_secret(f'{{"auths": {{"r.io": {text}}}}}')
    payload = merge_pull_secret(secret, parse_registries([NEW], "always"), purge=False, update="always")
    kept = {"email": read["email"]} if "email" in read else {}
    assert json.loads(decode(payload.data[KEY] or "")) == {"auths": {"r.io": {**NEW_ENTRY, **kept}}}


@pytest.mark.parametrize(("text", "read"), ENTRIES[:11])
def test_the_same_credentials_are_written_in_the_usual_spelling_once(text: str, read: dict[str, Any]) -> None:
    secret = docker_secret(f'{{"auths": {{"r.io": {text}}}}}')
    registries = parse_registries([{"server": "r.io", **ADA}], "always")
    payload = merge_pull_secret(secret, registries, purge=False, update="always")
    entry = json.loads(decode(payload.data[KEY] or ""))["auths"]["r.io"]
    assert {**entry, "email": None} == {**ADA_ENTRY, "email": None} or entry == {**ADA_ENTRY, "email": read["email"]}


def test_an_entry_that_the_task_does_not_name_keeps_its_spelling() -> None:
    text = '{"auths": {"q.io": {"Username": "ada", "PASSWORD": "s3cret", "x": 1}}}'
    payload = merge_pull_secret(docker_secret(text), parse_registries([NEW], "always"), purge=False, update="always")
    written = json.loads(decode(payload.data[KEY] or ""))
    assert written["auths"]["q.io"] == {"Username": "ada", "PASSWORD": "s3cret", "x": 1}
    assert payload.warnings == ()


def test_what_was_stored_twice_is_said() -> None:
    text = '{"auths": {"q.io": {"password": "old", "username": "ada", "password": "s3cret", "password": null}}}'
    payload = merge_pull_secret(docker_secret(text), parse_registries([NEW], "always"), purge=False, update="always")
    assert json.loads(decode(payload.data[KEY] or ""))["auths"]["q.io"] == ADA
    assert payload.warnings == (ODD,)


def test_headers_that_the_kubelet_refuses_do_not_survive_a_purge() -> None:
    text = f'{{"auths": {{"r.io": {json.dumps(NEW_ENTRY)}}}, "httpheaders": {{"a": 1}}, "x": 1}}'
    payload = merge_pull_secret(docker_secret(text), parse_registries([NEW], "always"), purge=True, update="always")
    assert json.loads(decode(payload.data[KEY] or "")) == {"auths": {"r.io": NEW_ENTRY}, "x": 1}


def test_the_key_of_the_type_is_read() -> None:
    data = {KEY: encode('{"auths": {"q.io": {"auth": "YTpi"}}}'), LEGACY_KEY: encode('{"r.io": {"auth": "YTpi"}}')}
    secret = stored_secret(data, kind=LEGACY_TYPE)
    assert [each["server"] for each in list_registries(secret)] == ["r.io"]
    payload = merge_pull_secret(secret, parse_registries([NEW], "always"), purge=True, update="always")
    assert json.loads(decode(payload.data[KEY] or "")) == {"auths": {"r.io": NEW_ENTRY}}
    assert payload.data[LEGACY_KEY] is None


# Without those that have a key twice, which a task may not have.
@pytest.mark.parametrize(("text", "read"), [*ENTRIES[:7], *ENTRIES[9:10], *ENTRIES[11:]])
def test_a_docker_config_of_a_task_is_read_alike(text: str, read: dict[str, Any]) -> None:
    for source in (f'{{"AUTHS": {{"r.io": {text}}}}}', {"AUTHS": {"r.io": json.loads(text)}}):
        config = parse_docker_config(source, "docker_config")
        assert spell_entry(config["auths"]["r.io"]) == read


def test_replaced_secrets_are_secrets_too() -> None:
    text = (
        '{"Auths": {"r.io": {"password": "one", "Auth": "%s"}}, "auths": {"r.io": {"Password": "three", '
        '"PASSWORD": "four", "identityToken": "five", "password": "six", "X": "seven"}}}'
    )
    config = parse_stored_config((text % encode("a:two")).encode(), "It", legacy=False)
    assert {"one", "two", "three", "four", "five", "six"} <= secret_texts(config)
    assert "seven" in doubtful_texts(config)


def test_the_diff_shows_fields_as_they_are_stored() -> None:
    secret = docker_secret('{"auths": {"r.io": {"Username": "ada", "Password": "s3cret", "EMAIL": "a@b.c"}}}')
    shown = describe_pull_secret(secret)["registries"]["r.io"]
    assert (shown["Username"], shown["EMAIL"]) == ("ada", "a@b.c")
    assert "s3cret" not in repr(shown)
    secret = docker_secret('{"auths": {"r.io": {"USERNAME": "s3cret", "Password": "s3cret"}}}')
    assert describe_pull_secret(secret)["registries"]["r.io"]["USERNAME"] == HIDDEN


def test_helpers_and_tokens_are_known_in_every_spelling() -> None:
    ids = [finding.id for finding in lint(docker_secret({"CredsStore": "desktop", "auths": {}}))]
    assert ids == ["credential_store"]
    ids = [finding.id for finding in lint(docker_secret({"auths": {"r.io": {"IdentityToken": "x"}}}))]
    assert ids == ["login_token"]
