# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task behind the module image_access_info: options in, result out."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._apply.secret_task import choose_targets, open_cluster
from .._cluster.selection import Selection
from .._images.audit import ClusterSnapshot, ImageAudit, ImageFinding, check_offline
from .._images.causes import Cause
from .._images.problems import Problem, find_problems
from .._images.verdict import STATUSES, public_image
from .._registry.pull_check import OUTCOMES
from .._registry.verification import VERIFY_OPTIONS, Terms, Verified, describe_verified, parse_terms, verify
from .._runtime.execute import Result, Runtime, TaskDefinition
from .._runtime.options import COMMON, DOCKER_CONFIG, NAMESPACES, Options
from .._runtime.result_fields import scrub_entries
from .._runtime.scrub import NamespaceScrubbers, Scrubber
from .._secret.pull_secret import pull_secret_texts
from .access_options import ImageAccessOptions, parse_docker_configs, parse_question
from .cluster_snapshot import Reading, read_world
from .info import Places, find_places

OPTIONS: Options = {
    **NAMESPACES,
    "pods": {"type": "list", "elements": "str"},
    "workloads": {"type": "list", "elements": "str"},
    "node_providers": {"type": "list", "elements": "str", "default": []},
    # Not no_log: Ansible would then hide every text in it, user names included, from all output.
    "docker_configs": {"type": "raw", "context": DOCKER_CONFIG},
    "images": {"type": "list", "elements": "str"},
    **VERIFY_OPTIONS,
    **COMMON,
}


def run(params: Mapping[str, Any], runtime: Runtime) -> Result:
    """Tell which images find credentials, in a cluster or in docker configs at hand, and ask registries on request.

    Only reads.
    """
    question, terms = parse_question(params), parse_terms(params, runtime.files)
    if question.images is not None:
        return _answer_offline(params, question, terms, runtime)
    with open_cluster(params, runtime) as connection:
        targets = choose_targets(params, connection)
        places = find_places(connection, targets)
        reading = read_world(connection, places)
        cluster = connection.describe()
    scrubbers = scrubbers_of(reading.snapshot, runtime.scrubber)
    audit = ImageAudit(reading.snapshot, question.node_providers)
    found = audit.find_images(question.pods, question.workloads)
    problems = find_problems(found, audit, of_namespaces=question.is_of_namespaces)
    verified = verify(found, terms, runtime.scrubber) if terms else None
    return {
        **describe_access(found, problems, verified, scrubbers),
        "unknown": [dict(place) for place in reading.unknown],
        "cluster": cluster,
        "warnings": [*places.warnings, *_warn(question, targets, places, reading, audit)],
    }


def _answer_offline(
    params: Mapping[str, Any], question: ImageAccessOptions, terms: Terms | None, runtime: Runtime
) -> Result:
    secrets = parse_docker_configs(params["docker_configs"])
    for secret in secrets:
        runtime.scrubber.add(*pull_secret_texts(secret))
    found = check_offline(secrets, question.images or (), question.node_providers)
    # The docker configs are those of the caller, whoever made them.
    verified = verify(found, dataclasses.replace(terms, every_secret=True), runtime.scrubber) if terms else None
    described = describe_access(found, find_problems(found), verified, NamespaceScrubbers(runtime.scrubber))
    return {**described, "unknown": [], "cluster": None, "warnings": []}


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
) -> dict[str, Any]:
    """Return the fields of the result that tell of images, with what others wrote scrubbed by its namespace."""
    said = _clean_quotes(found, scrubbers)
    answers = verified or [None] * len(found)
    counts = Counter(item.verdict.status for item in found)
    images = [
        {**_describe_image(item, said), "verified": describe_verified(answer)}
        for item, answer in zip(found, answers, strict=True)
    ]
    told = [
        {
            "namespace": problem.namespace or None,
            "id": problem.id,
            "kind": problem.kind,
            "name": problem.name,
            "text": problem.text,
        }
        for problem in problems
    ]
    return {
        "changed": False,
        "images": scrub_entries(images, scrubbers),
        "problems": scrub_entries(told, scrubbers),
        "summary": {
            "images": len(found),
            **{status: counts[status] for status in STATUSES},
            "by_node": sum(item.verdict.by_node for item in found),
            "failing": sum(item.cause is not None for item in found),
            "problems": len(problems),
            **({} if verified is None else _count_outcomes(verified)),
        },
    }


def _count_outcomes(verified: Sequence[Verified | None]) -> dict[str, int]:
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


def _warn(
    question: ImageAccessOptions, targets: str | Selection, places: Places, reading: Reading, audit: ImageAudit
) -> Iterator[str]:
    """What is not as the options suppose, and what the answer lacks."""
    kinds = list(dict.fromkeys(str(place["kind"]) for place in reading.unknown))
    if kinds:
        text = f"The answer is not complete: {', '.join(kinds)} could not be listed everywhere; see unknown."
        yield f"{text} {reading.unknown[0]['text']}"
    if isinstance(targets, str) or not targets.needs_list:
        for name in sorted(places.names - reading.seen):
            yield f"Namespace {name} has no Pod, workload or ServiceAccount. Check whether it exists."
    unlisted = set(kinds)
    pods = {puller.name for puller in audit.pullers if puller.is_pod}
    for index, pod in enumerate(question.pods or ()):
        if pod not in pods and "Pod" not in unlisted:
            yield f'pods[{index}]: no Pod "{pod}" waits or runs in these namespaces.'
    workloads = {(puller.kind, puller.name) for puller in audit.pullers}
    for index, workload in enumerate(question.workloads or ()):
        if (workload.kind, workload.name) not in workloads and workload.kind not in unlisted:
            name = f'{workload.kind} "{workload.name}"'
            yield f"workloads[{index}]: these namespaces have no {name} that stands by itself."


DEFINITION = TaskDefinition(run, OPTIONS)
