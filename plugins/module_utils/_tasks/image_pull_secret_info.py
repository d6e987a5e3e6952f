# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task behind the module image_pull_secret_info: options in, result out."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.docker_config import secret_texts
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.material import check_material
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.match_key import match_key
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.plan import Secret
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.pull_secret import (
    TYPES,
    list_registries,
    pull_secret_texts,
    read_docker_config,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.execute import Context, Result, TaskCode
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.info import (
    INFO_OPTIONS,
    check_info_options,
    describe_secret,
    find_places,
    read_secrets,
    read_uses,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.options import Options
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.secret_task import choose_targets, open_cluster

OPTIONS: Options = {
    **INFO_OPTIONS,
    "registry": {"type": "str"},
    "holds": {"type": "str", "no_log": True},
}


def run(params: Mapping[str, Any], context: Context) -> Result:
    """Tell which pull secrets there are, what is wrong with them, who uses them and which hold a token. Only reads."""
    check_info_options(params)
    if params["registry"] is not None and not params["registry"].strip():
        raise KeyringError("registry is empty.", "", "Check the variable behind it, or leave it out.")
    if params["holds"] is not None:
        check_material(params["holds"], "holds")
        context.scrubber.add(params["holds"])
    with open_cluster(params, context) as connection:
        places = find_places(connection, choose_targets(params, connection))
        secrets = [
            secret
            for secret in read_secrets(params, connection, places, TYPES)
            if params["registry"] is None or match_key(params["registry"]) in _match_keys(secret)
        ]
        uses, warnings = read_uses(params, connection, places)
        cluster = connection.describe()
    told = []
    for secret in secrets:
        context.scrubber.add(*pull_secret_texts(secret))
        found = {"registries": list_registries(secret), "holds": _holds(secret, params["holds"])}
        told.append({**describe_secret(secret, uses), **found})
    return {
        "changed": False,
        "secrets": told,
        "total": len(told),
        "cluster": cluster,
        "warnings": [*places.warnings, *warnings],
    }


def _match_keys(secret: Secret) -> set[str]:
    try:
        return set(map(match_key, read_docker_config(secret)["auths"]))
    except KeyringError:
        return set()


def _holds(secret: Secret, token: str | None) -> bool | None:
    """Whether the Secret holds this password or token; None when nobody asks."""
    if token is None:
        return None
    try:
        return token in secret_texts(read_docker_config(secret))
    except KeyringError:
        return any(token.encode() in base64.b64decode(value) for value in (secret.get("data") or {}).values())


CODE = TaskCode(run, OPTIONS)
