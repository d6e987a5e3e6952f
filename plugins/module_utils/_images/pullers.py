# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pullers of images: Pods and what makes them, with the images and the pull secrets of each.

Sources: kubernetes core/v1 (PodSpec, ContainerStatus, ImageVolumeSource), pkg/apis/core/v1/defaults.go (the pull policy
of an image), plugin/pkg/admission/serviceaccount (what is added to a Pod).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from .._dataclasses import dataclass
from .._kubelet.images import normalise_image
from .._secret.consumers import PULLER_KINDS
from .._secret.names import Identity, identity_of
from .._secret.users import KubernetesObject, UserKind, get_field, get_items, pod_spec

POD = "Pod"

# When the kubelet pulls an image, the strictest first: of several containers with one image, that one decides.
PULL_POLICIES = ("Always", "IfNotPresent", "Never")


@dataclass(frozen=True)
class Reference:
    """The kind and name of an object in a namespace."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True)
class Waiting:
    """A container that has not started, with the reason and message of the kubelet."""

    image: str
    reason: str
    message: str


@dataclass(frozen=True)
class Puller:
    """A Pod, or something that makes Pods.

    ``named`` are the pull secrets in its own list, in order. ``images`` maps an image to the names of its containers,
    an image volume as ``volume:<name>``, and ``policies`` to its pull policy. ``started`` are the images with which a
    container of a Pod was started. ``controller`` is the topmost known object that made a Pod.
    """

    namespace: str
    kind: str
    name: str
    account: str
    named: tuple[str, ...]
    images: Mapping[str, tuple[str, ...]]
    waiting: tuple[Waiting, ...] = ()
    controller: Reference | None = None
    policies: Mapping[str, str] = field(default_factory=dict)
    started: frozenset[str] = frozenset()

    @property
    def is_pod(self) -> bool:
        """Return whether this is a Pod, and not something that makes Pods."""
        return self.kind == POD


# The pull secrets of ServiceAccounts.
Accounts = Mapping[Identity, tuple[str, ...]]


def effective_pull_secrets(puller: Puller, accounts: Accounts) -> tuple[str, ...]:
    """Return the pull secrets that the Pods of a puller have, in order and without repetition.

    These are its own or, if it references none, those of its ServiceAccount. The API server copies the list of the
    ServiceAccount into a new Pod, so for a Pod only its own list counts.
    """
    named = puller.named
    if not named and not puller.is_pod:
        named = accounts.get((puller.namespace, puller.account), ())
    return tuple(name for name in dict.fromkeys(named) if name)


def read_accounts(accounts: Sequence[KubernetesObject]) -> Accounts:
    """Return the pull secrets of each ServiceAccount, in order."""
    return {identity_of(account): _read_names(account) for account in accounts}


def find_pullers(objects: Mapping[str, Sequence[KubernetesObject]]) -> list[Puller]:
    """Return the Pods, and what makes Pods by itself, among objects by kind. Ignore what is finished or makes none."""
    owners = _Owners(objects)
    pullers = []
    for kind in PULLER_KINDS:
        for found in objects.get(kind.kind, ()):
            controller = owners.find_top(kind.kind, found)
            is_independent = controller is None or kind.kind == POD
            if is_independent and not _pulls_no_more(kind, found):
                pullers.append(_read_puller(kind, found, controller))
    return pullers


# Kind, namespace and name.
_ObjectKey = tuple[str, str, str]


class _Owners:
    """The objects that made each object, as far as they are known. Each object is visited once.

    Any client can write owner references, so they may form a circle. An object in a circle counts as made by nothing,
    and is the end of every chain that leads to it.
    """

    def __init__(self, objects: Mapping[str, Sequence[KubernetesObject]]) -> None:
        self._above: dict[_ObjectKey, _ObjectKey | None] = {}
        for kind, found_objects in objects.items():
            for found in found_objects:
                self._above[_object_key(kind, found)] = _find_controller(found)
        self._tops: dict[_ObjectKey, _ObjectKey] = {}

    def find_top(self, kind: str, found: KubernetesObject) -> Reference | None:
        """Return the last object in the chain above this one, or None if nothing made it."""
        key = _object_key(kind, found)
        top = self._find_key(key)
        return None if top == key else Reference(top[0], top[2])

    def _find_key(self, start: _ObjectKey) -> _ObjectKey:
        key = start
        chain: list[_ObjectKey] = []
        places: dict[_ObjectKey, int] = {}
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


def _object_key(kind: str, found: KubernetesObject) -> _ObjectKey:
    return kind, *identity_of(found)


def _find_controller(found: KubernetesObject) -> _ObjectKey | None:
    """Return the object that made this one, which is always of the same namespace."""
    metadata = found["metadata"]
    for owner in metadata.get("ownerReferences") or ():
        if owner.get("controller"):
            return owner.get("kind", ""), metadata["namespace"], owner.get("name", "")
    return None


def _pulls_no_more(kind: UserKind, found: KubernetesObject) -> bool:
    if kind.kind in ("ReplicaSet", "ReplicationController"):
        # One with an unknown owner counts by itself, which is_finished does not allow for.
        return bool(get_field(found, "spec").get("replicas", 1) == 0)
    is_terminating = kind.kind == POD and bool(found["metadata"].get("deletionTimestamp"))
    return is_terminating or kind.is_finished(found)


def _read_puller(kind: UserKind, found: KubernetesObject, controller: Reference | None) -> Puller:
    spec = pod_spec(kind, found)
    namespace, name = identity_of(found)
    images: dict[str, tuple[str, ...]] = {}
    policies: dict[str, str] = {}
    image_of: dict[str, str] = {}
    for container, image, policy in _list_images(spec):
        images[image] = (*images.get(image, ()), container)
        policies[image] = min(policy, policies.get(image, policy), key=PULL_POLICIES.index)
        image_of[container] = image
    is_pod = kind.kind == POD
    return Puller(
        namespace=namespace,
        kind=kind.kind,
        name=name,
        account=str(spec.get("serviceAccountName") or spec.get("serviceAccount") or "default"),
        named=_read_names(spec),
        images=images,
        waiting=tuple(_list_waiting(found, image_of)) if is_pod else (),
        controller=controller,
        policies=policies,
        started=_find_started(found, image_of) if is_pod else frozenset(),
    )


_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
_CONTAINER_STATUSES = ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")
_VOLUME = "volume:"


def _list_images(spec: KubernetesObject) -> Iterator[tuple[str, str, str]]:
    """Yield the name of each container with its image and pull policy, and of each image volume."""
    for containers in _CONTAINERS:
        for container in spec.get(containers) or ():
            image = container.get("image")
            if image and isinstance(image, str):  # the template of a custom resource may hold anything
                yield str(container.get("name", "")), image, find_pull_policy(image, container.get("imagePullPolicy"))
    for volume in spec.get("volumes") or ():
        source = get_field(volume, "image")
        image = source.get("reference")
        if image and isinstance(image, str):
            yield f"{_VOLUME}{volume.get('name', '')}", image, find_pull_policy(image, source.get("pullPolicy"))


def find_pull_policy(image: str, written: object) -> str:
    """Return when an image is pulled: as written, otherwise as the API server completes it."""
    if isinstance(written, str) and written in PULL_POLICIES:
        return str(written)
    name, _at, digest = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    is_latest = not digest and tag in ("", "latest")
    return "Always" if is_latest else "IfNotPresent"


def _list_waiting(pod: KubernetesObject, image_of: Mapping[str, str]) -> Iterator[Waiting]:
    """Yield the containers of a Pod that wait, each with the image that it waits for.

    That is the image of the container, unless the message is about the image of a volume. A volume has no status of its
    own, so the kubelet reports a failing one as the reason why each container waits.
    """
    for status in _list_statuses(pod):
        waiting = (status.get("state") or {}).get("waiting")
        image = image_of.get(status.get("name", ""))
        if waiting and image:
            message = waiting.get("message") or ""
            yield Waiting(_find_waited(message, image, image_of), waiting.get("reason") or "", message)


def _list_statuses(pod: KubernetesObject) -> Iterator[KubernetesObject]:
    status = pod.get("status") or {}
    for statuses in _CONTAINER_STATUSES:
        yield from status.get(statuses) or ()


# The part of a message in which images are looked for: anyone who writes the status of a Pod may write a MiB.
_MAX_SEARCHED_MESSAGE = 32 * 1024


def _find_waited(message: str, own: str, image_of: Mapping[str, str]) -> str:
    """Return the image that a message is about: the container's own, unless it only names that of a volume."""
    volumes = [image for name, image in image_of.items() if name.startswith(_VOLUME) and image != own]
    text = message[:_MAX_SEARCHED_MESSAGE]
    if not volumes or _is_named(own, text):
        return own
    for image in volumes:
        if _is_named(image, text):
            return image
    return own


def _is_named(image: str, text: str) -> bool:
    """Return whether a message names an image, as it is written or with the registry that it stands for."""
    name = normalise_image(image)
    bare = image.partition("@")[0]
    tag = bare.rpartition("/")[2].partition(":")[2]
    forms = [image]
    if name:
        forms.append(image.replace(_without_tag(image), name, 1))
    if name and not tag and "@" not in image:
        forms.append(f"{name}:latest")
    return any(re.search(rf"(?<![\w.-])(?<!\w/){re.escape(form)}(?![\w/@-])(?![:.]\w)", text) for form in forms)


def _without_tag(image: str) -> str:
    bare = image.partition("@")[0]
    tag = bare.rpartition("/")[2].partition(":")[2]
    return bare.removesuffix(f":{tag}") if tag else bare


def _find_started(pod: KubernetesObject, image_of: Mapping[str, str]) -> frozenset[str]:
    """Return the images with which a container of a Pod was started. A volume is mounted before any container starts.

    Without the status of a container, the phase of the Pod decides.
    """
    started: set[str] = set()
    reported: set[str] = set()
    for status in _list_statuses(pod):
        container = status.get("name", "")
        reported.add(container)
        if container in image_of and _has_started(status):
            started.add(image_of[container])
    is_running = (pod.get("status") or {}).get("phase") == "Running"
    is_any_started = bool(started)
    for container, image in image_of.items():
        if container.startswith(_VOLUME):
            if is_any_started or is_running:
                started.add(image)
        elif is_running and container not in reported:
            started.add(image)
    return frozenset(started)


def _has_started(status: KubernetesObject) -> bool:
    state = status.get("state") or {}
    last = status.get("lastState") or {}
    if state.get("running") is not None or state.get("terminated") is not None:
        return True
    is_restarting = (state.get("waiting") or {}).get("reason") == "CrashLoopBackOff"
    return is_restarting and bool(last.get("terminated") or status.get("imageID"))


def _read_names(holder: KubernetesObject) -> tuple[str, ...]:
    return tuple(str(item.get("name") or "") for item in get_items(holder, "imagePullSecrets"))
