# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names, labels and annotations as Kubernetes has them.

Source: kubernetes apimachinery pkg/util/validation/validation.go. Every pattern is matched whole and in linear time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .._errors import KeyringError

MANAGED_BY = "app.kubernetes.io/managed-by"
PREFIX = "keyring.kubernetes/"
US = "keyring.kubernetes"
OWNER = f"{PREFIX}owner"
ORIGIN = f"{PREFIX}origin"
EXPIRES_AT = f"{PREFIX}expires-at"
MINTED_FOR = f"{PREFIX}minted-for"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

# Namespace and name.
Identity = tuple[str, str]

_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_NAME_OR_GLOB = re.compile(r"[-.a-z0-9*?\[\]!]{0,256}")
_QUALIFIED = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")


def identity_of(found: Mapping[str, Any]) -> Identity:
    """Return the namespace and the name of an object."""
    return found["metadata"]["namespace"], found["metadata"]["name"]


def is_secret_name(name: str) -> bool:
    """Return whether a Secret can have this name: an RFC 1123 subdomain of at most 253 characters."""
    return _is_subdomain(name)


def is_name_or_glob(item: str) -> bool:
    """Return whether an item of an option has only characters of names and globs."""
    return bool(_NAME_OR_GLOB.fullmatch(item))


def check_secret_name(name: str, option: str) -> None:
    """Raise KeyringError unless ``name`` is an RFC 1123 subdomain of at most 253 characters."""
    _check_subdomain(name, option, "Secret", "registry-credentials")


def check_service_account(name: str, option: str) -> None:
    """Raise KeyringError unless ``name`` is an RFC 1123 subdomain of at most 253 characters."""
    _check_subdomain(name, option, "ServiceAccount", "default")


def check_namespace(name: str, option: str) -> None:
    """Raise KeyringError unless ``name`` is an RFC 1123 label of at most 63 characters."""
    if not (len(name) <= 63 and _DNS_LABEL.fullmatch(name)):
        raise KeyringError(
            f"{option} is not a name that a namespace can have.",
            "Allowed are at most 63 lower-case letters, digits and -, with a letter or digit at both ends; "
            f"this one has {_describe_name_fault(name, 63)}.",
            option=option,
        )


def check_labels(labels: Mapping[str, object], option: str) -> None:
    """Raise KeyringError for a label that Kubernetes would refuse, or that is this collection's own."""
    _check_map(labels, option, _is_label_value, "a string of at most 63 letters, digits, dots, - and _")


def check_annotations(annotations: Mapping[str, object], option: str) -> None:
    """Raise KeyringError for an annotation that Kubernetes would refuse, or that is this collection's own."""
    _check_map(annotations, option, lambda value: isinstance(value, str), "a string", any_case=True)


def check_owner(owner: str) -> None:
    """Raise KeyringError unless ``owner`` can be the value of a label, and is not empty."""
    if not owner or not _is_label_value(owner):
        raise KeyringError(
            "owner cannot be written as a label.",
            "Allowed are at most 63 letters, digits, -, _ and ., with a letter or digit at both ends.",
            "Write it like team-web.",
            option="owner",
        )


def _check_subdomain(name: str, option: str, kind: str, example: str) -> None:
    if not _is_subdomain(name):
        raise KeyringError(
            f"{option} is not a name that a {kind} can have.",
            "Allowed are at most 253 lower-case letters, digits, - and ., with a letter or digit at both ends "
            f"and around each dot; this one has {_describe_name_fault(name, 253)}.",
            f"Write it like {example}.",
            option=option,
        )


def _check_map(
    items: Mapping[str, object],
    option: str,
    is_value: Callable[[object], bool],
    value_rule: str,
    *,
    any_case: bool = False,
) -> None:
    for key, value in items.items():
        place = f'{option}["{key}"]'
        prefix, slash, name = (key.lower() if any_case else key).rpartition("/")  # as Kubernetes does
        if not (len(name) <= 63 and _QUALIFIED.fullmatch(name)) or (slash and not _is_subdomain(prefix)):
            raise KeyringError(
                f"{place} is not a key that Kubernetes allows.", "", "Write it like example.com/name.", option=place
            )
        if key == LAST_APPLIED:
            raise KeyringError(
                f"{place} is never written by this collection.",
                "It would be a copy of the credentials.",
                "Leave it out; a stored one is removed automatically.",
                option=place,
            )
        if key.startswith(PREFIX) or key == MANAGED_BY:
            raise KeyringError(
                f"{place} is managed by this collection and cannot be set.",
                "",
                "Use owner or take_ownership instead.",
                option=place,
            )
        if value is not None and not is_value(value):
            raise KeyringError(
                f"{place} must be {value_rule}.",
                "",
                "Put numbers and booleans in quotes; null removes the key.",
                option=place,
            )


def _is_subdomain(name: str) -> bool:
    return len(name) <= 253 and all(_DNS_LABEL.fullmatch(part) for part in name.split("."))


def _is_label_value(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 63 and (not value or bool(_QUALIFIED.fullmatch(value)))


def _describe_name_fault(name: str, limit: int) -> str:
    """Return what is wrong with a name, without quoting it: a name may be a password in the wrong place."""
    if not name:
        return "no character"
    if len(name) > limit:
        return f"{len(name)} characters"
    if name != name.strip():
        return "whitespace or a newline at one end"
    if name != name.lower():
        return "capital letters"
    return "other characters, or another one at an end"
