# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the kubelet finds for an image in the pull secrets of a Pod."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.material import public_username
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.server import public_server
from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.images import normalise_image
from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.keyring import Keyring, build_keyring
from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.url_match import matches, parse_target
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.plan import Secret

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
class InPlay:
    """The pull secrets of a Pod in order, and the kubelet's keyring of those that can be read.

    ``is_known`` is false where nobody could tell which they are. ``faults`` say what can not be read in them.
    """

    candidates: tuple[Candidate, ...]
    keyring: Keyring = field(repr=False)
    is_known: bool = True
    faults: tuple[str, ...] = ()

    @property
    def found(self) -> list[Candidate]:
        return [candidate for candidate in self.candidates if candidate.secret is not None]

    def names(self, *states: State) -> list[str]:
        """The Secrets in one of these states."""
        return [candidate.name for candidate in self.candidates if candidate.state in states]


@dataclass(frozen=True)
class Verdict:
    """What becomes of an image: the status, the entry whose credentials are tried first, and why there is none."""

    status: Status
    secret: str | None = None
    server: str | None = None
    username: str | None = None
    why: tuple[str, ...] = ()
    by_node: bool = False


def put_in_play(candidates: Sequence[Candidate], *, is_known: bool = True) -> InPlay:
    """What the kubelet makes of these Secrets, and which of them it can not read."""
    keyring = build_keyring([candidate.secret for candidate in candidates if candidate.secret is not None])
    if not keyring.refusal:
        return InPlay(tuple(candidates), keyring, is_known)
    judged, faults = [], []
    for candidate in candidates:
        fault = _find_fault(candidate)
        judged.append(dataclasses.replace(candidate, state="malformed") if fault else candidate)
        faults += [fault] if fault else []
    return InPlay(tuple(judged), keyring, is_known, tuple(faults))


def judge(play: InPlay, image: str, node_providers: Sequence[str] = ()) -> Verdict:
    """The status of an image of a Pod with these Secrets.

    ``node_providers`` are the patterns of images for which nodes have credentials of their own.
    """
    name = normalise_image(image)
    if name is None:
        return Verdict("no_entry", why=(f'"{image}" is not the name of an image, so no node pulls it.',))
    by_node = any(_is_served(name, pattern) for pattern in node_providers)
    found = play.keyring.lookup(image)
    if found.refusal:
        return Verdict("secret_malformed", why=play.faults, by_node=by_node)
    empty = []
    for credential in found.credentials:
        secret, server = play.found[credential.secret].name, _shown(public_server(credential.server))
        if credential.username or credential.password:
            username = public_username(credential.username, credential.password)
            return Verdict("matched", secret, server, username and _shown(username), by_node=by_node)
        empty.append(f'Entry "{server}" of Secret {secret} matches, but has no credentials that a kubelet uses.')
    return Verdict(_status_without_entry(play), why=tuple(empty), by_node=by_node)


def is_pattern(text: str) -> bool:
    """Whether a text can match images, as in the list of a node's credential provider."""
    target = parse_target(text.encode())
    return target is not None and bool(target.labels[0])


def _is_served(name: str, pattern: str) -> bool:
    """As the kubelet compares an image with the matchImages of a credential provider."""
    key, wanted = parse_target(pattern.encode()), parse_target(name.encode())
    return key is not None and wanted is not None and matches(key, wanted)


def _status_without_entry(play: InPlay) -> Status:
    if not play.is_known or play.names("unknown"):
        return "unknown"
    if play.names("missing"):
        return "secret_missing"
    return "wrong_type" if play.names("wrong_type") else "no_entry"


def _find_fault(candidate: Candidate) -> str | None:
    """Why the kubelet refuses every Pod that names this Secret."""
    refusal = build_keyring([candidate.secret]).refusal if candidate.secret is not None else None
    if not refusal:
        return None
    part = f"{refusal.field} of " if refusal.field else ""
    entry = f'entry "{_shown(public_server(refusal.server))}" in ' if refusal.server is not None else ""
    return f"The kubelet can not read {part}{entry}Secret {candidate.name}: {refusal.why}."


def _shown(text: str) -> str:
    """A text that may hold halves of characters, as it can be printed."""
    return text.encode(errors="replace").decode()
