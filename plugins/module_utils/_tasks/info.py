# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The common part of the info modules of Secrets: the Secrets that they read, and the entries of their results."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any, Protocol

from .._cluster.connection import Connection
from .._cluster.namespaces import find_namespaces
from .._cluster.secrets import find_secrets
from .._cluster.selection import GivenTargets, resolve_targets
from .._dataclasses import dataclass
from .._errors import KeyringError
from .._runtime.execute import Result, Runtime
from .._runtime.open_cluster import open_cluster
from .._runtime.public_errors import unexpected_error
from .._runtime.result_fields import scrub_entries
from .._runtime.scrub import NamespaceScrubbers, Scrubber
from .._secret.names import OWNER, Identity, identity_of
from .._secret.ownership import annotations_of, foreign_mark, is_ours, labels_of
from .._secret.view import view_secret

if TYPE_CHECKING:
    from .._cluster.workloads import Listing
    from .._secret.plan import Secret
    from .._secret.users import Use
    from .info_options import InfoOptions

# Annotations in which people and portals write the title and the purpose of a Secret.
DISPLAY_NAME = "displayName"
DESCRIPTIONS = ("kubernetes.io/description", "description", "jenkins.io/credentials-description")


@dataclass(frozen=True)
class Places:
    """The selected namespaces, and the namespaces to list in order to see them; None stands for the whole cluster."""

    names: frozenset[str]
    listed: tuple[str | None, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class DescribedSecret:
    """The fields that a task reports of a Secret beside its metadata, and the secret texts in it."""

    fields: Mapping[str, Any]
    texts: Sequence[str] = field(repr=False)


class SecretReader(Protocol):
    """The part of an info module that depends on the contents of its Secrets."""

    def describe(self, secret: Secret) -> DescribedSecret | None:
        """Return what is special in a Secret; None leaves it out of the result."""

    def describe_unreadable(self, secret: Secret, why: str) -> Mapping[str, Any]:
        """Return the same fields for a Secret that cannot be described."""


def report_secrets(options: InfoOptions, runtime: Runtime, types: Collection[str], reader: SecretReader) -> Result:
    """Return the result of a task that reads Secrets of these types. Only reads."""
    with open_cluster(options.connection, runtime) as connection:
        places = find_places(connection, options.targets)
        secrets = read_secrets(options, connection, places, types)
        uses, warnings = read_uses(connection, places, types) if options.used_by else (None, [])
        cluster = connection.describe()
    described = describe_secrets(secrets, uses, reader, runtime.scrubber)
    return {
        "changed": False,
        "secrets": described,
        "total": len(described),
        "cluster": cluster,
        "warnings": [*places.warnings, *warnings],
    }


def find_places(connection: Connection, given: GivenTargets) -> Places:
    """Return the selected namespaces, including those that are being deleted."""
    targets = resolve_targets(given, connection.namespace)
    chosen = find_namespaces(connection, targets)
    names = frozenset((*chosen.names, *chosen.terminating))
    listed = (None,) if targets.needs_list and names else tuple(sorted(names))
    missing = [f"Namespace {name} does not exist." for name in chosen.missing]
    return Places(names, listed, (*chosen.warnings, *missing))


def read_secrets(options: InfoOptions, connection: Connection, places: Places, types: Collection[str]) -> list[Secret]:
    """Return the selected Secrets of these types, sorted. One LIST for each type and place; a named one is read."""
    listed_types: Collection[str | None] = (None,) if options.name else types
    found: list[Secret] = []
    for place in places.listed:
        for listed_type in listed_types:
            found += find_secrets(connection, place, options.name, listed_type, options.full_label_selector)
    selected = [secret for secret in found if _is_selected(secret, options, places, types)]
    return sorted(selected, key=identity_of)


def _is_selected(secret: Secret, options: InfoOptions, places: Places, types: Collection[str]) -> bool:
    is_of_type = secret["metadata"]["namespace"] in places.names and secret.get("type") in types
    return is_of_type and is_searched(secret, options.search)


@dataclass(frozen=True)
class Uses:
    """The users of Secrets, by namespace and name of the Secret.

    ``unknown`` are the places in which not everything could be listed; None stands for the whole cluster.
    """

    found: Mapping[Identity, Sequence[Use]]
    unknown: frozenset[str | None] = frozenset()

    def of(self, secret: Secret) -> Sequence[Mapping[str, Any]] | None:
        """Return the known users of a Secret; None if there are none and not everything could be listed."""
        from .._secret.consumers import find_label_uses
        from .._secret.users import describe_use

        namespace, name = identity_of(secret)
        known = [*self.found.get((namespace, name), ()), *find_label_uses(secret)]
        if known:
            return [describe_use(use) for use in sorted(known)]
        if None in self.unknown or namespace in self.unknown:
            return None
        return []


def read_uses(connection: Connection, places: Places, types: Collection[str]) -> tuple[Uses, list[str]]:
    """Return the users of Secrets of these types in these places, and warnings about what may not be listed."""
    from .._cluster.workloads import describe_unlisted, list_users
    from .._secret.consumers import USER_KINDS
    from .._secret.users import find_uses

    kinds = [kind for kind in USER_KINDS if any(kind.can_hold(type_) for type_ in types)]
    found: dict[Identity, list[Use]] = {}
    unknown: set[str | None] = set()
    all_listings: list[Listing] = []
    for place, listings in list_users(connection, places.listed, kinds).items():
        all_listings += listings
        if any(listing.unknown for listing in listings):
            unknown.add(place)
        for listing in listings:
            for item in listing.objects:
                for use in find_uses(listing.kind, item):
                    found.setdefault((use.namespace, use.secret), []).append(use)
    reasons = describe_unlisted(all_listings)
    return Uses(found, frozenset(unknown)), [f"used_by is not complete. {reason}" for reason in reasons]


def describe_secrets(
    secrets: Iterable[Secret], uses: Uses | None, reader: SecretReader, scrubber: Scrubber
) -> list[dict[str, Any]]:
    """Return the entries of the result, in the order of the Secrets.

    A Secret that cannot be described is reported with the reason, so that no one who may write one Secret can keep the
    others from being read. Strings that others wrote are scrubbed with the secrets of the entry's namespace and those
    of ``scrubber``.
    """
    scrubbers = NamespaceScrubbers(scrubber)
    entries: list[dict[str, Any]] = []
    for secret in secrets:
        described = _describe_contents(secret, reader)
        if described is not None:
            scrubbers.of(secret["metadata"]["namespace"]).add(*described.texts)
            entries.append({**describe_secret(secret, uses), **described.fields})
    return scrub_entries(entries, scrubbers)


def _describe_contents(secret: Secret, reader: SecretReader) -> DescribedSecret | None:
    try:
        return reader.describe(secret)
    except Exception as error:  # noqa: BLE001  (whatever it is, the other Secrets are still to be read)
        reason = error if isinstance(error, KeyringError) else unexpected_error(error)
        fields = reader.describe_unreadable(secret, f"The Secret cannot be read. {reason}")
        return DescribedSecret(fields, _all_texts(secret))


def _all_texts(secret: Secret) -> list[str]:
    """Return the data of a Secret, as it is stored and decoded."""
    from .._kubelet.secret_config import decode_value

    values = [str(value) for value in (secret.get("data") or {}).values()]
    return [*values, *(decode_value(value).decode(errors="replace") for value in values)]


def describe_secret(secret: Secret, uses: Uses | None) -> dict[str, Any]:
    """Return the fields that every Secret has in a result, without secret data."""
    metadata = secret["metadata"]
    annotations = annotations_of(secret)
    mark = foreign_mark(secret, None)
    descriptions = [annotations[key] for key in DESCRIPTIONS if key in annotations]
    times = [entry["time"] for entry in metadata.get("managedFields") or () if entry.get("time")]
    return {
        **view_secret(secret, ()),
        "display_name": annotations.get(DISPLAY_NAME),
        "description": descriptions[0] if descriptions else None,
        "created": metadata.get("creationTimestamp"),
        "last_updated": max(times, default=metadata.get("creationTimestamp")),
        "ours": is_ours(secret),
        "owner": labels_of(secret).get(OWNER),
        "managed_by": mark.manager if mark else None,
        "used_by": None if uses is None else uses.of(secret),
    }


def is_searched(secret: Secret, text: str | None) -> bool:
    """Return whether the name or the display name contains the text, regardless of case; None is always found."""
    if text is None:
        return True
    names = (secret["metadata"]["name"], annotations_of(secret).get(DISPLAY_NAME, ""))
    return any(text.casefold() in name.casefold() for name in names)
