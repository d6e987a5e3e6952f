# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The requests about Git repositories of SAP AI Core: those of each operation, and what happens when they fail.

Errors, lost answers, expired tokens, hostile answers and slow writes. The tasks run in this process, as they do in
Ansible's own.
"""

from __future__ import annotations

import json
import time
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
MOVED_ON = {**MOVED, "url": f"{URL}2"}
GONE = {"name": "app", "state": "absent", "in_use": "ignore"}
ONE = f"{REPOSITORIES}/app"


@pytest.fixture
def sap() -> Iterator[SapAiCore]:
    with sap_ai_core() as server:
        yield server


def store(sap: SapAiCore, url: str = URL, status: str = "COMPLETED") -> None:
    sap.repositories["app"] = Repository(url, "robot", OLD_TOKEN, "COMPLETED", Wait(0, 0), status)


def keep(sap: SapAiCore, **options: Any) -> dict[str, Any]:
    """Return the result of a task, which holds no secret. ``check_mode`` is that of the task."""
    check_mode = options.pop("check_mode", False)
    retry_budget = options.pop("retry_budget", RetryBudget(per_request=5, total=10))
    runtime = Runtime(check_mode=check_mode, environ={}, retry_budget=retry_budget)
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


QUOTA_OF = ("GET", f"{QUOTA}/repositories")
LIST = ("GET", REPOSITORIES)
GET, POST, PATCH, DELETE = ("GET", ONE), ("POST", REPOSITORIES), ("PATCH", ONE), ("DELETE", ONE)
# What each operation asks: options, the URL that is stored, what is read, what is written, and what is read then.
REQUESTS: dict[str, tuple[dict[str, Any], str, list[tuple[str, str]], list[tuple[str, str]]]] = {
    "created": (APP, "", [GET, QUOTA_OF, LIST], [POST, GET]),
    "updated": (APP, URL, [GET], [PATCH, GET, GET]),
    "kept": (ONCE, URL, [GET], []),
    "recreated": (MOVED, f"{URL}2", [GET, LIST], [DELETE, GET, POST, GET]),
    "deleted": (GONE, URL, [GET], [DELETE, GET]),
    "unchanged": (GONE, "", [GET], []),
}


@pytest.mark.parametrize("operation", REQUESTS)
def test_requests_of_each_operation(sap: SapAiCore, operation: str) -> None:
    """Check mode asks the same, but for the write and what follows it. Each task asks for one token."""
    options, stored, reads, more = REQUESTS[operation]
    if stored:
        store(sap, url=stored)
    # An update finds IN-PROGRESS once, so that the new status is known to be new.
    sap.reads_until_done = int(operation == "updated")
    assert keep(sap, check_mode=True, **options)["operation"] == operation
    assert sap.asked == [("POST", LOGIN), *reads]
    sap.forget()

    assert keep(sap, **options)["operation"] == operation
    assert sap.asked == [("POST", LOGIN), *reads, *more]


def test_an_old_error_may_be_that_of_the_earlier_token(sap: SapAiCore) -> None:
    store(sap, status="ERROR")
    sap.outcome = "ERROR"
    result = keep(sap, **APP, wait_timeout=1)

    assert result["failure"]["id"] == "not_synchronized"
    assert "It was ERROR before the update" in result["msg"]
    assert result["status_confirmed"] is False


def status_of(status: str) -> str:
    return json.dumps({"name": "app", "url": URL, "status": status})


STALE = {
    "COMPLETED": (["IN-PROGRESS"], "COMPLETED", False, "updated"),
    "ERROR": (["IN-PROGRESS"], "ERROR", False, "failed"),
    "COMPLETED, then ERROR": (["IN-PROGRESS", "COMPLETED"], "ERROR", True, "failed"),
    "COMPLETED, then a new attempt": (["IN-PROGRESS", "COMPLETED", "IN-PROGRESS"], "COMPLETED", True, "updated"),
}


@pytest.mark.parametrize("case", STALE)
def test_an_earlier_attempt_is_not_taken_for_the_new_one(sap: SapAiCore, case: str) -> None:
    """The update finds SAP AI Core trying the earlier credential, so the end of that confirms nothing."""
    statuses, outcome, is_confirmed, operation = STALE[case]
    store(sap)
    sap.outcome = outcome
    for status in statuses:
        sap.fail_next(200, only=f"GET {ONE}", body=status_of(status))
    result = keep(sap, **APP, wait_timeout=2)

    assert (result["operation"], result["status"]) == (operation, outcome)
    assert result["status_confirmed"] is is_confirmed
    assert ("It was IN-PROGRESS before" in result.get("msg", "")) is (case == "ERROR")


def test_warnings_are_reported_with_a_failure(sap: SapAiCore) -> None:
    sap.fail_next(403, only=f"GET {QUOTA}")
    sap.fail_next(400, only=f"POST {REPOSITORIES}")
    result = keep(sap, **{**APP, "url": "https://gitlab.example.com/team/app"})

    assert result["failure"]["id"] == "rejected"
    for part in ("quota of Git repositories", "does not end with .git"):
        assert [part in warning for warning in result["warnings"]].count(True) == 1


# The URL that is stored, and the options.
SLOW: dict[str, tuple[str, dict[str, Any]]] = {
    "create": ("", APP),
    "delete": (URL, GONE),
    "recreate": (f"{URL}2", MOVED),
}


@pytest.mark.parametrize("case", SLOW)
@pytest.mark.parametrize("times", [2, 999], ids=["passing", "lasting"])
def test_a_wait_ends_in_time_although_reads_fail(sap: SapAiCore, case: str, times: int) -> None:
    stored, options = SLOW[case]
    if stored:
        store(sap, url=stored)
        body = json.dumps({"name": "app", "url": stored, "status": "COMPLETED"})
        sap.fail_next(200, only=f"GET {ONE}", body=body)
    else:
        sap.fail_next(404, only=f"GET {ONE}")
    sap.fail_next(503, times, only=f"GET {ONE}")
    begin = time.monotonic()
    result = keep(sap, **options, wait_timeout=2, retry_budget=RetryBudget(per_request=60, total=60))

    assert time.monotonic() - begin < 20
    assert result["changed"]
    assert result.get("failure", {}).get("id") == (None if times == 2 else "outcome_unknown")


def test_an_old_status_is_not_taken_for_the_new_one(sap: SapAiCore) -> None:
    """COMPLETED before and after: the task looks for some seconds, and says that it saw no change."""
    store(sap)
    result = keep(sap, **APP, wait_timeout=1)

    assert (result["operation"], result["status"], result["status_confirmed"]) == ("updated", "COMPLETED", False)
    assert sap.asked.count(GET) > 2


@pytest.mark.parametrize("wait", [True, False])
def test_a_status_that_stays_in_progress(sap: SapAiCore, wait: bool) -> None:
    sap.never_done = True
    result = keep(sap, **APP, wait=wait, wait_timeout=1)

    assert result["changed"]
    assert "app" in sap.repositories
    if wait:
        assert result["failure"]["id"] == "outcome_unknown"
        assert result["status"] == "IN-PROGRESS"
        assert "its status is IN-PROGRESS after 1 seconds" in result["msg"]
    else:
        assert (result["operation"], result["status"], result["status_confirmed"]) == ("created", None, None)
        assert sap.asked[-1] == POST


def test_without_waiting_the_old_status_is_not_reported(sap: SapAiCore) -> None:
    store(sap)
    result = keep(sap, **APP, wait=False)

    assert (result["operation"], result["status"], result["status_confirmed"]) == ("updated", None, None)
    assert sap.asked == [("POST", LOGIN), GET, PATCH]


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
    "quota 500": (f"GET {QUOTA}", 500, 99, APP, False, "server_error", []),
    "post 409": (f"POST {REPOSITORIES}", 409, 9, APP, False, "conflict", ["POST"]),
    "post 400": (f"POST {REPOSITORIES}", 400, 9, APP, False, "rejected", ["POST"]),
    "post 401": (f"POST {REPOSITORIES}", 401, 9, APP, False, "unauthorized", ["POST", "POST"]),
    "post 403": (f"POST {REPOSITORIES}", 403, 9, APP, False, "forbidden", ["POST"]),
    "post 500": (f"POST {REPOSITORIES}", 500, 9, APP, False, "outcome_unknown", ["POST"] * 3),
    "patch 400": (f"PATCH {ONE}", 400, 9, APP, True, "rejected", ["PATCH"]),
    "patch 404": (f"PATCH {ONE}", 404, 9, APP, True, "not_found", ["PATCH"] * 3),
    "patch 500": (f"PATCH {ONE}", 500, 9, APP, True, "outcome_unknown", ["PATCH"] * 3),
    "recreate, post 400": (
        f"POST {REPOSITORIES}",
        400,
        9,
        {**MOVED, "url": f"{URL}2"},
        True,
        "rejected",
        ["DELETE", "POST"],
    ),
    "delete 400": (f"DELETE {ONE}", 400, 9, GONE, True, "rejected", ["DELETE"]),
    "delete 403": (f"DELETE {ONE}", 403, 9, GONE, True, "forbidden", ["DELETE"]),
    "delete 500": (f"DELETE {ONE}", 500, 9, GONE, True, "outcome_unknown", ["DELETE"] * 3),
}


@pytest.mark.parametrize("case", REFUSED)
def test_every_error_of_the_document(sap: SapAiCore, case: str) -> None:
    """Each error fails with its ID and the portal's words, in which secrets that it quotes are hidden."""
    only, status, times, options, exists, failure, writes = REFUSED[case]
    sap.echo_secrets = True
    if exists:
        store(sap)
    sap.fail_next(status, times, only=only)
    result = keep(sap, **options)

    assert result["failure"]["id"] == failure
    assert written(sap) == writes
    assert result["request_id"]
    assert result["request_id"] in result["msg"]
    assert result["portal"] == {"server": sap.url, "account": sap.identity_zone}
    assert result["changed"] == (failure == "outcome_unknown" or "recreate" in case)


QUOTAS: dict[str, tuple[int, str | None, str]] = {
    "forbidden": (403, None, "forbidden (403)"),
    "missing": (404, None, "not found (404)"),
    "no numbers": (200, json.dumps({"quota": {"maxCount": "20"}, "usage": {"count": True}}), "no numbers"),
    "no usage": (200, json.dumps({"quota": {"maxCount": 20}}), "no numbers"),
    "a list": (200, "[]", "no numbers"),
}


@pytest.mark.parametrize("case", QUOTAS)
def test_a_quota_that_is_not_known_is_a_warning(sap: SapAiCore, case: str) -> None:
    status, body, why = QUOTAS[case]
    sap.fail_next(status, only=f"GET {QUOTA}", body=body)
    result = keep(sap, **APP)

    assert (result.get("failure"), result["operation"]) == (None, "created")
    assert [
        warning
        for warning in result["warnings"]
        if "quota of Git repositories is not known" in warning and why in warning
    ]


MEANWHILE: dict[str, tuple[str, int, dict[str, Any], str, str]] = {
    "created by another client": (f"GET {ONE}", 404, APP, "updated", TOKEN),
    "created by another client, on_create": (f"GET {ONE}", 404, ONCE, "kept", OLD_TOKEN),
    "changed while it was updated": (f"PATCH {ONE}", 404, APP, "updated", TOKEN),
    "changed while it was deleted": (f"DELETE {ONE}", 404, GONE, "deleted", ""),
}


@pytest.mark.parametrize("case", MEANWHILE)
def test_what_another_client_does_meanwhile(sap: SapAiCore, case: str) -> None:
    """The first request finds another state than the next one: the task reads and decides again."""
    only, status, options, operation, password = MEANWHILE[case]
    store(sap, status="IN-PROGRESS")
    sap.fail_next(status, only=only)
    result = keep(sap, **options, wait_timeout=1)

    assert (result.get("failure"), result["operation"]) == (None, operation)
    assert [repository.password for repository in sap.repositories.values()] == ([password] if password else [])
    assert result["quota"] is None


def test_a_create_that_is_never_seen(sap: SapAiCore) -> None:
    sap.fail_next(404, 99, only=f"GET {ONE}")
    result = keep(sap, **APP, wait_timeout=1)

    assert (result["failure"]["id"], result["changed"]) == ("outcome_unknown", True)
    assert "does not list it after 1 seconds" in result["msg"]
    assert written(sap) == ["POST"]


@pytest.mark.parametrize("options", [GONE, MOVED_ON], ids=["absent", "recreate"])
def test_a_delete_that_is_never_seen(sap: SapAiCore, options: dict[str, Any]) -> None:
    store(sap)
    sap.fail_next(200, 99, only=f"DELETE {ONE}", body="{}")
    result = keep(sap, **options, wait_timeout=1)

    assert (result["failure"]["id"], result["changed"]) == ("outcome_unknown", True)
    assert "still exists after 1 seconds" in result["msg"]
    assert written(sap) == ["DELETE"]


@pytest.mark.parametrize("lost", [1, 2])
def test_lost_answers_of_a_recreate(sap: SapAiCore, lost: int) -> None:
    """Those to the delete, and to both the delete and the create."""
    store(sap, url="https://github.com/team/old")
    sap.reads_until_done, sap.lose = 1, lost
    result = keep(sap, **MOVED)

    assert (result.get("failure"), result["operation"]) == (None, "recreated")
    assert written(sap) == ["DELETE", "POST", *(["PATCH"] if lost == 2 else [])]
    assert QUOTA_OF not in sap.asked, "one is deleted first"
    assert (sap.repositories["app"].url, sap.repositories["app"].password) == (URL, TOKEN)


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
    sap.token_uses = 3
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


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_answers(sap: SapAiCore, case: str) -> None:
    sap.fail_next(200, only=f"GET {ONE}", body=HOSTILE[case])
    result = keep(sap, **APP)

    assert result["failure"]["id"] == "unreachable"
    assert written(sap) == []


def test_an_unknown_status_is_not_known(sap: SapAiCore) -> None:
    for status in ("DONE", 5, None, {"a": 1}, TOKEN):
        body = json.dumps({"name": "app", "url": URL, "status": status})
        sap.fail_next(200, only=f"GET {ONE}", body=body)
        result = keep(sap, **ONCE)
        assert (result["status"], result["operation"]) == (None, "kept")


HOSTILE_LISTS = {
    "no list": json.dumps({"count": 1, "resources": {}}),
    "no repository": json.dumps({"count": 1, "resources": [5]}),
    "a number as name": json.dumps({"count": 1, "resources": [{"name": 5, "url": URL}]}),
    "no JSON": "<html>",
}


@pytest.mark.parametrize("case", HOSTILE_LISTS)
def test_info_refuses_hostile_lists(sap: SapAiCore, case: str) -> None:
    sap.fail_next(200, only=f"GET {REPOSITORIES}", body=HOSTILE_LISTS[case])
    assert look(sap)["failure"]["id"] == "unreachable"


def test_info_leaves_out_names_that_it_cannot_show(sap: SapAiCore) -> None:
    resources = [{"name": name, "url": URL, "status": "ERROR"} for name in ("team/app", "a\x1b[2J", "b")]
    sap.fail_next(200, only=f"GET {REPOSITORIES}", body=json.dumps({"count": 3, "resources": resources}))
    result = look(sap)

    assert [repository["name"] for repository in result["repositories"]] == ["b"]
    assert result["warnings"] == [
        "The list leaves out 2 Git repositories, because this collection cannot show their names."
    ]


def test_info_refuses_a_name_that_is_our_token(sap: SapAiCore) -> None:
    secret = sap.client_secret
    body = json.dumps({"count": 1, "resources": [{"name": secret, "url": URL, "status": "ERROR"}]})
    sap.fail_next(200, only=f"GET {REPOSITORIES}", body=body)
    listed, named = (
        look(sap),
        look(sap, name="our-s3cret", service_key={**sap.service_key(), "clientsecret": "our-s3cret"}),
    )

    assert listed["failure"]["id"] == "unreachable"
    assert "contains a credential of this task" in listed["msg"]
    assert named["failure"]["option"] == "name"
    assert secret not in json.dumps(listed)


def test_info_ends_although_a_list_does_not(sap: SapAiCore) -> None:
    """A server that ignores $skip lists the same page for ever."""
    page = [{"name": f"app-{number}", "url": URL, "status": "ERROR"} for number in range(100)]
    body = json.dumps({"count": 10_000, "resources": page})
    sap.fail_next(200, 99, only=f"GET {REPOSITORIES}", body=body)

    assert look(sap)["failure"]["id"] == "unreachable"
    assert sap.asked.count(("GET", REPOSITORIES)) == 2
