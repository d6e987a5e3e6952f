# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registries of a task, and their merge into the stored docker config.

Registries add up: those that the task does not name stay as they are, byte for byte of their JSON value.
An item of the option, or an entry of an imported docker config, becomes a Registry, and a Registry an entry of the
docker config.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal

from .._dataclasses import dataclass
from .._errors import KeyringError, MissingCredential
from .._kubelet.secret_config import UnreadableAuth
from .._kubelet.server_text import public_server
from .._kubelet.url_match import match_key
from .docker_config import StoredLogin, encode_auth, read_credentials, usable_credentials, write_credentials
from .docker_fields import Entry, entry_of, has_helpers, is_text, plain_entry
from .expiry import check_expires_at
from .secret_values import EDGE_BLANK, check_email, check_secret_value, check_username, has_edge_blank
from .server import check_server, check_stored_server, quote_servers, warn_imported_server, warn_server

if TYPE_CHECKING:
    from .preset_shapes import Minting, Preset

UpdateCredentials = Literal["always", "when_given", "on_create"]


@dataclass(frozen=True)
class Registry:
    """A registry of the task. What is None is not given; ``option`` is its place in the task, for messages.

    ``other_fields`` are the further fields of an imported entry. ``absent`` removes the registry. ``expires_at`` is
    the time at which the password expires, where that is known. ``minting`` is the token that takes the place of a
    password that is not given. ``warnings`` are those of the preset.
    """

    server: str
    option: str
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    other_fields: Entry = field(default_factory=dict, repr=False)
    absent: bool = False
    expires_at: str | None = None
    minting: Minting | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Merged:
    """A docker config after the merge, with the known expiry times. Servers are spelt as they are stored.

    ``kept`` are registries of the task whose stored credentials stay, ``unmanaged`` those that the task does not name.
    """

    config: dict[str, Any]
    kept: tuple[str, ...] = ()
    unmanaged: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    expiries: Mapping[str, str] = field(default_factory=dict)


# Returns the registry with a new token if the stored credentials and their expiry time require one.
Renew = Callable[[Registry, "StoredLogin | None", "str | None"], Registry]


def parse_registries(items: Sequence[Mapping[str, Any]], update: UpdateCredentials) -> list[Registry]:
    """Parse the option ``registries``. A preset with several servers becomes several registries.

    Raise KeyringError with the index of a wrong item.
    """
    registries: list[Registry] = []
    for index, item in enumerate(items):
        registries += parse_registry(item, f"registries[{index}]", update)
    return registries


def parse_registry(item: Mapping[str, Any], option: str, update: UpdateCredentials) -> list[Registry]:
    """Parse one registry of a task: several for a preset with several servers. ``option`` is its place in the task.

    Raise KeyringError with the full name of a wrong option.
    """
    preset = _find_item_preset(item, option)
    if preset:
        return _parse_preset_item(item, preset, option, update)
    return [_parse_server_item(item, option, update)]


def find_given_secrets(item: Mapping[str, Any]) -> list[str]:
    """Return the secrets among the options of one registry, before anything else is made of them."""
    secrets = [item.get("password") or ""]
    settings = item.get("preset_options")
    if settings:
        from .presets import SECRET_SETTINGS

        secrets += [str(settings[name]) for name in SECRET_SETTINGS if settings.get(name) is not None]
    return secrets


def _find_item_preset(item: Mapping[str, Any], option: str) -> Preset | None:
    """Return the preset of an item. Raise KeyringError unless the item has either a preset or a server."""
    server, preset = item.get("server"), item.get("preset")
    if server is not None and preset is not None:
        raise KeyringError(
            f"{option}.server and {option}.preset exclude each other.",
            "A preset gives the server.",
            "Keep one of them.",
            option=f"{option}.preset",
        )
    if preset is not None:
        from .presets import find_preset

        return find_preset(preset, f"{option}.preset")
    if server is None:
        raise KeyringError(
            f"{option} names no registry.",
            "",
            "Give server, or preset for one that is known by name.",
            option=f"{option}.server",
        )
    if item.get("preset_options"):
        raise KeyringError(
            f"{option}.preset_options is given without preset.",
            "",
            "Give preset, or leave it out.",
            option=f"{option}.preset_options",
        )
    return None


def _parse_server_item(item: Mapping[str, Any], option: str, update: UpdateCredentials) -> Registry:
    server = item["server"]
    if item.get("state") == "absent":
        check_stored_server(server, f"{option}.server")
        return Registry(server, option, absent=True)
    check_server(server, f"{option}.server")
    registry = Registry(
        server,
        option,
        username=item.get("username"),
        password=item.get("password"),
        email=item.get("email"),
        expires_at=_parse_expires_at(item, option),
    )
    _check_credentials(registry)
    if update == "always":
        _require(registry, "username", registry.username)
        _require(registry, "password", registry.password)
    return registry


def _parse_preset_item(
    item: Mapping[str, Any], preset: Preset, option: str, update: UpdateCredentials
) -> list[Registry]:
    from .preset_checks import (
        check_preset_options,
        complete_username,
        refuse_minting_options,
        warn_login,
        warn_preset_options,
    )

    given = item.get("preset_options") or {}
    settings = check_preset_options(preset, given, f"{option}.preset_options")
    servers = list(dict.fromkeys(preset.servers(settings)))
    if item.get("state") == "absent":
        return [Registry(server, option, absent=True) for server in servers]
    password = item.get("password")
    username = complete_username(preset, item.get("username"), password, option)
    refuse_minting_options(preset, given, password, option)
    expires_at = _parse_expires_at(item, option)
    minting = None
    if password is None and preset.can_mint(settings):
        minting = preset.minting(username, settings, option)
        if minting is None:
            raise KeyringError(
                f"{option}.username is missing.",
                f"Preset {preset.name} mints a password for this user.",
                "Give it.",
                option=f"{option}.username",
            )
        if update == "always":
            _refuse_beside_token(minting, username, expires_at)
        elif username not in (None, minting.username):
            minting = None
    warnings = (
        *warn_preset_options(preset, settings, f"{option}.preset_options"),
        *warn_login(preset, username, password, option),
    )
    registry = Registry(
        servers[0],
        option,
        username=username,
        password=password,
        email=item.get("email"),
        expires_at=expires_at,
        minting=minting,
        warnings=warnings,
    )
    _check_credentials(registry)
    if update == "always" and not minting:
        if not preset.supplies_username:
            _require(registry, "username", username)
        _require(registry, "password", password)
    return [dataclasses.replace(registry, server=server) for server in servers]


def _parse_expires_at(item: Mapping[str, Any], option: str) -> str | None:
    expires_at = item.get("expires_at")
    return None if expires_at is None else check_expires_at(expires_at, f"{option}.expires_at")


def _refuse_beside_token(minting: Minting, username: str | None, expires_at: str | None) -> None:
    """Raise KeyringError for values that a minted token brings itself."""
    if username not in (None, minting.username):
        raise KeyringError(
            f"{minting.option}.username is given without password.",
            f"Preset {minting.row.name} then mints a token, which needs the user {minting.username}.",
            "Give both, or neither.",
            option=f"{minting.option}.username",
        )
    if expires_at is not None:
        raise KeyringError(
            f"{minting.option}.expires_at is given without password.",
            f"Preset {minting.row.name} then mints a token, and knows when it expires.",
            "Give both, or neither.",
            option=f"{minting.option}.expires_at",
        )


def _check_credentials(registry: Registry) -> None:
    """Raise KeyringError if username, password or e-mail address cannot be real ones."""
    if registry.username is not None:
        check_username(registry.username, f"{registry.option}.username")
    if registry.password is not None:
        check_secret_value(registry.password, f"{registry.option}.password")
    if registry.email is not None:
        check_email(registry.email, f"{registry.option}.email")


def _require(registry: Registry, name: str, value: str | None) -> None:
    if value is None:
        raise MissingCredential(
            f"{registry.option}.{name} is missing.",
            "With update_credentials=always each registry needs both username and password.",
            "Give it, or set update_credentials=when_given to keep what is stored.",
            option=f"{registry.option}.{name}",
        )


def registries_of(config: Mapping[str, Any], option: str) -> list[Registry]:
    """Return the entries of an imported docker config as registries.

    Raise KeyringError if there is none, if one has no readable credentials, and for a server that matches no image.
    """
    if not config["auths"]:
        why = "They are in a credential store (credsStore, credHelpers)." if has_helpers(config) else ""
        raise KeyringError(
            f"{option} names no registry: its auths are empty.", why, "Name at least one.", option=option
        )
    return [_import_entry(config, server, f'{option}.auths["{public_server(server)}"]') for server in config["auths"]]


def _import_entry(config: Mapping[str, Any], server: str, option: str) -> Registry:
    """Return an entry as a registry, without its ``auth``, which may spell the credentials in another way."""
    check_server(server, option)
    credentials = usable_credentials(config, server, option)
    check_username(credentials.username, f"{option}.username")
    check_secret_value(credentials.password, f"{option}.password")
    entry = entry_of(config, server)
    email = entry.get("email")
    return Registry(
        server,
        option,
        username=credentials.username,
        password=credentials.password,
        email=email if is_text(email) else None,
        other_fields={
            name: value for name, value in entry.items() if name not in ("auth", "username", "password", "email")
        },
    )


def refuse_duplicates(registries: Iterable[Registry]) -> None:
    """Raise KeyringError if two registries are the same to the kubelet."""
    seen: dict[str, Registry] = {}
    for registry in registries:
        key = match_key(registry.server)
        first = seen.setdefault(key, registry)
        if first is not registry:
            raise KeyringError(
                f'{registry.option} is the same registry as {first.option} ("{public_server(first.server)}").',
                f'The kubelet reads both as "{public_server(key)}".',
                "Keep one of them.",
                option=registry.option,
            )


def auth_of(registry: Registry) -> str | None:
    """Return the ``auth`` of a registry; None unless both username and password are given."""
    if registry.username and registry.password:
        return encode_auth(StoredLogin(registry.username, registry.password))
    return None


def warn_registries(registries: Iterable[Registry]) -> list[str]:
    """Return a warning for each thing in these registries that is allowed and rarely intended."""
    warnings: list[str] = []
    for registry in registries:
        if registry.absent:
            continue
        warnings += warn_server(registry.server, registry.option)
        if has_edge_blank(registry.password):
            warnings.append(f"{registry.option}: {EDGE_BLANK}")
        warnings += registry.warnings
    return list(dict.fromkeys(warnings))  # the registries of one preset share their credentials


def warn_imported(registries: Iterable[Registry]) -> list[str]:
    """Return the warnings about entries of a docker config: without advice on servers that a program chose.

    podman and Quay write the path of a repository without a final slash.
    """
    warnings: list[str] = []
    for registry in registries:
        warnings += warn_imported_server(registry.server, registry.option)
        if has_edge_blank(registry.password):
            warnings.append(f"{registry.option}: {EDGE_BLANK}")
    return warnings


def merge_registries(
    stored: Mapping[str, Any],
    registries: Sequence[Registry],
    *,
    purge: bool,
    update: UpdateCredentials,
    expiries: Mapping[str, str] | None = None,
    renew: Renew | None = None,
) -> Merged:
    """Return the stored docker config with these registries added, updated or removed.

    A stored server of another spelling with the same match key is the same registry, and gets the task's spelling.
    Where several are stored, the entry of this very spelling is updated, else the first in byte order. ``expiries``
    are the stored expiry times by match key. ``renew`` is called for each registry for which a token can be minted.
    Raise KeyringError if credentials are neither given nor stored, and if no registry would be left.
    """
    stored_auths: Mapping[str, Any] = stored.get("auths") or {}
    stored_times = expiries or {}
    spellings = _group_by_match_key(stored_auths)
    named = {match_key(registry.server) for registry in registries}
    auths: dict[str, Any] = {}
    times: dict[str, str] = {}
    kept: list[str] = []

    for server, entry in stored_auths.items():
        key = match_key(server)
        if purge or key in named:
            continue
        auths[server] = plain_entry(entry)
        if key in stored_times:
            times[server] = stored_times[key]
    unmanaged = tuple(auths)
    warnings = _warn_ambiguous(unmanaged)

    for registry in registries:
        if registry.absent:
            continue
        key = match_key(registry.server)
        same = spellings.get(key, [])
        previous = registry.server if registry.server in same else min(same, default=None)
        entry = {} if previous is None else entry_of(stored, previous)
        merged = _merge_entry(registry, entry, stored_times.get(key), update, renew)
        auths[registry.server] = merged.entry
        if merged.expires_at:
            times[registry.server] = merged.expires_at
        # A stored token that stays is what the task asks for, and is not kept for want of a password.
        if merged.is_kept and not (registry.minting and update == "always"):
            kept.append(registry.server)
        if merged.warning:
            warnings.append(merged.warning)
        dropped = sorted(server for server in same if server != previous)
        if dropped:
            warnings.append(
                f"{registry.option}: the Secret had the same registry also under {quote_servers(dropped)}; "
                "that is removed."
            )

    if not auths:
        raise KeyringError(
            "No registry would be left in the Secret.",
            "A pull secret without registries serves nothing.",
            "Use state=absent to delete it, or list the registries that it must have.",
            option="registries",
        )
    return Merged({**stored, "auths": auths}, tuple(kept), unmanaged, tuple(warnings), times)


def _group_by_match_key(servers: Iterable[str]) -> dict[str, list[str]]:
    """Return the servers in groups that are one registry to the kubelet."""
    groups: dict[str, list[str]] = {}
    for server in servers:
        groups.setdefault(match_key(server), []).append(server)
    return groups


def _warn_ambiguous(unmanaged: Iterable[str]) -> list[str]:
    """Return a warning for each registry that stays stored in more than one spelling."""
    return [
        f"The Secret has one registry under several names: {quote_servers(sorted(servers))}. Which of their "
        "credentials the kubelet tries first is not defined; name the registry in a task to keep one of them."
        for servers in _group_by_match_key(unmanaged).values()
        if len(servers) > 1
    ]


@dataclass(frozen=True)
class _MergedEntry:
    """An entry to be stored. ``is_kept``: its credentials are the stored ones, for want of given ones."""

    entry: dict[str, Any] = field(repr=False)
    expires_at: str | None
    is_kept: bool = False
    warning: str | None = None


def _merge_entry(
    registry: Registry, entry: Entry, stored_time: str | None, update: UpdateCredentials, renew: Renew | None
) -> _MergedEntry:
    """Return the stored entry, spelled, empty for a new one, with the credentials of the registry or its own."""
    login = _writable_login(entry)
    if renew and registry.minting:
        registry = renew(registry, login, stored_time)
    if login and (update == "on_create" or registry.password is None):
        return _keep_password(registry, entry, login, stored_time, update)
    return _replace_password(registry, entry, login, stored_time)


def _keep_password(
    registry: Registry, entry: Entry, login: StoredLogin, stored_time: str | None, update: UpdateCredentials
) -> _MergedEntry:
    """Return the stored entry with its own password, and with the other values of the registry."""
    if update == "on_create":
        # An expiry time of the task belongs to another password than the stored one.
        return _MergedEntry(write_credentials(entry, login, registry.email), stored_time, is_kept=True)
    username = login.username if registry.username is None else registry.username
    warning = None
    if username != login.username:
        warning = (
            f"{registry.option}: the username changes and the stored password is kept; check that they belong together."
        )
    return _MergedEntry(
        write_credentials(entry, StoredLogin(username, login.password), registry.email),
        registry.expires_at or stored_time,
        is_kept=True,
        warning=warning,
    )


def _replace_password(
    registry: Registry, entry: Entry, login: StoredLogin | None, stored_time: str | None
) -> _MergedEntry:
    """Return the stored entry with the given password. The stored expiry time counts only for this very password."""
    username = registry.username
    if username is None and login:
        username = login.username
    if username is None or registry.password is None:
        missing = "username" if username is None else "password"
        raise MissingCredential(
            f"{registry.option}.{missing} is missing.",
            f'The Secret has no readable credentials for "{public_server(registry.server)}" that could be kept.',
            "Give username and password.",
            option=f"{registry.option}.{missing}",
        )
    is_same = login is not None and login.password == registry.password
    return _MergedEntry(
        write_credentials({**entry, **registry.other_fields}, StoredLogin(username, registry.password), registry.email),
        registry.expires_at or (stored_time if is_same else None),
    )


def _writable_login(entry: Entry) -> StoredLogin | None:
    """Return the credentials of a spelled entry; None without a password, and where they cannot be written again.

    JSON can hold half a surrogate pair, which UTF-8 cannot.
    """
    try:
        login = read_credentials(entry)
        if login:
            f"{login.username}:{login.password}".encode()
    except (UnreadableAuth, UnicodeEncodeError):
        return None
    return login if login and login.password else None
