# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The format of the caller's own: under which key of the Secret each part of a credential stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .._errors import KeyringError
from .git_shapes import CredentialKind, Format, FormatSetting, Shape
from .suggestions import suggest_words

CUSTOM = "custom"

# What the caller may name keys for, by kind, and the sets of which one must be complete.
CUSTOM_PARTS: Mapping[CredentialKind, tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]] = {
    "ssh": (("private_key", "public_key", "known_hosts", "passphrase"), (("private_key",),)),
    "https": (
        ("username", "password", "bearer_token", "ca_certificate", "client_certificate", "client_key"),
        (("password",), ("bearer_token",), ("client_certificate", "client_key")),
    ),
    "cookie_file": (("cookie_file",), (("cookie_file",),)),
    "github_app": (
        ("id", "client_id", "installation_id", "owner", "private_key", "base_url"),
        (("id", "private_key"), ("client_id", "private_key")),
    ),
}

# As Kubernetes has it: IsConfigMapKey in k8s.io/apimachinery.
_DATA_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")


def custom_format(keys: Mapping[str, str], type_: str) -> Format:
    """The row of a consumer that reads these keys, by part, in a Secret of this type.

    Raises KeyringError where nothing is named, for parts that no credential has, and for what can not be a key.
    """
    if not keys:
        raise KeyringError(
            f"keys is missing or empty; format={CUSTOM} needs it.",
            "It says under which key of the Secret each part of the credential stands.",
            "Write it like keys: {private_key: id_ed25519, known_hosts: known_hosts}.",
            option="keys",
        )
    known = {"url", *(part for parts, _ways in CUSTOM_PARTS.values() for part in parts)}
    for part in keys:
        if part not in known:
            what = f'keys has "{part}", which is no part of a credential.'
            raise KeyringError(what, "", suggest_words(str(part), known), option="keys")
    _check_names(keys)
    shapes = dict(_custom_shapes(keys, type_))
    missing: dict[str, str] = {
        kind: f"For that, keys must name {', or '.join(' with '.join(way) for way in ways)}."
        for kind, (_parts, ways) in CUSTOM_PARTS.items()
    }
    if not shapes:
        raise KeyringError(
            f"keys names no complete credential; it has {', '.join(keys)}.",
            "",
            "Add what holds the credential: private_key, password, bearer_token or cookie_file.",
            option="keys",
        )
    return Format(
        name=CUSTOM,
        source="",
        shapes=shapes,
        settings={"custom_type": FormatSetting()},
        url_needed="url" in keys,
        url_key=keys.get("url", ""),
        by_service_account=True,
        reasons=missing,
    )


def _check_names(keys: Mapping[str, Any]) -> None:
    """Refuse what can not be a key of a Secret, and one for two parts."""
    parts: dict[str, str] = {}
    for part, key in keys.items():
        if not isinstance(key, str) or not _DATA_KEY.fullmatch(key) or key == "." or key.startswith(".."):
            raise KeyringError(
                f"keys.{part} must be the name of a key in a Secret.",
                "Such a name has up to 253 letters, digits, dots, - and _, and does not begin with two dots.",
                "Write it like id_ed25519.",
                option=f"keys.{part}",
            )
        if key in parts:
            raise KeyringError(
                f"keys.{parts[key]} and keys.{part} are both {key}.",
                "One would overwrite the other.",
                "Give each a name of its own.",
                option=f"keys.{part}",
            )
        parts[key] = part


def _custom_shapes(keys: Mapping[str, str], type_: str) -> Iterator[tuple[CredentialKind, Shape]]:
    for kind, (parts, ways) in CUSTOM_PARTS.items():
        named = {part: (keys[part],) for part in parts if part in keys}
        if any(set(way) <= set(named) for way in ways):
            yield kind, Shape(named, tuple(way for way in ways if set(way) <= set(named)), type_)
