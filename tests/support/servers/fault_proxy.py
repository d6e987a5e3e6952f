# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A proxy on loopback that stands in front of a real API server, and breaks what its rules tell it to break.

    with FaultProxy(server, ca, [Rule(LOST, methods=("POST",), first=1)]) as proxy:
        ...  # clients use proxy.url; afterwards proxy.seen is what they did

Bodies are passed on as a whole: it is of no use for watches, and takes no chunked requests.
"""

from __future__ import annotations

import base64
import contextlib
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from support.cluster import Cluster, Identity
from support.servers.fault_rules import NO_SERVER, Answer, Fault, Rule, Seen

_LINGER_NOT = struct.pack("ii", 1, 0)
_BETWEEN_NEIGHBOURS = frozenset({"connection", "host", "keep-alive", "transfer-encoding"})


class FaultProxy:
    """Serves plain HTTP at ``url`` while the context lasts. ``ca`` is the file or the PEM text for an https server.

    ``authorization`` is the header that the server gets with every request, where the client sends none.
    """

    authorization: str | None = None

    def __init__(self, server: str, ca: Path | str | None, rules: Sequence[Rule] = ()) -> None:
        self.seen: list[Seen] = []
        self._rules = rules
        self._counts = [0] * len(rules)
        self._lock = threading.Lock()
        self._connect = _connector(server, ca)
        self._port = 0
        self._listener: _Listener | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def up(self) -> None:
        """Listen; after `down()` on the same port again."""
        self._listener = _Listener(self._port, self._choose, self.seen.append, self._connect)
        self._listener.show = lambda: self.authorization
        self._port = self._listener.server_port
        threading.Thread(target=self._listener.serve_forever, args=(0.02,), daemon=True).start()

    def down(self) -> None:
        """Refuse connections, and reset those that are open. Does nothing when it is down."""
        listener, self._listener = self._listener, None
        if listener:
            listener.stop()

    def count(self, **fields: object) -> int:
        """How many requests were like that: ``count(method="PUT", fault=None)``."""
        return sum(fields.items() <= seen._asdict().items() for seen in self.seen)

    def __enter__(self) -> FaultProxy:
        self.up()
        return self

    def __exit__(self, *_error: object) -> None:
        self.down()

    def _choose(self, method: str, path: str) -> Fault:
        """Count a request, and say what becomes of it."""
        with self._lock:
            for index, rule in enumerate(self._rules):
                if rule.counts(method, path):
                    self._counts[index] += 1
                    if rule.hits(self._counts[index]):
                        return rule.fault
        return Fault()


def _connector(server: str, ca: Path | str | None) -> Callable[[], HTTPConnection]:
    parts = urlsplit(server)
    assert parts.hostname, server
    if parts.scheme == "http":
        return partial(HTTPConnection, parts.hostname, parts.port)
    file, text = (ca, None) if isinstance(ca, Path) else (None, ca)
    trust = ssl.create_default_context(cafile=file, cadata=text)
    return partial(HTTPSConnection, parts.hostname, parts.port, context=trust)


class _Listener(ThreadingHTTPServer):
    """The listening socket; the open connections of clients, and for each the one to the server."""

    daemon_threads = True

    def __init__(
        self,
        port: int,
        choose: Callable[[str, str], Fault],
        record: Callable[[Seen], None],
        connect: Callable[[], HTTPConnection],
    ) -> None:
        self.choose, self.record, self.connect = choose, record, connect
        self.show: Callable[[], str | None] = lambda: None
        self.open: dict[socket.socket, HTTPConnection] = {}
        self.stopped = threading.Event()
        super().__init__(("127.0.0.1", port), _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        client, address = super().get_request()
        self.open[client] = self.connect()
        return client, address

    def shutdown_request(self, request: Any) -> None:
        """Only close: the shutdown in the base class would send an orderly end before a reset."""
        request.close()
        self.open.pop(request).close()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        for client, upstream in list(self.open.items()):
            for connection in filter(None, (client, upstream.sock)):
                with contextlib.suppress(OSError):  # closed in the meantime
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
                    # Wakes the thread that reads, and sends nothing. Closing would not wake it.
                    socket.socket.shutdown(connection, socket.SHUT_RD)
        self.stopped.set()
        deadline = time.monotonic() + 5
        while self.open and time.monotonic() < deadline:
            time.sleep(0.005)
        assert not self.open, "connections through the proxy do not end"


class _Handler(BaseHTTPRequestHandler):
    """The requests of one client connection, one after the other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Listener

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # the client has gone
            super().handle()

    def serve(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if len(body) < length:  # passed on, the server would wait for the rest
            raise ConnectionAbortedError
        fault = self.server.choose(self.command, self.path)
        try:
            said = self._ask(self.server.open[self.connection], body) if fault.forward else None
        except (OSError, HTTPException):
            said, fault = None, NO_SERVER
        answer = fault.answer or said
        self.server.record(Seen(self.command, self.path, fault.name, answer.status if answer else None))
        stopped = self.server.stopped.wait(fault.wait)
        if answer and fault.sent and not stopped:
            self._send(answer, fault.sent)
        if fault.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        if stopped or fault.sent < 1:
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = serve

    def _ask(self, upstream: HTTPConnection, body: bytes) -> Answer:
        if upstream.sock and select.select([upstream.sock], [], [], 0)[0]:
            upstream.close()  # the server has hung up since the last request; this one connects again
        upstream.putrequest(self.command, self.path, skip_accept_encoding=True)
        for name, value in _end_to_end(self.headers.items()):
            upstream.putheader(name, value)
        authorization = self.server.show()
        if authorization and "Authorization" not in self.headers:
            upstream.putheader("Authorization", authorization)
        upstream.endheaders(body or None)
        said = upstream.getresponse()
        return Answer(said.status, _end_to_end(said.getheaders()), said.read())

    def _send(self, answer: Answer, part: float) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if "content-length" not in {name.lower() for name, _value in answer.headers}:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body[: int(len(answer.body) * part)])

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name in the base class)
        pass


def _end_to_end(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() not in _BETWEEN_NEIGHBOURS]


def in_front_of(cluster: Cluster, identity: Identity, *rules: Rule) -> FaultProxy:
    data = identity.connection["kubeconfig"]["clusters"][0]["cluster"]["certificate-authority-data"]
    return FaultProxy(cluster.server, base64.b64decode(data).decode(), rules)


def through(proxy: FaultProxy, identity: Identity) -> dict[str, Any]:
    """Connection options that lead through the proxy, which shows the identity: over plain HTTP no client does."""
    proxy.authorization = f"Bearer {identity.connection['kubeconfig']['users'][0]['user']['token']}"
    kubeconfig = {
        "clusters": [{"name": "proxy", "cluster": {"server": proxy.url}}],
        "contexts": [{"name": "proxy", "context": {"cluster": "proxy"}}],
        "current-context": "proxy",
    }
    return {"kubeconfig": kubeconfig}
