# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Image names as the kubelet looks them up.

A port of github.com/distribution/reference normalize.go (``ParseNormalizedNamed``) and regexp.go.
"""

from __future__ import annotations

import re

HUB = "docker.io"
LEGACY_HUB = "index.docker.io"

_DOMAIN_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_DOMAIN = rf"(?:{_DOMAIN_LABEL}(?:\.{_DOMAIN_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REPOSITORY = rf"{_COMPONENT}(?:/{_COMPONENT})*"
_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_IMAGE_DIGEST = r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}"
_REFERENCE = re.compile(rf"((?:{_DOMAIN}/)?({_REPOSITORY}))(?::{_TAG})?(?:@(?:{_IMAGE_DIGEST}))?")
_IDENTIFIER = re.compile("[0-9a-f]{64}")
_MAX_REPOSITORY = 255


def normalise_image(image: str) -> str | None:
    """Return the name that is compared with match keys, with a registry and without tag and digest.

    ``nginx`` is ``docker.io/library/nginx``. Return None if it is not a valid image name, which the kubelet refuses
    (InvalidImageName). Source: normalize.go ``ParseNormalizedNamed``, kubernetes pkg/util/parsers ``ParseImageName``.
    """
    if _IDENTIFIER.fullmatch(image):
        return None
    domain, path = _split_domain(image)
    if domain == HUB and "/" not in path:
        path = f"library/{path}"
    found = _REFERENCE.fullmatch(f"{domain}/{path}")
    if found is None or len(found[2]) > _MAX_REPOSITORY:
        return None
    return found[1]


def names_registry(image: str) -> bool:
    """Return whether an image includes its registry, which is Docker Hub where it does not."""
    return _split_domain(image) != (HUB, image)


def is_on_hub(name: str) -> bool:
    """Return whether the kubelet takes a normalised name for one on Docker Hub: keyring.go ``isDefaultRegistryMatch``.

    So it does with ``localhost/app`` and ``Team/app``.
    """
    domain = name.partition("/")[0]
    return domain in (HUB, LEGACY_HUB) or not ("." in domain or ":" in domain)


def _split_domain(image: str) -> tuple[str, str]:
    """Split an image into registry and path: normalize.go ``splitDockerDomain``."""
    first, slash, rest = image.partition("/")
    if not slash:
        return HUB, image
    if first == LEGACY_HUB:
        return HUB, rest
    if first == "localhost" or "." in first or ":" in first or first != first.lower():
        return first, rest
    return HUB, image
