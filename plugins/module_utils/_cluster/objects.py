# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading one object, and changing it only while it is the one that was read, until the outcome is known."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from .._errors import FailureId, KeyringError
from .._secret.plan import Plan, merge_patch
from .api import FIELD_MANAGER, JSON, MERGE_PATCH, AnswerLost, Intent, Refused, explain, list_objects, request
from .connection import Connection
from .namespaces import NamespaceEnding, missing_namespace
from .retries import Backoff

Object = Mapping[str, Any]

# How often a plan is made anew after somebody else wrote the object in between, and the longest pause before it.
ATTEMPTS = 30
LONGEST_PAUSE = 0.5


@dataclass(frozen=True)
class Resource:
    """A kind of the core group and its name in paths and roles."""

    kind: str
    plural: str

    def path(self, namespace: str | None, name: str = "") -> str:
        """Where one object is, or all of a namespace, or all there are."""
        place = f"namespaces/{quote(namespace, safe='')}/" if namespace else ""
        return f"/api/v1/{place}{self.plural}" + (f"/{quote(name, safe='')}" if name else "")


class Conflict(Exception):
    """Somebody else wrote the object between our read and our write."""


class OutcomeUnknown(Exception):
    """A write whose outcome is not known; ``error`` says so to the person who runs the task.

    ``failure`` is why it is not known, for a write that would have changed nothing.
    """

    def __init__(self, error: KeyringError, cause: Refused | KeyringError) -> None:
        super().__init__()
        self.error = error
        self.failure: FailureId = "server_error" if isinstance(cause, Refused) else cause.failure
        self.retry_after = cause.retry_after if isinstance(cause, Refused) else 0.0


def read_object(connection: Connection, resource: Resource, namespace: str, name: str) -> Object | None:
    """The object, or None when there is none. Raises KeyringError when it can not be read."""
    try:
        return request(connection, "GET", resource.path(namespace, name))
    except Refused as refused:
        if refused.status == 404:
            return None
        intent = Intent("read", resource.plural, f"{resource.kind} {namespace}/{name}", namespace)
        raise explain(refused, intent, connection) from None


def list_named(connection: Connection, resource: Resource, name: str) -> dict[str, Object]:
    """The objects of this name in all namespaces, by namespace. Raises KeyringError when they can not be listed."""
    try:
        found = list_objects(connection, resource.path(None), {"fieldSelector": f"metadata.name={name}"})
    except Refused as refused:
        place = f"{resource.kind}s {name} of all namespaces"
        intent = Intent("list", resource.plural, place, None, resource_name=name)
        raise explain(refused, intent, connection) from None
    return {item["metadata"]["namespace"]: {"apiVersion": "v1", "kind": resource.kind, **item} for item in found}


def settle(
    connection: Connection,
    place: str,
    read: Callable[[], Object | None],
    decide: Callable[[Object | None], Plan],
    write: Callable[[Plan], Object | None],
    plan: Plan | None = None,
) -> tuple[Plan, Object | None]:
    """Read, decide, write once; read and decide again when somebody else wrote in between, or an answer got lost.

    ``plan`` is one that was made already. Returns the plan that held and the object as it is now. ``write`` raises
    Conflict, Unsettled and KeyringError.
    """
    attempts = Backoff(connection.retry_budget)
    unsettled: Plan | None = None
    unknown: KeyringError | None = None
    for conflicts in range(ATTEMPTS):
        try:
            plan = plan or decide(read())
        except KeyringError as error:
            # A write was sent, and now the server can no longer be asked what became of it.
            raise (unknown if unknown and error.fatal else error) from None
        if plan.operation == "unchanged":
            return unsettled or plan, plan.after  # unsettled: the write whose answer got lost was carried out
        try:
            return plan, write(plan)
        except Conflict:
            time.sleep(random.uniform(0, min(LONGEST_PAUSE, 0.02 * 2**conflicts)))  # noqa: S311  (spread, not secrecy)
        except OutcomeUnknown as lost:
            if not attempts.wait(lost.retry_after):
                raise lost.error from None
            unsettled, unknown = unsettled or plan, lost.error
        plan = None
    raise KeyringError(
        f"{place} was changed by somebody else {ATTEMPTS} times while this task tried to write it.",
        "Nothing was written.",
        "Run the task again.",
        failure="conflict",
    )


def update_object(connection: Connection, resource: Resource, before: Object, after: Object) -> dict[str, Any]:
    """Change an object in place. Raises Conflict when it is not ``before`` any more, else as write_object does."""
    patch = merge_patch(before, after)
    patch.setdefault("metadata", {})["resourceVersion"] = before["metadata"]["resourceVersion"]
    return write_object(
        connection,
        resource,
        "PATCH",
        "patch",
        before,
        body=patch,
        query={"fieldManager": FIELD_MANAGER},
        path_name=before["metadata"]["name"],
        content_type=MERGE_PATCH,
    )


def write_object(
    connection: Connection,
    resource: Resource,
    method: str,
    verb: str,
    item: Object,
    *,
    body: Mapping[str, Any],
    path_name: str,
    query: Mapping[str, str] | None = None,
    content_type: str = JSON,
) -> dict[str, Any]:
    """Send one write. Raises Conflict for an object that is not there or has changed, Unsettled when the outcome is not
    known, and KeyringError when refused."""
    namespace = item["metadata"]["namespace"]
    intent = Intent(verb, resource.plural, place_of(resource, item), namespace)
    path = resource.path(namespace, path_name)
    try:
        return request(connection, method, path, body=body, query=query, content_type=content_type)
    except AnswerLost as uncertain:
        raise OutcomeUnknown(_unsettled_error(uncertain.cause, intent, connection), uncertain.cause) from None
    except Refused as refused:
        if refused.denial:
            raise explain(refused, intent, connection) from None
        if "NamespaceTerminating" in refused.causes:
            raise NamespaceEnding(namespace) from None
        if refused.status == 404 and method == "POST":
            raise missing_namespace(namespace) from None
        if refused.status in (404, 409):
            raise Conflict from None
        raise explain(refused, intent, connection) from None


def place_of(resource: Resource, item: Object) -> str:
    """An object as messages call it."""
    return f"{resource.kind} {item['metadata']['namespace']}/{item['metadata']['name']}"


def _unsettled_error(cause: Refused | KeyringError, intent: Intent, connection: Connection) -> KeyringError:
    error = explain(cause, intent, connection) if isinstance(cause, Refused) else cause
    return KeyringError(
        str(error),
        f"It is not known whether this {intent.verb} was carried out.",
        changed=True,
        quoted=error.quoted,
        fatal=error.fatal,
        failure="outcome_unknown",
        namespace=intent.namespace,
    )
