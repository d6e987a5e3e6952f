# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One Secret in many namespaces: each as in one, read in bulk, and told in one result."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._cluster.namespaces import NamespaceEnding, NamespaceState, find_namespaces, read_namespace_state
from .._cluster.pool import run_all
from .._cluster.secrets import list_secrets, read_secret
from .._cluster.selection import Chosen, OneNamespace, Selection, Targets
from .._errors import KeyringError, describe_failure, failing_in
from .._runtime.execute import Result, public_message, unforeseen
from .._runtime.result_fields import scrub_result
from .._runtime.scrub import Scrubber
from .._secret.plan import Plan, Secret
from .diffs import merge_diffs
from .one_namespace import (
    Change,
    apply_change,
    describe_diff,
    describe_work,
    manage_secret,
    plan_change,
    plan_texts,
    read_and_plan,
)
from .prune import check_prune_limit, find_prunable, why_not_prune
from .related_objects import LinkedAccounts
from .secret_task import SecretTask

# Progress is told from so many namespaces on.
PROGRESS_FROM = 200

# How many failures and warnings are told in full.
MAX_LISTED = 10

_OPERATIONS = ("created", "updated", "recreated", "deleted", "unchanged", "skipped", "failed")

# The lists of names in a failed result.
_NAMED_OPERATIONS = ("created", "updated", "recreated", "deleted")


@dataclass(frozen=True)
class _Target:
    """A namespace to work on. Where it was listed, its state is known, and what is to be done or why it can not be."""

    namespace: str
    state: NamespaceState | None = None
    work: Change | KeyringError | None = field(default=None, repr=False)


@dataclass(frozen=True)
class NamespaceOutcome:
    """What came of one namespace, as it may be shown; ``entry`` is its item in the result."""

    entry: Mapping[str, Any]
    changed: bool = False
    warnings: tuple[str, ...] = ()
    diff: Mapping[str, Any] = field(default_factory=dict)

    @property
    def namespace(self) -> str:
        return str(self.entry["namespace"])

    @property
    def operation(self) -> str:
        return str(self.entry["operation"])


# The Secrets by namespace, or why one could not be read.
Stored = dict[str, "Secret | KeyringError | None"]


def manage_secrets(job: SecretTask, targets: Targets, source: tuple[str, str] | None = None) -> Result:
    """Make the Secret present or absent in one namespace or in every one of a selection, and tell what was done.

    ``source`` is the namespace and name of a Secret that is only read, and left alone. The failure of one namespace
    does not stop the others; afterwards KeyringError is raised, with all that was done in its facts.
    """
    if isinstance(targets, OneNamespace):
        with failing_in(targets.name):
            return manage_secret(job, targets.name)
    chosen = find_namespaces(job.connection, targets)
    spared = source[0] if source and source[1] == job.params["name"] else None
    names = [name for name in chosen.names if name != spared]
    stored = _read_all(job, names) if names or chosen.missing else None
    pruned, prune_warnings = _find_prunable(job, targets, chosen, stored or {}, spared)
    outcomes = [_ending(name) for name in chosen.terminating]
    outcomes += [_skipped(name, "Its Secret is the one that is copied.") for name in chosen.names if name == spared]
    todo = (*names, *chosen.missing, *pruned)
    total = len(outcomes) + len(todo)

    def done(outcome: NamespaceOutcome) -> None:
        outcomes.append(outcome)
        if total >= PROGRESS_FROM:
            job.runtime.progress(len(outcomes), total)

    known: NamespaceState | None = "active" if targets.needs_list else None
    groups: list[tuple[NamespaceState | None, Sequence[str]]] = [(known, names), ("missing", chosen.missing)]
    failure = _work_on(job, _targets(job, groups, stored), done)
    failed = any(outcome.operation == "failed" for outcome in outcomes)
    if pruned and not failure and not failed:
        failure = _work_on(dataclasses.replace(job, prune=True), map(_Target, pruned), done)
    elif pruned:
        prune_warnings += ("Nothing was pruned, because not everything was written.",)
    return _result(job, outcomes, todo, chosen.void, (*chosen.warnings, *prune_warnings), failure)


def _work_on(
    job: SecretTask, targets: Iterable[_Target], done: Callable[[NamespaceOutcome], None]
) -> KeyringError | None:
    """Do what is to be done in each namespace. Returns why the rest was not tried."""
    pending = []
    for target in targets:
        if _must_ask(target, job.runtime.check_mode):
            pending.append(target)
        else:
            done(_work(job, target))
    failure = run_all(lambda target: _work(job, target), pending, job.params["concurrency"], done)
    return failure if isinstance(failure, KeyringError) or failure is None else unforeseen(failure)


def _targets(
    job: SecretTask, groups: Sequence[tuple[NamespaceState | None, Sequence[str]]], stored: Stored | None
) -> Iterator[_Target]:
    """The namespaces one by one, by what is known of their state; foreseen where their Secrets were read already."""
    everywhere = job.neighbours.everywhere and any(names for _state, names in groups)
    accounts = job.neighbours.all_accounts() if everywhere else {}
    for state, names in groups:
        for name in names:
            if stored is None:
                yield _Target(name, state)
                continue
            around = accounts.get(name, job.neighbours.none()) if everywhere else None
            yield _Target(name, state, _foresee(job, name, state, stored.pop(name, None), around))


def _read_all(job: SecretTask, names: Sequence[str]) -> Stored | None:
    """What is stored, shown to the survey of the job; None where each is read when its turn comes."""
    if not job.neighbours.everywhere and not job.survey:
        return None
    stored: Stored = (
        {**list_secrets(job.connection, job.params["name"])}
        if job.neighbours.everywhere
        else {name: _read_one(job, name) for name in names}
    )
    if job.survey:
        job.survey([secret for name in names if isinstance(secret := stored.get(name), Mapping)])
    return stored


def _find_prunable(
    job: SecretTask, targets: Selection, chosen: Chosen, stored: Stored, spared: str | None
) -> tuple[Sequence[str], tuple[str, ...]]:
    """The namespaces that the Secret is to be removed from, and warnings. Raises KeyringError for too many of them."""
    if not job.params["prune"]:
        return (), ()
    reason = why_not_prune(chosen, spared)
    if reason:
        return (), (reason,)
    secrets = {name: secret for name, secret in stored.items() if isinstance(secret, Mapping)}
    found = find_prunable(secrets, chosen, job.params["owner"], job.kind.deletable_types, spared)
    if found:  # after the namespaces were listed, another run may have written the Secret in a new one
        later = find_namespaces(job.connection, targets)
        secrets = {name: secrets[name] for name in found}
        found = find_prunable(secrets, later, job.params["owner"], job.kind.deletable_types, spared)
    check_prune_limit(job.params["name"], found, job.params["prune_limit"])
    return found, ()


def _read_one(job: SecretTask, namespace: str) -> Secret | KeyringError | None:
    try:
        return read_secret(job.connection, namespace, job.params["name"])
    except KeyringError as error:
        if error.fatal:
            raise
        return error


def _foresee(
    job: SecretTask,
    namespace: str,
    state: NamespaceState | None,
    existing: Secret | KeyringError | None,
    accounts: LinkedAccounts | None,
) -> Change | KeyringError:
    if isinstance(existing, KeyringError):
        return existing
    try:
        around = job.neighbours.accounts(namespace) if accounts is None else accounts
        return plan_change(job, namespace, existing, around, _state_reader(job, namespace, state))
    except KeyringError as error:
        if error.fatal:
            raise
        return error


def _state_reader(job: SecretTask, namespace: str, state: NamespaceState | None) -> Callable[[], NamespaceState]:
    return lambda: state or read_namespace_state(job.connection, namespace)


def _must_ask(target: _Target, check_mode: bool) -> bool:
    """Whether the API server has a part in what is still to be done."""
    if isinstance(target.work, Change):
        return target.work.changes and not check_mode
    return target.work is None


def _work(job: SecretTask, target: _Target) -> NamespaceOutcome:
    """Do what is to be done in one namespace. Raises KeyringError only when all others would fail as well."""
    namespace = target.namespace
    scrubber = Scrubber(job.runtime.scrubber)
    read_state = _state_reader(job, namespace, target.state)

    def note(plan: Plan) -> None:
        if plan.operation != "unchanged" or job.params["report"] == "all":
            scrubber.add(*plan_texts(job.kind, plan))

    try:
        if isinstance(target.work, KeyringError):
            raise target.work
        work = target.work or read_and_plan(job, namespace, read_state)
        work = apply_change(job, namespace, work, read_state, note)
    except NamespaceEnding:
        return _ending(namespace)
    except KeyringError as error:
        if error.fatal:
            raise
        return _failed(error, namespace, public_message(error, scrubber))
    return _succeeded(job, namespace, work, scrubber)


def _succeeded(job: SecretTask, namespace: str, work: Change, scrubber: Scrubber) -> NamespaceOutcome:
    warnings = tuple(map(scrubber.clean, work.plan.warnings))
    if not work.changes:
        shown = describe_work(job, work) if job.params["report"] == "all" else {}
        unchanged = {"namespace": namespace, "operation": "unchanged", **shown}
        return NamespaceOutcome(scrub_result(unchanged, scrubber), False, warnings)
    entry = {"namespace": namespace, **describe_work(job, work)}
    diff = describe_diff(job, namespace, work) if job.runtime.diff else {}
    return NamespaceOutcome(scrub_result(entry, scrubber), True, warnings, scrub_result(diff, scrubber))


def _failed(error: KeyringError, namespace: str, message: str) -> NamespaceOutcome:
    failure = describe_failure(error.failure, error.option, namespace)
    entry = {"namespace": namespace, "operation": "failed", "secret": None, "msg": message, "failure": failure}
    return NamespaceOutcome(entry, error.changed)


def _ending(namespace: str) -> NamespaceOutcome:
    return _skipped(namespace, f"Namespace {namespace} is being deleted.")


def _skipped(namespace: str, message: str) -> NamespaceOutcome:
    return NamespaceOutcome({"namespace": namespace, "operation": "skipped", "secret": None, "msg": message})


def _result(
    job: SecretTask,
    outcomes: list[NamespaceOutcome],
    todo: Sequence[str],
    unmatched: Sequence[str],
    warnings: Sequence[str],
    failure: KeyringError | None,
) -> Result:
    """Return the result of the task, or raise KeyringError with it as facts when a namespace failed.

    ``todo`` are the namespaces to work on, tried or not.
    """
    outcomes.sort(key=lambda outcome: outcome.namespace)
    counts = Counter(outcome.operation for outcome in outcomes)
    changed = any(outcome.changed for outcome in outcomes)
    not_tried = sorted({*todo}.difference(outcome.namespace for outcome in outcomes))
    has_failed = bool(failure or counts["failed"])
    facts = {
        "secrets": [o.entry for o in outcomes if _is_reported(o.operation, job.params["report"], has_failed)],
        "summary": {
            "namespaces": len(outcomes) + len(not_tried),
            **{operation: counts[operation] for operation in _OPERATIONS},
            "not_tried": len(not_tried),
        },
        "unmatched": list(unmatched),
        "cluster": job.connection.describe(),
        "warnings": [
            *warnings,
            *_first([text for o in outcomes for text in o.warnings], "Warnings not told here: {}."),
        ],
        "diff": merge_diffs({o.namespace: o.diff for o in outcomes if o.diff}, job.params["name"]),
    }
    if has_failed:
        error = _failure(outcomes, len(not_tried), failure, changed)
        error.facts.update(facts, **_names_by_operation(outcomes), not_tried=not_tried)
        raise error
    return {"changed": changed, "operation": _operation(counts), **facts}


def _operation(counts: Mapping[str, int]) -> str:
    """One word for all: what was done where anything was done, updated where that differs."""
    done = [operation for operation in ("created", "updated", "recreated", "deleted") if counts[operation]]
    return "unchanged" if not done else done[0] if len(done) == 1 else "updated"


def _is_reported(operation: str, report: str, has_failed: bool) -> bool:
    """Return whether the result lists a namespace in full."""
    if report == "failed" and has_failed:
        return operation == "failed"
    return report == "all" or operation != "unchanged"


def _names_by_operation(outcomes: Sequence[NamespaceOutcome]) -> dict[str, list[str]]:
    """Return what was done before or beside a failure, by name alone: a failed result stays small."""
    return {
        operation: [outcome.namespace for outcome in outcomes if outcome.operation == operation]
        for operation in _NAMED_OPERATIONS
    }


def _failure(
    outcomes: Sequence[NamespaceOutcome], not_tried: int, failure: KeyringError | None, changed: bool
) -> KeyringError:
    """Return the error of the task. Its id is that of the first failed namespace, unless one stopped the task."""
    failed = [outcome for outcome in outcomes if outcome.operation == "failed"]
    total = len(outcomes) + not_tried
    messages = [f"{outcome.namespace}: {outcome.entry['msg']}" for outcome in failed]
    told = " ".join(_first(messages, "Failures not told here: {}; secrets in the result has them."))
    if not failure:
        first = failed[0].entry["failure"]
        return KeyringError(
            f"{len(failed)} of {total} namespaces failed.",
            told,
            failure=first["id"],
            option=first["option"],
            namespace=first["namespace"] if len(failed) == 1 else None,
            changed=changed,
        )
    return KeyringError(
        str(failure),
        f"{not_tried} of {total} namespaces were not tried. {told}".rstrip(),
        "Another run does what is left.",
        failure=failure.failure,
        option=failure.option,
        changed=changed or failure.changed,
        quoted=failure.quoted,
    )


def _first(texts: Sequence[str], more_sentence: str) -> list[str]:
    """The first of many texts, each told once, and a sentence on how many more there are."""
    different = list(dict.fromkeys(texts))
    more = len(different) - MAX_LISTED
    return [*different[:MAX_LISTED], *([more_sentence.format(more)] if more > 0 else [])]
