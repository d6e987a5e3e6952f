# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When credentials end, which an annotation says by server, and when a minted token is to be replaced.

Times are texts in UTC, as 2026-11-21T10:00:00Z, so that they sort as they are. What the time is now is an argument.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from .._errors import KeyringError
from .docker_config import StoredLogin
from .material import AFTER_APPLY
from .preset_shapes import Minting

# So much two clocks may differ before the one makes a token look as if it lasted longer than it can.
SKEW = timedelta(minutes=5)

# Without min_validity, so many parts of a token's life must be left of one.
PARTS = 3

# RFC 3339, also with a blank as YAML's times have it, or a date alone.
_TIME = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)([Tt ](?P<time>\d\d:\d\d:\d\d)(\.\d+)?(?P<zone>[Zz]|[+-]\d\d:\d\d))?", re.ASCII
)


def parse_time(text: str) -> datetime | None:
    """A time with its zone, to the second; a date is its first moment in UTC. None for another text."""
    found = _TIME.fullmatch(text)
    if not found:
        return None
    zone = (found["zone"] or "Z").upper().replace("Z", "+00:00")
    try:
        return datetime.fromisoformat(f"{found['date']}T{found['time'] or '00:00:00'}{zone}").astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def render_time(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def check_expires_at(value: str, option: str) -> str:
    """The time that a task gives, in UTC. Raises KeyringError, without quoting it, for a text that is none."""
    moment = parse_time(value.strip())
    if moment is None:
        raise KeyringError(
            f"{option} is no time.",
            "It says when the password ends: a date, or a time with its zone.",
            "Write it like 2027-01-31 or 2027-01-31T12:00:00Z.",
            option=option,
        )
    return render_time(moment)


def warn_expires_at(end: str, now: datetime, option: str) -> str | None:
    """A sentence about a password that is over already; it is written all the same, as the others of the task are."""
    return None if end > render_time(now) else f"{option} is over: the password ended at {end}. Give a new one."


def parse_expiries(text: str | None) -> dict[str, str]:
    """What an annotation says by server; what is no time in it is left out, and all of one that is something else."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    items = found.items() if isinstance(found, dict) else ()
    return {server: end for server, end in items if isinstance(end, str) and (end == AFTER_APPLY or parse_time(end))}


def render_expiries(expiries: Mapping[str, str]) -> str | None:
    """The annotation for these ends by server; None where there is none."""
    return json.dumps(expiries, sort_keys=True, separators=(",", ":")) if expiries else None


def find_first(ends: Iterable[str]) -> str | None:
    """The first of some ends, which is not known where one of them is not known yet; None without any."""
    found = sorted(ends)
    return AFTER_APPLY if AFTER_APPLY in found else next(iter(found), None)


@dataclass(frozen=True)
class Renewal:
    """When a minted token is replaced: ``min_validity`` is in seconds, None for a third of what such tokens last."""

    now: datetime
    min_validity: int | None = None
    force: bool = False

    def margin(self, minting: Minting) -> timedelta:
        """So long a token must last from now on to stay."""
        return timedelta(seconds=minting.life // PARTS if self.min_validity is None else self.min_validity)

    def is_due(self, minting: Minting, stored: StoredLogin, end: str | None) -> bool:
        """Whether the stored credentials are no minted token that lasts.

        An end that lies further ahead than such a token can last is none of its: a clock was wrong, or a hand wrote it.
        """
        moment = parse_time(end) if end else None
        if self.force or stored.username != minting.username or moment is None:
            return True
        return not self.now + self.margin(minting) < moment <= self.now + timedelta(seconds=minting.life) + SKEW

    def latest(self, minting: Minting, moment: datetime) -> datetime:
        """The end of a new token, and never one that would not count."""
        return min(moment, self.now + timedelta(seconds=minting.life))

    def warn(self, minting: Minting) -> str | None:
        """A sentence about a validity that no token has, so that each run makes a new one."""
        if self.min_validity is None or self.min_validity < minting.life:
            return None
        return (
            f"min_validity is {self.min_validity} s, and the token of {minting.option} lasts at most {minting.life} s, "
            "so each run makes a new one. Give less."
        )
