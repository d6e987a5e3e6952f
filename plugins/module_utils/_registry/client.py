# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to registries and their token services: no retry, no redirect, never longer than until a deadline."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from .._cluster.api import FIELD_MANAGER
from .._cluster.no_answer import find_causes
from .._cluster.transport import require_libraries
from .._errors import KeyringError

if TYPE_CHECKING:
    from urllib3 import PoolManager

# What is read of a body; a token with all around it is shorter.
_LONGEST_BODY = 256 * 1024


@dataclass(frozen=True)
class Trust:
    """Which certificates of registries are accepted: those that the machine trusts, and of ``ca`` (PEM); or all."""

    ca: bytes | None = field(default=None, repr=False)
    validate: bool = True


class NoResponse(Exception):
    """No reply came; the text says why, as the end of a sentence. ``strange`` is whether something else came."""

    def __init__(self, text: str, *, strange: bool = False) -> None:
        super().__init__(text)
        self.strange = strange


class Deadline:
    """The time until which everything has to be done; it begins to run now."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """The seconds that are left. Raises NoAnswer when none are."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise NoResponse(f"no whole answer within {self.seconds:g} seconds")
        return left


# The status, the headers in order, and the beginning of the body.
RawResponse = tuple[int, list[tuple[str, str]], bytes]


class RegistryClient:
    """Sends requests, by the proxies of the environment. Threads may share it; close it when the task is done."""

    def __init__(self, trust: Trust) -> None:
        """Raises KeyringError when the library is missing, or for certificates and proxies that can not be used."""
        require_libraries()
        import urllib3

        proxies = getproxies_environment()
        common: dict[str, Any] = {
            "ssl_context": _tls_context(trust),
            **({} if trust.validate else {"assert_hostname": False}),
        }
        self._direct = urllib3.PoolManager(**common)
        self._by_proxy = {
            scheme: _by_proxy(proxy, common)
            for scheme in ("http", "https")
            if (proxy := proxies.get(scheme) or proxies.get("all"))
        }

    def send(self, method: str, url: str, headers: Mapping[str, str], deadline: Deadline) -> RawResponse:
        """Send one request, as it is. Raises NoAnswer."""
        from http.client import HTTPException

        from urllib3.exceptions import HTTPError
        from urllib3.util import Timeout

        left = deadline.left()
        try:
            response = self._pool(url).request(
                method,
                url,
                headers={"User-Agent": FIELD_MANAGER, **headers},
                timeout=Timeout(connect=left, read=left),
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            try:
                body = response.read(_LONGEST_BODY, decode_content=False)
                return response.status, list(response.headers.items()), body
            finally:
                response.close()  # and not kept: what may still come after it is no answer to another request
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            deadline.left()
            raise _explain(error) from None

    def close(self) -> None:
        for pool in (self._direct, *self._by_proxy.values()):
            pool.clear()

    def _pool(self, url: str) -> PoolManager:
        parts = urlsplit(url)
        if parts.scheme in self._by_proxy and not proxy_bypass(parts.netloc):
            return self._by_proxy[parts.scheme]
        return self._direct


def registry_proxy_secrets() -> set[str]:
    """The passwords of the proxies in the environment, which must stay out of every output."""
    return {unquote(password) for proxy in getproxies_environment().values() if (password := _password(proxy))}


def _password(proxy: str) -> str | None:
    try:
        return urlsplit(proxy).password
    except ValueError:
        return None


def _by_proxy(proxy: str, common: Mapping[str, Any]) -> PoolManager:
    import urllib3
    from urllib3.exceptions import HTTPError

    try:
        address = urllib3.util.parse_url(proxy if "://" in proxy else f"http://{proxy}")
        headers = urllib3.make_headers(proxy_basic_auth=unquote(address.auth)) if address.auth else None
        bare = address._replace(auth=None).url
        return urllib3.ProxyManager(bare, proxy_headers=headers, **common)
    except (HTTPError, ValueError):
        raise KeyringError(
            "A proxy of the environment can not be used to ask registries.",
            "It must be an HTTP proxy.",
            "Write https_proxy like http://proxy.example.com:3128, or name the registries in no_proxy.",
            failure="unreachable",
        ) from None


def _tls_context(trust: Trust) -> ssl.SSLContext:
    from urllib3 import disable_warnings
    from urllib3.exceptions import InsecureRequestWarning
    from urllib3.util.ssl_ import create_urllib3_context

    runtime = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED if trust.validate else ssl.CERT_NONE)
    if not trust.validate:
        disable_warnings(InsecureRequestWarning)  # asked for by verify_validate_certs
    runtime.load_default_certs()
    if trust.ca is not None:
        try:
            runtime.load_verify_locations(cadata=trust.ca.decode("ascii"))
        except (ssl.SSLError, UnicodeDecodeError):
            raise KeyringError(
                "verify_ca_cert has no certificate that can be used.",
                "It must be in PEM.",
                "Give the file of the certificate authority that signed the certificates of the registries.",
                option="verify_ca_cert",
            ) from None
    return runtime


def _explain(error: Exception) -> NoResponse:
    causes = list(find_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return NoResponse(f"its certificate is not accepted ({cause.verify_message})")
    names = [type(cause).__name__ for cause in reversed(causes)]
    if "ProxyError" in names:
        return NoResponse("the proxy does not lead there")
    text = next((_TROUBLES[name] for name in names if name in _TROUBLES), None)
    return NoResponse(text) if text else NoResponse("what it sends is not HTTP", strange=True)


# By the names of the classes, so that urllib3 need not be imported for a table.
_TROUBLES: Mapping[str, str] = {
    "ConnectionRefusedError": "connection refused",
    "gaierror": "its name is not known",
    "LocationParseError": "its name is not known",
    "ConnectTimeoutError": "no connection in time",
    "ReadTimeoutError": "no answer in time",
    "ConnectionResetError": "the connection was reset",
    "BrokenPipeError": "the connection was reset",
    "RemoteDisconnected": "the connection was closed without an answer",
    "SSLError": "TLS failed; a registry that speaks plain HTTP must be named in verify_plain_http",
    "NewConnectionError": "there is no way to it",
    "OSError": "there is no way to it",
}
