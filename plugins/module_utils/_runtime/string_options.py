# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values in place of a string that Ansible would convert to one without a word.

A row of an option table states where strings belong: ``type: str`` or ``path``, ``elements: str``, and some fields
under ``context``, which Ansible leaves to the collection:

* ``accepts`` - ``integer`` or ``date``, which is accepted beside a string and written as one
* ``strings`` - the fields of a mapping that are strings, at any depth, in lower case
* ``others`` - the fields of a mapping that may hold anything, where all other fields are strings
* ``takes_mapping`` - a list of mappings may also be given as one mapping
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
    ``plural`` is the option that takes several, such as ``namespaces``, if there is one.
    """

    option: str
    value: Any = field(repr=False)
    accepts: str | None = None
    is_sent: bool = False
    plural: str = ""

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
        raise not_a_string(wrong[0].value, wrong[0].option, wrong[0].plural)
    for place in places:
        if place.is_sent and isinstance(place.value, str):
            check_encodable(place.value, place.option)
    return [warn_printed(place.option) for place in places if place.value in PRINTED]


def refuse_values_for_mappings(arguments: Mapping[str, Any], options: Options) -> None:
    """Raise KeyringError for the first value that Ansible cannot take for a mapping, such as a number or a name.

    Ansible itself fails with an error in its own code, or with one about JSON. A string is accepted that Ansible reads
    as a mapping: JSON, or ``key=value``.
    """
    known = with_aliases(options)
    for name, value in arguments.items():
        row = known.get(name, {})
        if value is None:
            continue
        if row.get("type") == "dict" or _takes_mapping_alone(value, row):
            _refuse_value_for_mapping(name, value, row)
        elif "options" in row and isinstance(value, str) and not convert_mapping(value):
            raise _not_a_mapping(name, f"{name} must be a list of mappings; it is a string.", row)
        elif "options" in row and isinstance(value, list):
            for index, item in enumerate(value):
                _refuse_value_for_mapping(f"{name}[{index}]", item, row)


def _refuse_value_for_mapping(option: str, value: Any, row: Mapping[str, Any]) -> None:
    if isinstance(value, Mapping) or (isinstance(value, str) and _convert(check_type_dict, value, None) is not None):
        return
    contents = "a mapping of its options" if "options" in row else "a mapping"
    type_ = "a string" if isinstance(value, str) else name_type(value)
    raise _not_a_mapping(option, f"{option} must be {contents}; it is {type_}.", row, is_string=isinstance(value, str))


def _not_a_mapping(option: str, what: str, row: Mapping[str, Any], *, is_string: bool = True) -> KeyringError:
    """Return the error about a value in place of a mapping. For a string it shows how to write a mapping."""
    remedy = "Check the variable behind it, or leave the option out."
    if is_string:
        names = row.get("options", {"key": {}})
        required = [name for name, suboption in names.items() if suboption.get("required")]
        first = next(iter(required or names))
        remedy = f'Write it with keys, for example "{first}: …".'
        if row["type"] == "list" and not _takes_mapping_alone("", row):
            remedy = f'Write each item with keys, for example "- {first}: …".'
    return KeyringError(what, "", remedy, option=option)


def with_aliases(options: Options) -> dict[str, Mapping[str, Any]]:
    """Return the rows of options by each name that an option has."""
    known = dict(options)
    for row in options.values():
        known |= dict.fromkeys(row.get("aliases", ()), row)
    return known


def convert_mapping(value: Any) -> Mapping[str, Any]:
    """Return the mapping that Ansible makes of a value, such as of JSON; an empty one where it makes none."""
    mapping: Mapping[str, Any] = _convert(check_type_dict, value, {})
    return mapping


def is_one_mapping(value: Any, row: Mapping[str, Any]) -> bool:
    """Return whether the value of an option with suboptions is one mapping, and not a list of them."""
    return row["type"] == "dict" or _takes_mapping_alone(value, row)


def wrap_mappings(arguments: Mapping[str, Any], options: Options) -> dict[str, Any]:
    """Return the arguments as Ansible checks them: a mapping in place of a list of mappings as a list of one."""
    wrapped = dict(arguments)
    for name, row in options.items():
        value = wrapped.get(name)
        if value is not None and _takes_mapping_alone(value, row):
            mapping = value if isinstance(value, Mapping) else convert_mapping(value)
            if mapping or isinstance(value, Mapping):  # anything else is left for Ansible to refuse
                wrapped[name] = [mapping]
    return wrapped


def unwrap_mappings(given: Mapping[str, Any], params: Mapping[str, Any], options: Options) -> dict[str, Any]:
    """Return the checked arguments with a mapping where a mapping was given, so that messages can name its options."""
    unwrapped = dict(params)
    for name, row in options.items():
        items = params.get(name)
        if isinstance(items, list) and items and _takes_mapping_alone(given.get(name), row):
            unwrapped[name] = items[0]
    return unwrapped


def _takes_mapping_alone(value: Any, row: Mapping[str, Any]) -> bool:
    return bool(row.get("context", {}).get("takes_mapping")) and not isinstance(value, list)


def convert_items(value: Any) -> list[Any]:
    """Return the list that Ansible makes of a value, such as of a string; an empty one where it makes none."""
    items: list[Any] = _convert(check_type_list, value, [])
    return items


def refuse_dates(arguments: Mapping[str, Any], options: Options) -> None:
    """Raise KeyringError for the first date where a string belongs.

    This is for the controller: an ordinary module gets its arguments as JSON, in which a date is a string.
    """
    for place in _find_places(arguments, options, ""):
        if isinstance(place.value, date) and place.is_wrong:
            raise not_a_string(place.value, place.option)


def _find_places(arguments: Mapping[str, Any], options: Options, prefix: str) -> Iterator[_Place]:
    """Yield every given value in place of a string; null counts as not given."""
    known = with_aliases(options)
    for name, value in arguments.items():
        if name in known and value is not None:
            plural = f"{name}s" if f"{name}s" in known else ""
            yield from _find_in_option(f"{prefix}{name}", value, known[name], plural)


def _find_in_option(option: str, value: Any, row: Mapping[str, Any], plural: str) -> Iterator[_Place]:
    """Yield every value in place of a string in the value of one option; ``plural`` is one that takes several."""
    marks = row.get("context", {})
    if row.get("type") in _STRING_TYPES:
        yield _Place(option, value, marks.get("accepts"), is_sent=row["type"] == "str", plural=plural)
    elif "options" in row and is_one_mapping(value, row):
        yield from _find_places(convert_mapping(value), row["options"], f"{option}.")
    elif "options" in row:
        for index, item in enumerate(convert_items(value)):
            yield from _find_places(convert_mapping(item), row["options"], f"{option}[{index}].")
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
