# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task behind the module image_pull_secret_info: options in, result out."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from .._credentials.docker_config import KEY, LEGACY_KEY, doubtful_texts, parse_stored_config, secret_texts
from .._credentials.expiry import parse_time
from .._credentials.lint import NOT_PARSED, Finding, lint, lint_ends, lint_unread
from .._credentials.secret_values import check_secret_value
from .._errors import KeyringError
from .._kubelet.secret_config import decode_value, inspect_config
from .._kubelet.url_match import match_key
from .._runtime.execute import Result, Runtime, TaskDefinition
from .._runtime.options import Options
from .._secret.plan import Secret
from .._secret.pull_secret import TYPES, list_registries, pull_secret_texts, read_docker_config
from .info import INFO_OPTIONS, Tell, Told, check_info_options, look

OPTIONS: Options = {
    **INFO_OPTIONS,
    "registry": {"type": "str"},
    "holds": {"type": "str", "no_log": True},
}


def run(params: Mapping[str, Any], runtime: Runtime) -> Result:
    """Tell which pull secrets there are, what is wrong with them, who uses them and which hold a token. Only reads."""
    check_info_options(params)
    if params["registry"] is not None and not params["registry"].strip():
        raise KeyringError(
            "registry is empty.", "", "Check the variable behind it, or leave it out.", option="registry"
        )
    if params["holds"] is not None:
        _check_token(params["holds"])
        runtime.scrubber.add(params["holds"])
    result = look(params, runtime, TYPES, teller(params, datetime.now(timezone.utc)), describe_unreadable)
    return {**result, "ends_next": find_next_end(result["secrets"])}


def teller(params: Mapping[str, Any], now: datetime) -> Tell:
    """Return what says of a pull secret what is special in it, as the options ask."""

    def tell(secret: Secret) -> Told | None:
        if params["registry"] is not None and not has_registry(secret, params["registry"]):
            return None
        return Told(describe_config(secret, params["holds"], now), pull_secret_texts(secret))

    return tell


def find_next_end(secrets: Sequence[Mapping[str, Any]]) -> dict[str, str] | None:
    """The entry whose credentials end first, those among them that are over."""
    ends: list[tuple[datetime, dict[str, str]]] = []
    for secret in secrets:
        for registry in secret["registries"]:
            moment = parse_time(registry["expires_at"] or "")
            if moment and registry["server"]:
                place = {"namespace": secret["namespace"], "name": secret["name"], "server": registry["server"]}
                ends.append((moment, {"expires_at": registry["expires_at"], **place}))
    return min(ends, key=lambda end: (end[0], *end[1].values()))[1] if ends else None


def _check_token(token: str) -> None:
    try:
        check_secret_value(token, "holds")
    except KeyringError:
        raise KeyringError(
            "holds is empty, or a mask instead of a value.",
            "Asterisks and texts such as VALUE_SPECIFIED_IN_NO_LOG_PARAMETER stand for a secret in printed output.",
            "Check the variable behind it, or leave it out.",
            option="holds",
        ) from None


def describe_config(secret: Secret, token: str | None, now: datetime) -> dict[str, Any]:
    """Return what is special of a pull secret, without secret data."""
    registries = list_registries(secret)
    findings = [*lint(secret), *lint_ends(registries, now)]
    if not {found.id for found in findings} & set(NOT_PARSED):
        findings += _lint_unread(secret)
    findings.sort(key=lambda found: found.severity)
    return {
        "registries": registries,
        "problems": [
            {"id": found.id, "severity": found.severity, "server": found.server, "message": found.message}
            for found in findings
        ],
        "holds": None if token is None else holds_token(secret, token),
    }


def _lint_unread(secret: Secret) -> list[Finding]:
    """Return a finding about a docker config that the kubelet reads and this collection does not."""
    try:
        read_docker_config(secret)
    except KeyringError as error:
        return [lint_unread(str(error))]
    return []


def describe_unreadable(secret: Secret, why: str) -> dict[str, Any]:
    """Return what is reported of a Secret that cannot be described."""
    problem = {"id": "not_read_here", "severity": "error", "server": None, "message": why}
    return {"registries": [], "problems": [problem], "holds": None}


def has_registry(secret: Secret, registry: str) -> bool:
    """Whether the Secret has an entry that the kubelet reads as this registry; none where its config does not parse."""
    try:
        return match_key(registry) in set(map(match_key, read_docker_config(secret)["auths"]))
    except KeyringError:
        return False


def holds_token(secret: Secret, token: str) -> bool:
    """Whether this password or token is anywhere in the data of the Secret, also in what no kubelet reads."""
    return any(
        _config_holds(key, decode_value(value), token)
        if key in (KEY, LEGACY_KEY)
        else token.encode() in decode_value(value)
        for key, value in (secret.get("data") or {}).items()
    )


def _config_holds(key: str, text: bytes, token: str) -> bool:
    """A whole value of a docker config; of what has no known field, or does not parse, a part is enough."""
    config, _faults = inspect_config(key, text)
    if any(token in (entry.username, entry.password) for entry in config.entries.values()):
        return True
    try:
        parsed = parse_stored_config(text, key, legacy=key == LEGACY_KEY, keys_twice=False)
    except KeyringError:
        return any(token.encode() in part for part in (text, *_decoded(text)))
    return token in secret_texts(parsed) or any(token in part for part in doubtful_texts(parsed))


def _decoded(text: bytes) -> Iterator[bytes]:
    """What is base64 in a text."""
    for found in re.findall(rb"[A-Za-z0-9+/]{8,}", text):
        yield base64.b64decode(found + b"A" * (-len(found) % 4))


DEFINITION = TaskDefinition(run, OPTIONS)
