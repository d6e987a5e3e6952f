# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Opening a connection to one API server. The official client does authentication, TLS and proxies.

The client is imported when a connection is opened, and only what is needed of it: its model classes would take longer
to load than a task takes to run.
"""

from __future__ import annotations

import fnmatch
import os
import shutil
import ssl
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.kubeconfig import (
    DEFAULT_KUBECONFIG,
    Active,
    load_in_cluster,
    load_kubeconfig,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.patience import Patience
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.settings import Settings, Source
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.server_text import public_server

if TYPE_CHECKING:
    from kubernetes.client import Configuration
    from urllib3 import BaseHTTPResponse, HTTPConnectionPool, PoolManager

# Option to attribute of the client's configuration, for what an option puts over a kubeconfig.
_ATTRIBUTES = {
    "username": "username",
    "password": "password",
    "client_cert": "cert_file",
    "client_key": "key_file",
    "ca_cert": "ssl_ca_cert",
    "validate_certs": "verify_ssl",
    "proxy": "proxy",
    "no_proxy": "no_proxy",
}


@dataclass(frozen=True)
class Connection:
    """A way to one API server. ``server`` has no user information; ``namespace`` is that of the context.

    ``direct`` is the server's part of the pool, where requests need no proxy's form of address; it saves a look-up for
    each. ``patience`` is how long passing troubles are waited out, ``answered`` is set once the server has answered.
    """

    server: str
    context: str | None
    namespace: str | None
    source: Source
    configuration: Configuration = field(repr=False)
    pool: PoolManager = field(repr=False)
    direct: HTTPConnectionPool | None = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    directory: str
    patience: Patience
    answered: threading.Event = field(default_factory=threading.Event, repr=False)

    def describe(self) -> dict[str, str | None]:
        """The cluster as results show it."""
        return {"server": self.server, "context": self.context, "source": self.source}

    def authorization(self) -> str | None:
        """The header that proves who we are, renewed by the client where a token is about to end."""
        bearer = self.configuration.auth_settings().get("BearerToken", {}).get("value")
        basic = self.configuration.get_basic_auth_token() if self.configuration.username else None
        return (bearer or basic or "").strip() or None  # a file of a token commonly ends its line

    def send(self, method: str, target: str, body: bytes | None, headers: Any) -> BaseHTTPResponse:
        """Send one request for a path, without retries and redirects. Raises what urllib3 raises."""
        from urllib3.util import Timeout

        timeout = Timeout(connect=self.patience.to_connect, read=self.patience.to_answer)
        rules: dict[str, Any] = {"timeout": timeout, "retries": False, "redirect": False}
        if self.direct is not None:
            return self.direct.request(method, target, body=body, headers=headers, **rules)
        return self.pool.request(method, f"{self.configuration.host}{target}", body=body, headers=headers, **rules)

    def close(self) -> None:
        """Leave nothing behind: a credential plugin that was asked again may have given another client key."""
        self.pool.clear()
        shutil.rmtree(self.directory, ignore_errors=True)


def open_connection(
    settings: Settings,
    expect_server: str | None = None,
    files: Mapping[str, bytes] | None = None,
    patience: Patience | None = None,
) -> Connection:
    """Load the configuration and prepare TLS; no request is sent. Close the connection when the task is done.

    ``files`` is the content of files by absolute path, for those that need not be read from the disk. Raises
    KeyringError when the client library is missing, when there is no usable configuration, and when the server is not
    the one that ``expect_server`` (a name or glob) asks for.
    """
    try:
        from kubernetes.client import Configuration
        from kubernetes.client.rest import RESTClientObject
        from urllib3.exceptions import HTTPError
    except ImportError:
        raise KeyringError(
            "The Python package kubernetes is missing on the machine that runs this task.",
            "It is needed to talk to the API server.",
            "Install it there: pip install kubernetes.",
        ) from None
    # The library hands certificates to TLS as files only; they are gone before the first request.
    with tempfile.TemporaryDirectory(prefix="keyring-") as directory:
        configuration = Configuration()
        context, namespace = _load(configuration, settings, directory, files or {})
        _override(configuration, settings, directory, files or {})
        server = public_server(configuration.host)
        _check_expected(server, expect_server)
        tls = _tls_context(configuration)
    try:
        pool = RESTClientObject(configuration).pool_manager
    except (HTTPError, ValueError):
        raise KeyringError("proxy is not a URL.", "", "Write it like http://proxy.example.com:3128.") from None
    if tls:
        pool.connection_pool_kw["ssl_context"] = tls
    direct = pool.connection_from_url(configuration.host) if tls else None
    headers = _impersonation(settings)
    return Connection(
        server,
        context,
        namespace,
        settings.source,
        configuration,
        pool,
        direct,
        headers,
        directory,
        patience or Patience(),
    )


def connection_secrets(settings: Settings, connection: Connection | None = None) -> set[str]:
    """The secret texts of a connection, which must stay out of every output."""
    secrets = {settings.get(option) for option in ("api_key", "password")}
    if isinstance(settings.get("kubeconfig"), dict):
        secrets |= _secret_leaves(settings.get("kubeconfig").get("users"))
    proxies = [settings.get("proxy"), connection.configuration.proxy if connection else None]
    secrets |= {urlsplit(proxy).password for proxy in proxies if proxy}
    if connection:
        secrets.add((connection.authorization() or "").partition(" ")[2])
    return {secret for secret in secrets if secret}


def _load(configuration: Configuration, settings: Settings, directory: str, files: Mapping[str, bytes]) -> Active:
    has_credentials = any(settings.get(option) for option in ("api_key", "username", "client_cert"))
    if settings.get("host") and has_credentials:
        return None, None
    if settings.source == "in_cluster":
        return load_in_cluster(configuration)
    kubeconfig = settings.get("kubeconfig") or DEFAULT_KUBECONFIG
    if (
        settings.get("host")
        and not os.path.exists(os.path.expanduser(DEFAULT_KUBECONFIG))
        and not settings.get("kubeconfig")
    ):
        return None, None
    return load_kubeconfig(configuration, kubeconfig, settings.get("context"), directory, files)


def _override(configuration: Configuration, settings: Settings, directory: str, files: Mapping[str, bytes]) -> None:
    if settings.get("host"):
        configuration.host = settings.get("host").rstrip("/")
    if settings.get("api_key"):
        configuration.refresh_api_key_hook = None
        configuration.api_key = {"authorization": f"Bearer {settings.get('api_key')}"}
    for option, attribute in _ATTRIBUTES.items():
        value = settings.get(option)
        if value is not None:
            setattr(configuration, attribute, _on_disk(value, directory, files))


def _on_disk(value: Any, directory: str, files: Mapping[str, bytes]) -> Any:
    """The path of a file that is there to be read; every other value as it is."""
    if not isinstance(value, str) or value not in files:
        return value
    handle, path = tempfile.mkstemp(dir=directory)
    with os.fdopen(handle, "wb") as file:
        file.write(files[value])
    return path


def _check_expected(server: str, expected: str | None) -> None:
    parts = urlsplit(server)
    names = (server, parts.netloc, parts.hostname or "")
    if expected and not any(fnmatch.fnmatchcase(name, expected.rstrip("/")) for name in names):
        raise KeyringError(
            f'The connection leads to {server}, and expect_server asks for "{public_server(expected)}".',
            "Nothing was sent.",
            "Check kubeconfig, context and the environment, or correct expect_server.",
        )


def _tls_context(configuration: Configuration) -> ssl.SSLContext | None:
    """The TLS settings as one object in memory; afterwards the configuration names no file."""
    from urllib3 import disable_warnings
    from urllib3.exceptions import InsecureRequestWarning
    from urllib3.util.ssl_ import create_urllib3_context

    if not configuration.host.lower().startswith("https:"):
        return None
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED if configuration.verify_ssl else ssl.CERT_NONE)
    if not configuration.verify_ssl:
        disable_warnings(InsecureRequestWarning)  # asked for by validate_certs
    try:
        if configuration.ssl_ca_cert:
            context.load_verify_locations(configuration.ssl_ca_cert)
        else:
            context.load_default_certs()
        if configuration.cert_file:
            context.load_cert_chain(configuration.cert_file, configuration.key_file, password=_no_passphrase)
    except ssl.SSLError:
        raise KeyringError(
            "The certificates of the connection can not be used.",
            "One of them is not PEM, or the client certificate and the client key do not belong together.",
            "Check ca_cert, client_cert and client_key, or the same fields of the kubeconfig.",
        ) from None
    except OSError as error:
        raise KeyringError(f"A certificate file of the connection can not be read: {error.strerror}.") from None
    configuration.ssl_ca_cert = configuration.cert_file = configuration.key_file = None
    return context


def _no_passphrase() -> str:
    raise KeyringError("The client key has a passphrase.", "Nobody is there to type it.", "Use a key without one.")


def _impersonation(settings: Settings) -> tuple[tuple[str, str], ...]:
    user = settings.get("impersonate_user")
    groups = tuple(("Impersonate-Group", group) for group in settings.get("impersonate_groups") or ())
    return (("Impersonate-User", user), *groups) if user else groups


_SECRET_FIELDS = ("token", "password", "client-key-data", "id-token", "refresh-token", "access-token", "client-secret")


def _secret_leaves(node: Any, secret: bool = False) -> set[str]:
    if isinstance(node, Mapping):
        return {leaf for key, value in node.items() for leaf in _secret_leaves(value, secret or key in _SECRET_FIELDS)}
    if isinstance(node, list):
        return {leaf for value in node for leaf in _secret_leaves(value, secret)}
    return {node} if secret and isinstance(node, str) else set()
