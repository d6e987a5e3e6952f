# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work on many things at once: all of them, not too many at a time, and nothing new after a failure."""

from __future__ import annotations

import threading
import time

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.pool import run_all


@pytest.mark.parametrize(
    ("items", "concurrency"),
    [
        pytest.param(0, 4, id="nothing to do"),
        pytest.param(1, 4, id="one"),
        pytest.param(3, 4, id="fewer than threads"),
        pytest.param(40, 4, id="more than threads"),
        pytest.param(5, 1, id="one thread"),
    ],
)
def test_each_item_is_worked_once_and_told_once(items: int, concurrency: int) -> None:
    worked: list[int] = []
    told: list[int] = []

    def work(item: int) -> int:
        worked.append(item)
        return -item

    assert run_all(work, range(items), concurrency, told.append) is None
    assert sorted(worked) == list(range(items))
    assert sorted(told) == sorted(-item for item in range(items))


@pytest.mark.parametrize(("items", "concurrency", "most"), [(12, 3, 3), (2, 8, 2), (4, 1, 1)])
def test_as_many_at_a_time_as_asked_for(items: int, concurrency: int, most: int) -> None:
    lock = threading.Lock()
    full = threading.Barrier(most, timeout=10)  # breaks unless so many come together
    now: set[int] = set()
    seen: list[int] = []

    def work(item: int) -> int:
        with lock:
            now.add(item)
            seen.append(len(now))
        full.wait()
        with lock:
            now.remove(item)
        full.wait()
        return item

    assert run_all(work, range(items), concurrency, lambda item: None) is None
    assert max(seen) == most


def test_outcomes_are_told_on_the_thread_of_the_caller_and_worked_on_others() -> None:
    workers: set[int] = set()
    tellers: set[int] = set()

    def work(item: int) -> int:
        workers.add(threading.get_ident())
        return item

    assert run_all(work, range(20), 4, lambda item: tellers.add(threading.get_ident())) is None
    assert tellers == {threading.get_ident()}
    assert threading.get_ident() not in workers


def test_an_outcome_is_told_while_others_are_worked_on() -> None:
    told = threading.Event()

    def work(item: int) -> bool:
        return item == 0 or told.wait(10)

    outcomes: list[bool] = []

    def done(outcome: bool) -> None:
        outcomes.append(outcome)
        told.set()

    assert run_all(work, range(2), 2, done) is None
    assert outcomes == [True, True]


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failure_stops_what_is_not_begun_and_is_returned(kind: type[BaseException]) -> None:
    both = threading.Barrier(2, timeout=10)
    failed = threading.Event()
    first = kind("the first")
    worked: list[int] = []
    told: list[int] = []

    def work(item: int) -> int:
        worked.append(item)
        both.wait()
        if item == 0:
            failed.set()
            raise first
        failed.wait(10)
        time.sleep(0.05)
        return item

    assert run_all(work, range(50), 2, told.append) is first
    assert sorted(worked) == [0, 1]
    assert told == [1]


def test_of_two_failures_the_first_is_returned() -> None:
    both = threading.Barrier(2, timeout=10)
    errors = (ValueError("the first"), ValueError("the second"))

    def work(item: int) -> None:
        both.wait()
        time.sleep(0.1 * item)
        raise errors[item]

    assert run_all(work, range(2), 2, print) is errors[0]


def test_an_interruption_of_the_caller_stops_what_is_not_begun() -> None:
    interrupted = threading.Event()
    worked: list[int] = []

    def work(item: int) -> int:
        worked.append(item)
        if item >= 2:
            interrupted.wait(10)
        return item

    def done(item: int) -> None:
        raise TimeoutError("the task took too long")

    with pytest.raises(TimeoutError, match="the task took too long"):
        run_all(work, range(50), 2, done)
    interrupted.set()
    time.sleep(0.1)
    assert len(worked) <= 4
