# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine: observe, plan, apply, report, in one namespace or in many.

Every namespace goes through ``settle_namespace``. Around it, many namespaces are found, read in bulk, processed at the
same time, pruned and summarised. Up to MAX_SINGLE_READS names (``Selection.needs_list``) nothing is read in bulk: each
namespace is observed and planned on its own thread, in ``settle_namespace``. What a task does in a namespace are its
``Steps``: SecretSteps of this file, LinkSteps of links.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from .._cluster.connection import Connection
from .._cluster.selection import OneNamespace, Selection
from .._dataclasses import dataclass
from .._errors import KeyringError, failing_in
from .._runtime.execute import Result, Runtime, unforeseen
from .._runtime.scrub import Scrubber
from .apply_change import apply_change
from .change import Change
from .observe import (
    Observed,
    Scope,
    StoredSecrets,
    TargetNamespace,
    Unread,
    Unreadable,
    observe,
    observe_targets,
    read_all_secrets,
)
from .plan_change import plan_change
from .report import (
    SECRET_CHANGES,
    NamespaceReport,
    ReportForm,
    report_change,
    report_ending,
    report_failure,
    report_many,
    report_one,
    report_skipped,
)
from .secret_task import SecretTask

# The number of namespaces from which on progress is reported.
PROGRESS_FROM = 200

Done = Callable[[NamespaceReport], None]


class Steps(Protocol):
    """The steps of a task in each of its namespaces, and the form of its report. May be used by several threads."""

    @property
    def runtime(self) -> Runtime:
        """Return the surroundings of the task."""

    @property
    def connection(self) -> Connection:
        """Return the connection to the API server."""

    @property
    def concurrency(self) -> int:
        """Return the number of namespaces to write at the same time."""

    @property
    def form(self) -> ReportForm:
        """Return the form of the result of many namespaces."""

    def observe(self, namespace: str) -> Observed:
        """Read a namespace. Raises KeyringError."""

    def plan(self, target: TargetNamespace, seen: Observed) -> Change:
        """Return what is to be done in a namespace. Raises KeyringError for what is not allowed."""

    def apply(self, target: TargetNamespace, change: Change, scrubber: Scrubber) -> Change:
        """Do it unless in check mode, and return what was done. Raises KeyringError.

        The scrubber learns the secrets of the namespace before anything of them can be seen.
        """

    def report(self, namespace: str, change: Change, scrubber: Scrubber) -> NamespaceReport:
        """Return what was done in one namespace of many."""


@dataclass(frozen=True)
class SecretSteps:
    """The steps of a task about one Secret."""

    task: SecretTask

    @property
    def runtime(self) -> Runtime:
        """Return the surroundings of the task."""
        return self.task.runtime

    @property
    def connection(self) -> Connection:
        """Return the connection to the API server."""
        return self.task.connection

    @property
    def concurrency(self) -> int:
        """Return the number of namespaces to write at the same time."""
        return self.task.options.concurrency

    @property
    def form(self) -> ReportForm:
        """Return the form of the result of many namespaces."""
        subject = f"Secret {self.task.name}"
        return ReportForm("secrets", {"secret": None}, SECRET_CHANGES, subject, self.task.options.report)

    def observe(self, namespace: str) -> Observed:
        """Read the Secret of a namespace, and the selected ServiceAccounts there."""
        return observe(self.task, namespace)

    def plan(self, target: TargetNamespace, seen: Observed) -> Change:
        """Return what is to be done with the Secret and its links."""
        return plan_change(self.task, target, seen)

    def apply(self, target: TargetNamespace, change: Change, scrubber: Scrubber) -> Change:
        """Write the Secret and its links."""
        self.task.learn_secrets(change.plan, scrubber)
        return apply_change(self.task, target, change, scrubber)

    def report(self, namespace: str, change: Change, scrubber: Scrubber) -> NamespaceReport:
        """Return what was done, scrubbed with the secrets of the namespace."""
        return report_change(self.task, namespace, change, scrubber)


def manage_secret(task: SecretTask, source: tuple[str, str] | None = None) -> Result:
    """Make the Secret present or absent in every namespace of a task, and return what was done.

    ``source`` is the namespace and name of a Secret that is only read, and left alone. The failure of one namespace of
    many does not stop the others; afterwards KeyringError is raised, with all that was done in its facts.
    """
    if isinstance(task.targets, Selection):
        return _manage_many(task, task.targets, source)
    return _manage_one(task, task.targets)


def _manage_one(task: SecretTask, place: OneNamespace) -> Result:
    with failing_in(place.name):
        change = settle_namespace(SecretSteps(task), TargetNamespace(place.name), Unread(), task.runtime.scrubber)
    return report_one(task, place.name, change)


def _manage_many(task: SecretTask, selection: Selection, source: tuple[str, str] | None) -> Result:
    from .._cluster.namespaces import find_namespaces

    spared = source[0] if source and source[1] == task.name else None
    scope = Scope(find_namespaces(task.connection, selection), spared, selection.needs_list)
    stored = read_all_secrets(task, scope)
    pruned, warnings = _find_pruned(task, selection, scope, stored)
    steps = SecretSteps(task)
    skipped = [report_ending(steps.form, name) for name in scope.chosen.terminating]
    if spared and spared in scope.chosen.names:
        skipped.append(report_skipped(steps.form, spared, "Its Secret is the source of the copies."))
    names = (*scope.names, *scope.chosen.missing, *pruned)
    progress = Progress(steps, skipped, len(names))
    stopped = settle_all(steps, observe_targets(task, scope, stored), progress.done)
    if pruned and (stopped or progress.has_failures):
        warnings.append("Nothing was pruned, because not everything was written.")
    elif pruned:
        stopped = settle_all(SecretSteps(task.for_pruning()), map(TargetNamespace, pruned), progress.done)
    return report_many(
        steps.form,
        task.connection.describe(),
        progress.reports,
        names,
        (*scope.chosen.void, *task.find_void_accounts()),
        [*scope.chosen.warnings, *warnings, *task.warn_void_accounts()],
        stopped,
    )


class Progress:
    """The reports of the namespaces that are done, of which a terminal shows the number."""

    def __init__(self, steps: Steps, skipped: Iterable[NamespaceReport], pending: int) -> None:
        self.reports = list(skipped)
        self._steps = steps
        self._total = len(self.reports) + pending

    def done(self, report: NamespaceReport) -> None:
        """Add the report of a namespace."""
        self.reports.append(report)
        if self._total >= PROGRESS_FROM:
            self._steps.runtime.progress(len(self.reports), self._total)

    @property
    def has_failures(self) -> bool:
        """Return whether a namespace failed."""
        return any(report.operation == "failed" for report in self.reports)


def _find_pruned(
    task: SecretTask, selection: Selection, scope: Scope, stored: StoredSecrets | Unread
) -> tuple[list[str], list[str]]:
    """Return the namespaces that the Secret is to be removed from, and warnings. Raises KeyringError for too many."""
    safety = task.options.safety
    if not safety.prune:
        return [], []
    from .._cluster.namespaces import find_namespaces
    from .prune import check_prune_limit, find_prunable, why_not_prune

    reason = why_not_prune(scope.chosen, scope.spared)
    if reason:
        return [], [reason]
    if isinstance(stored, Unread):
        return [], []
    owner, types = task.options.metadata.owner or "", task.profile.deletable_types
    secrets = {name: secret for name, secret in stored.items() if not isinstance(secret, Unreadable)}
    found = find_prunable(secrets, scope.chosen, owner, types, scope.spared)
    if found:  # after the namespaces were listed, another run may have written the Secret in a new one
        later = find_namespaces(task.connection, selection)
        found = find_prunable({name: secrets[name] for name in found}, later, owner, types, scope.spared)
    check_prune_limit(task.name, found, safety.prune_limit)
    return found, []


def settle_all(steps: Steps, targets: Iterable[TargetNamespace], done: Done) -> KeyringError | None:
    """Do what is to be done in each namespace, and return why the rest was not tried, or None.

    A namespace that needs no more requests is reported at once, so that its Secret is not kept; the others are worked
    on at the same time, ``concurrency`` of them.
    """
    from .._cluster.pool import run_all

    pending: list[tuple[TargetNamespace, Change | Unread]] = []
    for target in targets:
        try:
            planned = _plan_observed(steps, target)
        except KeyringError as error:  # all others would fail as well
            return error
        if isinstance(planned, NamespaceReport):
            done(planned)
        elif isinstance(planned, Unread) or (planned.changes and not steps.runtime.check_mode):
            pending.append((target, planned))
        else:
            done(_settle_one_of_many(steps, target, planned))
    failure = run_all(lambda item: _settle_one_of_many(steps, *item), pending, steps.concurrency, done)
    if failure is None or isinstance(failure, KeyringError):
        return failure
    return unforeseen(failure)


def _plan_observed(steps: Steps, target: TargetNamespace) -> Change | Unread | NamespaceReport:
    """Return what is to be done where enough is known by now, or the report of a namespace that fails already."""
    if isinstance(target.seen, Unread):
        return target.seen
    if isinstance(target.seen, Unreadable):
        return _report_refusal(steps, target, target.seen.error, Scrubber(steps.runtime.scrubber))
    try:
        return steps.plan(target, target.seen)
    except KeyringError as error:
        return _report_refusal(steps, target, error, Scrubber(steps.runtime.scrubber))


def _settle_one_of_many(steps: Steps, target: TargetNamespace, planned: Change | Unread) -> NamespaceReport:
    """Return the report of a namespace. Raises KeyringError only when all others would fail as well.

    The secrets of a namespace are for its own scrubber: no tenant changes what is said of another.
    """
    scrubber = Scrubber(steps.runtime.scrubber)
    try:
        change = settle_namespace(steps, target, planned, scrubber)
    except KeyringError as error:
        return _report_refusal(steps, target, error, scrubber)
    return steps.report(target.namespace, change, scrubber)


def _report_refusal(steps: Steps, target: TargetNamespace, error: KeyringError, scrubber: Scrubber) -> NamespaceReport:
    from .._cluster.namespaces import NamespaceEnding

    if isinstance(error, NamespaceEnding):
        return report_ending(steps.form, target.namespace)
    if error.fatal:
        raise error
    return report_failure(steps.form, target.namespace, error, scrubber)


def settle_namespace(steps: Steps, target: TargetNamespace, planned: Change | Unread, scrubber: Scrubber) -> Change:
    """Take one namespace through the steps that are left, and return what was done there. Raises KeyringError."""
    if isinstance(planned, Unread):
        planned = steps.plan(target, steps.observe(target.namespace))
    return steps.apply(target, planned, scrubber)
