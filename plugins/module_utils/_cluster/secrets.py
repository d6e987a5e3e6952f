# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading and writing Secrets. The only file that changes one."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, cast

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.api import (
    FIELD_MANAGER,
    MERGE_PATCH,
    Intent,
    Refused,
    Uncertain,
    explain,
    list_objects,
    request,
    secret_path,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.connection import Connection
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.namespaces import (
    NamespaceEnding,
    missing_namespace,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.patience import Attempts
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


class Conflict(Exception):
    """Somebody else wrote the Secret between our read and our write."""


class Unsettled(Exception):
    """A write of which nobody knows whether it was carried out; ``error`` says so to the person who runs the task."""

    def __init__(self, error: KeyringError, cause: Refused | KeyringError) -> None:
        super().__init__()
        self.error = error
        self.retry_after = cause.retry_after if isinstance(cause, Refused) else 0.0


def read_secret(connection: Connection, namespace: str, name: str) -> Secret | None:
    """The Secret, or None when there is none. Raises KeyringError when it can not be read."""
    try:
        return request(connection, "GET", secret_path(namespace, name))
    except Refused as refused:
        if refused.status == 404:
            return None
        raise explain(refused, Intent("read", "secrets", f"Secret {namespace}/{name}", namespace), connection) from None


def list_secrets(connection: Connection, name: str) -> dict[str, Secret]:
    """The Secrets of this name in all namespaces, by namespace. Raises KeyringError when they can not be listed."""
    try:
        found = list_objects(connection, "/api/v1/secrets", {"fieldSelector": f"metadata.name={name}"})
    except Refused as refused:
        intent = Intent("list", "secrets", f"Secrets {name} of all namespaces", None, resource_name=name)
        raise explain(refused, intent, connection) from None
    return {secret["metadata"]["namespace"]: {"apiVersion": "v1", "kind": "Secret", **secret} for secret in found}


def find_secrets(
    connection: Connection, namespace: str | None, name: str | None, type_: str | None, label_selector: str
) -> list[Secret]:
    """The Secrets in one namespace or in all, with this name, this type and these labels where given.

    Raises KeyringError when they can not be listed, and for a selector that the server does not understand.
    """
    fields = [f"{field}={value}" for field, value in (("metadata.name", name), ("type", type_)) if value]
    selectors = {"fieldSelector": ",".join(fields), "labelSelector": label_selector}
    query = {key: selector for key, selector in selectors.items() if selector}
    try:
        found = list_objects(connection, secret_path(namespace) if namespace else "/api/v1/secrets", query)
    except Refused as refused:
        if refused.status == 400:
            raise KeyringError(
                "label_selector is not a label selector.",
                f"The server says: {refused.message}",
                "Write it like team=web, 'tier in (a, b)' or !temporary.",
                quoted=refused.message,
            ) from None
        place = f"Secrets of namespace {namespace}" if namespace else "Secrets of all namespaces"
        raise explain(refused, Intent("list", "secrets", place, namespace, resource_name=name), connection) from None
    return [{"apiVersion": "v1", "kind": "Secret", **secret} for secret in found]


def converge(
    connection: Connection,
    namespace: str,
    name: str,
    decide: Callable[[Secret | None], Plan],
    *,
    check_mode: bool,
    plan: Plan | None = None,
) -> tuple[Plan, Secret | None]:
    """Read, decide, write once; read and decide again when somebody else wrote in between, or an answer got lost.

    ``plan`` is one that was made already, of what a list held. Returns the plan that held and the Secret as it is now;
    in check mode, which only reads, as it would be.
    """
    attempts = Attempts(connection.patience)
    unsettled: Plan | None = None
    for conflicts in range(ATTEMPTS):
        plan = plan or decide(read_secret(connection, namespace, name))
        if unsettled and plan.operation == "unchanged":
            return unsettled, plan.after  # the write whose answer got lost was carried out
        if check_mode or plan.operation == "unchanged":
            return plan, plan.after
        try:
            return plan, apply_plan(connection, plan)
        except Conflict:
            time.sleep(random.uniform(0, min(LONGEST_PAUSE, 0.02 * 2**conflicts)))  # noqa: S311  (spread, not secrecy)
        except Unsettled as lost:
            if not attempts.pause(lost.retry_after):
                raise lost.error from None
            unsettled = unsettled or plan
        plan = None
    raise KeyringError(
        f"Secret {namespace}/{name} was changed by somebody else {ATTEMPTS} times while this task tried to write it.",
        "Nothing was written.",
        "Run the task again.",
    )


def apply_plan(connection: Connection, plan: Plan) -> Secret | None:
    """Carry out a plan. Returns the Secret as the server has it now.

    Raises Conflict when the Secret is not the one that the plan was made for, Unsettled when the outcome is not known,
    and KeyringError when refused.
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
    except (KeyringError, Unsettled) as failure:
        error = failure.error if isinstance(failure, Unsettled) else failure
        what = f"{_place(before)} was left as it is: a trial of the new one failed."
        raise KeyringError(what, str(error), quoted=error.quoted, fatal=error.fatal) from None
    _insist(connection, before, lambda: _delete(connection, before), lambda found: found is None)
    try:
        return _create_surely(connection, after)
    except (KeyringError, Conflict) as error:
        raise _put_back(connection, before, error) from None


def _put_back(connection: Connection, before: Secret, error: KeyringError | Conflict) -> KeyringError:
    cause = KeyringError("Somebody else made it in between.") if isinstance(error, Conflict) else error
    outcome, remedy = "The old one was put back, under a new UID.", "Mend the cause first."
    try:
        _create_surely(connection, without_server_fields(before))
    except (KeyringError, Conflict):
        outcome, remedy = "It could not be put back, so it is missing now.", "Run the task again."
    what = f"{_place(before)} was deleted to be made anew, and that failed: {cause}"
    return KeyringError(what, outcome, remedy, changed=True, quoted=cause.quoted, fatal=cause.fatal)


def _create_surely(connection: Connection, secret: Secret) -> Secret:
    """Create a Secret, also through passing troubles; a lost answer is made good by a look."""

    def is_it(found: Secret | None) -> bool:
        return found is not None and all(found.get(key) == secret.get(key) for key in ("type", "data", "immutable"))

    return cast(Secret, _insist(connection, secret, lambda: _create(connection, secret), is_it))


def _insist(
    connection: Connection,
    secret: Secret,
    write: Callable[[], Secret | None],
    is_done: Callable[[Secret | None], bool],
) -> Secret | None:
    """Write until the outcome is known; where the answer got lost, what is stored then tells it."""
    attempts = Attempts(connection.patience)
    while True:
        try:
            return write()
        except Unsettled as lost:
            if not attempts.pause(lost.retry_after):
                raise lost.error from None
            found = read_secret(connection, secret["metadata"]["namespace"], secret["metadata"]["name"])
            if is_done(found):
                return found


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
    intent = Intent(verb, "secrets", _place(secret), namespace)
    try:
        return request(
            connection, method, secret_path(namespace, path_name), body=body, query=query, content_type=content_type
        )
    except Uncertain as uncertain:
        raise Unsettled(_unsettled_error(uncertain.cause, intent, connection), uncertain.cause) from None
    except Refused as refused:
        if "NamespaceTerminating" in refused.causes:
            raise NamespaceEnding(namespace) from None
        if refused.status == 404 and method == "POST":
            raise missing_namespace(namespace) from None
        if refused.status in (404, 409):
            raise Conflict from None
        raise explain(refused, intent, connection) from None


def _unsettled_error(cause: Refused | KeyringError, intent: Intent, connection: Connection) -> KeyringError:
    error = explain(cause, intent, connection) if isinstance(cause, Refused) else cause
    return KeyringError(
        str(error),
        f"It is not known whether this {intent.verb} was carried out.",
        changed=True,
        quoted=error.quoted,
        fatal=error.fatal,
    )


def _place(secret: Secret) -> str:
    return f"Secret {secret['metadata']['namespace']}/{secret['metadata']['name']}"
