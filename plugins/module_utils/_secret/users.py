# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The users of a Secret: the kinds of every cluster that reference Secrets, and how an object of a kind is read.

The kinds of other programs are in consumers.py. Sources: kubernetes core/v1 (PodSpec, Volume, EnvVarSource,
EnvFromSource, PodTemplate, ReplicationController, ServiceAccount), apps/v1, batch/v1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

# By which field an object references a Secret: a list or a part of its Pods, another field of a custom resource, or
# only a label of the Secret.
How = Literal["image_pull_secrets", "volume", "environment", "secrets", "reference", "label"]

# When a change of the Secret takes effect: at the next pull of an image, within about a minute by the kubelet, only in
# a new Pod, or the next time a controller uses it, such as for a fetch or a build.
Effect = Literal["next_pull", "volume_refresh", "restart", "next_use"]

KubernetesObject = Mapping[str, Any]

# Types of Secrets that hold credentials for registries, and those that hold credentials for Git or for other servers.
REGISTRY_TYPES = frozenset(("kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"))
OTHER_TYPES = frozenset(("Opaque", "kubernetes.io/basic-auth", "kubernetes.io/ssh-auth"))


@dataclass(frozen=True, order=True)
class Use:
    """An object that uses a Secret, and how. ``namespace`` is that of the Secret.

    A use that is not ``blocking`` is shown, and does not keep the Secret from being deleted. An object of the whole
    cluster is not ``is_namespaced``. Where no object references the Secret, ``api_version`` is empty.
    """

    namespace: str
    kind: str
    name: str
    how: How
    secret: str
    effect: Effect
    api_version: str = ""
    blocking: bool = True
    is_namespaced: bool = True


def describe_use(use: Use) -> dict[str, Any]:
    """Return a use as results show it."""
    return {
        "api_version": use.api_version or None,
        "kind": use.kind,
        "namespace": use.namespace if use.is_namespaced else None,
        "name": use.name,
        "how": use.how,
        "takes_effect": use.effect,
        "blocking": use.blocking,
    }


# How an object references a Secret, the name of the Secret, and when a change takes effect.
Named = tuple[How, str, Effect]


def _nothing(found: KubernetesObject) -> Iterable[Named]:
    return ()


@dataclass(frozen=True)
class UserKind:
    """A kind of objects that reference Secrets: where it is listed, and how its objects are read.

    ``group`` is the API group, empty for the core. ``versions`` are those whose fields are known, the preferred one
    first. ``names`` yields every Secret that an object references. ``template`` are the fields that lead to the spec of
    the Pods that it is or creates; None for one that creates no Pods. Finished objects do not count. ``is_custom`` is
    whether the kind exists only where it was installed. ``holds`` are the types of Secrets that it can use; None for
    all. ``home`` are the namespaces in which the Secrets of a kind without namespaces are.
    """

    kind: str
    group: str
    versions: tuple[str, ...]
    resource: str
    names: Callable[[KubernetesObject], Iterable[Named]] = _nothing
    template: tuple[str, ...] | None = None
    is_finished: Callable[[KubernetesObject], bool] = lambda found: False
    is_custom: bool = False
    holds: frozenset[str] | None = None
    home: tuple[str, ...] = ()

    def path(self, version: str, namespace: str | None) -> str:
        """Return the path at which objects are listed, of one namespace or of all."""
        root = f"/apis/{self.group}/{version}" if self.group else f"/api/{version}"
        within = f"/namespaces/{namespace}" if namespace and not self.home else ""
        return f"{root}{within}/{self.resource}"

    def can_hold(self, type_: str) -> bool:
        """Return whether an object can use a Secret of this type. For a type that no row knows, every object can."""
        if self.holds is None:
            return True
        return type_ in self.holds or type_ not in REGISTRY_TYPES | OTHER_TYPES

    @property
    def plural(self) -> str:
        """Return the kind as messages call several objects of it."""
        return f"{self.kind.removesuffix('y')}ies" if self.kind.endswith("y") else f"{self.kind}s"


def _is_finished_pod(pod: KubernetesObject) -> bool:
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


def _is_finished_job(job: KubernetesObject) -> bool:
    conditions = (job.get("status") or {}).get("conditions") or ()
    return any(item.get("type") in ("Complete", "Failed") and item.get("status") == "True" for item in conditions)


# What makes ReplicaSets and ReplicationControllers and is counted by itself: group and kind.
_COUNTED_CONTROLLERS = frozenset(
    (("apps", "Deployment"), ("argoproj.io", "Rollout"), ("apps.openshift.io", "DeploymentConfig"))
)


def _is_past_replica_set(replica_set: KubernetesObject) -> bool:
    """Return whether a ReplicaSet creates no Pods, or belongs to an object that is counted by itself."""
    for owner in replica_set["metadata"].get("ownerReferences") or ():
        group = owner.get("apiVersion", "").rpartition("/")[0]
        if owner.get("controller") and (group, owner.get("kind")) in _COUNTED_CONTROLLERS:
            return True
    return bool(get_field(replica_set, "spec").get("replicas", 1) == 0)


def find_uses(kind: UserKind, found: KubernetesObject) -> Iterator[Use]:
    """Yield every use of a Secret by an object of this kind, each once; none by a finished object."""
    if kind.is_finished(found):
        return
    metadata = found["metadata"]
    api_version = found.get("apiVersion") or "/".join(part for part in (kind.group, kind.versions[0]) if part)
    named = [item for item in kind.names(found) if _is_usable_name(item[1])]
    for how, secret, effect in dict.fromkeys(named):
        for namespace in kind.home or (metadata["namespace"],):
            yield Use(
                namespace,
                kind.kind,
                metadata["name"],
                how,
                secret,
                effect,
                api_version=api_version,
                is_namespaced=not kind.home,
            )


def _is_usable_name(value: object) -> bool:
    return isinstance(value, str)


def pod_spec(kind: UserKind, found: KubernetesObject) -> KubernetesObject:
    """Return the spec of the Pods that an object is or creates; of a custom resource, without items of other types."""
    spec = get_field(found, *(kind.template or ()))
    if not kind.is_custom:
        return spec
    return {**spec, **{name: get_items(spec, name) for name in _LISTS_OF_POD if name in spec}}


_LISTS_OF_POD = ("imagePullSecrets", "initContainers", "containers", "ephemeralContainers", "volumes")


def get_field(found: KubernetesObject, *path: str) -> KubernetesObject:
    """Return the mapping under these fields, an empty one where there is none.

    A value of another type counts as none: the schema of a custom resource may be any.
    """
    for name in path:
        inner = found.get(name)
        found = inner if isinstance(inner, Mapping) else {}
    return found


def get_items(found: KubernetesObject, name: str) -> list[KubernetesObject]:
    """Return the mappings in a list; none where there is no list."""
    items = found.get(name)
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, (list, tuple)) else []


def _of_service_account(account: KubernetesObject) -> Iterator[Named]:
    for item in get_items(account, "imagePullSecrets"):
        yield "image_pull_secrets", item.get("name", ""), "next_pull"
    for item in get_items(account, "secrets"):
        yield "secrets", item.get("name", ""), "restart"


def _secrets_in_pod(spec: KubernetesObject) -> Iterator[Named]:
    for item in get_items(spec, "imagePullSecrets"):
        yield "image_pull_secrets", item.get("name", ""), "next_pull"
    containers: list[KubernetesObject] = []
    for field in ("initContainers", "containers", "ephemeralContainers"):
        containers += get_items(spec, field)
    fixed = set()  # volumes that the kubelet does not refresh, because a container mounts a part of them
    for container in containers:
        for mount in get_items(container, "volumeMounts"):
            if mount.get("subPath") or mount.get("subPathExpr"):
                fixed.add(str(mount.get("name")))
    for volume in get_items(spec, "volumes"):
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
        secret = get_field(volume, source, *path).get(name)
        if secret:
            yield secret


def _secrets_in_volume(volume: KubernetesObject) -> Iterator[str]:
    if volume.get("secret"):
        yield get_field(volume, "secret").get("secretName", "")
    for source in get_items(get_field(volume, "projected"), "sources"):
        if source.get("secret"):
            yield get_field(source, "secret").get("name", "")


def _of_environment(container: KubernetesObject) -> Iterator[str]:
    for variable in get_items(container, "env"):
        reference = get_field(variable, "valueFrom", "secretKeyRef")
        if reference:
            yield reference.get("name", "")
    for source in get_items(container, "envFrom"):
        if source.get("secretRef"):
            yield get_field(source, "secretRef").get("name", "")


def names_in_pod(*template: str) -> Callable[[KubernetesObject], Iterator[Named]]:
    """Return the reader of a kind that has the spec of Pods under these fields."""
    return lambda found: _secrets_in_pod(get_field(found, *template))


def makes_pods(
    kind: str,
    group: str,
    versions: tuple[str, ...],
    resource: str,
    template: tuple[str, ...],
    is_finished: Callable[[KubernetesObject], bool] = lambda found: False,
    *,
    is_custom: bool = False,
) -> UserKind:
    """Return the row of a kind that is or creates Pods, whose spec is under the fields of ``template``."""
    return UserKind(
        kind,
        group,
        versions,
        resource,
        names_in_pod(*template),
        template,
        is_finished,
        is_custom,
    )


POD_TEMPLATE = ("spec", "template", "spec")
_V1 = ("v1",)

# What every cluster has. A PodTemplate creates no Pods by itself.
BUILT_IN_KINDS = (
    makes_pods("Pod", "", _V1, "pods", ("spec",), _is_finished_pod),
    makes_pods("ReplicationController", "", _V1, "replicationcontrollers", POD_TEMPLATE, _is_past_replica_set),
    UserKind("PodTemplate", "", _V1, "podtemplates", names_in_pod("template", "spec")),
    makes_pods("Deployment", "apps", _V1, "deployments", POD_TEMPLATE),
    makes_pods("StatefulSet", "apps", _V1, "statefulsets", POD_TEMPLATE),
    makes_pods("DaemonSet", "apps", _V1, "daemonsets", POD_TEMPLATE),
    makes_pods("ReplicaSet", "apps", _V1, "replicasets", POD_TEMPLATE, _is_past_replica_set),
    makes_pods("Job", "batch", _V1, "jobs", POD_TEMPLATE, _is_finished_job),
    makes_pods("CronJob", "batch", _V1, "cronjobs", ("spec", "jobTemplate", *POD_TEMPLATE)),
    UserKind("ServiceAccount", "", _V1, "serviceaccounts", _of_service_account),
)


def group_resources(kinds: Iterable[UserKind]) -> Mapping[str, Sequence[str]]:
    """Return the resources of some kinds by API group, in the order of the kinds."""
    groups: dict[str, list[str]] = {}
    for kind in kinds:
        groups.setdefault(kind.group, []).append(kind.resource)
    return groups


def render_rule(group: str, resources: Iterable[str]) -> str:
    """Return the RBAC rule that permits to list these resources of a group, as YAML on one line."""
    name = group or '""'
    return f"{{apiGroups: [{name}], resources: [{', '.join(resources)}], verbs: [list]}}"
