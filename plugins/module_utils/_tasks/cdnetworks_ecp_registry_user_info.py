# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task behind the module cdnetworks_ecp_registry_user_info: options in, result out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._credentials.secret_values import check_encodable
from .._dataclasses import dataclass
from .._portals.ecp_user import RegistryUser, describe_user, has_prefix
from .._portals.ecp_user_requests import list_registry_users
from .._portals.ecp_user_rules import check_registry_username, check_username_prefix
from .._runtime.execute import Result, Runtime, TaskDefinition
from .._runtime.options import Options
from .._runtime.shown import NAME, TEXT
from .ecp_options import ECP_OPTIONS, open_ecp, parse_ecp_tenant, refuse_secret_names
from .info_options import parse_search

OPTIONS: Options = {
    "username": {"type": "str", "context": NAME},
    "username_prefix": {"type": "str", "context": NAME},
    "search": {"type": "str", "context": TEXT},
    **ECP_OPTIONS,
}


@dataclass(frozen=True)
class UserQuery:
    """The registry users that a task lists. All of them if no field is given."""

    username: str | None
    prefix: str | None
    search: str | None

    @property
    def searched(self) -> str | None:
        """Return the string that the user names contain."""
        return self.username or self.prefix or self.search

    def selects(self, user: RegistryUser) -> bool:
        """Return whether a user whose name contains the string is one of them."""
        if self.username is not None:
            return user.username == self.username
        if self.prefix is not None:
            return has_prefix(user.username, self.prefix)
        return (self.search or "") in user.username


def parse_options(params: Mapping[str, Any]) -> UserQuery:
    """Parse the options of the module. Raises KeyringError for a name that no registry user can have."""
    if params["username"] is not None:
        check_registry_username(params["username"])
    if params["username_prefix"] is not None:
        check_username_prefix(params["username_prefix"])
    search = parse_search("search", params["search"])
    if search is not None:
        check_encodable(search, "search")
    return UserQuery(params["username"], params["username_prefix"], search.lower() if search else None)


def run(params: Mapping[str, Any], runtime: Runtime) -> Result:
    """List registry users. Only reads."""
    query = parse_options(params)
    tenant = parse_ecp_tenant(params, runtime)
    with open_ecp(tenant, runtime) as api:
        users = [user for user in list_registry_users(api, query.searched) if query.selects(user)]
        refuse_secret_names(api, "the registry users of the account", [user.username for user in users], runtime)
    users.sort(key=lambda user: (user.username, user.id))
    return {
        "changed": False,
        "users": [describe_user(user) for user in users],
        "total": len(users),
        "portal": tenant.describe(),
    }


DEFINITION = TaskDefinition(run, OPTIONS, {"mutually_exclusive": [("username", "username_prefix", "search")]})
