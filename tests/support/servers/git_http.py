# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Git server on loopback that asks for a password: Git's own http-backend behind a small server in this process."""

from __future__ import annotations

import base64
import contextlib
import io
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import parse_headers
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from support.control_plane import pki
from support.git_world import git_environment, make_repository


@dataclass(frozen=True)
class HttpGitServer:
    """Where it is and whom it lets in. ``ca`` is the certificate to trust, in PEM; None for plain http."""

    url: str
    host: str
    port: int
    username: str
    password: str = field(repr=False)
    ca: bytes | None = field(repr=False)


@contextlib.contextmanager
def http_git_server(
    username: str = "robot", password: str = "p@ss:w/ör d%", *, tls: bool = True
) -> Iterator[HttpGitServer]:
    """A server with one repository for as long as the context lasts."""
    with tempfile.TemporaryDirectory(prefix="keyring-git-") as name:
        directory = Path(name)
        repository = make_repository(directory)
        listener = _Listener(directory, username, password)
        authority = pki.make_authority("git-server") if tls else None
        if authority:
            listener.socket = _context(authority, directory).wrap_socket(
                listener.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield HttpGitServer(
                url=f"{'https' if tls else 'http'}://127.0.0.1:{listener.server_port}/{repository.name}",
                host="127.0.0.1",
                port=listener.server_port,
                username=username,
                password=password,
                ca=authority.certificate if authority else None,
            )
        finally:
            listener.shutdown()
            listener.server_close()


def _context(authority: pki.Pair, directory: Path) -> ssl.SSLContext:
    pki.issue_server(authority).write(directory, "server")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "server.crt", directory / "server.key")
    return context


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, directory: Path, username: str, password: str) -> None:
        self.directory, self.username = directory, username
        self.authorization = f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    """The requests of one connection. Those with the right password are passed on as CGI has it (RFC 3875)."""

    protocol_version = "HTTP/1.1"
    server: _Listener

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError, ssl.SSLError):  # the client has gone, or does not trust us
            super().handle()

    def serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Authorization") == self.server.authorization:
            self._send(*self._ask(body))
        else:
            self._send(401, {"WWW-Authenticate": 'Basic realm="git"'}, b"")

    do_GET = do_POST = serve

    def _ask(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        path, _mark, query = self.path.partition("?")
        environment = git_environment(
            GIT_PROJECT_ROOT=str(self.server.directory),
            GIT_HTTP_EXPORT_ALL="1",
            GIT_PROTOCOL=self.headers.get("Git-Protocol", ""),
            GATEWAY_INTERFACE="CGI/1.1",
            REQUEST_METHOD=self.command,
            PATH_INFO=unquote(path),
            QUERY_STRING=query,
            REMOTE_USER=self.server.username,
            REMOTE_ADDR=self.client_address[0],
            CONTENT_TYPE=self.headers.get("Content-Type", ""),
            CONTENT_LENGTH=str(len(body)),
            HTTP_CONTENT_ENCODING=self.headers.get("Content-Encoding", ""),
        )
        said = subprocess.run(["git", "http-backend"], env=environment, input=body, capture_output=True, check=True)
        answer = io.BytesIO(said.stdout)
        headers = dict(parse_headers(answer).items())
        return int(headers.pop("Status", "200 OK").split()[0]), headers, answer.read()

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name in the base class)
        pass
