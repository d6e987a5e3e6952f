# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The entries of a docker config that a task imports: those that are chosen, without what is no registry credential."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._dataclasses import dataclass
from .._errors import FailureId, KeyringError
from .._kubelet.url_match import match_key
from .docker_config import is_stub
from .docker_fields import Entry, entry_of, has_helpers, helper_servers
from .login_sessions import leave_out_sessions
from .registries import Registry, registries_of
from .server import quote_servers
from .server_suggestions import list_servers


@dataclass(frozen=True)
class ImportSource:
    """Where a docker config comes from: its name in messages, the option behind it, the failure if it is no good.

    ``servers`` are the servers to import, None for all, and ``servers_option`` the option that names them.
    """

    place: str
    option: str
    failure: FailureId = "invalid_option"
    servers: Sequence[str] | None = None
    servers_option: str = ""


def import_registries(config: Mapping[str, Any], source: ImportSource) -> tuple[list[Registry], list[str]]:
    """Return the entries of a docker config as registries, with a warning for each kind that is left out.

    Raise KeyringError for a chosen server without an entry, if nothing usable is left, and for an entry that is wrong.
    """
    helped = _servers_of_helpers(config)
    if source.servers is not None:
        config = {**config, "auths": choose_entries(config, source)}
        helped = []
    usable, warnings = leave_out_sessions(config, source.place, source.option, source.failure)
    stubs = [server for server in usable["auths"] if is_stub(usable, server)]
    left = {server: entry for server, entry in usable["auths"].items() if server not in stubs}
    # A config of stubs alone, and a stub that was chosen, get the error that says what an entry lacks.
    if left and source.servers is None:
        usable = {**usable, "auths": left}
        left_out = sorted({*stubs, *helped})
        if left_out:
            warnings.append(_warn_skipped_servers(config, left_out, source.place))
    registries = registries_of(usable, source.place)
    for registry in registries:
        error = _explain_contradiction(registry, entry_of(usable, registry.server))
        if error and source.failure == "invalid_option":
            raise error
        if error:
            warnings.append(str(error))
    return registries, warnings


def _explain_contradiction(registry: Registry, entry: Entry) -> KeyringError | None:
    """Return the error about an entry whose ``auth`` holds another login than its plain fields, else None.

    It is easily made by changing the password of an entry that has both.
    """
    for name, value in (("username", registry.username), ("password", registry.password)):
        if entry.get(name) not in (None, "", value):
            return KeyringError(
                f"{registry.option} has two credentials: the {name} in its auth is another one.",
                "The kubelet reads auth.",
                "Remove auth, or correct it.",
                option=f"{registry.option}.auth",
            )
    return None


def drop_repeated(registries: Sequence[Registry]) -> list[Registry]:
    """Return the registries without those that repeat the credentials of an earlier one with the same match key."""
    kept: list[Registry] = []
    known: dict[str, tuple[str | None, str | None]] = {}
    for registry in registries:
        key, login = match_key(registry.server), (registry.username, registry.password)
        if known.get(key) != login:
            known.setdefault(key, login)
            kept.append(registry)
    return kept


def _warn_skipped_servers(config: Mapping[str, Any], servers: Sequence[str], place: str) -> str:
    why = "These entries have neither auth nor username and password."
    if has_helpers(config):
        why = "Their credentials are in a credential store of the machine where the login was made."
    return f"{place}: left out {quote_servers(servers)}. {why} Give them under registries if they are needed."


def _servers_of_helpers(config: Mapping[str, Any]) -> list[str]:
    """Return the servers that have a credential helper and no entry."""
    known = set(map(match_key, config["auths"]))
    return [server for server in helper_servers(config) if match_key(server) not in known]


def choose_entries(config: Mapping[str, Any], source: ImportSource) -> dict[str, Any]:
    """Return the entries of the chosen servers, in any spelling that is the same registry to the kubelet.

    Raise KeyringError for a server without an entry.
    """
    chosen: dict[str, Any] = {}
    for index, wanted in enumerate(source.servers or ()):
        found = {server: entry for server, entry in config["auths"].items() if match_key(server) == match_key(wanted)}
        if not found:
            option = f"{source.servers_option}[{index}]"
            raise KeyringError(
                f"{option} is not a server of {source.place}.",
                list_servers(wanted, config["auths"], "It has"),
                "Write the server as it is there.",
                option=option,
            )
        chosen.update(found)
    return chosen
