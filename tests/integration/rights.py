# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rights that the tests run with: those that the README tells its readers to give."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from checkout import ROOT


def documented_rules(secret: str, kind: str = "Role") -> list[dict[str, Any]]:
    """The rules of the Role or ClusterRole in the README, for a Secret of this name instead of the printed one."""
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (role,) = (
        document
        for block in blocks
        if isinstance(document := yaml.safe_load(block), dict) and document.get("kind") == kind
    )
    return [{**rule, **({"resourceNames": [secret]} if "resourceNames" in rule else {})} for rule in role["rules"]]


def reading(rules: Sequence[Mapping[str, Sequence[str]]]) -> list[dict[str, Any]]:
    """Of these rules, what check mode needs."""
    reads = [{**rule, "verbs": [verb for verb in rule["verbs"] if verb in ("get", "list")]} for rule in rules]
    return [rule for rule in reads if rule["verbs"]]


# What check mode needs for Secrets of whatever name.
READ_ONLY = [
    {"apiGroups": [""], "resources": ["secrets", "namespaces"], "verbs": ["get", "list"]},
    *(rule for rule in reading(documented_rules("")) if "resourceNames" not in rule),
]
