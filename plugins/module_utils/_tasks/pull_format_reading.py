# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets with registry credentials that no kubelet reads, as image_pull_secret_info reports them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from .._credentials.docker_config import KEY, TYPE
from .._credentials.pull_formats import PULL_FORMATS, PlainLogin, PullFormat, registry_host
from .._secret.plain_login import PlainLoginView, describe_format_misfit
from .._secret.plan import Secret
from .._secret.pull_secret import pull_secret_texts
from .image_pull_secret_info import describe_config, describe_findings, has_registry, holds_token, lint_shown_ends
from .info import DescribedSecret


def describe_shape(
    secret: Secret, formats: Collection[str], registry: str | None, token: str | None, now: datetime
) -> DescribedSecret | None:
    """Return the fields of a Secret of type Opaque; None for one of another format, and without the registry."""
    for name in formats:
        row = PULL_FORMATS[name]
        if row.type == secret.get("type") and not describe_format_misfit(secret, row):
            if row.login:
                return _describe_login(secret, row, row.login, registry, token, now)
            return _describe_config_json(secret, row, registry, token, now)
    return None


def _describe_config_json(
    secret: Secret, row: PullFormat, registry: str | None, token: str | None, now: datetime
) -> DescribedSecret | None:
    """Return the fields of a config.json, with the findings about it as a pull secret."""
    if registry is not None and not has_registry(secret, registry):
        return None
    data = {KEY if key == row.config_key else key: value for key, value in (secret.get("data") or {}).items()}
    fields = describe_config({**secret, "type": TYPE, "data": data}, token, now)
    return DescribedSecret({"format": row.name, **fields}, pull_secret_texts(secret))


def _describe_login(
    secret: Secret, row: PullFormat, login: PlainLogin, registry: str | None, token: str | None, now: datetime
) -> DescribedSecret | None:
    view = PlainLoginView(row, login)
    if registry is not None and registry_host(registry) != login.find_host(view.read_url(secret)):
        return None
    registries = view.list_registries(secret)
    fields = {
        "format": row.name,
        "registries": registries,
        "problems": describe_findings(lint_shown_ends(secret, registries, now)),
        "holds": None if token is None else holds_token(secret, token),
    }
    return DescribedSecret(fields, view.secret_texts(secret))
