# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which Secrets a ServiceAccount names, and what makes it name others. Pure; the lists of others are never replaced.

Source: kubernetes core/v1, ServiceAccount: imagePullSecrets are handed to each new Pod that names none itself, secrets
are for whoever looks there (Tekton, OpenShift, kpack).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .plan import Plan

Account = Mapping[str, Any]
LinkList = Literal["imagePullSecrets", "secrets"]

# By the names of options and results.
LINK_LISTS: Mapping[str, LinkList] = {"image_pull_secrets": "imagePullSecrets", "secrets": "secrets"}


@dataclass(frozen=True)
class Links:
    """What one list of a ServiceAccount shall name: names to add at its end, names that go, or no others at all."""

    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    exclusive: bool = False

    def is_kept(self, name: str) -> bool:
        return name in self.present if self.exclusive else name not in self.absent


def linked_names(account: Account, field: LinkList) -> list[str]:
    """The Secrets that a list of a ServiceAccount names, in its order."""
    return [str(entry.get("name", "")) for entry in account.get(field) or ()]


def names_secret(account: Account, name: str) -> bool:
    """Whether a ServiceAccount names this Secret in any of its lists."""
    return any(name in linked_names(account, field) for field in LINK_LISTS.values())


def plan_links(account: Account, wanted: Mapping[LinkList, Links]) -> Plan:
    """What makes a ServiceAccount name what is wanted: entries that stay keep their order and their fields."""
    after = dict(account)
    for field, links in wanted.items():
        stored = list(account.get(field) or ())
        kept = [entry for entry in stored if links.is_kept(str(entry.get("name", "")))]
        known = linked_names(account, field)
        entries = [*kept, *({"name": name} for name in dict.fromkeys(links.present) if name not in known)]
        if entries != stored:
            after[field] = entries
            if not entries:
                del after[field]
    return Plan("unchanged" if after == account else "updated", account, after)
