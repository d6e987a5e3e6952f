# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The figures that this collection must reach, as ratios within one run. Where they are not reached, that shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from bench.contenders import DEBUG, HTTP, KEYRING, KUBECTL, KUBERNETES_CORE
from bench.summary import Summaries
from bench.work import Operation, Scenario, Shape

MIB = 1024 * 1024


@dataclass(frozen=True)
class Figure:
    """``reached`` is None where something that it needs was not measured."""

    what: str
    asked: str
    measured: str = ""
    reached: bool | None = None


def judge(summaries: Summaries) -> list[Figure]:
    """Every figure, for the sizes that were measured."""
    figures: list[Figure] = []
    for judgement in (_many_tasks, _nothing_to_do, _close_to_the_limit, _linear, _memory, _requests):
        figures += judgement(summaries)
    return figures


# What to take for the time of a job: a method of Summaries.
Clock = Callable[[Scenario, Operation, str], float]


def _at_most(
    what: str,
    limit: float,
    measure: Callable[[], float],
    *,
    asked: str,
    form: str,
    by_process: Callable[[], float] | None = None,
) -> Figure:
    """What decides is ``measure``; ``by_process`` is there for the reader."""
    value, beside = _try(measure), _try(by_process)
    if value is None:
        return Figure(what, asked)
    more = "" if beside is None else f" (process {form.format(_short(beside))})"
    return Figure(what, asked, form.format(_short(value)) + more, value <= limit)


def _at_least(
    what: str,
    limit: float,
    measure: Callable[[], float],
    *,
    asked: str,
    form: str,
    by_process: Callable[[], float] | None = None,
) -> Figure:
    figure = _at_most(what, limit, measure, asked=asked, form=form, by_process=by_process)
    value = _try(measure)
    return figure if value is None else replace(figure, reached=value >= limit)


def _try(measure: Callable[[], float] | None) -> float | None:
    """None where something that the figure needs was not measured."""
    try:
        return measure() if measure else None
    except KeyError:
        return None


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _find(summaries: Summaries, shape: Shape) -> list[Scenario]:
    return sorted((each for each in summaries.scenarios() if each.shape == shape), key=lambda each: each.size)


def _only(summaries: Summaries, shape: Shape, size: int) -> Scenario:
    """The scenario of a shape; one that was not measured where there is none, so that nothing is found in it."""
    found = _find(summaries, shape)
    return found[0] if found else Scenario(shape, size, ())


def _of_500(summaries: Summaries) -> Scenario:
    """The fan-out to 500 namespaces, or the largest below it."""
    found = [each for each in _find(summaries, "fan-out") if each.size <= 500]
    return found[-1] if found else Scenario("fan-out", 500, ())


def _many_tasks(summaries: Summaries) -> Iterator[Figure]:
    tasks, loop = _only(summaries, "tasks", 50), _only(summaries, "loop", 50)
    start = _only(summaries, "one task", 1)

    def cpu(contender: str) -> float:
        return summaries[tasks, "no-op", contender].cpu

    # Without the start of ansible-playbook.
    def per_item(contender: str) -> float:
        return (summaries[loop, "no-op", contender].cpu - summaries.floors[start].cpu) / loop.size

    yield _at_most(
        f"{tasks.title}: CPU, compared with `debug`",
        2,
        lambda: cpu(KEYRING) / cpu(DEBUG),
        asked="at most 2 x",
        form="{} x",
    )
    yield _at_least(
        f"{tasks.title}: CPU, compared with `kubernetes.core.k8s`",
        15,
        lambda: cpu(KUBERNETES_CORE) / cpu(KEYRING),
        asked="at most 1/15",
        form="1/{}",
    )
    yield _at_least(
        f"{loop.title}: CPU of an item, compared with `kubernetes.core.k8s`",
        40,
        lambda: per_item(KUBERNETES_CORE) / per_item(KEYRING),
        asked="at most 1/40",
        form="1/{}",
    )


def _nothing_to_do(summaries: Summaries) -> Iterator[Figure]:
    scenario = _of_500(summaries)
    what = f"{scenario.title}, nothing to do: "

    def times(other: str, clock: Clock) -> float:
        return clock(scenario, "no-op", other) / clock(scenario, "no-op", KEYRING)

    yield _at_most(
        f"{what}the task over an empty one",
        0.10,
        lambda: summaries.by_clock(scenario, "no-op", KEYRING),
        asked="at most 0.10 s",
        form="{} s",
        by_process=lambda: summaries.over_empty(scenario, "no-op", KEYRING),
    )
    for other, name, limit in (
        (KUBERNETES_CORE, "`kubernetes.core.k8s`", 1000),
        (KUBECTL[0], "`kubectl apply`", 100),
        (KUBECTL[1], "`kubectl apply --server-side`", 100),
    ):
        yield _at_least(
            f"{what}faster than {name}",
            limit,
            partial(times, other, summaries.by_clock),
            asked=f"at least {limit:,} x",
            form="{} x",
            by_process=partial(times, other, summaries.itself),
        )


def _close_to_the_limit(summaries: Summaries) -> Iterator[Figure]:
    scenario = _of_500(summaries)

    def ratio(operation: Operation, clock: Clock) -> float:
        return clock(scenario, operation, KEYRING) / clock(scenario, operation, HTTP)

    operations: tuple[Operation, ...] = ("create", "change all")
    for operation in operations:
        yield _at_most(
            f"{scenario.title}, {operation}: time, compared with raw HTTP",
            1.5,
            partial(ratio, operation, summaries.by_clock),
            asked="at most 1.5 x",
            form="{} x",
            by_process=partial(ratio, operation, summaries.itself),
        )


def _linear(summaries: Summaries) -> Iterator[Figure]:
    """A namespace among many costs no more than one among few; a fifth is left to chance."""
    fewer, more = _two_largest(summaries)

    def ratio(operation: Operation, clock: Clock) -> float:
        many, few = (clock(each, operation, KEYRING) / each.size for each in (more, fewer))
        return many / few

    operations: tuple[Operation, ...] = ("create", "no-op", "change all")
    for operation in operations:
        yield _at_most(
            f"{operation}: time for a namespace among {more.size:,}, compared with {fewer.size:,}",
            1.2,
            partial(ratio, operation, summaries.by_clock),
            asked="linear: at most 1.2 x",
            form="{} x",
            by_process=partial(ratio, operation, summaries.itself),
        )


def _two_largest(summaries: Summaries) -> tuple[Scenario, Scenario]:
    missing = [Scenario("fan-out", size, ()) for size in (500, 5000)]
    found = _find(summaries, "fan-out")
    fewer, more = (found if len(found) > 1 else missing)[-2:]
    return fewer, more


def _largest(summaries: Summaries) -> Scenario:
    found = _find(summaries, "fan-out")
    return found[-1] if found else Scenario("fan-out", 5000, ())


def _memory(summaries: Summaries) -> Iterator[Figure]:
    scenario = _largest(summaries)

    def over_empty() -> float:
        peaks = [summary.memory for _operation, contender, summary in summaries.rows(scenario) if contender == KEYRING]
        if not peaks:
            raise KeyError(KEYRING)
        return (max(peaks) - summaries.floors[scenario].memory) / MIB

    yield _at_most(
        f"{scenario.title}: peak memory over an empty task",
        200,
        over_empty,
        asked="below 200 MiB",
        form="{} MiB",
    )


def _requests(summaries: Summaries) -> Iterator[Figure]:
    """Two lists and what is written; further pages of a list are not counted."""
    for scenario in _find(summaries, "fan-out") or [Scenario("fan-out", 500, ())]:
        writes: dict[Operation, int] = {
            "create": scenario.size,
            "no-op": 0,
            "change one": 1,
            "change all": scenario.size,
        }
        measured: list[str] = []
        right = True
        for operation, count in writes.items():
            if (scenario, operation, KEYRING) in summaries:
                summary = summaries[scenario, operation, KEYRING]
                measured.append(f"{summary.requested - summary.pages:,}")
                right = right and summary.requested - summary.pages == 2 + count
        complete = len(measured) == len(writes)
        yield Figure(
            f"{scenario.title}: requests to {', '.join(writes)}",
            ", ".join(f"{2 + count:,}" for count in writes.values()),
            ", ".join(measured),
            right if complete else None,
        )
