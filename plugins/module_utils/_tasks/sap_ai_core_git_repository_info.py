# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task behind the module sap_ai_core_git_repository_info: options in, result out."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from .._portals.sap_quota_requests import read_sap_quota
from .._portals.sap_repository import check_repository_name
from .._portals.sap_repository_requests import LIST_REPOSITORIES, list_repositories, read_repository
from .._runtime.execute import Result, Runtime, TaskDefinition
from .._runtime.options import Options
from .._runtime.shown import NAME
from .sap_listed import choose_shown
from .sap_options import SAP_CONSTRAINTS, SAP_OPTIONS, open_sap, parse_tenant
from .shared_checks import refuse_secrets

OPTIONS: Options = {"name": {"type": "str", "context": NAME}, **SAP_OPTIONS}


def run(params: Mapping[str, Any], runtime: Runtime) -> Result:
    """Report the Git repositories of a tenant, or the one of a name, and the quota. Only reads."""
    tenant = parse_tenant(params, runtime)
    name = params["name"]
    if name is not None:
        check_repository_name(name)
        refuse_secrets({"name": name}, runtime, "Git repositories")
    with open_sap(tenant, runtime) as api:
        if name is None:
            listed = list_repositories(api)
            repositories = choose_shown(api, LIST_REPOSITORIES, listed, attrgetter("name"), runtime)
        else:
            found = read_repository(api, name)
            repositories = [found] if found else []
        quota, warnings = read_sap_quota(api, "repositories", "Git repositories")
    return {
        "changed": False,
        "repositories": [repository.describe() for repository in repositories],
        "quota": quota.describe(),
        "portal": tenant.describe(),
        "warnings": warnings,
    }


DEFINITION = TaskDefinition(run, OPTIONS, SAP_CONSTRAINTS)
