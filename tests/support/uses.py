# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects that use a Secret, one of each kind and each in another way, and what is told of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from kubernetes import client

from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.consumers import USER_KINDS
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.users import BUILT_IN_KINDS, group_resources
from support import primehub
from support.cluster import Cluster, Identity

MAY_LIST_ALL: Sequence[Mapping[str, Sequence[str]]] = (
    {"apiGroups": [""], "resources": ["secrets", "namespaces"], "verbs": ["list"]},
    *(
        {"apiGroups": [group], "resources": resources, "verbs": ["list"]}
        for group, resources in group_resources(USER_KINDS).items()
    ),
)
# What is listed on every cluster to see who uses a Secret.
BUILT_IN = {kind.resource for kind in BUILT_IN_KINDS}
# And where PrimeHub is installed, for pull secrets and for Git credentials.
PULL_KINDS = {*BUILT_IN, "images", "phdeployments"}
GIT_KINDS = {*BUILT_IN, "datasets"}
# What tells whether it is, and all other custom resources.
OFFERS = "/apis"


# Stands for the look at what the API server offers.
OFFER = "offer"


def used(api_version: str, kind: str, name: str, how: str, takes_effect: str) -> dict[str, Any]:
    """Return an item of used_by, but for its namespace."""
    return {
        "api_version": api_version,
        "kind": kind,
        "name": name,
        "how": how,
        "takes_effect": takes_effect,
        "blocking": True,
    }


SECRET = "<the Secret>"
_FROM_ENVIRONMENT = {"envFrom": [{"secretRef": {"name": SECRET}}]}
_SIDE = {"name": "side", "image": "ghcr.io/acme/app:1"}
_REF = {"secretRef": {"name": SECRET}}
# Places in a Pod that can name a Secret, beside those in which the workloads below do: how, when a change gets there,
# and the spec of a Pod that names it nowhere else.
PLACES: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "init-container": ("environment", "restart", {"initContainers": [{**_SIDE, **_FROM_ENVIRONMENT}]}),
    **{
        f"driver-{driver.lower()}": ("volume", "restart", {"volumes": [{"name": "v", driver: source}]})
        for driver, source in {
            "azureFile": {"secretName": SECRET, "shareName": "share"},
            "cephfs": {"monitors": ["a.io:6789"], **_REF},
            "cinder": {"volumeID": "1", **_REF},
            "csi": {"driver": "csi.a.io", "nodePublishSecretRef": {"name": SECRET}},
            "flexVolume": {"driver": "a.io/flex", **_REF},
            "iscsi": {"targetPortal": "a.io:3260", "iqn": "iqn.2026-01.io.a:1", "lun": 0, **_REF},
            "rbd": {"monitors": ["a.io:6789"], "image": "disk", **_REF},
            "scaleIO": {"gateway": "https://a.io", "system": "s", "volumeName": "v", **_REF},
            "storageos": {"volumeName": "v", **_REF},
        }.items()
    },
}
# An ephemeral container comes later than its Pod.
DEBUGGED = "debugged"

# What create_users makes, sorted as it is told. In PrimeHub, only a Dataset has a Git credential.
_PRIMEHUB = "primehub.io/v1alpha1"
_USED_BY = [
    used("batch/v1", "CronJob", "nightly", "environment", "restart"),
    used("apps/v1", "DaemonSet", "agent", "volume", "restart"),
    used(_PRIMEHUB, "Dataset", "primehub", "volume", "volume_refresh"),
    used("apps/v1", "Deployment", "web", "image_pull_secrets", "next_pull"),
    used("apps/v1", "Deployment", "web", "volume", "volume_refresh"),
    used(_PRIMEHUB, "Image", "primehub", "image_pull_secrets", "next_pull"),
    used(_PRIMEHUB, "Image", "primehub", "volume", "restart"),
    used("batch/v1", "Job", "once", "environment", "restart"),
    used(_PRIMEHUB, "PhDeployment", "primehub", "image_pull_secrets", "next_pull"),
    used("v1", "Pod", "alone", "image_pull_secrets", "next_pull"),
    used("v1", "Pod", DEBUGGED, "environment", "restart"),
    *(used("v1", "Pod", name, how, takes_effect) for name, (how, takes_effect, _spec) in sorted(PLACES.items())),
    used("v1", "PodTemplate", "stored", "image_pull_secrets", "next_pull"),
    used("apps/v1", "ReplicaSet", "copies", "volume", "volume_refresh"),
    used("v1", "ReplicationController", "copies", "image_pull_secrets", "next_pull"),
    used("v1", "ServiceAccount", "builder", "image_pull_secrets", "next_pull"),
    used("v1", "ServiceAccount", "builder", "secrets", "restart"),
    used("apps/v1", "StatefulSet", "db", "image_pull_secrets", "next_pull"),
]


def used_by(namespace: str, *, pull_secret: bool) -> list[dict[str, Any]]:
    """Return the items of used_by for what create_users makes."""
    left_out = {"Dataset"} if pull_secret else {"Image", "PhDeployment"}
    return [{**item, "namespace": namespace} for item in _USED_BY if item["kind"] not in left_out]


def create_users(cluster: Cluster, namespace: str, secret: str) -> None:
    """Make an object of each kind that uses the Secret, and some that do not count. PrimeHub is there from then on."""
    api_client = cluster.api.api_client
    # Typed by the client as taking model objects; they take plain mappings as well.
    apps: Any = client.AppsV1Api(api_client)
    batch: Any = client.BatchV1Api(api_client)
    pulling = {"imagePullSecrets": [{"name": secret}]}
    mounting = {"volumes": [{"name": "v", "secret": {"secretName": secret}}]}
    projected = {"volumes": [{"name": "v", "projected": {"sources": [{"secret": {"name": secret}}]}}]}
    one_file = {"volumeMounts": [{"name": "v", "mountPath": "/config.json", "subPath": "config.json"}]}
    whole = {"envFrom": [{"secretRef": {"name": secret}}]}
    one_key = {"env": [{"name": "X", "valueFrom": {"secretKeyRef": {"name": secret, "key": "x"}}}]}

    account = {"imagePullSecrets": [{"name": secret}], "secrets": [{"name": secret}]}
    cluster.api.create_namespaced_service_account(namespace, {"metadata": {"name": "builder"}, **account})
    # The ServiceAccount of a Pod must be there; that of a new namespace comes a moment later.
    elsewhere = {"imagePullSecrets": [{"name": f"{secret}-2"}]}
    specs = {
        name: json.loads(json.dumps(spec).replace(SECRET, secret)) for name, (_how, _effect, spec) in PLACES.items()
    }
    for name, spec in {"alone": pulling, "elsewhere": elsewhere, DEBUGGED: elsewhere, **specs}.items():
        # Without pull secrets of its own it would be given those of its ServiceAccount.
        bare = {**pod({**elsewhere, **spec})["spec"], "serviceAccountName": "builder"}
        cluster.api.create_namespaced_pod(namespace, {"metadata": {"name": name}, "spec": bare})
    debugging = {"ephemeralContainers": [{**_SIDE, **whole}]}
    cluster.api.patch_namespaced_pod_ephemeralcontainers(DEBUGGED, namespace, {"spec": debugging})
    apps.create_namespaced_deployment(namespace, workload("web", {**pulling, **mounting}))
    apps.create_namespaced_stateful_set(namespace, workload("db", pulling))
    apps.create_namespaced_daemon_set(namespace, workload("agent", mounting, one_file))
    apps.create_namespaced_replica_set(namespace, workload("copies", projected, replicas=1))
    apps.create_namespaced_replica_set(namespace, workload("past", pulling, replicas=0))
    controller = {"selector": {"app": "x"}, "replicas": 1, "template": pod(pulling)}
    cluster.api.create_namespaced_replication_controller(
        namespace, {"metadata": {"name": "copies"}, "spec": controller}
    )
    cluster.api.create_namespaced_pod_template(namespace, {"metadata": {"name": "stored"}, "template": pod(pulling)})
    once = {"template": pod({"restartPolicy": "Never"}, whole)}
    batch.create_namespaced_job(namespace, {"metadata": {"name": "once"}, "spec": once})
    nightly = {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": pod({"restartPolicy": "Never"}, one_key)}}}
    batch.create_namespaced_cron_job(namespace, {"metadata": {"name": "nightly"}, "spec": nightly})
    primehub.install(cluster)
    primehub.create_objects(cluster, namespace, secret)


def pod(spec: Mapping[str, Any], container: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A Pod, or the template of one."""
    containers = [{"name": "app", "image": "ghcr.io/acme/app:1", **(container or {})}]
    return {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": containers, **spec}}


def workload(
    name: str, spec: Mapping[str, Any], container: Mapping[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    selecting = {"selector": {"matchLabels": {"app": "x"}}, "template": pod(spec, container)}
    return {"metadata": {"name": name}, "spec": {**selecting, **more}}


def lists(cluster: Cluster, identity: Identity) -> Counter[str]:
    """How often an identity has listed which resource. Fails where it has done more than look."""
    events = cluster.audit(identity)
    offers = [event for event in events if "objectRef" not in event]
    assert {event["requestURI"] for event in offers} <= {OFFERS}
    listed = [event for event in events if "objectRef" in event]
    assert {event["verb"] for event in listed} == {"list"}
    return Counter(event["objectRef"]["resource"] for event in listed) + Counter({OFFER: len(offers)})
