# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The read of what a task about one Secret must know of its namespaces."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from .._cluster.secrets import list_secrets, read_secret
from .._cluster.selection import OneNamespace
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
        found = _read_surveyed(task, scope, stored)
        task.survey([secret for secret in found if not isinstance(secret, Unreadable)])
    return stored


def _read_surveyed(task: SecretTask, scope: Scope, stored: StoredSecrets) -> list[Secret | Unreadable]:
    """Return what is stored in all namespaces that the task selects.

    A limit does not hide the others from a survey: what all namespaces share may be stored in one of them alone.
    """
    targets = task.targets
    if isinstance(targets, OneNamespace) or targets.limit is None:
        return [stored[name] for name in scope.names if name in stored]
    from .._cluster.namespaces import find_namespaces

    declared = dataclasses.replace(targets, limit=None)
    names = [name for name in find_namespaces(task.connection, declared).names if name not in scope.spared]
    if task.related.everywhere:
        return [stored[name] for name in names if name in stored]
    if declared.needs_list:
        everything = list_secrets(task.connection, task.name)
        return [everything[name] for name in names if name in everything]
    found: list[Secret | Unreadable] = []
    for name in names:
        secret = stored[name] if name in stored else _read_secret(task, name)
        if isinstance(secret, Unreadable) and name not in scope.names:
            raise _unread_outside_limit(task, name, secret.error)
        if secret is not None:
            found.append(secret)
    return found


def _unread_outside_limit(task: SecretTask, namespace: str, cause: KeyringError) -> KeyringError:
    """Return the error about a Secret outside the limit that cannot be read: it may hold the shared key."""
    return KeyringError(
        f"Secret {namespace}/{task.name} cannot be read, and it may contain the key that the namespaces share.",
        str(cause),
        "With namespaces_limit, ssh.generate still reads the Secret in all selected namespaces.",
        failure=cause.failure,
        namespace=namespace,
        quoted=cause.quoted,
    )


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
