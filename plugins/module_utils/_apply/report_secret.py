# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a task about one Secret: of one namespace in full, and what it says of one of many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._cluster.connection import Connection
from .._runtime.execute import Result
from .._runtime.result_fields import scrub_result
from .._runtime.scrub import Scrubber
from .._secret.links import LINK_LISTS, linked_names
from .._secret.view import view_diff, view_secret
from .change import Change, Link, NotThereYet
from .options import SecretOptions
from .report import NamespaceReport
from .secret_task import SecretTask


def report_one(task: SecretTask, namespace: str, change: Change) -> Result:
    """Return the result of a task for one namespace."""
    return {
        "changed": change.changes,
        **describe_change(task, change),
        "cluster": task.connection.describe(),
        "warnings": [*change.plan.warnings, *task.warn_void_accounts()],
        "diff": describe_diff(task, namespace, change),
    }


def report_skipped_task(options: SecretOptions, connection: Connection) -> Result:
    """Return the result of a skipped task for one namespace: with all fields, and nothing in them."""
    result: Result = {"changed": False, "operation": "skipped", "secret": None}
    if options.linking.accounts.items:
        result["links"] = []
    return {**result, "cluster": connection.describe(), "warnings": [], "diff": {}}


def report_change(task: SecretTask, namespace: str, change: Change, scrubber: Scrubber) -> NamespaceReport:
    """Return what was done in one namespace of many, scrubbed with the secrets of that namespace."""
    warnings = tuple(scrubber.clean(text) for text in change.plan.warnings)
    entry = {"namespace": namespace, "operation": change.operation}
    diff: dict[str, Any] = {}
    if change.changes or task.shows_unchanged:
        entry.update(describe_change(task, change))
    if change.changes and task.runtime.diff:
        diff = scrub_result(describe_diff(task, namespace, change), scrubber)
    return NamespaceReport(scrub_result(entry, scrubber), change.changes, warnings, diff)


def describe_change(task: SecretTask, change: Change) -> dict[str, Any]:
    """Return the fields of a result that are about one Secret."""
    fields: dict[str, Any] = {"operation": change.operation, "secret": None}
    if change.secret is not None:
        view = {**view_secret(change.secret, task.own_annotations), **task.profile.fields(change.secret)}
        if task.runtime.check_mode and change.plan.operation != "unchanged":
            view["resource_version"] = None
        fields["secret"] = view
    if task.options.linking.accounts.items:
        fields["links"] = [_describe_link(task, link) for link in change.links]
    return {**fields, **change.plan.notes}


def describe_diff(task: SecretTask, namespace: str, change: Change) -> dict[str, Any]:
    """Return the diff of one Secret and its links; an empty mapping where there was none and is none."""
    plan = change.plan
    exists = plan.before is not None or plan.after is not None
    changed_links = any(link.changes for link in change.links)
    if exists:
        diff = view_diff(plan, task.profile.describe, task.own_annotations)
    elif changed_links:
        place = f"Secret {namespace}/{task.name}"
        diff = {"before": {}, "after": {}, "before_header": place, "after_header": place}
    else:
        return {}
    if changed_links:
        _add_links(task, diff, change.links)
    return diff


def _add_links(task: SecretTask, diff: dict[str, Any], links: Sequence[Link]) -> None:
    """Add to both sides of a diff which lists of which ServiceAccounts name the Secret."""
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for link in links:
        if isinstance(link.plan, NotThereYet):
            after[link.account] = [str(task.profile.link_list)]
            continue
        for side, account in ((before, link.plan.before), (after, link.plan.after)):
            lists: list[str] = [name for name in LINK_LISTS.values() if task.name in linked_names(account or {}, name)]
            if lists:
                side[link.account] = lists
    if before:
        diff["before"] = {**diff["before"], "service_accounts": before}
    if after:
        diff["after"] = {**diff["after"], "service_accounts": after}


def _describe_link(task: SecretTask, link: Link) -> dict[str, str]:
    operation = "unchanged"
    if link.changes:
        operation = "linked" if task.goal == "present" else "unlinked"
    return {"service_account": link.account, "operation": operation}
