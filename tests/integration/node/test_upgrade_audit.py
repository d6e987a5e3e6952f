# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the upgrade audit predicts, and what a real kubelet does.

Pods run on a node whose kubelet lets them use every image that is there, as kubelets before 1.35 do. The audit is asked
about them. Then the same Pods are created on a new node.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from support.cluster import Cluster
from support.image_access import pull_secret
from support.node.images import push_image
from support.node.node import NAME, Node, running_node, wait_for
from support.node.programs import why_no_node
from support.playbook import Playbook, task
from support.servers.registries import PASSWORD, USER, Registry, basic, htpasswd_registry, registry

REASON = why_no_node()
pytestmark = pytest.mark.skipif(REASON is not None, reason=REASON or "")

REFUSED = {"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull"}


@dataclass(frozen=True)
class Case:
    """A Pod: whose namespace it is in, what it pulls with, and whether a new node runs it with the default policy."""

    namespace: str
    image: str
    runs: bool
    secrets: tuple[str, ...] = ()
    policy: str = "IfNotPresent"


# The first of each image pulls it.
CASES = {
    "the owner": Case("demo", "private", True, ("registry",)),
    "no Secret": Case("other", "private", False),
    "no Secret beside the owner": Case("demo", "private", False),
    "the same credentials": Case("other", "private", True, ("same",)),
    "an entry of another registry": Case("other", "private", False, ("elsewhere",)),
    "Never without a Secret": Case("other", "private", False, (), "Never"),
    "Never with a Secret": Case("demo", "private", True, ("registry",), "Never"),
    "a path that matches": Case("demo", "team", True, ("team",)),
    "a path that does not match": Case("demo", "private", False, ("team",)),
    "a wrong password": Case("other", "private", False, ("wrong",)),
    "Always without a Secret": Case("other", "private", False, (), "Always"),
    "public": Case("demo", "public", True),
    "public elsewhere": Case("other", "public", True),
}


@pytest.fixture(scope="module")
def registries() -> Iterator[tuple[Registry, Registry]]:
    """A registry that asks for a password, and one that serves everyone."""
    with htpasswd_registry() as private, registry({}, tls=True) as public:
        yield private, public


@pytest.fixture(autouse=True)
def leaving_no_node(cluster: Cluster) -> Iterator[None]:
    """Delete the Nodes that the kubelets registered: tests that share the API server count Nodes."""
    yield
    for node in cluster.api.list_node().items:
        cluster.api.delete_node(node.metadata.name)


@pytest.mark.parametrize("policy", ["NeverVerifyPreloadedImages", "AlwaysVerify"])
def test_the_audit_predicts_what_a_new_node_does(
    cluster: Cluster, tmp_path: Path, registries: tuple[Registry, Registry], policy: str
) -> None:
    private, public = registries
    images = {
        "private": f"{private.location}/app:1",
        "team": f"{private.location}/team/app:1",
        "public": f"{public.location}/app:1",
    }
    namespaces = {name: cluster.create_namespace() for name in ("demo", "other")}
    for namespace in namespaces.values():
        cluster.create_account(namespace, "default")
    create_secrets(cluster, namespaces, private)
    pods = {name: make_pod(case, images, namespaces) for name, case in CASES.items()}

    with running_node(
        kubeconfig_of(cluster), registries, {"imagePullCredentialsVerificationPolicy": "NeverVerify"}
    ) as old:
        for place, image in (("private", "app:1"), ("private", "team/app:1"), ("public", "app:1")):
            target = private if place == "private" else public
            authorization = basic(USER, PASSWORD) if target is private else ""
            push_image(target, image, old.image(image), authorization)
        on_old = run_pods(cluster, old, pods)
        predicted = audit(Playbook(tmp_path, "always"), cluster, namespaces, registries, policy)
        delete_pods(cluster, pods)
    with running_node(kubeconfig_of(cluster), registries, {"imagePullCredentialsVerificationPolicy": policy}) as new:
        on_new = run_pods(cluster, new, pods)

    assert [name for name, state in on_old.items() if state != "running"] == ["Always without a Secret"]
    assert {name: state == "running" for name, state in on_new.items()} == {name: c.runs for name, c in CASES.items()}
    names = {pod["metadata"]["name"]: name for name, pod in pods.items()}
    expected = {name: "ok" if case.runs else "fails" for name, case in CASES.items()}
    if policy == "AlwaysVerify":  # only a node on which the kubelet pulled the image before runs it
        expected["Never with a Secret"] = "unknown"
    assert {names[pod]: outcome for pod, outcome in predicted.items()} == expected


def create_secrets(cluster: Cluster, namespaces: Mapping[str, str], private: Registry) -> None:
    for namespace, name, server, password in (
        ("demo", "registry", private.location, PASSWORD),
        ("other", "same", private.location, PASSWORD),
        ("other", "wrong", private.location, "another"),
        ("other", "elsewhere", "registry.example.com", PASSWORD),
        ("demo", "team", f"https://{private.location}/team", PASSWORD),
    ):
        entry = {"auth": basic(USER, password).removeprefix("Basic ")}
        pull_secret(cluster, namespaces[namespace], name, {server: entry})


def make_pod(case: Case, images: Mapping[str, str], namespaces: Mapping[str, str]) -> dict[str, Any]:
    name = f"pod-{list(CASES.values()).index(case)}"
    container = {"name": "app", "image": images[case.image], "imagePullPolicy": case.policy}
    spec = {
        "nodeName": NAME,
        "hostNetwork": True,
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 0,
        "tolerations": [{"operator": "Exists"}],
        "imagePullSecrets": [{"name": secret} for secret in case.secrets],
        "containers": [container],
    }
    return {"metadata": {"name": name, "namespace": namespaces[case.namespace]}, "spec": spec}


def kubeconfig_of(cluster: Cluster) -> dict[str, Any]:
    assert cluster.client_kubeconfig, "the API server is not one that the tests started"
    return cluster.client_kubeconfig(f"system:node:{NAME}", ["system:nodes", "system:masters"])


def run_pods(cluster: Cluster, node: Node, pods: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Create the Pods one after the other, and return for each "running" or the reason why it waits."""
    found = {}
    for name, pod in pods.items():
        cluster.api.create_namespaced_pod(pod["metadata"]["namespace"], pod)
        found[name] = wait_for(name, partial(read_state, cluster, pod), node)
    return found


def read_state(cluster: Cluster, pod: Mapping[str, Any]) -> str | None:
    """Return "running", the reason of a refused image, or None as long as neither is known."""
    metadata = pod["metadata"]
    answer = cluster.api.read_namespaced_pod(metadata["name"], metadata["namespace"], _preload_content=False)
    for status in json.loads(answer.data)["status"].get("containerStatuses") or ():
        if "running" in status["state"]:
            return "running"
        reason = status["state"].get("waiting", {}).get("reason")
        if reason in REFUSED:
            return str(reason)
    return None


def delete_pods(cluster: Cluster, pods: Mapping[str, Mapping[str, Any]]) -> None:
    for pod in pods.values():
        metadata = pod["metadata"]
        cluster.api.delete_namespaced_pod(metadata["name"], metadata["namespace"], grace_period_seconds=0)


def audit(
    playbook: Playbook,
    cluster: Cluster,
    namespaces: Mapping[str, str],
    registries: Sequence[Registry],
    policy: str,
) -> dict[str, str]:
    """Return the outcome that the module predicts, by the name of the Pod."""
    ca = playbook.directory / "registries.crt"
    ca.write_bytes(b"".join(each.ca or b"" for each in registries))
    options = {
        "namespaces": list(namespaces.values()),
        "upgrade_audit": True,
        "kubelet_policy": policy,
        "verify": True,
        "verify_scope": "all",
        "verify_ca_cert": str(ca),
    }
    audited = task("image_access_info", **options, kubeconfig=str(cluster.kubeconfig))
    (result,) = playbook.run([audited]).results
    return {image["name"]: image["upgrade"]["outcome"] for image in result["images"]}
