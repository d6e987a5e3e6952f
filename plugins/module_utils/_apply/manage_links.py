# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Link Secrets to ServiceAccounts or unlink them, in one namespace or in many."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._cluster.connection import Connection
from .._cluster.selection import GivenTargets, OneNamespace, Selection, Targets
from .._cluster.service_accounts import warn_missing_account
from .._dataclasses import dataclass
from .._errors import KeyringError, failing_in
from .._runtime.execute import Result, Runtime
from .._runtime.result_fields import scrub_result
from .._runtime.scrub import Scrubber
from .._secret.account_links import (
    Wanted,
    adds_any,
    blank_account,
    new_names,
    plan_account,
    view_account,
    view_account_diff,
    view_link_changes,
    warn_missing,
    warn_missing_in,
)
from .._secret.links import Account, is_ending
from .._secret.plan import Plan
from .accounts import AccountReader
from .change import Change, Link, NotThereYet
from .engine import Progress, settle_all, settle_namespace
from .linking import await_links, write_links
from .observed import Observed, Scope, TargetNamespace, Unread, find_state, namespace_states
from .options import Linking, ReportDetail
from .report import NamespaceReport, ReportForm, report_ending, report_many

_NOTHING = Plan("unchanged", None, None)


@dataclass(frozen=True)
class LinkOptions:
    """The options of a task that links Secrets to ServiceAccounts.

    ``names_one`` is whether the task names a single ServiceAccount. ``warnings`` are sentences about the options.
    """

    wanted: Wanted
    linking: Linking
    names_one: bool
    targets: GivenTargets
    concurrency: int
    report: ReportDetail
    warnings: tuple[str, ...] = ()


class MissingSecrets:
    """Finds Secrets that do not exist, each once: in all namespaces of the cluster, or in each by itself."""

    def __init__(self, connection: Connection, *, everywhere: bool) -> None:
        self._connection = connection
        self._everywhere = everywhere
        self._lock = threading.Lock()
        self._found: dict[str, frozenset[str] | None] = {}

    def find(self, namespace: str, names: Sequence[str]) -> list[str]:
        """Return those of these names that are no Secret of a namespace, as far as the identity may read them."""
        return [name for name in names if self._is_missing(namespace, name)]

    def _is_missing(self, namespace: str, name: str) -> bool:
        from .._cluster.secrets import find_namespaces_with, is_missing

        if not self._everywhere:
            return is_missing(self._connection, namespace, name)
        with self._lock:
            if name not in self._found:
                self._found[name] = find_namespaces_with(self._connection, name)
        found = self._found[name]
        return found is not None and namespace not in found


class LinkSteps:
    """The steps of a task that gives ServiceAccounts the wanted links.

    ``names_one`` is whether an option names one ServiceAccount, so that warnings name it, too.
    """

    def __init__(self, options: LinkOptions, runtime: Runtime, connection: Connection, *, everywhere: bool) -> None:
        self.wanted = options.wanted
        self.linking = options.linking
        self.names_one = options.names_one
        self.runtime = runtime
        self.connection = connection
        self.concurrency = options.concurrency
        self.everywhere = everywhere
        self.form = ReportForm("namespaces", {"service_accounts": []}, ("updated",), "ServiceAccounts", options.report)
        self.accounts = AccountReader(connection, options.linking)
        self._secrets = MissingSecrets(connection, everywhere=everywhere)

    def observe(self, namespace: str) -> Observed:
        """Read the selected ServiceAccounts of a namespace."""
        return Observed(None, self.accounts.read(namespace))

    def plan(self, target: TargetNamespace, seen: Observed) -> Change:
        """Return the links to write. A glob leaves out what is being deleted if a Secret is to be linked."""
        adds = adds_any(self.wanted)
        links: list[Link] = []
        for name, account in seen.accounts.items():
            if account is None:
                links.append(Link(name, NotThereYet() if adds else _NOTHING))
            elif name in self.accounts.selection.names or not (adds and is_ending(account)):
                links.append(Link(name, plan_account(account, self.wanted)))
        absent = [link.account for link in links if isinstance(link.plan, NotThereYet)]
        warnings: list[str] = []
        if self.runtime.check_mode:
            warnings += [warn_missing_account(target.namespace, name, wait=self.linking.wait) for name in absent]
        if absent or (adds and not links):
            warnings += self._check_namespace(target, awaits=bool(absent))
        warnings += self._warn_missing_secrets(target.namespace, links)
        return Change(Plan("unchanged", None, None, warnings=tuple(warnings)), tuple(links))

    def learn_secrets(self, change: Change, scrubber: Scrubber) -> None:
        """Do nothing: no secret data is read."""

    def has_requests(self, change: Change) -> bool:
        """Return whether anything is to be written."""
        return change.changes and not self.runtime.check_mode

    def check(self, changes: Sequence[Change]) -> None:
        """Do nothing: links may be written to Secrets that do not exist yet."""

    def apply(self, target: TargetNamespace, change: Change, scrubber: Scrubber) -> Change:
        """Write the links that change, after all ServiceAccounts exist."""
        if self.runtime.check_mode or not change.changes:
            return change
        written: list[Plan] = []
        links = await_links(self.accounts, target.namespace, change.links, self.decide)
        try:
            links = write_links(self.connection, links, self.decide, self.accounts.selection.names, written)
        except KeyringError as error:
            error.changed = error.changed or any(plan.operation != "unchanged" for plan in written)
            raise
        return Change(change.plan, tuple(links))

    def report(self, namespace: str, change: Change, scrubber: Scrubber) -> NamespaceReport:
        """Return what was done in one namespace of many: the ServiceAccounts that change, or all of them."""
        entry: dict[str, Any] = {"namespace": namespace, "operation": change.operation, "service_accounts": []}
        plans = self._plans(namespace, change)
        for name, plan in plans.items():
            if plan.operation != "unchanged" or self.form.detail == "all":
                entry["service_accounts"] += self._view(name, plan)
        diff: Mapping[str, Any] = {}
        if change.changes and self.runtime.diff:
            diff = scrub_result(view_link_changes(plans, namespace), scrubber)
        warnings = tuple(scrubber.clean(text) for text in _warnings_of(change))
        return NamespaceReport(scrub_result(entry, scrubber), change.changes, warnings, diff)

    def report_one(self, namespace: str, change: Change) -> Result:
        """Return the result of a task for one ServiceAccount of one namespace."""
        ((name, plan),) = self._plans(namespace, change).items()
        view = view_account(plan.after) if plan.after else None
        if view and change.changes and self.runtime.check_mode:
            view["resource_version"] = None
        return {
            "changed": change.changes,
            "operation": change.operation,
            "service_account": view,
            "cluster": self.connection.describe(),
            "warnings": _warnings_of(change),
            "diff": view_account_diff(plan, namespace, name),
        }

    def report_skipped(self) -> Result:
        """Return the result of a skipped task for one ServiceAccount of one namespace."""
        return {
            "changed": False,
            "operation": "skipped",
            "service_account": None,
            "cluster": self.connection.describe(),
            "warnings": [],
            "diff": {},
        }

    def decide(self, account: Account) -> Plan:
        """Return what is to be done with a ServiceAccount. Raises KeyringError for what is not allowed."""
        return plan_account(account, self.wanted)

    def _plans(self, namespace: str, change: Change) -> dict[str, Plan]:
        """Return the plans by ServiceAccount; one that does not exist yet is planned as if it had no references."""
        return {link.account: self._plan_of(namespace, link) for link in change.links}

    def _plan_of(self, namespace: str, link: Link) -> Plan:
        if isinstance(link.plan, NotThereYet):
            return self.decide(blank_account(namespace, link.account))
        return link.plan

    def _view(self, name: str, plan: Plan) -> list[dict[str, Any]]:
        """Return the item of a ServiceAccount in the result, none if it does not exist."""
        if plan.after is None:
            return []
        view = {"name": name, "operation": plan.operation, **view_account(plan.after)}
        del view["namespace"]
        if plan.operation != "unchanged" and self.runtime.check_mode:
            view["resource_version"] = None
        return [view]

    def _check_namespace(self, target: TargetNamespace, *, awaits: bool) -> tuple[str, ...]:
        """Return warnings about a namespace without a ServiceAccount. Raises KeyringError if none can come there.

        An identity that may not read namespaces learns from a ServiceAccount that it ``awaits`` whether there is one.
        """
        from .._cluster.namespaces import warn_namespace

        state = find_state(self.connection, target)
        if state == "unknown" and awaits:
            return ()
        return warn_namespace(target.namespace, state, check_mode=self.runtime.check_mode)

    def _warn_missing_secrets(self, namespace: str, links: Sequence[Link]) -> list[str]:
        """Return warnings about new links to Secrets that do not exist."""
        by_secret: dict[str, str] = {}
        for link in links:
            for secret in new_names(self._plan_of(namespace, link)):
                by_secret.setdefault(secret, link.account)
        missing = self._secrets.find(namespace, list(by_secret))
        if self.names_one:
            return [warn_missing(namespace, by_secret[secret], secret) for secret in missing]
        return [warn_missing_in(namespace, secret) for secret in missing]


def manage_links(options: LinkOptions, targets: Targets, runtime: Runtime, connection: Connection) -> Result:
    """Give ServiceAccounts the wanted links in every namespace of a task, and return what was done.

    The failure of one namespace of many does not stop the others; afterwards KeyringError is raised, with all that was
    done in its facts.
    """
    steps = LinkSteps(options, runtime, connection, everywhere=targets.needs_list)
    if isinstance(targets, Selection):
        return _link_in_many(steps, targets, options.warnings)
    if not steps.names_one:
        return _link_in_many(steps, Selection((targets.name,), limit=targets.limit), options.warnings)
    result = steps.report_skipped() if targets.is_skipped else _link_in_one(steps, targets)
    return {**result, "warnings": [*options.warnings, *result["warnings"]]}


def _link_in_one(steps: LinkSteps, place: OneNamespace) -> Result:
    with failing_in(place.name):
        change = settle_namespace(steps, TargetNamespace(place.name), Unread(), steps.runtime.scrubber)
    return steps.report_one(place.name, change)


def _link_in_many(steps: LinkSteps, selection: Selection, warnings: Sequence[str]) -> Result:
    from .._cluster.namespaces import find_namespaces

    scope = Scope(find_namespaces(steps.connection, selection, steps.concurrency), frozenset())
    names = (*scope.names, *scope.chosen.missing)
    skipped = [report_ending(steps.form, name) for name in scope.chosen.terminating]
    progress = Progress(steps, skipped, len(names))
    stopped = settle_all(steps, _find_targets(steps, scope), progress.done)
    void, warnings = [*scope.chosen.void], [*warnings, *scope.chosen.warnings]
    if selection.limit is None:
        void += steps.accounts.find_void()
        warnings += steps.accounts.warn_void()
    cluster = steps.connection.describe()
    return report_many(steps.form, cluster, progress.reports, names, void, warnings, stopped)


def _find_targets(steps: LinkSteps, scope: Scope) -> Iterator[TargetNamespace]:
    """Yield the namespaces to work on, with their ServiceAccounts if those of all namespaces are listed."""
    for name, state in namespace_states(scope).items():
        if steps.everywhere:
            yield TargetNamespace(name, state, Observed(None, steps.accounts.find_listed(name)))
        else:
            yield TargetNamespace(name, state)


def _warnings_of(change: Change) -> list[str]:
    warnings: list[str] = []
    for link in change.links:
        if not isinstance(link.plan, NotThereYet):
            warnings += link.plan.warnings
    return [*warnings, *change.plan.warnings]
