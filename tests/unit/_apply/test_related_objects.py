# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which ServiceAccounts can be meant, and how long they can be waited for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._apply.related_objects import (
    NEIGHBOUR_OPTIONS,
    check_neighbour_options,
)
from support.samples.secrets import refusal

PARAMS = {"state": "present", **{name: option["default"] for name, option in NEIGHBOUR_OPTIONS.items()}}

NOT_A_NAME = (
    "service_accounts[{}] is not a name that a ServiceAccount can have. Allowed are at most 253 lower-case letters, "
    "digits, - and ., with a letter or digit at both ends and around each dot; this one has {}. Write it like default."
)
REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "an empty name": ({"service_accounts": ["default", ""]}, NOT_A_NAME.format(1, "no character")),
    "capitals": ({"service_accounts": ["Default"]}, NOT_A_NAME.format(0, "capital letters")),
    "a glob": ({"service_accounts": ["build-*"]}, NOT_A_NAME.format(0, "other characters, or another one at an end")),
    "all of them, to be linked": (
        {"service_accounts": ["*"]},
        "service_accounts has '*', which is for state=absent. It means those that name the Secret already. Name the "
        "ServiceAccounts that shall use it.",
    ),
    "all of them, and one": (
        {"service_accounts": ["default", "*"], "state": "absent"},
        "service_accounts has '*' and names. Leave out one or the other.",
    ),
    "a time below nothing": ({"wait_timeout": -1}, "wait_timeout must be from 0 to 3600 seconds; it is -1."),
    "a time too long": ({"wait_timeout": 3601}, "wait_timeout must be from 0 to 3600 seconds; it is 3601."),
}
ALLOWED: Mapping[str, Mapping[str, Any]] = {
    "none": {},
    "some": {"service_accounts": ["default", "builder.v2"]},
    "one twice": {"service_accounts": ["default", "default"]},
    "all of them, to be unlinked": {"service_accounts": ["*"], "state": "absent"},
    "no time": {"wait_timeout": 0},
    "an hour": {"wait_timeout": 3600},
}


@pytest.mark.parametrize(("changes", "message"), REFUSED.values(), ids=REFUSED)
def test_what_can_not_be_meant(changes: Mapping[str, Any], message: str) -> None:
    assert refusal(check_neighbour_options, {**PARAMS, **changes}) == message


@pytest.mark.parametrize("changes", ALLOWED.values(), ids=ALLOWED)
def test_what_can_be_meant(changes: Mapping[str, Any]) -> None:
    check_neighbour_options({**PARAMS, **changes})
