# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Secrets that an owner has left behind in namespaces that the task does not mean any more.

Pure, and careful: what is not surely ours, and this owner's, is never among them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from .._cluster.selection import Chosen
from .._errors import KeyringError
from .._secret.names import OWNER
from .._secret.ownership import foreign_mark, is_ours, labels_of
from .._secret.plan import Secret


def is_prunable(secret: Secret, owner: str, types: Collection[str]) -> bool:
    """Return whether a Secret is surely what this owner has made, by managed-by, owner, origin and no other mark."""
    return (
        is_ours(secret)
        and labels_of(secret).get(OWNER) == owner
        and foreign_mark(secret, owner) is None
        and secret.get("type") in types
        and not secret["metadata"].get("deletionTimestamp")
    )


def find_prunable(
    stored: Mapping[str, Secret], chosen: Chosen, owner: str, types: Collection[str], spared: Collection[str]
) -> list[str]:
    """Return the namespaces from which the Secret is to be removed, sorted.

    ``stored`` are the Secrets of this name in all namespaces. Those of the selection stay, and those of ``spared``,
    which are copied.
    """
    meant = {*chosen.names, *chosen.terminating, *chosen.missing, *spared}
    return sorted(
        namespace
        for namespace, secret in stored.items()
        if namespace not in meant and is_prunable(secret, owner, types)
    )


def why_not_prune(chosen: Chosen, spared: Collection[str]) -> str | None:
    """Return why nothing may be pruned although the task asks for it, because it could delete too much, or None."""
    meant = {*chosen.names, *chosen.missing}
    if not meant:
        return "Nothing is pruned, because no namespace is selected."
    if meant <= set(spared):
        return "Nothing is pruned, because the Secret would be left only where it is copied from."
    if chosen.void:
        parts = " or ".join(chosen.void)
        return (
            f"Nothing is pruned, because no namespace matches {parts}. "
            "Otherwise the Secret would be deleted from the namespaces that matched before."
        )
    return None


def check_prune_limit(name: str, namespaces: Collection[str], limit: int) -> None:
    """Raise KeyringError, with the list, when more would be pruned than the option prune_limit allows."""
    if len(namespaces) > limit:
        raise KeyringError(
            f"prune would delete Secret {name} from {len(namespaces)} namespaces, and prune_limit is {limit}: "
            f"{', '.join(namespaces)}.",
            "Nothing was written.",
            "Check the selected namespaces. If this is intended, set prune_limit to at least that number.",
            failure="prune_limit",
            option="prune_limit",
        )
