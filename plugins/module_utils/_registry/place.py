# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the registry of an image is, and where it may send us for a token.

Sources: the OCI distribution specification (paths), distribution/reference (names), the registries themselves (realms).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .._credentials.presets import PRESETS
from .._kubelet.images import HUB, LEGACY_HUB, normalise_image
from .._kubelet.server_text import Server

# Where the images of Docker Hub are served.
_HUB_REGISTRY = "registry-1.docker.io"

# Registries whose tokens come from another host than their own. Others can be named with verify_realms.
KNOWN_REALMS: Mapping[str, str] = {
    _HUB_REGISTRY if location == LEGACY_HUB else location: row.realm
    for row in PRESETS.values()
    if row.realm
    for location in (Server.split(server).location for server in row.usual_servers)
}

_REGISTRY_HOST = r"\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
_REGISTRY_LOCATION = re.compile(rf"({_REGISTRY_HOST})(:[0-9]{{1,5}})?")
# Narrower than what a URL may be, so that nobody can read another host out of it.
_REST = r"[A-Za-z0-9._~!$&'()*+,;=:%/-]*"
_REALM = re.compile(rf"(https?)://({_REGISTRY_HOST})(:[0-9]{{1,5}})?(?:/{_REST})?(?:\?{_REST})?")
_LONGEST_REALM = 2000


@dataclass(frozen=True)
class RegistryLocation:
    """An image at its registry: ``location`` is host and port, ``reference`` a tag or a digest.

    ``plain`` is whether the registry speaks HTTP without TLS.
    """

    location: str
    repository: str
    reference: str
    plain: bool = False

    @property
    def manifest_url(self) -> str:
        scheme = "http" if self.plain else "https"
        return f"{scheme}://{self.location}/v2/{self.repository}/manifests/{self.reference}"


class RealmRefused(ValueError):
    """Why no credentials are sent where a registry gives tokens; the text is a sentence."""


def is_location(text: str) -> bool:
    """Whether a text is a host with an optional port."""
    return bool(_REGISTRY_LOCATION.fullmatch(text))


def find_place(image: str, plain: Sequence[str] = ()) -> RegistryLocation:
    """Where an image is, given that it is one. ``plain`` are the hosts, with port, of registries without TLS."""
    location, _slash, repository = (normalise_image(image) or "").partition("/")
    if location == HUB:
        location = _HUB_REGISTRY
    rest, _at, digest = image.partition("@")
    tag = rest.rpartition("/")[2].partition(":")[2]
    is_plain = location.lower() in (name.lower() for name in plain)
    return RegistryLocation(location, repository, digest or tag or "latest", is_plain)


def find_realm(text: str, place: RegistryLocation, more: Sequence[str] = ()) -> str:
    """The URL of the token service that a registry names, when credentials for the registry may be sent there.

    That is its own host, the one that is known for it, or one of ``more``; a host without port stands for all of its
    ports. Raises RealmRefused.
    """
    realm = _REALM.fullmatch(text) if len(text) <= _LONGEST_REALM else None
    if not realm:
        raise RealmRefused("It names no usable address of a token service.")
    scheme, host, port = realm[1], realm[2].lower(), realm[3] or ""
    own = _host_of(place.location)
    allowed = {own, KNOWN_REALMS.get(place.location.lower(), own), *(name.lower() for name in more)}
    if not {host, host + port} & allowed:
        raise RealmRefused(
            f"It gives tokens at {host}{port}, which is not its own host; credentials go there only when verify_realms "
            "has it."
        )
    if scheme == "http" and not place.plain:
        raise RealmRefused(f"It gives tokens at {host}{port} without TLS, and credentials do not go there.")
    return text


def _host_of(location: str) -> str:
    found = _REGISTRY_LOCATION.fullmatch(location)
    return (found[1] if found else location).lower()
