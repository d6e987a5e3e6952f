# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task that makes one Secret present or absent, in one namespace or in many: its steps, and what it prunes."""

from __future__ import annotations

from collections.abc import Sequence

from .._cluster.connection import Connection
from .._cluster.selection import OneNamespace, Selection, Targets
from .._errors import failing_in
from .._runtime.execute import Result
from .._runtime.scrub import Scrubber
from .apply_change import apply_change
from .change import Change
from .engine import Progress, settle_all, settle_namespace
from .observe import StoredSecrets, observe, observe_targets, read_all_secrets
from .observed import Observed, Scope, TargetNamespace, Unread, Unreadable
from .options import SecretOptions
from .plan_change import plan_change
from .report import SECRET_CHANGES, NamespaceReport, ReportForm, report_ending, report_many, report_skipped
from .report_secret import report_change, report_one, report_skipped_task
from .secret_task import SecretTask


class SecretSteps:
    """The steps of a task about one Secret."""

    def __init__(self, task: SecretTask) -> None:
        options = task.options
        self.task = task
        self.runtime = task.runtime
        self.concurrency = options.concurrency
        self.form = _make_form(options)

    def observe(self, namespace: str) -> Observed:
        """Read the Secret of a namespace, and the selected ServiceAccounts there."""
        return observe(self.task, namespace)

    def plan(self, target: TargetNamespace, seen: Observed) -> Change:
        """Return what is to be done with the Secret and its links."""
        return plan_change(self.task, target, seen)

    def learn_secrets(self, change: Change, scrubber: Scrubber) -> None:
        """Give a scrubber the secret texts of the Secret before and after."""
        self.task.learn_secrets(change.plan, scrubber)

    def has_requests(self, change: Change) -> bool:
        """Return whether anything is to be written or checked."""
        return change.changes and (self.task.check_writes is not None or not self.runtime.check_mode)

    def check(self, changes: Sequence[Change]) -> None:
        """Raise KeyringError if a Secret must not be written, by the check of the task."""
        self.task.check_plans([change.plan for change in changes])

    def apply(self, target: TargetNamespace, change: Change, scrubber: Scrubber) -> Change:
        """Write the Secret and its links."""
        return apply_change(self.task, target, change, scrubber)

    def report(self, namespace: str, change: Change, scrubber: Scrubber) -> NamespaceReport:
        """Return what was done, scrubbed with the secrets of the namespace."""
        return report_change(self.task, namespace, change, scrubber)


def manage_secret(task: SecretTask, sources: Sequence[tuple[str, str]] = ()) -> Result:
    """Make the Secret present or absent in every namespace of a task, and return what was done.

    ``sources`` are the namespace and name of Secrets that are only read, and left alone. The failure of one namespace
    of many does not stop the others; afterwards KeyringError is raised, with all that was done in its facts.
    """
    if isinstance(task.targets, Selection):
        return _manage_many(task, task.targets, sources)
    return _manage_one(task, task.targets)


def skip_secret(options: SecretOptions, targets: Targets, connection: Connection) -> Result:
    """Return the result of a task whose limit leaves out all namespaces. Nothing is read."""
    if isinstance(targets, Selection):
        form = _make_form(options)
        return report_many(form, connection.describe(), (), (), (), warn_limited(options, targets), None)
    return report_skipped_task(options, connection)


def warn_limited(options: SecretOptions, targets: Targets) -> list[str]:
    """Return a warning about what the limit of a task turns off although the task asks for it."""
    if targets.limit is None or not options.safety.prune:
        return []
    return ["Nothing is pruned, because namespaces_limit is set."]


def _make_form(options: SecretOptions) -> ReportForm:
    subject = f"Secret {options.metadata.name}"
    return ReportForm("secrets", {"secret": None}, SECRET_CHANGES, subject, options.report)


def _manage_one(task: SecretTask, place: OneNamespace) -> Result:
    with failing_in(place.name):
        change = settle_namespace(SecretSteps(task), TargetNamespace(place.name), Unread(), task.runtime.scrubber)
    return report_one(task, place.name, change)


def _manage_many(task: SecretTask, selection: Selection, sources: Sequence[tuple[str, str]]) -> Result:
    from .._cluster.namespaces import find_namespaces

    spared = frozenset(namespace for namespace, name in sources if name == task.name)
    scope = Scope(find_namespaces(task.connection, selection, task.options.concurrency), spared)
    stored = read_all_secrets(task, scope)
    pruned, warnings = _find_pruned(task, selection, scope, stored)
    steps = SecretSteps(task)
    skipped = [report_ending(steps.form, name) for name in scope.chosen.terminating]
    copied = sorted(spared.intersection(scope.chosen.names))
    skipped += [report_skipped(steps.form, name, "Its Secret is the source of the copies.") for name in copied]
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
        scope.chosen.void,
        [*scope.chosen.warnings, *warnings, *task.warn_void_accounts()],
        stopped,
    )


def _find_pruned(
    task: SecretTask, selection: Selection, scope: Scope, stored: StoredSecrets | Unread
) -> tuple[list[str], list[str]]:
    """Return the namespaces that the Secret is to be removed from, and warnings. Raises KeyringError for too many."""
    if not task.prunes:
        return [], warn_limited(task.options, selection)
    safety = task.options.safety
    from .._cluster.namespaces import find_namespaces
    from .prune import check_prune_limit, find_prunable, why_not_prune

    reason = why_not_prune(scope.chosen, scope.spared)
    if reason:
        return [], [reason]
    if isinstance(stored, Unread):
        return [], []
    owner, types = task.options.metadata.owner or "", task.profile.deletable_types
    misfit = task.profile.find_misfit
    read = {name: secret for name, secret in stored.items() if not isinstance(secret, Unreadable)}
    secrets = {name: secret for name, secret in read.items() if not misfit(secret)}
    found = find_prunable(secrets, scope.chosen, owner, types, scope.spared)
    if found:  # after the namespaces were listed, another run may have written the Secret in a new one
        later = find_namespaces(task.connection, selection, task.options.concurrency)
        found = find_prunable({name: secrets[name] for name in found}, later, owner, types, scope.spared)
    check_prune_limit(task.name, found, safety.prune_limit)
    return found, []
