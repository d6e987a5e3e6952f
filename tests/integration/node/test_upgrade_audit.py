# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the upgrade audit predicts, and what a real kubelet does.

Pods run on a node whose kubelet lets them use every image that is there, as kubelets before 1.35 do. The audit is asked
about them, for each policy of kubelets. Then the same Pods are created on a new node with that policy.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from support.cluster import Cluster
from support.image_access import pull_secret
from support.node.joining import joining
from support.node.node import Node, running_node
from support.node.pods import Pod, create_pods, delete_pods, make_pod, wait_for_pod
from support.playbook import Playbook, task
from support.samples.secrets import encode
from support.servers.registries import PASSWORD, USER, Registry, basic, htpasswd_registry, push_image, registry

POLICY = "imagePullCredentialsVerificationPolicy"
PRELOADED, ALWAYS, LISTED = "NeverVerifyPreloadedImages", "AlwaysVerify", "NeverVerifyAllowlistedImages"


@dataclass(frozen=True)
class Case:
    """A Pod: whose namespace it is in, what it pulls with, and whether a new node runs it with the default policy.

    ``listed`` is whether a node runs it that does not verify its image, by an allowlist.
    """

    namespace: str
    image: str
    runs: bool
    secrets: tuple[str, ...] = ()
    policy: str = "IfNotPresent"
    listed: bool | None = None

    def runs_with(self, policy: str) -> bool:
        """Return whether a new node with this policy runs the Pod."""
        return self.runs if self.listed is None or policy != LISTED else self.listed


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
    "no Secret and an allowlist": Case("other", "team", False, listed=True),
    "a wrong password": Case("other", "private", False, ("wrong",)),
    "Always without a Secret": Case("other", "private", False, (), "Always"),
    "public": Case("demo", "public", True),
    "public elsewhere": Case("other", "public", True),
    "the node's own credentials": Case("demo", "node", True),
    "the node's own credentials elsewhere": Case("other", "node", True),
    "the node's own credentials and Always": Case("other", "node", True, (), "Always"),
    "the node's own credentials and Never": Case("other", "node", True, (), "Never"),
    "the node's own credentials and a wrong password": Case("demo", "node", True, ("wrong-for-node",), "Always"),
}
# Only a node on which the kubelet pulled the image before runs these, if it verifies all images.
UNKNOWN = ("Never with a Secret", "the node's own credentials and Never")


@dataclass(frozen=True)
class Audited:
    """What was found while the Pods ran on the old node: which do not, and the predictions by policy and case."""

    registries: tuple[Registry, ...]
    pods: Mapping[str, Pod]
    waiting: tuple[str, ...]
    predicted: Mapping[str, Mapping[str, str]]
    node_config: str


@pytest.fixture(scope="module")
def audited(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    namespaces = {name: cluster.create_namespace() for name in ("demo", "other")}
    for namespace in namespaces.values():
        cluster.create_account(namespace, "default")
    with htpasswd_registry() as private, registry({}, tls=True) as public, htpasswd_registry() as of_node:
        registries = (private, public, of_node)
        images = {
            "private": f"{private.location}/app:1",
            "team": f"{private.location}/team/app:1",
            "public": f"{public.location}/app:1",
            "node": f"{of_node.location}/app:1",
        }
        create_secrets(cluster, namespaces, private, of_node)
        node_config = json.dumps({"auths": {of_node.location: {"auth": encode(f"{USER}:{PASSWORD}")}}})
        pods = {name: make_case(name, case, images, namespaces) for name, case in CASES.items()}
        settings: dict[str, Any] = {POLICY: "NeverVerify"}
        with (
            joining(cluster) as kubeconfig,
            running_node(kubeconfig, registries, settings, node_config) as old,
        ):
            for target, name in ((private, "app:1"), (private, "team/app:1"), (public, "app:1"), (of_node, "app:1")):
                push_image(target, name, old.image(name), "" if target is public else basic(USER, PASSWORD))
            on_old = run_in_turn(cluster, old, pods)
            playbook = Playbook(tmp_path_factory.mktemp("audit"), "always")
            predicted = audit(playbook, cluster, list(namespaces.values()), registries, node_config, images["team"])
            delete_pods(cluster, list(pods.values()))
        waiting = tuple(name for name, runs in on_old.items() if not runs)
        yield Audited(registries, pods, waiting, predicted, node_config)
    for namespace in namespaces.values():
        cluster.api.delete_namespace(namespace)


@pytest.mark.parametrize("policy", [PRELOADED, ALWAYS, LISTED])
def test_the_audit_predicts_what_a_new_node_does(cluster: Cluster, audited: Audited, policy: str) -> None:
    settings: dict[str, Any] = {POLICY: policy}
    if policy == LISTED:
        settings["preloadedImagesVerificationAllowlist"] = [f"{audited.registries[0].location}/team/app"]
    with (
        joining(cluster) as kubeconfig,
        running_node(kubeconfig, audited.registries, settings, audited.node_config) as new,
    ):
        on_new = run_in_turn(cluster, new, audited.pods)
        delete_pods(cluster, list(audited.pods.values()))

    assert audited.waiting == ("Always without a Secret",)
    assert on_new == {name: case.runs_with(policy) for name, case in CASES.items()}
    expected = {name: "ok" if case.runs_with(policy) else "fails" for name, case in CASES.items()}
    if policy != PRELOADED:
        expected.update(dict.fromkeys(UNKNOWN, "unknown"))
    assert audited.predicted[policy] == expected


def create_secrets(cluster: Cluster, namespaces: Mapping[str, str], private: Registry, of_node: Registry) -> None:
    for namespace, name, server, password in (
        ("demo", "registry", private.location, PASSWORD),
        ("other", "same", private.location, PASSWORD),
        ("other", "wrong", private.location, "another"),
        ("other", "elsewhere", "registry.example.com", PASSWORD),
        ("demo", "team", f"https://{private.location}/team", PASSWORD),
        ("demo", "wrong-for-node", of_node.location, "another"),
    ):
        pull_secret(cluster, namespaces[namespace], name, {server: {"auth": encode(f"{USER}:{password}")}})


def make_case(name: str, case: Case, images: Mapping[str, str], namespaces: Mapping[str, str]) -> Pod:
    namespace = namespaces[case.namespace]
    return make_pod(namespace, f"pod-{list(CASES).index(name)}", images[case.image], case.secrets, policy=case.policy)


def run_in_turn(cluster: Cluster, node: Node, pods: Mapping[str, Pod]) -> dict[str, bool]:
    """Create the Pods, first one for each image, which pulls it, and return which run."""
    firsts: dict[str, str] = {}
    for name, case in CASES.items():
        firsts.setdefault(case.image, name)
    found = {}
    for names in (list(firsts.values()), [name for name in CASES if name not in firsts.values()]):
        create_pods(cluster, [pods[name] for name in names])
        for name in names:
            found[name] = wait_for_pod(cluster, node, pods[name]).is_running()
    return found


def audit(
    playbook: Playbook,
    cluster: Cluster,
    namespaces: Sequence[str],
    registries: Sequence[Registry],
    node_config: str,
    listed: str,
) -> dict[str, dict[str, str]]:
    """Return the outcomes that the module predicts, by policy and case."""
    ca = playbook.directory / "registries.crt"
    ca.write_bytes(b"".join(each.ca or b"" for each in registries))
    options = {
        "namespaces": list(namespaces),
        "upgrade_audit": True,
        "verify": True,
        "verify_scope": "all",
        "verify_ca_cert": str(ca),
        "node_credentials": {"docker_configs": node_config},
        "kubeconfig": str(cluster.kubeconfig),
    }
    tasks = [task("image_access_info", kubelet_policy=policy, **options) for policy in (PRELOADED, ALWAYS)]
    allowlist = [listed.rpartition(":")[0]]
    tasks.append(task("image_access_info", kubelet_policy=LISTED, kubelet_allowlist=allowlist, **options))
    results = playbook.run(tasks).results
    assert [result["msg"] for result in results if result.get("failed")] == []
    names = list(CASES)
    return {
        policy: {
            names[int(image["name"].rpartition("-")[2])]: image["upgrade"]["outcome"] for image in result["images"]
        }
        for policy, result in zip((PRELOADED, ALWAYS, LISTED), results, strict=True)
    }
