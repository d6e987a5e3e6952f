# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tasks for the APIs of portals give the same result in both ways of execution, and need few libraries.

The fixture compares the results of both ways; see conftest.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from support.imports import run_with_libraries
from support.playbook import Playbook, task
from support.portals.ecp import Ecp, ecp
from support.portals.sap import SapAiCore, sap_ai_core

LOGIN = {"username": "octo", "password": "s3cret-token"}
REGISTRY = {"server": "ghcr.io", **LOGIN}
USER = {"password": "S3cret-token", "email": "web@example.com"}

# By module: the arguments of a task that creates something or reads it, beside the login. The order is that of a play.
TASKS: Mapping[str, Mapping[str, Any]] = {
    "sap_ai_core_docker_registry_secret": {"name": "app", "registries": [REGISTRY]},
    "sap_ai_core_docker_registry_secret_info": {},
    "sap_ai_core_git_repository": {"name": "app", "url": "https://git.example.com/app", **LOGIN},
    "sap_ai_core_git_repository_info": {},
    "cdnetworks_ecp_image_pull_secret": {"name": "app", "registry": REGISTRY},
    "cdnetworks_ecp_image_pull_secret_info": {"details": True},
    "cdnetworks_ecp_registry_user": {"username_prefix": "web", **USER},
    "cdnetworks_ecp_registry_user_info": {"username_prefix": "web"},
}
# The packages that an ordinary module needs on the machine where it runs.
LIBRARIES = ("ansible", "ansible_collections", "urllib3", "yaml", "_yaml")


@pytest.fixture
def sap() -> Iterator[SapAiCore]:
    with sap_ai_core() as server:
        yield server


@pytest.fixture
def portal() -> Iterator[Ecp]:
    with ecp() as server:
        yield server


def login(module: str, sap: SapAiCore, portal: Ecp) -> dict[str, Any]:
    is_sap = module.startswith("sap_ai_core")
    return {"service_key": sap.service_key()} if is_sap else {"account": portal.account()}


def test_both_ways_give_the_same_result(sap: SapAiCore, portal: Ecp, playbook: Playbook) -> None:
    tasks = []
    for module, arguments in TASKS.items():
        given = task(module, **login(module, sap, portal), **arguments)
        tasks += [{**given, "check_mode": True}, given]

    results = playbook.run(tasks, "--diff").results

    assert [result.get("msg") for result in results if result.get("failed")] == []
    assert [result["changed"] for result in results] == [True, True, False, False] * 4


@pytest.mark.parametrize("module", TASKS)
def test_a_module_needs_only_urllib3_and_yaml(module: str, sap: SapAiCore, portal: Ecp) -> None:
    arguments = {**login(module, sap, portal), **TASKS[module]}

    result = run_with_libraries(LIBRARIES, module, arguments)
    without = run_with_libraries([name for name in LIBRARIES if name != "urllib3"], module, arguments)

    assert not result.get("failed"), result
    assert without["failure"]["id"] == "missing_library", without


def test_a_certificate_needs_only_urllib3_and_yaml(tmp_path: Path) -> None:
    with sap_ai_core(tmp_path) as sap:
        arguments = {"service_key": sap.x509_service_key(), "ca_cert": sap.ca_cert}
        result = run_with_libraries(LIBRARIES, "sap_ai_core_docker_registry_secret_info", arguments)

    assert not result.get("failed"), result
