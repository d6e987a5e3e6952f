# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One object: read, and changed only while it is the one that was read, until the outcome is known.

``settle`` retries conflicts, ``write_object`` says which answers are one.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .._dataclasses import dataclass
from .._errors import KeyringError
from .api import FIELD_MANAGER, JSON, MERGE_PATCH, get_json, list_objects, send_write
from .connection import Connection
from .refused import Intent, OutcomeUnknown, Refused, explain
from .retries import Backoff

if TYPE_CHECKING:
    from .._secret.plan import Plan
    from .._secret.users import KubernetesObject

# How often a plan is made when other clients write the object in between, and the longest pause before it in seconds.
ATTEMPTS = 30
LONGEST_PAUSE = 0.5


@dataclass(frozen=True)
class Resource:
    """A kind of the core group and its name in paths and roles."""

    kind: str
    plural: str

    def path(self, namespace: str | None, name: str = "") -> str:
        """Return the path of an object; without a name that of a namespace's objects, without both that of all."""
        place = f"namespaces/{quote(namespace, safe='')}/" if namespace else ""
        end = f"/{quote(name, safe='')}" if name else ""
        return f"/api/v1/{place}{self.plural}{end}"


class Conflict(Exception):
    """A write by another client between the read of an object and the write to it."""


def read_object(connection: Connection, resource: Resource, namespace: str, name: str) -> KubernetesObject | None:
    """Return the object, or None if it does not exist. Raises KeyringError if it cannot be read."""
    try:
        return get_json(connection, resource.path(namespace, name))
    except Refused as refused:
        if refused.status == 404:
            return None
        intent = Intent("read", resource.plural, f"{resource.kind} {namespace}/{name}", namespace)
        raise explain(refused, intent, connection) from None


def list_named(connection: Connection, resource: Resource, name: str) -> dict[str, KubernetesObject]:
    """Return the objects of a name in all namespaces, by namespace. Raises KeyringError if they cannot be listed."""
    try:
        found = list_objects(connection, resource.path(None), {"fieldSelector": f"metadata.name={name}"})
    except Refused as refused:
        place = f"{resource.kind}s {name} of all namespaces"
        intent = Intent("list", resource.plural, place, None, resource_name=name)
        raise explain(refused, intent, connection) from None
    return {item["metadata"]["namespace"]: {"apiVersion": "v1", "kind": resource.kind, **item} for item in found}


def settle(
    connection: Connection,
    resource: Resource,
    namespace: str,
    name: str,
    decide: Callable[[KubernetesObject | None], Plan],
    write: Callable[[Connection, Plan], KubernetesObject | None],
    plan: Plan | None = None,
) -> tuple[Plan, KubernetesObject | None]:
    """Read an object, decide and write, until a plan holds. Only here is a conflict retried.

    A conflict is a write by another client between our read and our ``write``, which raises Conflict: after a short
    pause the object is read and decided about again, ATTEMPTS times in all. When the outcome of a write is not known,
    the same is done within the retry budget: if nothing is left to do then, the write took effect.

    ``plan`` is a first plan, made of an object that was read before. Returns the plan that held and the object as it is
    now. Raises KeyringError when a write is refused, its outcome remains unknown, or the conflicts do not end.
    """
    attempts = Backoff(connection.retry_budget)
    lost_plan: Plan | None = None
    lost: OutcomeUnknown | None = None
    for conflicts in range(ATTEMPTS):
        if plan is None:
            try:
                plan = decide(read_object(connection, resource, namespace, name))
            except KeyringError as error:
                if lost and error.fatal:  # the server can no longer be asked what became of the write
                    raise lost.error from None
                raise
        if plan.operation == "unchanged":
            return lost_plan or plan, plan.after
        try:
            return plan, write(connection, plan)
        except Conflict:
            time.sleep(random.uniform(0, min(LONGEST_PAUSE, 0.02 * 2**conflicts)))  # noqa: S311  (spread, not secrecy)
        except OutcomeUnknown as unknown:
            if not attempts.wait(unknown.retry_after):
                raise unknown.error from None
            lost_plan, lost = lost_plan or plan, unknown
        plan = None
    if lost:  # one of the writes may have been applied before the conflicts
        raise lost.error
    raise KeyringError(
        f"{resource.kind} {namespace}/{name} was changed by another client {ATTEMPTS} times "
        "while this task tried to write it.",
        "Nothing was written.",
        "Run the task again.",
        failure="conflict",
    )


def update_object(
    connection: Connection, resource: Resource, before: KubernetesObject, after: KubernetesObject
) -> dict[str, Any]:
    """Change an object in place and return it. Raises Conflict if it is not ``before`` any more.

    Raises what write_object raises, too.
    """
    from .._secret.plan import merge_patch

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
    item: KubernetesObject,
    *,
    body: Mapping[str, Any],
    path_name: str,
    query: Mapping[str, str] | None = None,
    content_type: str = JSON,
) -> dict[str, Any]:
    """Send one write and return the object as the server has it.

    Raises Conflict for an object that is missing or was changed, OutcomeUnknown when it is not known whether the write
    was applied, and KeyringError when it is refused.
    """
    namespace = item["metadata"]["namespace"]
    intent = Intent(verb, resource.plural, place_of(resource, item), namespace)
    path = resource.path(namespace, path_name)
    try:
        return send_write(connection, intent, method, path, body, query, content_type=content_type)
    except Refused as refused:
        from .namespaces import NamespaceEnding, missing_namespace

        if refused.denial:  # a webhook may use any status, so that none of those below means what it says
            raise explain(refused, intent, connection) from None
        if "NamespaceTerminating" in refused.causes:
            raise NamespaceEnding(namespace) from None
        if refused.status == 404 and method == "POST":
            raise missing_namespace(namespace) from None
        if refused.status in (404, 409):
            raise Conflict from None
        raise explain(refused, intent, connection) from None


def place_of(resource: Resource, item: KubernetesObject) -> str:
    """Return what messages call an object."""
    return f"{resource.kind} {item['metadata']['namespace']}/{item['metadata']['name']}"
