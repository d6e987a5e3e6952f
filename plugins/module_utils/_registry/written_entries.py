# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The credentials that a task would write into a pull secret: those of new entries, and those that differ."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field

from .._credentials.docker_config import TYPE, StoredLogin, read_credentials
from .._credentials.docker_fields import entry_of
from .._credentials.registries import Registry
from .._dataclasses import dataclass
from .._errors import KeyringError
from .._images.verdict import Candidate, load_pull_secrets
from .._kubelet.secret_config import UnreadableAuth
from .._kubelet.url_match import match_key
from .._secret.plan import Secret
from .._secret.pull_secret import ReadConfig, read_docker_config


@dataclass(frozen=True)
class WrittenEntry:
    """New credentials of an entry, and an image that the entry must pull; ``image`` is empty without one.

    ``option`` is the place of the entry in the task. ``is_minted`` states that the task obtains the password itself.
    """

    option: str
    server: str
    image: str
    username: str = field(repr=False)
    password: str = field(repr=False)
    is_minted: bool = False


def find_written_entries(
    before: Secret | None,
    after: Secret,
    registries: Sequence[Registry],
    images: Sequence[str],
    read: ReadConfig = read_docker_config,
) -> list[WrittenEntry]:
    """Return the credentials in ``after`` that are not in ``before``, in the order of the registries of the task.

    ``read`` returns the docker config of a Secret. An entry has an item for each image that the kubelet tries it first
    for, or one without an image.
    """
    stored = _stored_logins(before, read)
    config = read(after)
    written: list[WrittenEntry] = []
    changed: list[tuple[Registry, StoredLogin]] = []
    for registry in registries:
        if registry.absent:
            continue
        login = read_credentials(entry_of(config, registry.server))
        if login and login not in stored.get(match_key(registry.server), ()):
            changed.append((registry, login))
    served = _first_served(after, images) if changed else {}
    for registry, login in changed:
        written += [
            WrittenEntry(
                registry.option, registry.server, image, login.username, login.password, registry.minting is not None
            )
            for image in served.get(registry.server, [""])
        ]
    return written


def _stored_logins(secret: Secret | None, read: ReadConfig) -> Mapping[str, Collection[StoredLogin]]:
    """Return the credentials of a Secret by match key; none of what cannot be read."""
    if secret is None:
        return {}
    try:
        config = read(secret)
    except KeyringError:
        return {}
    logins: dict[str, list[StoredLogin]] = {}
    for server in config["auths"]:
        try:
            login = read_credentials(entry_of(config, server))
        except UnreadableAuth:
            continue
        if login:
            logins.setdefault(match_key(server), []).append(login)
    return logins


def _first_served(secret: Secret, images: Sequence[str]) -> Mapping[str, list[str]]:
    """Return the images by the server of the entry that the kubelet tries first for them."""
    keyring = load_pull_secrets([Candidate("", "found", TYPE, secret)]).keyring
    served: dict[str, list[str]] = {}
    for image in images:
        found = keyring.lookup(image).credentials
        if found and image not in served.setdefault(found[0].server, []):
            served[found[0].server].append(image)
    return served
