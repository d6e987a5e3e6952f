# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Secrets of a cluster that have an entry for an image, whichever Pods use them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .._credentials.secret_values import public_username
from .._dataclasses import dataclass
from .._kubelet.images import LEGACY_HUB, is_on_hub, normalise_image
from .._kubelet.keyring import Credential, build_keyring
from .._kubelet.server_text import public_server
from .._kubelet.url_match import UrlTarget, matches, parse_target
from .._secret.names import Identity

if TYPE_CHECKING:
    from .._secret.plan import Secret

# The lenders that a result lists for an image.
MAX_LENDERS = 5


@dataclass(frozen=True)
class Lender:
    """A Secret with an entry for an image: the entry's server, and its user as it may be shown."""

    namespace: str
    name: str
    server: str
    username: str | None

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True)
class Lenders:
    """The lenders of an image: the first in the namespace of the Pod, and the first in others."""

    near: tuple[Lender, ...] = ()
    far: tuple[Lender, ...] = ()

    @property
    def first(self) -> Lender | None:
        """Return the lender that is named first."""
        return next(iter(self.listed), None)

    @property
    def listed(self) -> tuple[Lender, ...]:
        """Return the lenders that a result lists."""
        return (*self.near, *self.far)[:MAX_LENDERS]


class _LendersOfKey:
    """The Secrets with an entry under one match key, by namespace and name."""

    def __init__(self, target: UrlTarget) -> None:
        self.target = target
        self.lenders: dict[Identity, Lender] = {}
        self.by_namespace: dict[str, list[Lender]] = {}

    def add(self, identity: Identity, credential: Credential) -> None:
        username = public_username(credential.username, credential.password)
        lender = Lender(*identity, public_server(credential.server), username)
        self.lenders[identity] = lender
        self.by_namespace.setdefault(identity[0], []).append(lender)


class LenderIndex:
    """The entries of many Secrets by their match keys, of which there are few. Each image name is looked up once."""

    def __init__(self, secrets: Mapping[Identity, Secret], used_for: Mapping[str, Sequence[Identity]]) -> None:
        """Read the Secrets. ``used_for`` are those with which Pods pull an image, by its name and in order."""
        self._used_for = used_for
        self._keys: dict[bytes, _LendersOfKey] = {}
        self._keys_of: dict[str, list[_LendersOfKey]] = {}
        self._used_of: dict[str, dict[Identity, Lender]] = {}
        for identity in sorted(secrets):
            self._add(identity, secrets[identity])

    def find(self, image: str, namespace: str) -> Lenders:
        """Return the lenders of an image for a Pod in a namespace, those first that are used for the image."""
        name = normalise_image(image)
        if name is None:
            return Lenders()
        if name not in self._keys_of:
            self._keys_of[name] = self._look_up(name)
            self._used_of[name] = self._find_used(name)
        near: dict[Identity, Lender] = {}
        for key in self._keys_of[name]:
            for lender in key.by_namespace.get(namespace, ()):
                near.setdefault((lender.namespace, lender.name), lender)
        far: dict[Identity, Lender] = {}
        for lenders in (self._used_of[name], *(key.lenders for key in self._keys_of[name])):
            for identity, lender in lenders.items():
                if len(far) >= MAX_LENDERS:
                    break
                if identity[0] != namespace:
                    far.setdefault(identity, lender)
        return Lenders(tuple(near.values())[:MAX_LENDERS], tuple(far.values()))

    def _find_used(self, name: str) -> dict[Identity, Lender]:
        """Return the lenders that Pods are known to use for an image."""
        used: dict[Identity, Lender] = {}
        for key in self._keys_of[name]:
            for identity in self._used_for.get(name, ()):
                if identity in key.lenders:
                    used.setdefault(identity, key.lenders[identity])
        return used

    def _add(self, identity: Identity, secret: Secret) -> None:
        for key, (target, credentials) in build_keyring([secret]).by_key.items():
            usable = [item for item in credentials if item.username or item.password]
            if target is not None and usable:
                self._keys.setdefault(key, _LendersOfKey(target)).add(identity, usable[0])

    def _look_up(self, name: str) -> list[_LendersOfKey]:
        wanted = parse_target(name.encode())
        found = [key for key in self._keys.values() if wanted is not None and matches(key.target, wanted)]
        of_hub = self._keys.get(LEGACY_HUB.encode())
        if of_hub and is_on_hub(name) and of_hub not in found:
            found.append(of_hub)
        return found
