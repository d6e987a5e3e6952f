# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task behind the module gitsync_secret: options in, result out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime, timezone
from functools import partial
from typing import TYPE_CHECKING, Any

from .._apply.manage_secret import manage_secret, skip_secret
from .._apply.secret_task import SecretProfile, SecretTask, make_task
from .._cluster.connection import Connection
from .._cluster.selection import OneNamespace, Selection, Targets, resolve_targets
from .._credentials.git_credential import GitCredential, check_credential, fit_key, replaced_by
from .._credentials.git_formats import FORMAT_ROWS, find_formats
from .._credentials.git_settings import check_settings, declared_annotations
from .._credentials.git_shapes import CLOUD_IDENTITY, Composition, CredentialKind, Format, option_of
from .._credentials.key_opener import WRITING_TOTAL, KeyOpener
from .._credentials.secret_values import AFTER_APPLY
from .._dataclasses import dataclass
from .._errors import KeyringError, blaming_secret
from .._runtime.execute import Result, Runtime, TaskDefinition
from .._runtime.host import Lazy, generate_key, scan_host_keys
from .._runtime.open_cluster import open_cluster, parse_connection
from .._secret.git_secret import EXPIRING_PARTS, GitPayload, WantedCredential, find_web_token, is_to_come, stored_end
from .._secret.git_stored import StoredParts, find_credentials, read_key, stored_parts
from .._secret.git_view import describe_git_secret, git_fields, git_texts
from .._secret.plan import Payload, Secret
from .git_marks import other_metadata, place_data, place_metadata
from .git_options import (
    OPTIONS,
    GitSecretOptions,
    GitSource,
    PlacedCredential,
    check_further_urls,
    check_passphrase_name,
    hide,
    no_credential,
    parse_options,
)
from .secret_options import locate_sources, read_source, refuse_secrets_in_metadata
from .shared_checks import hinting_at_api_login

if TYPE_CHECKING:
    from .._credentials.ssh_key import SshKey
    from .._minting.git_tokens import GitToken
    from .git_verify import GitVerification


def run(params: Mapping[str, Any], runtime: Runtime) -> Result:
    """Make one Git credential present or absent. Raises KeyringError before anything is written for bad input."""
    with hinting_at_api_login(params, "https"):
        options = parse_options(params, runtime)
    with open_cluster(parse_connection(params), runtime) as connection:
        refuse_secrets_in_metadata(options.secret, runtime)
        targets = resolve_targets(options.secret.targets, connection.namespace)
        if targets.is_skipped:
            return _skip_git_secret(options, targets, connection)
        if options.secret.state == "absent":
            return manage_secret(make_absent_task(options, targets, runtime, connection))
        placed, warnings = options.given, list[str]()
        places = locate_sources([source.secret for source in options.sources], targets, options.secret.metadata.name)
        if places:
            copies = _read_copies(options, connection, places)
            placed, warnings = copy_credential(options, runtime, copies)
        if placed is None:
            raise no_credential(options.row)
        shared = SharedKey(options, placed.credential, runtime)
        expiries = GitExpiries(make_git_token(options, runtime))
        refuse_secrets_in_metadata(options.secret, runtime, other_metadata(options))
        verification = _make_git_verification(options, placed, shared, runtime)
        task = make_present_task(options, placed, shared, targets, runtime, connection, verification, expiries)
        try:
            result = manage_secret(task, places)
        except KeyringError as error:
            error.facts.update(expiries.describe())
            error.facts.update(verification.describe() if verification else {})
            raise
    warnings += [*_warn_scan(options), *_warn_expired(placed), *shared.warnings, *expiries.warnings]
    if options.mint:
        from .._credentials.app_token import warn_better_choice

        warnings += warn_better_choice(options.row)
    if verification:
        warnings += verification.warnings
        result.update(verification.describe())
    result.update(expiries.describe())
    return {**result, **shared.public_half(result), "warnings": [*warnings, *result["warnings"]]}


def _skip_git_secret(options: GitSecretOptions, targets: Targets, connection: Connection) -> Result:
    """Return the result of a skipped task: no Secret is read, not even to be copied."""
    result = skip_secret(options.secret, targets, connection)
    if options.secret.state == "absent":
        return result
    if isinstance(targets, OneNamespace):
        result.update(credentials_kept=[], unmanaged_keys=[])
    if options.verify:
        result["verified"] = []
    return {**result, "minted": [], "next_run_before": None, "public_key": None, "fingerprint": None}


def make_git_token(options: GitSecretOptions, runtime: Runtime) -> GitToken | None:
    """Return the token that the task mints when it is needed; None for a credential that is given."""
    if options.mint is None:
        return None
    from .._minting.git_tokens import GitToken

    return GitToken(options.mint.app, options.mint.renewal, options.secret.update_credentials, runtime)


class GitExpiries:
    """What a task knows about the expiry of its credentials in all namespaces. ``token`` is the one that it mints."""

    def __init__(self, token: GitToken | None) -> None:
        self.token = token
        self.warnings = token.warnings if token else []
        self._ends: set[str] = set()

    def note(self, end: str | None) -> None:
        """Note the expiry time of the credential in one of the namespaces."""
        if end:
            self._ends.add(end)

    def describe(self) -> dict[str, Any]:
        """Return the fields of the result of the task."""
        minted = [self.token.server] if self.token and self.token.is_minted else []
        first = None
        if self._ends:
            from .._credentials.expiry import find_first

            first = find_first(self._ends)
        return {"minted": minted, "next_run_before": first}


class _NotingPayload:
    """The data of a Secret, whose expiry time is noted: it counts for the next run also where nothing changes."""

    def __init__(self, payload: GitPayload, expiries: GitExpiries) -> None:
        self._payload = payload
        self._expiries = expiries

    def build(self, existing: Secret | None) -> Payload:
        """Return the data as GitPayload does."""
        payload = self._payload.build(existing)
        self._expiries.note(payload.notes["next_run_before"])
        return payload


class _NoPayload:
    """The data of a Secret that goes: there is none."""

    def build(self, existing: Secret | None) -> Payload:
        """Return a payload without data."""
        return Payload({})


def make_absent_task(
    options: GitSecretOptions, targets: Targets, runtime: Runtime, connection: Connection
) -> SecretTask:
    """Return the task that makes the Secret absent."""
    profile = _make_profile(options.row, options.type, KeyOpener(WRITING_TOTAL))
    return make_task(options.secret, targets, runtime, connection, profile, _NoPayload())


def make_present_task(
    options: GitSecretOptions,
    placed: PlacedCredential,
    shared: SharedKey,
    targets: Targets,
    runtime: Runtime,
    connection: Connection,
    verification: GitVerification | None = None,
    expiries: GitExpiries | None = None,
) -> SecretTask:
    """Return the task that makes the Secret present. Raises KeyringError for metadata that is the consumer's own."""
    check_passphrase_name(options.row, placed.credential, options.secret.metadata.name)
    expiries = expiries or GitExpiries(make_git_token(options, runtime))
    wanted = _want(options, placed, shared, runtime, expiries.token)
    secret = dataclasses.replace(options.secret, metadata=place_metadata(options, placed))
    profile = _make_profile(options.row, wanted.shape.type, shared.opener, tuple(wanted.first_annotations))
    survey = shared.survey if options.ssh.generate and isinstance(targets, Selection) else None
    check_writes = verification.check_writes if verification else None
    payload = _NotingPayload(GitPayload(wanted), expiries)
    return make_task(secret, targets, runtime, connection, profile, payload, survey, check_writes)


def _make_git_verification(
    options: GitSecretOptions, placed: PlacedCredential, shared: SharedKey, runtime: Runtime
) -> GitVerification | None:
    if options.verify is None:
        return None
    from .git_verify import GitVerification

    return GitVerification(
        options.verify,
        options.row,
        placed.credential.kind,
        runtime,
        opener=shared.opener,
        is_generated=options.ssh.generate is not None,
        is_minted=options.mint is not None,
    )


class SharedKey:
    """The one private key of a task: the given one, else one that is stored in a namespace already, else a new one.

    ``opener`` opens the stored keys of all namespaces.
    """

    def __init__(self, options: GitSecretOptions, credential: GitCredential, runtime: Runtime) -> None:
        self._options = options
        self._shape = options.row.shapes[credential.kind]
        self._runtime = runtime
        self._key = credential.key
        self._new_key = Lazy(self._make)
        self._different = False
        self.warnings: list[str] = []
        self.opener = KeyOpener(WRITING_TOTAL)

    def survey(self, secrets: Sequence[Secret]) -> None:
        """Look at all that is stored, so that a namespace without a key gets that of the others."""
        keys: dict[str, SshKey] = {}
        for secret in secrets:
            key = read_key(stored_parts(secret, self._shape), self.opener)
            if key and not key.encrypted:
                keys.setdefault(key.public_key, key)
        self._key = next(iter(keys.values()), None)
        self._different = len(keys) > 1
        if self._different and self._key:
            self.warnings = [
                f"{len(keys)} different private keys are stored in these namespaces, and each stays where it is; where "
                f"there is none, the one with the fingerprint {self._key.fingerprint} is written."
            ]

    def take(self) -> SshKey:
        """Return the key for a namespace without one, made when it is first needed; check mode makes none."""
        self._key = self._key or self._new_key()
        if not is_to_come(self._key):
            hide(self._runtime, {"private_key": self._key.text})
        return self._key

    def public_half(self, result: Result) -> dict[str, str | None]:
        """Return the public key and its fingerprint for the result; null without SSH key, and with several."""
        secret = result.get("secret")
        if secret:
            return {"public_key": secret["public_key"], "fingerprint": secret["fingerprint"]}
        if self._key is None or self._different:
            return {"public_key": None, "fingerprint": None}
        return {"public_key": self._key.public_key, "fingerprint": self._key.fingerprint}

    def _make(self) -> SshKey:
        from .._credentials.ssh_key import KEY_TO_COME, parse_private_key

        if self._runtime.check_mode or self._options.ssh.generate is None:
            return KEY_TO_COME
        key = parse_private_key(generate_key(self._options.ssh.generate), "ssh.generate")
        return fit_key(key, self._options.row, "ssh.generate", passphrase=None, convert=True)


def _want(
    options: GitSecretOptions,
    placed: PlacedCredential,
    shared: SharedKey,
    runtime: Runtime,
    token: GitToken | None,
) -> WantedCredential:
    def scan() -> str:
        if runtime.check_mode or options.url is None:
            return AFTER_APPLY
        from .._credentials.known_hosts import accept_scanned

        scanned = scan_host_keys(options.url.host, options.url.effective_port)
        return accept_scanned(scanned, options.ssh.fingerprints, "ssh.host_key_fingerprints").text

    prefix, first_annotations = options.row.name_prefix, {}
    if prefix and not options.format_options.get("primehub_display_name"):
        first_annotations = {"displayName": options.secret.metadata.name.removeprefix(prefix)}
    return WantedCredential(
        row=options.row,
        credential=placed.credential,
        url=options.url,
        settings=place_data(options, placed),
        composed_from=Composition({}, options.url_text or "", placed.settings),
        first_annotations=first_annotations,
        declared_annotations=declared_annotations(options.row, options.format_options),
        update=options.secret.update_credentials,
        convert=options.ssh.convert,
        fingerprints=options.ssh.fingerprints,
        new_key=shared.take if options.ssh.generate else None,
        scan=Lazy(scan) if options.ssh.scan_host_keys else None,
        opener=shared.opener,
        token=token,
        expires_at=placed.expires_at,
    )


@dataclass(frozen=True)
class Copy:
    """A Secret that is copied, and how messages call it."""

    source: GitSource
    secret: Secret = field(repr=False)
    place: str


def _read_copies(options: GitSecretOptions, connection: Connection, places: Sequence[tuple[str, str]]) -> list[Copy]:
    copies: list[Copy] = []
    for source, found_at in zip(options.sources, places, strict=True):
        secret, place = read_source(connection, found_at, _list_types(options.type), source.secret.option)
        copies.append(Copy(source, secret, place))
    return copies


def copy_credential(
    options: GitSecretOptions, runtime: Runtime, copies: Sequence[Copy]
) -> tuple[PlacedCredential, list[str]]:
    """Return the credential of other Secrets, completed by what the options give, and what of it is left out.

    Raises KeyringError, naming the place, when they hold none, another kind, or one that does not fit the format.
    """
    found, places = _add_up(copies, options.given.credential.kind if options.given else None, runtime)
    place = " and ".join(copy.place for copy in copies)
    kind, row = found.kind, options.row
    option = "credentials_from" if len(copies) > 1 else f"{copies[0].source.secret.option}.name"
    given = options.given.credential if options.given else GitCredential(kind, {})
    if given.kind != kind:
        other: str = given.kind
        if other == CLOUD_IDENTITY:
            other = option_of(given.kind, next(iter(given.parts)))
        raise KeyringError(
            f"{place} holds a credential of the kind {kind}, and the task gives {given.kind} as well.",
            "A Secret holds one kind.",
            f"Leave out {other}.",
            option=other,
        )
    readable = {*row.shapes[kind].keys, "passphrase"} if kind in row.shapes else set(found.parts)
    passed = {*given.parts, *replaced_by(given.parts), "public_key"}
    parts = {part: text for part, text in found.parts.items() if part in readable - passed}
    with blaming_secret(option):
        copied = check_credential(row, kind, parts, options.url, convert=options.ssh.convert, place=place)
    hide(runtime, copied.parts, row.public_parts)
    left_out = [part for part in found.parts if part not in readable and part != "public_key"]
    warnings = [_explain_left_out(row, option_of(kind, part), places[part]) for part in left_out]
    credential = GitCredential(kind, {**copied.parts, **given.parts}, given.key or copied.key)
    end = None if options.given is None else options.given.expires_at
    if end is None:
        expiring = {places[part] for part in EXPIRING_PARTS if part in copied.parts}
        end = next((stored_end(copy.secret) for copy in copies if copy.place in expiring), None)
    if options.given:
        settings = options.given.settings
    else:
        settings = check_settings(row, kind, options.format_options, options.url)
    check_further_urls(row, credential, settings)
    return PlacedCredential(credential, settings, end), warnings


def _explain_left_out(row: Format, option: str, place: str) -> str:
    what = f"{option} of {place} was not copied, because format {row.name} does not read it."
    reason = row.reasons.get(option)
    return f"{what} {reason}" if reason else what


def _add_up(
    copies: Sequence[Copy], given: CredentialKind | None, runtime: Runtime
) -> tuple[StoredParts, Mapping[str, str]]:
    """Return the parts of all Secrets together, and the place of each part.

    A Secret that can be read in different ways has the kind that is ``given``, or that of another one. Raises
    KeyringError for Secrets with different kinds of credentials, and for a part that two of them have.
    """
    readings = [_read_copy(copy, in_part=len(copies) > 1) for copy in copies]
    kind = given or _find_certain_kind(readings)
    first = _choose_reading(copies[0], readings[0], kind)
    hide(runtime, first.parts, first.row.public_parts)
    parts, places = dict(first.parts), dict.fromkeys(first.parts, copies[0].place)
    for copy, reading in zip(copies[1:], readings[1:], strict=True):
        found = _choose_reading(copy, reading, kind)
        hide(runtime, found.parts, found.row.public_parts)
        option = f"{copy.source.secret.option}.name"
        if found.kind != first.kind:
            raise KeyringError(
                f"{copy.place} holds a credential of the kind {found.kind}, and {copies[0].place} one of the kind "
                f"{first.kind}.",
                "A Secret holds one kind.",
                "Keep one of them.",
                failure="invalid_secret",
                option=option,
            )
        for part in sorted(found.parts.keys() & parts.keys()):
            raise KeyringError(
                f"{copy.place} and {places[part]} both hold {option_of(found.kind, part)}.",
                "Which of the two is to be written is not known.",
                "Keep one of them, or remove the part from one of the Secrets.",
                failure="invalid_secret",
                option=option,
            )
        _refuse_excluded(copy, found, places)
        parts.update(found.parts)
        places.update(dict.fromkeys(found.parts, copy.place))
    return StoredParts(first.row, first.kind, parts), places


def _refuse_excluded(copy: Copy, found: StoredParts, places: Mapping[str, str]) -> None:
    """Raise KeyringError for a part in a Secret that replaces a part in an earlier one, such as a token a password."""
    for part in sorted(replaced_by(found.parts) & places.keys() - {"passphrase"}):
        mine = next(other for other in found.parts if part in replaced_by([other]))
        raise KeyringError(
            f"{copy.place} holds {option_of(found.kind, mine)}, and {places[part]} holds "
            f"{option_of(found.kind, part)}.",
            "A credential has only one of these.",
            "Keep one of the Secrets, or remove the part from one of them.",
            failure="invalid_secret",
            option=f"{copy.source.secret.option}.name",
        )


def _find_certain_kind(readings: Sequence[Sequence[StoredParts]]) -> CredentialKind | None:
    """Return the kind of the first Secret that can only be of one; None without such a Secret."""
    for reading in readings:
        if len({item.kind for item in reading}) == 1:
            return reading[0].kind
    return None


def _read_copy(copy: Copy, *, in_part: bool) -> list[StoredParts]:
    """Return how the named consumer reads a Secret, or any where none is named. Raises KeyringError if none does."""
    source, secret, place = copy.source, copy.secret, copy.place
    option = source.secret.option
    rows, reader = FORMAT_ROWS, ""
    if source.format or source.keys:
        rows = find_formats(source.format or "", source.keys, str(secret.get("type")), in_part=in_part)
        reader = f" as {source.format} reads it"
    found = find_credentials(secret, rows, in_part=in_part)
    if not found:
        raise KeyringError(
            f"{place} holds no Git credential{reader}.",
            "",
            f"Check the name; {option}.format says for which consumer it was made.",
            failure="invalid_secret",
            option=f"{option}.name",
        )
    return found


def _choose_reading(copy: Copy, found: Sequence[StoredParts], kind: CredentialKind | None) -> StoredParts:
    """Return the one way to read a Secret, of this kind where it may have several.

    Raises KeyringError if there are different ways all the same.
    """
    option = copy.source.secret.option
    found = [item for item in found if item.kind == kind] or found
    if any((other.kind, other.parts) != (found[0].kind, found[0].parts) for other in found):
        raise KeyringError(
            f"{copy.place} can be read in different ways.",
            f"It may be for {', '.join(sorted({item.row.name for item in found}))}.",
            f"Say which with {option}.format.",
            option=f"{option}.format",
        )
    return found[0]


def _warn_scan(options: GitSecretOptions) -> list[str]:
    if not options.ssh.scan_host_keys or options.ssh.fingerprints:
        return []
    return [
        (
            "ssh.scan_host_keys without ssh.host_key_fingerprints trusts any server that answers the first time. "
            "Compare the fingerprints in the result with those that the provider publishes."
        )
    ]


def _warn_expired(placed: PlacedCredential) -> list[str]:
    """Return a warning about a password or token that has expired and is written all the same."""
    token = find_web_token(placed.credential.parts)
    if token is None and placed.expires_at is None:
        return []
    from .._credentials.expiry import warn_password, warn_token

    kind, now = placed.credential.kind, datetime.now(timezone.utc)
    if placed.expires_at is not None:
        warning = warn_password(token[1] if token else None, placed.expires_at, now, kind)
    else:
        part, text = token or ("", "")
        warning = warn_token(text, now, option_of(kind, part))
    return [warning] if warning else []


def _list_types(own_type: str) -> tuple[str, ...]:
    """Return the types of Secret that may hold a Git credential, the caller's own at the end."""
    types: dict[str, None] = {}
    for row in FORMAT_ROWS:
        types.update(dict.fromkeys(row.types))
    return (*types, own_type) if own_type not in types else tuple(types)


def _make_profile(row: Format, type_: str, opener: KeyOpener, annotations: tuple[str, ...] = ()) -> SecretProfile:
    return SecretProfile(
        type=type_,
        deletable_types=_list_types(type_),
        describe=partial(describe_git_secret, row=row, opener=opener),
        fields=partial(git_fields, row=row, opener=opener),
        secret_texts=partial(git_texts, row=row, opener=opener),
        annotations=annotations,
        link_list="secrets",
    )


DEFINITION = TaskDefinition(run, OPTIONS)
