# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of ``format_options`` by the row of the format, and where their values are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._errors import KeyringError
from .git_shapes import CredentialKind, Format, shape_keys
from .schema import check_value, unknown_setting
from .strings import not_a_string

if TYPE_CHECKING:
    from .git_url import GitUrl

# A string for a key, an annotation or a label of the Secret; a list or mapping for ``annotate`` or ``further_data``.
Value = Any


def select_row(row: Format, given: Mapping[str, Any]) -> Format:
    """Return the row with the shapes of the variant and the names of keys that ``format_options`` chooses.

    Raise KeyringError for a variant that the format does not have, and as _check_key_names does.
    """
    value = given.get(row.variant_setting)
    if value is not None and row.variant_setting in row.settings:
        option = f"format_options.{row.variant_setting}"
        row = row.choose(check_value(value, row.settings[row.variant_setting], option))
    names = given.get(row.renaming_setting)
    if names is None or row.renaming_setting not in row.settings:
        return row
    option = f"format_options.{row.renaming_setting}"
    checked = check_value(names, row.settings[row.renaming_setting], option)
    _check_key_names(row, checked, option)
    return row.rename(checked)


def _check_key_names(row: Format, names: Mapping[str, str], option: str) -> None:
    """Raise KeyringError for a key that the consumer does not read, and for names that are in use or cannot be keys."""
    from .git_custom import check_data_key

    known = set(row.setting_keys())
    for shape in row.shapes.values():
        known |= shape_keys(shape)
    for key, name in names.items():
        if key not in known:
            from .suggestions import suggest_words

            what = f"{option}.{key} is not a key that format {row.name} reads."
            raise KeyringError(what, "", suggest_words(key, known), option=f"{option}.{key}")
        check_data_key(name, f"{option}.{key}")
        if name in known or list(names.values()).count(name) > 1:
            raise KeyringError(
                f"{option}.{key} is the name of another key.",
                "One would overwrite the other.",
                "Give each a name of its own.",
                option=f"{option}.{key}",
            )


def check_settings(row: Format, kind: CredentialKind, given: Mapping[str, Any], url: GitUrl | None) -> dict[str, Value]:
    """Return the values of ``format_options`` as they are written, with the defaults of the row.

    A null value is the default, else None, which removes a stored value. Raise KeyringError, with similar names, for
    a setting that the format does not have, and for a value of another type.
    """
    values: dict[str, Value] = {}
    for name, setting in row.settings.items():
        if setting.default and setting.only in (None, kind):
            values[name] = setting.default(url)
    for name, value in given.items():
        option = f"format_options.{name}"
        if name not in row.settings:
            raise unknown_setting(name, row.settings, f"format {row.name}", option)
        setting = row.settings[name]
        if setting.only not in (None, kind):
            raise KeyringError(
                f"{option} belongs to {setting.only}, and the credential is {kind}.",
                "",
                "Leave it out.",
                option=option,
            )
        if value is None:
            values.setdefault(name, None)
        else:
            values[name] = _render_value(check_value(value, setting, option))
    return values


def _render_value(value: Any) -> Value:
    """Return a boolean as Go's strconv.ParseBool reads it, and a number in digits."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


def refuse_wrong_strings(row: Format, given: Mapping[str, Any]) -> None:
    """Raise KeyringError for the first value that is not a string where the row expects one.

    check_settings does so too, but needs the kind of the credential, which may have to be read from another Secret.
    """
    for name, value in given.items():
        option = f"format_options.{name}"
        type_ = row.settings[name].type if name in row.settings else None
        if type_ in ("line", "password"):
            _refuse_wrong_string(value, option)
        elif type_ in ("names", "passwords") and isinstance(value, Mapping):
            for key, item in value.items():
                _refuse_wrong_string(item, f"{option}.{key}")
        elif type_ == "lines" and isinstance(value, list):
            for index, item in enumerate(value):
                _refuse_wrong_string(item, f"{option}[{index}]")


def _refuse_wrong_string(value: Any, option: str) -> None:
    if value is not None and not isinstance(value, str):
        raise not_a_string(value, option)


def place_settings(row: Format, values: Mapping[str, Value], place: str) -> dict[str, str | None]:
    """Return the values that are written to one place (``key``, ``annotation`` or ``label``), by their names there."""
    placed = {}
    for name, value in values.items():
        name_there = getattr(row.settings[name], place)
        if name_there:
            placed[name_there] = value
    return placed


def place_further(row: Format, kind: CredentialKind, values: Mapping[str, Value]) -> dict[str, str | None]:
    """Return the keys that settings contain, with their values. Raise KeyringError for one that has another use."""
    further = dict(row.further_data(values))
    used = shape_keys(row.shapes[kind]) | row.setting_keys(kind)
    for key in further:
        if key in used:
            raise KeyringError(
                f"format_options has the key {key}, which the credential has, too.",
                "One would overwrite the other.",
                "Give each a name of its own.",
                option="format_options",
            )
    return further


def declared_annotations(row: Format, given: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the prefixes of annotations that the task names in full, so that other stored ones are removed.

    Those with names of keys are always among them: the consumer would read a key that is no longer written.
    """
    declared = [row.annotation for name, setting in row.settings.items() if name in given and setting.type == "lines"]
    return (*declared, row.renaming) if row.renaming else tuple(declared)


def secret_settings(row: Format, given: Mapping[str, Any]) -> list[str]:
    """Return the strings among ``format_options`` that must not be shown."""
    found: list[str] = []
    for name, value in given.items():
        if name not in row.settings or not row.settings[name].secret:
            continue
        values = value.values() if isinstance(value, Mapping) else [value]
        found += [item for item in values if isinstance(item, str)]
    return found
