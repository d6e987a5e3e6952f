# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results of image_access_info as the report gets them, small or large, with and without the upgrade audit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Result = dict[str, Any]

REGISTRIES = (
    "ghcr.io", "quay.io", "docker.io", "registry.gitlab.com", "harbor.internal.example.com:8443",
    "123456789012.dkr.ecr.eu-central-1.amazonaws.com", "europe-west3-docker.pkg.dev", "acme.azurecr.io",
    "registry.k8s.io", "nvcr.io",
)  # fmt: skip
LENDER = {"namespace": "platform", "name": "registry", "server": "quay.io", "username": "acme+robot"}
UPGRADE = {
    "outcome": "fails",
    "when": "new_node_or_tag",
    "nodes": {"v1.34.6": 12, "v1.35.2": 3},
    "text": "Nodes with kubelet 1.35 or later refuse the image for this Pod after Secret platform/registry pulled it.",
}
FIX = {
    "text": "Copy Secret registry of namespace platform with a task:",
    "task": {
        "keyring.kubernetes.image_pull_secret": {
            "namespace": "team-00",
            "name": "registry",
            "credentials_from": {"namespace": "platform", "name": "registry"},
        }
    },
}
# What differs from an image with a matching entry, each the case of a row.
CASES: Mapping[str, Mapping[str, Any]] = {
    "matched": {},
    "public": {"status": "no_entry", "secret": None, "server": None, "username": None, "credentials": "public"},
    "node": {"status": "no_entry", "secret": None, "server": None, "username": None, "by_node": True},
    "no_entry": {"status": "no_entry", "secret": None, "server": None, "username": None, "secrets": []},
    "borrowed": {
        "status": "no_entry", "secret": None, "server": None, "username": None, "credentials": "borrowed",
        "borrowed_from": [LENDER], "running": True, "upgrade": UPGRADE, "fix": FIX,
    },
    "fails": {
        "cause": {"id": "wrong_credentials", "text": "The registry refuses user octo (entry \"ghcr.io\" of Secret "
                  "registry): the password is wrong or has expired, the user has no access to the image, or the image "
                  "does not exist."},
    },
    "old": {
        "kind": "Pod", "controller": "Deployment/web-000", "pods": 0, "status": "no_entry", "secret": None,
        "server": None, "username": None, "secrets": [],
        "cause": {"id": "started_before_link", "text": "The Pod was created before Secret registry was linked to "
                  "ServiceAccount default, and an existing Pod does not pick up the link. Recreate the Pod."},
    },
    "missing": {
        "status": "secret_missing", "secret": None, "server": None, "username": None,
        "secrets": [{"name": "gone", "state": "missing", "type": None}],
    },
}  # fmt: skip


def image(number: int = 0, case: str = "matched", **more: Any) -> Result:
    """Return an image of image_access_info."""
    registry = REGISTRIES[number % len(REGISTRIES)]
    return {
        "namespace": "team-00", "kind": "Deployment", "name": "web-000", "controller": None,
        "service_account": "default", "pods": 2, "image": f"{registry}/acme/service-{number:02}:1.{number}",
        "containers": ["app"], "status": "matched",
        "secrets": [{"name": "registry", "state": "found", "type": "kubernetes.io/dockerconfigjson"}],
        "secret": "registry", "server": registry, "username": "octo", "entries": 1, "by_node": False, "why": [],
        "cause": None, "verified": None, **CASES[case], **more,
    }  # fmt: skip


def result(*images: Result, **more: Any) -> Result:
    """Return a result of image_access_info with these images."""
    failing = sum(item["cause"] is not None for item in images)
    cluster = {"server": "https://prod.example.com:6443", "context": "prod", "source": "kubeconfig"}
    summary = {"images": len(images), "failing": failing, "problems": 0}
    return {
        "images": list(images), "problems": [], "restarts": [], "unknown": [], "summary": summary, "cluster": cluster,
        **more,
    }  # fmt: skip


RESTART = {
    "namespace": "team-00", "kind": "Deployment", "name": "web-000", "secrets": ["registry"], "pods": 2,
    "command": "kubectl rollout restart deployment/web-000 -n team-00",
    "text": "2 Pods of Deployment web-000 were created before Secret registry was linked to the ServiceAccount. "
            "Restart it.",
}  # fmt: skip
NIGHTLY = {
    "namespace": "team-01", "kind": "Job", "name": "nightly", "secrets": ["registry"], "pods": 1, "command": None,
    "text": "1 Pod of Job nightly was created before Secret registry was linked to the ServiceAccount. Delete the Job "
            "and create it again from its manifest.",
}  # fmt: skip
UNREACHABLE = {"failed": True, "msg": "Cannot reach the API server https://edge.example.com:6443: connection refused."}


def large(workloads: int = 200, images: int = 60, server: str = "https://prod.example.com:6443") -> Result:
    """Return a result in which each workload pulls each image, with every case."""
    cases = ("matched",) * 30 + ("public",) * 12 + ("node",) * 8 + ("no_entry",) * 5 + tuple(CASES)
    rows = []
    for workload in range(workloads):
        place = {"namespace": f"team-{workload % 40:02}", "name": f"web-{workload:03}"}
        for number in range(images):
            case = cases[(workload * 7 + number) % len(cases)]
            more = {**place, "name": f"web-{workload:03}-5d4f9-x2x7k"} if case == "old" else place
            rows.append(image(number, case, **more))
    cluster = {"server": server, "context": None, "source": "kubeconfig"}
    problem = {"namespace": "team-01", "id": "unused_secret", "kind": "Secret", "name": "old"}
    problem["text"] = "No Pod, workload or ServiceAccount of the namespace references Secret old."
    return result(*rows, cluster=cluster, restarts=[RESTART, NIGHTLY], problems=[problem])
