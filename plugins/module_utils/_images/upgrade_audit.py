# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The upgrade audit: for each image whose credentials pull it, whether a kubelet will refuse it, and the fix."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any

from .._dataclasses import dataclass
from .._kubelet.images import normalise_image
from .._secret.names import Identity, is_secret_name
from .._secret.openshift import ADDITIONAL_SECRET, GLOBAL_SECRET
from .audit import ImageAudit, ImageFinding
from .lenders import Lender, LenderIndex, Lenders
from .problems import Problem
from .pullers import find_pull_policy
from .retired import find_retired
from .upgrade import ImageCredentials, ImageUse, KubeletPolicy, NodeVersions, Upgrade, predict
from .upgrade_answers import (
    OpenImage,
    RegistryAnswers,
    Settled,
    UnknownReason,
    add_condition,
    describe_missing,
    explain_settled,
    settle_image,
)
from .verdict import public_image

if TYPE_CHECKING:
    from .._secret.plan import Secret

# The causes of a failed pull that only other credentials, or another image, remove.
_REFUSALS = frozenset(
    (
        "never_pulled",
        "no_entry",
        "node_credentials",
        "retired",
        "secret_malformed",
        "secret_missing",
        "started_before_link",
        "wrong_credentials",
        "wrong_type",
    )
)
# Of these, the ones with which the registry has refused a pull without credentials.
_REFUSED_WITHOUT = frozenset(("no_entry", "secret_missing", "started_before_link", "wrong_type"))

# Registries that serve every image to everyone. What they answer to a HEAD may be a redirect, which is not followed.
# Sources: registry.k8s.io (its README), mcr.microsoft.com and public.ecr.aws (their documentation).
PUBLIC_REGISTRIES = frozenset(("registry.k8s.io", "mcr.microsoft.com", "public.ecr.aws"))


@dataclass(frozen=True)
class CloudRegistry:
    """A registry for which the nodes of a cloud usually have credentials, which no API shows.

    ``provider_id`` is the beginning of a Node's providerID, ``version`` a part of its kubelet's version.
    """

    cloud: str
    provider_id: str
    version: str
    hosts: re.Pattern[str]


CLOUD_REGISTRIES: Sequence[CloudRegistry] = (
    CloudRegistry(
        "EKS",
        "aws://",
        "-eks-",
        re.compile(
            r"[0-9]{12}\.dkr[.-]ecr(-fips)?\.[a-z0-9-]+\.(amazonaws\.(com|com\.cn|eu)|on\.aws|on\.amazonwebservices\.com\.cn)"
        ),
    ),
    CloudRegistry("GKE", "gce://", "-gke.", re.compile(r"([a-z]+\.)?gcr\.io|[a-z0-9-]+-docker\.pkg\.dev")),
    CloudRegistry("AKS", "azure://", "-aks-", re.compile(r"[a-z0-9-]+(\.[a-z0-9]+\.geo)?\.azurecr\.(io|cn|us)")),
)


@dataclass(frozen=True)
class NodeFacts:
    """The facts about the Nodes of a cluster: versions of kubelets, clouds, and whether they are of OpenShift."""

    versions: NodeVersions = field(default_factory=NodeVersions)
    clouds: frozenset[str] = frozenset()
    is_openshift: bool = False


_OPENSHIFT_LABEL = "node.openshift.io/os_id"
# The Secrets with which OpenShift configures the nodes, also those of hosted control planes.
NODE_SECRETS = (GLOBAL_SECRET, ADDITIONAL_SECRET)
_KUBELET_VERSION_TEXT = re.compile(r"[A-Za-z0-9.+_~-]{1,100}")


def read_nodes(nodes: Sequence[Mapping[str, Any]]) -> NodeFacts:
    """Return the facts about Nodes as the API lists them."""
    counts: dict[str, int] = {}
    clouds: set[str] = set()
    is_openshift = False
    for node in nodes:
        info = (node.get("status") or {}).get("nodeInfo") or {}
        written = str(info.get("kubeletVersion") or "")
        version = written if _KUBELET_VERSION_TEXT.fullmatch(written) else "unknown"
        counts[version] = counts.get(version, 0) + 1
        provider_id = str((node.get("spec") or {}).get("providerID") or "")
        for row in CLOUD_REGISTRIES:
            if provider_id.startswith(row.provider_id) or row.version in version:
                clouds.add(row.cloud)
        labels = (node.get("metadata") or {}).get("labels") or {}
        is_openshift = is_openshift or _OPENSHIFT_LABEL in labels
    versions = NodeVersions({version: counts[version] for version in sorted(counts)})
    return NodeFacts(versions, frozenset(clouds), is_openshift)


@dataclass(frozen=True)
class Answers:
    """The answers of registries: whether they serve an image to everyone, and what they say of a Pod's own entry.

    Both are outcomes of a pull check. ``to_entries`` is in the order of the findings.
    """

    to_all: RegistryAnswers = field(default_factory=RegistryAnswers)
    to_entries: Sequence[str | None] = ()


@dataclass(frozen=True)
class Fix:
    """The way to make an image pullable: a sentence, and a task as data if one does it."""

    text: str
    task: Mapping[str, Mapping[str, Any]] | None = None


@dataclass(frozen=True)
class UpgradeFinding:
    """The result of the audit for an image, beside what find_images finds; ``reason`` where that is not known."""

    pull_policy: str
    credentials: ImageCredentials
    lenders: tuple[Lender, ...]
    running: bool
    upgrade: Upgrade
    fix: Fix | None = None
    reason: UnknownReason | None = None


class UpgradeAudit:
    """The audit of the findings in some namespaces.

    ``everywhere`` are the pull secrets of all namespaces, None if they could not be listed. With ``are_nodes_given``,
    the task has been told about the credentials of nodes, so that an image they do not cover is not theirs.
    """

    def __init__(
        self,
        audit: ImageAudit | None,
        found: Sequence[ImageFinding],
        everywhere: Mapping[Identity, Secret] | None,
        nodes: NodeFacts,
        policy: KubeletPolicy,
        *,
        are_nodes_given: bool = False,
    ) -> None:
        self._audit = audit
        self._found = found
        self._nodes = nodes
        self._policy = policy
        self._are_nodes_given = are_nodes_given
        self._is_complete = everywhere is not None
        secrets = dict(everywhere or {})
        if everywhere is None and audit:
            secrets = dict(audit.snapshot.secrets)
        for identity in NODE_SECRETS:
            secrets.pop(identity, None)
        self._lenders = LenderIndex(secrets, _find_used(found))

    def find_unsettled(self) -> dict[str, str]:
        """Return the images that only a registry can tell more about, by name: one image for each name."""
        unsettled: dict[str, str] = {}
        for item in self._found:
            name = normalise_image(item.image)
            if name and name not in unsettled and self._is_open(item, name):
                unsettled[name] = item.image
        return unsettled

    def judge_all(self, answers: Answers) -> list[UpgradeFinding]:
        """Return the result for each finding, in their order."""
        own = answers.to_entries or [None] * len(self._found)
        return [self._judge(item, answers, outcome) for item, outcome in zip(self._found, own, strict=True)]

    def clouds_of(self, item: ImageFinding) -> set[str]:
        """Return the clouds of the cluster whose nodes usually pull an image by themselves; none if that is given."""
        if self._are_nodes_given or item.verdict.by_node or item.verdict.status == "matched":
            return set()
        host = _host_of(item.image)
        return {row.cloud for row in CLOUD_REGISTRIES if row.cloud in self._nodes.clouds and row.hosts.fullmatch(host)}

    def _is_open(self, item: ImageFinding, name: str) -> bool:
        """Return whether it is not known without an answer of the registry who may pull an image."""
        if item.verdict.status in ("matched", "secret_malformed", "unknown") or item.verdict.by_node:
            return False
        if name.partition("/")[0] in PUBLIC_REGISTRIES:
            return False
        return not (item.cause and item.cause.id in _REFUSED_WITHOUT)

    def _judge(self, item: ImageFinding, answers: Answers, own: str | None) -> UpgradeFinding:
        name = normalise_image(item.image) or ""
        is_failing = item.cause is not None and item.cause.id in _REFUSALS
        lenders = Lenders()
        if item.verdict.status not in ("matched", "unknown") and not item.verdict.by_node:
            lenders = self._lenders.find(item.image, item.puller.namespace)
        settled = self._settle(item, name, answers.to_all.find(item.image), own, lenders)
        if settled.credentials not in ("borrowed", "missing", "unknown") or settled.reason == "retired":
            lenders = Lenders()
        use = ImageUse(
            item.image,
            settled.credentials,
            item.puller.policies.get(item.image) or find_pull_policy(item.image, None),
            lender=str(lenders.first or ""),
            is_failing=is_failing,
            is_denied=settled.credentials == "own" and own == "denied",
        )
        upgrade = predict(use, self._policy, self._nodes.versions)
        if not is_failing:
            upgrade = explain_settled(settled, item.image, upgrade)
        return UpgradeFinding(
            use.pull_policy,
            settled.credentials,
            lenders.listed if settled.credentials in ("borrowed", "unknown") else (),
            item.running,
            upgrade,
            self._plan_fix(item, settled, lenders, is_denied=use.is_denied),
            settled.reason,
        )

    def _settle(self, item: ImageFinding, name: str, answer: str | None, own: str | None, lenders: Lenders) -> Settled:
        """Return whose credentials pull an image. ``own`` is the answer to those of the Pod."""
        status = item.verdict.status
        if status == "matched":
            # The kubelet tries the node's own after the Pod's.
            return Settled("node") if own == "denied" and item.verdict.by_node else Settled("own")
        if status == "secret_malformed":
            return Settled("missing")
        if item.verdict.by_node:
            return Settled("node")
        if status == "unknown" or not name:
            return Settled("unknown", "unreadable" if name else None)
        if name.partition("/")[0] in PUBLIC_REGISTRIES:
            return Settled("public")
        if item.cause is not None and item.cause.id in _REFUSED_WITHOUT and answer != "pullable":
            return Settled("missing")
        open_image = OpenImage(
            item.image, bool(lenders.first), self._is_complete, is_of_cloud=bool(self.clouds_of(item))
        )
        return settle_image(open_image, answer)

    def _plan_fix(self, item: ImageFinding, settled: Settled, lenders: Lenders, *, is_denied: bool) -> Fix | None:
        """Return how to make an image pullable, or None if nothing is to be done or no one knows what."""
        credentials, retired = settled.credentials, find_retired(item.image)
        if settled.reason == "retired" and retired:
            return Fix(retired.remedy)
        if is_denied:
            return Fix(f"Write valid credentials to Secret {item.verdict.secret}.")
        if credentials == "unknown" and not lenders.first:
            return None
        if credentials not in ("borrowed", "missing", "unknown") or not item.puller.namespace:
            return None
        if item.verdict.status == "secret_malformed":
            names = ", ".join(dict.fromkeys(fault.secret or "" for fault in item.pull_secrets.faults))
            return Fix(f"Write Secret {names} again, which the kubelet cannot read.")
        if item.linked:
            text = (
                f"Recreate the Pod: its ServiceAccount has referenced Secret {item.linked} since the Pod was created."
            )
            return Fix(text)
        if settled.reason == "node_credentials":
            return None
        fix = self._plan_copy(item, lenders)
        if credentials == "unknown":
            return Fix(add_condition(fix.text), fix.task)
        return fix

    def _plan_copy(self, item: ImageFinding, lenders: Lenders) -> Fix:
        """Return how to give the Pod the credentials of a lender."""
        puller, lender = item.puller, lenders.first
        again = f" Then recreate {'the Pod' if puller.is_pod else 'the existing Pods'}."
        if lender is None:
            return Fix(describe_missing(item.image))
        missing = [name for name in item.pull_secrets.names("missing") if is_secret_name(name)]
        if missing:
            task = _copy_task(puller.namespace, missing[0], lender)
            return Fix(f"Create the missing Secret {missing[0]} from Secret {lender}.", task)
        if not self._takes_links(item):
            add = f"add it to imagePullSecrets of {puller.kind} {puller.name}."
            if lender.namespace == puller.namespace:
                return Fix(f"Secret {lender.name} has an entry for the image: {add}")
            name = self._choose_name(puller.namespace, lender)
            task = _copy_task(puller.namespace, name, lender)
            return Fix(f"Copy Secret {lender} to Secret {name}, if its owner agrees, and {add}", task)
        if lender.namespace == puller.namespace:
            link = {
                "namespace": puller.namespace,
                "service_account": puller.account,
                "image_pull_secrets": [{"name": lender.name}],
            }
            text = f"Link Secret {lender.name} to ServiceAccount {puller.account}.{again}"
            return Fix(text, {"keyring.kubernetes.service_account_secrets": link})
        name = self._choose_name(puller.namespace, lender)
        task = _copy_task(puller.namespace, name, lender, service_accounts=[puller.account])
        text = f"Copy Secret {lender}, if its owner agrees, and link it to ServiceAccount {puller.account}.{again}"
        return Fix(text, task)

    def _takes_links(self, item: ImageFinding) -> bool:
        """Return whether the Pod gets the Secrets of its ServiceAccount, as it has no list of its own."""
        puller = item.puller
        if not puller.named or not puller.is_pod or self._audit is None:
            return not puller.named
        return set(puller.named) <= set(self._audit.accounts.get((puller.namespace, puller.account), ()))

    def _choose_name(self, namespace: str, lender: Lender) -> str:
        """Return a name for the copy of a Secret that no Secret of the namespace is known to have."""
        for name in (lender.name, f"{lender.name}-{lender.namespace}", f"{lender.name}-copy"):
            is_free = self._audit is None or self._audit.find_candidate(namespace, name).state in ("missing", "unknown")
            if is_free and is_secret_name(name):
                return name
        return "registry-copy"


def _copy_task(namespace: str, name: str, lender: Lender, **options: Any) -> dict[str, Mapping[str, Any]]:
    source = {"namespace": lender.namespace, "name": lender.name}
    arguments = {"namespace": namespace, "name": name, "credentials_from": source, **options}
    return {"keyring.kubernetes.image_pull_secret": arguments}


def _find_used(found: Sequence[ImageFinding]) -> dict[str, list[Identity]]:
    """Return the Secrets with which Pods pull each image, by the name of the image and in order."""
    used: dict[str, set[Identity]] = {}
    for item in found:
        name = normalise_image(item.image)
        if name and item.verdict.secret:
            used.setdefault(name, set()).add((item.puller.namespace, item.verdict.secret))
    return {name: sorted(identities) for name, identities in used.items()}


def _host_of(image: str) -> str:
    return (normalise_image(image) or "").partition("/")[0]


def find_refusals(found: Sequence[ImageFinding], audited: Sequence[UpgradeFinding]) -> list[Problem]:
    """Return a problem for each image that runs or could run today, and that a kubelet will refuse."""
    problems = []
    for item, result in zip(found, audited, strict=True):
        puller = item.puller
        if result.upgrade.outcome == "fails" and item.cause is None:
            text = f"{public_image(item.image)}: {result.upgrade.text}"
            problems.append(Problem(puller.namespace, "kubelet_will_refuse", puller.kind, puller.name, text))
    return sorted(set(problems))
