# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option format_options: particulars of a consumer, checked by the settings of its row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .._errors import KeyringError
from .git_shapes import CredentialKind, Format, FormatSetting
from .git_url import GitUrl
from .strings import not_a_string
from .suggestions import did_you_mean

# Texts for keys of the data, annotations or labels; a list for a setting that the row's own function uses.
Value = Any


def check_settings(row: Format, kind: CredentialKind, given: Mapping[str, Any], url: GitUrl | None) -> dict[str, Value]:
    """The particulars as they are written. Null is that of the row, else None: it takes away what was written before.

    Raises KeyringError, with near names, for one that the format does not have, and for a value of another type.
    """
    checked: dict[str, Value] = {
        name: setting.default(url)
        for name, setting in row.settings.items()
        if setting.default and setting.only in (None, kind)
    }
    for name, value in given.items():
        option = f"format_options.{name}"
        setting = row.settings.get(name)
        if setting is None:
            what = f"{option} is not known to format {row.name}."
            raise KeyringError(what, "", did_you_mean(str(name), row.settings), option=option)
        if setting.only not in (None, kind):
            raise KeyringError(
                f"{option} belongs to {setting.only}, and the credential is {kind}.",
                "",
                "Leave it out.",
                option=option,
            )
        if value is not None:
            checked[name] = _CHECKS[setting.type](value, setting, option)
        else:
            checked.setdefault(name, None)
    return checked


def refuse_wrong_strings(row: Format, given: Mapping[str, Any]) -> None:
    """Raise KeyringError for the first value that is not a string where its row says text.

    check_settings does so too, but needs the kind of the credential, which may have to be read from another Secret.
    """
    for name, value in given.items():
        option = f"format_options.{name}"
        type_ = row.settings[name].type if name in row.settings else None
        if type_ == "text":
            _refuse_wrong_string(value, option)
        elif type_ == "texts" and isinstance(value, list):
            for index, item in enumerate(value):
                _refuse_wrong_string(item, f"{option}[{index}]")


def _refuse_wrong_string(value: Any, option: str) -> None:
    if value is not None and not isinstance(value, str):
        raise not_a_string(value, option)


def place_settings(row: Format, values: Mapping[str, Value], place: str) -> dict[str, str | None]:
    """Those of the values that go to one place (``key``, ``annotation`` or ``label``), by their names there."""
    return {
        getattr(row.settings[name], place): value
        for name, value in values.items()
        if getattr(row.settings[name], place)
    }


def declared_annotations(row: Format, given: Mapping[str, Any]) -> tuple[str, ...]:
    """The beginnings of annotations of which the given particulars name all that shall be there: those of a list."""
    return tuple(row.annotation for name, setting in row.settings.items() if name in given and setting.type == "texts")


def _refuse(option: str, rule: str) -> KeyringError:
    return KeyringError(f"{option} must be {rule}.", option=option)


def _check_text(value: Any, setting: FormatSetting, option: str) -> str:
    if not isinstance(value, str):
        raise not_a_string(value, option)
    if not value.strip() or not value.isprintable():
        raise _refuse(option, "a string of one line that is not empty")
    if setting.choices and value not in setting.choices:
        raise _refuse(option, f"one of {', '.join(setting.choices)}")
    return value


def _check_flag(value: Any, _setting: FormatSetting, option: str) -> str:
    """Go's strconv.ParseBool takes no yes or on."""
    text = str(value).lower()
    if text not in ("true", "false"):
        raise _refuse(option, "true or false")
    return text


def _check_number(value: Any, _setting: FormatSetting, option: str) -> str:
    if not re.fullmatch("[0-9]{1,9}", str(value)):
        raise _refuse(option, "a whole number from 0 to 999999999")
    return str(int(value))


def _check_texts(value: Any, setting: FormatSetting, option: str) -> list[str]:
    if not isinstance(value, list) or not value:
        raise _refuse(option, "a list of texts that is not empty")
    texts = [_check_text(item, setting, f"{option}[{index}]") for index, item in enumerate(value)]
    for index, text in enumerate(texts):
        if setting.pattern and not setting.pattern.fullmatch(text):
            raise _refuse(f"{option}[{index}]", setting.rule)
    return texts


_CHECKS: Mapping[str, Callable[[Any, FormatSetting, str], Value]] = {
    "text": _check_text,
    "flag": _check_flag,
    "number": _check_number,
    "texts": _check_texts,
}
