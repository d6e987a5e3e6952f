# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors about values that YAML, INI or a template did not leave a string: 0123456 in YAML is the number 42798."""

from __future__ import annotations

from datetime import date, datetime

from .._errors import KeyringError

WHY = "Without quotes, YAML and INI turn a value such as 0123456, no or 2026-12-01 into a number, a boolean or a date."
REMEDY = (
    'Quote it where it is defined: "0123456" in YAML and under [group:vars] of an INI inventory, '
    "\"'0123456'\" on a host line there; if it is quoted already, end the template with | string."
)

# The strings that Python prints for values of other types. Up to ansible-core 2.18 a template may leave only these.
PRINTED = ("True", "False", "None")

_LIST_REMEDY = "Give a single string, without brackets."
_MAPPING_WHY = "Some versions of Ansible turn a template that yields only JSON into a mapping."
_MAPPING_REMEDY = "Check the variable behind it; for JSON let the template end with | string."

# Type, its name, why it is there, how to fix it. The first row that applies counts: to Python a boolean is an integer,
# and a time is a date.
_TYPES: tuple[tuple[type, str, str, str], ...] = (
    (list, "a list", "", _LIST_REMEDY),
    (dict, "a mapping", _MAPPING_WHY, _MAPPING_REMEDY),
    (bool, "a boolean", WHY, REMEDY),
    (int, "an integer", WHY, REMEDY),
    (float, "a floating-point number", WHY, REMEDY),
    (datetime, "a date with a time", WHY, REMEDY),
    (date, "a date", WHY, REMEDY),
    (type(None), "null", "", "Check the variable behind it, or leave it out."),
)


def not_a_string(value: object, option: str, plural: str = "") -> KeyringError:
    """Return the error for a value that is not a string. It names the type and never the value.

    ``plural`` is the option of the task that takes a list, if there is one.
    """
    for type_, name, why, remedy in _TYPES:
        if isinstance(value, type_):
            what = f"{option} must be a string; it is {name}."
            if plural and isinstance(value, list):
                remedy = f"For several, use {plural}."
            return KeyringError(what, why, remedy, failure="not_a_string", option=option)
    return KeyringError(f"{option} must be a string.", WHY, REMEDY, failure="not_a_string", option=option)


def name_type(value: object) -> str:
    """Return what messages call the type of a value that is not a string."""
    for type_, name, _why, _remedy in _TYPES:
        if isinstance(value, type_):
            return name
    return "a value of another type"


def warn_printed(option: str) -> str:
    """Return a warning about a string that is exactly one of PRINTED, without saying which."""
    return (
        f"{option} is one of the strings True, False and None. Templates turn booleans and null into these "
        "strings. The string is used as it is; if that is wrong, quote the value where it is defined."
    )
