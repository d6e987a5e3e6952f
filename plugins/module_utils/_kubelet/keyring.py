# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keyring that the kubelet builds from the Secrets of a Pod, and its lookup of an image.

A port of kubernetes pkg/credentialprovider/secrets/secrets.go (``MakeDockerKeyring``) and
pkg/credentialprovider/keyring.go (``BasicDockerKeyring.Lookup``). It gives the same answer for every input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from .._dataclasses import dataclass
from .images import LEGACY_HUB, is_on_hub, normalise_image
from .secret_config import UnreadableConfig, find_config, read_config
from .url_match import UrlTarget, matches, parse_target, read_match_key

_HUB_KEY = LEGACY_HUB.encode()


@dataclass(frozen=True)
class Credential:
    """The credentials of the entry ``server`` in the Secret at position ``secret`` of the Pod's list.

    ``key`` is the match key of the server. Bytes of user name and password that are not UTF-8 are escaped as
    surrogates.
    """

    username: str = field(repr=False)
    password: str = field(repr=False)
    email: str
    secret: int
    server: str
    key: str

    @property
    def is_sent(self) -> bool:
        """Return whether the container runtime sends them to a registry. containerd needs both parts for that."""
        return bool(self.username and self.password)


@dataclass(frozen=True)
class Refusal:
    """The refusal of a Pod, regardless of its images: the Secret at position ``secret`` cannot be read.

    ``reason`` is not_json, wrong_type, not_base64 or no_colon, and ``why`` describes it without any value. ``server``
    is the entry and ``field`` the field of the entry or of the config, where the fault is in one of these.
    """

    secret: int
    reason: str
    why: str
    server: str | None = None
    field: str | None = None


@dataclass(frozen=True)
class Lookup:
    """The result for an image: its normalised name, None if it is not an image, and the credentials in order."""

    name: str | None
    credentials: tuple[Credential, ...] = ()
    refusal: Refusal | None = None


@dataclass(frozen=True)
class Keyring:
    """The credentials of a Pod's Secrets by match key, in the order in which keys are tried, or the refusal."""

    by_key: Mapping[bytes, tuple[UrlTarget | None, tuple[Credential, ...]]] = field(default_factory=dict)
    refusal: Refusal | None = None

    def servers(self) -> list[str]:
        """Return the servers of all entries, as they are spelled."""
        found: list[str] = []
        for _target, credentials in self.by_key.values():
            found += [credential.server for credential in credentials]
        return found

    def lookup(self, image: str) -> Lookup:
        """Return the credentials that are tried for an image: keyring.go ``BasicDockerKeyring.Lookup``."""
        name = normalise_image(image)
        if name is None or self.refusal:
            return Lookup(name, (), self.refusal)
        wanted = parse_target(name.encode())
        found: list[Credential] = []
        for key, credentials in self.by_key.values():
            if key and wanted and matches(key, wanted):
                found += credentials
        if not found and is_on_hub(name) and _HUB_KEY in self.by_key:
            found += self.by_key[_HUB_KEY][1]
        return Lookup(name, tuple(found))


def lookup(secrets: Sequence[Mapping[str, Any]], image: str) -> Lookup:
    """Return the credentials that the kubelet tries for an image of a Pod with these Secrets of the API."""
    return build_keyring(secrets).lookup(image)


def build_keyring(secrets: Sequence[Mapping[str, Any]]) -> Keyring:
    """Build the keyring of a Pod: secrets.go ``MakeDockerKeyring``, keyring.go ``BasicDockerKeyring.Add``.

    The Secrets are in the order of the Pod's list, with type, and data in base64, as the API returns them. The kubelet
    does not define the order of two entries of one Secret with the same match key; here it is that of the config.
    """
    found: dict[bytes, list[Credential]] = {}
    for position, secret in enumerate(secrets):
        config = find_config(secret)
        if config is None:
            continue
        try:
            entries = read_config(*config).entries
        except UnreadableConfig as error:
            return Keyring(refusal=Refusal(position, error.reason, str(error), error.server, error.name))
        for server, entry in entries.items():
            key = read_match_key(server)
            if key is not None:
                shown = key.decode(errors="surrogateescape")
                credential = Credential(entry.username, entry.password, entry.email, position, server, shown)
                found.setdefault(key, []).append(credential)
    return Keyring({key: (parse_target(key), tuple(found[key])) for key in sorted(found, reverse=True)})
