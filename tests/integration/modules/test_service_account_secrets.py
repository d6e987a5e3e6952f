# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""service_account_secrets on a real API server: what is linked, what stays, what is waited for, what is refused."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from support.cluster import Cluster, controller_held, once_asked, verbs
from support.playbook import Playbook, task
from support.rbac import documented_link_rules
from support.scenarios import Step, foreseeable

MODULE = "service_account_secrets"
GENERATED = "app-dockercfg-x7k2p"
TOKEN = {"name": "token"}
MAY_GET: Sequence[Mapping[str, Sequence[str]]] = (
    {"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["get"]},
)
REQUESTS = {"updated": ["get", "patch"], "unchanged": ["get"], "failed": ["get"]}


def without_secrets(events: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the requests but those that ask whether a Secret exists, which is not permitted here."""
    return [event for event in events if event["objectRef"]["resource"] != "secrets"]


def named(*names: str) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


def gone(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "state": "absent"} for name in names]


def pulls(operation: str, *items: Mapping[str, str], message: str = "", **more: Any) -> Step:
    """A step on pull secrets alone."""
    return Step(operation, {"image_pull_secrets": list(items), **more}, message)


@dataclass(frozen=True)
class Scenario:
    """Steps on one ServiceAccount with these fields, and its lists at the end. ``warned`` is a part of each warning.

    With ``terminating``, it is being deleted.
    """

    existing: Mapping[str, Any]
    steps: tuple[Step, ...]
    left: Mapping[str, Any] = field(default_factory=dict)
    warned: tuple[str, ...] = ()
    terminating: bool = False


SCENARIOS = {
    "one-by-one": Scenario(
        {"imagePullSecrets": named(GENERATED), "automountServiceAccountToken": False},
        (
            pulls("updated", *named("a")),
            pulls("unchanged", *named("a")),
            pulls("updated", *named("c", "b"), *gone("a")),
            pulls("unchanged", *gone("a"), *named("b", "c")),
            pulls("unchanged"),
        ),
        left={"imagePullSecrets": named(GENERATED, "c", "b"), "automountServiceAccountToken": False},
    ),
    "the-first-and-the-last": Scenario(
        {},
        (
            pulls("unchanged", *gone("a")),
            pulls("updated", *named("a")),
            pulls("updated", *gone("a")),
            pulls("unchanged", *gone("a")),
        ),
    ),
    "both-lists": Scenario(
        {"secrets": [TOKEN, *named("old")], "imagePullSecrets": named("old")},
        (
            Step("updated", {"secrets": named("git"), "image_pull_secrets": named("registry")}),
            Step("unchanged", {"secrets": named("git", "old")}),
            Step("updated", {"secrets": gone("old"), "image_pull_secrets": named("registry")}),
        ),
        left={"secrets": [TOKEN, *named("git")], "imagePullSecrets": named("old", "registry")},
    ),
    "no-others": Scenario(
        {"secrets": [TOKEN], "imagePullSecrets": named("old", "app-dockercfg-of-app", "b", GENERATED)},
        (
            pulls("updated", *named("a", "b", GENERATED), exclusive=True),
            pulls("updated", *named("a"), exclusive=True),
            pulls("unchanged", *named("a"), exclusive=True),
            pulls("updated", *gone("a"), exclusive=True),
            pulls("failed", exclusive=True, message="image_pull_secrets is empty, and exclusive=true would remove"),
        ),
        left={"secrets": [TOKEN]},
        warned=("exclusive=true removes app-dockercfg-of-app from", f"exclusive=true removes {GENERATED} from"),
    ),
    "being-deleted": Scenario(
        {"imagePullSecrets": named("a"), "metadata": {"finalizers": ["example.com/held"]}},
        (
            pulls("failed", *named("a"), message="/app is being deleted. A finalizer still holds it."),
            pulls("unchanged", *gone("a")),
        ),
        left={"imagePullSecrets": named("a")},
        warned=("is being deleted already",),
        terminating=True,
    ),
}


@pytest.mark.parametrize("title", SCENARIOS)
def test_scenario(cluster: Cluster, namespace: str, playbook: Playbook, title: str) -> None:
    """Each step first in check mode by somebody who may only get, then for real with the documented permissions."""
    scenario = SCENARIOS[title]
    cluster.create_account(namespace, "app", **scenario.existing)
    before = cluster.read_account(namespace, "app")
    if scenario.terminating:
        cluster.api.delete_namespaced_service_account("app", namespace)
    reader, writer = cluster.identity(namespace, MAY_GET), cluster.identity(namespace, documented_link_rules())
    tasks = []
    for step in scenario.steps:
        arguments = {"namespace": namespace, "service_account": "app", **step.arguments}
        tasks.append({**task(MODULE, **arguments, **reader.connection), "check_mode": True, "diff": True})
        tasks.append({**task(MODULE, **arguments, **writer.connection), "diff": True})

    results = iter(playbook.run(tasks).results)

    warnings = []
    for step in scenario.steps:
        check, real = next(results), next(results)
        assert check == foreseeable(real)
        assert (real["operation"], real["changed"]) == (step.operation, step.operation == "updated"), real
        assert step.message in real.get("msg", "")
        warnings += real.get("warnings", ())
    assert len(warnings) == len(scenario.warned)
    assert all(part in warning for part, warning in zip(scenario.warned, warnings, strict=True))
    left = cluster.read_account(namespace, "app")
    assert left["metadata"]["uid"] == before["metadata"]["uid"]
    assert {name: value for name, value in left.items() if name not in ("apiVersion", "kind", "metadata")} == {
        **scenario.left
    }
    if scenario.terminating:
        cluster.api.patch_namespaced_service_account("app", namespace, {"metadata": {"finalizers": None}})
    if cluster.audit_log:
        reached = [step for step in scenario.steps if "is empty" not in step.message]
        assert verbs(without_secrets(cluster.audit(reader))) == ["get"] * len(reached)
        assert verbs(without_secrets(cluster.audit(writer))) == [
            verb for step in reached for verb in REQUESTS[step.operation]
        ]


def test_what_is_told(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    cluster.create_account(namespace, "app", secrets=[TOKEN], imagePullSecrets=named("old"))
    writer = cluster.identity(namespace, documented_link_rules())
    given = {"namespace": namespace, "service_account": "app", "image_pull_secrets": named("new")}
    linking = {**task(MODULE, **given, **writer.connection), "diff": True}

    check, real, again = playbook.run([{**linking, "check_mode": True}, linking, linking]).results

    stored = cluster.read_account(namespace, "app")["metadata"]
    account = {
        "namespace": namespace,
        "name": "app",
        "uid": stored["uid"],
        "resource_version": stored["resourceVersion"],
        "image_pull_secrets": ["old", "new"],
        "secrets": ["token"],
    }
    assert check["service_account"] == {**account, "resource_version": None}
    assert real["service_account"] == again["service_account"] == account
    assert real["cluster"] == {"server": cluster.server, "context": "test", "source": "arguments"}
    headers = dict.fromkeys(("before_header", "after_header"), f"ServiceAccount {namespace}/app")
    changes = {
        "before": {"image_pull_secrets": ["old"], "secrets": ["token"]},
        "after": {"image_pull_secrets": ["old", "new"], "secrets": ["token"]},
    }
    assert real["diff"] == {**changes, **headers}
    assert again["diff"] == {"before": {}, "after": {}, **headers}
    (manager,) = (each for each in stored["managedFields"] if each["manager"] == "keyring.kubernetes")
    assert manager["operation"] == "Update"


def test_warns_about_a_secret_that_does_not_exist(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    """Only where the identity may get Secrets, and only when the link is new. Nothing of the Secret is read."""
    cluster.create_account(namespace, "app", imagePullSecrets=named("old"))
    cluster.create_secret(namespace, "there", string_data={"password": "s3cret-token"})
    secret_rule = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}
    may_get = cluster.identity(namespace, [*documented_link_rules(), secret_rule])
    may_not = cluster.identity(namespace, documented_link_rules())
    given = {"namespace": namespace, "service_account": "app", "image_pull_secrets": named("there", "gone", "old")}
    linking = task(MODULE, **given, secrets=named("gone"), **may_get.connection)
    other = task(MODULE, **{**given, "image_pull_secrets": named("lost")}, **may_not.connection)

    run = playbook.run([{**linking, "check_mode": True}, linking, linking, other])
    check, real, again, unknown = run.results

    warning = (
        f"ServiceAccount {namespace}/app now references Secret gone, which does not exist. "
        "Create it, or correct the name."
    )
    assert check["warnings"] == real["warnings"] == [warning]
    assert (again["operation"], unknown["operation"]) == ("unchanged", "updated")
    assert "warnings" not in again
    assert "warnings" not in unknown
    assert "s3cret-token" not in run.output


def test_one_that_does_not_exist(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    writer = cluster.identity(namespace, documented_link_rules())
    given = {"namespace": namespace, "service_account": "app", **writer.connection}
    link = task(MODULE, **given, secrets=named("a"), image_pull_secrets=gone("b"))
    at_once = task(MODULE, **given, secrets=named("a"), wait=False)
    soon = task(MODULE, **given, secrets=named("a"), wait_timeout=1)
    unlink = task(MODULE, **given, secrets=gone("a"), image_pull_secrets=gone("b"))

    foreseen, foreseen_at_once, nothing, failed, waited = playbook.run(
        [{**link, "check_mode": True}, {**at_once, "check_mode": True}, unlink, at_once, soon]
    ).results

    assert foreseen["changed"]
    assert foreseen["service_account"] == {
        "namespace": namespace,
        "name": "app",
        "uid": None,
        "resource_version": None,
        "image_pull_secrets": [],
        "secrets": ["a"],
    }
    missing = f"ServiceAccount {namespace}/app does not exist"
    assert foreseen["warnings"] == [f"{missing} yet; the real run waits for it, and fails without it."]
    assert foreseen_at_once["warnings"] == [f"{missing} yet; the real run fails without it."]
    assert (nothing["operation"], nothing["service_account"], nothing.get("warnings")) == ("unchanged", None, None)
    remedy = "Create it first, or correct the name."
    assert failed["msg"] == f"{missing}. {remedy}"
    assert waited["msg"] == f"{missing}. None appeared within 1 seconds. {remedy}"
    if cluster.audit_log:
        # The ServiceAccount, its namespace, and the ServiceAccount again.
        assert verbs(without_secrets(cluster.audit(writer)))[:8] == ["get"] * 8
        assert len(without_secrets(cluster.audit(writer))) == 2 + 2 + 1 + 3 + (3 + 4)


def test_a_namespace_that_does_not_exist(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    rules = [*documented_link_rules(), {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]}]
    writer = cluster.cluster_identity(namespace, rules)
    missing = f"test-{uuid.uuid4().hex[:10]}"
    ending = cluster.create_namespace(finalizers=["example.com/held"])
    cluster.api.delete_namespace(ending)
    tasks = [
        task(MODULE, namespace=name, service_account="app", secrets=named("a"), wait_timeout=900, **writer.connection)
        for name in (missing, ending)
    ]
    unlink = task(MODULE, namespace=missing, service_account="app", secrets=gone("a"), **writer.connection)
    begin = time.monotonic()

    foreseen, *failed, nothing = playbook.run([{**tasks[0], "check_mode": True}, *tasks, unlink]).results

    assert time.monotonic() - begin < 900, "it waits for a ServiceAccount that cannot come"
    assert foreseen["warnings"] == [
        f"ServiceAccount {missing}/app does not exist yet; the real run waits for it, and fails without it.",
        f"Namespace {missing} does not exist yet; without it the real run fails.",
    ]
    assert [result["msg"] for result in failed] == [
        f"Namespace {missing} does not exist. Create it first, or correct namespace.",
        f"Namespace {ending} is being deleted. Nothing can be created in it. Use another one.",
    ]
    assert nothing["operation"] == "unchanged"


def test_one_that_comes_is_waited_for(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    if not cluster.audit_log:
        pytest.skip("only the audit log tells when the task has asked")
    writer = cluster.identity(namespace, documented_link_rules())
    given = {"namespace": namespace, "service_account": "app", "secrets": named("a")}

    with once_asked(cluster, writer, lambda: cluster.create_account(namespace, "app", secrets=[TOKEN])):
        (result,) = playbook.run([task(MODULE, **given, **writer.connection)]).results

    assert (result["operation"], result["service_account"]["secrets"]) == ("updated", ["token", "a"])
    assert cluster.read_account(namespace, "app")["secrets"] == [TOKEN, *named("a")]
    asked = verbs(without_secrets(cluster.audit(writer)))
    assert len(asked) > 3
    assert asked == ["get"] * (len(asked) - 1) + ["patch"]


def test_default_of_a_new_namespace_is_waited_for(controlled_cluster: Cluster, playbook: Playbook) -> None:
    """The controller manager is held while the namespace is made and the task begins, so that it comes too late."""
    home, rules = controlled_cluster.create_namespace(), documented_link_rules()
    name = f"test-{uuid.uuid4().hex[:10]}"
    writer = controlled_cluster.cluster_identity(home, rules)
    given = {"namespace": name, "service_account": "default", "image_pull_secrets": named("a")}

    with controller_held(controlled_cluster, writer):
        controlled_cluster.api.create_namespace({"metadata": {"name": name}})
        (result,) = playbook.run([task(MODULE, **given, **writer.connection)]).results

    assert result["operation"] == "updated", result
    assert controlled_cluster.read_account(name, "default")["imagePullSecrets"] == named("a")
    if controlled_cluster.audit_log:
        assert len(controlled_cluster.audit(writer)) > 4
    for each in (home, name):
        controlled_cluster.api.delete_namespace(each)


def test_the_rights_that_are_missing_are_told(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    cluster.create_account(namespace, "app")
    nobody, reader = cluster.identity(namespace, ()), cluster.identity(namespace, MAY_GET)
    given = {"namespace": namespace, "service_account": "app", "secrets": named("a")}

    results = playbook.run([task(MODULE, **given, **each.connection) for each in (nobody, reader)]).results

    assert [(result["changed"], result["operation"]) for result in results] == [(False, "failed")] * 2
    assert [result["msg"] for result in results] == [
        f"Cannot {doing} ServiceAccount {namespace}/app: forbidden (403). The identity {identity.user} needs the verb "
        f"{verb} on serviceaccounts in namespace {namespace}. Bind it to a Role with that rule; the guide to "
        "permissions shows the whole Role."
        for doing, verb, identity in (("read", "get", nobody), ("patch", "patch", reader))
    ]


def test_bad_input_is_refused_before_anything_is_asked(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    writer = cluster.identity(namespace, documented_link_rules())
    good = {"namespace": namespace, "service_account": "app", "secrets": named("a")}
    refusals: list[tuple[dict[str, Any], str]] = [
        ({"secrets": None}, "image_pull_secrets and secrets are both null."),
        ({"secrets": named("a", "b", "a")}, "secrets[2] is the same Secret as secrets[0]. Keep one of them."),
        ({"secrets": named("a", "B")}, "secrets[1].name is not a name that a Secret can have."),
        ({"service_account": "App"}, "service_account is not a name that a ServiceAccount can have."),
        ({"namespace": "Web"}, "namespace is not a name that a namespace can have."),
        (
            {"namespace": None},
            "namespace is missing. The context of the kubeconfig names none either. Give namespace, namespaces or",
        ),
        ({"image_pull_secrets": [], "exclusive": True}, "image_pull_secrets is empty, and exclusive=true would"),
        ({"wait_timeout": 3601}, "wait_timeout must be from 0 to 3600 seconds; it is 3601."),
        ({"secrets": [{"name": "a", "state": "there"}]}, "value of state must be one of: present, absent, got: there"),
        ({"secrets": [{"state": "present"}]}, "missing required arguments: name found in secrets"),
        ({"expect_server": "*.example.com"}, "The connection leads to"),
    ]
    without = {name: value for name, value in good.items() if name != "secrets"}
    tasks = [task(MODULE, **{**good, **given}, **writer.connection) for given, _message in refusals]

    *results, none = playbook.run([*tasks, task(MODULE, **without, **writer.connection)]).results

    for (given, message), result in zip(refusals, results, strict=True):
        assert result["msg"].startswith(message), (given, result["msg"])
    assert none["msg"] == "one of the following is required: image_pull_secrets, secrets"
    if cluster.audit_log:
        assert cluster.audit(writer) == []


def test_the_namespace_of_the_context(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    cluster.create_account(namespace, "app")
    kubeconfig = cluster.identity(namespace, documented_link_rules()).connection["kubeconfig"]
    (context,) = kubeconfig["contexts"]
    own = {**kubeconfig, "contexts": [{**context, "context": {**context["context"], "namespace": namespace}}]}

    (result,) = playbook.run([task(MODULE, service_account="app", secrets=named("a"), kubeconfig=own)]).results

    assert (result["operation"], result["service_account"]["namespace"]) == ("updated", namespace)
