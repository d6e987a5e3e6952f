# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task behind the module service_account_secrets: options in, result out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from .._cluster.connection import Connection
from .._cluster.namespaces import read_namespace_state, warn_namespace
from .._cluster.selection import resolve_namespace
from .._cluster.service_accounts import Wait, await_account, foresee_missing, link_account, read_account
from .._cluster.settings import ConnectionOptions
from .._dataclasses import dataclass
from .._errors import failing_in
from .._runtime.execute import Result, Runtime, TaskDefinition
from .._runtime.open_cluster import open_cluster, parse_connection
from .._runtime.options import COMMON, Options
from .._runtime.shown import NAME
from .._secret.account_links import (
    LinkItem,
    Wanted,
    adds_any,
    blank_account,
    parse_links,
    plan_account,
    view_account,
    view_account_diff,
)
from .._secret.links import LINK_LISTS
from .._secret.names import check_namespace, check_service_account
from .._secret.plan import Plan
from .shared_checks import check_wait_timeout, refuse_secrets

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
    "service_account": {"type": "str", "required": True, "context": NAME},
    "namespace": {"type": "str", "context": NAME},
    "image_pull_secrets": _LINKS,
    "secrets": _LINKS,
    "exclusive": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 30},
    **COMMON,
}


@dataclass(frozen=True)
class ServiceAccountOptions:
    """The options of service_account_secrets, parsed.

    ``wait_timeout`` is the number of seconds to ``wait`` for a ServiceAccount that does not exist yet.
    """

    service_account: str
    namespace: str | None
    wanted: Wanted
    wait: bool
    wait_timeout: int
    connection: ConnectionOptions


def parse_options(params: Mapping[str, Any]) -> ServiceAccountOptions:
    """Parse the options of the module.

    Raises KeyringError, with the index, for names that no object can have, lists that are surely a mistake, and a time
    out of range.
    """
    check_service_account(params["service_account"], "service_account")
    if params["namespace"] is not None:
        check_namespace(params["namespace"], "namespace")
    check_wait_timeout(params["wait_timeout"])
    given: dict[str, list[LinkItem]] = {}
    for option in LINK_LISTS:
        if params[option] is not None:
            given[option] = [LinkItem(item["name"], item["state"]) for item in params[option]]
    return ServiceAccountOptions(
        service_account=params["service_account"],
        namespace=params["namespace"],
        wanted=parse_links(given, exclusive=params["exclusive"]),
        wait=params["wait"],
        wait_timeout=params["wait_timeout"],
        connection=parse_connection(params),
    )


def run(params: Mapping[str, Any], runtime: Runtime) -> Result:
    """Link Secrets to a ServiceAccount or unlink them. Raises KeyringError before anything is written for bad input."""
    options = parse_options(params)
    with open_cluster(options.connection, runtime) as connection:
        _refuse_secrets_in_names(options, runtime)
        namespace = resolve_namespace(options.namespace, connection.namespace, "Give namespace.")
        with failing_in(namespace):
            plan = _make_plan(options, runtime, connection, namespace)
            if plan.operation != "unchanged" and not runtime.check_mode:
                plan = link_account(connection, lambda account: plan_account(account, options.wanted), plan)
        cluster = connection.describe()
    changed = plan.operation != "unchanged"
    view = view_account(plan.after) if plan.after else None
    if view and changed and runtime.check_mode:
        view["resource_version"] = None
    return {
        "changed": changed,
        "operation": plan.operation,
        "service_account": view,
        "cluster": cluster,
        "warnings": list(plan.warnings),
        "diff": view_account_diff(plan, namespace, options.service_account),
    }


def _refuse_secrets_in_names(options: ServiceAccountOptions, runtime: Runtime) -> None:
    """Raise KeyringError for a secret of this task among the names that are written to the ServiceAccount."""
    given: dict[str, object] = {"service_account": options.service_account, "namespace": options.namespace}
    for option, field in LINK_LISTS.items():
        if field in options.wanted:
            links = options.wanted[field]
            given[option] = [*links.present, *links.absent]
    refuse_secrets(given, runtime, "ServiceAccounts")


def _make_plan(options: ServiceAccountOptions, runtime: Runtime, connection: Connection, namespace: str) -> Plan:
    """Return the plan. A real run waits for a missing ServiceAccount that is to reference a Secret."""
    name = options.service_account
    account = read_account(connection, namespace, name)
    if account is not None:
        return plan_account(account, options.wanted)
    if not adds_any(options.wanted):
        return Plan("unchanged", None, None)
    state = read_namespace_state(connection, namespace)
    # An identity that may not read namespaces learns from the ServiceAccount alone whether there is one.
    warnings = () if state == "unknown" else warn_namespace(namespace, state, check_mode=runtime.check_mode)
    if runtime.check_mode:
        warnings = (foresee_missing(namespace, name, wait=options.wait), *warnings)
        plan = plan_account(blank_account(namespace, name), options.wanted)
        return dataclasses.replace(plan, warnings=warnings)
    wait = Wait(options.wait_timeout if options.wait else 0)
    return plan_account(await_account(connection, namespace, name, wait), options.wanted)


DEFINITION = TaskDefinition(run, OPTIONS, {"required_one_of": [tuple(LINK_LISTS)]})
