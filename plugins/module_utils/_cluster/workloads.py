# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects that use Secrets: read with one LIST a kind and place, and one GET for each group that may be missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from .._dataclasses import dataclass
from .._errors import KeyringError
from .api import get_json, list_objects
from .connection import Connection
from .refused import Intent, Refused, describe_scope, explain

if TYPE_CHECKING:
    from .._secret.users import KubernetesObject, UserKind


@dataclass(frozen=True)
class Listing:
    """The objects of one kind, in one namespace or in all; ``unknown`` says why they could not be listed."""

    kind: UserKind
    objects: tuple[KubernetesObject, ...] = ()
    unknown: str = ""


@dataclass(frozen=True)
class Offer:
    """The resources that a group of the API has; ``unknown`` says why that is not known."""

    resources: frozenset[str] = frozenset()
    unknown: str = ""


# By the group, for the groups that may not be installed.
Offers = Mapping[str, Offer]


def read_offers(connection: Connection, kinds: Iterable[UserKind]) -> Offers:
    """Read which resources the groups of these kinds have, with one request for each that may not be installed."""
    groups = dict.fromkeys(kind.group for kind in kinds if kind.is_custom)
    return {group: read_offer(connection, group) for group in groups}


def list_users(
    connection: Connection, places: Sequence[str | None], kinds: Iterable[UserKind], offers: Offers | None = None
) -> dict[str | None, list[Listing]]:
    """List the objects of each kind in each place: a namespace, or None for all of them.

    ``offers`` are those of read_offers where it was called already. A kind that is not installed has an empty listing.
    A listing says itself if the objects cannot be listed; other troubles raise KeyringError.
    """
    kinds = tuple(kinds)
    if offers is None:
        offers = read_offers(connection, kinds) if places else {}
    return {place: [_list_offered(connection, place, kind, offers) for kind in kinds] for place in places}


def read_offer(connection: Connection, group: str) -> Offer:
    """Read which resources a group has: none if it is not installed. By default every identity with a login may do so.

    A LIST does not help: it is answered with 403 and not with 404 for a kind that does not exist.
    """
    try:
        found = get_json(connection, f"/{group}")
    except Refused as refused:
        name = group.removeprefix("apis/")
        if refused.status == 404:
            return Offer()
        if refused.status == 403:
            error = KeyringError(
                f"Cannot see whether {name} is installed: forbidden (403).",
                "This identity may not read what the API server offers.",
                "Bind it to the ClusterRole system:discovery.",
                failure="forbidden",
            )
            return Offer(unknown=str(error))
        raise explain(refused, Intent("read", name, f"what {name} offers", None), connection) from None
    return Offer(frozenset(resource["name"] for resource in found.get("resources") or ()))


def _list_offered(connection: Connection, namespace: str | None, kind: UserKind, offers: Offers) -> Listing:
    offer = offers.get(kind.group) if kind.is_custom else None
    if offer and (offer.unknown or kind.resource not in offer.resources):
        return Listing(kind, unknown=offer.unknown)
    return list_kind(connection, namespace, kind)


def list_kind(
    connection: Connection, namespace: str | None, kind: UserKind, query: Mapping[str, str] | None = None
) -> Listing:
    """List the objects of a kind, in one namespace or in all. The listing says itself if they cannot be listed."""
    place = f"namespaces/{namespace}/" if namespace else ""
    try:
        found = list_objects(connection, f"/{kind.group}/{place}{kind.resource}", query or {})
    except Refused as refused:
        intent = Intent("list", kind.resource, f"{kind.kind}s of {describe_scope(namespace)}", namespace)
        error = explain(refused, intent, connection)
        if refused.status in (403, 404):
            return Listing(kind, unknown=str(error))
        raise error from None
    return Listing(kind, tuple(found))
