# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Secret that something uses is neither deleted nor made anew, wherever it is named; and what does not count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.users import BUILT_IN_KINDS
from support.cluster import Cluster, Identity, verbs
from support.many_namespaces import (
    GHCR,
    GHCR_ROTATED,
    NAME,
    PULL,
    RULES,
    about,
    foreseeable,
    holding,
    keep,
    make,
    summary,
    told,
    without,
)
from support.playbook import Playbook, task
from support.rbac import reading
from support.uses import BUILT_IN, OFFERS, pod, workload

KINDS = {kind.kind: kind for kind in BUILT_IN_KINDS}

VOLUME = {"volumes": [{"name": "v", "secret": {"secretName": NAME}}]}
PROJECTED = {"volumes": [{"name": "v", "projected": {"sources": [{"secret": {"name": NAME}}]}}]}
KEY = {"env": [{"name": "X", "valueFrom": {"secretKeyRef": {"name": NAME, "key": "x"}}}]}
ALL_KEYS = {"envFrom": [{"secretRef": {"name": NAME}}]}
INIT = {"initContainers": [{"name": "first", "image": "ghcr.io/acme/app:1", **KEY}]}
DEBUG = {"ephemeralContainers": [{"name": "debug", "image": "ghcr.io/acme/app:1", **ALL_KEYS}]}
ONCE = {"restartPolicy": "Never"}

ENDED = "2026-01-01T00:00:00Z"
COMPLETE = [
    {"type": name, "status": "True", "lastTransitionTime": ENDED, "reason": "x", "message": ""}
    for name in ("SuccessCriteriaMet", "Complete")
]
FAILED = [{**item, "type": name} for item, name in zip(COMPLETE, ("FailureTarget", "Failed"), strict=True)]


def job(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {"template": pod({**ONCE, **spec})}


def replicas(number: int, **metadata: Any) -> dict[str, Any]:
    made = workload("x", PULL, replicas=number)
    return {**made, "metadata": metadata}


OWNED = [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "5d2c", "controller": True}]
OWNED_BY_OTHER = [{**OWNED[0], "apiVersion": "games.example.com/v1", "kind": "GameServer"}]
CONTROLLER = {"selector": {"app": "x"}, "template": pod(PULL)}

# An object that uses the Secret of its namespace: its kind, and what is in it.
COUNTED: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "pod-pull": ("Pod", pod(PULL)),
    "pod-volume": ("Pod", pod(VOLUME)),
    "pod-projected": ("Pod", pod(PROJECTED)),
    "pod-env": ("Pod", pod({}, KEY)),
    "pod-env-from": ("Pod", pod({}, ALL_KEYS)),
    "pod-init": ("Pod", pod(INIT)),
    "pod-debug": ("Pod", pod({})),
    "deployment": ("Deployment", workload("x", PULL)),
    "deployment-at-0": ("Deployment", workload("x", PULL, replicas=0)),
    "stateful-set": ("StatefulSet", workload("x", VOLUME)),
    "daemon-set": ("DaemonSet", workload("x", PROJECTED)),
    "replica-set": ("ReplicaSet", replicas(1)),
    "replica-set-of-another": ("ReplicaSet", replicas(1, ownerReferences=OWNED_BY_OTHER)),
    "replication-controller": ("ReplicationController", {"spec": {**CONTROLLER, "replicas": 1}}),
    "pod-template": ("PodTemplate", {"template": pod(PULL)}),
    "job": ("Job", {"spec": job(PULL)}),
    "cron-job": ("CronJob", {"spec": {"schedule": "0 3 * * *", "jobTemplate": {"spec": job(VOLUME)}}}),
    "account-pull": ("ServiceAccount", PULL),
    "account-secrets": ("ServiceAccount", {"secrets": [{"name": NAME}]}),
}
NOT_COUNTED: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "no-user": ("Pod", pod({})),
    "another-secret": ("Pod", pod({"imagePullSecrets": [{"name": f"{NAME}-2"}]})),
    "a-config-map": ("Pod", pod({"volumes": [{"name": "v", "configMap": {"name": NAME}}]})),
    "succeeded-pod": ("Pod", pod(PULL)),
    "failed-pod": ("Pod", pod(PULL)),
    "complete-job": ("Job", {"spec": job(PULL)}),
    "failed-job": ("Job", {"spec": job(PULL)}),
    "replica-set-at-0": ("ReplicaSet", replicas(0)),
    "replication-controller-at-0": ("ReplicationController", {"spec": {**CONTROLLER, "replicas": 0}}),
    "owned-replica-set": ("ReplicaSet", replicas(1, ownerReferences=OWNED)),
}
Change = Callable[[Cluster, str], object]


def status(kind: str, **fields: Any) -> Change:
    return lambda cluster, namespace: send(cluster, "PATCH", kind, namespace, {"status": fields}, "/x/status")


# What becomes of an object after it was made.
AFTERWARDS: Mapping[str, Change] = {
    "pod-debug": lambda cluster, namespace: send(
        cluster, "PATCH", "Pod", namespace, {"spec": DEBUG}, "/x/ephemeralcontainers"
    ),
    "succeeded-pod": status("Pod", phase="Succeeded"),
    "failed-pod": status("Pod", phase="Failed"),
    "complete-job": status("Job", startTime=ENDED, completionTime=ENDED, succeeded=1, conditions=COMPLETE),
    "failed-job": status("Job", startTime=ENDED, conditions=FAILED),
}


def send(cluster: Cluster, method: str, kind: str, namespace: str, body: Mapping[str, Any], path: str = "") -> None:
    """Create or change an object of a kind."""
    form = "application/merge-patch+json" if method == "PATCH" else "application/json"
    api_client = cluster.api.api_client
    target = f"{KINDS[kind].path('v1', namespace)}{path}"
    headers = {"Content-Type": form, "Accept": "application/json"}
    request = api_client.param_serialize(
        method, target, header_params=headers, body=body, auth_settings=["BearerToken"]
    )
    answer = api_client.call_api(*request)
    assert answer.status < 300, answer.read()


def create_user(cluster: Cluster, namespace: str, kind: str, item: Mapping[str, Any], name: str = "x") -> None:
    metadata = {**(item.get("metadata") or {}), "name": name}
    send(cluster, "POST", kind, namespace, {**item, "metadata": metadata})


@pytest.fixture
def group(namespace: str) -> str:
    """What the names of this test's namespaces begin with."""
    return namespace


DESPITE = "To delete the Secret despite the references, set in_use=warn."


def refused(namespace: str, users: str) -> str:
    remove = "Remove these references first."
    if "ServiceAccount" in users:
        remove += " With state=absent, service_accounts=['*'] removes those of ServiceAccounts."
    return f"Secret {namespace}/{NAME} is in use by {users}. {remove} {DESPITE}"


def test_each_place_in_which_a_secret_can_be_named(
    cluster: Cluster, group: str, playbook: Playbook, reader: Identity, writer: Identity
) -> None:
    rows = {**COUNTED, **NOT_COUNTED}
    names = dict(zip(rows, make(cluster, group, *rows), strict=True))
    for row, (kind, item) in rows.items():
        cluster.create_account(names[row], "default")
        create_user(cluster, names[row], kind, item)
        if row in AFTERWARDS:
            AFTERWARDS[row](cluster, names[row])
    which: dict[str, Any] = {"namespaces": [f"{group}-*"]}
    anew = {**which, "immutable": True, "recreate": True}

    made, *results = playbook.run(
        [
            keep(writer, GHCR, **which, immutable=True),
            {**keep(reader, GHCR_ROTATED, **anew), "check_mode": True},
            keep(writer, GHCR_ROTATED, **anew),
            {**keep(reader, **which, state="absent"), "check_mode": True},
            keep(writer, **which, state="absent"),
        ]
    ).results

    assert told(made) == dict.fromkeys(names.values(), "created")
    for operation, check, real in zip(("recreated", "deleted"), results[::2], results[1::2], strict=True):
        expected = {names[row]: "failed" if row in COUNTED else operation for row in rows}
        assert told(real) == expected
        messages = {entry["namespace"]: entry["msg"] for entry in real["secrets"] if "msg" in entry}
        assert messages == {names[row]: refused(names[row], f"{kind} x") for row, (kind, _item) in COUNTED.items()}
        assert (check["msg"], check["summary"], told(check)) == (real["msg"], real["summary"], told(real))
    assert holding(cluster, *names.values()) == sorted(names[row] for row in COUNTED)
    if cluster.audit_log:
        events = cluster.audit(reader)
        listed = about(events, {"secrets", "namespaces", *BUILT_IN})
        assert set(verbs(listed)) == {"list"}
        lists = Counter(event["objectRef"]["resource"] for event in listed)
        assert lists == dict.fromkeys(("secrets", "namespaces", *BUILT_IN), 2)
        assert [event["requestURI"] for event in events].count(OFFERS) == 2


def test_what_is_told_of_users_and_of_what_can_not_be_seen(
    cluster: Cluster, namespace: str, playbook: Playbook, reader: Identity, writer: Identity
) -> None:
    cluster.create_account(namespace, "default")
    for number in range(12):
        create_user(cluster, namespace, "Pod", pod(VOLUME), f"web-{number:02}")
    no_pods = cluster.identity(namespace, without("list", "pods"))
    no_jobs = cluster.identity(namespace, without("list", "jobs"))
    nothing = cluster.identity(namespace, [rule for rule in RULES if "secrets" in rule["resources"]])
    absent = {"namespace": namespace, "state": "absent"}

    _made, check, real, unseen, partly, warned_unseen, warned, ignored = playbook.run(
        [
            keep(writer, GHCR, namespace=namespace),
            {**keep(reader, **absent), "check_mode": True},
            keep(writer, **absent),
            keep(no_pods, **absent),
            keep(no_jobs, **absent),
            {**keep(no_pods, **absent, in_use="warn"), "check_mode": True},
            {**keep(reader, **absent, in_use="warn"), "check_mode": True},
            keep(nothing, **absent, in_use="ignore"),
        ]
    ).results

    users = f"{', '.join(f'Pod web-{number:02}' for number in range(10))} and 2 more"
    assert (real["msg"], real["changed"]) == (refused(namespace, users), False)
    assert check == real
    not_known = "uses Secret {0}/{1} is not known. Cannot list {2} of namespace {0}: forbidden (403). The identity {3} "
    not_known += "may not list them. Add to its Role: rules: [{{apiGroups: [{4}], resources: [{5}], verbs: [list]}}]."
    no_pods_known = not_known.format(namespace, NAME, "Pods", no_pods.user, '""', "pods")
    no_jobs_known = not_known.format(namespace, NAME, "Jobs", no_jobs.user, "batch", "jobs")
    grant = "Grant the identity these permissions. To delete the Secret without this check, set in_use=warn."
    assert unseen["msg"] == f"Whether anything {no_pods_known} {grant}"
    in_use = f"Secret {namespace}/{NAME} is in use by {users}."
    remove = f"Remove these references first. {DESPITE}"
    assert partly["msg"] == f"{in_use} Whether anything else {no_jobs_known} {remove}"
    assert (warned_unseen["operation"], warned_unseen["warnings"]) == ("deleted", [f"Whether anything {no_pods_known}"])
    assert (warned["operation"], warned["warnings"]) == ("deleted", [in_use])
    assert (ignored["operation"], ignored.get("warnings", [])) == ("deleted", [])
    if cluster.audit_log:
        assert verbs(cluster.audit(nothing)) == ["get", "delete"]


def test_what_is_listed(cluster: Cluster, group: str, playbook: Playbook) -> None:
    """Only where something is to be deleted or made anew: each kind once in all, or once in each of a few names."""
    a, b, empty = make(cluster, group, "a", "b", "empty")
    everywhere, names = {"namespaces": [f"{group}-?"]}, {"namespaces": [a, b]}
    absent = {"state": "absent"}
    asked: Mapping[str, tuple[dict[str, Any], int]] = {
        "glob": ({**everywhere, **absent}, 1),
        "names": ({**names, **absent}, 2),
        "one": ({"namespace": a, **absent}, 1),
        "recreate": ({**everywhere, "registries": [GHCR], "immutable": False, "recreate": True}, 1),
        "prune": ({"namespaces": [a], "registries": [GHCR], "prune": True, "owner": group}, 1),
        "ignore": ({**everywhere, **absent, "in_use": "ignore"}, 0),
        "absent-already": ({"namespace": empty, **absent}, 0),
        "nothing-to-prune": ({**names, "registries": [GHCR], "prune": True, "owner": group}, 0),
        "update": ({**everywhere, "registries": [GHCR], "labels": {"team": "web"}, "recreate": True}, 0),
        "unchanged": ({**everywhere, "registries": [GHCR], "recreate": True}, 0),
    }
    identities = {row: cluster.cluster_identity(group, reading(RULES)) for row in asked}
    writer = cluster.cluster_identity(group, RULES)

    _made, *results = playbook.run(
        [
            keep(writer, GHCR, **names, immutable=True, owner=group),
            *(
                {**keep(identities[row], **arguments), "check_mode": True}
                for row, (arguments, _number) in asked.items()
            ),
        ]
    ).results

    assert {row: result["operation"] for row, result in zip(asked, results, strict=True)} == {
        **dict.fromkeys(("glob", "names", "one", "ignore", "prune"), "deleted"),
        "recreate": "recreated",
        "update": "updated",
        **dict.fromkeys(("absent-already", "nothing-to-prune", "unchanged"), "unchanged"),
    }
    if cluster.audit_log:
        listed = {
            row: Counter(event["objectRef"]["resource"] for event in about(cluster.audit(identity), BUILT_IN))
            for row, identity in identities.items()
        }
        assert listed == {
            row: dict.fromkeys(BUILT_IN if number else (), number) for row, (_given, number) in asked.items()
        }


def test_the_links_of_a_task_count_unless_they_are_taken_back(
    cluster: Cluster, group: str, playbook: Playbook, reader: Identity, writer: Identity
) -> None:
    a, b = make(cluster, group, "a", "b")
    for name in (a, b):
        cluster.create_account(name, "default")
    cluster.create_account(a, "builder", secrets=[{"name": NAME}])
    one: dict[str, Any] = {"namespace": a, "service_accounts": ["default"]}
    both = {"namespaces": [f"{group}-?"], "service_accounts": ["default"]}
    anew = {"immutable": True, "recreate": True}

    _made, recreated, absent, some, check, real = playbook.run(
        [
            keep(writer, GHCR, **both, immutable=True),
            keep(writer, GHCR_ROTATED, **one, **anew),
            keep(writer, **one, state="absent"),
            {**keep(reader, **both, state="absent"), "check_mode": True},
            {**keep(reader, **{**both, "service_accounts": ["*"]}, state="absent"), "check_mode": True, "diff": True},
            {**keep(writer, **{**both, "service_accounts": ["*"]}, state="absent"), "diff": True},
        ]
    ).results

    assert recreated["msg"] == refused(a, "ServiceAccount builder, ServiceAccount default")
    assert absent["msg"] == refused(a, "ServiceAccount builder")
    assert told(some) == {a: "failed", b: "deleted"}
    assert check == foreseeable(real)
    assert real["summary"] == summary(2, deleted=2)
    links = {entry["namespace"]: {link["service_account"] for link in entry["links"]} for entry in real["secrets"]}
    assert links == {a: {"builder", "default"}, b: {"default"}}
    for name in ("default", "builder"):
        account = cluster.api.read_namespaced_service_account(name, a)
        assert (account.image_pull_secrets, account.secrets) == (None, None)


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_without_their_definitions_nothing_is_asked_of_consumers(
    cluster: Cluster, namespace: str, playbook: Playbook
) -> None:
    identity = cluster.cluster_identity(namespace, RULES)
    git = {"namespace": namespace, "name": NAME, **identity.connection}
    cluster.create_secret(namespace, NAME, type="Opaque", string_data={"username": "octo", "password": "x"})

    seen, removed = playbook.run(
        [
            task("gitsync_secret_info", used_by=True, **git),
            task("gitsync_secret", format="flux", state="absent", **git),
        ]
    ).results

    assert [item["used_by"] for item in seen["secrets"]] == [[]]
    assert removed["operation"] == "deleted"
    if cluster.audit_log:
        events = cluster.audit(identity)
        groups = {event["objectRef"].get("apiGroup", "") for event in events if "objectRef" in event}
        assert groups <= {"", "apps", "batch", "primehub.io"}
        requests = Counter(event["requestURI"] for event in events if "objectRef" not in event)
        assert requests == {OFFERS: 2}, "one request in each task tells of all kinds"
