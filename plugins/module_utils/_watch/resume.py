# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From where a watch goes on after its end or a failure, and after which pause. Pure.

A watch that ended as usual resumes from the last resourceVersion that it has seen. Everything is listed again when the
server no longer has the changes since then (410), when it was away, and when a watch delivers nothing. A server that
comes back may have been restored from a backup, and would leave out the changes that have a lower resourceVersion than
the one to resume from.
"""

from __future__ import annotations

from typing import Literal

from .._dataclasses import dataclass

# Seconds of the first pause and of the longest one. There is no greatest number of attempts.
FIRST_WAIT = 1.0
LONGEST_WAIT = 30.0
# Seconds after which a watch has worked, even if nothing happened. A proxy that ends it sooner is asked less often.
WORKING_AFTER = 5.0
# 2**10 seconds are longer than the longest pause.
_MOST_DOUBLINGS = 10

FailureKind = Literal["expired", "refused", "ended", "lost"]

# Answers that say nothing about the changes that the server has: a permission is missing, or the server is too busy.
# 503 is not one of them, because a load balancer without a server sends it, too.
_ANSWERED = (401, 403, 429)
# Failures that are part of normal operation as long as they do not follow one another.
_EXPECTED = ("expired", "ended")
# Failures after which the server still has the changes since the last resourceVersion.
_RESUMABLE = ("refused", "ended")


@dataclass(frozen=True)
class WatchPosition:
    """The resourceVersion to resume from, None for a list, and the failures since the watch last worked."""

    version: str | None = None
    failures: int = 0


def classify_status(status: int) -> FailureKind:
    """Return what a failed answer means for the position."""
    if status == 410:
        return "expired"
    return "refused" if status in _ANSWERED else "lost"


def after_list(position: WatchPosition, version: str) -> WatchPosition:
    """Return the position after a list. The failures count until the watch works, too."""
    return WatchPosition(version, position.failures)


def after_event(version: str) -> WatchPosition:
    """Return the position after an event with this resourceVersion. The watch works."""
    return WatchPosition(version)


def after_failure(position: WatchPosition, kind: FailureKind) -> WatchPosition:
    """Return the position after a request that failed."""
    return WatchPosition(position.version if kind in _RESUMABLE else None, position.failures + 1)


def deserves_warning(position: WatchPosition, kind: FailureKind) -> bool:
    """Return whether a failure is more than normal operation. ``position`` is the one after it."""
    return kind not in _EXPECTED or position.failures > 1


def seconds_after_short_watch(spread: float) -> float:
    """Return the pause after a watch that brought something and ended sooner than WORKING_AFTER.

    A proxy that ends each watch after one event would otherwise be asked without any pause. ``spread`` is as in
    ``seconds_to_wait``.
    """
    return FIRST_WAIT * (1 - spread / 2)


def seconds_to_wait(position: WatchPosition, spread: float, at_least: float = 0.0) -> float:
    """Return the pause before the next request: none after success, and twice as long after each failure.

    ``spread`` is a random number from 0 to 1: up to half of the pause is left out, so that several clients do not come
    at once. ``at_least`` is what the server asks to wait, which counts up to LONGEST_WAIT.
    """
    if not position.failures:
        return 0.0
    doublings: int = min(position.failures - 1, _MOST_DOUBLINGS)
    longest = min(LONGEST_WAIT, FIRST_WAIT * float(2**doublings))
    return min(LONGEST_WAIT, max(at_least, longest * (1 - spread / 2)))
