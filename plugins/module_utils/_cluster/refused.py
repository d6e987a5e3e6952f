# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers of the API server other than success, and requests without an answer, as exceptions.

Source: kubernetes apimachinery, pkg/apis/meta/v1/types.go (Status).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._dataclasses import dataclass
from .._errors import KeyringError

if TYPE_CHECKING:
    from .connection import Connection
    from .denial import Denial


@dataclass(frozen=True)
class Intent:
    """The purpose of a request in words for messages: the verb of RBAC, the resource, the object and its namespace.

    ``namespace`` is None for all of them; ``resource_name`` is the name to which the permission may be narrowed.
    """

    verb: str
    resource: str
    place: str
    namespace: str | None
    resource_name: str | None = None


def describe_scope(namespace: str | None) -> str:
    """Return what messages call a namespace, or all of them for None."""
    return f"namespace {namespace}" if namespace else "all namespaces"


class Refused(Exception):
    """An answer other than success. ``message`` is the server's own sentence.

    ``causes`` are Kubernetes' words for the details, ``retry_after`` the seconds that the server asks to wait.
    ``denial`` is the webhook, policy or quota that refused the request, which may use any status.
    ``is_bad_request`` says whether the API server, and not a proxy, does not understand the request.
    """

    def __init__(self, status: int, document: Mapping[str, Any], retry_after: float = 0.0) -> None:
        from .denial import find_denial

        super().__init__(status)
        self.status, self.retry_after = status, retry_after
        self.message = str(document.get("message", ""))
        self.is_bad_request = status == 400 and document.get("kind") == "Status"
        details = document.get("details")
        causes = details.get("causes") if isinstance(details, Mapping) else None
        self.denial: Denial | None = find_denial(status, self.message)
        self.causes = {cause.get("reason") for cause in causes or () if isinstance(cause, Mapping)}

    @property
    def is_unprocessed(self) -> bool:
        """Return whether the server has certainly not applied the request, and may do so later."""
        return self.denial is None and self.status == 429

    @property
    def is_ambiguous(self) -> bool:
        """Return whether the server, or a proxy before it, failed on a request that it may have applied."""
        return self.denial is None and self.status in (500, 502, 503, 504)


class NoAnswer(Exception):
    """A request without an answer.

    ``passing`` says whether another attempt may succeed, ``sent`` whether the request may have reached the server.
    """

    def __init__(self, error: KeyringError, *, passing: bool, sent: bool) -> None:
        super().__init__()
        self.error, self.passing, self.sent = error, passing, sent


class OutcomeUnknown(Exception):
    """The error for a write whose outcome is unknown, because the response was lost or reports an internal error.

    ``error`` says so to the person who runs the task. ``failure`` is the id of its cause, for a write that would have
    changed nothing. ``retry_after`` are the seconds that the server asks to wait.
    """

    def __init__(self, cause: KeyringError, intent: Intent, retry_after: float = 0.0) -> None:
        super().__init__()
        self.failure, self.retry_after = cause.failure, retry_after
        self.error = KeyringError(
            str(cause),
            f"It is not known whether this {intent.verb} took effect.",
            changed=True,
            quoted=cause.quoted,
            fatal=cause.fatal,
            failure="outcome_unknown",
            namespace=intent.namespace,
        )
        self.error.facts.update(cause.facts)


def explain(refused: Refused, intent: Intent, connection: Connection) -> KeyringError:
    """Return the error about a refused request, with the status and what to do about it."""
    from .refusal_texts import explain_status

    error = explain_status(refused, f"Cannot {intent.verb} {intent.place}", intent, connection)
    error.namespace = intent.namespace
    return error


def find_denied_user(refused: Refused) -> str:
    """Return the identity that lacks a permission in RBAC, or an empty string for any other refusal."""
    found = re.search(r'User "([^"]+)" cannot \w+ resource "', refused.message)
    return found[1] if found and refused.denial is None else ""
