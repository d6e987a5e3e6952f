# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Roles of the guide and of docs/rbac/ are those that the rows of kinds give."""

from __future__ import annotations

import pytest
import yaml

from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.consumers import IMAGE_KINDS, USER_KINDS
from rights_page import FOLDER, PAGE, PROGRAMS, ROLES, render_files, render_page, render_role
from support.paths import ROOT
from support.rbac import manifests


def test_page_and_files_are_current() -> None:
    page = PAGE.read_text()
    assert page == render_page(page), "make docs writes the page"
    assert {path: path.read_text() for path in FOLDER.iterdir()} == render_files(), "make docs writes docs/rbac/"


def test_the_guide_has_the_files_that_are_installed() -> None:
    """A reader of the guide and one of the files get the same Roles."""
    assert manifests() == {name: yaml.safe_load(render_role(name)) for name in ROLES}
    ignored = yaml.safe_load((ROOT / "galaxy.yml").read_text())["build_ignore"]
    assert not {"docs", "docs/rbac"} & set(ignored), "the files are in the tarball"


def test_every_group_is_of_a_program() -> None:
    assert set(PROGRAMS) == {kind.group for kind in USER_KINDS}


@pytest.mark.parametrize(
    ("name", "left_out"),
    [
        ("secrets-reader", set()),
        ("pull-secret-writer-all", set()),
        ("pull-secret-writer", {(kind.group, kind.resource) for kind in USER_KINDS if kind.home}),
        ("upgrade-auditor", {(kind.group, kind.resource) for kind in USER_KINDS if kind not in IMAGE_KINDS}),
        ("image-access-reader", {(kind.group, kind.resource) for kind in USER_KINDS if kind not in IMAGE_KINDS}),
    ],
)
def test_a_role_lists_every_kind_that_its_tasks_may_ask_for(name: str, left_out: set[tuple[str, str]]) -> None:
    listed = {
        (group, resource)
        for rule in yaml.safe_load(render_role(name))["rules"]
        if "list" in rule["verbs"] and "resourceNames" not in rule
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }
    kinds = {(kind.group, kind.resource) for kind in USER_KINDS}
    assert listed & kinds == kinds - left_out
    assert listed - kinds <= {("", "secrets"), ("", "namespaces"), ("", "nodes")}
