# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Secrets that a ServiceAccount references, and the plan to change them. Entries of others are never replaced.

Source: kubernetes core/v1, ServiceAccount: imagePullSecrets are handed to each new Pod that references none itself,
secrets are for programs that look there (Tekton, OpenShift, kpack).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from .._dataclasses import dataclass

if TYPE_CHECKING:
    from .plan import Plan

Account = Mapping[str, Any]
LinkList = Literal["imagePullSecrets", "secrets"]

# By the names of options and results.
LINK_LISTS: Mapping[str, LinkList] = {"image_pull_secrets": "imagePullSecrets", "secrets": "secrets"}


@dataclass(frozen=True)
class Links:
    """The desired names in one list of a ServiceAccount: those to add at its end, those to remove, or exactly some."""

    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    exclusive: bool = False

    def is_kept(self, name: str) -> bool:
        """Return whether a name that is stored stays in the list."""
        if self.exclusive:
            return name in self.present
        return name not in self.absent


def linked_names(account: Account, field: LinkList) -> list[str]:
    """Return the names of the Secrets in a list of a ServiceAccount, in its order."""
    return [str(entry.get("name", "")) for entry in account.get(field) or ()]


def names_secret(account: Account, name: str) -> bool:
    """Return whether a ServiceAccount references this Secret in any of its lists."""
    return any(name in linked_names(account, field) for field in LINK_LISTS.values())


def is_ending(account: Account) -> bool:
    """Return whether a ServiceAccount is being deleted, which a finalizer may still hold."""
    return bool(account["metadata"].get("deletionTimestamp"))


def plan_links(account: Account, wanted: Mapping[LinkList, Links]) -> Plan:
    """Plan the desired links of a ServiceAccount. Entries that stay keep their order and their fields."""
    from .plan import Plan

    after = dict(account)
    for field, links in wanted.items():
        stored = list(account.get(field) or ())
        kept = [entry for entry in stored if links.is_kept(str(entry.get("name", "")))]
        known = linked_names(account, field)
        added = [{"name": name} for name in dict.fromkeys(links.present) if name not in known]
        entries = [*kept, *added]
        if entries == stored:
            continue
        if entries:
            after[field] = entries
        else:
            del after[field]
    return Plan("unchanged" if after == account else "updated", account, after)
