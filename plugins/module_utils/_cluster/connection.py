# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way to one API server: TLS, proxies and credentials, ready to send requests."""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.credentials import (
    Certificate,
    Credentials,
    FixedCredentials,
    TokenFile,
    basic,
    bearer,
    find_certificate,
    impersonation_headers,
    known_secrets,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.exec_plugin import ExecPlugin, exec_info
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.patience import Patience
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.proxies import Proxy
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.settings import Settings, Source
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.target import (
    Target,
    find_target,
    proxy_secrets,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.tls import build_tls_context
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, HTTPConnectionPool, PoolManager

# More connections than a task has threads, so that none is thrown away.
_POOL_SIZE = 64


@dataclass
class Connection:
    """The way to one API server; no request was sent when it is new.

    ``server`` is its URL. ``context`` and ``namespace`` are those of the kubeconfig. ``headers`` go with every request.
    ``warnings`` are sentences for the person who runs the task. ``patience`` is how long passing troubles are waited
    out, ``answered`` is set once the server has answered.
    """

    target: Target = field(repr=False)
    source: Source
    credentials: Credentials = field(repr=False)
    patience: Patience
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    warnings: list[str]
    answered: threading.Event = field(default_factory=threading.Event, repr=False)
    _transport: _Transport | None = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def server(self) -> str:
        return str(self.target.server)

    @property
    def context(self) -> str | None:
        return self.target.context

    @property
    def namespace(self) -> str | None:
        return self.target.namespace

    @property
    def proxy(self) -> str | None:
        """Return the URL of the proxy, without user information."""
        return self.target.proxy.origin if self.target.proxy else None

    def describe(self) -> dict[str, str | None]:
        """Return the cluster as results show it."""
        return {"server": self.server, "context": self.context, "source": self.source}

    def authorization(self) -> str | None:
        """Return the header that proves who sends a request, renewed where it has expired."""
        return self.credentials.authorization()

    def secrets(self) -> Collection[str]:
        """Return the secret strings of the credentials that were met so far."""
        return self.credentials.secrets()

    def send(self, method: str, target: str, body: bytes | None, headers: Any) -> BaseHTTPResponse:
        """Send one request for a path below the server's URL, without retries and redirects.

        Raises what urllib3 raises, and KeyringError where the credentials cannot be renewed.
        """
        from urllib3.util import Timeout

        timeout = Timeout(connect=self.patience.to_connect, read=self.patience.to_answer)
        url = f"{self.target.server.prefix}{target}"
        headers["Host"] = self.target.server.location
        return self._current_transport().request(method, url, body, headers, timeout)

    def close(self) -> None:
        """Close all connections."""
        if self._transport:
            self._transport.close()

    def _current_transport(self) -> _Transport:
        """Return the transport; a new one where the client certificate was renewed."""
        certificate = self.credentials.certificate
        with self._lock:
            if self._transport is None or self._transport.certificate != certificate:
                self._transport = _Transport(self.target, certificate)
            return self._transport


class _Transport:
    """Connections to an API server that show one client certificate."""

    def __init__(self, target: Target, certificate: Certificate | None) -> None:
        self.certificate = certificate
        self._server = target.server
        self._keywords: dict[str, Any] = {"maxsize": _POOL_SIZE}
        tls = None
        if target.server.is_encrypted:
            tls = build_tls_context(
                target.authority,
                verify=not target.cluster.insecure_skip_tls_verify,
                label=target.authority_label,
                certificate=certificate,
            )
            self._keywords["ssl_context"] = tls
            if target.cluster.tls_server_name:
                self._keywords["server_hostname"] = target.cluster.tls_server_name
        self._manager: PoolManager | None = None
        self._pool: HTTPConnectionPool
        if target.proxy:
            self._manager = _open_proxy(target.proxy, tls, self._keywords)
            self._pool = self._manager.connection_from_host(
                target.server.bracketed_host, target.server.effective_port, target.server.scheme
            )
        else:
            self._pool = self._open_pool()

    def _open_pool(self) -> HTTPConnectionPool:
        from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

        kind = HTTPSConnectionPool if self._server.is_encrypted else HTTPConnectionPool
        return kind(self._server.bracketed_host, self._server.effective_port, **self._keywords)

    def request(self, method: str, url: str, body: bytes | None, headers: Any, timeout: Any) -> BaseHTTPResponse:
        rules: dict[str, Any] = {"timeout": timeout, "retries": False, "redirect": False}
        if self._manager is not None and not self._server.is_encrypted:
            # A proxy for plain HTTP gets the whole URL; the manager knows which one it is.
            whole = f"{self._server.scheme}://{self._server.location}{url}"
            return self._manager.request(method, whole, body=body, headers=headers, **rules)
        return self._pool.request(method, url, body=body, headers=headers, **rules)

    def close(self) -> None:
        self._pool.close()
        if self._manager is not None:
            self._manager.clear()


def open_connection(
    settings: Settings,
    expect_server: str | None = None,
    files: Mapping[str, bytes] | None = None,
    patience: Patience | None = None,
) -> Connection:
    """Read the configuration, ask a credential plugin where there is one, and prepare TLS. No request is sent.

    ``files`` is the content of files by absolute path, for those that need not be read from the disk. Close the
    connection when the task is done. Raises KeyringError when a Python package is missing, when there is no usable
    configuration, and when the server is not the one that ``expect_server`` asks for.
    """
    require_libraries()
    files = files or {}
    target = find_target(settings, expect_server, files)
    warnings = list(target.warnings)
    credentials = _find_credentials(target, settings, files, warnings)
    headers = tuple(impersonation_headers(target.user))
    connection = Connection(target, settings.source, credentials, patience or Patience(), headers, warnings)
    connection.authorization()
    connection._current_transport()
    return connection


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


def connection_secrets(settings: Settings, connection: Connection | None = None) -> set[str]:
    """Return the secret strings of a connection, which must stay out of every output."""
    secrets = {settings.get("api_key"), settings.get("password")}
    if isinstance(settings.get("kubeconfig"), Mapping):
        secrets |= _secret_leaves(settings.get("kubeconfig").get("users"))
    target = connection.target if connection else None
    secrets |= set(proxy_secrets(settings, target))
    if connection:
        secrets |= {*known_secrets(connection.target.user), *connection.secrets()}
        secrets.add((connection.authorization() or "").partition(" ")[2])
    return {secret for secret in secrets if secret}


def _find_credentials(
    target: Target, settings: Settings, files: Mapping[str, bytes], warnings: list[str]
) -> Credentials:
    """Return the credentials of the target's user, in kubectl's order where there are several."""
    user = target.user
    _check_auth_provider(target)
    certificate = find_certificate(user, files)
    if user.token_file:
        return TokenFile(user, certificate, files, user.token)
    if user.token:
        return FixedCredentials(certificate, bearer(user.token, f"{user.place.path}.token of {user.place.source}"))
    if user.username or user.password:
        return FixedCredentials(certificate, basic(user.username, user.password))
    if user.exec_plugin and not certificate:
        info = exec_info(user.exec_plugin, target)
        return ExecPlugin(user.exec_plugin, user.place, info, settings.environ)
    if user.auth_provider:
        from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.oidc import OidcProvider

        return OidcProvider(user.auth_provider, user.place, certificate, files, warnings.append)
    return FixedCredentials(certificate)


def _check_auth_provider(target: Target) -> None:
    provider = target.user.auth_provider
    if provider is None or provider.name == "oidc":
        return
    place = target.user.place
    plugin = _PLUGINS_INSTEAD.get(provider.name, "a credential plugin (users[].user.exec)")
    raise place.refuse(
        "auth-provider.name",
        f'is "{provider.name}", which kubectl no longer has.',
        "Only oidc is left.",
        f"Let the kubeconfig use {plugin}.",
    )


# What has taken the place of the providers that kubectl removed in version 1.26.
_PLUGINS_INSTEAD = {
    "gcp": "gke-gcloud-auth-plugin (gcloud container clusters get-credentials)",
    "azure": "kubelogin (kubelogin convert-kubeconfig)",
}


def _open_proxy(proxy: Proxy, tls: Any, keywords: Mapping[str, Any]) -> PoolManager:
    if proxy.is_socks:
        # Looked for first: urllib3 prints a warning of its own when it is missing.
        if importlib.util.find_spec("socks") is None:
            raise missing_library("PySocks", f"It is needed for the proxy {proxy.origin}.")
        from urllib3.contrib.socks import SOCKSProxyManager

        # socks5h: as in Go, the proxy resolves the name of the server.
        url = proxy.origin.replace("socks5://", "socks5h://", 1)
        return SOCKSProxyManager(url, username=proxy.username, password=proxy.password, **keywords)
    from urllib3 import ProxyManager, make_headers

    login = None
    if proxy.username is not None:
        login = make_headers(proxy_basic_auth=f"{proxy.username}:{proxy.password or ''}")
    return ProxyManager(proxy.origin, proxy_headers=login, proxy_ssl_context=tls, **keywords)


_SECRET_FIELDS = ("token", "password", "client-key-data", "id-token", "refresh-token", "access-token", "client-secret")


def _secret_leaves(node: Any, secret: bool = False) -> set[str]:
    """Return all strings below the fields of a kubeconfig that hold a secret, also where it is no valid one."""
    if isinstance(node, Mapping):
        return {leaf for key, value in node.items() for leaf in _secret_leaves(value, secret or key in _SECRET_FIELDS)}
    if isinstance(node, list):
        return {leaf for value in node for leaf in _secret_leaves(value, secret)}
    return {node} if secret and isinstance(node, str) else set()
