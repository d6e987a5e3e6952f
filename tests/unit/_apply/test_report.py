# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One word for what was done in many namespaces."""

from __future__ import annotations

from collections import Counter

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._apply.report import summarise


@pytest.mark.parametrize(
    ("counts", "operation"),
    [
        ({}, "unchanged"),
        ({"unchanged": 3}, "unchanged"),
        ({"unchanged": 1, "skipped": 2, "failed": 1}, "unchanged"),
        ({"created": 0, "unchanged": 1}, "unchanged"),
        ({"created": 2}, "created"),
        ({"updated": 2}, "updated"),
        ({"recreated": 2}, "recreated"),
        ({"deleted": 2}, "deleted"),
        ({"deleted": 1, "unchanged": 9, "skipped": 9}, "deleted"),
        ({"created": 1, "updated": 9}, "updated"),
        ({"created": 9, "recreated": 1}, "updated"),
        ({"created": 9, "recreated": 1, "deleted": 1}, "updated"),
    ],
)
def test_one_word_for_all(counts: dict[str, int], operation: str) -> None:
    assert summarise(Counter(counts)) == operation
