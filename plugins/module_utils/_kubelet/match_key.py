# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the kubelet makes of the server strings under ``auths``.

Source of the rules: kubernetes pkg/credentialprovider/keyring.go, ``BasicDockerKeyring.Add``.
"""

from __future__ import annotations

from .go_json import go_text
from .go_url import NotAUrl, parse_url

_SCHEMES = (b"https://", b"http://")


def match_key(server: str) -> str:
    """The text that the kubelet compares with images; two servers with one match key are one registry to it.

    The scheme, user information, query and a leading ``/v1`` or ``/v2`` are dropped, an empty path too. A server that
    is not read at all stands for itself.
    """
    key = read_match_key(server)
    return server if key is None else key.decode(errors="surrogateescape")


def read_match_key(server: str) -> bytes | None:
    """The match key; None when the server is no URL, and the entry is ignored."""
    text = go_text(server).encode()
    scheme = next((scheme for scheme in _SCHEMES if text.startswith(scheme)), b"")
    try:
        url = parse_url(text[len(scheme) :])
    except NotAUrl:
        return None
    path = url.path[3:] if url.path.startswith((b"/v1/", b"/v2/")) else url.path
    return url.host if path == b"/" else url.host + path
