# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading what decides about the images of some namespaces, with one LIST a kind and place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._cluster.connection import Connection
from .._cluster.pull_secrets import list_other_types, list_pull_secrets
from .._cluster.workloads import Listing, list_users
from .._images.audit import SECRET_KIND, ClusterSnapshot, named_secrets
from .._secret.names import is_secret_name
from .._secret.users import BUILT_IN_KINDS, Identity, identity_of
from .info import Places


@dataclass(frozen=True)
class Reading:
    """What was read, what could not be, and the namespaces in which there is anything."""

    snapshot: ClusterSnapshot
    unknown: Sequence[Mapping[str, Any]]
    seen: frozenset[str]


def read_world(connection: Connection, places: Places) -> Reading:
    """Everything in these places that decides about images; what may not be listed is told."""
    listings = [
        (place, listing)
        for place, users in list_users(connection, places.listed, BUILT_IN_KINDS).items()
        for listing in (*users, *list_pull_secrets(connection, place))
    ]
    objects: dict[str, list[Any]] = {}
    for _place, listing in listings:
        meant = [item for item in listing.objects if item["metadata"]["namespace"] in places.names]
        objects.setdefault(listing.kind.kind, []).extend(meant)
    secrets = {identity_of(item): item for item in objects.pop(SECRET_KIND, [])}
    unknown, kinds = _find_unknown(listings, places)
    named = {identity for identity in named_secrets(objects) if identity not in secrets}
    others: dict[Identity, str | None] = {}
    for place in places.listed:
        names = {
            name
            for namespace, name in named
            if place in (None, namespace) and (namespace, SECRET_KIND) not in kinds and is_secret_name(name)
        }
        others |= list_other_types(connection, place, names) if names else {}
    seen = frozenset(item["metadata"]["namespace"] for found in (*objects.values(), secrets.values()) for item in found)
    seen |= {namespace for namespace, _kind in kinds}
    return Reading(ClusterSnapshot(objects, secrets, others, kinds), unknown, seen)


def _find_unknown(
    listings: Iterable[tuple[str | None, Listing]], places: Places
) -> tuple[list[dict[str, Any]], frozenset[Identity]]:
    """What could not be listed, for the result and for the judgement; a kind once a place."""
    told: dict[tuple[str | None, str], dict[str, Any]] = {}
    kinds: set[Identity] = set()
    for place, listing in listings:
        if listing.unknown:
            kind = listing.kind.kind
            told.setdefault((place, kind), {"namespace": place, "kind": kind, "text": listing.unknown})
            kinds |= {(namespace, kind) for namespace in (places.names if place is None else (place,))}
    return list(told.values()), frozenset(kinds)
