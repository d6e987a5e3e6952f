# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles for portals that are searched for secrets, given what is right and what is mistyped.

Their variables have the same canaries as the tasks in portals.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from support.leaks.portals import PROXY
from support.leaks.suite import Case

_ENTRY = {"server": "ghcr.io", "username": "octo", "password": "{{ role_password }}"}
_DOCKER_ITEM = {"name": "own", "registries": [_ENTRY]}
_GIT_ITEM = {"name": "own", "url": "https://git.example.com/a", "username": "octo", "password": "{{ role_token }}"}
_PULL_ITEM = {"name": "own", "registry": _ENTRY}
_USER_ITEM = {"username_prefix": "web", "email": "web@example.com", "password": "{{ role_user_password }}"}
_TENANT = {"name": "acme", "service_key": "{{ sap_key }}"}
_ACCOUNT = {"name": "main", "user": "ecp-admin", "api_key": "{{ api_key }}", "url": "{{ ecp_account.url }}"}


def _sap_role(name: str, message: str, **changed: Any) -> Case:
    given = {
        "tenants": [_TENANT],
        "docker_registry_secrets": [_DOCKER_ITEM],
        "git_repositories": [_GIT_ITEM],
        **changed,
    }
    variables = {f"sap_ai_core_{variable}": value for variable, value in given.items()}
    return Case(name, "", "", variables, message, module="sap_ai_core")


def _ecp_role(name: str, message: str, **changed: Any) -> Case:
    given = {"accounts": [_ACCOUNT], "image_pull_secrets": [_PULL_ITEM], "registry_users": [_USER_ITEM], **changed}
    variables = {f"cdnetworks_ecp_{variable}": value for variable, value in given.items()}
    return Case(name, "", "", variables, message, module="cdnetworks_ecp")


def _without(item: Mapping[str, Any], **changed: Any) -> list[dict[str, Any]]:
    return [{**item, **changed}]


# In both ways of execution.
ROLE_CASES_BOTH_WAYS: Sequence[Case] = (
    _sap_role(
        "sap: two tenants", "", tenants=[_TENANT, {"name": "by-file", "service_key_file": "{{ inputs }}/key.vault"}]
    ),
    _ecp_role("ecp: an account", ""),
    _sap_role(
        "sap: a portal that quotes", "answers 400", docker_registry_secrets=_without(_DOCKER_ITEM, name="says-body")
    ),
    _ecp_role("ecp: a portal that quotes", "answers 400", image_pull_secrets=_without(_PULL_ITEM, name="says-body")),
)
# In Ansible's own process alone, as a process of their own makes no difference to them.
ROLE_CASES: Sequence[Case] = (
    _ecp_role("ecp: users are quoted", "answers 400", registry_users=_without(_USER_ITEM, username_prefix="says-body")),
    _sap_role("sap: a refused key", "401", tenants=_without(_TENANT, service_key="{{ sap_key_refused }}")),
    _sap_role("sap: a broken key", "is not valid JSON", tenants=_without(_TENANT, service_key="{{ sap_key_broken }}")),
    _sap_role(
        "sap: a key without a field",
        "service_key has no",
        tenants=_without(_TENANT, service_key="{{ sap_key_lonely }}"),
    ),
    _ecp_role("ecp: a wrong key", "401", accounts=_without(_ACCOUNT, api_key="{{ wrong_api_key }}")),
    _ecp_role("ecp: a number as key", "must be a string", accounts=_without(_ACCOUNT, api_key="{{ number }}")),
    _ecp_role("ecp: a list as key", "api_key", accounts=_without(_ACCOUNT, api_key=["{{ typed }}"])),
    _sap_role("sap: a text in place of the tenants", "must be", tenants="{{ typed }}"),
    _sap_role(
        "sap: a mapping in place of the tenants", "must be a list", tenants={"acme": {"service_key": "{{ sap_key }}"}}
    ),
    _sap_role("sap: texts in place of the tenants", "must be a mapping", tenants=["{{ typed }}"]),
    _sap_role("sap: tenants in a list", "must be a mapping", tenants=[[{**_TENANT, "service_key": "{{ typed }}"}]]),
    _sap_role("sap: a field of a tenant", "is not a field", tenants=_without(_TENANT, clientsecret="{{ typed }}")),
    _sap_role(
        "sap: a secret as name of a tenant",
        "is not a valid name",
        tenants=_without(_TENANT, name="{{ client_secret }}"),
    ),
    _sap_role(
        "sap: a secret as name",
        "is not a valid name",
        docker_registry_secrets=_without(_DOCKER_ITEM, name="{{ client_secret }}"),
    ),
    _sap_role(
        "sap: misspelt", "is not an option", docker_registry_secrets=_without(_DOCKER_ITEM, pasword="{{ misspelt }}")
    ),
    _sap_role(
        "sap: a key in a declaration",
        "is not an option here",
        docker_registry_secrets=_without(_DOCKER_ITEM, service_key="{{ sap_key }}"),
    ),
    _sap_role(
        "sap: a list as password", "must be a string", git_repositories=_without(_GIT_ITEM, password=["{{ typed }}"])
    ),
    _sap_role("sap: a text in place of a declaration", "must be a mapping", git_repositories=["{{ typed }}"]),
    _sap_role(
        "sap: globs that are secrets",
        "matches no tenant",
        git_repositories=_without(_GIT_ITEM, tenants=["{{ typed }}"]),
    ),
    _sap_role("sap: a connection that is a text", "must be a mapping", connection="{{ typed }}"),
    _sap_role("sap: a proxy", "Cannot reach the proxy", connection={"proxy": PROXY}),
    _sap_role("sap: a misspelt connection", "is not an option", connection={"proxi": "{{ misspelt }}"}),
    _sap_role("sap: an unknown variable", "", service_key="{{ misspelt }}"),
    _ecp_role("ecp: a text in place of the accounts", "must be", accounts="{{ typed }}"),
    _ecp_role("ecp: a text in place of the users", "must be", registry_users="{{ typed }}"),
    _ecp_role(
        "ecp: customers that are secrets",
        "on_behalf_of",
        accounts=_without(_ACCOUNT, on_behalf_of=["{{ client_secret }}"]),
    ),
    _ecp_role(
        "ecp: misspelt",
        "is not an option",
        image_pull_secrets=_without(_PULL_ITEM, registry={**_ENTRY, "passwrod": "{{ misspelt }}"}),
    ),
    _ecp_role("ecp: a weak password", "password", registry_users=_without(_USER_ITEM, password="{{ role_password }}")),
)
# Canaries that the portals get.
ARRIVING_OF_ROLES = ("role_password", "role_token", "role_user_password")
