# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers on loopback that answer as no registry should, and note what they are asked."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import socketserver
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from support.control_plane import pki


@dataclass(frozen=True)
class Asked:
    """A request: the method, the target, and the header that proves who asks."""

    method: str
    target: str
    authorization: str | None
    headers: Mapping[str, str] = field(repr=False)


# What to send for a request, all at once or bit by bit.
Behaviour = Callable[[Asked], Iterable[bytes]]


def reply(status: str, *headers: str, body: bytes = b"") -> list[bytes]:
    """A reply of HTTP in one piece."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return ["\r\n".join(lines).encode() + body]


def manifest(_asked: Asked) -> list[bytes]:
    return reply("200 OK", "Content-Type: application/vnd.oci.image.manifest.v1+json")


def asks_basic(then: Behaviour) -> Behaviour:
    """Asks for a password, and goes on when it gets one."""
    return lambda asked: (
        then(asked) if asked.authorization else reply("401 Unauthorized", 'WWW-Authenticate: Basic realm="odd"')
    )


def asks_token(realm: str, token: Behaviour, then: Behaviour = manifest) -> Behaviour:
    """Sends to a token service, and is one itself."""

    def behave(asked: Asked) -> Iterable[bytes]:
        if asked.method == "GET" and not asked.target.startswith("/v2/"):
            return token(asked)
        challenge = f'WWW-Authenticate: Bearer realm="{realm}",service="odd"'
        return then(asked) if asked.authorization else reply("401 Unauthorized", challenge)

    return behave


def quotes(asked: Asked) -> list[bytes]:
    """Refuses, and quotes what it was sent: as it is, decoded, backwards and as a digest."""
    proof = (asked.authorization or "").removeprefix("Basic ")
    password = base64.b64decode(proof).decode(errors="replace").partition(":")[2]
    said = f"{password} {proof} {password[::-1]} {hashlib.sha256(password.encode()).hexdigest()}"
    return reply("401 No", "Content-Type: application/json", body=json.dumps({"details": said}).encode())


def quotes_to_git(asked: Asked) -> list[bytes]:
    """Is in trouble, and quotes what it was sent in lines that git prints, some of which look like git's own."""
    body = quotes(asked)[0].partition(b"\r\n\r\n")[2]
    return reply("500 No", "Content-Type: text/plain", body=body + b"\rfatal: " + body + b"\nfatal: " + body)


def hangs(_asked: Asked) -> Iterator[bytes]:
    time.sleep(30)
    yield b""


def drips(_asked: Asked) -> Iterator[bytes]:
    """Something now and then, so that no time limit of a socket ends it."""
    yield b"HTTP/1.1 200 OK\r\nX-Odd: "
    for _number in range(300):
        time.sleep(0.1)
        yield b"x"


def sends_on(_asked: Asked) -> Iterator[bytes]:
    """A body that does not end."""
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
    for _number in range(100_000):
        yield b"[" * 65536


class OddRegistry(socketserver.ThreadingTCPServer):
    """Serves one request a connection. ``most`` is how many were thought about at the same time."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, behaviour: Behaviour, context: ssl.SSLContext | None = None) -> None:
        self.behaviour, self.context = behaviour, context
        self.asked: list[Asked] = []
        self.most = self._serving = 0
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def location(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def sent(self) -> list[str]:
        """The proofs that it got, in order."""
        return [asked.authorization for asked in self.asked if asked.authorization]

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        with self._lock:
            self._serving += 1
            self.most = max(self.most, self._serving)
        try:
            yield
        finally:
            with self._lock:
                self._serving -= 1

    def handle_error(self, request: object, client_address: object) -> None:
        """The client has gone."""


class _Handler(socketserver.StreamRequestHandler):
    server: OddRegistry

    def setup(self) -> None:
        if self.server.context:
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        method, target, *_version = self.rfile.readline().decode().split()
        headers = {}
        while line := self.rfile.readline().decode().strip():
            name, _colon, value = line.partition(":")
            headers[name.lower()] = value.strip()
        asked = Asked(method, target, headers.get("authorization"), headers)
        self.server.asked.append(asked)
        with self.server.serving():
            answer = self.server.behaviour(asked)
        for part in answer:  # no longer counted: who has the answer may ask again before this thread goes on
            self.request.sendall(part)


@contextlib.contextmanager
def odd_registry(behaviour: Behaviour, *, tls: bool = False) -> Iterator[OddRegistry]:
    """A server with this behaviour for as long as the context lasts. Nobody trusts its certificate."""
    with contextlib.ExitStack() as stack:
        context = None
        if tls:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="keyring-odd-")))
            pki.issue_server(pki.make_authority("odd")).write(directory, "server")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(directory / "server.crt", directory / "server.key")
        server = OddRegistry(behaviour, context)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
            server.server_close()


@contextlib.contextmanager
def quoting_registry() -> Iterator[OddRegistry]:
    """A registry whose token service is its own, and a Git server. Both quote every password that they get."""
    with odd_registry(manifest) as server:
        registry, git = asks_token(f"http://{server.location}/token", quotes), asks_basic(quotes_to_git)
        server.behaviour = lambda asked: git(asked) if "/info/refs" in asked.target else registry(asked)
        yield server


@contextlib.contextmanager
def odd_registries(*behaviours: Behaviour) -> Iterator[list[OddRegistry]]:
    """A server for each behaviour. The order of their addresses is theirs, so that it is that of sorted images."""
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(odd_registry(manifest)) for _behaviour in behaviours]
        servers.sort(key=lambda server: server.location)
        for server, behaviour in zip(servers, behaviours, strict=True):
            server.behaviour = behaviour
        yield servers
