# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The read of what a task about one Secret must know of its namespaces."""

from __future__ import annotations

from collections.abc import Iterator

from .._cluster.secrets import list_secrets, read_secret
from .._errors import KeyringError
from .._secret.plan import Secret
from .observed import Observed, Scope, TargetNamespace, Unread, Unreadable, namespace_states
from .secret_task import SecretTask

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
    states = namespace_states(scope)
    if isinstance(stored, Unread):
        for name, state in states.items():
            yield TargetNamespace(name, state)
        return
    for name, state in states.items():
        yield TargetNamespace(name, state, _observe_stored(task, name, stored.pop(name, None)))


def observe(task: SecretTask, namespace: str) -> Observed:
    """Read the Secret of a namespace, and the selected ServiceAccounts there."""
    secret = read_secret(task.connection, namespace, task.name)
    return Observed(secret, task.related.accounts.read(namespace))


def _read_secret(task: SecretTask, namespace: str) -> Secret | Unreadable | None:
    try:
        return read_secret(task.connection, namespace, task.name)
    except KeyringError as error:
        if error.fatal:
            raise
        return Unreadable(error)


def _observe_stored(task: SecretTask, namespace: str, secret: Secret | Unreadable | None) -> Observed | Unreadable:
    """Add the ServiceAccounts to a Secret that was read: from the list of all where there is one."""
    if isinstance(secret, Unreadable):
        return secret
    if task.related.everywhere:
        return Observed(secret, task.related.accounts.find_listed(namespace))
    try:
        return Observed(secret, task.related.accounts.read(namespace))
    except KeyringError as error:
        if error.fatal:
            raise
        return Unreadable(error)
