# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks at what a portal does later, which end in time although a look may fail."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from .._errors import KeyringError
from .connection import PortalConnection

# The failures of a read that may pass.
_PASSING_FAILURES = ("server_error", "unreachable")
# The seconds that one look may take in any case.
_SHORTEST_LOOK = 2.0
# The seconds between two looks at what a portal does later: the first pause, and the longest.
_FIRST_LOOK = 0.25
_LONGEST_LOOK = 5.0


def look_until(connection: PortalConnection, is_done: Callable[[], bool], seconds: float) -> bool:
    """Ask again and again whether something is done, for so many seconds; return whether it was.

    A look that fails for a reason that may pass is one that did not see it. Raises KeyringError for any other failure.
    """
    end = time.monotonic() + seconds

    def look() -> bool:
        try:
            with _hurrying(connection, end - time.monotonic()):
                return is_done()
        except KeyringError as error:
            if error.failure not in _PASSING_FAILURES:
                raise
            return False

    pause = _FIRST_LOOK
    while not look():
        left = end - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(pause, left))
        pause = min(2 * pause, _LONGEST_LOOK)
    return True


@contextmanager
def _hurrying(connection: PortalConnection, seconds: float) -> Iterator[None]:
    """Let the requests inside the block neither be repeated nor wait for an answer beyond so many seconds."""
    budget = connection.retry_budget
    most = max(seconds, _SHORTEST_LOOK)
    connection.retry_budget = replace(
        budget,
        per_request=min(budget.per_request, seconds),
        to_connect=min(budget.to_connect, most),
        to_answer=min(budget.to_answer, most),
    )
    try:
        yield
    finally:
        connection.retry_budget = budget
