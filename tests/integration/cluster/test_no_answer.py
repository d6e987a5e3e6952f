# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said when a request gets no answer: by servers and proxies on loopback that misbehave."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.connection import open_connection
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.retries import RetryBudget
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.secrets import read_secret
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.settings import (
    ConnectionOptions,
    resolve_settings,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError

IMPATIENT = RetryBudget(per_request=0.5, total=0.5, to_connect=10, to_answer=10)
SERVER = "https://api.invalid:6443"

Serve = Callable[[bytes], int]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Makes servers that give everyone one answer and close; returns the port of each."""
    listeners: list[socket.socket] = []

    def start(answer: bytes) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def run() -> None:
            while True:
                try:
                    client, _address = listener.accept()
                    with client:
                        client.recv(65536)
                        client.sendall(answer)
                except OSError:
                    return

        threading.Thread(target=run, daemon=True).start()
        port: int = listener.getsockname()[1]
        return port

    yield start
    for listener in listeners:
        listener.close()


def status(code: int, body: bytes = b"") -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (code, len(body), body)


# What the server or the proxy answers, the scheme of its URL, and the message.
PROXIES: Mapping[str, tuple[bytes | None, str, str, str]] = {
    "nobody listens": (
        None,
        "http",
        "unreachable",
        rf"Cannot reach the proxy http://127\.0\.0\.1:\d+, which leads to the API server {SERVER}: connection ref",
    ),
    "a password is asked for": (
        status(407, b"hidden"),
        "http",
        "unreachable",
        r"Cannot reach the proxy .*: it asks for a user name and a password \(407\)\. Write them into its URL",
    ),
    "another status": (
        status(503, b"hidden"),
        "http",
        "unreachable",
        r"Cannot reach the proxy .*: it answers 503\. Check what the proxy allows, and whether it can reach the server",
    ),
    "no TLS": (
        status(400),
        "https",
        "tls_failed",
        r"Cannot reach the proxy https://.*: it does not speak TLS\. Check the port",
    ),
    "no SOCKS": (
        status(400),
        "socks5",
        "unreachable",
        r"Cannot reach the proxy socks5://.*: it does not speak SOCKS 5\. Check the scheme and the port of the proxy",
    ),
    "SOCKS without a way in": (
        b"\x05\xff",
        "socks5",
        "unreachable",
        r"Cannot reach the proxy socks5://.*: it does not accept the user name and the password\.",
    ),
    "a server behind it without TLS": (
        status(200, b"hidden"),
        "http",
        "tls_failed",
        rf"Cannot reach the API server {SERVER} through the proxy http://127\.0\.0\.1:\d+: (TLS failed|it does not)",
    ),
}
SERVERS: Mapping[str, tuple[bytes | None, str, str, str]] = {
    "nobody listens": (
        None,
        "https",
        "unreachable",
        r"Cannot reach the API server https://127\.0\.0\.1:\d+: connection refused\. Check the server",
    ),
    "no TLS": (
        status(400, b"hidden"),
        "https",
        "tls_failed",
        r"Cannot reach the API server https://.*: it does not speak TLS\. Check the port",
    ),
    "TLS": (
        status(400, b"Client sent an HTTP request to an HTTPS server."),
        "http",
        "unreachable",
        r"Cannot read Secret web/registry: http://.* does not understand the request \(400\)\. A server that expects",
    ),
    "no API": (
        status(200, b"<html>hidden</html>"),
        "http",
        "unreachable",
        r"http://127\.0\.0\.1:\d+ did not answer like a Kubernetes API server\. The answer is not JSON\.",
    ),
    "a closed connection": (
        b"",
        "http",
        "unreachable",
        r"Cannot reach the API server http://.*: the connection was closed without an answer\.",
    ),
}


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def ask(options: Mapping[str, Any]) -> KeyringError:
    connection = open_connection(resolve_settings(ConnectionOptions(**options), {}), retry_budget=IMPATIENT)
    with closing(connection), pytest.raises(KeyringError) as caught:
        read_secret(connection, "web", "registry")
    return caught.value


@pytest.mark.parametrize("name", PROXIES)
def test_a_proxy_that_does_not_lead_on(serve: Serve, name: str) -> None:
    answer, scheme, failure, message = PROXIES[name]
    port = closed_port() if answer is None else serve(answer)

    error = ask({"host": SERVER, "api_key": "t", "proxy": f"{scheme}://ada:hidden@127.0.0.1:{port}"})

    assert re.match(message, str(error)), str(error)
    assert error.failure == failure
    assert "hidden" not in str(error)


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_that_does_not_answer(serve: Serve, name: str) -> None:
    answer, scheme, failure, message = SERVERS[name]
    port = closed_port() if answer is None else serve(answer)

    error = ask({"host": f"{scheme}://127.0.0.1:{port}", "api_key": "t"})

    assert re.match(message, str(error)), str(error)
    assert error.failure == failure
    assert "hidden" not in str(error)
