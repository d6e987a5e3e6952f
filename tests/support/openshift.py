# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An API server that looks like OpenShift: the kinds that say how its nodes pull, and their pull secret.

The definitions have the fields that are read, as in openshift/api config/v1/types_infrastructure.go,
config/v1/types_cluster_version.go and machineconfiguration/v1/types.go.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from kubernetes import client
from kubernetes.client.exceptions import ApiException

from support.cluster import Cluster
from support.consumers.served import await_served
from support.samples.secrets import encode

DOCKER_CONFIG = "kubernetes.io/dockerconfigjson"
GLOBAL = ("openshift-config", "pull-secret")
ADDITIONAL = ("kube-system", "additional-pull-secret")
# The entries of Red Hat, spelt as console.redhat.com writes them; order and unknown fields must survive.
RED_HAT: Mapping[str, Any] = {
    "cloud.openshift.com": {"auth": encode("openshift:telemetry-s3cret"), "email": "ops@example.com"},
    "quay.io": {"auth": encode("openshift:quay-s3cret"), "email": "ops@example.com"},
    "registry.connect.redhat.com": {"auth": encode("uhc-1:connect-s3cret"), "email": "ops@example.com", "x": [1]},
    "registry.redhat.io": {"auth": encode("uhc-1:redhat-s3cret"), "email": "ops@example.com"},
}

_TEXT = {"type": "string"}


class _Kind(NamedTuple):
    """A kind of OpenShift, all of whose objects belong to the cluster, with the fields that are read."""

    group: str
    kind: str
    plural: str
    fields: Mapping[str, Mapping[str, Any]]


_INFRASTRUCTURE = _Kind(
    "config.openshift.io", "Infrastructure", "infrastructures", {"status": {"controlPlaneTopology": _TEXT}}
)
_HISTORY = {"type": "array", "items": {"type": "object", "properties": {"state": _TEXT, "version": _TEXT}}}
_VERSION = _Kind("config.openshift.io", "ClusterVersion", "clusterversions", {"status": {"history": _HISTORY}})
_POOL = _Kind(
    "machineconfiguration.openshift.io",
    "MachineConfigPool",
    "machineconfigpools",
    {"spec": {"paused": {"type": "boolean"}}},
)
_KINDS = (_INFRASTRUCTURE, _VERSION, _POOL)


def install(cluster: Cluster) -> None:
    """Serve the kinds of OpenShift, for as long as the cluster lives."""
    api: Any = client.ApiextensionsV1Api(cluster.api.api_client)
    for kind in _KINDS:
        fields = {name: {"type": "object", "properties": inner} for name, inner in kind.fields.items()}
        schema = {"type": "object", "properties": fields}
        version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
        names = {"kind": kind.kind, "listKind": f"{kind.kind}List", "plural": kind.plural}
        spec = {"group": kind.group, "names": names, "scope": "Cluster", "versions": [version]}
        # Only Kubernetes may define kinds of *.k8s.io; those of OpenShift need no approval.
        api.create_custom_resource_definition({"metadata": {"name": f"{kind.plural}.{kind.group}"}, "spec": spec})
    await_served(cluster, {(kind.group, "v1", kind.plural) for kind in _KINDS})
    with suppress(ApiException):
        cluster.api.create_namespace({"metadata": {"name": GLOBAL[0]}})


def become(
    cluster: Cluster,
    topology: str | None,
    *,
    auths: Mapping[str, Any] | None = None,
    paused: Sequence[str] = (),
    release: str = "4.20.1",
) -> None:
    """Turn the cluster into one with this topology, None for none, with the pull secret of a new installation."""
    api: Any = client.CustomObjectsApi(cluster.api.api_client)
    for kind in _KINDS:
        for item in api.list_cluster_custom_object(kind.group, "v1", kind.plural)["items"]:
            api.delete_cluster_custom_object(kind.group, "v1", kind.plural, item["metadata"]["name"])
    for namespace, name in (GLOBAL, ADDITIONAL):
        with suppress(ApiException):
            cluster.api.delete_namespaced_secret(name, namespace)
    if topology is not None:
        _create(api, _INFRASTRUCTURE, "cluster", status={"controlPlaneTopology": topology})
    _create(api, _VERSION, "version", status={"history": [{"state": "Completed", "version": release}]})
    if topology != "External":
        for pool in ("master", "worker"):
            _create(api, _POOL, pool, spec={"paused": pool in paused})
    store(cluster, GLOBAL, RED_HAT if auths is None else auths)


def _create(api: Any, kind: _Kind, name: str, **fields: Any) -> None:
    body = {"apiVersion": f"{kind.group}/v1", "kind": kind.kind, "metadata": {"name": name}, **fields}
    api.create_cluster_custom_object(kind.group, "v1", kind.plural, body)


def store(cluster: Cluster, identity: tuple[str, str], auths: Mapping[str, Any], **fields: Any) -> None:
    """Create a pull secret as another client does."""
    text = json.dumps({"auths": auths})
    cluster.create_secret(*identity, type=DOCKER_CONFIG, string_data={".dockerconfigjson": text}, **fields)
