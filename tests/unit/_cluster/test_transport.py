# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers of any size and speed: read whole within their bounds, and given up beyond them."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping

import pytest
from urllib3.exceptions import HTTPError

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.api import get_json, list_objects
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.connection import open_connection
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.retries import RetryBudget
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.server_url import ServerUrl
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.settings import (
    ConnectionOptions,
    resolve_settings,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.timed_response import AnswerTooSlow
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.transport import (
    MAX_ANSWER,
    AnswerTooLarge,
    Transport,
)
from support.samples.secrets import refusal

MOST = 100_000
SECONDS = 1.0
# A server that drips would go on for longer than this.
PATIENCE = 15.0

HEAD = b"HTTP/1.1 200 OK\r\n"


def sized(body: bytes) -> bytes:
    return HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunked(*chunks: bytes) -> bytes:
    parts = [b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in (*chunks, b"")]
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(parts)


def dripped(begin: bytes, drop: bytes) -> Iterator[bytes]:
    """Something every now and then, sooner than any timeout of a socket."""
    yield begin
    end = time.monotonic() + 2 * PATIENCE
    while time.monotonic() < end:
        time.sleep(0.2)
        yield drop


# What a path is answered, in pieces.
ANSWERS: Mapping[str, Callable[[], Iterable[bytes]]] = {
    "/sized": lambda: [sized(b"x" * MOST)],
    "/chunked": lambda: [chunked(*[b"x" * 1000] * (MOST // 1000))],
    "/empty": lambda: [sized(b"")],
    "/closed": lambda: [HEAD + b"\r\n" + b"x" * MOST, b""],
    "/sized-too-large": lambda: [sized(b"x" * (MOST + 1))],
    "/chunked-too-large": lambda: [chunked(*[b"x" * 1000] * (MOST // 1000 + 1))],
    "/closed-too-large": lambda: [HEAD + b"\r\n" + b"x" * (MOST + 1), b""],
    "/no-end": lambda: [HEAD + b"\r\n", *[b"x" * 65536] * 100, b""],
    "/cut-off": lambda: [sized(b"x" * MOST)[:-10], b""],
    "/dripped-status": lambda: dripped(b"HTTP/1.1 200 ", b"O"),
    "/dripped-header": lambda: dripped(HEAD + b"X-Odd: ", b"x"),
    "/dripped-headers": lambda: dripped(HEAD, b"X-Odd: x\r\n"),
    "/dripped-body": lambda: dripped(HEAD + b"Content-Length: 1000\r\n\r\n", b"x"),
    "/dripped-chunks": lambda: dripped(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "/api/deep": lambda: [sized(b"[" * 200_000)],
    "/api/page": lambda: [sized(json.dumps({"metadata": {"continue": "more"}, "items": []}).encode())],
}


class Server(socketserver.ThreadingTCPServer):
    """Answers by ANSWERS, and counts its connections. An empty piece ends a connection."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.connections = 0


class Handler(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        self.server.connections += 1
        while words := self.rfile.readline().split():
            while self.rfile.readline().strip():
                pass
            for piece in ANSWERS[words[1].decode().partition("?")[0]]():
                try:
                    self.wfile.write(piece)
                except OSError:
                    return
                if not piece:
                    return


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as started:
        threading.Thread(target=started.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield started
        started.shutdown()


def open_transport(server: Server, seconds: float | None = SECONDS) -> Transport:
    url = ServerUrl("http", "127.0.0.1", server.server_address[1], "")
    return Transport(url, lambda _host: pytest.fail("no TLS"), None, seconds=seconds)


def fetch(transport: Transport, path: str, timeout: float = 5.0) -> bytes:
    return transport.fetch("GET", path, None, (), timeout, most=MOST).data


@pytest.mark.parametrize("path", ["/sized", "/chunked", "/closed"])
def test_an_answer_within_the_bounds_is_whole(server: Server, path: str) -> None:
    assert fetch(open_transport(server), path) == b"x" * MOST


def test_a_connection_is_used_again(server: Server) -> None:
    transport = open_transport(server)
    for path in ("/sized", "/chunked", "/empty", "/sized"):
        fetch(transport, path)
    assert server.connections == 1


@pytest.mark.parametrize("path", ["/sized-too-large", "/chunked-too-large", "/closed-too-large", "/no-end"])
def test_a_larger_answer_is_given_up(server: Server, path: str) -> None:
    transport = open_transport(server)
    with pytest.raises(AnswerTooLarge):
        fetch(transport, path)
    assert fetch(transport, "/sized") == b"x" * MOST


def test_an_answer_that_is_cut_off_is_an_error(server: Server) -> None:
    with pytest.raises(HTTPError):
        fetch(open_transport(server), "/cut-off")


@pytest.mark.parametrize("path", sorted(path for path in ANSWERS if path.startswith("/dripped")))
@pytest.mark.parametrize("seconds", [SECONDS, None], ids=["of the transport", "of the request"])
def test_an_answer_that_drips_is_given_up(server: Server, path: str, seconds: float | None) -> None:
    begin = time.monotonic()

    with pytest.raises((HTTPError, AnswerTooSlow)):
        fetch(open_transport(server, seconds), path, timeout=5.0 if seconds else SECONDS)

    assert time.monotonic() - begin < PATIENCE


def connect(server: Server) -> object:
    options = ConnectionOptions(host=f"http://127.0.0.1:{server.server_address[1]}", api_key="t")
    budget = RetryBudget(per_request=0, to_complete=SECONDS)
    return open_connection(resolve_settings(options, {}), retry_budget=budget)


def test_what_is_said_about_it(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = connect(server)
    begin = f"http://127.0.0.1:{server.server_address[1]}"

    assert refusal(get_json, connection, "/dripped-body") == (
        f"Cannot reach the API server {begin}: its answer was not complete within 1 seconds. Run the task again later."
    )
    assert refusal(get_json, connection, "/api/deep") == (
        f"{begin} did not answer like a Kubernetes API server. The answer is not JSON. "
        "Check the server of the connection and any proxy in between."
    )
    monkeypatch.setattr(f"{open_connection.__module__}.MAX_ANSWER", MOST)
    assert refusal(get_json, connection, "/sized-too-large") == (
        f"Cannot reach the API server {begin}: its answer is larger than {MAX_ANSWER // 1024 // 1024} MiB. "
        "Select fewer namespaces, or check any proxy in between."
    )


def test_a_list_without_an_end_is_given_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{list_objects.__module__}.MAX_PAGES", 20)
    assert refusal(list_objects, connect(server), "/api/page", {}).startswith(
        f"http://127.0.0.1:{server.server_address[1]} did not answer like a Kubernetes API server. "
        "A list has more than 20 pages."
    )
