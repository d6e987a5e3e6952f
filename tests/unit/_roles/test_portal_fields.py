# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fields that the roles for portals know are the options of their modules."""

from __future__ import annotations

from importlib import import_module

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._roles.portal_fanout import PORTAL_ROLES
from ansible_collections.keyring.kubernetes.plugins.module_utils._roles.portal_fields import (
    CONNECTION_FIELDS,
    DECLARATION_FIELDS,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.portal_options import PORTAL_ACCESS

TASKS = "ansible_collections.keyring.kubernetes.plugins.module_utils._tasks"
TYPES = [(role, variable) for role, portal in PORTAL_ROLES.items() for variable in portal.types]


@pytest.mark.parametrize(("role", "variable"), TYPES)
def test_the_fields_of_a_declaration_are_the_options_of_its_module(role: str, variable: str) -> None:
    portal = PORTAL_ROLES[role]
    options = import_module(f"{TASKS}.{portal.types[variable].module}").OPTIONS
    expected: dict[str, set[str]] = {}
    for name, row in options.items():
        if name not in portal.reserved:
            names = (name, *row.get("aliases", ()))
            expected.update({key: set(row.get("options", ())) for key in names})

    assert {name: set(fields) for name, fields in DECLARATION_FIELDS[variable].items()} == expected


def test_the_fields_of_a_connection_are_options_of_all_modules() -> None:
    expected: set[str] = set()
    for name, row in PORTAL_ACCESS.items():
        expected |= {name, *row.get("aliases", ())}

    assert set(CONNECTION_FIELDS) == expected - {"expect_server"}
