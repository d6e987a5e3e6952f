# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which ServiceAccounts of a namespace an option selects, and what it finds nothing for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.account_selection import parse_accounts
from support.samples.secrets import refusal

STORED = ("app", "ci-build", "ci-old", "default", "ci.v2")


def accounts(*names: str) -> dict[str, Any]:
    return {name: {"metadata": {"namespace": "web", "name": name}} for name in names}


@pytest.mark.parametrize(
    ("items", "chosen", "matching"),
    [
        pytest.param([], [], set(), id="nothing"),
        pytest.param(["default", "gone", "app"], ["default", "gone", "app"], set(), id="names in their order"),
        pytest.param(["default", "default"], ["default"], set(), id="a name twice"),
        pytest.param(["*"], ["app", "ci-build", "ci-old", "ci.v2", "default"], {"*"}, id="all, by name"),
        pytest.param(["ci-*"], ["ci-build", "ci-old"], {"ci-*"}, id="a glob"),
        pytest.param(["ci?v[0-9]"], ["ci.v2"], {"ci?v[0-9]"}, id="other signs"),
        pytest.param(["team-*"], [], set(), id="a glob that matches nothing"),
        pytest.param(["gone", "ci-*"], ["gone", "ci-build", "ci-old"], {"ci-*"}, id="names before globs"),
        pytest.param(["ci-old", "ci-*"], ["ci-old", "ci-build"], {"ci-*"}, id="a name that a glob matches, too"),
        pytest.param(["*", "!ci*"], ["app", "default"], {"*", "ci*"}, id="all but a glob"),
        pytest.param(["app", "gone", "!gone", "!app"], [], {"app"}, id="names that are excluded"),
    ],
)
def test_what_is_selected(items: Sequence[str], chosen: Sequence[str], matching: set[str]) -> None:
    selection, stored = parse_accounts(items, "service_accounts"), accounts(*STORED)

    selected = selection.choose(stored)

    assert list(selected) == chosen
    assert selected == {name: stored.get(name) for name in chosen}
    assert all(selection.includes(name) == (name in chosen) for name in STORED)
    assert selection.find_matching(stored) == matching
    assert parse_accounts(selection.items, "service_accounts") == selection


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (
            ["a" * 257 + "*"],
            "service_accounts[0] is longer than 256 characters. Names of ServiceAccounts have at most 253.",
        ),
        (["default", "!Old"], "service_accounts[1] is not a name that a ServiceAccount can have."),
        (["!old", "!older-*"], "service_accounts has only exclusions."),
        (["a,b"], "service_accounts[0] is not a name that a ServiceAccount can have."),
    ],
)
def test_what_can_select_nothing(items: Sequence[str], message: str) -> None:
    assert refusal(parse_accounts, items, "service_accounts").startswith(message)
