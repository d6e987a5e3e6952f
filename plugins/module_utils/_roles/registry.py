# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decide what a registry role, such as ghcr, passes to the role pull_secrets.

A registry role gives names of variables and no values: one Secret for one registry.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from .._dataclasses import dataclass
from .pull_secrets import NAMESPACES_LIMIT

# The variables that every registry role has, without the name of the role.
_SETTINGS = (
    "namespaces",
    "namespace_selectors",
    "namespaces_limit",
    "secret_name",
    "service_accounts",
    "state",
    "owner",
    "prune",
    "verify",
    "options",
)


@dataclass(frozen=True)
class RegistryRole:
    """What a registry role declares in its tasks/main.yml; the values of the mappings are names of variables."""

    role: str
    preset: str
    preset_options: Mapping[str, str]
    login: Mapping[str, str]
    needs: Sequence[str]  # without these there can be no Secret
    renewal: Mapping[str, str] = field(default_factory=dict)  # options that decide when a token is minted

    def variable(self, setting: str) -> str:
        """Return the name of a variable that every registry role has."""
        return f"{self.role}_{setting}"

    def variables(self) -> list[str]:
        """Return the names of all variables of the role."""
        settings = [self.variable(setting) for setting in _SETTINGS]
        return [*settings, *self.preset_options.values(), *self.login.values(), *self.renewal.values()]


def registry_variables(declared: Mapping[str, Any]) -> list[str]:
    """Return the names of the variables whose values registry_item needs, in their order."""
    return RegistryRole(**declared).variables()


def registry_item(declared: Mapping[str, Any], *, values: Sequence[Any]) -> dict[str, Any]:
    """Return an item of pull_secrets_list with its further options, whether to verify it, and why it is refused.

    ``values`` are those of registry_variables, in their order.
    """
    role = RegistryRole(**declared)
    value_of = dict(zip(role.variables(), values, strict=True))
    setting = {name: value_of[role.variable(name)] for name in _SETTINGS}
    present = setting["state"] != "absent"

    refusal = ""
    if present:
        refusal = _explain_login(role, value_of)
    if not refusal and not (setting["namespaces"] or setting["namespace_selectors"]):
        refusal = f"{role.variable('namespaces')} or {role.variable('namespace_selectors')} must be set."
    options = setting["options"]
    if not refusal and isinstance(options, Mapping) and options.get(NAMESPACES_LIMIT) is not None:
        limit = role.variable(NAMESPACES_LIMIT)
        refusal = f"{role.variable('options')} must not contain {NAMESPACES_LIMIT}. Set {limit} instead."

    item = {
        "name": setting["secret_name"],
        "namespaces": setting["namespaces"] or None,
        "namespace_selectors": setting["namespace_selectors"] or None,
        "service_accounts": setting["service_accounts"],
        "state": setting["state"],
        "owner": setting["owner"],
        "prune": setting["prune"],
        "registries": [_build_registry(role, value_of)] if present else [],
    }
    if setting[NAMESPACES_LIMIT] is not None:
        item[NAMESPACES_LIMIT] = setting[NAMESPACES_LIMIT]
    for option, variable in role.renewal.items():
        item[option] = value_of[variable]
    return {"refusal": refusal, "item": item, "options": options, "verify": setting["verify"]}


def _explain_login(role: RegistryRole, value_of: Mapping[str, Any]) -> str:
    """Return which variables of the login are missing or of a wrong type, or an empty string.

    Numbers and booleans are left to the module, which explains how they come about and how to quote them.
    """
    wrong = set()
    for variable in role.login.values():
        value = value_of[variable]
        is_blank = value is None or value == ""
        is_list = isinstance(value, Sequence) and not isinstance(value, (str, bytes))
        needed = variable in role.needs and (is_blank or isinstance(value, Mapping))
        if needed or is_list:
            wrong.add(variable)
    if not wrong:
        return ""
    return f"{' and '.join(sorted(wrong))} must be set to a string that is not empty."


def _build_registry(role: RegistryRole, value_of: Mapping[str, Any]) -> dict[str, Any]:
    """Return the item of ``registries`` that the variables of a role describe."""
    username = role.login.get("username")
    password = value_of[role.login["password"]]
    if isinstance(password, Mapping):
        # Up to ansible-core 2.18 a key that is JSON arrives as a mapping.
        password = json.dumps(_copy(password))
    return {
        "preset": role.preset,
        "preset_options": {option: value_of[variable] for option, variable in role.preset_options.items()},
        "username": value_of[username] if username else None,
        "password": password,
    }


def _copy(value: Any) -> Any:
    """Return a copy in which every value was read: json would read the lazy containers of Ansible without that."""
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copy(item) for item in value]
    return value
