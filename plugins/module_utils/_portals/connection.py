# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way to the API of a portal: its URL, TLS and proxies. No kubeconfig and no K8S_AUTH_* variable counts."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Mapping
from dataclasses import field

from .._cluster.client_certificate import ClientCertificate
from .._cluster.proxies import Proxy, is_direct, is_loopback, parse_proxy, proxy_from_environment
from .._cluster.retries import RetryBudget
from .._cluster.server_url import ServerUrl, parse_server
from .._cluster.tls import Authority, build_tls_context
from .._cluster.transport import MAX_ANSWER, Answer, Headers, Transport, require_libraries
from .._dataclasses import dataclass
from .._errors import KeyringError

# At the end of the URL of SAP AI Core as its documentation has it; service keys lack it.
_VERSION_IN_URL = "/v2"


@dataclass(frozen=True)
class PortalAccess:
    """How a task reaches a portal, parsed from its options.

    ``ca`` are CA certificates as PEM that are trusted in place of those of the machine. ``environ`` has the variables
    of proxies, which count where ``proxy`` is not given.
    """

    ca: bytes | None = field(default=None, repr=False)
    validate_certs: bool = True
    proxy: str | None = field(default=None, repr=False)
    no_proxy: str | None = None
    expect_server: str | None = None
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)


class PortalConnection:
    """Connections to one server of a portal. Close it when the task is done."""

    def __init__(
        self,
        url: ServerUrl,
        access: PortalAccess,
        retry_budget: RetryBudget,
        certificate: ClientCertificate | None = None,
        title: str = "the server",
    ) -> None:
        """Prepare the connections. ``title`` is what messages call the server.

        Raise KeyringError if a library is missing, or for certificates and proxies that cannot be used.
        """
        require_libraries()
        self.retry_budget = retry_budget
        self.answered = threading.Event()
        self.title = title
        self._url = url
        self._proxy = choose_proxy(url, access)
        authority = None
        if access.ca is not None:
            authority = Authority(access.ca, "ca_cert", failure="invalid_option", option="ca_cert")

        def tls_for(host: str) -> ssl.SSLContext:
            shown = certificate if host == url.host else None
            return build_tls_context(authority, host=host, verify=access.validate_certs, certificate=shown)

        self._transport = Transport(url, tls_for, self._proxy, seconds=retry_budget.to_complete)

    @property
    def server(self) -> str:
        """Return the URL of the server, which has no user information."""
        return str(self._url)

    @property
    def proxy(self) -> str | None:
        """Return the URL of the proxy, without user information."""
        return self._proxy.origin if self._proxy else None

    def send(self, method: str, path: str, body: bytes | None, headers: Headers) -> Answer:
        """Send one request for a path below the URL, without retries and redirects.

        Raises what urllib3 raises, and AnswerTooLarge.
        """
        from urllib3.util import Timeout

        timeout = Timeout(connect=self.retry_budget.to_connect, read=self.retry_budget.to_answer)
        return self._transport.fetch(method, f"{self._url.prefix}{path}", body, headers, timeout, most=MAX_ANSWER)

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()


def parse_portal_url(text: str, option: str) -> ServerUrl:
    """Parse the URL of a server that gets credentials; ``option`` is its full name.

    Raises KeyringError for what is not a URL, and for one that is not encrypted, unless it leads to this machine.
    """
    url = parse_server(text, option, failure="invalid_option", option=option, example="https://api.example.com")
    if not url.is_encrypted and not is_loopback(url.host):
        raise KeyringError(
            f"{option} must begin with https://.",
            "The credentials of the account would be sent in clear.",
            "Correct the URL.",
            option=option,
        )
    return url


def check_expected_portal(url: ServerUrl, expected: str | None) -> None:
    """Raise KeyringError if the portal is not the one that ``expect_server`` names.

    It may be written with the path of the URL or without it, and with the version of the API at its end.
    """
    if expected:
        from .._cluster.expected_server import check_expected

        remedy = "Check which account or service key the task uses, or correct expect_server."
        check_expected(url, expected.rstrip("/").removesuffix(_VERSION_IN_URL), remedy)


def choose_proxy(url: ServerUrl, access: PortalAccess) -> Proxy | None:
    """Return the proxy of the options, else that of the environment, or None. Raises KeyringError for a wrong URL."""
    if access.proxy:
        proxy = parse_proxy(access.proxy, "proxy", failure="invalid_option", option="proxy")
        return None if access.no_proxy and is_direct(url, access.no_proxy, loopback=False) else proxy
    environ = dict(access.environ)
    if access.no_proxy is not None:
        environ |= {"NO_PROXY": access.no_proxy, "no_proxy": access.no_proxy}
    return proxy_from_environment(url, environ)
