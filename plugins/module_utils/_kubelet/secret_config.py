# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The docker config in the data of one Secret, as the kubelet reads it.

A port of kubernetes pkg/credentialprovider/secrets/secrets.go and pkg/credentialprovider/config.go.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from .._dataclasses import dataclass
from .go_json import JsonObject, NotJson, fold_name, parse_json

# Padded or not. Python's decoder accepts more.
_BASE64 = re.compile(r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}(==)?|[A-Za-z0-9+/]{3}=?)?")


class UnreadableAuth(ValueError):
    """An ``auth`` without readable credentials; the message gives the reason, without the value."""


class NotBase64(UnreadableAuth):
    """An ``auth`` that is not standard base64."""


class NoColon(UnreadableAuth):
    """An ``auth`` without a colon between user and password."""


def split_auth(auth: str) -> tuple[bytes, bytes]:
    """Decode an ``auth`` into user name and password: config.go ``decodeDockerConfigFieldAuth``.

    It is standard base64, padded or not, with or without newlines, and is split at the first colon. Raise
    UnreadableAuth where the kubelet fails.
    """
    text = auth.replace("\r", "").replace("\n", "")
    if not _BASE64.fullmatch(text):
        if re.search(r"[-_]", text):
            raise NotBase64("it is URL-safe base64, and only standard base64 is read")
        raise NotBase64("it is not base64")
    username, colon, password = base64.b64decode(text + "=" * (-len(text) % 4)).partition(b":")
    if not colon:
        raise NoColon("its decoded text has no colon between user and password")
    return username, password


# The key that holds the docker config, by type of Secret.
KEY_OF_TYPE = {"kubernetes.io/dockerconfigjson": ".dockerconfigjson", "kubernetes.io/dockercfg": ".dockercfg"}
_LEGACY_KEY = ".dockercfg"

_ENTRY_FIELDS = {fold_name(name): name for name in ("username", "password", "email", "auth")}
_AUTHS, _HEADERS = fold_name("auths"), fold_name("HttpHeaders")

# Of docker, which is written in Go too, and reads names as the kubelet does.
_LOGIN_TOKENS = tuple(map(fold_name, ("identitytoken", "registrytoken")))
_HELPERS = tuple(map(fold_name, ("credsStore", "credHelpers")))


@dataclass(frozen=True)
class KubeletEntry:
    """The credentials of an entry, empty where it has none: config.go ``DockerConfigEntry``.

    Bytes that are not UTF-8 are escaped as surrogates. ``ignored`` are the names of its unused fields, as they are
    spelled.
    """

    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    email: str = ""
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class Config:
    """The entries by server, and the names of the other members that have a value: config.go ``DockerConfigJSON``."""

    entries: Mapping[str, KubeletEntry] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()


def has_store(config: Config) -> bool:
    """Return whether a config references credential helpers, which only exist on the machine of the login."""
    return any(fold_name(name) in _HELPERS for name in config.ignored)


def has_login_token(entry: KubeletEntry) -> bool:
    """Return whether an entry has the token of a login session, which the kubelet ignores."""
    return any(fold_name(name) in _LOGIN_TOKENS for name in entry.ignored)


def why_no_login(entry: KubeletEntry, config: Config) -> str | None:
    """Return why an entry has no user name and password that are sent to a registry, or None if it has both.

    The reason is login_token, credential_store, no_username, no_password or no_credentials.
    """
    if entry.password:
        return None if entry.username else "no_username"
    if has_login_token(entry):
        return "login_token"
    if has_store(config):
        return "credential_store"
    return "no_password" if entry.username else "no_credentials"


class UnreadableConfig(ValueError):
    """A docker config that the kubelet cannot read.

    ``reason`` is not_json, wrong_type, not_base64 or no_colon, and the message describes it. ``server`` is the entry
    and ``name`` the field of the entry or of the config, where the fault is in one of these.
    """

    def __init__(self, reason: str, text: str, server: str | None = None, name: str | None = None) -> None:
        super().__init__(text)
        self.reason = reason
        self.server = server
        self.name = name


def find_config(secret: Mapping[str, Any]) -> tuple[str, bytes] | None:
    """Return key and value of a Secret's docker config: secrets.go ``MakeDockerKeyring``.

    Return None if the Secret does not have the key of its type, or if the value is empty.
    """
    key = KEY_OF_TYPE.get(secret.get("type") or "")
    text = decode_value((secret.get("data") or {}).get(key))
    return (key, text) if key and text else None


def decode_value(value: object) -> bytes:
    """Decode a value of a Secret's data. Return a value that is not base64 as it is."""
    try:
        return base64.b64decode(value or "")  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return str(value).encode(errors="replace")


def read_config(key: str, data: bytes) -> Config:
    """Parse the docker config under this key of a Secret. Raise UnreadableConfig where the kubelet fails."""
    config, faults = inspect_config(key, data)
    if faults:
        raise faults[0]
    return config


def inspect_config(key: str, data: bytes) -> tuple[Config, list[UnreadableConfig]]:
    """Parse the docker config under this key of a Secret. Return what can be read of it, and the faults.

    The first fault is the one that the kubelet reports: a wrong entry comes before another wrong member.
    """
    try:
        document = parse_json(data)
    except NotJson:
        return Config(), [UnreadableConfig("not_json", "it is not JSON")]
    if document is not None and not isinstance(document, JsonObject):
        return Config(), [UnreadableConfig("wrong_type", "it is not a JSON object")]
    members: JsonObject = document or JsonObject()
    if key == _LEGACY_KEY:
        members = JsonObject([("auths", members)])
    return _read_members(members)


def _read_members(members: JsonObject) -> tuple[Config, list[UnreadableConfig]]:
    """Read the members of a docker config as Go's encoding/json fills ``DockerConfigJSON``.

    Repeated members add up, but null removes those before it.
    """
    entries: dict[str, KubeletEntry] = {}
    wrong_entries: list[UnreadableConfig] = []
    wrong_members: list[UnreadableConfig] = []
    for name, value in members:
        folded = fold_name(name)
        if folded == _AUTHS and isinstance(value, JsonObject):
            for server, entry in value:
                try:
                    entries[server] = _read_entry(server, entry)
                except UnreadableConfig as error:
                    wrong_entries.append(error)
        elif folded == _AUTHS and value is None:
            entries = {}
        elif folded == _AUTHS or (folded == _HEADERS and not _is_headers(value)):
            wrong_members.append(UnreadableConfig("wrong_type", "it is not an object of the expected shape", name=name))
    ignored = tuple(name for name, value in members if value and fold_name(name) != _AUTHS)
    return Config(entries, ignored), [*wrong_entries, *wrong_members]


def _is_headers(value: Any) -> bool:
    """Return whether Go accepts a value as ``HttpHeaders``, a map of strings."""
    if value is None:
        return True
    return isinstance(value, JsonObject) and all(_is_text(text) for _name, text in value)


def _is_text(value: Any) -> bool:
    """Return whether Go accepts a value as a string, which null leaves empty."""
    return value is None or isinstance(value, str)


def _read_entry(server: str, members: Any) -> KubeletEntry:
    """Read an entry: config.go ``DockerConfigEntry.UnmarshalJSON``. Raise UnreadableConfig where the kubelet fails."""
    if members is None:
        return KubeletEntry()
    if not isinstance(members, JsonObject):
        raise UnreadableConfig("wrong_type", "it is not an object", server)
    found: dict[str, str] = {}
    unknown: list[str] = []
    for name, value in members:
        known = _ENTRY_FIELDS.get(fold_name(name))
        if known and not _is_text(value):
            raise UnreadableConfig("wrong_type", "it is not a string", server, known)
        if known and value is not None:
            found[known] = value
        elif value and not known:
            unknown.append(name)
    ignored = tuple(unknown)
    email = found.get("email", "")
    if not found.get("auth"):
        return KubeletEntry(found.get("username", ""), found.get("password", ""), email, ignored)
    try:
        username, password = split_auth(found["auth"])
    except UnreadableAuth as error:
        reason = "not_base64" if isinstance(error, NotBase64) else "no_colon"
        raise UnreadableConfig(reason, str(error), server, "auth") from None
    return KubeletEntry(_go_string(username), _go_string(password), email, ignored)


def _go_string(decoded: bytes) -> str:
    return decoded.decode(errors="surrogateescape")
