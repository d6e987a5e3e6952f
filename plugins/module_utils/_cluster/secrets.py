# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading and writing Secrets. The only file that changes one."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import cast

from .._errors import KeyringError
from .._secret.plan import Plan, Secret, without_server_fields
from .api import FIELD_MANAGER, list_objects
from .connection import Connection
from .objects import Conflict, Resource, list_named, place_of, read_object, settle, update_object, write_object
from .refused import Intent, OutcomeUnknown, Refused, explain
from .retries import Backoff

SECRETS = Resource("Secret", "secrets")


def read_secret(connection: Connection, namespace: str, name: str) -> Secret | None:
    """The Secret, or None when there is none. Raises KeyringError when it can not be read."""
    return read_object(connection, SECRETS, namespace, name)


def list_secrets(connection: Connection, name: str) -> dict[str, Secret]:
    """The Secrets of this name in all namespaces, by namespace. Raises KeyringError when they can not be listed."""
    return list_named(connection, SECRETS, name)


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
        found = list_objects(connection, SECRETS.path(namespace), query)
    except Refused as refused:
        if refused.status == 400:
            raise KeyringError(
                "label_selector is not a label selector.",
                f"The server says: {refused.message}",
                "Write it like team=web, 'tier in (a, b)' or !temporary.",
                quoted=refused.message,
                option="label_selector",
            ) from None
        place = f"Secrets of namespace {namespace}" if namespace else "Secrets of all namespaces"
        raise explain(refused, Intent("list", "secrets", place, namespace, resource_name=name), connection) from None
    return [{"apiVersion": "v1", "kind": "Secret", **secret} for secret in found]


def converge(
    connection: Connection,
    namespace: str,
    name: str,
    decide: Callable[[Secret | None], Plan],
    plan: Plan | None = None,
) -> tuple[Plan, Secret | None]:
    """Make a Secret what ``decide`` says of the stored one, or ``plan`` of what a list held.

    Returns the plan that held and the Secret as it is now.
    """
    return settle(
        connection,
        f"Secret {namespace}/{name}",
        lambda: read_secret(connection, namespace, name),
        decide,
        lambda decided: apply_plan(connection, decided),
        plan,
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
    if plan.operation == "recreated":
        return _recreate(connection, before, after)
    return update_object(connection, SECRETS, before, after)


def _create(connection: Connection, secret: Secret, *, dry_run: bool = False) -> Secret:
    query = {"fieldManager": FIELD_MANAGER, **({"dryRun": "All"} if dry_run else {})}
    return write_object(connection, SECRETS, "POST", "create", secret, body=secret, query=query, path_name="")


def _delete(connection: Connection, before: Secret) -> None:
    metadata = before["metadata"]
    preconditions = {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}
    body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": preconditions}
    write_object(connection, SECRETS, "DELETE", "delete", before, body=body, path_name=metadata["name"])


def _recreate(connection: Connection, before: Secret, after: Secret) -> Secret:
    """Delete and make anew: proved first by a dry run under another name, undone when the create then fails."""
    trial = {**after, "metadata": {**after["metadata"], "name": f"keyring-dry-run-{secrets.token_hex(8)}"}}
    try:
        _create(connection, trial, dry_run=True)
    except (KeyringError, OutcomeUnknown) as failure:
        error = failure.error if isinstance(failure, OutcomeUnknown) else failure
        what = f"{place_of(SECRETS, before)} was left as it is: a trial of the new one failed."
        raise KeyringError(what, str(error), quoted=error.quoted, fatal=error.fatal, failure=failure.failure) from None
    _insist(connection, before, lambda: _delete(connection, before), lambda found: found is None)
    try:
        return _create_surely(connection, after)
    except (KeyringError, Conflict) as error:
        raise _put_back(connection, before, error) from None


def _put_back(connection: Connection, before: Secret, error: KeyringError | Conflict) -> KeyringError:
    cause = (
        KeyringError("Somebody else made it in between.", failure="conflict") if isinstance(error, Conflict) else error
    )
    outcome, remedy = "The old one was put back, under a new UID.", "Mend the cause first."
    try:
        _create_surely(connection, without_server_fields(before))
    except (KeyringError, Conflict):
        outcome, remedy = "It could not be put back, so it is missing now.", "Run the task again."
    what = f"{place_of(SECRETS, before)} was deleted to be made anew, and that failed: {cause}"
    return KeyringError(
        what, outcome, remedy, changed=True, quoted=cause.quoted, fatal=cause.fatal, failure=cause.failure
    )


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
    attempts = Backoff(connection.retry_budget)
    while True:
        try:
            return write()
        except OutcomeUnknown as lost:
            if not attempts.wait(lost.retry_after):
                raise lost.error from None
            found = read_secret(connection, secret["metadata"]["namespace"], secret["metadata"]["name"])
            if is_done(found):
                return found
