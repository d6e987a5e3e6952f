# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An API server in trouble: what passes is waited out, what does not is told for each namespace.

The faults are injected by a proxy between the task and the real server.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.retries import RetryBudget
from support.cluster import Cluster, Identity
from support.many_namespaces import GHCR, GHCR_ROTATED, NAME, QUAY, make, run_task, told
from support.playbook import Playbook, task
from support.processes import kill_tree, wait_until
from support.rbac import documented_rules
from support.servers.fault_proxy import in_front_of, through
from support.servers.fault_rules import CLOSE, HALF, HANG, LOST, RESET, Fault, Rule, delay, refuse

RULES = documented_rules(NAME, "ClusterRole")
WRITES = ("POST", "PATCH", "DELETE")


def failure(name: str, namespace: str | None = None) -> dict[str, str | None]:
    return {"id": name, "option": None, "namespace": namespace}


def on_writes(fault: Fault, every: int) -> Rule:
    return Rule(fault, methods=WRITES, path="/secrets", every=every)


def on_reads(fault: Fault, first: int) -> Rule:
    return Rule(fault, methods=("GET",), first=first)


PASSING: Mapping[str, Sequence[Rule]] = {
    "too-many-requests": (on_writes(refuse(429, {"Retry-After": "1"}), 5), on_reads(refuse(429), 2)),
    "internal-errors": (on_writes(refuse(500), 4), on_reads(refuse(500), 2)),
    "unavailable": (on_writes(refuse(503, {"Retry-After": "1"}), 5), on_reads(refuse(503), 2)),
    "done-and-yet-an-error": (on_writes(refuse(504, forward=True), 3),),
    "reset-before-it-arrives": (on_writes(RESET, 4), on_reads(RESET, 2)),
    "closed-without-an-answer": (on_writes(CLOSE, 4), on_reads(CLOSE, 2)),
    "done-and-the-answer-lost": (on_writes(LOST, 3), on_reads(LOST, 1)),
    "half-an-answer": (on_writes(HALF, 3), on_reads(HALF, 2)),
    "slow": (on_writes(delay(1), 5), on_reads(delay(1), 1)),
    "conflicts": (on_writes(refuse(409), 10),),
    "everything-at-once": (
        on_writes(refuse(409), 10),
        on_writes(LOST, 4),
        on_writes(refuse(503), 5),
        on_writes(RESET, 6),
        on_reads(HALF, 2),
    ),
}


@pytest.mark.parametrize("trouble", PASSING)
def test_what_passes_is_waited_out(
    cluster: Cluster, namespace: str, playbook: Playbook, writer: Identity, trouble: str
) -> None:
    names = make(cluster, namespace, *(f"{number:02}" for number in range(12)))
    with in_front_of(cluster, writer, *PASSING[trouble]) as proxy:
        common = {"name": NAME, "namespaces": [f"{namespace}-*"], **through(proxy, writer)}
        steps = [({"registries": [GHCR]}, "created"), ({"registries": [GHCR_ROTATED, QUAY]}, "updated")]
        results = playbook.run(
            [
                *(task("image_pull_secret", **common, **arguments) for arguments, _operation in steps),
                task("image_pull_secret", **common, state="absent"),
            ]
        ).results

    assert [told(result) for result in results] == [
        dict.fromkeys(names, operation) for operation in ("created", "updated", "deleted")
    ]
    assert not any(result["failed"] for result in results)
    faults = {seen.fault for seen in proxy.seen if seen.fault}
    assert faults == {rule.fault.name for rule in PASSING[trouble]}


def test_a_secret_that_is_made_anew_survives_lost_answers(
    cluster: Cluster, namespace: str, playbook: Playbook, writer: Identity
) -> None:
    stored = json.dumps({"auths": {"foreign.example": {"username": "a", "password": "foreign-password"}}})
    cluster.create_secret(namespace, NAME, type="Opaque", string_data={".dockerconfigjson": stored})
    rules = [Rule(LOST, methods=("POST",), every=2, first=1), Rule(LOST, methods=("DELETE",), first=1)]
    with in_front_of(cluster, writer, *rules) as proxy:
        (result,) = playbook.run(
            [
                task(
                    "image_pull_secret",
                    name=NAME,
                    namespace=namespace,
                    registries=[GHCR],
                    recreate=True,
                    **through(proxy, writer),
                )
            ]
        ).results

    assert result["operation"] == "recreated"
    assert cluster.read_auths(namespace, NAME).keys() == {"foreign.example", "ghcr.io"}
    assert proxy.count(fault="lost") == 2


@contextmanager
def another_client(begin: Callable[[], bool], act: Callable[[], object]) -> Iterator[None]:
    """Act once, as soon as the condition holds. Fail when that was never."""

    def wait_and_act() -> None:
        wait_until(begin)
        act()

    thread = threading.Thread(target=wait_and_act)
    thread.start()
    yield
    thread.join(timeout=1)
    assert not thread.is_alive(), "the other client had no occasion"


def test_a_write_that_was_done_is_not_denied_after_conflicts(
    cluster: Cluster, namespace: str, playbook: Playbook, writer: Identity
) -> None:
    """The Secret is created, which is answered with an error; another client changes it, and no change succeeds."""
    created = dataclasses.replace(refuse(500, forward=True), wait=2.0)
    rules = [Rule(created, methods=("POST",), first=1), Rule(refuse(409), methods=("PATCH",))]
    empty = {"stringData": {".dockerconfigjson": json.dumps({"auths": {}})}}
    with in_front_of(cluster, writer, *rules) as proxy:
        arguments = {"name": NAME, "namespace": namespace, "registries": [GHCR], **through(proxy, writer)}
        change = partial(cluster.api.patch_namespaced_secret, NAME, namespace, empty)
        with another_client(lambda: is_there(cluster, namespace), change):
            (result,) = playbook.run([task("image_pull_secret", **arguments)]).results

    assert (result["failed"], result["changed"]) == (True, True)
    assert result["failure"] == failure("outcome_unknown", namespace)
    assert "Nothing was written" not in result["msg"]


def test_a_secret_that_another_client_created_again_is_not_reported_as_missing(
    cluster: Cluster, namespace: str, playbook: Playbook, writer: Identity
) -> None:
    cluster.create_secret(namespace, NAME, type="Opaque", string_data={"extra": "mine"})
    with in_front_of(cluster, writer, Rule(delay(2), methods=("DELETE",))) as proxy:
        arguments = {"name": NAME, "namespace": namespace, "registries": [GHCR], "recreate": True}
        create = partial(cluster.create_secret, namespace, NAME, type="Opaque", string_data={"extra": "of another"})
        with another_client(lambda: not is_there(cluster, namespace), create):
            (result,) = playbook.run([task("image_pull_secret", **arguments, **through(proxy, writer))]).results

    assert (result["failed"], result["changed"]) == (True, True)
    assert result["failure"] == failure("conflict", namespace)
    assert result["msg"].endswith(
        "Another client has created it again meanwhile; its Secret was kept. Run the task again."
    )
    assert cluster.read_secret(namespace, NAME)["data"].keys() == {"extra"}


def test_a_server_that_is_gone_for_a_while(
    cluster: Cluster, namespace: str, playbook: Playbook, writer: Identity
) -> None:
    names = make(cluster, namespace, *(f"{number:03}" for number in range(60)))
    with in_front_of(cluster, writer, Rule(delay(0.05), methods=("POST",))) as proxy:

        def restart() -> None:
            wait_until(lambda: proxy.count(method="POST", status=201) >= 20)
            proxy.down()
            time.sleep(3)
            proxy.up()

        thread = threading.Thread(target=restart)
        thread.start()
        arguments = {"name": NAME, "namespaces": [f"{namespace}-*"], "registries": [GHCR]}
        (result,) = playbook.run([task("image_pull_secret", **arguments, **through(proxy, writer))]).results
        thread.join()

    assert told(result) == dict.fromkeys(names, "created")


def test_a_server_that_is_gone_for_good(cluster: Cluster, namespace: str, writer: Identity) -> None:
    names = make(cluster, namespace, *(f"{number:03}" for number in range(60)))
    with in_front_of(cluster, writer, Rule(delay(0.05), methods=("POST",))) as proxy:

        def end() -> None:
            wait_until(lambda: proxy.count(method="POST", status=201) >= 20)
            proxy.down()

        threading.Thread(target=end).start()
        result = run_task(
            RetryBudget(per_request=1, total=1),
            namespaces=[f"{namespace}-*"],
            registries=[GHCR],
            **through(proxy, writer),
        )

    counts = result["summary"]
    assert result["msg"].startswith("Cannot reach the API server http://127.0.0.1:")
    assert f"{counts['not_tried']} of 60 namespaces were not tried." in result["msg"]
    assert result["changed"]
    assert counts["created"] >= 12
    assert counts["created"] + counts["not_tried"] == len(names)
    assert sorted([*result["created"], *result["not_tried"]]) == names
    # Which of them it is depends on whether a write was under way.
    assert result["failure"] in (failure("unreachable"), failure("outcome_unknown"))
    assert result["secrets"] == []


def test_credentials_that_end_on_the_way(
    cluster: Cluster, namespace: str, playbook: Playbook, writer: Identity
) -> None:
    make(cluster, namespace, *(f"{number:02}" for number in range(20)))
    rules = [Rule(refuse(401, reason="Unauthorized"), methods=("POST",), skip=5)]
    with in_front_of(cluster, writer, *rules) as proxy:
        arguments = {"name": NAME, "namespaces": [f"{namespace}-*"], "registries": [GHCR], "concurrency": 1}
        (result,) = playbook.run([task("image_pull_secret", **arguments, **through(proxy, writer))]).results

    assert "not authenticated (401)" in result["msg"]
    assert "15 of 20 namespaces were not tried. Another run does what is left." in result["msg"]
    assert (result["summary"]["created"], result["summary"]["not_tried"]) == (5, 15)
    assert (len(result["created"]), len(result["not_tried"])) == (5, 15)
    assert result["failure"] == failure("unauthorized")
    assert proxy.count(method="POST") == 6


def test_what_does_not_pass_is_told_for_its_namespace(cluster: Cluster, namespace: str, writer: Identity) -> None:
    good, bad = make(cluster, namespace, "good", "bad")
    rules = [Rule(refuse(503), methods=WRITES, path=f"/{bad}/")]
    began = time.monotonic()
    with in_front_of(cluster, writer, *rules) as proxy:
        result = run_task(
            RetryBudget(per_request=1, total=2),
            namespaces=[f"{namespace}-*"],
            registries=[GHCR],
            **through(proxy, writer),
        )

    assert told(result) == {good: "created", bad: "failed"}
    assert f"{bad}: Cannot create Secret {bad}/{NAME}: the server answers 503." in result["msg"]
    assert "It is not known whether this create was carried out." in result["msg"]
    assert result["failure"] == result["secrets"][0]["failure"] == failure("outcome_unknown", bad)
    assert 2 < proxy.count(method="POST", fault="503") < 20
    assert time.monotonic() - began < 10


def test_the_budget_of_a_task_is_shared_by_its_namespaces(cluster: Cluster, namespace: str, writer: Identity) -> None:
    """With a second for each of 30 namespaces on two threads it would take 15 seconds."""
    make(cluster, namespace, *(f"{number:02}" for number in range(30)))
    rules = [Rule(refuse(500), methods=WRITES)]
    began = time.monotonic()
    with in_front_of(cluster, writer, *rules) as proxy:
        result = run_task(
            RetryBudget(per_request=1, total=2),
            namespaces=[f"{namespace}-*"],
            registries=[GHCR],
            concurrency=2,
            **through(proxy, writer),
        )

    assert result["summary"]["failed"] == 30
    assert result["msg"].count("the server answers 500") == 1
    assert " and 19 more." in result["msg"]
    assert time.monotonic() - began < 8


def test_a_server_that_does_not_answer(cluster: Cluster, namespace: str, writer: Identity) -> None:
    with in_front_of(cluster, writer, Rule(HANG, methods=("GET",), first=1)) as proxy:
        retry_budget = RetryBudget(per_request=10, total=10, to_answer=1)
        once = run_task(retry_budget, namespace=namespace, registries=[GHCR], **through(proxy, writer))
    with in_front_of(cluster, writer, Rule(HANG)) as proxy:
        retry_budget = RetryBudget(per_request=2, total=2, to_answer=1)
        ever = run_task(retry_budget, namespace=namespace, registries=[GHCR], **through(proxy, writer))

    assert once["operation"] == "created"
    assert (
        ever["msg"] == f"Cannot reach the API server {proxy.url}: no answer within 1 seconds. Run the task again later."
    )
    assert ever["failure"] == failure("unreachable", namespace)


def test_the_time_limit_of_a_task_ends_it(
    cluster: Cluster, namespace: str, playbook: Playbook, writer: Identity
) -> None:
    make(cluster, namespace, *(f"{number:02}" for number in range(20)))
    with in_front_of(cluster, writer, Rule(HANG, methods=("POST",), skip=10)) as proxy:
        arguments = {"name": NAME, "namespaces": [f"{namespace}-*"], "registries": [GHCR], **through(proxy, writer)}
        began = time.monotonic()
        limited = {**task("image_pull_secret", **arguments), "timeout": 3}
        (result,) = playbook.run([limited]).results

        assert time.monotonic() - began < 15
        assert result["failed"]
        assert "timed out" in result["msg"].lower() or "timeout" in result["msg"].lower()
    playbook.results.clear()  # what had been done by then differs


def test_a_playbook_that_is_killed_half_way(
    cluster: Cluster, namespace: str, playbook: Playbook, writer: Identity
) -> None:
    names = make(cluster, namespace, *(f"{number:03}" for number in range(100)))
    with in_front_of(cluster, writer, Rule(delay(0.1), methods=("POST",))) as proxy:
        arguments = {"name": NAME, "namespaces": [f"{namespace}-*"], "registries": [GHCR], **through(proxy, writer)}
        process = subprocess.Popen(
            playbook.command([task("image_pull_secret", **arguments)]),
            env=playbook.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: proxy.count(method="POST", status=201) >= 20)
        kill_tree(process.pid)  # Ansible's workers outlive it
        process.wait()
        time.sleep(0.5)  # what is on its way arrives
        done = [name for name in names if is_there(cluster, name)]
        (again,) = playbook.run([task("image_pull_secret", **arguments)]).results

    assert 20 <= len(done) < len(names)
    assert told(again) == {name: "created" for name in names if name not in done}
    assert again["summary"]["unchanged"] == len(done)
    playbook.results.clear()  # how far it had come differs


def is_there(cluster: Cluster, namespace: str) -> bool:
    return bool(cluster.api.list_namespaced_secret(namespace).items)


# What the server answers for good, and the failure of the task.
ANSWERS: Mapping[str, tuple[Rule, str]] = {
    "busy": (Rule(refuse(429), methods=("GET",)), "server_error"),
    "unavailable": (Rule(refuse(503), methods=("GET",)), "server_error"),
    "no-such-status": (Rule(refuse(418), methods=("POST",)), "rejected"),
    "conflicts": (Rule(refuse(409), methods=("POST",)), "conflict"),
    "unknown": (Rule(LOST, methods=("POST", "GET"), skip=2), "outcome_unknown"),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_id_of_an_answer(cluster: Cluster, namespace: str, writer: Identity, answer: str) -> None:
    rule, name = ANSWERS[answer]
    with in_front_of(cluster, writer, rule) as proxy:
        retry_budget = RetryBudget(per_request=0.5, total=0.5)
        result = run_task(retry_budget, namespace=namespace, registries=[GHCR], **through(proxy, writer))

    assert result["failure"] == failure(name, namespace)
