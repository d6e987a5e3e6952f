# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source ``watch``, loaded as ansible-rulebook loads it, in an event loop of its own."""

from __future__ import annotations

import asyncio
import runpy
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from support.paths import collections_path
from support.processes import wait_until

Event = dict[str, Any]

SOURCE = collections_path() / "ansible_collections/keyring/kubernetes/extensions/eda/plugins/event_source/watch.py"
# The name of the threads of the source.
THREADS = "keyring.kubernetes.watch"


class RunningSource:
    """The source with its queue, which holds one event, as that of ansible-rulebook does."""

    def __init__(self, arguments: dict[str, Any]) -> None:
        self._arguments = arguments
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="event loop")
        self._queue: asyncio.Queue[Event]
        self._task: Future[None]

    def start(self) -> None:
        main = runpy.run_path(str(SOURCE))["main"]
        self._thread.start()
        self._queue = asyncio.run_coroutine_threadsafe(_new_queue(), self._loop).result()
        self._task = asyncio.run_coroutine_threadsafe(main(self._queue, self._arguments), self._loop)

    def next_event(self, seconds: float = 60) -> Event:
        """Return the next event, as a rulebook takes it. Raises what the source raised, and TimeoutError."""
        taken = asyncio.run_coroutine_threadsafe(asyncio.wait_for(self._queue.get(), seconds), self._loop)
        wait_until(lambda: taken.done() or self._task.done())
        if self._task.done():
            self._task.result()
        return taken.result()

    def names_until(self, wanted: set[str]) -> list[str]:
        """Return the names of the next events, in order, until all of these were among them."""
        found: list[str] = []
        while not wanted <= set(found):
            found += self.next_event()["namespaces"]
        return found

    def holds_event(self) -> bool:
        """Return whether an event waits for a rulebook that is busy."""
        return self._queue.full()

    def call(self, function: Callable[[], object]) -> None:
        """Call a function in the event loop, and return when it has returned."""
        asyncio.run_coroutine_threadsafe(_call(function), self._loop).result(60)

    def wait_for_error(self) -> None:
        """Raise what ended the source."""
        self._task.result(60)

    def stop(self) -> None:
        """Cancel the source, as ansible-rulebook does at its end."""
        if not self._task.done():
            self._task.cancel()
        asyncio.run_coroutine_threadsafe(_settled(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _call(function: Callable[[], object]) -> None:
    function()


async def _new_queue() -> asyncio.Queue[Event]:
    return asyncio.Queue(1)


async def _settled() -> None:
    """Wait for the tasks that were cancelled."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@contextmanager
def running_source(**arguments: Any) -> Iterator[RunningSource]:
    """Run the source; ``settle`` is short, as most tests wait for it."""
    source = RunningSource({"settle": 1, "max_events_per_minute": 60, **arguments})
    source.start()
    try:
        yield source
    finally:
        source.stop()


def source_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == THREADS]
