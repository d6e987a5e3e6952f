# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading what uses Secrets: Pods, what makes them, and ServiceAccounts. One LIST a kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.api import (
    Intent,
    Refused,
    explain,
    list_objects,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.connection import Connection
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.users import Object, UserKind


@dataclass(frozen=True)
class Listing:
    """The objects of one kind, in one namespace or in all; ``unknown`` says why they could not be listed."""

    kind: UserKind
    objects: tuple[Object, ...] = ()
    unknown: str = ""


def list_users(connection: Connection, namespace: str | None, kinds: Iterable[UserKind]) -> list[Listing]:
    """A listing for each kind. What may not be listed is told in its listing; other troubles raise KeyringError."""
    return [list_kind(connection, namespace, kind) for kind in kinds]


def list_kind(
    connection: Connection, namespace: str | None, kind: UserKind, query: Mapping[str, str] | None = None
) -> Listing:
    """The objects of a kind, in one namespace or in all; what may not be listed is told in the listing."""
    place = f"namespaces/{namespace}/" if namespace else ""
    try:
        found = list_objects(connection, f"/{kind.group}/{place}{kind.resource}", query or {})
    except Refused as refused:
        where = f"namespace {namespace}" if namespace else "all namespaces"
        error = explain(refused, Intent("list", kind.resource, f"{kind.kind}s of {where}", namespace), connection)
        if refused.status in (403, 404):
            return Listing(kind, unknown=str(error))
        raise error from None
    return Listing(kind, tuple(found))
