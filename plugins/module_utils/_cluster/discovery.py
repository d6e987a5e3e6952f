# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds that the API server offers, of those that exist only where they were installed.

One request tells all of them. A LIST does not help: for a kind that does not exist it is answered with 403 and not with
404. Source: kubernetes k8s.io/api/apidiscovery/v2 (APIGroupDiscoveryList); k8s.io/apimachinery meta/v1 (APIGroupList).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any

from .._dataclasses import dataclass
from .._errors import KeyringError
from .._secret.users import get_field, get_items
from .api import JSON, get_json
from .connection import Connection
from .refused import Intent, Refused, explain

if TYPE_CHECKING:
    from .._secret.users import UserKind

# The whole offer in one document (Kubernetes 1.26 and later); an older server answers with the names of its groups.
_AGGREGATED = ",".join(
    (*(f"{JSON};g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList" for version in ("v2", "v2beta1")), JSON)
)

# An API group and a resource in it.
GroupResource = tuple[str, str]


@dataclass(frozen=True)
class Offers:
    """The version in which each custom kind is listed. ``unknown`` says why this is not known of any of them.

    ``unread`` says of a kind why its objects cannot be read although it is installed.
    """

    versions: Mapping[GroupResource, str] = field(default_factory=dict)
    unread: Mapping[GroupResource, str] = field(default_factory=dict)
    unknown: str = ""

    def version_of(self, kind: UserKind) -> str | None:
        """Return the version in which a kind is listed, or None where it is not."""
        if not kind.is_custom:
            return kind.versions[0]
        return self.versions.get((kind.group, kind.resource))

    def why_unread(self, kind: UserKind) -> str:
        """Return why the objects of a kind cannot be read although they may exist, or an empty string."""
        if not kind.is_custom:
            return ""
        return self.unknown or self.unread.get((kind.group, kind.resource), "")


def read_offers(connection: Connection, kinds: Iterable[UserKind]) -> Offers:
    """Read which of these kinds are installed, and in which versions. Without custom kinds nothing is asked.

    By default every identity with a login may do so.
    """
    custom = [kind for kind in kinds if kind.is_custom]
    if not custom:
        return Offers()
    try:
        served = _read_served(connection, {kind.group for kind in custom})
    except Refused as refused:
        if refused.status == 403:
            error = KeyringError(
                "Cannot see which custom resources are installed: forbidden (403).",
                "This identity may not read what the API server offers.",
                "Bind it to the ClusterRole system:discovery.",
                failure="forbidden",
            )
            return Offers(unknown=str(error))
        intent = Intent("read", "apis", "which custom resources are installed", None)
        raise explain(refused, intent, connection) from None
    versions: dict[GroupResource, str] = {}
    unread: dict[GroupResource, str] = {}
    for kind in custom:
        name = (kind.group, kind.resource)
        found = [
            version
            for (group, version), resources in served.items()
            if group == kind.group and kind.resource in resources
        ]
        known = [version for version in kind.versions if version in found]
        if known:
            versions[name] = known[0]
        elif found:
            unread[name] = _explain_versions(kind, found)
    return Offers(versions, unread)


def _explain_versions(kind: UserKind, versions: Sequence[str]) -> str:
    return (
        f"Cannot read the {kind.plural} of {kind.group}: they are served in version {' and '.join(versions)} only. "
        f"This collection knows the fields of {', '.join(kind.versions)}. Update the collection."
    )


def _read_served(connection: Connection, groups: set[str]) -> Mapping[tuple[str, str], set[str]]:
    """Return the resources that the server has, by group and version, of these groups."""
    document = get_json(connection, "/apis", accept=_AGGREGATED)
    served: dict[tuple[str, str], set[str]] = {}
    for group, version, resources in find_versions(document):
        if group in groups:
            known = resources if resources is not None else _read_version(connection, group, version)
            served[group, version] = known
    return served


def find_versions(document: Mapping[str, Any]) -> Iterator[tuple[str, str, set[str] | None]]:
    """Yield each group and version of the answer with its resources; None where they are not in it.

    They are not in an answer of the older form, and not where another API server serves the group and cannot be
    reached.
    """
    if document.get("kind") != "APIGroupDiscoveryList":
        for group in get_items(document, "groups"):
            for version in get_items(group, "versions"):
                yield str(group.get("name")), str(version.get("version")), None
        return
    for group in get_items(document, "items"):
        name = str(get_field(group, "metadata").get("name"))
        for version in get_items(group, "versions"):
            resources = {str(resource.get("resource")) for resource in get_items(version, "resources")}
            is_stale = version.get("freshness") == "Stale"
            yield name, str(version.get("version")), None if is_stale and not resources else resources


def _read_version(connection: Connection, group: str, version: str) -> set[str]:
    try:
        document = get_json(connection, f"/apis/{group}/{version}")
    except Refused as refused:
        if refused.status == 404:
            return set()
        raise
    return {str(resource.get("name")) for resource in get_items(document, "resources")}
