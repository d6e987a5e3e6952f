# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A link that is refused: what was written before it is told, another run finishes, and no Secret goes before it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.retries import RetryBudget
from support.cluster import Cluster, Identity, controller_held, verbs
from support.many_namespaces import GHCR, NAME, RULES, holding, keep, make, run_task, summary, told, without
from support.playbook import Playbook
from support.servers.fault_proxy import in_front_of, through
from support.servers.fault_rules import CLOSE, LOST, Rule, refuse

ACCOUNTS = ["default", "builder"]
# May link the first of the two ServiceAccounts.
HALF = [
    *without("patch", "serviceaccounts"),
    {"apiGroups": [""], "resources": ["serviceaccounts"], "resourceNames": ["default"], "verbs": ["patch"]},
]
FORBIDDEN = (
    "Cannot patch ServiceAccount {0}/{1}: forbidden (403). The identity {2} needs the verb patch on serviceaccounts in "
    "namespace {0}. Bind it to a Role with that rule; the guide to permissions shows the whole Role."
)

BOTH_FORBIDDEN = f"{FORBIDDEN} Another ServiceAccount of this namespace failed, too."


def linked(cluster: Cluster, namespace: str) -> list[str]:
    """The ServiceAccounts that name the Secret."""
    return [
        account.metadata.name
        for account in cluster.api.list_namespaced_service_account(namespace).items
        if NAME in [item.name for item in account.image_pull_secrets or ()]
    ]


def create_accounts(cluster: Cluster, *namespaces: str) -> None:
    for namespace in namespaces:
        for name in ACCOUNTS:
            cluster.create_account(namespace, name)


def test_a_link_that_is_refused_in_one_namespace(
    cluster: Cluster, namespace: str, playbook: Playbook, writer: Identity
) -> None:
    none = cluster.identity(namespace, without("patch", "serviceaccounts"))
    half = cluster.identity(namespace, HALF)
    create_accounts(cluster, namespace)
    given: dict[str, Any] = {"namespace": namespace, "service_accounts": ACCOUNTS}
    present: dict[str, Any] = {"registries": [GHCR], **given}

    results = playbook.run(
        [
            keep(none, **present),
            keep(none, **present),
            keep(half, **present),
            keep(writer, **present),
            keep(writer, **present),
        ]
    ).results

    first, again, some, rest, done = results
    assert (first["msg"], first["changed"]) == (BOTH_FORBIDDEN.format(namespace, "default", none.user), True)
    assert (again["msg"], again["changed"]) == (first["msg"], False)
    assert (some["msg"], some["changed"]) == (FORBIDDEN.format(namespace, "builder", half.user), True)
    assert (rest["operation"], rest["changed"]) == ("updated", True)
    assert rest["links"] == [
        {"service_account": "default", "operation": "unchanged"},
        {"service_account": "builder", "operation": "linked"},
    ]
    assert done["operation"] == "unchanged"
    assert linked(cluster, namespace) == sorted(ACCOUNTS)

    absent = {**given, "state": "absent"}
    stays, partly = playbook.run([keep(none, **absent), keep(half, **absent)]).results

    assert (stays["msg"], stays["changed"]) == (BOTH_FORBIDDEN.format(namespace, "default", none.user), False)
    assert (partly["msg"], partly["changed"]) == (FORBIDDEN.format(namespace, "builder", half.user), True)
    assert linked(cluster, namespace) == ["builder"]
    assert holding(cluster, namespace) == [namespace]
    if cluster.audit_log:
        assert "delete" not in verbs([*cluster.audit(none), *cluster.audit(half)])

    (gone,) = playbook.run([keep(writer, **absent)]).results

    assert (gone["operation"], linked(cluster, namespace)) == ("deleted", [])


def test_a_link_that_is_refused_in_one_of_many_namespaces(
    cluster: Cluster, namespace: str, playbook: Playbook, writer: Identity
) -> None:
    a, b = make(cluster, namespace, "a", "b")
    create_accounts(cluster, a, b)
    robot = cluster.cluster_identity(namespace, without("patch", "serviceaccounts"))
    patch = {"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["patch"]}
    cluster.grant(a, robot.user.rpartition(":")[2], namespace, [patch])
    given: dict[str, Any] = {"namespaces": [f"{namespace}-?"], "service_accounts": ["builder"]}

    failed, rest, stays = playbook.run(
        [
            keep(robot, GHCR, **given),
            keep(writer, GHCR, **given),
            keep(robot, **given, state="absent"),
        ]
    ).results

    message = FORBIDDEN.format(b, "builder", robot.user)
    assert (told(failed), failed["changed"]) == ({a: "created", b: "failed"}, True)
    assert failed["msg"] == f"1 of 2 namespaces failed. {b}: {message}"
    assert (told(rest), rest["summary"]) == ({b: "updated"}, summary(2, updated=1, unchanged=1))
    assert (told(stays), stays["changed"]) == ({a: "deleted", b: "failed"}, True)
    assert stays["msg"] == f"1 of 2 namespaces failed. {b}: {message}"
    assert (holding(cluster, a, b), linked(cluster, b)) == ([b], ["builder"])


TROUBLES: Mapping[str, Rule] = {
    "done-and-the-answer-lost": Rule(LOST, methods=("PATCH", "DELETE"), every=2, first=2),
    "done-and-yet-an-error": Rule(refuse(504, forward=True), methods=("PATCH",)),
    "closed-without-an-answer": Rule(CLOSE, methods=("PATCH",), first=1),
    "somebody-else-was-faster": Rule(refuse(409), methods=("PATCH",), first=2),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_link_in_trouble(cluster: Cluster, namespace: str, writer: Identity, trouble: str) -> None:
    create_accounts(cluster, namespace)
    given: dict[str, Any] = {"namespace": namespace, "service_accounts": ACCOUNTS}
    with in_front_of(cluster, writer, TROUBLES[trouble]) as proxy:
        made = run_task(RetryBudget(), **given, registries=[GHCR], **through(proxy, writer))
        named = linked(cluster, namespace)
        gone = run_task(RetryBudget(), **given, state="absent", **through(proxy, writer))

    assert proxy.count(fault=TROUBLES[trouble].fault.name) > 0
    for result, operation, done in ((made, "created", "linked"), (gone, "deleted", "unlinked")):
        assert result["operation"] == operation, result
        assert [(link["service_account"], link["operation"]) for link in result["links"]] == [
            (name, done) for name in ACCOUNTS
        ]
    assert (named, linked(cluster, namespace), holding(cluster, namespace)) == (sorted(ACCOUNTS), [], [])


@pytest.mark.parametrize("option", ["namespace", "namespaces"])
def test_default_of_a_new_namespace_is_waited_for(controlled_cluster: Cluster, playbook: Playbook, option: str) -> None:
    home, name = controlled_cluster.create_namespace(), f"test-{uuid.uuid4().hex[:10]}"
    writer = controlled_cluster.cluster_identity(home, RULES)
    which = {option: name if option == "namespace" else [f"{name[:-1]}?"]}

    with controller_held(controlled_cluster, writer):
        controlled_cluster.api.create_namespace({"metadata": {"name": name}})
        (result,) = playbook.run([keep(writer, GHCR, **which, service_accounts=["default"])]).results

    assert result["operation"] == "created", result
    assert linked(controlled_cluster, name) == ["default"]
    for each in (home, name):
        controlled_cluster.api.delete_namespace(each)
