# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From where a watch goes on, and after which pause."""

from __future__ import annotations

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._watch.resume import (
    LONGEST_WAIT,
    FailureKind,
    WatchPosition,
    after_event,
    after_failure,
    after_list,
    classify_status,
    deserves_warning,
    seconds_to_wait,
)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, "refused") for status in (401, 403, 429)),
        (410, "expired"),
        *((status, "lost") for status in (302, 400, 404, 500, 502, 503, 504)),
    ],
)
def test_a_status_says_whether_the_position_still_holds(status: int, kind: FailureKind) -> None:
    assert classify_status(status) == kind


@pytest.mark.parametrize(("kind", "version"), [("refused", "7"), ("ended", "7"), ("expired", None), ("lost", None)])
def test_a_failure_keeps_the_position_only_if_the_server_knows_it(kind: FailureKind, version: str | None) -> None:
    assert after_failure(WatchPosition("7", 2), kind) == WatchPosition(version, 3)


def test_an_event_resets_the_failures() -> None:
    assert after_event("8") == WatchPosition("8", 0)


@pytest.mark.parametrize(
    ("kind", "warned"),
    [("refused", [1, 2]), ("lost", [1, 2]), ("expired", [2]), ("ended", [2])],
)
def test_the_second_failure_in_a_row_is_always_a_warning(kind: FailureKind, warned: list[int]) -> None:
    assert [count for count in (1, 2) if deserves_warning(WatchPosition(None, count), kind)] == warned


def test_a_list_alone_does_not_reset_the_failures() -> None:
    """A server that lists, and refuses every watch, would be asked without a pause."""
    assert after_list(WatchPosition(None, 4), "9") == WatchPosition("9", 4)


def test_pauses_double_up_to_the_longest_one_and_never_end() -> None:
    longest = [seconds_to_wait(WatchPosition(None, failures), spread=0) for failures in (0, 1, 2, 3, 4, 5, 6, 10_000)]
    assert longest == [0, 1, 2, 4, 8, 16, LONGEST_WAIT, LONGEST_WAIT]


def test_pauses_are_spread_over_their_second_half() -> None:
    assert [seconds_to_wait(WatchPosition(None, 3), spread) for spread in (0, 0.5, 1)] == [4, 3, 2]


def test_a_server_may_ask_for_a_longer_pause_up_to_the_longest_one() -> None:
    assert [seconds_to_wait(WatchPosition("7", 1), 0, at_least) for at_least in (0.5, 20, 86_400)] == [
        1,
        20,
        LONGEST_WAIT,
    ]
