# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that select namespaces and ServiceAccounts, for every module that writes in many namespaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._apply.options import Linking
from .._cluster.selection import ContextNamespace, GivenTargets, OneNamespace, parse_targets
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


def parse_many_targets(params: Mapping[str, Any]) -> GivenTargets:
    """Parse the options of LIMITED_NAMESPACES. Raises what parse_targets raises."""
    return parse_targets(
        params["namespace"], params["namespaces"], params["namespace_selectors"], params["namespaces_limit"]
    )


def public_targets(targets: GivenTargets) -> dict[str, object]:
    """Return the selected namespaces by option, as they may be written there."""
    limit = tuple(sorted(targets.limit or ()))
    if isinstance(targets, ContextNamespace):
        return {"namespaces_limit": limit}
    if isinstance(targets, OneNamespace):
        return {"namespace": targets.name, "namespaces_limit": limit}
    excluded = (f"!{name}" for name in targets.exclusions)
    return {
        "namespaces": (*targets.literals, *targets.globs, *excluded),
        "namespace_selectors": targets.selectors,
        "namespaces_limit": limit,
    }
