# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work on many things at once, on a bounded number of threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def run_all(
    work: Callable[[T], R], items: Sequence[T], concurrency: int, done: Callable[[R], None]
) -> BaseException | None:
    """Call ``work`` on each item, on as many threads, and ``done`` with each outcome, on the thread of the caller.

    When ``work`` raises, nothing new is begun; what was begun comes to its end, and the first exception is returned.
    The threads are daemons and the caller may be interrupted (by a task's ``timeout``): then nothing new is begun
    either.
    """
    todo = iter(items)
    lock, stop = threading.Lock(), threading.Event()
    outcomes: SimpleQueue[R | _End] = SimpleQueue()

    def serve() -> None:
        try:
            while True:
                with lock:
                    item = next(todo, _NOTHING)
                if stop.is_set() or isinstance(item, _Nothing):
                    return outcomes.put(_End(None))
                outcomes.put(work(item))
        except BaseException as error:  # noqa: BLE001  (carried to the caller, who tells it)
            stop.set()
            outcomes.put(_End(error))

    running = min(concurrency, len(items))
    failures: list[BaseException] = []
    try:
        for _number in range(running):
            threading.Thread(target=serve, daemon=True).start()
        while running:
            outcome = outcomes.get()
            if isinstance(outcome, _End):
                running -= 1
                failures += [outcome.failure] if outcome.failure else []
            else:
                done(outcome)
    finally:
        stop.set()
    return next(iter(failures), None)


@dataclass(frozen=True)
class _End:
    """A thread has come to its end."""

    failure: BaseException | None


class _Nothing:
    """No item is left."""


_NOTHING = _Nothing()
