# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings about a pull secret: what is wrong or rarely intended in it. No finding holds secret data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from .._dataclasses import dataclass
from .._kubelet.secret_config import (
    KEY_OF_TYPE,
    Config,
    KubeletEntry,
    UnreadableConfig,
    find_config,
    has_login_token,
    has_store,
    inspect_config,
    why_no_login,
)
from .._kubelet.server_text import public_server
from .._kubelet.url_match import read_match_key
from .expiry import PARTS, parse_time
from .secret_values import EDGE_BLANK, has_edge_blank
from .server import REFUSALS, WARNINGS, Rule, find_refusal, find_warnings

Severity = Literal["error", "warning"]

_JSON_KEY = ".dockerconfigjson"


@dataclass(frozen=True)
class Finding:
    """A row of the catalogue that applies. ``server`` is the entry that it is about, as it may be shown, or None."""

    id: str
    severity: Severity
    message: str
    server: str | None = None


# devfile/devworkspace-operator pkg/constants/metadata.go, pkg/cache/cache.go.
_PULL_SECRET_LABEL = "controller.devfile.io/devworkspace_pullsecret"
_WATCH_LABEL = "controller.devfile.io/watch-secret"

_UNREADABLE_ROW: tuple[Severity, str] = (
    "error",
    "{what} cannot be read ({why}); the kubelet refuses every Pod that uses this Secret.",
)
# Severity and message of each finding that is not about the text of a server.
_FINDING_ROWS: dict[str, tuple[Severity, str]] = {
    "secret_type": (
        "error",
        'The kubelet skips this Secret: its type is "{type}", and its docker config is under "{key}". '
        "Write it under .dockerconfigjson of a Secret of type kubernetes.io/dockerconfigjson.",
    ),
    "not_json": _UNREADABLE_ROW,
    "wrong_type": _UNREADABLE_ROW,
    "not_base64": _UNREADABLE_ROW,
    "no_colon": _UNREADABLE_ROW,
    "same_match_key": (
        "error",
        'The kubelet reads {servers} as one registry, "{key}". Which of their credentials it tries first is not '
        "defined; keep one of them.",
    ),
    "not_read_here": (
        "error",
        "{why} No task of this collection can merge into it; purge_registries=true replaces it.",
    ),
    "no_entries": ("warning", 'The docker config has no entries under "auths", so it serves no image.'),
    "not_watched": (
        "warning",
        f"It has the label {_PULL_SECRET_LABEL}=true without {_WATCH_LABEL}=true, so the DevWorkspace Operator does "
        "not see it.",
    ),
    "login_token": (
        "warning",
        "It has only the token of a login session (identitytoken), which no kubelet uses. Give username and password.",
    ),
    "session_token": (
        "warning",
        "It holds the token of a login session (identitytoken, registrytoken) next to its password, which no kubelet "
        "uses. Remove the registry with state=absent and add it again.",
    ),
    "credential_store": (
        "warning",
        "The credentials are in a credential store of the machine where the login was made (credsStore, credHelpers). "
        "Give username and password.",
    ),
    "no_username": ("warning", "It has no user name."),
    "no_password": ("warning", "It has no password."),
    "no_credentials": ("warning", "It has neither auth nor username and password."),
    "password_blank": ("warning", EDGE_BLANK[0].upper() + EDGE_BLANK[1:]),
    "token_over": ("error", "It expired at {end}. No image can be pulled with it."),
    "token_ends": ("warning", "It expires at {end}."),
    "auth_not_utf8": ("warning", "The decoded auth is not UTF-8 text, which not every reader takes."),
}

# The findings about a docker config that does not parse at all.
NOT_PARSED = ("not_json", "wrong_type")

CATALOGUE: Mapping[str, Severity] = {
    **{rule.id: "error" for rule in REFUSALS},
    **{rule.id: "warning" for rule in WARNINGS},
    **{row: severity for row, (severity, _message) in _FINDING_ROWS.items()},
}


def lint(secret: Mapping[str, Any]) -> list[Finding]:
    """Return the findings about a Secret as the API returns it; none for a Secret that is not a pull secret."""
    labels = (secret.get("metadata") or {}).get("labels") or {}
    if labels.get(_PULL_SECRET_LABEL) == "true" and labels.get(_WATCH_LABEL) != "true":
        return [_finding("not_watched"), *_lint_data(secret)]
    return _lint_data(secret)


def _lint_data(secret: Mapping[str, Any]) -> list[Finding]:
    found = find_config(secret)
    if found:
        return _lint_text(*found)
    kind, data = secret.get("type") or "Opaque", secret.get("data") or {}
    misplaced = [key for key in KEY_OF_TYPE.values() if data.get(key)]
    if misplaced:
        return [_finding("secret_type", type=kind, key=misplaced[0])]
    return [_finding("no_entries")] if kind in KEY_OF_TYPE else []


def lint_config(config: Mapping[str, Any]) -> list[Finding]:
    """Return the findings about a docker config, a JSON object with ``auths``."""
    return _lint_text(_JSON_KEY, json.dumps(config).encode())


def lint_unread(why: str) -> Finding:
    """Return the finding about a docker config that the kubelet reads and this collection does not."""
    return _finding("not_read_here", why=why)


def lint_ends(registries: Iterable[Mapping[str, Any]], now: datetime) -> list[Finding]:
    """Return the findings about credentials that have expired or expire soon, for registries as results show them.

    Soon is within a day; for tokens, within a third of their life where that is shorter.
    """
    found = []
    for registry in registries:
        end = parse_time(registry["expires_at"] or "")
        if end and end - now <= _soon(registry["username"]):
            row = "token_over" if end <= now else "token_ends"
            found.append(_finding(row, registry["server"], end=registry["expires_at"]))
    return found


def _soon(username: str | None) -> timedelta:
    """Return how long before their expiry the credentials of a user are reported."""
    soon = timedelta(days=1)
    if username is None:
        return soon
    from .presets import PRESETS

    for row in PRESETS.values():
        if username in row.life:
            soon = min(soon, timedelta(seconds=row.life[username] // PARTS))
    return soon


def _lint_text(key: str, text: bytes) -> list[Finding]:
    config, faults = inspect_config(key, text)
    found = [_describe_unreadable_config(fault) for fault in faults]
    if not config.entries and not faults:
        found.append(_finding("credential_store" if has_store(config) else "no_entries"))
    for server, entry in config.entries.items():
        shown = public_server(server)
        found += _lint_server(server, shown)
        found += [_finding(row, shown) for row in _entry_rows(entry, config)]
    found += _same_match_keys(config)
    return sorted(found, key=lambda finding: (finding.severity, finding.server or ""))


def _finding(row: str, server: str | None = None, /, **words: str) -> Finding:
    severity, message = _FINDING_ROWS[row]
    return Finding(row, severity, message.format(**words), server)


def _describe_unreadable_config(fault: UnreadableConfig) -> Finding:
    if fault.server is None:
        what = f'"{fault.name}" of the docker config' if fault.name else "The docker config"
        return _finding(fault.reason, what=what, why=str(fault))
    what = f"Its {fault.name}" if fault.name else "The entry"
    return _finding(fault.reason, public_server(fault.server), what=what, why=str(fault))


def _lint_server(server: str, shown: str) -> list[Finding]:
    refusal = find_refusal(server)
    if refusal:
        return [_describe_rule(refusal, "error", server, shown)]
    return [_describe_rule(rule, "warning", server, shown) for rule in find_warnings(server)]


def _describe_rule(rule: Rule, severity: Severity, server: str, shown: str) -> Finding:
    why, remedy = rule.explain(server)
    message = f"{why} {remedy}".rstrip()
    return Finding(rule.id, severity, message[0].upper() + message[1:], shown)


def _entry_rows(entry: KubeletEntry, config: Config) -> Iterator[str]:
    """Yield the ids of the rows that apply to an entry."""
    why = why_no_login(entry, config)
    if why:
        yield why
    elif has_login_token(entry):
        yield "session_token"
    if has_edge_blank(entry.password):
        yield "password_blank"
    # Half a surrogate pair stands for a byte that is not UTF-8: secret_config.py.
    if re.search("[\ud800-\udfff]", entry.username + entry.password):
        yield "auth_not_utf8"


def _same_match_keys(config: Config) -> Iterator[Finding]:
    """Yield a finding for each group of entries that are one registry to the kubelet."""
    by_key: dict[bytes, list[str]] = {}
    for server in config.entries:
        key = read_match_key(server)
        if key is not None:
            by_key.setdefault(key, []).append(public_server(server))
    for key, servers in by_key.items():
        if len(servers) > 1:
            servers.sort()
            shown = public_server(key.decode(errors="replace"))
            yield _finding("same_match_key", servers[0], servers=", ".join(f'"{name}"' for name in servers), key=shown)
