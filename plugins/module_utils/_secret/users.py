# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The users of a Secret: Pods, their controllers, ServiceAccounts and objects of PrimeHub, by the fields that name it.

Sources: kubernetes core/v1 (PodSpec, Volume, EnvVarSource, EnvFromSource, ServiceAccount), apps/v1, batch/v1;
InfuseAI/primehub crds/, chart/hooks/gitsync; InfuseAI/primehub-controller api/v1alpha1, controllers, ee/controllers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

How = Literal["image_pull_secrets", "volume", "environment", "secrets"]

# When a change of the Secret takes effect: at the next pull of an image, within about a minute by the kubelet, or only
# in a new Pod.
Effect = Literal["next_pull", "volume_refresh", "restart"]

KubernetesObject = Mapping[str, Any]


@dataclass(frozen=True, order=True)
class Use:
    """An object that references a Secret of its namespace, and how."""

    namespace: str
    kind: str
    name: str
    how: How
    secret: str
    effect: Effect


# How an object references a Secret, the name of the Secret, and when a change takes effect.
Named = tuple[How, str, Effect]


def _nothing(found: KubernetesObject) -> Iterable[Named]:
    return ()


@dataclass(frozen=True)
class UserKind:
    """A kind of objects that reference Secrets: where it is listed, and how its objects are read.

    ``names`` yields every Secret that an object references. ``template`` are the fields that lead to the spec of the
    Pods that it is or creates; None for one that creates no Pods. Finished objects do not count. ``is_custom`` is
    whether the kind exists only where it was installed.
    """

    kind: str
    group: str
    resource: str
    names: Callable[[KubernetesObject], Iterable[Named]] = _nothing
    template: tuple[str, ...] | None = None
    is_finished: Callable[[KubernetesObject], bool] = lambda found: False
    is_custom: bool = False


def _is_finished_pod(pod: KubernetesObject) -> bool:
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


def _is_finished_job(job: KubernetesObject) -> bool:
    conditions = (job.get("status") or {}).get("conditions") or ()
    return any(item.get("type") in ("Complete", "Failed") and item.get("status") == "True" for item in conditions)


def _is_past_replica_set(replica_set: KubernetesObject) -> bool:
    """Return whether a ReplicaSet creates no Pods, or belongs to an object that is counted by itself."""
    owned = any(owner.get("controller") for owner in replica_set["metadata"].get("ownerReferences") or ())
    return owned or (replica_set.get("spec") or {}).get("replicas", 1) == 0


def find_uses(kind: UserKind, found: KubernetesObject) -> Iterator[Use]:
    """Yield every use of a Secret by an object of this kind, each once; none by a finished object."""
    if kind.is_finished(found):
        return
    for how, secret, effect in dict.fromkeys(kind.names(found)):
        metadata = found["metadata"]
        yield Use(metadata["namespace"], kind.kind, metadata["name"], how, secret, effect)


def pod_spec(kind: UserKind, found: KubernetesObject) -> KubernetesObject:
    """Return the spec of the Pods that an object is or creates."""
    return _field(found, *(kind.template or ()))


def _field(found: KubernetesObject, *path: str) -> KubernetesObject:
    """Return the mapping under these fields, an empty one where there is none."""
    for name in path:
        found = found.get(name) or {}
    return found


def _of_service_account(account: KubernetesObject) -> Iterator[Named]:
    for item in account.get("imagePullSecrets") or ():
        yield "image_pull_secrets", item.get("name", ""), "next_pull"
    for item in account.get("secrets") or ():
        yield "secrets", item.get("name", ""), "restart"


def _secrets_in_pod(spec: KubernetesObject) -> Iterator[Named]:
    for item in spec.get("imagePullSecrets") or ():
        yield "image_pull_secrets", item.get("name", ""), "next_pull"
    containers: list[KubernetesObject] = []
    for field in ("initContainers", "containers", "ephemeralContainers"):
        containers += spec.get(field) or ()
    fixed = set()  # volumes that the kubelet does not refresh, because a container mounts a part of them
    for container in containers:
        for mount in container.get("volumeMounts") or ():
            if mount.get("subPath") or mount.get("subPathExpr"):
                fixed.add(mount.get("name"))
    for volume in spec.get("volumes") or ():
        for name in _secrets_in_volume(volume):
            yield "volume", name, "restart" if volume.get("name") in fixed else "volume_refresh"
        for name in _of_driver(volume):
            yield "volume", name, "restart"
    for container in containers:
        for name in _of_environment(container):
            yield "environment", name, "restart"


# Drivers of volumes that get a Secret to mount with, and the field that names it (VisitPodSecretNames of the kubelet).
_DRIVERS = {
    "azureFile": ("secretName",),
    "cephfs": ("secretRef", "name"),
    "cinder": ("secretRef", "name"),
    "csi": ("nodePublishSecretRef", "name"),
    "flexVolume": ("secretRef", "name"),
    "iscsi": ("secretRef", "name"),
    "rbd": ("secretRef", "name"),
    "scaleIO": ("secretRef", "name"),
    "storageos": ("secretRef", "name"),
}


def _of_driver(volume: KubernetesObject) -> Iterator[str]:
    for source, (*path, name) in _DRIVERS.items():
        secret = _field(volume, source, *path).get(name)
        if secret:
            yield secret


def _secrets_in_volume(volume: KubernetesObject) -> Iterator[str]:
    if volume.get("secret"):
        yield volume["secret"].get("secretName", "")
    for source in (volume.get("projected") or {}).get("sources") or ():
        if source.get("secret"):
            yield source["secret"].get("name", "")


def _of_environment(container: KubernetesObject) -> Iterator[str]:
    for variable in container.get("env") or ():
        reference = (variable.get("valueFrom") or {}).get("secretKeyRef")
        if reference:
            yield reference.get("name", "")
    for source in container.get("envFrom") or ():
        if source.get("secretRef"):
            yield source["secretRef"].get("name", "")


def _of_image(image: KubernetesObject) -> Iterator[Named]:
    """Yield what Pods of an Image pull with, and what the Pod that builds it mounts."""
    spec = _field(image, "spec")
    if spec.get("pullSecret"):
        yield "image_pull_secrets", spec["pullSecret"], "next_pull"
    build = _field(spec, "imageSpec")
    if build.get("pullSecret"):
        yield "volume", build["pullSecret"], "restart"


def _of_dataset(dataset: KubernetesObject) -> Iterator[Named]:
    """Yield what the DaemonSet of a Git Dataset mounts."""
    gitsync = _field(dataset, "spec", "gitsync")
    if gitsync.get("secret"):
        yield "volume", gitsync["secret"], "volume_refresh"


def _of_deployment(deployment: KubernetesObject) -> Iterator[Named]:
    for predictor in _field(deployment, "spec").get("predictors") or ():
        if predictor.get("imagePullSecret"):
            yield "image_pull_secrets", predictor["imagePullSecret"], "next_pull"


def _makes_pods(
    kind: str,
    group: str,
    resource: str,
    template: tuple[str, ...],
    is_finished: Callable[[KubernetesObject], bool] = lambda found: False,
) -> UserKind:
    return UserKind(
        kind, group, resource, lambda found: _secrets_in_pod(_field(found, *template)), template, is_finished
    )


_POD = ("spec", "template", "spec")

# What every cluster has.
BUILT_IN_KINDS = (
    _makes_pods("Pod", "api/v1", "pods", ("spec",), _is_finished_pod),
    _makes_pods("Deployment", "apis/apps/v1", "deployments", _POD),
    _makes_pods("StatefulSet", "apis/apps/v1", "statefulsets", _POD),
    _makes_pods("DaemonSet", "apis/apps/v1", "daemonsets", _POD),
    _makes_pods("ReplicaSet", "apis/apps/v1", "replicasets", _POD, _is_past_replica_set),
    _makes_pods("Job", "apis/batch/v1", "jobs", _POD, _is_finished_job),
    _makes_pods("CronJob", "apis/batch/v1", "cronjobs", ("spec", "jobTemplate", *_POD)),
    UserKind("ServiceAccount", "api/v1", "serviceaccounts", _of_service_account),
)

_PRIMEHUB = "apis/primehub.io/v1alpha1"

# All of them name a Secret of their own namespace by its full name, such as image-quay or gitsync-secret-models.
USER_KINDS = (
    *BUILT_IN_KINDS,
    UserKind("Image", _PRIMEHUB, "images", _of_image, is_custom=True),
    UserKind("Dataset", _PRIMEHUB, "datasets", _of_dataset, is_custom=True),
    UserKind("PhDeployment", _PRIMEHUB, "phdeployments", _of_deployment, is_custom=True),
)
