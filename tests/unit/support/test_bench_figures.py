# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmark says of each figure whether it was reached, and never that one was that it did not measure."""

from __future__ import annotations

import dataclasses

import pytest

from bench.figures import MIB, judge
from bench.report import Circumstances, render_report
from bench.samples import LOST_IN_CHANCE, NOT_MEASURED, Case, Sample, Samples
from bench.scenarios import ALL_THREE, CHANGE_ALL, CREATE, NOTHING_TO_DO, ONE_TASK, tasks
from bench.sizes import FULL, QUICK, Sizes
from bench.tasks import ACCESS_INFO, BARE, DEBUG, HTTP, KEYRING, KUBERNETES_CORE, MODULE, PING, SECRET_INFO

OURS = (KEYRING, MODULE, ACCESS_INFO, SECRET_INFO)

# Seconds of a run that reaches everything.
SECONDS = {
    Case("direct", ONE_TASK, DEBUG): 0.5,
    Case("direct", ONE_TASK, BARE): 0.55,
    Case("direct", ONE_TASK, KEYRING): 0.6,
    **{
        Case(scenario, ONE_TASK, contender): 0.5
        for scenario in ("modules", "ssh")
        for contender in (PING, MODULE, KUBERNETES_CORE)
    },
    Case("clusters", NOTHING_TO_DO, BARE): 2,
    Case("clusters", NOTHING_TO_DO, KEYRING): 2.5,
    Case("namespaces", NOTHING_TO_DO, DEBUG): 0.5,
    Case("namespaces", NOTHING_TO_DO, BARE): 0.6,
    Case("namespaces", NOTHING_TO_DO, KEYRING): 0.69,
    Case("namespaces", CREATE, KEYRING): 0.69,
    Case("namespaces", CREATE, HTTP): 0.5,
    Case("namespaces", CHANGE_ALL, KEYRING): 0.69,
    Case("namespaces", CHANGE_ALL, HTTP): 0.5,
    **{Case("many", step, KEYRING): 0.5 + 0.19 * 40 for step in (CREATE, NOTHING_TO_DO, CHANGE_ALL)},
    Case("images", ONE_TASK, DEBUG): 0.5,
    Case("images", ONE_TASK, ACCESS_INFO): 3,
    Case("large", ALL_THREE, DEBUG): 0.5,
    **{Case("large", ALL_THREE, contender): 2 for contender in (ACCESS_INFO, SECRET_INFO, KEYRING)},
}
# Seconds that a further task takes.
PER_TASK = {
    "direct": {DEBUG: 0.02, BARE: 0.03, KEYRING: 0.035},
    "modules": {PING: 0.25, MODULE: 0.35, KUBERNETES_CORE: 0.45},
    "ssh": {PING: 0.25, MODULE: 0.35, KUBERNETES_CORE: 0.45},
}


def measured(sizes: Sizes = FULL, cost: float = 1, many: float = 1) -> Samples:
    """Return the samples of two rounds in which this collection costs so much more, in many namespaces once more."""
    seconds = dict(SECONDS)
    for scenario, contenders in PER_TASK.items():
        count = sizes.direct_tasks if scenario == "direct" else sizes.module_tasks
        for contender, further in contenders.items():
            first = SECONDS[Case(scenario, ONE_TASK, contender)]
            seconds[Case(scenario, tasks(count), contender)] = first + further * (count - 1)
    samples = Samples()
    for case, time in seconds.items():
        factor = (cost if case.contender in OURS else 1) * (many if case.scenario == "many" else 1)
        took = time * factor
        sample = Sample(took, took, 100 * MIB * factor, clock=took, progress_lines=int(9 / factor**2))
        for _round in range(2):
            samples.add(case, sample)
    return samples


def verdicts(samples: Samples, sizes: Sizes = FULL) -> dict[str, bool | None]:
    return {
        verdict.figure.what: verdict.reached for verdict in judge(samples, sizes) if verdict.figure.limit is not None
    }


@pytest.mark.parametrize("sizes", [FULL, QUICK], ids=["full", "quick"])
def test_all_are_reached(sizes: Sizes) -> None:
    assert set(verdicts(measured(sizes), sizes).values()) == {True}


def test_none_is_reached_by_one_that_is_too_slow() -> None:
    assert set(verdicts(measured(cost=4, many=4)).values()) == {False}


@pytest.mark.parametrize("contender", sorted({case.contender for case in SECONDS}))
def test_without_a_contender_nothing_that_needs_it_is_judged(contender: str) -> None:
    samples = measured()
    some = Samples({case: runs for case, runs in samples.by_case.items() if case.contender != contender})
    reached = verdicts(some)
    assert reached.keys() == verdicts(samples).keys()
    assert False not in reached.values()
    assert NOT_MEASURED in {verdict.reason for verdict in judge(some, FULL)}


def test_nothing_measured_reaches_nothing() -> None:
    assert set(verdicts(Samples()).values()) == {None}


def test_a_floor_that_is_lost_in_chance_reaches_nothing() -> None:
    samples = measured()
    for case, runs in samples.by_case.items():
        if case.contender == BARE:
            runs[:] = [dataclasses.replace(run, cpu=1.0) for run in runs]
    (figure,) = [verdict for verdict in judge(samples, FULL) if "one GET" in verdict.figure.what]
    assert (figure.reached, figure.reason) == (None, LOST_IN_CHANCE)


def test_the_page_shows_each_verdict_and_what_failed() -> None:
    circumstances = Circumstances("2026-11-28", "make bench", {"CPU": "2"}, {"Python": "3"}, {"ssh": "no sshd"}, [])
    fast = render_report(measured(), FULL, circumstances)
    slow = render_report(measured(cost=4, many=4), FULL, circumstances)
    assert "**not reached**" not in fast
    assert slow.count("**not reached**") == len(verdicts(measured()))
    assert "- **ssh failed:**" in fast
    assert "     no sshd" in fast
