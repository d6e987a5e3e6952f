# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands around the Secrets of a task: the ServiceAccounts that it links, and whoever else uses them."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from .._cluster.connection import Connection
from .._cluster.service_accounts import Wait, await_account, list_accounts, list_accounts_named, read_account
from .._cluster.workloads import Offers, list_users, read_offers
from .._errors import KeyringError
from .._runtime.options import Options
from .._runtime.shown import TEXT
from .._secret.links import Account, names_secret
from .._secret.names import check_service_account
from .._secret.users import USER_KINDS, Use, find_uses

# In service_accounts: every one that names the Secret.
EVERY_ACCOUNT = "*"

MAX_WAIT = 3600

NEIGHBOUR_OPTIONS: Options = {
    "service_accounts": {"type": "list", "elements": "str", "default": [], "context": TEXT},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 30},
    "in_use": {"type": "str", "choices": ["refuse", "warn", "ignore"], "default": "refuse"},
}

# The ServiceAccounts that a task links in a namespace, by name; None for one that does not exist.
LinkedAccounts = Mapping[str, "Account | None"]


def check_neighbour_options(params: Mapping[str, Any]) -> None:
    """Raise KeyringError for ServiceAccounts that can not be meant, and for a time to wait out of range."""
    names = params["service_accounts"]
    for index, name in enumerate(names):
        if name != EVERY_ACCOUNT:
            check_service_account(name, f"service_accounts[{index}]")
    if EVERY_ACCOUNT in names and params["state"] == "present":
        raise KeyringError(
            f"service_accounts has '{EVERY_ACCOUNT}', which is for state=absent.",
            "It means those that name the Secret already.",
            "Name the ServiceAccounts that shall use it.",
            option="service_accounts",
        )
    if EVERY_ACCOUNT in names and len(names) > 1:
        raise KeyringError(
            f"service_accounts has '{EVERY_ACCOUNT}' and names.",
            "",
            "Leave out one or the other.",
            option="service_accounts",
        )
    check_wait_timeout(params["wait_timeout"])


def check_wait_timeout(seconds: int) -> None:
    """Raise KeyringError for a time that nobody would wait."""
    if not 0 <= seconds <= MAX_WAIT:
        raise KeyringError(
            f"wait_timeout must be from 0 to {MAX_WAIT} seconds; it is {seconds}.", option="wait_timeout"
        )


class RelatedObjects:
    """Reads what a task needs to know around its Secrets, each thing once.

    ``everywhere``: in all namespaces of the cluster at once, rather than in each namespace by itself.
    """

    def __init__(self, connection: Connection, params: Mapping[str, Any], *, everywhere: bool) -> None:
        self._connection = connection
        self._secret: str = params["name"]
        self._names: tuple[str, ...] = tuple(dict.fromkeys(params["service_accounts"]))
        self.everywhere = everywhere
        self._wait = Wait(params["wait_timeout"] if params["wait"] else 0)
        self._lock = threading.Lock()
        self._users: dict[str | None, tuple[list[Use], list[str]]] = {}
        self._offers: Offers | None = None

    def accounts(self, namespace: str) -> LinkedAccounts:
        """The ServiceAccounts that are meant in a namespace."""
        if EVERY_ACCOUNT in self._names:
            return self._naming(list_accounts(self._connection, namespace)).get(namespace, {})
        return {name: read_account(self._connection, namespace, name) for name in self._names}

    def all_accounts(self) -> Mapping[str, LinkedAccounts]:
        """The ServiceAccounts that are meant, by namespace: a list for each name."""
        if EVERY_ACCOUNT in self._names:
            return self._naming(list_accounts(self._connection, None))
        found: dict[str, dict[str, Account | None]] = {}
        for name in self._names:
            for namespace, account in list_accounts_named(self._connection, name).items():
                found.setdefault(namespace, dict.fromkeys(self._names))[name] = account
        return found

    def none(self) -> LinkedAccounts:
        """What is meant in a namespace in which there is no ServiceAccount."""
        return {} if EVERY_ACCOUNT in self._names else dict.fromkeys(self._names)

    def await_account(self, namespace: str, name: str) -> Account:
        """A ServiceAccount that a controller is about to make. Raises KeyringError when none appears in time."""
        return await_account(self._connection, namespace, name, self._wait)

    def is_being_unlinked(self, name: str) -> bool:
        """Whether a ServiceAccount is one that stops to name a Secret before that goes."""
        return name in self._names or EVERY_ACCOUNT in self._names

    def users(self, namespace: str) -> tuple[Sequence[Use], Sequence[str]]:
        """Who uses the Secret in a namespace, and sentences on what could not be listed; asked for once."""
        place = None if self.everywhere else namespace
        with self._lock:
            if place not in self._users:
                self._users[place] = self._list_users(place)
        uses, unknown = self._users[place]
        return [use for use in uses if use.namespace == namespace], unknown

    def _list_users(self, place: str | None) -> tuple[list[Use], list[str]]:
        if self._offers is None:
            self._offers = read_offers(self._connection, USER_KINDS)
        listings = list_users(self._connection, (place,), USER_KINDS, self._offers)[place]
        uses = [use for listing in listings for item in listing.objects for use in find_uses(listing.kind, item)]
        unknown = dict.fromkeys(listing.unknown for listing in listings if listing.unknown)
        return [use for use in uses if use.secret == self._secret], list(unknown)

    def _naming(self, accounts: Sequence[Account]) -> dict[str, dict[str, Account | None]]:
        found: dict[str, dict[str, Account | None]] = {}
        for account in accounts:
            if names_secret(account, self._secret):
                found.setdefault(account["metadata"]["namespace"], {})[account["metadata"]["name"]] = account
        return found
