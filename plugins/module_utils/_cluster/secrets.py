# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets: read and written. The only file that changes one."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from .._errors import KeyringError
from .api import FIELD_MANAGER, get_json, list_objects
from .connection import Connection
from .objects import Conflict, Resource, list_named, place_of, read_object, settle, update_object, write_object
from .refused import Intent, OutcomeUnknown, Refused, describe_scope, explain
from .retries import Backoff

if TYPE_CHECKING:
    from .._secret.plan import Plan, Secret

SECRETS = Resource("Secret", "secrets")

# Asks the server for the metadata of an object alone, so that the response contains no secret data.
_METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
_METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


def read_secret(connection: Connection, namespace: str, name: str) -> Secret | None:
    """Return the Secret, or None if it does not exist. Raises KeyringError if it cannot be read."""
    return read_object(connection, SECRETS, namespace, name)


def is_missing(connection: Connection, namespace: str, name: str) -> bool:
    """Return whether the Secret does not exist, False if the identity may not read it. It reads the metadata alone."""
    try:
        get_json(connection, SECRETS.path(namespace, name), accept=_METADATA)
    except Refused as refused:
        return refused.status == 404
    return False


def find_namespaces_with(connection: Connection, name: str) -> frozenset[str] | None:
    """Return the namespaces that have a Secret of this name, None if the identity may not list it everywhere.

    It reads the metadata alone.
    """
    try:
        query = {"fieldSelector": f"metadata.name={name}"}
        found = list_objects(connection, SECRETS.path(None), query, accept=_METADATA_LIST)
    except Refused:
        return None
    return frozenset(item["metadata"]["namespace"] for item in found)


def list_secrets(connection: Connection, name: str) -> dict[str, Secret]:
    """Return the Secrets of a name in all namespaces, by namespace. Raises KeyringError if they cannot be listed."""
    return list_named(connection, SECRETS, name)


def find_secrets(
    connection: Connection, namespace: str | None, name: str | None, type_: str | None, label_selector: str
) -> list[Secret]:
    """Return the Secrets in one namespace or in all, of a name, a type and labels where these are given.

    Raises KeyringError if they cannot be listed, and for a selector that the server does not understand.
    """
    fields = [f"{field}={value}" for field, value in (("metadata.name", name), ("type", type_)) if value]
    selectors = {"fieldSelector": ",".join(fields), "labelSelector": label_selector}
    query = {key: selector for key, selector in selectors.items() if selector}
    try:
        found = list_objects(connection, SECRETS.path(namespace), query)
    except Refused as refused:
        if refused.is_bad_request:
            raise KeyringError(
                "label_selector is not a label selector.",
                f"The server says: {refused.message}",
                "Write it like team=web, 'tier in (a, b)' or !temporary.",
                quoted=refused.message,
                option="label_selector",
            ) from None
        place = f"Secrets of {describe_scope(namespace)}"
        raise explain(refused, Intent("list", "secrets", place, namespace, resource_name=name), connection) from None
    return [{"apiVersion": "v1", "kind": "Secret", **secret} for secret in found]


def converge(
    connection: Connection,
    namespace: str,
    name: str,
    decide: Callable[[Secret | None], Plan],
    plan: Plan | None = None,
) -> tuple[Plan, Secret | None]:
    """Bring a Secret into the state that ``decide`` plans for the stored one.

    ``plan`` is a first plan, made of a Secret that was listed before. Returns the plan that held and the Secret as it
    is now. Raises what settle raises.
    """
    return settle(connection, SECRETS, namespace, name, decide, apply_plan, plan)


def apply_plan(connection: Connection, plan: Plan) -> Secret | None:
    """Apply a plan and return the Secret as the server has it now, None after a deletion.

    Raises Conflict if the Secret is no longer the one that the plan was made for, OutcomeUnknown if it is not known
    whether the write was applied, and KeyringError if it is refused.
    """
    before, after = plan.before, plan.after
    if after is None:
        if before is not None:
            _delete(connection, before)
        return None
    if before is None:
        return _create(connection, after)
    if plan.operation == "recreated":
        return _recreate(connection, before, after)
    return update_object(connection, SECRETS, before, after)


def _create(connection: Connection, secret: Secret, *, dry_run: bool = False) -> Secret:
    query = {"fieldManager": FIELD_MANAGER}
    if dry_run:
        query["dryRun"] = "All"
    return write_object(connection, SECRETS, "POST", "create", secret, body=secret, query=query, path_name="")


def _delete(connection: Connection, before: Secret) -> None:
    metadata = before["metadata"]
    preconditions = {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}
    body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": preconditions}
    write_object(connection, SECRETS, "DELETE", "delete", before, body=body, path_name=metadata["name"])


def _recreate(connection: Connection, before: Secret, after: Secret) -> Secret:
    """Delete a Secret and create it again: tried first by a dry run under another name, undone if the create fails."""
    trial = {**after, "metadata": {**after["metadata"], "name": f"keyring-dry-run-{secrets.token_hex(8)}"}}
    try:
        _create(connection, trial, dry_run=True)
    except (KeyringError, OutcomeUnknown) as failure:
        error = failure.error if isinstance(failure, OutcomeUnknown) else failure
        what = f"{place_of(SECRETS, before)} was not changed, because a dry run of the new one failed."
        raise KeyringError(what, str(error), quoted=error.quoted, fatal=error.fatal, failure=failure.failure) from None
    _delete_surely(connection, before)
    try:
        return _create_surely(connection, after)
    except (KeyringError, Conflict) as error:
        raise _put_back(connection, before, error) from None


def _put_back(connection: Connection, before: Secret, cause: KeyringError | Conflict) -> KeyringError:
    """Create the deleted Secret as it was, and return the error about what came of it."""
    from .._secret.plan import without_server_fields

    if isinstance(cause, Conflict):
        cause = KeyringError("Another client created it in the meantime.", failure="conflict")
    outcome, remedy = "The old one was restored with a new UID.", "Fix the cause, and run the task again."
    try:
        _create_surely(connection, without_server_fields(before))
    except Conflict:
        outcome, remedy = (
            "Another client has created it in the meantime, and that Secret was kept.",
            "Run the task again.",
        )
    except KeyringError:
        outcome, remedy = "It could not be restored, so it is missing now.", "Run the task again."
    what = f"{place_of(SECRETS, before)} was deleted to be recreated, and that failed: {cause}"
    return KeyringError(
        what, outcome, remedy, changed=True, quoted=cause.quoted, fatal=cause.fatal, failure=cause.failure
    )


def _delete_surely(connection: Connection, secret: Secret) -> None:
    """Delete a Secret. Where the answer gets lost, read whether it was deleted, else delete again."""
    attempts = Backoff(connection.retry_budget)
    while True:
        try:
            _delete(connection, secret)
            return
        except OutcomeUnknown as unknown:
            if not attempts.wait(unknown.retry_after):
                raise unknown.error from None
            if _read_again(connection, secret) is None:
                return


def _create_surely(connection: Connection, secret: Secret) -> Secret:
    """Create a Secret. Where the answer gets lost, read whether it was created, else create again."""
    attempts = Backoff(connection.retry_budget)
    while True:
        try:
            return _create(connection, secret)
        except OutcomeUnknown as unknown:
            if not attempts.wait(unknown.retry_after):
                raise unknown.error from None
            found = _read_again(connection, secret)
            if found and all(found.get(key) == secret.get(key) for key in ("type", "data", "immutable")):
                return found


def _read_again(connection: Connection, secret: Secret) -> Secret | None:
    return read_secret(connection, secret["metadata"]["namespace"], secret["metadata"]["name"])
