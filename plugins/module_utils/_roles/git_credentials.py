# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decide what the role git_credentials passes to the module gitsync_secret for each consumer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._credentials.git_formats import FORMATS
from .pull_secrets import NAMESPACES_LIMIT

# Formats with host keys elsewhere, or nowhere. The module refuses a part that a format does not read.
_WITHOUT_HOST_KEYS = tuple(
    name for name, row in FORMATS.items() if "ssh" in row.shapes and "known_hosts" not in row.shapes["ssh"].keys
)
_HOST_KEY_PARTS = ("known_hosts", "scan_host_keys", "host_key_fingerprints")

# The outcomes with which the Git server has answered. The others say that it was not asked, or not reached.
_ANSWERS = ("readable", "denied", "not_found")

# What identifies the Secret of a consumer.
_SOURCE_PARTS = ("name", "namespace", "format", "keys")


def given_credentials(kinds: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the parts of each kind of credential that have a value.

    False, 0 and an empty string are values, which the module refuses.
    """
    return {
        kind: {part: value for part, value in parts.items() if value is not None and value != []}
        for kind, parts in kinds.items()
    }


def is_unanswered(latest: Mapping[str, Any] | None) -> bool:
    """Return whether the Git server is still to be asked, by the latest result of the loop that asks.

    One answer of the server is enough for all consumers. Where it cannot be asked for one, it is asked for the next. An
    item after the answer is skipped. ``results`` are those of an earlier loop, which has ended.
    """
    if latest is None or "results" in latest:
        return True
    if latest.get("skipped"):
        return False
    return all(item["outcome"] not in _ANSWERS for item in latest.get("verified") or ())


def _is_left_out(consumer: Mapping[str, Any], limit: Sequence[str] | str | None) -> bool:
    """Return whether a limit leaves out a consumer of one namespace. A string has the names as Ansible splits it."""
    if limit is None:
        return False
    names = limit.split(",") if isinstance(limit, str) else limit
    return consumer.get("namespace") not in [str(name).strip() for name in names]


def git_credential_options(
    consumers: Sequence[Mapping[str, Any]],
    *,
    index: int,
    given: Mapping[str, Mapping[str, Any]],
    common: Mapping[str, Any],
    options: Mapping[str, Any],
    connection: Mapping[str, Any],
    stored: Mapping[str, Any],
    limit: Sequence[str] | str | None = None,
) -> dict[str, Any]:
    """Return the options of the module gitsync_secret for one consumer; its own options take precedence.

    A key that is generated is made for the first consumer, and the others copy it. ``stored`` is what check mode has
    read of the first: a key that is not there cannot be copied, and each would be generated. ``limit`` are the
    namespaces to which the role is limited, None for all. Where it leaves out the first consumer, no key is generated.
    """
    consumer = consumers[index]
    has_key = stored.get("secrets") != [] or _is_left_out(consumers[0], limit)
    copies = index > 0 and "generate" in given["ssh"] and has_key

    left_out: list[str] = []
    if copies:
        left_out += ["generate", "passphrase"]
    if consumer.get("format", "git_sync") in _WITHOUT_HOST_KEYS:
        left_out += _HOST_KEY_PARTS
    kinds: dict[str, Mapping[str, Any]] = {
        **given,
        "ssh": {part: value for part, value in given["ssh"].items() if part not in left_out},
    }
    credentials = {kind: parts for kind, parts in kinds.items() if parts}

    source: dict[str, Any] = {}
    if copies:
        first = {part: value for part, value in consumers[0].items() if part in _SOURCE_PARTS}
        source["credentials_from"] = {"format": "git_sync", **first}
    passed = {**common, **connection, **options, **credentials, **source, **consumer}
    return passed if limit is None else {**passed, NAMESPACES_LIMIT: limit}
