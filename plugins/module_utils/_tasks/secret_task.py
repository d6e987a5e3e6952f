# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all tasks about one Secret share: their options, the checks of these, and the way from Desired to a result."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.connection import (
    Connection,
    connection_secrets,
    open_connection,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.secrets import converge, read_namespace_state
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.settings import resolve_settings
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.names import (
    check_annotations,
    check_labels,
    check_namespace,
    check_owner,
    check_secret_name,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.plan import (
    Desired,
    Payload,
    Plan,
    Secret,
    plan_absent,
    plan_present,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.view import Describe, view_diff, view_secret
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.execute import Context, Result
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.options import CONNECTION, Options

SECRET_OPTIONS: Options = {
    "name": {"type": "str", "required": True},
    "namespace": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "update_credentials": {"type": "str", "choices": ["always", "when_given", "on_create"], "default": "always"},
    "labels": {"type": "dict", "default": {}},
    "annotations": {"type": "dict", "default": {}},
    "immutable": {"type": "bool"},
    "owner": {"type": "str"},
    "recreate": {"type": "bool", "default": False},
    "take_ownership": {"type": "bool", "default": False},
    **CONNECTION,
}


@dataclass(frozen=True)
class Kind:
    """One kind of Secret: its type, the types that its module may delete, and what of its data may be seen or not."""

    type: str
    deletable_types: tuple[str, ...]
    describe: Describe
    fields: Callable[[Secret], Mapping[str, Any]]
    secret_texts: Callable[[Secret], Collection[str]]


def check_secret_options(params: Mapping[str, Any]) -> None:
    """Raise KeyringError for a name, label, annotation or owner that Kubernetes would refuse or that is reserved."""
    check_secret_name(params["name"], "name")
    if params["namespace"] is not None:
        check_namespace(params["namespace"], "namespace")
    check_labels(params["labels"], "labels")
    check_annotations(params["annotations"], "annotations")
    if params["owner"] is not None:
        check_owner(params["owner"])


def refuse_secrets_in_metadata(params: Mapping[str, Any], context: Context) -> None:
    """Raise KeyringError when a secret text of this task stands in what everybody may read of the Secret."""
    for option in ("name", "namespace", "labels", "annotations", "owner"):
        if context.scrubber.clean(str(params[option])) != str(params[option]):
            raise KeyringError(
                f"{option} contains a password or token of this task.",
                "Everybody who may list Secrets can read it there.",
                "Check which variable is used where.",
            )


def open_cluster(params: Mapping[str, Any], context: Context) -> Connection:
    """Open the connection that the options and the environment describe; its secrets are kept out of all output."""
    settings = resolve_settings(params, context.environ)
    context.scrubber.add(*connection_secrets(settings))
    connection = open_connection(settings, params["expect_server"])
    context.scrubber.add(*connection_secrets(settings, connection))
    return connection


def choose_namespace(params: Mapping[str, Any], connection: Connection) -> str:
    """The option ``namespace``, else that of the kubeconfig's context. Raises KeyringError when neither is there."""
    namespace = params["namespace"] or connection.namespace
    if not namespace:
        raise KeyringError(
            "namespace is missing.", "The context of the kubeconfig names none either.", "Give namespace."
        )
    return namespace


def manage_secret(
    params: Mapping[str, Any],
    context: Context,
    connection: Connection,
    namespace: str,
    kind: Kind,
    payload: Callable[[Secret | None], Payload],
) -> Result:
    """Make the Secret present or absent as the options say, and tell what was done."""
    desired = _desired(params, namespace, kind, payload)
    absent = params["state"] == "absent"

    def decide(existing: Secret | None) -> Plan:
        plan = plan_absent(existing, desired, kind.deletable_types) if absent else plan_present(existing, desired)
        for secret in (plan.before, plan.after):
            context.scrubber.add(*(kind.secret_texts(secret) if secret else ()))
        return _check_room(plan, connection, namespace, context.check_mode)

    plan, secret = converge(connection, namespace, params["name"], decide, check_mode=context.check_mode)
    changed = plan.operation != "unchanged"
    return {
        "changed": changed,
        "operation": plan.operation,
        "secret": _view(secret, kind, desired, foreseen=changed and context.check_mode),
        "cluster": connection.describe(),
        "warnings": list(plan.warnings),
        "diff": view_diff(plan, kind.describe, desired.annotations) if plan.before or plan.after else {},
        **plan.notes,
    }


def _desired(
    params: Mapping[str, Any], namespace: str, kind: Kind, payload: Callable[[Secret | None], Payload]
) -> Desired:
    own = ("name", "labels", "annotations", "immutable", "owner", "recreate", "take_ownership")
    return Desired(namespace=namespace, type=kind.type, payload=payload, **{name: params[name] for name in own})


def _check_room(plan: Plan, connection: Connection, namespace: str, check_mode: bool) -> Plan:
    """A plan that creates needs a namespace that takes new objects; check mode may be ahead of its creation."""
    if plan.operation != "created":
        return plan
    state = read_namespace_state(connection, namespace)
    if state == "terminating":
        raise KeyringError(f"Namespace {namespace} is being deleted.", "It takes no new objects.", "Use another one.")
    if state == "missing" and not check_mode:
        raise KeyringError(f"Namespace {namespace} does not exist.", "", "Create it first, or correct namespace.")
    warning = {
        "missing": f"Namespace {namespace} does not exist yet; without it the real run fails.",
        "unknown": f"Whether namespace {namespace} exists is not known: this identity may not get namespaces.",
    }.get(state)
    return dataclasses.replace(plan, warnings=(*plan.warnings, warning)) if warning else plan


def _view(secret: Secret | None, kind: Kind, desired: Desired, *, foreseen: bool) -> dict[str, Any] | None:
    if secret is None:
        return None
    view = {**view_secret(secret, desired.annotations), **kind.fields(secret)}
    return {**view, "resource_version": None} if foreseen else view
