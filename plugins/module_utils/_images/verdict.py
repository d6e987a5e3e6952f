# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The credentials that the kubelet finds for an image in the pull secrets of a Pod."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Literal

from .._credentials.secret_values import public_username
from .._dataclasses import dataclass
from .._kubelet.images import normalise_image
from .._kubelet.keyring import Keyring, build_keyring
from .._kubelet.server_text import public_server
from .._kubelet.url_match import matches, parse_target
from .._secret.pull_secret import TYPES

if TYPE_CHECKING:
    from .._kubelet.near_misses import NearMissFinder
    from .._secret.plan import Secret

State = Literal["found", "missing", "wrong_type", "malformed", "unknown"]
# Never "ok": only the registry knows whether the credentials are valid.
Status = Literal["matched", "no_entry", "secret_missing", "secret_malformed", "wrong_type", "unknown"]

STATUSES: tuple[Status, ...] = (
    "matched",
    "no_entry",
    "secret_missing",
    "secret_malformed",
    "wrong_type",
    "unknown",
)


@dataclass(frozen=True)
class Candidate:
    """A Secret that a Pod references; ``secret`` where it exists and is a pull secret, ``type`` where it is known."""

    name: str
    state: State
    type: str | None = None
    secret: Secret | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Reason:
    """A reason why an image finds no credentials: an id, the Secret and its entry if it is about one, a sentence."""

    id: str
    secret: str | None
    server: str | None
    text: str

    def __str__(self) -> str:
        places = []
        if self.secret:
            places.append(f"Secret {self.secret}")
        if self.server:
            places.append(f'entry "{self.server}"')
        if not places:
            return self.text
        return f"{', '.join(places)}: {self.text}"


@dataclass(frozen=True)
class PullSecrets:
    """The pull secrets of a Pod in order, and the kubelet's keyring of those that can be read.

    ``is_known`` is false where the list itself could not be read. ``faults`` are the parts that cannot be read.
    """

    candidates: tuple[Candidate, ...]
    keyring: Keyring = field(repr=False)
    is_known: bool = True
    faults: tuple[Reason, ...] = ()

    @property
    def found(self) -> list[Candidate]:
        """Return the Secrets that exist and are pull secrets, in order: the positions in the keyring count these."""
        return [candidate for candidate in self.candidates if candidate.secret is not None]

    @functools.cached_property
    def near_misses(self) -> NearMissFinder:
        """Return the finder of entries that nearly serve an image; many images ask the same one."""
        from .._kubelet.near_misses import NearMissFinder

        return NearMissFinder([candidate.secret or {} for candidate in self.found], self.keyring)

    def names(self, *states: State) -> list[str]:
        """Return the names of the Secrets in one of these states."""
        return [candidate.name for candidate in self.candidates if candidate.state in states]


@dataclass(frozen=True)
class Verdict:
    """The verdict on an image: the status, the entry whose credentials are tried first, and why there is none.

    ``entries`` is the number of matching entries with credentials, in all the Secrets. They are tried in turn.
    ``by_node`` states that nodes have credentials of their own for the image.
    """

    status: Status
    secret: str | None = None
    server: str | None = None
    username: str | None = None
    entries: int = 0
    why: tuple[Reason, ...] = ()
    by_node: bool = False


def load_pull_secrets(candidates: Sequence[Candidate], *, is_known: bool = True) -> PullSecrets:
    """Return the keyring that the kubelet builds from these Secrets, and which of them it cannot read."""
    keyring = build_keyring([candidate.secret for candidate in candidates if candidate.secret is not None])
    if not keyring.refusal:
        return PullSecrets(tuple(candidates), keyring, is_known)
    judged, faults = [], []
    for candidate in candidates:
        fault = _find_fault(candidate)
        if fault is None:
            judged.append(candidate)
        else:
            judged.append(dataclasses.replace(candidate, state="malformed"))
            faults.append(fault)
    return PullSecrets(tuple(judged), keyring, is_known, tuple(faults))


def judge(pull_secrets: PullSecrets, image: str, node_providers: Sequence[str] = ()) -> Verdict:
    """Return the verdict on an image of a Pod with these Secrets.

    ``node_providers`` are the patterns of images for which nodes have credentials of their own.
    """
    name = normalise_image(image)
    if name is None:
        text = f'"{public_image(image)}" is not the name of an image.'
        return Verdict("no_entry", why=(Reason("invalid_image", None, None, text),))
    by_node = any(_matches_provider(name, pattern) for pattern in node_providers)
    found = pull_secrets.keyring.lookup(image)
    if found.refusal:
        return Verdict("secret_malformed", why=pull_secrets.faults, by_node=by_node)
    usable = [credential for credential in found.credentials if credential.is_sent]
    if usable:
        first = usable[0]
        username = public_username(first.username, first.password)
        return Verdict(
            "matched",
            pull_secrets.found[first.secret].name,
            public_server(first.server),
            username,
            entries=len(usable),
            by_node=by_node,
        )
    return Verdict(_status_without_entry(pull_secrets), why=tuple(_find_reasons(pull_secrets, image)), by_node=by_node)


def public_image(image: str) -> str:
    """Return the image as it may be shown: a value that is not an image may be a URL with a password."""
    return image if normalise_image(image) else public_server(image)


def is_pattern(text: str) -> bool:
    """Return whether a string can match images, as in matchImages of a node's credential provider."""
    try:
        target = parse_target(text.encode())
    except UnicodeEncodeError:  # half a surrogate pair
        return False
    return target is not None and bool(target.labels[0])


def _matches_provider(name: str, pattern: str) -> bool:
    """Return whether an image matches an item of matchImages: kubernetes pkg/credentialprovider/plugin/plugin.go."""
    key, wanted = parse_target(pattern.encode()), parse_target(name.encode())
    return key is not None and wanted is not None and matches(key, wanted)


def _status_without_entry(pull_secrets: PullSecrets) -> Status:
    if not pull_secrets.is_known or pull_secrets.names("unknown"):
        return "unknown"
    if pull_secrets.names("missing"):
        return "secret_missing"
    return "wrong_type" if pull_secrets.names("wrong_type") else "no_entry"


def _find_reasons(pull_secrets: PullSecrets, image: str) -> Iterator[Reason]:
    """Yield the Secrets that are missing or not pull secrets, and the entries that nearly serve the image."""
    for candidate in pull_secrets.candidates:
        if candidate.state == "missing":
            yield Reason("secret_missing", candidate.name, None, "It does not exist.")
        elif candidate.state == "wrong_type":
            type_ = f'the type "{candidate.type}"' if candidate.type else "another type"
            text = f"It has {type_}, and is skipped: for pulling images it must be of type {TYPES[0]}."
            yield Reason("secret_type", candidate.name, None, text)
    found = pull_secrets.found
    for miss in pull_secrets.near_misses.find(image):
        name = None if miss.secret is None else found[miss.secret].name
        server = None if miss.server is None else public_server(miss.server)
        yield Reason(miss.id, name, server, miss.sentence)


def _find_fault(candidate: Candidate) -> Reason | None:
    """Return why the kubelet refuses every Pod with this Secret, or None if it does not."""
    if candidate.secret is None:
        return None
    refusal = build_keyring([candidate.secret]).refusal
    if refusal is None:
        return None
    server = None if refusal.server is None else public_server(refusal.server)
    part = f"its {refusal.field}" if refusal.field else "it"
    return Reason("malformed", candidate.name, server, f"The kubelet cannot read {part}: {refusal.why}.")
