# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an owner has left behind goes, and nothing else: each way in which prune could delete too much.

Prune looks at the Secrets of all namespaces, so each test is an owner of its own.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.retries import RetryBudget
from support.admission import admit
from support.cluster import Cluster, Identity, verbs, writes
from support.many_namespaces import (
    GHCR,
    GHCR_ROTATED,
    NAME,
    PULL,
    about,
    foreseeable,
    holding,
    keep,
    make,
    run_task,
    summary,
    told,
    without,
)
from support.playbook import Playbook, task
from support.processes import wait_until
from support.rbac import documented_rules
from support.servers.fault_proxy import in_front_of, through
from support.servers.fault_rules import HALF, Rule, delay, refuse
from support.uses import BUILT_IN, pod

RULES = documented_rules(NAME, "ClusterRole")


@pytest.fixture
def owner(namespace: str) -> str:
    """What the names of this test's namespaces begin with, and the owner of their Secrets."""
    return namespace


# What is done to a Secret that the owner has made, so that it is surely his no more. Merge patches, by namespace.
NOT_SURELY_HIS: Mapping[str, Mapping[str, Any]] = {
    "another-owner": {"labels": {"keyring.kubernetes/owner": "team-b"}},
    "no-owner": {"labels": {"keyring.kubernetes/owner": None}},
    "not-managed": {"labels": {"app.kubernetes.io/managed-by": None}},
    "other-manager": {"labels": {"app.kubernetes.io/managed-by": "pulumi"}},
    "no-origin": {"annotations": {"keyring.kubernetes/origin": None}},
    "helm": {"annotations": {"meta.helm.sh/release-name": "web"}},
    "argocd": {"labels": {"argocd.argoproj.io/instance": "web"}},
    "flux": {"labels": {"kustomize.toolkit.fluxcd.io/name": "web"}},
}


def test_only_what_the_owner_has_left_behind_goes(
    cluster: Cluster, owner: str, playbook: Playbook, reader: Identity, writer: Identity
) -> None:
    a, b, c = make(cluster, owner, "a", "b", "c")
    changed = dict(zip(NOT_SURELY_HIS, make(cluster, owner, *NOT_SURELY_HIS), strict=True))
    ending, copied, opaque = make(cluster, owner, "ending", "copied", "opaque")
    names = [a, b, c, ending, *changed.values()]
    playbook.run([keep(writer, GHCR, namespaces=names, owner=owner)])
    for name, metadata in NOT_SURELY_HIS.items():
        cluster.api.patch_namespaced_secret(NAME, changed[name], {"metadata": metadata})
    cluster.api.patch_namespaced_secret(NAME, ending, {"metadata": {"finalizers": ["example.com/held"]}})
    cluster.api.delete_namespaced_secret(NAME, ending)
    first = cluster.read_secret(a, NAME)
    marks = {name: first["metadata"][name] for name in ("labels", "annotations")}
    # A replicator copies all but the namespace.
    cluster.create_secret(copied, NAME, type=first["type"], metadata=marks, string_data={".dockerconfigjson": "{}"})
    marks = {**marks, "annotations": {"keyring.kubernetes/origin": f"{opaque}/{NAME}"}}
    cluster.create_secret(opaque, NAME, type="Opaque", metadata=marks)
    cluster.create_secret(b, "other", type=first["type"], metadata=marks, string_data={".dockerconfigjson": "{}"})
    others = {name: cluster.read_secret(name, NAME) for name in (*changed.values(), ending, copied, opaque)}
    prune = {"namespaces": [a], "owner": owner, "prune": True}
    asked = len(cluster.audit(writer)) if cluster.audit_log else 0

    run = playbook.run(
        [
            {**keep(reader, GHCR, **prune), "check_mode": True, "diff": True},
            {**keep(writer, GHCR, **prune), "diff": True},
            keep(writer, GHCR, **prune, take_ownership=True),  # of what it writes, and of nothing else
        ]
    )

    check, real, again = run.results
    assert told(real) == {b: "deleted", c: "deleted"}
    assert real["summary"] == summary(3, deleted=2, unchanged=1)
    assert (real["changed"], real["operation"], real.get("warnings", [])) == (True, "deleted", [])
    assert real["secrets"] == [{"namespace": name, "operation": "deleted", "secret": None} for name in (b, c)]
    (diff,) = real["diff"]
    assert (list(diff["before"]["registries"]), diff["after"]) == (["ghcr.io"], {})
    assert diff["before_header"] == f"Secret {NAME} in 2 namespaces"
    assert diff["after_header"] == f"Secret {NAME} in {b}, {c}"
    assert check == foreseeable(real)
    assert (again["changed"], again["summary"]) == (False, summary(1, unchanged=1))
    assert "ghcr-token" not in json.dumps(run.results) + run.output
    assert cluster.read_secret(a, NAME) == first
    assert {name: cluster.read_secret(name, NAME) for name in others} == others
    assert cluster.read_secret(b, "other")
    if cluster.audit_log:
        for identity, requests in ((reader, {}), (writer, {"delete": 2, "list": 1})):
            events = cluster.audit(identity)[asked if identity == writer else 0 :]
            assert Counter(verbs(about(events, BUILT_IN))) == {"list": len(BUILT_IN)}
            assert Counter(verbs(about(events, {"secrets", "namespaces"}))) == Counter(list=1, get=2) + Counter(
                requests
            )
    cluster.api.patch_namespaced_secret(NAME, ending, {"metadata": {"finalizers": None}})


def test_what_stops_it(cluster: Cluster, owner: str, playbook: Playbook, writer: Identity) -> None:
    """Each before there is one that is to go; at last nothing is in the way."""
    a, bad, gone, *left = make(cluster, owner, "a", "bad", "gone", "left1", "left2")
    no_secrets, no_pods = (
        cluster.cluster_identity(owner, without("list", resource)) for resource in ("secrets", "pods")
    )
    playbook.run([keep(writer, GHCR, namespaces=[a, *left], owner=owner)])
    admit(cluster, bad, "false")
    cluster.api.delete_namespace(gone)
    void, none = f'namespaces: "{owner}-x*"', f'namespace_selectors: "group={owner},tier=gold"'
    nobody = "Nothing is pruned, because no namespace is selected."
    unseen = (
        f"Whether anything uses Secret {left[0]}/{NAME} is not known. Cannot list Pods of all namespaces: forbidden"
    )
    # Who asks, how namespaces are meant, the summary or None before anything is looked at, and what is told.
    rows: list[tuple[Identity, dict[str, Any], dict[str, int] | None, list[str], str]] = [
        (
            writer,
            {"namespaces": [a], "prune_limit": 1},
            None,
            [],
            f"prune would delete Secret {NAME} from 2 namespaces, and prune_limit is 1: {', '.join(left)}. Nothing was",
        ),
        (
            no_secrets,
            {"namespaces": [a]},
            None,
            [],
            f"The identity {no_secrets.user} needs the verb list on secrets named {NAME} in all namespaces.",
        ),
        (
            writer,
            {"namespace_selectors": [f"group={owner},tier=gold"]},
            summary(0),
            [f"{none} matches no namespace.", nobody],
            "",
        ),
        (writer, {"namespaces": [a, "!*"]}, summary(0), [nobody], ""),
        (writer, {"namespaces": [f"{owner}-gone*"]}, summary(1, skipped=1), [nobody], ""),
        (no_pods, {"namespaces": [a]}, summary(3, updated=1, failed=2), [], f"2 of 3 namespaces failed. {left[0]}: "),
        (no_pods, {"namespaces": [a]}, summary(3, unchanged=1, failed=2), [], unseen),
        (
            writer,
            {"namespaces": [a, f"{owner}-x*"]},
            summary(1, unchanged=1),
            [
                f"{void} matches no namespace.",
                f"Nothing is pruned, because {void} matches no namespace: what it matched before would be deleted.",
            ],
            "",
        ),
    ]
    tasks = []
    for identity, which, *_expected in rows:
        given = keep(identity, GHCR_ROTATED, owner=owner, prune=True, **which)
        tasks += [{**given, "check_mode": True}, given]
    # What a real run cannot write stops it; check mode cannot foresee that.
    tasks += [keep(writer, GHCR_ROTATED, namespaces=[a, bad], owner=owner, prune=True)]
    tasks += [keep(writer, GHCR_ROTATED, namespaces=[a, gone], owner=owner, prune=True)]

    *results, failed, at_last = playbook.run(tasks).results

    for (_identity, which, counts, warnings, message), check, real in zip(
        rows, results[::2], results[1::2], strict=True
    ):
        assert check == (foreseeable(real) if counts else real), which
        assert (real.get("summary"), real.get("warnings", [])) == (counts, warnings), which
        assert message in real.get("msg", ""), which
    ids = [result["failure"]["id"] for result in results if result["failed"]]
    assert ids == ["prune_limit"] * 2 + ["forbidden"] * 2 + ["in_use_unknown"] * 4
    assert told(failed) == {bad: "failed"}
    assert failed["summary"] == summary(4, unchanged=1, failed=1, not_tried=2)
    assert failed["warnings"] == ["Nothing was pruned, because not everything was written."]
    assert told(at_last) == {gone: "skipped", **dict.fromkeys(left, "deleted")}
    if cluster.audit_log:
        assert writes(cluster.audit(no_secrets)) == []
        assert writes(cluster.audit(no_pods)) == ["patch"]
        assert writes(cluster.audit(writer)) == ["create"] * 4 + ["delete"] * 2


def test_what_is_in_use_stays_and_links_are_taken_back(
    cluster: Cluster, owner: str, playbook: Playbook, reader: Identity, writer: Identity
) -> None:
    a, free, linked, other, used = make(cluster, owner, "a", "free", "linked", "other", "used")
    for name in (a, linked, used):
        cluster.create_account(name, "default")
    foreign = [{"name": "foreign"}]
    both = {"imagePullSecrets": [*foreign, {"name": NAME}], "secrets": [{"name": NAME}]}
    cluster.api.patch_namespaced_service_account("default", linked, both)
    cluster.create_account(other, "builder", **PULL)
    cluster.api.create_namespaced_pod(used, {**pod(PULL), "metadata": {"name": "web-1"}})
    everywhere = {"namespaces": [f"{owner}-*"], "owner": owner}
    prune = {
        "namespaces": [f"{owner}-*", f"!{owner}-[!a]*"],
        "owner": owner,
        "prune": True,
        "report": "changed",
        "service_accounts": ["default"],
    }

    _made, check, real, warned_check, warned, again = playbook.run(
        [
            keep(writer, GHCR, **everywhere),
            {**keep(reader, GHCR_ROTATED, **prune), "check_mode": True, "diff": True},
            {**keep(writer, GHCR_ROTATED, **prune), "diff": True},
            {**keep(reader, GHCR_ROTATED, **prune, in_use="warn"), "check_mode": True},
            keep(writer, GHCR_ROTATED, **prune, in_use="warn"),
            keep(writer, GHCR_ROTATED, **prune),
        ]
    ).results

    assert told(real) == {a: "updated", free: "deleted", linked: "deleted", other: "failed", used: "failed"}
    assert real["summary"] == summary(5, updated=1, deleted=2, failed=2)
    assert (real["failed"], real["changed"]) == (True, True)
    remove = "Remove these references first."
    unlink = "With state=absent, service_accounts=['*'] removes those of ServiceAccounts."
    despite = "To delete the Secret despite the references, set in_use=warn."
    assert real["msg"] == (
        f"2 of 5 namespaces failed. {other}: Secret {other}/{NAME} is in use by ServiceAccount builder. {remove} "
        f"{unlink} {despite} "
        f"{used}: Secret {used}/{NAME} is in use by Pod web-1. {remove} {despite}"
    )
    entries = {entry["namespace"]: entry for entry in real["secrets"]}
    assert entries[a]["links"] == [{"service_account": "default", "operation": "linked"}]
    assert entries[linked]["links"] == [{"service_account": "default", "operation": "unlinked"}]
    assert (entries[free]["links"], entries[linked]["secret"]) == ([], None)
    diffs = {diff["before_header"]: diff for diff in real["diff"]}
    assert diffs[f"Secret {linked}/{NAME}"]["before"]["service_accounts"] == {
        "default": ["imagePullSecrets", "secrets"]
    }
    assert diffs[f"Secret {linked}/{NAME}"]["after"] == {}
    assert check == foreseeable(real)
    account = cluster.api.read_namespaced_service_account("default", linked)
    assert ([item.name for item in account.image_pull_secrets], account.secrets) == (["foreign"], None)
    assert warned_check == foreseeable(warned)
    assert told(warned) == {other: "deleted", used: "deleted"}
    assert warned["warnings"] == [
        f"Secret {other}/{NAME} is in use by ServiceAccount builder.",
        f"Secret {used}/{NAME} is in use by Pod web-1.",
    ]
    assert (again["changed"], again["summary"]) == (False, summary(1, unchanged=1))
    assert holding(cluster, a, free, linked, other, used) == [a]
    if cluster.audit_log:
        assert set(verbs(cluster.audit(reader))) == {"get", "list"}


def test_what_is_copied_stays(cluster: Cluster, owner: str, playbook: Playbook, writer: Identity) -> None:
    a, b, source = make(cluster, owner, "a", "b", "source")
    common = {"owner": owner, "prune": True, "credentials_from": {"namespace": source, "name": NAME}}

    _made, _copied, nowhere, pruned = playbook.run(
        [
            keep(writer, GHCR, namespace=source, owner=owner),
            keep(writer, namespaces=[a, b], **common),
            keep(writer, namespaces=[source], **common),
            keep(writer, namespaces=[a], **common),
        ]
    ).results

    assert told(nowhere) == {source: "skipped"}
    assert nowhere["warnings"] == ["Nothing is pruned, because the Secret would be left only where it is copied from."]
    assert told(pruned) == {b: "deleted"}
    assert holding(cluster, a, b, source) == [a, source]


def test_a_git_credential_goes_as_well(cluster: Cluster, owner: str, playbook: Playbook, writer: Identity) -> None:
    a, b = make(cluster, owner, "a", "b")
    given = {"name": NAME, "format": "flux", "https": {"username": "octo", "password": "git-token-1"}, "owner": owner}

    made, pruned = playbook.run(
        [
            task("gitsync_secret", **given, namespaces=[a, b], **writer.connection),
            {
                **task("gitsync_secret", **given, namespaces=[f"{owner}-a"], prune=True, **writer.connection),
                "diff": True,
            },
        ]
    ).results

    assert told(made) == {a: "created", b: "created"}
    assert told(pruned) == {b: "deleted"}
    assert (pruned["summary"], pruned["diff"][0]["after"]) == (summary(2, deleted=1, unchanged=1), {})
    assert "git-token" not in json.dumps(pruned)


# The answer that comes late, so that somebody else takes the Secret over after it was looked at.
LATE = {"the-list": "/api/v1/secrets\\?", "the-look-before-the-delete": "/secrets/registry$"}


@pytest.mark.parametrize("answer", LATE)
def test_what_somebody_takes_over_in_between_stays(cluster: Cluster, owner: str, writer: Identity, answer: str) -> None:
    a, b = make(cluster, owner, "a", "b")
    common = {"registries": [GHCR], "owner": owner}
    with in_front_of(cluster, writer, Rule(delay(2), methods=("GET",), path=LATE[answer])) as proxy:
        run_task(RetryBudget(), **common, namespaces=[f"{owner}-*"], **writer.connection)
        cluster.create_account(b, "default", **PULL)

        def take_over() -> None:
            wait_until(lambda: proxy.count(fault="delay") > 0)
            cluster.api.patch_namespaced_secret(
                NAME, b, {"metadata": {"labels": {"keyring.kubernetes/owner": "team-b"}}}
            )

        other = threading.Thread(target=take_over)
        other.start()
        links = {"service_accounts": ["default"]} if answer == "the-list" else {"in_use": "ignore"}
        cluster.create_account(a, "default")
        result = run_task(RetryBudget(), **common, **links, namespaces=[a], prune=True, **through(proxy, writer))
        other.join()

    assert b not in told(result), result
    assert holding(cluster, a, b) == [a, b]
    account = cluster.api.read_namespaced_service_account("default", b)
    assert [item.name for item in account.image_pull_secrets] == [NAME]


def test_what_somebody_writes_into_a_new_namespace_in_between_stays(
    cluster: Cluster, owner: str, writer: Identity
) -> None:
    """The namespaces are listed before the Secrets: one of both may be new in the second list."""
    a, b = make(cluster, owner, "a", "left")
    common: dict[str, Any] = {"registries": [GHCR], "owner": owner}
    which = {"namespaces": [f"{owner}-*", "!*-left"]}
    run_task(RetryBudget(), **common, namespaces=[a, b], **writer.connection)
    rule = Rule(delay(2), methods=("GET",), path="/api/v1/namespaces\\?", first=1)
    with in_front_of(cluster, writer, rule) as proxy:

        def write() -> None:
            wait_until(lambda: proxy.count(fault="delay") > 0)
            make(cluster, owner, "new")
            run_task(RetryBudget(), **common, **which, **writer.connection)

        other = threading.Thread(target=write)
        other.start()
        result = run_task(RetryBudget(), **common, **which, prune=True, **through(proxy, writer))
        other.join()

    new = f"{owner}-new"
    assert told(result) == {b: "deleted"}
    assert holding(cluster, a, b, new) == [a, new]


# A list that does not come, and what is written all the same.
INCOMPLETE: Mapping[str, tuple[Rule, dict[str, int] | None, str]] = {
    "namespaces": (
        Rule(HALF, path="/api/v1/namespaces\\?", skip=1),  # the first is there, the look again is not
        None,
        "Cannot reach the API server",
    ),
    "secrets": (
        Rule(refuse(500), path="/api/v1/secrets\\?"),
        None,
        f"Cannot list Secrets {NAME} of all namespaces: the server answers 500.",
    ),
    "users": (
        Rule(refuse(500), path="/api/v1/pods\\?"),
        summary(2, updated=1, failed=1),
        "1 of 2 namespaces failed. {left}: Cannot list Pods of all namespaces: the server answers 500.",
    ),
}


@pytest.mark.parametrize("listed", INCOMPLETE)
def test_nothing_goes_when_a_list_is_incomplete(cluster: Cluster, owner: str, writer: Identity, listed: str) -> None:
    rule, counts, message = INCOMPLETE[listed]
    a, left = make(cluster, owner, "a", "left")
    run_task(RetryBudget(), registries=[GHCR], owner=owner, namespaces=[a, left], **writer.connection)
    before = cluster.read_secret(a, NAME)
    arguments = {"registries": [GHCR_ROTATED], "owner": owner, "prune": True, "in_use": "warn"}
    with in_front_of(cluster, writer, rule) as proxy:
        which = {"namespaces": [f"{owner}-*", "!*-left"]}
        result = run_task(RetryBudget(per_request=1, total=1), **arguments, **which, **through(proxy, writer))

    assert result["failed"]
    assert result["msg"].startswith(message.format(left=left))
    assert (result.get("summary"), result["changed"]) == (counts, counts is not None)
    assert (cluster.read_secret(a, NAME) == before) == (counts is None)
    assert holding(cluster, a, left) == [a, left]
