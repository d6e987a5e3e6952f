# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task behind the module service_account_secrets: options in, result out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from .._apply.manage_links import LinkOptions, manage_links
from .._apply.options import Linking
from .._cluster.selection import resolve_targets
from .._errors import KeyringError
from .._runtime.execute import Result, Runtime, TaskDefinition
from .._runtime.open_cluster import open_cluster, parse_connection
from .._runtime.options import COMMON, LIMITED_NAMESPACES, Options
from .._runtime.shown import NAME, NAME_OR_GLOB
from .._secret.account_links import LinkItem, parse_links
from .._secret.account_selection import AccountSelection
from .._secret.globs import EVERY, means_many
from .._secret.links import LINK_LISTS
from .._secret.names import check_service_account
from .shared_checks import refuse_secrets
from .target_options import parse_concurrency, parse_linking, parse_many_targets, public_targets

_LINKS: Mapping[str, Any] = {
    "type": "list",
    "elements": "dict",
    "no_log": False,
    "options": {
        "name": {"type": "str", "required": True, "context": NAME},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    },
}

OPTIONS: Options = {
    "service_account": {"type": "str", "context": NAME},
    "service_accounts": {"type": "list", "elements": "str", "context": NAME_OR_GLOB},
    **LIMITED_NAMESPACES,
    "image_pull_secrets": _LINKS,
    "secrets": _LINKS,
    "exclusive": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 30},
    "concurrency": {"type": "int", "default": 8},
    "report": {"type": "str", "choices": ["failed", "changed", "all"], "default": "failed"},
    **COMMON,
}


def parse_options(params: Mapping[str, Any]) -> LinkOptions:
    """Parse the options of the module.

    Raises KeyringError, with the index, for names that no object can have, lists that are surely a mistake, and numbers
    out of range.
    """
    linking = _parse_accounts(params)
    targets = parse_many_targets(params)
    given: dict[str, list[LinkItem]] = {}
    for option in LINK_LISTS:
        if params[option] is not None:
            given[option] = [LinkItem(item["name"], item["state"]) for item in params[option]]
    wanted = parse_links(given, exclusive=params["exclusive"])
    warnings: list[str] = []
    if params["exclusive"] and targets.limit is not None:
        wanted = {field: dataclasses.replace(links, exclusive=False) for field, links in wanted.items()}
        warnings.append("exclusive has no effect, because namespaces_limit is set. Entries that are not listed stay.")
    return LinkOptions(
        names_one=params["service_account"] is not None,
        linking=linking,
        targets=targets,
        wanted=wanted,
        concurrency=parse_concurrency(params),
        report=params["report"],
        warnings=tuple(warnings),
    )


def _parse_accounts(params: Mapping[str, Any]) -> Linking:
    """Parse service_account or service_accounts, with the time to wait for them."""
    linking = parse_linking(params)
    name = params["service_account"]
    if name is None:
        if not linking.accounts.items:
            raise KeyringError(
                "service_accounts is empty.",
                "It would select no ServiceAccount.",
                f"Check the variable behind it; for all ServiceAccounts write service_accounts: ['{EVERY}'].",
                option="service_accounts",
            )
        return linking
    if means_many(name):
        raise KeyringError(
            "service_account is not a name that a ServiceAccount can have.",
            "It selects one ServiceAccount by its name.",
            "For several names or a glob, use service_accounts: ['default', 'ci-*'].",
            option="service_account",
        )
    check_service_account(name, "service_account")
    return dataclasses.replace(linking, accounts=AccountSelection((name,)))


def run(params: Mapping[str, Any], runtime: Runtime) -> Result:
    """Link Secrets to ServiceAccounts or unlink them. Raises KeyringError before anything is written for bad input."""
    options = parse_options(params)
    with open_cluster(parse_connection(params), runtime) as connection:
        _refuse_secrets_in_names(options, runtime)
        targets = resolve_targets(options.targets, connection.namespace)
        return manage_links(options, targets, runtime, connection)


def _refuse_secrets_in_names(options: LinkOptions, runtime: Runtime) -> None:
    """Raise KeyringError for a secret of this task among the names that are written to ServiceAccounts."""
    accounts = "service_account" if options.names_one else "service_accounts"
    given: dict[str, object] = {accounts: options.linking.accounts.items, **public_targets(options.targets)}
    for option, field in LINK_LISTS.items():
        if field in options.wanted:
            links = options.wanted[field]
            given[option] = [*links.present, *links.absent]
    refuse_secrets(given, runtime, "ServiceAccounts")


DEFINITION = TaskDefinition(
    run,
    OPTIONS,
    {
        "required_one_of": [tuple(LINK_LISTS), ("service_account", "service_accounts")],
        "mutually_exclusive": [("service_account", "service_accounts")],
    },
)
