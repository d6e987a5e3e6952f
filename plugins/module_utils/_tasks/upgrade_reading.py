# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects that the upgrade audit reads beside those of the selected namespaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from .._cluster.api import get_json, list_objects
from .._cluster.connection import Connection
from .._cluster.refused import Intent, Refused, explain
from .._cluster.secrets import SECRETS
from .._dataclasses import dataclass
from .._images.node_credentials import NodeCredentials
from .._images.upgrade import NodeVersions
from .._images.upgrade_audit import NODE_SECRETS, NodeFacts, read_nodes
from .._kubelet.keyring import build_keyring
from .._secret.names import Identity, identity_of
from .._secret.openshift import GLOBAL_SECRET
from .._secret.plan import Secret
from .cluster_snapshot import SnapshotReading

_NODES = "nodes"
_NO_NODE_CREDENTIALS = NodeCredentials()


@dataclass(frozen=True)
class UpgradeReading:
    """The pull secrets of all namespaces, the facts about Nodes, and the pull secrets of nodes.

    ``everywhere`` is None if the Secrets could not be listed. ``unknown`` are the kinds that could not be listed.
    """

    nodes: NodeFacts
    everywhere: Mapping[Identity, Secret] | None = field(repr=False)
    node_secrets: Sequence[Secret] = field(default=(), repr=False)
    unknown: Sequence[Mapping[str, Any]] = ()


# Without a cluster there are neither Nodes nor other namespaces.
NOTHING_READ = UpgradeReading(NodeFacts(NodeVersions(is_known=False)), {})


def add_node_secrets(given: NodeCredentials | None, reading: UpgradeReading) -> NodeCredentials | None:
    """Return the given credentials of nodes, with those that are in Secrets of the cluster."""
    if not reading.node_secrets:
        return given
    base = given or _NO_NODE_CREDENTIALS
    keyrings = [build_keyring([secret]) for secret in reading.node_secrets]
    return NodeCredentials(base.providers, (*base.keyrings, *keyrings), base.hosts)


def read_upgrade(connection: Connection, reading: SnapshotReading) -> UpgradeReading:
    """Read the Nodes, and what the pull secrets of all namespaces are for. What may not be read is reported."""
    nodes, unknown = _read_nodes(connection)
    unlisted = next((listing.unknown for listing in reading.everywhere if listing.unknown), "")
    if unlisted:
        unknown.append({"namespace": None, "kind": "Secret", "text": unlisted})
        secret = _read_openshift_secret(connection, unknown, is_openshift=nodes.is_openshift)
        return UpgradeReading(nodes, None, [secret] if secret else [], unknown)
    everywhere: dict[Identity, Secret] = {}
    for listing in reading.everywhere:
        for item in listing.objects:
            everywhere[identity_of(item)] = item
    node_secrets = [everywhere[identity] for identity in NODE_SECRETS if identity in everywhere]
    return UpgradeReading(nodes, everywhere, node_secrets, unknown)


def _read_nodes(connection: Connection) -> tuple[NodeFacts, list[Mapping[str, Any]]]:
    try:
        return read_nodes(list_objects(connection, f"/api/v1/{_NODES}", {})), []
    except Refused as refused:
        error = explain(refused, Intent("list", _NODES, "Nodes", None), connection)
        if refused.status != 403:
            raise error from None
        unknown = {"namespace": None, "kind": "Node", "text": str(error)}
        return NodeFacts(NodeVersions(is_known=False)), [unknown]


def _read_openshift_secret(
    connection: Connection, unknown: list[Mapping[str, Any]], *, is_openshift: bool
) -> Secret | None:
    """Return the pull secret of OpenShift's nodes, None elsewhere and where it may not be read."""
    namespace, name = GLOBAL_SECRET
    try:
        return get_json(connection, SECRETS.path(namespace, name))
    except Refused as refused:
        intent = Intent("get", SECRETS.plural, f"Secret {namespace}/{name}", namespace, resource_name=name)
        error = explain(refused, intent, connection)
        if refused.status not in (403, 404):
            raise error from None
        if refused.status == 403 and is_openshift:
            unknown.append({"namespace": namespace, "kind": "Secret", "text": str(error)})
        return None
