# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects around the Secrets of a task: the ServiceAccounts that it links, and everything else that uses them."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .._cluster.connection import Connection
from .accounts import AccountReader
from .options import Linking

if TYPE_CHECKING:
    from .._cluster.discovery import Offers
    from .._cluster.workloads import Listing
    from .._secret.users import Use, UserKind


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
        self._users: dict[tuple[str | None, UserKind], tuple[Listing, dict[str, list[Use]]]] = {}
        self._offers: Offers | None = None

    def is_being_unlinked(self, name: str) -> bool:
        """Return whether a ServiceAccount is one that stops naming a Secret before that goes."""
        return self.accounts.selection.includes(name)

    def read_users(self, namespace: str, secret_type: str) -> tuple[Sequence[Use], Sequence[str]]:
        """Return the users of the Secret in a namespace, and sentences on what could not be listed.

        Only kinds that can use a Secret of this type are listed, each once in each place.
        """
        from .._cluster.workloads import describe_unlisted
        from .._secret.consumers import USER_KINDS

        place = None if self.everywhere else namespace
        kinds = [kind for kind in USER_KINDS if kind.can_hold(secret_type)]
        with self._lock:
            self._list_users(place, [kind for kind in kinds if (place, kind) not in self._users])
            found = [self._users[place, kind] for kind in kinds]
        uses: list[Use] = []
        for _listing, all_uses in found:
            uses += all_uses.get(namespace, ())
        return uses, describe_unlisted(listing for listing, _uses in found)

    def _list_users(self, place: str | None, kinds: Sequence[UserKind]) -> None:
        """List the objects of these kinds in a place, and keep their uses of the Secret."""
        from .._cluster.discovery import read_offers
        from .._cluster.workloads import list_users
        from .._secret.consumers import USER_KINDS
        from .._secret.users import find_uses

        if self._offers is None:
            self._offers = read_offers(self._connection, USER_KINDS)
        for listing in list_users(self._connection, (place,), kinds, self._offers)[place]:
            uses: dict[str, list[Use]] = {}
            for item in listing.objects:
                for use in find_uses(listing.kind, item):
                    if use.secret == self._secret:
                        uses.setdefault(use.namespace, []).append(use)
            self._users[place, listing.kind] = (dataclasses.replace(listing, objects=()), uses)
