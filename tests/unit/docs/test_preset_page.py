# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pages that are made from something say what that says."""

from __future__ import annotations

import re

import pytest
import yaml

import playbook_page
import registry_roles
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.presets import PRESETS
from ansible_collections.keyring.kubernetes.plugins.modules.image_pull_secret import DOCUMENTATION
from preset_page import PAGE, render_page


def test_the_page_has_the_rows() -> None:
    page = PAGE.read_text()
    assert page == render_page(page), "make docs writes the tables"


def test_every_preset_is_on_the_page() -> None:
    assert set(re.findall(r"^   \* - ``(\w+)``$", render_page(PAGE.read_text()), re.MULTILINE)) == {*PRESETS, "preset"}


def test_the_option_names_every_preset() -> None:
    options = yaml.safe_load(DOCUMENTATION)["options"]
    text = " ".join(options["registries"]["suboptions"]["preset"]["description"])
    assert set(re.findall(r"V\((\w+)\)", text)) == set(PRESETS)


def test_the_page_of_the_playbooks_is_that_of_their_heads() -> None:
    page = playbook_page.PAGE.read_text()
    assert page == playbook_page.render_page(page), "make docs writes it"


@pytest.mark.parametrize("row", registry_roles.ROWS, ids=lambda row: row.role)
def test_a_registry_role_is_that_of_its_row(row: registry_roles.RegistryRow) -> None:
    folder = registry_roles.folder_of(row)
    rendered = registry_roles.render_role(row, (folder / "README.md").read_text())
    assert {path: (folder / path).read_text() for path in rendered} == rendered, "make docs writes it"
