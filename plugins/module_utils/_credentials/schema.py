# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The schema of ``preset_options`` and ``format_options``: types of settings, and the check of each type.

The rows of presets (presets.py) and of Git formats (git_formats.py) declare their settings in this language.
PresetSetting and FormatSetting add what a preset or a format does with the checked value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Literal

from .._dataclasses import dataclass
from .._errors import KeyringError
from .secret_values import PossiblySecret, check_secret_value

# ``string``: one of ``choices``, else a string that ``pattern`` matches. ``line``: a string, and of one line that is
# not blank. ``text``: a string of any lines, in which ``pattern`` occurs. ``password``: a string, and no empty variable
# or mask. ``host``: a string, and a server that images can match. ``strings`` and ``lines``: a list of these that is
# not empty. ``names``: a mapping of strings to strings. ``passwords``: a mapping of strings to passwords, or to null.
# ``logins``: a list of mappings with a URL, a user name and a password. ``boolean``: also in words.
# ``number``: also in digits. ``google_key``: the key of a Google service account, as JSON or in base64; its value is
# JSON.
SettingType = Literal[
    "string",
    "line",
    "text",
    "password",
    "host",
    "strings",
    "lines",
    "names",
    "passwords",
    "logins",
    "boolean",
    "number",
    "google_key",
]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A setting of a preset or a Git format: the type of its value, and the strings that it takes.

    ``choices`` are the only strings that it takes; without them ``pattern`` must match the whole string. ``rule``
    describes such a string and follows "must be" in messages. ``known`` are strings that were in use when the row was
    written. They are for hints, and other strings are taken too: vendors open regions faster than releases come.
    The value of a ``secret`` setting is never shown.
    """

    type: SettingType = "string"
    choices: tuple[str, ...] = ()
    pattern: re.Pattern[str] = re.compile(".+")
    rule: str = ""
    known: tuple[str, ...] = ()
    secret: bool = False

    @property
    def expected(self) -> str:
        """Return the words that follow "must be" in messages."""
        return f"one of {', '.join(self.choices)}" if self.choices else self.rule


def check_value(value: object, setting: Setting, option: str) -> Any:
    """Return the value as its type has it: a string, a list of strings, a boolean or an integer.

    Raise KeyringError naming ``option`` for a value of another type or form. Only a server is quoted.
    """
    return _CHECK_OF_TYPE[setting.type](value, setting, option)


# The password in a URL; it may have an @ itself.
_PASSWORD_IN_URL = re.compile(r"://[^/@:\s]*:([^/\s]+)@")


def secret_strings(setting: Setting, value: object) -> Iterator[str]:
    """Yield the secret strings in the value of a setting, before it is checked.

    Of a URL that is its password. A whole file is only possibly secret, because its common words may occur anywhere.
    """
    if not setting.secret:
        return
    if isinstance(value, str) and setting.type == "text":
        yield PossiblySecret(value)
        yield from _PASSWORD_IN_URL.findall(value)
    elif isinstance(value, str):
        is_url = "://" in value and setting.type == "line"
        yield from _PASSWORD_IN_URL.findall(value) if is_url else [value]
    if setting.type == "passwords" and isinstance(value, Mapping):
        yield from (item for item in value.values() if isinstance(item, str))
    if setting.type == "logins" and isinstance(value, list):
        yield from (str(item["password"]) for item in value if isinstance(item, Mapping) and "password" in item)


def unknown_setting(name: object, known: Collection[str], owner: str, option: str) -> KeyringError:
    """Return the error for a setting that its owner, such as "preset ecr", does not have."""
    from .suggestions import suggest_words

    return KeyringError(f"{option} is not known to {owner}.", "", suggest_words(str(name), known), option=option)


def _invalid(option: str, expected: str, hint: str = "") -> KeyringError:
    return KeyringError(f"{option} must be {expected}.", "", hint, option=option)


def _check_string_setting(value: object, setting: Setting, option: str) -> str:
    from .strings import not_a_string
    from .suggestions import suggest_words

    if not isinstance(value, str):
        raise not_a_string(value, option)
    is_valid = value in setting.choices if setting.choices else setting.pattern.fullmatch(value)
    if not is_valid:
        hint = suggest_words(value, setting.known) if setting.known else ""
        raise _invalid(option, setting.expected, hint)
    return value


def _check_line_setting(value: object, setting: Setting, option: str) -> str:
    _refuse_lines(value, option)
    return _check_string_setting(value, setting, option)


def _refuse_lines(value: object, option: str) -> None:
    from .strings import not_a_string

    if not isinstance(value, str):
        raise not_a_string(value, option)
    if not value.strip() or not value.isprintable():
        raise _invalid(option, "a string of one line that is not empty")


def _check_password_setting(value: object, setting: Setting, option: str) -> str:
    if isinstance(value, str):
        check_secret_value(value, option)
    return _check_string_setting(value, setting, option)


def _check_host_setting(value: object, setting: Setting, option: str) -> str:
    from .server import check_server

    host = _check_string_setting(value, setting, option)
    check_server(host, option)
    return host


def _check_strings_setting(value: object, setting: Setting, option: str) -> list[str]:
    if not isinstance(value, list) or not value:
        raise _invalid(option, "a list that is not empty")
    return [_check_string_setting(item, setting, f"{option}[{index}]") for index, item in enumerate(value)]


def _check_lines_setting(value: object, setting: Setting, option: str) -> list[str]:
    if not isinstance(value, list) or not value:
        raise _invalid(option, "a list of strings that is not empty")
    for index, item in enumerate(value):
        _refuse_lines(item, f"{option}[{index}]")
    return [_check_string_setting(item, setting, f"{option}[{index}]") for index, item in enumerate(value)]


def _check_text_setting(value: object, setting: Setting, option: str) -> str:
    from .strings import not_a_string

    if not isinstance(value, str):
        raise not_a_string(value, option)
    check_secret_value(value, option)
    text = value.replace("\r\n", "\n").strip("\n") + "\n"
    if not setting.pattern.search(text):
        raise _invalid(option, setting.expected)
    return text


def _check_logins_setting(value: object, _setting: Setting, option: str) -> list[dict[str, str]]:
    from .login_list import check_logins

    if not isinstance(value, list) or not value:
        raise _invalid(option, "a list of mappings with url, username and password")
    return check_logins(value, option)


def _check_names_setting(value: object, setting: Setting, option: str) -> dict[str, str]:
    names = _check_mapping_setting(value, option)
    for name, item in names.items():
        _refuse_lines(item, f"{option}.{name}")
    return {name: _check_string_setting(item, setting, f"{option}.{name}") for name, item in names.items()}


def _check_passwords_setting(value: object, _setting: Setting, option: str) -> dict[str, str | None]:
    """Return the mapping. A null value removes what was stored before. A password may have several lines."""
    from .strings import not_a_string

    passwords = _check_mapping_setting(value, option)
    for name, item in passwords.items():
        if item is None:
            continue
        if not isinstance(item, str):
            raise not_a_string(item, f"{option}.{name}")
        check_secret_value(item, f"{option}.{name}")
    return passwords


def _check_mapping_setting(value: object, option: str) -> dict[str, Any]:
    """Return a mapping with names that can be printed. Another name may be a secret, and no message has it."""
    if not isinstance(value, dict) or not value:
        raise _invalid(option, "a mapping that is not empty")
    for name in value:
        if not isinstance(name, str) or not _PLAIN_NAME.fullmatch(name):
            raise _invalid(option, "a mapping whose names have up to 100 letters, digits, dots, - and _")
    return value


# The names in a mapping, which messages quote.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")


def _check_boolean_setting(value: object, _setting: Setting, option: str) -> bool:
    """Return a boolean. The words yes and on are refused: Go's strconv.ParseBool does not take them."""
    word = str(value).lower()
    if word not in ("true", "false"):
        raise _invalid(option, "true or false")
    return word == "true"


def _check_number_setting(value: object, _setting: Setting, option: str) -> int:
    digits = str(value)
    if not re.fullmatch("[0-9]{1,9}", digits):
        raise _invalid(option, "a whole number from 0 to 999999999")
    return int(digits)


def _check_google_key(value: object, _setting: Setting, option: str) -> str:
    """Return the key as JSON. The value is never quoted."""
    from .google_logins import read_service_account_key
    from .strings import not_a_string

    if not isinstance(value, str):
        raise not_a_string(value, option)
    check_secret_value(value, option)
    return read_service_account_key(value, option)


_CHECK_OF_TYPE: Mapping[SettingType, Callable[[object, Setting, str], Any]] = {
    "string": _check_string_setting,
    "line": _check_line_setting,
    "text": _check_text_setting,
    "password": _check_password_setting,
    "host": _check_host_setting,
    "strings": _check_strings_setting,
    "lines": _check_lines_setting,
    "names": _check_names_setting,
    "passwords": _check_passwords_setting,
    "logins": _check_logins_setting,
    "boolean": _check_boolean_setting,
    "number": _check_number_setting,
    "google_key": _check_google_key,
}
