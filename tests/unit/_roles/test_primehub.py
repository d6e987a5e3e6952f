# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role primehub_secrets makes of the items of PrimeHub's page; what it refuses is in the integration tests."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._roles.primehub import (
    plan_primehub,
    primehub_object,
    primehub_result,
)

KEY = {"name": "models", "type": "git_sync", "secret": "k"}
PULL = {"name": "registry", "type": "image_pull", "registry_host": "ghcr.io", "username": "octo", "password": "p"}
OLDER_KEY, OLDER_PULL = {**KEY, "type": "git_dataset"}, {**PULL, "type": "dockerconfigjson"}


def test_items_go_to_the_module_of_their_type() -> None:
    assert plan_primehub([KEY, PULL, OLDER_PULL, OLDER_KEY], keep_blank=False) == {
        "faults": "",
        "image_pull_secret": [1, 2],
        "gitsync_secret": [0, 3],
    }


BLANK = "is blank, or a mask of asterisks. Give the real value"


@pytest.mark.parametrize(
    ("items", "keep_blank", "faults"),
    [
        pytest.param("s3cret", False, [(0, " must be a mapping with the fields of PrimeHub's page.")], id="a string"),
        pytest.param(
            [KEY, ["s3cret"]], False, [(1, " must be a mapping with the fields of PrimeHub's page.")], id="list"
        ),
        pytest.param([{**PULL, "password": "**"}], True, [], id="a mask that keeps what is stored"),
        pytest.param(
            [{**PULL, "registry_host": " ", "username": None, "password": "**"}],
            False,
            [
                (0, f".registry_host {BLANK}."),
                (0, f".username {BLANK}; primehub_secrets_keep_blank=true keeps what is stored."),
                (0, f".password {BLANK}; primehub_secrets_keep_blank=true keeps what is stored."),
            ],
            id="all blank",
        ),
        pytest.param([{**PULL, "registry_host": ""}], True, [(0, f".registry_host {BLANK}.")], id="never blank"),
        pytest.param([{"name": "a", "type": "git_sync", "state": "absent"}], False, [], id="absent without a key"),
        pytest.param(
            [{**KEY, "name": "A", "state": "x"}, {**PULL, "username": "*"}],
            False,
            [
                (0, ".state must be present or absent."),
                (
                    0,
                    ".name cannot be a name on PrimeHub's page. Allowed are at most 63 lower-case letters, digits, - "
                    "and ., with a letter or digit at both ends and around each dot.",
                ),
                (1, f".username {BLANK}; primehub_secrets_keep_blank=true keeps what is stored."),
            ],
            id="several faults, a line each",
        ),
    ],
)
def test_faults_stop_all(items: Any, keep_blank: bool, faults: list[tuple[int, str]]) -> None:
    plan = plan_primehub(items, keep_blank=keep_blank)

    assert plan["faults"].splitlines() == [f"primehub_secrets_list[{index}]{fault}" for index, fault in faults]
    if faults:
        assert (plan["image_pull_secret"], plan["gitsync_secret"]) == ([], [])


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        pytest.param(
            {**KEY, "display_name": "Models"},
            {
                "name": "gitsync-secret-models",
                "display_name": "Models",
                "ssh": {"private_key": "k"},
                "registries": [{}],
            },
            id="a key",
        ),
        pytest.param(
            PULL,
            {
                "name": "image-registry",
                "display_name": "registry",
                "ssh": {},
                "registries": [{"server": "ghcr.io", "username": "octo", "password": "p"}],
            },
            id="a registry",
        ),
        pytest.param(
            {**PULL, "username": "", "password": " ***\n", "display_name": "", "state": "absent"},
            {
                "name": "image-registry",
                "display_name": "registry",
                "ssh": {},
                "registries": [{"server": "ghcr.io"}],
                "state": "absent",
            },
            id="what is blank is left out",
        ),
    ],
)
def test_the_secret_of_an_item(item: dict[str, Any], expected: dict[str, Any]) -> None:
    assert primehub_object(item) == {"state": "present", **expected}


def test_results_are_in_the_order_of_the_items() -> None:
    results = [
        {"primehub_secrets_number": 1, "operation": "created"},
        {"primehub_secrets_number": 0, "operation": "unchanged"},
    ]

    assert primehub_result([KEY, PULL], namespace="hub", results=results) == [
        {
            "name": "models",
            "secret": "gitsync-secret-models",
            "type": "git_sync",
            "namespace": "hub",
            "operation": "unchanged",
        },
        {
            "name": "registry",
            "secret": "image-registry",
            "type": "image_pull",
            "namespace": "hub",
            "operation": "created",
        },
    ]
