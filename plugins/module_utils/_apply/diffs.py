# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The diff of many namespaces: a change that several of them share is shown once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Diff = Mapping[str, Any]

# In place of the namespace, where each Secret has its own in the annotation of its origin.
EACH = "<namespace>"


def merge_diffs(diffs: Mapping[str, Diff], name: str) -> list[Diff]:
    """Return the different changes of a Secret with this name, each with the namespaces in its header.

    ``diffs`` are by namespace, and the changes are in the order of their first one.
    """
    groups: dict[str, list[str]] = {}
    for namespace, diff in diffs.items():
        text = json.dumps([diff["before"], diff["after"]])
        origin, common = json.dumps(f"{namespace}/{name}"), json.dumps(f"{EACH}/{name}")
        groups.setdefault(text.replace(origin, common), []).append(namespace)
    return [
        diffs[namespaces[0]] if len(namespaces) == 1 else _common_diff(text, namespaces, name)
        for text, namespaces in groups.items()
    ]


def _common_diff(text: str, namespaces: list[str], name: str) -> Diff:
    before, after = json.loads(text)
    return {
        "before": before,
        "after": after,
        "before_header": f"Secret {name} in {len(namespaces)} namespaces",
        "after_header": f"Secret {name} in {', '.join(namespaces)}",
    }
