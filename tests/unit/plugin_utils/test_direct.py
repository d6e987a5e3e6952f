# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task in Ansible's own process gives what the module would have given."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Result, Runtime, TaskDefinition
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.scrub import SCRUBBED
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.shown import MASK as ARGUMENT_MASK
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.shown import NAME, TEXT
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.direct import (
    collecting_only_what_is_new,
    environment,
    plain,
    run_direct,
)


class Tagged(str):
    """A text with more to it, as Ansible's own are."""


class Text(str):
    """A text that is another one inside."""

    def __str__(self) -> str:
        return f"{super().__str__()}, decrypted"


class Number(int):
    pass


class Encrypted:
    """No text, but becomes one."""

    def __str__(self) -> str:
        return str.__new__(Text, "inside")


PLAIN: Mapping[str, tuple[Any, Any]] = {
    "text": ("a", "a"),
    "tagged-text": (Tagged("a"), "a"),
    "text-that-becomes-another": (Text("a"), "a, decrypted"),
    "encrypted": (Encrypted(), "inside"),
    "bytes": (b"a\xc3\xb6", "aö"),
    "bytes-that-are-no-text": (b"a\xff", "a\udcff"),
    "none": (None, None),
    "true": (True, True),
    "false": (False, False),
    "number": (7, 7),
    "kind-of-number": (Number(7), 7),
    "zero-is-not-false": (0, 0),
    "fraction": (1.0, 1.0),
    "tuple": (("a", 1), ["a", 1]),
    "set": ({"a"}, ["a"]),
    "list": ([Tagged("a"), (True,)], ["a", [True]]),
    "mapping": ({Tagged("a"): Tagged("b")}, {"a": "b"}),
    "number-as-key": ({1: 2}, {"1": 2}),
    "deep": ({"a": [{"b": ({1: b"c"},)}]}, {"a": [{"b": [{"1": "c"}]}]}),
    "empty": ({"a": [], "b": {}, "c": ""}, {"a": [], "b": {}, "c": ""}),
}


def kinds(value: Any) -> Any:
    """The value with each part as its exact kind and its representation, so that True is not 1."""
    kind = type(value)
    if isinstance(value, dict):
        return kind, {(type(key), key): kinds(item) for key, item in value.items()}
    return (kind, [kinds(item) for item in value]) if isinstance(value, list) else (kind, value)


@pytest.mark.parametrize(("value", "expected"), PLAIN.values(), ids=PLAIN)
def test_a_value_becomes_what_it_is_after_a_way_through_json(value: Any, expected: Any) -> None:
    assert kinds(plain(value)) == kinds(expected)
    assert json.loads(json.dumps(plain(value))) == expected


NAMES = ("KEYRING_TEST_A", "KEYRING_TEST_B", "KEYRING_TEST_C")
BEFORE = {"KEYRING_TEST_A": "before", "KEYRING_TEST_C": "untouched"}


def current() -> dict[str, str]:
    return {name: os.environ[name] for name in NAMES if name in os.environ}


@pytest.fixture
def _before(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    for name, value in BEFORE.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("_before")
@pytest.mark.parametrize(
    ("more", "inside"),
    [
        pytest.param({}, BEFORE, id="none"),
        pytest.param({"KEYRING_TEST_A": "x"}, {**BEFORE, "KEYRING_TEST_A": "x"}, id="existing"),
        pytest.param({"KEYRING_TEST_B": "y"}, {**BEFORE, "KEYRING_TEST_B": "y"}, id="new"),
        pytest.param(
            {"KEYRING_TEST_A": "", "KEYRING_TEST_B": ""},
            {**BEFORE, "KEYRING_TEST_A": "", "KEYRING_TEST_B": ""},
            id="empty",
        ),
    ],
)
def test_variables_are_there_until_the_end_of_the_block(more: Mapping[str, str], inside: Mapping[str, str]) -> None:
    with environment(more) as environ:
        assert current() == inside
        assert {name: environ.get(name) for name in inside} == inside
    assert current() == BEFORE

    with pytest.raises(ValueError, match="in between"), environment(more):
        raise ValueError("in between")
    assert current() == BEFORE


@pytest.mark.usefixtures("_before")
def test_variables_that_are_gone_or_changed_at_the_end_are_restored_too() -> None:
    with environment({"KEYRING_TEST_A": "x", "KEYRING_TEST_B": "y"}):
        del os.environ["KEYRING_TEST_A"]
        del os.environ["KEYRING_TEST_B"]
    assert current() == BEFORE


@pytest.mark.usefixtures("_before")
def test_variables_are_restored_when_one_of_them_can_not_be_set() -> None:
    with (
        pytest.raises(ValueError, match="null"),
        environment({"KEYRING_TEST_B": "y", "KEYRING_TEST_A": "\0"}),
    ):
        raise AssertionError("it was set")
    assert current() == BEFORE


def test_the_garbage_collector_looks_at_everything_again_afterwards() -> None:
    with collecting_only_what_is_new():
        assert gc.get_freeze_count() > 0
    assert gc.get_freeze_count() == 0

    with pytest.raises(ValueError, match="in between"), collecting_only_what_is_new():
        raise ValueError("in between")
    assert gc.get_freeze_count() == 0


S3CRET = "s3cret-t0ken"


def run(params: Mapping[str, Any], context: Runtime) -> Result:
    """Tell the parameters; fail where asked to."""
    if params["mode"] == "refuse":
        raise KeyringError(f"It says {params['text']}.", changed=True)
    if params["mode"] == "break":
        raise ValueError(params["text"])
    return {"changed": False, "text": params["text"], "number": params["number"], "warnings": ["its own"]}


DEFINITION = TaskDefinition(
    run,
    {
        "text": {"type": "str", "required": True, "context": TEXT, "aliases": ["words"]},
        "mode": {"type": "str", "choices": ["do", "refuse", "break"], "default": "do"},
        "number": {"type": "int"},
        "token": {"type": "str", "no_log": True},
        "free": {"type": "raw"},
        "items": {
            "type": "list",
            "elements": "dict",
            "options": {"name": {"type": "str", "context": NAME}, "key": {"no_log": True}, "size": {"type": "int"}},
        },
    },
    {"mutually_exclusive": [("number", "free")]},
)


def direct(**arguments: Any) -> Result:
    return run_direct("a.b.task", DEFINITION, arguments, Runtime(check_mode=False, environ={}))


def test_a_task_gets_its_parameters_checked_and_completed() -> None:
    result = direct(text="a", number="7")

    assert result == {
        "changed": False,
        "text": "a",
        "number": 7,
        "warnings": ["its own"],
        "invocation": {
            "module_args": {"text": "a", "mode": "do", "number": 7, "token": None, "free": None, "items": None}
        },
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            {"text": "a", "texts": "b"},
            "texts is not an option of a.b.task. Did you mean text?",
            id="unknown",
        ),
        pytest.param({}, "missing required arguments: text", id="missing"),
        pytest.param(
            {"text": "a", "mode": "x"},
            "value of mode must be one of: do, refuse, break, got: x",
            id="none of the choices",
        ),
        pytest.param(
            {"text": "a", "number": "x"},
            "argument 'number' is of type ",  # what follows depends on the version of Ansible
            id="no number",
        ),
        pytest.param(
            {"text": "a", "number": 1, "free": 1}, "parameters are mutually exclusive: number|free", id="constraint"
        ),
    ],
)
def test_arguments_are_refused_in_the_words_of_ansible(arguments: Mapping[str, Any], message: str) -> None:
    result = direct(**arguments)

    assert result["failed"] is True
    assert result["msg"].startswith(message) if message.endswith(" ") else result["msg"] == message
    assert result["warnings"] == []


@pytest.mark.parametrize(
    ("arguments", "warnings"),
    [
        pytest.param({"text": "a"}, [], id="option"),
        pytest.param({"words": "a"}, [], id="alias"),
        pytest.param({"text": "a", "words": "b"}, ["Both option text and its alias words are set."], id="both"),
    ],
)
def test_an_option_that_is_given_twice_is_told(arguments: Mapping[str, Any], warnings: list[str]) -> None:
    assert direct(**arguments)["warnings"] == [*warnings, "its own"]
    assert direct(**arguments, unknown=1)["warnings"] == warnings


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param({"text": f"x {S3CRET}"}, {"text": f"x {SCRUBBED}", "changed": False}, id="in a result"),
        pytest.param(
            {"text": f"x {S3CRET}", "mode": "refuse"},
            {"msg": f"It says x {SCRUBBED}.", "failed": True, "changed": True},
            id="in an error",
        ),
        pytest.param({"text": "a", "number": S3CRET}, {"failed": True}, id="in a refused argument"),
        pytest.param({"text": "a", "mode": S3CRET}, {"failed": True}, id="in a refused choice"),
        pytest.param({"text": S3CRET, "mode": "break"}, {"failed": True, "changed": False}, id="in a fault"),
    ],
)
def test_a_secret_option_is_cut_out_of_everything(arguments: Mapping[str, Any], told: Mapping[str, Any]) -> None:
    result = direct(token=S3CRET, **arguments)

    assert {name: result[name] for name in told} == told
    assert S3CRET not in json.dumps(result)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"items": [{"name": "a", "secret": S3CRET}]}, id="an unknown field of an item"),
        pytest.param({"items": [S3CRET]}, id="an item that is no mapping"),
        pytest.param({"items": [{"size": S3CRET}]}, id="a field of another type"),
        pytest.param({"items": [[{"name": S3CRET}]]}, id="a list instead of a mapping"),
        pytest.param({"items": {"deep": [S3CRET]}}, id="a mapping instead of a list"),
        pytest.param({"items": [{"name": {"a": S3CRET}, "key": [S3CRET]}], "mode": "x"}, id="texts at a wrong depth"),
    ],
)
def test_what_a_refused_list_holds_is_not_quoted(arguments: Mapping[str, Any]) -> None:
    result = direct(text="a", **arguments)

    assert result["failed"] is True
    assert S3CRET not in json.dumps(result)


def test_the_invocation_shows_no_secret() -> None:
    items = [{"name": "a", "key": "short"}]
    result = direct(text="a", token="short", free={"any": "thing"}, items=items)

    assert result["invocation"]["module_args"] == {
        "text": "a",
        "mode": "do",
        "number": None,
        "token": ARGUMENT_MASK,
        "free": ARGUMENT_MASK,
        "items": [{"name": "a", "key": ARGUMENT_MASK, "size": None}],
    }


def test_an_unexpected_error_is_reported_by_its_place() -> None:
    message = direct(text="what it says", mode="break")["msg"]

    assert message.startswith("Unexpected ValueError in test_direct.py, line ")
    assert message.endswith(", in run. This is a bug in the collection. Please report it.")
