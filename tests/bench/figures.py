# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The figures that this collection must reach, as ratios within one run. Where they are not reached, that shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.samples import LOST_IN_CHANCE, Case, Metric, NoValue, Samples
from bench.scenarios import ALL_THREE, CHANGE_ALL, CREATE, NOTHING_TO_DO, ONE_TASK, tasks
from bench.sizes import FULL, Sizes
from bench.tasks import ACCESS_INFO, BARE, DEBUG, HTTP, KEYRING, KUBERNETES_CORE, MODULE, PING, SECRET_INFO

MIB = 1024 * 1024


@dataclass(frozen=True)
class Figure:
    """A number that must be at most the limit, or at least; without a limit it is there for the reader."""

    what: str
    limit: float | None
    unit: str
    measure: Callable[[Samples], float]
    at_least: bool = False


@dataclass(frozen=True)
class Verdict:
    """``value`` is None where ``reason`` says why there is none."""

    figure: Figure
    value: float | None
    reason: str = ""

    @property
    def reached(self) -> bool | None:
        """Return whether the limit is kept; None if there is no limit or no value."""
        if self.value is None or self.figure.limit is None:
            return None
        if self.figure.at_least:
            return self.value >= self.figure.limit
        return self.value <= self.figure.limit


def judge(samples: Samples, sizes: Sizes) -> list[Verdict]:
    """Return the verdict on every figure."""
    return [_judge(figure, samples) for figure in figures(sizes)]


def _judge(figure: Figure, samples: Samples) -> Verdict:
    try:
        return Verdict(figure, figure.measure(samples))
    except NoValue as reason:
        return Verdict(figure, None, str(reason))


def figures(sizes: Sizes) -> list[Figure]:
    """Return every figure, in the order of the report."""
    return [
        *_direct(sizes.direct_tasks),
        *_modules("modules", "", sizes.module_tasks),
        *_modules("ssh", " over SSH", sizes.module_tasks),
        *_namespaces(sizes.namespaces),
        *_many(sizes.namespaces, sizes.many or FULL.many),
        _clusters(sizes.clusters),
        _images(sizes.namespaces, sizes.pods_in_a_namespace),
        *_large(sizes.entries),
    ]


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


def _namespaces(count: int) -> list[Figure]:
    def nothing_to_do(metric: Metric) -> Callable[[Samples], float]:
        return lambda samples: ratio(
            over(samples, "namespaces", NOTHING_TO_DO, KEYRING, metric),
            over(samples, "namespaces", NOTHING_TO_DO, BARE, metric),
        )

    def beside_http(step: str) -> Callable[[Samples], float]:
        return lambda samples: ratio(
            samples.values(Case("namespaces", step, KEYRING), "clock"),
            samples.values(Case("namespaces", step, HTTP), "clock"),
        )

    bare = "over an empty play, compared with the bare action with two LISTs"
    return [
        Figure(f"{count:,} namespaces, nothing to do: time {bare}", 2, "x", nothing_to_do("wall")),
        Figure(f"{count:,} namespaces, nothing to do: CPU {bare}", None, "x", nothing_to_do("cpu")),
        *(
            Figure(f"{count:,} namespaces, {step}: time by clock, compared with raw HTTP", 1.4, "x", beside_http(step))
            for step in (CREATE, CHANGE_ALL)
        ),
    ]


def _many(few: int, many: int) -> list[Figure]:
    def growth(step: str) -> Callable[[Samples], float]:
        def measure(samples: Samples) -> float:
            empty = median(samples.values(Case("namespaces", NOTHING_TO_DO, DEBUG), "cpu"))
            among_few, among_many = (
                [value - empty for value in samples.values(Case(scenario, step, KEYRING), "cpu")]
                for scenario in ("namespaces", "many")
            )
            return ratio(among_many, among_few) / (many / few)

        return measure

    def memory(samples: Samples) -> float:
        return max(_of_all_steps(samples, "memory")) / MIB

    def lines_of_progress(samples: Samples) -> float:
        return min(_of_all_steps(samples, "progress_lines"))

    what = f"{many:,} namespaces"
    return [
        *(
            Figure(f"{what}, {step}: CPU of a namespace, compared with {few:,}", 1.2, "x", growth(step))
            for step in _STEPS
        ),
        Figure(f"{what}: peak memory", 300, "MiB", memory),
        Figure(f"{what}: progress on a terminal", 1, "lines", lines_of_progress, at_least=True),
    ]


_STEPS = (CREATE, NOTHING_TO_DO, CHANGE_ALL)


def _of_all_steps(samples: Samples, metric: Metric) -> list[float]:
    """Return the values of all steps in very many namespaces."""
    return [value for step in _STEPS for value in samples.values(Case("many", step, KEYRING), metric)]


def _clusters(count: int) -> Figure:
    def measure(samples: Samples) -> float:
        ours, bare = (samples.values(Case("clusters", NOTHING_TO_DO, name), "cpu") for name in (KEYRING, BARE))
        return ratio(ours, bare)

    return Figure(f"{count} clusters, nothing to do: CPU of the play, compared with the bare action", 1.3, "x", measure)


def _images(namespaces: int, pods: int) -> Figure:
    return Figure(
        f"`image_access_info` for {namespaces:,} namespaces and {namespaces * pods:,} Pods: CPU over an empty play",
        3,
        "s",
        lambda samples: median(over(samples, "images", ONE_TASK, ACCESS_INFO, "cpu")),
    )


def _large(entries: int) -> list[Figure]:
    def cpu(contender: str) -> Callable[[Samples], float]:
        return lambda samples: median(over(samples, "large", ALL_THREE, contender, "cpu"))

    names = {ACCESS_INFO: "image_access_info", SECRET_INFO: "image_pull_secret_info", KEYRING: "image_pull_secret"}
    what = f"three Secrets with {entries:,} entries each: CPU over an empty play"
    return [Figure(f"`{name}` on {what}", 2, "s", cpu(contender)) for contender, name in names.items()]


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
    """Return the ratio of the medians. Raise NoValue if theirs cannot be distinguished from nothing."""
    if median(theirs) <= 0:
        raise NoValue(LOST_IN_CHANCE)
    return median(ours) / median(theirs)
