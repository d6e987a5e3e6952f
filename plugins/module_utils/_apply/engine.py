# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine: observe, plan, apply, report, in one namespace or in many.

Every namespace goes through ``settle_namespace``. Around it, many namespaces are found, read in bulk, processed at the
same time, pruned and summarised. Up to MAX_SINGLE_READS names (``Selection.needs_list``) nothing is read in bulk: each
namespace is observed and planned on its own thread, in ``settle_namespace``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .._cluster.selection import OneNamespace, Selection
from .._errors import KeyringError, failing_in
from .._runtime.execute import Result, unforeseen
from .._runtime.scrub import Scrubber
from .apply_change import apply_change
from .observe import (
    Scope,
    StoredSecrets,
    TargetNamespace,
    Unread,
    Unreadable,
    observe,
    observe_targets,
    read_all_secrets,
)
from .plan_change import Change, plan_change
from .report import (
    NamespaceReport,
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
        change = settle_namespace(task, TargetNamespace(place.name), Unread(), task.runtime.scrubber)
    return report_one(task, place.name, change)


def _manage_many(task: SecretTask, selection: Selection, source: tuple[str, str] | None) -> Result:
    from .._cluster.namespaces import find_namespaces

    spared = source[0] if source and source[1] == task.name else None
    scope = Scope(find_namespaces(task.connection, selection), spared, selection.needs_list)
    stored = read_all_secrets(task, scope)
    pruned, warnings = _find_pruned(task, selection, scope, stored)
    reports = [report_ending(name) for name in scope.chosen.terminating]
    if spared and spared in scope.chosen.names:
        reports.append(report_skipped(spared, "Its Secret is the source of the copies."))
    names = (*scope.names, *scope.chosen.missing, *pruned)
    total = len(reports) + len(names)

    def done(report: NamespaceReport) -> None:
        reports.append(report)
        if total >= PROGRESS_FROM:
            task.runtime.progress(len(reports), total)

    stopped = _settle_all(task, observe_targets(task, scope, stored), done)
    if pruned and (stopped or any(report.operation == "failed" for report in reports)):
        warnings.append("Nothing was pruned, because not everything was written.")
    elif pruned:
        stopped = _settle_all(task.for_pruning(), map(TargetNamespace, pruned), done)
    return report_many(task, reports, names, scope.chosen, [*scope.chosen.warnings, *warnings], stopped)


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


def _settle_all(task: SecretTask, targets: Iterable[TargetNamespace], done: Done) -> KeyringError | None:
    """Do what is to be done in each namespace, and return why the rest was not tried, or None.

    A namespace that needs no more requests is reported at once, so that its Secret is not kept; the others are worked
    on at the same time, ``concurrency`` of them.
    """
    from .._cluster.pool import run_all

    pending: list[tuple[TargetNamespace, Change | Unread]] = []
    for target in targets:
        try:
            planned = _plan_observed(task, target)
        except KeyringError as error:  # all others would fail as well
            return error
        if isinstance(planned, NamespaceReport):
            done(planned)
        elif isinstance(planned, Unread) or (planned.changes and (task.check_writes or not task.runtime.check_mode)):
            pending.append((target, planned))
        else:
            done(_settle_one_of_many(task, target, planned))
    try:
        task.check_plans([planned.plan for _target, planned in pending if isinstance(planned, Change)])
    except KeyringError as error:  # the credentials are the same in all namespaces
        return error
    failure = run_all(lambda item: _settle_one_of_many(task, *item), pending, task.options.concurrency, done)
    if failure is None or isinstance(failure, KeyringError):
        return failure
    return unforeseen(failure)


def _plan_observed(task: SecretTask, target: TargetNamespace) -> Change | Unread | NamespaceReport:
    """Return what is to be done where enough is known by now, or the report of a namespace that fails already."""
    if isinstance(target.seen, Unread):
        return target.seen
    if isinstance(target.seen, Unreadable):
        return _report_refusal(task, target, target.seen.error, Scrubber(task.runtime.scrubber))
    try:
        return plan_change(task, target, target.seen)
    except KeyringError as error:
        return _report_refusal(task, target, error, Scrubber(task.runtime.scrubber))


def _settle_one_of_many(task: SecretTask, target: TargetNamespace, planned: Change | Unread) -> NamespaceReport:
    """Return the report of a namespace. Raises KeyringError only when all others would fail as well.

    The secrets of a namespace are for its own scrubber: no tenant changes what is said of another.
    """
    scrubber = Scrubber(task.runtime.scrubber)
    try:
        change = settle_namespace(task, target, planned, scrubber)
    except KeyringError as error:
        return _report_refusal(task, target, error, scrubber)
    return report_change(task, target.namespace, change, scrubber)


def _report_refusal(
    task: SecretTask, target: TargetNamespace, error: KeyringError, scrubber: Scrubber
) -> NamespaceReport:
    from .._cluster.namespaces import NamespaceEnding

    if isinstance(error, NamespaceEnding):
        return report_ending(target.namespace)
    if error.fatal:
        raise error
    return report_failure(target.namespace, error, scrubber)


def settle_namespace(task: SecretTask, target: TargetNamespace, planned: Change | Unread, scrubber: Scrubber) -> Change:
    """Take one namespace through the steps that are left, and return what was done there. Raises KeyringError.

    ``scrubber`` learns the secrets of the namespace before anything of them can be seen.
    """
    if isinstance(planned, Unread):
        seen = observe(task, target.namespace)
        planned = plan_change(task, target, seen)
    task.learn_secrets(planned.plan, scrubber)
    task.check_plans([planned.plan])
    return apply_change(task, target, planned, scrubber)
