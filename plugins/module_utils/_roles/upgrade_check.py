# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decide what the playbook image_access_upgrade_check asks of registries, and what it reports of several clusters.

Each cluster is audited without its registries. Then the images of all clusters are asked for once, and the answers
complete the results.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._images.upgrade import POLICIES, ImageUse, KubeletPolicy, NodeVersions, predict
from .._images.upgrade_answers import (
    OpenImage,
    RegistryAnswers,
    Settled,
    describe_missing,
    explain_settled,
    read_answers,
    remove_condition,
    settle_image,
)
from .._kubelet.images import normalise_image

CheckedImage = dict[str, Any]
# The result of image_access_info for a cluster.
AuditResult = Mapping[str, Any]

# The outcome of a pull check by what the task without a cluster found, where that says something.
_ANSWER_OF_CREDENTIALS = {"public": "pullable", "missing": "denied"}
# An image is retired also if only its tag does not exist.
_ANSWER_OF_REASON = {"not_found": "not_found", "retired": "not_found", "no_answer": "unverifiable"}
# The fields of an image in a row.
_ROW_FIELDS = (
    "namespace",
    "kind",
    "name",
    "controller",
    "service_account",
    "pods",
    "image",
    "containers",
    "pull_policy",
    "credentials",
    "unknown_because",
    "borrowed_from",
    "running",
    "upgrade",
    "fix",
)
_OUTCOME_ORDER = ("fails", "unknown", "ok")
_WHEN_ORDER = ("now", "new_node_or_tag", "node_upgrade", None)


def images_to_ask(results: Iterable[AuditResult]) -> list[str]:
    """Return the images of all clusters of which only the registries know whether everyone may pull them.

    Each image name occurs once, so that several clusters and tags make one question.
    """
    images: dict[str, str] = {}
    for result in results:
        for item in result.get("images") or ():
            name = normalise_image(item["image"])
            if name and item.get("unknown_because") == "not_asked":
                images.setdefault(name, item["image"])
    return sorted(images.values())


def upgrade_rows(
    results: Sequence[AuditResult],
    *,
    hosts: Sequence[str],
    policies: Sequence[str],
    allowlists: Sequence[Sequence[str] | str],
    answers: AuditResult,
) -> list[CheckedImage]:
    """Return the images of all clusters, each with its host, the most urgent first.

    The results, policies and allowlists are those of the hosts, in their order. ``answers`` is the result of the task
    that asked the registries, empty if there was none.
    """
    known = _read_answers(answers)
    rows: list[CheckedImage] = []
    for host, result, name, allowlist in zip(hosts, results, policies, allowlists, strict=True):
        policy = _find_policy(name, allowlist)
        unlisted = {place["kind"] for place in result.get("unknown") or () if place["namespace"] is None}
        for item in result.get("images") or ():
            row = {"host": host, "registry": _find_registry(item["image"])}
            row |= {field: item[field] for field in _ROW_FIELDS}
            if row["unknown_because"] == "not_asked":
                row = _settle_row(row, known, unlisted, policy)
            rows.append(row)
    return sorted(rows, key=_urgency)


def _find_policy(name: str, allowlist: Sequence[str] | str) -> KubeletPolicy:
    """Return the policy with its allowlist. A string has the images as Ansible splits it."""
    images = allowlist.split(",") if isinstance(allowlist, str) else allowlist
    for known in POLICIES:
        if name == known:
            return KubeletPolicy(known, tuple(image.strip() for image in images))
    return KubeletPolicy()


def upgrade_groups(rows: Iterable[CheckedImage]) -> list[CheckedImage]:
    """Return the rows that are not fine, grouped by registry and cause, in their order."""
    groups: dict[tuple[str, str, str], CheckedImage] = {}
    for row in rows:
        outcome, cause = row["upgrade"]["outcome"], row["unknown_because"] or row["credentials"]
        if outcome == "ok":
            continue
        event = row["upgrade"]["when"] or ""
        group = groups.setdefault(
            (row["registry"], cause, event),
            {"registry": row["registry"], "outcome": outcome, "cause": cause, "when": event, "rows": []},
        )
        group["rows"].append(row)
    for group in groups.values():
        group["hosts"] = sorted({row["host"] for row in group["rows"]})
        group["images"] = len({row["image"] for row in group["rows"]})
    return list(groups.values())


def count_failing(rows: Iterable[CheckedImage]) -> dict[str, int]:
    """Return the number of images that will fail, by host. Hosts without such an image are not in it."""
    return dict(Counter(row["host"] for row in rows if row["upgrade"]["outcome"] == "fails"))


def _read_answers(answers: AuditResult) -> RegistryAnswers:
    """Return the answers of registries from the result of the task that asked them."""
    outcomes: dict[str, str] = {}
    for item in answers.get("images") or ():
        found = _ANSWER_OF_CREDENTIALS.get(item["credentials"]) or _ANSWER_OF_REASON.get(item["unknown_because"] or "")
        if found:
            outcomes[item["image"]] = found
    return read_answers(outcomes)


def _settle_row(row: CheckedImage, known: RegistryAnswers, unlisted: set[str], policy: KubeletPolicy) -> CheckedImage:
    """Return a row of an image that was not asked for, with the answer of its registry."""
    image, lenders = row["image"], row["borrowed_from"]
    open_image = OpenImage(image, bool(lenders), is_complete="Secret" not in unlisted)
    settled = settle_image(open_image, known.find(image))
    lender = f"{lenders[0]['namespace']}/{lenders[0]['name']}" if lenders else ""
    use = ImageUse(image, settled.credentials, row["pull_policy"], lender=lender)
    nodes = NodeVersions(row["upgrade"]["nodes"], is_known="Node" not in unlisted)
    upgrade = explain_settled(settled, image, predict(use, policy, nodes))
    return {
        **row,
        "credentials": settled.credentials,
        "unknown_because": settled.reason,
        "borrowed_from": lenders if settled.credentials in ("borrowed", "unknown") else [],
        "upgrade": {**row["upgrade"], "outcome": upgrade.outcome, "when": upgrade.when, "text": upgrade.text},
        "fix": _settle_fix(row, settled),
    }


def _settle_fix(row: CheckedImage, settled: Settled) -> CheckedImage | None:
    fix: CheckedImage | None = row["fix"]
    if settled.credentials == "public" or settled.reason == "retired":
        return None
    if settled.credentials == "unknown":
        return fix
    if fix is None:
        return {"text": describe_missing(row["image"]), "task": None}
    return {**fix, "text": remove_condition(fix["text"])}


def _find_registry(image: str) -> str:
    return (normalise_image(image) or "").partition("/")[0]


def _urgency(row: CheckedImage) -> tuple[Any, ...]:
    upgrade = row["upgrade"]
    order = (_OUTCOME_ORDER.index(upgrade["outcome"]), _WHEN_ORDER.index(upgrade["when"]))
    return *order, row["registry"], row["host"], row["namespace"], row["kind"], row["name"], row["image"]
