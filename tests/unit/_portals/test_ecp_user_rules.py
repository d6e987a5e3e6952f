# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the ECP platform surely refuses of a registry user is refused before the first request, without its value."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.ecp_user import ProjectAccess
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.ecp_user_rules import (
    check_registry_username,
    check_user_description,
    check_user_email,
    check_user_password,
    check_username_prefix,
    parse_projects,
)

Check = Callable[[Any], object]


def pulls(*names: str) -> list[ProjectAccess]:
    return [ProjectAccess(name, "readonly") for name in names]


CHECKS: Mapping[str, tuple[Check, tuple[Any, ...]]] = {
    "username_prefix": (
        check_username_prefix,
        ("", "-", "a-", ".a", "A", "a b", "a\n", "a_b", "ä", "x" * 16, "a" * 10_000, "a/b", "a?b"),
    ),
    "username": (
        check_registry_username,
        ("", "-5883", "Demo-5883", "demo-5883\n", "x" * 64, "demo/5883", "demo 5883"),
    ),
    "email": (check_user_email, ("", " ", "team", "@", "a@", "@b", "a@b@c", "a b@c.d", "a@b.c\n", "********")),
    "description": (check_user_description, ("x" * 21, "\n" * 21, "x" * 10_000)),
    "password": (
        check_user_password,
        (
            *("", " ", "Short-7", "x" * 10_000, "Aa1" * 7, "lower-case-7", "UPPER-CASE-7", "No-digit-at-all"),
            *(
                "********",
                "$encrypted$",
                "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER",
                "<hidden, changed>",
                "\ufeffPassword-7",
            ),
            *("Ünicode-ß", "lower-case-٣", "ÄÖÜ-lower-7"),
        ),
    ),
    "projects_access[0].project": (
        parse_projects,
        tuple(pulls(name) for name in ("", "-a", "a_", "A", "a b", "a" * 129, "a\n")),
    ),
    "projects_access[2].project": (parse_projects, (pulls("a", "b", "a"), pulls("a", "b", "B"))),
}
REFUSED = [(option, check, value) for option, (check, values) in CHECKS.items() for value in values]


@pytest.mark.parametrize(
    ("option", "check", "value"), REFUSED, ids=[f"{row[0]} {number}" for number, row in enumerate(REFUSED)]
)
def test_refuses(option: str, check: Check, value: Any) -> None:
    with pytest.raises(KeyringError) as caught:
        check(value)
    assert (caught.value.failure, caught.value.option) == ("invalid_option", option)
    assert str(caught.value).startswith(f"{option} ")
    if isinstance(value, str) and len(value.strip()) > 4 and " holds a mask " not in str(caught.value):
        assert value.strip() not in str(caught.value)


ACCEPTED: Mapping[str, tuple[Check, tuple[Any, ...]]] = {
    "prefix": (check_username_prefix, ("a", "5", "demo", "demo-5", "a.b--c..d", "x" * 15)),
    "username": (check_registry_username, ("demouser-5883", "a", "x" * 63)),
    "email": (check_user_email, ("abcde@123.com", "a@b", "first+tag@ü.example", "'a'@b.c")),
    "description": (check_user_description, ("", "x" * 20, "ä" * 20, "This is a demo user")),
    "password": (check_user_password, ("ABcd1234", "ABcd12345678", "Aa1" + "ß" * 17, "Aa1 $%&/\\\"'{}")),
}


@pytest.mark.parametrize(("check", "values"), ACCEPTED.values(), ids=ACCEPTED)
def test_accepts(check: Check, values: tuple[Any, ...]) -> None:
    for value in values:
        check(value)


def test_projects_are_sorted() -> None:
    given = [ProjectAccess("b_1", "readonly"), ProjectAccess("a.x", "readwrite")]
    assert parse_projects(given) == (given[1], given[0])
    assert parse_projects([]) == ()


def test_a_repeated_project_is_named_with_the_first() -> None:
    with pytest.raises(KeyringError, match=r"^projects_access\[2\]\.project repeats projects_access\[0\]\.project\."):
        parse_projects(pulls("a", "b", "a"))


@pytest.mark.parametrize("option", ["username_prefix", "username", "email", "projects_access[0].project"])
def test_a_long_value_is_refused_at_once(option: str) -> None:
    """A pattern with nested repetitions takes minutes for thirty such characters."""
    text = f"{'a-.' * 100_000}!"
    value = pulls(text) if option.startswith("projects") else text
    begin = time.process_time()
    with pytest.raises(KeyringError):
        CHECKS[option][0](value)
    assert time.process_time() - begin < 1


@pytest.mark.parametrize(("password", "message"), [("", "is empty."), (" ", "is empty."), ("********", "holds a mask")])
def test_an_empty_variable_is_called_so(password: str, message: str) -> None:
    with pytest.raises(KeyringError) as caught:
        check_user_password(password)
    assert str(caught.value).startswith(f"password {message}")
    assert "when_given" not in str(caught.value)
