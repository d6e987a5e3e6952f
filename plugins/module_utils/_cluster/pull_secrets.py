# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets for pulling images, read from one namespace or from all of them, and the types of other Secrets."""

from __future__ import annotations

from collections.abc import Collection

from .._secret.pull_secret import TYPES
from .._secret.users import UserKind
from .api import Row, list_rows
from .connection import Connection
from .refused import Intent, Refused, describe_scope, explain
from .secrets import SECRETS
from .workloads import Listing, list_kind

SECRET = UserKind("Secret", "", ("v1",), "secrets")

# Up to so many names are asked for one by one, with a LIST each; for more all Secrets are listed at once.
MAX_NAMES = 4


def list_pull_secrets(connection: Connection, namespace: str | None) -> list[Listing]:
    """List the pull secrets, with a listing for each type. It says itself if they cannot be listed."""
    return [list_kind(connection, namespace, SECRET, {"fieldSelector": f"type={type_}"}) for type_ in TYPES]


def list_other_types(
    connection: Connection, namespace: str | None, names: Collection[str]
) -> dict[tuple[str, str], str | None]:
    """Return the types of the other Secrets of these names, by namespace and name. Their data are not read.

    Raises KeyringError if they cannot be listed.
    """
    others = ",".join(f"type!={type_}" for type_ in TYPES)
    selectors = [others]
    if len(names) <= MAX_NAMES:
        selectors = [f"metadata.name={name},{others}" for name in sorted(names)]
    rows: list[Row] = []
    try:
        for selector in selectors:
            rows += list_rows(connection, SECRETS.path(namespace), {"fieldSelector": selector})
    except Refused as refused:
        intent = Intent("list", "secrets", f"Secrets of {describe_scope(namespace)}", namespace)
        raise explain(refused, intent, connection) from None
    return {
        (row.metadata["namespace"], row.metadata["name"]): row.cells.get("Type")
        for row in rows
        if row.metadata["name"] in names
    }
