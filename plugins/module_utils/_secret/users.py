# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who uses a Secret: Pods, what makes Pods, and ServiceAccounts, by the fields in which they name it.

Sources: kubernetes core/v1 (PodSpec, Volume, EnvVarSource, EnvFromSource, ServiceAccount), apps/v1, batch/v1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

How = Literal["image_pull_secrets", "volume", "environment", "secrets"]

# When a change of the Secret reaches a user: at the next pull of an image, within about a minute by the kubelet, or
# only in a new Pod.
Effect = Literal["next_pull", "volume_refresh", "restart"]

Object = Mapping[str, Any]
# Namespace and name.
Identity = tuple[str, str]


@dataclass(frozen=True, order=True)
class Use:
    """One object that names a Secret of its namespace, and how."""

    namespace: str
    kind: str
    name: str
    how: How
    secret: str
    effect: Effect


@dataclass(frozen=True)
class UserKind:
    """A kind of object that names Secrets: where it is listed, where its Pod is described, which do not count.

    ``template`` are the fields that lead to the Pod's spec; None for one that makes no Pods.
    """

    kind: str
    group: str
    resource: str
    template: tuple[str, ...] | None
    is_over: Callable[[Object], bool] = lambda found: False


def _is_finished_pod(pod: Object) -> bool:
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


def _is_finished_job(job: Object) -> bool:
    conditions = (job.get("status") or {}).get("conditions") or ()
    return any(item.get("type") in ("Complete", "Failed") and item.get("status") == "True" for item in conditions)


def _is_past_replica_set(replica_set: Object) -> bool:
    """Whether it makes no Pods, or belongs to something that is counted by itself."""
    owned = any(owner.get("controller") for owner in replica_set["metadata"].get("ownerReferences") or ())
    return owned or (replica_set.get("spec") or {}).get("replicas", 1) == 0


_POD = ("spec", "template", "spec")

USER_KINDS = (
    UserKind("Pod", "api/v1", "pods", ("spec",), _is_finished_pod),
    UserKind("Deployment", "apis/apps/v1", "deployments", _POD),
    UserKind("StatefulSet", "apis/apps/v1", "statefulsets", _POD),
    UserKind("DaemonSet", "apis/apps/v1", "daemonsets", _POD),
    UserKind("ReplicaSet", "apis/apps/v1", "replicasets", _POD, _is_past_replica_set),
    UserKind("Job", "apis/batch/v1", "jobs", _POD, _is_finished_job),
    UserKind("CronJob", "apis/batch/v1", "cronjobs", ("spec", "jobTemplate", *_POD)),
    UserKind("ServiceAccount", "api/v1", "serviceaccounts", None),
)


def identity_of(found: Object) -> Identity:
    """The namespace and the name of an object."""
    return found["metadata"]["namespace"], found["metadata"]["name"]


def find_uses(kind: UserKind, found: Object) -> Iterator[Use]:
    """Every use of a Secret by an object of this kind, each once; none by one that is over."""
    if kind.is_over(found):
        return
    named = _of_service_account(found) if kind.template is None else _of_pod(pod_spec(kind, found))
    for how, secret, effect in dict.fromkeys(named):
        metadata = found["metadata"]
        yield Use(metadata["namespace"], kind.kind, metadata["name"], how, secret, effect)


def pod_spec(kind: UserKind, found: Object) -> Object:
    """The spec of the Pods that an object is or makes."""
    for name in kind.template or ():
        found = found.get(name) or {}
    return found


_Named = tuple[How, str, Effect]


def _of_service_account(account: Object) -> Iterator[_Named]:
    for item in account.get("imagePullSecrets") or ():
        yield "image_pull_secrets", item.get("name", ""), "next_pull"
    for item in account.get("secrets") or ():
        yield "secrets", item.get("name", ""), "restart"


def _of_pod(spec: Object) -> Iterator[_Named]:
    for item in spec.get("imagePullSecrets") or ():
        yield "image_pull_secrets", item.get("name", ""), "next_pull"
    containers = [
        container
        for field in ("initContainers", "containers", "ephemeralContainers")
        for container in spec.get(field) or ()
    ]
    fixed = {
        mount.get("name")
        for container in containers
        for mount in container.get("volumeMounts") or ()
        if mount.get("subPath") or mount.get("subPathExpr")
    }
    for volume in spec.get("volumes") or ():
        for name in _of_volume(volume):
            yield "volume", name, "restart" if volume.get("name") in fixed else "volume_refresh"
    for container in containers:
        for name in _of_environment(container):
            yield "environment", name, "restart"


def _of_volume(volume: Object) -> Iterator[str]:
    if volume.get("secret"):
        yield volume["secret"].get("secretName", "")
    for source in (volume.get("projected") or {}).get("sources") or ():
        if source.get("secret"):
            yield source["secret"].get("name", "")


def _of_environment(container: Object) -> Iterator[str]:
    for variable in container.get("env") or ():
        reference = (variable.get("valueFrom") or {}).get("secretKeyRef")
        if reference:
            yield reference.get("name", "")
    for source in container.get("envFrom") or ():
        if source.get("secretRef"):
            yield source["secretRef"].get("name", "")
