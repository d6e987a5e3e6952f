# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way to one API server: TLS, proxies and credentials, ready to send requests."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from .client_certificate import ClientCertificate
from .credentials import (
    Credentials,
    FixedCredentials,
    TokenFile,
    basic,
    bearer,
    find_certificate,
    impersonation_headers,
    known_secrets,
)
from .retries import RetryBudget
from .settings import Settings, Source
from .target import Target, find_target, proxy_secrets
from .tls import build_tls_context
from .transport import MAX_ANSWER, Answer, Headers, Transport, require_libraries


@dataclass
class Connection:
    """The way to one API server; no request was sent when it is new.

    ``server`` is its URL. ``context`` and ``namespace`` are those of the kubeconfig. ``headers`` go with every request.
    ``warnings`` are sentences for the person who runs the task. ``retry_budget`` limits how long the connection waits
    for a server in trouble. ``answered`` is set once the server has answered.
    """

    target: Target = field(repr=False)
    source: Source
    credentials: Credentials = field(repr=False)
    retry_budget: RetryBudget
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    warnings: list[str]
    answered: threading.Event = field(default_factory=threading.Event, repr=False)
    _transport: Transport | None = field(default=None, repr=False)
    _certificate: ClientCertificate | None = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def title(self) -> str:
        """Return what messages call the server."""
        return "the API server"

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

    def send(self, method: str, target: str, body: bytes | None, headers: Headers) -> Answer:
        """Send one request for a path below the server's URL, without retries and redirects.

        Raises what urllib3 raises, AnswerTooLarge, and KeyringError where the credentials cannot be renewed.
        """
        from urllib3.util import Timeout

        timeout = Timeout(connect=self.retry_budget.to_connect, read=self.retry_budget.to_answer)
        transport = self._current_transport()
        sent = self.complete_headers(headers)
        path = f"{self.target.server.prefix}{target}"
        return transport.fetch(method, path, body, sent, timeout, most=MAX_ANSWER)

    def close(self) -> None:
        """Close all connections."""
        if self._transport:
            self._transport.close()

    def complete_headers(self, headers: Headers) -> list[tuple[str, str]]:
        """Return the headers of a request with those of the connection and the credentials as they are now."""
        authorization = self.authorization()
        sent = [*headers, *self.headers]
        if authorization:
            sent.append(("Authorization", authorization))
        return sent

    def _current_transport(self) -> Transport:
        """Return the transport; a new one where the client certificate was renewed."""
        certificate = self.credentials.certificate
        with self._lock:
            if self._transport is None or self._certificate != certificate:
                self.close()
                self._transport = open_transport(self.target, certificate, self.retry_budget.to_complete)
                self._certificate = certificate
            return self._transport


def open_transport(target: Target, certificate: ClientCertificate | None, seconds: float) -> Transport:
    """Return connections to a target that show a client certificate, for answers that are complete in ``seconds``.

    Raises KeyringError for what TLS cannot use.
    """

    def tls_for(host: str) -> ssl.SSLContext:
        return build_tls_context(
            target.authority,
            host=host,
            verify=not target.cluster.insecure_skip_tls_verify,
            certificate=certificate,
        )

    name = target.cluster.tls_server_name
    return Transport(target.server, tls_for, target.proxy, server_name=name, seconds=seconds)


def open_connection(
    settings: Settings,
    expect_server: str | None = None,
    files: Mapping[str, bytes] | None = None,
    retry_budget: RetryBudget | None = None,
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
    connection = Connection(target, settings.source, credentials, retry_budget or RetryBudget(), headers, warnings)
    connection.authorization()
    connection._current_transport()
    return connection


def connection_secrets(settings: Settings, connection: Connection | None = None) -> set[str]:
    """Return the secret strings of a connection, which must stay out of every output."""
    secrets = {settings.get("api_key"), settings.get("password")}
    if isinstance(settings.get("kubeconfig"), Mapping):
        secrets |= _secret_leaves(settings.get("kubeconfig").get("users"))
    if connection is None:
        secrets |= set(proxy_secrets(settings, None))
    else:
        secrets |= set(proxy_secrets(settings, connection.target))
        secrets |= {*known_secrets(connection.target.user), *connection.secrets()}
        certificate = connection.credentials.certificate
        if certificate:
            secrets.add(certificate.key.decode(errors="replace"))
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
        from .exec_plugin import ExecPlugin, exec_info

        info = exec_info(user.exec_plugin, target)
        return ExecPlugin(user.exec_plugin, user.place, info, settings.environ)
    if user.auth_provider:
        from .oidc import OidcProvider

        return OidcProvider(user.auth_provider, user.place, certificate, files, settings.environ, warnings.append)
    return FixedCredentials(certificate)


def _check_auth_provider(target: Target) -> None:
    """Raise KeyringError for a provider that kubectl refuses, also where other credentials come first."""
    provider, place = target.user.auth_provider, target.user.place
    if provider is None:
        return
    if provider.name == "oidc":
        for name in ("idp-issuer-url", "client-id"):
            if not provider.config.get(name):
                raise place.error(f"auth-provider.config.{name}", "is missing.", "kubectl needs it.")
        return
    plugin = _PLUGINS_INSTEAD.get(provider.name, "a credential plugin (users[].user.exec)")
    raise place.error(
        "auth-provider.name",
        f'is "{provider.name}", which kubectl no longer has.',
        "It has only oidc.",
        f"Let the kubeconfig use {plugin}.",
    )


# What has taken the place of the providers that kubectl removed in version 1.26.
_PLUGINS_INSTEAD = {
    "gcp": "gke-gcloud-auth-plugin (gcloud container clusters get-credentials)",
    "azure": "kubelogin (kubelogin convert-kubeconfig)",
}


_SECRET_USER_FIELDS = (
    "token",
    "password",
    "client-key-data",
    "id-token",
    "refresh-token",
    "access-token",
    "client-secret",
)


def _secret_leaves(node: Any, is_secret: bool = False) -> set[str]:
    """Return all strings below the fields of a kubeconfig that hold a secret, also where it is no valid one."""
    leaves: set[str] = set()
    if isinstance(node, Mapping):
        for key, value in node.items():
            leaves |= _secret_leaves(value, is_secret or key in _SECRET_USER_FIELDS)
    elif isinstance(node, list):
        for value in node:
            leaves |= _secret_leaves(value, is_secret)
    elif isinstance(node, str) and is_secret:
        leaves.add(node)
    return leaves
