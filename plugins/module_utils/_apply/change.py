# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task changes in a namespace: the Secret, and the ServiceAccounts that reference it."""

from __future__ import annotations

from dataclasses import field

from .._dataclasses import dataclass
from .._secret.plan import Plan, Secret


@dataclass(frozen=True)
class NotThereYet:
    """The plan for a ServiceAccount that does not exist yet."""


@dataclass(frozen=True)
class Link:
    """A ServiceAccount with the plan for its references."""

    account: str
    plan: Plan | NotThereYet

    @property
    def changes(self) -> bool:
        """Return whether the ServiceAccount is to be written."""
        return isinstance(self.plan, NotThereYet) or self.plan.operation != "unchanged"


@dataclass(frozen=True)
class Change:
    """The plan for the Secret and the ServiceAccounts of a namespace, and after the task what was done.

    ``secret`` is the Secret as it will be, or as it is now.
    """

    plan: Plan
    links: tuple[Link, ...] = ()
    secret: Secret | None = field(default=None, repr=False)

    @property
    def changes(self) -> bool:
        """Return whether anything is to be written."""
        return self.plan.operation != "unchanged" or any(link.changes for link in self.links)

    @property
    def operation(self) -> str:
        """Return one word for both: a Secret with another link is an updated one."""
        if self.plan.operation == "unchanged" and self.changes:
            return "updated"
        return self.plan.operation
