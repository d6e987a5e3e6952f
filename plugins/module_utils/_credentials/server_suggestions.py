# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The servers of a docker config, the one that is most like a server or an image first."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from .._kubelet.server_text import Server, public_server
from .._kubelet.url_match import match_key

MAX_LISTED_SERVERS = 5
# Of many servers, those that begin and end most alike are compared as a whole, which takes longer.
_MAX_CANDIDATES = 200
# A host has at most 253 characters; longer text is no better known for its end.
_MAX_COMPARED = 300


def nearest_servers(wanted: str, servers: Iterable[str]) -> list[str]:
    """Return the servers as they may be shown, each once, those first whose host and path are most like ``wanted``.

    No more are returned than a message lists.
    """
    shown = sorted(set(map(public_server, servers)))
    if len(shown) > _MAX_CANDIDATES:
        shown = sorted(shown, key=lambda server: -_shared_ends(wanted, server))[:_MAX_CANDIDATES]
    return sorted(shown, key=lambda server: _distance(wanted, server))[:MAX_LISTED_SERVERS]


def list_servers(wanted: str, servers: Iterable[str], begin: str) -> str:
    """Return a sentence with the nearest servers, and how many more there are; empty without any."""
    known = set(map(public_server, servers))
    if not known:
        return ""
    listed = ", ".join(f'"{server}"' for server in nearest_servers(wanted, known))
    more = len(known) - MAX_LISTED_SERVERS
    return f"{begin} {listed}{f' and {more} more' if more > 0 else ''}."


def _distance(wanted: str, server: str) -> tuple[float, float]:
    one, other = Server.split(match_key(wanted)), Server.split(match_key(server))
    return 1 - _similarity(one.location, other.location), 1 - _similarity(one.path, other.path)


def _shared_ends(wanted: str, server: str) -> int:
    """Return how many characters two hosts have in common at their beginning and at their end."""
    one = Server.split(match_key(wanted)).location.lower()
    other = Server.split(match_key(server)).location.lower()
    return _shared_prefix(one, other) + _shared_prefix(one[::-1], other[::-1])


def _shared_prefix(one: str, other: str) -> int:
    count = 0
    for left, right in zip(one[:_MAX_COMPARED], other[:_MAX_COMPARED], strict=False):
        if left != right:
            break
        count += 1
    return count


def _similarity(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one[:_MAX_COMPARED].lower(), other[:_MAX_COMPARED].lower()).ratio()
