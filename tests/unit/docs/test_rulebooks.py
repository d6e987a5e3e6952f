# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The defaults of the rulebooks, as the guide states them, and how many actions of a failing cluster they allow."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from support.paths import ROOT

GUIDE = (ROOT / "docs" / "docsite" / "rst" / "guide_new_namespaces.rst").read_text()
RULEBOOKS = {
    path.stem: yaml.safe_load(path.read_text())[0]
    for path in (ROOT / "extensions" / "eda" / "rulebooks").glob("new_namespaces*.yml")
}
# How many actions ansible-rulebook allows.
ACTIONS = 25
DAY = 24 * 60


def events_of(rulebook: str) -> int:
    """Return the default of max_events_per_minute."""
    template = RULEBOOKS[rulebook]["sources"][0]["keyring.kubernetes.watch"]["max_events_per_minute"]
    (number,) = re.findall(r"default\((\d+)\)", template)
    return int(number)


def seconds_of(rulebook: str, attempt: float) -> float:
    """Return how long a failing action takes whose attempts take so many seconds."""
    (action,) = RULEBOOKS[rulebook]["rules"][0]["action"].values()
    retries: int = action["retries"]
    return (retries + 1) * attempt + retries * float(action["delay"])


def count_actions(events: int, seconds: float) -> list[int]:
    """Return the actions of a cluster at the beginning of each minute of a day, of which one runs at a time.

    All events of a minute arrive at its beginning: that is the worst case.
    """
    ends: list[float] = []
    counts = []
    for minute in range(DAY):
        for _event in range(events):
            begin = max(60.0 * minute, ends[-1] if ends else 0.0)
            ends.append(begin + seconds)
        counts.append(sum(end > 60.0 * minute for end in ends))
        ends = [end for end in ends if end > 60.0 * minute]
    return counts


@pytest.mark.parametrize(
    ("rulebook", "attempt", "most"), [("new_namespaces", 10, 2), ("new_namespaces_job_template", 25, 2)]
)
def test_the_waiting_actions_of_a_failing_cluster_have_a_limit(rulebook: str, attempt: int, most: int) -> None:
    assert max(count_actions(events_of(rulebook), seconds_of(rulebook, attempt))) <= most
    assert f"at most {attempt} seconds" in GUIDE


@pytest.mark.parametrize(
    ("rulebook", "attempt", "sentence"),
    [
        ("new_namespaces", float("inf"), "needs at least {} minutes for 25 actions"),
        ("new_namespaces", 30, "and {} minutes if an attempt takes 30 seconds"),
        ("new_namespaces_job_template", float("inf"), "needs at least {} minutes for the 25 actions"),
    ],
)
def test_the_minutes_until_all_actions_are_taken(rulebook: str, attempt: float, sentence: str) -> None:
    counts = count_actions(events_of(rulebook), seconds_of(rulebook, attempt))

    assert sentence.format(next(minute for minute, count in enumerate(counts) if count >= ACTIONS)) in GUIDE


def test_the_guide_states_the_defaults() -> None:
    rows: dict[str, Any] = dict(re.findall(r"\* - ``(\w+)``\n +- ``(\d+)``", GUIDE))

    assert int(rows["max_events_per_minute"]) == events_of("new_namespaces")
    job_template = events_of("new_namespaces_job_template")
    assert f"The default of ``max_events_per_minute`` is ``{job_template}`` here" in GUIDE
