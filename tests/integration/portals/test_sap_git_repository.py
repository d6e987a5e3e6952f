# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sap_ai_core_git_repository and its _info: what they ask, write, wait for and report, against a stateful server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from support.playbook import Playbook, Run, task
from support.portals.sap import LOGIN, REPOSITORIES, Repository, SapAiCore, Wait, sap_ai_core
from support.servers.git_http import HttpGitServer

TOKEN = "ghp_0123456789abcdefghijABCDEFGHIJ456789"
OLD_TOKEN = "ghp_old3456789abcdefghijABCDEFGHIJ456789"
URL = "https://github.com/team/app"
APP = {"name": "app", "url": URL, "username": "robot", "password": TOKEN}
GONE = {"name": "app", "state": "absent", "in_use": "ignore"}
ONE = f"{REPOSITORIES}/app"
GET, POST = ("GET", ONE), ("POST", REPOSITORIES)
WRITES = ("POST", "PATCH", "DELETE")


@pytest.fixture
def sap() -> Iterator[SapAiCore]:
    with sap_ai_core() as server:
        yield server


def keep(sap: SapAiCore, **options: Any) -> dict[str, Any]:
    return task("sap_ai_core_git_repository", service_key=sap.service_key(), **options)


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    return {**given, "check_mode": True, "diff": True}


def store(sap: SapAiCore, status: str = "COMPLETED", url: str = URL, name: str = "app") -> None:
    sap.repositories[name] = Repository(url, "robot", OLD_TOKEN, "COMPLETED", Wait(0, 0), status)


def asked(sap: SapAiCore) -> list[tuple[str, str]]:
    return [request for request in sap.asked if request[1] != LOGIN]


def written(sap: SapAiCore) -> list[str]:
    return [method for method, path in asked(sap) if method in WRITES]


def holds_no_secret(sap: SapAiCore, run: Run) -> None:
    text = json.dumps(run.results) + run.output
    for secret in (TOKEN, OLD_TOKEN, sap.client_secret, *sap.tokens):
        assert secret not in text


def test_twelve_steps(sap: SapAiCore, playbook: Playbook) -> None:
    """Create, again, modify, again, delete, again; each in check mode first, which predicts it."""
    modified = {**APP, "username": "other"}
    steps = [APP, APP, modified, modified, GONE, GONE]
    tasks: list[dict[str, Any]] = []
    for step in steps:
        tasks += [checked(keep(sap, **step)), {**keep(sap, **step), "diff": True}]
    sap.reads_until_done = 1
    run = playbook.run(tasks, "-vvv")

    checks, reals = run.results[::2], run.results[1::2]
    assert [result["operation"] for result in checks] == [result["operation"] for result in reals]
    assert [result["operation"] for result in reals] == [
        *("created", "updated", "updated", "updated", "deleted", "unchanged"),
    ]
    assert [result["changed"] for result in reals] == [True, True, True, True, True, False]
    assert [result.get("diff") for result in checks] == [result.get("diff") for result in reals]
    assert [result["compared"] for result in reals] == [False] * 6
    assert {result["status"] for result in reals[:4]} == {"COMPLETED"}
    assert {result["status_confirmed"] for result in reals[:4]} == {True}
    assert reals[0]["quota"] == checks[0]["quota"] == {"used": 0, "maximum": 20}
    assert reals[1]["quota"] is None
    assert reals[0]["portal"] == {"server": sap.url, "account": sap.identity_zone}
    assert written(sap) == ["POST", "PATCH", "PATCH", "PATCH", "DELETE"]
    assert json.loads(sap.bodies[sap.asked.index(POST)]) == APP
    assert sap.repositories == {}
    holds_no_secret(sap, run)


def test_on_create_keeps_and_warns_of_an_error(sap: SapAiCore, playbook: Playbook) -> None:
    store(sap)
    quiet = keep(sap, **APP, update_credentials="on_create")
    fine = playbook.run([checked(quiet), quiet]).results
    store(sap, status="ERROR")
    failing = playbook.run([quiet]).results[0]

    assert [(result["operation"], result["changed"], result["status"]) for result in fine] == [
        ("kept", False, "COMPLETED"),
        ("kept", False, "COMPLETED"),
    ]
    assert all("warnings" not in result for result in fine)
    assert failing["status"] == "ERROR"
    assert "is ERROR, and update_credentials=on_create keeps" in failing["warnings"][0]
    assert sap.repositories["app"].password == OLD_TOKEN
    assert written(sap) == []


def test_another_url_is_refused(sap: SapAiCore, playbook: Playbook) -> None:
    store(sap, url=f"https://robot:{OLD_TOKEN}@github.com/team/app")
    run = playbook.run([checked(keep(sap, **APP)), keep(sap, **APP)], "-vvv")
    check, real = run.results

    assert check == real
    assert real["failure"] == {"id": "immutable", "option": "url", "namespace": None}
    assert (real["name"], real["portal"]["server"]) == ("app", sap.url)
    assert written(sap) == []
    holds_no_secret(sap, run)


def test_recreate(sap: SapAiCore, playbook: Playbook) -> None:
    store(sap, url="https://github.com/team/old")
    moved = keep(sap, **APP, recreate=True, in_use="ignore")
    check, real = playbook.run([checked(moved), {**moved, "diff": True}]).results

    assert (check["operation"], real["operation"]) == ("recreated", "recreated")
    assert check["diff"] == real["diff"]
    assert real["diff"]["before"]["url"] == "https://github.com/team/old"
    assert real["diff"]["after"]["url"] == URL
    assert written(sap) == ["DELETE", "POST"]
    assert sap.repositories["app"].url == URL


def test_a_recreate_that_fails_half_way_is_a_change(sap: SapAiCore, playbook: Playbook) -> None:
    store(sap, url="https://github.com/team/old")
    sap.fail_next(400, only=f"POST {REPOSITORIES}")
    (result,) = playbook.run([keep(sap, **APP, recreate=True, in_use="ignore")]).results

    assert result["failure"]["id"] == "rejected"
    assert result["changed"]
    assert "Git repository app was deleted and is not created yet." in result["msg"]
    assert sap.repositories == {}


def test_the_status_error_fails_the_task(sap: SapAiCore, playbook: Playbook) -> None:
    sap.reads_until_done, sap.outcome = 1, "ERROR"
    run = playbook.run([keep(sap, **APP)])
    (result,) = run.results

    assert result["failure"] == {"id": "not_synchronized", "option": None, "namespace": None}
    assert result["msg"].startswith(
        "The status of Git repository app in SAP AI Core is ERROR. The credential is stored."
    )
    assert (result["changed"], result["status"], result["status_confirmed"]) == (True, "ERROR", True)
    holds_no_secret(sap, run)


def test_the_quota_is_asked_before_a_create(sap: SapAiCore, playbook: Playbook) -> None:
    sap.limits["repositories"] = 1
    store(sap, name="other", url="https://github.com/team/other")
    check, real = playbook.run([checked(keep(sap, **APP)), keep(sap, **APP)]).results

    assert check == real
    assert real["failure"]["id"] == "quota"
    assert real["quota"] == {"used": 1, "maximum": 1}
    assert written(sap) == []


@pytest.mark.parametrize("stored", [None, "https://github.com/team/old"], ids=["create", "recreate"])
@pytest.mark.parametrize("owner", ["first", "a name"])
def test_a_url_that_another_repository_has(sap: SapAiCore, playbook: Playbook, stored: str | None, owner: str) -> None:
    """Nothing is deleted for a create that SAP AI Core would refuse, and check mode finds it, too."""
    store(sap, name=owner)
    if stored:
        store(sap, url=stored)
    before = dict(sap.repositories)
    move = keep(sap, **APP, recreate=True, in_use="ignore")
    check, real = playbook.run([checked(move), move]).results

    assert check == real
    assert real["failure"] == {"id": "conflict", "option": "url", "namespace": None}
    named = "Git repository first" if owner == "first" else "a Git repository with another name"
    assert f"belongs to {named} already. " in real["msg"]
    assert "Nothing was changed." in real["msg"]
    assert not real["changed"]
    assert written(sap) == []
    assert sap.repositories == before


BAD_OPTIONS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a name with a period": ({**APP, "name": "a.b"}, "name", "invalid_option"),
    "a name that is long": ({**APP, "name": "a" * 52}, "name", "invalid_option"),
    "ssh": ({**APP, "url": "ssh://git@github.com/team/app"}, "url", "invalid_option"),
    "absent and in use": ({"name": "app", "state": "absent"}, "in_use", "in_use_unknown"),
    "recreated and in use": ({**APP, "recreate": True}, "in_use", "in_use_unknown"),
    "when_given": ({**APP, "update_credentials": "when_given"}, "update_credentials", "invalid_option"),
    "when_given and absent": ({**GONE, "update_credentials": "when_given"}, "update_credentials", "invalid_option"),
    "a long wait": ({**APP, "wait_timeout": 0}, "wait_timeout", "invalid_option"),
    "the password as name": ({**APP, "name": "token-123", "password": "token-123"}, "name", "invalid_option"),
    "the password in the URL": ({**APP, "password": "team/app"}, "url", "invalid_option"),
    "an empty password": ({**APP, "password": " "}, "password", "invalid_option"),
}


def test_bad_options_ask_nothing(sap: SapAiCore, playbook: Playbook) -> None:
    run = playbook.run([keep(sap, **options) for options, _option, _failure in BAD_OPTIONS.values()])

    failures = [(result["failure"]["option"], result["failure"]["id"]) for result in run.results]
    assert failures == [(option, failure) for _options, option, failure in BAD_OPTIONS.values()]
    assert sap.asked == []


def test_verify_asks_the_git_server(
    sap: SapAiCore, playbook: Playbook, https_server: HttpGitServer, tmp_path: Path
) -> None:
    ca = tmp_path / "git-ca.crt"
    ca.write_bytes(https_server.ca or b"")
    url = https_server.url.replace("127.0.0.1", "localhost")
    right = {**APP, "url": url, "username": https_server.username, "password": https_server.password}
    wrong = {**right, "password": "wrong-s3cret"}
    verify = {"verify": True, "verify_ca_cert": str(ca)}
    check, denied, real = playbook.run(
        [checked(keep(sap, **wrong, **verify)), keep(sap, **wrong, **verify), keep(sap, **right, **verify)]
    ).results

    assert check == denied
    assert denied["failure"]["id"] == "denied_by_git_server"
    assert [item["outcome"] for item in denied["verified"]] == ["denied"]
    assert [item["outcome"] for item in real["verified"]] == ["readable"]
    assert written(sap) == ["POST"]


def test_info_lists_all_pages(sap: SapAiCore, playbook: Playbook) -> None:
    for number in range(205):
        store(sap, name=f"app-{number}", url=f"https://u:{OLD_TOKEN}@github.com/team/app-{number}")
    run = playbook.run(
        [
            task("sap_ai_core_git_repository_info", service_key=sap.service_key()),
            task("sap_ai_core_git_repository_info", service_key=sap.service_key(), name="app-7"),
            task("sap_ai_core_git_repository_info", service_key=sap.service_key(), name="none"),
        ]
    )
    every, one, none = run.results

    names = [repository["name"] for repository in every["repositories"]]
    assert names == sorted(sap.repositories)
    assert every["quota"] == {"used": 205, "maximum": 20}
    assert one["repositories"] == [{"name": "app-7", "url": "https://github.com/team/app-7", "status": "COMPLETED"}]
    assert none["repositories"] == []
    assert none["portal"] == {"server": sap.url, "account": sap.identity_zone}
    assert asked(sap).count(("GET", REPOSITORIES)) == 3
    assert written(sap) == []
    holds_no_secret(sap, run)
