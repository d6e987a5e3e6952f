# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Views of a Secret with a Git credential that hold nothing secret: URLs, user names, host keys, public keys."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .._credentials.git_credential import advise, check_credential
from .._credentials.git_formats import FORMAT_ROWS, secret_keys_of_formats
from .._credentials.git_shapes import CUSTOM, Format, Shape
from .._credentials.key_opener import OPENER, KeyOpener
from .._credentials.secret_values import AFTER_APPLY, HIDDEN, PossiblySecret, holds_key, public_username, secret_lines
from .._errors import KeyringError
from .git_secret import find_git_expiry
from .git_stored import StoredParts, decode, find_credentials, names_of_keys, read_key
from .ownership import annotations_of
from .view import Hidden

if TYPE_CHECKING:
    from .plan import Secret

# How a public part is shown; None where what is stored is not what it should be.
Show = Callable[[str], Any]


def describe_git_secret(secret: Secret, row: Format, opener: KeyOpener = OPENER) -> dict[str, Any]:
    """Return the data for a diff: public values as they are, the private key by its public half, the rest as Hidden.

    A URL is shown without its user, so a change of the user is a field of its own.
    """
    shown = _shown(secret, row)
    data = {key: shown.get(key, Hidden(value)) for key, value in (secret.get("data") or {}).items()}
    key = _public_key(secret, row, opener)
    url = decode((secret.get("data") or {}).get(row.url_key, "")) if row.url_key in shown else None
    cut = {"hidden_in_url": Hidden(url)} if url is not None and url != shown[row.url_key] else {}
    return {"data": data, **({"key": key} if key["fingerprint"] else {}), **cut}


def git_fields(secret: Secret, row: Format, opener: KeyOpener = OPENER) -> dict[str, Any]:
    """Return the fields of a result that describe the credential; None for what the Secret does not have."""
    shown = _shown(secret, row)
    found = find_credentials(secret, [row])
    data = secret.get("data") or {}
    by_part = _shown_parts(found[0], shown) if found else {}
    known_hosts = by_part.get("known_hosts")
    return {
        "format": row.name,
        "kind": found[0].kind if found else None,
        "data_keys": sorted(data),
        "url": shown.get(row.url_key),
        "username": by_part.get("username"),
        "known_hosts": None if known_hosts == HIDDEN else known_hosts,
        "expires_at": find_git_expiry(secret, found[0].parts) if found else None,
        **_public_key(secret, row, opener),
    }


def _shown_parts(found: StoredParts, shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a stored credential as they are shown. ``shown`` are the keys whose value may be seen.

    A public part in a composed value stays hidden if it equals a secret one.
    """
    shape = found.row.shapes[found.kind]
    secret = {text for part, text in found.parts.items() if part not in found.row.public_parts}
    by_part: dict[str, Any] = {}
    for part, text in found.parts.items():
        key = shape.keys[part][0]
        if key not in shape.composed:
            by_part[part] = shown.get(key, HIDDEN)
        elif part not in found.row.public_parts or text in secret or holds_key(text):
            by_part[part] = HIDDEN
        else:
            by_part[part] = _SHOWN.get(part, str)(text)
    return by_part


def git_texts(secret: Secret, row: Format, opener: KeyOpener = OPENER) -> list[str]:
    """Return every string of the Secret that must not be shown: its data as stored, and the lines of the decoded data.

    The value of a key that no format knows may be a common word, so it is only possibly secret, and so is a whole file.
    Of a composed value the secret parts are returned, because its other text is not secret.
    """
    shown = _shown(secret, row)
    known = secret_keys_of_formats() | (row.all_keys() - row.file_keys())
    known = known.union(*(names_of_keys(other, annotations_of(secret)).values() for other in FORMAT_ROWS))
    public = str(_public_key(secret, row, opener)["public_key"])
    found: list[str] = []
    data = secret.get("data") or {}
    for key, value in data.items():
        if key in shown or decode(value) == AFTER_APPLY:
            continue
        lines = _secret_lines_of(key, decode(value) or "")
        texts = [text for text in (str(value), *lines) if text not in public]
        found += texts if key in known else map(PossiblySecret, texts)
    return found


def _secret_lines_of(key: str, text: str) -> list[str]:
    """Return the secret strings in the value of a key: all of it, or those inside if it is one of several strings."""
    inner: list[str] = []
    for row in FORMAT_ROWS:
        inner += row.secrets_inside(key, text)
    lines: list[str] = []
    for secret in inner or [text]:
        if secret != AFTER_APPLY:
            lines += secret_lines(secret)
    return lines


def find_git_problems(found: Sequence[StoredParts], opener: KeyOpener = OPENER) -> list[str]:
    """Return the problems of a stored credential as sentences, for the consumer that it serves best."""
    problems = [_problems_for(item, opener) for item in found]
    return min(problems, key=lambda item: (item[0], len(item[1])), default=(False, []))[1]


def _problems_for(found: StoredParts, opener: KeyOpener) -> tuple[bool, list[str]]:
    """Return whether the consumer cannot use the credential at all, and its problems as sentences."""
    from .._credentials.known_hosts import hashed, parse_known_hosts

    parts = {part: text for part, text in found.parts.items() if part != "public_key"}
    try:
        if "known_hosts" in parts and hashed(parse_known_hosts(parts["known_hosts"], "The stored known_hosts")):
            del parts["known_hosts"]  # which hosts it covers is seen only for a known URL
        checked = check_credential(found.row, found.kind, parts, None, place="the Secret", opener=opener)
    except KeyringError as error:
        return True, [*found.problems, str(error)]
    damaged = [_describe_damage(part, parts[part], text) for part, text in checked.parts.items() if text != parts[part]]
    warnings = [*checked.warnings, *advise(found.row, found.kind, found.parts, None, checked.key)]
    return False, [*found.problems, *damaged, *warnings]


def _describe_damage(part: str, stored: str, repaired: str) -> str:
    """Return what is wrong with a part of a Secret that the collection would repair."""
    damage = "damaged line endings"
    if part == "known_hosts" and stored.split() != repaired.split():
        damage = "lines that some programs do not read, which can make them refuse the others"
    return f"The {part} of the Secret has {damage}; writing it again fixes it."


def _public_key(secret: Secret, row: Format, opener: KeyOpener = OPENER) -> dict[str, str | None]:
    """Return the public half of the first private key in the Secret that can be read; None without one."""
    for found in find_credentials(secret, [row]):
        key = read_key(found.parts, opener)
        if key:
            return {"public_key": key.public_key, "fingerprint": key.fingerprint}
    return {"public_key": None, "fingerprint": None}


def _shown(secret: Secret, row: Format) -> dict[str, Any]:
    """Return the keys of the Secret whose value may be seen, each with the value as it is shown.

    A public value that equals a hidden one stays hidden, and so does a private key under the key of a public part.
    """
    data = secret.get("data") or {}
    texts = {key: decode(data[key]) for key in data}
    public = list(_public_keys(row))
    public_keys = {key for key, _show in public}
    hidden = {text for key, text in texts.items() if key not in public_keys and text != AFTER_APPLY}
    shown: dict[str, Any] = {}
    for key, show in public:
        text = texts.get(key)
        if text is None or text in hidden:
            continue
        if holds_key(text) and show not in _TOLD_BY_FORM.values():
            continue
        shown[key] = AFTER_APPLY if text == AFTER_APPLY else show(text)
    return {key: value for key, value in shown.items() if value is not None}


def _public_keys(row: Format) -> Iterator[tuple[str, Show]]:
    """Yield the keys of a Secret that hold nothing secret to this consumer, each with how it is shown.

    With names of the caller's own these are only the parts that have a form of their own: a task could otherwise ask
    for any value.
    """
    parts = frozenset(_TOLD_BY_FORM) if row.name == CUSTOM else row.public_parts
    yield from ((setting.key, str) for setting in row.settings.values() if setting.key and not setting.secret)
    for shape in row.shapes.values():  # after the settings: a user name that may be a token has the last word
        mixed = _mixed_keys(shape, parts)
        for part in parts & shape.keys.keys():
            yield from ((key, _SHOWN.get(part, str)) for key in shape.keys[part] if key not in mixed)
        yield from ((key, str) for key in shape.constants)
    if row.url_key and row.name != CUSTOM:
        yield row.url_key, _show_url


def _mixed_keys(shape: Shape, public_parts: Collection[str]) -> set[str]:
    """Return the keys whose value is composed of parts of which one is secret."""
    mixed: set[str] = set()
    for part, keys in shape.keys.items():
        if part not in public_parts:
            mixed.update(key for key in keys if key in shape.composed)
    return mixed


def _show_url(text: str) -> str:
    from .._credentials.git_url import public_url

    return public_url(text)


def _host_keys(text: str) -> list[str] | None:
    """Return the host keys as ``hosts algorithm fingerprint``, one string each; None if they do not parse."""
    from .._credentials.known_hosts import parse_known_hosts

    try:
        known = parse_known_hosts(text, "known_hosts")
    except KeyringError:
        return None
    return [" ".join(filter(None, (key.marker, key.hosts, key.algorithm, key.fingerprint))) for key in known.keys]


def _only_public(text: str) -> str | None:
    """Return a public key as in an authorized_keys file, without its comment; None if it is not one."""
    words = text.split()
    is_public = len(words) > 1 and words[0].startswith(("ssh-", "ecdsa-")) and words[1].startswith("AAAA")
    return " ".join(words[:2]) if is_public else None


# Parts that are shown only in their own form, so that nothing secret can be taken for them.
_TOLD_BY_FORM: Mapping[str, Show] = {"known_hosts": _host_keys, "public_key": _only_public}
_SHOWN: Mapping[str, Show] = {
    "username": lambda text: public_username(text, None),
    **_TOLD_BY_FORM,
    "base_url": _show_url,
}
