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
from .._errors import failing_in
from .._runtime.execute import Result, Runtime, TaskDefinition
from .._runtime.open_cluster import open_cluster, parse_connection
from .._runtime.options import COMMON, Options
from .._secret.account_links import (
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
from .secret_options import check_wait_timeout, refuse_secrets

_LINKS: Mapping[str, Any] = {
    "type": "list",
    "elements": "dict",
    "no_log": False,
    "options": {
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    },
}

OPTIONS: Options = {
    "service_account": {"type": "str", "required": True},
    "namespace": {"type": "str"},
    "image_pull_secrets": _LINKS,
    "secrets": _LINKS,
    "exclusive": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 30},
    **COMMON,
}


def run(params: Mapping[str, Any], runtime: Runtime) -> Result:
    """Make a ServiceAccount name Secrets, or not. Raises KeyringError before anything is written for bad input."""
    wanted = check_options(params)
    with open_cluster(parse_connection(params), runtime) as connection:
        _refuse_secrets_in_names(params, runtime)
        namespace = resolve_namespace(params["namespace"], connection.namespace, "Give namespace.")
        with failing_in(namespace):
            plan = _make_plan(params, runtime, connection, namespace, wanted)
            if plan.operation != "unchanged" and not runtime.check_mode:
                plan = link_account(connection, lambda account: plan_account(account, wanted), plan)
        cluster = connection.describe()
    changed = plan.operation != "unchanged"
    view = view_account(plan.after) if plan.after else None
    return {
        "changed": changed,
        "operation": plan.operation,
        "service_account": {**view, "resource_version": None} if view and changed and runtime.check_mode else view,
        "cluster": cluster,
        "warnings": list(plan.warnings),
        "diff": view_account_diff(plan, namespace, params["service_account"]),
    }


def check_options(params: Mapping[str, Any]) -> Wanted:
    """The links that are asked for. Raises KeyringError for names, lists and a time that can not be meant."""
    check_service_account(params["service_account"], "service_account")
    if params["namespace"] is not None:
        check_namespace(params["namespace"], "namespace")
    check_wait_timeout(params["wait_timeout"])
    return parse_links(params)


def _refuse_secrets_in_names(params: Mapping[str, Any], runtime: Runtime) -> None:
    names = {option: [item["name"] for item in params[option] or ()] for option in LINK_LISTS}
    given = {option: params[option] for option in ("service_account", "namespace")}
    refuse_secrets({**given, **names}, runtime, "ServiceAccounts")


def _make_plan(
    params: Mapping[str, Any], runtime: Runtime, connection: Connection, namespace: str, wanted: Wanted
) -> Plan:
    """What is to be done. A ServiceAccount that shall name something and does not exist is waited for in a real run."""
    name = params["service_account"]
    account = read_account(connection, namespace, name)
    if account is not None:
        return plan_account(account, wanted)
    if not adds_any(wanted):
        return Plan("unchanged", None, None)
    state = read_namespace_state(connection, namespace)
    # Where namespaces may not be read, only the ServiceAccount tells.
    warnings = () if state == "unknown" else warn_namespace(namespace, state, check_mode=runtime.check_mode)
    if runtime.check_mode:
        warnings = (foresee_missing(namespace, name, wait=params["wait"]), *warnings)
        return dataclasses.replace(plan_account(blank_account(namespace, name), wanted), warnings=warnings)
    wait = Wait(params["wait_timeout"] if params["wait"] else 0)
    return plan_account(await_account(connection, namespace, name, wait), wanted)


DEFINITION = TaskDefinition(run, OPTIONS, {"required_one_of": [tuple(LINK_LISTS)]})
