# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work that is remembered by the data of a Secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.pull_secret import by_data
from support.samples.secrets import stored_secret

ONE, OTHER = {"a": "MQ=="}, {"a": "Mg=="}


@pytest.mark.parametrize(
    ("first", "second", "calls"),
    [
        pytest.param(stored_secret(ONE), stored_secret(ONE), 1, id="same data"),
        pytest.param(stored_secret(ONE), stored_secret(ONE, name="b", namespace="c"), 1, id="same data elsewhere"),
        pytest.param(stored_secret(ONE), stored_secret(OTHER), 2, id="other data"),
        pytest.param(stored_secret(ONE), stored_secret({"b": "MQ=="}), 2, id="another key"),
        pytest.param(stored_secret(ONE), stored_secret({**ONE, "b": ""}), 2, id="more data"),
        pytest.param(None, None, 1, id="no Secret"),
        pytest.param(None, stored_secret({}), 2, id="no Secret and one without data"),
        pytest.param({"data": None}, {"data": {}}, 1, id="no data"),
        pytest.param({}, {"data": {}}, 1, id="no data at all"),
    ],
)
def test_once_for_the_same_data(first: Any, second: Any, calls: int) -> None:
    seen: list[Any] = []

    @by_data
    def count(secret: Any) -> int:
        seen.append(secret)
        return len(seen)

    assert [count(first), count(second), count(first), count(second)] == [1, calls, 1, calls]
    assert seen == [first, second][:calls]


def test_none_is_remembered_as_well() -> None:
    seen: list[Any] = []

    @by_data
    def nothing(secret: Any) -> None:
        seen.append(secret)

    nothing(stored_secret(ONE))
    nothing(stored_secret(ONE))
    assert len(seen) == 1


def test_a_failure_is_not_remembered() -> None:
    results: Iterator[Any] = iter([ValueError("the first"), ValueError("the second"), "at last", "never"])

    @by_data
    def fail_twice(secret: Any) -> str:
        result = next(results)
        if isinstance(result, ValueError):
            raise result
        return str(result)

    for message in ("the first", "the second"):
        with pytest.raises(ValueError, match=message):
            fail_twice(stored_secret(ONE))
    assert [fail_twice(stored_secret(ONE)), fail_twice(stored_secret(ONE))] == ["at last", "at last"]


def test_each_function_remembers_its_own() -> None:
    first = by_data(lambda secret: "first")
    second = by_data(lambda secret: "second")

    assert [first(ONE), second(ONE), first(ONE)] == ["first", "second", "first"]


def test_much_data_is_forgotten_again() -> None:
    seen: list[int] = []

    @by_data
    def count(secret: Mapping[str, Any] | None) -> int:
        seen.append(1)
        return len(seen)

    def secret(number: int) -> dict[str, Any]:
        return stored_secret({"a": str(number)})

    assert [count(secret(number)) for number in range(1000)] == list(range(1, 1001))
    assert count(secret(999)) == 1000
    assert count(secret(0)) == 1001


class Meddling(str):
    """A text that lets others come in between wherever it is looked up."""

    between: Callable[[], None]

    def __hash__(self) -> int:
        self.between()
        return str.__hash__(self)


def test_what_others_do_meanwhile_changes_nothing() -> None:
    """As on many threads, each with other data."""

    @by_data
    def identity(secret: Any) -> Any:
        return secret["data"]["a"]

    numbers = iter(range(10**6))

    def others() -> None:
        for _number in range(70):
            identity({"data": {"a": str(next(numbers))}})

    text = Meddling("mine")
    text.between = others

    assert [identity({"data": {"a": text}}) for _time in range(3)] == [text] * 3


def test_what_many_make_at_once_is_forgotten_too() -> None:
    seen: list[int] = []

    @by_data
    def nested(secret: Any) -> None:
        number = secret["data"]["a"]
        seen.append(number)
        if 0 < number < 100:
            nested({"data": {"a": number + 1}})

    nested({"data": {"a": 1}})
    for number in range(-200, 0):
        nested({"data": {"a": number}})
    seen.clear()
    nested({"data": {"a": 100}})

    assert seen == [100]
