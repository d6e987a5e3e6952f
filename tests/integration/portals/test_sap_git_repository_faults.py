# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Git repositories of SAP AI Core when requests fail: errors, lost answers, expired tokens and hostile answers.

The tasks run in this process, as they do in Ansible's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.retries import RetryBudget
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks import (
    sap_ai_core_git_repository,
    sap_ai_core_git_repository_info,
)
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.direct import run_direct
from support.portals.sap import LOGIN, QUOTA, REPOSITORIES, Repository, SapAiCore, Wait, sap_ai_core

TOKEN = "ghp_0123456789abcdefghijABCDEFGHIJ456789"
OLD_TOKEN = "ghp_old3456789abcdefghijABCDEFGHIJ456789"
URL = "https://github.com/team/app"
APP = {"name": "app", "url": URL, "username": "robot", "password": TOKEN}
ONCE = {**APP, "update_credentials": "on_create"}
MOVED = {**APP, "recreate": True, "in_use": "ignore"}
GONE = {"name": "app", "state": "absent", "in_use": "ignore"}
ONE = f"{REPOSITORIES}/app"


@pytest.fixture
def sap() -> Iterator[SapAiCore]:
    with sap_ai_core() as server:
        yield server


def store(sap: SapAiCore, url: str = URL, status: str = "COMPLETED") -> None:
    sap.repositories["app"] = Repository(url, "robot", OLD_TOKEN, "COMPLETED", Wait(0, 0), status)


def keep(sap: SapAiCore, **options: Any) -> dict[str, Any]:
    """Return the result of a task, which holds no secret."""
    runtime = Runtime(check_mode=False, environ={}, retry_budget=RetryBudget(per_request=5, total=10))
    arguments = {"service_key": sap.service_key(), **options}
    result = run_direct("sap_ai_core_git_repository", sap_ai_core_git_repository.DEFINITION, arguments, runtime)
    result.pop("invocation", None)
    hide_nothing(sap, result)
    return result


def look(sap: SapAiCore, **options: Any) -> dict[str, Any]:
    runtime = Runtime(check_mode=False, environ={}, retry_budget=RetryBudget(per_request=5, total=10))
    arguments = {"service_key": sap.service_key(), **options}
    definition = sap_ai_core_git_repository_info.DEFINITION
    return run_direct("sap_ai_core_git_repository_info", definition, arguments, runtime)


def hide_nothing(sap: SapAiCore, result: dict[str, Any]) -> None:
    text = json.dumps(result)
    assert not [secret for secret in (TOKEN, OLD_TOKEN, sap.client_secret, *sap.tokens) if secret in text]


def written(sap: SapAiCore) -> list[str]:
    return [method for method, path in sap.asked if method != "GET" and path != LOGIN]


LOST = {
    "create": (None, APP, "created", ["POST", "PATCH"]),
    "update": ("COMPLETED", APP, "updated", ["PATCH", "PATCH"]),
    "create on_create": (None, ONCE, "created", ["POST", "PATCH"]),
    "delete": ("COMPLETED", GONE, "deleted", ["DELETE"]),
}


@pytest.mark.parametrize("case", LOST)
def test_a_lost_answer_is_read_again(sap: SapAiCore, case: str) -> None:
    """The write was applied, and its answer was lost. The task makes sure that its credential is the stored one."""
    before, options, operation, writes = LOST[case]
    if before:
        store(sap)
    sap.reads_until_done, sap.lose = 1, 1
    result = keep(sap, **options)

    assert (result.get("failure"), result["operation"]) == (None, operation)
    assert written(sap) == writes
    assert [repository.password for repository in sap.repositories.values()] == ([] if case == "delete" else [TOKEN])


DROPPED = {
    "create": (None, APP, "created", ["POST", "POST"]),
    "update": ("COMPLETED", APP, "updated", ["PATCH", "PATCH"]),
    "delete": ("COMPLETED", GONE, "deleted", ["DELETE", "DELETE"]),
}


@pytest.mark.parametrize("case", DROPPED)
def test_a_write_that_was_not_applied_is_repeated(sap: SapAiCore, case: str) -> None:
    before, options, operation, writes = DROPPED[case]
    if before:
        store(sap)
    sap.reads_until_done, sap.drop = 1, 1
    result = keep(sap, **options)

    assert (result.get("failure"), result["operation"]) == (None, operation)
    assert written(sap) == writes


# What fails, for how many requests, the options, whether the repository exists, the failure, and the writes.
REFUSED: dict[str, tuple[str, int, int, dict[str, Any], bool, str, list[str]]] = {
    "get 400": (f"GET {ONE}", 400, 9, APP, False, "rejected", []),
    "get 401": (f"GET {ONE}", 401, 9, APP, False, "unauthorized", []),
    "get 403": (f"GET {ONE}", 403, 9, APP, False, "forbidden", []),
    "quota 403": (f"GET {QUOTA}", 403, 9, APP, False, "forbidden", []),
    "post 400": (f"POST {REPOSITORIES}", 400, 9, APP, False, "rejected", ["POST"]),
    "post 401": (f"POST {REPOSITORIES}", 401, 9, APP, False, "unauthorized", ["POST", "POST"]),
    "post 403": (f"POST {REPOSITORIES}", 403, 9, APP, False, "forbidden", ["POST"]),
    "post 500": (f"POST {REPOSITORIES}", 500, 9, APP, False, "outcome_unknown", ["POST"] * 3),
    "patch 400": (f"PATCH {ONE}", 400, 9, APP, True, "rejected", ["PATCH"]),
    "patch 404": (f"PATCH {ONE}", 404, 9, APP, True, "not_found", ["PATCH"] * 3),
    "patch 500": (f"PATCH {ONE}", 500, 9, APP, True, "outcome_unknown", ["PATCH"] * 3),
    "delete 400": (f"DELETE {ONE}", 400, 9, GONE, True, "rejected", ["DELETE"]),
    "delete 403": (f"DELETE {ONE}", 403, 9, GONE, True, "forbidden", ["DELETE"]),
    "delete 500": (f"DELETE {ONE}", 500, 9, GONE, True, "outcome_unknown", ["DELETE"] * 3),
}


def test_every_error_of_the_document(sap: SapAiCore) -> None:
    """Each error fails with its ID and the portal's words, in which secrets that it quotes are hidden."""
    sap.echo_secrets = True
    for case, (only, status, times, options, exists, failure, writes) in REFUSED.items():
        sap.repositories.clear()
        sap._faults.clear()
        sap.forget()
        if exists:
            store(sap)
        sap.fail_next(status, times, only=only)
        result = keep(sap, **options)
        assert result["failure"]["id"] == failure, case
        assert written(sap) == writes, case
        assert result["request_id"], case
        assert result["request_id"] in result["msg"], case
        assert result["portal"]["server"] == sap.url, case
        assert result["changed"] == (failure == "outcome_unknown"), case


PASSING = {
    "GET 503": (f"GET {ONE}", 503, None, 2),
    "GET 429 with Retry-After": (f"GET {ONE}", 429, 1, 1),
    "POST 429 with Retry-After": (f"POST {REPOSITORIES}", 429, 1, 1),
    "POST 503": (f"POST {REPOSITORIES}", 503, None, 1),
    "login 503": (f"POST {LOGIN}", 503, None, 1),
}


@pytest.mark.parametrize("case", PASSING)
def test_passing_trouble_is_waited_out(sap: SapAiCore, case: str) -> None:
    only, status, retry_after, times = PASSING[case]
    sap.fail_next(status, times, only=only, retry_after=retry_after)
    result = keep(sap, **APP)

    assert (result.get("failure"), result["operation"]) == (None, "created")


def test_a_token_that_expires_in_the_middle(sap: SapAiCore) -> None:
    sap.token_uses = 2
    result = keep(sap, **APP)

    assert (result.get("failure"), result["operation"]) == (None, "created")
    assert sap.asked.count(("POST", LOGIN)) == 2
    assert written(sap).count("POST") == 2  # the first of them with the expired token


HOSTILE = {
    "no JSON": "<html>",
    "empty": "",
    "a list": "[]",
    "null": "null",
    "another name": json.dumps({"name": "other", "url": URL, "status": "COMPLETED"}),
    "a number as URL": json.dumps({"name": "app", "url": 5, "status": "COMPLETED"}),
    "a strange name": json.dumps({"name": "a\x1b[2J", "url": URL}),
    "deep": "[" * 100_000,
}


def test_hostile_answers(sap: SapAiCore) -> None:
    for case, body in HOSTILE.items():
        sap.forget()
        sap.fail_next(200, only=f"GET {ONE}", body=body)
        result = keep(sap, **APP)
        assert result["failure"]["id"] == "unreachable", case
        assert written(sap) == [], case


def test_an_unknown_status_is_not_known(sap: SapAiCore) -> None:
    for status in ("DONE", 5, None, {"a": 1}, TOKEN):
        body = json.dumps({"name": "app", "url": URL, "status": status})
        sap.fail_next(200, only=f"GET {ONE}", body=body)
        result = keep(sap, **ONCE)
        assert (result["status"], result["operation"]) == (None, "kept")


HOSTILE_LISTS = {
    "no list": json.dumps({"count": 1, "resources": {}}),
    "no repository": json.dumps({"count": 1, "resources": [5]}),
    "no JSON": "<html>",
}


def test_info_refuses_hostile_lists(sap: SapAiCore) -> None:
    for case, body in HOSTILE_LISTS.items():
        sap.fail_next(200, only=f"GET {REPOSITORIES}", body=body)
        result = look(sap)
        assert result["failure"]["id"] == "unreachable", case
