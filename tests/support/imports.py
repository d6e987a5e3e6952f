# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of the collection that a Python of its own imports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection, Mapping
from typing import Any

from support.paths import ROOT, collections_path

PLUGINS = "ansible_collections.keyring.kubernetes.plugins"

_LIST = f"""
import json, sys
names = [name for name, module in sys.modules.items() if name.startswith("{PLUGINS}.") and module.__file__]
print(json.dumps([name.removeprefix("{PLUGINS}.").replace(".", "/") + ".py" for name in names]))
"""

# An environment without further packages.
_LIMIT = """
import sys
from importlib.machinery import BuiltinImporter, FrozenImporter, PathFinder
class Limited:
    @staticmethod
    def find_spec(name, path=None, target=None):
        is_there = name.partition(".")[0] in {*sys.stdlib_module_names, *LIBRARIES}
        return PathFinder.find_spec(name, path, target) if is_there else None
sys.meta_path = [BuiltinImporter, FrozenImporter, Limited]
"""

_RUN = f"""
import json, runpy, sys
from ansible.module_utils import basic
given = json.load(sys.stdin)
basic._ANSIBLE_ARGS = json.dumps({{"ANSIBLE_MODULE_ARGS": given["arguments"]}}).encode()
basic._ANSIBLE_PROFILE = "legacy"
try:
    runpy.run_module("{PLUGINS}.modules." + given["module"], run_name="__main__")
except SystemExit:
    print()
"""


def list_imports(*names: str) -> set[str]:
    """Return the files, relative to ``plugins``, that are imported with these files of the collection."""
    code = "".join(f"import {PLUGINS}.{name.replace('/', '.')}\n" for name in names)
    return set(json.loads(_run(code, "")[-1]))


def list_imports_of_task(module: str, arguments: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """Run an ordinary module; return its result and the files, relative to ``plugins``, that it has imported."""
    lines = _run(_RUN, json.dumps({"module": module, "arguments": arguments}))
    return json.loads(next(line for line in lines if line.startswith("{"))), set(json.loads(lines[-1]))


def run_with_libraries(libraries: Collection[str], module: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Run an ordinary module where only these packages are installed beside Python's own; return its result."""
    limit = f"LIBRARIES = {sorted(libraries)}{_LIMIT}"
    lines = _run(limit + _RUN, json.dumps({"module": module, "arguments": arguments}))
    found: dict[str, Any] = json.loads(next(line for line in lines if line.startswith("{")))
    return found


def count_lines(files: set[str]) -> int:
    """Return how many lines Python compiles for these files."""
    return sum((ROOT / "plugins" / file).read_text(encoding="utf-8").count("\n") for file in files)


def _run(code: str, given: str) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(collections_path())}
    done = subprocess.run(
        [sys.executable, "-c", code + _LIST], input=given, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
