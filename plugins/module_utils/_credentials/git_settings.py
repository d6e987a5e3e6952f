# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of ``format_options`` by the row of the format, and where their values are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .._errors import KeyringError
from .git_shapes import CredentialKind, Format
from .schema import Setting, check_value, unknown_setting
from .secret_values import PossiblySecret
from .strings import not_a_string

if TYPE_CHECKING:
    from .git_url import GitUrl

_PASSWORD_IN_URL = re.compile(r"://[^/@:]*:([^/@]+)@")

# A string for a key, an annotation or a label of the Secret; a list of strings for ``annotate`` of the row.
Value = Any


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
    """Return a boolean as Go's strconv.ParseBool reads it, a number in digits, and logins as JSON."""
    if isinstance(value, list) and isinstance(value[0], dict):
        from .login_list import write_logins

        return write_logins(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


def secret_strings(setting: Setting, value: object) -> Iterator[str]:
    """Yield the secret strings in the value of a setting, before it is checked. Of a URL that is its password."""
    if not setting.secret:
        return
    if isinstance(value, str):
        yield from _PASSWORD_IN_URL.findall(value) if "://" in value else [value]
    if setting.type == "logins" and isinstance(value, list):
        yield from (str(item["password"]) for item in value if isinstance(item, Mapping) and "password" in item)


def settings_secrets(row: Format, given: Mapping[str, Any]) -> list[str]:
    """Return the secret strings among the given settings. They may still be wrong in other ways.

    A whole file is only possibly secret, because its common words may occur anywhere.
    """
    found: list[str] = []
    for name, setting in row.settings.items():
        texts = list(secret_strings(setting, given.get(name)))
        found += map(PossiblySecret, texts) if setting.type == "text" else texts
    return found


def refuse_wrong_strings(row: Format, given: Mapping[str, Any]) -> None:
    """Raise KeyringError for the first value that is not a string where the row expects one.

    check_settings does so too, but needs the kind of the credential, which may have to be read from another Secret.
    """
    for name, value in given.items():
        option = f"format_options.{name}"
        type_ = row.settings[name].type if name in row.settings else None
        if type_ in ("line", "text"):
            _refuse_wrong_string(value, option)
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


def declared_annotations(row: Format, given: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the prefixes of annotations that the given lists name in full, so that other stored ones are removed."""
    return tuple(row.annotation for name, setting in row.settings.items() if name in given and setting.type == "lines")
