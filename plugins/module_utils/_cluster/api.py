# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to the API server: plain JSON in, plain JSON out, passing troubles waited out, every failure a sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from .._errors import FailureId, KeyringError
from .connection import Connection
from .denial import Denial, find_denial
from .no_answer import NoAnswer, explain_no_answer
from .retries import Backoff

FIELD_MANAGER = "keyring.kubernetes"
MERGE_PATCH = "application/merge-patch+json"
JSON = "application/json"
# A list as it is shown to people: some columns and the metadata, and nothing of the data.
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"

# Objects in one page of a list.
PAGE = 1000


@dataclass(frozen=True)
class Intent:
    """What a request is for, in words for messages: the verb of RBAC, the resource, the object and its namespace.

    ``namespace`` is None for all of them; ``resource_name`` is the name to which the right may be narrowed.
    """

    verb: str
    resource: str
    place: str
    namespace: str | None
    resource_name: str | None = None


class Refused(Exception):
    """An answer other than success. ``reason`` is Kubernetes' word for it, ``message`` the server's own sentence.

    ``causes`` are Kubernetes' words for the details; ``retry_after`` the seconds that the server asks to wait.
    ``denial`` is the webhook, policy or quota that refused the request, which may use any status.
    """

    def __init__(self, status: int, document: Mapping[str, Any], retry_after: float = 0.0) -> None:
        super().__init__(status)
        self.status, self.retry_after = status, retry_after
        self.reason, self.message = str(document.get("reason", "")), str(document.get("message", ""))
        details = document.get("details")
        causes = details.get("causes") if isinstance(details, Mapping) else None
        self.denial: Denial | None = find_denial(status, self.message)
        self.causes = {cause.get("reason") for cause in causes or () if isinstance(cause, Mapping)}


class AnswerLost(Exception):
    """A write of which nobody knows whether it was carried out: its answer got lost, or tells of a fault inside."""

    def __init__(self, cause: Refused | KeyringError) -> None:
        super().__init__()
        self.cause = cause


def request(
    connection: Connection,
    method: str,
    path: str,
    *,
    body: Mapping[str, Any] | None = None,
    query: Mapping[str, str] | None = None,
    content_type: str = JSON,
    accept: str = JSON,
) -> dict[str, Any]:
    """Send one request and return the object in the answer; what may pass is waited out within connection.retry_budget.

    A write is repeated only when the server has surely not carried it out. Raises Refused for an answer other than
    2xx, Uncertain for a write of which nobody knows, and KeyringError (fatal) when there is no answer. No redirect is
    followed.
    """
    attempts = Backoff(connection.retry_budget)
    data = None if body is None else json.dumps(body).encode()
    target = f"{path}?{urlencode(query)}" if query else path
    headers = (("Accept", accept), ("User-Agent", FIELD_MANAGER), ("Content-Type", content_type))
    while True:
        try:
            document = _send(connection, method, target, data, headers)
            connection.answered.set()
            return document
        except Refused as refused:
            connection.answered.set()
            kind = None if refused.denial else _PASSING.get(refused.status)
            if kind == "unknown" and method != "GET":
                raise AnswerLost(refused) from None
            if not kind or not attempts.wait(refused.retry_after):
                raise
        except NoAnswer as failure:
            if failure.sent and method != "GET":
                raise AnswerLost(failure.error) from None
            if not failure.passing or not attempts.wait():
                raise failure.error from None


def list_objects(connection: Connection, path: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
    """All objects of a list, read page by page. Raises as request does."""
    return [item for page in _read_pages(connection, path, query, JSON) for item in page.get("items") or ()]


@dataclass(frozen=True)
class Row:
    """An object of a list as the server shows it to people: its metadata, and the texts of the columns by name."""

    metadata: Mapping[str, Any]
    cells: Mapping[str, Any]


def list_rows(connection: Connection, path: str, query: Mapping[str, str]) -> list[Row]:
    """All objects of a list without their data, read page by page. Raises as request does."""
    rows = []
    for page in _read_pages(connection, path, query, TABLE):
        columns = [column["name"] for column in page.get("columnDefinitions") or ()]
        rows += [
            Row(row["object"]["metadata"], dict(zip(columns, row["cells"], strict=False)))
            for row in page.get("rows") or ()
        ]
    return rows


def _read_pages(connection: Connection, path: str, query: Mapping[str, str], accept: str) -> list[dict[str, Any]]:
    for _attempt in range(_LIST_ATTEMPTS - 1):
        try:
            return list(_pages(connection, path, query, accept))
        except Refused as refused:
            if refused.status != 410:  # the list is older than what the server keeps: begin again
                raise
    return list(_pages(connection, path, query, accept))


_LIST_ATTEMPTS = 3


def _pages(connection: Connection, path: str, query: Mapping[str, str], accept: str) -> Iterator[dict[str, Any]]:
    page = {**query, "limit": str(PAGE)}
    while True:
        document = request(connection, "GET", path, query=page, accept=accept)
        yield document
        token = (document.get("metadata") or {}).get("continue")
        if not token:
            return
        page["continue"] = token


def _send(connection: Connection, method: str, target: str, data: bytes | None, headers: Any) -> dict[str, Any]:
    """One attempt. Raises Refused and NoAnswer."""
    from urllib3.exceptions import HTTPError

    try:
        answer = connection.send(method, target, data, headers)
    except (HTTPError, OSError, ValueError) as error:
        raise explain_no_answer(connection, error) from None
    document = _parse(answer.data)
    if not 200 <= answer.status < 300:
        raise Refused(answer.status, document, _seconds(answer.headers.get("Retry-After")))
    if not document:
        raise KeyringError(
            f"{connection.server} did not answer like a Kubernetes API server.",
            "The answer is not JSON.",
            "Check the server of the connection and any proxy in between.",
            fatal=True,
            failure="unreachable",
        )
    return document


def _seconds(retry_after: str | None) -> float:
    """The header Retry-After, where it is a number as the API server writes it; a date counts as none."""
    return float(retry_after) if retry_after and retry_after.isdecimal() else 0.0


# Answers that may pass. After "refused" the server has surely not carried out the request, after "unknown" it may have.
_PASSING: Mapping[int, Literal["refused", "unknown"]] = {
    429: "refused",
    500: "unknown",
    502: "unknown",
    503: "unknown",
    504: "unknown",
}


def explain(refused: Refused, intent: Intent, connection: Connection) -> KeyringError:
    """Return the refusal of a request as an error for the person who runs the task."""
    error = _explain(refused, f"Cannot {intent.verb} {intent.place}", intent, connection)
    error.namespace = intent.namespace
    return error


def _explain(refused: Refused, what: str, intent: Intent, connection: Connection) -> KeyringError:
    if refused.denial:
        return _denied(refused.denial, f"{what}: {refused.denial.by} refuses it ({refused.status}).")
    if refused.status == 401:
        return KeyringError(
            f"{what}: not authenticated (401).",
            f"{connection.server} does not accept the credentials; a token or a client certificate may have ended.",
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
    """What a status means to the person who runs the task, and how to go on."""

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
    429: _Outcome("server_error", "the server has too much to do (429)", "Run the task again later."),
}


def _quote(refused: Refused, what: str, remedy: str, failure: FailureId) -> KeyringError:
    said = f"The server says: {refused.message}" if refused.message else "The server gives no reason."
    return KeyringError(what, said, remedy, quoted=refused.message, failure=failure)


def _denied(denial: Denial, what: str) -> KeyringError:
    end = "" if denial.text.endswith((".", "!", "?")) else "."
    said = f"It says: {denial.text}{end}" if denial.text else "It gives no reason."
    return KeyringError(what, said, denial.remedy, quoted=denial.text, failure=denial.failure)


def _parse(data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _forbidden(refused: Refused, intent: Intent, what: str) -> KeyringError:
    denied = re.search(r'User "([^"]+)" cannot (\w+) resource "([^"]+)"', refused.message)
    if not denied:
        return _quote(refused, f"{what}: refused (403).", "", "forbidden")
    user, verb, resource = denied.groups()
    if intent.resource_name:
        resource = f"{resource} named {intent.resource_name}"
    where = f"namespace {intent.namespace}" if intent.namespace else "all namespaces"
    role = "Role" if intent.namespace else "ClusterRole"
    return KeyringError(
        f"{what}: forbidden (403).",
        f"The identity {user} needs the verb {verb} on {resource} in {where}.",
        f"Bind it to a {role} with that rule; the README shows the whole {role}.",
        failure="forbidden",
    )
