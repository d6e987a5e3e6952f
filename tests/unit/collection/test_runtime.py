# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible, Galaxy and ansible-builder read about the collection fits what is in it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from matrix import CELLS, oldest_packages
from support.paths import ROOT

MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
RUNTIME: dict[str, Any] = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())


GROUPS: dict[str, list[str]] = RUNTIME["action_groups"]
# The modules of a portal, by the beginning of their names, and their fragment; all others are for clusters.
PORTALS = {"sap_ai_core": "sap_ai_core", "cdnetworks_ecp": "cdnetworks_ecp"}


def group_of(module: str) -> str:
    return next((group for group in PORTALS if module.startswith(f"{group}_")), "k8s")


def test_each_module_is_in_its_action_group() -> None:
    grouped = {module: group for group, modules in GROUPS.items() for module in modules}
    assert grouped == {module: group_of(module) for module in MODULES}
    assert sum(map(len, GROUPS.values())) == len(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_says_that_it_is_in_the_action_group(module: str) -> None:
    text = (ROOT / "plugins" / "modules" / f"{module}.py").read_text()
    fragment = f"attributes.{PORTALS.get(group_of(module), '')}".rstrip(".")
    assert f"  - keyring.kubernetes.{fragment}" in text
    assert (ROOT / "plugins" / "action" / f"{module}.py").is_file()


def test_the_oldest_ansible_that_is_tested_is_the_oldest_that_is_taken() -> None:
    tested = CELLS[0].core.rpartition(".")[0]
    assert RUNTIME["requires_ansible"] == f">={tested}.0"


def test_every_requirement_says_from_which_version_on() -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    assert sorted(oldest_packages()) == sorted(line.partition(">=")[0] for line in lines if line[:1].isalpha())
