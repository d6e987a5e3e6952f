# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects that use Secrets: read with one LIST a kind and place, and one GET for all kinds that may be missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from .._dataclasses import dataclass
from .._errors import KeyringError
from .._secret.users import group_resources, render_rule
from .api import list_objects
from .connection import Connection
from .discovery import Offers, read_offers
from .refused import Intent, Refused, describe_scope, explain, find_denied_user

if TYPE_CHECKING:
    from .._secret.users import KubernetesObject, UserKind


@dataclass(frozen=True)
class MissingPermission:
    """The identity that may not list a kind, and the namespace in which it may not; None for all of them."""

    user: str
    namespace: str | None


@dataclass(frozen=True)
class Listing:
    """The objects of one kind, in one namespace or in all; ``unknown`` says why they could not be listed.

    ``missing`` is the permission that is missing for it.
    """

    kind: UserKind
    objects: tuple[KubernetesObject, ...] = ()
    unknown: str = ""
    missing: MissingPermission | None = None


def list_users(
    connection: Connection, places: Sequence[str | None], kinds: Iterable[UserKind], offers: Offers | None = None
) -> dict[str | None, list[Listing]]:
    """List the objects of each kind in each place: a namespace, or None for all of them.

    ``offers`` are those of read_offers where it was called already. A kind that is not installed has an empty listing.
    A listing says itself if the objects cannot be listed; other troubles raise KeyringError.
    """
    kinds = tuple(kinds)
    if offers is None:
        offers = read_offers(connection, kinds) if places else Offers()
    return {place: [_list_offered(connection, place, kind, offers) for kind in kinds] for place in places}


def _list_offered(connection: Connection, place: str | None, kind: UserKind, offers: Offers) -> Listing:
    if kind.home and place not in (None, *kind.home):
        return Listing(kind)
    version = offers.version_of(kind)
    if version is None:
        return Listing(kind, unknown=offers.why_unread(kind))
    return list_kind(connection, place, kind, version=version)


def list_kind(
    connection: Connection,
    namespace: str | None,
    kind: UserKind,
    query: Mapping[str, str] | None = None,
    *,
    version: str = "v1",
) -> Listing:
    """List the objects of a kind, in one namespace or in all. The listing says itself if they cannot be listed."""
    within = None if kind.home else namespace
    try:
        found = list_objects(connection, kind.path(version, within), query or {})
    except Refused as refused:
        intent = Intent("list", _full_resource(kind), f"{kind.plural} of {describe_scope(within)}", within)
        error = explain(refused, intent, connection)
        if refused.status in (403, 404):
            user = find_denied_user(refused)
            missing = MissingPermission(user, within) if refused.status == 403 and user else None
            return Listing(kind, unknown=str(error), missing=missing)
        raise error from None
    return Listing(kind, tuple(found))


def _full_resource(kind: UserKind) -> str:
    """Return the resource as kubectl takes it, with the group where another program may have the same resource."""
    return f"{kind.resource}.{kind.group}" if kind.is_custom else kind.resource


def describe_unlisted(listings: Iterable[Listing]) -> list[str]:
    """Return why the users of a Secret are not known, each reason once.

    Kinds that one identity may not list in one place are a single reason, with the missing rules as YAML.
    """
    reasons: dict[str, None] = {}
    forbidden: dict[MissingPermission, list[UserKind]] = {}
    for listing in listings:
        if listing.missing:
            forbidden.setdefault(listing.missing, []).append(listing.kind)
        elif listing.unknown:
            reasons[listing.unknown] = None
    return [*(_describe_missing(missing, kinds) for missing, kinds in forbidden.items()), *reasons]


def _describe_missing(missing: MissingPermission, kinds: Sequence[UserKind]) -> str:
    names = ", ".join(dict.fromkeys(kind.plural for kind in kinds))
    rules = ", ".join(render_rule(group, resources) for group, resources in group_resources(kinds).items())
    error = KeyringError(
        f"Cannot list {names} of {describe_scope(missing.namespace)}: forbidden (403).",
        f"The identity {missing.user} may not list them.",
        f"Add to its {'Role' if missing.namespace else 'ClusterRole'}: rules: [{rules}].",
        failure="forbidden",
    )
    return str(error)
