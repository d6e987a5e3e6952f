# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens of login sessions in a docker config: they open a whole account, pull no image, and are never imported.

Sources of the fields: docker/cli cli/config/types/authconfig.go; those of the servers are in server.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import FailureId, KeyringError
from .._kubelet.secret_config import UnreadableAuth
from .docker_config import read_credentials
from .docker_fields import SESSION_FIELDS, Entry, entry_field, entry_of, plain_entry
from .server import is_session_server, quote_servers


def leave_out_sessions(
    config: Mapping[str, Any], place: str, option: str, failure: FailureId
) -> tuple[dict[str, Any], list[str]]:
    """Return the docker config without the tokens of login sessions, and a warning for each kind that it had.

    ``place`` is the name of the config in messages. Raise KeyringError with ``failure`` and ``option`` if it has
    nothing but such tokens.
    """
    auths: dict[str, Any] = {}
    sessions: list[str] = []
    empty: list[str] = []
    cut: list[str] = []
    for server, stored in config["auths"].items():
        entry = plain_entry(stored)
        fields = _session_fields(entry or {})
        if is_session_server(server):
            sessions.append(server)
        elif fields and not _has_password(entry_of(config, server)):
            empty.append(server)
        elif fields:
            cut.append(server)
            auths[server] = {name: value for name, value in entry.items() if name not in fields}
        else:
            auths[server] = entry
    if not auths and (sessions or empty):
        raise KeyringError(
            f"{place} has no registry credentials.",
            f"It has only tokens of login sessions: {quote_servers([*sessions, *empty])}.",
            "Create an access token for the registry, and give it under registries or log in with it: "
            "docker login -u USER.",
            failure=failure,
            option=option,
        )
    warnings = []
    if sessions:
        warnings.append(
            f"{place}: left out {quote_servers(sessions)}. These entries hold tokens of a docker login session, and "
            "no image is pulled with them."
        )
    if empty:
        warnings.append(
            f"{place}: left out {quote_servers(empty)}. They have only the token of a login session (identitytoken), "
            "which no kubelet uses. Give username and password."
        )
    if cut:
        warnings.append(
            f"{place}: left out the token of a login session (identitytoken, registrytoken) of "
            f"{quote_servers(cut)}. No kubelet uses it."
        )
    return {**config, "auths": auths}, warnings


def _session_fields(entry: Entry) -> list[str]:
    """Return the names of the fields with a session token."""
    return [name for name in entry if entry_field(name) in SESSION_FIELDS]


def _has_password(entry: Entry) -> bool:
    """Return whether a spelled entry has a password, or an ``auth`` whose error must be reported."""
    try:
        credentials = read_credentials(entry)
    except UnreadableAuth:
        return True
    return bool(credentials and credentials.password)
