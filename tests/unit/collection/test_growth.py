# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work grows like the Secrets and results, and no faster. It is counted, never timed."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timezone
from types import FrameType
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.known_hosts import accept_scanned
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.registries import parse_registries
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.causes import PullContext, find_cause
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.pullers import Waiting
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.verdict import (
    Candidate,
    judge,
    load_pull_secrets,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.result_fields import scrub_result
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.scrub import (
    Scrubber,
    find_forms,
    written_forms,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.plan import Plan
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.pull_secret import (
    describe_pull_secret,
    list_registries,
    merge_pull_secret,
    pull_secret_texts,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.view import view_diff
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.image_pull_secret_info import describe_config
from support.samples.secrets import docker_secret

NOW = datetime(2026, 6, 1, tzinfo=timezone.utc)


def large_secret(entries: int, password: str = "password") -> dict[str, Any]:
    """A pull secret with this many entries, each with a user and a password of its own."""
    auths = {
        f"r{number:05}.example.com": {"username": f"user-{number:05}", "password": f"{password}-{number:05}"}
        for number in range(entries)
    }
    return docker_secret({"auths": auths})


def merge_one(secret: dict[str, Any]) -> object:
    item = {"server": "new.example.com", "username": "ada", "password": "s3cret", "state": "present"}
    return merge_pull_secret(secret, parse_registries([item], "always"), purge=False, update="always")


def diff(secret: dict[str, Any]) -> object:
    rotated = large_secret(len(list_registries(secret)), "rotated")
    return view_diff(Plan("updated", secret, rotated), describe_pull_secret, ())


def judge_image(secret: dict[str, Any]) -> object:
    pull_secrets = load_pull_secrets([Candidate("registry", "found", secret["type"], secret)])
    return judge(pull_secrets, "other.example.com/app")


def scrub_entry(secret: dict[str, Any]) -> object:
    scrubber = Scrubber()
    scrubber.add(*pull_secret_texts(secret))
    return scrub_result(describe_config(secret, None, NOW), scrubber)


def count_steps(function: Callable[[], object]) -> int:
    """Return the number of instructions of Python that a function runs."""
    steps = 0

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal steps
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        steps += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function()
    finally:
        sys.settrace(before)
    return steps


def count_calls(function: Callable[[], object]) -> Counter[str]:
    """Return how often a function calls each function of Python, by name."""
    calls: Counter[str] = Counter()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        calls[frame.f_code.co_name] += event == "call"

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        function()
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("work", [merge_one, diff, judge_image, scrub_entry])
def test_a_secret_with_four_times_the_entries_takes_four_times_the_steps(work: Callable[[Any], object]) -> None:
    work(large_secret(3))  # what is loaded or compiled once
    few, many = (count_steps(lambda size=size: work(large_secret(size))) for size in (50, 200))  # type: ignore[misc]
    assert many < 4.4 * few


def test_many_images_read_the_secrets_once_more_and_compare_only_similar_entries() -> None:
    secret = large_secret(100)
    pull_secrets = load_pull_secrets([Candidate("registry", "found", secret["type"], secret)])
    calls = count_calls(lambda: [judge(pull_secrets, f"R{number:05}.example.com/app") for number in range(20)])
    assert calls["read_config"] == 1
    assert calls["_split_pair"] == 20


class SearchedText(str):
    """A text that counts how often it is searched from its beginning."""

    __slots__ = ("searches",)

    def __contains__(self, part: str) -> bool:  # type: ignore[override]
        self.searches = getattr(self, "searches", 0) + 1
        return str.__contains__(self, part)


@pytest.mark.parametrize(
    ("name", "most"),
    [
        pytest.param("another-{:05}", 0, id="nothing of the text"),
        pytest.param("user-4{:05}", 0, id="the same beginning"),
        pytest.param("user-{:05}", 0, id="the text itself"),
    ],
)
def test_a_text_is_not_searched_for_each_of_many_secrets(name: str, most: int) -> None:
    text = SearchedText(" ".join(f"user-{number:05}" for number in range(500)))
    forms = [name.format(number) for number in range(500)]
    assert find_forms(text, forms) == {form for form in forms if form in str(text)}
    assert getattr(text, "searches", 0) <= most


def test_parts_of_secrets_are_only_those_of_the_quoted_text() -> None:
    scrubber = Scrubber()
    scrubber.add(*pull_secret_texts(large_secret(500)))
    few = count_calls(lambda: scrubber.clean_quotes(["a denied request of user-00001"]))
    assert few["_hide_parts"] == 1
    assert scrubber.clean_quotes(["it says password-00017."]) == {"it says password-00017.": "it says ********."}


def test_the_forms_of_a_whole_secret_are_not_remembered() -> None:
    """A thousand of them are remembered: they would fill the memory."""
    whole = "x" * 100_000
    assert written_forms(whole) is not written_forms(whole)
    assert written_forms("s3cret") is written_forms("s3cret")


# There is no clock in these tests: quadratic time would never come to an end.


def test_a_long_message_of_a_kubelet() -> None:
    pull_secrets = load_pull_secrets([])
    waiting = Waiting("r.io/app", "ErrImagePull", "invalid character " * 50_000)
    found = find_cause(waiting, PullContext("default", pull_secrets, judge(pull_secrets, "r.io/app")))
    assert found is not None
    assert found.id == "unknown"


def test_a_long_line_of_host_keys() -> None:
    line = "ssh-" * 500_000 + " ssh-ed25519 AAAA"
    with pytest.raises(KeyringError, match="showed no host key"):
        accept_scanned(line, (), "fingerprints")
