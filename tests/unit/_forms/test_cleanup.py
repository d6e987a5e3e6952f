# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which pull secrets the form cleanup deletes: those of which all is known, at most ten, and only when confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from types import MappingProxyType
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.cleanup import KEPT, cleanup
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.parts import FormFailed
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.steps import (
    NOTHING_CHANGED,
    Review,
    Run,
    Say,
    ShowTable,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.unused_secrets import find_unused_secrets
from support.form_person import FormPerson, is_refused, rows_of

NOW = datetime(2026, 11, 28, 12, 0, 0, 500_000, tzinfo=timezone.utc).timestamp()
OLD: dict[str, Any] = {
    "namespace": "edge",
    "name": "old",
    "ours": True,
    "managed_by": None,
    "used_by": [],
    "created": "2026-01-01T00:00:00Z",
    "last_updated": "2026-10-29T12:00:00Z",  # 30 days before
    "display_name": None,
    "description": None,
    "registries": [],
}


@pytest.mark.parametrize(
    ("changed", "is_deleted"),
    [
        pytest.param({}, True, id="for exactly so many days"),
        pytest.param({"last_updated": "2026-10-29T12:00:01Z"}, False, id="changed a second too late"),
        pytest.param({"created": "2026-10-29T12:00:01Z"}, False, id="made a second too late"),
        pytest.param({"ours": False}, False, id="made by a portal, or a copy"),
        pytest.param({"managed_by": "Helm"}, False, id="managed by another tool"),
        pytest.param({"name": "image-registry9"}, False, id="on PrimeHub's page"),
        pytest.param({"name": "registry-image-9"}, True, id="with PrimeHub's prefix elsewhere"),
        pytest.param({"used_by": [{"kind": "Pod", "name": "web"}]}, False, id="in use"),
        pytest.param(
            {"used_by": [{"kind": "DevWorkspace", "name": "a-label", "how": "label", "blocking": False}]},
            False,
            id="found by its label",
        ),
        pytest.param({"used_by": None}, False, id="its users are not known"),
        pytest.param({"created": None}, False, id="no time"),
        pytest.param({"last_updated": ""}, False, id="an empty time"),
        pytest.param({"last_updated": "2026-10-29"}, False, id="a date"),
        pytest.param({"last_updated": "2026-10-29T12:00:00+00:00"}, False, id="another zone"),
        pytest.param({"last_updated": "2026-02-31T12:00:00Z"}, False, id="a day that there is not"),
        pytest.param({"last_updated": "2026-10-29T12:00:00Z\n"}, False, id="more than a time"),
    ],
)
def test_what_cleanup_deletes(changed: dict[str, Any], is_deleted: bool) -> None:
    secret = {**OLD, **changed}

    assert find_unused_secrets([secret], now=NOW, days=30) == ([secret] if is_deleted else [])


@pytest.mark.parametrize("time", ["created", "last_updated"])
def test_a_secret_without_a_time_stays(time: str) -> None:
    secret = {name: value for name, value in OLD.items() if name != time}

    assert find_unused_secrets([secret], now=NOW, days=0) == []


def many(count: int) -> list[dict[str, Any]]:
    return [{**OLD, "name": f"old-{number:02}"} for number in range(count)]


def clean(
    secrets: list[dict[str, Any]],
    *verdicts: str,
    fails: Mapping[str, str] = MappingProxyType({}),
    days: Sequence[str] = ("30",),
    later: list[dict[str, Any]] | None = None,
) -> FormPerson:
    """``fails`` are failures by the names of Secrets, and ``later`` what the second read finds."""
    reads = [secrets, *([] if later is None else [later])]

    def modules(run: Run) -> Mapping[str, Any]:
        if not run.writes:
            found = reads.pop(0) if len(reads) > 1 else reads[0]
            return {"secrets": found, "total": len(found), "cluster": {"server": "https://a"}}
        name = run.options["name"]
        if name in fails:
            return {"failed": True, "msg": f"{name} failed.", "failure": {"id": fails[name]}}
        return {"changed": True, "operation": "deleted"}

    return FormPerson(modules, {"owner": ["web"], "days": days}, list(verdicts), now=NOW)


@pytest.mark.parametrize(("count", "deleted", "left"), [(1, 1, 0), (10, 10, 0), (11, 10, 1), (25, 10, 15)])
def test_at_most_ten_are_deleted(count: int, deleted: int, left: int) -> None:
    person = clean(many(count), "yes")

    outcome = person.fill_in(cleanup(False))

    assert [options["name"] for options in person.written()] == [f"old-{number:02}" for number in range(deleted)]
    assert {options["owner"] for options in person.written()} == {"web"}
    assert len(outcome.result["deleted"]) == deleted
    assert outcome.result["changed"]
    more = [line for line in outcome.lines if line.endswith("more to delete. Run the playbook again.")]
    assert [line.split()[0] for line in more] == ([str(left)] if left else [])
    assert ("After this run" in rows_of(person.of(Review)[0])) is bool(left)


def test_they_are_listed_before_the_question() -> None:
    person = clean([*many(2), {**OLD, "name": "used", "used_by": [{"kind": "Pod", "name": "web"}]}], "no")

    assert person.fill_in(cleanup(False)) == NOTHING_CHANGED

    kinds = [type(step) for step in person.steps]
    assert kinds.index(ShowTable) < kinds.index(Review)
    assert [row[1] for row in person.of(ShowTable)[0].rows] == ["old-00", "old-01"]
    assert person.of(Say)[0].lines == ("2 pull secrets to delete, of 3 with owner web.",)
    assert person.of(Review)[0].confirm
    assert person.written() == []


def test_without_unused_secrets_there_is_no_question() -> None:
    person = clean([{**OLD, "used_by": None}])

    outcome = person.fill_in(cleanup(False))

    assert outcome.lines == ("1 pull secret with owner web, none to delete.", KEPT)
    assert not outcome.result["changed"]
    assert person.of(Review) == []


def test_one_that_cannot_be_deleted_does_not_stop_the_others() -> None:
    person = clean(many(3), "yes", fails={"old-01": "in_use"})

    with pytest.raises(FormFailed, match=r"old-01 failed\.") as failed:
        person.fill_in(cleanup(False))

    assert failed.value.result["changed"]
    assert failed.value.result["deleted"] == ["edge/old-00", "edge/old-02"]
    assert failed.value.result["failure"] == {"id": "in_use"}


FAILURES: Mapping[str, tuple[Mapping[str, str], bool, str]] = {
    "refused": ({"old-01": "in_use"}, False, "2 pull secrets deleted. 1 pull secret not deleted."),
    "not known": ({"old-01": "outcome_unknown"}, False, "2 pull secrets deleted. 1 pull secret may have been deleted."),
    "both": (
        {"old-00": "in_use", "old-01": "outcome_unknown", "old-02": "internal_error"},
        False,
        "No pull secrets deleted. 1 pull secret not deleted. 2 pull secrets may have been deleted.",
    ),
    "in check mode": ({"old-01": "in_use"}, True, "2 pull secrets would be deleted. 1 pull secret not deleted."),
}


@pytest.mark.parametrize("case", FAILURES)
def test_failures_are_counted(case: str) -> None:
    fails, check_mode, sentences = FAILURES[case]

    with pytest.raises(FormFailed) as failed:
        clean(many(3), "yes", fails=fails).fill_in(cleanup(check_mode))

    assert str(failed.value).splitlines() == [sentences, *(f"{name} failed." for name in fails)]


def test_what_changed_during_the_review_stays() -> None:
    later = [{**OLD, "name": "old-00"}, {**OLD, "name": "old-01", "last_updated": "2026-11-28T11:59:59Z"}]
    person = clean(many(3), "yes", later=later)

    outcome = person.fill_in(cleanup(False))

    assert [options["name"] for options in person.written()] == ["old-00"]
    assert outcome.lines[1] == "2 pull secrets no longer to delete: changed, used or deleted meanwhile."


def test_changed_days_are_searched_again() -> None:
    person = clean(many(1), "days", "yes", days=["90", "30"])
    person.now = NOW + 60 * 86400

    person.fill_in(cleanup(False))

    assert len(person.written()) == 1
    assert person.known["days"] == "30"


@pytest.mark.parametrize(
    ("days", "is_accepted"), [("30", True), ("90", True), ("29", False), ("0", False), ("x", False)]
)
def test_days(days: str, is_accepted: bool) -> None:
    person = clean([])
    person.fill_in(cleanup(False))

    assert (is_refused(person.questions()["days"], days) == "") is is_accepted


def test_in_check_mode_nothing_is_claimed() -> None:
    outcome = clean(many(1), "yes").fill_in(cleanup(True))

    assert outcome.lines[0] == "1 pull secret would be deleted on https://api.example.com, of 1 with owner web."
