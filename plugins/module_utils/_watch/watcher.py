# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists and watches the namespaces of one cluster until it is stopped, whatever becomes of the API server meanwhile."""

from __future__ import annotations

import http.client
import json
import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias
from urllib.parse import urlencode

from .._cluster.api import JSON, no_api_server
from .._cluster.connection import Connection, connection_secrets, open_connection, open_transport
from .._cluster.credentials import find_certificate
from .._cluster.no_answer import explain_no_answer
from .._cluster.refusal_texts import bad_selector
from .._cluster.refused import Intent, NoAnswer, Refused, explain
from .._cluster.retries import RetryBudget
from .._cluster.selection import Listed, Selection, is_selected
from .._cluster.settings import ConnectionOptions, Settings, resolve_settings
from .._cluster.stream import Stream, list_versioned, open_stream
from .._cluster.target import find_target
from .._cluster.timed_response import AnswerTooSlow
from .._cluster.transport import require_libraries
from .._dataclasses import dataclass
from .._errors import KeyringError
from .._runtime.public_errors import public_message, unexpected_error
from .._runtime.scrub import Scrubber
from .._secret.globs import EVERY
from .known import NamespaceChange, NamespaceList, SeenNamespace, parse_seen, parse_text
from .options import WatchedCluster
from .resume import (
    WORKING_AFTER,
    FailureKind,
    WatchPosition,
    after_event,
    after_failure,
    after_list,
    classify_status,
    deserves_warning,
    seconds_after_short_watch,
    seconds_to_wait,
)

_logger = logging.getLogger(__name__)

_NAMESPACES = "/api/v1/namespaces"
# Metadata is all that is needed. A server that cannot send it alone sends whole namespaces, which are small.
_EVENTS_ACCEPTED = f"application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,{JSON}"
_NAMESPACES_ACCEPTED = f"application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,{JSON}"
# Seconds after which the server ends a watch. Others on the way may end it sooner.
_WATCH_SECONDS = 300
# Seconds without a byte after which a watch counts as lost. The API server sends a bookmark every minute.
_QUIET_SECONDS = 150
# Advice for a task, and what is true of the source, which repeats its requests by itself.
_ADVICE = (
    ("Run the task again; check", "Check"),
    ("Run the task again later.", "The source tries again."),
    ("Run the task again.", "The source tries again."),
    ("the machine that runs this task", "this machine"),
)
_SILENT = f"sent nothing for {_QUIET_SECONDS} seconds, not even a bookmark"
# The watcher itself repeats requests, and can be stopped meanwhile.
_NO_RETRIES = RetryBudget(per_request=0.0, total=0.0)


@dataclass(frozen=True)
class WatchError:
    """An error after which the cluster cannot be watched any longer, with its text as it may be shown."""

    error: KeyringError


News: TypeAlias = "NamespaceList | NamespaceChange | WatchError"


class _Failure(Exception):
    """A request that failed: what it means for the position, and the sentences about it."""

    def __init__(self, kind: FailureKind, error: KeyringError, retry_after: float = 0.0) -> None:
        super().__init__()
        self.kind, self.error, self.retry_after = kind, error, retry_after


def resolve_cluster(cluster: WatchedCluster, environ: Mapping[str, str], *, alone: bool) -> Settings:
    """Return the connection options in force for a cluster. ``alone``: whether it is the only one.

    Raises KeyringError for invalid ones, and for credentials of the environment that several clusters would get.
    """
    try:
        settings = resolve_settings(ConnectionOptions(**cluster.options), environ)
    except KeyringError as error:
        raise _place_error(error, cluster) from None
    for option in ("api_key", "password", "client_key"):
        if option in settings.variables and not alone:
            raise KeyringError(
                f"{settings.label(option)} is set, and clusters has several items.",
                "Each of their servers would get the same credentials.",
                f"Use a kubeconfig file for each cluster, and unset {settings.label(option)}.",
                option=cluster.place,
            )
    return settings


def check_configuration(cluster: WatchedCluster, settings: Settings) -> None:
    """Raise KeyringError for a configuration that cannot be used, or leads to another server than the expected one.

    Only files are read. No credential plugin is run, because it may take minutes, and no request is sent.
    """
    scrubber = Scrubber()
    scrubber.add(*connection_secrets(settings))
    try:
        require_libraries()
        target = find_target(settings, cluster.options.get("expect_server"), {})
        open_transport(target, find_certificate(target.user, {}), _QUIET_SECONDS).close()
    except KeyringError as error:
        raise _place_error(error, cluster, public_message(error, scrubber)) from None


class NamespaceWatcher:
    """A list and a watch of the selected namespaces that match one label selector, in one thread.

    ``report`` gets news in the order in which they happened, in that thread.
    """

    def __init__(
        self,
        cluster: WatchedCluster,
        settings: Settings,
        selection: Selection,
        selector: str,
        report: Callable[[str, News], None],
    ) -> None:
        self._cluster, self._settings, self._report = cluster, settings, report
        self._selection, self._selector = selection, selector
        self._position = WatchPosition()
        self._has_listed = False
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._stream: Stream | None = None
        self._connection: Connection | None = None
        self._server = ""
        self._scrubber = Scrubber()
        self._scrubber.add(*connection_secrets(settings))
        self._said: set[str] = set()
        self._warned: set[str] = set()
        self._heard = time.monotonic()

    def run(self, version: str | None = None) -> None:
        """List and watch until ``stop`` is called, or watch from a resourceVersion on. Never raises."""
        self._position = WatchPosition(version)
        try:
            while not self._stopped.is_set():
                self._advance()
        except KeyringError as error:
            self._report(self._server, WatchError(error))
        except Exception as error:  # noqa: BLE001  (the outermost; the thread would end without a word)
            self._report(self._server, WatchError(unexpected_error(error)))
        finally:
            self._close()

    def stop(self) -> None:
        """Make ``run`` return soon, from any thread; what is read at the moment ends at once."""
        self._stopped.set()
        with self._lock:
            if self._stream:
                self._stream.interrupt()

    def _advance(self) -> None:
        """List, or watch until the watch ends. Wait after a failure."""
        try:
            if self._position.version:
                self._watch(self._position.version)
            else:
                self._position = after_list(self._position, self._list())
        except _Failure as failure:
            self._position = after_failure(self._position, failure.kind)
            if not self._stopped.is_set():
                self._say_failure(failure)
            self._close()  # the next attempt reads the configuration again, and renews the credentials
            self._wait(failure.retry_after)

    def _list(self) -> str:
        """Report all selected namespaces, and return the resourceVersion of the list."""
        self._info("listing namespaces")
        connection = self._connect()
        with self._failures("list", connection):
            query = {} if self._selector == EVERY else {"labelSelector": self._selector}
            items, version = list_versioned(connection, _NAMESPACES, query, _NAMESPACES_ACCEPTED)
            namespaces = tuple(filter(self._is_selected, map(parse_seen, items)))
        self._has_listed = True
        self._heard = time.monotonic()
        self._report(self._server, NamespaceList(self._selector, namespaces))
        return version

    def _watch(self, version: str) -> None:
        """Report changes until the watch ends. Raises _Failure for one that did not work."""
        self._info("watching namespaces from resourceVersion %s", version)
        query = {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "resourceVersion": version,
            "timeoutSeconds": str(_WATCH_SECONDS),
        }
        if self._selector != EVERY:
            query["labelSelector"] = self._selector
        connection = self._connect()
        with self._failures("watch", connection):
            begun = time.monotonic()
            target = f"{_NAMESPACES}?{urlencode(query)}"
            stream = open_stream(connection, target, _EVENTS_ACCEPTED, quiet=_QUIET_SECONDS, longest=2 * _WATCH_SECONDS)
            with self._interruptible(stream):
                stream.check()
                connection.answered.set()
                works = False
                for event in _read_events(stream):
                    seen = self._take(event)
                    self._heard = time.monotonic()
                    if seen != self._position.version or self._heard - begun >= WORKING_AFTER:
                        self._note_success(seen)
                        works = True
        ended = time.monotonic()
        if ended - begun < WORKING_AFTER:
            if not works:
                raise _Failure("ended", _no_changes(self._server, "ended a watch at once"))
            self._stopped.wait(seconds_after_short_watch(random.random()))  # noqa: S311  (spread, not secrecy)
        if ended - self._heard > _QUIET_SECONDS:
            raise _Failure("lost", _no_changes(self._server, _SILENT))
        self._position = after_event(self._position.version or version)
        if not self._stopped.is_set():
            self._info("the watch has ended; resuming it")

    def _note_success(self, version: str) -> None:
        """Take note of a watch that works, and has seen this resourceVersion."""
        self._position = after_event(version)
        if self._said:  # at the level of the failure, so that anyone who has read of it reads of its end
            _logger.warning("%s: The watch works again.", self._title())
            self._said.clear()

    def _take(self, event: Mapping[str, Any]) -> str:
        """Report the change of an event, and return its resourceVersion. Raises Refused for an error."""
        found = event["object"]
        if event["type"] == "ERROR":
            code = found.get("code")
            raise Refused(code if isinstance(code, int) else http.client.INTERNAL_SERVER_ERROR, found)
        if event["type"] in ("ADDED", "MODIFIED", "DELETED"):
            namespace = parse_seen(found)
            if self._is_selected(namespace):
                removed = event["type"] == "DELETED"
                self._report(self._server, NamespaceChange(self._selector, namespace, removed))
                _logger.debug("%s: %s %s", self._title(), event["type"], namespace.name)
        return parse_text(found["metadata"]["resourceVersion"])

    def _is_selected(self, namespace: SeenNamespace) -> bool:
        """Return whether the selection has a namespace that the label selector matches."""
        return is_selected(self._selection, Listed(namespace.name, selectors=frozenset((self._selector,))))

    def _connect(self) -> Connection:
        """Return the connection, opened again after a failure.

        Raises _Failure if it cannot be used at the moment, and KeyringError if it leads to another server.
        """
        if self._connection is None:
            try:
                self._connection = self._open()
            except KeyringError as error:
                if error.failure == "unexpected_server":
                    raise _place_error(error, self._cluster, public_message(error, self._scrubber)) from None
                raise _Failure("lost", error) from None
        return self._connection

    def _open(self) -> Connection:
        """Read the configuration, and return the connection. Raises KeyringError if it leads to another server."""
        options = self._cluster.options
        connection = open_connection(self._settings, options.get("expect_server"), retry_budget=_NO_RETRIES)
        self._scrubber = Scrubber()  # not one that grows with each token that was renewed
        self._scrubber.add(*connection_secrets(self._settings, connection))
        for warning in connection.warnings:
            if warning not in self._warned:
                self._warned.add(warning)
                _logger.warning("%s: %s", self._title(), self._scrubber.clean(warning))
        if self._server and connection.server != self._server:
            connection.close()
            raise KeyringError(
                f"The connection leads to {connection.server} now, and led to {self._server} before.",
                "Nothing was sent.",
                "Restart the rulebook to watch another server.",
                failure="unexpected_server",
            )
        self._server = connection.server
        return connection

    @contextmanager
    def _failures(self, verb: str, connection: Connection) -> Iterator[None]:
        """Raise _Failure for a request inside the block that fails, and KeyringError for an invalid selector.

        A selector that the server understood once is never invalid.
        """
        try:
            yield
        except Refused as refused:
            if refused.is_bad_request and verb == "list" and self._selector != EVERY and not self._has_listed:
                invalid = bad_selector(self._selector, refused, "namespace_selectors")
                raise KeyringError(public_message(invalid, self._scrubber), option=invalid.option) from None
            kind = classify_status(refused.status)
            if kind == "expired":
                raise _Failure(
                    kind, _no_changes(self._server, "no longer has the changes since the last one")
                ) from None
            error = explain(refused, Intent(verb, "namespaces", "namespaces", None), connection)
            raise _Failure(kind, error, refused.retry_after) from None
        except KeyringError as error:
            raise _Failure("lost", error) from None
        except NoAnswer as no_answer:
            raise _Failure("lost", no_answer.error) from None
        except TimeoutError:
            raise _Failure("lost", _no_changes(self._server, _SILENT)) from None
        except (OSError, http.client.HTTPException) as error:
            raise _Failure("lost", explain_no_answer(connection, error).error) from None
        except (KeyError, TypeError, ValueError):
            raise _Failure("lost", no_api_server(connection, "")) from None
        except Exception as error:  # noqa: BLE001  (a bug must not end the watch of the other clusters)
            raise _Failure("lost", unexpected_error(error)) from None

    @contextmanager
    def _interruptible(self, stream: Stream) -> Iterator[None]:
        """Let ``stop`` end a stream inside the block, and close it after the block."""
        with self._lock:
            self._stream = stream
            if self._stopped.is_set():
                stream.interrupt()
        try:
            yield
        finally:
            with self._lock:
                self._stream = None
            stream.close()

    def _close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _wait(self, at_least: float) -> None:
        seconds = seconds_to_wait(self._position, random.random(), at_least)  # noqa: S311  (spread, not secrecy)
        if not self._stopped.is_set():
            self._info("waiting %.1f seconds before attempt %d", seconds, self._position.failures + 1)
            self._stopped.wait(seconds)

    def _say_failure(self, failure: _Failure) -> None:
        """Log a failure: as a warning, unless it is expected, or was a warning since the watch last worked."""
        if self._connection:
            self._scrubber.add(*self._connection.secrets())  # those that were renewed meanwhile
        text = _address_source(public_message(failure.error, self._scrubber))
        if text in self._said or not deserves_warning(self._position, failure.kind):
            self._info("%s", text)
            return
        _logger.warning("%s: %s", self._title(), text)
        self._said.add(text)

    def _info(self, text: str, *values: object) -> None:
        _logger.info(f"%s: {text}", self._title(), *values)

    def _title(self) -> str:
        name = self._cluster.name
        return f"Cluster {name}" if self._selector == EVERY else f"Cluster {name}, selector {self._selector}"


def _read_events(stream: Stream) -> Iterator[Mapping[str, Any]]:
    """Yield the events of a watch until it ends. A connection that fails between two events is an end, too.

    Raises TimeoutError if nothing comes, and ValueError for what is not a watch.
    """
    lines = stream.lines()
    while True:
        try:
            line = next(lines, None)
        except TimeoutError as error:
            if isinstance(error, AnswerTooSlow):  # it still works, and the server has not ended it
                return
            raise
        except (OSError, http.client.HTTPException):
            return
        if line is None:
            return
        if line.strip():
            yield json.loads(line)


def _address_source(text: str) -> str:
    """Return a message to the user of a task as one to the user of the source."""
    for advice, ours in _ADVICE:
        text = text.replace(advice, ours)
    return text


def _no_changes(server: str, what: str) -> KeyringError:
    """Return the error about a server that sends no changes."""
    return KeyringError(f"{server} {what}.", "", "Check any proxy in between.", failure="unreachable")


def _place_error(error: KeyringError, cluster: WatchedCluster, text: str | None = None) -> KeyringError:
    """Return an error about the connection of a cluster that names the item of clusters and the option."""
    option = f"{cluster.place}.{error.option}" if error.option else cluster.place
    return KeyringError(f"{option}: {_address_source(text or str(error))}", failure=error.failure, option=option)
