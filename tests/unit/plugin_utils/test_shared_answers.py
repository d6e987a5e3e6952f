# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that forked processes share."""

from __future__ import annotations

import multiprocessing
import time
from typing import Any

from ansible_collections.keyring.kubernetes.plugins.plugin_utils.shared_answers import SharedAnswers

FORK = multiprocessing.get_context("fork")
QUESTION = "registry.example.com ada s3cret-password"


def test_one_process_asks_and_the_others_wait_for_its_answer() -> None:
    answers, asked = SharedAnswers(), FORK.Value("i", 0)
    found: Any = FORK.Queue()

    def work() -> None:
        answer = answers.claim(QUESTION, 20)
        if answer is None:
            with asked.get_lock():
                asked.value += 1
            time.sleep(0.3)
            answers.put(QUESTION, {"outcome": "denied"}, 60)
            answer = answers.find(QUESTION)
        found.put(answer)

    processes = [FORK.Process(target=work) for _number in range(8)]
    for process in processes:
        process.start()
    results = [found.get(timeout=20) for _process in processes]
    for process in processes:
        process.join()
    assert results == [{"outcome": "denied"}] * 8
    assert asked.value == 1


def test_an_answer_ends_and_so_does_a_claim() -> None:
    answers = SharedAnswers()
    assert answers.claim(QUESTION, 0.2) is None
    assert answers.claim(QUESTION, 5) is None, "who claimed it is gone"
    answers.put(QUESTION, {"a": 1}, 0.2)
    assert (answers.find(QUESTION), answers.find("another")) == ({"a": 1}, None)
    time.sleep(0.25)
    assert answers.find(QUESTION) is None


def test_a_long_answer_is_not_kept() -> None:
    answers = SharedAnswers()
    answers.put(QUESTION, {"text": "x" * 5000}, 60)
    assert answers.find(QUESTION) is None
    assert answers.claim(QUESTION, 1) is None


def test_more_questions_than_slots() -> None:
    answers = SharedAnswers()
    for number in range(3000):
        answers.put(str(number), {"number": number}, 60)
    found = [answers.find(str(number)) for number in range(3000)]
    assert all(answer in (None, {"number": number}) for number, answer in enumerate(found))
    assert found[-1] == {"number": 2999}


def test_no_question_is_in_the_memory() -> None:
    answers = SharedAnswers()
    answers.put(QUESTION, {"outcome": "denied"}, 60)
    memory = bytes(answers._memory)
    assert b"denied" in memory
    assert b"s3cret" not in memory
    assert SharedAnswers()._digest(QUESTION) != answers._digest(QUESTION), "the key is new for each run"


def test_a_lock_that_nobody_releases_is_not_waited_for() -> None:
    answers = SharedAnswers()
    answers._lock.acquire()
    begin = time.monotonic()
    assert answers.claim(QUESTION, 20) is None
    answers.put(QUESTION, {}, 60)
    assert answers.find(QUESTION) is None
    assert time.monotonic() - begin < 10
