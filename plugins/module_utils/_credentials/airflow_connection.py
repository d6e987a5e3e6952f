# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection from which Airflow 3 reads a Git repository: a JSON object in an environment variable.

Facts: "GIT Connection" in the documentation of Airflow's Git provider; Connection.from_json of Airflow.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .git_shapes import Composer, Composition, Shape
from .stored_json import is_writable_text, read_stored_json

# The variable of the connection that the provider uses by default. The variable of another connection is named in the
# Pod, beside the name of this key.
CONNECTION_KEY = "AIRFLOW_CONN_GIT_DEFAULT"

# Where a connection has the parts of a credential: beside the URL, and in its extra fields.
_FIELDS = {"username": "login", "password": "password"}
_EXTRA_FIELDS = {
    "private_key": "private_key",
    "passphrase": "private_key_passphrase",
    "id": "github_app_id",
    "client_id": "github_app_id",
    "installation_id": "github_installation_id",
}
_EXTRA_SETTINGS = {
    "airflow_known_hosts_file": "known_hosts_file",
    "airflow_strict_host_key_checking": "strict_host_key_checking",
}
# The file of a key, which excludes the key itself.
_KEY_FILE = "key_file"


def connection_shape(parts: tuple[str, ...], required_sets: tuple[tuple[str, ...], ...]) -> Shape:
    """Return the shape of a connection with these parts."""
    composer = Composer(write_connection, read_connection, connection_problem)
    return Shape(dict.fromkeys(parts, (CONNECTION_KEY,)), required_sets, composed={CONNECTION_KEY: composer})


def connection_problem(text: str) -> str:
    """Return a sentence about a connection with a key that trusts any host, which Airflow does by default."""
    extra = _extra_of(_read_object(text))
    if "private_key" not in extra or extra.get("strict_host_key_checking") == "yes":
        return ""
    return (
        "Without strict_host_key_checking=yes, Airflow may connect to a host whose key it does not know. Set "
        "airflow_known_hosts_file to a file that is mounted, and airflow_strict_host_key_checking to yes."
    )


def write_connection(made_of: Composition) -> str:
    """Return the connection as JSON: the stored one where nothing changes, with its unknown fields."""
    before = _read_object(made_of.stored)
    connection: dict[str, Any] = {"conn_type": "git", **before}
    extra = _extra_of(before)
    for field in _FIELDS.values():
        connection.pop(field, None)
    for field in (*_EXTRA_FIELDS.values(), _KEY_FILE):
        extra.pop(field, None)
    connection.update(conn_type="git", host=made_of.url)
    for part, text in made_of.parts.items():
        if part in _FIELDS:
            connection[_FIELDS[part]] = text
        else:
            extra[_EXTRA_FIELDS[part]] = text
    for name, field in _EXTRA_SETTINGS.items():
        if name in made_of.settings:
            extra[field] = made_of.settings[name]
            if extra[field] is None:
                del extra[field]
    connection.pop("extra", None)
    if extra:
        connection["extra"] = extra
    unchanged = before and {**before, "extra": _extra_of(before)} == {**connection, "extra": extra}
    return made_of.stored if unchanged else json.dumps(connection)


def read_connection(text: str) -> dict[str, str]:
    """Return the parts of a credential in a connection; none if the text is not a connection for Git."""
    connection = _read_object(text)
    if connection.get("conn_type") != "git":
        return {}
    extra = _extra_of(connection)
    parts: dict[str, str] = {}
    for part, field in _FIELDS.items():
        if is_writable_text(connection.get(field)):
            parts[part] = connection[field]
    for part, field in _EXTRA_FIELDS.items():
        value: Any = extra.get(field)
        if isinstance(value, int):  # an ID
            value = str(value)
        if is_writable_text(value):
            parts[part] = value
    if "id" in parts:
        del parts["client_id" if parts["id"].isdecimal() else "id"]
    return parts


def _read_object(text: str) -> dict[str, Any]:
    found = read_stored_json(text)
    return found if isinstance(found, dict) else {}


def _extra_of(connection: Mapping[str, Any]) -> dict[str, Any]:
    """Return the extra fields of a connection, which may be an object or JSON in a string."""
    extra = connection.get("extra")
    if isinstance(extra, str):
        return _read_object(extra)
    return dict(extra) if isinstance(extra, dict) else {}
