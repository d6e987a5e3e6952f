# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decide which pull secrets the form cleanup deletes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

# As the API server writes times.
_UTC_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
# PrimeHub's page lists every Secret with this prefix, and a person may choose one there at any time.
_PRIMEHUB_PREFIX = "image-"


def find_unused_secrets(secrets: Iterable[Mapping[str, Any]], *, now: float, days: int) -> list[Mapping[str, Any]]:
    """Return the Secrets of this collection that nothing uses and that were not changed for some days.

    A Secret stays when another tool manages it, when its users are not known, when its times are not known, and when it
    may be one of PrimeHub's page. Other portals' Secrets are not of this collection.
    """
    newest = int(now) - days * 86400
    return [
        secret
        for secret in secrets
        if secret["ours"]
        and not secret["managed_by"]
        and secret["used_by"] == []
        and not secret["name"].startswith(_PRIMEHUB_PREFIX)
        and _is_until(secret.get("created"), newest)
        and _is_until(secret.get("last_updated"), newest)
    ]


def _is_until(time: object, newest: int) -> bool:
    """Return whether a time, as the API server writes it, is known and not after another one."""
    if not isinstance(time, str) or not _UTC_TIME.fullmatch(time):
        return False
    try:
        parsed = datetime.strptime(time, "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:  # such as a 31st of February
        return False
    return parsed.timestamp() <= newest
