# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The texts of errors about answers of the API server other than success."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .._dataclasses import dataclass
from .._errors import FailureId, KeyringError
from .connection import Connection
from .denial import Denial
from .refused import Intent, Refused, describe_scope


def explain_status(refused: Refused, what: str, intent: Intent, connection: Connection) -> KeyringError:
    """Return the error about a refused request; ``what`` is the beginning of its first sentence."""
    if refused.denial:
        return _denied(refused.denial, f"{what}: {refused.denial.by} refuses it ({refused.status}).")
    if refused.status == 401:
        return KeyringError(
            f"{what}: not authenticated (401).",
            f"{connection.server} does not accept the credentials; a token or a client certificate may have expired.",
            "Renew them, or check which kubeconfig and context are used.",
            fatal=True,
            failure="unauthorized",
        )
    if refused.status == 403:
        return _forbidden(refused, intent, what)
    if 300 <= refused.status < 400:
        return KeyringError(
            f"{what}: {connection.server} answers with a redirect ({refused.status}).",
            "Credentials are never sent on to another address.",
            "Give the address of the API server itself.",
            fatal=True,
            failure="unreachable",
        )
    if refused.status == 400 and not refused.message and connection.server.startswith("http://"):
        return KeyringError(
            f"{what}: {connection.server} does not understand the request (400).",
            "A server that expects TLS answers like this over plain HTTP.",
            "Try https:// in the URL of the server.",
            fatal=True,
            failure="unreachable",
        )
    otherwise = _SERVER_ERROR if refused.status >= 500 else _REJECTED
    outcome = _OUTCOMES.get(refused.status, otherwise)
    text = outcome.text.format(status=refused.status)
    return _quote(refused, f"{what}: {text}.", outcome.remedy, outcome.failure)


@dataclass(frozen=True)
class _Outcome:
    """The meaning of a status to the person who runs the task, and how to go on."""

    failure: FailureId
    text: str
    remedy: str = ""


_SERVER_ERROR = _Outcome("server_error", "the server answers {status}", "Run the task again later.")
_REJECTED = _Outcome("rejected", "the server answers {status}", "Run the task again later.")

_OUTCOMES: Mapping[int, _Outcome] = {
    400: _Outcome("rejected", "the server does not understand the request (400)"),
    404: _Outcome("not_found", "not found (404)"),
    409: _Outcome("conflict", "the object was changed by another client (409)", "Run the task again."),
    422: _Outcome("rejected", "the server refuses the object (422)"),
    429: _Outcome("server_error", "the server is overloaded (429)", "Run the task again later."),
}


_RBAC_VERBS = frozenset(("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"))


def _quote(refused: Refused, what: str, remedy: str, failure: FailureId) -> KeyringError:
    said = f"The server says: {refused.message}" if refused.message else "The server gives no reason."
    return KeyringError(what, said, remedy, quoted=refused.message, failure=failure)


def _denied(denial: Denial, what: str) -> KeyringError:
    end = "" if denial.text.endswith((".", "!", "?")) else "."
    said = f"It says: {denial.text}{end}" if denial.text else "It gives no reason."
    return KeyringError(what, said, denial.remedy, quoted=denial.text, failure=denial.failure)


def _forbidden(refused: Refused, intent: Intent, what: str) -> KeyringError:
    denied = re.search(r'User "([^"]+)" cannot (\w+) resource "([^"]+)"', refused.message)
    if not denied:
        return _quote(refused, f"{what}: refused (403).", "", "forbidden")
    user = denied[1]
    verb = denied[2] if denied[2] in _RBAC_VERBS else intent.verb
    resource = f"{intent.resource} named {intent.resource_name}" if intent.resource_name else intent.resource
    where = describe_scope(intent.namespace)
    role = "Role" if intent.namespace else "ClusterRole"
    return KeyringError(
        f"{what}: forbidden (403).",
        f"The identity {user} needs the verb {verb} on {resource} in {where}.",
        f"Bind it to a {role} with that rule; the guide to permissions shows the whole {role}.",
        quoted=user,
        failure="forbidden",
    )


def bad_selector(selector: str, refused: Refused, option: str) -> KeyringError:
    """Return the error about a label selector that the server does not understand."""
    return KeyringError(
        f'namespace_selectors: "{selector}" is not a label selector.',
        f"The server says: {refused.message}",
        "Write it like team=web, 'tier in (a, b)' or !temporary.",
        quoted=refused.message,
        option=option,
    )
