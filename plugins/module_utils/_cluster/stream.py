# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that are read while they still come, such as those of a watch, and that another thread may end."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .api import FIELD_MANAGER, no_api_server, parse_object, parse_retry_after, read_pages
from .connection import open_transport
from .no_answer import explain_no_answer
from .refused import Refused
from .transport import AnswerTooLarge, Transport

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

    from .connection import Connection

# Bytes that are read at once, if so many are there.
_READ_AT_ONCE = 64 * 1024
# Bytes of a line: etcd keeps no object of more than 1.5 MiB, and JSON may make six of each.
MAX_LINE = 16 * 1024 * 1024


class Stream:
    """A response whose body is still being received."""

    def __init__(self, response: BaseHTTPResponse, transport: Transport) -> None:
        self._response, self._transport = response, transport
        self._lock = threading.Lock()
        self._socket: socket.socket | None = _duplicate_socket(response)

    def lines(self) -> Iterator[bytes]:
        """Yield each line when it is complete, without its newline; what follows the last newline is left out.

        Raises OSError, ValueError and HTTPException as sockets and http.client do, and AnswerTooLarge for a line that
        has more than MAX_LINE bytes.
        """
        pending = bytearray()
        while piece := self._read_piece():
            first, *others = piece.split(b"\n")
            pending += first
            for other in others:
                yield bytes(pending)
                pending = bytearray(other)
            if len(pending) > MAX_LINE:
                raise AnswerTooLarge

    def check(self) -> None:
        """Raise Refused for an answer other than 200, and what ``lines`` raises."""
        if self._response.status == 200:
            return
        data = bytearray()
        while piece := self._read_piece():
            data += piece
            if len(data) > MAX_LINE:
                raise AnswerTooLarge
        retry_after = parse_retry_after(self._response.headers.get("Retry-After"))
        raise Refused(self._response.status, parse_object(bytes(data)), retry_after)

    def interrupt(self) -> None:
        """End the answer from another thread: the one that reads gets its end, or an error, at once."""
        with self._lock:
            if self._socket:
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection, in the thread that reads."""
        with self._lock:
            if self._socket:
                self._socket.close()
                self._socket = None
        self._response.close()
        self._transport.close()

    def _read_piece(self) -> bytes:
        """Return what has come, and wait for it where nothing has; empty at the end.

        The response of http.client is asked: that of urllib3 waits until as many bytes are there as it is asked for.
        """
        body: Any = self._response
        piece: bytes = body._fp.read1(_READ_AT_ONCE)
        return piece


def _duplicate_socket(response: BaseHTTPResponse) -> socket.socket:
    """Return the socket under TLS by a descriptor of its own, which stays this socket when the response is closed."""
    found = socket.socket(fileno=os.dup(response.fileno()))
    # Keepalive probes detect a server that disappeared. A quiet watch would not.
    for level, option, value in _KEEPALIVE:
        with contextlib.suppress(OSError):
            found.setsockopt(level, option, value)
    return found


_KEEPALIVE = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
for _option, _seconds in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
    if hasattr(socket, _option):
        _KEEPALIVE.append((socket.IPPROTO_TCP, getattr(socket, _option), _seconds))


def open_stream(connection: Connection, target: str, accept: str, *, quiet: float, longest: float) -> Stream:
    """Send a GET for a path below the server's URL, and return its answer while it still comes.

    The answer has a connection of its own, and ends with TimeoutError when nothing comes for ``quiet`` seconds, or with
    AnswerTooSlow when it is not complete in ``longest``. The caller closes it. Raises NoAnswer, TimeoutError when not
    even the beginning of an answer comes, and KeyringError where the credentials cannot be renewed.
    """
    from urllib3.exceptions import HTTPError, ReadTimeoutError
    from urllib3.util import Timeout

    timeout = Timeout(connect=connection.retry_budget.to_connect, read=quiet)
    headers = connection.complete_headers((("Accept", accept), ("User-Agent", FIELD_MANAGER)))
    transport = open_transport(connection.target, connection.credentials.certificate, longest)
    try:
        path = f"{connection.target.server.prefix}{target}"
        return Stream(transport.request("GET", path, None, headers, timeout), transport)
    except ReadTimeoutError:
        transport.close()
        raise TimeoutError from None
    except (HTTPError, OSError, ValueError) as error:
        transport.close()
        raise explain_no_answer(connection, error) from None


def list_versioned(
    connection: Connection, path: str, query: Mapping[str, str], accept: str
) -> tuple[list[dict[str, Any]], str]:
    """Return all objects of a list, and the resourceVersion from which a watch sees what came after it.

    Raises what get_json raises.
    """
    pages = read_pages(connection, path, query, accept)
    found: list[dict[str, Any]] = []
    for page in pages:
        found += page.get("items") or ()
    metadata = pages[-1].get("metadata")
    version = metadata.get("resourceVersion") if isinstance(metadata, Mapping) else None
    if not isinstance(version, str) or not version:
        raise no_api_server(connection, "A list has no resourceVersion.")
    return found, version
