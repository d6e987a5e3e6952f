# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task behind the module cdnetworks_ecp_image_pull_secret_info: options in, result out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .._credentials.secret_values import check_encodable
from .._dataclasses import dataclass
from .._portals.ecp_pull_secret import ListedPullSecret, StoredPullSecret, check_pull_secret_name
from .._portals.ecp_pull_secret_requests import list_account_pull_secrets, read_pull_secret
from .._portals.portal_requests import PortalApi
from .._runtime.execute import Result, Runtime, TaskDefinition
from .._runtime.options import Options
from .._runtime.shown import NAME, TEXT
from .ecp_options import ECP_OPTIONS, EcpTenant, open_ecp, parse_ecp_tenant, refuse_secret_names
from .info_options import parse_search

OPTIONS: Options = {
    "name": {"type": "str", "context": NAME},
    "search": {"type": "str", "context": TEXT},
    "details": {"type": "bool", "default": False},
    **ECP_OPTIONS,
}

# How many pull secrets are read at the same time.
_DETAILS_AT_ONCE = 8


@dataclass(frozen=True)
class EcpPullSecretInfoOptions:
    """The options of cdnetworks_ecp_image_pull_secret_info; None stands for an option that was left out."""

    tenant: EcpTenant
    name: str | None = None
    search: str | None = None
    details: bool = False


def run(params: Mapping[str, Any], runtime: Runtime) -> Result:
    """Report the pull secrets of an account. Only reads."""
    options = parse_options(params, runtime)
    with open_ecp(options.tenant, runtime) as api:
        found = _find_selected(api, options)
        names = [*(listed.name for listed in found), *(listed.identity for listed in found)]
        refuse_secret_names(api, "the pull secrets of the account", names, runtime)
        secrets = [listed.describe() for listed in found]
        if options.details:
            secrets = [stored.describe() for stored in _read_details(api, found, runtime.scrubber.add)]
    secrets.sort(key=lambda secret: (secret["name"], secret["id"]))
    return {"changed": False, "secrets": secrets, "total": len(secrets), "portal": options.tenant.describe()}


def parse_options(params: Mapping[str, Any], runtime: Runtime) -> EcpPullSecretInfoOptions:
    """Parse the options of the module. Raises KeyringError for one that can match nothing."""
    tenant = parse_ecp_tenant(params, runtime)
    name, search = params["name"], parse_search("search", params["search"])
    if name is not None:
        check_pull_secret_name(name, "name")
    if search is not None:
        check_encodable(search, "search")
    return EcpPullSecretInfoOptions(tenant, name, search, params["details"])


def _find_selected(api: PortalApi, options: EcpPullSecretInfoOptions) -> list[ListedPullSecret]:
    """Return the selected pull secrets. Names are in lower case, and the API may compare them with case."""
    if options.name is not None:
        return [listed for listed in list_account_pull_secrets(api, options.name) if listed.name == options.name]
    if options.search is not None:
        text = options.search.lower()
        return [listed for listed in list_account_pull_secrets(api, text) if text in listed.name.lower()]
    return list_account_pull_secrets(api)


def _read_details(
    api: PortalApi, found: Sequence[ListedPullSecret], hide: Callable[[str], None]
) -> list[StoredPullSecret]:
    """Return the pull secrets with registry and user name, without those that were deleted meanwhile."""
    from .._cluster.pool import run_all

    details: list[StoredPullSecret] = []

    def read(listed: ListedPullSecret) -> StoredPullSecret | None:
        return read_pull_secret(api, listed, hide)

    def take(stored: StoredPullSecret | None) -> None:
        if stored:
            details.append(stored)

    failure = run_all(read, found, _DETAILS_AT_ONCE, take)
    if failure:
        raise failure
    return details


DEFINITION = TaskDefinition(run, OPTIONS, {"mutually_exclusive": [("name", "search")]})
