# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ServiceAccounts that a task selects: read one by one, or listed for all namespaces."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from .._cluster.connection import Connection
from .._cluster.service_accounts import Wait, await_account, list_accounts, list_accounts_named, read_account
from .._secret.account_selection import SelectedAccounts, warn_unmatched
from .._secret.globs import EVERY
from .._secret.links import Account
from .options import Linking


class AccountReader:
    """Reads the ServiceAccounts that a task selects, and notes which globs match any."""

    def __init__(self, connection: Connection, linking: Linking) -> None:
        self.selection = linking.accounts
        self._connection = connection
        self._wait = Wait(linking.seconds)
        self._lock = threading.Lock()
        self._matching: set[str] | None = None
        self._listed: Mapping[str, Mapping[str, Account]] | None = None

    def read(self, namespace: str) -> SelectedAccounts:
        """Return the selected ServiceAccounts of a namespace: one list for globs, else each by its name."""
        if self.selection.globs:
            found = list_accounts(self._connection, namespace)
            return self._choose({account["metadata"]["name"]: account for account in found})
        read = {name: read_account(self._connection, namespace, name) for name in self.selection.names}
        return self._choose({name: account for name, account in read.items() if account is not None})

    def find_listed(self, namespace: str) -> SelectedAccounts:
        """Return the selected ServiceAccounts of a namespace. Those of all namespaces are listed the first time."""
        if self._listed is None:
            self._listed = self._list_everywhere()
        return self._choose(self._listed.get(namespace, {}))

    def await_account(self, namespace: str, name: str) -> Account:
        """Return a ServiceAccount that a controller is about to make. Raises KeyringError when none appears in time."""
        return await_account(self._connection, namespace, name, self._wait)

    def find_void(self, *, ignore_every: bool = False) -> tuple[str, ...]:
        """Return the globs that match nothing in any namespace that was read, as the option has them.

        ``ignore_every`` leaves out the glob for all.
        """
        if self._matching is None:
            return ()
        ignored = {EVERY} if ignore_every else set()
        void = [glob for glob in self.selection.globs if glob not in self._matching | ignored]
        return tuple(f'service_accounts: "{glob}"' for glob in void)

    def warn_void(self, *, ignore_every: bool = False) -> list[str]:
        """Return the warnings about globs and exclusions that match nothing in any namespace that was read."""
        warnings = [warn_unmatched(part, excludes=False) for part in self.find_void(ignore_every=ignore_every)]
        if self._matching is not None:
            unused = [glob for glob in self.selection.exclusions if glob not in self._matching]
            warnings += [warn_unmatched(f'service_accounts: "!{glob}"', excludes=True) for glob in unused]
        return warnings

    def _list_everywhere(self) -> Mapping[str, Mapping[str, Account]]:
        """Return ServiceAccounts by namespace and name: one list for globs, else one for each name.

        A list of one name is permitted by a ClusterRole with resourceNames.
        """
        found: dict[str, dict[str, Account]] = {}
        if self.selection.globs:
            for account in list_accounts(self._connection, None):
                metadata = account["metadata"]
                found.setdefault(metadata["namespace"], {})[metadata["name"]] = account
            return found
        for name in self.selection.names:
            for namespace, account in list_accounts_named(self._connection, name).items():
                found.setdefault(namespace, {})[name] = account
        return found

    def _choose(self, existing: Mapping[str, Account]) -> SelectedAccounts:
        matching = self.selection.find_matching(existing)
        with self._lock:
            self._matching = matching | (self._matching or set())
        return self.selection.choose(existing)
