# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Misspelt variables of roles."""

from __future__ import annotations

import re

import pytest
import yaml

from ansible_collections.keyring.kubernetes.plugins.module_utils._roles.registry import registry_variables
from ansible_collections.keyring.kubernetes.plugins.module_utils._roles.variables import (
    INTERNAL_VARIABLES,
    ROLE_VARIABLES,
    unknown_variables,
)
from support.paths import ROOT

REGISTRY_ROLES = sorted(
    path.parent.parent.name
    for path in ROOT.glob("roles/*/tasks/main.yml")
    if path.parent.parent.name not in ROLE_VARIABLES
)
GHCR = registry_variables(
    {
        "role": "ghcr",
        "preset": "ghcr",
        "preset_options": {},
        "login": {"username": "ghcr_username", "password": "ghcr_token"},
        "needs": [],
    }
)
LISTED = (
    "Its variables are: pull_secrets_defaults, pull_secrets_list, pull_secrets_namespaces_limit, pull_secrets_owner, "
    "pull_secrets_prune, pull_secrets_prune_limit, pull_secrets_verify."
)


def documented(role: str) -> set[str]:
    specs = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text())
    return {name for name in specs["argument_specs"]["main"]["options"] if name.startswith(f"{role}_")}


@pytest.mark.parametrize("role", ROLE_VARIABLES)
def test_the_table_has_the_variables_of_a_role(role: str) -> None:
    files = [*ROOT.glob(f"roles/{role}/tasks/*.yml"), *ROOT.glob(f"roles/{role}/vars/*.yml")]
    text = "\n".join(path.read_text() for path in files).replace(
        "keyring.kubernetes.", "keyring.kubernetes_"
    )  # modules
    words = set(re.findall(rf"\b{role}_[a-z_]+", text))
    used = {word for word in words if word != "control_plane_detached"}  # a file

    assert {f"{role}_{name}" for name in ROLE_VARIABLES[role]} == documented(role)
    assert {f"{role}_{name}" for name in INTERNAL_VARIABLES[role]} == used - documented(role)


@pytest.mark.parametrize("role", REGISTRY_ROLES)
def test_a_registry_role_declares_its_variables(role: str) -> None:
    tasks = yaml.safe_load((ROOT / "roles" / role / "tasks" / "main.yml").read_text())
    assert documented(role) == set(registry_variables(tasks[0]["vars"]["pull_secrets_registry"]))


@pytest.mark.parametrize(
    ("role", "name", "hint"),
    [
        ("pull_secrets", "pull_secrets_registrys", LISTED),
        ("pull_secrets", "pull_secrets_lists", "Did you mean pull_secrets_list?"),
        ("pull_secrets", "pull_secrets_places", LISTED),
        ("git_credentials", "git_credentials_konsumers", "Did you mean git_credentials_consumers?"),
        ("primehub_secrets", "primehub_secrets_name_space", "Did you mean primehub_secrets_namespace?"),
        ("sap_ai_core", "sap_ai_core_tenant", "Did you mean sap_ai_core_tenants?"),
        ("sap_ai_core", "sap_ai_core_git_repository", "Did you mean sap_ai_core_git_repositories?"),
        ("cdnetworks_ecp", "cdnetworks_ecp_acounts", "Did you mean cdnetworks_ecp_accounts?"),
        ("control_plane", "control_plane_namespace", "Did you mean control_plane_namespaces?"),
        ("ghcr", "ghcr_namespace", "Did you mean ghcr_namespaces?"),
        ("ghcr", "ghcr_service_account", "Did you mean ghcr_service_accounts?"),
    ],
)
def test_asks_for_the_variable_that_was_intended(role: str, name: str, hint: str) -> None:
    known = GHCR if role == "ghcr" else ()
    expected = f"{name} is not a variable of the role {role}, and has no effect. {hint}"

    assert unknown_variables([name], role=role, known=known) == [expected]


@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("pull_secrets", "pull_secrets_list"),
        ("pull_secrets", "pull_secrets_plan"),
        ("ghcr", "ghcr_token"),
        ("sap_ai_core", "sap_ai_core_vault_password"),
        ("cdnetworks_ecp", "cdnetworks_ecp_step"),
        ("ghcr", "ghcr_admin_password"),
        ("control_plane", "control_plane_endpoint"),
        ("control_plane", "my_control_plane_namespace"),
    ],
)
def test_says_nothing_of_other_variables(role: str, name: str) -> None:
    assert unknown_variables([name], role=role, known=GHCR if role == "ghcr" else ()) == []


@pytest.mark.parametrize(
    ("role", "name", "empty", "hint"),
    [
        ("sap_ai_core", "sap_ai_core_docker_secrets", "docker_registry_secrets", True),
        ("sap_ai_core", "sap_aicore_tenants", "tenants", True),
        ("sap_ai_core", "sapaicore_git_repositories", "git_repositories", True),
        ("cdnetworks_ecp", "cdnetworks_accounts", "accounts", True),
        ("cdnetworks_ecp", "cdnetwork_ecp_pull_secrets", "image_pull_secrets", True),
        ("cdnetworks_ecp", "cdnetworks_cdn_domain", "accounts", False),
        ("sap_ai_core", "sap_ai_core_vault_password", "docker_registry_secrets", False),
        ("sap_ai_core", "sap_ai_core_result", "tenants", False),
    ],
)
def test_what_is_probably_meant_for_an_empty_list_is_a_warning(role: str, name: str, empty: str, hint: bool) -> None:
    """Only where the list is empty, because a name that is less alike may be of something else."""
    warning = f"{name} is not a variable of the role {role}, and has no effect. Did you mean {role}_{empty}?"
    pattern = yaml.safe_load((ROOT / "roles" / role / "tasks" / "main.yml").read_text())[1]["ansible.builtin.assert"]
    found = re.search(r"varnames', '([^']+)'", pattern["that"][0])

    assert unknown_variables([name], role=role, lists={f"{role}_{empty}": []}) == ([warning] if hint else [])
    assert unknown_variables([name], role=role, lists={f"{role}_{empty}": ["one"]}) == []
    assert found
    assert re.search(found[1], name) or not hint
