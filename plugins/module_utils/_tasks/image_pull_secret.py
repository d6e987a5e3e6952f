# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task behind the module image_pull_secret: options in, result out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from .._apply.manage_secret import manage_secret, skip_secret
from .._apply.options import SecretOptions
from .._apply.secret_task import make_task
from .._cluster.connection import Connection
from .._cluster.selection import OneNamespace, Targets, resolve_targets
from .._credentials.docker_config import secret_texts
from .._credentials.expiry import Renewal, choose_renewal, warn_token
from .._credentials.registries import Registry, refuse_duplicates
from .._dataclasses import dataclass
from .._errors import KeyringError, blaming_secret
from .._kubelet.url_match import match_key
from .._minting.minting import Tokens, refuse_replacing_in_many, replaces_a_password, replacing_last
from .._runtime.execute import Result, Runtime, TaskDefinition
from .._runtime.open_cluster import open_cluster, parse_connection
from .._runtime.options import Options
from .._runtime.shown import ADDRESS, IMAGE, TEXT
from .._secret.ownership import is_ours
from .._secret.plan import Payload, Secret
from .._secret.pull_secret import TYPES, by_data, read_docker_config, stored_ends
from .given_registries import (
    DOCKER_CONFIG_OPTIONS,
    DOCKER_CONFIG_SOURCES,
    REGISTRY_OPTIONS,
    no_servers,
    parse_given_registries,
)
from .pull_format_names import KUBELET_FORMAT, PULL_FORMAT_CHOICES
from .pull_shape import PULL_SECRET_PROFILE, PullShape
from .secret_options import (
    CREDENTIALS_FROM,
    SECRET_OPTIONS,
    SOURCE,
    CopySource,
    locate_sources,
    name_sources,
    parse_secret_options,
    parse_source,
    read_source,
    refuse_secrets_in_metadata,
)
from .shared_checks import hinting_at_api_login
from .verify_options import VERIFY_WRITES, parse_verify_writes, read_certificates

if TYPE_CHECKING:
    from .._images.preflight import Preflight
    from .._registry.verification import VerifyOptions
    from .pull_format_options import FormatOptions
    from .written_credentials import Require, WrittenCredentials

OPTIONS: Options = {
    **SECRET_OPTIONS,
    "registries": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            **REGISTRY_OPTIONS,
            "expires_at": {"type": "str", "context": {**TEXT, "accepts": "date"}},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
    },
    "purge_registries": {"type": "bool", "default": False},
    "min_validity": {"type": "int"},
    "force_mint": {"type": "bool", "default": False},
    **DOCKER_CONFIG_OPTIONS,
    "credentials_from": {
        **CREDENTIALS_FROM,
        "options": {**SOURCE, "servers": {"type": "list", "elements": "str", "context": ADDRESS}},
    },
    "format": {"type": "str", "choices": PULL_FORMAT_CHOICES, "default": KUBELET_FORMAT},
    "format_options": {"type": "dict", "default": {}},
    "images": {"type": "list", "elements": "str", "context": IMAGE},
    "preflight": {"type": "str", "choices": ["fail", "warn"], "default": "fail"},
    **VERIFY_WRITES,
}


@dataclass(frozen=True)
class PullSource:
    """A pull secret that is copied, and the servers of it that are chosen; None for all."""

    secret: CopySource
    servers: tuple[str, ...] | None = None


@dataclass(frozen=True)
class ImagePullSecretOptions:
    """The options of image_pull_secret. ``registries`` has the entries of a docker config, too.

    ``format`` is None for a Secret that the kubelet reads. ``warnings`` are sentences about what is given. For an
    absent Secret nothing of its data is parsed.
    """

    secret: SecretOptions
    renewal: Renewal
    registries: tuple[Registry, ...] = ()
    purge: bool = False
    images: tuple[str, ...] = ()
    preflight: Preflight = "fail"
    sources: tuple[PullSource, ...] = ()
    format: FormatOptions | None = None
    verification: VerifyOptions | None = None
    require: Require = "not_denied"
    warnings: tuple[str, ...] = field(default=(), repr=False)


def run(params: Mapping[str, Any], runtime: Runtime) -> Result:
    """Make one pull secret present or absent. Raises KeyringError before anything is written for bad input."""
    with hinting_at_api_login(params, "registries"):
        options = parse_options(params, runtime, datetime.now(timezone.utc))
    ca = read_certificates(options.verification, runtime.files)
    with open_cluster(parse_connection(params), runtime) as connection:
        refuse_secrets_in_metadata(options.secret, runtime)
        targets = resolve_targets(options.secret.targets, connection.namespace)
        refuse_replacing_in_many(options.registries, targets)
        if targets.is_skipped:
            return _skip_pull_secret(options, targets, connection)
        places = locate_sources([source.secret for source in options.sources], targets, options.secret.metadata.name)
        registries, warnings = list(options.registries), list(options.warnings)
        copied: list[Registry] = []
        for source, place in zip(options.sources, places, strict=True):
            found, more = _copy_registries(runtime, connection, source, place, options.renewal.now)
            copied += found
            warnings += more
        if copied:
            registries += _drop_repeated(copied)
        refuse_duplicates(registries)
        shape = _make_shape(options, registries)
        refuse_secrets_in_metadata(options.secret, runtime, shape.metadata)
        tokens = Tokens(shape.registries, options.renewal, options.secret.update_credentials, runtime)
        payload = PullSecretPayload(options, shape, tokens)
        rehearsal = _make_rehearsal(options, shape, runtime)
        verification = _make_verification(options, shape, ca, runtime)
        check_writes = verification.check if verification else None
        task = make_task(
            options.secret,
            targets,
            runtime,
            connection,
            shape.profile,
            payload,
            check_writes=check_writes,
            rehearsal=rehearsal,
        )
        try:
            result = manage_secret(task, places)
        except KeyringError as error:
            error.facts.update(tokens.describe())
            if verification:
                error.facts.update(verification.describe())
            raise
    warnings += [*shape.warnings, *tokens.warnings]
    result = {**result, **tokens.describe(), "warnings": [*warnings, *result["warnings"]]}
    if verification:
        result.update(verification.describe())
        result["warnings"] += verification.warnings()
    return result


def _skip_pull_secret(options: ImagePullSecretOptions, targets: Targets, connection: Connection) -> Result:
    """Return the result of a skipped task: no Secret is read, not even to be copied."""
    result = {**skip_secret(options.secret, targets, connection), "minted": [], "next_run_before": None}
    if isinstance(targets, OneNamespace) and options.secret.state == "present":
        result.update(credentials_kept=[], unmanaged_registries=[])
        if options.images:
            result["images"] = []
    if options.verification:
        result["verified"] = []
    return {**result, "warnings": [*options.warnings, *result["warnings"]]}


def _make_shape(options: ImagePullSecretOptions, registries: Sequence[Registry]) -> PullShape:
    """Return how the registries are written. Raises KeyringError for those that the consumer cannot find."""
    if options.format is None:
        return PullShape(PULL_SECRET_PROFILE, registries)
    from .pull_format_options import make_profile, make_shape

    if options.secret.state == "absent":
        return PullShape(make_profile(options.format.row), registries)
    return make_shape(options.format, registries)


def _make_rehearsal(options: ImagePullSecretOptions, shape: PullShape, runtime: Runtime) -> PullSecretPayload | None:
    """Return the payload of check mode, for a task that makes a stored password invalid; None for any other."""
    if runtime.check_mode or not replaces_a_password(shape.registries):
        return None
    asking_nobody = dataclasses.replace(runtime, check_mode=True)
    tokens = Tokens(shape.registries, options.renewal, options.secret.update_credentials, asking_nobody)
    return PullSecretPayload(options, shape, tokens)


def _make_verification(
    options: ImagePullSecretOptions, shape: PullShape, ca: bytes | None, runtime: Runtime
) -> WrittenCredentials | None:
    """Return the verification of what the task would write; None if it is not wanted."""
    if options.verification is None:
        return None
    from .written_credentials import WrittenCredentials

    return WrittenCredentials(
        shape.registries, options.images, options.verification, options.require, ca, runtime, shape.read
    )


class PullSecretPayload:
    """The data of a pull secret: registries merged into what is stored, tokens renewed, images looked up."""

    def __init__(self, options: ImagePullSecretOptions, shape: PullShape, tokens: Tokens) -> None:
        self._options = options
        self._shape = shape
        self._tokens = tokens
        self._build_once = by_data(self._build)

    def build(self, existing: Secret | None) -> Payload:
        """Return the data for a namespace with this Secret, or with none.

        Raises KeyringError for what cannot be merged or minted, and for an image that finds no credentials.
        """
        payload = self._build_once(existing)
        if existing is None or existing.get("type") == self._shape.profile.type or not is_ours(existing):
            return payload
        from .pull_format_options import remove_other_formats

        return remove_other_formats(payload, existing, self._options.format)

    def _build(self, existing: Secret | None) -> Payload:
        options = self._options
        payload = self._shape.merge(
            existing,
            replacing_last(self._shape.registries),
            purge=options.purge,
            update=options.secret.update_credentials,
            renew=self._tokens.renew,
        )
        if options.images:
            from .._images.preflight import check_served

            payload = check_served(existing, payload, options.images, options.preflight)
        self._tokens.note(payload.notes["next_run_before"])  # counts for the next run also where nothing changes
        return payload


def parse_options(params: Mapping[str, Any], runtime: Runtime, now: datetime) -> ImagePullSecretOptions:
    """Parse the options of the task, at ``now``.

    The secrets among them go to the scrubber at once, before anything can be said about them; the file that an option
    names is read. Raises KeyringError, with the full name of the option.
    """
    renewal = choose_renewal(now, params["min_validity"], params["force_mint"])
    format_ = _parse_format(params, runtime)
    if params["state"] == "absent":
        return ImagePullSecretOptions(parse_secret_options(params), renewal, format=format_)
    registries, warnings = parse_given_registries(params, params["update_credentials"], runtime, now)
    verification = parse_verify_writes(params)
    return ImagePullSecretOptions(
        secret=parse_secret_options(params),
        renewal=renewal,
        registries=tuple(registries),
        purge=params["purge_registries"],
        images=tuple(params["images"] or ()),
        preflight=params["preflight"],
        sources=_parse_sources(params["credentials_from"]),
        format=format_,
        verification=verification,
        require=params["verify_require"],
        warnings=tuple(warnings),
    )


def _parse_format(params: Mapping[str, Any], runtime: Runtime) -> FormatOptions | None:
    """Return the format and its settings; None for the one that the kubelet reads."""
    if params["format"] != KUBELET_FORMAT:
        from .pull_format_options import parse_format

        return parse_format(params, runtime)
    for name in params["format_options"]:
        if params["state"] == "present":
            raise KeyringError(
                f"format_options.{name} is not known to format {KUBELET_FORMAT}.",
                "",
                "Leave it out, or set format.",
                option=f"format_options.{name}",
            )
    return None


def _parse_sources(given: object) -> tuple[PullSource, ...]:
    """Parse the option ``credentials_from``, one Secret or several."""
    sources: list[PullSource] = []
    for option, item in name_sources(given):
        servers = item["servers"]
        if servers == []:
            raise no_servers(f"{option}.servers")
        sources.append(PullSource(parse_source(item, option), None if servers is None else tuple(servers)))
    return tuple(sources)


def _drop_repeated(copied: Sequence[Registry]) -> list[Registry]:
    """Return the entries of several Secrets, without those that repeat the same credentials for the same registry."""
    from .._credentials.imported import drop_repeated

    return drop_repeated(copied)


def _copy_registries(
    runtime: Runtime, connection: Connection, source: PullSource, found_at: tuple[str, str], now: datetime
) -> tuple[list[Registry], list[str]]:
    """Return the entries of a Secret that credentials_from references, with warnings about them."""
    from .._credentials.imported import ImportSource, choose_entries, import_registries

    option = source.secret.option
    secret, place = read_source(connection, found_at, TYPES, option)
    ends = stored_ends(secret)
    with blaming_secret(f"{option}.name"):
        config = read_docker_config(secret)
    runtime.scrubber.add(*secret_texts(config))
    imported = ImportSource(place, option, "invalid_secret", source.servers, f"{option}.servers")
    choose_entries(config, imported)  # a wrong choice is a fault of the option, and not of the Secret
    with blaming_secret(f"{option}.name"):
        registries, warnings = import_registries(config, imported)
    for registry in registries:
        warning = warn_token(registry.password, now, f"{registry.option}.password")
        if warning:
            warnings.append(warning)
    return [dataclasses.replace(each, expires_at=ends.get(match_key(each.server))) for each in registries], warnings


DEFINITION = TaskDefinition(run, OPTIONS, {"mutually_exclusive": [DOCKER_CONFIG_SOURCES]})
