# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A snapshot of the objects that decide about the images of some namespaces, with one LIST for each kind and place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._cluster.connection import Connection
from .._cluster.pull_secrets import list_other_types, list_pull_secrets
from .._cluster.workloads import Listing, list_users
from .._dataclasses import dataclass
from .._images.audit import SECRET_KIND, ClusterSnapshot, named_secrets
from .._secret.consumers import IMAGE_KINDS
from .._secret.names import Identity, identity_of, is_secret_name
from .._secret.users import find_uses
from .info import Places


@dataclass(frozen=True)
class SnapshotReading:
    """A snapshot of some namespaces, the kinds that could not be listed there, and the namespaces with any object.

    ``everywhere`` are the listings of the pull secrets of all namespaces, empty where these were not read.
    """

    snapshot: ClusterSnapshot
    unknown: Sequence[Mapping[str, Any]]
    seen: frozenset[str]
    everywhere: tuple[Listing, ...] = ()


def read_snapshot(connection: Connection, places: Places, *, everywhere: bool = False) -> SnapshotReading:
    """Read all objects in these places that decide about images. Kinds that may not be listed are reported.

    With ``everywhere``, the pull secrets of all namespaces are listed, and those of the places only if they must be.
    """
    all_secrets = tuple(list_pull_secrets(connection, None)) if everywhere else ()
    is_complete = everywhere and not any(listing.unknown for listing in all_secrets)
    listings: list[tuple[str | None, Listing]] = []
    for place, users in list_users(connection, places.listed, IMAGE_KINDS).items():
        listings += [(place, listing) for listing in users]
        if is_complete or (everywhere and place is None):
            continue
        listings += [(place, listing) for listing in list_pull_secrets(connection, place)]
    if is_complete or (everywhere and None in places.listed):
        listings += [(None, listing) for listing in all_secrets]
    objects: dict[str, list[Any]] = {}
    seen: set[str] = set()
    used: set[Identity] = set()
    for _place, listing in listings:
        if listing.kind.is_custom:
            for item in listing.objects:
                used.update((use.namespace, use.secret) for use in find_uses(listing.kind, item))
            if not listing.kind.template:  # it creates no Pods, and counts only as a user of Secrets
                continue
        selected = [item for item in listing.objects if item["metadata"]["namespace"] in places.names]
        objects.setdefault(listing.kind.kind, []).extend(selected)
        seen |= {item["metadata"]["namespace"] for item in selected}
    secrets = {identity_of(item): item for item in objects.pop(SECRET_KIND, [])}
    unknown, unlisted = _find_unknown(listings, places)
    seen |= {namespace for namespace, _kind in unlisted}
    missing = {
        (namespace, name)
        for namespace, name in named_secrets(objects)
        if (namespace, name) not in secrets and (namespace, SECRET_KIND) not in unlisted and is_secret_name(name)
    }
    other_types: dict[Identity, str | None] = {}
    for place in places.listed:
        names = {name for namespace, name in missing if place in (None, namespace)}
        if names:
            other_types |= list_other_types(connection, place, names)
    snapshot = ClusterSnapshot(objects, secrets, other_types, unlisted, frozenset(used))
    return SnapshotReading(snapshot, unknown, frozenset(seen), all_secrets)


def _find_unknown(
    listings: Iterable[tuple[str | None, Listing]], places: Places
) -> tuple[list[dict[str, Any]], frozenset[Identity]]:
    """Return the kinds that could not be listed: for the result, each once a place, and by namespace and kind."""
    entries: dict[tuple[str | None, str], dict[str, Any]] = {}
    unlisted: set[Identity] = set()
    for place, listing in listings:
        if listing.unknown:
            kind = listing.kind.kind
            entries.setdefault((place, kind), {"namespace": place, "kind": kind, "text": listing.unknown})
            namespaces = places.names if place is None else (place,)
            unlisted |= {(namespace, kind) for namespace in namespaces}
    return list(entries.values()), frozenset(unlisted)
