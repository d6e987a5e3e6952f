# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects around the Secrets of a task: the ServiceAccounts that it links, and everything else that uses them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .._cluster.connection import Connection
from .accounts import AccountReader
from .options import Linking

if TYPE_CHECKING:
    from .._cluster.workloads import Offers
    from .._secret.users import Use


class RelatedObjects:
    """Reads what a task needs to know around its Secrets, each thing once.

    ``everywhere``: in all namespaces of the cluster at once, rather than in each namespace by itself.
    """

    def __init__(self, connection: Connection, secret: str, linking: Linking, *, everywhere: bool) -> None:
        self._connection = connection
        self._secret = secret
        self.accounts = AccountReader(connection, linking)
        self.everywhere = everywhere
        self._lock = threading.Lock()
        self._users: dict[str | None, tuple[list[Use], list[str]]] = {}
        self._offers: Offers | None = None

    def is_being_unlinked(self, name: str) -> bool:
        """Return whether a ServiceAccount is one that stops naming a Secret before that goes."""
        return self.accounts.selection.includes(name)

    def read_users(self, namespace: str) -> tuple[Sequence[Use], Sequence[str]]:
        """Return the users of the Secret in a namespace, and sentences on what could not be listed; asked for once."""
        place = None if self.everywhere else namespace
        with self._lock:
            if place not in self._users:
                self._users[place] = self._list_users(place)
        uses, unknown = self._users[place]
        return [use for use in uses if use.namespace == namespace], unknown

    def _list_users(self, place: str | None) -> tuple[list[Use], list[str]]:
        from .._cluster.workloads import list_users, read_offers
        from .._secret.users import USER_KINDS, find_uses

        if self._offers is None:
            self._offers = read_offers(self._connection, USER_KINDS)
        listings = list_users(self._connection, (place,), USER_KINDS, self._offers)[place]
        uses: list[Use] = []
        for listing in listings:
            for item in listing.objects:
                uses += [use for use in find_uses(listing.kind, item) if use.secret == self._secret]
        unknown = dict.fromkeys(listing.unknown for listing in listings if listing.unknown)
        return uses, list(unknown)
