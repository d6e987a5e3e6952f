# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a task for many namespaces: a list and a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from .._dataclasses import dataclass
from .._errors import KeyringError, describe_failure
from .._runtime.execute import Result
from .._runtime.public_errors import public_message
from .._runtime.scrub import Scrubber
from .options import ReportDetail

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
