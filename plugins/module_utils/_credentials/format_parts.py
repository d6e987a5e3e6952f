# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rows of several formats have in common."""

from __future__ import annotations

# Sets of parts of which one must be complete.
SSH_KEY = (("private_key",),)
BASIC = (("username", "password"),)
APP = (("id", "installation_id", "private_key"),)

# Why host keys are recommended.
ANY_HOST = "without it any host is trusted, even one that intercepts the connection"


def keys_of(**keys: str) -> dict[str, tuple[str, ...]]:
    """Return the keys of a shape, each part under one key of the Secret."""
    return {part: (key,) for part, key in keys.items()}


USERNAME_PASSWORD = keys_of(username="username", password="password")
SSH_PRIVATEKEY = keys_of(private_key="ssh-privatekey", known_hosts="known_hosts")
