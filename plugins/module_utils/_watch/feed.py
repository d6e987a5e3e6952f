# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the event source in the event loop: it turns what the watchers of a cluster report into events."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

from .._secret.globs import EVERY
from .batches import Batches
from .known import KnownNamespaces
from .options import WatchOptions
from .watcher import NamespaceWatcher, News, WatchError, check_configuration, resolve_cluster

_FEED_LOG = logging.getLogger(__name__)


class EventQueue(Protocol):
    """The queue of ansible-rulebook. ``put`` waits until the rulebook can take the event."""

    async def put(self, event: dict[str, Any], /) -> None: ...


class ClusterFeed:
    """The pending namespaces of one cluster, and the events that announce them.

    Its memory is bounded by the number of namespaces: what comes while an event waits for the rulebook is merged into
    the next batch. All methods are for the event loop.
    """

    def __init__(self, name: str, options: WatchOptions) -> None:
        self._name = name
        self._server = ""
        self._known = KnownNamespaces()
        self._batches = Batches(options.settle, options.most_events)
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._error: WatchError | None = None

    def receive(self, server: str, news: News) -> None:
        """Take news of a watcher."""
        if isinstance(news, WatchError):
            self._error = news
        else:
            self._server = server
            difference = self._known.merge(news)
            for namespace in difference.vanished:
                self._batches.withdraw(namespace.name, namespace.uid)
            for namespace in difference.appeared:
                self._batches.add(namespace.name, namespace.uid, self._loop.time())
        self._changed.set()

    async def send(self, queue: EventQueue) -> None:
        """Put an event for each batch into the queue.

        Raises KeyringError when the cluster cannot be watched any longer.
        """
        while True:
            if self._error:
                raise self._error.error
            batch = self._batches.take(self._loop.time())
            if batch is None:
                await self._wait_for_change()
                continue
            _FEED_LOG.info("Cluster %s: announcing %d namespaces", self._name, len(batch.names))
            event = {
                "kind": "namespaces_created",
                "cluster": self._name,
                "server": self._server,
                "namespaces": list(batch.names),
                "more": batch.more,
            }
            await queue.put(event)

    async def _wait_for_change(self) -> None:
        """Wait for news, or until the next batch is due."""
        self._changed.clear()
        due = self._batches.due()
        timeout = None if due is None else max(0.0, due - self._loop.time())
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._changed.wait(), timeout)


async def watch_clusters(queue: EventQueue, options: WatchOptions, environ: Mapping[str, str]) -> None:
    """Put an event for each batch of new namespaces into the queue, until cancelled.

    Threads send requests and run credential plugins, so the event loop never waits for them. Raises KeyringError for a
    configuration that cannot be used, before the first request, and later for a label selector that a server does not
    understand, or a kubeconfig that leads to another server. A server that cannot be reached is only logged.
    """
    alone = len(options.clusters) == 1
    settings = [resolve_cluster(cluster, environ, alone=alone) for cluster in options.clusters]
    checks = [
        asyncio.to_thread(check_configuration, cluster, resolved)
        for cluster, resolved in zip(options.clusters, settings, strict=True)
    ]
    await asyncio.gather(*checks)
    watchers: list[NamespaceWatcher] = []
    feeds: list[ClusterFeed] = []
    chosen = options.selection
    shown = [*chosen.literals, *chosen.globs, *(f"!{each}" for each in chosen.exclusions), *chosen.selectors]
    for cluster, resolved in zip(options.clusters, settings, strict=True):
        _FEED_LOG.info("Cluster %s: selecting %s, collected for %g s", cluster.name, ", ".join(shown), options.settle)
        feed = ClusterFeed(cluster.name, options)
        feeds.append(feed)
        selectors = options.selection.selectors or (EVERY,)
        watchers += [
            NamespaceWatcher(cluster, resolved, options.selection, selector, _report_to(feed)) for selector in selectors
        ]
    senders = [asyncio.create_task(feed.send(queue)) for feed in feeds]
    try:
        for watcher in watchers:
            # A daemon: a plugin or a connection that is just being opened must not hold up the end of the process.
            threading.Thread(target=watcher.run, name="keyring.kubernetes.watch", daemon=True).start()
        await asyncio.gather(*senders)
    finally:
        for watcher in watchers:
            watcher.stop()
        for sender in senders:
            sender.cancel()


def _report_to(feed: ClusterFeed) -> Callable[[str, News], None]:
    """Return the function with which a thread gives news to a feed."""
    loop = asyncio.get_running_loop()

    def report(server: str, news: News) -> None:
        with suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(feed.receive, server, news)

    return report
