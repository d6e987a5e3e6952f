# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The figures that this collection must reach, as ratios within one run. Where they are not reached, that shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.samples import Case, Metric, NotMeasured, Samples
from bench.scenarios import ONE_TASK, tasks
from bench.sizes import Sizes
from bench.tasks import BARE, DEBUG, KEYRING, KUBERNETES_CORE, MODULE, PING

MIB = 1024 * 1024


@dataclass(frozen=True)
class Figure:
    """A number that is at most the limit; without a limit it is there for the reader."""

    what: str
    limit: float | None
    unit: str
    measure: Callable[[Samples], float]


@dataclass(frozen=True)
class Verdict:
    """``value`` is None where something that the figure needs was not measured."""

    figure: Figure
    value: float | None

    @property
    def reached(self) -> bool | None:
        """Return whether the limit is kept; None if there is no limit or no value."""
        if self.value is None or self.figure.limit is None:
            return None
        return self.value <= self.figure.limit


def judge(samples: Samples, sizes: Sizes) -> list[Verdict]:
    """Return the verdict on every figure."""
    return [Verdict(figure, _try(figure, samples)) for figure in figures(sizes)]


def _try(figure: Figure, samples: Samples) -> float | None:
    try:
        return figure.measure(samples)
    except NotMeasured:
        return None


def figures(sizes: Sizes) -> list[Figure]:
    """Return every figure, in the order of the report."""
    return [*_direct(sizes.direct_tasks), *_modules("modules", "", sizes.module_tasks)]


def _direct(count: int) -> list[Figure]:
    def times(other: str) -> Callable[[Samples], float]:
        return lambda samples: ratio(
            per_task(samples, "direct", KEYRING, count), per_task(samples, "direct", other, count)
        )

    return [
        Figure("a direct task: CPU, compared with the bare action with one GET", 1.3, "x", times(BARE)),
        Figure("a direct task: CPU, compared with `debug`", None, "x", times(DEBUG)),
        Figure(
            "start of a play: CPU of a play of one task over that of `debug`",
            0.15,
            "s",
            lambda samples: median(over(samples, "direct", ONE_TASK, KEYRING, "cpu")),
        ),
    ]


def _modules(scenario: str, where: str, count: int) -> list[Figure]:
    def times(other: str) -> Callable[[Samples], float]:
        return lambda samples: ratio(
            per_task(samples, scenario, MODULE, count), per_task(samples, scenario, other, count)
        )

    what = f"a task as an ordinary module{where}: CPU, compared with"
    return [
        Figure(f"{what} `ping`", 1.6, "x", times(PING)),
        Figure(f"{what} `kubernetes.core.k8s`", 0.85, "x", times(KUBERNETES_CORE)),
    ]


def per_task(samples: Samples, scenario: str, contender: str, count: int) -> list[float]:
    """Return the CPU of a task without the start of the play, one value a round."""
    one = samples.values(Case(scenario, ONE_TASK, contender), "cpu")
    many = samples.values(Case(scenario, tasks(count), contender), "cpu")
    return [(long - short) / (count - 1) for short, long in zip(one, many, strict=False)]


def over(samples: Samples, scenario: str, step: str, contender: str, metric: Metric) -> list[float]:
    """Return what a play takes over an empty one of the same round."""
    empty = samples.values(Case(scenario, step, DEBUG), metric)
    full = samples.values(Case(scenario, step, contender), metric)
    return [value - floor for value, floor in zip(full, empty, strict=False)]


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the ratio of the medians. Raise NotMeasured if theirs cannot be distinguished from nothing."""
    if median(theirs) <= 0:
        raise NotMeasured
    return median(ours) / median(theirs)
