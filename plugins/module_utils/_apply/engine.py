# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine: observe, plan, apply, report, in one namespace or in many.

Every namespace goes through ``settle_namespace``. Around it, many namespaces are found, read in bulk, processed at the
same time and summarised. Up to MAX_SINGLE_READS names (``Selection.needs_list``) nothing is read in bulk: each
namespace is observed and planned on its own thread, in ``settle_namespace``. What a task does in a namespace are its
``Steps``: SecretSteps of manage_secret.py, LinkSteps of manage_links.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from .._errors import KeyringError
from .._runtime.execute import Runtime
from .._runtime.public_errors import unexpected_error
from .._runtime.scrub import Scrubber
from .change import Change
from .observed import Observed, TargetNamespace, Unread, Unreadable
from .report import NamespaceReport, ReportForm, report_ending, report_failure

# The number of namespaces from which on progress is reported.
PROGRESS_FROM = 200

Done = Callable[[NamespaceReport], None]


class Steps(Protocol):
    """What a task does in one namespace, step by step. Several threads call it, each for another namespace.

    ``concurrency`` is the number of namespaces to write at the same time, ``form`` that of the result of many.
    """

    runtime: Runtime
    concurrency: int
    form: ReportForm

    def observe(self, namespace: str) -> Observed:
        """Read a namespace. Raises KeyringError."""

    def plan(self, target: TargetNamespace, seen: Observed) -> Change:
        """Return what is to be done in a namespace. Raises KeyringError for what is not allowed."""

    def learn_secrets(self, change: Change, scrubber: Scrubber) -> None:
        """Give a scrubber the secrets of a namespace."""

    def has_requests(self, change: Change) -> bool:
        """Return whether a planned change needs more requests, so that namespaces are worked on at the same time."""

    def check(self, changes: Sequence[Change]) -> None:
        """Raise KeyringError if nothing must be written."""

    def apply(self, target: TargetNamespace, change: Change, scrubber: Scrubber) -> Change:
        """Do it unless in check mode, and return what was done. Raises KeyringError."""

    def report(self, namespace: str, change: Change, scrubber: Scrubber) -> NamespaceReport:
        """Return what was done in one namespace of many."""


class Progress:
    """The reports of the finished namespaces. A terminal shows their number."""

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
        elif isinstance(planned, Unread) or steps.has_requests(planned):
            pending.append((target, planned))
        else:
            done(_settle_one_of_many(steps, target, planned))
    try:
        steps.check([planned for _target, planned in pending if isinstance(planned, Change)])
    except KeyringError as error:  # the credentials are the same in all namespaces
        return error
    failure = run_all(lambda item: _settle_one_of_many(steps, *item), pending, steps.concurrency, done)
    if failure is None or isinstance(failure, KeyringError):
        return failure
    return unexpected_error(failure)


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
    """Take one namespace through the steps that are left, and return what was done there. Raises KeyringError.

    ``scrubber`` learns the secrets of the namespace before anything of them can be seen.
    """
    if isinstance(planned, Unread):
        planned = steps.plan(target, steps.observe(target.namespace))
    steps.learn_secrets(planned, scrubber)
    steps.check([planned])
    return steps.apply(target, planned, scrubber)
