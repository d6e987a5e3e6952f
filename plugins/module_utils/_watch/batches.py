# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Batches of new namespaces: what one event carries, and when it may go out. Times are seconds of one clock. Pure."""

from __future__ import annotations

from collections import deque

from .._dataclasses import dataclass

_MINUTE = 60.0


@dataclass(frozen=True)
class Batch:
    """The sorted names of one event. ``more`` is true if the limit of events in a minute delayed it."""

    names: tuple[str, ...]
    more: bool = False


class Batches:
    """The namespaces of one cluster that are waiting to be announced.

    A batch begins with its first namespace and is due ``settle`` seconds later. When ``most`` batches were taken within
    a minute, the next one waits until the minute is over, and takes everything that came meanwhile.
    """

    def __init__(self, settle: float, most: int) -> None:
        self._settle, self._most = settle, most
        self._begun = 0.0
        self._pending: dict[str, str] = {}  # the uid of each name
        self._taken: deque[float] = deque(maxlen=most)

    def add(self, name: str, uid: str, now: float) -> None:
        """Add a namespace. A name that waits already, of a namespace that was recreated, is announced once."""
        if not self._pending:
            self._begun = now
        self._pending[name] = uid

    def withdraw(self, name: str, uid: str) -> None:
        """Remove a namespace that no longer exists, unless another one has its name."""
        if self._pending.get(name) == uid:
            del self._pending[name]

    def due(self) -> float | None:
        """Return the time at which the next batch may go out, or None when nothing waits."""
        return max(self._begun + self._settle, self._allowed()) if self._pending else None

    def take(self, now: float) -> Batch | None:
        """Return the batch that is due, and None before. The next one begins with the next namespace."""
        due = self.due()
        if due is None or now < due:
            return None
        batch = Batch(tuple(sorted(self._pending)), more=self._allowed() > self._begun + self._settle)
        self._pending.clear()
        self._taken.append(now)
        return batch

    def _allowed(self) -> float:
        """Return the time from which the limit of a minute allows another batch."""
        return self._taken[0] + _MINUTE if len(self._taken) == self._most else 0.0
