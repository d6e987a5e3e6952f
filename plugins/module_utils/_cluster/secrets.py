# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading and writing Secrets. The only file that changes one."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.api import (
    FIELD_MANAGER,
    MERGE_PATCH,
    Intent,
    Refused,
    explain,
    request,
    secret_path,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.connection import Connection
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.plan import (
    Plan,
    Secret,
    merge_patch,
    without_server_fields,
)

# How often a plan is made anew after somebody else wrote the Secret in between, and the longest pause before it.
ATTEMPTS = 30
LONGEST_PAUSE = 0.5

NamespaceState = Literal["active", "terminating", "missing", "unknown"]


class Conflict(Exception):
    """Somebody else wrote the Secret between our read and our write."""


def read_secret(connection: Connection, namespace: str, name: str) -> Secret | None:
    """The Secret, or None when there is none. Raises KeyringError when it can not be read."""
    try:
        return request(connection, "GET", secret_path(namespace, name))
    except Refused as refused:
        if refused.status == 404:
            return None
        raise explain(refused, Intent("read", "secrets", f"Secret {namespace}/{name}", namespace), connection) from None


def read_namespace_state(connection: Connection, namespace: str) -> NamespaceState:
    """Whether a namespace can take a new object; unknown where the identity may not read namespaces."""
    try:
        found = request(connection, "GET", f"/api/v1/namespaces/{namespace}")
    except Refused as refused:
        if refused.status in (403, 404):
            return "unknown" if refused.status == 403 else "missing"
        raise explain(refused, Intent("read", "namespaces", f"namespace {namespace}", namespace), connection) from None
    return "terminating" if found["metadata"].get("deletionTimestamp") else "active"


def converge(
    connection: Connection, namespace: str, name: str, decide: Callable[[Secret | None], Plan], *, check_mode: bool
) -> tuple[Plan, Secret | None]:
    """Read, decide, write once; read and decide again when somebody else wrote in between.

    Returns the plan that held and the Secret as it is now; in check mode, which only reads, as it would be.
    """
    for attempt in range(ATTEMPTS):
        plan = decide(read_secret(connection, namespace, name))
        if check_mode or plan.operation == "unchanged":
            return plan, plan.after
        try:
            return plan, apply_plan(connection, plan)
        except Conflict:
            time.sleep(random.uniform(0, min(LONGEST_PAUSE, 0.02 * 2**attempt)))  # noqa: S311  (spread, not secrecy)
    raise KeyringError(
        f"Secret {namespace}/{name} was changed by somebody else {ATTEMPTS} times while this task tried to write it.",
        "Nothing was written.",
        "Run the task again.",
    )


def apply_plan(connection: Connection, plan: Plan) -> Secret | None:
    """Carry out a plan. Returns the Secret as the server has it now.

    Raises Conflict when the Secret is not the one that the plan was made for, and KeyringError when refused.
    """
    before, after = plan.before, plan.after
    if after is None:
        if before is not None:
            _delete(connection, before)
        return None
    if before is None:
        return _create(connection, after)
    return (_recreate if plan.operation == "recreated" else _update)(connection, before, after)


def _create(connection: Connection, secret: Secret, *, dry_run: bool = False) -> Secret:
    query = {"fieldManager": FIELD_MANAGER, **({"dryRun": "All"} if dry_run else {})}
    return _write(connection, "POST", "create", secret, body=secret, query=query, path_name="")


def _update(connection: Connection, before: Secret, after: Secret) -> Secret:
    patch = merge_patch(before, after)
    patch.setdefault("metadata", {})["resourceVersion"] = before["metadata"]["resourceVersion"]
    return _write(
        connection,
        "PATCH",
        "patch",
        before,
        body=patch,
        query={"fieldManager": FIELD_MANAGER},
        path_name=before["metadata"]["name"],
        content_type=MERGE_PATCH,
    )


def _delete(connection: Connection, before: Secret) -> None:
    metadata = before["metadata"]
    preconditions = {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}
    body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": preconditions}
    _write(connection, "DELETE", "delete", before, body=body, path_name=metadata["name"])


def _recreate(connection: Connection, before: Secret, after: Secret) -> Secret:
    """Delete and make anew: proved first by a dry run under another name, undone when the create then fails."""
    trial = {**after, "metadata": {**after["metadata"], "name": f"keyring-dry-run-{secrets.token_hex(8)}"}}
    try:
        _create(connection, trial, dry_run=True)
    except KeyringError as error:
        what = f"{_place(before)} was left as it is: a trial of the new one failed."
        raise KeyringError(what, str(error), quoted=error.quoted) from None
    _delete(connection, before)
    try:
        return _create(connection, after)
    except (KeyringError, Conflict) as error:
        raise _put_back(connection, before, error) from None


def _put_back(connection: Connection, before: Secret, error: KeyringError | Conflict) -> KeyringError:
    cause = KeyringError("Somebody else made it in between.") if isinstance(error, Conflict) else error
    outcome, remedy = "The old one was put back, under a new UID.", "Mend the cause first."
    try:
        _create(connection, without_server_fields(before))
    except (KeyringError, Conflict):
        outcome, remedy = "It could not be put back, so it is missing now.", "Run the task again."
    what = f"{_place(before)} was deleted to be made anew, and that failed: {cause}"
    return KeyringError(what, outcome, remedy, changed=True, quoted=cause.quoted)


def _write(
    connection: Connection,
    method: str,
    verb: str,
    secret: Secret,
    *,
    body: Mapping[str, Any],
    path_name: str,
    query: Mapping[str, str] | None = None,
    content_type: str = "application/json",
) -> Secret:
    namespace = secret["metadata"]["namespace"]
    try:
        return request(
            connection, method, secret_path(namespace, path_name), body=body, query=query, content_type=content_type
        )
    except Refused as refused:
        if refused.status == 409 or (refused.status == 404 and method != "POST"):
            raise Conflict from None
        raise explain(refused, Intent(verb, "secrets", _place(secret), namespace), connection) from None


def _place(secret: Secret) -> str:
    return f"Secret {secret['metadata']['namespace']}/{secret['metadata']['name']}"
