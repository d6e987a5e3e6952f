# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an item of ``registries`` gives for its preset, checked by the preset's row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from .._errors import KeyringError
from .material import check_material
from .preset_shapes import Login, LoginRule, Preset, Setting
from .server import check_server
from .strings import not_a_string
from .suggestions import did_you_mean


def check_preset_options(row: Preset, given: Mapping[str, Any], option: str) -> dict[str, Any]:
    """The values of all settings of a preset. Null is as if it were not given.

    Raises KeyringError, with near names, for a setting that the preset does not have, for one that is missing, and for
    a value of another type or form. Of the values only a host is quoted, as a server is.
    """
    for name in given:
        if name not in row.settings:
            what = f"{option}.{name} is not known to preset {row.name}."
            raise KeyringError(what, "", did_you_mean(str(name), row.settings), option=f"{option}.{name}")
    values = {}
    for name, setting in row.settings.items():
        value = given.get(name)
        if value is not None:
            _check_companions(setting, given, f"{option}.{name}", option)
            values[name] = _CHECKS[setting.type](value, setting, f"{option}.{name}")
        elif setting.default is None:
            what = f"{option}.{name} is missing; preset {row.name} needs it."
            raise KeyringError(what, "", f"Give {_rule(setting)}.", option=f"{option}.{name}")
        else:
            values[name] = setting.default
    return values


def warn_preset_options(row: Preset, values: Mapping[str, Any], option: str) -> list[str]:
    """Sentences about values in which a word is not known, such as a region's with a slip in it.

    The number at the end of a region is no word: it is what changes when a vendor opens the next one.
    """
    return [
        f"{option}.{name} is not known here, and taken as it is. {did_you_mean(text, setting.known)}"
        for name, setting in row.settings.items()
        if setting.known
        for text in (values[name] if setting.type == "texts" else [values[name]])
        if _words(text) not in map(_words, setting.known)
    ]


def complete_login(row: Preset, login: Login, option: str) -> Login:
    """The login with the username that the preset writes where a password but no username is given.

    Raises KeyringError for what this registry is known to refuse.
    """
    if login.username is None and login.password is not None:
        login = replace(login, username=row.username_for(login.password))
    for rule in _applying(row.refusals, login):
        raise KeyringError(
            f"{option}.{rule.about} {rule.what}.", rule.why, rule.remedy, option=f"{option}.{rule.about}"
        )
    if row.usernames and login.username not in (None, *row.usernames):
        takes = " or ".join(row.usernames)
        raise KeyringError(
            f"{option}.username must be {takes} for preset {row.name}.",
            "",
            "Leave it out.",
            option=f"{option}.username",
        )
    if row.secret_username and login.username not in (None, login.password):
        raise KeyringError(
            f"{option}.username has no place with preset {row.name}.",
            "Its username is the token that is its password, and is hidden as such.",
            "Leave it out.",
            option=f"{option}.username",
        )
    return login


def warn_login(row: Preset, login: Login, option: str) -> list[str]:
    """What this registry takes and is yet seldom meant, as sentences."""
    return [f"{option}.{rule.about} {rule.what}. {rule.why} {rule.remedy}" for rule in _applying(row.warnings, login)]


def refuse_minting_options(row: Preset, given: Mapping[str, Any], login: Login, option: str) -> None:
    """Raise KeyringError where a password is given beside a setting that says how to mint one."""
    minting = [name for name, setting in row.settings.items() if setting.mints and given.get(name) is not None]
    if minting and login.password is not None:
        raise KeyringError(
            f"{option}.password and {option}.preset_options.{minting[0]} exclude each other.",
            f"{minting[0]} is for a token that is minted where no password is given.",
            "Keep one of them.",
            option=f"{option}.password",
        )


def _applying(rules: tuple[LoginRule, ...], login: Login) -> Iterator[LoginRule]:
    return (rule for rule in rules if rule.applies(login))


def _words(text: str) -> str:
    return re.sub("[0-9]+", "", text)


def _check_companions(setting: Setting, given: Mapping[str, Any], option: str, parent: str) -> None:
    for name in setting.needs:
        if given.get(name) is None:
            raise KeyringError(
                f"{option} is given without {parent}.{name}.", "", "Give both, or neither.", option=option
            )


def _rule(setting: Setting) -> str:
    return f"one of {', '.join(setting.choices)}" if setting.choices else setting.rule


def _refuse(value: Any, setting: Setting, option: str) -> KeyringError:
    hint = did_you_mean(value, setting.known) if setting.known and isinstance(value, str) else ""
    return KeyringError(f"{option} must be {_rule(setting)}.", "", hint, option=option)


def _check_text(value: Any, setting: Setting, option: str) -> str:
    if not isinstance(value, str):
        raise not_a_string(value, option)
    if setting.choices and value not in setting.choices:
        raise _refuse(value, setting, option)
    if setting.secret:
        check_material(value, option)
    if not setting.pattern.fullmatch(value):
        raise _refuse(value, setting, option)
    return value


def _check_texts(value: Any, setting: Setting, option: str) -> list[str]:
    if not isinstance(value, list) or not value:
        raise KeyringError(f"{option} must be a list that is not empty.", option=option)
    return [_check_text(item, setting, f"{option}[{index}]") for index, item in enumerate(value)]


def _check_flag(value: Any, _setting: Setting, option: str) -> bool:
    text = str(value).lower()
    if text not in ("true", "false"):
        raise KeyringError(f"{option} must be true or false.", option=option)
    return text == "true"


def _check_host(value: Any, setting: Setting, option: str) -> str:
    text = _check_text(value, setting, option)
    check_server(text, option)
    return text


_CHECKS: Mapping[str, Callable[[Any, Setting, str], Any]] = {
    "text": _check_text,
    "texts": _check_texts,
    "flag": _check_flag,
    "host": _check_host,
}
