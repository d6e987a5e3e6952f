# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts of the ECP API: each request is signed with the key of the account, over its date.

Source: ECP API Specification 1.0, securitySchemes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import field
from datetime import datetime, timezone
from email.utils import format_datetime, parsedate_to_datetime

from .._cluster.server_url import ServerUrl
from .._cluster.transport import Headers
from .._dataclasses import dataclass
from .._errors import KeyringError
from .portal_refusal import PortalRefused

# More than a clock that is set by the network is off, and less than any server of HTTP signatures allows.
_MOST_SKEW = 60.0


@dataclass(frozen=True)
class EcpAccount:
    """An account of the API. ``on_behalf_of`` is the ID of a reseller's customer, or None."""

    url: ServerUrl
    user: str
    api_key: str = field(repr=False)
    on_behalf_of: str | None = None


def sign_date(api_key: str, date: str) -> str:
    """Return the password of a request with this header Date: base64 of HMAC-SHA1."""
    digest = hmac.new(api_key.encode(), date.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


class EcpLogin:
    """The signature of each request of an account. It goes to ``hide``, with the header that holds it."""

    def __init__(self, account: EcpAccount, hide: Callable[[str], None]) -> None:
        self._account = account
        self._hide = hide

    def headers(self) -> Headers:
        """Return the date of this moment, the signature over it, and for whom the request is."""
        date = format_datetime(datetime.now(timezone.utc), usegmt=True)
        password = sign_date(self._account.api_key, date)
        basic = base64.b64encode(f"{self._account.user}:{password}".encode()).decode()
        self._hide(password)
        self._hide(basic)
        headers = [("Date", date), ("Authorization", f"Basic {basic}")]
        if self._account.on_behalf_of is not None:
            headers.append(("On-Behalf-Of", self._account.on_behalf_of))
        return headers

    def renew(self, refused: PortalRefused) -> bool:
        """Return that a request which is not authenticated is not sent again.

        Raises KeyringError if the clocks of this machine and of the portal differ too much for a signature.
        """
        theirs = _parse_date(refused.date)
        if theirs is None:
            return False
        ours = datetime.now(timezone.utc)
        if abs((ours - theirs).total_seconds()) <= _MOST_SKEW:
            return False
        raise KeyringError(
            "The ECP API does not accept the signature (401), and the clock of this machine is wrong.",
            f"The machine that runs this task has {_show_time(ours)}, the API {_show_time(theirs)}; the signature "
            "holds the time.",
            "Set the clock of the machine.",
            fatal=True,
            failure="clock_skew",
        )


def _parse_date(text: str) -> datetime | None:
    """Return the time of a header Date; None for any other text."""
    try:
        date = parsedate_to_datetime(text)
        return date.astimezone(timezone.utc) if date.tzinfo else date.replace(tzinfo=timezone.utc)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _show_time(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC")
