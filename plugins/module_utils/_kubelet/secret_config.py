# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the kubelet reads in the data of one Secret: kubernetes pkg/credentialprovider/secrets/secrets.go, config.go."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .auth import NotBase64, UnreadableAuth, split_auth
from .go_json import JsonObject, NotJson, fold_name, parse_json

# The key that a Secret of each type has.
KEY_OF_TYPE = {"kubernetes.io/dockerconfigjson": ".dockerconfigjson", "kubernetes.io/dockercfg": ".dockercfg"}
_LEGACY_KEY = ".dockercfg"

_FIELDS = {fold_name(name): name for name in ("username", "password", "email", "auth")}
_AUTHS, _HEADERS = fold_name("auths"), fold_name("HttpHeaders")

_LOGIN_TOKENS = ("identitytoken", "registrytoken")
_HELPERS = ("credsStore", "credHelpers")


@dataclass(frozen=True)
class KubeletEntry:
    """The credentials of an entry, empty where it has none; bytes that are not UTF-8 are escaped as surrogates.

    ``ignored`` are the names of its fields that are not used, as they are spelled.
    """

    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    email: str = ""
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class Config:
    """The entries by server, and the names of the other members that have a value."""

    entries: Mapping[str, KubeletEntry] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()


def has_store(config: Config) -> bool:
    """Whether a config names programs that hold credentials on the machine where a login was made."""
    return any(helper in config.ignored for helper in _HELPERS)


def has_login_token(entry: KubeletEntry) -> bool:
    """Return whether an entry holds the token of a login session, which the kubelet ignores."""
    return any(name.lower() in _LOGIN_TOKENS for name in entry.ignored)


def why_no_password(entry: KubeletEntry, config: Config) -> str | None:
    """Why an entry opens nothing: login_token, credential_store, no_password, no_credentials; None where it may."""
    if entry.password:
        return None
    if has_login_token(entry):
        return "login_token"
    if has_store(config):
        return "credential_store"
    return "no_password" if entry.username else "no_credentials"


class UnreadableConfig(ValueError):
    """Why a Secret is not read: ``reason`` is not_json, wrong_type, not_base64 or no_colon; the text says it.

    ``server`` names the entry and ``name`` the field in it or in the config, where it is one of these.
    """

    def __init__(self, reason: str, text: str, server: str | None = None, name: str | None = None) -> None:
        super().__init__(text)
        self.reason = reason
        self.server = server
        self.name = name


def find_config(secret: Mapping[str, Any]) -> tuple[str, bytes] | None:
    """Key and value of a Secret's docker config, where its type and key agree and there is one, else None."""
    key = KEY_OF_TYPE.get(secret.get("type") or "")
    text = decode_value((secret.get("data") or {}).get(key))
    return (key, text) if key and text else None


def decode_value(value: object) -> bytes:
    """Return the bytes behind a value of a Secret's data. What is not base64 stands for itself."""
    try:
        return base64.b64decode(value or "")  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return str(value).encode(errors="replace")


def read_config(key: str, data: bytes) -> Config:
    """The docker config under this key of a Secret. Raises UnreadableConfig."""
    config, faults = inspect_config(key, data)
    if faults:
        raise faults[0]
    return config


def inspect_config(key: str, data: bytes) -> tuple[Config, list[UnreadableConfig]]:
    """What can be read of the docker config under this key of a Secret, and what can not.

    The first fault is the one that the kubelet tells: a wrong entry comes before another wrong member.
    """
    try:
        document = parse_json(data)
    except NotJson:
        return Config(), [UnreadableConfig("not_json", "it is not JSON")]
    if document is not None and not isinstance(document, JsonObject):
        return Config(), [UnreadableConfig("wrong_type", "it is not a JSON object")]
    members: JsonObject = document or JsonObject()
    return _read_members(JsonObject([("auths", members)]) if key == _LEGACY_KEY else members)


def _read_members(members: JsonObject) -> tuple[Config, list[UnreadableConfig]]:
    """Members that are there twice add up, but null empties those before it."""
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
    return value is None or (isinstance(value, JsonObject) and all(_is_text(text) for _name, text in value))


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _read_entry(server: str, members: Any) -> KubeletEntry:
    if members is None:
        return KubeletEntry()
    if not isinstance(members, JsonObject):
        raise UnreadableConfig("wrong_type", "it is not an object", server)
    found: dict[str, str] = {}
    for name, value in members:
        known = _FIELDS.get(fold_name(name))
        if known and not _is_text(value):
            raise UnreadableConfig("wrong_type", "it is not a text", server, known)
        if known and value is not None:
            found[known] = value
    ignored = tuple(name for name, value in members if value and fold_name(name) not in _FIELDS)
    email = found.get("email", "")
    if not found.get("auth"):
        return KubeletEntry(found.get("username", ""), found.get("password", ""), email, ignored)
    try:
        username, password = split_auth(found["auth"])
    except UnreadableAuth as error:
        reason = "not_base64" if isinstance(error, NotBase64) else "no_colon"
        raise UnreadableConfig(reason, str(error), server, "auth") from None
    return KubeletEntry(_text(username), _text(password), email, ignored)


def _text(decoded: bytes) -> str:
    return decoded.decode(errors="surrogateescape")
