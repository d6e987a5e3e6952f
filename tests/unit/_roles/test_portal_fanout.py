# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles for portals: which declaration is for which tenant, and what is wrong with the variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.strings import REMEDY, WHY
from ansible_collections.keyring.kubernetes.plugins.module_utils._roles.portal_fanout import (
    plan_portal_fanout,
    portal_options,
)

SECRET = "s3cret"
ACME = {"name": "acme", "service_key": {"clientsecret": SECRET}}
GLOBEX = {"name": "globex", "service_key_file": "globex.json", "expect_server": "*.example.com"}
WEB = {"name": "web", "registries": [{"password": SECRET}]}
RESELLER = {"name": "reseller", "user": "api", "api_key": SECRET, "on_behalf_of": ["oak", "elm"], "expect_server": "e"}
SHOP = {"name": "shop", "user": "shop", "api_key": SECRET, "url": None}
USER = {"username_prefix": "ci", "password": SECRET}

TENANTS = "sap_ai_core_tenants"
SECRETS = "sap_ai_core_docker_registry_secrets"
REPOSITORIES = "sap_ai_core_git_repositories"
NAME_RULE = (
    "Allowed are at most 63 letters, digits, spaces and the characters . _ -, with a letter or digit at both ends."
)


def plan_sap(tenants: Any, secrets: Any = (), repositories: Any = (), connection: Any = None) -> dict[str, Any]:
    declared = {"docker_registry_secrets": secrets, "git_repositories": repositories}
    return plan_portal_fanout(tenants, role="sap_ai_core", declared=declared, connection=connection or {})


def plan_ecp(accounts: Any, secrets: Any = (), users: Any = ()) -> dict[str, Any]:
    declared = {"image_pull_secrets": secrets, "registry_users": users}
    return plan_portal_fanout(accounts, role="cdnetworks_ecp", declared=declared, connection={})


def labels(steps: Sequence[Mapping[str, Any]]) -> list[str]:
    return [step["label"] for step in steps]


def test_each_declaration_is_for_each_tenant_in_their_order() -> None:
    plan = plan_sap([ACME, GLOBEX], [WEB, {"name": "batch"}], [{"name": "app"}])

    assert plan["refusal"] == ""
    steps = plan["docker_registry_secrets"]
    assert labels(steps) == ["acme: web", "acme: batch", "globex: web", "globex: batch"]
    assert [step["is_first"] for step in steps] == [True, False, True, False]
    assert steps[3] == {
        "label": "globex: batch",
        "tenant": "globex",
        "type": "docker_registry_secrets",
        "name": "batch",
        "tenant_index": 1,
        "customer_index": None,
        "item_index": 1,
        "is_first": False,
    }
    assert labels(plan["git_repositories"]) == ["acme: app", "globex: app"]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (None, ["reseller/oak: web", "reseller/elm: web", "shop: web"]),
        (["shop"], ["shop: web"]),
        (["reseller"], ["reseller/oak: web", "reseller/elm: web"]),
        (["reseller/o*", "shop"], ["reseller/oak: web", "shop: web"]),
        (["*"], ["reseller/oak: web", "reseller/elm: web", "shop: web"]),
        (["*/elm", "reseller/elm"], ["reseller/elm: web"]),
    ],
)
def test_a_declaration_selects_by_names_and_globs(selection: list[str] | None, expected: list[str]) -> None:
    item = WEB if selection is None else {**WEB, "accounts": selection}

    plan = plan_ecp([RESELLER, SHOP], [item])

    assert (plan["refusal"], labels(plan["image_pull_secrets"])) == ("", expected)


def test_customers_of_an_account_share_its_login() -> None:
    steps = plan_ecp([RESELLER, SHOP], [WEB])["image_pull_secrets"]

    assert [(step["label"], step["is_first"]) for step in steps] == [
        ("reseller/oak: web", True),
        ("reseller/elm: web", False),
        ("shop: web", True),
    ]


def test_one_name_may_be_declared_for_different_tenants() -> None:
    plan = plan_sap([ACME, GLOBEX], [{**WEB, "tenants": ["acme"]}, {**WEB, "tenants": ["globex"]}])

    assert [(step["label"], step["item_index"]) for step in plan["docker_registry_secrets"]] == [
        ("acme: web", 0),
        ("globex: web", 1),
    ]


@pytest.mark.parametrize(
    ("step", "options"),
    [
        (0, {"service_key": {"clientsecret": SECRET}, "proxy": "p", "name": "web", "registries": WEB["registries"]}),
        (1, {**GLOBEX, "proxy": "p", "name": "web", "registries": WEB["registries"]}),
    ],
)
def test_options_for_sap_ai_core(step: int, options: Mapping[str, Any]) -> None:
    declared = [{**WEB, "tenants": ["*"]}]
    plan = plan_sap([ACME, GLOBEX], declared)

    assert (
        portal_options(
            [ACME, GLOBEX],
            role="sap_ai_core",
            step=plan["docker_registry_secrets"][step],
            declared=declared,
            connection={"proxy": "p"},
        )
        == options
    )


@pytest.mark.parametrize(
    ("step", "options"),
    [
        (1, {"expect_server": "e", "account": {"user": "api", "api_key": SECRET, "on_behalf_of": "elm"}}),
        (2, {"account": {"user": "shop", "api_key": SECRET}}),
    ],
)
def test_options_for_ecp(step: int, options: Mapping[str, Any]) -> None:
    plan = plan_ecp([RESELLER, SHOP], users=[USER])

    assert portal_options(
        [RESELLER, SHOP],
        role="cdnetworks_ecp",
        step=plan["registry_users"][step],
        declared=[USER],
        connection={"validate_certs": False},
    ) == {"validate_certs": False, **USER, **options}


FAULTS: Sequence[tuple[Mapping[str, Any], str]] = [
    ({"tenants": []}, f"{TENANTS} is empty, so nothing would be applied. Check the variable behind it."),
    ({"tenants": "acme"}, f"{TENANTS} must be a list of mappings."),
    ({"tenants": {"acme": {}}}, f"{TENANTS} must be a list of mappings."),
    ({"tenants": [SECRET]}, f"{TENANTS}[0] must be a mapping."),
    ({"tenants": [{}]}, f"{TENANTS}[0].name is missing."),
    ({"tenants": [{"name": 7}]}, f"{TENANTS}[0].name must be a string; it is an integer. {WHY} {REMEDY}"),
    ({"tenants": [{"name": "a{{"}]}, f"{TENANTS}[0].name is not a valid name. {NAME_RULE}"),
    ({"tenants": [{"name": "a" * 64}]}, f"{TENANTS}[0].name is not a valid name. {NAME_RULE}"),
    (
        {"tenants": [{**ACME, "servcie_key": SECRET}]},
        f"{TENANTS}[0] has a field that it does not have here. "
        "Its fields are name, service_key, service_key_file, expect_server.",
    ),
    ({"tenants": [ACME, ACME]}, f"{TENANTS}[1].name is that of another tenant."),
    ({"connection": "proxy=x"}, "sap_ai_core_connection must be a mapping with options of the modules."),
    (
        {"secrets": [], "repositories": []},
        f"{SECRETS} and {REPOSITORIES} are empty, so there is nothing to apply. Check the variables behind them.",
    ),
    ({"secrets": SECRET}, f"{SECRETS} must be a list of mappings."),
    ({"repositories": None}, f"{REPOSITORIES} must be a list of mappings."),
    ({"secrets": [SECRET]}, f"{SECRETS}[0] must be a mapping with options of the module."),
    ({"secrets": [{"registries": []}]}, f"{SECRETS}[0].name is missing."),
    (
        {"secrets": [{**WEB, "service_key": SECRET}]},
        f"{SECRETS}[0].service_key is not an option here. Set it in the list of tenants.",
    ),
    (
        {"secrets": [{**WEB, "tenants": []}]},
        f"{SECRETS}[0].tenants must be a list of names or globs that is not empty. "
        "To select every tenant, leave it out.",
    ),
    (
        {"secrets": [{**WEB, "tenants": "acme"}]},
        f"{SECRETS}[0].tenants must be a list of names or globs that is not empty. "
        "To select every tenant, leave it out.",
    ),
    (
        {"secrets": [{**WEB, "tenants": ["acme", "acne"]}]},
        f"{SECRETS}[0].tenants[1] matches no tenant. Correct the name or the glob, or remove it.",
    ),
    (
        {"secrets": [{**WEB, "tenants": ["*" * 257]}]},
        f"{SECRETS}[0].tenants[0] matches no tenant. Correct the name or the glob, or remove it.",
    ),
    (
        {"secrets": [{**WEB, "tenants": [7]}]},
        f"{SECRETS}[0].tenants[0] must be a string; it is an integer. {WHY} {REMEDY}",
    ),
    (
        {"secrets": [WEB, {**WEB, "tenants": ["acme"]}]},
        f"{SECRETS}[1] declares the same as item 0 for tenant acme. "
        "Select different tenants, or remove one of the two.",
    ),
]


@pytest.mark.parametrize(("given", "fault"), FAULTS)
def test_what_is_refused(given: Mapping[str, Any], fault: str) -> None:
    variables = {"tenants": [ACME, GLOBEX], "secrets": [WEB], "repositories": [], "connection": {}, **given}

    assert plan_sap(**variables) == {"refusal": fault, "docker_registry_secrets": [], "git_repositories": []}


OWN_ACCOUNT = "so the account itself would be changed. Name the customers, or leave it out."


@pytest.mark.parametrize(
    ("customers", "fault"),
    [
        (None, f" is empty, {OWN_ACCOUNT}"),
        ("", f" is empty, {OWN_ACCOUNT}"),
        ([], f" is empty, {OWN_ACCOUNT}"),
        (["oak", 7], f"[1] must be a string; it is an integer. {WHY} {REMEDY}"),
        (["oak", ""], "[1] is missing."),
        (["oak", "oak"], "[1] is in the list twice."),
    ],
)
def test_customers_that_are_refused(customers: Any, fault: str) -> None:
    account = {**SHOP, "on_behalf_of": customers}

    assert plan_ecp([account], [WEB])["refusal"] == f"cdnetworks_ecp_accounts[0].on_behalf_of{fault}"


@pytest.mark.parametrize(
    ("user", "fault"),
    [
        ({"password": SECRET}, ".username_prefix is missing."),
        ({**USER, "account": {"api_key": SECRET}}, ".account is not an option here. Set it in the list of accounts."),
    ],
)
def test_registry_users_that_are_refused(user: Mapping[str, Any], fault: str) -> None:
    assert plan_ecp([SHOP], users=[user])["refusal"] == f"cdnetworks_ecp_registry_users[0]{fault}"


def test_a_registry_user_has_the_name_that_is_given() -> None:
    assert labels(plan_ecp([SHOP], users=[{"username": "ci-0042"}, USER])["registry_users"]) == [
        "shop: ci-0042",
        "shop: ci",
    ]


def test_all_faults_are_in_one_message_without_values() -> None:
    refusal = plan_sap([{**ACME, "x": SECRET}, SECRET], [{"name": SECRET + "!"}], SECRET)["refusal"]

    assert len(refusal.splitlines()) == 4
    assert SECRET not in refusal
