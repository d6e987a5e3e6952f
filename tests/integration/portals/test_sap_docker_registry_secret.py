# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Docker registry secrets of SAP AI Core on loopback: the operations, and every trouble that the API can make."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.retries import RetryBudget
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime, TaskDefinition
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks import (
    sap_ai_core_docker_registry_secret,
    sap_ai_core_docker_registry_secret_info,
)
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.direct import run_direct
from support.playbook import Playbook, task
from support.portals.portal import json_response, portal_on_loopback
from support.portals.sap import DOCKER, LOGIN, QUOTA, SapAiCore, sap_ai_core
from support.servers.clouds import aws
from support.servers.registries import PASSWORD, USER, htpasswd_registry

MODULE = "sap_ai_core_docker_registry_secret"
INFO = f"{MODULE}_info"
DEFINITIONS: Mapping[str, TaskDefinition] = {
    MODULE: sap_ai_core_docker_registry_secret.DEFINITION,
    INFO: sap_ai_core_docker_registry_secret_info.DEFINITION,
}

OLD = {"server": "ghcr.io", "username": "octo", "password": "ghcr-s3cret-1"}
NEW = {**OLD, "password": "ghcr-s3cret-2"}
HUB = {"server": "https://index.docker.io", "username": "acme", "password": "hub-s3cret"}
STORED = '{"auths":{"old.example.com":{"username":"a","password":"stored-s3cret"}}}'

TOKEN = ("POST", LOGIN)
GET = ("GET", f"{DOCKER}/web")
ASK_QUOTA = ("GET", f"{QUOTA}/dockerRegistrySecrets")
POST = ("POST", DOCKER)
PATCH = ("PATCH", f"{DOCKER}/web")
DELETE = ("DELETE", f"{DOCKER}/web")
LIST = ("GET", DOCKER)


@pytest.fixture
def sap() -> Iterator[SapAiCore]:
    with sap_ai_core() as server:
        yield server


def run(sap: SapAiCore, module: str = MODULE, *, check_mode: bool = False, **given: Any) -> dict[str, Any]:
    """Return the result in this process, without the seconds that a playbook takes. No secret is in it."""
    arguments = {"service_key": sap.service_key(), **given}
    if module == MODULE:
        arguments = {"name": "web", **arguments}
    retry_budget = given.pop("retry_budget", RetryBudget(per_request=5, total=10))
    arguments.pop("retry_budget", None)
    runtime = Runtime(check_mode=check_mode, environ={}, retry_budget=retry_budget)
    sap.forget()
    result = run_direct(f"keyring.kubernetes.{module}", DEFINITIONS[module], arguments, runtime)
    text = json.dumps(result)
    assert "s3cret" not in text
    assert sap.client_secret not in text
    assert not any(token in text for token in sap.tokens)
    return result


def passwords(sap: SapAiCore, name: str = "web") -> list[str]:
    return [entry["password"] for entry in json.loads(sap.secrets[name])["auths"].values()]


# --- Both ways of execution ---------------------------------------------------------------------------------------


def test_the_twelve_steps(sap: SapAiCore, playbook: Playbook) -> None:
    """Create, again, change, again, delete, again; each in check mode first, which only reads and decides the same."""
    key = playbook.directory / "sap-key.json"
    key.write_text(json.dumps(sap.service_key()))
    sap.reads_until_done = 1
    on_create = {"update_credentials": "on_create"}
    steps: list[tuple[str, dict[str, Any], str, list[tuple[str, str]]]] = [
        ("create", {"registries": [OLD, HUB]}, "created", [TOKEN, GET, ASK_QUOTA, POST, GET, GET]),
        ("again", {"registries": [OLD, HUB], **on_create}, "kept", [TOKEN, GET]),
        ("change", {"registries": [NEW]}, "updated", [TOKEN, GET, PATCH, GET]),
        ("change again", {"registries": [NEW]}, "updated", [TOKEN, GET, PATCH, GET]),
        ("delete", {"state": "absent", "in_use": "ignore"}, "deleted", [TOKEN, GET, DELETE, GET, GET]),
        ("delete again", {"state": "absent", "in_use": "ignore"}, "unchanged", [TOKEN, GET]),
    ]
    tasks: list[dict[str, Any]] = []
    for _name, given, _operation, _asked in steps:
        one = task(MODULE, name="web", service_key_file="sap-key.json", **given)
        tasks += [{**one, "check_mode": True}, one]

    results = playbook.run(tasks, "--diff").results

    expected: list[tuple[str, str]] = []
    for number, (name, _given, operation, asked) in enumerate(steps):
        predicted, real = results[2 * number : 2 * number + 2]
        assert (name, real["operation"], real["changed"]) == (name, operation, operation not in ("kept", "unchanged"))
        assert real["compared"] is False
        assert {**predicted, "request_id": None} == {**real, "request_id": None}
        reads = [request for request in asked[: asked.index(POST) if POST in asked else 2] if request[0] == "GET"]
        expected += [TOKEN, *reads, *asked]
    assert sap.asked == expected
    created, changed, deleted = results[1], results[5], results[9]
    assert created["quota"] == {"used": 0, "maximum": 50}
    assert created["portal"] == {"server": sap.url, "account": "acme-tenant"}
    assert [item["server"] for item in created["registries"]] == ["ghcr.io", "https://index.docker.io"]
    assert created["diff"]["before"] == {}
    entry = {"username": "octo", "password": "<hidden>", "auth": "<hidden>"}
    assert created["diff"]["after"]["registries"]["ghcr.io"] == entry
    assert changed["diff"]["before"] == deleted["diff"]["before"] == {"registries": "<not returned>"}
    assert changed["diff"]["after"] == {"registries": {"ghcr.io": entry}}
    assert sap.secrets == {}


def test_a_list_and_one_secret(sap: SapAiCore, playbook: Playbook) -> None:
    sap.secrets = dict.fromkeys(("web", "a-b", "a.b"), STORED)
    key = sap.service_key()
    tasks = [
        task(INFO, service_key=key),
        task(INFO, service_key=json.dumps(key), name="web"),
        task(INFO, service_key=key, name="none"),
        task(INFO, service_key=key, name="No Name"),
    ]
    run = playbook.run(tasks)
    every, one, none, refused = run.results

    assert every["secrets"] == [{"name": "a-b"}, {"name": "a.b"}, {"name": "web"}]
    assert one["secrets"] == [{"name": "web"}]
    assert none["secrets"] == []
    for result in (every, one, none):
        assert result["quota"] == {"used": 3, "maximum": 50}
        assert result["portal"] == {"server": sap.url, "account": "acme-tenant"}
        assert result["changed"] is False
    assert refused["failure"] == {"id": "invalid_option", "option": "name", "namespace": None}
    assert "s3cret" not in run.output


def test_refusals_and_files(sap: SapAiCore, playbook: Playbook) -> None:
    """What Ansible passes on in different ways: a file of the controller, a key as text, an error of the API."""
    (playbook.directory / "upload.txt").write_text(json.dumps({".dockerconfigjson": STORED}))
    key = sap.service_key()
    sap.fail_next(403, 2, only="POST /v2")
    both: dict[str, Any] = {"name": "web", "service_key": key}
    tasks = [
        task(MODULE, **both, registries=[OLD]),
        task(MODULE, **both, docker_config_file="upload.txt", expect_server="api.example.com"),
        task(MODULE, **both, service_key_file="upload.txt", registries=[OLD]),
        task(MODULE, name="web", service_key={**key, "clientsecret": 5}, registries=[OLD]),
        task(MODULE, name="web", service_key={**key, "clientsecret": "other-s3cret"}, registries=[OLD]),
        task(MODULE, **both, state="absent"),
        task(MODULE, **both, docker_config={".dockerconfigjson": STORED}, update_credentials="when_given"),
    ]
    run = playbook.run([*tasks, task(MODULE, **both, docker_config_file="upload.txt")], "-vvv")
    sap.fail_next(500, 0)

    failures = [result.get("failure", {}).get("id") for result in run.results]
    assert failures[:2] == ["forbidden", "unexpected_server"]
    assert failures[3:] == ["not_a_string", "unauthorized", "in_use_unknown", "invalid_option", "forbidden"]
    assert run.results[2]["failed"]
    assert run.results[0]["portal"] == {"server": sap.url, "account": "acme-tenant"}
    assert run.results[0]["request_id"] in run.results[0]["msg"]
    assert "s3cret" not in run.output
    assert sap.client_secret not in run.output


# --- Troubles -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trouble:
    """A trouble of the API, what the task makes of it, and the requests after the one for the name.

    ``exists`` is whether the secret exists before. ``failure`` is the id of a failure, None for a task that succeeds.
    """

    prepare: Callable[[SapAiCore], Any]
    operation: str
    asked: list[tuple[str, str]]
    exists: bool = False
    given: Mapping[str, Any] = field(default_factory=lambda: {"registries": [NEW]})
    failure: str | None = None
    changed: bool | None = None


ON_CREATE: dict[str, Any] = {"registries": [NEW], "update_credentials": "on_create"}
ABSENT: dict[str, Any] = {"state": "absent", "in_use": "ignore"}
NEVER: dict[str, Any] = {"wait_timeout": 1}


def lose(times: int = 1, reads: int = 0, existing: int = 409) -> Callable[[SapAiCore], None]:
    def prepare(sap: SapAiCore) -> None:
        sap.lose, sap.reads_until_done, sap.existing = times, reads, existing

    return prepare


def setting(name: str, value: Any) -> Callable[[SapAiCore], None]:
    return lambda sap: setattr(sap, name, value)


def failing(*arguments: Any, **keywords: Any) -> Callable[[SapAiCore], None]:
    return lambda sap: sap.fail_next(*arguments, **keywords)


def fail_after_create(sap: SapAiCore) -> None:
    """Let the portal answer that there is no secret, and refuse to answer the next time."""
    sap.fail_next(404, 1, only="GET /v2/admin/dockerRegistrySecrets/web")
    sap.fail_next(403, 9, only="GET /v2/admin/dockerRegistrySecrets/web")


TROUBLES: dict[str, Trouble] = {
    "a create that may not be seen": Trouble(
        fail_after_create, "failed", [ASK_QUOTA, POST, GET], failure="forbidden", changed=True
    ),
    "a lost answer to a create": Trouble(lose(), "created", [ASK_QUOTA, POST, GET, PATCH, GET]),
    "a lost answer to a create that is done later": Trouble(
        lose(reads=3), "created", [ASK_QUOTA, POST, GET, POST, GET, GET, GET]
    ),
    "a lost answer to a create, and 400 for what exists": Trouble(
        lose(reads=2, existing=400), "created", [ASK_QUOTA, POST, GET, POST, GET, GET, PATCH, GET]
    ),
    "a lost answer to a create that is never changed": Trouble(
        lose(), "created", [ASK_QUOTA, POST, GET], given=ON_CREATE
    ),
    "a lost create": Trouble(setting("drop", 1), "created", [ASK_QUOTA, POST, GET, POST, GET]),
    "three lost creates": Trouble(
        setting("drop", 3),
        "failed",
        [ASK_QUOTA, POST, GET, POST, GET, POST],
        failure="outcome_unknown",
        changed=True,
    ),
    "a lost answer to an update": Trouble(lose(), "updated", [PATCH, GET, PATCH, GET], exists=True),
    "a lost update": Trouble(setting("drop", 1), "updated", [PATCH, GET, PATCH, GET], exists=True),
    "a lost answer to a delete": Trouble(lose(), "deleted", [DELETE, GET], exists=True, given=ABSENT),
    "a lost answer to a delete that is done later": Trouble(
        lose(reads=2), "deleted", [DELETE, GET, DELETE, GET, GET], exists=True, given=ABSENT
    ),
    "a lost delete": Trouble(setting("drop", 1), "deleted", [DELETE, GET, DELETE, GET], exists=True, given=ABSENT),
    "a create that is done later": Trouble(
        setting("reads_until_done", 3), "created", [ASK_QUOTA, POST, GET, GET, GET, GET]
    ),
    "a create that is never done": Trouble(
        setting("never_done", True),
        "failed",
        [ASK_QUOTA, POST, GET, GET, GET, GET],
        given={"registries": [NEW], **NEVER},
        failure="outcome_unknown",
        changed=True,
    ),
    "a create that is not waited for": Trouble(
        setting("never_done", True), "created", [ASK_QUOTA, POST], given={"registries": [NEW], "wait": False}
    ),
    "a delete that is never done": Trouble(
        setting("never_done", True),
        "failed",
        [DELETE, GET, GET, GET, GET],
        exists=True,
        given={**ABSENT, **NEVER},
        failure="outcome_unknown",
        changed=True,
    ),
    "a delete that is not waited for": Trouble(
        setting("never_done", True), "deleted", [DELETE], exists=True, given={**ABSENT, "wait": False}
    ),
    "a token for one request": Trouble(
        setting("token_uses", 1),
        "created",
        [ASK_QUOTA, TOKEN, ASK_QUOTA, POST, TOKEN, POST, GET, TOKEN, GET],
    ),
    "too many requests": Trouble(failing(429, only="POST /v2", retry_after=1), "created", [ASK_QUOTA, POST, POST, GET]),
    "too many requests for an hour": Trouble(
        failing(429, only="POST /v2", retry_after=3600), "failed", [ASK_QUOTA, POST], failure="server_error"
    ),
    "too many requests of an update": Trouble(
        failing(429, only="PATCH", retry_after=1), "updated", [PATCH, PATCH, GET], exists=True
    ),
    "a portal in trouble": Trouble(failing(503, only="POST /v2"), "created", [ASK_QUOTA, POST, GET, POST, GET]),
    "a portal in lasting trouble": Trouble(
        failing(500, 9, only="POST /v2"),
        "failed",
        [ASK_QUOTA, POST, GET, POST, GET, POST],
        failure="outcome_unknown",
        changed=True,
    ),
    "another client that creates it": Trouble(
        failing(409, only="POST /v2"), "created", [ASK_QUOTA, POST, GET, POST, GET]
    ),
    "another client that creates it for ever": Trouble(
        failing(409, 9, only="POST /v2"), "failed", [ASK_QUOTA, POST, GET, POST, GET, POST], failure="conflict"
    ),
    "another client that deletes it": Trouble(
        failing(404, only="PATCH"), "updated", [PATCH, GET, PATCH, GET], exists=True
    ),
    "another client that deletes it, too": Trouble(
        failing(404, only="DELETE"), "deleted", [DELETE, GET, DELETE, GET], exists=True, given=ABSENT
    ),
    "a full quota": Trouble(setting("limits", {"dockerRegistrySecrets": 0}), "failed", [ASK_QUOTA], failure="quota"),
    "a full quota and an existing secret": Trouble(
        setting("limits", {"dockerRegistrySecrets": 1}), "updated", [PATCH, GET], exists=True
    ),
    "a quota that may not be read": Trouble(
        failing(403, only="GET /v2/admin/resourceQuota"), "created", [ASK_QUOTA, POST, GET]
    ),
    "a quota that is not there": Trouble(
        failing(404, only="GET /v2/admin/resourceQuota"), "created", [ASK_QUOTA, POST, GET]
    ),
    "a quota that is text": Trouble(
        failing(200, only="GET /v2/admin/resourceQuota", body='{"quota": "50", "usage": [1]}'),
        "created",
        [ASK_QUOTA, POST, GET],
    ),
}


@pytest.mark.parametrize("case", TROUBLES)
def test_a_trouble(case: str, sap: SapAiCore) -> None:
    trouble = TROUBLES[case]
    if trouble.exists:
        sap.secrets = {"web": STORED}
    trouble.prepare(sap)

    result = run(sap, **trouble.given)

    assert result["operation"] == trouble.operation, result.get("msg")
    assert result.get("failure", {}).get("id") == trouble.failure
    assert sap.asked == [TOKEN, GET, *trouble.asked]
    changed = trouble.operation in ("created", "updated", "deleted") if trouble.changed is None else trouble.changed
    assert result["changed"] is changed
    assert result["portal"] == {"server": sap.url, "account": "acme-tenant"}
    assert (result["name"], result["compared"]) == ("web", False)
    if trouble.operation in ("created", "updated") and not sap.never_done:
        assert passwords(sap) == [NEW["password"]]
    assert bool(result["warnings"]) is case.startswith("a quota that")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 415, 422, 500, 502, 503, 504])
@pytest.mark.parametrize("request_", [GET, ASK_QUOTA, POST, PATCH, DELETE], ids=lambda pair: f"{pair[0]} {pair[1]}")
def test_every_error_of_the_document(status: int, request_: tuple[str, str], sap: SapAiCore) -> None:
    """Each error has an id, its status and the ID of the request, and says nothing of what was sent."""
    sap.secrets = {"web": STORED} if request_ in (PATCH, DELETE) else {}
    sap.echo_secrets = True
    sap.fail_next(status, 99, only=" ".join(request_))
    given: dict[str, Any] = (
        {**ABSENT, "wait_timeout": 1} if request_ == DELETE else {"registries": [NEW], "wait_timeout": 1}
    )

    result = run(sap, **given)

    if (status, request_) in ((404, GET), (403, ASK_QUOTA), (404, ASK_QUOTA)):
        return
    is_write = request_ in (POST, PATCH, DELETE)
    assert result["failed"]
    assert result["failure"]["id"] != "internal_error"
    assert str(status) in result["msg"]
    assert result["request_id"] in result["msg"]
    assert result["changed"] is (is_write and status >= 500)
    assert (result["failure"]["id"] == "outcome_unknown") is (is_write and status >= 500)
    assert sap.secrets == ({"web": STORED} if request_ in (PATCH, DELETE) else {})


@pytest.mark.parametrize("is_accepted", [False, True])
def test_a_deletion_that_is_still_going_on(is_accepted: bool, sap: SapAiCore) -> None:
    """The secret is there when the task looks, and the earlier deletion removes it before or after the update."""
    sap.secrets = {"web": STORED}
    sap.reads_until_done = 1
    deleted = run(sap, **ABSENT, wait=False)
    sap.reads_until_done = 0
    if is_accepted:
        sap.fail_next(202, only=" ".join(PATCH), body="{}")
    result = run(sap, registries=[NEW])

    assert deleted["operation"] == "deleted"
    assert (result["operation"], result["quota"]) == ("created", {"used": 0, "maximum": 50})
    assert passwords(sap) == [NEW["password"]]
    assert sap.asked == [TOKEN, GET, PATCH, *([GET] if is_accepted else []), GET, ASK_QUOTA, POST, GET]


@pytest.mark.parametrize("times", [2, 999], ids=["passing", "lasting"])
def test_a_wait_ends_in_time_although_reads_fail(times: int, sap: SapAiCore) -> None:
    sap.fail_next(404, only=" ".join(GET))
    sap.fail_next(503, times, only=" ".join(GET))
    begin = time.monotonic()
    result = run(sap, registries=[NEW], wait_timeout=2, retry_budget=RetryBudget(per_request=60, total=60))

    assert time.monotonic() - begin < 20
    assert result["changed"]
    assert result.get("failure", {}).get("id") == (None if times == 2 else "outcome_unknown")


def test_warnings_are_reported_with_a_failure(sap: SapAiCore) -> None:
    sap.fail_next(403, only=" ".join(ASK_QUOTA))
    sap.fail_next(400, only=" ".join(POST))
    image: dict[str, Any] = {"images": ["quay.io/acme/app"], "preflight": "warn"}
    result = run(sap, registries=[{**NEW, "password": f" {NEW['password']}"}], **image)

    assert result["failure"]["id"] == "rejected"
    parts = ("quota of Docker", "no matching credentials", "begins or ends")
    assert [len([text for text in result["warnings"] if part in text]) for part in parts] == [1] * 3


HOSTILE = {
    "HTML": "<html>",
    "nothing": "",
    "null": "null",
    "a list": "[]",
    "a string": '"web"',
    "a number": "7",
    "an empty object": "{}",
    "another name": '{"name": "other"}',
    "a name that is a number": '{"name": 5}',
    "a name that is a list": '{"name": ["web"]}',
    "half an object": '{"name": "web"',
    "JSON that nests too deeply": "[" * 100_000,
    "not UTF-8 as text": "\ud800",
    "10 MB": '{"name": "' + "x" * 10_000_000 + '"}',
}


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.parametrize("given", [{"registries": [NEW]}, ABSENT], ids=["present", "absent"])
def test_a_hostile_answer_writes_nothing(case: str, given: dict[str, Any], sap: SapAiCore) -> None:
    sap.secrets = {"web": STORED}
    body = HOSTILE[case].encode(errors="surrogatepass").decode("latin-1")
    sap.fail_next(200, 99, only="GET /v2", body=body)

    result = run(sap, **given)

    assert result["failure"]["id"] == "unreachable"
    assert "did not answer like SAP AI Core" in result["msg"]
    assert result["changed"] is False
    assert not {"POST /v2", "PATCH", "DELETE"} & {method for method, _path in sap.asked}
    assert sap.secrets == {"web": STORED}


def names_of(number: int) -> list[dict[str, str]]:
    return [{"name": f"name-{index:05}"} for index in range(number)]


LISTS: dict[str, tuple[Any, int | None]] = {
    "10,000 names, and a count that is too small": ({"count": 1, "resources": names_of(10_000)}, 10_000),
    "10,000 names, and a count that is too large": ({"count": 10**12, "resources": names_of(10_000)}, 10_000),
    "a count that is a string": ({"count": "many", "resources": names_of(3)}, None),
    "the same name twice": ({"count": 2, "resources": [*names_of(1), *names_of(1)]}, 1),
    "nothing, and a count": ({"count": 5, "resources": []}, None),
    "null": (None, None),
    "a list": (names_of(1), None),
    "names alone": ({"count": 1, "resources": ["web"]}, None),
    "a name that is a number": ({"count": 1, "resources": [{"name": 5}]}, None),
    "a name with an escape sequence": ({"count": 2, "resources": [{"name": "\x1b[2J"}, *names_of(1)]}, 1),
}


@pytest.mark.parametrize("case", LISTS)
def test_a_hostile_list(case: str, sap: SapAiCore) -> None:
    """Each page is the same, as from a server that ignores $skip."""
    document, number = LISTS[case]
    sap.fail_next(200, 99, only="GET /v2/admin/dockerRegistrySecrets", body=json.dumps(document))

    result = run(sap, INFO)

    if number is None:
        assert result["failure"]["id"] == "unreachable"
        return
    assert [item["name"] for item in result["secrets"]] == [item["name"] for item in names_of(number)]
    left_out = [warning for warning in result["warnings"] if "leaves out 1 Docker registry secrets" in warning]
    assert bool(left_out) is ("escape" in case)
    assert len(sap.asked) <= 4


class Endless(SapAiCore):
    """A portal whose list has no end, or that lists the tokens that it got as names."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._numbers = count()
        self.names_tokens = False

    def _list_secrets(self, request: Request) -> Response:
        if self.names_tokens:
            return json_response({"count": 1, "resources": [{"name": list(self.tokens)[-1]}]})
        return json_response({"count": 9, "resources": [{"name": f"n{next(self._numbers)}"} for _index in range(100)]})


@pytest.mark.parametrize("names_tokens", [False, True])
def test_a_list_without_end_and_one_with_our_token(names_tokens: bool) -> None:
    with portal_on_loopback(Endless(), "sap", None) as sap:
        sap.names_tokens = names_tokens
        result = run(sap, INFO)

    assert result["failure"]["id"] == "unreachable"
    assert len(sap.asked) <= 102


def test_every_page_is_read(sap: SapAiCore) -> None:
    names = [f"secret-{number}" for number in range(230)]
    sap.secrets = dict.fromkeys(names, STORED)
    sap.limits["dockerRegistrySecrets"] = 500

    result = run(sap, INFO)

    assert [item["name"] for item in result["secrets"]] == sorted(names)
    assert sap.asked == [TOKEN, LIST, LIST, LIST, ASK_QUOTA]
    assert result["quota"] == {"used": 230, "maximum": 500}


def test_a_full_quota_is_in_the_result(sap: SapAiCore) -> None:
    sap.secrets = {f"secret-{number}": STORED for number in range(50)}
    for check_mode in (True, False):
        result = run(sap, check_mode=check_mode, registries=[NEW])
        assert result["failure"] == {"id": "quota", "option": None, "namespace": None}
        assert result["quota"] == {"used": 50, "maximum": 50}
        assert sap.asked == [TOKEN, GET, ASK_QUOTA]


@pytest.mark.parametrize("password", ['quote"s3cret', "back\\s3cret", "new\tline-s3cret", "ümläut-s3cret", "<&>s3cret"])
def test_a_portal_that_quotes_the_request(password: str, sap: SapAiCore) -> None:
    sap.echo_secrets = True
    sap.fail_next(400, only="POST /v2")
    result = run(sap, registries=[{**NEW, "password": password}])
    assert result["failure"]["id"] == "rejected"
    assert password.replace("s3cret", "") not in json.dumps(result)


def test_a_name_that_is_a_password_is_refused(sap: SapAiCore) -> None:
    result = run_direct(
        MODULE,
        DEFINITIONS[MODULE],
        {"service_key": sap.service_key(), "name": "ghcr-s3cret-2", "registries": [NEW]},
        Runtime(check_mode=False, environ={}),
    )
    assert result["failure"] == {"id": "invalid_option", "option": "name", "namespace": None}
    assert "ghcr-s3cret-2" not in result["msg"]
    assert sap.asked == []


def test_a_portal_with_tls_and_a_certificate_as_login(tmp_path: Path) -> None:
    with sap_ai_core(tmp_path) as sap:
        for given, failure in (
            ({"service_key": sap.x509_service_key(), "ca_cert": sap.ca_cert}, None),
            ({"service_key": sap.service_key(), "ca_cert": sap.ca_cert}, None),
            ({"service_key": sap.x509_service_key(), "validate_certs": False}, None),
            ({"service_key": sap.service_key()}, "tls_failed"),
        ):
            result = run(sap, registries=[NEW], **given)
            assert result.get("failure", {}).get("id") == failure, result.get("msg")
        assert passwords(sap) == [NEW["password"]]


# --- Credentials --------------------------------------------------------------------------------------------------


def test_a_token_is_minted_when_the_secret_is_written(sap: SapAiCore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "aws-s3cret-of-somebody")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with aws() as cloud:
        options = {"account_id": "123456789012", "region": "eu-central-1", "endpoint_url": cloud.url}
        registries = [{"preset": "ecr", "preset_options": options}]
        predicted = run(sap, check_mode=True, registries=registries)
        assert cloud.asked == []
        created = run(sap, registries=registries)
        kept = run(sap, registries=registries, update_credentials="on_create")
        updated = run(sap, registries=registries)
        tokens = list(cloud.tokens)

    server = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
    results = (predicted, created, kept, updated)
    assert [result["operation"] for result in results] == ["created", "created", "kept", "updated"]
    assert [result["minted"] for result in results] == [[server], [server], [], [server]]
    assert predicted["next_run_before"] == "<known after apply>"
    assert kept["next_run_before"] is None
    assert created["registries"][0]["expires_at"] == created["next_run_before"]
    assert len(tokens) == 2
    assert passwords(sap) == tokens[1:]
    assert not any(token in json.dumps(results) for token in tokens)


def test_credentials_are_verified_before_they_are_written(sap: SapAiCore, tmp_path: Path) -> None:
    with htpasswd_registry("team/app:1") as registry:
        ca_cert = tmp_path / "ca.crt"
        ca_cert.write_bytes(registry.ca or b"")
        image = f"{registry.location}/team/app:1"
        common: dict[str, Any] = {"verify": True, "verify_ca_cert": str(ca_cert), "images": [image]}
        wrong = {"server": registry.location, "username": USER, "password": "wrong-s3cret"}
        right = {**wrong, "password": PASSWORD}

        denied = run(sap, registries=[wrong], **common)
        assert denied["failure"] == {"id": "denied_by_registry", "option": "registries[0]", "namespace": None}
        assert sap.asked == [TOKEN, GET, ASK_QUOTA]
        predicted = run(sap, check_mode=True, registries=[right], **common)
        written = run(sap, registries=[right], verify_require="pullable", **common)
        kept = run(sap, registries=[wrong], update_credentials="on_create", **common)

    assert [item["outcome"] for item in denied["verified"]] == ["denied"]
    assert [item["outcome"] for item in predicted["verified"]] == ["pullable"]
    assert written["operation"] == "created"
    assert written["images"] == [{"image": image, "server": registry.location, "username": USER}]
    assert (kept["operation"], kept["verified"], kept["images"]) == ("kept", [], None)


def test_an_image_that_is_not_served_is_refused(sap: SapAiCore) -> None:
    refused = run(sap, registries=[NEW], images=["quay.io/acme/app"])
    assert refused["failure"] == {"id": "image_not_served", "option": "images", "namespace": None}
    assert POST not in sap.asked
    warned = run(sap, registries=[NEW], images=["quay.io/acme/app"], preflight="warn")
    assert warned["operation"] == "created"
    assert "has no matching credentials" in warned["warnings"][0]
