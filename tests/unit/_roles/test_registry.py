# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a registry role hands over, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._roles.registry import (
    registry_item,
    registry_variables,
)

PLAIN = {
    "role": "quay",
    "preset": "quay",
    "preset_options": {"host": "quay_host"},
    "login": {"username": "quay_username", "password": "quay_token"},
    "needs": ["quay_username", "quay_token"],
}
MINTED = {
    "role": "acr",
    "preset": "acr",
    "preset_options": {"name": "acr_name"},
    "login": {"password": "acr_password"},
    "needs": [],
    "renewal": {"force_mint": "acr_force_mint"},
}
COMMON = {
    "namespaces": ["web"],
    "namespace_selectors": [],
    "namespaces_limit": None,
    "secret_name": "secret",
    "service_accounts": ["default"],
    "state": "present",
    "owner": "team",
    "prune": True,
    "verify": False,
    "options": {"images": ["a"]},
}
QUAY = {"host": "quay.example.com", "username": "robot", "token": "s3cret"}
ACR = {"name": "acme", "password": None, "force_mint": True}


def build(declared: dict[str, Any], **values: Any) -> dict[str, Any]:
    """Build the item from values by the names of variables without the role's."""
    prefix = f"{declared['role']}_"
    given = {f"{prefix}{name}": value for name, value in {**COMMON, **values}.items()}
    return registry_item(declared, values=[given[name] for name in registry_variables(declared)])


def test_the_item_of_a_registry_role() -> None:
    assert build(PLAIN, **QUAY) == {
        "refusal": "",
        "options": {"images": ["a"]},
        "verify": False,
        "item": {
            "name": "secret",
            "namespaces": ["web"],
            "namespace_selectors": None,
            "service_accounts": ["default"],
            "state": "present",
            "owner": "team",
            "prune": True,
            "registries": [
                {
                    "preset": "quay",
                    "preset_options": {"host": "quay.example.com"},
                    "username": "robot",
                    "password": "s3cret",
                }
            ],
        },
    }


def test_the_item_of_a_role_that_mints() -> None:
    item = build(MINTED, **ACR)["item"]

    assert item["force_mint"] is True
    assert item["registries"] == [
        {"preset": "acr", "preset_options": {"name": "acme"}, "username": None, "password": None}
    ]


def test_a_key_that_became_a_mapping_is_json_again() -> None:
    item = build(MINTED, **{**ACR, "password": {"type": "service_account", "scopes": [{"a": 1}]}})["item"]

    assert item["registries"][0]["password"] == '{"type": "service_account", "scopes": [{"a": 1}]}'


LOGIN = "must be set to a string that is not empty."


@pytest.mark.parametrize(
    ("declared", "values", "refusal"),
    [
        pytest.param(PLAIN, {**QUAY, "token": None}, f"quay_token {LOGIN}", id="no token"),
        pytest.param(
            PLAIN, {**QUAY, "token": "", "username": ""}, f"quay_token and quay_username {LOGIN}", id="both empty"
        ),
        pytest.param(PLAIN, {**QUAY, "token": {"a": "s3cret"}}, f"quay_token {LOGIN}", id="a mapping"),
        pytest.param(PLAIN, {**QUAY, "token": ["s3cret"]}, f"quay_token {LOGIN}", id="a list"),
        pytest.param(
            MINTED, {**ACR, "password": ["s3cret"]}, f"acr_password {LOGIN}", id="a list for what may be none"
        ),
        pytest.param(PLAIN, {**QUAY, "token": 42}, "", id="a number, which the module refuses"),
        pytest.param(PLAIN, {**QUAY, "token": False}, "", id="a boolean, which the module refuses"),
        pytest.param(
            PLAIN,
            {**QUAY, "namespaces": []},
            "quay_namespaces or quay_namespace_selectors must be set.",
            id="no namespaces",
        ),
        pytest.param(PLAIN, {**QUAY, "namespaces": [], "namespace_selectors": ["a=b"]}, "", id="only selectors"),
        pytest.param(
            PLAIN,
            {**QUAY, "token": None, "namespaces": []},
            f"quay_token {LOGIN}",
            id="the login before the namespaces",
        ),
        pytest.param(PLAIN, {**QUAY, "token": None, "state": "absent"}, "", id="absent without a token"),
        pytest.param(
            PLAIN,
            {**QUAY, "namespaces": [], "state": "absent"},
            "quay_namespaces or quay_namespace_selectors must be set.",
            id="absent without namespaces",
        ),
        pytest.param(
            PLAIN,
            {**QUAY, "options": {"namespaces_limit": ["web"]}},
            "quay_options must not contain namespaces_limit. Set quay_namespaces_limit instead.",
            id="a limit that prune would not know of",
        ),
    ],
)
def test_what_a_registry_role_refuses(declared: dict[str, Any], values: dict[str, Any], refusal: str) -> None:
    assert build(declared, **values)["refusal"] == refusal


@pytest.mark.parametrize("limit", [["web"], [], "web,shop"])
def test_a_limit_is_for_the_module_to_check(limit: object) -> None:
    assert build(PLAIN, **QUAY, namespaces_limit=limit)["item"]["namespaces_limit"] == limit


def test_an_absent_secret_has_no_registries() -> None:
    assert build(PLAIN, **QUAY, state="absent")["item"]["registries"] == []
