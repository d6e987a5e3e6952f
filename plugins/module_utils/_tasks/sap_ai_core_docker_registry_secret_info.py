# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task behind the module sap_ai_core_docker_registry_secret_info: options in, result out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._portals.portal_requests import PortalApi
from .._portals.sap_docker import check_docker_secret_name
from .._portals.sap_docker_requests import (
    LIST_DOCKER_SECRETS,
    has_docker_secret,
    list_docker_secrets,
    read_docker_secret_quota,
)
from .._runtime.execute import Result, Runtime, TaskDefinition
from .._runtime.options import Options
from .._runtime.shown import NAME
from .sap_listed import choose_shown
from .sap_options import SAP_CONSTRAINTS, SAP_OPTIONS, open_sap, parse_tenant
from .shared_checks import refuse_secrets

OPTIONS: Options = {"name": {"type": "str", "context": NAME}, **SAP_OPTIONS}


def run(params: Mapping[str, Any], runtime: Runtime) -> Result:
    """List the Docker registry secrets of a tenant, or look for one of them. Only reads."""
    tenant = parse_tenant(params, runtime)
    name: str | None = params["name"]
    if name is not None:
        check_docker_secret_name(name)
        refuse_secrets({"name": name}, runtime, "Docker registry secrets")
    with open_sap(tenant, runtime) as api:
        names = _find_names(api, name, runtime)
        quota, warnings = read_docker_secret_quota(api)
    return {
        "changed": False,
        "secrets": [{"name": each} for each in names],
        "quota": quota.describe(),
        "portal": tenant.describe(),
        "warnings": warnings,
    }


def _find_names(api: PortalApi, name: str | None, runtime: Runtime) -> list[str]:
    """Return the names of all secrets, or the given one if it exists. Raises KeyringError for a name with a secret."""
    if name is not None:
        return [name] if has_docker_secret(api, name) else []
    return choose_shown(api, LIST_DOCKER_SECRETS, list_docker_secrets(api), str, runtime)


DEFINITION = TaskDefinition(run, OPTIONS, SAP_CONSTRAINTS)
