# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names and globs in options that select objects: their check, and what they match. Pure."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Sequence

from .._dataclasses import dataclass
from .._errors import KeyringError
from .names import check_namespace, check_service_account

EVERY = "*"

_GLOB_SIGNS = re.compile(r"[*?\[]")
# What a name has that is for an option of many names: a glob, an exclusion, or several names.
_SIGNS_OF_MANY = re.compile(r"[*?\[!,]")
# Ranges in brackets make a glob longer than the names that it matches. fnmatch takes quadratic time for long ones.
_LONGEST_GLOB = 256


@dataclass(frozen=True)
class SelectedKind:
    """A kind of objects that an option selects by name or glob. ``signs`` are the characters of its names, in words."""

    noun: str
    signs: str
    longest_name: int
    example: str
    pattern: re.Pattern[str]
    check_name: Callable[[str, str], None]


NAMESPACES_BY_NAME = SelectedKind(
    "namespace", "lower-case letters, digits and -", 63, "team-*", re.compile(r"[-a-z0-9*?\[\]!]+"), check_namespace
)
ACCOUNTS_BY_NAME = SelectedKind(
    "ServiceAccount",
    "lower-case letters, digits, - and .",
    253,
    "ci-*",
    re.compile(r"[-.a-z0-9*?\[\]!]+"),
    check_service_account,
)


def is_glob(item: str) -> bool:
    """Return whether an item of an option is a glob, rather than a name."""
    return bool(_GLOB_SIGNS.search(item))


def means_many(name: str) -> bool:
    """Return whether the value of an option for one name is a glob, an exclusion or several names."""
    return bool(_SIGNS_OF_MANY.search(name))


def matches_any(name: str, globs: Sequence[str]) -> bool:
    """Return whether a name matches one of these globs or names."""
    return any(fnmatch.fnmatchcase(name, glob) for glob in globs)


def check_name_or_glob(item: str, option: str, kind: SelectedKind) -> None:
    """Raise KeyringError for an item, with or without ``!`` before it, that no object of this kind can match."""
    text = item[1:] if item.startswith("!") else item
    if not is_glob(text):
        kind.check_name(text, option)
    elif len(text) > _LONGEST_GLOB:
        raise KeyringError(
            f"{option} is longer than {_LONGEST_GLOB} characters.",
            f"Names of {kind.noun}s have at most {kind.longest_name}.",
            f"Write it like {kind.example}.",
            option=option,
        )
    elif not kind.pattern.fullmatch(text):
        raise KeyringError(
            f"{option} is not a glob that a {kind.noun} can match.",
            f"Names of {kind.noun}s have {kind.signs}; *, ? and [a-z] stand for some of them.",
            f"Write it like {kind.example}.",
            option=option,
        )
