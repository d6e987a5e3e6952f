# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Groups of namespaces whose values are equal, apart from the name of each namespace."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from .._dataclasses import dataclass

# In place of the namespace, where each of several has its own name.
EACH = "<namespace>"

# How many names a list in a sentence has.
MOST_NAMES = 10

# A name of a namespace is a whole word of a string: in "web/registry" or "web.example.com", and not in "web-2".
_WORD = re.compile("[A-Za-z0-9-]+")


@dataclass(frozen=True)
class Alike:
    """A value of the first of several namespaces. The values of the others differ only by the name of the namespace."""

    value: Any
    namespaces: list[str]


def group_alike(values: Iterable[tuple[str, Any]]) -> list[Alike]:
    """Group namespaces by their values, plain JSON. Groups, and namespaces in them, are in the given order."""
    first: dict[str, Any] = {}
    names: dict[str, dict[str, None]] = {}
    for namespace, value in values:
        text = _comparable(value, namespace)
        first.setdefault(text, value)
        names.setdefault(text, {})[namespace] = None
    return [Alike(value, list(names[text])) for text, value in first.items()]


def _comparable(value: Any, namespace: str) -> str:
    """Return a string that is the same for values that are alike.

    A value that has EACH in it, such as a chosen user name, is like no other: it would be shown as
    the name of each namespace.
    """
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    if EACH in text:
        return f"{namespace} {text}"
    if namespace not in text:
        return text
    return json.dumps(replace_own_name(value, namespace), sort_keys=True, ensure_ascii=False)


def replace_own_name(value: Any, namespace: str) -> Any:
    """Return plain JSON with EACH in place of the name of the namespace, in keys as well."""
    if isinstance(value, str):
        if namespace not in value:
            return value
        return _WORD.sub(lambda word: EACH if word[0] == namespace else word[0], value)
    if isinstance(value, dict):
        return {replace_own_name(key, namespace): replace_own_name(item, namespace) for key, item in value.items()}
    if isinstance(value, list):
        return [replace_own_name(item, namespace) for item in value]
    return value


def list_names(names: Sequence[str]) -> str:
    """Return the first of many names, and how many more there are."""
    if len(names) <= MOST_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[:MOST_NAMES])} and {len(names) - MOST_NAMES} more"
