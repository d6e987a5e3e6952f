# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values in place of a string that Ansible would convert to one without a word.

A row of an option table states where strings belong: ``type: str`` or ``path``, ``elements: str``, and some fields
under ``context``, which Ansible leaves to the collection:

* ``accepts`` - ``integer`` or ``date``, which is accepted beside a string and written as one
* ``strings`` - the fields of a mapping that are strings, at any depth, in lower case
* ``others`` - the fields of a mapping that may hold anything, where all other fields are strings
* ``named_by_users`` - the fields have names that users choose, and are named in brackets

shown.py describes the other field under ``context``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from datetime import date
from typing import Any

from ansible.module_utils.common.validation import check_type_dict, check_type_list

from .._credentials.secret_values import check_encodable
from .._credentials.strings import PRINTED, name_type, not_a_string, warn_printed
from .._dataclasses import dataclass
from .._errors import KeyringError
from .._kubelet.go_json import fold_name
from .._kubelet.server_text import public_server
from .options import Options
from .scrub import Scrubber, leaves

_STRING_TYPES = ("str", "path")
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class _Place:
    """A value in place of a string. ``option`` is its full name.

    ``is_sent`` is whether the string goes to a server as UTF-8: it is neither a path nor part of a docker config.
    """

    option: str
    value: Any = field(repr=False)
    accepts: str | None = None
    is_sent: bool = False

    @property
    def is_wrong(self) -> bool:
        """Return whether the value is neither a string nor accepted beside one."""
        if self.accepts == "integer" and isinstance(self.value, int):
            return isinstance(self.value, bool)
        if self.accepts == "date" and isinstance(self.value, date):
            return False
        return not isinstance(self.value, (str, bytes))


def check_strings(arguments: Mapping[str, Any], options: Options, scrubber: Scrubber) -> list[str]:
    """Return warnings about strings that a template surely made of another value.

    ``arguments`` are as they were given. Raises KeyringError for the first value in place of a string. All such values
    go to the scrubber, also in the form that Ansible converted them to, which ``invocation`` would show.
    """
    places = list(_find_places(arguments, options, ""))
    wrong = [place for place in places if place.is_wrong]
    for place in wrong:
        scrubber.add(str(place.value), *leaves(place.value))
    if wrong:
        raise not_a_string(wrong[0].value, wrong[0].option)
    for place in places:
        if place.is_sent and isinstance(place.value, str):
            check_encodable(place.value, place.option)
    return [warn_printed(place.option) for place in places if place.value in PRINTED]


def refuse_values_for_mappings(arguments: Mapping[str, Any], options: Options) -> None:
    """Raise KeyringError for the first value that Ansible cannot take for a mapping of suboptions, such as a number.

    Ansible itself fails on it with an error in its own code. A string is left to Ansible, which may read it as JSON.
    """
    known = dict(options)
    for row in options.values():
        known |= dict.fromkeys(row.get("aliases", ()), row)
    for name, value in arguments.items():
        row = known.get(name, {})
        if "options" not in row or value is None or isinstance(value, str):
            continue
        if row["type"] == "dict":
            _refuse_value_for_mapping(name, value)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if not isinstance(item, str):
                    _refuse_value_for_mapping(f"{name}[{index}]", item)


def _refuse_value_for_mapping(option: str, value: Any) -> None:
    if not isinstance(value, Mapping):
        raise KeyringError(
            f"{option} must be a mapping of its options; it is {name_type(value)}.",
            "",
            "Check the variable behind it, or leave the option out.",
            option=option,
        )


def refuse_dates(arguments: Mapping[str, Any], options: Options) -> None:
    """Raise KeyringError for the first date where a string belongs.

    This is for the controller: an ordinary module gets its arguments as JSON, in which a date is a string.
    """
    for place in _find_places(arguments, options, ""):
        if isinstance(place.value, date) and place.is_wrong:
            raise not_a_string(place.value, place.option)


def _find_places(arguments: Mapping[str, Any], options: Options, prefix: str) -> Iterator[_Place]:
    """Yield every given value in place of a string; null counts as not given."""
    known = dict(options)
    for row in options.values():
        known |= dict.fromkeys(row.get("aliases", ()), row)
    for name, value in arguments.items():
        if name in known and value is not None:
            yield from _find_in_option(f"{prefix}{name}", value, known[name])


def _find_in_option(option: str, value: Any, row: Mapping[str, Any]) -> Iterator[_Place]:
    """Yield every value in place of a string in the value of one option."""
    marks = row.get("context", {})
    if row.get("type") in _STRING_TYPES:
        yield _Place(option, value, marks.get("accepts"), is_sent=row["type"] == "str")
    elif "options" in row and row["type"] == "dict":
        yield from _find_places(_convert(check_type_dict, value, {}), row["options"], f"{option}.")
    elif "options" in row:
        for index, item in enumerate(_convert(check_type_list, value, [])):
            yield from _find_places(_convert(check_type_dict, item, {}), row["options"], f"{option}[{index}].")
    elif row.get("elements") in _STRING_TYPES:
        yield from _find_in_list(option, value, is_sent=row["elements"] == "str")
    elif "others" in marks or "strings" in marks:
        yield from _find_in_fields(option, value, marks, is_string=False)


def _find_in_list(option: str, value: Any, *, is_sent: bool) -> Iterator[_Place]:
    """Yield the items of a list of strings.

    Ansible converts a number to a list with its string, and splits a string at commas.
    """
    if not isinstance(value, (list, dict)):
        yield _Place(option, value, is_sent=is_sent)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield _Place(f"{option}[{index}]", item, is_sent=is_sent)


def _find_in_fields(option: str, value: Any, marks: Mapping[str, Any], *, is_string: bool) -> Iterator[_Place]:
    """Yield the fields that are strings, at any depth of mappings and lists."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _find_in_fields(f"{option}[{index}]", item, marks, is_string=is_string)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in marks.get("others", ()):
                name = _name_field(option, str(key), marks)
                yield from _find_in_fields(name, item, marks, is_string=_is_string(key, marks))
    elif is_string and value is not None:
        yield _Place(option, value)


def _is_string(key: object, marks: Mapping[str, Any]) -> bool:
    """Return whether the field is a string. Go compares the names of fields regardless of case."""
    return "others" in marks or fold_name(str(key)) in map(fold_name, marks["strings"])


def _name_field(option: str, key: str, marks: Mapping[str, Any]) -> str:
    if _PLAIN_KEY.fullmatch(key) and not marks.get("named_by_users"):
        return f"{option}.{key}"
    return f'{option}["{public_server(key)}"]'


def _convert(convert: Callable[[Any], Any], value: Any, otherwise: Any) -> Any:
    """Return what Ansible converts a value to, such as JSON to a mapping; ``otherwise`` for one that it refuses."""
    try:
        return convert(value)
    except TypeError:
        return otherwise
