# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The upgrade audit on a real API server: what it reads, what it finds, and what it asks registries."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from support.cluster import Cluster
from support.image_access import (
    APP,
    AUDIT_RULES,
    MODULE,
    RULES,
    UNAUTHORIZED,
    ask,
    link,
    nodes,
    pull_secret,
    run_pod,
    spec,
    start_pod,
)
from support.playbook import Playbook, task
from support.samples.secrets import encode
from support.servers.odd_registry import OddRegistry, asks_basic, asks_token, manifest, odd_registry, reply, sends_on

SECRET = "lender-s3cret"


@pytest.fixture
def private() -> Iterator[OddRegistry]:
    """A registry that serves nothing without a password."""
    with odd_registry(asks_basic(manifest)) as server:
        yield server


@pytest.fixture
def public() -> Iterator[OddRegistry]:
    """A registry that gives everyone a token."""
    with odd_registry(manifest) as server:
        server.behaviour = asks_token(
            f"http://{server.location}/token", lambda asked: reply("200 OK", body=b'{"token": "anonymous"}')
        )
        yield server


def found(result: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """By name of the object: the credentials, the outcome, when it fails."""
    return {
        item["name"]: (item["credentials"], item["upgrade"]["outcome"], item["upgrade"]["when"])
        for item in result["images"]
    }


def borrow(cluster: Cluster, namespace: str, image: str, server: str) -> str:
    """Fill a namespace with a Pod that borrows the Secret of another namespace, and return that namespace."""
    lender = cluster.create_namespace()
    pull_secret(cluster, lender, "registry", {server: {"auth": encode(f"octo:{SECRET}")}})
    link(cluster, namespace, "app")
    start_pod(cluster, namespace, "borrower", spec(image))
    return lender


def test_a_borrowed_image(cluster: Cluster, namespace: str, playbook: Playbook, private: OddRegistry) -> None:
    image = f"{private.location}/acme/app:1"
    lender = borrow(cluster, namespace, image, private.location)
    reader = cluster.cluster_identity(namespace, AUDIT_RULES)
    asking = {"verify": True, "verify_plain_http": [private.location]}
    with nodes(cluster, "v1.34.6", "v1.34.6", "v1.35.2"):
        run = playbook.run(
            [
                ask(reader, namespace=namespace, upgrade_audit=True, **asking),
                ask(reader, namespace=namespace, upgrade_audit=True),
                {**ask(reader, namespace=namespace, upgrade_audit=True, **asking), "check_mode": True},
                ask(reader, namespace=namespace, upgrade_audit=True, kubelet_policy="AlwaysVerify", **asking),
                ask(reader, namespace=namespace),
            ],
            "-vvv",
        )
    asked, unasked, check, always, plain = run.results

    (item,) = asked["images"]
    assert {name: item[name] for name in ("status", "pull_policy", "credentials", "running")} == {
        "status": "no_entry",
        "pull_policy": "IfNotPresent",
        "credentials": "borrowed",
        "running": True,
    }
    assert item["borrowed_from"] == [
        {"namespace": lender, "name": "registry", "server": private.location, "username": "octo"}
    ]
    assert item["upgrade"] == {
        "outcome": "fails",
        "when": "new_node_or_tag",
        "nodes": {"v1.34.6": 2, "v1.35.2": 1},
        "text": f"The Pod has no credentials of its own, and depends on a Pod with Secret {lender}/registry to pull "
        "the image. A kubelet of 1.35 or later refuses that on a new node or with a new tag. That may be long "
        "after the upgrade.",
    }
    assert item["fix"] == {
        "text": f"Copy Secret {lender}/registry, if its owner agrees, and link it to ServiceAccount app. Then "
        "recreate the Pod.",
        "task": {
            "keyring.kubernetes.image_pull_secret": {
                "namespace": namespace,
                "name": "registry",
                "credentials_from": {"namespace": lender, "name": "registry"},
                "service_accounts": ["app"],
            }
        },
    }
    assert [problem["id"] for problem in asked["problems"]] == ["kubelet_will_refuse"]
    assert (asked["summary"]["upgrade_fails"], asked.get("warnings")) == (1, None)
    assert check["images"] == asked["images"]
    assert found(always) == {"borrower": ("borrowed", "fails", "now")}
    assert found(unasked) == {"borrower": ("unknown", "unknown", None)}
    assert unasked["images"][0]["fix"]["task"] == item["fix"]["task"]
    assert unasked["warnings"] == [
        f"{private.location}: 1 image without an entry cannot be judged. Set verify to ask the registry whether it "
        "serves them to everyone."
    ]
    assert "credentials" not in plain["images"][0]
    assert private.sent == []
    assert SECRET not in run.output
    assert encode(f"octo:{SECRET}") not in run.output
    if cluster.audit_log:
        # A request about what the API offers is about no object.
        events = Counter(
            (event["verb"], event["objectRef"]["resource"]) for event in cluster.audit(reader) if "objectRef" in event
        )
        assert events["list", "nodes"] == 4
        assert set(events) <= {("list", resource) for rule in AUDIT_RULES for resource in rule["resources"]}
    fixed = playbook.run([{**item["fix"]["task"], "module_defaults": admin(cluster)}]).results[0]
    assert fixed["operation"] == "created"
    cluster.api.delete_namespaced_pod("borrower", namespace, grace_period_seconds=0)
    start_pod(cluster, namespace, "borrower", spec(image))
    again = playbook.run([ask(reader, namespace=namespace, upgrade_audit=True)]).results[0]
    assert found(again) == {"borrower": ("own", "ok", None)}


def admin(cluster: Cluster) -> dict[str, Any]:
    return {"group/keyring.kubernetes.k8s": {"kubeconfig": str(cluster.kubeconfig)}}


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_whose_credentials(
    cluster: Cluster, namespace: str, playbook: Playbook, private: OddRegistry, public: OddRegistry
) -> None:
    hidden, open_image = f"{private.location}/acme/app:1", f"{public.location}/acme/app:1"
    pull_secret(cluster, namespace, "registry", {private.location: {"auth": encode(f"octo:{SECRET}")}})
    pull_secret(cluster, namespace, "broken", {"x": {"auth": "!!"}})
    link(cluster, namespace, "app")
    pods = {
        "own": spec(hidden, secrets=["registry"]),
        "public": spec(open_image),
        "near": spec(hidden),
        "missing": spec(f"localhost:{private.location.partition(':')[2]}/acme/app:1"),
        "node": spec("node.example/app:1"),
        "broken": spec(hidden, secrets=["broken"]),
        "system": spec("registry.k8s.io/pause:3.10"),
    }
    for name, pod in pods.items():
        start_pod(cluster, namespace, name, pod)
    run_pod(cluster, namespace, "failing", spec(APP), "ErrImagePull", UNAUTHORIZED)
    reader = cluster.cluster_identity(namespace, AUDIT_RULES)
    plain = [private.location, public.location, f"localhost:{private.location.partition(':')[2]}"]
    with nodes(cluster, "v1.36.0"):
        (result,) = playbook.run(
            [
                ask(
                    reader,
                    namespace=namespace,
                    upgrade_audit=True,
                    verify=True,
                    verify_plain_http=plain,
                    node_credentials={
                        "mirrors": {"mirrors": {"node.example": {"endpoint": ["https://mirror.example"]}}}
                    },
                )
            ]
        ).results
    assert found(result) == {
        "own": ("own", "ok", None),
        "public": ("public", "ok", None),
        "near": ("borrowed", "fails", "new_node_or_tag"),
        "missing": ("missing", "fails", "new_node_or_tag"),
        "node": ("node", "ok", None),
        "broken": ("missing", "fails", "new_node_or_tag"),
        "system": ("public", "ok", None),
        "failing": ("missing", "fails", "now"),
    }
    fixes = {item["name"]: item["fix"] for item in result["images"]}
    assert [name for name, fix in fixes.items() if fix is None] == ["node", "own", "public", "system"]
    assert fixes["near"]["task"] == {
        "keyring.kubernetes.service_account_secrets": {
            "namespace": namespace,
            "service_account": "app",
            "image_pull_secrets": [{"name": "registry"}],
        }
    }
    assert [asked.authorization for asked in public.asked] == [None, None, "Bearer anonymous"]
    assert private.sent == []


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_what_may_not_be_read(cluster: Cluster, namespace: str, playbook: Playbook, private: OddRegistry) -> None:
    image = f"{private.location}/acme/app:1"
    borrow(cluster, namespace, image, private.location)
    no_nodes = cluster.cluster_identity(namespace, RULES)
    one_namespace = cluster.identity(namespace, RULES)
    asking = {"namespace": namespace, "upgrade_audit": True, "verify": True, "verify_plain_http": [private.location]}
    first, second = playbook.run([ask(no_nodes, **asking), ask(one_namespace, **asking)]).results

    assert found(first) == {"borrower": ("borrowed", "unknown", None)}
    assert first["images"][0]["upgrade"]["nodes"] == {}
    assert first["warnings"] == [
        "The upgrade audit is not complete. Cannot list Nodes: forbidden (403). The identity "
        f"{no_nodes.user} needs the verb list on nodes in all namespaces. Bind it to a ClusterRole with that rule; the "
        "guide to permissions shows the whole ClusterRole."
    ]
    assert [place["kind"] for place in first["unknown"]] == ["Node"]
    assert found(second) == {"borrower": ("unknown", "unknown", None)}
    assert [place["kind"] for place in second["unknown"]] == ["Node", "Secret"]
    assert len(second["warnings"]) == 2


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_nodes_of_a_cloud(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
    link(cluster, namespace, "app")
    for name in ("one", "two"):
        start_pod(cluster, namespace, name, spec(f"{ecr}/{name}:1"))
    reader = cluster.cluster_identity(namespace, AUDIT_RULES)
    config = {
        "apiVersion": "kubelet.config.k8s.io/v1",
        "kind": "CredentialProviderConfig",
        "providers": [
            {
                "name": "ecr-credential-provider",
                "apiVersion": "credentialprovider.kubelet.k8s.io/v1",
                "matchImages": ["*.dkr.ecr.*.amazonaws.com"],
                "defaultCacheDuration": "12h",
            }
        ],
    }
    with nodes(cluster, "v1.33.1-eks-113cf36", providerID="aws:///eu-west-1a/i-0"):
        unknown, given, provider = playbook.run(
            [
                ask(reader, namespace=namespace, upgrade_audit=True),
                ask(reader, namespace=namespace, upgrade_audit=True, node_providers=["*.dkr.ecr.*.amazonaws.com"]),
                ask(
                    reader,
                    namespace=namespace,
                    upgrade_audit=True,
                    node_credentials={"credential_provider_config": config},
                ),
            ]
        ).results
    assert found(unknown) == dict.fromkeys(("one", "two"), ("unknown", "unknown", None))
    warnings = [text for text in unknown["warnings"] if "node_providers" in text]
    assert warnings == [
        "The nodes are of EKS and usually pull from its registry with their own credentials, which the API does not "
        "show. Set node_providers, for example to ['*.dkr.ecr.*.amazonaws.com'], to audit these images."
    ]
    assert found(given) == found(provider) == dict.fromkeys(("one", "two"), ("node", "ok", None))
    assert [item["by_node"] for item in provider["images"]] == [True, True]


def test_bad_credentials_of_nodes(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    secret = "n0de-s3cret"
    provider = {"name": "p", "apiVersion": "credentialprovider.kubelet.k8s.io/v1", "defaultCacheDuration": "0s"}
    base = {"apiVersion": "kubelet.config.k8s.io/v1", "kind": "CredentialProviderConfig"}
    token = {"serviceAccountTokenAudience": "a", "requireServiceAccount": True}
    configs = [
        {**base, "providers": [{**provider, "matchImages": ["a.example"], "tokenAttributes": token}]},
        {**base, "providers": [{**provider, "matchImages": ["https://a.example"], "env": [{"value": secret}]}]},
        {**base, "apiVersion": "v2", "providers": []},
        f"providers: [{secret}",
    ]
    bad = [{"credential_provider_config": config} for config in configs]
    bad += [
        {"docker_configs": [{"auths": {"a.example": {"auth": encode(f"u:{secret}")}}}, secret]},
        {"mirrors": {"configs": {"a.example": {"auth": {"username": "u", "password": secret}, "mirrors": 1}}, "x": 1}},
        {"mirrors": {"mirrors": {"a.example": {"endpoints": ["https://b.example"]}}}},
    ]
    run = playbook.run(
        [task(MODULE, namespace=namespace, upgrade_audit=True, node_credentials=given) for given in bad], "-vvv"
    )
    place = "node_credentials.credential_provider_config"
    assert [result["failure"]["option"] for result in run.results] == [
        f"{place}.providers[0].tokenAttributes.cacheType",
        f"{place}.providers[0].matchImages[0]",
        f"{place}.apiVersion",
        place,
        "node_credentials.docker_configs[1]",
        "node_credentials.mirrors",
        'node_credentials.mirrors.mirrors["a.example"].endpoints',
    ]
    assert run.results[0]["msg"] == (
        f"{place}.providers[0].tokenAttributes.cacheType is missing. From 1.34 on, the kubelet does not start without "
        "it. Write ServiceAccount if the credentials are the same for all Pods of a ServiceAccount, otherwise Token."
    )
    assert not re.search(f"{secret}|{encode(f'u:{secret}')}", run.output)


def images_of(server: OddRegistry, count: int) -> list[str]:
    return [f"{server.location}/app-{number}" for number in range(count)]


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_registries_that_misbehave(playbook: Playbook) -> None:
    with (
        odd_registry(lambda asked: reply("429 Too Many Requests", "Retry-After: 3600")) as busy,
        odd_registry(sends_on) as endless,
        odd_registry(manifest) as elsewhere,
        odd_registry(manifest) as foreign,
        odd_registry(lambda asked: [b""]) as silent,
        odd_registry(manifest) as many,
    ):
        foreign.behaviour = asks_token(f"http://localhost:{elsewhere.server_address[1]}/token", manifest)
        servers = (busy, endless, foreign, silent)
        plain = [server.location for server in (*servers, many)]
        asking = {
            "docker_configs": {"auths": {}},
            "upgrade_audit": True,
            "verify": True,
            "verify_timeout": 2,
            "verify_plain_http": plain,
        }
        images = [image for server in servers for image in images_of(server, 5)]
        odd, bounded = playbook.run(
            [
                task(MODULE, images=images, **asking),
                task(MODULE, images=images_of(many, 20), verify_max_requests=7, **asking),
            ]
        ).results
        assert {item["credentials"] for item in odd["images"]} == {"unknown"}
        assert len(busy.asked) == 1, "no more than one after a 429"
        assert len(silent.asked) == 1
        assert elsewhere.asked == [], "nothing is sent to a realm elsewhere"
        assert Counter(item["credentials"] for item in bounded["images"]) == {"public": 7, "unknown": 13}
        assert len(many.asked) == 7
        assert bounded["warnings"] == [
            "A registry gave no answer or does not have the tag that was asked for, or verify_max_requests is reached. "
            "The number of images that were not asked for is 13."
        ]


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_openshift_and_a_volume(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    """The nodes pull with the Secret of OpenShift, and the message decides about which image a cause is."""
    cluster.api.create_namespace({"metadata": {"name": "openshift-config"}})
    try:
        pull_secret(
            cluster, "openshift-config", "pull-secret", {"quay.io/openshift": {"auth": encode("u:node-s3cret")}}
        )
        link(cluster, namespace, "app")
        start_pod(cluster, namespace, "global", spec("quay.io/openshift/tool:1"))
        pod = {**spec(APP), "volumes": [{"name": "data", "image": {"reference": "docker.io/bitnami/data:1"}}]}
        run_pod(
            cluster,
            namespace,
            "volume",
            pod,
            "ErrImagePull",
            'failed to pull and unpack image "docker.io/bitnami/data:1": docker.io/bitnami/data:1: not found',
        )
        only_secret = [
            {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["pull-secret"], "verbs": ["get"]}
        ]
        everywhere = cluster.cluster_identity(namespace, AUDIT_RULES)
        here = cluster.identity(namespace, RULES)
        reads = cluster.identity(namespace, RULES)
        _user, _sep, account = reads.user.rpartition(":")
        cluster.grant("openshift-config", account, namespace, only_secret)
        results = playbook.run(
            [ask(identity, namespace=namespace, upgrade_audit=True) for identity in (everywhere, here, reads)]
        ).results
        assert [found(result)["global"][0] for result in results] == ["node", "unknown", "node"]
        causes = {item["image"]: item["cause"] and item["cause"]["id"] for item in results[0]["images"]}
        assert causes == {APP: None, "docker.io/bitnami/data:1": "retired", "quay.io/openshift/tool:1": None}
    finally:
        cluster.api.delete_namespace("openshift-config")
