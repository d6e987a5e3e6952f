# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The entries with which the kubelet pulls an image, in its order, as logins for a registry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from .._credentials.secret_values import HIDDEN, public_username
from .._dataclasses import dataclass
from .._images.verdict import PullSecrets
from .._kubelet.server_text import public_server
from .._secret.ownership import is_ours


@dataclass(frozen=True)
class PullLogin:
    """An entry that matches an image: its Secret and server, the user as it may be shown, and the credentials.

    ``secret`` is empty for an entry that is not stored yet. ``is_ours`` is whether the Secret was made by this
    collection.
    """

    secret: str
    server: str
    shown: str | None
    is_ours: bool
    username: str = field(repr=False)
    password: str = field(repr=False)

    @property
    def user(self) -> str:
        """Return what a sentence calls the user."""
        return f"user {self.shown}" if self.shown and self.shown != HIDDEN else "the credentials"


def list_logins(pull_secrets: PullSecrets, image: str) -> Sequence[PullLogin]:
    """List the entries with credentials that the kubelet tries in turn for an image."""
    return [
        PullLogin(
            secret=pull_secrets.found[found.secret].name,
            server=public_server(found.server),
            shown=public_username(found.username, found.password) or None,
            is_ours=is_ours(pull_secrets.found[found.secret].secret or {"metadata": {}}),
            username=found.username,
            password=found.password,
        )
        for found in pull_secrets.keyring.lookup(image).credentials
        if found.is_sent
    ]
