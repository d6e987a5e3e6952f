# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be done, and what it took: plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Shape = Literal["one task", "tasks", "loop", "fan-out", "foreign"]
Operation = Literal["create", "no-op", "change one", "check", "change all"]

# In this order one after the other: each finds what the one before it left.
CYCLE: tuple[Operation, ...] = ("create", "no-op", "change one", "check", "change all")

# What of it is left where all of it would take too long.
BRIEF: tuple[Operation, ...] = ("create", "no-op")


@dataclass(frozen=True)
class Scenario:
    """A play of one shape over so many namespaces. ``foreign`` large Secrets of others are around."""

    shape: Shape
    size: int
    operations: tuple[Operation, ...]
    foreign: int = 0

    @property
    def title(self) -> str:
        return {
            "one task": "One task, nothing to do",
            "tasks": f"{self.size} tasks in a play, nothing to do",
            "loop": f"A loop of {self.size}, nothing to do",
            "fan-out": f"{self.size:,} namespaces",
            "foreign": f"{self.size:,} namespaces, among {self.foreign:,} foreign Secrets of 100 KB",
        }[self.shape]

    @property
    def many(self) -> bool:
        """Whether this is one job over many namespaces, which a contender does in its own way."""
        return self.shape in ("fan-out", "foreign")


@dataclass(frozen=True)
class Sample:
    """One measured run.

    ``clock`` is the time that the contender itself says it took, without its start: the tasks for Ansible, the
    requests for raw HTTP. ``requests`` are counted by verb; ``pages`` of them are further pages of a list.
    """

    scenario: Scenario
    operation: Operation
    contender: str
    wall: float
    cpu: float
    memory: int
    clock: float | None
    requests: Mapping[str, int]
    pages: int
