# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data of a pull secret: the stored docker config, the one that a task wants, and the part that may be seen."""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from .._credentials.docker_config import (
    CONFIG_JSON_KEY,
    KEY,
    LEGACY_KEY,
    LEGACY_TYPE,
    TYPE,
    StoredLogin,
    doubtful_texts,
    parse_stored_config,
    read_credentials,
    render_docker_config,
    secret_texts,
)
from .._credentials.docker_fields import Entry, entry_field, is_odd, is_text, spell_entry, without_refused_headers
from .._credentials.expiry import find_first, find_token_expiry, parse_expiries, render_expiries
from .._credentials.secret_values import AFTER_APPLY, PossiblySecret, public_email, public_username
from .._errors import KeyringError
from .._kubelet.secret_config import KEY_OF_TYPE, UnreadableAuth, decode_value
from .._kubelet.server_text import public_server
from .._kubelet.url_match import match_key
from .names import EXPIRES_AT

if TYPE_CHECKING:
    from .._credentials.lint import Finding
    from .._credentials.registries import Merged, Registry, Renew, UpdateCredentials
    from .plan import Payload, Secret

T = TypeVar("T")
S = TypeVar("S", bound="Secret | None")

TYPES = (TYPE, LEGACY_TYPE)

# Returns the docker config in a Secret; raises KeyringError for one that does not parse.
ReadConfig = Callable[["Secret"], dict[str, Any]]

NOT_A_TEXT = "<not a string>"

ODD = (
    'The docker config in the Secret had a key twice, or "auths" in an unusual spelling. It is written again with what '
    "the kubelet reads of it."
)


def by_data(function: Callable[[S], T]) -> Callable[[S], T]:
    """Remember what a function makes of the data, type and ends of a Secret, often the same in many namespaces.

    For functions that look at nothing else, unless they raise.
    """
    known: dict[tuple[tuple[str, str | None], ...] | None, tuple[T]] = {}

    @functools.wraps(function)
    def remembering(secret: S) -> T:
        data = None
        if secret is not None:
            data = (*(secret.get("data") or {}).items(), ("", _ends_text(secret)), ("", secret.get("type")))
        made = known.get(data)  # one step, for another thread may forget everything between two
        if made is None:
            made = (function(secret),)
            if len(known) >= _DATA_REMEMBERED:
                known.clear()
            known[data] = made
        return made[0]

    return remembering


_DATA_REMEMBERED = 64


def _ends_text(secret: Secret) -> str | None:
    return ((secret.get("metadata") or {}).get("annotations") or {}).get(EXPIRES_AT)


def stored_ends(secret: Secret | None) -> dict[str, str]:
    """Return the times at which credentials in a Secret end, by match key, where they are known."""
    ends = parse_expiries(_ends_text(secret)) if secret else {}
    return {match_key(server): end for server, end in ends.items()}


def is_renewed_here(ours: bool, annotations: Mapping[str, str]) -> bool:
    """Return whether tasks of this collection renew the credentials of a Secret.

    A task created the Secret or took it over, or recorded an expiry time in it. Other programs renew their own tokens,
    such as OpenShift those of its registry.
    """
    return ours or EXPIRES_AT in annotations


def find_end(entry: Entry, stored_end: str | None) -> str | None:
    """Return when the credentials of an entry expire; None if unknown.

    A stored time wins. Without one, a password that is a JSON Web Token has a time of its own.
    """
    if stored_end:
        return stored_end
    credentials = _readable(entry)
    return find_token_expiry(credentials.password) if credentials else None


def read_docker_config(secret: Secret) -> dict[str, Any]:
    """Return the docker config in a Secret of any type, also of the older form; with empty ``auths`` where it has none.

    Raises KeyringError when what is stored does not parse.
    """
    place = f"The docker config in Secret {secret['metadata']['namespace']}/{secret['metadata']['name']}"
    key = _config_key(secret)
    text = decode_value((secret.get("data") or {}).get(key))
    return parse_stored_config(text, place, legacy=key == LEGACY_KEY)


def _config_key(secret: Secret) -> str:
    """Return the key of the docker config in a Secret: the one that its consumer reads, or the one that there is."""
    data = secret.get("data") or {}
    for key in (KEY_OF_TYPE.get(secret.get("type") or "", CONFIG_JSON_KEY), KEY, LEGACY_KEY):
        if key in data:
            return key
    return KEY


def merge_pull_secret(
    existing: Secret | None,
    registries: Sequence[Registry],
    *,
    purge: bool,
    update: UpdateCredentials,
    renew: Renew | None = None,
    key: str = KEY,
) -> Payload:
    """Return the data of a pull secret: the registries of a task merged into what is stored.

    ``key`` is the one under which the docker config is written. ``renew`` gives a registry a new token where the stored
    one does not stay. Raises KeyringError when what is stored does not parse.
    """
    from .._credentials.registries import merge_registries
    from .plan import Payload

    stored = _stored_config(existing, purge)
    ends = stored_ends(existing)
    kept = without_refused_headers(stored) if purge else stored
    merged = merge_registries(kept, registries, purge=purge, update=update, expiries=ends, renew=renew)
    managed_ends: list[str] = []
    for server, entry in merged.config["auths"].items():
        end = None if server in merged.unmanaged else find_end(entry, merged.expiries.get(server))
        if end:
            managed_ends.append(end)
    notes = {
        "credentials_kept": sorted(map(public_server, merged.kept)),
        "unmanaged_registries": sorted(map(public_server, merged.unmanaged)),
        "next_run_before": find_first(managed_ends),
    }
    data: dict[str, str | None] = {}
    stored_key = _config_key(existing) if existing else key
    has_text = existing is not None and key in (existing.get("data") or {}) and stored_key == key
    odd = is_odd(stored)
    if not has_text or odd or merged.config != stored:
        text = base64.b64encode(render_docker_config(merged.config).encode()).decode()
        stale = (stored_key, LEGACY_KEY) if key == KEY else (stored_key,)
        data = {**dict.fromkeys(stale), key: text}
    warnings = [*merged.warnings, *_warn_faults(merged)]
    if odd:
        warnings.append(ODD)
    return Payload(data, notes, tuple(warnings), annotations=render_ends(merged, ends))


def render_ends(merged: Merged, stored: Mapping[str, str]) -> dict[str, str | None]:
    """Return the annotation with the ends, where it would say something else than the stored one."""
    ends = {public_server(server): end for server, end in merged.expiries.items()}
    if {match_key(server): end for server, end in ends.items()} == stored:
        return {}
    return {EXPIRES_AT: render_expiries(ends)}


def describe_pull_secret(secret: Secret) -> dict[str, Any]:
    """Return the data for a diff: registries with server, user and e-mail; every other value of the data as Hidden."""
    from .view import Hidden

    data = secret.get("data") or {}
    try:
        config = read_docker_config(secret)
    except KeyringError:
        return _without_empty(data={key: Hidden(value) for key, value in data.items()})
    return _without_empty(
        registries={public_server(server): _describe_entry(entry or {}) for server, entry in config["auths"].items()},
        other_fields={name: Hidden(value) for name, value in config.items() if name != "auths"},
        data={key: Hidden(value) for key, value in data.items() if key not in (KEY, LEGACY_KEY, _config_key(secret))},
    )


def _without_empty(**parts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in parts.items() if part}


@by_data
def pull_secret_texts(secret: Secret) -> list[str]:
    """Return every text in a pull secret that must not be shown: its data as it is stored, and the values in it.

    A docker config counts by its values alone: its keys and user names are words that any message may have.
    """
    texts: list[str] = []
    for key, value in (secret.get("data") or {}).items():
        texts += [str(value), *_plain_texts(key, decode_value(value))]
    return [text for text in texts if text != AFTER_APPLY]


def _plain_texts(key: str, data: bytes) -> list[str]:
    if key in (KEY, LEGACY_KEY, CONFIG_JSON_KEY):
        try:
            config = parse_stored_config(data, key, legacy=key == LEGACY_KEY, keys_twice=False)
        except KeyringError:
            return [data.decode(errors="replace")]
        return [*secret_texts(config), *map(PossiblySecret, doubtful_texts(config))]
    return [data.decode(errors="replace")]


@by_data
def list_registries(secret: Secret) -> list[dict[str, Any]]:
    """Return the registries of a Secret, sorted by server; none where the docker config does not parse."""
    try:
        auths = read_docker_config(secret)["auths"]
    except KeyringError:
        return []
    ends = stored_ends(secret)
    registries: list[dict[str, Any]] = []
    for server in sorted(auths, key=public_server):
        entry = spell_entry(auths[server])
        end = find_end(entry, ends.get(match_key(server)))
        registries.append({"server": public_server(server), **_public_fields(entry), "expires_at": end})
    return registries


def _public_fields(entry: Entry) -> dict[str, str | None]:
    username, password, email = (_text_or_none(entry.get(name)) for name in ("username", "password", "email"))
    credentials = _readable(entry)
    if credentials:
        username, password = credentials.username, credentials.password
    return {"username": public_username(username, password), "email": public_email(email, password)}


_PUBLIC_FIELDS = ("username", "email")


def _describe_entry(entry: Entry) -> dict[str, Any]:
    """Return an entry for a diff, field by field as it is stored, so that a repair is seen."""
    from .view import Hidden

    shown: dict[str, Any] = {name: Hidden(value) for name, value in entry.items()}
    public = {name: value for name, value in entry.items() if entry_field(name) in _PUBLIC_FIELDS and value is not None}
    spelled = spell_entry(entry)
    passwords = [value for name, value in entry.items() if entry_field(name) == "password"]
    credentials = _readable(spelled)
    if credentials:
        passwords.append(credentials.password)
        if "username" not in spelled:
            public["username"] = credentials.username
    for name, value in public.items():
        if is_text(value):
            shown[name] = public_username(value, value if value in passwords else None)
        else:
            shown[name] = NOT_A_TEXT
    return shown


def _readable(entry: Entry) -> StoredLogin | None:
    try:
        return read_credentials(entry)
    except UnreadableAuth:
        return None


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _stored_config(existing: Secret | None, purge: bool) -> dict[str, Any]:
    if existing is None:
        return {"auths": {}}
    try:
        return read_docker_config(existing)
    except KeyringError as error:
        if purge:
            return {"auths": {}}
        raise KeyringError(
            str(error),
            "Nothing can be merged into it.",
            "Set purge_registries=true to replace it.",
            failure="invalid_secret",
        ) from None


def _warn_faults(merged: Merged) -> list[str]:
    """Return a warning for each error in what is carried over, but for names of one registry that differ.

    The merge warns about those.
    """
    auths = {server: merged.config["auths"][server] for server in merged.unmanaged}
    return [
        f'Stored entry "{fault.server}": {fault.message}' if fault.server else fault.message
        for fault in _find_faults({**merged.config, "auths": auths})
        if fault.id != "same_match_key"
    ]


def _find_faults(config: Mapping[str, Any]) -> list[Finding]:
    from .._credentials.lint import lint_config

    return [finding for finding in lint_config(config) if finding.severity == "error"]
