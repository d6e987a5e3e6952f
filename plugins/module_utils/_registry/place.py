# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The registry of an image, and the token services that may get credentials for it.

Sources: the OCI distribution specification (paths), distribution/reference (names), the registries themselves (realms).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from .._credentials.presets import PRESETS
from .._dataclasses import dataclass
from .._kubelet.images import HUB, LEGACY_HUB, normalise_image
from .._kubelet.server_text import Server

# Where the images of Docker Hub are served.
_HUB_REGISTRY = "registry-1.docker.io"


def _find_known_realms() -> dict[str, str]:
    realms = {}
    for preset in PRESETS.values():
        if not preset.realm:
            continue
        for server in preset.usual_servers:
            location = Server.split(server).location
            realms[_HUB_REGISTRY if location == LEGACY_HUB else location] = preset.realm
    return realms


# Registries whose tokens come from another host than their own. Others can be named with verify_realms.
KNOWN_REALMS: Mapping[str, str] = _find_known_realms()

_REGISTRY_HOST = r"\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
_REGISTRY_LOCATION = re.compile(rf"({_REGISTRY_HOST})(:[0-9]{{1,5}})?")
# Narrower than a URL, so that no parser reads another host out of it.
_REST = r"[A-Za-z0-9._~!$&'()*+,;=:%/-]*"
_REALM = re.compile(rf"(https?)://({_REGISTRY_HOST})(:[0-9]{{1,5}})?(?:/{_REST})?(?:\?{_REST})?")
_LONGEST_REALM = 2000


@dataclass(frozen=True)
class RegistryLocation:
    """An image at its registry: ``location`` is host and port, ``reference`` a tag or a digest.

    ``repository`` is empty for the registry alone. ``plain`` is whether the registry speaks HTTP without TLS.
    """

    location: str
    repository: str = ""
    reference: str = ""
    plain: bool = False

    @property
    def url(self) -> str:
        """Return the URL of the manifest of the image, or of the API of the registry alone."""
        api = f"{'http' if self.plain else 'https'}://{self.location}/v2/"
        return f"{api}{self.repository}/manifests/{self.reference}" if self.repository else api


class RealmRefused(ValueError):
    """A token service that gets no credentials; the text is a sentence that says why."""


def is_location(text: str) -> bool:
    """Return whether a string is a host with an optional port."""
    return bool(_REGISTRY_LOCATION.fullmatch(text))


def find_place(image: str, plain: Sequence[str] = ()) -> RegistryLocation:
    """Return where a valid image is. ``plain`` are the hosts, with port, of registries without TLS."""
    location, _slash, repository = (normalise_image(image) or "").partition("/")
    if location == HUB:
        location = _HUB_REGISTRY
    rest, _at, digest = image.partition("@")
    tag = rest.rpartition("/")[2].partition(":")[2]
    return RegistryLocation(location, repository, digest or tag or "latest", _is_plain(location, plain))


def find_registry(server: str, plain: Sequence[str] = ()) -> RegistryLocation | None:
    """Return the registry of a server in a docker config; None if the server stands for several, as with a ``*``."""
    location = Server.split(server).location
    if location.lower() in (HUB, LEGACY_HUB):
        location = _HUB_REGISTRY
    if not is_location(location):
        return None
    return RegistryLocation(location, plain=_is_plain(location, plain))


def _is_plain(location: str, plain: Sequence[str]) -> bool:
    return location.lower() in (name.lower() for name in plain)


def find_realm(text: str, place: RegistryLocation, more: Sequence[str] = ()) -> str:
    """Return the URL of the token service that a registry names, if credentials for the registry may be sent there.

    They may be sent to its own host, to the one that is known for it, and to those of ``more``; a host without port
    stands for all of its ports. Raises RealmRefused for every other URL.
    """
    realm = _REALM.fullmatch(text) if len(text) <= _LONGEST_REALM else None
    if not realm:
        raise RealmRefused("It names no usable address of a token service.")
    scheme, host, port = realm[1], realm[2].lower(), realm[3] or ""
    found = _REGISTRY_LOCATION.fullmatch(place.location)
    own = (found[1] if found else place.location).lower()
    allowed = {own, KNOWN_REALMS.get(place.location.lower(), own), *(name.lower() for name in more)}
    if not {host, host + port} & allowed:
        raise RealmRefused(
            f"It gives tokens at {host}{port}, which is not its own host; credentials go there only when verify_realms "
            "has it."
        )
    if scheme == "http" and not place.plain:
        raise RealmRefused(f"It gives tokens at {host}{port} without TLS, and credentials do not go there.")
    return text
