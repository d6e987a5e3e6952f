# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers from which no node can pull, each for a reason of its own."""

from __future__ import annotations

import socket
import ssl
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from support.control_plane import pki
from support.node.hosts import serve_at
from support.node.node import Node
from support.servers.odd_registry import Behaviour, asks_basic, asks_token, manifest, odd_registry, reply
from support.servers.registries import registry

_OLD_FORMAT = "Content-Type: application/vnd.docker.distribution.manifest.v1+prettyjws"
_PAGE = ("200 OK", "Content-Type: text/html")

# What each server answers. One whose name begins with "token" is a token service, which its registry sends to.
_BEHAVIOURS: Mapping[str, Behaviour] = {
    "forbidden": asks_basic(lambda _asked: reply("403 Forbidden")),
    "limited": lambda _asked: reply("429 Too Many Requests"),
    "token-limited": lambda _asked: reply("429 Too Many Requests"),
    "error-500": lambda _asked: reply("500 Internal Server Error"),
    "error-520": lambda _asked: reply("520 Origin Error"),
    "token-error": lambda _asked: reply("503 Service Unavailable"),
    "proxy": lambda _asked: reply("407 Proxy Authentication Required"),
    "teapot": lambda _asked: reply("418 I'm a teapot"),
    "page": lambda _asked: reply(*_PAGE, body=b"<html>Log in</html>"),
    "token-page": lambda _asked: reply(*_PAGE, body=b"<html>Log in</html>"),
    "redirect": lambda _asked: reply("302 Found", "Location: /login"),
    "old-format": lambda _asked: reply("200 OK", _OLD_FORMAT, body=b"{}"),
    "silent": lambda _asked: [],
    "greeting": lambda _asked: [b"220 mail.example.com\r\n"],
}
# Other token services.
_REALMS: Mapping[str, str] = {
    "token-closed": "http://127.0.0.1:9/token",
    "token-unknown": "http://auth.invalid/token",
}


def start_failing_servers(stack: ExitStack, node: Node) -> dict[str, str]:
    """Start the servers until the stack is closed, and return their locations by name."""
    places: dict[str, str] = {}
    for name, behaviour in _BEHAVIOURS.items():
        places[name] = stack.enter_context(odd_registry(behaviour)).location
        if name.startswith("token"):
            realm = f"http://{places[name]}/token"
            places[name] = stack.enter_context(odd_registry(asks_token(realm, behaviour))).location
    for name, realm in _REALMS.items():
        places[name] = stack.enter_context(odd_registry(asks_token(realm, manifest))).location
    for place in places.values():
        serve_at(node, place, f"http://{place}")
    return {**places, **_start_tls_servers(stack, node), "closed": _find_closed(stack)}


def _start_tls_servers(stack: ExitStack, node: Node) -> dict[str, str]:
    """Start servers whose certificate, or lack of one, keeps the node away."""
    authority, other = pki.make_authority("registry"), pki.make_authority("other")
    certificates = {
        "authority": pki.issue_server(other),
        "expired": pki.issue_client(authority, "expired", valid_for=-timedelta(days=1)),
        "host-name": pki.issue_client(authority, "no host"),
    }
    places: dict[str, str] = {}
    for name, certificate in certificates.items():
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="keyring-tls-")))
        certificate.write(directory, "server")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(directory / "server.crt", directory / "server.key")
        server = stack.enter_context(odd_registry(manifest))
        server.context = context
        places[name] = server.location
    places["plain-http"] = stack.enter_context(registry({})).location
    for place in places.values():
        serve_at(node, place, f"https://{place}", authority.certificate)
    return places


def _find_closed(stack: ExitStack) -> str:
    """Return a port that no server listens on, and that no other program gets in the meantime."""
    holder = stack.enter_context(socket.socket())
    holder.bind(("127.0.0.1", 0))
    return f"127.0.0.1:{holder.getsockname()[1]}"
