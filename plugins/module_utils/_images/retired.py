# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images whose publisher has removed them, or publishes no new ones at their place.

A row counts only where a pull fails or a registry reports that there is no such image.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._dataclasses import dataclass
from .._kubelet.images import normalise_image


@dataclass(frozen=True)
class RetiredImages:
    """Retired images by the beginning of their names: what happened, where to find them now, and the source.

    All of them were public, so a registry that asks for credentials has removed them.
    """

    prefix: str
    what: str
    remedy: str
    source: str


_GOOGLE_SOURCE = "kubernetes.io/blog/2023/03/10/image-registry-redirect"
_K8S = "The Kubernetes project no longer publishes images there (frozen since April 2023)."
_K8S_REMEDY = "Use the same path under registry.k8s.io."

RETIRED: Sequence[RetiredImages] = (
    RetiredImages(
        "docker.io/bitnami/",
        "Bitnami removed most of its images there in September 2025.",
        "Use an image of another publisher. docker.io/bitnamilegacy has old versions without updates.",
        "github.com/bitnami/charts/issues/35164",
    ),
    RetiredImages(
        "docker.io/bitnamilegacy/",
        "It is the archive of Bitnami's images, which gets no updates and no new tags.",
        "Use an image of another publisher.",
        "github.com/bitnami/charts/issues/35164",
    ),
    RetiredImages("k8s.gcr.io/", _K8S, _K8S_REMEDY, _GOOGLE_SOURCE),
    RetiredImages("gcr.io/google-containers/", _K8S, _K8S_REMEDY, _GOOGLE_SOURCE),
    RetiredImages("gcr.io/google_containers/", _K8S, _K8S_REMEDY, _GOOGLE_SOURCE),
)


def find_retired(image: str) -> RetiredImages | None:
    """Return the row of an image, or None if it is not known to be retired."""
    name = normalise_image(image) or ""
    return next((row for row in RETIRED if name.startswith(row.prefix)), None)
