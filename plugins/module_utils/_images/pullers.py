# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who pulls images: Pods and what makes them, the images of each, and the pull secrets that it names.

Sources: kubernetes core/v1 (PodSpec, ContainerStatus), plugin/pkg/admission/serviceaccount (what a Pod is given).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .._secret.users import BUILT_IN_KINDS, Identity, KubernetesObject, UserKind, identity_of, pod_spec

POD = "Pod"

# Namespace and name.


@dataclass(frozen=True)
class Reference:
    """An object of a namespace."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True)
class Waiting:
    """A container that has not started, and why in the words of the kubelet."""

    image: str
    reason: str
    message: str


@dataclass(frozen=True)
class Puller:
    """A Pod, or something that makes Pods.

    ``named`` are the pull secrets in its own list, in order; ``images`` says which containers have which image, an
    image volume as ``volume:<name>``. ``controller`` is what a Pod was made by, as far up as it is known.
    """

    namespace: str
    kind: str
    name: str
    account: str
    named: tuple[str, ...]
    images: Mapping[str, tuple[str, ...]]
    waiting: tuple[Waiting, ...] = ()
    controller: Reference | None = None

    @property
    def is_pod(self) -> bool:
        return self.kind == POD


# The pull secrets of ServiceAccounts.
Accounts = Mapping[Identity, tuple[str, ...]]


def secrets_in_play(puller: Puller, accounts: Accounts) -> tuple[str, ...]:
    """The pull secrets that its Pods have, in order: its own, and only when it names none those of its ServiceAccount.

    A Pod shows what it was given when it was made, so its ServiceAccount no longer counts.
    """
    named = puller.named
    if not named and not puller.is_pod:
        named = accounts.get((puller.namespace, puller.account), ())
    return tuple(name for name in dict.fromkeys(named) if name)


def read_accounts(accounts: Sequence[KubernetesObject]) -> Accounts:
    """The pull secrets of each ServiceAccount, in order."""
    return {identity_of(account): _named(account) for account in accounts}


def find_pullers(objects: Mapping[str, Sequence[KubernetesObject]]) -> list[Puller]:
    """The Pods, and what makes Pods by itself, among objects by kind. What is over or makes none is left out."""
    owners = _Owners(objects)
    pullers = []
    for kind in BUILT_IN_KINDS:
        for found in objects.get(kind.kind, ()) if kind.template else ():
            controller = owners.find_top(kind.kind, found)
            if (controller is None or kind.kind == POD) and not _is_over(kind, found):
                pullers.append(_read_puller(kind, found, controller))
    return pullers


# Kind, namespace and name.
_Key = tuple[str, str, str]


class _Owners:
    """What made each object, and that in turn, as far as it is known. Each object is looked at once.

    Owner references are data of whoever made the object, so they may form a circle. Nothing made what is in a circle:
    such an object stands by itself, and is the end of every chain that leads to it.
    """

    def __init__(self, objects: Mapping[str, Sequence[KubernetesObject]]) -> None:
        self._above = {_key(kind, found): _controller(found) for kind in objects for found in objects[kind]}
        self._tops: dict[_Key, _Key] = {}

    def find_top(self, kind: str, found: KubernetesObject) -> Reference | None:
        """Return the last object in the chain above this one; None for one that stands by itself."""
        key = _key(kind, found)
        top = self._find(key)
        return None if top == key else Reference(top[0], top[2])

    def _find(self, start: _Key) -> _Key:
        key = start
        chain: list[_Key] = []
        places: dict[_Key, int] = {}
        while key not in self._tops and key not in places:
            places[key] = len(chain)
            chain.append(key)
            above = self._above.get(key)
            if above not in self._above:
                break
            key = above
        if key in places:  # the end of the chain, or the start of a circle
            for member in chain[places[key] :]:
                self._tops[member] = member
            chain = chain[: places[key]]
        for member in chain:
            self._tops[member] = self._tops[key]
        return self._tops[start]


def _key(kind: str, found: KubernetesObject) -> _Key:
    return kind, *identity_of(found)


def _controller(found: KubernetesObject) -> _Key | None:
    """Return the object that made this one, which is always of the same namespace."""
    metadata = found["metadata"]
    for owner in metadata.get("ownerReferences") or ():
        if owner.get("controller"):
            return owner.get("kind", ""), metadata["namespace"], owner.get("name", "")
    return None


def _is_over(kind: UserKind, found: KubernetesObject) -> bool:
    if kind.kind == "ReplicaSet":  # one that something unknown has made counts by itself
        return bool((found.get("spec") or {}).get("replicas", 1) == 0)
    return kind.is_finished(found) or bool(kind.kind == POD and found["metadata"].get("deletionTimestamp"))


def _read_puller(kind: UserKind, found: KubernetesObject, controller: Reference | None) -> Puller:
    spec = pod_spec(kind, found)
    namespace, name = identity_of(found)
    images: dict[str, tuple[str, ...]] = {}
    for container, image in _images(spec):
        images[image] = (*images.get(image, ()), container)
    return Puller(
        namespace=namespace,
        kind=kind.kind,
        name=name,
        account=spec.get("serviceAccountName") or spec.get("serviceAccount") or "default",
        named=_named(spec),
        images=images,
        waiting=tuple(_waiting(found, dict(_images(spec)))) if kind.kind == POD else (),
        controller=controller,
    )


def _images(spec: KubernetesObject) -> Iterator[tuple[str, str]]:
    for field in ("initContainers", "containers", "ephemeralContainers"):
        for container in spec.get(field) or ():
            if container.get("image"):
                yield container.get("name", ""), container["image"]
    for volume in spec.get("volumes") or ():
        image = (volume.get("image") or {}).get("reference")
        if image:
            yield f"volume:{volume.get('name', '')}", image


def _waiting(pod: KubernetesObject, images: Mapping[str, str]) -> Iterator[Waiting]:
    status = pod.get("status") or {}
    for field in ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"):
        for container in status.get(field) or ():
            waiting = (container.get("state") or {}).get("waiting")
            image = images.get(container.get("name", ""))
            if waiting and image:
                yield Waiting(image, waiting.get("reason") or "", waiting.get("message") or "")


def _named(holder: KubernetesObject) -> tuple[str, ...]:
    return tuple(item.get("name") or "" for item in holder.get("imagePullSecrets") or ())
