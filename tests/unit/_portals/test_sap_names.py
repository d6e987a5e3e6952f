# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names in the lists of SAP AI Core: those that are shown, and the warning about others."""

from __future__ import annotations

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.sap_names import is_plain_name, warn_left_out

NAMES = {
    "web": True,
    "a_c.D-e": True,
    "a" * 253: True,
    "a" * 254: False,
    "": False,
    "team/app": False,
    "a b": False,
    "a\n": False,
    "a\x1b[2J": False,
    "\u00e9": False,
    "\ud800": False,
}


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_is_plain(name: str) -> None:
    assert is_plain_name(name) is NAMES[name]


def test_what_is_left_out_is_counted() -> None:
    assert warn_left_out(0, "Git repositories") == []
    (warning,) = warn_left_out(3, "Git repositories")
    assert warning.startswith("The list leaves out 3 Git repositories")
