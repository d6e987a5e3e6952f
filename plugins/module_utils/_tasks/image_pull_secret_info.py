# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task behind the module image_pull_secret_info: options in, result out."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timezone
from typing import Any

from .._credentials.docker_config import (
    CONFIG_JSON_KEY,
    KEY,
    LEGACY_KEY,
    OPAQUE_TYPE,
    doubtful_texts,
    parse_stored_config,
    secret_texts,
)
from .._credentials.expiry import parse_time
from .._credentials.lint import NOT_PARSED, Finding, lint, lint_ends, lint_unread
from .._credentials.secret_values import check_secret_value
from .._dataclasses import dataclass
from .._errors import KeyringError
from .._kubelet.secret_config import decode_value, inspect_config
from .._kubelet.url_match import match_key
from .._runtime.execute import Result, Runtime, TaskDefinition
from .._runtime.options import Options
from .._runtime.shown import ADDRESS
from .._secret.ownership import annotations_of, is_ours
from .._secret.plan import Secret
from .._secret.pull_secret import TYPES, is_renewed_here, list_registries, pull_secret_texts, read_docker_config
from .info import DescribedSecret, report_secrets
from .info_options import INFO_OPTIONS, InfoOptions, parse_info_options, parse_search
from .pull_format_names import KUBELET_FORMAT, PULL_FORMAT_CHOICES

OPTIONS: Options = {
    **INFO_OPTIONS,
    "registry": {"type": "str", "context": ADDRESS},
    "holds": {"type": "str", "no_log": True},
    "formats": {"type": "list", "elements": "str", "choices": PULL_FORMAT_CHOICES, "default": [KUBELET_FORMAT]},
}


@dataclass(frozen=True)
class ImagePullSecretInfoOptions:
    """The options of image_pull_secret_info, parsed."""

    info: InfoOptions
    registry: str | None = None
    holds: str | None = field(default=None, repr=False)
    formats: tuple[str, ...] = (KUBELET_FORMAT,)

    @property
    def types(self) -> tuple[str, ...]:
        """Return the types of the Secrets that are read."""
        types = TYPES if KUBELET_FORMAT in self.formats else ()
        return (*types, OPAQUE_TYPE) if set(self.formats) - {KUBELET_FORMAT} else types


def parse_options(params: Mapping[str, Any]) -> ImagePullSecretInfoOptions:
    """Parse the options of the module. Raises KeyringError for one that can match nothing."""
    info = parse_info_options(params)
    registry = parse_search("registry", params["registry"])
    if params["holds"] is not None:
        _check_token(params["holds"])
    if not params["formats"]:
        raise KeyringError("formats is empty.", "", "Check the variable behind it, or leave it out.", option="formats")
    return ImagePullSecretInfoOptions(info, registry, params["holds"], tuple(params["formats"]))


def run(params: Mapping[str, Any], runtime: Runtime) -> Result:
    """Report the pull secrets, their problems, their users, and which ones hold a token. Only reads."""
    options = parse_options(params)
    if options.holds is not None:
        runtime.scrubber.add(options.holds)
    reader = PullSecretReader(options, datetime.now(timezone.utc))
    result = report_secrets(options.info, runtime, options.types, reader)
    return {**result, "ends_next": find_next_end(result["secrets"])}


class PullSecretReader:
    """A reader of pull secrets, which leaves out those without the registry of the options."""

    def __init__(self, options: ImagePullSecretInfoOptions, now: datetime) -> None:
        self._options = options
        self._now = now

    def describe(self, secret: Secret) -> DescribedSecret | None:
        """Return the fields of a pull secret; None for one without the registry, or of another format."""
        options = self._options
        if secret.get("type") == OPAQUE_TYPE:
            from .pull_format_reading import describe_shape

            return describe_shape(secret, options.formats, options.registry, options.holds, self._now)
        if options.registry is not None and not has_registry(secret, options.registry):
            return None
        fields = describe_config(secret, options.holds, self._now)
        return DescribedSecret({"format": KUBELET_FORMAT, **fields}, pull_secret_texts(secret))

    def describe_unreadable(self, _secret: Secret, why: str) -> dict[str, Any]:
        """Return the fields of a Secret that cannot be described."""
        problem = {"id": "not_read_here", "severity": "error", "server": None, "message": why}
        return {"format": None, "registries": [], "problems": [problem], "holds": None}


def find_next_end(secrets: Sequence[Mapping[str, Any]]) -> dict[str, str] | None:
    """Return the registry entry that expires first, including expired ones; None if no entry has an expiry date.

    Secrets whose tokens other programs renew do not count.
    """
    ends: list[tuple[datetime, dict[str, str]]] = []
    for secret in secrets:
        if not is_renewed_here(secret["ours"], secret["annotations"]):
            continue
        for registry in secret["registries"]:
            moment = parse_time(registry["expires_at"] or "")
            if moment and registry["server"]:
                place = {"namespace": secret["namespace"], "name": secret["name"], "server": registry["server"]}
                ends.append((moment, {"expires_at": registry["expires_at"], **place}))
    if not ends:
        return None
    return min(ends, key=lambda end: (end[0], *end[1].values()))[1]


def _check_token(token: str) -> None:
    try:
        check_secret_value(token, "holds")
    except KeyringError:
        raise KeyringError(
            "holds is empty, or a mask instead of a value.",
            "Asterisks and strings such as VALUE_SPECIFIED_IN_NO_LOG_PARAMETER replace secrets in printed output.",
            "Check the variable behind it, or leave it out.",
            option="holds",
        ) from None


def describe_config(secret: Secret, token: str | None, now: datetime) -> dict[str, Any]:
    """Return the fields of a pull secret, without secret data."""
    registries = list_registries(secret)
    findings = [*lint(secret), *lint_shown_ends(secret, registries, now)]
    if not {found.id for found in findings} & set(NOT_PARSED):
        findings += _lint_unread(secret)
    findings.sort(key=lambda found: found.severity)
    return {
        "registries": registries,
        "problems": describe_findings(findings),
        "holds": None if token is None else holds_token(secret, token),
    }


def describe_findings(findings: Sequence[Finding]) -> list[dict[str, str | None]]:
    """Return findings as results show them."""
    return [
        {"id": found.id, "severity": found.severity, "server": found.server, "message": found.message}
        for found in findings
    ]


def lint_shown_ends(secret: Secret, registries: Sequence[Mapping[str, Any]], now: datetime) -> list[Finding]:
    """Return the findings about expiry times. A token that another program renews is reported after its expiry only."""
    found = lint_ends(registries, now)
    if is_renewed_here(is_ours(secret), annotations_of(secret)):
        return found
    return [finding for finding in found if finding.severity == "error"]


def _lint_unread(secret: Secret) -> list[Finding]:
    """Return a finding about a docker config that the kubelet reads and this collection does not."""
    try:
        read_docker_config(secret)
    except KeyringError as error:
        return [lint_unread(str(error))]
    return []


def has_registry(secret: Secret, registry: str) -> bool:
    """Return whether the kubelet reads an entry of the Secret as this registry; False if its config does not parse."""
    try:
        servers = read_docker_config(secret)["auths"]
    except KeyringError:
        return False
    return match_key(registry) in [match_key(server) for server in servers]


def holds_token(secret: Secret, token: str) -> bool:
    """Return whether this password or token is anywhere in the data of the Secret, also where no kubelet reads it."""
    for key, value in (secret.get("data") or {}).items():
        text = decode_value(value)
        is_config = key in (KEY, LEGACY_KEY, CONFIG_JSON_KEY)
        if is_config and _config_holds(key, text, token):
            return True
        if not is_config and token.encode() in text:
            return True
    return False


def _config_holds(key: str, text: bytes, token: str) -> bool:
    """Return whether a docker config has the token as a whole value; a part is enough where it does not parse."""
    config, _faults = inspect_config(key, text)
    if any(token in (entry.username, entry.password) for entry in config.entries.values()):
        return True
    try:
        parsed = parse_stored_config(text, key, legacy=key == LEGACY_KEY, keys_twice=False)
    except KeyringError:
        return any(token.encode() in part for part in (text, *_decoded(text)))
    return token in secret_texts(parsed) or any(token in part for part in doubtful_texts(parsed))


def _decoded(text: bytes) -> Iterator[bytes]:
    """Yield what the base64 in a string decodes to."""
    for found in re.findall(rb"[A-Za-z0-9+/]{8,}", text):
        yield base64.b64decode(found + b"A" * (-len(found) % 4))


DEFINITION = TaskDefinition(run, OPTIONS)
