# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ID token of a user whose kubeconfig has the auth-provider oidc, refreshed once it has expired.

Source: client-go 0.36, plugin/pkg/client/auth/oidc/oidc.go. The refreshed tokens stay in memory: a task never writes
a kubeconfig.
"""

from __future__ import annotations

import base64
import binascii
import json
import ssl
import threading
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from .._errors import KeyringError
from .client_certificate import ClientCertificate
from .credentials import bearer, unreadable
from .kubeconfig import read_file
from .kubeconfig_entries import AuthProviderEntry, Place
from .local_file import describe_size
from .proxies import proxy_from_environment
from .server_url import parse_server
from .tls import Authority, build_tls_context
from .transport import AnswerTooLarge, Transport

# A token that ends sooner is refreshed.
_LEEWAY = 10.0

# Seconds for each of the two requests to the identity provider, and bytes of its answer: tokens have some KiB.
_TIMEOUT = 30.0
_MAX_ANSWER = 1024 * 1024

_NEW_LOGIN = "Log in again with the tool that wrote the kubeconfig, or use a credential plugin such as kubelogin."


class OidcProvider:
    """The ID token of a user. ``warn`` gets a sentence when the identity provider has replaced the refresh token."""

    def __init__(
        self,
        provider: AuthProviderEntry,
        place: Place,
        certificate: ClientCertificate | None,
        files: Mapping[str, bytes],
        environ: Mapping[str, str],
        warn: Callable[[str], None],
    ) -> None:
        self.certificate = certificate
        self._place, self._settings, self._files = place, dict(provider.config), files
        self._environ = environ
        self._warn = warn
        self._lock = threading.Lock()
        self._secrets: set[str] = set()

    def authorization(self) -> str | None:
        with self._lock:
            token = self._settings.get("id-token", "")
            if not token or self._expires(token) <= time.time() + _LEEWAY:
                token = self._settings["id-token"] = self._refresh()
            return bearer(token, f"auth-provider.config.id-token of {self._place.path}")

    def secrets(self) -> Collection[str]:
        return tuple(self._secrets)

    def _expires(self, token: str) -> float:
        """Return when a token ends, in seconds since 1970; at once for one that does not say it."""
        parts = token.split(".")
        try:
            claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
            return float(claims.get("exp", 0))
        except (IndexError, ValueError, TypeError, AttributeError, OverflowError, RecursionError, binascii.Error):
            raise self._error("auth-provider.config.id-token", "is not a JSON Web Token.", _NEW_LOGIN) from None

    def _refresh(self) -> str:
        settings = self._settings
        if not settings.get("refresh-token"):
            raise self._error("auth-provider.config", "has no valid id-token and no refresh-token.", _NEW_LOGIN)
        issuer = settings["idp-issuer-url"].rstrip("/")
        status, metadata = self._ask("GET", f"{issuer}/.well-known/openid-configuration", None, {})
        if status != 200:
            raise self._error("auth-provider", f"names an issuer that answers with status {status}.", _NEW_LOGIN)
        endpoint = metadata.get("token_endpoint")
        if not isinstance(endpoint, str) or not endpoint.startswith("https://"):
            raise self._error("auth-provider", "names an issuer without a token endpoint on HTTPS.", _NEW_LOGIN)
        answer = self._ask_for_token(endpoint)
        token, refresh = answer.get("id_token"), answer.get("refresh_token")
        self._secrets |= {secret for secret in (token, refresh) if isinstance(secret, str)}
        if not isinstance(token, str):
            raise self._error(
                "auth-provider", "got an answer without an id_token from the identity provider.", _NEW_LOGIN
            )
        if isinstance(refresh, str) and refresh != settings["refresh-token"]:
            settings["refresh-token"] = refresh
            self._warn(
                "The identity provider has replaced the refresh token. A task does not write it to the kubeconfig: "
                f"the old one may no longer be accepted. {_NEW_LOGIN}"
            )
        return token

    def _ask_for_token(self, endpoint: str) -> dict[str, Any]:
        """Send the refresh token, with the client's credentials in a header, else in the form: providers differ."""
        client, secret = self._settings["client-id"], self._settings.get("client-secret", "")
        form = {"grant_type": "refresh_token", "refresh_token": self._settings["refresh-token"]}
        pair = f"{quote(client, safe='')}:{quote(secret, safe='')}".encode()
        in_header = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        in_form = {"client_id": client}
        if secret:
            in_form["client_secret"] = secret
        status, answer = self._ask("POST", endpoint, form, in_header)
        if status != 200:
            status, answer = self._ask("POST", endpoint, {**form, **in_form}, {})
        if status != 200:
            what = f"names an identity provider that refuses to refresh the token ({status})."
            raise self._error("auth-provider", what, _NEW_LOGIN)
        return answer

    def _ask(
        self, method: str, url: str, form: Mapping[str, str] | None, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Any]]:
        """Return status and document of an answer; the document is empty where it is no JSON object."""
        from urllib3.exceptions import HTTPError

        label = f"auth-provider of {self._place.path}, {self._place.source}"
        server = parse_server(url, f"The identity provider in {label}", failure="invalid_kubeconfig", option=None)
        certificates = self._authority()
        authority = Authority(certificates, label) if certificates else None

        def tls_for(host: str) -> ssl.SSLContext:
            return build_tls_context(authority, host=host, verify=True)

        body = None if form is None else urlencode(form).encode()
        sent = {"Accept": "application/json", **headers}
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        transport = Transport(server, tls_for, proxy_from_environment(server, self._environ))
        try:
            answer = transport.fetch(method, server.prefix or "/", body, list(sent.items()), _TIMEOUT, most=_MAX_ANSWER)
        except AnswerTooLarge:
            what = f"names an identity provider whose answer is larger than {describe_size(_MAX_ANSWER)}."
            raise self._error("auth-provider", what, _NEW_LOGIN) from None
        except (HTTPError, OSError):
            raise self._error(
                "auth-provider", "names an identity provider that cannot be reached.", _NEW_LOGIN
            ) from None
        finally:
            transport.close()
        try:
            document = json.loads(answer.data)
        except (ValueError, RecursionError):
            document = None
        return answer.status, document if isinstance(document, dict) else {}

    def _authority(self) -> bytes:
        """Return the CA certificates of the identity provider; empty means those of the machine."""
        place, data = self._place, self._settings.get("idp-certificate-authority-data")
        if data:
            try:
                return base64.b64decode(data, validate=True)
            except ValueError:
                name = "auth-provider.config.idp-certificate-authority-data"
                raise place.error(name, "is not base64.") from None
        path = self._settings.get("idp-certificate-authority")
        if not path:
            return b""
        try:
            return read_file(place.resolve(path), self._files)
        except OSError as error:
            raise unreadable(place, "auth-provider.config.idp-certificate-authority", path, error) from None

    def _error(self, name: str, problem: str, remedy: str) -> KeyringError:
        return self._place.error(name, problem, "", remedy, failure="credential_plugin_failed")
