# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures and warnings of many namespaces: each kind once, with the namespaces, and a bounded number of kinds."""

from __future__ import annotations

from collections.abc import Iterable

from .alike import Alike, group_alike, list_names, replace_own_name

# How many kinds of failures, and of warnings, are reported in full.
MAX_LISTED = 10

# A namespace, and what is to be said of it.
About = tuple[str, str]


def list_failures(failures: Iterable[About], items: str) -> str:
    """Return the messages of failed namespaces, each kind with the first namespace in full and the names of others.

    ``items`` is the field of the result that lists them all.
    """
    groups = group_alike(failures)
    texts = [f"{group.namespaces[0]}: {group.value}{_also_in(group)}" for group in groups[:MAX_LISTED]]
    more = sum(len(group.namespaces) for group in groups[MAX_LISTED:])
    if more:
        texts.append(f"Failures not listed here: {more}. The result lists them under {items}.")
    return " ".join(texts)


def list_warnings(warnings: Iterable[About]) -> list[str]:
    """Return the warnings about namespaces, each kind once. One that does not name its namespace stays as it is."""
    groups = group_alike(warnings)
    texts = []
    for group in groups[:MAX_LISTED]:
        names_itself = replace_own_name(group.value, group.namespaces[0]) != group.value
        texts.append(f"{group.value}{_also_in(group)}" if names_itself else group.value)
    if len(groups) > MAX_LISTED:
        texts.append(f"Warnings not listed here: {len(groups) - MAX_LISTED}.")
    return texts


def _also_in(group: Alike) -> str:
    """Return a sentence, after a space, on the namespaces of a group beside the first; nothing if there are none."""
    others = group.namespaces[1:]
    return f" The same in {list_names(others)}." if others else ""
