# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the result of image_access_info that upgrade_audit adds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .._dataclasses import dataclass
from .._images.audit import ImageAudit, ImageFinding
from .._images.lenders import Lender
from .._images.problems import Problem
from .._images.upgrade import UPGRADE_OUTCOMES
from .._images.upgrade_answers import read_answers
from .._images.upgrade_audit import Answers, UpgradeAudit, UpgradeFinding, find_refusals
from .._kubelet.images import normalise_image
from .._runtime.scrub import Scrubber
from .._secret.names import Identity
from .._secret.plan import Secret
from .._secret.pull_secret import pull_secret_texts
from .access_options import ImageAccessOptions, UpgradeOptions
from .upgrade_reading import UpgradeReading

if TYPE_CHECKING:
    from .._registry.verification import Verified

# The registries that get a warning each, if nobody asked them.
_MAX_REGISTRIES = 20
_EXAMPLES = {
    "EKS": "*.dkr.ecr.*.amazonaws.com",
    "GKE": "*-docker.pkg.dev",
    "AKS": "*.azurecr.io",
}


@dataclass(frozen=True)
class UpgradeResult:
    """What the audit adds: fields for each image, whether it is retired, problems, counts and warnings."""

    fields: Sequence[Mapping[str, Any]]
    retired: Sequence[bool]
    problems: Sequence[Problem]
    summary: Mapping[str, int]
    warnings: Sequence[str]


def audit_upgrade(
    options: ImageAccessOptions,
    upgrade: UpgradeOptions,
    found: Sequence[ImageFinding],
    audit: ImageAudit | None,
    reading: UpgradeReading,
    verified: Sequence[Verified | None] | None,
    ca: bytes | None,
    scrubber: Scrubber,
) -> UpgradeResult:
    """Return whether kubelets will refuse the images that were found. Asks registries if the task verifies."""
    upgrade_audit = UpgradeAudit(
        audit,
        found,
        reading.everywhere,
        reading.nodes,
        upgrade.policy,
        are_nodes_given=options.are_nodes_given,
    )
    answers = Answers()
    if options.verification:
        from .._registry.verification import ask_for_everyone

        images = list(upgrade_audit.find_unsettled().values())
        said = ask_for_everyone(images, options.verification, ca, upgrade.max_requests)
        to_all = read_answers({image: answer.outcome for image, answer in said.items()})
        own = [item.answer.outcome if item else None for item in verified or ()]
        answers = Answers(to_all, own)
    audited = upgrade_audit.judge_all(answers)
    secrets = reading.everywhere if reading.everywhere is not None else audit.snapshot.secrets if audit else {}
    lenders = _LenderFields(secrets, scrubber)
    counts = Counter(item.upgrade.outcome for item in audited)
    return UpgradeResult(
        [_describe_upgrade(item, reading, lenders) for item in audited],
        [item.reason == "retired" for item in audited],
        find_refusals(found, audited),
        {f"upgrade_{outcome}": counts[outcome] for outcome in UPGRADE_OUTCOMES},
        list(_warn_upgrade(options, upgrade, found, audited, upgrade_audit, reading)),
    )


class _LenderFields:
    """The fields of lenders in the result. A user name is scrubbed with the texts of its own Secret."""

    def __init__(self, secrets: Mapping[Identity, Secret], scrubber: Scrubber) -> None:
        self._secrets = secrets
        self._scrubber = scrubber
        self._known: dict[Lender, Mapping[str, Any]] = {}

    def describe(self, lender: Lender) -> Mapping[str, Any]:
        """Return the fields of a lender."""
        if lender not in self._known:
            own = Scrubber(self._scrubber)
            own.add(*pull_secret_texts(self._secrets[lender.namespace, lender.name]))
            self._known[lender] = {**vars(lender), "username": own.clean(lender.username)}
        return dict(self._known[lender])


def _describe_upgrade(item: UpgradeFinding, reading: UpgradeReading, lenders: _LenderFields) -> dict[str, Any]:
    fix = None
    if item.fix:
        fix = {"text": item.fix.text, "task": item.fix.task}
    return {
        "pull_policy": item.pull_policy,
        "credentials": item.credentials,
        "unknown_because": item.reason,
        "borrowed_from": [lenders.describe(lender) for lender in item.lenders],
        "running": item.running,
        "upgrade": {
            "outcome": item.upgrade.outcome,
            "when": item.upgrade.when,
            "nodes": dict(reading.nodes.versions.counts),
            "text": item.upgrade.text,
        },
        "fix": fix,
    }


def _warn_upgrade(
    options: ImageAccessOptions,
    upgrade: UpgradeOptions,
    found: Sequence[ImageFinding],
    audited: Sequence[UpgradeFinding],
    upgrade_audit: UpgradeAudit,
    reading: UpgradeReading,
) -> Iterator[str]:
    """Yield warnings about what the audit does not know, one for each registry and each cause."""
    for place in reading.unknown:
        yield f"The upgrade audit is not complete. {place['text']}"
    unasked: dict[str, set[str]] = {}
    clouds: set[str] = set()
    is_open = False
    for item, result in zip(found, audited, strict=True):
        name = normalise_image(item.image) or ""
        is_open = is_open or result.credentials in ("borrowed", "missing", "unknown")
        if result.reason == "node_credentials":
            clouds |= upgrade_audit.clouds_of(item)
        if result.reason == "not_asked":
            unasked.setdefault(name.partition("/")[0], set()).add(name)
    if options.verification:
        missed = sum(map(len, unasked.values()))
        if missed:
            yield (
                "A registry gave no answer or does not have the tag that was asked for, or verify_max_requests is "
                f"reached. The number of images that were not asked for is {missed}."
            )
    elif upgrade.max_requests:
        yield from _warn_unasked(unasked)
    for cloud in sorted(clouds):
        yield (
            f"The nodes are of {cloud} and usually pull from its registry with their own credentials, which the API "
            f"does not show. Set node_providers, for example to ['{_EXAMPLES[cloud]}'], to audit these images."
        )
    is_rancher = any("+rke2" in version or "+k3s" in version for version in reading.nodes.versions.counts)
    has_mirrors = options.node_credentials is not None and bool(options.node_credentials.hosts)
    if is_rancher and is_open and not has_mirrors:
        yield (
            "The nodes are of RKE2 or K3s, whose registries.yaml may have mirrors and credentials. Set "
            "node_credentials.mirrors to its content."
        )


def _warn_unasked(unasked: Mapping[str, set[str]]) -> Iterator[str]:
    for host in sorted(unasked)[:_MAX_REGISTRIES]:
        count = len(unasked[host])
        images = f"{count} image{'' if count == 1 else 's'} without an entry"
        yield f"{host}: {images} cannot be judged. Set verify to ask the registry whether it serves them to everyone."
    if len(unasked) > _MAX_REGISTRIES:
        yield f"{len(unasked) - _MAX_REGISTRIES} more registries were not asked."
