# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible's own refusals of arguments, as the failures that results show."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible.module_utils.errors import (
    AnsibleValidationError,
    ArgumentTypeError,
    ArgumentValueError,
    ElementError,
    NoLogError,
    RequiredError,
)

from .._credentials.suggestions import ask_for, find_near
from .._errors import describe_failure
from .options import Options
from .unknown_options import explain_unknown

# The place of the option, and of the options around it, in a message. Messages about several options do not match.
_PATTERNS: dict[type[AnsibleValidationError], str] = {
    RequiredError: r"missing required arguments: (?P<option>[^, ]+)(?: found in (?P<parents>.+))?",
    ArgumentTypeError: (
        r"argument '(?P<option>[^']+)' is of type .*?(?: found in '(?P<parents>[^']+)'\.?)? and we were unable .*"
    ),
    ElementError: r"Elements value for option '(?P<option>[^']+)'(?: found in '(?P<parents>[^']+)')? is of type .*",
    ArgumentValueError: (
        r"value of (?P<option>\S+) must be one (?:or more )?of: .*?(?: found in (?P<parents>\w+(?: -> \w+)*))?"
    ),
}

# The values that an option takes, and the one that it got.
_REFUSED_CHOICE = re.compile(r"value of \S+ must be one of: (?P<choices>.*), got: (?P<value>[\w-]+)(?: found in .+)?")


def explain_refusal(
    task: str,
    arguments: Mapping[str, Any],
    options: Options,
    errors: Sequence[AnsibleValidationError],
    message: str,
) -> dict[str, Any]:
    """Return ``msg`` and ``failure`` for arguments that Ansible refuses with ``message``.

    A name that is not an option comes first: it is often the reason why another option is missing.
    """
    unknown = explain_unknown(task, arguments, options)
    if unknown:
        return {"msg": str(unknown), "failure": unknown.describe()}
    suggestion = _suggest_choice(errors[0]) if errors else ""
    return {"msg": f"{message}. {suggestion}" if suggestion else message, "failure": describe_refusal(errors)}


def describe_refusal(errors: Sequence[AnsibleValidationError]) -> dict[str, Any]:
    """Return Ansible's refusal of the arguments of a task as the failure that results show.

    The option is None if the message names several. Ansible does not give the index of an item of a list.
    """
    for error in errors:
        if not isinstance(error, NoLogError):  # it names no option, and comes first
            return describe_failure("invalid_option", _find_option(error))
    return describe_failure("invalid_option", None)


def _suggest_choice(error: AnsibleValidationError) -> str:
    """Return the question whether a choice that is like the given value, or begins with it, is the right one."""
    found = isinstance(error, ArgumentValueError) and _REFUSED_CHOICE.fullmatch(str(error.args[0]))
    if not found:
        return ""
    choices = found["choices"].split(", ")
    value = found["value"].lower()
    beginning = [choice for choice in choices if len(value) > 2 and choice.startswith(value)]
    return ask_for(beginning or find_near(value, choices))


def _find_option(error: AnsibleValidationError) -> str | None:
    found = re.fullmatch(_PATTERNS.get(type(error), "(?!)"), str(error.args[0]), re.DOTALL)
    if not found:
        return None
    names = found.groupdict()
    if not names.get("parents"):
        return str(names["option"])
    return ".".join([*names["parents"].split(" -> "), names["option"]])
