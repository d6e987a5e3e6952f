# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rights that the tests run with: those that the README tells its readers to give."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from support.paths import ROOT


def documented_link_rules() -> list[dict[str, Any]]:
    """The rules in the README for a task that only links Secrets."""
    (rules,) = (document for document in _documents() if isinstance(document, list) and "apiGroups" in document[0])
    return list(rules)


def documented_rules(secret: str, kind: str = "Role") -> list[dict[str, Any]]:
    """The rules of the Role or ClusterRole in the README, for a Secret of this name instead of the printed one."""
    (role,) = (document for document in _documents() if isinstance(document, dict) and document.get("kind") == kind)
    return [{**rule, **({"resourceNames": [secret]} if "resourceNames" in rule else {})} for rule in role["rules"]]


def _documents() -> Iterator[Any]:
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    return map(yaml.safe_load, blocks)


def reading(rules: Sequence[Mapping[str, Sequence[str]]]) -> list[dict[str, Any]]:
    """Of these rules, what check mode needs."""
    reads = [{**rule, "verbs": [verb for verb in rule["verbs"] if verb in ("get", "list")]} for rule in rules]
    return [rule for rule in reads if rule["verbs"]]


# What check mode needs for Secrets of whatever name.
READ_ONLY = [
    {"apiGroups": [""], "resources": ["secrets", "namespaces"], "verbs": ["get", "list"]},
    *(rule for rule in reading(documented_rules("")) if "resourceNames" not in rule),
]
