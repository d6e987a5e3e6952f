# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task says about registries, and how it is merged into the docker config that is stored.

Registries add up: those that the task does not name stay as they are, byte for byte of their JSON value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .._errors import KeyringError
from .._kubelet.auth import UnreadableAuth
from .._kubelet.match_key import match_key
from .._kubelet.server_text import public_server
from .docker_config import (
    Entry,
    StoredLogin,
    encode_auth,
    is_text,
    read_credentials,
    usable_credentials,
    write_credentials,
)
from .expiry import check_expires_at
from .material import EDGE_BLANK, check_email, check_material, check_username
from .preset_checks import check_preset_options, complete_login, refuse_minting_options, warn_login, warn_preset_options
from .preset_shapes import Login, Minting, Preset
from .presets import find_preset
from .server import check_server, check_stored_server, warn_server

UpdateCredentials = Literal["always", "when_given", "on_create"]


_CHECKS = {"username": check_username, "password": check_material, "email": check_email}


@dataclass(frozen=True)
class Registry:
    """One registry that the task names; ``option`` says where, for messages.

    ``entry`` holds the fields that the task gives: username, password, email, and whatever an imported entry has;
    ``warnings`` what its preset finds doubtful. ``expires_at`` is when the password ends, where that is known, and
    ``minting`` how one is made where none is given.
    """

    server: str
    option: str
    entry: Entry = field(default_factory=dict, repr=False)
    absent: bool = False
    warnings: tuple[str, ...] = ()
    expires_at: str | None = None
    minting: Minting | None = None


@dataclass(frozen=True)
class Merged:
    """A docker config after the merge, with the ends that are known. Servers are named as they are stored."""

    config: dict[str, Any]
    kept: tuple[str, ...] = ()
    unmanaged: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    expiries: Mapping[str, str] = field(default_factory=dict)


# The registry with a new token where the stored credentials, and their end, ask for one.
Renew = Callable[[Registry, "StoredLogin | None", "str | None"], Registry]


def parse_registries(items: Sequence[Mapping[str, Any]], update: UpdateCredentials) -> list[Registry]:
    """The option ``registries`` as Registry objects, several for a preset with several servers.

    Raises KeyringError with the index of a wrong item.
    """
    return [
        registry for index, item in enumerate(items) for registry in _parse_item(item, f"registries[{index}]", update)
    ]


def registries_of(config: Mapping[str, Any], option: str) -> list[Registry]:
    """The entries of an imported docker config as Registry objects.

    Raises KeyringError when there is none, when one has no readable credentials, and for a useless server.
    """
    if not config["auths"]:
        raise KeyringError(f"{option} names no registry: its auths are empty.", "", "Name at least one.", option=option)
    return [_import_entry(config, server, f'{option}.auths["{public_server(server)}"]') for server in config["auths"]]


def refuse_duplicates(registries: Iterable[Registry]) -> None:
    """Raise KeyringError when two of them are one registry to the kubelet."""
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
    """The ``auth`` that the credentials of a registry make, where both are given."""
    username, password = registry.entry.get("username"), registry.entry.get("password")
    return encode_auth(StoredLogin(username, password)) if username and password else None


def warn_registries(registries: Iterable[Registry]) -> list[str]:
    """What is allowed in these registries and yet seldom meant, as sentences."""
    warnings = []
    for registry in registries:
        if registry.absent:
            continue
        warnings += warn_server(registry.server, registry.option)
        password = registry.entry.get("password")
        if password and password != password.strip():
            warnings.append(f"{registry.option}: {EDGE_BLANK}")
        warnings += registry.warnings
    return list(dict.fromkeys(warnings))  # the registries of one preset share their credentials


def merge_registries(
    stored: Mapping[str, Any],
    registries: Sequence[Registry],
    *,
    purge: bool,
    update: UpdateCredentials,
    expiries: Mapping[str, str] | None = None,
    renew: Renew | None = None,
) -> Merged:
    """The stored docker config with these registries in it, or out of it.

    A stored server of another spelling with the same match key is the same registry, and gets the task's spelling.
    Where several are stored, this very spelling is merged into, else the first in byte order. ``expiries`` are the
    stored ends by match key; a password that changes without a new one has none. Where a token can be minted, ``renew``
    is asked whether it is; one that stays does not count as kept.
    Raises KeyringError when credentials are neither given nor stored, and when no registry would be left.
    """
    auths: dict[str, Any] = dict(stored.get("auths") or {})
    spellings = _spellings(auths)
    named = {match_key(registry.server) for registry in registries}
    unnamed = [] if purge else [servers for key, servers in spellings.items() if key not in named]
    carried = {server for servers in unnamed for server in servers}
    foreign = {server: entry for server, entry in auths.items() if server in carried}
    result, kept, warnings = dict(foreign), [], _warn_ambiguous(unnamed)
    stored_ends = expiries or {}
    ends = {server: stored_ends[key] for server in foreign if (key := match_key(server)) in stored_ends}
    for registry in registries:
        if registry.absent:
            continue
        same = spellings.get(match_key(registry.server), [])
        chosen = registry.server if registry.server in same else min(same, default=None)
        previous = None if chosen is None else auths[chosen] or {}
        end = stored_ends.get(match_key(registry.server))
        if renew and registry.minting:
            registry = renew(registry, _readable(previous), end)
        entry, was_kept, warning = _merge_entry(previous, registry, update)
        result[registry.server] = entry
        end = _merge_end(end, registry, _readable(previous), entry, update)
        ends.update({registry.server: end} if end else {})
        kept += [registry.server] if was_kept and not (registry.minting and update == "always") else []
        warnings += [warning] if warning else []
        warnings += _warn_dropped(registry, [server for server in same if server != chosen])
    if not result:
        raise KeyringError(
            "No registry would be left in the Secret.",
            "A pull secret without registries serves nothing.",
            "Use state=absent to delete it, or name the registries that it shall hold.",
            option="registries",
        )
    return Merged({**stored, "auths": result}, tuple(kept), tuple(foreign), tuple(warnings), ends)


def _parse_item(item: Mapping[str, Any], option: str, update: UpdateCredentials) -> Iterator[Registry]:
    """The registry that an item names, or those of its preset."""
    row = _find_row(item, option)
    absent = item.get("state") == "absent"
    warnings: list[str] = []
    settings: Mapping[str, Any] = {}
    if row:
        settings = check_preset_options(row, item.get("preset_options") or {}, f"{option}.preset_options")
        servers: Iterable[str] = dict.fromkeys(row.servers(settings))
        warnings += warn_preset_options(row, settings, f"{option}.preset_options")
    else:
        servers = [item["server"]]
        (check_stored_server if absent else check_server)(item["server"], f"{option}.server")
    if absent:
        yield from (Registry(server, option, absent=True) for server in servers)
        return
    login = Login(item.get("username"), item.get("password"))
    if row:
        login = complete_login(row, login, option)
        warnings += warn_login(row, login, option)
        refuse_minting_options(row, item.get("preset_options") or {}, login, option)
    end = item.get("expires_at")
    end = None if end is None else check_expires_at(end, f"{option}.expires_at")
    minting = Minting(row, settings, option, row.mints) if row and row.mints and login.password is None else None
    if minting and update == "always":
        _refuse_beside_token(item, login, minting)
    elif minting and login.username not in (None, minting.username):
        minting = None
    given = {"username": login.username, "password": login.password, "email": item.get("email")}
    entry = {name: value for name, value in given.items() if value is not None}
    for name, value in entry.items():
        _CHECKS[name](value, f"{option}.{name}")
    if update == "always" and not minting:
        _refuse_missing(entry, ("password",) if row and row.supplies_username else ("username", "password"), option)
    for server in servers:
        yield Registry(server, option, entry, warnings=tuple(warnings), expires_at=end, minting=minting)


def _refuse_beside_token(item: Mapping[str, Any], login: Login, minting: Minting) -> None:
    """Raise KeyringError for what only somebody knows who has a password."""
    if login.username not in (None, minting.username):
        raise KeyringError(
            f"{minting.option}.username is given without password.",
            f"Preset {minting.row.name} mints a token then, which goes with the user {minting.username}.",
            "Give both, or neither.",
            option=f"{minting.option}.username",
        )
    if item.get("expires_at") is not None:
        raise KeyringError(
            f"{minting.option}.expires_at is given without password.",
            f"Preset {minting.row.name} mints a token then, and is told when that ends.",
            "Give both, or neither.",
            option=f"{minting.option}.expires_at",
        )


def _find_row(item: Mapping[str, Any], option: str) -> Preset | None:
    """The preset that an item names, if it does. Raises KeyringError unless it names either that or a server."""
    server, preset = item.get("server"), item.get("preset")
    if server is not None and preset is not None:
        raise KeyringError(
            f"{option}.server and {option}.preset exclude each other.",
            "A preset gives the server.",
            "Keep one of them.",
            option=f"{option}.preset",
        )
    if preset is not None:
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


def _refuse_missing(entry: Entry, needed: Iterable[str], option: str) -> None:
    for name in needed:
        if name not in entry:
            raise KeyringError(
                f"{option}.{name} is missing.",
                "With update_credentials=always each registry needs both username and password.",
                "Give it, or set update_credentials=when_given to keep what is stored.",
                option=f"{option}.{name}",
            )


def _import_entry(config: Mapping[str, Any], server: str, option: str) -> Registry:
    """The entry with its credentials in plain fields, without an ``auth`` that may spell them in another way."""
    check_server(server, option)
    credentials = usable_credentials(config, server, option)
    check_username(credentials.username, f"{option}.username")
    check_material(credentials.password, f"{option}.password")
    kept = {name: value for name, value in (config["auths"][server] or {}).items() if name != "auth"}
    if not is_text(kept.get("email")):
        del kept["email"]
    return Registry(server, option, {**kept, "username": credentials.username, "password": credentials.password})


def _spellings(servers: Iterable[str]) -> dict[str, list[str]]:
    """The servers by what the kubelet makes of them."""
    found: dict[str, list[str]] = {}
    for server in servers:
        found.setdefault(match_key(server), []).append(server)
    return found


def _warn_ambiguous(groups: Iterable[Sequence[str]]) -> list[str]:
    """A warning for each registry that is carried over in more than one spelling."""
    return [
        f"The Secret has one registry under several names: {_quoted(servers)}. Which of their credentials the kubelet "
        "tries first is not defined; name the registry in a task to keep one of them."
        for servers in groups
        if len(servers) > 1
    ]


def _warn_dropped(registry: Registry, servers: Sequence[str]) -> list[str]:
    """A warning about stored entries for this registry, under other names, that are not merged into the new one."""
    dropped = f"{registry.option}: the Secret had the same registry also under {_quoted(servers)}; that is removed."
    return [dropped] if servers else []


def _quoted(servers: Sequence[str]) -> str:
    return ", ".join(f'"{public_server(server)}"' for server in sorted(servers))


def _merge_entry(
    previous: Entry | None, registry: Registry, update: UpdateCredentials
) -> tuple[dict[str, Any], bool, str | None]:
    """The new entry, whether stored credentials were kept for want of given ones, and a warning."""
    given = registry.entry
    stored = _readable(previous)
    email = given.get("email")
    if stored and (update == "on_create" or "password" not in given):
        username = stored.username if update == "on_create" else given.get("username", stored.username)
        warning = None
        if username != stored.username:
            warning = (
                f"{registry.option}: the username changes and the stored password is kept; "
                "check that they belong together."
            )
        return write_credentials(previous or {}, StoredLogin(username, stored.password), email), True, warning
    username = given.get("username", stored.username if stored else None)
    password = given.get("password")
    if username is None or password is None:
        raise KeyringError(
            f"{registry.option}.{'username' if username is None else 'password'} is missing.",
            f'No readable credentials for "{public_server(registry.server)}" are stored that could be kept.',
            "Give username and password.",
            option=f"{registry.option}.{'username' if username is None else 'password'}",
        )
    imported = {name: value for name, value in given.items() if name not in ("username", "password", "email")}
    return write_credentials({**(previous or {}), **imported}, StoredLogin(username, password), email), False, None


def _merge_end(
    stored_end: str | None, registry: Registry, stored: StoredLogin | None, entry: Entry, update: UpdateCredentials
) -> str | None:
    """When the password of a merged entry ends: what the task says of it, else what was known of this very password."""
    same = stored is not None and stored.password == entry["password"]
    if same and update == "on_create":
        return stored_end  # what the task says is about another one
    return registry.expires_at or (stored_end if same else None)


def _readable(entry: Entry | None) -> StoredLogin | None:
    """The credentials of an entry that can be written again; half a surrogate pair, which JSON has, can not."""
    try:
        credentials = read_credentials(entry) if entry else None
        if credentials:
            f"{credentials.username}:{credentials.password}".encode()
    except (UnreadableAuth, UnicodeEncodeError):
        return None
    return credentials
