# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task behind the module gitsync_secret: options in, result out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from .._apply.fan_out import manage_secrets
from .._apply.related_objects import RelatedObjects
from .._apply.secret_task import (
    SecretProfile,
    SecretTask,
    check_secret_options,
    choose_targets,
    find_neighbours,
    find_source,
    open_cluster,
    read_source,
    refuse_secrets_in_metadata,
)
from .._cluster.connection import Connection
from .._credentials.git_credential import GitCredential, check_credential, fit_key, replaced_by
from .._credentials.git_formats import FORMATS, find_format
from .._credentials.git_settings import declared_annotations
from .._credentials.git_shapes import Format, option_of
from .._credentials.key_opener import OPENER, WRITING_TOTAL, KeyOpener
from .._credentials.known_hosts import accept_scanned
from .._credentials.secret_values import AFTER_APPLY
from .._credentials.ssh_key import SshKey, parse_private_key
from .._errors import KeyringError, blaming_secret
from .._runtime.execute import Result, Runtime, TaskDefinition
from .._runtime.host import Lazy, generate_key, scan_host_keys
from .._secret.git_secret import (
    KEY_TO_COME,
    StoredParts,
    WantedCredential,
    find_credentials,
    git_payload,
    read_key,
    stored_parts,
)
from .._secret.git_view import describe_git_secret, git_fields, git_texts
from .._secret.plan import Payload, Secret
from .git_options import (
    OPTIONS,
    Order,
    custom_type,
    data_of,
    hide,
    metadata_of,
    no_credential,
    other_metadata,
    read_order,
)


def run(params: Mapping[str, Any], runtime: Runtime) -> Result:
    """Make one Git credential present or absent. Raises KeyringError before anything is written for bad input."""
    check_secret_options(params)
    order = read_order(params, runtime) if params["state"] == "present" else None
    with open_cluster(params, runtime) as connection:
        refuse_secrets_in_metadata(params, runtime)
        targets = choose_targets(params, connection)
        if order is None:
            row = FORMATS.get(params["format"], Format(params["format"], "", {}))
            kind = _kind(row, custom_type(params), opener=KeyOpener(WRITING_TOTAL))
            neighbours = find_neighbours(params, connection, targets)
            return manage_secrets(
                SecretTask(params, runtime, connection, kind, neighbours, lambda existing: Payload({})), targets
            )
        source = find_source(params, targets)
        credential, warnings = order.credential, list[str]()
        if source:
            credential, warnings = copy_credential(order, runtime, *read_source(connection, source, _types(params)))
        if credential is None:
            raise no_credential()
        shared = SharedKey(order, credential, runtime)
        refuse_secrets_in_metadata(params, runtime, other_metadata(order))
        job = make_job(order, credential, shared, runtime, connection, find_neighbours(params, connection, targets))
        result = manage_secrets(job, targets, source)
    warnings += [*_warn_scan(order), *shared.warnings]
    return {**result, **shared.public_half(result), "warnings": [*warnings, *result["warnings"]]}


def make_job(
    order: Order,
    credential: GitCredential,
    shared: SharedKey,
    runtime: Runtime,
    connection: Connection,
    neighbours: RelatedObjects,
) -> SecretTask:
    """What a task that makes a Secret wants of it. Raises KeyringError for format_options that do not fit."""
    wanted = dataclasses.replace(_want(order, credential, shared, runtime), opener=shared.opener)
    labels, annotations = metadata_of(order, credential.kind)
    return SecretTask(
        {**order.params, "labels": labels, "annotations": annotations},
        runtime,
        connection,
        _kind(order.row, wanted.shape.type, tuple(wanted.first_annotations), shared.opener),
        neighbours,
        git_payload(wanted),
        shared.survey if order.ssh["generate"] else None,
    )


class SharedKey:
    """The one private key of a task: the given one, else one that is stored in a namespace already, else a new one.

    ``opener`` opens the stored keys of all namespaces.
    """

    def __init__(self, order: Order, credential: GitCredential, runtime: Runtime) -> None:
        self._shape = order.row.shapes[credential.kind]
        self._context = runtime
        self._key = credential.key
        self._make = Lazy(lambda: KEY_TO_COME if runtime.check_mode else _make_key(order))
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

    def __call__(self) -> SshKey:
        self._key = self._key or self._make()
        if self._key is not KEY_TO_COME:
            hide(self._context, {"private_key": self._key.text})
        return self._key

    def public_half(self, result: Result) -> dict[str, str | None]:
        """The public key and its fingerprint for the result of the task; null without SSH key, and with several."""
        key = None if self._different else self._key
        told = {"public_key": key.public_key if key else None, "fingerprint": key.fingerprint if key else None}
        one = result.get("secret")
        return {name: one[name] for name in told} if one else told


def _make_key(order: Order) -> SshKey:
    key = parse_private_key(generate_key(order.ssh["generate"]), "ssh.generate")
    return fit_key(key, order.row, "ssh.generate", passphrase=None, convert=True)


def _want(order: Order, credential: GitCredential, shared: SharedKey, runtime: Runtime) -> WantedCredential:
    def scan() -> str:
        if runtime.check_mode or order.url is None:
            return AFTER_APPLY
        scanned = scan_host_keys(order.url.host, order.url.effective_port)
        return accept_scanned(scanned, order.fingerprints, "ssh.host_key_fingerprints").text

    prefix = order.row.name_prefix
    has_name = order.params["format_options"].get("primehub_display_name")
    return WantedCredential(
        row=order.row,
        credential=credential,
        url=order.url,
        settings=data_of(order, credential.kind),
        first_annotations={"displayName": order.params["name"].removeprefix(prefix)} if prefix and not has_name else {},
        declared_annotations=declared_annotations(order.row, order.params["format_options"]),
        update=order.params["update_credentials"],
        convert=order.ssh["convert"],
        fingerprints=order.fingerprints,
        new_key=shared if order.ssh["generate"] else None,
        scan=Lazy(scan) if order.ssh["scan_host_keys"] else None,
    )


def copy_credential(order: Order, runtime: Runtime, secret: Secret, place: str) -> tuple[GitCredential, list[str]]:
    """The credential of another Secret, completed by what the options give, and what of it is left out.

    Raises KeyringError, naming ``place``, when it holds none, another kind, or one that does not fit the format.
    """
    found = _read_copy(order.params["credentials_from"], secret, place)
    hide(runtime, found.parts)
    kind, row = found.kind, order.row
    if order.credential and order.credential.kind != kind:
        raise KeyringError(
            f"{place} holds a credential of the kind {kind}, and {order.credential.kind} is given beside it.",
            "A Secret holds one kind.",
            f"Leave out {order.credential.kind}.",
            option=order.credential.kind,
        )
    given = dict(order.credential.parts) if order.credential else {}
    readable = {*row.shapes[kind].keys, "passphrase"} if kind in row.shapes else set(found.parts)
    left_out = [part for part in found.parts if part not in readable and part != "public_key"]
    passed = {*given, *replaced_by(given), "public_key"}
    parts = {part: text for part, text in found.parts.items() if part in readable - passed}
    with blaming_secret("credentials_from.name"):
        copied = check_credential(row, kind, parts, order.url, convert=order.ssh["convert"], place=place)
    hide(runtime, copied.parts)
    warnings = [
        f"The {option_of(kind, part)} of {place} is left out; format {row.name} does not read it." for part in left_out
    ]
    key = order.credential.key if order.credential and order.credential.key else copied.key
    return GitCredential(kind, {**copied.parts, **given}, key), warnings


def _read_copy(option: Mapping[str, Any], secret: Secret, place: str) -> StoredParts:
    named = option["format"] or option["keys"]
    rows = [find_format(option["format"] or "", option["keys"], str(secret.get("type")))] if named else None
    found = find_credentials(secret, rows) if rows else find_credentials(secret)
    if not found:
        raise KeyringError(
            f"{place} holds no Git credential{' as ' + option['format'] + ' reads it' if rows else ''}.",
            "",
            "Check the name; credentials_from.format says for which consumer it was made.",
            failure="invalid_secret",
            option="credentials_from.name",
        )
    if any((other.kind, other.parts) != (found[0].kind, found[0].parts) for other in found):
        raise KeyringError(
            f"{place} can be read in different ways.",
            f"It may be for {', '.join(sorted({item.row.name for item in found}))}.",
            "Say which with credentials_from.format.",
            option="credentials_from.format",
        )
    return found[0]


def _warn_scan(order: Order) -> list[str]:
    if not order.ssh["scan_host_keys"] or order.fingerprints:
        return []
    return [
        "ssh.scan_host_keys without ssh.host_key_fingerprints trusts whichever server answers the first time; "
        "compare the fingerprints in the result with those that the provider publishes."
    ]


def _types(params: Mapping[str, Any]) -> tuple[str, ...]:
    """The types of Secret that may hold a Git credential, the caller's own among them."""
    return _with_known_types(custom_type(params))


def _with_known_types(type_: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*(known for row in FORMATS.values() for known in row.types), type_)))


def _kind(row: Format, type_: str, annotations: tuple[str, ...] = (), opener: KeyOpener = OPENER) -> SecretProfile:
    return SecretProfile(
        type=type_,
        deletable_types=_with_known_types(type_),
        describe=partial(describe_git_secret, row=row, opener=opener),
        fields=partial(git_fields, row=row, opener=opener),
        secret_texts=partial(git_texts, row=row, opener=opener),
        annotations=annotations,
        link_list="secrets",
    )


DEFINITION = TaskDefinition(run, OPTIONS)
