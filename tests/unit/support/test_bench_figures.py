# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmark says of each figure whether it was reached, and never that one was that it did not measure."""

from __future__ import annotations

import pytest

from bench.contenders import DEBUG, HTTP, KEYRING, KUBECTL, KUBERNETES_CORE
from bench.figures import MIB, judge
from bench.summary import Summaries
from bench.work import CYCLE, Operation, Sample, Scenario

TASKS, LOOP, ONE = (
    Scenario("tasks", 50, ("no-op",)),
    Scenario("loop", 50, ("no-op",)),
    Scenario("one task", 1, ("no-op",)),
)
FEW, MANY = Scenario("fan-out", 500, CYCLE), Scenario("fan-out", 5000, CYCLE)

# What is written by an operation, of all namespaces.
WRITES: dict[Operation, float] = {"create": 1, "no-op": 0, "change one": 0, "check": 0, "change all": 1}


def sample(
    scenario: Scenario, operation: Operation, contender: str, wall: float, cpu: float = 0.0, memory: int = 0
) -> Sample:
    lists_and_writes = {"list": 2, "patch": scenario.size if WRITES[operation] else int(operation == "change one")}
    requests = {} if contender == DEBUG else {verb: count for verb, count in lists_and_writes.items() if count}
    return Sample(
        scenario=scenario,
        operation=operation,
        contender=contender,
        wall=wall,
        cpu=cpu,
        memory=memory,
        clock=wall if contender == HTTP else None,
        requests=requests,
        pages=0,
    )


def measured(*, cost: float = 1.0, memory: int = 100 * MIB) -> list[Sample]:
    """A run in which everything is reached with the cost 1 of a keyring task; the play itself takes a second."""
    found = [
        sample(TASKS, "no-op", DEBUG, 1.5, 1.5),
        sample(TASKS, "no-op", KEYRING, 2, 1 + cost),
        sample(TASKS, "no-op", KUBERNETES_CORE, 31, 31),
        sample(LOOP, "no-op", KEYRING, 1.5, 1 + cost / 2),
        sample(LOOP, "no-op", KUBERNETES_CORE, 26, 26),
        sample(ONE, "no-op", DEBUG, 1, 1),
        sample(FEW, "no-op", KUBERNETES_CORE, 101),
        *(sample(FEW, "no-op", kubectl, 10) for kubectl in KUBECTL),
    ]
    for scenario in (FEW, MANY):
        for operation in CYCLE:
            linear = scenario.size / 500
            seconds = cost * (0.4 if WRITES[operation] else 0.08) * (linear if scenario is FEW else linear * cost)
            found += [
                sample(scenario, operation, DEBUG, 1, memory=50 * MIB),
                sample(scenario, operation, KEYRING, 1 + seconds, memory=50 * MIB + memory),
                sample(scenario, operation, HTTP, 0.3 * linear),
            ]
    return found


def verdicts(samples: list[Sample]) -> dict[str, bool | None]:
    return {figure.what: figure.reached for figure in judge(Summaries(samples))}


def test_all_are_reached() -> None:
    reached = verdicts(measured())
    assert len(reached) == 15
    assert set(reached.values()) == {True}


def test_none_is_reached_by_one_that_is_too_slow_and_too_large() -> None:
    reached = verdicts(measured(cost=3.0, memory=300 * MIB))
    assert [what for what, verdict in reached.items() if verdict] == [
        "500 namespaces: requests to create, no-op, change one, change all",
        "5,000 namespaces: requests to create, no-op, change one, change all",
    ]


def test_a_request_too_many_is_seen() -> None:
    samples = measured()
    more = [
        Sample(**{**vars(each), "requests": {**each.requests, "get": 1}}) if each.contender == KEYRING else each
        for each in samples
    ]
    figures = [figure for figure in judge(Summaries(more)) if "requests" in figure.what]
    assert [figure.reached for figure in figures] == [False, False]
    assert figures[0].measured == "503, 3, 4, 503"


def test_a_further_page_is_no_request_too_many() -> None:
    samples = [
        Sample(**{**vars(each), "requests": {**each.requests, "list": 5}, "pages": 3})
        if each.contender == KEYRING
        else each
        for each in measured()
    ]
    assert set(verdicts(samples).values()) == {True}


@pytest.mark.parametrize("contender", [DEBUG, KEYRING, KUBERNETES_CORE, HTTP])
def test_without_a_contender_nothing_that_needs_it_is_judged(contender: str) -> None:
    full = verdicts(measured())
    reached = verdicts([each for each in measured() if each.contender != contender])
    assert reached.keys() == full.keys()
    assert None in reached.values()
    assert False not in reached.values()


def test_nothing_measured_reaches_nothing() -> None:
    assert set(verdicts([]).values()) == {None}
