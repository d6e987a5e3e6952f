# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task behind the module openshift_global_pull_secret_info: options in, result out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._cluster.api import get_json, list_objects
from .._cluster.connection import Connection
from .._cluster.refused import Intent, Refused, explain
from .._cluster.secrets import read_secret
from .._errors import KeyringError, blaming_secret
from .._kubelet.server_text import public_server
from .._runtime.execute import Result, Runtime, TaskDefinition
from .._runtime.open_cluster import open_cluster, parse_connection
from .._runtime.options import COMMON, Options
from .._secret.names import Identity
from .._secret.openshift import (
    ADDED_REGISTRIES,
    GLOBAL_SECRET,
    SECRET_OF_TARGET,
    PullSecretTarget,
    choose_target,
    parse_added,
    warn_release,
)
from .._secret.ownership import annotations_of
from .._secret.pull_secret import pull_secret_texts, read_docker_config
from .._secret.users import get_field, get_items

OPTIONS: Options = {
    "target": {"type": "str", "choices": ["auto", "cluster", "hosted"], "default": "auto"},
    **COMMON,
}

_CONFIG = "/apis/config.openshift.io/v1"
_POOLS = "/apis/machineconfiguration.openshift.io/v1/machineconfigpools"


def run(params: Mapping[str, Any], runtime: Runtime) -> Result:
    """Report the pull secret of the nodes and what the cluster makes of a change to it. Only reads."""
    with open_cluster(parse_connection(params), runtime) as connection:
        topology = _read_topology(connection, needed=params["target"] == "auto")
        target = choose_target(params["target"], topology)
        identity = SECRET_OF_TARGET[target]
        described = _describe_secret(connection, runtime, identity)
        if described is None and target == "cluster":
            raise _no_global_secret(identity)
        original = None
        if target == "hosted":
            original = _describe_secret(connection, runtime, GLOBAL_SECRET)
            if original is None:
                raise _no_global_secret(GLOBAL_SECRET)
        paused, warnings = _read_rollout(connection, target)
        cluster = connection.describe()
    namespace, name = identity
    nothing: Mapping[str, Any] = {"registries": [], "added_registries": []}
    return {
        "changed": False,
        "target": target,
        "topology": topology,
        "namespace": namespace,
        "name": name,
        "exists": described is not None,
        **(described or nothing),
        "original_registries": None if original is None else original["registries"],
        "paused_pools": paused,
        "cluster": cluster,
        "warnings": warnings,
    }


def _read_topology(connection: Connection, *, needed: bool) -> str | None:
    """Return the topology of the control plane; None if it is not known and not needed."""
    try:
        found = get_json(connection, f"{_CONFIG}/infrastructures/cluster")
    except Refused as refused:
        if refused.status in (403, 404) and not needed:
            return None
        if refused.status == 404:
            raise KeyringError(
                'The cluster has no Infrastructure "cluster" of config.openshift.io.',
                "OpenShift 4 describes its control plane there, so this may be another cluster.",
                "Check the connection, or set target (openshift_pull_secret_target of the role) to cluster or hosted.",
                failure="not_found",
            ) from None
        intent = Intent("get", "infrastructures", "Infrastructure cluster", None, resource_name="cluster")
        raise explain(refused, intent, connection) from None
    topology = get_field(found, "status").get("controlPlaneTopology")
    return topology if isinstance(topology, str) and topology else None


def _describe_secret(connection: Connection, runtime: Runtime, identity: Identity) -> Mapping[str, Any] | None:
    """Return the servers in a Secret, and those that a role added; None if there is no Secret.

    Raises KeyringError if the docker config does not parse.
    """
    secret = read_secret(connection, *identity)
    if secret is None:
        return None
    runtime.scrubber.add(*pull_secret_texts(secret))
    try:
        with blaming_secret():
            auths = read_docker_config(secret)["auths"]
    except KeyringError as error:
        raise KeyringError(
            str(error),
            "Nothing is added to it, because that could remove the credentials of OpenShift.",
            "Repair the Secret first.",
            failure="invalid_secret",
            namespace=identity[0],
        ) from None
    return {
        "registries": _list_servers(sorted(map(public_server, auths))),
        "added_registries": _list_servers(parse_added(annotations_of(secret).get(ADDED_REGISTRIES))),
    }


def _list_servers(servers: Sequence[str]) -> list[dict[str, str]]:
    """Return servers as results list them: ``server`` is a field that no password of another client is cut out of."""
    return [{"server": server} for server in servers]


def _no_global_secret(identity: Identity) -> KeyringError:
    return KeyringError(
        f"Secret {'/'.join(identity)} does not exist.",
        "Every OpenShift cluster has it, and the credentials of OpenShift are in it.",
        "Check the connection.",
        failure="not_found",
        namespace=identity[0],
    )


def _read_rollout(connection: Connection, target: PullSecretTarget) -> tuple[list[str] | None, list[str]]:
    """Return the paused MachineConfigPools, None if they are not known, and warnings about the rollout."""
    if target == "hosted":
        warning = warn_release(_read_release(connection))
        return [], [warning] if warning else []
    try:
        pools = list_objects(connection, _POOLS, {})
    except Refused as refused:
        if refused.status not in (403, 404):
            intent = Intent("list", "machineconfigpools", "MachineConfigPools", None)
            raise explain(refused, intent, connection) from None
        reason = "forbidden (403)" if refused.status == 403 else "not found (404)"
        return None, [f"It is not known whether a MachineConfigPool is paused: cannot list them, {reason}."]
    return sorted(str(pool["metadata"]["name"]) for pool in pools if get_field(pool, "spec").get("paused") is True), []


def _read_release(connection: Connection) -> str | None:
    """Return the release that the cluster runs; None if it may not be read."""
    try:
        found = get_json(connection, f"{_CONFIG}/clusterversions/version")
    except Refused:
        return None
    for update in get_items(get_field(found, "status"), "history"):
        if update.get("state") == "Completed":
            return str(update.get("version"))
    return None


DEFINITION = TaskDefinition(run, OPTIONS)
