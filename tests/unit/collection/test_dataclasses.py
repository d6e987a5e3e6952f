# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The quickly created dataclasses do what those of the standard library do."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import field
from functools import cached_property
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils import _dataclasses


def define(dataclass: Callable[..., Any]) -> dict[str, Any]:
    """Return classes of every shape that the collection uses, made by one of the two decorators."""

    @dataclass(frozen=True)
    class Login:
        """A login."""

        username: str
        password: str = field(default="", repr=False)
        groups: tuple[str, ...] = ()
        notes: dict[str, str] = field(default_factory=dict, compare=False)

        @property
        def label(self) -> str:
            return f"<{self.username}>"

        @cached_property
        def size(self) -> int:
            return len(self.username)

        def __str__(self) -> str:
            return self.label

    @dataclass(frozen=True)
    class Robot(Login):
        """A login with one more field."""

        project: str = "library"

    @dataclass(frozen=True, kw_only=True)
    class Options:
        """Options that are given by name."""

        name: str = "registry"
        namespace: str

    @dataclass(frozen=True)
    class Unread:
        """Nothing."""

    return {"Login": Login, "Robot": Robot, "Options": Options, "Unread": Unread}


def outcome(action: Callable[[], Any]) -> Any:
    """Return what an action returns, or the type of its error."""
    try:
        return action()
    except (AttributeError, TypeError) as error:
        return type(error)


CASES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "the fields": lambda of: [item.name for item in dataclasses.fields(of["Robot"])],
    "repr": lambda of: repr(of["Login"]("octo", "hidden-password")).rpartition(".")[2],
    "repr of a child": lambda of: repr(of["Robot"]("octo", project="a")).rpartition(".")[2],
    "repr of nothing": lambda of: repr(of["Unread"]()).rpartition(".")[2],
    "its own str": lambda of: str(of["Login"]("octo")),
    "equal": lambda of: of["Login"]("octo", groups=("a",)) == of["Login"]("octo", groups=("a",)),
    "one field differs": lambda of: of["Login"]("octo", "a") == of["Login"]("octo", "b"),
    "a field that is not compared": lambda of: of["Login"]("octo", notes={"a": "b"}) == of["Login"]("octo"),
    "another class": lambda of: of["Robot"]("octo") == of["Login"]("octo"),
    "something else": lambda of: of["Login"]("octo") == ("octo", "", ()),
    "equal nothings": lambda of: of["Unread"]() == of["Unread"](),
    "in a set": lambda of: len({of["Login"]("octo"), of["Login"]("octo"), of["Login"]("cat")}),
    "hash of what has none": lambda of: hash(of["Login"]("octo", groups=[])),
    "replaced": lambda of: dataclasses.replace(of["Login"]("octo", "a"), username="cat").password,
    "defaults are not shared": lambda of: of["Login"]("a").notes is of["Login"]("a").notes,
    "a missing field": lambda of: of["Login"](),
    "an unknown field": lambda of: of["Login"]("octo", email="a"),
    "by position where names are needed": lambda of: of["Options"]("a", "b"),
    "by name": lambda of: of["Options"](namespace="web").name,
    "a field is set": lambda of: setattr(of["Login"]("octo"), "username", "cat"),
    "something else is set": lambda of: setattr(of["Login"]("octo"), "email", "cat"),
    "a property is set": lambda of: setattr(of["Login"]("octo"), "label", "cat"),
    "a field is deleted": lambda of: delattr(of["Login"]("octo"), "username"),
    "a cached property": lambda of: of["Login"]("octo").size,
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_it_does_what_the_standard_library_does(case: Callable[[dict[str, Any]], Any]) -> None:
    ours, standard = define(_dataclasses.dataclass), define(dataclasses.dataclass)
    assert outcome(lambda: case(ours)) == outcome(lambda: case(standard))


def test_what_is_not_frozen_is_refused() -> None:
    with pytest.raises(ValueError, match="frozen"):
        _dataclasses.dataclass(frozen=False)
