# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to the API of a portal: JSON in, JSON out, passing troubles waited out, every refusal an exception."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from .._cluster.api import FIELD_MANAGER, JSON, parse_retry_after
from .._cluster.refused import Intent, NoAnswer, OutcomeUnknown
from .._cluster.retries import Backoff
from .._cluster.transport import Answer, Headers
from .._dataclasses import dataclass
from .._errors import KeyringError
from .connection import PortalConnection
from .portal_refusal import PortalRefused, PortalTexts, explain_portal_refusal

DecisionT = TypeVar("DecisionT")

# How often a task reads and decides, if it cannot know what became of its write.
_DECISIONS = 3


class PortalLogin(Protocol):
    """The credentials of an account."""

    def headers(self) -> Headers:
        """Return the headers that prove who sends a request. Raises KeyringError if there are none to be had."""

    def renew(self, refused: PortalRefused) -> bool:
        """Return whether the request may succeed if it is sent again. Called when one is not authenticated (401).

        Raises KeyringError where the reason is known.
        """


@dataclass(frozen=True)
class PortalApi:
    """The API of one portal, for one account.

    ``texts`` are its error codes and what they mean, and how its errors are read.
    """

    connection: PortalConnection
    login: PortalLogin = field(repr=False)
    texts: PortalTexts


@dataclass(frozen=True)
class PortalAnswer:
    """A successful answer. ``document`` is the value of its JSON, None without a body."""

    status: int
    document: Any = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    request_id: str | None


class ChangedMeanwhile(Exception):
    """A write that no longer fits what the portal has. ``error`` is for the person who runs the task."""

    def __init__(self, error: KeyringError) -> None:
        super().__init__()
        self.error = error


def read_portal(
    api: PortalApi, intent: Intent, path: str, query: Mapping[str, str] | None = None, *, missing: bool = False
) -> PortalAnswer | None:
    """Send a GET. What may pass is retried within the retry budget.

    Return None for an object that does not exist if ``missing`` is true and the portal says so in an error of its own.
    Raises KeyringError for any other refusal, when there is no answer, and for an answer that is not JSON.
    """
    target = f"{path}?{urlencode(query)}" if query else path
    attempts = Backoff(api.connection.retry_budget)
    while True:
        try:
            answer = _send_logged_in(api, "GET", target, None, JSON)
            break
        except PortalRefused as refused:
            if missing and refused.status == 404:
                if refused.code:
                    return None
                why = "It answers 404 without an error of its own, as a proxy or another server does."
                raise strange_answer(api, intent, why) from None
            if not (refused.is_passing and attempts.wait(refused.retry_after)):
                raise explain_portal_refusal(refused, intent, api.connection.server, api.texts) from None
        except NoAnswer as failure:
            if not (failure.passing and attempts.wait()):
                raise failure.error from None
    if answer.document is None:
        raise strange_answer(api, intent, "The answer is not JSON.")
    return answer


def strange_answer(api: PortalApi, intent: Intent, why: str) -> KeyringError:
    """Return the error about a successful answer that the portal does not give; ``why`` is a sentence about it."""
    return KeyringError(
        f"Cannot {intent.verb} {intent.place}: {api.connection.server} did not answer like {api.texts.title}.",
        why,
        "Check the URL and any proxy in between.",
        fatal=True,
        failure="unreachable",
    )


def write_portal(
    api: PortalApi, intent: Intent, method: str, path: str, body: Any = None, *, content_type: str = JSON
) -> PortalAnswer:
    """Send a write. It is repeated only if it was certainly not applied.

    Raises PortalRefused for an answer other than 2xx, OutcomeUnknown for a write that may have been applied, and
    KeyringError when it did not reach the portal.
    """
    data = None if body is None else json.dumps(body).encode()
    attempts = Backoff(api.connection.retry_budget)
    while True:
        try:
            return _send_logged_in(api, method, path, data, content_type)
        except PortalRefused as refused:
            if refused.status >= 500:
                error = explain_portal_refusal(refused, intent, api.connection.server, api.texts)
                raise OutcomeUnknown(error, intent, refused.retry_after) from None
            if not (refused.status == 429 and attempts.wait(refused.retry_after)):
                raise
        except NoAnswer as failure:
            if failure.sent:
                raise OutcomeUnknown(failure.error, intent) from None
            if not (failure.passing and attempts.wait()):
                raise failure.error from None


def decide_until_known(api: PortalApi, decide: Callable[[], DecisionT]) -> DecisionT:
    """Return what ``decide`` returns, which reads, decides and writes.

    It is called again, at most three times in all, when a write no longer fits or its outcome is unknown: the next
    reading shows it. Raises KeyringError where that does not help.
    """
    attempts = Backoff(api.connection.retry_budget)
    for number in range(1, _DECISIONS + 1):
        pause = 0.0
        try:
            return decide()
        except ChangedMeanwhile as changed:
            error = changed.error
        except OutcomeUnknown as unknown:
            error, pause = unknown.error, unknown.retry_after
        if number == _DECISIONS or not attempts.wait(pause):
            break
    raise error


def _send_logged_in(api: PortalApi, method: str, target: str, data: bytes | None, content_type: str) -> PortalAnswer:
    """Send a request, and once more if the login could be renewed. Raises PortalRefused and NoAnswer."""
    try:
        return _send_once(api, method, target, data, content_type)
    except PortalRefused as refused:
        if refused.status != 401 or not api.login.renew(refused):
            raise
    return _send_once(api, method, target, data, content_type)


def _send_once(api: PortalApi, method: str, target: str, data: bytes | None, content_type: str) -> PortalAnswer:
    headers = [("Accept", JSON), ("User-Agent", FIELD_MANAGER), *api.login.headers()]
    if data is not None:
        headers.append(("Content-Type", content_type))
    answer = send_to_portal(api.connection, method, target, data, headers)
    document = parse_body(answer.data)
    if 200 <= answer.status < 300:
        return PortalAnswer(
            answer.status, document, answer.headers, api.texts.find_request_id(answer.headers, document)
        )
    raise read_refusal(answer, api.texts)


def send_to_portal(
    connection: PortalConnection, method: str, target: str, data: bytes | None, headers: Headers
) -> Answer:
    """Send a request as it is, once. Raises NoAnswer."""
    from urllib3.exceptions import HTTPError

    try:
        answer = connection.send(method, target, data, headers)
    except (HTTPError, OSError, ValueError) as error:
        from .._cluster.no_answer import explain_no_answer

        raise explain_no_answer(connection, error) from None
    connection.answered.set()
    return answer


def read_refusal(answer: Answer, texts: PortalTexts) -> PortalRefused:
    """Return an answer other than success as an exception."""
    document = parse_body(answer.data)
    code, message = texts.read_error(document)
    return PortalRefused(
        answer.status,
        code,
        message,
        texts.find_request_id(answer.headers, document),
        retry_after=parse_retry_after(answer.headers.get("Retry-After")),
        date=answer.headers.get("Date", ""),
    )


def parse_body(data: bytes) -> Any:
    """Return the value of a body, None for one that is empty or not JSON."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
