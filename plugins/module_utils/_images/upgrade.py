# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The prediction whether a kubelet lets a Pod use an image, by the version of the kubelet.

Sources: kubernetes KEP-2535 (ensure secret pulled images), pkg/kubelet/images/image_manager.go,
pkg/kubelet/images/pullmanager/image_pull_manager.go (MustAttemptImagePull) and image_pull_policies.go (the policies),
pkg/features/kube_features.go (the versions); four Pods on a kubelet 1.36.3 with containerd 2.4.
A prediction names an event and never a date: the kubelet forgets nothing that it pulled before it began to check.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Literal

from .._dataclasses import dataclass
from .._errors import KeyringError
from .._kubelet.images import normalise_image

# Who gives the right to pull an image: the Pod's own Secrets, everyone may, the node, the Secret of another Pod.
ImageCredentials = Literal["own", "public", "node", "borrowed", "missing", "unknown"]
IMAGE_CREDENTIALS: tuple[ImageCredentials, ...] = ("own", "public", "node", "borrowed", "missing", "unknown")
UpgradeOutcome = Literal["ok", "fails", "unknown"]
UPGRADE_OUTCOMES: tuple[UpgradeOutcome, ...] = ("ok", "fails", "unknown")
# The event with which an image fails.
FailsWhen = Literal["now", "new_node_or_tag", "node_upgrade"]

PolicyName = Literal["NeverVerifyPreloadedImages", "NeverVerify", "AlwaysVerify", "NeverVerifyAllowlistedImages"]
POLICIES: tuple[PolicyName, ...] = (
    "NeverVerifyPreloadedImages",
    "NeverVerify",
    "AlwaysVerify",
    "NeverVerifyAllowlistedImages",
)


@dataclass(frozen=True)
class KubeletRow:
    """The behaviour of kubelets from a version on: whether they check the credentials for an image on the node."""

    since: tuple[int, int]
    checks: bool
    source: str


# In order. A newer kubelet than the last row behaves as the last row.
KUBELET_ROWS: Sequence[KubeletRow] = (
    KubeletRow((0, 0), False, "any Pod may use an image on the node; from 1.33 on a feature gate, off by default"),
    KubeletRow((1, 35), True, "KubeletEnsureSecretPulledImages is beta and on by default (kube_features.go, KEP-2535)"),
)
_KUBELET_VERSION = re.compile(r"v?([0-9]{1,3})\.([0-9]{1,3})")
CHECKS_SINCE = "1.35"


def checks_images(version: str) -> bool | None:
    """Return whether a kubelet of this version checks credentials by default; None for a text that is no version."""
    found = _KUBELET_VERSION.match(version)
    if not found:
        return None
    number = int(found[1]), int(found[2])
    return [row.checks for row in KUBELET_ROWS if row.since <= number][-1]


@dataclass(frozen=True)
class KubeletPolicy:
    """A value of the kubelet's imagePullCredentialsVerificationPolicy, and its allowlist."""

    name: PolicyName = "NeverVerifyPreloadedImages"
    allowlist: tuple[str, ...] = ()

    def skips(self, image: str) -> bool:
        """Return whether the image is never checked, whoever pulled it: NeverVerifyAllowlistedImages.imageMatches."""
        if self.name == "NeverVerify":
            return True
        name = normalise_image(image)
        if self.name != "NeverVerifyAllowlistedImages" or name is None:
            return False
        return any(
            name.startswith(pattern[:-1]) if pattern.endswith("/*") else name == pattern for pattern in self.allowlist
        )

    @property
    def checks_preloaded(self) -> bool:
        """Return whether images are checked that were on the node before the kubelet pulled any."""
        return self.name in ("AlwaysVerify", "NeverVerifyAllowlistedImages")


def parse_allowlist(patterns: Iterable[str], option: str) -> tuple[str, ...]:
    """Return the patterns of an allowlist as the kubelet accepts them: image_pull_policies.go getAllowlistImagePattern.

    Raise KeyringError with the index of one that the kubelet refuses.
    """
    parsed = []
    for index, pattern in enumerate(patterns):
        why = _find_pattern_fault(pattern)
        if why:
            place = f"{option}[{index}]"
            raise KeyringError(
                f"{place} is not a pattern of the kubelet's allowlist.",
                why,
                "Write an image without tag, such as ghcr.io/acme/app, or a beginning with /*, such as ghcr.io/acme/*.",
                option=place,
            )
        parsed.append(pattern)
    return tuple(parsed)


def _find_pattern_fault(pattern: str) -> str | None:
    if pattern != pattern.strip():
        return "It has whitespace at an end."
    if pattern in ("", "/*"):
        return "It has no registry."
    if "*" in pattern.removesuffix("/*"):
        return "The only wildcard is /* at the end."
    if not pattern.endswith("/*") and normalise_image(pattern) != pattern:
        return "It is not an image with its registry and without tag and digest."
    return None


@dataclass(frozen=True)
class ImageUse:
    """The facts about an image of a Pod that decide whether a kubelet lets the Pod use it.

    ``lender`` is what a sentence calls the Secret that is borrowed from. ``is_failing`` is whether the kubelet is
    refused the image now, ``is_denied`` whether the registry refuses the Pod's own credentials.
    """

    image: str
    credentials: ImageCredentials
    pull_policy: str = "IfNotPresent"
    lender: str = ""
    is_failing: bool = False
    is_denied: bool = False


@dataclass(frozen=True)
class Upgrade:
    """The prediction for an image: the outcome, the event with which it fails, and a sentence."""

    outcome: UpgradeOutcome
    when: FailsWhen | None
    text: str


@dataclass(frozen=True)
class NodeVersions:
    """The number of Nodes by the version of their kubelet; ``is_known`` is false if they could not be listed."""

    counts: Mapping[str, int] = field(default_factory=dict)
    is_known: bool = True

    @property
    def are_checking(self) -> bool:
        """Return whether a kubelet of the cluster checks images."""
        return any(checks_images(version) for version in self.counts)


_OK_TEXTS: Mapping[ImageCredentials, str] = {
    "own": "The Pod has credentials of its own for the image.",
    "public": "The registry serves the image to everyone.",
    "node": "The node pulls the image with its own credentials, or from a mirror, and lets every Pod use it.",
}
_NO_DATE = "That may be long after the upgrade."


def predict(use: ImageUse, policy: KubeletPolicy, nodes: NodeVersions) -> Upgrade:
    """Return whether kubelets let the Pod use the image, now and after an upgrade to ``CHECKS_SINCE`` or later."""
    if use.is_failing:
        return Upgrade("fails", "now", "The pull of the image fails now.")
    if use.credentials == "unknown":
        return Upgrade("unknown", None, "It is not known who may pull the image.")
    if use.credentials in _OK_TEXTS and not use.is_denied:
        return _predict_allowed(use, policy)
    who = "The registry refuses the Pod's own credentials" if use.is_denied else "The Pod has no credentials of its own"
    if use.pull_policy == "Always":
        text = f"{who}, and with imagePullPolicy Always each new Pod asks the registry."
        return Upgrade("fails", "now", text)
    if use.credentials == "borrowed":
        return _predict_borrowed(use, policy, nodes)
    return _predict_missing(use, who, policy, nodes)


def _predict_allowed(use: ImageUse, policy: KubeletPolicy) -> Upgrade:
    """Return the prediction for an image that the Pod may pull."""
    text = _OK_TEXTS[use.credentials]
    if use.pull_policy != "Never":
        return Upgrade("ok", None, text)
    if policy.checks_preloaded and not policy.skips(use.image):
        text = (
            f"{text} With imagePullPolicy Never and {policy.name}, the kubelet refuses it unless it pulled the image "
            "itself before."
        )
        return Upgrade("unknown", None, text)
    return Upgrade("ok", None, f"{text} With imagePullPolicy Never, the image must already be on each node.")


def _predict_borrowed(use: ImageUse, policy: KubeletPolicy, nodes: NodeVersions) -> Upgrade:
    """Return the prediction for an image that the Pod may use only because another Pod's Secret pulled it."""
    lender = f"Secret {use.lender}" if use.lender else "the Secret of another Pod"
    runs = f"The Pod has no credentials of its own, and depends on a Pod with {lender} to pull the image."
    if policy.skips(use.image):
        text = (
            f"{runs} The kubelet does not check it ({policy.name}). On a node without the image, the pull still fails."
        )
        return Upgrade("ok", None, text)
    if not nodes.is_known:
        return Upgrade("unknown", None, f"{runs} Whether the nodes refuse that depends on their versions.")
    if policy.checks_preloaded:
        text = f"{runs} A kubelet of {CHECKS_SINCE} or later refuses that ({policy.name})."
        return Upgrade("fails", "now" if nodes.are_checking else "node_upgrade", text)
    if nodes.are_checking:
        text = f"{runs} A kubelet of {CHECKS_SINCE} or later refuses that on a new node or with a new tag. {_NO_DATE}"
        return Upgrade("fails", "new_node_or_tag", text)
    text = (
        f"{runs} After the upgrade to {CHECKS_SINCE} or later, the kubelet refuses that on a new node or with a new "
        f"tag. {_NO_DATE}"
    )
    return Upgrade("fails", "node_upgrade", text)


def _predict_missing(use: ImageUse, who: str, policy: KubeletPolicy, nodes: NodeVersions) -> Upgrade:
    """Return the prediction for an image that no one is known to be able to pull for the Pod."""
    if use.pull_policy == "Never":
        text = f"{who}. With imagePullPolicy Never, it depends on how the image came to the node."
        return Upgrade("unknown", None, text)
    if policy.checks_preloaded and not policy.skips(use.image) and nodes.are_checking and not use.is_denied:
        text = f"{who}, and a kubelet of {CHECKS_SINCE} or later refuses a new Pod ({policy.name})."
        return Upgrade("fails", "now", text)
    text = f"{who}, so the pull fails on a node without the image and with a new tag."
    return Upgrade("fails", "new_node_or_tag", text)
