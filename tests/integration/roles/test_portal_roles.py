# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles sap_ai_core and cdnetworks_ecp on the APIs on loopback: several tenants, of which one fails."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from support.canary import Canary, canary, find_leaks, read_below
from support.leaks.watch import watch
from support.playbook import Playbook
from support.portals.ecp import Customer
from support.portals.guide_world import Portals, portals

# What the tasks of a role do in either way of execution, the tests of the modules show.
pytestmark = pytest.mark.parametrize("playbook", ["auto"], indirect=True)

PASSWORD = canary("password of a registry", user="puller")
NEW = canary("new password of a registry", user="puller")
TOKEN = canary("token of a Git server", user="reader", awkward="-")


def user_password(name: str) -> Canary:
    """Return a canary by the rules for passwords of registry users."""
    text = secrets.token_hex(8)
    return Canary(name, f"Aa1{text}", (text,))


USER_PASSWORD, NEW_USER_PASSWORD = user_password("password of a user"), user_password("new password of a user")
CANARIES = [PASSWORD, NEW, TOKEN, USER_PASSWORD, NEW_USER_PASSWORD]

URL = "https://git.example.com/team/models.git"
ABSENT: Mapping[str, Any] = {"state": "absent", "in_use": "ignore"}


@dataclass(frozen=True)
class RoleRun:
    """One run of a role: the rows of its result, how it failed, and what was printed."""

    rows: list[dict[str, Any]]
    failure: str
    output: str

    def operations(self) -> dict[str, list[str]]:
        """Return the operations by tenant, in the order of the steps."""
        found: dict[str, list[str]] = {}
        for row in self.rows:
            found.setdefault(row.get("tenant") or row["account"], []).append(row["operation"])
        return found


@pytest.fixture
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portals]:
    with portals(tmp_path_factory.mktemp("portals")) as served:
        yield served


def run(
    playbook: Playbook,
    served: Portals,
    role: str,
    variables: Mapping[str, Any],
    *,
    check: bool = False,
    defaults: Mapping[str, Any] | None = None,
) -> RoleRun:
    """Run a role under the eyes of a search for secrets. Fails the test if check mode writes."""
    apis = [*served.tenants.values(), served.ecp]
    for api in apis:
        api.forget()
    given = playbook.directory / "given.json"
    given.write_text(json.dumps({"given": variables}))
    failure = {"ansible.builtin.set_fact": {"failure": "{{ ansible_failed_result.msg }}"}}
    block = {
        "block": [{"ansible.builtin.include_role": {"name": f"keyring.kubernetes.{role}"}}],
        "rescue": [failure],
        "vars": {name: f"{{{{ given.{name} }}}}" for name in variables},
    }
    shown = {
        "ansible.builtin.debug": {"msg": {"rows": f"{{{{ {role}_result | default([]) }}}}", "failure": "{{ failure }}"}}
    }
    keywords = {
        "gather_facts": False,
        "vars": {"failure": ""},
        "pre_tasks": [block],
        "module_defaults": {f"group/keyring.kubernetes.{role}": defaults or {}},
    }
    arguments = ["-e", f"@{given}", "-vvvvv", "--diff", *(["--check"] if check else [])]
    environment = {**watch(playbook.directory), **served.environment}
    done = playbook.run([shown], *arguments, environment=environment, keywords=keywords)

    places = {"output": done.output.encode(), **read_below(playbook.directory, leave_out=[given])}
    assert find_leaks(places, [*CANARIES, *own_secrets(served)]) == []
    if check:
        asked = [request for api in apis for request in api.asked if request != ("POST", "/oauth/token")]
        assert {method for method, _path in asked} <= {"GET"}
    result = done.results[0]["msg"]
    return RoleRun(result["rows"], result["failure"], done.output)


def own_secrets(served: Portals) -> list[Canary]:
    """Return the secrets with which the tenants and accounts log in, and the tokens that they got."""
    texts = [tenant.client_secret for tenant in served.tenants.values()]
    texts += [token for tenant in served.tenants.values() for token in tenant.tokens]
    texts += served.ecp.accounts.values()
    return [Canary("secret of a login", text, (text[-20:-2],)) for text in texts]


def sap_tenants(served: Portals) -> list[dict[str, Any]]:
    """Return three tenants, of which the second does not accept its service key."""
    keys = {name: tenant.service_key() for name, tenant in served.tenants.items()}
    keys["globex"]["clientsecret"] = PASSWORD.text
    return [{"name": name, "service_key": key} for name, key in keys.items()]


def docker(password: Canary = PASSWORD, **more: Any) -> dict[str, Any]:
    registry = {"server": "registry.example.com", "username": "puller", "password": password.text}
    return {"name": "company-registry", "registries": [registry], **more}


def repository(**more: Any) -> dict[str, Any]:
    return {"name": "models", "url": URL, "username": "reader", "password": TOKEN.text, **more}


# The declarations of each step, and what becomes of a Docker registry secret and a repository.
SAP_STEPS: Sequence[tuple[Mapping[str, Any], Mapping[str, Any], list[str]]] = [
    (docker(), repository(), ["created", "created"]),
    (docker(update_credentials="on_create"), repository(update_credentials="on_create"), ["kept", "kept"]),
    (docker(NEW), repository(password=NEW.text), ["updated", "updated"]),
    (docker(update_credentials="on_create"), repository(update_credentials="on_create"), ["kept", "kept"]),
    ({"name": "company-registry", **ABSENT}, {"name": "models", **ABSENT}, ["deleted", "deleted"]),
    ({"name": "company-registry", **ABSENT}, {"name": "models", **ABSENT}, ["unchanged", "unchanged"]),
]


def test_sap_ai_core_from_create_to_delete(playbook: Playbook, served: Portals) -> None:
    tenants = sap_tenants(served)
    for secret, git, expected in SAP_STEPS:
        variables = {
            "sap_ai_core_tenants": tenants,
            "sap_ai_core_docker_registry_secrets": [secret],
            "sap_ai_core_git_repositories": [git],
        }
        for check in (True, False):
            done = run(playbook, served, "sap_ai_core", variables, check=check)

            assert done.operations() == {"acme": expected, "globex": ["failed", "not_tried"], "initech": expected}
            assert done.failure.startswith(
                "Failed: 1, not tried: 1, of 6.\nglobex, Docker registry secret company-registry: "
            ), done.failure
            shown = [line for line in done.output.splitlines() if line.startswith("failed: ")]
            assert [line for line in shown if "tenant_index" in line] == [], "places in lists tell users nothing"
            assert done.failure.endswith(
                "Not tried, because an earlier one of the same tenant failed: globex, Git repository models."
            )
            assert [row["failure"] for row in done.rows if row["failure"]] == ["unauthorized"]
            assert served.tenants["globex"].asked == [("POST", "/oauth/token")], "one login for all declarations"
        for tenant in (served.tenants["acme"], served.tenants["initech"]):
            is_there = secret.get("state") != "absent"
            assert (list(tenant.secrets), list(tenant.repositories)) == (
                (["company-registry"], ["models"]) if is_there else ([], [])
            )


def test_sap_ai_core_selects_tenants(
    playbook: Playbook, served: Portals, tmp_path_factory: pytest.TempPathFactory
) -> None:
    keys = {name: tenant.service_key() for name, tenant in served.tenants.items()}
    file = tmp_path_factory.mktemp("key") / "acme.json"
    file.write_text(json.dumps(keys["acme"]))
    variables = {
        "sap_ai_core_tenants": [
            {"name": "acme", "service_key_file": str(file)},
            {"name": "globex", "service_key": json.dumps(keys["globex"])},
            {"name": "initech", "service_key": keys["initech"], "expect_server": "https://elsewhere.example.com"},
        ],
        "sap_ai_core_docker_registry_secrets": [docker(tenants=["acme"]), docker(NEW, tenants=["g*"])],
        "sap_ai_core_git_repositories": [repository(tenants=["*"])],
    }

    done = run(playbook, served, "sap_ai_core", variables)

    assert done.operations() == {"acme": ["created"] * 2, "globex": ["created"] * 2, "initech": ["failed"]}
    assert "Failed: 1 of 5.\ninitech, Git repository models: " in done.failure
    assert (
        PASSWORD.text
        in json.loads(served.tenants["acme"].secrets["company-registry"])["auths"]["registry.example.com"].values()
    )
    assert (
        NEW.text
        in json.loads(served.tenants["globex"].secrets["company-registry"])["auths"]["registry.example.com"].values()
    )
    assert served.tenants["initech"].asked == []


def secret(password: Canary = PASSWORD, name: str = "company-registry", **more: Any) -> dict[str, Any]:
    registry = {"server": "registry.example.com", "username": "puller", "password": password.text}
    return {"name": name, "registry": registry, "description": "Pulls for the shop", **more}


def user(password: Canary = USER_PASSWORD, **more: Any) -> dict[str, Any]:
    return {"username_prefix": "ci", "password": password.text, "email": "ci@example.com", **more}


def ecp_accounts(served: Portals) -> list[dict[str, Any]]:
    """Return a reseller with two customers, and an account with a wrong API key."""
    key = served.ecp.accounts["admin"]
    return [
        {"name": "reseller", "user": "admin", "api_key": key, "on_behalf_of": ["1001", "1002"]},
        {"name": "other", "user": "ecp-other", "api_key": PASSWORD.text},
    ]


# The declarations of each step, and what becomes of an image pull secret and a registry user.
ECP_STEPS: Sequence[tuple[Mapping[str, Any], Mapping[str, Any], list[str]]] = [
    (secret(), user(), ["created", "created"]),
    (secret(), user(), ["unchanged", "unchanged"]),
    (secret(NEW), user(NEW_USER_PASSWORD), ["updated", "updated"]),
    (secret(NEW), user(NEW_USER_PASSWORD), ["unchanged", "unchanged"]),
    ({"name": "company-registry", "state": "absent"}, {"username_prefix": "ci", "state": "absent"}, ["deleted"] * 2),
    ({"name": "company-registry", "state": "absent"}, {"username_prefix": "ci", "state": "absent"}, ["unchanged"] * 2),
]


def test_cdnetworks_ecp_from_create_to_delete(playbook: Playbook, served: Portals) -> None:
    accounts = ecp_accounts(served)
    for declared, registry_user, expected in ECP_STEPS:
        variables = {
            "cdnetworks_ecp_accounts": accounts,
            "cdnetworks_ecp_image_pull_secrets": [declared],
            "cdnetworks_ecp_registry_users": [registry_user],
        }
        for check in (True, False):
            done = run(playbook, served, "cdnetworks_ecp", variables, check=check)

            assert done.operations() == {
                "reseller/1001": expected,
                "reseller/1002": expected,
                "other": ["failed", "not_tried"],
            }
            assert done.failure.startswith(
                "Failed: 1, not tried: 1, of 6.\nother, image pull secret company-registry: "
            ), done.failure
            assert done.failure.endswith(
                "Not tried, because an earlier one of the same account failed: other, registry user ci."
            )
            assert [row["failure"] for row in done.rows if row["failure"]] == ["unauthorized"]
        is_there = declared.get("state") != "absent"
        for customer in ("1001", "1002"):
            names = sorted(stored.name for stored in served.ecp.customers[customer].secrets.values())
            assert (len(names), "company-registry" in names) == ((2, True) if is_there else (0, False))
    names = [stored.name for stored in served.ecp.own.secrets.values()]
    assert names == ["demouser-5883"], "a reseller's own account is not changed"


def test_cdnetworks_ecp_selects_accounts(playbook: Playbook, served: Portals) -> None:
    accounts = ecp_accounts(served)
    accounts[1]["api_key"] = served.ecp.accounts["ecp-other"]
    variables = {
        "cdnetworks_ecp_accounts": accounts,
        "cdnetworks_ecp_image_pull_secrets": [
            secret(accounts=["reseller/1002"]),
            secret(NEW, accounts=["other"]),
        ],
        "cdnetworks_ecp_registry_users": [user(accounts=["other"])],
    }

    done = run(playbook, served, "cdnetworks_ecp", variables)

    assert done.operations() == {"reseller/1002": ["created"], "other": ["created", "failed"]}
    assert [row["failure"] for row in done.rows if row["failure"]] == ["forbidden"], "not an administrator"
    assert served.ecp.customers.get("1001", Customer()).secrets == {}
    assert served.ecp.own.secret("company-registry").password == NEW.text


def test_a_wrong_api_key_is_one_failed_login(playbook: Playbook, served: Portals) -> None:
    account = {**ecp_accounts(served)[0], "api_key": PASSWORD.text}
    variables = {
        "cdnetworks_ecp_accounts": [account],
        "cdnetworks_ecp_image_pull_secrets": [secret(), secret(name="another")],
        "cdnetworks_ecp_registry_users": [user()],
    }

    done = run(playbook, served, "cdnetworks_ecp", variables)

    assert done.operations() == {"reseller/1001": ["failed", *["not_tried"] * 2], "reseller/1002": ["not_tried"] * 3}
    assert len(served.ecp.asked) == 1


@pytest.mark.parametrize(
    ("role", "variables", "message"),
    [
        ("sap_ai_core", {}, "sap_ai_core_tenants is empty, so nothing would be applied."),
        (
            "sap_ai_core",
            {"sap_ai_core_tenants": PASSWORD.text, "sap_ai_core_git_repositories": [TOKEN.text]},
            "sap_ai_core_tenants must be a list of mappings.",
        ),
        (
            "cdnetworks_ecp",
            {
                "cdnetworks_ecp_accounts": [{"name": "a", "api_kye": PASSWORD.text}],
                "cdnetworks_ecp_image_pull_secrets": [secret(accounts=["b"])],
            },
            "cdnetworks_ecp_accounts[0].api_kye is not a field of an account. Did you mean api_key?",
        ),
        (
            "sap_ai_core",
            {"sap_ai_core_tenants": {"acme": PASSWORD.text}, "sap_ai_core_git_repositories": [repository()]},
            "sap_ai_core_tenants must be a list of mappings.",
        ),
        (
            "cdnetworks_ecp",
            {
                "cdnetworks_ecp_accounts": [{"name": "a", "user": "u", "api_key": PASSWORD.text}],
                "cdnetworks_ecp_image_pull_secrets": [secret()],
                "cdnetworks_ecp_connection": PASSWORD.text,
            },
            "cdnetworks_ecp_connection must be a mapping with options of the modules.",
        ),
        (
            "sap_ai_core",
            {
                "sap_ai_core_tenants": [
                    {"name": "acme", "service_key": {"clientsecret": PASSWORD.text}},
                    {"name": "globex", "service_key": {"clientsecret": PASSWORD.text}},
                ],
                "sap_ai_core_git_repositories": [repository()],
            },
            "sap_ai_core_tenants[1] logs in as sap_ai_core_tenants[0] does",
        ),
    ],
)
def test_what_is_refused_before_the_first_request(
    playbook: Playbook, served: Portals, role: str, variables: Mapping[str, Any], message: str
) -> None:
    done = run(playbook, served, role, variables)

    assert (done.rows, done.failure.startswith(message)) == ([], True), done.failure
    assert [api.asked for api in (*served.tenants.values(), served.ecp) if api.asked] == []


def test_a_misspelt_variable_is_a_warning(playbook: Playbook, served: Portals) -> None:
    variables = {
        "sap_ai_core_tenants": [{"name": "acme", "service_key_file": "acme.json"}],
        "sap_ai_core_git_repository": [repository()],
        "sap_aicore_docker_secrets": [docker()],
    }

    done = run(playbook, served, "sap_ai_core", variables)

    shown = " ".join(done.output.replace("|", " ").split())
    assert "Did you mean sap_ai_core_git_repositories?" in shown
    assert "Did you mean sap_ai_core_docker_registry_secrets?" in shown
    assert "sap_ai_core_docker_registry_secrets and sap_ai_core_git_repositories are empty" in done.failure


def test_a_service_key_of_the_playbook_is_refused_with_its_place(playbook: Playbook, served: Portals) -> None:
    variables = {"sap_ai_core_tenants": sap_tenants(served)[:1], "sap_ai_core_git_repositories": [repository()]}

    done = run(playbook, served, "sap_ai_core", variables, defaults={"service_key_file": "acme.json"})

    assert "the other one is in module_defaults of the playbook" in done.failure
    assert served.tenants["acme"].asked == []
