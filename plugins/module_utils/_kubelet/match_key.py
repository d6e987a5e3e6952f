# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the kubelet makes of the server strings under ``auths``.

Source of the rules: kubernetes pkg/credentialprovider/keyring.go, ``BasicDockerKeyring.Add``.
"""

from __future__ import annotations


def match_key(server: str) -> str:
    """The text that the kubelet compares with images; two servers with one match key are one registry to it.

    The scheme, user information, query and a leading ``/v1`` or ``/v2`` are dropped, an empty path too.
    """
    scheme = next((scheme for scheme in ("https://", "http://") if server.startswith(scheme)), "")
    rest = server[len(scheme) :].split("?", 1)[0].split("#", 1)[0]
    authority, slash, path = rest.partition("/")
    host = authority.rpartition("@")[2]
    path = slash + path
    if path.startswith(("/v1/", "/v2/")):
        path = path[3:]
    return host if path in ("", "/") else host + path
