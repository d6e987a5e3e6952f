# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of ``format_options`` by the row of the format, and where their values are written."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._errors import KeyringError
from .git_shapes import CLOUD_IDENTITY, CredentialKind, Format, FormatSetting, shape_keys
from .schema import check_value, secret_strings, unknown_setting
from .strings import not_a_string

if TYPE_CHECKING:
    from .git_url import GitUrl

# A string for a key, an annotation or a label of the Secret; a list or mapping for ``annotate`` or ``further_data``.
Value = Any


def rename_keys(row: Format, given: Mapping[str, Any]) -> Format:
    """Return the row with the names of keys that ``format_options`` chooses. Raise KeyringError as check_key_names."""
    names = given.get(row.renaming_setting)
    if names is None or row.renaming_setting not in row.settings:
        return row
    option = f"format_options.{row.renaming_setting}"
    checked = check_value(names, row.settings[row.renaming_setting], option)
    check_key_names(row, checked, option)
    return row.rename(checked)


def check_key_names(row: Format, names: Mapping[str, str], option: str) -> None:
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

    A null value is the default, else None, which removes a stored value. Parts of a credential are not among them.
    Raise KeyringError, with similar names, for a setting that the format does not have, for one that is missing, and
    for a value of another type.
    """
    values: dict[str, Value] = {}
    for name, setting in row.settings.items():
        if setting.default and setting.only in (None, kind):
            values[name] = setting.default(url)
    refuse_unknown_settings(row, given)
    for name, value in given.items():
        option = f"format_options.{name}"
        setting = row.settings[name]
        if setting.only == CLOUD_IDENTITY and (kind == CLOUD_IDENTITY or is_unset(value)):
            continue
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
    _refuse_missing(row, values)
    _refuse_other_scheme(row, values, url)
    return values


def _refuse_other_scheme(row: Format, values: Mapping[str, Value], url: GitUrl | None) -> None:
    """Raise KeyringError if the setting for URLs without a scheme contradicts the URL."""
    setting = row.url_plain_setting
    if not setting or url is None or values.get(setting) is None:
        return
    if (values[setting] == "true") != (url.scheme == ""):
        begins = f"begins with {url.scheme}://" if url.scheme else "has no scheme"
        raise KeyringError(
            f"format_options.{setting} is {values[setting]}, and url {begins}.",
            "A chart in a registry has a URL without a scheme, and one in a Helm repository begins with https://.",
            f"Leave out {setting}, or correct the URL.",
            option=f"format_options.{setting}",
        )


def _refuse_missing(row: Format, values: Mapping[str, Value]) -> None:
    for name, setting in row.settings.items():
        if setting.required and values.get(name) is None:
            raise KeyringError(
                f"format_options.{name} is missing; format {row.name_of_variant} needs it.",
                option=f"format_options.{name}",
            )


def is_unset(value: Any) -> bool:
    """Return whether a value says that this cloud identity is not used."""
    return value is None or str(value).lower() == "false"


def find_identity_parts(row: Format, format_options: Mapping[str, Any]) -> dict[str, str]:
    """Return the items of ``format_options`` that are parts of a cloud identity, as strings.

    Raise KeyringError for a value that cannot be one.
    """
    parts: dict[str, str] = {}
    for name, setting in row.settings.items():
        value = format_options.get(name)
        if setting.only != CLOUD_IDENTITY or is_unset(value):
            continue
        if setting.type == "google_key" and isinstance(value, Mapping):
            value = json.dumps(value, indent=2)  # before ansible-core 2.19 a template with JSON becomes a mapping
        elif value is True:
            value = "true"
        if not isinstance(value, str):
            raise not_a_string(value, f"format_options.{name}")
        parts[name] = value
    return parts


def check_identity_part(setting: FormatSetting, text: str, option: str) -> str:
    """Return a part of a cloud identity as it is written. Raise KeyringError, naming ``option``, for another type."""
    value = str(_render_value(check_value(text, setting, option)))
    return base64.b64encode(value.encode()).decode() if setting.in_base64 else value


def _render_value(value: Any) -> Value:
    """Return a boolean as Go's strconv.ParseBool reads it, a number in digits, and logins as JSON."""
    if isinstance(value, list) and isinstance(value[0], dict):
        from .login_list import write_logins

        return write_logins(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


def settings_secrets(row: Format, given: Mapping[str, Any]) -> list[str]:
    """Return the secret strings among the given settings. They may still be wrong in other ways."""
    found: list[str] = []
    for name, setting in row.settings.items():
        found += secret_strings(setting, given.get(name))
    return found


def refuse_unknown_settings(row: Format, given: Mapping[str, Any]) -> None:
    """Raise KeyringError, with similar names or the right type, for a setting that the format does not have."""
    for name in given:
        if name in row.settings:
            continue
        option, owner = f"format_options.{name}", f"format {row.name_of_variant}"
        variants = _variants_with(name, row.name) if row.variant else []
        if variants:
            remedy = f"Set {row.variant_setting}={' or '.join(variants)}, or leave it out."
            raise KeyringError(f"{option} is not known to {owner}.", "", remedy, option=option)
        raise unknown_setting(name, row.settings, owner, option)


def _variants_with(setting: str, format_name: str) -> list[str]:
    from .git_formats import find_formats

    return [row.variant for row in find_formats(format_name, {}) if setting in row.settings]


def refuse_wrong_strings(row: Format, given: Mapping[str, Any]) -> None:
    """Raise KeyringError for the first value that is not a string where the row expects one.

    check_settings does so too, but needs the kind of the credential, which may have to be read from another Secret.
    """
    for name, value in given.items():
        option = f"format_options.{name}"
        type_ = row.settings[name].type if name in row.settings else None
        if type_ in ("line", "text", "password"):
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
