# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles for portals: which declaration is for which tenant, and what is wrong with the variables."""

from __future__ import annotations

import json
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
KEYED = {"service_key_file": "acme.json"}
GLOBEX = {"name": "globex", "service_key_file": "globex.json", "expect_server": "*.example.com"}
WEB = {"name": "web", "registries": [{"password": SECRET}]}
RESELLER = {"name": "reseller", "user": "api", "api_key": SECRET, "on_behalf_of": ["oak", "elm"], "expect_server": "e"}
SHOP = {"name": "shop", "user": "shop", "api_key": SECRET, "url": None}
WEB_PULL = {"name": "web", "registry": {"password": SECRET}}
USER = {"username_prefix": "ci", "password": SECRET}

TENANTS = "sap_ai_core_tenants"
SECRETS = "sap_ai_core_docker_registry_secrets"
REPOSITORIES = "sap_ai_core_git_repositories"
NAME_RULE = (
    "Allowed are at most 63 letters, digits, spaces and the characters . _ -, with a letter or digit at both ends."
)

CONNECTION = "sap_ai_core_connection"
HIDDEN_FIELD = "has a field with a name that no field can have. Check the indentation and the variables."
SAME_LOGIN = "logs in as {} does, so everything would be applied twice. Remove one of the two, or correct its login."
MANY = [{"name": f"t{number}", "service_key_file": f"t{number}.json"} for number in range(12)]


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
    item = WEB_PULL if selection is None else {**WEB_PULL, "accounts": selection}

    plan = plan_ecp([RESELLER, SHOP], [item])

    assert (plan["refusal"], labels(plan["image_pull_secrets"])) == ("", expected)


def test_customers_of_an_account_share_its_login() -> None:
    steps = plan_ecp([RESELLER, SHOP], [WEB_PULL])["image_pull_secrets"]

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
    ({"tenants": [KEYED]}, f"{TENANTS}[0].name is missing."),
    ({"tenants": [{**KEYED, "name": 7}]}, f"{TENANTS}[0].name must be a string; it is an integer. {WHY} {REMEDY}"),
    ({"tenants": [{**KEYED, "name": "a{{"}]}, f"{TENANTS}[0].name is not a valid name. {NAME_RULE}"),
    ({"tenants": [{**KEYED, "name": "a" * 64}]}, f"{TENANTS}[0].name is not a valid name. {NAME_RULE}"),
    (
        {"tenants": [{**ACME, "servcie_key": SECRET}]},
        f"{TENANTS}[0].servcie_key is not a field of a tenant. Did you mean service_key?",
    ),
    (
        {"tenants": [{"name": "acme", "service_keyfile": SECRET}]},
        f"{TENANTS}[0].service_keyfile is not a field of a tenant. Did you mean service_key_file?",
    ),
    (
        {"tenants": [{**ACME, f"{SECRET}!": "", 7: ""}]},
        "\n".join([f"{TENANTS}[0] {HIDDEN_FIELD}"] * 2),
    ),
    (
        {"tenants": [{**ACME, "region": "x"}]},
        f"{TENANTS}[0].region is not a field of a tenant. "
        "Allowed are name, service_key, service_key_file, expect_server.",
    ),
    ({"tenants": [{"name": "acme"}]}, f"{TENANTS}[0].service_key or .service_key_file is missing."),
    (
        {"tenants": [{"name": "acme", "service_key": "", "service_key_file": None}]},
        f"{TENANTS}[0].service_key or .service_key_file is missing.",
    ),
    (
        {"tenants": [{**ACME, "service_key_file": "acme.json"}]},
        f"{TENANTS}[0] has service_key and service_key_file. Set only one of them.",
    ),
    (
        {"tenants": [ACME, {**GLOBEX, "name": "acme"}]},
        f"{TENANTS}[1].name is that of {TENANTS}[0], too. Choose another name.",
    ),
    (
        {"tenants": [ACME, GLOBEX, {**ACME, "name": "initech", "service_key": json.dumps(ACME["service_key"])}]},
        f"{TENANTS}[2] {SAME_LOGIN.format(f'{TENANTS}[0]')}",
    ),
    ({"tenants": [GLOBEX, {**GLOBEX, "name": "acme"}]}, f"{TENANTS}[1] {SAME_LOGIN.format(f'{TENANTS}[0]')}"),
    (
        {"connection": {"service_key_file": "x", "proxi": "y", "zone": ""}},
        f"{CONNECTION}.service_key_file is not an option here. Set it in the list of tenants.\n"
        f"{CONNECTION}.proxi is not an option of a connection. Did you mean proxy?\n"
        f"{CONNECTION}.zone is not an option of a connection. Allowed are ca_cert, ssl_ca_cert, validate_certs, "
        "verify_ssl, proxy, no_proxy, remote_src.",
    ),
    (
        {"secrets": [{**WEB, "accounts": ["acme"]}]},
        f"{SECRETS}[0].accounts is not an option of sap_ai_core_docker_registry_secret. Did you mean tenants?",
    ),
    (
        {"secrets": [{"name": "web", "registry": {"password": SECRET}}]},
        f"{SECRETS}[0].registry is not an option of sap_ai_core_docker_registry_secret. Did you mean registries?",
    ),
    (
        {"secrets": [{"name": "web", "registries": [{}, {"pasword": SECRET}]}]},
        f"{SECRETS}[0].registries[1].pasword is not an option of sap_ai_core_docker_registry_secret. "
        "Did you mean password?",
    ),
    (
        {"repositories": [{"name": "app", "usrname": "reader"}]},
        f"{REPOSITORIES}[0].usrname is not an option of sap_ai_core_git_repository. Did you mean username?",
    ),
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
        f"{SECRETS}[0].tenants[1] (acne) matches no tenant. Did you mean acme?",
    ),
    (
        {"secrets": [{**WEB, "tenants": ["*" * 257]}]},
        f"{SECRETS}[0].tenants[0] matches no tenant. The tenants are acme, globex.",
    ),
    (
        {"tenants": MANY, "secrets": [{**WEB, "tenants": ["zz"]}]},
        f"{SECRETS}[0].tenants[0] (zz) matches no tenant. "
        "The tenants are t0, t1, t2, t3, t4, t5, t6, t7, t8, t9 and 2 more.",
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

    assert plan_ecp([account], [WEB_PULL])["refusal"] == f"cdnetworks_ecp_accounts[0].on_behalf_of{fault}"


@pytest.mark.parametrize(
    ("user", "fault"),
    [
        ({"password": SECRET}, ".username_prefix is missing."),
        ({**USER, "account": {"api_key": SECRET}}, ".account is not an option here. Set it in the list of accounts."),
    ],
)
def test_registry_users_that_are_refused(user: Mapping[str, Any], fault: str) -> None:
    assert plan_ecp([SHOP], users=[user])["refusal"] == f"cdnetworks_ecp_registry_users[0]{fault}"


ACCOUNTS = "cdnetworks_ecp_accounts"
PULL = "cdnetworks_ecp_image_pull_secrets[0]"
PULL_MODULE = "an option of cdnetworks_ecp_image_pull_secret"


@pytest.mark.parametrize(
    ("accounts", "item", "fault"),
    [
        ([SHOP], {"tenants": ["shop"]}, f"{PULL}.tenants is not {PULL_MODULE}. Did you mean accounts?"),
        ([SHOP], {"customers": ["shop"]}, f"{PULL}.customers is not {PULL_MODULE}. Did you mean accounts?"),
        (
            [SHOP],
            {"registry": {"passwrod": SECRET}},
            f"{PULL}.registry.passwrod is not {PULL_MODULE}. Did you mean password?",
        ),
        (
            [RESELLER, SHOP],
            {"accounts": ["elm"]},
            f"{PULL}.accounts[0] (elm) matches no account. Did you mean reseller/elm?",
        ),
        ([{"name": "shop", "user": "shop"}], {}, f"{ACCOUNTS}[0].api_key is missing."),
        ([{"name": "shop", "api_key": SECRET}], {}, f"{ACCOUNTS}[0].user is missing."),
        (
            [{"name": "shop", "user": "shop", "key": SECRET}],
            {},
            f"{ACCOUNTS}[0].key is not a field of an account. Did you mean api_key?",
        ),
        (
            [RESELLER, {**RESELLER, "name": "again", "on_behalf_of": "elm"}],
            {},
            f"{ACCOUNTS}[1] {SAME_LOGIN.format(f'{ACCOUNTS}[0]')}",
        ),
    ],
)
def test_ecp_variables_that_are_refused(accounts: Any, item: Mapping[str, Any], fault: str) -> None:
    assert plan_ecp(accounts, [{"name": "web", **item}])["refusal"] == fault


def test_one_account_may_act_for_different_customers() -> None:
    accounts = [RESELLER, {**RESELLER, "name": "own", "on_behalf_of": "ash"}]

    assert labels(plan_ecp(accounts, [WEB_PULL])["image_pull_secrets"])[-1] == "own: web"


def test_a_registry_user_has_the_name_that_is_given() -> None:
    assert labels(plan_ecp([SHOP], users=[{"username": "ci-0042"}, USER])["registry_users"]) == [
        "shop: ci-0042",
        "shop: ci",
    ]


def test_all_faults_are_in_one_message_without_values() -> None:
    refusal = plan_sap([{**ACME, "x": SECRET}, SECRET], [{"name": SECRET + "!"}], SECRET)["refusal"]

    assert len(refusal.splitlines()) == 4, refusal
    assert SECRET not in refusal
