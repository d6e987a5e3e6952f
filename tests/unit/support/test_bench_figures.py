# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmark says of each figure whether it was reached, and never that one was that it did not measure."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from bench.figures import judge
from bench.report import Circumstances, render_report
from bench.samples import Case, Sample, Samples
from bench.scenarios import ONE_TASK, tasks
from bench.sizes import FULL, QUICK, Sizes
from bench.tasks import BARE, DEBUG, KEYRING, KUBERNETES_CORE, MODULE, PING

# CPU of a task in seconds, and how much more the first one takes, in a run that reaches everything.
PER_TASK = {
    "direct": {DEBUG: 0.02, BARE: 0.03, KEYRING: 0.035},
    "modules": {PING: 0.25, MODULE: 0.35, KUBERNETES_CORE: 0.45},
}
START = {DEBUG: 0.5, BARE: 0.55, KEYRING: 0.6, PING: 0.5, MODULE: 0.6, KUBERNETES_CORE: 0.6}
COUNTS: dict[str, Callable[[Sizes], int]] = {
    "direct": lambda sizes: sizes.direct_tasks,
    "modules": lambda sizes: sizes.module_tasks,
}


def measured(cost: float = 1.0, sizes: Sizes = FULL) -> Samples:
    """Return the samples of two rounds in which this collection costs so much more."""
    samples = Samples()
    for scenario, contenders in PER_TASK.items():
        count = COUNTS[scenario](sizes)
        for contender, cpu in contenders.items():
            factor = cost if contender in (KEYRING, MODULE) else 1
            for _round in range(2):
                for step, number in ((ONE_TASK, 1), (tasks(count), count)):
                    seconds = (START[contender] + cpu * number) * factor
                    samples.add(Case(scenario, step, contender), Sample(seconds, seconds, 50 * 2**20))
    return samples


def verdicts(samples: Samples, sizes: Sizes = FULL) -> dict[str, bool | None]:
    return {
        verdict.figure.what: verdict.reached for verdict in judge(samples, sizes) if verdict.figure.limit is not None
    }


@pytest.mark.parametrize("sizes", [FULL, QUICK], ids=["full", "quick"])
def test_all_are_reached(sizes: Sizes) -> None:
    assert set(verdicts(measured(sizes=sizes), sizes).values()) == {True}


def test_none_is_reached_by_one_that_is_too_slow() -> None:
    assert set(verdicts(measured(cost=3)).values()) == {False}


@pytest.mark.parametrize("contender", [DEBUG, BARE, KEYRING, PING, MODULE, KUBERNETES_CORE])
def test_without_a_contender_nothing_that_needs_it_is_judged(contender: str) -> None:
    samples = measured()
    some = Samples({case: runs for case, runs in samples.by_case.items() if case.contender != contender})
    reached = verdicts(some)
    assert reached.keys() == verdicts(samples).keys()
    assert False not in reached.values()
    values = {verdict.value for verdict in judge(some, FULL)}
    assert None in values


def test_nothing_measured_reaches_nothing() -> None:
    assert set(verdicts(Samples()).values()) == {None}


def test_a_floor_that_is_lost_in_chance_reaches_nothing() -> None:
    samples = measured()
    for case, runs in samples.by_case.items():
        if case.contender == BARE:
            runs[:] = [dataclasses.replace(run, cpu=1.0) for run in runs]
    (figure,) = [verdict for verdict in judge(samples, FULL) if "one GET" in verdict.figure.what]
    assert figure.reached is None


def test_the_page_shows_each_verdict_and_what_failed() -> None:
    circumstances = Circumstances("2026-11-28", "make bench", {"CPU": "2"}, {"Python": "3"}, {"ssh": "no sshd"}, [])
    fast = render_report(measured(), FULL, circumstances)
    slow = render_report(measured(cost=3), FULL, circumstances)
    assert "**not reached**" not in fast
    assert slow.count("**not reached**") == len(verdicts(measured()))
    assert "- **ssh failed:**" in fast
    assert "     no sshd" in fast
