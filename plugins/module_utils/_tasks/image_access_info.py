# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task behind the module image_access_info: options in, result out."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .._images.audit import ClusterSnapshot, ImageAudit, ImageFinding, check_offline
from .._images.problems import Problem, find_problems
from .._images.pullers import POD
from .._images.verdict import STATUSES, public_image
from .._runtime.execute import Result, Runtime, TaskDefinition
from .._runtime.open_cluster import open_cluster
from .._runtime.options import COMMON, DOCKER_CONFIG, NAMESPACES, Options
from .._runtime.result_fields import scrub_entries
from .._runtime.scrub import NamespaceScrubbers, Scrubber
from .._runtime.shown import IMAGE, NAME, TEXT
from .._secret.pull_secret import pull_secret_texts
from .access_options import ClusterImages, ConfigImages, ImageAccessOptions, parse_options
from .cluster_snapshot import SnapshotReading, read_snapshot
from .info import Places, find_places
from .verify_options import VERIFY_OPTIONS, read_certificates

if TYPE_CHECKING:
    from .._images.causes import Cause
    from .._registry.verification import Verified, VerifyOptions
    from .upgrade_result import UpgradeResult

# As in _images/upgrade.py, which only an audit imports.
_POLICIES = ("NeverVerifyPreloadedImages", "NeverVerify", "AlwaysVerify", "NeverVerifyAllowlistedImages")
# The strings of a registries.yaml that YAML may make another value of.
_MIRRORS: Mapping[str, Any] = {"strings": ("username", "password", "auth", "identity_token")}

OPTIONS: Options = {
    **NAMESPACES,
    "pods": {"type": "list", "elements": "str", "context": NAME},
    "workloads": {"type": "list", "elements": "str", "context": TEXT},
    "node_providers": {"type": "list", "elements": "str", "default": [], "context": TEXT},
    # Not no_log: Ansible would then hide every text in it, user names included, from all output.
    "docker_configs": {"type": "raw", "context": DOCKER_CONFIG},
    "images": {"type": "list", "elements": "str", "context": IMAGE},
    "upgrade_audit": {"type": "bool", "default": False},
    "kubelet_policy": {"type": "str", "choices": list(_POLICIES), "default": _POLICIES[0]},
    "kubelet_allowlist": {"type": "list", "elements": "str", "context": IMAGE},
    # None of them is no_log, for the same reason.
    "node_credentials": {
        "type": "dict",
        "options": {
            "credential_provider_config": {"type": "raw"},
            "docker_configs": {"type": "raw", "context": DOCKER_CONFIG},
            "mirrors": {"type": "raw", "context": _MIRRORS},
        },
    },
    **VERIFY_OPTIONS,
    "verify_max_requests": {"type": "int", "default": 500},
    **COMMON,
}


def run(params: Mapping[str, Any], runtime: Runtime) -> Result:
    """Report which images find credentials, in a cluster or in docker configs at hand; ask registries on request.

    Only reads.
    """
    options = parse_options(params)
    runtime.scrubber.add(*options.node_secrets)
    ca = read_certificates(options.verification, runtime.files)
    if isinstance(options.subject, ConfigImages):
        return _check_configs(options.subject, options, ca, runtime)
    return _check_cluster(options.subject, options, ca, runtime)


def _check_cluster(
    subject: ClusterImages, options: ImageAccessOptions, ca: bytes | None, runtime: Runtime
) -> dict[str, Any]:
    upgrade_reading, node_credentials = None, options.node_credentials
    with open_cluster(options.connection, runtime) as connection:
        places = find_places(connection, subject.targets)
        reading = read_snapshot(connection, places, everywhere=options.upgrade is not None)
        if options.upgrade:
            from .upgrade_reading import add_node_secrets, read_upgrade

            upgrade_reading = read_upgrade(connection, reading)
            node_credentials = add_node_secrets(node_credentials, upgrade_reading)
        cluster = connection.describe()
    scrubbers = scrubbers_of(reading.snapshot, runtime.scrubber)
    audit = ImageAudit(reading.snapshot, options.node_providers, node_credentials)
    found = audit.find_images(subject.pods, subject.workloads)
    problems = find_problems(found, audit, of_namespaces=subject.includes_everything)
    verified = _verify(found, options.verification, ca, runtime)
    unknown, upgrade = list(reading.unknown), None
    if options.upgrade and upgrade_reading:
        from .upgrade_result import audit_upgrade

        upgrade = audit_upgrade(options, options.upgrade, found, audit, upgrade_reading, verified, ca, runtime.scrubber)
        unknown += [place for place in upgrade_reading.unknown if place not in unknown]
    warnings = [*places.warnings, *_warn(subject, places, reading, audit), *(upgrade.warnings if upgrade else ())]
    return {
        **describe_access(found, problems, verified, scrubbers, upgrade),
        "unknown": [dict(place) for place in unknown],
        "cluster": cluster,
        "warnings": warnings,
    }


def _check_configs(subject: ConfigImages, options: ImageAccessOptions, ca: bytes | None, runtime: Runtime) -> Result:
    for secret in subject.docker_configs:
        runtime.scrubber.add(*pull_secret_texts(secret))
    found = check_offline(subject.docker_configs, subject.images, options.node_providers, options.node_credentials)
    verification = options.verification
    if verification:
        # The docker configs are those of the caller, regardless of their author.
        verification = dataclasses.replace(verification, scope="all")
    verified = _verify(found, verification, ca, runtime)
    upgrade = None
    if options.upgrade:
        from .upgrade_reading import NOTHING_READ
        from .upgrade_result import audit_upgrade

        upgrade = audit_upgrade(options, options.upgrade, found, None, NOTHING_READ, verified, ca, runtime.scrubber)
    scrubbers = NamespaceScrubbers(runtime.scrubber)
    described = describe_access(found, find_problems(found), verified, scrubbers, upgrade)
    return {**described, "unknown": [], "cluster": None, "warnings": list(upgrade.warnings) if upgrade else []}


def _verify(
    found: Sequence[ImageFinding], verification: VerifyOptions | None, ca: bytes | None, runtime: Runtime
) -> list[Verified | None] | None:
    """Return the answers of registries about the entries that match, None if no registry is to be asked."""
    if verification is None:
        return None
    from .._registry.verification import verify

    return verify(found, verification, ca, runtime.scrubber)


def scrubbers_of(snapshot: ClusterSnapshot, base: Scrubber) -> NamespaceScrubbers:
    """Return scrubbers that know the pull secrets of each namespace."""
    scrubbers = NamespaceScrubbers(base)
    for (namespace, _name), secret in snapshot.secrets.items():
        scrubbers.of(namespace).add(*pull_secret_texts(secret))
    return scrubbers


def describe_access(
    found: Sequence[ImageFinding],
    problems: Sequence[Problem],
    verified: Sequence[Verified | None] | None,
    scrubbers: NamespaceScrubbers,
    upgrade: UpgradeResult | None = None,
) -> dict[str, Any]:
    """Return the fields of the result about images; strings that others wrote are scrubbed by their namespace."""
    said = _clean_quotes(found, scrubbers)
    images = [_describe_image(item, said) for item in found]
    for index, image in enumerate(images):
        answer = verified[index] if verified else None
        image["verified"] = _describe_verified(answer) if verified else None
        is_gone = bool(answer and answer.answer.outcome == "not_found")
        if upgrade:
            image.update(upgrade.fields[index])
            is_gone = is_gone or upgrade.retired[index]
        if is_gone and image["cause"] is None and not found[index].running:
            image["cause"] = _explain_not_found(found[index])
    if upgrade:
        problems = sorted({*problems, *upgrade.problems})
    described_problems = [
        {
            "namespace": problem.namespace or None,
            "id": problem.id,
            "kind": problem.kind,
            "name": problem.name,
            "text": problem.text,
        }
        for problem in problems
    ]
    counts = Counter(item.verdict.status for item in found)
    summary: dict[str, int] = {"images": len(found)}
    for status in STATUSES:
        summary[status] = counts[status]
    summary["by_node"] = sum(item.verdict.by_node for item in found)
    summary["failing"] = sum(image["cause"] is not None for image in images)
    summary["problems"] = len(problems)
    if verified is not None:
        summary |= _count_outcomes(verified)
    if upgrade:
        summary |= upgrade.summary
    return {
        "changed": False,
        "images": scrub_entries(images, scrubbers),
        "problems": scrub_entries(described_problems, scrubbers),
        "restarts": scrub_entries(_describe_restarts(found), scrubbers),
        "summary": summary,
    }


def _describe_restarts(found: Sequence[ImageFinding]) -> list[dict[str, Any]]:
    if all(item.linked is None for item in found):
        return []
    from .._images.restarts import find_restarts

    return [{**vars(restart), "secrets": list(restart.secrets)} for restart in find_restarts(found)]


def _explain_not_found(found: ImageFinding) -> dict[str, str] | None:
    """Return the cause for an image that a registry does not have, if its publisher has removed it."""
    from .._images.causes import explain_retired
    from .._images.retired import find_retired

    retired = find_retired(found.image)
    if retired is None:
        return None
    cause = explain_retired(retired)
    return {"id": cause.id, "text": cause.text}


def _describe_verified(verified: Verified | None) -> dict[str, Any] | None:
    from .._registry.verification import describe_verified

    return describe_verified(verified)


def _count_outcomes(verified: Sequence[Verified | None]) -> dict[str, int]:
    from .._registry.pull_check import OUTCOMES

    counts = Counter(item.answer.outcome for item in verified if item)
    return {outcome: counts[outcome] for outcome in OUTCOMES}


def _clean_quotes(found: Sequence[ImageFinding], scrubbers: NamespaceScrubbers) -> dict[tuple[str, str], str]:
    """Return what kubelets say, by namespace and text, without parts of secrets of that namespace."""
    quotes: dict[str, set[str]] = {}
    for item in found:
        if item.cause and item.cause.quoted:
            quotes.setdefault(item.puller.namespace, set()).add(item.cause.quoted)
    cleaned: dict[tuple[str, str], str] = {}
    for namespace, texts in quotes.items():
        for quoted, text in scrubbers.of(namespace).clean_quotes(texts).items():
            cleaned[namespace, quoted] = text
    return cleaned


def _describe_image(found: ImageFinding, said: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    puller, verdict, cause = found.puller, found.verdict, found.cause
    return {
        "namespace": puller.namespace or None,
        "kind": puller.kind or None,
        "name": puller.name or None,
        "controller": str(puller.controller) if puller.controller else None,
        "service_account": puller.account or None,
        "pods": found.pods,
        "image": public_image(found.image),
        "containers": list(puller.images.get(found.image, ())),
        "status": verdict.status,
        "secrets": [
            {"name": candidate.name, "state": candidate.state, "type": candidate.type}
            for candidate in found.pull_secrets.candidates
        ],
        "secret": verdict.secret,
        "server": verdict.server,
        "username": verdict.username,
        "entries": verdict.entries,
        "by_node": verdict.by_node,
        "why": [vars(reason) for reason in verdict.why],
        "cause": cause and _describe_cause(cause, puller.namespace, said),
    }


def _describe_cause(cause: Cause, namespace: str, said: Mapping[tuple[str, str], str]) -> dict[str, str]:
    text = cause.text.replace(cause.quoted, said[namespace, cause.quoted]) if cause.quoted else cause.text
    return {"id": cause.id, "text": text}


def _warn(subject: ClusterImages, places: Places, reading: SnapshotReading, audit: ImageAudit) -> Iterator[str]:
    """Yield warnings about an incomplete result, and about options that select nothing."""
    unlisted = list(dict.fromkeys(str(place["kind"]) for place in reading.unknown))
    if unlisted:
        text = f"The answer is not complete: {', '.join(unlisted)} could not be listed everywhere; see unknown."
        yield f"{text} {reading.unknown[0]['text']}"
    if None not in places.listed:
        for name in sorted(places.names - reading.seen):
            yield f"Namespace {name} has no Pod, workload or ServiceAccount. Check whether it exists."
    pods = {puller.name for puller in audit.pullers if puller.is_pod}
    for index, pod in enumerate(subject.pods or ()):
        if pod not in pods and POD not in unlisted:
            yield f'pods[{index}]: no Pod "{pod}" waits or runs in these namespaces.'
    workloads = {(puller.kind, puller.name) for puller in audit.pullers}
    for index, workload in enumerate(subject.workloads or ()):
        if (workload.kind, workload.name) not in workloads and workload.kind not in unlisted:
            name = f'{workload.kind} "{workload.name}"'
            yield f"workloads[{index}]: these namespaces have no {name} without an owner."


DEFINITION = TaskDefinition(run, OPTIONS)
