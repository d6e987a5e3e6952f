# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pull secrets of OpenShift's nodes: where each kind of cluster has it, and which of its entries a role added.

Sources: openshift/api config/v1/types_infrastructure.go (``controlPlaneTopology``); openshift/hypershift
control-plane-operator/hostedclusterconfigoperator/controllers/globalps/globalps.go (``additional-pull-secret``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from .._errors import KeyringError
from .names import Identity

PullSecretTarget = Literal["cluster", "hosted"]

GLOBAL_SECRET: Identity = ("openshift-config", "pull-secret")
ADDITIONAL_SECRET: Identity = ("kube-system", "additional-pull-secret")
SECRET_OF_TARGET: dict[PullSecretTarget, Identity] = {"cluster": GLOBAL_SECRET, "hosted": ADDITIONAL_SECRET}

# The topology of a cluster whose control plane runs elsewhere. All other values are those of a cluster with its own.
_HOSTED_TOPOLOGY = "External"

# The annotation with the servers that the role openshift_pull_secret added. It may change and remove only these.
ADDED_REGISTRIES = "openshift.keyring.kubernetes/added-registries"
# Anyone who may write the Secret may write the annotation, and templates get its text: no brace and no percent sign.
_SERVER_TEXT = re.compile(r"[A-Za-z0-9._:/*\[\]-]{1,512}")

# The first release of which the operator of hosted control planes reads the additional pull secret.
_FIRST_HOSTED = (4, 20)
_RELEASE = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})(\..*)?", re.ASCII)


def choose_target(given: str, topology: str | None) -> PullSecretTarget:
    """Return the kind of cluster, from the option ``target`` and the topology of its control plane, None if unknown.

    Raises KeyringError if neither says it, and if they contradict each other.
    """
    found: PullSecretTarget | None = None
    if topology:
        found = "hosted" if topology == _HOSTED_TOPOLOGY else "cluster"
    chosen: PullSecretTarget | None = None
    if given != "auto":
        chosen = "hosted" if given == "hosted" else "cluster"
    if found and chosen and found != chosen:
        raise KeyringError(
            f"target is {chosen}, and the control plane of this cluster has the topology {topology}.",
            "OpenShift would not use the Secret, or write its own state back.",
            "Leave target out, or check the connection.",
            option="target",
        )
    target = chosen or found
    if target is None:
        raise KeyringError(
            "The kind of the control plane is not known.",
            'The Infrastructure "cluster" has no status.controlPlaneTopology.',
            "Set target to cluster or hosted.",
            failure="not_found",
        )
    return target


def warn_release(release: str | None) -> str:
    """Return a warning if a hosted cluster of this release does not read the Secret, otherwise an empty string."""
    parts = _RELEASE.fullmatch(release or "")
    if parts is None or (int(parts[1]), int(parts[2])) >= _FIRST_HOSTED:
        return ""
    place = "/".join(ADDITIONAL_SECRET)
    return (
        f"The cluster runs OpenShift {parts[1]}.{parts[2]}. Hosted control planes read {place} since OpenShift 4.20; "
        "an older release may ignore it."
    )


def parse_added(text: str | None) -> list[str]:
    """Return the servers in the annotation, sorted. What cannot be a server is ignored."""
    words = re.split(r"[,\s]+", text or "")
    return sorted({word for word in words if _SERVER_TEXT.fullmatch(word)})


def render_added(servers: Iterable[str]) -> str | None:
    """Return the annotation for these servers, None for no servers."""
    return ", ".join(sorted(servers)) or None
