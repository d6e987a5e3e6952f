# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to registries and services with tokens: no retry, no redirect, never longer than until a deadline."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import field
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from .._cluster.api import FIELD_MANAGER
from .._cluster.no_answer import CONNECTION_TEXTS, describe_certificate_error, find_causes
from .._cluster.proxies import Proxy, parse_proxy
from .._cluster.server_url import DEFAULT_PORTS, ServerUrl
from .._cluster.tls import Authority, build_tls_context, trust_certificates
from .._cluster.transport import Transport, require_libraries
from .._dataclasses import dataclass
from .._errors import KeyringError

# Bytes of a body that are read; a token with all around it is shorter. What is behind them is not missed.
_LONGEST_BODY = 256 * 1024


@dataclass(frozen=True)
class Trust:
    """The accepted certificates of registries: those that the machine trusts, and of ``ca`` (PEM); or all."""

    ca: bytes | None = field(default=None, repr=False)
    validate: bool = True


class NoResponse(Exception):
    """A request without a response; the text says why, as the end of a sentence.

    ``strange`` is whether something came that is not HTTP. Beside NoAnswer of the API server: here nothing is tried
    again, and a missing response is a result, not an error.
    """

    def __init__(self, text: str, *, strange: bool = False) -> None:
        super().__init__(text)
        self.strange = strange


class Deadline:
    """The time until which everything has to be done; it begins to run now."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left. Raises NoResponse when none are."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise NoResponse(f"no whole answer within {self.seconds:g} seconds")
        return left


# The status, the headers in order, and the beginning of the body.
RawResponse = tuple[int, list[tuple[str, str]], bytes]


class RegistryClient:
    """A sender of requests, by the proxies of the environment. Threads may share it; close it when the task is done."""

    def __init__(self, trust: Trust) -> None:
        """Raise KeyringError if a library is missing, or for certificates and proxies that cannot be used."""
        require_libraries()
        self._trust = trust
        self._authority = _check_authority(trust.ca)
        # Not by proxy_from_environment, which reads the variables as kubectl does: a registry is not the API server.
        # Here all_proxy counts, NO_PROXY has no networks, and a loopback address may be behind a proxy.
        self._proxies: dict[str, Proxy] = {}
        proxies = getproxies_environment()
        for scheme in DEFAULT_PORTS:
            proxy = proxies.get(scheme) or proxies.get("all")
            if proxy:
                self._proxies[scheme] = _parse_proxy(proxy)
        self._transports: dict[tuple[ServerUrl, Proxy | None], Transport] = {}
        self._lock = threading.Lock()

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        deadline: Deadline,
        body: bytes | None = None,
        longest: int = _LONGEST_BODY,
    ) -> RawResponse:
        """Send one request, as it is. At most ``longest`` bytes of the answer are read. Raises NoResponse."""
        from http.client import HTTPException

        from urllib3.exceptions import HTTPError
        from urllib3.util import Timeout

        left = deadline.left()
        server, path = _split_url(url)
        sent = {"User-Agent": FIELD_MANAGER, **headers}
        try:
            response = self._transport(server, self._proxy(url, server)).request(
                method, path, body, sent.items(), Timeout(connect=left, read=left)
            )
            try:
                answer = response.read(longest, decode_content=False)
                return response.status, list(response.headers.items()), answer
            finally:
                response.close()  # and not kept: what may still come after it is no answer to another request
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            deadline.left()
            raise _explain_no_response(error) from None

    def close(self) -> None:
        """Close all connections."""
        for transport in self._transports.values():
            transport.close()

    def _proxy(self, url: str, server: ServerUrl) -> Proxy | None:
        proxy = self._proxies.get(server.scheme)
        if proxy and proxy_bypass(urlsplit(url).netloc):
            return None
        return proxy

    def _transport(self, server: ServerUrl, proxy: Proxy | None) -> Transport:
        def tls_for(host: str) -> ssl.SSLContext:
            if host != server.host:
                # An HTTPS proxy of the environment, for which the options of the verification are not meant.
                return build_tls_context(None, host=host, verify=True)
            return build_tls_context(self._authority, host=host, verify=self._trust.validate, also_machine=True)

        with self._lock:
            if (server, proxy) not in self._transports:
                self._transports[server, proxy] = Transport(server, tls_for, proxy)
            return self._transports[server, proxy]


def registry_proxy_secrets() -> set[str]:
    """Return the passwords of the proxies in the environment, which must stay out of every output."""
    secrets = set()
    for proxy in getproxies_environment().values():
        try:
            password = urlsplit(proxy).password
        except ValueError:
            continue
        if password:
            secrets.add(unquote(password))
    return secrets


def _parse_proxy(text: str) -> Proxy:
    url = text if "://" in text else f"http://{text}"
    try:
        return parse_proxy(url, "A proxy", failure="unreachable", option=None, schemes=("http", "https"))
    except KeyringError:
        raise KeyringError(
            "A proxy of the environment cannot be used.",
            "It must be an HTTP proxy.",
            "Write https_proxy like http://proxy.example.com:3128, or name the servers in no_proxy.",
            failure="unreachable",
        ) from None


def _check_authority(ca: bytes | None) -> Authority | None:
    if ca is None:
        return None
    if not trust_certificates(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ca):
        raise KeyringError(
            "verify_ca_cert has no certificate that can be used.",
            "It must be in PEM.",
            "Give the file of the certificate authority that signed the certificates of the registries.",
            option="verify_ca_cert",
        )
    return Authority(ca, "verify_ca_cert", failure="invalid_option", option="verify_ca_cert")


def _split_url(url: str) -> tuple[ServerUrl, str]:
    """Return the server of a URL, and its path with the query. Raises NoResponse for a server that cannot exist."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NoResponse(CONNECTION_TEXTS["gaierror"]) from None
    if port == DEFAULT_PORTS[parts.scheme]:
        port = None  # as in the header Host of other clients
    path = parts.path or "/"
    if parts.query:
        path = f"{path}?{parts.query}"
    return ServerUrl(parts.scheme, parts.hostname or "", port, ""), path


TLS_FAILED = "TLS failed"

# By the names of the classes, as in CONNECTION_TEXTS.
_RESPONSE_TEXTS: Mapping[str, str] = {
    **CONNECTION_TEXTS,
    "LocationParseError": CONNECTION_TEXTS["gaierror"],
    "ConnectTimeoutError": "no connection in time",
    "ReadTimeoutError": "no answer in time",
    "SSLError": TLS_FAILED,
    "NewConnectionError": "there is no route to it",
    "OSError": "there is no route to it",
}


def _explain_no_response(error: Exception) -> NoResponse:
    causes = list(find_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return NoResponse(describe_certificate_error(cause))
    names = [type(cause).__name__ for cause in reversed(causes)]
    if "ProxyError" in names:
        return NoResponse("the proxy cannot reach it")
    for name in names:
        if name in _RESPONSE_TEXTS:
            return NoResponse(_RESPONSE_TEXTS[name])
    return NoResponse("its answer is not HTTP", strange=True)
