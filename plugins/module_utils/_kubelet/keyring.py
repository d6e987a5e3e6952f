# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which credentials an image gets from the Secrets of a Pod: the kubelet's MakeDockerKeyring and Lookup.

Source: kubernetes pkg/credentialprovider/secrets/secrets.go, keyring.go. The same answer as that code for every input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .images import LEGACY_HUB, is_on_hub, normalise_image
from .match_key import read_match_key
from .secret_config import UnreadableConfig, find_config, read_config
from .url_match import UrlTarget, matches, parse_target

_HUB_KEY = LEGACY_HUB.encode()


@dataclass(frozen=True)
class Credential:
    """What the kubelet tries: from the entry ``server`` of the Secret at position ``secret`` in the Pod's list.

    ``key`` is the match key of the server. Bytes of user name and password that are not UTF-8 are escaped as
    surrogates.
    """

    username: str = field(repr=False)
    password: str = field(repr=False)
    email: str
    secret: int
    server: str
    key: str


@dataclass(frozen=True)
class Refusal:
    """Why the Pod is refused, whatever its images are: the Secret at position ``secret`` can not be read.

    ``reason`` is not_json, wrong_type, not_base64 or no_colon, ``why`` says it without any value. ``server`` names the
    entry and ``field`` the field in it or in the config, where it is one of these.
    """

    secret: int
    reason: str
    why: str
    server: str | None = None
    field: str | None = None


@dataclass(frozen=True)
class Lookup:
    """The answer for an image: its name as it is looked up, None when it is no image, and the credentials in order."""

    name: str | None
    credentials: tuple[Credential, ...] = ()
    refusal: Refusal | None = None


@dataclass(frozen=True)
class Keyring:
    """All credentials of a Pod's Secrets, by match key, in the order in which keys are tried; or why there are none."""

    by_key: Mapping[bytes, tuple[UrlTarget | None, tuple[Credential, ...]]] = field(default_factory=dict)
    refusal: Refusal | None = None

    def lookup(self, image: str) -> Lookup:
        """The credentials that are tried for an image."""
        name = normalise_image(image)
        if name is None or self.refusal:
            return Lookup(name, (), self.refusal)
        wanted = parse_target(name.encode())
        found = [
            credential
            for key, credentials in self.by_key.values()
            if key and wanted and matches(key, wanted)
            for credential in credentials
        ]
        if not found and is_on_hub(name) and _HUB_KEY in self.by_key:
            found += self.by_key[_HUB_KEY][1]
        return Lookup(name, tuple(found))


def lookup(secrets: Sequence[Mapping[str, Any]], image: str) -> Lookup:
    """The credentials that the kubelet tries for an image of a Pod with these Secrets, as the API returns them."""
    return build_keyring(secrets).lookup(image)


def build_keyring(secrets: Sequence[Mapping[str, Any]]) -> Keyring:
    """The keyring of a Pod with these Secrets, in its order; type, and data in base64, as the API returns them.

    The order of two entries of one Secret with the same match key is not defined; here it is that of the config.
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
