# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading the Secrets that serve for pulling images, in one namespace or in all of them, and the types of others."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import quote

from .._secret.pull_secret import TYPES
from .._secret.users import UserKind
from .api import list_rows
from .connection import Connection
from .refused import Intent, Refused, explain
from .workloads import Listing, list_kind

SECRET = UserKind("Secret", "api/v1", "secrets")

# Up to so many names are asked for one by one, with a LIST each; for more all Secrets are listed at once.
MAX_NAMES = 4


def list_pull_secrets(connection: Connection, namespace: str | None) -> list[Listing]:
    """A listing for each type of pull secret. What may not be listed is told in its listing."""
    return [list_kind(connection, namespace, SECRET, {"fieldSelector": f"type={type_}"}) for type_ in TYPES]


def list_other_types(
    connection: Connection, namespace: str | None, names: Collection[str]
) -> dict[tuple[str, str], str | None]:
    """The types of Secrets of these names that are no pull secrets, by namespace and name; their data is not read.

    Raises KeyringError when they can not be listed.
    """
    others = ",".join(f"type!={type_}" for type_ in TYPES)
    selectors = [f"metadata.name={name},{others}" for name in sorted(names)] if len(names) <= MAX_NAMES else [others]
    place = f"namespaces/{quote(namespace, safe='')}/" if namespace else ""
    try:
        rows = [
            row
            for selector in selectors
            for row in list_rows(connection, f"/api/v1/{place}secrets", {"fieldSelector": selector})
        ]
    except Refused as refused:
        where = f"Secrets of namespace {namespace}" if namespace else "Secrets of all namespaces"
        raise explain(refused, Intent("list", "secrets", where, namespace), connection) from None
    found = {(row.metadata["namespace"], row.metadata["name"]): row.cells.get("Type") for row in rows}
    return {identity: found[identity] for identity in found if identity[1] in names}
