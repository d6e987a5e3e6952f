# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names of fields in a docker config, for all code that reads or writes one.

Go, and with it the kubelet and docker, reads them regardless of case, and of several the last value that is not null.
Source: Go 1.26 encoding/json decode.go ``object``, ``literalStore``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._kubelet.go_json import fold_name

Entry = Mapping[str, Any]

# Fields with a token that a login gets in place of a password, which no kubelet uses.
SESSION_FIELDS = ("identitytoken", "registrytoken")
SECRET_FIELDS = ("password", "auth", *SESSION_FIELDS)
# In kubectl's order.
_ENTRY_NAMES = ("username", "password", "email", "auth", *SESSION_FIELDS)
_CONFIG_NAMES = ("auths", "credsStore", "credHelpers", "HttpHeaders")

_USUAL_ENTRY_NAMES = {fold_name(name): name for name in _ENTRY_NAMES}
_USUAL_CONFIG_NAMES = {fold_name(name): name for name in _CONFIG_NAMES}


class OddObject(dict[str, Any]):
    """A JSON object that is stored otherwise than its dict form says: a key occurs twice or in an unusual spelling.

    ``members`` are all of its members, in order.
    """

    def __init__(self, members: Iterable[tuple[str, Any]], read: Mapping[str, Any] | None = None) -> None:
        self.members = tuple(members)
        super().__init__(self.members if read is None else read)


def members_of(value: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """Return all members of a JSON object, in order, also those that a later one replaces."""
    return value.members if isinstance(value, OddObject) else value.items()


def entry_field(name: object) -> str | None:
    """Return the usual spelling of a field of an entry; None for a field that neither the kubelet nor docker reads."""
    return _USUAL_ENTRY_NAMES.get(fold_name(name)) if isinstance(name, str) else None


def config_field(name: object) -> str | None:
    """Return the usual spelling of a member of a docker config; None for one without a meaning here."""
    return _USUAL_CONFIG_NAMES.get(fold_name(name)) if isinstance(name, str) else None


def is_text(value: object) -> bool:
    """Return whether the kubelet accepts a JSON value as a string: it reads null as an empty one."""
    return value is None or isinstance(value, str)


def spell_entry(entry: Entry | None) -> dict[str, Any]:
    """Return an entry with its fields in their usual spelling, each with the value that the kubelet reads.

    A value of the wrong type, for which the kubelet refuses the whole Secret, is kept before others.
    """
    spelled: dict[str, Any] = {}
    for name, value in members_of(entry or {}):
        usual = entry_field(name)
        if usual is None:
            spelled[name] = value
        elif usual not in spelled or (value is not None and is_text(spelled[usual])):
            spelled[usual] = value
    return spelled


def entry_of(config: Mapping[str, Any], server: str) -> dict[str, Any]:
    """Return the entry of a server in a docker config, in the usual spelling; an empty one for null."""
    return spell_entry(config["auths"][server])


def gather_auths(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a docker config with all entries that the kubelet reads under the one name ``auths``.

    Members add up, a later entry of a server replaces an earlier one, and null removes all before it. A member of the
    wrong type, for which the kubelet refuses the whole Secret, is kept before others.
    """
    found = [(name, value) for name, value in members_of(document) if config_field(name) == "auths"]
    if [name for name, _value in found] in ([], ["auths"]):
        return document if isinstance(document, OddObject) else dict(document)
    auths = _unite([part for _name, part in found])
    config: dict[str, Any] = {}
    for name, value in members_of(document):
        if config_field(name) == "auths":
            config["auths"] = auths
        else:
            config[name] = value
    return config


def _unite(parts: list[Any]) -> Any:
    """Return what Go reads of several values of one map, or the first one of the wrong type."""
    members: list[tuple[str, Any]] = []
    read: dict[str, Any] = {}
    for part in parts:
        if part is None:
            read = {}
        elif isinstance(part, dict):
            members += members_of(part)
            read.update(part)
        else:
            return part
    return OddObject(members, read)


def is_odd(config: Mapping[str, Any]) -> bool:
    """Return whether a gathered docker config is stored with a key twice, or with ``auths`` in an unusual spelling."""
    auths = config["auths"]
    return any(isinstance(part, OddObject) for part in (config, auths, *auths.values()))


def plain_entry(entry: Any) -> Any:
    """Return an entry of another task as it is, or in the usual spelling if its dict form loses a member."""
    return spell_entry(entry) if isinstance(entry, OddObject) else entry


def has_helpers(config: Mapping[str, Any]) -> bool:
    """Return whether a docker config names programs that hold credentials on the machine of the login."""
    return any(value and config_field(name) in ("credsStore", "credHelpers") for name, value in config.items())


def helper_servers(config: Mapping[str, Any]) -> list[str]:
    """Return the servers for which a docker config names a credential helper."""
    found: list[str] = []
    for name, value in config.items():
        if config_field(name) == "credHelpers" and isinstance(value, dict):
            found += map(str, value)
    return found


def without_refused_headers(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a docker config without ``HttpHeaders`` of the wrong type, for which the kubelet refuses the Secret."""
    return {
        name: value for name, value in config.items() if config_field(name) != "HttpHeaders" or _is_header_map(value)
    }


def _is_header_map(value: object) -> bool:
    return value is None or (isinstance(value, dict) and all(map(is_text, value.values())))
