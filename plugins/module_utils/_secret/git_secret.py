# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data of a Secret with a Git credential: as a task wants it, and as it is going to be."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from .._credentials.git_credential import GitCredential, advise, fit_key, refuse_incomplete, replaced_by
from .._credentials.git_formats import FORMAT_ROWS, keys_of_formats
from .._credentials.git_shapes import Composition, Format, Shape, option_of, shape_keys
from .._credentials.key_opener import OPENER, KeyOpener
from .._credentials.secret_values import AFTER_APPLY
from .._dataclasses import dataclass
from .._errors import KeyringError, blaming_secret
from .git_stored import names_of_keys, read_key, stored_parts, stored_text
from .names import EXPIRES_AT, MINTED_FOR
from .ownership import annotations_of, is_ours, labels_of

if TYPE_CHECKING:
    from .._credentials.git_url import GitUrl
    from .._credentials.registries import UpdateCredentials
    from .._credentials.ssh_key import SshKey
    from .plan import Payload, Secret


# The parts that may have an expiry time. A credential has one of them.
EXPIRING_PARTS = ("password", "bearer_token")


def is_to_come(key: SshKey) -> bool:
    """Return whether a key stands for one that check mode does not make."""
    return key.text == AFTER_APPLY


@dataclass(frozen=True)
class StoredToken:
    """A password that is stored: its user name, its expiry time, and what it was minted for, where these are known."""

    username: str | None
    end: str | None
    minted_for: str | None


class TokenSource(Protocol):
    """The source of a token that the task mints. ``username`` goes with it, ``scope`` is what it is for."""

    @property
    def username(self) -> str:
        """Return the user name."""

    @property
    def scope(self) -> str:
        """Return what the token is for, as text for an annotation."""

    def renew(self, stored: StoredToken | None) -> tuple[str, str] | None:
        """Return the token of this task and its expiry time; None if the stored credential stays.

        ``stored`` is None where no credential is stored.
        """


@dataclass(frozen=True)
class WantedCredential:
    """A Git credential as a task wants it, in each namespace.

    ``settings`` is data beside the credential, None for a key that goes; ``composed_from`` is what composed values are
    made of beside the credential. ``first_annotations`` are written where no Secret is stored. Of those that begin with
    one of ``declared_annotations``, none stays that is not wanted.
    ``opener`` opens keys that are stored, which others may have written.
    ``new_key`` makes a key where none is stored, ``scan`` reads the host keys of the server; both give the same each
    time, and are None where they are not asked for. ``token`` mints the password. ``expires_at`` is when a given
    password or token expires.
    """

    row: Format
    credential: GitCredential
    url: GitUrl | None = None
    settings: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    composed_from: Composition = field(default=Composition({}), repr=False)
    first_annotations: Mapping[str, str] = field(default_factory=dict)
    declared_annotations: tuple[str, ...] = ()
    update: UpdateCredentials = "always"
    convert: bool = False
    fingerprints: tuple[str, ...] = ()
    new_key: Callable[[], SshKey] | None = None
    scan: Callable[[], str] | None = None
    opener: KeyOpener = OPENER
    token: TokenSource | None = None
    expires_at: str | None = None

    @property
    def shape(self) -> Shape:
        """Return how the consumer reads this kind of credential."""
        return self.row.shapes[self.credential.kind]

    def option(self, part: str) -> str:
        """Return the full name of the option for a part."""
        return option_of(self.credential.kind, part)


class GitPayload:
    """The data of a Secret with a Git credential."""

    def __init__(self, wanted: WantedCredential) -> None:
        self._wanted = wanted

    def build(self, existing: Secret | None) -> Payload:
        """Return the data for a namespace with this Secret, or with none.

        Raises KeyringError when the credential is not complete, also not with what is stored and may be kept, and for
        stored data that the consumer or the task has no use for.
        """
        from .plan import Payload

        _refuse_other_marks(self._wanted, existing)
        _refuse_unreadable(self._wanted, existing)
        stored = stored_parts(existing, self._wanted.shape)
        wanted, is_minted = _take_token(self._wanted, stored, existing)
        choice = _choose_parts(wanted, stored)
        parts = _settle_new_key(wanted, choice.parts, stored, existing)
        parts = _settle_host_keys(wanted, parts, stored)
        refuse_incomplete(wanted.row, wanted.credential.kind, parts)
        parts = _settle_key(wanted, parts, stored)
        new: dict[str, str | None] = {**_data_of_parts(wanted, parts, existing), **wanted.settings}
        stale, others = _other_keys(wanted, existing, new)
        expiry = _expiry_annotations(wanted, existing, parts, stored, is_minted=is_minted)
        known = annotations_of(existing) if existing else {}
        return Payload(
            {**dict.fromkeys(stale), **{key: text and _encode(text) for key, text in new.items()}},
            {
                "credentials_kept": sorted(map(wanted.option, choice.kept)),
                "unmanaged_keys": others,
                "next_run_before": _find_expiry(expiry[EXPIRES_AT], parts),
            },
            (
                *choice.warnings,
                *_warn_other_server(wanted, existing, choice.kept),
                *_warn_credential(wanted, parts),
                *_warn_composed(wanted.shape, new),
                *_warn_settings(wanted, existing),
            ),
            labels=_stale_marks(wanted.row, existing, labels_of, Format.is_label),
            annotations={
                **_annotations(wanted, existing),
                **{key: text for key, text in expiry.items() if text != known.get(key)},
            },
        )


def _data_of_parts(wanted: WantedCredential, parts: Mapping[str, str], existing: Secret | None) -> dict[str, str]:
    """Return the text of each key that holds parts of the credential."""
    data: dict[str, str] = {}
    for part, text in parts.items():
        data.update(dict.fromkeys(wanted.shape.keys[part], text))
    for key, composer in wanted.shape.composed.items():
        stored = stored_text(existing, key) or ""
        data[key] = composer.write(dataclasses.replace(wanted.composed_from, parts=parts, stored=stored))
    return data


def _refuse_unreadable(wanted: WantedCredential, existing: Secret | None) -> None:
    """Raise KeyringError if other programs stored more under a key than one credential, which would be lost."""
    if existing is None or is_ours(existing):
        return
    for key, composer in wanted.shape.composed.items():
        if not composer.replaces_all or not (existing.get("data") or {}).get(key):
            continue
        if not composer.read(stored_text(existing, key) or ""):
            raise KeyringError(
                f"The stored {key} is not what format {wanted.row.name} writes.",
                "It may have credentials for other hosts, which would be lost.",
                "Use another name, or delete the Secret.",
                failure="invalid_secret",
            )


def _warn_composed(shape: Shape, data: Mapping[str, str | None]) -> list[str]:
    problems = [composer.problem(data[key] or "") for key, composer in shape.composed.items()]
    return [problem for problem in problems if problem]


def _warn_settings(wanted: WantedCredential, existing: Secret | None) -> list[str]:
    """Return warnings about settings that are neither given nor stored, although the consumer needs them."""
    stored = (existing or {}).get("data") or {}
    warnings = []
    for name, setting in wanted.row.settings.items():
        why = setting.recommended.get(wanted.credential.kind)
        kept = setting.key in stored and setting.key not in wanted.settings
        if why and not kept and wanted.settings.get(setting.key) is None:
            warnings.append(f"format_options.{name} is missing; {why}.")
    return warnings


def _warn_credential(wanted: WantedCredential, parts: Mapping[str, str]) -> list[str]:
    """Return warnings about the credential that is written: those of its checks, and what is rarely intended."""
    given = wanted.credential
    key = _read_key(wanted, parts) if given.kind == "ssh" else None
    if key and is_to_come(key):
        key = None
    warnings = list(given.warnings) if parts.get("known_hosts") == given.parts.get("known_hosts") else []
    settings = wanted.composed_from.settings
    return [*_warn_regex(wanted), *warnings, *advise(wanted.row, given.kind, parts, wanted.url, key, settings)]


def _refuse_other_marks(wanted: WantedCredential, existing: Secret | None) -> None:
    """Raise KeyringError for a Secret that others wrote, and whose label gives it to another part of the consumer."""
    if existing is None or is_ours(existing):
        return
    stored = labels_of(existing)
    for label, value in wanted.shape.labels.items():
        if stored.get(label, value) != value:
            raise KeyringError(
                f"The Secret has the label {label}={stored[label]}, and format {wanted.row.name_of_variant} needs "
                f"{label}={value}.",
                "These exclude each other: the Secret serves something else, and was written by something else.",
                "Use another name, or delete the Secret.",
                failure="invalid_secret",
            )


def _warn_other_server(wanted: WantedCredential, existing: Secret | None, kept: Iterable[str]) -> list[str]:
    """Return a warning if a stored password or key stays in the Secret, and its URL gets another server."""
    stored_url = stored_text(existing, wanted.row.url_key) if wanted.row.url_key else None
    names = [wanted.option(part) for part in sorted(set(kept) - wanted.row.public_parts)]
    if wanted.url is None or stored_url is None or not names:
        return []
    from .._credentials.git_url import host_of

    host = host_of(stored_url)
    if host is None or host == wanted.url.host:
        return []
    return [
        f"url changes from {host} to {wanted.url.host}, and the stored {' and '.join(names)} stays, so that "
        f"{wanted.row.name} sends it to the new server. If it belongs to the old one, give a new one."
    ]


def _warn_regex(wanted: WantedCredential) -> list[str]:
    """Return a warning about a URL that is a regular expression and may match anywhere in a URL."""
    row = wanted.row
    setting = row.settings.get(row.url_is_regex)
    if setting is None or wanted.settings.get(setting.key) != "true":
        return []
    from .._credentials.go_regexp import begins_at_start

    if begins_at_start(wanted.settings.get(row.url_key) or ""):
        return []
    return [
        "url is a regular expression without ^ at its beginning, so it also matches a URL of another host that "
        "contains it. Begin it with ^."
    ]


def _take_token(
    wanted: WantedCredential, stored: Mapping[str, str], existing: Secret | None
) -> tuple[WantedCredential, bool]:
    """Return what is wanted with the token of the task, or with the stored one, and whether it is that of the task."""
    if wanted.token is None:
        return wanted, False
    username = stored.get("username", wanted.token.username)
    has_credential = any(stored.keys() >= set(required) for required in wanted.shape.required_sets)
    found = None
    if has_credential:
        minted_for = annotations_of(existing).get(MINTED_FOR) if existing else None
        found = StoredToken(username if "password" in stored else None, stored_end(existing), minted_for)
    minted = wanted.token.renew(found)
    parts: dict[str, str] = {}
    expires_at = None
    if minted:
        parts = {"username": wanted.token.username, "password": minted[0]}
        expires_at = minted[1]
    elif wanted.update == "always":
        parts = {"username": username, "password": stored["password"]}
    known = {part: text for part, text in parts.items() if part in wanted.shape.keys}
    credential = dataclasses.replace(wanted.credential, parts=known)
    return dataclasses.replace(wanted, credential=credential, expires_at=expires_at), minted is not None


def _expiry_annotations(
    wanted: WantedCredential,
    existing: Secret | None,
    parts: Mapping[str, str],
    stored: Mapping[str, str],
    *,
    is_minted: bool,
) -> dict[str, str | None]:
    """Return the annotations about the expiry time, None for one that goes. Stored ones count for the same token only.

    Raise KeyringError for a time that no part of the credential has.
    """
    part = next((part for part in EXPIRING_PARTS if part in parts), None)
    if part is None:
        if wanted.expires_at:
            raise KeyringError(
                f"{wanted.option('expires_at')} is given without a password or token.",
                "It states when one expires.",
                "Leave it out.",
                option=wanted.option("expires_at"),
            )
        return {EXPIRES_AT: None, MINTED_FOR: None}
    is_same = parts[part] == stored.get(part)
    marks = annotations_of(existing) if existing and is_same else {}
    known = stored_end(existing) if is_same else None
    end = wanted.expires_at
    if end is None or (is_same and wanted.update == "on_create"):
        # With on_create, the time of the task belongs to another password than the stored one.
        end = known
    text = None
    if end is not None and end == known:
        text = marks[EXPIRES_AT]  # another spelling is no change
    elif end is not None:
        from .._credentials.expiry import render_expiries

        text = render_expiries({part: end})
    minted_for = wanted.token.scope if wanted.token and is_minted else marks.get(MINTED_FOR)
    return {EXPIRES_AT: text, MINTED_FOR: minted_for}


def stored_end(secret: Secret | None) -> str | None:
    """Return when the password or token in a Secret expires by its annotation; None where that is not known."""
    text = annotations_of(secret).get(EXPIRES_AT) if secret else None
    return None if text is None else _parse_end(text)


def _parse_end(text: str) -> str | None:
    from .._credentials.expiry import parse_expiries

    ends = parse_expiries(text)
    return next((ends[part] for part in EXPIRING_PARTS if part in ends), None)


def find_git_expiry(secret: Secret, parts: Mapping[str, str]) -> str | None:
    """Return when the credential with these parts expires: by the annotation of its Secret, else by its own claims."""
    return _find_expiry(annotations_of(secret).get(EXPIRES_AT), parts)


def _find_expiry(annotation: str | None, parts: Mapping[str, str]) -> str | None:
    end = None if annotation is None else _parse_end(annotation)
    token = None if end else find_web_token(parts)
    if token is None:
        return end
    from .._credentials.expiry import find_token_expiry

    return find_token_expiry(token[1])


def _annotations(wanted: WantedCredential, existing: Secret | None) -> Mapping[str, str | None]:
    """Return the annotations that go with the data, None for one that goes unless the task sets it."""
    if existing is None:
        return wanted.first_annotations
    declared = {key: None for key in annotations_of(existing) if key.startswith(wanted.declared_annotations)}
    return {
        **declared,
        **_repeated_annotations(wanted, existing),
        **_stale_marks(wanted.row, existing, annotations_of, Format.is_annotation),
    }


def _repeated_annotations(wanted: WantedCredential, existing: Secret) -> dict[str, None]:
    """Return stored annotations with a value that the task writes under another key, if the consumer refuses that."""
    row = wanted.row
    if not row.unique_annotations:
        return {}
    written = row.annotate(wanted.credential.kind, wanted.url, wanted.composed_from.settings)
    repeated: dict[str, None] = {}
    for key, value in annotations_of(existing).items():
        if key.startswith(row.annotation) and key not in written and value in written.values():
            repeated[key] = None
    return repeated


def find_web_token(parts: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the part of a credential that may be a JSON Web Token, with its text; None without one."""
    for part in ("password", "bearer_token"):
        if parts.get(part, "").count(".") == 2:
            return part, parts[part]
    return None


def _encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@dataclass(frozen=True)
class _Choice:
    """The parts to write, which of them are kept as they are stored, and warnings about that."""

    parts: Mapping[str, str] = field(repr=False)
    kept: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def _choose_parts(wanted: WantedCredential, stored: Mapping[str, str]) -> _Choice:
    """Return what is given and what is stored, as update_credentials asks. A public key follows from the private."""
    given = wanted.credential.parts
    is_complete = any(stored.keys() >= set(required) for required in wanted.shape.required_sets)
    if wanted.update == "always" or (wanted.update == "on_create" and not is_complete):
        return _Choice(given)
    if wanted.update == "on_create":
        passed = replaced_by(stored)
        added = {part: text for part, text in given.items() if part not in passed}
        return _Choice({**added, **stored}, tuple(part for part in stored if part != "public_key"))
    passed = {*given, *replaced_by(given), "public_key"}
    kept = {part: text for part, text in stored.items() if part not in passed}
    warnings: tuple[str, ...] = ()
    if "password" in kept and given.get("username", stored.get("username")) != stored.get("username"):
        warnings = (f"{wanted.option('username')} changes, and the stored password is kept.",)
    return _Choice({**kept, **given}, tuple(kept), warnings)


def _settle_new_key(
    wanted: WantedCredential, parts: Mapping[str, str], stored: Mapping[str, str], existing: Secret | None
) -> Mapping[str, str]:
    """Return the parts with the stored key, or where none is stored with the new one of the task, if it makes one."""
    if not wanted.new_key:
        return parts
    if _has_key(wanted.shape, stored, existing):
        kept = {part: stored[part] for part in ("private_key", "passphrase") if part in stored}
        parts = {**parts, **kept}
    else:
        parts = {**parts, "private_key": wanted.new_key().text}
    if _read_key(wanted, parts) is None:
        raise KeyringError(
            f"{wanted.option('generate')} would keep the stored private key, and that cannot be read.",
            "It was written by something else.",
            f"Give {wanted.option('private_key')}, or delete the Secret.",
            failure="invalid_secret",
        )
    return parts


def _has_key(shape: Shape, stored: Mapping[str, str], existing: Secret | None) -> bool:
    """Return whether something is stored as the private key, even if it cannot be read."""
    key = shape.keys["private_key"][0]
    return "private_key" in stored if key in shape.composed else key in ((existing or {}).get("data") or {})


def _settle_host_keys(
    wanted: WantedCredential, parts: Mapping[str, str], stored: Mapping[str, str]
) -> Mapping[str, str]:
    """Return the parts with the host keys of the server, if the task fetches them; stored ones stay as they serve."""
    if not wanted.scan or "known_hosts" in parts:
        return parts
    hosts = stored.get("known_hosts", "")
    return {**parts, "known_hosts": hosts if _still_good(wanted, hosts) else wanted.scan()}


def _still_good(wanted: WantedCredential, hosts: str) -> bool:
    """Return whether stored host keys serve the URL and are those that the task accepts."""
    from .._credentials.known_hosts import covers, parse_known_hosts

    try:
        known = parse_known_hosts(hosts, "the stored known_hosts")
    except KeyringError:
        return False
    if wanted.fingerprints and not all(key.fingerprint in wanted.fingerprints for key in known.keys):
        return False
    return wanted.url is not None and covers(known, wanted.url.host, wanted.url.port, patterns=wanted.row.host_patterns)


def _read_key(wanted: WantedCredential, parts: Mapping[str, str]) -> SshKey | None:
    """Return the private key among the parts to write; one that the task gives has been opened already."""
    given = wanted.credential.key
    if given and given.text == parts.get("private_key"):
        return given
    return read_key(parts, wanted.opener)


def _settle_key(wanted: WantedCredential, parts: Mapping[str, str], stored: Mapping[str, str]) -> Mapping[str, str]:
    """Return the parts with the private key in the form of the consumer, and the public key beside it.

    A stored key stays as it is where it is the same key in the same form.
    """
    key = _read_key(wanted, parts)
    if wanted.credential.kind != "ssh" or key is None:
        return parts
    settled = dict(parts)
    if wanted.new_key and not is_to_come(key):
        with blaming_secret():
            key = fit_key(
                key,
                wanted.row,
                "The stored private key",
                passphrase=parts.get("passphrase"),
                convert=wanted.convert,
                opener=wanted.opener,
            )
        settled["private_key"] = key.text
    before = read_key(stored, wanted.opener)
    is_same = before is not None and (before.public_key, before.form) == (key.public_key, key.form)
    if before and is_same and not (before.encrypted or key.encrypted):
        settled["private_key"] = before.text
    if not key.encrypted:
        settled.pop("passphrase", None)  # the stored one was that of another key, or has just been used
    if "public_key" in wanted.shape.keys:
        settled["public_key"] = AFTER_APPLY if is_to_come(key) else f"{key.public_key}\n"
    return settled


def _stale_marks(
    row: Format,
    existing: Secret | None,
    marks_of: Callable[[Secret], Mapping[str, str]],
    is_mark: Callable[[Format, str], bool],
) -> dict[str, None]:
    """Return the labels or annotations by which another consumer found a Secret of ours, and would go on reading it."""
    if not existing or not is_ours(existing):
        return {}
    others = [other for other in FORMAT_ROWS if other.name != row.name]
    return {key: None for key in marks_of(existing) if any(is_mark(other, key) for other in others)}


def _other_keys(wanted: WantedCredential, existing: Secret | None, new: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the other stored keys: those of another credential, which are removed, and unmanaged ones.

    In a Secret of ours, what any format reads is of another credential: it served another consumer before.
    """
    rest = ((existing or {}).get("data") or {}).keys() - set(new) - wanted.row.setting_keys(wanted.credential.kind)
    known: set[str] = set().union(*map(shape_keys, wanted.row.shapes.values()))
    if existing and is_ours(existing):
        known |= keys_of_formats()
        for row in FORMAT_ROWS:
            known.update(names_of_keys(row, annotations_of(existing)).values())
    else:
        for row in FORMAT_ROWS:
            if row.name == wanted.row.name:
                known.update(*map(shape_keys, row.shapes.values()))
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
