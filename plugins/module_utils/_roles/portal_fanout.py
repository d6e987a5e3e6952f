# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decide what the roles sap_ai_core and cdnetworks_ecp apply: each declaration for each selected tenant of a portal.

Tenants and declarations hold secrets. Nothing here quotes a value: steps and messages have names that were checked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from .._credentials.strings import not_a_string
from .._credentials.suggestions import ask_for, find_near
from .._dataclasses import dataclass
from .._secret.globs import matches_any
from .portal_fields import CONNECTION_FIELDS, find_unknown_fields, find_unknown_options

# Names of tenants and declarations are printed, so they cannot be everything that a secret can be.
_SHOWN_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,61}[A-Za-z0-9])?")
_NAME_RULE = (
    "Allowed are at most 63 letters, digits, spaces and the characters . _ -, with a letter or digit at both ends."
)
_LONGEST_PATTERN = 256
# How many tenants a message lists.
_MOST_LISTED = 10


@dataclass(frozen=True)
class DeclaredType:
    """A type of declarations of a role: what messages call one, its module, and the fields that may hold its name."""

    noun: str
    module: str
    name_fields: tuple[str, ...] = ("name",)


@dataclass(frozen=True)
class PortalRole:
    """A role that applies one declaration to several tenants.

    ``tenants`` is the variable that lists them, without the prefix of the role, and the field of a declaration that
    selects some. ``types`` are the variables with declarations. ``reserved`` are the options that tenants set. A tenant
    has one field of each tuple in ``login``.
    """

    tenants: str
    noun: str
    one: str
    fields: tuple[str, ...]
    reserved: tuple[str, ...]
    login: tuple[tuple[str, ...], ...]
    types: Mapping[str, DeclaredType]


PORTAL_ROLES: Mapping[str, PortalRole] = {
    "sap_ai_core": PortalRole(
        tenants="tenants",
        noun="tenant",
        one="a tenant",
        fields=("name", "service_key", "service_key_file", "expect_server"),
        reserved=("service_key", "service_key_file", "expect_server"),
        login=(("service_key", "service_key_file"),),
        types={
            "docker_registry_secrets": DeclaredType("Docker registry secret", "sap_ai_core_docker_registry_secret"),
            "git_repositories": DeclaredType("Git repository", "sap_ai_core_git_repository"),
        },
    ),
    "cdnetworks_ecp": PortalRole(
        tenants="accounts",
        noun="account",
        one="an account",
        fields=("name", "url", "user", "api_key", "on_behalf_of", "expect_server"),
        reserved=("account", "expect_server"),
        login=(("user",), ("api_key",)),
        types={
            "image_pull_secrets": DeclaredType("image pull secret", "cdnetworks_ecp_image_pull_secret"),
            "registry_users": DeclaredType(
                "registry user", "cdnetworks_ecp_registry_user", ("username_prefix", "username")
            ),
        },
    ),
}


@dataclass(frozen=True)
class PortalTenant:
    """A tenant or account as messages show it, and its place in the list.

    ``listed`` is its name in the list. A customer on whose behalf an account acts has the name ``listed/customer``;
    ``customer`` is the place in the list ``on_behalf_of``, None where there is no such list.
    """

    name: str
    listed: str
    index: int
    customer: int | None = None


def plan_portal_fanout(
    tenants: object, *, role: str, declared: Mapping[str, object], connection: object
) -> dict[str, Any]:
    """Return the steps for each type of declarations, ordered by tenant, or why the role applies nothing.

    A step is a declaration for a tenant. It has names and places in lists, and no secret, because it becomes a fact.
    ``is_first`` says that the step before it has another login: the customers of an account share theirs.
    """
    portal = PORTAL_ROLES[role]
    faults: list[str] = []
    faults += [f"{role}_connection{fault}" for fault in _find_connection_faults(connection, portal)]
    found = _list_tenants(tenants, role, faults)
    if not any(declared.values()):
        variables = " and ".join(f"{role}_{variable}" for variable in declared)
        faults.append(f"{variables} are empty, so there is nothing to apply. Check the variables behind them.")

    steps: dict[str, Any] = {}
    for variable, items in declared.items():
        steps[variable] = _plan_type(items, variable, role, found, faults)
    if faults:
        steps = {variable: [] for variable in portal.types}  # with ignore_errors the role goes on
    return {"refusal": "\n".join(faults), **steps}


def portal_options(
    tenants: Sequence[Mapping[str, Any]],
    *,
    role: str,
    step: Mapping[str, Any],
    declared: Sequence[Mapping[str, Any]],
    connection: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the options of the module for a step. Those of the declaration take precedence over the connection."""
    fields = tenants[step["tenant_index"]]
    given = {name: value for name, value in fields.items() if name != "name" and value is not None}
    selection = PORTAL_ROLES[role].tenants
    item = {name: value for name, value in declared[step["item_index"]].items() if name != selection}
    if role == "sap_ai_core":
        return {**connection, **given, **item}
    if step["customer_index"] is not None:
        given["on_behalf_of"] = given["on_behalf_of"][step["customer_index"]]
    options = {**connection, **item}
    if "expect_server" in given:
        options["expect_server"] = given.pop("expect_server")
    return {**options, "account": given}


def _list_tenants(tenants: object, role: str, faults: list[str]) -> list[PortalTenant]:
    """Return the tenants without faults, those of an account with customers one by one. Add the faults of others."""
    portal = PORTAL_ROLES[role]
    variable = f"{role}_{portal.tenants}"
    if not isinstance(tenants, (list, tuple)):
        faults.append(f"{variable} must be a list of mappings.")
        return []
    if not tenants:
        faults.append(f"{variable} is empty, so nothing would be applied. Check the variable behind it.")
    found: list[PortalTenant] = []
    known_names: dict[str, int] = {}
    known_logins: dict[str, int] = {}
    for index, tenant in enumerate(tenants):
        wrong = list(_find_tenant_faults(tenant, portal))
        if not wrong:
            first = known_names.setdefault(tenant["name"], index)
            if first != index:
                wrong.append(f".name is that of {variable}[{first}], too. Choose another name.")
            first = min(known_logins.setdefault(login, index) for login in _find_logins(tenant, portal))
            if first != index:
                wrong.append(
                    f" logs in as {variable}[{first}] does, so everything would be applied twice. Remove one of the "
                    "two, or correct its login."
                )
        faults += [f"{variable}[{index}]{fault}" for fault in wrong]
        if not wrong:
            found += _expand_customers(tenant, index)
    return found


def _find_logins(tenant: Mapping[str, Any], portal: PortalRole) -> Iterator[str]:
    """Yield a text for each login of a tenant, equal for equal logins. It holds secrets, and is only compared."""
    key = tenant.get("service_key")
    if isinstance(key, str):
        with suppress(ValueError):  # the module says what is wrong with it
            key = json.loads(key)
    customers = tenant.get("on_behalf_of")
    for customer in customers if isinstance(customers, (list, tuple)) else [customers]:
        parts = [tenant.get(field) for field in ("service_key_file", "url", "user")]
        yield json.dumps(_read_lazy([key, customer, *parts]), sort_keys=True, default=str)


def _read_lazy(value: Any) -> Any:
    """Return a copy in which every value was read: json would read the lazy containers of Ansible without that."""
    if isinstance(value, Mapping):
        return {str(key): _read_lazy(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_read_lazy(item) for item in value]
    return value


def _find_connection_faults(connection: object, portal: PortalRole) -> Iterator[str]:
    """Yield what is wrong with the mapping about the connection, each to be read after the name of the variable."""
    if not isinstance(connection, Mapping):
        yield " must be a mapping with options of the modules."
        return
    for field in portal.reserved:
        if field in connection:
            yield f".{field} is not an option here. Set it in the list of {portal.tenants}."
    others = {field: None for field in connection if field not in portal.reserved}
    yield from find_unknown_fields(others, CONNECTION_FIELDS, "an option of a connection")


def _expand_customers(tenant: Mapping[str, Any], index: int) -> Iterator[PortalTenant]:
    """Yield the tenant, or one for each customer on whose behalf an account acts."""
    name, customers = tenant["name"], tenant.get("on_behalf_of")
    if not isinstance(customers, (list, tuple)):
        yield PortalTenant(name, name, index)
        return
    for place, customer in enumerate(customers):
        yield PortalTenant(f"{name}/{customer}", name, index, place)


def _find_tenant_faults(tenant: object, portal: PortalRole) -> Iterator[str]:
    """Yield what is wrong with a tenant, each to be read after its place. The module checks the values of the login."""
    if not isinstance(tenant, Mapping):
        yield " must be a mapping."
        return
    unknown = list(find_unknown_fields(tenant, portal.fields, f"a field of {portal.one}"))
    yield from unknown
    yield from _find_name_faults(tenant.get("name"), ".name")
    for fields in portal.login:
        given = [field for field in fields if tenant.get(field) not in (None, "")]
        if len(given) > 1:
            yield f" has {' and '.join(given)}. Set only one of them."
        elif not given and not unknown:  # a mistyped one is in the list already
            yield f".{' or .'.join(fields)} is missing."
    if "on_behalf_of" in tenant:
        yield from _find_customer_faults(tenant["on_behalf_of"])


def _find_customer_faults(customers: object) -> Iterator[str]:
    """Yield what is wrong with the customers of an account. The module checks a single one."""
    if customers is None or customers == "" or customers == []:
        yield ".on_behalf_of is empty, so the account itself would be changed. Name the customers, or leave it out."
    if not isinstance(customers, (list, tuple)):
        return
    known: list[object] = []
    for place, customer in enumerate(customers):
        yield from _find_name_faults(customer, f".on_behalf_of[{place}]")
        if customer in known:
            yield f".on_behalf_of[{place}] is in the list twice."
        known.append(customer)


def _find_name_faults(name: object, field: str) -> Iterator[str]:
    """Yield what is wrong with a name that is printed."""
    if name is None or name == "":
        yield f"{field} is missing."
    elif not isinstance(name, str):
        yield str(not_a_string(name, field))
    elif not _SHOWN_NAME.fullmatch(name):
        yield f"{field} is not a valid name. {_NAME_RULE}"


def _plan_type(
    items: object, variable: str, role: str, tenants: Sequence[PortalTenant], faults: list[str]
) -> list[dict[str, Any]]:
    """Return the steps of a list of declarations, ordered by tenant. Add the faults of its items."""
    portal = PORTAL_ROLES[role]
    if not isinstance(items, (list, tuple)):
        faults.append(f"{role}_{variable} must be a list of mappings.")
        return []
    names: dict[int, str] = {}
    selected: dict[int, set[str]] = {}
    for index, item in enumerate(items):
        wrong = list(_find_item_faults(item, portal, variable))
        faults += [f"{role}_{variable}[{index}]{fault}" for fault in wrong]
        if not wrong:
            names[index] = _find_name(item, portal.types[variable])
            selected[index] = _select_tenants(item, f"{role}_{variable}[{index}]", portal, tenants, faults)

    steps: list[dict[str, Any]] = []
    for tenant in tenants:
        declared_by: dict[str, int] = {}
        for index, name in names.items():
            if tenant.name not in selected[index]:
                continue
            if name in declared_by:
                faults.append(
                    f"{role}_{variable}[{index}] declares the same as item {declared_by[name]} for {portal.noun} "
                    f"{tenant.name}. Select different {portal.tenants}, or remove one of the two."
                )
            declared_by[name] = index
            is_first = not steps or steps[-1]["tenant_index"] != tenant.index
            steps.append(
                {
                    "label": f"{tenant.name}: {name}",
                    "tenant": tenant.name,
                    "type": variable,
                    "name": name,
                    "tenant_index": tenant.index,
                    "customer_index": tenant.customer,
                    "item_index": index,
                    "is_first": is_first,
                }
            )
    return steps


def _find_name(item: Mapping[str, Any], declared: DeclaredType) -> Any:
    """Return the name of a declaration, from the first field that is set."""
    names = [item[field] for field in declared.name_fields if item.get(field) not in (None, "")]
    return names[0] if names else None


def _find_item_faults(item: object, portal: PortalRole, variable: str) -> Iterator[str]:
    """Yield what is wrong with a declaration, each to be read after its place. The module checks the values."""
    declared = portal.types[variable]
    if not isinstance(item, Mapping):
        yield " must be a mapping with options of the module."
        return
    yield from _find_name_faults(_find_name(item, declared), f".{declared.name_fields[0]}")
    for field in portal.reserved:
        if field in item:
            yield f".{field} is not an option here. Set it in the list of {portal.tenants}."
    others = {field: value for field, value in item.items() if field not in portal.reserved}
    yield from find_unknown_options(others, variable, portal.tenants, declared.module)


def _select_tenants(
    item: Mapping[str, Any], place: str, portal: PortalRole, tenants: Sequence[PortalTenant], faults: list[str]
) -> set[str]:
    """Return the tenants that a declaration selects by names and globs; all of them where it does not select."""
    if portal.tenants not in item:
        return {tenant.name for tenant in tenants}
    patterns = item[portal.tenants]
    if not isinstance(patterns, (list, tuple)) or not patterns:
        faults.append(
            f"{place}.{portal.tenants} must be a list of names or globs that is not empty. "
            f"To select every {portal.noun}, leave it out."
        )
        return set()
    selected: set[str] = set()
    for number, pattern in enumerate(patterns):
        option = f"{place}.{portal.tenants}[{number}]"
        if not isinstance(pattern, str):
            faults.append(str(not_a_string(pattern, option)))
            continue
        found = {tenant.name for tenant in tenants if _matches_tenant(tenant, pattern)}
        if not found and tenants:
            faults.append(_explain_no_match(option, pattern, portal, tenants))
        selected |= found
    return selected


def _matches_tenant(tenant: PortalTenant, pattern: str) -> bool:
    if len(pattern) > _LONGEST_PATTERN:
        return False
    return matches_any(tenant.name, [pattern]) or matches_any(tenant.listed, [pattern])


def _explain_no_match(option: str, pattern: str, portal: PortalRole, tenants: Sequence[PortalTenant]) -> str:
    """Return that a pattern matches no tenant, with the nearest one or those that there are."""
    known = list(dict.fromkeys([*(tenant.listed for tenant in tenants), *(tenant.name for tenant in tenants)]))
    is_name = all(_SHOWN_NAME.fullmatch(part) for part in pattern.split("/"))
    typed = f" ({pattern})" if is_name else ""
    hint = ask_for(find_near(pattern, known))
    if not hint:
        more = f" and {len(known) - _MOST_LISTED} more" if len(known) > _MOST_LISTED else ""
        hint = f"The {portal.tenants} are {', '.join(known[:_MOST_LISTED])}{more}."
    return f"{option}{typed} matches no {portal.noun}. {hint}"
