# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was measured: plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Metric = Literal["wall", "cpu", "memory", "clock", "progress_lines"]


class NoValue(Exception):
    """A figure without a value. The text is the reason, which the report shows in place of a verdict."""


NOT_MEASURED = "not measured"
# Where so little is done, in a small run above all, a floor can take less time than an empty play.
LOST_IN_CHANCE = "lost in chance"


@dataclass(frozen=True)
class Case:
    """One thing to measure: a contender in a step of a scenario."""

    scenario: str
    step: str
    contender: str


@dataclass(frozen=True)
class Sample:
    """One measured run.

    ``wall`` and ``cpu`` (user and system, with all children) are seconds. ``memory`` is the peak of the largest process
    in bytes. ``clock`` is the time of the work by the contender's own account, without its start: the tasks for
    Ansible, the requests for raw HTTP. ``progress_lines`` are those that a terminal got.
    """

    wall: float
    cpu: float
    memory: float
    clock: float | None = None
    progress_lines: int = 0


@dataclass
class Samples:
    """All samples by case, in the order of measuring."""

    by_case: dict[Case, list[Sample]] = field(default_factory=dict)

    def add(self, case: Case, sample: Sample) -> None:
        self.by_case.setdefault(case, []).append(sample)

    def values(self, case: Case, metric: Metric) -> list[float]:
        """Return one value a round. Raise NoValue if there is none."""
        found = [getattr(sample, metric) for sample in self.by_case.get(case, ())]
        if not found or None in found:
            raise NoValue(NOT_MEASURED)
        return found

    def scenarios(self) -> list[str]:
        return list(dict.fromkeys(case.scenario for case in self.by_case))
