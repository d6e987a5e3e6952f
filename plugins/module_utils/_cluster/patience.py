# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a task waits for an API server in trouble: exponential pauses with jitter, within a budget."""

from __future__ import annotations

import random
import threading
import time

# Seconds that one request may take with all its repetitions, and that one thread of a task may lose in all.
FOR_ONE = 60.0
IN_ALL = 120.0

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 10.0


class Patience:
    """The budget of one task; each of its threads has ``in_all`` seconds of its own."""

    def __init__(self, for_one: float = FOR_ONE, in_all: float = IN_ALL) -> None:
        self.for_one, self.in_all = for_one, in_all
        self._threads = threading.local()

    def left(self) -> float:
        """The seconds that the current thread may still lose."""
        left: float = getattr(self._threads, "left", self.in_all)
        return left

    def lose(self, seconds: float) -> None:
        self._threads.left = self.left() - seconds


class Attempts:
    """The attempts at one thing, which begin now; the time of those that fail counts as well as the pauses."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._begin = self._mark = time.monotonic()
        self._count = 0

    def pause(self, at_least: float = 0.0) -> bool:
        """Wait before the next attempt. Returns False, without waiting, when the budget does not allow it."""
        longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**self._count)
        seconds = max(at_least, longest * random.uniform(0.5, 1))  # noqa: S311  (spread, not secrecy)
        now = time.monotonic()
        self._patience.lose(now - self._mark)
        self._mark = now
        if now + seconds - self._begin > self._patience.for_one or seconds > self._patience.left():
            return False
        self._count += 1
        time.sleep(seconds)
        return True
