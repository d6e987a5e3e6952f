# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server and proxies that record how clients reach an API server.

The recorder stands before a real API server and asks it everything that it is asked, as an administrator: so a client
gets real answers whatever credentials it shows, and the recorder keeps those. Who the real API server takes the client
for, it asks that server itself, with the same headers.
"""

from __future__ import annotations

import base64
import http.client
import json
import re
import socket
import ssl
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from support.control_plane import pki

# Names that no resolver knows; the proxies lead all of them to the recorder.
DOMAIN = "clusters.invalid"
NAMES = (DOMAIN, f"*.{DOMAIN}", "::1")

# What the identity provider behind /issuer gives; it ends in the year 2100.
ID_TOKEN = "eyJhbGciOiJub25lIn0.eyJleHAiOjQxMDI0NDQ4MDB9.bmV3"

# What of a request is about who sends it.
_KEPT = ("authorization", "impersonate-", "x-remote-", "proxy-authorization", "cookie")


@dataclass(frozen=True)
class Request:
    """A request as it arrived. ``headers`` are those about who sends it, in lower case and sorted."""

    scheme: str
    host: str
    method: str
    path: str
    server_name: str | None
    headers: tuple[tuple[str, str], ...]
    certificate: str | None
    identity: str


@dataclass
class Upstream:
    """The real API server behind the recorder; ``client`` is an administrator's certificate."""

    server: str
    authority: bytes
    client: pki.Pair

    def context(self, folder: Path, *, admin: bool) -> ssl.SSLContext:
        context = ssl.create_default_context(cadata=self.authority.decode())
        if admin:
            self.client.write(folder, "admin")
            context.load_cert_chain(folder / "admin.crt", folder / "admin.key")
        return context


class Recorder:
    """Servers with and without TLS on IPv4 and IPv6 loopback, and what they were asked."""

    def __init__(self, upstream: Upstream, authority: pki.Pair, clients: pki.Pair, folder: Path) -> None:
        self.requests: list[Request] = []
        self.proxied: list[str] = []
        self.authority = authority
        self._upstream = upstream.server
        self._as_admin = upstream.context(folder, admin=True)
        self._as_client = upstream.context(folder, admin=False)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        pair = pki.issue_server(authority, *NAMES)
        pair.write(folder, "recorder")
        self.certificate = pair.certificate
        tls.load_cert_chain(folder / "recorder.crt", folder / "recorder.key")
        tls.load_verify_locations(cadata=clients.certificate.decode())
        tls.verify_mode = ssl.CERT_OPTIONAL
        tls.sni_callback = _keep_server_name
        self.tls = tls
        self._listeners = [_Listener(self, family, tls if encrypted else None) for family, encrypted in _SERVERS]
        self.https, self.http, self.https6 = (listener.port for listener in self._listeners)

    def close(self) -> None:
        for listener in self._listeners:
            listener.shutdown()
            listener.server_close()

    def take(self) -> tuple[list[Request], list[str]]:
        """Return the requests and what the proxies were asked since the last call."""
        taken = self.requests, self.proxied
        self.requests, self.proxied = [], []
        return taken

    def ask(self, method: str, path: str, body: bytes) -> tuple[int, bytes, str]:
        """Ask the real API server as an administrator. Path prefixes of the tests are cut off."""
        start = re.search(r"/(apis?|version|openapi)\b", path)
        return self._fetch(method, path[start.start() :] if start else path, body, (), self._as_admin)

    def refresh(self, path: str, authorization: str | None, body: bytes) -> tuple[int, bytes]:
        """Answer as an identity provider that takes the credentials of its client in the form alone."""
        if path.endswith("/.well-known/openid-configuration"):
            token_endpoint = f"https://127.0.0.1:{self.https}/issuer/token"
            return 200, json.dumps({"token_endpoint": token_endpoint}).encode()
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        wanted = {
            "grant_type": "refresh_token",
            "refresh_token": "refresh-1",
            "client_id": "client",
            "client_secret": "cl%ent+secret",
        }
        if authorization or form != wanted:
            return 401, b'{"error": "invalid_client"}'
        token = {"access_token": "a", "token_type": "Bearer", "id_token": ID_TOKEN, "refresh_token": "refresh-2"}
        return 200, json.dumps(token).encode()

    def identify(self, headers: Sequence[tuple[str, str]]) -> str:
        """Return whom the real API server takes a client for that sends these headers."""
        if not headers:
            return "anonymous"
        body = json.dumps({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}).encode()
        path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
        status, answer, _type = self._fetch("POST", path, body, headers, self._as_client)
        if status != 201:
            return f"refused ({status})"
        return json.dumps(json.loads(answer)["status"]["userInfo"], sort_keys=True)

    def _fetch(
        self, method: str, path: str, body: bytes, headers: Sequence[tuple[str, str]], context: ssl.SSLContext
    ) -> tuple[int, bytes, str]:
        place = urlsplit(self._upstream)
        connection = http.client.HTTPSConnection(str(place.hostname), place.port, context=context, timeout=20)
        with closing(connection):
            connection.putrequest(method, path)
            for name, value in (*headers, ("Content-Type", "application/json"), ("Content-Length", str(len(body)))):
                connection.putheader(name, value.encode("latin-1"))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers.get("Content-Type", "")


_SERVERS = ((socket.AF_INET, True), (socket.AF_INET, False), (socket.AF_INET6, True))


def _keep_server_name(connection: Any, name: str | None, _context: ssl.SSLContext) -> None:
    connection.context_name = name.lower() if name else None


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, recorder: Recorder, family: int, tls: ssl.SSLContext | None) -> None:
        self.address_family = family
        self.recorder, self.tls = recorder, tls
        super().__init__(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0), _Handler)
        self.port: int = self.server_address[1]
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that refuse the certificate are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listener

    def setup(self) -> None:
        self.server_name = self.certificate = None
        if self.server.tls:
            self.request.settimeout(20)
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
            self.server_name = getattr(self.request, "context_name", None)
            subject = (self.request.getpeercert() or {}).get("subject", ())
            self.certificate = ",".join(f"{name}={value}" for part in subject for name, value in part) or None
        super().setup()

    def _serve(self) -> None:
        recorder = self.server.recorder
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "://" in self.path:  # as a proxy gets it
            self.path = "/" + self.path.partition("://")[2].partition("/")[2]
        kept = sorted((name.lower(), value) for name, value in self.headers.items() if name.lower().startswith(_KEPT))
        if self.path.startswith("/issuer/"):
            self._answer(*recorder.refresh(self.path, self.headers.get("Authorization"), body), "application/json")
            return
        status, answer, type_ = recorder.ask(self.command, self.path, body)
        if "/secrets" in self.path:
            identity = recorder.identify([pair for pair in kept if pair[0] != "proxy-authorization"])
            recorder.requests.append(
                Request(
                    "https" if self.server.tls else "http",
                    self.headers["Host"],
                    self.command,
                    self.path,
                    self.server_name,
                    tuple(kept),
                    self.certificate,
                    identity,
                )
            )
        self._answer(status, answer, type_)

    def _answer(self, status: int, answer: bytes, type_: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", type_)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = _serve

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name in the base class)
        """Print nothing."""


@contextmanager
def proxy(recorder: Recorder, kind: str, login: str | None = None, host: str = "127.0.0.1") -> Iterator[int]:
    """A proxy of a kind (http, https, socks5) that leads every name to the recorder. Yields its port."""
    listener = socket.create_server((host, 0))
    serve = _serve_socks if kind == "socks5" else _serve_http

    def accept() -> None:
        while True:
            try:
                client, _address = listener.accept()
            except OSError:
                return
            threading.Thread(target=handle, args=(client,), daemon=True).start()

    def handle(client: socket.socket) -> None:
        try:
            client.settimeout(20)
            inner = recorder.tls.wrap_socket(client, server_side=True) if kind == "https" else client
            serve(recorder, inner, kind, login)
        except (OSError, ValueError, IndexError):
            client.close()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


def _serve_http(recorder: Recorder, client: socket.socket, kind: str, login: str | None) -> None:
    head = b""
    while b"\r\n\r\n" not in head:
        head += client.recv(65536)
    lines = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    method, target, _version = lines[0].split(" ")
    shown = next((line.partition(": ")[2] for line in lines if line.lower().startswith("proxy-authorization:")), "")
    place = target if method == "CONNECT" else f"FORWARD {target.partition('://')[2].partition('/')[0]}"
    recorder.proxied.append(f"{kind} {place} {shown}".strip())
    if login is not None and shown != f"Basic {base64.b64encode(login.encode()).decode()}":
        client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        client.close()
        return
    if method == "CONNECT":
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        _join(client, socket.create_connection(("127.0.0.1", recorder.https)))
        return
    server = socket.create_connection(("127.0.0.1", recorder.http))
    server.sendall(head)
    _join(client, server)


def _serve_socks(recorder: Recorder, client: socket.socket, kind: str, login: str | None) -> None:
    _version, count = client.recv(2)
    methods = client.recv(count)
    shown = ""
    if login is not None and 2 in methods:
        client.sendall(b"\x05\x02")
        client.recv(1)
        user = client.recv(client.recv(1)[0])
        password = client.recv(client.recv(1)[0])
        shown = f"{user.decode()}:{password.decode()}"
        client.sendall(b"\x01" + (b"\x00" if shown == login else b"\x01"))
    else:
        client.sendall(b"\x05\x00")
    _version, _command, _reserved, form = client.recv(4)
    host = client.recv(client.recv(1)[0]).decode() if form == 3 else socket.inet_ntoa(client.recv(4))
    (port,) = struct.unpack(">H", client.recv(2))
    recorder.proxied.append(f"{kind} {host}:{port} {shown}".strip())
    client.sendall(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
    _join(client, socket.create_connection(("127.0.0.1", recorder.https)))


def _join(one: socket.socket, other: socket.socket) -> None:
    def pump(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return

    threading.Thread(target=pump, args=(other, one), daemon=True).start()
    pump(one, other)
