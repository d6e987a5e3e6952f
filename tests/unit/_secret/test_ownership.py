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
from support.samples.secrets import OUR_ANNOTATIONS, OUR_LABELS, stored_secret

MANAGED_BY = "app.kubernetes.io/managed-by"
OWNER = "keyring.kubernetes/owner"
ORIGIN = "keyring.kubernetes/origin"

ARGO_CD = ("Argo CD", "change the application's source")
KUSTOMIZATION = ("a Flux Kustomization", "change the source of the Kustomization")
HELM_RELEASE = ("a Flux HelmRelease", "change the HelmRelease")
EXTERNAL_SECRETS = ("External Secrets", "change the value in the store behind the ExternalSecret")
SEALED_SECRETS = ("Sealed Secrets", "seal the new value into the SealedSecret")
OPENSHIFT = ("OpenShift", "link a Secret of another name to the ServiceAccount")
TOKEN = "openshift.io/internal-registry-auth-token.service-account"
OF_ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount", "name": "default", "uid": "1"}
OF_EXTERNAL_SECRET = {"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "name": "pull", "uid": "1"}


def mark_of(tool: tuple[str, str], sign: str) -> Mark:
    return Mark(tool[0], sign, tool[1])


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
            pytest.param({where: {key: value}}, mark_of(tool, f"{kind} {key}"), id=key)
            for where, kind, key, value, tool in (
                ("annotations", "annotation", "argocd.argoproj.io/tracking-id", "x", ARGO_CD),
                ("labels", "label", "argocd.argoproj.io/instance", "x", ARGO_CD),
                ("labels", "label", "kustomize.toolkit.fluxcd.io/name", "x", KUSTOMIZATION),
                ("labels", "label", "helm.toolkit.fluxcd.io/name", "x", HELM_RELEASE),
                ("labels", "label", "reconcile.external-secrets.io/managed", "true", EXTERNAL_SECRETS),
                ("annotations", "annotation", "reconcile.external-secrets.io/data-hash", "x", EXTERNAL_SECRETS),
                ("annotations", "annotation", "sealedsecrets.bitnami.com/managed", "true", SEALED_SECRETS),
                ("annotations", "annotation", "sealedsecrets.bitnami.com/patch", "true", SEALED_SECRETS),
                ("annotations", "annotation", TOKEN, "default", OPENSHIFT),
                ("annotations", "annotation", "openshift.io/token-secret.name", "default-token-x", OPENSHIFT),
                ("annotations", "annotation", "openshift.io/token-secret.value", "s3cret", OPENSHIFT),
            )
        ),
        # Several marks: what would write it back is told, and with it where to go.
        pytest.param(
            {"ownerReferences": [OF_ACCOUNT], "annotations": {TOKEN: "default"}},
            mark_of(OPENSHIFT, f"annotation {TOKEN}"),
            id="OpenShift before the ServiceAccount that owns it",
        ),
        pytest.param(
            {
                "ownerReferences": [OF_EXTERNAL_SECRET],
                "labels": {"reconcile.external-secrets.io/managed": "true", "argocd.argoproj.io/instance": "x"},
            },
            Mark('ExternalSecret "pull"', "an owner reference", "change that ExternalSecret"),
            id="the ExternalSecret by name before what was copied from it",
        ),
        pytest.param(
            {"labels": {"reconcile.external-secrets.io/managed": "true", "argocd.argoproj.io/instance": "x"}},
            mark_of(EXTERNAL_SECRETS, "label reconcile.external-secrets.io/managed"),
            id="External Secrets before what was copied from an ExternalSecret",
        ),
        pytest.param(
            {"labels": {MANAGED_BY: "Helm", "argocd.argoproj.io/instance": "x"}},
            mark_of(ARGO_CD, "label argocd.argoproj.io/instance"),
            id="Argo CD before the chart that it renders",
        ),
        pytest.param(
            {
                "labels": {MANAGED_BY: "Helm", "helm.toolkit.fluxcd.io/name": "x"},
                "annotations": {"meta.helm.sh/release-name": "web"},
            },
            mark_of(HELM_RELEASE, "label helm.toolkit.fluxcd.io/name"),
            id="the HelmRelease before the release that it makes",
        ),
        pytest.param(
            {"labels": {MANAGED_BY: "pulumi"}},
            Mark('"pulumi"', f"label {MANAGED_BY}", "change it there"),
            id="any other manager",
        ),
        pytest.param(
            {"labels": {OWNER: "team-b"}},
            Mark('the owner "team-b"', f"label {OWNER}", "change it where that owner declares it", "wrong_owner"),
            id="another owner",
        ),
        pytest.param(
            {"labels": {**OUR_LABELS, OWNER: "team-b"}, "annotations": OUR_ANNOTATIONS},
            Mark('the owner "team-b"', f"label {OWNER}", "change it where that owner declares it", "wrong_owner"),
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
        pytest.param(
            {
                "labels": {"reconcile.external-secrets.io/managed": "false"},
                "annotations": {
                    "sealedsecrets.bitnami.com/managed": "false",
                    "sealedsecrets.bitnami.com/patch": "",
                    "sealedsecrets.bitnami.com/skip-set-owner-references": "true",
                },
            },
            None,
            id="marks that say no",
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
