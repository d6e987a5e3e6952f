# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The owner of a Secret: this collection, by label and origin, or another tool, by the mark that it leaves.

A row a tool: its name, and how it is recognised. A new tool is a new row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .._dataclasses import dataclass
from .._errors import FailureId
from .names import MANAGED_BY, ORIGIN, OWNER, US

StoredSecret = Mapping[str, Any]

_HELM_RELEASE = "meta.helm.sh/release-name"


@dataclass(frozen=True)
class Mark:
    """A sign that something else manages a Secret, in words: the manager, the sign, where to change it instead."""

    manager: str
    sign: str
    instead: str
    failure: FailureId = "managed_elsewhere"


def labels_of(secret: StoredSecret) -> Mapping[str, str]:
    """Return the labels of a Secret."""
    return secret["metadata"].get("labels") or {}


def annotations_of(secret: StoredSecret) -> Mapping[str, str]:
    """Return the annotations of a Secret."""
    return secret["metadata"].get("annotations") or {}


def is_ours(secret: StoredSecret) -> bool:
    """Return whether this collection created or took a Secret under this very name.

    A copy by a replicator still has the origin of the first one.
    """
    metadata = secret["metadata"]
    return (
        labels_of(secret).get(MANAGED_BY) == US
        and annotations_of(secret).get(ORIGIN) == f"{metadata['namespace']}/{metadata['name']}"
    )


def foreign_mark(secret: StoredSecret, owner: str | None) -> Mark | None:
    """Return the first sign that another tool manages this Secret, or another owner than that of the task."""
    for find in _FINDERS:
        mark = find(secret)
        if mark:
            return mark
    stored_owner = labels_of(secret).get(OWNER)
    if owner and stored_owner and stored_owner != owner:
        return Mark(
            f'the owner "{stored_owner}"', f"label {OWNER}", "change it where that owner declares it", "wrong_owner"
        )
    return None


def _owner_reference(secret: StoredSecret) -> Mark | None:
    for reference in secret["metadata"].get("ownerReferences") or ():
        kind, name = reference.get("kind"), reference.get("name")
        return Mark(f'{kind} "{name}"', "an owner reference", f"change that {kind}")
    return None


def _helm(secret: StoredSecret) -> Mark | None:
    release = annotations_of(secret).get(_HELM_RELEASE)
    labelled = labels_of(secret).get(MANAGED_BY) == "Helm"
    if not labelled and not release:
        return None
    manager = f'Helm release "{release}"' if release else "Helm"
    sign = f"label {MANAGED_BY}" if labelled else f"annotation {_HELM_RELEASE}"
    return Mark(manager, sign, "change the release")


def _by_key(
    where: Callable[[StoredSecret], Mapping[str, str]], key: str, manager: str, instead: str, value: str | None = None
) -> Callable[[StoredSecret], Mark | None]:
    """Return a row for a tool that is recognised by one label or annotation, with any value unless one is given."""
    name = "label" if where is labels_of else "annotation"
    mark = Mark(manager, f"{name} {key}", instead)

    def find(secret: StoredSecret) -> Mark | None:
        found = where(secret)
        if key not in found or value not in (None, found[key]):
            return None
        return mark

    return find


def _managed_by_other(secret: StoredSecret) -> Mark | None:
    manager = labels_of(secret).get(MANAGED_BY, US)
    if manager == US:
        return None
    return Mark(f'"{manager}"', f"label {MANAGED_BY}", "change it there")


_ARGO_CD = ("Argo CD", "change the application's source")
_EXTERNAL_SECRETS = ("External Secrets", "change the value in the store behind the ExternalSecret")
_SEALED_SECRETS = ("Sealed Secrets", "seal the new value into the SealedSecret")
_OPENSHIFT = ("OpenShift", "link a Secret of another name to the ServiceAccount")

# Where a Secret has several marks, the first is reported. OpenShift's Secrets belong to a ServiceAccount, in which
# nothing could be changed. An ExternalSecret passes its labels on, those of Argo CD and Flux among them; these two
# install charts of Helm. Argo CD's other label, app.kubernetes.io/instance, is used by most charts and so says nothing.
#
# Sources: openshift/openshift-controller-manager pkg/internalregistry/controllers (token-secret.* up to 4.15);
# external-secrets apis/externalsecrets/v1/externalsecret_types.go; sealed-secrets pkg/controller/controller.go;
# argo-cd docs/user-guide/resource_tracking.md; fluxcd/pkg ssa, helm-controller postrender; helm pkg/action/validate.go.
_FINDERS: tuple[Callable[[StoredSecret], Mark | None], ...] = (
    _by_key(annotations_of, "openshift.io/internal-registry-auth-token.service-account", *_OPENSHIFT),
    _by_key(annotations_of, "openshift.io/token-secret.name", *_OPENSHIFT),
    _by_key(annotations_of, "openshift.io/token-secret.value", *_OPENSHIFT),
    _owner_reference,
    _by_key(labels_of, "reconcile.external-secrets.io/managed", *_EXTERNAL_SECRETS, "true"),
    _by_key(annotations_of, "reconcile.external-secrets.io/data-hash", *_EXTERNAL_SECRETS),
    _by_key(annotations_of, "sealedsecrets.bitnami.com/managed", *_SEALED_SECRETS, "true"),
    _by_key(annotations_of, "sealedsecrets.bitnami.com/patch", *_SEALED_SECRETS, "true"),
    _by_key(annotations_of, "argocd.argoproj.io/tracking-id", *_ARGO_CD),
    _by_key(labels_of, "argocd.argoproj.io/instance", *_ARGO_CD),
    _by_key(
        labels_of, "kustomize.toolkit.fluxcd.io/name", "a Flux Kustomization", "change the source of the Kustomization"
    ),
    _by_key(labels_of, "helm.toolkit.fluxcd.io/name", "a Flux HelmRelease", "change the HelmRelease"),
    _helm,
    _managed_by_other,
)
