# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The knowledge of the namespaces of a task: not read yet, observed, or not readable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Literal

from .._cluster.secrets import list_secrets, read_secret
from .._cluster.selection import Chosen
from .._dataclasses import dataclass
from .._errors import KeyringError
from .._secret.plan import Secret
from .related_objects import LinkedAccounts
from .secret_task import SecretTask

if TYPE_CHECKING:
    from .._cluster.namespaces import NamespaceState


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
    accounts: LinkedAccounts = field(repr=False)


@dataclass(frozen=True)
class TargetNamespace:
    """A namespace to work on, and what is known of it so far."""

    namespace: str
    state: NamespaceState | Literal["unread"] = "unread"
    seen: Unread | Unreadable | Observed = Unread()


@dataclass(frozen=True)
class Scope:
    """The namespaces of a task for many.

    ``spared`` is the one whose Secret is copied: it is left as it is, whether selected or not.
    """

    chosen: Chosen
    spared: str | None
    needs_list: bool

    @property
    def names(self) -> list[str]:
        """Return the existing namespaces to work on."""
        return [name for name in self.chosen.names if name != self.spared]

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is to be worked on."""
        return not (self.names or self.chosen.missing)


# What is stored under the name of the task, by namespace.
StoredSecrets = dict[str, "Secret | Unreadable"]


def read_all_secrets(task: SecretTask, scope: Scope) -> StoredSecrets | Unread:
    """Return what is stored in all namespaces, and show it to the survey of the task.

    Returns Unread where each Secret is better read when its turn comes. Raises KeyringError when Secrets cannot be
    listed, and for what makes every other request fail as well.
    """
    if scope.is_empty or not (task.related.everywhere or task.reads_first):
        return Unread()
    stored: StoredSecrets = {}
    if task.related.everywhere:
        stored.update(list_secrets(task.connection, task.name))
    else:
        for name in scope.names:
            secret = _read_secret(task, name)
            if secret is not None:
                stored[name] = secret
    if task.survey:
        found = [stored[name] for name in scope.names if name in stored]
        task.survey([secret for secret in found if not isinstance(secret, Unreadable)])
    return stored


def observe_targets(task: SecretTask, scope: Scope, stored: StoredSecrets | Unread) -> Iterator[TargetNamespace]:
    """Yield the namespaces to work on. Each Secret is taken out of ``stored``, which may hold thousands of them."""
    known: Literal["active", "unread"] = "active" if scope.needs_list else "unread"
    states: dict[str, NamespaceState | Literal["unread"]] = {
        **dict.fromkeys(scope.names, known),
        **dict.fromkeys(scope.chosen.missing, "missing"),
    }
    if isinstance(stored, Unread):
        for name, state in states.items():
            yield TargetNamespace(name, state)
        return
    everywhere = task.related.list_accounts_everywhere() if task.related.everywhere else None
    for name, state in states.items():
        yield TargetNamespace(name, state, _observe_stored(task, name, stored.pop(name, None), everywhere))


def observe(task: SecretTask, namespace: str) -> Observed:
    """Read the Secret of a namespace, and the selected ServiceAccounts there."""
    secret = read_secret(task.connection, namespace, task.name)
    return Observed(secret, task.related.read_accounts(namespace))


def find_state(task: SecretTask, target: TargetNamespace) -> NamespaceState:
    """Return the state of a namespace. Read it unless a list contained it."""
    if target.state != "unread":
        return target.state
    from .._cluster.namespaces import read_namespace_state

    return read_namespace_state(task.connection, target.namespace)


def _read_secret(task: SecretTask, namespace: str) -> Secret | Unreadable | None:
    try:
        return read_secret(task.connection, namespace, task.name)
    except KeyringError as error:
        if error.fatal:
            raise
        return Unreadable(error)


def _observe_stored(
    task: SecretTask,
    namespace: str,
    secret: Secret | Unreadable | None,
    everywhere: Mapping[str, LinkedAccounts] | None,
) -> Observed | Unreadable:
    """Add the ServiceAccounts to a Secret that was read: from the list of all where there is one."""
    if isinstance(secret, Unreadable):
        return secret
    if everywhere is not None:
        return Observed(secret, everywhere.get(namespace, task.related.no_accounts()))
    try:
        return Observed(secret, task.related.read_accounts(namespace))
    except KeyringError as error:
        if error.fatal:
            raise
        return Unreadable(error)
