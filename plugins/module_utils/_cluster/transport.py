# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections to one server, perhaps through a proxy. A request is sent once: no retries, no redirects."""

from __future__ import annotations

import importlib.util
import ssl
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from .._dataclasses import dataclass
from .._errors import KeyringError
from .proxies import Proxy
from .server_url import ServerUrl

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, HTTPConnectionPool, PoolManager

# More connections than a task has threads, so that none is closed after a request.
_POOL_SIZE = 64

# Bytes of an answer of the API server: a page of a list with Secrets of half a MiB each, and many of them have more.
MAX_ANSWER = 512 * 1024 * 1024
# Bytes of a body that are read at once.
_PIECE = 1024 * 1024

Headers = Iterable[tuple[str, str]]


class AnswerTooLarge(ValueError):
    """An answer whose body has more bytes than are accepted."""


@dataclass(frozen=True)
class Answer:
    """A whole answer. ``data`` is its body as it was sent: no encoding is asked for."""

    status: int
    headers: Mapping[str, str]
    data: bytes = field(repr=False)


class Transport:
    """Connections to a server.

    ``tls_for`` returns the TLS settings for a host, which is the server or an HTTPS proxy. ``server_name`` takes the
    place of the server's name in TLS. ``seconds`` are those within which each answer must be complete; None stands for
    the timeout of its request.
    """

    def __init__(
        self,
        server: ServerUrl,
        tls_for: Callable[[str], ssl.SSLContext],
        proxy: Proxy | None,
        *,
        server_name: str = "",
        seconds: float | None = None,
    ) -> None:
        self._location = server.location
        self._origin = f"{server.scheme}://{server.location}"
        self._proxy_headers: Headers = ()
        keywords: dict[str, Any] = {"maxsize": _POOL_SIZE}
        if server.is_encrypted:
            keywords["ssl_context"] = tls_for(server_name or server.host)
        if server_name:
            keywords["server_hostname"] = server_name
        self._pool: HTTPConnectionPool
        if proxy is None:
            self._pool = _open_pool(server, keywords)
        else:
            manager = _open_proxy(proxy, tls_for, keywords)
            self._pool = manager.connection_from_host(server.bracketed_host, server.effective_port, server.scheme)
        _limit_answers(self._pool, seconds)
        self._sends_whole_url = proxy is not None and not proxy.is_socks and not server.is_encrypted
        if proxy is not None and self._sends_whole_url:
            self._proxy_headers = tuple(proxy_login(proxy).items())

    def fetch(self, method: str, path: str, body: bytes | None, headers: Headers, timeout: Any, *, most: int) -> Answer:
        """Send one request as ``request`` does, and read the whole answer.

        Raises what urllib3 raises, and AnswerTooLarge for a body of more than ``most`` bytes.
        """
        from urllib3.exceptions import IncompleteRead

        response = self.request(method, path, body, headers, timeout)
        data = bytearray()
        while piece := response.read(min(_PIECE, most + 1), decode_content=False):
            data += piece
            if len(data) > most:
                response.close()
                raise AnswerTooLarge
        announced = response.headers.get("Content-Length", "")
        if announced.isdecimal() and len(data) < int(announced[:20]) and method != "HEAD":
            raise IncompleteRead(len(data), int(announced[:20]) - len(data))  # urllib3 1.26 does not say it
        response.release_conn()
        return Answer(response.status, response.headers, bytes(data))

    def request(self, method: str, path: str, body: bytes | None, headers: Headers, timeout: Any) -> BaseHTTPResponse:
        """Send one request for a path that begins with a slash. A header may be there several times.

        The caller reads the body, and closes the response. Raises what urllib3 raises.
        """
        from urllib3._collections import HTTPHeaderDict

        sent = HTTPHeaderDict()
        for name, value in (("Host", self._location), *headers, *self._proxy_headers):
            sent.add(name, value)
        url = f"{self._origin}{path}" if self._sends_whole_url else path
        rules: dict[str, Any] = {
            "body": body,
            "timeout": timeout,
            "retries": False,
            "redirect": False,
            "assert_same_host": False,
            "preload_content": False,
        }
        # Not request(), where urllib3 1.26 joins repeated headers; without fields this one leaves the URL as it is.
        return self._pool.request_encode_url(method, url, headers=sent, **rules)

    def close(self) -> None:
        """Close the connections that no request uses; the others are closed after their request."""
        self._pool.close()


def _limit_answers(pool: HTTPConnectionPool, seconds: float | None) -> None:
    """Make all connections of a pool end an answer that is not complete in time."""
    from .timed_response import TimedResponse

    of_this_pool: Any = pool
    response = type("PoolResponse", (TimedResponse,), {"seconds": seconds})
    of_this_pool.ConnectionCls = type("PoolConnection", (of_this_pool.ConnectionCls,), {"response_class": response})


def _open_pool(server: ServerUrl, keywords: Mapping[str, Any]) -> HTTPConnectionPool:
    from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

    kind = HTTPSConnectionPool if server.is_encrypted else HTTPConnectionPool
    return kind(server.bracketed_host, server.effective_port, **keywords)


def _open_proxy(proxy: Proxy, tls_for: Callable[[str], ssl.SSLContext], keywords: Mapping[str, Any]) -> PoolManager:
    if proxy.is_socks:
        # Looked for first: urllib3 prints a warning of its own when it is missing.
        if importlib.util.find_spec("socks") is None:
            raise missing_library("PySocks", f"It is needed for the proxy {proxy.origin}.")
        from urllib3.contrib.socks import SOCKSProxyManager

        # socks5h: as in Go, the proxy resolves the name of the server.
        url = proxy.origin.replace("socks5://", "socks5h://", 1)
        password = proxy.password if proxy.username is None else proxy.password or ""
        return SOCKSProxyManager(url, username=proxy.username, password=password, **keywords)
    from urllib3 import ProxyManager

    tls = tls_for(proxy.host) if proxy.scheme == "https" else None
    return ProxyManager(proxy.origin, proxy_headers=proxy_login(proxy), proxy_ssl_context=tls, **keywords)


def proxy_login(proxy: Proxy) -> dict[str, str]:
    """Return the header that a proxy with a user name in its URL gets."""
    from urllib3 import make_headers

    if proxy.username is None:
        return {}
    return dict(make_headers(proxy_basic_auth=f"{proxy.username}:{proxy.password or ''}"))


def require_libraries() -> None:
    """Raise KeyringError when a Python package is missing that every connection needs."""
    for module, package in (("urllib3", "urllib3"), ("yaml", "PyYAML")):
        if importlib.util.find_spec(module) is None:
            raise missing_library(package, "It is needed to send requests.")


def missing_library(package: str, why: str) -> KeyringError:
    """Return the error about a Python package that is missing; it names the interpreter."""
    return KeyringError(
        f"The Python package {package} is missing on the machine that runs this task.",
        f"{why} The task runs with {sys.executable}.",
        f"Install it there: {sys.executable} -m pip install {package}.",
        failure="missing_library",
    )
