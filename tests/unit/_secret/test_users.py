# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who names a Secret, and when a change of it gets there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.consumers import PRIMEHUB_KINDS
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.users import BUILT_IN_KINDS, Use, find_uses

KINDS = {kind.kind: kind for kind in (*BUILT_IN_KINDS, *PRIMEHUB_KINDS)}

PULL = {"imagePullSecrets": [{"name": "a"}]}
WHOLE_POD = {
    "imagePullSecrets": [{"name": "pull"}, {"name": "pull"}],
    "volumes": [
        {"name": "v1", "secret": {"secretName": "mounted"}},
        {"name": "v2", "projected": {"sources": [{"configMap": {"name": "no"}}, {"secret": {"name": "projected"}}]}},
        {"name": "v3", "secret": {"secretName": "by-path"}},
        {"name": "v4", "configMap": {"name": "no"}},
    ],
    "initContainers": [{"env": [{"valueFrom": {"secretKeyRef": {"name": "init", "key": "k"}}}]}],
    "containers": [
        {
            "env": [{"name": "plain", "value": "x"}, {"valueFrom": {"configMapKeyRef": {"name": "no"}}}],
            "envFrom": [{"configMapRef": {"name": "no"}}, {"secretRef": {"name": "all"}}],
            "volumeMounts": [{"name": "v1"}, {"name": "v3", "subPath": "key"}],
        }
    ],
    "ephemeralContainers": [{"env": [{"valueFrom": {"secretKeyRef": {"name": "debug", "key": "k"}}}]}],
}


def made(spec: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"metadata": {"namespace": "web", "name": "x", **more.pop("metadata", {})}, "spec": spec, **more}


def template(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {"template": {"spec": spec}}


def owner(api_version: str, kind: str) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "name": "x", "uid": "1", "controller": True}


def test_every_field_of_a_pod() -> None:
    assert [(use.how, use.secret, use.effect) for use in find_uses(KINDS["Pod"], made(WHOLE_POD))] == [
        ("image_pull_secrets", "pull", "next_pull"),
        ("volume", "mounted", "volume_refresh"),
        ("volume", "projected", "volume_refresh"),
        ("volume", "by-path", "restart"),
        ("environment", "init", "restart"),
        ("environment", "all", "restart"),
        ("environment", "debug", "restart"),
    ]


@pytest.mark.parametrize(
    "source",
    [
        {"azureFile": {"secretName": "a", "shareName": "s"}},
        *(
            {driver: {"secretRef": {"name": "a"}}}
            for driver in ("cephfs", "cinder", "flexVolume", "iscsi", "rbd", "scaleIO", "storageos")
        ),
        {"csi": {"driver": "d", "nodePublishSecretRef": {"name": "a"}}},
    ],
    ids=lambda source: next(iter(source)),
)
def test_every_driver_that_mounts_with_a_secret(source: Mapping[str, Any]) -> None:
    found = made({"volumes": [{"name": "v", **source}]})
    assert list(find_uses(KINDS["Pod"], found)) == [Use("web", "Pod", "x", "volume", "a", "restart", "v1")]
    nameless = {driver: {"driver": "d"} for driver in source}
    assert list(find_uses(KINDS["Pod"], made({"volumes": [{"name": "v", **nameless}]}))) == []


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("Pod", made(PULL)),
        ("Deployment", made({"replicas": 0, **template(PULL)})),
        ("StatefulSet", made(template(PULL))),
        ("DaemonSet", made(template(PULL))),
        ("ReplicaSet", made(template(PULL))),
        ("ReplicationController", made(template(PULL))),
        ("PodTemplate", {"metadata": {"namespace": "web", "name": "x"}, **template(PULL)}),
        ("Job", made(template(PULL), status={"conditions": [{"type": "Suspended", "status": "True"}]})),
        ("CronJob", made({"jobTemplate": {"spec": template(PULL)}})),
        ("ServiceAccount", {"metadata": {"namespace": "web", "name": "x"}, **PULL}),
    ],
)
def test_every_kind(kind: str, found: Mapping[str, Any]) -> None:
    (use,) = find_uses(KINDS[kind], found)
    group = KINDS[kind].group
    assert use == Use("web", kind, "x", "image_pull_secrets", "a", "next_pull", f"{group}/v1" if group else "v1")
    assert (use.blocking, use.is_namespaced) == (True, True)


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        pytest.param("Pod", made(PULL, status={"phase": "Succeeded"}), id="finished Pod"),
        pytest.param("Pod", made(PULL, status={"phase": "Failed"}), id="failed Pod"),
        pytest.param(
            "Job", made(template(PULL), status={"conditions": [{"type": "Failed", "status": "True"}]}), id="failed Job"
        ),
        pytest.param("ReplicaSet", made({"replicas": 0, **template(PULL)}), id="ReplicaSet at 0"),
        pytest.param(
            "ReplicaSet",
            made(template(PULL), metadata={"ownerReferences": [owner("apps/v1", "Deployment")]}),
            id="ReplicaSet of a Deployment",
        ),
        pytest.param(
            "ReplicaSet",
            made(template(PULL), metadata={"ownerReferences": [owner("argoproj.io/v1alpha1", "Rollout")]}),
            id="ReplicaSet of a Rollout",
        ),
        pytest.param("ReplicationController", made({"replicas": 0, **template(PULL)}), id="ReplicationController at 0"),
        pytest.param(
            "ReplicationController",
            made(template(PULL), metadata={"ownerReferences": [owner("apps.openshift.io/v1", "DeploymentConfig")]}),
            id="ReplicationController of a DeploymentConfig",
        ),
        pytest.param("Pod", made({}), id="nothing named"),
        pytest.param("CronJob", made({"jobTemplate": None}), id="nothing there"),
    ],
)
def test_what_does_not_count(kind: str, found: Mapping[str, Any]) -> None:
    assert list(find_uses(KINDS[kind], found)) == []


@pytest.mark.parametrize(
    "owners",
    [
        [owner("example.com/v1", "Deployment")],
        [owner("example.com/v1", "Game")],
        [{**owner("apps/v1", "Deployment"), "controller": False}],
        [{"controller": True}],
    ],
)
def test_a_replica_set_of_an_unknown_controller_counts(owners: list[dict[str, Any]]) -> None:
    found = made({"replicas": 1, **template(PULL)}, metadata={"ownerReferences": owners})
    assert [use.secret for use in find_uses(KINDS["ReplicaSet"], found)] == ["a"]


def test_a_service_account_names_secrets_in_two_ways() -> None:
    account = {"metadata": {"namespace": "web", "name": "x"}, **PULL, "secrets": [{"name": "b"}]}
    uses = [(use.how, use.secret, use.effect) for use in find_uses(KINDS["ServiceAccount"], account)]
    assert uses == [("image_pull_secrets", "a", "next_pull"), ("secrets", "b", "restart")]


@pytest.mark.parametrize(
    ("kind", "spec", "uses"),
    [
        pytest.param(
            "Image",
            {"pullSecret": "image-a"},
            [("image_pull_secrets", "image-a", "next_pull")],
            id="image that is there",
        ),
        pytest.param(
            "Image",
            {"imageSpec": {"baseImage": "a", "pullSecret": "image-b"}},
            [("volume", "image-b", "restart")],
            id="image that is built",
        ),
        pytest.param(
            "Image",
            {"pullSecret": "image-a", "imageSpec": {"baseImage": "a", "pullSecret": "image-a"}},
            [("image_pull_secrets", "image-a", "next_pull"), ("volume", "image-a", "restart")],
            id="image, both",
        ),
        pytest.param(
            "Dataset",
            {"type": "git", "gitsync": {"secret": "gitsync-secret-a"}},
            [("volume", "gitsync-secret-a", "volume_refresh")],
            id="dataset",
        ),
        pytest.param(
            "PhDeployment",
            {"predictors": [{"imagePullSecret": "image-a"}, {"name": "none"}, {"imagePullSecret": "image-b"}]},
            [("image_pull_secrets", "image-a", "next_pull"), ("image_pull_secrets", "image-b", "next_pull")],
            id="deployment of a model",
        ),
        pytest.param("Image", {"pullSecret": "", "imageSpec": {"pullSecret": ""}}, [], id="image, empty names"),
        pytest.param("Image", {"imageSpec": None}, [], id="image, nothing"),
        pytest.param("Dataset", {"gitsync": {"secret": ""}}, [], id="dataset, an empty name"),
        pytest.param("Dataset", {"gitsync": None}, [], id="dataset, nothing"),
        pytest.param("PhDeployment", {"predictors": [{"imagePullSecret": ""}]}, [], id="deployment, an empty name"),
        pytest.param("PhDeployment", {"predictors": None}, [], id="deployment, nothing"),
        *(pytest.param(kind, None, [], id=f"{kind} without spec") for kind in ("Image", "Dataset", "PhDeployment")),
    ],
)
def test_what_primehub_names(kind: str, spec: Any, uses: list[tuple[str, str, str]]) -> None:
    found = list(find_uses(KINDS[kind], made(spec)))
    assert [(use.how, use.secret, use.effect) for use in found] == uses
    assert {(use.namespace, use.kind, use.name) for use in found} <= {("web", kind, "x")}
