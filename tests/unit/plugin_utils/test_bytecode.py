# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The finder loads files of the collection, and leaves everything else to others."""

from __future__ import annotations

import importlib
import sys

import pytest

from ansible_collections.keyring.kubernetes.plugins.plugin_utils.bytecode import BytecodeFinder, from_bytecode
from support.paths import ROOT

OURS = "ansible_collections.keyring.kubernetes.plugins"
SECRET = str(ROOT / "plugins" / "module_utils" / "_secret")


def test_a_file_is_loaded_by_python_itself() -> None:
    spec = BytecodeFinder.find_spec(f"{OURS}.module_utils._secret.plan", [SECRET])
    assert spec is not None
    assert spec.origin == f"{SECRET}/plan.py"
    assert spec.cached is not None


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (f"{OURS}.module_utils._secret", [str(ROOT / "plugins" / "module_utils")]),
        (f"{OURS}.module_utils._secret.no_such_file", [SECRET]),
        ("ansible_collections.keyring.kubernetes_other.plugins.plan", [SECRET]),
        ("ansible_collections.keyring.kubernetes.playbooks.plan", [SECRET]),
        ("plan", [SECRET]),
        (f"{OURS}.plan", None),
    ],
)
def test_everything_else_is_left_to_others(name: str, path: list[str] | None) -> None:
    assert BytecodeFinder.find_spec(name, path) is None


def test_it_comes_first_inside_the_block_alone() -> None:
    before = list(sys.meta_path)
    with from_bytecode():
        assert isinstance(sys.meta_path[0], BytecodeFinder)
    assert sys.meta_path == before


def test_it_is_removed_where_an_import_fails() -> None:
    before = list(sys.meta_path)
    with pytest.raises(ImportError), from_bytecode():
        importlib.import_module(f"{OURS}.module_utils._secret.no_such_file")
    assert sys.meta_path == before
