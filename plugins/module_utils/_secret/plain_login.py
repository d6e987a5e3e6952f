# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets with the login of one registry, as user name and password beside a URL: their data and their views.

To merge and to verify them, the login is read as the only entry of a docker config.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any

from .._credentials.docker_config import StoredLogin, encode_auth, read_credentials
from .._credentials.expiry import find_first
from .._credentials.pull_formats import FormatSettings, PlainLogin, PullFormat, describe_misfit, place_format_settings
from .._credentials.secret_values import AFTER_APPLY, HIDDEN, holds_key, public_username
from .._credentials.token_shapes import contains_token
from .._dataclasses import dataclass
from .._kubelet.secret_config import decode_value
from .._kubelet.server_text import public_server
from .ownership import is_ours, labels_of
from .pull_secret import find_end, render_ends, stored_ends

if TYPE_CHECKING:
    from .._credentials.registries import Registry, Renew, UpdateCredentials
    from .plan import Payload, Secret


def _decode_text(value: object) -> str | None:
    """Return a value of the data as text; None if it is none."""
    try:
        return decode_value(value).decode()
    except UnicodeDecodeError:
        return None


def _read_texts(secret: Secret) -> dict[str, str]:
    """Return the data of a Secret as text, without what is not text."""
    texts: dict[str, str] = {}
    for key, value in (secret.get("data") or {}).items():
        text = _decode_text(value)
        if text is not None:
            texts[key] = text
    return texts


def find_misfit(secret: Secret, row: PullFormat) -> str:
    """Return why a Secret of the right type is not one of the format, and empty if it is. It goes on after "It".

    An empty Secret, and one that this collection has made with no other keys, is one whose label or key was removed.
    """
    data = secret.get("data") or {}
    if not data or (is_ours(secret) and data.keys() <= row.all_keys()):
        return ""
    return describe_format_misfit(secret, row)


def describe_format_misfit(secret: Secret, row: PullFormat) -> str:
    """Return why a Secret of the right type is not one that the consumer of a format finds; empty if it is."""
    return describe_misfit(row, labels_of(secret), _read_texts(secret))


class PlainLoginView:
    """A view of Secrets of one format that holds nothing secret."""

    def __init__(self, row: PullFormat, login: PlainLogin) -> None:
        self._row, self._login = row, login
        settings = row.setting_keys()
        self._public = frozenset((login.url_key, *(key for key, setting in settings.items() if not setting.secret)))

    def describe(self, secret: Secret) -> dict[str, Any]:
        """Return the data for a diff: the URL, the user name and the settings; every other value as Hidden."""
        from .view import Hidden

        shown, texts = self._shown(secret), _read_texts(secret)
        data: dict[str, Any] = {}
        for key, value in (secret.get("data") or {}).items():
            # Hidden as text, so that the other side of a diff does not show the same text under another key.
            data[key] = shown[key] if key in shown else Hidden(texts.get(key, value))
        return {"data": data} if data else {}

    def list_registries(self, secret: Secret) -> list[dict[str, Any]]:
        """Return the registry of a Secret in a list; an empty one for a Secret without a URL."""
        shown, texts = self._shown(secret), _read_texts(secret)
        if self._login.url_key not in shown:
            return []
        ends = list(stored_ends(secret).values())
        stored = read_login(texts, self._login)
        end = find_end(_make_entry(stored), ends[0] if len(ends) == 1 else None) if stored else None
        return [
            {
                "server": shown[self._login.url_key].removeprefix("oci://"),
                "username": shown.get(self._login.username_key),
                "email": None,
                "expires_at": end,
            }
        ]

    def read_url(self, secret: Secret) -> str:
        """Return the URL that the login is for, which may contain a secret; empty without one."""
        return _read_texts(secret).get(self._login.url_key, "")

    def secret_texts(self, secret: Secret) -> list[str]:
        """Return every text in a Secret that must not be shown: its data as stored, and the values in it."""
        shown = self._shown(secret)
        texts: list[str] = []
        for key, value in (secret.get("data") or {}).items():
            if key not in shown or shown[key] == HIDDEN:
                texts += [str(value), decode_value(value).decode(errors="replace")]
        return [text for text in texts if text != AFTER_APPLY]

    def _shown(self, secret: Secret) -> dict[str, str]:
        """Return the values that may be seen. One that equals a hidden one, or holds a key, is hidden, too."""
        texts = _read_texts(secret)
        login = self._login
        hidden = {text for key, text in texts.items() if key not in self._public and key != login.username_key}
        shown: dict[str, str] = {}
        for key, text in texts.items():
            if key in self._public:
                is_secret = text in hidden or holds_key(text) or contains_token(text)
                shown[key] = HIDDEN if is_secret else text
        # Only a URL has a user to cut: a part of any other value would no longer be known as a part of a secret.
        if shown.get(login.url_key, HIDDEN) != HIDDEN:
            shown[login.url_key] = public_server(shown[login.url_key])
        username = texts.get(login.username_key)
        if username is not None:
            shown[login.username_key] = public_username(username, texts.get(login.password_key)) or ""
        return shown


def read_login(texts: Mapping[str, str], login: PlainLogin) -> StoredLogin | None:
    """Return the login among the values of a Secret; None without a password."""
    username, password = texts.get(login.username_key), texts.get(login.password_key)
    return StoredLogin(username, password) if username and password else None


def _make_entry(login: StoredLogin) -> dict[str, str]:
    return {"username": login.username, "password": login.password, "auth": encode_auth(login)}


@dataclass(frozen=True)
class PlacedLogin:
    """The one registry of a task, with the URL that its consumer looks it up under."""

    row: PullFormat
    login: PlainLogin
    registry: Registry
    url: str = field(repr=False)
    settings: FormatSettings = field(repr=False)

    def read(self, secret: Secret) -> dict[str, Any]:
        """Return the stored login as a docker config, under the server of the task.

        It is without entries if the Secret is for another registry, whose password this one must not get.
        """
        texts = _read_texts(secret)
        stored_url = texts.get(self.login.url_key, "")
        stored = read_login(texts, self.login)
        is_same = stored_url == self.url or self.login.find_host(stored_url) == self.login.find_host(self.url) != ""
        if stored is None or not is_same:
            return {"auths": {}}
        return {"auths": {self.registry.server: _make_entry(stored)}}

    def merge(
        self,
        existing: Secret | None,
        registries: Sequence[Registry],
        *,
        purge: bool,
        update: UpdateCredentials,
        renew: Renew | None = None,
    ) -> Payload:
        """Return the data of the Secret: the login of the task, or the stored one where it stays."""
        from .._credentials.registries import merge_registries
        from .plan import Payload

        stored = self.read(existing) if existing else {"auths": {}}
        ends = stored_ends(existing)
        merged = merge_registries(stored, registries, purge=purge, update=update, expiries=ends, renew=renew)
        server = self.registry.server
        entry = merged.config["auths"][server]
        login = read_credentials(entry)
        data, labels = place_format_settings(self.row, self.settings)
        data[self.login.url_key] = self.url
        if login:
            data |= {self.login.username_key: login.username, self.login.password_key: login.password}
        end = find_end(entry, merged.expiries.get(server))
        notes = {
            "credentials_kept": sorted(map(public_server, merged.kept)),
            "unmanaged_registries": [],
            "next_run_before": find_first([end] if end else []),
        }
        return Payload(
            {key: value and base64.b64encode(value.encode()).decode() for key, value in data.items()},
            notes,
            merged.warnings,
            labels={**{label: known[0] for label, known in self.row.labels.items()}, **labels},
            annotations=render_ends(merged, ends),
        )
