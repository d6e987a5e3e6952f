# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access tokens for SAP AI Core: OAuth 2.0 client credentials, with the secret or the certificate of a service key.

Sources: RFC 6749, section 4.4; RFC 8705, section 2 (a client certificate in place of a secret).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from typing import Any
from urllib.parse import urlencode

from .._cluster.api import FIELD_MANAGER, JSON, parse_retry_after
from .._cluster.refused import NoAnswer
from .._cluster.retries import Backoff, RetryBudget
from .._cluster.transport import Answer, Headers
from .._errors import KeyringError
from .connection import PortalAccess, PortalConnection
from .portal_refusal import PASSING_STATUSES, PortalRefused
from .portal_requests import parse_body, send_to_portal
from .service_key import TOKEN_PATH, ServiceKey

_FORM = "application/x-www-form-urlencoded"
# The seconds before its end at which a token is no longer used, and those of one whose end is not stated.
_MARGIN = 60.0
_UNSTATED = 300.0


class SapLogin:
    """The access token of a service key: fetched when it is first needed, and again when it has expired.

    Every token goes to ``hide``.
    """

    def __init__(
        self, key: ServiceKey, access: PortalAccess, retry_budget: RetryBudget, hide: Callable[[str], None]
    ) -> None:
        self._key = key
        self._access = access
        self._retry_budget = retry_budget
        self._hide = hide
        self._token = ""
        self._end = 0.0

    def headers(self) -> Headers:
        """Return the header with the token. Raises KeyringError if there is none to be had."""
        if not self._token or time.monotonic() >= self._end:
            self._fetch()
        return (("Authorization", f"Bearer {self._token}"),)

    def renew(self, refused: PortalRefused) -> bool:
        """Forget the token, which the API no longer accepts; the next request gets a new one."""
        self._token = ""
        return True

    def _fetch(self) -> None:
        answer = self._ask()
        document = parse_body(answer.data)
        if answer.status != 200:
            raise _explain_no_token(answer.status, document, self._key)
        token = document.get("access_token") if isinstance(document, dict) else None
        if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
            raise _strange_answer(self._key, "The answer has no access token.")
        self._hide(token)
        seconds = _read_lifetime(document.get("expires_in"))
        self._token, self._end = token, time.monotonic() + max(seconds - _MARGIN, seconds / 2)

    def _ask(self) -> Answer:
        """Return the answer to the request for a token, which can be repeated: another token does no harm."""
        form = {"grant_type": "client_credentials", "client_id": self._key.client_id}
        if self._key.client_secret is not None:
            form["client_secret"] = self._key.client_secret
        body = urlencode(form).encode()
        headers = (("Accept", JSON), ("User-Agent", FIELD_MANAGER), ("Content-Type", _FORM))
        certificate = self._key.certificate
        attempts = Backoff(self._retry_budget)
        open_tokens = PortalConnection(
            self._key.tokens, self._access, self._retry_budget, certificate, "the token service"
        )
        with closing(open_tokens) as connection:
            while True:
                try:
                    answer = send_to_portal(connection, "POST", TOKEN_PATH, body, headers)
                except NoAnswer as failure:
                    if not (failure.passing and attempts.wait()):
                        raise failure.error from None
                    continue
                pause = parse_retry_after(answer.headers.get("Retry-After"))
                if answer.status not in PASSING_STATUSES or not attempts.wait(pause):
                    return answer


def _read_lifetime(stated: object) -> float:
    """Return the seconds that a token lasts, from a number or, as some servers write it, a string of digits."""
    if isinstance(stated, str) and stated.isascii() and stated.isdigit() and len(stated) < 10:
        return float(stated)
    if isinstance(stated, int) and not isinstance(stated, bool) and 0 < stated < 10**9:
        return float(stated)
    return _UNSTATED


def _explain_no_token(status: int, document: Any, key: ServiceKey) -> KeyringError:
    """Return the error about a refused request for a token. Its words are not repeated: they may quote the secret."""
    if 300 <= status < 400:
        return _strange_answer(key, f"It answers with a redirect ({status}), and credentials are not sent on.")
    if status >= 500 or status == 429:
        return KeyringError(
            f"{key.tokens} gives no access token ({status}).",
            "The authorization server is in trouble.",
            "Run the task again later.",
            fatal=True,
            failure="server_error",
        )
    if status in (400, 401, 403):
        why = "It may have been deleted, or its client secret is another one."
        if key.certificate:
            why = "It may have been deleted, or its certificate may have expired."
        return KeyringError(
            f"{key.tokens} does not accept the service key ({status}).",
            why,
            "Create a new service key, and check which one this task uses.",
            fatal=True,
            failure="unauthorized",
        )
    return _strange_answer(key, f"It answers {status}.")


def _strange_answer(key: ServiceKey, why: str) -> KeyringError:
    return KeyringError(
        f"{key.tokens} did not answer like an authorization server of SAP BTP.",
        why,
        "Check the service key and any proxy in between.",
        fatal=True,
        failure="unreachable",
    )
