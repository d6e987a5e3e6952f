# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what was read of some namespaces to the images that are pulled there, each with its verdict."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from .._secret.plan import Secret
from .._secret.users import Identity, KubernetesObject
from .causes import Cause, PullContext, find_cause
from .pullers import Accounts, Puller, Reference, find_pullers, read_accounts, secrets_in_play
from .verdict import Candidate, PullSecrets, Verdict, judge, load_pull_secrets

SERVICE_ACCOUNT = "ServiceAccount"
SECRET_KIND = "Secret"


@dataclass(frozen=True)
class ClusterSnapshot:
    """What was read of some namespaces.

    ``other_types`` are the types of Secrets that are no pull secrets, None where the type is not told; only those that
    something names need be there. ``unknown`` are the kinds that could not be listed, by namespace.
    """

    objects: Mapping[str, Sequence[KubernetesObject]]
    secrets: Mapping[Identity, Secret] = field(repr=False)
    other_types: Mapping[Identity, str | None] = field(default_factory=dict)
    unknown: Collection[Identity] = frozenset()

    def is_unknown(self, namespace: str, kind: str) -> bool:
        return (namespace, kind) in self.unknown


@dataclass(frozen=True)
class ImageFinding:
    """An image that something pulls. ``pods`` is the number of Pods that are told by their workload here.

    ``linked`` is a Secret that the ServiceAccount of a Pod names by now, and that would serve the image.
    """

    puller: Puller
    image: str
    play: PullSecrets
    verdict: Verdict
    pods: int = 0
    linked: str | None = None
    cause: Cause | None = None


def named_secrets(objects: Mapping[str, Sequence[KubernetesObject]]) -> set[Identity]:
    """Every Secret that may be tried for an image, by namespace and name."""
    accounts = read_accounts(objects.get(SERVICE_ACCOUNT, ()))
    named = {(puller.namespace, name) for puller in find_pullers(objects) for name in puller.named}
    named |= {(namespace, name) for (namespace, _account), names in accounts.items() for name in names}
    return {(namespace, name) for namespace, name in named if name}


class ImageAudit:
    """Judges the images of a world. The same list of Secrets in the same namespace is looked at once."""

    def __init__(self, world: ClusterSnapshot, node_providers: Sequence[str] = ()) -> None:
        self.world = world
        self.accounts: Accounts = read_accounts(world.objects.get(SERVICE_ACCOUNT, ()))
        self.pullers = find_pullers(world.objects)
        self._node_providers = node_providers
        self._plays: dict[tuple[str, tuple[str, ...]], PullSecrets] = {}
        self._verdicts: dict[tuple[str, tuple[str, ...], str], Verdict] = {}

    def find_images(
        self, pods: Collection[str] | None = None, workloads: Collection[Reference] | None = None
    ) -> list[ImageFinding]:
        """Every image with what becomes of it, sorted: of all, or of these Pods and workloads.

        A Pod is told by its workload, where that is told and has the image with the same Secrets, unless it fails.
        """
        everything = pods is None and workloads is None
        makers = {
            (puller.namespace, Reference(puller.kind, puller.name)): puller
            for puller in self.pullers
            if not puller.is_pod
        }
        told = [maker for (_space, reference), maker in makers.items() if everything or reference in (workloads or ())]
        found = {
            (maker.namespace, Reference(maker.kind, maker.name), image): self._judge(maker, image)
            for maker in told
            for image in maker.images
        }
        counts: dict[tuple[str, Reference, str], int] = {}
        alone: list[ImageFinding] = []
        for pod in self.pullers:
            named = pod.name in (pods or ())
            if not pod.is_pod or not (everything or named or pod.controller in (workloads or ())):
                continue
            maker = makers.get((pod.namespace, pod.controller)) if pod.controller else None
            for image in pod.images:
                own = self._judge(pod, image, maker)
                key = (pod.namespace, pod.controller or Reference("", ""), image)
                if own.cause or named or key not in found or found[key].play != own.play:
                    alone.append(own)
                else:
                    counts[key] = counts.get(key, 0) + 1
        of_makers = [_with_pods(item, counts.get(key, 0)) for key, item in found.items()]
        return sorted([*of_makers, *alone], key=_order)

    def pull_secrets_of(self, namespace: str, names: tuple[str, ...]) -> PullSecrets:
        """These Secrets of a namespace, as they are."""
        key = (namespace, names)
        if key not in self._plays:
            self._plays[key] = load_pull_secrets([self._candidate(namespace, name) for name in names])
        return self._plays[key]

    def judge(self, namespace: str, names: tuple[str, ...], image: str) -> Verdict:
        """What becomes of an image with these Secrets of a namespace."""
        key = (namespace, names, image)
        if key not in self._verdicts:
            self._verdicts[key] = judge(self.pull_secrets_of(namespace, names), image, self._node_providers)
        return self._verdicts[key]

    def _judge(self, puller: Puller, image: str, maker: Puller | None = None) -> ImageFinding:
        names = secrets_in_play(puller, self.accounts)
        play, verdict = self.pull_secrets_of(puller.namespace, names), self.judge(puller.namespace, names, image)
        if self._is_account_unknown(puller):
            play = load_pull_secrets((), is_known=False)
            verdict = judge(play, image, self._node_providers)
        linked = self._find_linked(puller, image, maker, names) if verdict.status != "matched" else None
        situation = PullContext(puller.account, play, verdict, linked)
        causes = (find_cause(waiting, situation) for waiting in puller.waiting if waiting.image == image)
        return ImageFinding(puller, image, play, verdict, linked=linked, cause=next(filter(None, causes), None))

    def _is_account_unknown(self, puller: Puller) -> bool:
        """Whether the Secrets depend on a ServiceAccount that could not be read."""
        return not puller.is_pod and not puller.named and self.world.is_unknown(puller.namespace, SERVICE_ACCOUNT)

    def _find_linked(self, pod: Puller, image: str, maker: Puller | None, names: tuple[str, ...]) -> str | None:
        """The Secret that would serve the image if the Pod were made now, by what its ServiceAccount names by now.

        A list that a Pod has of its own, or by what made it, stays when it is made anew.
        """
        now = tuple(name for name in self.accounts.get((pod.namespace, pod.account), ()) if name)
        has_own_list = bool(maker.named) if maker else not set(pod.named) <= set(now)
        if not pod.is_pod or has_own_list or set(now) <= set(names):
            return None
        return self.judge(pod.namespace, now, image).secret

    def _candidate(self, namespace: str, name: str) -> Candidate:
        secret = self.world.secrets.get((namespace, name))
        if secret is not None:
            return Candidate(name, "found", secret.get("type"), secret)
        if (namespace, name) in self.world.other_types:
            return Candidate(name, "wrong_type", self.world.other_types[namespace, name])
        return Candidate(name, "unknown" if self.world.is_unknown(namespace, SECRET_KIND) else "missing")


def _with_pods(found: ImageFinding, pods: int) -> ImageFinding:
    return ImageFinding(found.puller, found.image, found.play, found.verdict, pods)


def _order(found: ImageFinding) -> tuple[str, str, str, str]:
    return found.puller.namespace, found.puller.kind, found.puller.name, found.image


def check_offline(
    secrets: Sequence[Secret], images: Sequence[str], node_providers: Sequence[str] = ()
) -> list[ImageFinding]:
    """What becomes of images with these Secrets alone, sorted."""
    play = load_pull_secrets([Candidate(item["metadata"]["name"], "found", item["type"], item) for item in secrets])
    nobody = Puller("", "", "", "", (), {})
    return [ImageFinding(nobody, image, play, judge(play, image, node_providers)) for image in sorted(set(images))]
