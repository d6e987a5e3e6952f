# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The field ``auth`` of an entry as the kubelet reads it: kubernetes pkg/credentialprovider/config.go."""

from __future__ import annotations

import base64
import re

# Padded or not; Python's decoder lets more through.
_BASE64 = re.compile(r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}(==)?|[A-Za-z0-9+/]{3}=?)?")


class UnreadableAuth(ValueError):
    """An ``auth`` from which no credentials are read; the text says why, without its value."""


class NotBase64(UnreadableAuth):
    """It is not standard base64."""


class NoColon(UnreadableAuth):
    """Nothing divides user and password."""


def split_auth(auth: str) -> tuple[bytes, bytes]:
    """User name and password of an ``auth``: standard base64, padded or not, split at the first colon.

    Line ends in it are left out. Raises UnreadableAuth where the kubelet fails.
    """
    text = auth.replace("\r", "").replace("\n", "")
    if not _BASE64.fullmatch(text):
        raise NotBase64(
            "it is URL-safe base64, and only standard base64 is read"
            if re.search(r"[-_]", text)
            else "it is not base64"
        )
    username, colon, password = base64.b64decode(text + "=" * (-len(text) % 4)).partition(b":")
    if not colon:
        raise NoColon("its decoded text has no colon between user and password")
    return username, password
