# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task imports what it needs, and no more: an ordinary module compiles every file again, each time.

What only some tasks need is imported by the function that uses it. Ansible's own process imports what most tasks need
before it forks its workers. tests/integration/execution/test_imports.py runs the tasks.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from support.imports import count_lines, list_imports

# Folders and files, without ".py", that hardly any task needs.
RARE = (
    "module_utils/_minting/aws",
    "module_utils/_minting/azure",
    "module_utils/_minting/clouds",
    "module_utils/_minting/git_tokens",
    "module_utils/_minting/github",
    "module_utils/_credentials/app_token",
    "module_utils/_minting/google",
    "module_utils/_minting/harbor",
    "module_utils/_registry/",
    "module_utils/_cluster/exec_plugin",
    "module_utils/_cluster/no_answer",
    "module_utils/_cluster/oidc",
    "module_utils/_cluster/refusal_texts",
    "module_utils/_runtime/refusals",
)

# What no Secret with Git credentials needs, and no pull secret.
PULL = ("docker_config", "expiry", "lint", "login_sessions", "preset_checks", "preset_shapes", "presets", "registries")
GIT = ("certificates", "git_credential", "git_formats", "key_cost", "key_format", "known_hosts", "pem", "ssh_key")
MANY = ("module_utils/_apply/diffs", "module_utils/_apply/prune", "module_utils/_cluster/pool")
USERS = (
    "module_utils/_cluster/workloads",
    "module_utils/_secret/guard",
    "module_utils/_secret/consumers",
    "module_utils/_secret/users",
)


def credentials(*names: str) -> tuple[str, ...]:
    return tuple(f"module_utils/_credentials/{name}" for name in names)


@dataclass(frozen=True)
class Bound:
    """The most lines of the collection that a module and its action import, and what they do not import.

    ``late`` is imported by few tasks of an ordinary module, and by the action at once.
    """

    module: str
    lines: int
    action_lines: int
    never: tuple[str, ...]
    late: tuple[str, ...] = ()


BOUNDS = (
    Bound(
        "cdnetworks_ecp_registry_user",
        10_400,
        11_300,
        (*credentials(*GIT, "lint", "presets"), *USERS, "module_utils/_images/", "module_utils/_apply/"),
    ),
    Bound(
        "cdnetworks_ecp_registry_user_info",
        10_700,
        11_600,
        (*credentials(*GIT, "lint", "presets"), *USERS, "module_utils/_images/", "module_utils/_apply/"),
    ),
    Bound(
        "image_pull_secret",
        12_850,
        16_800,
        (*credentials(*GIT), *USERS, "module_utils/_apply/diffs", "module_utils/_apply/prune"),
        (
            *credentials("preset_checks", "preset_shapes", "presets"),
            "module_utils/_images/",
            "module_utils/_cluster/pool",
        ),
    ),
    Bound("image_pull_secret_info", 9_950, 12_200, (*credentials(*GIT), *USERS, "module_utils/_apply/")),
    Bound(
        "cdnetworks_ecp_image_pull_secret",
        10_650,
        11_950,
        (*credentials(*GIT), *USERS, "module_utils/_images/", "module_utils/_apply/", "module_utils/_portals/sap"),
    ),
    Bound(
        "cdnetworks_ecp_image_pull_secret_info",
        10_100,
        11_050,
        (*credentials(*GIT), *USERS, "module_utils/_images/", "module_utils/_apply/", "module_utils/_portals/sap"),
    ),
    Bound(
        "gitsync_secret",
        14_800,
        17_600,
        (
            *credentials(*PULL),
            *USERS,
            "module_utils/_images/",
            "module_utils/_apply/diffs",
            "module_utils/_apply/prune",
        ),
        credentials("certificates", "git_url", "key_cost", "key_format", "known_hosts", "pem", "ssh_key"),
    ),
    Bound(
        "gitsync_secret_info",
        11_300,
        13_800,
        (*credentials(*PULL), *USERS, "module_utils/_images/", "module_utils/_apply/"),
        credentials("certificates", "git_url", "key_cost", "key_format", "known_hosts", "pem", "ssh_key"),
    ),
    Bound(
        "openshift_global_pull_secret_info",
        8_250,
        9_200,
        (*credentials(*GIT, "registries", "presets"), "module_utils/_images/", "module_utils/_apply/"),
    ),
    Bound(
        "sap_ai_core_docker_registry_secret",
        11_000,
        14_600,
        (*credentials(*GIT), *USERS, "module_utils/_apply/", "module_utils/_cluster/secrets"),
        (*credentials("imported", "preset_checks", "preset_shapes", "presets"),),
    ),
    Bound(
        "sap_ai_core_docker_registry_secret_info",
        9_150,
        10_300,
        (*credentials(*GIT, "lint", "presets"), *USERS, "module_utils/_apply/", "module_utils/_minting/"),
    ),
    Bound(
        "sap_ai_core_git_repository",
        8_300,
        9_650,
        (
            *credentials(*PULL, "certificates", "git_credential", "git_formats", "ssh_key"),
            *USERS,
            *("module_utils/_apply/", "module_utils/_images/", "module_utils/_cluster/secrets"),
        ),
    ),
    Bound(
        "sap_ai_core_git_repository_info",
        8_000,
        9_150,
        (
            *credentials(*PULL, "certificates", "git_credential", "git_formats", "ssh_key"),
            *USERS,
            *("module_utils/_apply/", "module_utils/_images/", "module_utils/_cluster/secrets"),
        ),
    ),
    Bound(
        "service_account_secrets",
        8_450,
        9_350,
        (
            *credentials(*PULL, *GIT),
            *USERS,
            "module_utils/_images/",
            *(f"module_utils/_apply/{name}" for name in ("manage_secret", "secret_task", "plan_change", "diffs")),
        ),
        ("module_utils/_cluster/pool",),
    ),
    Bound(
        "image_access_info",
        11_500,
        13_100,
        (
            *credentials(*GIT, "lint", "presets", "registries"),
            *("module_utils/_apply/", "module_utils/_minting/"),
            *("module_utils/_images/upgrade", "module_utils/_images/lenders", "module_utils/_tasks/upgrade_"),
        ),
        ("module_utils/_images/causes", "module_utils/_kubelet/near_misses"),
    ),
)


def find_imported(files: set[str], paths: tuple[str, ...]) -> list[str]:
    return sorted(file for file in files if file.removesuffix(".py").startswith(paths))


@pytest.mark.parametrize("bound", BOUNDS, ids=lambda bound: bound.module)
def test_a_module_imports_little(bound: Bound) -> None:
    files = list_imports("module_utils/_runtime/module", f"module_utils/_tasks/{bound.module}")
    assert find_imported(files, (*RARE, *MANY, *bound.never, *bound.late)) == []
    assert count_lines(files) <= bound.lines


@pytest.mark.parametrize("bound", BOUNDS, ids=lambda bound: bound.module)
def test_an_action_imports_what_its_tasks_usually_need(bound: Bound) -> None:
    files = list_imports(f"action/{bound.module}")
    assert find_imported(files, (*RARE, *bound.never)) == []
    assert all(find_imported(files, (path,)) for path in bound.late)
    assert count_lines(files) <= bound.action_lines
