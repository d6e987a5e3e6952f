# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pods, what makes them, and their pull secrets on an API server without a kubelet."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from kubernetes import client

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.docker_config import KEY, TYPE
from support.cluster import Cluster, Identity
from support.playbook import task
from support.rbac import manifests

RULES: Sequence[Mapping[str, Sequence[str]]] = (
    {"apiGroups": [""], "resources": ["secrets", "pods", "serviceaccounts", "namespaces"], "verbs": ["list"]},
    {
        "apiGroups": ["apps"],
        "resources": ["deployments", "statefulsets", "daemonsets", "replicasets"],
        "verbs": ["list"],
    },
    {"apiGroups": ["batch"], "resources": ["jobs", "cronjobs"], "verbs": ["list"]},
    {"apiGroups": [""], "resources": ["replicationcontrollers", "podtemplates"], "verbs": ["list"]},
    {"apiGroups": ["primehub.io"], "resources": ["images", "phdeployments"], "verbs": ["list"]},
)

# What the upgrade audit needs.
AUDIT_RULES: Sequence[Mapping[str, Sequence[str]]] = tuple(manifests()["upgrade-auditor"]["rules"])

MODULE = "image_access_info"
APP, DATABASE = "ghcr.io/acme/app:1", "quay.io/acme/db:1"
TOKEN = "ghcr-s3cret-token"
UNAUTHORIZED = f'failed to resolve reference "{APP}": unexpected status from HEAD request: 401 Unauthorized'


def pull_secret(cluster: Cluster, namespace: str, name: str, auths: object) -> None:
    cluster.create_secret(namespace, name, type=TYPE, string_data={KEY: json.dumps({"auths": auths})})


def spec(*images: str, secrets: Sequence[str] = (), account: str = "app") -> dict[str, Any]:
    return {
        "serviceAccountName": account,
        "imagePullSecrets": [{"name": name} for name in secrets],
        "containers": [{"name": f"c{number}", "image": image} for number, image in enumerate(images)],
    }


def deploy(cluster: Cluster, namespace: str, name: str, pod: Mapping[str, Any]) -> None:
    """A Deployment. Nothing here makes Pods of it."""
    labels = {"matchLabels": {"app": name}}
    template = {"metadata": {"labels": {"app": name}}, "spec": dict(pod)}
    body = {"metadata": {"name": name}, "spec": {"selector": labels, "template": template, "replicas": 0}}
    apps: Any = client.AppsV1Api(cluster.api.api_client)
    apps.create_namespaced_deployment(namespace, body)


def run_pod(
    cluster: Cluster, namespace: str, name: str, pod: Mapping[str, Any], reason: str = "", message: str = ""
) -> None:
    """A Pod; with a reason its first container waits for that."""
    cluster.api.create_namespaced_pod(namespace, {"metadata": {"name": name}, "spec": dict(pod)})
    if reason:
        container = {
            "name": "c0",
            "image": pod["containers"][0]["image"],
            "imageID": "",
            "ready": False,
            "restartCount": 0,
            "state": {"waiting": {"reason": reason, "message": message}},
        }
        body = {"status": {"phase": "Pending", "containerStatuses": [container]}}
        cluster.api.patch_namespaced_pod_status(name, namespace, body)


def start_pod(cluster: Cluster, namespace: str, name: str, pod: Mapping[str, Any]) -> None:
    """A Pod whose containers run, as far as its status says."""
    cluster.api.create_namespaced_pod(namespace, {"metadata": {"name": name}, "spec": dict(pod)})
    statuses = [
        {
            "name": container["name"],
            "image": container["image"],
            "imageID": "sha256:0",
            "ready": True,
            "restartCount": 0,
            "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}},
        }
        for container in pod["containers"]
    ]
    status = {"status": {"phase": "Running", "containerStatuses": statuses}}
    cluster.api.patch_namespaced_pod_status(name, namespace, status)


@contextmanager
def nodes(cluster: Cluster, *versions: str, **spec_of_node: Any) -> Iterator[list[str]]:
    """Nodes with kubelets of these versions for as long as the context lasts; nothing runs on them."""
    names = [f"audit-{number}" for number in range(len(versions))]
    for name, version in zip(names, versions, strict=True):
        cluster.api.create_node({"metadata": {"name": name}, "spec": spec_of_node})
        info = dict.fromkeys(NODE_INFO, "x") | {"kubeletVersion": version}
        cluster.api.patch_node_status(name, {"status": {"nodeInfo": info}})
    try:
        yield names
    finally:
        for name in names:
            cluster.api.delete_node(name)


# The fields of status.nodeInfo, all of which must be there.
NODE_INFO = (
    "machineID",
    "systemUUID",
    "bootID",
    "kernelVersion",
    "osImage",
    "containerRuntimeVersion",
    "kubeletVersion",
    "kubeProxyVersion",
    "operatingSystem",
    "architecture",
)


def link(cluster: Cluster, namespace: str, account: str, *secrets: str) -> None:
    body = {"metadata": {"name": account}, "imagePullSecrets": [{"name": name} for name in secrets]}
    try:
        cluster.api.create_namespaced_service_account(namespace, body)
    except client.ApiException:
        cluster.api.patch_namespaced_service_account(account, namespace, body)
        while handed_out(cluster, namespace, account) != list(secrets):
            time.sleep(0.05)


def handed_out(cluster: Cluster, namespace: str, account: str) -> list[str]:
    """The pull secrets that a new Pod gets now: the API server looks at a copy, which lags behind for a moment."""
    trial = {"metadata": {"name": "trial"}, "spec": {**spec(APP), "serviceAccountName": account}}
    made = cluster.api.create_namespaced_pod(namespace, trial, dry_run="All")
    return [secret.name for secret in made.spec.image_pull_secrets or ()]


def ask(identity: Identity, **arguments: Any) -> dict[str, Any]:
    return task(MODULE, **arguments, **identity.connection)
