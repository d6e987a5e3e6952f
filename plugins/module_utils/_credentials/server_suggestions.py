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
# A host has at most 253 characters; longer text is no better known for its end.
_MAX_COMPARED = 300


def nearest_servers(wanted: str, servers: Iterable[str]) -> list[str]:
    """Return the servers as they may be shown, each once, those first whose host and path are most like ``wanted``.

    No more are returned than a message lists.
    """
    shown = sorted(set(map(public_server, servers)))
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


def _similarity(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one[:_MAX_COMPARED].lower(), other[:_MAX_COMPARED].lower()).ratio()
