# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Git credential as it is stored: which consumers could read it, and its parts."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from .._credentials.git_formats import FORMAT_ROWS
from .._credentials.git_shapes import CUSTOM, CredentialKind, Format, Shape
from .._credentials.key_opener import OPENER, KeyOpener
from .._credentials.secret_values import AFTER_APPLY
from .._dataclasses import dataclass
from .._errors import KeyringError
from .ownership import annotations_of, labels_of

if TYPE_CHECKING:
    from .._credentials.ssh_key import SshKey
    from .plan import Secret


def stored_text(secret: Secret | None, key: str) -> str | None:
    """Return the text under a key of a Secret; None where there is none, or it is not text."""
    data = (secret or {}).get("data") or {}
    return decode(data[key]) if key in data else None


def stored_parts(secret: Secret | None, shape: Shape) -> dict[str, str]:
    """Return the parts of a credential as a Secret of this shape has them; those that are no text are left out."""
    parts: dict[str, str] = {}
    for part, keys in shape.keys.items():
        text = stored_text(secret, keys[0])
        if text is not None and keys[0] not in shape.composed:
            parts[part] = text
    for key, composer in shape.composed.items():
        found = composer.read(stored_text(secret, key) or "")
        parts.update((part, found[part]) for part in shape.keys if part in found)
    return parts


def read_key(parts: Mapping[str, str], opener: KeyOpener = OPENER) -> SshKey | None:
    """Return the private key among the parts of an SSH credential; None where there is none that can be read."""
    text = parts.get("private_key")
    if text is None:
        return None
    from .._credentials.ssh_key import KEY_TO_COME, parse_private_key

    if text == AFTER_APPLY:
        return KEY_TO_COME
    try:
        return parse_private_key(text, "the stored key", parts.get("passphrase"), opener)
    except KeyringError:
        return None


@dataclass(frozen=True)
class StoredParts:
    """A credential that is stored, read by the row of a consumer. ``problems`` are sentences about how it is stored."""

    row: Format
    kind: CredentialKind
    parts: Mapping[str, str] = field(repr=False)
    problems: tuple[str, ...] = ()


def find_credentials(
    secret: Secret, rows: Iterable[Format] = FORMAT_ROWS, *, in_part: bool = False
) -> list[StoredParts]:
    """Return how consumers would read this Secret, those that make the most of its keys; empty when it suits none.

    ``in_part`` accepts a Secret that lacks parts of a credential.
    """
    found: list[StoredParts] = []
    annotations = annotations_of(secret)
    for named in rows:
        row = named.rename(names_of_keys(named, annotations))
        if row.url_is_proxy and stored_text(secret, row.url_key) is None:
            continue
        for kind, shape in row.shapes.items():
            parts = _readable_parts(secret, row, shape, in_part=in_part)
            if parts and not (row.name == CUSTOM and _is_other_key(kind, parts)):
                found.append(StoredParts(row, kind, parts, tuple(_storage_problems(secret, row, shape))))
    most = max((len(item.parts) for item in found), default=0)
    return [item for item in found if len(item.parts) == most]


def names_of_keys(row: Format, annotations: Mapping[str, str]) -> dict[str, str]:
    """Return the other names of keys that annotations have for a consumer."""
    if not row.renaming:
        return {}
    names: dict[str, str] = {}
    for annotation, name in annotations.items():
        if name and annotation.startswith(row.renaming):
            names[annotation.removeprefix(row.renaming)] = name
    return names


def _storage_problems(secret: Secret, row: Format, shape: Shape) -> Iterator[str]:
    """Yield what is wrong with labels, keys and composed values, as sentences."""
    labels, data = labels_of(secret), secret.get("data") or {}
    for label, value in shape.watch_labels.items():
        if labels.get(label) != value:
            yield f"The label {label}={value} is missing, without which the consumer does not see the Secret."
    for key, part in shape.wrong_keys.items():
        right = shape.keys[part][0]
        if key in data and right not in data:
            label = next((f" with the label {name}={value}" for name, value in shape.labels.items()), "")
            yield f"The key {key} is not read by format {row.name}{label}, which reads {right}."
    for key, composer in shape.composed.items():
        problem = composer.problem(stored_text(secret, key) or "") if key in data else ""
        if problem:
            yield problem


def _is_other_key(kind: CredentialKind, parts: Mapping[str, str]) -> bool:
    """Return whether the key among the parts is of another kind: names of the caller's own do not tell them apart."""
    is_openpgp = "BEGIN PGP" in parts.get("private_key", "")
    return "private_key" in parts and is_openpgp is not (kind == "gpg")


def decode(value: str) -> str | None:
    """Return the text behind a value of a Secret's data; None when it is not text."""
    try:
        return base64.b64decode(value).decode()
    except (ValueError, TypeError):
        return None


def _readable_parts(secret: Secret, row: Format, shape: Shape, *, in_part: bool) -> dict[str, str]:
    """Return the parts of a credential in a Secret that its consumer would accept, as a whole or in part; else none."""
    if secret.get("type") != shape.type or not shape.labels.items() <= labels_of(secret).items():
        return {}
    if row.variant and not _has_constants(secret, row, shape):
        return {}
    parts = stored_parts(secret, shape)
    for key, part in shape.wrong_keys.items():
        text = stored_text(secret, key)
        if text is not None:
            parts.setdefault(part, text)
    is_complete = any(parts.keys() >= set(way) for way in shape.required_sets)
    return parts if is_complete or in_part else {}


def _has_constants(secret: Secret, row: Format, shape: Shape) -> bool:
    """Return whether the Secret is of this type for its consumer. One that does not state its type is for Git."""
    data = secret.get("data") or {}
    for key, value in shape.constants.items():
        if key not in data and row.is_for_git:
            continue
        if decode(data.get(key, "")) != value:
            return False
    return True
