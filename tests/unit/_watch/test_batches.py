# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When an event goes out, and what it carries; the times are given."""

from __future__ import annotations

from ansible_collections.keyring.kubernetes.plugins.module_utils._watch.batches import Batch, Batches


def test_a_batch_begins_with_its_first_namespace_and_ends_when_it_has_settled() -> None:
    batches = Batches(settle=10, most=6)
    assert batches.due() is None
    batches.add("b", "1", 100)
    batches.add("a", "2", 109)
    assert batches.due() == 110
    assert batches.take(109.9) is None
    assert batches.take(110) == Batch(("a", "b"))
    assert (batches.due(), batches.take(200)) == (None, None)


def test_the_next_batch_settles_again() -> None:
    batches = Batches(settle=10, most=6)
    batches.add("a", "1", 100)
    batches.take(110)
    batches.add("b", "2", 111)
    assert batches.due() == 121
    assert batches.take(121) == Batch(("b",))


def test_what_is_beyond_the_limit_waits_for_the_minute_and_goes_out_at_once() -> None:
    batches = Batches(settle=0, most=2)
    for now in (100, 101):
        batches.add(f"early-{now}", str(now), now)
        assert batches.take(now) == Batch((f"early-{now}",))
    for now in (102, 130, 159):
        batches.add(f"late-{now}", str(now), now)
        assert batches.take(now) is None
    assert batches.due() == 160
    assert batches.take(160) == Batch(("late-102", "late-130", "late-159"), more=True)
    batches.add("next", "next", 160)
    assert batches.due() == 161  # a minute after the second event
    assert batches.take(161) == Batch(("next",), more=True)


def test_a_batch_that_settles_after_the_minute_did_not_wait() -> None:
    batches = Batches(settle=10, most=1)
    batches.add("a", "1", 100)
    batches.take(110)
    batches.add("b", "2", 165)
    assert batches.take(175) == Batch(("b",))


def test_a_namespace_that_is_gone_is_not_announced() -> None:
    batches = Batches(settle=10, most=6)
    batches.add("a", "1", 100)
    batches.withdraw("a", "1")
    assert batches.due() is None
    batches.add("b", "2", 105)
    assert batches.due() == 115


def test_a_namespace_that_was_recreated_while_it_waited_is_announced_once() -> None:
    batches = Batches(settle=10, most=6)
    batches.add("a", "old", 100)
    batches.add("a", "new", 101)
    batches.withdraw("a", "old")
    assert batches.take(110) == Batch(("a",))
