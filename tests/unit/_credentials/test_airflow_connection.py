# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection of Airflow: what is read of a stored one, and what of it a task keeps."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.airflow_connection import (
    read_connection,
    write_connection,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_shapes import Composition
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.git_stored import find_credentials
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.git_view import find_git_problems
from support.samples.git_secrets import ADA, HTTPS_URL, SSH_URL, GitTask, data_of, git_secret, plan_of
from support.samples.keys import PASSPHRASE, key_text
from support.samples.secrets import refusal

NAME = "AIRFLOW_CONN_GIT_DEFAULT"
KEY = key_text("Ed25519 OpenSSH")
LOCKED = key_text("Ed25519 OpenSSH", encrypted=True)
TASK: dict[str, Any] = {"format": "airflow_connection", "url": HTTPS_URL, "https": ADA}
KEY_TASK: dict[str, Any] = {"format": "airflow_connection", "url": SSH_URL, "ssh": {"private_key": KEY}}
STORED = {"conn_type": "git", "host": HTTPS_URL, "login": "ada", "password": "s3cret"}


def stored(connection: object) -> dict[str, Any]:
    return git_secret({NAME: connection if isinstance(connection, str) else json.dumps(connection)})


def written(connection: object, **task: Any) -> Any:
    return json.loads(data_of(plan_of(stored(connection), **task))[NAME])


@pytest.mark.parametrize(
    ("connection", "parts"),
    [
        pytest.param(STORED, ADA, id="a password"),
        pytest.param({**STORED, "extra": {"key_file": "/a"}}, ADA, id="other extra fields"),
        pytest.param(
            {"conn_type": "git", "extra": json.dumps({"private_key": KEY, "private_key_passphrase": PASSPHRASE})},
            {"private_key": KEY, "passphrase": PASSPHRASE},
            id="extra fields in a string",
        ),
        pytest.param(
            {"conn_type": "git", "extra": {"github_app_id": 7, "github_installation_id": "42"}},
            {"id": "7", "installation_id": "42"},
            id="an ID that is a number",
        ),
        pytest.param({"conn_type": "git", "extra": {"github_app_id": "Iv1"}}, {"client_id": "Iv1"}, id="a client ID"),
        pytest.param({**STORED, "conn_type": "ssh"}, {}, id="another type"),
        pytest.param({"conn_type": "git", "password": 7, "extra": ["x"]}, {}, id="other types of values"),
        pytest.param("git://ada:s3cret@git.example.com", {}, id="a URI"),
        pytest.param("[]", {}, id="a list"),
        pytest.param("", {}, id="nothing"),
    ],
)
def test_reads_the_parts_of_a_connection(connection: object, parts: dict[str, str]) -> None:
    assert read_connection(connection if isinstance(connection, str) else json.dumps(connection)) == parts


@pytest.mark.parametrize(
    "connection",
    [
        pytest.param(STORED, id="as it is written"),
        pytest.param(json.dumps(dict(reversed(STORED.items())), indent=2), id="in another order"),
        pytest.param({**STORED, "description": "the app", "extra": {"ssh_port": 2222}}, id="with unknown fields"),
        pytest.param({**STORED, "extra": "{}"}, id="with extra fields in a string"),
    ],
)
def test_what_means_the_same_is_no_change(connection: object) -> None:
    assert plan_of(stored(connection), **TASK).operation == "unchanged"


@pytest.mark.parametrize(
    ("connection", "task", "after"),
    [
        pytest.param(
            {**STORED, "password": "old", "port": 443, "extra": '{"ssh_port": 2222}'},
            TASK,
            {**STORED, "port": 443, "extra": {"ssh_port": 2222}},
            id="unknown fields stay",
        ),
        pytest.param(
            {**STORED, "extra": {"key_file": "/a", "known_hosts_file": "/b"}},
            KEY_TASK,
            {"conn_type": "git", "host": SSH_URL, "extra": {"known_hosts_file": "/b", "private_key": KEY}},
            id="another kind, whose file of a key would exclude the key",
        ),
        pytest.param(
            {"conn_type": "git", "host": SSH_URL, "extra": {"private_key": KEY, "known_hosts_file": "/b"}},
            {**KEY_TASK, "format_options": {"airflow_known_hosts_file": None}},
            {"conn_type": "git", "host": SSH_URL, "extra": {"private_key": KEY}},
            id="null removes a setting",
        ),
        pytest.param({"conn_type": "ssh", "login": "eve"}, TASK, STORED, id="another type of connection"),
        pytest.param("git://eve@git.example.com", TASK, STORED, id="a URI"),
    ],
)
def test_a_changed_connection(connection: object, task: dict[str, Any], after: dict[str, Any]) -> None:
    assert written(connection, **task) == after


def test_a_stored_password_is_kept() -> None:
    task = {**TASK, "https": {"username": "ada"}, "update_credentials": "when_given"}
    plan = plan_of(stored({**STORED, "login": "eve"}), **task)
    assert json.loads(data_of(plan)[NAME]) == STORED
    assert plan.notes["credentials_kept"] == ["https.password"]


def test_a_stored_key_is_kept_where_the_task_generates_one() -> None:
    task = {**KEY_TASK, "ssh": {"generate": "ed25519"}}
    connection = {"conn_type": "git", "host": SSH_URL, "extra": {"private_key": KEY}}
    assert plan_of(stored(connection), **task).operation == "unchanged"
    assert written(STORED, **task)["extra"]["private_key"].startswith("-----BEGIN OPENSSH")


def test_another_consumer_gets_a_copy() -> None:
    source = stored({"conn_type": "git", "extra": {"private_key": LOCKED, "private_key_passphrase": PASSPHRASE}})
    assert data_of(GitTask(source, format="jenkins").plan()) == {
        "username": "git",
        "privateKey": LOCKED,
        "passphrase": PASSPHRASE,
    }


def test_what_is_not_shown_to_the_composer_is_not_in_its_value() -> None:
    assert write_connection(Composition({}, HTTPS_URL)) == json.dumps({"conn_type": "git", "host": HTTPS_URL})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(
            {"url": None},
            "url is missing; format airflow_connection needs it. "
            "It is how the consumer knows what the credential is for. Give the URL of the repository.",
            id="no URL",
        ),
        pytest.param(
            {"format_options": {"airflow_strict_host_key_checking": "maybe"}},
            "format_options.airflow_strict_host_key_checking must be one of yes, no, accept-new, off, ask.",
            id="another word",
        ),
    ],
)
def test_refusals(options: dict[str, Any], message: str) -> None:
    assert refusal(plan_of, **{**KEY_TASK, **options}) == message


@pytest.mark.parametrize(("checking", "warned"), [("yes", False), ("no", True), (None, True)])
def test_a_stored_check_of_host_keys_counts(checking: str | None, warned: bool) -> None:
    """A task that does not set it keeps it, and a report knows nothing else."""
    extra = {"private_key": KEY, **({"strict_host_key_checking": checking} if checking else {})}
    secret = stored({"conn_type": "git", "host": SSH_URL, "extra": extra})
    problems = find_git_problems(find_credentials(secret))
    assert len(problems) == warned
    assert list(plan_of(secret, **KEY_TASK).warnings) == problems
