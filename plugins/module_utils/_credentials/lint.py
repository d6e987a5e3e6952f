# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong or doubtful in a pull secret: findings for people, none of which holds any material."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from .._kubelet.match_key import read_match_key
from .._kubelet.secret_config import (
    KEY_OF_TYPE,
    Config,
    KubeletEntry,
    UnreadableConfig,
    find_config,
    has_login_token,
    has_store,
    inspect_config,
    why_no_password,
)
from .._kubelet.server_text import public_server
from .expiry import PARTS, parse_time
from .material import EDGE_BLANK
from .presets import PRESETS
from .server import REFUSALS, WARNINGS, Rule, find_refusal, find_warnings

Severity = Literal["error", "warning"]

_JSON_KEY = ".dockerconfigjson"


@dataclass(frozen=True)
class Finding:
    """A row of the catalogue that fits; ``server`` is the entry it is about, as it may be shown, or None."""

    id: str
    severity: Severity
    message: str
    server: str | None = None


_UNREADABLE: tuple[Severity, str] = (
    "error",
    "{what} can not be read ({why}); the kubelet refuses every Pod that uses this Secret.",
)
# Of each row that is not about the text of a server: severity and message.
_ROWS: dict[str, tuple[Severity, str]] = {
    "secret_type": (
        "error",
        'The kubelet skips this Secret: its type is "{type}", and its docker config is under "{key}". '
        "Write it under .dockerconfigjson of a Secret of type kubernetes.io/dockerconfigjson.",
    ),
    "not_json": _UNREADABLE,
    "wrong_type": _UNREADABLE,
    "not_base64": _UNREADABLE,
    "no_colon": _UNREADABLE,
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
    "no_password": ("warning", "It has no password."),
    "no_credentials": ("warning", "It has neither auth nor username and password."),
    "password_blank": ("warning", EDGE_BLANK[0].upper() + EDGE_BLANK[1:]),
    "token_over": ("error", "It ended at {end}. No image is pulled with it any more."),
    "token_ends": ("warning", "It ends at {end}."),
    "auth_not_utf8": ("warning", "The decoded auth is not UTF-8 text, which not every reader takes."),
}

# The findings that say that a docker config does not parse at all.
NOT_PARSED = ("not_json", "wrong_type")

CATALOGUE: Mapping[str, Severity] = {
    **{rule.id: "error" for rule in REFUSALS},
    **{rule.id: "warning" for rule in WARNINGS},
    **{row: severity for row, (severity, _message) in _ROWS.items()},
}


def lint(secret: Mapping[str, Any]) -> list[Finding]:
    """The findings about a Secret as the API returns it; none about one that is no pull secret at all."""
    found = find_config(secret)
    if found:
        return _lint_text(*found)
    kind, data = secret.get("type") or "Opaque", secret.get("data") or {}
    misplaced = [key for key in KEY_OF_TYPE.values() if data.get(key)]
    if misplaced:
        return [_finding("secret_type", type=kind, key=misplaced[0])]
    return [_finding("no_entries")] if kind in KEY_OF_TYPE else []


def lint_config(config: Mapping[str, Any]) -> list[Finding]:
    """The findings about a docker config, a JSON object with ``auths``."""
    return _lint_text(_JSON_KEY, json.dumps(config).encode())


def lint_unread(why: str) -> Finding:
    """Return the finding about a docker config that the kubelet reads and this collection does not."""
    return _finding("not_read_here", why=why)


def lint_ends(registries: Iterable[Mapping[str, Any]], now: datetime) -> list[Finding]:
    """The findings about credentials that are over or end within a day, given as results show registries.

    Of tokens that last no longer than that, those of which less than a third is left.
    """
    found = []
    for registry in registries:
        end = parse_time(registry["expires_at"] or "")
        if end and end - now <= _soon(registry["username"]):
            row = "token_over" if end <= now else "token_ends"
            found.append(_finding(row, registry["server"], end=registry["expires_at"]))
    return found


def _soon(username: str | None) -> timedelta:
    thirds = (
        timedelta(seconds=row.life[username] // PARTS) for row in PRESETS.values() if username and username in row.life
    )
    return min((timedelta(days=1), *thirds))


def _lint_text(key: str, text: bytes) -> list[Finding]:
    config, faults = inspect_config(key, text)
    found = [_fault(fault) for fault in faults]
    if not config.entries and not faults:
        found.append(_finding("credential_store" if has_store(config) else "no_entries"))
    for server, entry in config.entries.items():
        shown = public_server(server)
        found += _lint_server(server, shown)
        found += [_finding(row, shown) for row in _entry_rows(entry, config)]
    found += _same_keys(config)
    return sorted(found, key=lambda finding: (finding.severity, finding.server or ""))


def _finding(row: str, server: str | None = None, /, **words: str) -> Finding:
    severity, message = _ROWS[row]
    return Finding(row, severity, message.format(**words), server)


def _fault(fault: UnreadableConfig) -> Finding:
    if fault.server is None:
        what = f'"{fault.name}" of the docker config' if fault.name else "The docker config"
        return _finding(fault.reason, what=what, why=str(fault))
    what = f"Its {fault.name}" if fault.name else "The entry"
    return _finding(fault.reason, public_server(fault.server), what=what, why=str(fault))


def _lint_server(server: str, shown: str) -> Iterator[Finding]:
    refusal = find_refusal(server)
    if refusal:
        yield _of_rule(refusal, "error", server, shown)
    for rule in () if refusal else find_warnings(server):
        yield _of_rule(rule, "warning", server, shown)


def _of_rule(rule: Rule, severity: Severity, server: str, shown: str) -> Finding:
    message = " ".join(filter(None, rule.explain(server)))
    return Finding(rule.id, severity, message[0].upper() + message[1:], shown)


def _entry_rows(entry: KubeletEntry, config: Config) -> Iterator[str]:
    why = why_no_password(entry, config)
    if why:
        yield why
    elif has_login_token(entry):
        yield "session_token"
    if entry.password != entry.password.strip():
        yield "password_blank"
    if not _is_utf8(entry.username + entry.password):
        yield "auth_not_utf8"


def _is_utf8(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _same_keys(config: Config) -> Iterator[Finding]:
    by_key: dict[bytes, list[str]] = {}
    for server in config.entries:
        key = read_match_key(server)
        if key is not None:
            by_key.setdefault(key, []).append(public_server(server))
    for key, servers in by_key.items():
        if len(servers) > 1:
            quoted = ", ".join(f'"{server}"' for server in sorted(servers))
            shown = public_server(key.decode(errors="replace"))
            yield _finding("same_match_key", sorted(servers)[0], servers=quoted, key=shown)
