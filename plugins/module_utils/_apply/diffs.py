# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The diff of many namespaces: a change that several of them share is shown once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .alike import Alike, group_alike, list_names, replace_own_name

Diff = Mapping[str, Any]
View = Mapping[str, Any]

# Shown although it does not change: without it, a Secret that gets its first entry would look like one that is created.
_ALWAYS_SHOWN = ("type",)


def merge_diffs(diffs: Mapping[str, Diff], subject: str) -> list[Diff]:
    """Return the different changes of the subject, such as a Secret with its name, each with its ``namespaces``.

    ``diffs`` are by namespace, and the changes are in the order of their first one. A change of one namespace is its
    diff. One that several share has only what changes, because the rest may differ from namespace to namespace.
    """
    changes = [(namespace, _keep_changes(diff)) for namespace, diff in diffs.items()]
    return [_describe_change(group, diffs, subject) for group in group_alike(changes)]


def _describe_change(group: Alike, diffs: Mapping[str, Diff], subject: str) -> Diff:
    namespaces = group.namespaces
    if len(namespaces) == 1:
        return {**diffs[namespaces[0]], "namespaces": namespaces}
    before, after = replace_own_name(group.value, namespaces[0])
    return {
        "before": before,
        "after": after,
        "before_header": f"{subject} in {len(namespaces)} namespaces",
        "after_header": f"{subject} in {list_names(namespaces)}",
        "namespaces": namespaces,
    }


def _keep_changes(diff: Diff) -> list[dict[str, Any]]:
    """Return both sides of a diff without what is equal in both."""
    before, after = diff["before"], diff["after"]
    sides = [_without_equal(before, after), _without_equal(after, before)]
    for side, view in zip(sides, (before, after), strict=True):
        side.update({key: view[key] for key in _ALWAYS_SHOWN if key in view})
    return sides


def _without_equal(view: View, other: View) -> dict[str, Any]:
    """Return the fields of a view that differ from the other view; of mappings in both, the items that differ.

    An item is kept whole: an entry of a registry is shown with its user name although only the password changes.
    """
    kept: dict[str, Any] = {}
    for key, value in view.items():
        if isinstance(value, dict) and isinstance(other.get(key), dict):
            items = _differing(value, other[key])
            if items:
                kept[key] = items
        elif key not in other or value != other[key]:
            kept[key] = value
    return kept


def _differing(items: View, others: View) -> dict[str, Any]:
    return {key: value for key, value in items.items() if key not in others or value != others[key]}
