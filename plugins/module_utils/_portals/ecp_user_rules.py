# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the ECP platform for registry users, which a task applies before its first request.

Source: ECP API Specification 1.0, "Create a registry user". Every pattern is matched whole and in linear time. No
message quotes a value: it may be a password in the wrong place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .._credentials.secret_values import check_secret_value
from .._errors import KeyringError
from .ecp_user import LONGEST_USERNAME, ProjectAccess, is_registry_username, sort_projects

_LONGEST_PREFIX = 15
_PROJECT = re.compile(r"[a-z0-9](?:[-_.a-z0-9]*[a-z0-9])?")
_LONGEST_PROJECT = 128
_LONGEST_DESCRIPTION = 20
_PASSWORD_LENGTHS = (8, 20)
_PASSWORD_CHARACTERS = tuple(map(re.compile, ("[a-z]", "[A-Z]", "[0-9]")))


def check_username_prefix(prefix: str) -> None:
    """Raise KeyringError for a prefix that the platform refuses."""
    if len(prefix) > _LONGEST_PREFIX or not is_registry_username(prefix):
        raise _not_a_name("username_prefix", _LONGEST_PREFIX, "lower-case letters, digits, - and .")


def check_registry_username(username: str) -> None:
    """Raise KeyringError for a string that is not the complete name of a registry user."""
    if not is_registry_username(username):
        raise _not_a_name("username", LONGEST_USERNAME, "lower-case letters, digits, - and .")


def check_user_email(email: str) -> None:
    """Raise KeyringError for a string that is surely not an email address. The platform decides about the others."""
    name, _at, domain = email.partition("@")
    if not name or not domain or "@" in domain or re.search(r"\s", email):
        raise KeyringError(
            "email is not an email address.",
            "It needs text before and after one @, and no whitespace.",
            "Write it like team-web@example.com.",
            option="email",
        )


def check_user_description(description: str) -> None:
    """Raise KeyringError for a description that is longer than the platform allows."""
    if len(description) > _LONGEST_DESCRIPTION:
        raise KeyringError(
            f"description has {len(description)} characters.",
            f"The platform allows {_LONGEST_DESCRIPTION}.",
            "Shorten it.",
            option="description",
        )


def check_user_password(password: str) -> None:
    """Raise KeyringError for a password that the platform refuses, which masks and empty strings are too."""
    check_secret_value(password, "password", optional=False)
    shortest, longest = _PASSWORD_LENGTHS
    has_all = all(characters.search(password) for characters in _PASSWORD_CHARACTERS)
    if not shortest <= len(password) <= longest or not has_all:
        raise KeyringError(
            "password is not one that the platform accepts.",
            f"It needs {shortest} to {longest} characters, among them a lower-case letter, an upper-case letter and a "
            "digit.",
            "Give another password, or check the variable behind it.",
            option="password",
        )


def parse_projects(given: Sequence[ProjectAccess]) -> tuple[ProjectAccess, ...]:
    """Return the given projects sorted. Raises KeyringError, with the index, for a wrong or a repeated name."""
    first: dict[str, int] = {}
    for index, access in enumerate(given):
        option = f"projects_access[{index}].project"
        if len(access.project) > _LONGEST_PROJECT or not _PROJECT.fullmatch(access.project):
            raise _not_a_name(option, _LONGEST_PROJECT, "lower-case letters, digits, -, _ and .")
        if access.project in first:
            raise KeyringError(
                f"{option} repeats projects_access[{first[access.project]}].project.",
                "A registry user has one permission for each project.",
                "Remove one of them.",
                option=option,
            )
        first[access.project] = index
    return sort_projects(given)


def _not_a_name(option: str, longest: int, characters: str) -> KeyringError:
    return KeyringError(
        f"{option} is not a name that the platform accepts.",
        f"Allowed are 1 to {longest} {characters}, with a letter or digit at both ends.",
        "Correct it, or check the variable behind it.",
        option=option,
    )
