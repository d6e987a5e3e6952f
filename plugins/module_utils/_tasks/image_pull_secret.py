# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task behind the module image_pull_secret: options in, result out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

from .._apply.fan_out import manage_secrets
from .._apply.secret_task import (
    CREDENTIALS_FROM,
    SECRET_OPTIONS,
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
from .._credentials.docker_config import (
    MAX_READ,
    PORTAL_BYTES,
    TYPE,
    docker_config_size,
    parse_docker_config,
    secret_texts,
)
from .._credentials.expiry import warn_expires_at
from .._credentials.login_sessions import leave_out_sessions
from .._credentials.presets import SECRET_SETTINGS
from .._credentials.registries import (
    Registry,
    auth_of,
    parse_registries,
    refuse_duplicates,
    registries_of,
    warn_registries,
)
from .._errors import KeyringError, blaming_secret
from .._images.preflight import check_images, check_payload
from .._kubelet.url_match import match_key
from .._minting.minting import Tokens, choose_renewal
from .._runtime.execute import Result, Runtime, TaskDefinition
from .._runtime.host import read_option_file
from .._runtime.options import DOCKER_CONFIG, Options
from .._secret.plan import Payload, Secret
from .._secret.pull_secret import (
    TYPES,
    describe_pull_secret,
    list_registries,
    pull_secret_payload,
    pull_secret_texts,
    read_docker_config,
    stored_ends,
)

OPTIONS: Options = {
    **SECRET_OPTIONS,
    "registries": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "server": {"type": "str"},
            "preset": {"type": "str"},
            "preset_options": {"type": "dict"},
            "username": {"type": "str"},
            "password": {"type": "str", "no_log": True},
            "email": {"type": "str"},
            "expires_at": {"type": "str", "context": {"accepts": "date"}},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
    },
    "purge_registries": {"type": "bool", "default": False},
    "min_validity": {"type": "int"},
    "force_mint": {"type": "bool", "default": False},
    # Not no_log: Ansible would then hide every text in it, user names included, from all output.
    "docker_config": {"type": "raw", "context": DOCKER_CONFIG},
    "docker_config_file": {"type": "path"},
    "credentials_from": {"type": "dict", "options": CREDENTIALS_FROM},
    "images": {"type": "list", "elements": "str"},
    "preflight": {"type": "str", "choices": ["fail", "warn"], "default": "fail"},
}

_PULL_SECRET = SecretProfile(
    type=TYPE,
    deletable_types=TYPES,
    describe=describe_pull_secret,
    fields=lambda secret: {"registries": list_registries(secret)},
    secret_texts=pull_secret_texts,
)


def run(params: Mapping[str, Any], runtime: Runtime) -> Result:
    """Make one pull secret present or absent. Raises KeyringError before anything is written for bad input."""
    renewal = choose_renewal(datetime.now(timezone.utc), params["min_validity"], params["force_mint"])
    registries, warnings = ([], []) if params["state"] == "absent" else _given_registries(params, runtime, renewal.now)
    images = None if params["state"] == "absent" else params["images"]
    if images is not None:
        check_images(images)
    check_secret_options(params)
    with open_cluster(params, runtime) as connection:
        refuse_secrets_in_metadata(params, runtime)
        targets = choose_targets(params, connection)
        source = find_source(params, targets)
        if source:
            copied, more = _copied_registries(runtime, connection, source)
            registries, warnings = [*registries, *copied], [*warnings, *more]
        refuse_duplicates(registries)
        tokens = Tokens(registries, renewal, params["update_credentials"], runtime)
        payload = pull_secret_payload(
            registries, purge=params["purge_registries"], update=params["update_credentials"], renew=tokens.renew
        )
        if images:
            payload = check_payload(payload, images, params["preflight"])
        neighbours = find_neighbours(params, connection, targets)
        job = SecretTask(params, runtime, connection, _PULL_SECRET, neighbours, _watch(payload, tokens))
        try:
            result = manage_secrets(job, targets, source)
        except KeyringError as error:
            error.facts.update(tokens.describe())
            raise
    return {**result, **tokens.describe(), "warnings": [*warnings, *tokens.warnings, *result["warnings"]]}


def _watch(payload: Callable[[Secret | None], Payload], tokens: Tokens) -> Callable[[Secret | None], Payload]:
    """The payload; what the task names in a Secret counts for the next run also where nothing changes."""

    def watched(existing: Secret | None) -> Payload:
        made = payload(existing)
        tokens.note(made.notes["next_run_before"])
        return made

    return watched


def _given_registries(params: Mapping[str, Any], runtime: Runtime, now: datetime) -> tuple[list[Registry], list[str]]:
    """What the options say about registries, with warnings about it."""
    for item in params["registries"]:
        settings = item.get("preset_options") or {}
        secrets = (str(settings[name]) for name in SECRET_SETTINGS if settings.get(name) is not None)
        runtime.scrubber.add(item.get("password") or "", *secrets)
    registries = parse_registries(params["registries"], params["update_credentials"])
    option = "docker_config" if params["docker_config"] is not None else "docker_config_file"
    source = (
        params["docker_config"]
        if params["docker_config"] is not None
        else read_option_file("docker_config_file", params["docker_config_file"], runtime.files, MAX_READ)
    )
    warnings: list[str] = []
    if source is not None:
        config = parse_docker_config(source, option)
        runtime.scrubber.add(*secret_texts(config))
        usable, warnings = leave_out_sessions(config, option, option, "invalid_option")
        registries += registries_of(usable, option)
        warnings += _warn_docker_config(config, option)
    refuse_duplicates(registries)
    runtime.scrubber.add(*filter(None, map(auth_of, registries)))
    over = [warn_expires_at(r.expires_at, now, f"{r.option}.expires_at") for r in registries if r.expires_at]
    return registries, [*warnings, *warn_registries(registries), *dict.fromkeys(filter(None, over))]


def _copied_registries(
    runtime: Runtime, connection: Connection, source: tuple[str, str]
) -> tuple[list[Registry], list[str]]:
    """Return the entries of the Secret that credentials_from references, with warnings about them."""
    secret, place = read_source(connection, source, TYPES)
    ends = stored_ends(secret)
    with blaming_secret("credentials_from.name"):
        config = read_docker_config(secret)
    runtime.scrubber.add(*secret_texts(config))
    usable, warnings = leave_out_sessions(config, place, "credentials_from", "invalid_secret")
    with blaming_secret("credentials_from.name"):
        registries = registries_of(usable, place)
    return [dataclasses.replace(each, expires_at=ends.get(match_key(each.server))) for each in registries], warnings


def _warn_docker_config(config: Mapping[str, Any], option: str) -> list[str]:
    warnings = []
    left_out = sorted(str(key) for key in config if key != "auths")
    if left_out:
        warnings.append(f"{option}: only auths is written to the Secret; left out: {', '.join(left_out)}.")
    if docker_config_size(config) > PORTAL_BYTES:
        warnings.append(f"{option} is larger than 10 KB, which is more than the form of SAP AI Launchpad takes.")
    return warnings


DEFINITION = TaskDefinition(run, OPTIONS, {"mutually_exclusive": [("docker_config", "docker_config_file")]})
