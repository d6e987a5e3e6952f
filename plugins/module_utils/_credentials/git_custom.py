# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The format custom, whose option ``keys`` gives the key of the Secret for each part of a credential."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._errors import KeyringError
from .git_shapes import CUSTOM, CredentialKind, Format, FormatSetting, Shape
from .suggestions import find_near, suggest_words

# The parts that ``keys`` may name, by kind, and the sets of parts of which one must be complete.
CUSTOM_PARTS: Mapping[CredentialKind, tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]] = {
    "ssh": (("private_key", "public_key", "known_hosts", "passphrase"), (("private_key",),)),
    "https": (
        ("username", "password", "bearer_token", "ca_certificate", "client_certificate", "client_key"),
        (("password",), ("bearer_token",), ("client_certificate", "client_key")),
    ),
    "cookie_file": (("cookie_file",), (("cookie_file",),)),
    "github_app": (
        ("id", "client_id", "installation_id", "owner", "private_key", "base_url", "ca_certificate"),
        (("id", "private_key"), ("client_id", "private_key")),
    ),
    "gpg": (("private_key", "passphrase"), (("private_key",),)),
}

# As Kubernetes has it: IsConfigMapKey in k8s.io/apimachinery.
_DATA_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")


def custom_format(keys: Mapping[str, str], type_: str, *, in_part: bool = False) -> Format:
    """Return the row of a consumer that reads these keys, by part, in a Secret of this type.

    ``in_part`` accepts keys of a credential that is not complete. Raise KeyringError if ``keys`` is empty, for parts
    that no credential has, and for what cannot be a key.
    """
    if not keys:
        raise KeyringError(
            f"keys is missing or empty; format={CUSTOM} needs it.",
            "It states under which key of the Secret each part of the credential is stored.",
            "Write it like keys: {private_key: id_ed25519, known_hosts: known_hosts}.",
            option="keys",
        )
    _check_parts(keys)
    _check_names(keys)
    shapes: dict[CredentialKind, Shape] = {}
    incomplete: dict[CredentialKind, Shape] = {}
    reasons: dict[str, str] = {}
    for kind, (parts, required_sets) in CUSTOM_PARTS.items():
        named = {part: (keys[part],) for part in parts if part in keys}
        complete = tuple(required for required in required_sets if named.keys() >= set(required))
        if complete:
            shapes[kind] = Shape(named, complete, type_)
        elif named:
            incomplete[kind] = Shape(named, required_sets, type_)
        alternatives = ", or ".join(" with ".join(required) for required in required_sets)
        reasons[kind] = f"For that, keys must name {alternatives}."
    if in_part and not shapes:
        shapes = incomplete
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
        settings={
            "custom_type": FormatSetting(),
            "custom_secrets": FormatSetting(type="passwords", secret=True),
            "custom_empty_keys": FormatSetting(type="lines"),
        },
        further_data=_further_data,
        url_needed="url" in keys,
        url_key=keys.get("url", ""),
        by_service_account=True,
        reasons=reasons,
    )


def _further_data(settings: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the secrets beside the credential, and the keys that exist without a value."""
    data: dict[str, str | None] = dict(settings.get("custom_secrets") or {})
    for key in data:
        check_data_key(key, f"format_options.custom_secrets.{key}")
    for index, key in enumerate(settings.get("custom_empty_keys") or ()):
        check_data_key(key, f"format_options.custom_empty_keys[{index}]")
        if key in data:
            raise _used_twice(f"format_options.custom_empty_keys[{index}]", "format_options.custom_secrets")
        data[key] = ""
    return data


def _used_twice(option: str, other: str) -> KeyringError:
    return KeyringError(
        f"{option} is a key that {other} has, too.",
        "One would overwrite the other.",
        "Give each a name of its own.",
        option=option,
    )


def check_data_key(key: object, option: str) -> None:
    """Raise KeyringError for a name that cannot be a key of a Secret."""
    if not isinstance(key, str) or not _DATA_KEY.fullmatch(key) or key == "." or key.startswith(".."):
        raise KeyringError(
            f"{option} must be the name of a key in a Secret.",
            "Such a name has up to 253 letters, digits, dots, - and _, and does not begin with two dots.",
            "Write it like id_ed25519.",
            option=option,
        )


def _check_parts(keys: Mapping[str, Any]) -> None:
    """Raise KeyringError for a part that no credential has."""
    known = {"url"}
    for parts, _required_sets in CUSTOM_PARTS.values():
        known.update(parts)
    for part, key in keys.items():
        if part not in known:
            what = f'keys has "{part}", which is not a part of a credential.'
            remedy = suggest_words(str(part), known)
            if isinstance(key, str) and key in known and not find_near(str(part), known, cutoff=0.8):
                remedy = f"Write the part first: keys: {{{key}: {part}}}."
            raise KeyringError(what, "", remedy, option="keys")


def _check_names(keys: Mapping[str, Any]) -> None:
    """Raise KeyringError for a name that cannot be a key of a Secret, and for one of two parts."""
    parts: dict[str, str] = {}
    for part, key in keys.items():
        check_data_key(key, f"keys.{part}")
        if key in parts:
            raise KeyringError(
                f"keys.{parts[key]} and keys.{part} are both {key}.",
                "One would overwrite the other.",
                "Give each a name of its own.",
                option=f"keys.{part}",
            )
        parts[key] = part
