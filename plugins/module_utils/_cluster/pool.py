# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work on many items at once, on a bounded number of threads."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeVar

WorkItem = TypeVar("WorkItem")
WorkResult = TypeVar("WorkResult")


def run_all(
    work: Callable[[WorkItem], WorkResult],
    items: Sequence[WorkItem],
    concurrency: int,
    done: Callable[[WorkResult], None],
) -> BaseException | None:
    """Call ``work`` on each item, on as many threads, and ``done`` with each outcome, on the thread of the caller.

    When ``work`` raises, nothing new is begun; what was begun comes to its end, and the first exception is returned.
    The threads are daemons and the caller may be interrupted (by a task's ``timeout``): then nothing new is begun
    either.
    """
    todo = iter(items)
    lock, stop, news = threading.Lock(), threading.Event(), threading.Condition()
    outcomes: deque[WorkResult] = deque()  # those that the thread of the caller has not seen
    failures: list[BaseException] = []
    running = min(concurrency, len(items))

    def serve() -> None:
        """Work until nothing is left, or something has failed."""
        nonlocal running
        try:
            while not stop.is_set():
                with lock:
                    item = next(todo, _END)
                if isinstance(item, _End):
                    break
                outcomes.append(work(item))
        except BaseException as error:  # noqa: BLE001  (carried to the caller, who raises it)
            stop.set()
            failures.append(error)
        with news:
            running -= 1
            news.notify()

    try:
        for _number in range(running):
            threading.Thread(target=serve, daemon=True).start()
        with news:
            while running:
                news.wait(_LOOK_INTERVAL)
                _hand_over(outcomes, done)
        _hand_over(outcomes, done)
    finally:
        stop.set()
    return next(iter(failures), None)


def _hand_over(outcomes: deque[WorkResult], done: Callable[[WorkResult], None]) -> None:
    while outcomes:
        done(outcomes.popleft())


class _End:
    """The sign that nothing is left to do."""


_END = _End()

# Seconds between two looks at what is done: waking the caller for each would cost the threads their turn.
_LOOK_INTERVAL = 0.05
