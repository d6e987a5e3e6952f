# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data of a Secret with a Git credential: what is stored, what a task wants, and what that comes to."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from .._credentials.git_credential import GitCredential, advise, fit_key, refuse_incomplete, replaced_by
from .._credentials.git_formats import FORMATS
from .._credentials.git_shapes import CredentialKind, Format, Shape, option_of, shape_keys
from .._credentials.git_url import GitUrl
from .._credentials.key_opener import OPENER, KeyOpener
from .._credentials.known_hosts import covers, parse_known_hosts
from .._credentials.registries import UpdateCredentials
from .._credentials.secret_values import AFTER_APPLY
from .._credentials.ssh_key import SshKey, parse_private_key
from .._errors import KeyringError, blaming_secret
from .ownership import annotations_of, is_ours, labels_of
from .plan import Payload, Secret

# Stands for a key that check mode does not make.
KEY_TO_COME = SshKey(
    text=AFTER_APPLY,
    form="OpenSSH",
    algorithm="Ed25519",
    encrypted=False,
    public_key=AFTER_APPLY,
    fingerprint=AFTER_APPLY,
)


@dataclass(frozen=True)
class WantedCredential:
    """What a task wants of a Git credential, in whichever namespace.

    ``settings`` is data beside the credential, None for a key that goes; ``first_annotations`` are written where no
    Secret is stored. Of those that begin with one of ``declared_annotations``, none stays that is not wanted.
    ``opener`` opens keys that are stored, which others may have written.
    ``new_key`` makes a key where none is stored, ``scan`` reads the host keys of the server; both give the same each
    time, and are None where they are not asked for.
    """

    row: Format
    credential: GitCredential
    url: GitUrl | None = None
    settings: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    first_annotations: Mapping[str, str] = field(default_factory=dict)
    declared_annotations: tuple[str, ...] = ()
    update: UpdateCredentials = "always"
    convert: bool = False
    fingerprints: tuple[str, ...] = ()
    new_key: Callable[[], SshKey] | None = None
    scan: Callable[[], str] | None = None
    opener: KeyOpener = OPENER

    @property
    def shape(self) -> Shape:
        return self.row.shapes[self.credential.kind]

    def option(self, part: str) -> str:
        return option_of(self.credential.kind, part)


def git_payload(wanted: WantedCredential) -> Callable[[Secret | None], Payload]:
    """How the data of the Secret follows from what is stored; for Desired.payload.

    Raises KeyringError when the credential is not complete, also not with what is stored and may be kept.
    """

    def payload(existing: Secret | None) -> Payload:
        stored = stored_parts(existing, wanted.shape)
        parts, kept, warnings = _choose_parts(wanted, stored)
        _add_lasting_parts(wanted, parts, stored, (existing or {}).get("data") or {})
        refuse_incomplete(wanted.row, wanted.credential.kind, parts)
        _settle_key(wanted, parts, stored)
        texts = {key: text for part, text in parts.items() for key in wanted.shape.keys[part]}
        new = {**texts, **wanted.settings}
        stale, others = _other_keys(wanted, existing, new)
        notes = {"credentials_kept": sorted(map(wanted.option, kept)), "unmanaged_keys": others}
        advice = advise(wanted.row, wanted.credential.kind, parts, wanted.url)
        return Payload(
            {**dict.fromkeys(stale), **{key: text and _encode(text) for key, text in new.items()}},
            notes,
            (*warnings, *advice),
            labels=_stale_marks(wanted.row, existing, labels_of, Format.is_label),
            annotations=_annotations(wanted, existing),
        )

    return payload


def _annotations(wanted: WantedCredential, existing: Secret | None) -> Mapping[str, str | None]:
    """The annotations that go with the data, None for one that goes unless the task sets it."""
    if existing is None:
        return wanted.first_annotations
    declared = {key: None for key in annotations_of(existing) if key.startswith(wanted.declared_annotations)}
    return {**declared, **_stale_marks(wanted.row, existing, annotations_of, Format.is_annotation)}


def stored_parts(secret: Secret | None, shape: Shape) -> dict[str, str]:
    """The parts of a credential in a Secret of this shape, as they are stored; those that are no text are left out."""
    data = (secret or {}).get("data") or {}
    texts = {part: decode(data[keys[0]]) for part, keys in shape.keys.items() if keys[0] in data}
    return {part: text for part, text in texts.items() if text is not None}


def read_key(parts: Mapping[str, str], opener: KeyOpener = OPENER) -> SshKey | None:
    """The private key among the parts of an SSH credential; None where there is none, or none that can be read."""
    text = parts.get("private_key")
    if text == AFTER_APPLY:
        return KEY_TO_COME
    try:
        if text is None:
            return None
        return parse_private_key(text, "the stored key", parts.get("passphrase"), opener)
    except KeyringError:
        return None


@dataclass(frozen=True)
class StoredParts:
    """A credential that is stored, read by the row of a consumer."""

    row: Format
    kind: CredentialKind
    parts: Mapping[str, str] = field(repr=False)


def find_credentials(secret: Secret, rows: Iterable[Format] = tuple(FORMATS.values())) -> list[StoredParts]:
    """How consumers would read this Secret, those that make the most of its keys; empty when it suits none."""
    found = [
        StoredParts(row, kind, parts)
        for row in rows
        for kind, shape in row.shapes.items()
        if (parts := _readable_parts(secret, shape))
    ]
    most = max((len(item.parts) for item in found), default=0)
    return [item for item in found if len(item.parts) == most]


def decode(value: str) -> str | None:
    """The text behind a value of a Secret's data; None when it is not text."""
    try:
        return base64.b64decode(value).decode()
    except (ValueError, TypeError):
        return None


def _encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _readable_parts(secret: Secret, shape: Shape) -> dict[str, str]:
    """The parts of a credential in a Secret that its consumer would accept as it is; else none."""
    if secret.get("type") != shape.type or not shape.labels.items() <= labels_of(secret).items():
        return {}
    parts = stored_parts(secret, shape)
    return parts if any(parts.keys() >= set(way) for way in shape.required_sets) else {}


def _choose_parts(wanted: WantedCredential, stored: Mapping[str, str]) -> tuple[dict[str, str], list[str], list[str]]:
    """The parts to write, which of them are kept as they are stored, and warnings about that."""
    given = wanted.credential.parts
    complete = [way for way in wanted.shape.required_sets if stored.keys() >= set(way)]
    if wanted.update == "always" or (wanted.update == "on_create" and not complete):
        return dict(given), [], []
    if wanted.update == "on_create":
        passed = replaced_by(stored)
        added = {part: text for part, text in given.items() if part not in passed}
        return {**added, **stored}, [part for part in stored if part != "public_key"], []
    passed = replaced_by(given)
    kept = [part for part in stored if part not in given and part not in passed and part != "public_key"]
    warnings = []
    if "password" in kept and given.get("username", stored.get("username")) != stored.get("username"):
        warnings.append(f"{wanted.option('username')} changes, and the stored password is kept.")
    return {**{part: stored[part] for part in kept}, **given}, kept, warnings


def _add_lasting_parts(
    wanted: WantedCredential, parts: dict[str, str], stored: Mapping[str, str], data: Mapping[str, str]
) -> None:
    """Add what is made or fetched once and stays afterwards: a new key, the host keys of a server."""
    if wanted.new_key:
        kept = {part: stored[part] for part in ("private_key", "passphrase") if part in stored}
        is_stored = wanted.shape.keys["private_key"][0] in data
        parts.update(kept if is_stored else {"private_key": wanted.new_key().text})
        if not _read_key(wanted, parts):
            raise KeyringError(
                f"{wanted.option('generate')} would keep the stored private key, and that can not be read.",
                "It was written by something else.",
                f"Give {wanted.option('private_key')}, or delete the Secret.",
                failure="invalid_secret",
            )
    if wanted.scan and "known_hosts" not in parts:
        hosts = stored.get("known_hosts", "")
        parts["known_hosts"] = hosts if _still_good(wanted, hosts) else wanted.scan()


def _still_good(wanted: WantedCredential, hosts: str) -> bool:
    """Whether stored host keys serve the URL and are those that the task accepts."""
    try:
        known = parse_known_hosts(hosts, "the stored known_hosts")
    except KeyringError:
        return False
    accepted = not wanted.fingerprints or all(key.fingerprint in wanted.fingerprints for key in known.keys)
    return accepted and wanted.url is not None and covers(known, wanted.url.host, wanted.url.port)


def _read_key(wanted: WantedCredential, parts: Mapping[str, str]) -> SshKey | None:
    """Return the private key among the parts to write; one that the task gives has been opened already."""
    given = wanted.credential.key
    return given if given and given.text == parts.get("private_key") else read_key(parts, wanted.opener)


def _settle_key(wanted: WantedCredential, parts: dict[str, str], stored: Mapping[str, str]) -> None:
    """Leave a stored key alone that is the wanted one in the same form, and put the public key beside it."""
    key = _read_key(wanted, parts)
    if wanted.credential.kind != "ssh" or key is None:
        return
    if key is not KEY_TO_COME and wanted.new_key:
        place, passphrase = "The stored private key", parts.get("passphrase")
        with blaming_secret():
            key = fit_key(key, wanted.row, place, passphrase=passphrase, convert=wanted.convert, opener=wanted.opener)
        parts["private_key"] = key.text
    before = read_key(stored, wanted.opener)
    same = before and (before.public_key, before.form) == (key.public_key, key.form)
    if before and same and not (before.encrypted or key.encrypted):
        parts["private_key"] = before.text
    if not key.encrypted:
        parts.pop("passphrase", None)  # the stored one was that of another key, or has just been used
    if "public_key" in wanted.shape.keys:
        parts["public_key"] = AFTER_APPLY if key is KEY_TO_COME else f"{key.public_key}\n"


def _stale_marks(
    row: Format,
    existing: Secret | None,
    marks_of: Callable[[Secret], Mapping[str, str]],
    is_mark: Callable[[Format, str], bool],
) -> dict[str, None]:
    """The labels or annotations by which another consumer found a Secret of ours; it would go on reading it."""
    if not existing or not is_ours(existing):
        return {}
    others = [other for other in FORMATS.values() if other.name != row.name]
    return {key: None for key in marks_of(existing) if any(is_mark(other, key) for other in others)}


def _other_keys(wanted: WantedCredential, existing: Secret | None, new: Iterable[str]) -> tuple[list[str], list[str]]:
    """The stored keys beside those that are written: of another credential, which go, and foreign ones, which stay.

    In a Secret of ours, what any format reads is of another credential: it served another consumer before.
    """
    rest = ((existing or {}).get("data") or {}).keys() - set(new) - wanted.row.setting_keys(wanted.credential.kind)
    known = {key for shape in wanted.row.shapes.values() for key in shape_keys(shape)}
    if existing and is_ours(existing):
        known = known.union(*(row.all_keys() for row in FORMATS.values()))
    stale = sorted(rest & known)
    others = sorted(rest - known)
    if others and wanted.row.refuses_other_keys:
        raise KeyringError(
            f"The Secret has the keys {', '.join(others)}, which format {wanted.row.name} does not know and refuses.",
            "They were written by something else.",
            "Remove them, or use another name.",
            failure="invalid_secret",
        )
    return stale, others
