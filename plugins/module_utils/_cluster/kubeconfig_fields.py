# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fields of a kubeconfig, checked and given types.

Source: client-go 0.36, tools/clientcmd/api/v1/types.go. A message never quotes a value.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .._errors import FailureId, KeyringError
from .kubeconfig_entries import (
    EXEC_API_GROUP,
    AuthProviderEntry,
    ClusterEntry,
    ContextEntry,
    ExecEntry,
    Kubeconfig,
    Place,
    UserEntry,
)


def parse_kubeconfig(document: Any, source: str, folder: str) -> Kubeconfig:
    """Check the content of a kubeconfig and give it types.

    Unknown fields are left out. Relative paths are relative to ``folder``. Raises KeyringError, naming the field, for a
    value of another type and for two entries of one name.
    """
    if document is None:
        return Kubeconfig(source)
    whole = Place(source, "kubeconfig", folder)
    if not isinstance(document, Mapping) or not _is_config(document):
        raise KeyringError(
            f"{source} is not a kubeconfig.",
            "It must be a mapping of the kind Config and the apiVersion v1.",
            "Check which file or variable is given.",
            failure="invalid_kubeconfig",
            option="kubeconfig",
        )
    contexts: dict[str, ContextEntry] = {}
    for name, place, fields in _entries(document, "contexts", "context", whole):
        contexts[name] = ContextEntry(place, **_read_fields(ContextEntry, fields, place))
    clusters: dict[str, ClusterEntry] = {}
    for name, place, fields in _entries(document, "clusters", "cluster", whole):
        clusters[name] = ClusterEntry(place, **_read_fields(ClusterEntry, fields, place))
    users: dict[str, UserEntry] = {}
    for name, place, fields in _entries(document, "users", "user", whole):
        users[name] = UserEntry(place, name, **_read_fields(UserEntry, fields, place))
    current = _string(document.get("current-context"), "current-context", whole)
    return Kubeconfig(source, clusters, users, contexts, current)


def _is_config(document: Mapping[Any, Any]) -> bool:
    return document.get("kind") in (None, "", "Config") and document.get("apiVersion") in (None, "", "v1")


def _entries(document: Mapping[Any, Any], section: str, inside: str, whole: Place) -> Iterator[tuple[str, Place, Any]]:
    """Yield name, place and fields of each entry of a section."""
    entries = document.get(section)
    if entries is None:
        return
    if not isinstance(entries, list):
        raise KeyringError(
            f"{section} of {whole.source} must be a list.",
            failure="invalid_kubeconfig",
            option=f"kubeconfig.{section}",
        )
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        place = Place(whole.source, f"{section}[{index}]", whole.folder)
        if entry is None:
            entry = {}
        if not isinstance(entry, Mapping):
            raise place.error("", "must be a mapping.")
        name = _string(entry.get("name"), "name", place)
        if name in seen:
            raise place.error(
                "name", f'is "{name}", which an earlier one already has.', "", "Rename or remove one of them."
            )
        seen.add(name)
        fields = entry.get(inside)
        inner = Place(whole.source, f"{section}[{index}].{inside}", whole.folder)
        if fields is not None and not isinstance(fields, Mapping):
            raise inner.error("", "must be a mapping.")
        yield name, inner, fields or {}


def _read_fields(entry: type, fields: Mapping[Any, Any], place: Place) -> dict[str, Any]:
    """Return the fields of an entry by their names here; what is null or not given is left out."""
    found = {}
    for name, (attribute, read) in _KUBECONFIG_FIELDS[entry].items():
        value = fields.get(name)
        if value is not None:
            found[attribute] = read(value, name, place)
    return found


def _string(value: Any, name: str, place: Place) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _not_a_string(value, name, place)
    return value


def _not_a_string(value: Any, name: str, place: Place) -> KeyringError:
    failure: FailureId = "invalid_kubeconfig" if isinstance(value, (list, Mapping)) else "not_a_string"
    return place.error(
        name,
        f"must be a string; it is a {_type_name(value)}.",
        "",
        "Put it in quotes." if failure == "not_a_string" else "",
        failure=failure,
    )


def _type_name(value: Any) -> str:
    for kind, name in ((bool, "boolean"), ((int, float), "number"), (list, "list"), (Mapping, "mapping")):
        if isinstance(value, kind):
            return name
    return "value of another type"


def _boolean(value: Any, name: str, place: Place) -> bool:
    if not isinstance(value, bool):
        raise place.error(name, "must be true or false, without quotes.")
    return value


def _base64(value: Any, name: str, place: Place) -> bytes:
    text = _string(value, name, place)
    try:
        return base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError):
        raise place.error(name, "is not base64.", "", "Write the content of the file as base64.") from None


def _strings(value: Any, name: str, place: Place) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise place.error(name, "must be a list of strings.")
    return tuple(_string(item, f"{name}[{index}]", place) for index, item in enumerate(value))


def _mapping(value: Any, name: str, place: Place) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise place.error(name, "must be a mapping.")
    return {str(key): item for key, item in value.items()}


# Messages do not name the keys of a mapping: the author of the kubeconfig has chosen them.
def _mapping_of_strings(value: Any, name: str, place: Place) -> Mapping[str, str]:
    return {key: _string(item, name, place) for key, item in _mapping(value, name, place).items()}


def _mapping_of_lists(value: Any, name: str, place: Place) -> Mapping[str, Sequence[str]]:
    return {key: _strings(item or [], name, place) for key, item in _mapping(value, name, place).items()}


def _variables(value: Any, name: str, place: Place) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list):
        raise place.error(name, "must be a list of mappings with name and value.")
    variables = []
    for index, item in enumerate(value):
        fields = _mapping(item or {}, f"{name}[{index}]", place)
        variable = _string(fields.get("name"), f"{name}[{index}].name", place)
        variables.append((variable, _string(fields.get("value"), f"{name}[{index}].value", place)))
    return tuple(variables)


def _extensions(value: Any, name: str, place: Place) -> Mapping[str, Any]:
    if not isinstance(value, list):
        raise place.error(name, "must be a list.")
    extensions = {}
    for index, item in enumerate(value):
        fields = _mapping(item or {}, f"{name}[{index}]", place)
        extensions[_string(fields.get("name"), f"{name}[{index}].name", place)] = fields.get("extension")
    return extensions


def _exec(value: Any, name: str, place: Place) -> ExecEntry:
    inner = Place(place.source, f"{place.path}.{name}", place.folder)
    plugin = ExecEntry(**_read_fields(ExecEntry, _mapping(value, name, place), inner))
    if os.sep in plugin.command:
        plugin = dataclasses.replace(plugin, command=place.resolve(plugin.command))
    if not plugin.interactive_mode and plugin.api_version != f"{EXEC_API_GROUP}/v1":
        plugin = dataclasses.replace(plugin, interactive_mode="IfAvailable")
    return plugin


def _auth_provider(value: Any, name: str, place: Place) -> AuthProviderEntry:
    inner = Place(place.source, f"{place.path}.{name}", place.folder)
    return AuthProviderEntry(**_read_fields(AuthProviderEntry, _mapping(value, name, place), inner))


# The fields of each entry: their names in a kubeconfig, the names here, and what checks and reads their values.
_KUBECONFIG_FIELDS: Mapping[type, Mapping[str, tuple[str, Callable[[Any, str, Place], Any]]]] = {
    ClusterEntry: {
        "server": ("server", _string),
        "tls-server-name": ("tls_server_name", _string),
        "insecure-skip-tls-verify": ("insecure_skip_tls_verify", _boolean),
        "certificate-authority": ("certificate_authority", _string),
        "certificate-authority-data": ("certificate_authority_data", _base64),
        "proxy-url": ("proxy_url", _string),
        "disable-compression": ("disable_compression", _boolean),
        "extensions": ("extensions", _extensions),
    },
    UserEntry: {
        "client-certificate": ("client_certificate", _string),
        "client-certificate-data": ("client_certificate_data", _base64),
        "client-key": ("client_key", _string),
        "client-key-data": ("client_key_data", _base64),
        "token": ("token", _string),
        "tokenFile": ("token_file", _string),
        "as": ("impersonate", _string),
        "as-uid": ("impersonate_uid", _string),
        "as-groups": ("impersonate_groups", _strings),
        "as-user-extra": ("impersonate_extra", _mapping_of_lists),
        "username": ("username", _string),
        "password": ("password", _string),
        "exec": ("exec_plugin", _exec),
        "auth-provider": ("auth_provider", _auth_provider),
    },
    ContextEntry: {
        "cluster": ("cluster", _string),
        "user": ("user", _string),
        "namespace": ("namespace", _string),
    },
    ExecEntry: {
        "command": ("command", _string),
        "args": ("args", _strings),
        "env": ("env", _variables),
        "apiVersion": ("api_version", _string),
        "installHint": ("install_hint", _string),
        "provideClusterInfo": ("provide_cluster_info", _boolean),
        "interactiveMode": ("interactive_mode", _string),
    },
    AuthProviderEntry: {
        "name": ("name", _string),
        "config": ("config", _mapping_of_strings),
    },
}
