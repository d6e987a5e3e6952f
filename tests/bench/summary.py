# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Samples condensed to medians."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.contenders import DEBUG, HTTP, KUBECTL
from bench.work import Operation, Sample, Scenario

# What is below it, or below the scatter of the empty play, is not told from nothing.
_FINEST = 0.005


@dataclass(frozen=True)
class Summary:
    """Medians of the runs of one contender; seconds and bytes.

    ``itself`` is the time that the job took over an empty play of the same shape. kubectl is counted whole, as
    nobody runs it empty, and raw HTTP from its first request to its last answer. ``clock`` is the same by
    Ansible's own account: the tasks without what Ansible loads before the first of them. Both are None where no
    empty play was measured.
    """

    runs: int
    wall: float
    fastest: float
    slowest: float
    itself: float | None
    clock: float | None
    cpu: float
    memory: int
    requests: Mapping[str, int]
    pages: int

    @property
    def requested(self) -> int:
        return sum(self.requests.values())


Key = tuple[Scenario, Operation, str]


@dataclass(frozen=True)
class Floor:
    """The empty play of a scenario: medians over all its runs, and the scatter of its time."""

    wall: float
    clock: float
    cpu: float
    memory: float
    scatter: float


class Summaries:
    """All that was measured, by scenario, operation and contender, in the order of measuring."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        runs: dict[Key, list[Sample]] = {}
        floors: dict[Scenario, list[Sample]] = {}
        for sample in samples:
            runs.setdefault((sample.scenario, sample.operation, sample.contender), []).append(sample)
            if sample.contender == DEBUG:
                floors.setdefault(sample.scenario, []).append(sample)
        self.floors = {scenario: _floor(group) for scenario, group in floors.items()}
        self._all = {key: _summarise(group, self.floors.get(key[0])) for key, group in runs.items()}

    def __getitem__(self, key: Key) -> Summary:
        return self._all[key]

    def __contains__(self, key: Key) -> bool:
        return key in self._all

    def scenarios(self) -> list[Scenario]:
        return list(dict.fromkeys(scenario for scenario, _operation, _contender in self._all))

    def rows(self, scenario: Scenario) -> list[tuple[Operation, str, Summary]]:
        """Operation by operation, in each the contenders in their order."""
        rows = [(key[1], key[2], summary) for key, summary in self._all.items() if key[0] == scenario]
        return sorted(rows, key=lambda row: scenario.operations.index(row[0]))

    def over_empty(self, scenario: Scenario, operation: Operation, contender: str) -> float:
        """The time of the job itself. Raises KeyError where that was not measured."""
        itself = self[scenario, operation, contender].itself
        if itself is None:
            raise KeyError(DEBUG)
        return itself

    def itself(self, scenario: Scenario, operation: Operation, contender: str) -> float:
        """The time of the job itself for ratios: not below what can be told from nothing."""
        floor = self.floors.get(scenario)
        return max(self.over_empty(scenario, operation, contender), floor.scatter if floor else 0, _FINEST)

    def by_clock(self, scenario: Scenario, operation: Operation, contender: str) -> float:
        """The same by Ansible's own account; for a contender without Ansible there is no other than `itself()`."""
        clock = self[scenario, operation, contender].clock
        return self.itself(scenario, operation, contender) if clock is None else max(clock, _FINEST)


def _floor(samples: Sequence[Sample]) -> Floor:
    wall = median(sample.wall for sample in samples)
    return Floor(
        wall=wall,
        clock=median(sample.clock or 0 for sample in samples),
        cpu=median(sample.cpu for sample in samples),
        memory=median(sample.memory for sample in samples),
        scatter=median(abs(sample.wall - wall) for sample in samples),
    )


def _summarise(samples: Sequence[Sample], floor: Floor | None) -> Summary:
    first = samples[0]
    walls = [sample.wall for sample in samples]
    clocks = [sample.clock for sample in samples if sample.clock is not None]
    clock = median(clocks) if clocks else None
    itself: float | None = median(walls)
    if first.contender == HTTP:
        itself, clock = clock, None
    elif first.contender not in KUBECTL:
        itself = median(walls) - floor.wall if floor else None
        clock = clock - floor.clock if floor and clock is not None else None
    typical = sorted(samples, key=lambda sample: sum(sample.requests.values()))[len(samples) // 2]
    return Summary(
        runs=len(samples),
        wall=median(walls),
        fastest=min(walls),
        slowest=max(walls),
        itself=itself,
        clock=clock,
        cpu=median(sample.cpu for sample in samples),
        memory=int(median(sample.memory for sample in samples)),
        requests=typical.requests,
        pages=typical.pages,
    )
