# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a task waits for a server in trouble: a budget for one request, and one for each thread."""

from __future__ import annotations

import itertools
import threading
import time

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.retries import Backoff, RetryBudget


def timed_pause(attempts: Backoff, at_least: float = 0.0) -> tuple[bool, float]:
    """Whether there was a pause, and how many seconds it took."""
    begin = time.monotonic()
    paused = attempts.wait(at_least)
    return paused, time.monotonic() - begin


@pytest.mark.parametrize(
    ("retry_budget", "at_least", "paused"),
    [
        pytest.param(RetryBudget(per_request=1, total=1), 0, True, id="enough of both"),
        pytest.param(RetryBudget(per_request=0.01, total=1), 0, False, id="too little for one"),
        pytest.param(RetryBudget(per_request=1, total=0.01), 0, False, id="too little in all"),
        pytest.param(RetryBudget(per_request=0, total=0), 0, False, id="none"),
        pytest.param(RetryBudget(per_request=1, total=1), 0.15, True, id="what the server asks for is within it"),
        pytest.param(RetryBudget(per_request=1, total=9), 2, False, id="the server asks for more than for one"),
        pytest.param(RetryBudget(per_request=9, total=1), 2, False, id="the server asks for more than in all"),
        pytest.param(RetryBudget(), 3600, False, id="the server asks for an hour"),
    ],
)
def test_a_pause_within_the_budget_is_made_and_any_other_refused_at_once(
    retry_budget: RetryBudget, at_least: float, paused: bool
) -> None:
    was_paused, seconds = timed_pause(Backoff(retry_budget), at_least)

    assert was_paused is paused
    assert seconds >= max(at_least, 0.05) if paused else seconds < 0.05


def test_pauses_grow_until_the_budget_for_one_is_used_up() -> None:
    attempts = Backoff(RetryBudget(per_request=0.5, total=9))
    pauses = (timed_pause(attempts) for _number in itertools.count())
    made = [seconds for _paused, seconds in itertools.takewhile(lambda pause: pause[0], pauses)]

    assert 2 <= len(made) <= 3  # 0.05 to 0.1 seconds, then twice that, then four times
    assert all(seconds >= 0.05 * 2**number for number, seconds in enumerate(made))


def test_the_time_of_the_attempts_counts_for_one() -> None:
    attempts = Backoff(RetryBudget(per_request=0.12, total=9))
    time.sleep(0.1)

    assert timed_pause(attempts)[0] is False


def test_the_time_of_attempts_that_fail_counts_in_all() -> None:
    retry_budget = RetryBudget(per_request=9, total=0.5)
    begin = time.monotonic()
    attempts = Backoff(retry_budget)
    time.sleep(0.1)
    attempts.wait(at_least=9)

    assert 0.1 <= 0.5 - retry_budget.left() <= time.monotonic() - begin


def test_a_pause_counts_in_all_also_when_the_next_attempt_succeeds() -> None:
    retry_budget = RetryBudget(per_request=0.2, total=0.59)
    results = [timed_pause(Backoff(retry_budget), 0.15)[0] for _number in range(5)]

    assert results == [True, True, True, False, False]
    assert 0 <= retry_budget.left() <= 0.14


def test_each_thread_has_the_whole_of_what_may_be_lost_in_all() -> None:
    retry_budget = RetryBudget(per_request=9, total=0.3)
    retry_budget.spend(0.25)
    left: list[float] = []
    paused: list[bool] = []

    def elsewhere() -> None:
        left.append(retry_budget.left())
        paused.append(Backoff(retry_budget).wait(0.1))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()

    assert left == [0.3]
    assert paused == [True]
    assert Backoff(retry_budget).wait(0.1) is False
    assert retry_budget.left() <= 0.05 + 1e-9
