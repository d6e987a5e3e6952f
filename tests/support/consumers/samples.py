# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An object of each custom kind that references a Secret in every field that can, written as its users write it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.consumers import CUSTOM_KINDS
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.users import UserKind

SECRET = "<the Secret>"
_REF = {"name": SECRET}
_KEY = {"name": SECRET, "key": "token"}
_HOUR = "1h"
_POD = {"imagePullSecrets": [_REF], "containers": [{"name": "app", "image": "ghcr.io/acme/app:1"}]}
_TEMPLATE = {"metadata": {"labels": {"app": "x"}}, "spec": _POD}
_ENVIRONMENT = [{"name": "X", "valueFrom": {"secretKeyRef": _KEY}}]
_PACKAGE = {"package": "xpkg.example.com/acme/package:v1.0.0", "packagePullSecrets": [_REF]}
_SYNC = {
    "sourceType": "git",
    "git": {"repo": "https://git.example.com/a", "auth": "token", "secretRef": _REF, "caCertSecretRef": _REF},
    "oci": {"image": "a.io/config:1", "auth": "none", "caCertSecretRef": _REF},
    "helm": {
        "repo": "https://charts.example.com",
        "chart": "a",
        "auth": "token",
        "secretRef": _REF,
        "caCertSecretRef": _REF,
    },
}

# The spec by group and kind. Knative, Argo Rollouts and OpenShift have the spec of a Pod in theirs.
SPECS: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("primehub.io", "Image"): {
        "type": "both",
        "pullSecret": SECRET,
        "imageSpec": {"baseImage": "a.io/b:1", "pullSecret": SECRET},
    },
    ("primehub.io", "Dataset"): {"type": "git", "url": "git@a.io:models", "gitsync": {"secret": SECRET}},
    ("primehub.io", "PhDeployment"): {
        **dict.fromkeys(("displayName", "groupId", "groupName", "userId", "userName"), "x"),
        "predictors": [
            {"name": "p", "replicas": 1, "instanceType": "cpu", "modelImage": "a.io/m:1", "imagePullSecret": SECRET}
        ],
    },
    ("source.toolkit.fluxcd.io", "GitRepository"): {
        "interval": _HOUR,
        "url": "https://git.example.com/a",
        "secretRef": _REF,
        "proxySecretRef": _REF,
        "verify": {"mode": "HEAD", "secretRef": _REF},
    },
    ("source.toolkit.fluxcd.io", "HelmRepository"): {
        "interval": _HOUR,
        "url": "https://charts.example.com",
        "secretRef": _REF,
        "certSecretRef": _REF,
    },
    ("source.toolkit.fluxcd.io", "OCIRepository"): {
        "interval": _HOUR,
        "url": "oci://ghcr.io/acme/config",
        "secretRef": _REF,
        "certSecretRef": _REF,
        "proxySecretRef": _REF,
        "verify": {"provider": "cosign", "secretRef": _REF},
    },
    ("source.toolkit.fluxcd.io", "Bucket"): {
        "interval": _HOUR,
        "provider": "generic",
        "bucketName": "a",
        "endpoint": "s3.example.com",
        "secretRef": _REF,
        "certSecretRef": _REF,
        "proxySecretRef": _REF,
        "sts": {"provider": "ldap", "endpoint": "https://sts.example.com", "secretRef": _REF, "certSecretRef": _REF},
    },
    ("image.toolkit.fluxcd.io", "ImageRepository"): {
        "image": "ghcr.io/acme/app",
        "interval": _HOUR,
        "secretRef": _REF,
        "certSecretRef": _REF,
        "proxySecretRef": _REF,
    },
    ("image.toolkit.fluxcd.io", "ImageUpdateAutomation"): {
        "interval": _HOUR,
        "sourceRef": {"kind": "GitRepository", "name": "a"},
        "git": {
            "commit": {"author": {"email": "bot@example.com"}, "signingKey": {"secretRef": _REF}},
            "checkout": {"ref": {"branch": "main"}},
        },
    },
    ("notification.toolkit.fluxcd.io", "Provider"): {
        "type": "github",
        "address": "https://github.com/acme/app",
        "secretRef": _REF,
        "certSecretRef": _REF,
        "proxySecretRef": _REF,
    },
    ("notification.toolkit.fluxcd.io", "Receiver"): {
        "type": "github",
        "secretRef": _REF,
        "resources": [{"kind": "GitRepository", "name": "a"}],
    },
    ("fleet.cattle.io", "GitRepo"): {
        "repo": "https://git.example.com/a",
        "clientSecretName": SECRET,
        "helmSecretName": SECRET,
        "helmSecretNameForPaths": SECRET,
    },
    ("fleet.cattle.io", "HelmOp"): {"helm": {"chart": "a"}, "helmSecretName": SECRET},
    ("fleet.cattle.io", "ImageScan"): {
        "image": "ghcr.io/acme/app",
        "gitrepoName": "a",
        "tagName": "a",
        "interval": _HOUR,
        "policy": {"alphabetical": {"order": "asc"}},
        "secretRef": _REF,
    },
    ("configsync.gke.io", "RootSync"): _SYNC,
    ("configsync.gke.io", "RepoSync"): _SYNC,
    ("shipwright.io", "Build"): {
        "strategy": {"kind": "ClusterBuildStrategy", "name": "buildah"},
        "source": {
            "type": "Git",
            "git": {"url": "https://git.example.com/a", "cloneSecret": SECRET},
            "ociArtifact": {"image": "a.io/source:1", "pullSecret": SECRET},
        },
        "output": {"image": "a.io/app:1", "pushSecret": SECRET},
        "trigger": {"triggerSecret": SECRET},
    },
    ("build.openshift.io", "BuildConfig"): {
        "source": {
            "type": "Git",
            "git": {"uri": "https://git.example.com/a"},
            "sourceSecret": _REF,
            "secrets": [{"secret": _REF}],
            "images": [{"from": {"kind": "DockerImage", "name": "a.io/b:1"}, "pullSecret": _REF}],
        },
        "strategy": {"type": "Docker", "dockerStrategy": {"pullSecret": _REF, "env": _ENVIRONMENT}},
        "output": {"to": {"kind": "DockerImage", "name": "a.io/app:1"}, "pushSecret": _REF},
        "triggers": [{"type": "GitHub", "github": {"secretReference": _REF}}],
    },
    ("pipelinesascode.tekton.dev", "Repository"): {
        "url": "https://git.example.com/a",
        "git_provider": {"secret": _KEY, "webhook_secret": _KEY},
        "incoming": [{"type": "webhook-url", "secret": _KEY, "targets": ["main"]}],
        "params": [{"name": "token", "secret_ref": _KEY}],
    },
    ("pkg.crossplane.io", "ImageConfig"): {
        "matchImages": [{"prefix": "xpkg.example.com/"}],
        "registry": {"authentication": {"pullSecretRef": _REF}},
    },
    ("pkg.crossplane.io", "Configuration"): _PACKAGE,
    ("pkg.crossplane.io", "Function"): _PACKAGE,
    ("pkg.crossplane.io", "Provider"): _PACKAGE,
    ("argoproj.io", "Rollout"): {"selector": {"matchLabels": {"app": "x"}}, "template": _TEMPLATE},
    ("serving.knative.dev", "Service"): {"template": {"spec": _POD}},
    ("serving.knative.dev", "Configuration"): {"template": {"spec": _POD}},
    ("apps.openshift.io", "DeploymentConfig"): {"replicas": 1, "selector": {"app": "x"}, "template": _TEMPLATE},
}

# How the kinds that create Pods use the Secret of their object above; a reference for every other kind.
_IN_PODS = ("image_pull_secrets", "next_pull")
HOW: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("primehub.io", "Image"): (_IN_PODS, ("volume", "restart")),
    ("primehub.io", "Dataset"): (("volume", "volume_refresh"),),
    ("primehub.io", "PhDeployment"): (_IN_PODS,),
    ("argoproj.io", "Rollout"): (_IN_PODS,),
    ("serving.knative.dev", "Service"): (_IN_PODS,),
    ("serving.knative.dev", "Configuration"): (_IN_PODS,),
    ("apps.openshift.io", "DeploymentConfig"): (_IN_PODS,),
}


@dataclass(frozen=True)
class Sample:
    """An object of a custom kind, and the version in which it is written."""

    kind: UserKind
    spec: Mapping[str, Any]

    @property
    def version(self) -> str:
        """Return the version that is preferred."""
        return self.kind.versions[0]

    @property
    def key(self) -> tuple[str, str]:
        """Return the group and the kind."""
        return self.kind.group, self.kind.kind

    def render(self, secret: str, name: str = "x", note: str = "") -> dict[str, Any]:
        """Return the object with the name of a Secret in each field, and a note that is none of our business."""
        spec = json.loads(json.dumps(self.spec).replace(SECRET, secret))
        api_version = f"{self.kind.group}/{self.version}"
        metadata = {"name": name, "annotations": {"note": note}, "labels": {"team": "web"}}
        return {"apiVersion": api_version, "kind": self.kind.kind, "metadata": metadata, "spec": spec}

    def used_by(self, namespace: str, name: str = "x") -> list[dict[str, Any]]:
        """Return the items of used_by for this object."""
        return [
            {
                "api_version": f"{self.kind.group}/{self.version}",
                "kind": self.kind.kind,
                "namespace": None if self.kind.home else namespace,
                "name": name,
                "how": how,
                "takes_effect": takes_effect,
                "blocking": True,
            }
            for how, takes_effect in HOW.get(self.key, (("reference", "next_use"),))
        ]


SAMPLES = tuple(Sample(kind, SPECS[kind.group, kind.kind]) for kind in CUSTOM_KINDS)
