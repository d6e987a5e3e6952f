# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of what an item of ``registries`` gives for its preset, by the row of the preset."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._errors import KeyringError
from .preset_shapes import Preset
from .schema import check_value, unknown_setting
from .suggestions import suggest_words
from .token_shapes import find_maker


def check_preset_options(row: Preset, given: Mapping[str, Any], option: str) -> dict[str, Any]:
    """Return the values of all settings of a preset. A null value counts as not given.

    Raise KeyringError, with similar names, for a setting that the preset does not have, for one that is missing, and
    for a value of another type or form. Of the values only a host is quoted, as a server is.
    """
    for name in given:
        if name not in row.settings:
            raise unknown_setting(name, row.settings, f"preset {row.name}", f"{option}.{name}")
    values = {}
    for name, setting in row.settings.items():
        full_name = f"{option}.{name}"
        if given.get(name) is not None:
            for companion in setting.needs:
                if given.get(companion) is None:
                    raise KeyringError(
                        f"{full_name} is given without {option}.{companion}.",
                        "",
                        "Give both, or neither.",
                        option=full_name,
                    )
            values[name] = check_value(given[name], setting, full_name)
        elif setting.default is not None:
            values[name] = setting.default
        else:
            raise KeyringError(
                f"{full_name} is missing; preset {row.name} needs it.",
                "",
                f"Give {setting.expected}.",
                option=full_name,
            )
    for rule in row.setting_refusals:
        if rule.applies(values):
            full_name = f"{option}.{rule.about}"
            raise KeyringError(f"{full_name} {rule.what}.", rule.why, rule.remedy, option=full_name)
    return values


def warn_preset_options(row: Preset, values: Mapping[str, Any], option: str) -> list[str]:
    """Return a warning for each value with a word that its setting does not know, such as a misspelt region.

    Digits are no part of a word: the number of a region changes when a vendor opens the next one. Values that rarely
    belong together get a warning, too.
    """
    warnings = [
        f"{option}.{rule.about} {rule.what}. {rule.why} {rule.remedy}"
        for rule in row.setting_warnings
        if rule.applies(values)
    ]
    for name, setting in row.settings.items():
        if not setting.known:
            continue
        known_words = {_without_digits(text) for text in setting.known}
        texts = values[name] if setting.type == "strings" else [values[name]]
        for text in texts:
            if _without_digits(text) not in known_words:
                hint = suggest_words(text, setting.known)
                warnings.append(f"{option}.{name} is not a known value, and is used as it is. {hint}")
    return warnings


def _without_digits(text: str) -> str:
    return re.sub("[0-9]+", "", text)


def complete_username(row: Preset, username: str | None, password: str | None, option: str) -> str | None:
    """Return the given username, else the one that the preset writes with the password; None without a password.

    Raise KeyringError for a login that the registry is known to refuse.
    """
    if username is None and password is not None:
        username = row.username_for(password)
    for rule in row.refusals:
        if rule.applies(username, password):
            full_name = f"{option}.{rule.about}"
            raise KeyringError(f"{full_name} {rule.what}.", rule.why, rule.remedy, option=full_name)
    if row.usernames and username not in (None, *row.usernames):
        raise KeyringError(
            f"{option}.username must be {' or '.join(row.usernames)} for preset {row.name}.",
            "",
            "Leave it out.",
            option=f"{option}.username",
        )
    if row.secret_username and username not in (None, password):
        raise KeyringError(
            f"{option}.username cannot be used with preset {row.name}.",
            "The preset uses the token as the user name, and hides it.",
            "Leave it out.",
            option=f"{option}.username",
        )
    return username


def warn_login(row: Preset, username: str | None, password: str | None, option: str) -> list[str]:
    """Return a warning for each login that the registry takes and that is rarely intended, and for a foreign token."""
    warnings = [
        f"{option}.{rule.about} {rule.what}. {rule.why} {rule.remedy}"
        for rule in row.warnings
        if rule.applies(username, password)
    ]
    maker = find_maker(password or "")
    if maker and maker not in row.makers:
        warnings.append(
            f"{option}.password is a token of {maker}. The registry of preset {row.name} does not know it. Check which "
            "variable is behind it."
        )
    return warnings


def refuse_minting_options(row: Preset, given: Mapping[str, Any], password: str | None, option: str) -> None:
    """Raise KeyringError if a password is given together with a setting that says how to mint one."""
    if password is None:
        return
    for name, setting in row.settings.items():
        if setting.mints and given.get(name) is not None:
            raise KeyringError(
                f"{option}.password and {option}.preset_options.{name} exclude each other.",
                f"{name} is for a token that is minted where no password is given.",
                "Keep one of them.",
                option=f"{option}.password",
            )
