# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What nearly serves an image, and why it does not: for the person whose image is not pulled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .differences import differences
from .images import names_registry, normalise_image
from .keyring import build_keyring
from .secret_config import KEY_OF_TYPE, Config, UnreadableConfig, find_config, has_store, read_config, why_no_password


@dataclass(frozen=True)
class NearMiss:
    """Why something does not serve an image: the Secret at position ``secret``, its entry ``server``, the image.

    ``id`` is a row of a table, here or in differences.py. ``sentence`` says it, and shows of a server only what may be
    shown. ``server`` is as it is stored: it may hold a password, and needs public_server to be shown.
    """

    id: str
    sentence: str
    secret: int | None = None
    server: str | None = None


_WITHOUT: dict[str, str] = {
    "login_token": "The entry has only the token of a login session (identitytoken), which no kubelet uses.",
    "credential_store": "Its credentials are in a credential store of the machine where the login was made "
    "(credsStore, credHelpers).",
    "no_password": "The entry has no password.",
    "no_credentials": "The entry has neither auth nor username and password.",
}
_NO_ENTRIES = 'The docker config has no entries under "auths".'


def near_misses(secrets: Sequence[Mapping[str, Any]], image: str) -> list[NearMiss]:
    """What nearly serves an image of a Pod with these Secrets, and what serves it without any credentials.

    In the order of the Secrets and their entries; empty for what is no image, and where a Secret can not be read.
    """
    name = normalise_image(image)
    keyring = build_keyring(secrets)
    if name is None or keyring.refusal:
        return []
    used = {(credential.secret, credential.server) for credential in keyring.lookup(image).credentials}
    found: list[NearMiss] = []
    for position, secret in enumerate(secrets):
        found += _of_secret(secret, position, name, used)
    if not used and not names_registry(image) and not any(miss.server for miss in found):
        found.append(NearMiss("image_registry", f'The image names no registry, so it is looked up as "{name}".'))
    return found


def _of_secret(secret: Mapping[str, Any], position: int, name: str, used: set[tuple[int, str]]) -> Iterator[NearMiss]:
    config = _config(secret)
    if config is None:
        yield NearMiss(*_why_skipped(secret), position)
        return
    for server, entry in config.entries.items():
        if (position, server) not in used:
            for row, sentence in differences(server, name):
                yield NearMiss(row, sentence, position, server)
        elif why := why_no_password(entry, config):
            yield NearMiss(why, _WITHOUT[why], position, server)
    if not config.entries:
        store = has_store(config)
        sentence = _WITHOUT["credential_store"] if store else _NO_ENTRIES
        yield NearMiss("credential_store" if store else "no_entries", sentence, position)


def _config(secret: Mapping[str, Any]) -> Config | None:
    found = find_config(secret)
    try:
        return read_config(*found) if found else None
    except UnreadableConfig:
        return None


def _why_skipped(secret: Mapping[str, Any]) -> tuple[str, str]:
    kind = secret.get("type") or "Opaque"
    key = KEY_OF_TYPE.get(kind)
    if key is None:
        return "secret_type", (
            f'The Secret has the type "{kind}", and is skipped: for pulling images it must be of type '
            "kubernetes.io/dockerconfigjson."
        )
    if key not in (secret.get("data") or {}):
        return "secret_key", f'The Secret has no "{key}", the key of its type "{kind}", and is skipped.'
    return "secret_empty", f'The "{key}" of the Secret is empty, and it is skipped.'
