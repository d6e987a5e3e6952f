# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the kubelet finds for an image in the pull secrets of a Pod."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .._credentials.material import public_username
from .._kubelet.images import normalise_image
from .._kubelet.keyring import Keyring, build_keyring
from .._kubelet.near_misses import near_misses
from .._kubelet.server_text import public_server
from .._kubelet.url_match import matches, parse_target
from .._secret.plan import Secret
from .._secret.pull_secret import TYPES

State = Literal["found", "missing", "wrong_type", "malformed", "unknown"]
# Never "ok": whether the credentials are good, only the registry knows.
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
    """A Secret that a Pod names; ``secret`` where it is there and a pull secret, ``type`` where it is known."""

    name: str
    state: State
    type: str | None = None
    secret: Secret | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Reason:
    """Why an image finds no credentials: an id, the Secret and its entry where it is about one, and a sentence."""

    id: str
    secret: str | None
    server: str | None
    text: str

    def __str__(self) -> str:
        parts = [f"Secret {self.secret}" if self.secret else "", f'entry "{self.server}"' if self.server else ""]
        place = ", ".join(filter(None, parts))
        return f"{place}: {self.text}" if place else self.text


@dataclass(frozen=True)
class PullSecrets:
    """The pull secrets of a Pod in order, and the kubelet's keyring of those that can be read.

    ``is_known`` is false where nobody could tell which they are. ``faults`` say what can not be read in them.
    """

    candidates: tuple[Candidate, ...]
    keyring: Keyring = field(repr=False)
    is_known: bool = True
    faults: tuple[Reason, ...] = ()

    @property
    def found(self) -> list[Candidate]:
        return [candidate for candidate in self.candidates if candidate.secret is not None]

    def names(self, *states: State) -> list[str]:
        """The Secrets in one of these states."""
        return [candidate.name for candidate in self.candidates if candidate.state in states]


@dataclass(frozen=True)
class Verdict:
    """What becomes of an image: the status, the entry whose credentials are tried first, and why there is none.

    ``entries`` is the number of entries with credentials that match, in all the Secrets; they are tried in turn.
    """

    status: Status
    secret: str | None = None
    server: str | None = None
    username: str | None = None
    entries: int = 0
    why: tuple[Reason, ...] = ()
    by_node: bool = False


def load_pull_secrets(candidates: Sequence[Candidate], *, is_known: bool = True) -> PullSecrets:
    """What the kubelet makes of these Secrets, and which of them it can not read."""
    keyring = build_keyring([candidate.secret for candidate in candidates if candidate.secret is not None])
    if not keyring.refusal:
        return PullSecrets(tuple(candidates), keyring, is_known)
    judged, faults = [], []
    for candidate in candidates:
        fault = _find_fault(candidate)
        judged.append(dataclasses.replace(candidate, state="malformed") if fault else candidate)
        faults += [fault] if fault else []
    return PullSecrets(tuple(judged), keyring, is_known, tuple(faults))


def judge(play: PullSecrets, image: str, node_providers: Sequence[str] = ()) -> Verdict:
    """The status of an image of a Pod with these Secrets.

    ``node_providers`` are the patterns of images for which nodes have credentials of their own.
    """
    name = normalise_image(image)
    if name is None:
        return Verdict(
            "no_entry",
            why=(Reason("invalid_image", None, None, f'"{public_image(image)}" is not the name of an image.'),),
        )
    by_node = any(_is_served(name, pattern) for pattern in node_providers)
    found = play.keyring.lookup(image)
    if found.refusal:
        return Verdict("secret_malformed", why=play.faults, by_node=by_node)
    usable = [credential for credential in found.credentials if credential.username or credential.password]
    if usable:
        first = usable[0]
        username = public_username(first.username, first.password)
        return Verdict(
            "matched",
            play.found[first.secret].name,
            printable(public_server(first.server)),
            printable(username) if username else username,
            entries=len(usable),
            by_node=by_node,
        )
    return Verdict(_status_without_entry(play), why=tuple(_find_reasons(play, image)), by_node=by_node)


def public_image(image: str) -> str:
    """The image as it may be shown: what is no image may be a URL with a password."""
    return image if normalise_image(image) else public_server(image)


def is_pattern(text: str) -> bool:
    """Whether a text can match images, as in the list of a node's credential provider."""
    target = parse_target(text.encode())
    return target is not None and bool(target.labels[0])


def _is_served(name: str, pattern: str) -> bool:
    """As the kubelet compares an image with the matchImages of a credential provider."""
    key, wanted = parse_target(pattern.encode()), parse_target(name.encode())
    return key is not None and wanted is not None and matches(key, wanted)


def _status_without_entry(play: PullSecrets) -> Status:
    if not play.is_known or play.names("unknown"):
        return "unknown"
    if play.names("missing"):
        return "secret_missing"
    return "wrong_type" if play.names("wrong_type") else "no_entry"


def _find_reasons(play: PullSecrets, image: str) -> Iterator[Reason]:
    """What of the Secrets is missing or no pull secret, and what nearly serves the image."""
    for candidate in play.candidates:
        if candidate.state == "missing":
            yield Reason("secret_missing", candidate.name, None, "It is not there.")
        elif candidate.state == "wrong_type":
            type_ = f'the type "{candidate.type}"' if candidate.type else "another type"
            text = f"It has {type_}, and is skipped: for pulling images it must be of type {TYPES[0]}."
            yield Reason("secret_type", candidate.name, None, text)
    found = play.found
    for miss in near_misses([candidate.secret or {} for candidate in found], image):
        name = None if miss.secret is None else found[miss.secret].name
        server = None if miss.server is None else printable(public_server(miss.server))
        yield Reason(miss.id, name, server, printable(miss.sentence))


def _find_fault(candidate: Candidate) -> Reason | None:
    """Why the kubelet refuses every Pod that names this Secret."""
    refusal = build_keyring([candidate.secret]).refusal if candidate.secret is not None else None
    if not refusal:
        return None
    server = None if refusal.server is None else printable(public_server(refusal.server))
    part = f"its {refusal.field}" if refusal.field else "it"
    return Reason("malformed", candidate.name, server, f"The kubelet can not read {part}: {refusal.why}.")


def printable(text: str) -> str:
    """A text that may hold halves of characters, as it can be printed."""
    return text.encode(errors="replace").decode()
