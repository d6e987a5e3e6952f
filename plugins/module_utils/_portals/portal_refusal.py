# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refusals of a portal: its error codes, and what they mean to the person who runs the task."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .._cluster.refused import Intent
from .._dataclasses import dataclass
from .._errors import FailureId, KeyringError

# The statuses of answers after which the same request may succeed later.
PASSING_STATUSES = (429, 500, 502, 503, 504)

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:/=+-]{1,128}")
# Characters of a portal's own sentence that is repeated.
_LONGEST_MESSAGE = 500


class PortalRefused(Exception):
    """An answer of a portal other than success. ``code`` and ``message`` are the portal's own, perhaps empty.

    ``retry_after`` are the seconds that it asks to wait, ``date`` its clock as in the header Date.
    """

    def __init__(
        self, status: int, code: str, message: str, request_id: str | None, *, retry_after: float = 0.0, date: str = ""
    ) -> None:
        super().__init__(status)
        self.status, self.code, self.message, self.request_id = status, code, message, request_id
        self.retry_after, self.date = retry_after, date

    @property
    def is_passing(self) -> bool:
        """Return whether the same request may succeed later."""
        return self.status in PASSING_STATUSES


@dataclass(frozen=True)
class RefusalMeaning:
    """The meaning of an error code or a status: the failure, why it happens, how to go on, and the option to blame."""

    failure: FailureId
    why: str = ""
    remedy: str = ""
    option: str | None = None


@dataclass(frozen=True)
class PortalTexts:
    """A portal in messages: what it is called, and what its errors mean.

    ``codes`` are its error codes, and ``statuses`` count for the other ones. ``read_error`` returns code and message
    from the value of an error's JSON, which may be anything. ``request_id_header`` is the header that identifies a
    request, and ``request_id_of`` finds it in the value where there is no such header.
    """

    title: str
    codes: Mapping[str, RefusalMeaning]
    statuses: Mapping[int, RefusalMeaning]
    read_error: Callable[[Any], tuple[str, str]]
    request_id_header: str
    request_id_of: Callable[[Any], object] = lambda document: None

    def find_request_id(self, headers: Mapping[str, str], document: Any) -> str | None:
        """Return what identifies a request in the logs of the portal; None where its answer has nothing of the kind."""
        found = headers.get(self.request_id_header) or self.request_id_of(document)
        return found if isinstance(found, str) and _REQUEST_ID.fullmatch(found) else None


_PORTAL_REJECTS = RefusalMeaning("rejected", "", "Check the values of the task.")
_PORTAL_FAILS = RefusalMeaning("server_error", "", "Run the task again later, or report the request to the portal.")
_STATUSES: Mapping[int, RefusalMeaning] = {
    401: RefusalMeaning("unauthorized", "The portal does not accept the credentials of the account.", "Renew them."),
    403: RefusalMeaning("forbidden", "The account has no permission for that.", "Use another account, or extend it."),
    404: RefusalMeaning("not_found", "", "Check the URL of the portal."),
    409: RefusalMeaning("conflict", "Another client changed it at the same time.", "Run the task again."),
    429: RefusalMeaning("server_error", "The portal gets too many requests.", "Run the task again later."),
}


def explain_portal_refusal(refused: PortalRefused, intent: Intent, server: str, texts: PortalTexts) -> KeyringError:
    """Return the error about a refused request, with the portal's own words and its ID of the request."""
    what = f"Cannot {intent.verb} {intent.place}: {texts.title} answers {refused.status}."
    if 300 <= refused.status < 400:
        return KeyringError(
            f"Cannot {intent.verb} {intent.place}: {server} answers with a redirect ({refused.status}).",
            "Credentials are never sent on to another address.",
            "Give the address of the API itself.",
            fatal=True,
            failure="unreachable",
        )
    meaning = texts.codes.get(refused.code) or texts.statuses.get(refused.status) or _STATUSES.get(refused.status)
    if meaning is None:
        meaning = _PORTAL_FAILS if refused.status >= 500 else _PORTAL_REJECTS
    quoted = _quote_portal(refused)
    error = KeyringError(
        what,
        " ".join(part for part in (quoted, meaning.why) if part),
        meaning.remedy,
        failure=meaning.failure,
        option=meaning.option,
        quoted=quoted,
        fatal=refused.status in (401, 403),
    )
    error.facts["request_id"] = refused.request_id
    return error


def _quote_portal(refused: PortalRefused) -> str:
    """Return the portal's own words as a sentence, empty where it has none."""
    code = refused.code if _CODE.fullmatch(refused.code) else ""
    message = refused.message.strip().rstrip(".")
    if len(message) > _LONGEST_MESSAGE:
        message = f"a message of {len(message)} characters"  # not cut: a part of a secret might be left
    words = ": ".join(part for part in (code, message) if part)
    request = f"request {refused.request_id}" if refused.request_id else ""
    if not words:
        return f"Its ID of the request is {refused.request_id}." if request else ""
    return f"It reports {words} ({request})." if request else f"It reports {words}."
