# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Retries against an API server in trouble: exponential pauses with jitter, within a budget."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import field

from .._dataclasses import dataclass

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 10.0


@dataclass(frozen=True)
class RetryBudget:
    """The budget of one task, in seconds.

    ``per_request`` is for one request with all its repetitions, ``total`` for all that each thread of the task spends.
    ``to_connect`` and ``to_answer``: how long a server may take for that; the slowest admission webhook takes 30.
    ``to_complete``: how long an answer may take to its last byte; a large list over a slow line takes minutes.
    """

    per_request: float = 60.0
    total: float = 120.0
    to_connect: float = 10.0
    to_answer: float = 40.0
    to_complete: float = 600.0
    _threads: threading.local = field(default_factory=threading.local, init=False, repr=False, compare=False)

    def left(self) -> float:
        """Return the seconds that the current thread may still spend."""
        left: float = getattr(self._threads, "left", self.total)
        return left

    def spend(self, seconds: float) -> None:
        """Take seconds from the budget of the current thread."""
        self._threads.left = self.left() - seconds


class Backoff:
    """The attempts at one thing, which begin now; the time of those that fail counts as well as the pauses."""

    def __init__(self, retry_budget: RetryBudget) -> None:
        self._budget = retry_budget
        self._begin = self._mark = time.monotonic()
        self._count = 0

    def wait(self, at_least: float = 0.0) -> bool:
        """Wait before the next attempt. Return False, without waiting, if the budget does not allow it."""
        longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**self._count)
        seconds = max(at_least, longest * random.uniform(0.5, 1))  # noqa: S311  (spread, not secrecy)
        now = time.monotonic()
        self._budget.spend(now - self._mark)
        self._mark = now
        if now + seconds - self._begin > self._budget.per_request or seconds > self._budget.left():
            return False
        self._count += 1
        time.sleep(seconds)
        self._mark = time.monotonic()
        self._budget.spend(self._mark - now)  # here: if the next attempt succeeds, this is not called again
        return True
