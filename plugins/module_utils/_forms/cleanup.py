# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The form that deletes pull secrets that are no longer needed: those of one owner that nothing uses."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any

from .fields import check_owner_name, check_whole_number, count_secrets
from .parts import FormFailed, is_outcome_unknown, read
from .pull_secret_views import list_table, namespaces_question
from .steps import (
    NOTHING_CHANGED,
    Ask,
    ClusterPlace,
    Confirmation,
    FormAnswers,
    FormField,
    FormFlow,
    FormOutcome,
    FormStep,
    Question,
    ReadClock,
    ReadCluster,
    Review,
    Run,
    Say,
)
from .texts import one_line
from .unused_secrets import find_unused_secrets

# The most that one run deletes, so that a wrong answer stays a small accident.
MOST_DELETED = 10
SHORTEST_DAYS = 30
OWNER_TO_CLEAN_FIELD = FormField(
    "owner", "Owner", "the team or playbook whose Secrets to delete", "team-shop", check_owner_name, identifies=True
)
DAYS_FIELD = FormField(
    "days",
    "Days",
    f"keep what was created or changed in this number of days, at least {SHORTEST_DAYS}",
    "90",
    check_whole_number(SHORTEST_DAYS),
    unquoted=True,
)
KEPT = (
    "Kept are Secrets that are or may be in use, that were created or changed within this number of days, that another "
    "tool or a portal manages, and those of PrimeHub (image-*)."
)


def cleanup(check_mode: bool) -> FormFlow:
    """List the unused pull secrets of an owner, and delete them after a confirmation, at most ten in one run."""
    cluster: ClusterPlace = yield ReadCluster()
    now: float = yield ReadClock()
    questions = (
        namespaces_question(cluster),
        Question(OWNER_TO_CLEAN_FIELD),
        Question(DAYS_FIELD, default=str(SHORTEST_DAYS)),
    )
    while True:
        answers: FormAnswers = yield Ask(questions, f"Clean up unused pull secrets on {cluster.title}")
        owner, days = str(answers["owner"]), str(answers["days"])
        found = yield from _read_owned(answers)
        unused = find_unused_secrets(found["secrets"], now=now, days=int(days))
        chosen, left = unused[:MOST_DELETED], len(unused[MOST_DELETED:])
        if not chosen:
            sentence = f"{_count(found['total'])} with owner {one_line(owner)}, none to delete."
            return FormOutcome((sentence, KEPT), _facts(found, ()))
        yield list_table(chosen)
        yield Say((f"{_count(len(chosen))} to delete, of {found['total']} with owner {one_line(owner)}.",))
        verdict: Confirmation = yield _review(cluster, answers, len(chosen), left)
        if verdict == "no":
            return NOTHING_CHANGED
        if verdict == "yes":
            break
    found = yield from _read_owned(answers)
    still_unused = [_secret_place(secret) for secret in find_unused_secrets(found["secrets"], now=now, days=int(days))]
    to_delete = [secret for secret in chosen if _secret_place(secret) in still_unused]
    deleted: list[str] = []
    failures: list[Mapping[str, Any]] = []
    for secret in to_delete:
        options = {"namespace": secret["namespace"], "name": secret["name"], "owner": owner, "state": "absent"}
        result = yield Run("image_pull_secret", options, writes=True)
        if result.get("failed"):
            failures.append(result)
        elif result["changed"]:
            deleted.append(_secret_place(secret))
    done = "would be deleted" if check_mode else "deleted"
    if failures:
        raise FormFailed(_describe_kept(failures, deleted, done))
    lines = [f"{_count(len(deleted))} {done} on {cluster.server}, of {found['total']} with owner {one_line(owner)}."]
    if len(to_delete) < len(chosen):
        lines.append(f"{_count(len(chosen) - len(to_delete))} no longer to delete: changed, used or deleted meanwhile.")
    if left:
        lines.append(f"{_count(left)} more to delete. Run the playbook again.")
    return FormOutcome((*lines, KEPT), _facts(found, deleted))


def _read_owned(answers: FormAnswers) -> Generator[FormStep, Any, Mapping[str, Any]]:
    """Return the pull secrets of an owner, with their users."""
    return (
        yield from read(
            "image_pull_secret_info",
            namespaces=[answers["target_namespace"]],
            owner=answers["owner"],
            used_by=True,
        )
    )


def _secret_place(secret: Mapping[str, Any]) -> str:
    """Return the namespace and the name of a Secret."""
    return f"{secret['namespace']}/{secret['name']}"


def _review(cluster: ClusterPlace, answers: FormAnswers, count: int, left: int) -> Review:
    rows = [
        ("Cluster", cluster.title),
        ("Namespace", one_line(answers["target_namespace"])),
        ("Owner", one_line(answers["owner"])),
        ("Unchanged for", f"{answers['days']} days"),
        ("To delete", _count(count)),
    ]
    if left:
        rows.append(("After this run", f"{left} more: at most {MOST_DELETED} are deleted in one run"))
    return Review(
        "Delete the unused pull secrets listed above",
        rows,
        "Delete them",
        confirm=True,
        notes=("This cannot be undone. Just before they are deleted, the Secrets are checked again.",),
    )


def _count(count: int) -> str:
    return count_secrets(count, "pull secret")


def _facts(found: Mapping[str, Any], deleted: Sequence[str]) -> dict[str, Any]:
    return {
        "changed": bool(deleted),
        "deleted": list(deleted),
        "cluster": found["cluster"],
    }


def _describe_kept(failures: Sequence[Mapping[str, Any]], deleted: Sequence[str], done: str) -> dict[str, Any]:
    """Return the result of a run in which some Secrets could not be deleted. ``done`` is what became of ``deleted``."""
    unknown = sum(1 for failure in failures if is_outcome_unknown(failure))
    counts = [f"{_count(len(deleted))} {done}."]
    if unknown < len(failures):
        counts.append(f"{_count(len(failures) - unknown)} not deleted.")
    if unknown:
        counts.append(f"{_count(unknown)} may have been deleted.")
    messages = [one_line(failure.get("msg"), 1000) for failure in failures]
    return {
        **failures[0],
        "msg": "\n".join([" ".join(counts), *messages]),
        "changed": bool(deleted),
        "deleted": list(deleted),
    }
