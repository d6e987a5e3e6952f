# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The knowledge of the namespaces of a task: not read yet, observed, or not readable."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal

from .._cluster.connection import Connection
from .._cluster.selection import Chosen
from .._dataclasses import dataclass
from .._errors import KeyringError
from .._secret.account_selection import SelectedAccounts
from .._secret.plan import Secret

if TYPE_CHECKING:
    from .._cluster.selection import NamespaceState


@dataclass(frozen=True)
class Unread:
    """Nothing was read yet; it is read when its turn comes."""


@dataclass(frozen=True)
class Unreadable:
    """Something that cannot be read, with the reason."""

    error: KeyringError


@dataclass(frozen=True)
class Observed:
    """The stored Secret of a namespace, or None, and the selected ServiceAccounts of the namespace."""

    secret: Secret | None = field(repr=False)
    accounts: SelectedAccounts = field(repr=False)


@dataclass(frozen=True)
class TargetNamespace:
    """A namespace to work on, and what is known of it so far."""

    namespace: str
    state: NamespaceState | Literal["unread"] = "unread"
    seen: Unread | Unreadable | Observed = Unread()


@dataclass(frozen=True)
class Scope:
    """The namespaces of a task for many.

    ``spared`` are those whose Secret is copied: they are left as they are, whether selected or not.
    """

    chosen: Chosen
    spared: frozenset[str]

    @property
    def names(self) -> list[str]:
        """Return the existing namespaces to work on."""
        return [name for name in self.chosen.names if name not in self.spared]

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is to be worked on."""
        return not (self.names or self.chosen.missing)


def namespace_states(scope: Scope) -> dict[str, NamespaceState | Literal["unread"]]:
    """Return the namespaces to work on with what is known of their state."""
    states: dict[str, NamespaceState | Literal["unread"]] = {}
    for name in scope.names:
        states[name] = "unread" if name in scope.chosen.unread else "active"
    return {**states, **dict.fromkeys(scope.chosen.missing, "missing")}


def find_state(connection: Connection, target: TargetNamespace) -> NamespaceState:
    """Return the state of a namespace. Read it unless a list contained it."""
    if target.state != "unread":
        return target.state
    from .._cluster.namespaces import read_namespace_state

    return read_namespace_state(connection, target.namespace)
