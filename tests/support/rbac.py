# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The permissions that the tests run with: those that the guide to permissions lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import yaml

from support.documents import PAGES
from support.guides import File, read_guide

_KINDS = {"Role": "pull-secret-writer", "ClusterRole": "pull-secret-writer-all"}
_LINKERS = {"Role": "secret-linker", "ClusterRole": "secret-linker-all"}


@cache
def manifests() -> Mapping[str, Mapping[str, Any]]:
    """Return the Roles and ClusterRoles that a reader of the guide writes, by name."""
    steps = read_guide(PAGES / "guide_rights.rst")
    documents = [yaml.safe_load(step.content) for step in steps if isinstance(step, File)]
    return {found["metadata"]["name"]: found for found in documents if isinstance(found, dict)}


def documented_link_rules(kind: str = "Role") -> list[dict[str, Any]]:
    """Return the rules for a task that only links Secrets, in one namespace or in all."""
    return list(manifests()[_LINKERS[kind]]["rules"])


def documented_rules(secret: str, kind: str = "Role") -> list[dict[str, Any]]:
    """Return the rules of the writer's Role or ClusterRole, for a Secret of this name instead of the printed one."""
    rules = manifests()[_KINDS[kind]]["rules"]
    return [{**rule, **({"resourceNames": [secret]} if "resourceNames" in rule else {})} for rule in rules]


def reading(rules: Sequence[Mapping[str, Sequence[str]]]) -> list[dict[str, Any]]:
    """Of these rules, what check mode needs."""
    reads = [{**rule, "verbs": [verb for verb in rule["verbs"] if verb in ("get", "list")]} for rule in rules]
    return [rule for rule in reads if rule["verbs"]]


# What check mode needs for Secrets of whatever name.
READ_ONLY = [
    {"apiGroups": [""], "resources": ["secrets", "namespaces"], "verbs": ["get", "list"]},
    *(rule for rule in reading(documented_rules("")) if "resourceNames" not in rule),
]
