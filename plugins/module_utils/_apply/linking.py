# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write planned links, after all ServiceAccounts exist."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from .._cluster.connection import Connection
from .._cluster.service_accounts import link_account
from .._errors import KeyringError
from .._secret.links import Account
from .._secret.plan import Plan
from .accounts import AccountReader
from .change import Link, NotThereYet

PlanLink = Callable[[Account], Plan]


def await_links(accounts: AccountReader, namespace: str, links: Iterable[Link], decide: PlanLink) -> list[Link]:
    """Return the links of ServiceAccounts that all exist. Raises KeyringError when one does not in time."""
    awaited: list[Link] = []
    for link in links:
        if isinstance(link.plan, NotThereYet):
            awaited.append(Link(link.account, decide(accounts.await_account(namespace, link.account))))
        else:
            awaited.append(link)
    return awaited


def write_links(
    connection: Connection, links: Iterable[Link], decide: PlanLink, named: Collection[str], written: list[Plan]
) -> list[Link]:
    """Write the ServiceAccounts that change; each plan that held counts at once, for a failure of the next.

    A ServiceAccount that is not ``named`` may be gone by now. The failure of one does not stop the others; afterwards
    KeyringError is raised.
    """
    linked: list[Link] = []
    failures: list[KeyringError] = []
    for link in links:
        if isinstance(link.plan, NotThereYet) or not link.changes:
            linked.append(link)
            continue
        try:
            plan = link_account(connection, decide, link.plan, must_exist=link.account in named)
        except KeyringError as error:
            if error.fatal:
                raise
            failures.append(error)
        else:
            written.append(plan)
            linked.append(Link(link.account, plan))
    if failures:
        raise _count_others(failures)
    return linked


def _count_others(failures: list[KeyringError]) -> KeyringError:
    """Return the first failure, with how many others there are."""
    first, others = failures[0], len(failures) - 1
    if others == 1:
        first.args = (f"{first} Another ServiceAccount of this namespace failed, too.",)
    elif others:
        first.args = (f"{first} {others} other ServiceAccounts of this namespace failed, too.",)
    return first
