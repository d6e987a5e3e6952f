# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One Secret in many namespaces: each as in one, read in bulk, and told in one result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.namespaces import (
    NamespaceEnding,
    NamespaceState,
    find_namespaces,
    read_namespace_state,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.pool import run_all
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.secrets import (
    converge,
    list_secrets,
    read_secret,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.plan import Plan, Secret
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.selection import Selection
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.execute import (
    Result,
    public_message,
    unforeseen,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.scrub import Scrubber
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.secret_task import (
    Job,
    describe_diff,
    describe_outcome,
    make_plan,
    manage_secret,
    plan_texts,
)

# Progress is told from so many namespaces on.
PROGRESS_FROM = 200

# How many failures and warnings are told in full.
TOLD = 10

_OPERATIONS = ("created", "updated", "recreated", "deleted", "unchanged", "skipped", "failed")


@dataclass(frozen=True)
class _Target:
    """A namespace to work on. Where it was listed, its state is known, and what is to be done or why it can not be."""

    namespace: str
    state: NamespaceState | None = None
    plan: Plan | KeyringError | None = field(default=None, repr=False)


@dataclass(frozen=True)
class _Outcome:
    """What came of one namespace, as it may be shown; ``entry`` is its item in the result."""

    entry: Mapping[str, Any]
    changed: bool = False
    warnings: tuple[str, ...] = ()
    diff: Mapping[str, Any] = field(default_factory=dict)


def manage_secrets(job: Job, targets: str | Selection, source: tuple[str, str] | None = None) -> Result:
    """Make the Secret present or absent in one namespace or in every one of a selection, and tell what was done.

    ``source`` is the namespace and name of a Secret that is only read, and left alone. The failure of one namespace
    does not stop the others; afterwards KeyringError is raised, with all that was done in its facts.
    """
    if isinstance(targets, str):
        return manage_secret(job, targets)
    selection = targets
    chosen = find_namespaces(job.connection, selection)
    names = [name for name in chosen.names if (name, job.params["name"]) != source]
    outcomes = [_ending(name) for name in chosen.terminating]
    outcomes += [_skipped(name, "Its Secret is the one that is copied.") for name in chosen.names if name not in names]
    total = len(outcomes) + len(names) + len(chosen.missing)

    def done(outcome: _Outcome) -> None:
        outcomes.append(outcome)
        if total >= PROGRESS_FROM:
            job.context.progress(len(outcomes), total)

    pending = []
    for target in _targets(job, selection, names, chosen.missing):
        if _must_ask(target, job.context.check_mode):
            pending.append(target)
        else:
            done(_work(job, target))
    failure = run_all(lambda target: _work(job, target), pending, job.params["concurrency"], done)
    error = failure if isinstance(failure, KeyringError) or failure is None else unforeseen(failure)
    return _result(job, outcomes, total, chosen.warnings, error)


def _targets(job: Job, selection: Selection, names: Sequence[str], missing: Sequence[str]) -> Iterator[_Target]:
    """The namespaces one by one; where there are many, all their Secrets are read at once."""
    if not selection.needs_list and not job.survey:
        yield from map(_Target, names)
    elif names or missing:
        stored = _read_all(job, selection, names)
        if job.survey:
            job.survey([secret for name in names if isinstance(secret := stored.get(name), Mapping)])
        states: list[tuple[NamespaceState | None, Sequence[str]]] = [
            ("active" if selection.needs_list else None, names),
            ("missing", missing),
        ]
        for state, group in states:
            for name in group:
                yield _Target(name, state, _foresee(job, name, state, stored.pop(name, None)))


def _read_all(job: Job, selection: Selection, names: Sequence[str]) -> dict[str, Secret | KeyringError | None]:
    """The Secrets by namespace, or why one could not be read."""
    if selection.needs_list:
        return {**list_secrets(job.connection, job.params["name"])}
    return {name: _read_one(job, name) for name in names}


def _read_one(job: Job, namespace: str) -> Secret | KeyringError | None:
    try:
        return read_secret(job.connection, namespace, job.params["name"])
    except KeyringError as error:
        if error.fatal:
            raise
        return error


def _foresee(
    job: Job, namespace: str, state: NamespaceState | None, existing: Secret | KeyringError | None
) -> Plan | KeyringError:
    if isinstance(existing, KeyringError):
        return existing
    try:
        return make_plan(job, namespace, existing, lambda: state or read_namespace_state(job.connection, namespace))
    except KeyringError as error:
        if error.fatal:
            raise
        return error


def _must_ask(target: _Target, check_mode: bool) -> bool:
    """Whether the API server has a part in what is still to be done."""
    if isinstance(target.plan, Plan):
        return target.plan.operation != "unchanged" and not check_mode
    return target.plan is None


def _work(job: Job, target: _Target) -> _Outcome:
    """Do what is to be done in one namespace. Raises KeyringError only when all others would fail as well."""
    namespace = target.namespace
    scrubber = Scrubber(job.context.scrubber)

    def note(plan: Plan) -> Plan:
        if plan.operation != "unchanged" or job.params["report"] == "all":
            scrubber.add(*plan_texts(job.kind, plan))
        return plan

    def decide(existing: Secret | None) -> Plan:
        def read_state() -> NamespaceState:
            return target.state or read_namespace_state(job.connection, namespace)

        return note(make_plan(job, namespace, existing, read_state))

    try:
        if isinstance(target.plan, KeyringError):
            raise target.plan
        plan = note(target.plan) if target.plan else decide(read_secret(job.connection, namespace, job.params["name"]))
        secret = plan.after
        if plan.operation != "unchanged" and not job.context.check_mode:
            plan, secret = converge(job.connection, namespace, job.params["name"], decide, plan)
    except NamespaceEnding:
        return _ending(namespace)
    except KeyringError as error:
        if error.fatal:
            raise
        return _failed(namespace, public_message(error, scrubber), error.changed)
    return _succeeded(job, namespace, plan, secret, scrubber)


def _succeeded(job: Job, namespace: str, plan: Plan, secret: Secret | None, scrubber: Scrubber) -> _Outcome:
    warnings = tuple(map(scrubber.clean, plan.warnings))
    if plan.operation == "unchanged":
        shown = describe_outcome(job, plan, secret) if job.params["report"] == "all" else {}
        return _Outcome(scrubber.clean({"namespace": namespace, "operation": "unchanged", **shown}), False, warnings)
    entry = {"namespace": namespace, **describe_outcome(job, plan, secret)}
    diff = describe_diff(job, plan) if job.context.diff else {}
    return _Outcome(scrubber.clean(entry), True, warnings, scrubber.clean(diff))


def _failed(namespace: str, message: str, changed: bool) -> _Outcome:
    return _Outcome({"namespace": namespace, "operation": "failed", "secret": None, "msg": message}, changed)


def _ending(namespace: str) -> _Outcome:
    return _skipped(namespace, f"Namespace {namespace} is being deleted.")


def _skipped(namespace: str, message: str) -> _Outcome:
    return _Outcome({"namespace": namespace, "operation": "skipped", "secret": None, "msg": message})


def _result(
    job: Job, outcomes: list[_Outcome], total: int, warnings: Sequence[str], failure: KeyringError | None
) -> Result:
    """The result of the task; raised as the facts of a KeyringError when a namespace failed."""
    outcomes.sort(key=lambda outcome: str(outcome.entry["namespace"]))
    counts = Counter(outcome.entry["operation"] for outcome in outcomes)
    changed = any(outcome.changed for outcome in outcomes)
    report_all = job.params["report"] == "all"
    facts = {
        "secrets": [o.entry for o in outcomes if report_all or o.entry["operation"] != "unchanged"],
        "summary": {
            "namespaces": total,
            **{operation: counts[operation] for operation in _OPERATIONS},
            "not_tried": total - len(outcomes),
        },
        "cluster": job.connection.describe(),
        "warnings": [
            *warnings,
            *_first([text for o in outcomes for text in o.warnings], "Warnings not told here: {}."),
        ],
        "diff": [o.diff for o in outcomes if o.diff],
    }
    if failure or counts["failed"]:
        error = _failure(outcomes, total, counts["failed"], failure, changed)
        error.facts.update(facts)
        raise error
    return {"changed": changed, "operation": _operation(counts), **facts}


def _operation(counts: Mapping[str, int]) -> str:
    """One word for all: what was done where anything was done, updated where that differs."""
    done = [operation for operation in ("created", "updated", "recreated", "deleted") if counts[operation]]
    return "unchanged" if not done else done[0] if len(done) == 1 else "updated"


def _failure(
    outcomes: Sequence[_Outcome], total: int, failed: int, failure: KeyringError | None, changed: bool
) -> KeyringError:
    messages = [f"{o.entry['namespace']}: {o.entry['msg']}" for o in outcomes if o.entry["operation"] == "failed"]
    told = " ".join(_first(messages, "Failures not told here: {}; secrets in the result has them."))
    if not failure:
        return KeyringError(f"{failed} of {total} namespaces failed.", told, changed=changed)
    return KeyringError(
        str(failure),
        f"{total - len(outcomes)} of {total} namespaces were not tried. {told}".rstrip(),
        "Another run does what is left.",
        changed=changed or failure.changed,
        quoted=failure.quoted,
    )


def _first(texts: Sequence[str], more_sentence: str) -> list[str]:
    """The first of many texts, each told once, and a sentence on how many more there are."""
    different = list(dict.fromkeys(texts))
    more = len(different) - TOLD
    return [*different[:TOLD], *([more_sentence.format(more)] if more > 0 else [])]
