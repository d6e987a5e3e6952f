# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An audit of the images that are pulled in some namespaces: for each the credentials that it finds."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from .._dataclasses import dataclass
from .._secret.names import Identity, identity_of
from .._secret.users import KubernetesObject
from .pullers import Accounts, Puller, Reference, effective_pull_secrets, find_pullers, read_accounts
from .verdict import Candidate, PullSecrets, Verdict, judge, load_pull_secrets

if TYPE_CHECKING:
    from .._secret.plan import Secret
    from .causes import Cause
    from .node_credentials import NodeCredentials

SERVICE_ACCOUNT = "ServiceAccount"
SECRET_KIND = "Secret"

# Namespace, what makes the Pods, image. The second is None for a Pod without an owner.
_WorkloadImage = tuple[str, "Reference | None", str]


@dataclass(frozen=True)
class ClusterSnapshot:
    """The objects that were read of some namespaces.

    ``other_types`` are the types of Secrets that are not pull secrets, None where the type is unknown. It needs to
    hold only those that something references. ``unknown`` are the kinds that could not be listed, by namespace.
    ``used_by_others`` are the Secrets that custom resources reference.
    """

    objects: Mapping[str, Sequence[KubernetesObject]]
    secrets: Mapping[Identity, Secret] = field(repr=False)
    other_types: Mapping[Identity, str | None] = field(default_factory=dict)
    unknown: Collection[Identity] = frozenset()
    used_by_others: Collection[Identity] = frozenset()

    def is_unknown(self, namespace: str, kind: str) -> bool:
        """Return whether the objects of a kind could not be listed in a namespace."""
        return (namespace, kind) in self.unknown


@dataclass(frozen=True)
class ImageFinding:
    """An image of one puller, with the credentials that it finds.

    ``pods`` is the number of Pods that the finding of a workload stands for. ``linked`` is a Secret that the
    ServiceAccount of a Pod references by now, and that would serve the image. ``running`` is whether a container with
    the image was started in one of these Pods.
    """

    puller: Puller
    image: str
    pull_secrets: PullSecrets
    verdict: Verdict
    pods: int = 0
    linked: str | None = None
    cause: Cause | None = None
    running: bool = False


def named_secrets(objects: Mapping[str, Sequence[KubernetesObject]]) -> set[Identity]:
    """Return the namespace and name of every Secret that may be tried for an image."""
    named: set[Identity] = set()
    for puller in find_pullers(objects):
        named.update((puller.namespace, name) for name in puller.named if name)
    for (namespace, _account), names in read_accounts(objects.get(SERVICE_ACCOUNT, ())).items():
        named.update((namespace, name) for name in names if name)
    return named


class ImageAudit:
    """The audit of a snapshot. The same list of Secrets in the same namespace is evaluated once."""

    def __init__(
        self,
        snapshot: ClusterSnapshot,
        node_providers: Sequence[str] = (),
        node_credentials: NodeCredentials | None = None,
    ) -> None:
        self.snapshot = snapshot
        self.accounts: Accounts = read_accounts(snapshot.objects.get(SERVICE_ACCOUNT, ()))
        self.pullers = find_pullers(snapshot.objects)
        self._node_providers = node_providers
        self._node_credentials = node_credentials
        self._annotations = _read_annotations(snapshot) if node_credentials else {}
        self._pull_secrets: dict[tuple[str, tuple[str, ...]], PullSecrets] = {}
        self._verdicts: dict[tuple[str, tuple[str, ...], str], Verdict] = {}

    def find_images(
        self, pods: Collection[str] | None = None, workloads: Collection[Reference] | None = None
    ) -> list[ImageFinding]:
        """Return the findings, sorted: for everything, or for the selected Pods and workloads.

        A Pod is counted in the finding of its workload where that is listed and has the image with the same Secrets.
        A Pod that is selected by its name, or that fails to pull the image, has a finding of its own.
        """
        everything = pods is None and workloads is None
        selected_pods = frozenset(pods or ())
        selected_workloads = frozenset(workloads or ())

        makers: dict[tuple[str, Reference], Puller] = {}
        of_makers: dict[_WorkloadImage, ImageFinding] = {}
        for puller in self.pullers:
            if puller.is_pod:
                continue
            reference = Reference(puller.kind, puller.name)
            makers[puller.namespace, reference] = puller
            if everything or reference in selected_workloads:
                for image in puller.images:
                    of_makers[puller.namespace, reference, image] = self._find_image(puller, image)

        pod_counts: Counter[_WorkloadImage] = Counter()
        running: set[_WorkloadImage] = set()
        of_pods: list[ImageFinding] = []
        for pod in self.pullers:
            if not pod.is_pod:
                continue
            is_named = pod.name in selected_pods
            if not everything and not is_named and pod.controller not in selected_workloads:
                continue
            maker = makers.get((pod.namespace, pod.controller)) if pod.controller else None
            for image in pod.images:
                finding = self._find_image(pod, image, maker)
                key = (pod.namespace, pod.controller, image)
                of_maker = of_makers.get(key)
                is_like_maker = of_maker is not None and of_maker.pull_secrets == finding.pull_secrets
                if is_named or finding.cause or not is_like_maker:
                    of_pods.append(finding)
                else:
                    pod_counts[key] += 1
                    if finding.running:
                        running.add(key)

        counted = [
            dataclasses.replace(finding, pods=pod_counts[key], running=key in running)
            for key, finding in of_makers.items()
        ]
        return sorted([*counted, *of_pods], key=_sort_key)

    def find_candidate(self, namespace: str, name: str) -> Candidate:
        """Return a Secret of a namespace as the snapshot has it, before its content is read."""
        identity = (namespace, name)
        secret = self.snapshot.secrets.get(identity)
        if secret is not None:
            return Candidate(name, "found", secret.get("type"), secret)
        if identity in self.snapshot.other_types:
            return Candidate(name, "wrong_type", self.snapshot.other_types[identity])
        if self.snapshot.is_unknown(namespace, SECRET_KIND):
            return Candidate(name, "unknown")
        return Candidate(name, "missing")

    def pull_secrets_of(self, namespace: str, names: tuple[str, ...]) -> PullSecrets:
        """Return these Secrets of a namespace as the kubelet reads them."""
        key = (namespace, names)
        if key not in self._pull_secrets:
            self._pull_secrets[key] = load_pull_secrets([self.find_candidate(namespace, name) for name in names])
        return self._pull_secrets[key]

    def judge(self, namespace: str, names: tuple[str, ...], image: str) -> Verdict:
        """Return the verdict on an image with these Secrets of a namespace."""
        key = (namespace, names, image)
        if key not in self._verdicts:
            self._verdicts[key] = judge(self.pull_secrets_of(namespace, names), image, self._node_providers)
        return self._verdicts[key]

    def _find_image(self, puller: Puller, image: str, maker: Puller | None = None) -> ImageFinding:
        """Return the finding for one image of a puller. ``maker`` is the workload that made a Pod, if it is known."""
        from .causes import PullContext, find_cause

        names = effective_pull_secrets(puller, self.accounts)
        # The Secrets depend on a ServiceAccount that could not be read.
        depends_on_account = not puller.is_pod and not puller.named
        if depends_on_account and self.snapshot.is_unknown(puller.namespace, SERVICE_ACCOUNT):
            pull_secrets = load_pull_secrets((), is_known=False)
            verdict = judge(pull_secrets, image, self._node_providers)
        else:
            pull_secrets = self.pull_secrets_of(puller.namespace, names)
            verdict = self.judge(puller.namespace, names, image)
        verdict = self._note_node(puller, image, verdict)
        linked = None
        if verdict.status != "matched":
            linked = self._find_linked(puller, image, maker, names)
        pull_context = PullContext(puller.account, pull_secrets, verdict, linked)
        cause = None
        for waiting in puller.waiting:
            if waiting.image == image:
                cause = cause or find_cause(waiting, pull_context)
        is_running = image in puller.started
        return ImageFinding(puller, image, pull_secrets, verdict, linked=linked, cause=cause, running=is_running)

    def _note_node(self, puller: Puller, image: str, verdict: Verdict) -> Verdict:
        """Return the verdict with a mark if the nodes have credentials for the image."""
        if self._node_credentials is None or verdict.by_node:
            return verdict
        annotations = self._annotations.get((puller.namespace, puller.account), frozenset())
        if self._node_credentials.covers(image, annotations):
            return dataclasses.replace(verdict, by_node=True)
        return verdict

    def _find_linked(self, pod: Puller, image: str, maker: Puller | None, names: tuple[str, ...]) -> str | None:
        """Return the Secret that would serve the image if the Pod were created again, from its ServiceAccount.

        A list that a Pod has of its own, or from its workload, stays when it is created again.
        """
        now = tuple(name for name in self.accounts.get((pod.namespace, pod.account), ()) if name)
        has_own_list = bool(maker.named) if maker else not set(pod.named) <= set(now)
        if not pod.is_pod or has_own_list or set(now) <= set(names):
            return None
        return self.judge(pod.namespace, now, image).secret


def _read_annotations(snapshot: ClusterSnapshot) -> dict[Identity, frozenset[str]]:
    """Return the keys of the annotations of each ServiceAccount."""
    accounts = snapshot.objects.get(SERVICE_ACCOUNT, ())
    return {identity_of(account): frozenset(account["metadata"].get("annotations") or ()) for account in accounts}


def _sort_key(finding: ImageFinding) -> tuple[str, str, str, str]:
    return finding.puller.namespace, finding.puller.kind, finding.puller.name, finding.image


def check_offline(
    secrets: Sequence[Secret],
    images: Sequence[str],
    node_providers: Sequence[str] = (),
    node_credentials: NodeCredentials | None = None,
) -> list[ImageFinding]:
    """Return the findings for images with these Secrets alone, each image once, sorted."""
    candidates = [Candidate(item["metadata"]["name"], "found", item["type"], item) for item in secrets]
    pull_secrets = load_pull_secrets(candidates)
    no_puller = Puller("", "", "", "", (), {})
    found: list[ImageFinding] = []
    for image in sorted(set(images)):
        verdict = judge(pull_secrets, image, node_providers)
        if node_credentials and node_credentials.covers(image, frozenset()):
            verdict = dataclasses.replace(verdict, by_node=True)
        found.append(ImageFinding(no_puller, image, pull_secrets, verdict))
    return found
