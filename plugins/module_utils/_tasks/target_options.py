# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that select namespaces and ServiceAccounts, for every module that writes in many namespaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._apply.options import Linking
from .._cluster.selection import ContextNamespace, GivenTargets, OneNamespace
from .._errors import KeyringError
from .._secret.account_selection import parse_accounts

MAX_WAIT = 3600
# More than an API server gives one client to itself.
MAX_CONCURRENCY = 64


def parse_linking(params: Mapping[str, Any]) -> Linking:
    """Parse service_accounts, wait and wait_timeout.

    Raises KeyringError for what no ServiceAccount can match, and for a time that no one would wait.
    """
    accounts = parse_accounts(params["service_accounts"] or (), "service_accounts")
    seconds: int = params["wait_timeout"]
    if not 0 <= seconds <= MAX_WAIT:
        raise KeyringError(
            f"wait_timeout must be from 0 to {MAX_WAIT} seconds; it is {seconds}.", option="wait_timeout"
        )
    return Linking(accounts, params["wait"], seconds)


def parse_concurrency(params: Mapping[str, Any]) -> int:
    """Return the option concurrency. Raises KeyringError for a number out of range."""
    concurrency: int = params["concurrency"]
    if not 1 <= concurrency <= MAX_CONCURRENCY:
        raise KeyringError(
            f"concurrency must be from 1 to {MAX_CONCURRENCY}; it is {concurrency}.",
            "It is the number of namespaces that are written at the same time.",
            "Leave it out for 8.",
            option="concurrency",
        )
    return concurrency


def public_targets(targets: GivenTargets) -> dict[str, object]:
    """Return the selected namespaces by option, as they may be written there."""
    if isinstance(targets, ContextNamespace):
        return {}
    if isinstance(targets, OneNamespace):
        return {"namespace": targets.name}
    excluded = (f"!{name}" for name in targets.exclusions)
    return {
        "namespaces": (*targets.literals, *targets.globs, *excluded),
        "namespace_selectors": targets.selectors,
    }
