# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A sample of every credential that a format takes: its parts, and the Secret that gitsync_secret writes for them.

The samples are made from the rows of formats, so a new row has some as soon as it is there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_formats import FORMAT_ROWS
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_shapes import (
    ALTERNATIVES,
    CLOUD_IDENTITY,
    CredentialKind,
    Format,
    Shape,
)
from support.samples.git_secrets import HOSTS, HTTPS_URL, SCP_URL, SSH_URL, plan_of
from support.samples.keys import PASSPHRASE, certificate, key_text
from support.samples.openpgp import GPG_KEY

GOOGLE_KEY = json.dumps({"type": "service_account", "client_email": "a@p.iam", "private_key": "s3cret"}, indent=2)

# The parts of each kind. An SSH key has the form of ssh-keygen where the consumer's documentation asks for no other.
PARTS: Mapping[CredentialKind, Mapping[str, str]] = {
    "ssh": {"private_key": key_text("Ed25519 OpenSSH"), "known_hosts": HOSTS, "passphrase": PASSPHRASE},
    "https": {
        "username": "ada",
        "password": "s3c:r/t@é",
        "bearer_token": "t0ken",
        "ca_certificate": certificate("RSA"),
        "client_certificate": certificate("ECDSA"),
        "client_key": key_text("ECDSA PKCS#8"),
    },
    "cookie_file": {"cookie_file": "git.example.com\tFALSE\t/\tTRUE\t2147483647\to\tgit-ada=1//abc\n"},
    "github_app": {
        "id": "7",
        "client_id": "Iv23.a",
        "installation_id": "42",
        "owner": "acme",
        "private_key": key_text("RSA PKCS#1"),
        "base_url": "https://ghe.example.com/api/v3",
        "ca_certificate": certificate("RSA"),
    },
    "gpg": {"private_key": GPG_KEY, "passphrase": PASSPHRASE},
    CLOUD_IDENTITY: {
        "argocd_azure_service_principal_client_id": "12345678-1234-1234-1234-123456789012",
        "argocd_azure_service_principal_tenant_id": "87654321-1234-1234-1234-123456789012",
        "argocd_azure_service_principal_client_secret": "s3cret",
        "argocd_azure_active_directory_endpoint": "https://login.microsoftonline.us",
        "argocd_use_azure_workload_identity": "true",
        "argocd_gcp_service_account_key": GOOGLE_KEY,
    },
}

# The settings that a row requires.
REQUIRED_SETTINGS = {"argocd_name": "charts"}

# What the module adds to a credential.
DERIVED = frozenset(("public_key",))


@dataclass(frozen=True)
class Sample:
    """A credential for one format, by its parts, and the Secret as the API server has it."""

    format: str
    kind: CredentialKind
    parts: Mapping[str, str] = field(repr=False)
    url: str
    secret: Mapping[str, Any] = field(repr=False)


def samples_of(*formats: str, kinds: tuple[CredentialKind, ...] = ()) -> list[Any]:
    """Return the samples of formats, each as a parameter of a test; of all kinds, or of some."""
    parameters = []
    for row in FORMAT_ROWS:
        if row.name not in formats:
            continue
        for kind, shape in row.shapes.items():
            if kinds and kind not in kinds:
                continue
            for parts in _sets_of_parts(shape):
                sample = make_sample(row, kind, parts)
                name = f"{row.name} {row.variant}".strip()
                parameters.append(pytest.param(sample, id=f"{name}, {kind}: {', '.join(parts)}"))
    return parameters


def make_sample(row: Format, kind: CredentialKind, parts: tuple[str, ...], **options: Any) -> Sample:
    """Return the sample with these parts; further options are those of the task."""
    given = {part: _value(row, kind, part, parts) for part in parts}
    url = options.pop("url", None) or url_for(row, kind)
    settings = {**_required_settings(row), **options.pop("format_options", {})}
    if kind == CLOUD_IDENTITY:
        settings |= given
    else:
        options[kind] = given["cookie_file"] if kind == "cookie_file" else given
    secret = plan_of(format=row.name, url=url or None, format_options=settings, **options).after
    assert secret
    return Sample(row.name, kind, given, url, secret)


def url_for(row: Format, kind: CredentialKind) -> str:
    """Return a URL that the consumer reads with this kind of credential; nothing if it has none."""
    if row.url_is_proxy:
        return "http://proxy.example.com:3128"
    if not row.url_schemes or kind == "gpg":
        return ""
    if row.url_schemes == ("oci",):
        return "oci://registry.example.com/" if row.url_prefix else "oci://registry.example.com/team/app"
    if row.url_prefix:
        return "ssh://git@git.example.com/" if kind == "ssh" else "https://git.example.com/team/"
    if not row.url_path:
        return "ssh://git@git.example.com" if kind == "ssh" else "https://git.example.com"
    if kind != "ssh":
        return HTTPS_URL
    return SCP_URL if row.url_scp and row.url_user else SSH_URL


def _required_settings(row: Format) -> dict[str, str]:
    settings = {name: REQUIRED_SETTINGS[name] for name, setting in row.settings.items() if setting.required}
    if row.variant_setting:
        settings[row.variant_setting] = row.variant
    return settings


def _value(row: Format, kind: CredentialKind, part: str, parts: tuple[str, ...]) -> str:
    if kind == "ssh" and part == "private_key":
        if "passphrase" in parts:
            return key_text("Ed25519 OpenSSH", encrypted=True)
        if row.documents_pem:
            return key_text("RSA PKCS#1")
    if kind == "github_app" and part == "private_key":
        return key_text(f"RSA {row.app_key_forms[0]}")
    return PARTS[kind][part]


def _sets_of_parts(shape: Shape) -> Iterator[tuple[str, ...]]:
    """Yield each set of parts that is enough, and each with all parts that may be added."""
    seen = set[tuple[str, ...]]()
    for required in shape.required_sets:
        for parts in (required, _with_all(shape, required)):
            if parts not in seen:
                seen.add(parts)
                yield parts


def _with_all(shape: Shape, required: tuple[str, ...]) -> tuple[str, ...]:
    parts = list(required)
    for part in shape.keys:
        if part not in parts and part not in DERIVED and not _excluded(part, parts):
            parts.append(part)
    return tuple(parts)


def _excluded(part: str, parts: list[str]) -> bool:
    for left, right in ALTERNATIVES:
        for one, other in ((left, right), (right, left)):
            if part in one and other.intersection(parts):
                return True
    return False
