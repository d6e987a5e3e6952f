# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Arguments that are not options of a task, with the option that was probably intended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from .._credentials.suggestions import ask_for, find_near
from .._dataclasses import dataclass
from .._errors import KeyringError
from .options import Options
from .string_options import convert_items, convert_mapping, is_one_mapping, with_aliases

# A name that can be shown. Any other may be a value that came to the wrong place.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
# Ansible's own arguments of a module.
_INTERNAL = "_ansible_"
_MAX_LISTED = 3


@dataclass(frozen=True)
class UnknownOption:
    """A name that is not among the options of its place, such as ``registries[0]``; empty for the task itself."""

    place: str
    name: str = field(repr=False)
    siblings: Options = field(repr=False)

    @property
    def full_name(self) -> str:
        """Return the full name, as in messages."""
        return f"{self.place}.{self.name}" if self.place else self.name


def explain_unknown(task: str, arguments: Mapping[str, Any], options: Options) -> KeyringError | None:
    """Return the error about the arguments that are not options of the task ``task``, or None.

    It names the options that they are most like. It contains no value of an argument.
    """
    unknown = list(_find_unknown_options(arguments, options, ""))
    if not unknown:
        return None
    sentences = [_describe(task, item, options) for item in unknown[:_MAX_LISTED]]
    if len(unknown) > _MAX_LISTED:
        sentences.append(f"{len(unknown) - _MAX_LISTED} more names are not options either.")
    return KeyringError(" ".join(sentences), option=unknown[0].full_name)


def _find_unknown_options(arguments: Mapping[str, Any], options: Options, place: str) -> Iterator[UnknownOption]:
    """Yield what is not an option, at the level of the task and in mappings of suboptions."""
    known = with_aliases(options)
    for name, value in arguments.items():
        row = known.get(name)
        full_name = f"{place}.{name}" if place else str(name)
        if row is None:
            if not str(name).startswith(_INTERNAL):
                yield UnknownOption(place, str(name), options)
        elif "options" in row and is_one_mapping(value, row):
            yield from _find_unknown_options(convert_mapping(value), row["options"], full_name)
        elif "options" in row:
            for index, item in enumerate(convert_items(value)):
                yield from _find_unknown_options(convert_mapping(item), row["options"], f"{full_name}[{index}]")


def _describe(task: str, unknown: UnknownOption, options: Options) -> str:
    """Return what is wrong, and the options that were probably intended."""
    if not _NAME.fullmatch(unknown.name):
        return f"{unknown.place or task} has a name that no option can have. Check the indentation and the variables."
    what = f"{unknown.full_name} is not an option of {task}."
    elsewhere = _find_elsewhere(unknown.name, options)
    near = find_near(unknown.name, with_aliases(unknown.siblings))
    first, second = (near, elsewhere) if unknown.place else (elsewhere, near)
    return f"{what} {ask_for(first or second) or _list_all(unknown.siblings)}"


def _find_elsewhere(name: str, options: Options) -> list[str]:
    """Return the full names of the options with this name at any level."""
    found = [name] if name in options else []
    for parent, row in options.items():
        if name in row.get("options", {}):
            found.append(f"{parent}.{name}" if is_one_mapping({}, row) else f"{parent}[].{name}")
    return found


def _list_all(options: Options) -> str:
    return f"Valid options are: {', '.join(sorted(options))}."
