# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ServiceAccounts: read, waited for, and changed in which Secrets they reference."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from .._errors import KeyringError
from .._secret.links import Account
from .api import list_objects
from .connection import Connection
from .objects import Resource, list_named, read_object, settle, update_object
from .refused import Intent, Refused, describe_scope, explain

if TYPE_CHECKING:
    from .._secret.plan import Plan

SERVICE_ACCOUNTS = Resource("ServiceAccount", "serviceaccounts")

# Between two looks for a ServiceAccount that is to come, in seconds.
PAUSE = 0.25


class Wait:
    """The time that a task may wait for ServiceAccounts in all; it begins when the first one is missing."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end: float | None = None

    def wait(self) -> bool:
        """Wait a moment. Return False, without waiting, if no time is left."""
        now = time.monotonic()
        self._end = self._end or now + self.seconds
        if now >= self._end:
            return False
        time.sleep(min(PAUSE, self._end - now))
        return True


def read_account(connection: Connection, namespace: str, name: str) -> Account | None:
    """Return the ServiceAccount, or None if it does not exist. Raises KeyringError if it cannot be read."""
    return read_object(connection, SERVICE_ACCOUNTS, namespace, name)


def list_accounts_named(connection: Connection, name: str) -> dict[str, Account]:
    """Return the ServiceAccounts of a name in all namespaces, by namespace.

    Raises KeyringError if they cannot be listed.
    """
    return list_named(connection, SERVICE_ACCOUNTS, name)


def list_accounts(connection: Connection, namespace: str | None) -> list[Account]:
    """Return the ServiceAccounts of a namespace, or of all. Raises KeyringError if they cannot be listed."""
    try:
        found = list_objects(connection, SERVICE_ACCOUNTS.path(namespace), {})
    except Refused as refused:
        place = f"ServiceAccounts of {describe_scope(namespace)}"
        intent = Intent("list", SERVICE_ACCOUNTS.plural, place, namespace)
        raise explain(refused, intent, connection) from None
    return [{"apiVersion": "v1", "kind": SERVICE_ACCOUNTS.kind, **account} for account in found]


def await_account(connection: Connection, namespace: str, name: str, wait: Wait) -> Account:
    """Return the ServiceAccount as soon as it exists. Raises KeyringError if it does not in time."""
    while True:
        account = read_account(connection, namespace, name)
        if account is not None:
            return account
        if not wait.wait():
            raise missing_account(namespace, name, wait.seconds)


def warn_missing_account(namespace: str, name: str, *, wait: bool) -> str:
    """Return the warning of check mode about a ServiceAccount that does not exist."""
    outcome = "waits for it, and fails without it" if wait else "fails without it"
    return f"ServiceAccount {namespace}/{name} does not exist yet; the real run {outcome}."


def missing_account(namespace: str, name: str, seconds: float) -> KeyringError:
    """Return the error about a ServiceAccount that did not exist for so many seconds."""
    waited = f"None appeared within {seconds:g} seconds." if seconds else ""
    return KeyringError(
        f"ServiceAccount {namespace}/{name} does not exist.",
        waited,
        "Create it first, or correct the name.",
        failure="not_found",
        namespace=namespace,
    )


def link_account(
    connection: Connection, decide: Callable[[Account], Plan], plan: Plan, *, must_exist: bool = True
) -> Plan:
    """Apply a plan about a ServiceAccount, decided again if another client wrote it in between.

    Returns the plan that held; its ``after`` is the ServiceAccount as it is now. Raises KeyringError if the change is
    refused, or the ServiceAccount no longer exists although it must.
    """
    from .._secret.plan import Plan

    account = plan.before or {}
    namespace, name = account["metadata"]["namespace"], account["metadata"]["name"]

    def decide_again(found: Account | None) -> Plan:
        if found is None and must_exist:
            raise missing_account(namespace, name, 0)
        return Plan("unchanged", None, None) if found is None else decide(found)

    done, written = settle(connection, SERVICE_ACCOUNTS, namespace, name, decide_again, _write_account, plan)
    return dataclasses.replace(done, after=written)


def _write_account(connection: Connection, plan: Plan) -> Account:
    return update_object(connection, SERVICE_ACCOUNTS, plan.before or {}, plan.after or {})
