# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose a Secret is: a row for each sign by which a tool is recognised."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.ownership import (
    Mark,
    annotations_of,
    foreign_mark,
    is_ours,
    labels_of,
)
from ansible_collections.keyring.kubernetes.tests.unit.samples import OUR_ANNOTATIONS, OUR_LABELS, stored_secret

MANAGED_BY = "app.kubernetes.io/managed-by"
OWNER = "keyring.kubernetes/owner"
ORIGIN = "keyring.kubernetes/origin"

ARGO_CD = ("Argo CD", "change the application's source")
EXTERNAL_SECRETS = ("External Secrets", "change the ExternalSecret")
OPENSHIFT = ("OpenShift", "make another Secret")


@pytest.mark.parametrize(
    ("metadata", "mark"),
    [
        pytest.param(
            {"ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "pull", "uid": "1"}]},
            Mark('ConfigMap "pull"', "an owner reference", "change that ConfigMap"),
            id="owner reference",
        ),
        pytest.param(
            {"labels": {MANAGED_BY: "Helm"}, "annotations": {"meta.helm.sh/release-name": "web"}},
            Mark('Helm release "web"', f"label {MANAGED_BY}", "change the release"),
            id="Helm",
        ),
        pytest.param(
            {"labels": {MANAGED_BY: "Helm"}},
            Mark("Helm", f"label {MANAGED_BY}", "change the release"),
            id="Helm without a name",
        ),
        pytest.param(
            {"labels": OUR_LABELS, "annotations": {"meta.helm.sh/release-name": "web"}},
            Mark('Helm release "web"', "annotation meta.helm.sh/release-name", "change the release"),
            id="Helm by its annotation",
        ),
        *(
            pytest.param({where: {key: "x"}}, Mark(manager, f"{kind} {key}", instead), id=key)
            for where, kind, key, (manager, instead) in (
                ("annotations", "annotation", "argocd.argoproj.io/tracking-id", ARGO_CD),
                ("labels", "label", "argocd.argoproj.io/instance", ARGO_CD),
                ("labels", "label", "kustomize.toolkit.fluxcd.io/name", ("a Flux Kustomization", "change its source")),
                ("labels", "label", "helm.toolkit.fluxcd.io/name", ("a Flux HelmRelease", "change the release")),
                ("labels", "label", "reconcile.external-secrets.io/managed", EXTERNAL_SECRETS),
                ("annotations", "annotation", "reconcile.external-secrets.io/data-hash", EXTERNAL_SECRETS),
                (
                    "annotations",
                    "annotation",
                    "sealedsecrets.bitnami.com/managed",
                    ("Sealed Secrets", "change the SealedSecret"),
                ),
                (
                    "annotations",
                    "annotation",
                    "openshift.io/internal-registry-auth-token.service-account",
                    OPENSHIFT,
                ),
                ("annotations", "annotation", "openshift.io/token-secret.name", OPENSHIFT),
            )
        ),
        pytest.param(
            {"labels": {MANAGED_BY: "pulumi"}},
            Mark('"pulumi"', f"label {MANAGED_BY}", "change it there"),
            id="any other manager",
        ),
        pytest.param(
            {"labels": {OWNER: "team-b"}},
            Mark('the owner "team-b"', f"label {OWNER}", "change it where that owner declares it"),
            id="another owner",
        ),
        pytest.param(
            {"labels": {**OUR_LABELS, OWNER: "team-b"}, "annotations": OUR_ANNOTATIONS},
            Mark('the owner "team-b"', f"label {OWNER}", "change it where that owner declares it"),
            id="ours, of another owner",
        ),
        # No mark.
        pytest.param({}, None, id="nothing"),
        pytest.param({"labels": None, "annotations": None, "ownerReferences": None}, None, id="nulls"),
        pytest.param({"labels": {}, "annotations": {}, "ownerReferences": []}, None, id="empty"),
        pytest.param({"labels": {"app": "web"}, "annotations": {"note": "x"}}, None, id="other labels and annotations"),
        pytest.param({"labels": OUR_LABELS, "annotations": OUR_ANNOTATIONS}, None, id="ours"),
        pytest.param({"labels": {**OUR_LABELS, OWNER: "team-a"}}, None, id="the same owner"),
        pytest.param({"labels": {"argocd.argoproj.io/tracking-id": "x"}}, None, id="a label in place of an annotation"),
        pytest.param(
            {"annotations": {"argocd.argoproj.io/instance": "x"}}, None, id="an annotation in place of a label"
        ),
        # The tool is told before the owner.
        pytest.param(
            {"labels": {OWNER: "team-b", "argocd.argoproj.io/instance": "x"}},
            Mark("Argo CD", "label argocd.argoproj.io/instance", "change the application's source"),
            id="a tool and another owner",
        ),
    ],
)
def test_foreign_mark(metadata: dict[str, Any], mark: Mark | None) -> None:
    assert foreign_mark(stored_secret({}, **metadata), "team-a") == mark


@pytest.mark.parametrize("owner", [None, ""])
def test_a_task_without_owner_has_no_other_owner(owner: str | None) -> None:
    assert foreign_mark(stored_secret({}, labels={OWNER: "team-b"}), owner) is None


@pytest.mark.parametrize(
    ("metadata", "ours"),
    [
        pytest.param({"labels": OUR_LABELS, "annotations": OUR_ANNOTATIONS}, True, id="label and origin"),
        pytest.param({"labels": OUR_LABELS}, False, id="label alone"),
        pytest.param({"annotations": OUR_ANNOTATIONS}, False, id="origin alone"),
        pytest.param({"labels": {MANAGED_BY: "Helm"}, "annotations": OUR_ANNOTATIONS}, False, id="another manager"),
        pytest.param(
            {"labels": OUR_LABELS, "annotations": {ORIGIN: "ci/registry"}}, False, id="a copy from another namespace"
        ),
        pytest.param(
            {"labels": OUR_LABELS, "annotations": {ORIGIN: "web/other"}}, False, id="a copy under another name"
        ),
        pytest.param({}, False, id="nothing"),
    ],
)
def test_is_ours(metadata: dict[str, Any], ours: bool) -> None:
    assert is_ours(stored_secret({}, **metadata)) is ours


def test_labels_and_annotations_may_be_missing_or_null() -> None:
    for secret in (stored_secret({}), stored_secret({}, labels=None, annotations=None)):
        assert labels_of(secret) == {}
        assert annotations_of(secret) == {}
