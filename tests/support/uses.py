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

from support import primehub
from support.cluster import Cluster, Identity

MAY_LIST_ALL: Sequence[Mapping[str, Sequence[str]]] = (
    {"apiGroups": [""], "resources": ["secrets", "namespaces", "pods", "serviceaccounts"], "verbs": ["list"]},
    {
        "apiGroups": ["apps"],
        "resources": ["deployments", "statefulsets", "daemonsets", "replicasets"],
        "verbs": ["list"],
    },
    {"apiGroups": ["batch"], "resources": ["jobs", "cronjobs"], "verbs": ["list"]},
    {"apiGroups": ["primehub.io"], "resources": ["images", "datasets", "phdeployments"], "verbs": ["list"]},
)
# What is listed on every cluster to see who uses a Secret.
BUILT_IN = {
    "pods",
    "deployments",
    "statefulsets",
    "daemonsets",
    "replicasets",
    "jobs",
    "cronjobs",
    "serviceaccounts",
}
# And where PrimeHub is installed.
KINDS = {*BUILT_IN, "images", "datasets", "phdeployments"}
# What tells whether it is.
OFFERS = "/apis/primehub.io/v1alpha1"


# Stands for the look at what PrimeHub's group offers.
OFFER = "offer"


def used(kind: str, name: str, how: str, takes_effect: str) -> dict[str, str]:
    return {"kind": kind, "name": name, "how": how, "takes_effect": takes_effect}


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

# What create_users makes, sorted as it is told.
USED_BY = [
    used("CronJob", "nightly", "environment", "restart"),
    used("DaemonSet", "agent", "volume", "restart"),
    used("Dataset", "primehub", "volume", "volume_refresh"),
    used("Deployment", "web", "image_pull_secrets", "next_pull"),
    used("Deployment", "web", "volume", "volume_refresh"),
    used("Image", "primehub", "image_pull_secrets", "next_pull"),
    used("Image", "primehub", "volume", "restart"),
    used("Job", "once", "environment", "restart"),
    used("PhDeployment", "primehub", "image_pull_secrets", "next_pull"),
    used("Pod", "alone", "image_pull_secrets", "next_pull"),
    used("Pod", DEBUGGED, "environment", "restart"),
    *(used("Pod", name, how, takes_effect) for name, (how, takes_effect, _spec) in sorted(PLACES.items())),
    used("ReplicaSet", "copies", "volume", "volume_refresh"),
    used("ServiceAccount", "builder", "image_pull_secrets", "next_pull"),
    used("ServiceAccount", "builder", "secrets", "restart"),
    used("StatefulSet", "db", "image_pull_secrets", "next_pull"),
]


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
