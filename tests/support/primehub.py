# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of PrimeHub that name Secrets, as its installer defines them, as far as the tests need them.

Sources: InfuseAI/primehub crds/crd.yaml and crds/primehub-controller.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubernetes import client

from support.cluster import Cluster
from support.consumers.served import await_served

GROUP, VERSION = "primehub.io", "v1alpha1"

TEXT = {"type": "string"}


def mapping(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {})}


_PREDICTOR = mapping(
    "instanceType",
    "modelImage",
    "name",
    "replicas",
    name=TEXT,
    replicas={"type": "integer"},
    instanceType=TEXT,
    modelImage=TEXT,
    imagePullSecret=TEXT,
)
# The schema of the field spec, by kind.
SPECS: Mapping[str, Any] = {
    "Image": mapping(
        url=TEXT, type=TEXT, pullSecret=TEXT, imageSpec=mapping("baseImage", baseImage=TEXT, pullSecret=TEXT)
    ),
    "Dataset": mapping(
        type={"type": "string", "pattern": "^(env|git|pv|hostPath|nfs)$"}, url=TEXT, gitsync=mapping(secret=TEXT)
    ),
    "PhDeployment": mapping(
        *("displayName", "groupId", "groupName", "predictors", "userId", "userName"),
        displayName=TEXT,
        groupId=TEXT,
        groupName=TEXT,
        userId=TEXT,
        userName=TEXT,
        predictors={"type": "array", "items": _PREDICTOR},
    ),
}


def plural(kind: str) -> str:
    return f"{kind.lower()}s"


def install(cluster: Cluster) -> None:
    """Define the kinds, unless they are there, and wait until they are served. They stay, for the whole cluster."""
    api: Any = client.ApiextensionsV1Api(cluster.api.api_client)
    for kind, spec in SPECS.items():
        try:
            api.create_custom_resource_definition(_definition(kind, spec))
        except client.ApiException as error:
            if error.status != 409:
                raise
    await_served(cluster, {(GROUP, VERSION, plural(kind)) for kind in SPECS})


def create_objects(cluster: Cluster, namespace: str, secret: str) -> None:
    """Make an object of each kind that names the Secret in every field that can."""
    specs: Mapping[str, Any] = {
        "Image": {
            "type": "both",
            "pullSecret": secret,
            "imageSpec": {"baseImage": "a.io/base:1", "pullSecret": secret},
        },
        "Dataset": {"type": "git", "url": "git@a.io:models", "gitsync": {"secret": secret}},
        "PhDeployment": {
            **dict.fromkeys(("displayName", "groupId", "groupName", "userId", "userName"), "x"),
            "predictors": [
                {"name": "p", "replicas": 1, "instanceType": "cpu", "modelImage": "a.io/m:1", "imagePullSecret": secret}
            ],
        },
    }
    api: Any = client.CustomObjectsApi(cluster.api.api_client)
    for kind, spec in specs.items():
        body = {"apiVersion": f"{GROUP}/{VERSION}", "kind": kind, "metadata": {"name": "primehub"}, "spec": spec}
        api.create_namespaced_custom_object(GROUP, VERSION, namespace, plural(kind), body)


def _definition(kind: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"spec": spec}}
    return {
        "metadata": {"name": f"{plural(kind)}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "names": {"kind": kind, "listKind": f"{kind}List", "plural": plural(kind), "singular": kind.lower()},
            "scope": "Namespaced",
            "versions": [
                {"name": VERSION, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}},
            ],
        },
    }
