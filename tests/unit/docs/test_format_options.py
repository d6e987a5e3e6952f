# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The items of format_options: the module lists those of each format, and the guide describes them."""

from __future__ import annotations

import re

import pytest
import yaml

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_custom import custom_format
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_formats import FORMAT_ROWS
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_shapes import Format
from ansible_collections.keyring.kubernetes.plugins.modules import gitsync_secret
from support.paths import ROOT

GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_git.rst"
LABEL = "docsite.git_format_options"
ALL_FOUR = ("argocd_repository", "argocd_repo_creds", "argocd_repository_write", "argocd_repo_creds_write")

ROWS: tuple[Format, ...] = (*FORMAT_ROWS, custom_format({"password": "token"}, "Opaque"))


def settings_by_format() -> dict[str, set[str]]:
    settings: dict[str, set[str]] = {}
    for row in ROWS:
        settings.setdefault(row.name, set()).update(row.settings)
    return settings


def listed_by_module() -> dict[str, set[str]]:
    documentation = yaml.safe_load(gitsync_secret.DOCUMENTATION)
    listed: dict[str, set[str]] = {name: set() for name in settings_by_format()}
    for line in documentation["options"]["format_options"]["description"][2:]:
        names = re.findall(r"V\((\w+)\)", line.partition(" - ")[0])
        for name in names:
            listed[name].update(re.findall(r"C\((\w+_\w+)\)", line))
    return listed


def described_by_guide() -> dict[str, set[str]]:
    section = GUIDE.read_text(encoding="utf-8").partition(LABEL)[2].partition("\nFix or refuse damaged keys\n")[0]
    described: dict[str, set[str]] = {name: set() for name in settings_by_format()}
    for part in re.split(r"\n~+\n", section):
        for row in part.split("   * - ")[2:]:
            items, *others = (re.findall(r"``(\w+)``", cell) for cell in row.split("\n     - "))
            formats = ALL_FOUR if "- all four" in row else tuple(name for name in others[0] if name in described)
            for name in formats or (items[0].partition("_")[0],):
                described[name].update(items)
    return described


@pytest.mark.parametrize("name", settings_by_format())
def test_the_module_lists_the_options_of_a_format(name: str) -> None:
    assert listed_by_module()[name] == settings_by_format()[name]


@pytest.mark.parametrize("name", settings_by_format())
def test_the_guide_describes_the_options_of_a_format(name: str) -> None:
    assert described_by_guide()[name] == settings_by_format()[name]
