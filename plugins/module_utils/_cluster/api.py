# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to the API server: plain JSON in, plain JSON out, and every failure as a sentence."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.connection import Connection
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError

FIELD_MANAGER = "keyring.kubernetes"
MERGE_PATCH = "application/merge-patch+json"

# Seconds to wait for a connection, and for each answer.
CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 60.0


@dataclass(frozen=True)
class Intent:
    """What a request is for, in words for messages: the verb of RBAC, the resource, the object and its namespace."""

    verb: str
    resource: str
    place: str
    namespace: str


class Refused(Exception):
    """An answer other than success. ``reason`` is Kubernetes' word for it, ``message`` the server's own sentence."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(status)
        self.status, self.reason, self.message = status, reason, message


def secret_path(namespace: str, name: str = "") -> str:
    path = f"/api/v1/namespaces/{quote(namespace, safe='')}/secrets"
    return f"{path}/{quote(name, safe='')}" if name else path


def request(
    connection: Connection,
    method: str,
    path: str,
    *,
    body: Mapping[str, Any] | None = None,
    query: Mapping[str, str] | None = None,
    content_type: str = "application/json",
) -> dict[str, Any]:
    """Send one request and return the object in the answer.

    Raises Refused for an answer other than 2xx, and KeyringError when there is no answer. No redirect is followed.
    """
    from urllib3.exceptions import HTTPError
    from urllib3.util import Timeout

    url = f"{connection.configuration.host}{path}" + (f"?{urlencode(query)}" if query else "")
    try:
        answer = connection.pool.request(
            method,
            url,
            body=None if body is None else json.dumps(body).encode(),
            headers=_headers(connection, content_type),
            timeout=Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT),
            retries=False,
            redirect=False,
        )
    except (HTTPError, OSError, ValueError) as error:
        raise _unreachable(connection, error) from None
    document = _parse(answer.data)
    if not 200 <= answer.status < 300:
        raise Refused(answer.status, str(document.get("reason", "")), str(document.get("message", "")))
    if not document:
        raise KeyringError(
            f"{connection.server} did not answer like a Kubernetes API server.",
            "The answer is not JSON.",
            "Check the server of the connection and any proxy in between.",
        )
    return document


def explain(refused: Refused, intent: Intent, connection: Connection) -> KeyringError:
    """The refusal of a request as an error for the person who runs the task."""
    what = f"Cannot {intent.verb} {intent.place}"
    if refused.status == 401:
        return KeyringError(
            f"{what}: not authenticated (401).",
            f"{connection.server} does not accept the credentials; a token or a client certificate may have ended.",
            "Renew them, or check which kubeconfig and context are used.",
        )
    if refused.status == 403:
        return _forbidden(refused, intent, what)
    if 300 <= refused.status < 400:
        return KeyringError(
            f"{what}: {connection.server} answers with a redirect ({refused.status}).",
            "Credentials are never sent on to another address.",
            "Give the address of the API server itself.",
        )
    outcome, remedy = _OUTCOMES.get(refused.status, ("the server answers {status}", "Run the task again later."))
    return _quote(refused, f"{what}: {outcome.format(status=refused.status)}.", remedy)


# What a status means to the person who runs the task, and how to go on.
_OUTCOMES: Mapping[int, tuple[str, str]] = {
    400: ("the server does not understand the request (400)", ""),
    404: ("not found (404)", ""),
    422: ("the server refuses the object (422)", ""),
    429: ("the server has too much to do (429)", "Run the task again later."),
}


def _quote(refused: Refused, what: str, remedy: str = "") -> KeyringError:
    said = f"The server says: {refused.message}" if refused.message else "The server gives no reason."
    return KeyringError(what, said, remedy, quoted=refused.message)


def _headers(connection: Connection, content_type: str) -> Any:
    from urllib3._collections import HTTPHeaderDict

    headers = HTTPHeaderDict({"Accept": "application/json", "User-Agent": FIELD_MANAGER, "Content-Type": content_type})
    authorization = connection.authorization()
    if authorization:
        headers["Authorization"] = authorization
    for name, value in connection.headers:
        headers.add(name, value)
    return headers


def _parse(data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _forbidden(refused: Refused, intent: Intent, what: str) -> KeyringError:
    denied = re.search(r'User "([^"]+)" cannot (\w+) resource "([^"]+)"', refused.message)
    if not denied:
        return _quote(refused, f"{what}: refused (403).")
    user, verb, resource = denied.groups()
    return KeyringError(
        f"{what}: forbidden (403).",
        f"The identity {user} needs the verb {verb} on {resource} in namespace {intent.namespace}.",
        "Bind it to a Role with that rule; the README shows the whole Role.",
    )


def _unreachable(connection: Connection, error: Exception) -> KeyringError:
    what = f"Cannot reach the API server {connection.server}"
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return KeyringError(
                f"{what}: its certificate is not accepted ({cause.verify_message}).",
                "",
                "Check ca_cert and the server's name, or the certificate of the server.",
            )
    for cause in reversed(causes):
        if type(cause).__name__ in _CAUSES:
            text, remedy = _CAUSES[type(cause).__name__]
            return KeyringError(f"{what}: {text}.", "", remedy)
    return KeyringError(f"{what}: the connection failed.", "", "Check server, proxy and firewall.")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what lies behind it, the innermost last; urllib3 keeps some of it in the arguments."""
    current: BaseException | None = error
    while current is not None:
        yield current
        behind = (*current.args, current.__cause__, current.__context__)
        current = next((cause for cause in behind if isinstance(cause, BaseException)), None)


_CHECK_SERVER = "Check the server of the connection, and whether it runs."

# By the names of the classes, so that urllib3 need not be imported for a table.
_CAUSES: Mapping[str, tuple[str, str]] = {
    "ConnectionRefusedError": ("connection refused", _CHECK_SERVER),
    "ConnectionResetError": ("the connection was reset", "Run the task again; check any proxy in between."),
    "RemoteDisconnected": (
        "the connection was closed without an answer",
        "Run the task again; check any proxy in between.",
    ),
    "gaierror": ("its name is not known", "Check the name of the server and the resolver of this machine."),
    "ConnectTimeoutError": (f"no connection within {CONNECT_TIMEOUT:.0f} seconds", _CHECK_SERVER),
    "ReadTimeoutError": (f"no answer within {READ_TIMEOUT:.0f} seconds", "Run the task again later."),
    "SSLError": ("TLS failed", "Check that the server speaks TLS, and the client certificate."),
    "LocationParseError": ("the address is not a URL", "Write it like https://cluster.example.com:6443."),
    "LocationValueError": ("the address is not a URL", "Write it like https://cluster.example.com:6443."),
    "URLSchemeUnknown": ("the address is not a URL", "Write it like https://cluster.example.com:6443."),
}
