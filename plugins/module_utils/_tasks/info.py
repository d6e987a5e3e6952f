# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tasks that only look at Secrets share: their options, which Secrets they read, what they tell of each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._cluster.connection import Connection
from .._cluster.namespaces import find_namespaces
from .._cluster.secrets import find_secrets
from .._cluster.selection import Targets, parse_targets, resolve_targets
from .._cluster.workloads import list_users
from .._errors import KeyringError
from .._kubelet.secret_config import decode_value
from .._runtime.execute import Result, Runtime, unforeseen
from .._runtime.open_cluster import open_cluster, parse_connection
from .._runtime.options import COMMON, NAMESPACES, Options
from .._runtime.result_fields import scrub_entries
from .._runtime.scrub import NamespaceScrubbers, Scrubber
from .._secret.names import OWNER, check_owner, check_secret_name
from .._secret.ownership import annotations_of, foreign_mark, is_ours, labels_of
from .._secret.plan import Secret
from .._secret.users import USER_KINDS, Identity, find_uses, identity_of
from .._secret.view import view_secret

INFO_OPTIONS: Options = {
    "name": {"type": "str"},
    **NAMESPACES,
    "label_selector": {"type": "str"},
    "owner": {"type": "str"},
    "search": {"type": "str"},
    "used_by": {"type": "bool", "default": False},
    **COMMON,
}

# Where people and portals write what a Secret is called and for.
DISPLAY_NAME = "displayName"
DESCRIPTIONS = ("kubernetes.io/description", "description", "jenkins.io/credentials-description")


def check_info_options(params: Mapping[str, Any]) -> None:
    """Raise KeyringError for names, an owner or a search that can match nothing."""
    if params["name"] is not None:
        check_secret_name(params["name"], "name")
    parse_targets(params["namespace"], params["namespaces"], params["namespace_selectors"])
    if params["owner"] is not None:
        check_owner(params["owner"])
    for option in ("label_selector", "search"):
        if params[option] is not None and not params[option].strip():
            raise KeyringError(
                f"{option} is empty.", "", "Check the variable behind it, or leave it out.", option=option
            )


@dataclass(frozen=True)
class Places:
    """Where to look: the namespaces that are meant, and what is listed to see them, None for the whole cluster."""

    names: frozenset[str]
    listed: tuple[str | None, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Told:
    """What a task reports of a Secret beside its metadata, and the secret texts in it."""

    fields: Mapping[str, Any]
    texts: Sequence[str] = field(repr=False)


# What is special in a Secret; None leaves it out.
Tell = Callable[[Secret], "Told | None"]


# What is reported of a Secret that cannot be described, given the reason.
DescribeUnreadable = Callable[[Secret, str], Mapping[str, Any]]


def look(
    params: Mapping[str, Any],
    runtime: Runtime,
    types: Collection[str],
    tell: Tell,
    describe_unreadable: DescribeUnreadable,
) -> Result:
    """Return the result of a task that looks at Secrets of these types."""
    with open_cluster(parse_connection(params), runtime) as connection:
        places = find_places(connection, _choose_targets(params, connection))
        secrets = read_secrets(params, connection, places, types)
        uses, warnings = read_uses(params, connection, places)
        cluster = connection.describe()
    described = describe_secrets(secrets, uses, tell, describe_unreadable, runtime.scrubber)
    return {
        "changed": False,
        "secrets": described,
        "total": len(described),
        "cluster": cluster,
        "warnings": [*places.warnings, *warnings],
    }


def _choose_targets(params: Mapping[str, Any], connection: Connection) -> Targets:
    given = parse_targets(params["namespace"], params["namespaces"], params["namespace_selectors"])
    return resolve_targets(given, connection.namespace)


def _all_texts(secret: Secret) -> list[str]:
    """Return the data of a Secret, as it is stored and decoded."""
    values = [str(value) for value in (secret.get("data") or {}).values()]
    return [*values, *(decode_value(value).decode(errors="replace") for value in values)]


def find_places(connection: Connection, targets: Targets) -> Places:
    """The namespaces that the options mean, those that are being deleted among them."""
    chosen = find_namespaces(connection, targets)
    names = frozenset((*chosen.names, *chosen.terminating))
    listed = (None,) if targets.needs_list and names else tuple(sorted(names))
    return Places(names, listed, (*chosen.warnings, *(f"Namespace {name} does not exist." for name in chosen.missing)))


def read_secrets(
    params: Mapping[str, Any], connection: Connection, places: Places, types: Collection[str]
) -> list[Secret]:
    """The Secrets of these types that the options mean, sorted: one LIST a type and place."""
    selectors = [params["label_selector"], params["owner"] and f"{OWNER}={params['owner']}"]
    label_selector = ",".join(filter(None, selectors))
    found = [
        secret
        for place in places.listed
        for type_ in ([None] if params["name"] else types)
        for secret in find_secrets(connection, place, params["name"], type_, label_selector)
        if secret["metadata"]["namespace"] in places.names
        and secret.get("type") in types
        and is_searched(secret, params["search"])
    ]
    return sorted(found, key=identity_of)


@dataclass(frozen=True)
class Uses:
    """Who uses which Secret, by its namespace and name; ``unknown`` are the places where not all could be listed."""

    found: Mapping[Identity, Sequence[Mapping[str, str]]]
    unknown: frozenset[str | None] = frozenset()

    def of(self, identity: Identity) -> Sequence[Mapping[str, str]] | None:
        """Who uses a Secret, as far as is known; None where nobody was found and not everything was seen."""
        seen = not self.unknown & {None, identity[0]}
        return self.found.get(identity) or ([] if seen else None)


def read_uses(params: Mapping[str, Any], connection: Connection, places: Places) -> tuple[Uses | None, list[str]]:
    """Who uses which Secret, where the option used_by asks for it; what may not be listed is told in warnings."""
    if not params["used_by"]:
        return None, []
    found: dict[Identity, list[Mapping[str, str]]] = {}
    listings = list_users(connection, places.listed, USER_KINDS)
    everything = [listing for listed in listings.values() for listing in listed]
    for use in sorted(
        use for listing in everything for item in listing.objects for use in find_uses(listing.kind, item)
    ):
        told = {"kind": use.kind, "name": use.name, "how": use.how, "takes_effect": use.effect}
        found.setdefault((use.namespace, use.secret), []).append(told)
    unknown = frozenset(place for place, listed in listings.items() if any(listing.unknown for listing in listed))
    reasons = dict.fromkeys(listing.unknown for listing in everything if listing.unknown)
    return Uses(found, unknown), [f"used_by is not complete. {reason}" for reason in reasons]


def describe_secrets(
    secrets: Iterable[Secret],
    uses: Uses | None,
    tell: Tell,
    describe_unreadable: DescribeUnreadable,
    scrubber: Scrubber,
) -> list[dict[str, Any]]:
    """Return the entries of the result, in the order of the Secrets.

    A Secret that cannot be described is reported with the reason, so that no one who may write one Secret can keep the
    others from being read. What others wrote in an entry is scrubbed with the secrets of its namespace and those of
    ``scrubber``.
    """
    scrubbers = NamespaceScrubbers(scrubber)
    entries = []
    for secret in secrets:
        told = _tell(secret, tell, describe_unreadable)
        if told is not None:
            scrubbers.of(secret["metadata"]["namespace"]).add(*told.texts)
            entries.append({**describe_secret(secret, uses), **told.fields})
    return scrub_entries(entries, scrubbers)


def _tell(secret: Secret, tell: Tell, describe_unreadable: DescribeUnreadable) -> Told | None:
    try:
        return tell(secret)
    except Exception as error:  # noqa: BLE001  (whatever it is, the other Secrets are still to be read)
        reason = error if isinstance(error, KeyringError) else unforeseen(error)
        return Told(describe_unreadable(secret, f"The Secret cannot be read. {reason}"), _all_texts(secret))


def describe_secret(secret: Secret, uses: Uses | None) -> dict[str, Any]:
    """What is told of a Secret of whatever kind, without material."""
    metadata = secret["metadata"]
    annotations = annotations_of(secret)
    mark = foreign_mark(secret, None)
    times = [field["time"] for field in metadata.get("managedFields") or () if field.get("time")]
    return {
        **view_secret(secret, ()),
        "display_name": annotations.get(DISPLAY_NAME),
        "description": next((annotations[key] for key in DESCRIPTIONS if key in annotations), None),
        "created": metadata.get("creationTimestamp"),
        "last_updated": max(times, default=metadata.get("creationTimestamp")),
        "ours": is_ours(secret),
        "owner": labels_of(secret).get(OWNER),
        "managed_by": mark.manager if mark else None,
        "used_by": None if uses is None else uses.of(identity_of(secret)),
    }


def is_searched(secret: Secret, text: str | None) -> bool:
    """Whether the text stands in the name or the display name, in whichever case."""
    names = (secret["metadata"]["name"], annotations_of(secret).get(DISPLAY_NAME, ""))
    return text is None or any(text.casefold() in name.casefold() for name in names)
