# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which pull secrets the playbook cleanup deletes: those of which all is known, and nothing else."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._roles.cleanup import unused_secrets

NOW = datetime(2026, 11, 28, 12, 0, 0, 500_000, tzinfo=timezone.utc).timestamp()
OLD = {
    "name": "old",
    "ours": True,
    "managed_by": None,
    "used_by": [],
    "created": "2026-01-01T00:00:00Z",
    "last_updated": "2026-10-29T12:00:00Z",  # 30 days before
}


@pytest.mark.parametrize(
    ("changed", "is_deleted"),
    [
        pytest.param({}, True, id="for exactly so many days"),
        pytest.param({"last_updated": "2026-10-29T12:00:01Z"}, False, id="changed a second too late"),
        pytest.param({"created": "2026-10-29T12:00:01Z"}, False, id="made a second too late"),
        pytest.param({"ours": False}, False, id="not ours"),
        pytest.param({"managed_by": "Helm"}, False, id="managed by another tool"),
        pytest.param({"used_by": [{"kind": "Pod", "name": "web"}]}, False, id="in use"),
        pytest.param(
            {"used_by": [{"kind": "DevWorkspace", "name": "a-label", "how": "label", "blocking": False}]},
            False,
            id="found by its label",
        ),
        pytest.param({"used_by": None}, False, id="nobody knows who uses it"),
        pytest.param({"created": None}, False, id="no time"),
        pytest.param({"last_updated": ""}, False, id="an empty time"),
        pytest.param({"last_updated": "2026-10-29"}, False, id="a date"),
        pytest.param({"last_updated": "2026-10-29T12:00:00+00:00"}, False, id="another zone"),
        pytest.param({"last_updated": "2026-02-31T12:00:00Z"}, False, id="a day that there is not"),
        pytest.param({"last_updated": "2026-10-29T12:00:00Z\n"}, False, id="more than a time"),
    ],
)
def test_what_cleanup_deletes(changed: dict[str, Any], is_deleted: bool) -> None:
    secret = {**OLD, **changed}

    assert unused_secrets([secret], now=NOW, days="30") == ([secret] if is_deleted else [])


@pytest.mark.parametrize("time", ["created", "last_updated"])
def test_a_secret_without_a_time_stays(time: str) -> None:
    assert unused_secrets([{name: value for name, value in OLD.items() if name != time}], now=NOW, days=0) == []
