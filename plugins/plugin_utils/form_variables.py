# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of a form, and how messages name them."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from typing import Any

from ..module_utils._credentials.strings import REMEDY, WHY
from ..module_utils._errors import KeyringError
from ..module_utils._forms.steps import FormField


class VariableSource:
    """Where a form finds values without asking: variables, files that variables name, and the environment."""

    def __init__(
        self,
        variables: Mapping[str, Any],
        environ: Mapping[str, str],
        read_file: Callable[[str, str], str],
        is_file: Callable[[str], bool],
    ) -> None:
        """``read_file`` gets the name of an option and a path, and raises KeyringError for what cannot be read."""
        self._variables = variables
        self._environ = environ
        self.read_file = read_file
        self.is_file = is_file

    def find(self, field: FormField) -> str | None:
        """Return the value of a field as text, or None if nothing sets it. Raise KeyringError for an unusable one."""
        for name in (field.name, *field.aliases):
            if name in self._variables:
                return _as_text(self._variables[name], field)
        if not field.masked:
            return None
        path = self._variables.get(f"{field.name}_file")
        if path:
            return self.read_file(f"{field.name}_file", str(path)).strip()
        return self._environ.get(f"KEYRING_{field.name.upper()}") or None


def _as_text(value: Any, field: FormField) -> str:
    """Return a value of a variable as text. Raise KeyringError for one that YAML or INI has changed."""
    if value is None:
        return ""
    if isinstance(value, (Mapping, list)) and field.lines:
        return json.dumps(value)
    if isinstance(value, (Mapping, list)):
        raise KeyringError(
            f"{variable_label(field)} must be a string, not a mapping or a list.",
            failure="not_a_string",
            option=field.name,
        )
    if isinstance(value, (bool, int, float, datetime.date)) and not field.unquoted:
        raise KeyringError(
            f"{variable_label(field)} must be a string.", WHY, REMEDY, failure="not_a_string", option=field.name
        )
    return str(value).strip()


def variable_label(field: FormField) -> str:
    """Return the variable of a field with its title, for a message."""
    return f"{field.name} ({field.title})"


def how_to_set(field: FormField) -> str:
    """Return how to set a field without a question."""
    if not field.masked:
        return f"set it with -e {field.name}=VALUE"
    return (
        f"set it in a variables file encrypted with Ansible Vault (-e @file), set {field.name}_file to the path of a "
        f"file, or set the environment variable KEYRING_{field.name.upper()}"
    )
