# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a task: of one namespace in full, of many as a list and a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from .._dataclasses import dataclass
from .._errors import KeyringError, describe_failure
from .._runtime.execute import Result, public_message
from .._runtime.result_fields import scrub_result
from .._runtime.scrub import Scrubber
from .._secret.links import LINK_LISTS, linked_names
from .._secret.view import view_diff, view_secret
from .change import Change, Link, NotThereYet
from .options import ReportDetail
from .secret_task import SecretTask

SECRET_CHANGES = ("created", "updated", "recreated", "deleted")
_NO_CHANGES = ("unchanged", "skipped", "failed")


@dataclass(frozen=True)
class ReportForm:
    """The form of the result of many namespaces.

    ``items`` is the field with an entry for each listed namespace, ``blank`` what an entry has where nothing was
    observed, ``changes`` are the operations that change something, and ``subject`` is what a shared diff is about.
    """

    items: str
    blank: Mapping[str, Any]
    changes: tuple[str, ...]
    subject: str
    detail: ReportDetail


@dataclass(frozen=True)
class NamespaceReport:
    """The outcome of one namespace as it may be shown; ``entry`` is its item in the result."""

    entry: Mapping[str, Any]
    changed: bool = False
    warnings: tuple[str, ...] = ()
    diff: Mapping[str, Any] = field(default_factory=dict)

    @property
    def namespace(self) -> str:
        """Return the name of the namespace."""
        return str(self.entry["namespace"])

    @property
    def operation(self) -> str:
        """Return one of the words that the summary counts."""
        return str(self.entry["operation"])


def report_one(task: SecretTask, namespace: str, change: Change) -> Result:
    """Return the result of a task for one namespace."""
    return {
        "changed": change.changes,
        **describe_change(task, change),
        "cluster": task.connection.describe(),
        "warnings": [*change.plan.warnings, *task.warn_void_accounts()],
        "diff": describe_diff(task, namespace, change),
    }


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


def report_failure(form: ReportForm, namespace: str, error: KeyringError, scrubber: Scrubber) -> NamespaceReport:
    """Return the failure of one namespace of many."""
    failure = describe_failure(error.failure, error.option, namespace)
    message = public_message(error, scrubber)
    entry = {"namespace": namespace, "operation": "failed", **form.blank, "msg": message, "failure": failure}
    return NamespaceReport(entry, error.changed)


def report_skipped(form: ReportForm, namespace: str, message: str) -> NamespaceReport:
    """Return a namespace in which nothing was tried, with the reason."""
    return NamespaceReport({"namespace": namespace, "operation": "skipped", **form.blank, "msg": message})


def report_ending(form: ReportForm, namespace: str) -> NamespaceReport:
    """Return a namespace that is being deleted."""
    return report_skipped(form, namespace, f"Namespace {namespace} is being deleted.")


def report_many(
    form: ReportForm,
    cluster: Mapping[str, str | None],
    reports: Sequence[NamespaceReport],
    names: Sequence[str],
    void: Sequence[str],
    warnings: Sequence[str],
    stopped: KeyringError | None,
) -> Result:
    """Return the result of a task for many namespaces, or raise KeyringError with it as facts when one failed.

    ``names`` are the namespaces to work on, tried or not, ``void`` the parts of options that matched nothing, and
    ``stopped`` is why the rest was not tried.
    """
    from .diffs import merge_diffs
    from .sentences import list_warnings

    reports = sorted(reports, key=lambda report: report.namespace)
    counts = Counter(report.operation for report in reports)
    changed = any(report.changed for report in reports)
    not_tried = sorted({*names}.difference(report.namespace for report in reports))
    has_failed = bool(stopped or counts["failed"])
    about: list[tuple[str, str]] = []
    for report in reports:
        about += [(report.namespace, warning) for warning in report.warnings]
    facts = {
        form.items: [report.entry for report in reports if _is_listed(report.operation, form.detail, has_failed)],
        "summary": {
            "namespaces": len(reports) + len(not_tried),
            **{operation: counts[operation] for operation in (*form.changes, *_NO_CHANGES)},
            "not_tried": len(not_tried),
        },
        "unmatched": list(void),
        "cluster": cluster,
        "warnings": [*warnings, *list_warnings(about)],
        "diff": merge_diffs({report.namespace: report.diff for report in reports if report.diff}, form.subject),
    }
    if has_failed:
        error = _describe_failures(form, reports, len(not_tried), stopped, changed)
        error.facts.update(facts, **_names_by_operation(form, reports), not_tried=not_tried)
        raise error
    return {"changed": changed, "operation": summarise(counts), **facts}


def summarise(counts: Mapping[str, int]) -> str:
    """Return one word for all: what was done where anything was done, updated where that differs."""
    done = [operation for operation in SECRET_CHANGES if counts[operation]]
    if not done:
        return "unchanged"
    return done[0] if len(done) == 1 else "updated"


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


def _is_listed(operation: str, detail: ReportDetail, has_failed: bool) -> bool:
    """Return whether the result lists a namespace in full."""
    if detail == "failed" and has_failed:
        return operation == "failed"
    return detail == "all" or operation != "unchanged"


def _names_by_operation(form: ReportForm, reports: Sequence[NamespaceReport]) -> dict[str, list[str]]:
    """Return what was done before or beside a failure, by name alone: a failed result stays small."""
    names: dict[str, list[str]] = {operation: [] for operation in form.changes}
    for report in reports:
        if report.operation in names:
            names[report.operation].append(report.namespace)
    return names


def _describe_failures(
    form: ReportForm, reports: Sequence[NamespaceReport], not_tried: int, stopped: KeyringError | None, changed: bool
) -> KeyringError:
    """Return the error of the task. Its id is that of the first failed namespace, unless one stopped the task."""
    from .sentences import list_failures

    failed = [report for report in reports if report.operation == "failed"]
    total = len(reports) + not_tried
    listed = list_failures([(report.namespace, report.entry["msg"]) for report in failed], form.items)
    if not stopped:
        first = failed[0].entry["failure"]
        return KeyringError(
            f"{len(failed)} of {total} namespaces failed.",
            listed,
            failure=first["id"],
            option=first["option"],
            namespace=first["namespace"] if len(failed) == 1 else None,
            changed=changed,
        )
    return KeyringError(
        str(stopped),
        f"{not_tried} of {total} namespaces were not tried. {listed}".rstrip(),
        "Run the task again to process the remaining namespaces.",
        failure=stopped.failure,
        option=stopped.option,
        changed=changed or stopped.changed,
        quoted=stopped.quoted,
    )
