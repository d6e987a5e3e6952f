# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to the API server: plain JSON in, plain JSON out, passing troubles waited out, every failure a sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from .._dataclasses import dataclass
from .._errors import KeyringError
from .refused import Intent, NoAnswer, OutcomeUnknown, Refused, explain
from .retries import Backoff

if TYPE_CHECKING:
    from .connection import Connection

FIELD_MANAGER = "keyring.kubernetes"
MERGE_PATCH = "application/merge-patch+json"
JSON = "application/json"
# A list as it is shown to people: some columns and the metadata, and nothing of the data.
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"

# Objects in one page of a list.
PAGE = 1000
# Pages of one list: more objects than etcd keeps for any cluster, and not the endless list of a broken server.
MAX_PAGES = 10_000


def get_json(
    connection: Connection, path: str, query: Mapping[str, str] | None = None, *, accept: str = JSON
) -> dict[str, Any]:
    """Send a GET and return the object in the answer. What may pass is retried within the retry budget.

    Raises Refused for an answer other than 2xx, and KeyringError (fatal) when there is no answer. No redirect is
    followed.
    """
    target = _add_query(path, query)
    attempts = Backoff(connection.retry_budget)
    while True:
        try:
            return _send(connection, "GET", target, None, accept, JSON)
        except Refused as refused:
            passing = refused.is_unprocessed or refused.is_ambiguous
            if not (passing and attempts.wait(refused.retry_after)):
                raise
        except NoAnswer as failure:
            if not (failure.passing and attempts.wait()):
                raise failure.error from None


def send_write(
    connection: Connection,
    intent: Intent,
    method: str,
    path: str,
    body: Mapping[str, Any],
    query: Mapping[str, str] | None = None,
    *,
    content_type: str = JSON,
) -> dict[str, Any]:
    """Send a write and return the object in the answer. It is repeated only if it was certainly not applied.

    Raises Refused for an answer other than 2xx, OutcomeUnknown for a write that may have been applied, and
    KeyringError (fatal) when it did not reach the server. No redirect is followed.
    """
    target, data = _add_query(path, query), json.dumps(body).encode()
    attempts = Backoff(connection.retry_budget)
    while True:
        try:
            return _send(connection, method, target, data, JSON, content_type)
        except Refused as refused:
            if refused.is_ambiguous:
                raise OutcomeUnknown(explain(refused, intent, connection), intent, refused.retry_after) from None
            if not (refused.is_unprocessed and attempts.wait(refused.retry_after)):
                raise
        except NoAnswer as failure:
            if failure.sent:
                raise OutcomeUnknown(failure.error, intent) from None
            if not (failure.passing and attempts.wait()):
                raise failure.error from None


def _add_query(path: str, query: Mapping[str, str] | None) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def list_objects(
    connection: Connection, path: str, query: Mapping[str, str], *, accept: str = JSON
) -> list[dict[str, Any]]:
    """Return all objects of a list, read page by page. Raises what get_json raises."""
    found: list[dict[str, Any]] = []
    for page in read_pages(connection, path, query, accept):
        found += page.get("items") or ()
    return found


@dataclass(frozen=True)
class Row:
    """An object of a list as the server shows it to people: its metadata, and the texts of the columns by name."""

    metadata: Mapping[str, Any]
    cells: Mapping[str, Any]


def list_rows(connection: Connection, path: str, query: Mapping[str, str]) -> list[Row]:
    """Return all objects of a list without their data, read page by page. Raises what get_json raises."""
    rows = []
    for page in read_pages(connection, path, query, TABLE):
        columns = [column["name"] for column in page.get("columnDefinitions") or ()]
        rows += [
            Row(row["object"]["metadata"], dict(zip(columns, row["cells"], strict=False)))
            for row in page.get("rows") or ()
        ]
    return rows


# How often a list is begun, which may become older than what the server keeps while its pages are read (410).
_LIST_ATTEMPTS = 3


def read_pages(connection: Connection, path: str, query: Mapping[str, str], accept: str) -> list[dict[str, Any]]:
    """Return all pages of a list, which is begun again when it became too old. Raises what get_json raises."""
    attempt = 1
    while True:
        try:
            return list(_iterate_pages(connection, path, query, accept))
        except Refused as refused:
            if refused.status != 410 or attempt == _LIST_ATTEMPTS:
                raise
            attempt += 1


def _iterate_pages(
    connection: Connection, path: str, query: Mapping[str, str], accept: str
) -> Iterator[dict[str, Any]]:
    page = {**query, "limit": str(PAGE)}
    for _number in range(MAX_PAGES):
        document = get_json(connection, path, page, accept=accept)
        yield document
        token = (document.get("metadata") or {}).get("continue")
        if not token:
            return
        page["continue"] = token
    raise no_api_server(connection, f"A list has more than {MAX_PAGES} pages.")


def _send(
    connection: Connection, method: str, target: str, data: bytes | None, accept: str, content_type: str
) -> dict[str, Any]:
    """Send a request once. Raises Refused for an answer other than 2xx, and NoAnswer."""
    from urllib3.exceptions import HTTPError

    headers = (("Accept", accept), ("User-Agent", FIELD_MANAGER), ("Content-Type", content_type))
    try:
        answer = connection.send(method, target, data, headers)
    except (HTTPError, OSError, ValueError) as error:
        from .no_answer import explain_no_answer

        raise explain_no_answer(connection, error) from None
    document = parse_object(answer.data)
    if not 200 <= answer.status < 300:
        connection.answered.set()
        raise Refused(answer.status, document, parse_retry_after(answer.headers.get("Retry-After")))
    if not document:
        raise no_api_server(connection, "The answer is not JSON.")
    connection.answered.set()
    return document


def no_api_server(connection: Connection, why: str) -> KeyringError:
    """Return the error about an answer that no API server sends."""
    return KeyringError(
        f"{connection.server} did not answer like a Kubernetes API server.",
        why,
        "Check the server of the connection and any proxy in between.",
        fatal=True,
        failure="unreachable",
    )


def parse_object(data: bytes) -> dict[str, Any]:
    """Parse the body of an answer into an object; an empty one if it is not JSON, or another value."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


_SECONDS = re.compile("[0-9]{1,9}")


def parse_retry_after(retry_after: str | None) -> float:
    """Parse the header Retry-After as the API server writes it, a number; a date counts as none."""
    return float(retry_after) if retry_after and _SECONDS.fullmatch(retry_after) else 0.0
