# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Expiry times of credentials: in an annotation by server, in a JSON Web Token itself, and of minted tokens.

Times are strings in UTC such as 2026-11-21T10:00:00Z, whose order is that of the times. The present is an argument.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Protocol

from .._dataclasses import dataclass
from .._errors import KeyringError
from .secret_values import AFTER_APPLY

# Two clocks may differ by so much before a token seems to last longer than it can.
SKEW = timedelta(minutes=5)

# Without min_validity, a token is replaced when less than one of so many parts of its life is left.
PARTS = 3

# RFC 3339, also with a space between date and time as YAML writes it, or a date alone.
_TIME = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)([Tt ](?P<time>\d\d:\d\d:\d\d)(\.\d+)?(?P<zone>[Zz]|[+-]\d\d:\d\d))?", re.ASCII
)

# A signed JSON Web Token: header, claims and signature in base64url without padding (RFC 7515, section 7.1).
_JWT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+", re.ASCII)

# A longer string is not read. HTTP servers refuse longer headers.
_LONGEST_TOKEN = 64 * 1024

# Seconds since 1970 with ten digits: from 2001 to 2286. Milliseconds have thirteen.
_FIRST_EXP, _LAST_EXP = 10**9, 10**10 - 1


def parse_time(text: str) -> datetime | None:
    """Parse a time with its zone, to the second. A date is its first moment in UTC; another string returns None."""
    found = _TIME.fullmatch(text)
    if not found:
        return None
    zone = (found["zone"] or "Z").upper().replace("Z", "+00:00")
    try:
        return datetime.fromisoformat(f"{found['date']}T{found['time'] or '00:00:00'}{zone}").astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def render_time(moment: datetime) -> str:
    """Return a time as a string in UTC, such as 2026-11-21T10:00:00Z."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def check_expires_at(value: str, option: str) -> str:
    """Return a time of the task in UTC. Raise KeyringError, without quoting it, for a string that is not a time."""
    moment = parse_time(value.strip())
    if moment is None:
        raise KeyringError(
            f"{option} is not a valid date and time.",
            "It states when the password expires, as a date or a time with its zone.",
            "Write it like 2027-01-31 or 2027-01-31T12:00:00Z.",
            option=option,
        )
    return render_time(moment)


def warn_expires_at(end: str, now: datetime, option: str) -> str | None:
    """Return a warning about a password that has expired, which is written all the same; None for another one."""
    if end > render_time(now):
        return None
    return f"{option} is in the past: the password expired at {end}. Give a new password, with its date."


def read_claims(password: str | None) -> dict[str, Any]:
    """Return the claims of a password that is a signed JSON Web Token; none of another password.

    Its header must have ``alg``. The signature is not verified.
    """
    if not password or len(password) > _LONGEST_TOKEN:
        return {}
    token = _JWT.fullmatch(password)
    if not token or not isinstance(_decode_part(token[1]).get("alg"), str):
        return {}
    return _decode_part(token[2])


def find_token_expiry(password: str | None) -> str | None:
    """Return the expiry time in a password that is a JSON Web Token; None for another password.

    Its claims must have a number as ``exp`` (RFC 7519).
    """
    end = read_claims(password).get("exp")
    if isinstance(end, bool) or not isinstance(end, (int, float)) or not _FIRST_EXP <= end <= _LAST_EXP:
        return None
    return render_time(datetime.fromtimestamp(end, timezone.utc))


def _decode_part(part: str) -> dict[str, Any]:
    """Return the JSON object in a part of a JSON Web Token; an empty one if it is something else."""
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def warn_password(password: str | None, expires_at: str | None, now: datetime, option: str) -> str | None:
    """Return a warning about the expiry time of a given password, which is written all the same.

    ``option`` is the item with the options ``password`` and ``expires_at``.
    """
    in_token = find_token_expiry(password)
    if expires_at and in_token and expires_at > in_token:
        return (
            f"{option}.expires_at is later than the expiry time in the token, {in_token}. "
            "Correct expires_at, or leave it out."
        )
    if expires_at:
        return warn_expires_at(expires_at, now, f"{option}.expires_at")
    return warn_token(password, now, f"{option}.password")


def warn_token(password: str | None, now: datetime, option: str) -> str | None:
    """Return a warning about a given JSON Web Token that has expired; None for another password."""
    end = find_token_expiry(password)
    if end is None or end > render_time(now):
        return None
    return f"{option} is a token that expired at {end}. Give a new one."


def parse_expiries(text: str | None) -> dict[str, str]:
    """Parse the expiry annotation into a mapping of server to time.

    Ignore values that are not times, and the whole annotation if it is not a JSON object.
    """
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {server: end for server, end in found.items() if _is_expiry(end)}


def _is_expiry(value: object) -> bool:
    return isinstance(value, str) and (value == AFTER_APPLY or parse_time(value) is not None)


def render_expiries(expiries: Mapping[str, str]) -> str | None:
    """Return the expiry annotation for a mapping of server to time; None for an empty one."""
    if not expiries:
        return None
    return json.dumps(expiries, sort_keys=True, separators=(",", ":"))


def find_first(ends: Iterable[str]) -> str | None:
    """Return the earliest expiry time; AFTER_APPLY if one of them is not known yet, None without any."""
    known = set(ends)
    if AFTER_APPLY in known:
        return AFTER_APPLY
    return min(known, default=None)


class Mintable(Protocol):
    """A token that a task can mint: its user name, the seconds that it lasts at most, and the option behind it."""

    @property
    def username(self) -> str:
        """Return the user name."""

    @property
    def life(self) -> int:
        """Return the seconds."""

    @property
    def option(self) -> str:
        """Return the name of the option."""


class StoredUser(Protocol):
    """Stored credentials, of which the user name counts."""

    @property
    def username(self) -> str | None:
        """Return the user name; None if it is not known."""


@dataclass(frozen=True)
class Renewal:
    """A rule for the replacement of minted tokens.

    ``min_validity`` are the seconds that a stored token must last; None is a third of what such tokens last.
    """

    now: datetime
    min_validity: int | None = None
    force: bool = False

    def margin(self, minting: Mintable) -> timedelta:
        """Return how long a stored token must last from now on in order not to be replaced."""
        if self.min_validity is None:
            return timedelta(seconds=minting.life // PARTS)
        return timedelta(seconds=self.min_validity)

    def is_due(self, minting: Mintable, stored: StoredUser, end: str | None) -> bool:
        """Return whether the stored credentials are to be replaced by a new token.

        An expiry time further ahead than such a token can last is not that of a token: a clock was wrong, or someone
        wrote the annotation by hand.
        """
        moment = parse_time(end) if end else None
        if self.force or stored.username != minting.username or moment is None:
            return True
        earliest = self.now + self.margin(minting)
        latest = self.now + timedelta(seconds=minting.life) + SKEW
        return not earliest < moment <= latest

    def needed_until(self, minting: Mintable) -> datetime:
        """Return the time until which a new token must last so that the next run keeps it."""
        return self.now + min(self.margin(minting), timedelta(seconds=minting.life))

    def latest(self, minting: Mintable, moment: datetime) -> datetime:
        """Return the expiry time of a new token, never later than such a token can last."""
        return min(moment, self.now + timedelta(seconds=minting.life))

    def warn(self, minting: Mintable) -> str | None:
        """Return a warning if no token lasts for ``min_validity``, so that each run mints a new one; else None."""
        if self.min_validity is None or self.min_validity < minting.life:
            return None
        return (
            f"min_validity is {self.min_validity} s, and the token of {minting.option} lasts at most "
            f"{minting.life} s, so each run mints a new one. Use a smaller value."
        )


def choose_renewal(now: datetime, min_validity: int | None, force: bool) -> Renewal:
    """Return when minted tokens are replaced, by the options. Raises KeyringError for a validity below zero."""
    if min_validity is not None and min_validity < 0:
        raise KeyringError(
            f"min_validity must be at least 0; it is {min_validity}.",
            "It is the number of seconds that a stored token must last.",
            "Leave it out for a third of what the token lasts.",
            option="min_validity",
        )
    return Renewal(now, min_validity, force)
