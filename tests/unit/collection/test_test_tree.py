# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tests lie where the code lies, and share only what is in ``tests/support`` (CONTRIBUTING.md, "Map of the tests").

A test that imports a test runs with it, and breaks with it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

import pytest

from support.paths import ROOT

TESTS = ROOT / "tests"
# The folders of unit tests that are no room of plugins/module_utils.
BESIDES_ROOMS = {"collection", "docs", "plugin_utils", "support"}


def read_rooms() -> dict[str, set[str]]:
    """Return the names of the modules in each folder of plugins/module_utils."""
    folders = [path for path in (ROOT / "plugins" / "module_utils").iterdir() if path.is_dir()]
    rooms = {folder.name: {path.stem for path in folder.glob("*.py")} for folder in folders}
    return {name: modules for name, modules in rooms.items() if modules}


def find_misplaced(path: str, rooms: Mapping[str, set[str]]) -> str | None:
    """Return what is wrong with the place of a file of tests, given relative to ``tests/``; None if nothing is."""
    kind, *folders, name = PurePosixPath(path).parts
    if name == "conftest.py":
        return None
    if not name.startswith("test_"):
        return "is no test: what tests share is in tests/support"
    if len(folders) != 1:
        return f"belongs into a folder of tests/{kind}, named after its subject"
    (folder,) = folders
    if kind != "unit":
        return None
    if folder not in {*rooms, *BESIDES_ROOMS}:
        return f"is in {folder}, which is no room of plugins/module_utils"
    module = name.removeprefix("test_").removesuffix(".py")
    homes = sorted(room for room, modules in rooms.items() if module in modules)
    if homes and folder not in homes:
        return f"belongs into {' or '.join(homes)}, where {module}.py is"
    return None


def find_imports_of_tests(source: str) -> Iterator[str]:
    """Yield the imported names that lead to a test."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from filter(leads_to_a_test, names)


def leads_to_a_test(name: str) -> bool:
    parts = name.split(".")
    from_test = any(part.startswith("test_") for part in parts[:-1])
    return from_test or name.startswith(("test_", ".", "unit.", "integration.")) or ".tests." in name


def test_every_file_of_tests_is_in_its_place() -> None:
    rooms = read_rooms()
    files = [path.relative_to(TESTS).as_posix() for kind in ("unit", "integration") for path in _files(kind)]
    complaints = {file: find_misplaced(file, rooms) for file in files}
    assert {file: complaint for file, complaint in complaints.items() if complaint} == {}
    assert len(files) > 100


def test_no_file_imports_a_test() -> None:
    found = {str(path.relative_to(TESTS)): list(find_imports_of_tests(path.read_text())) for path in _files(".")}
    assert {file: names for file, names in found.items() if names} == {}


def _files(folder: str) -> Sequence[Path]:
    return sorted((TESTS / folder).rglob("*.py"))


ROOMS = {"_secret": {"plan", "view"}, "_apply": {"plan", "fan_out"}, "_runtime": {"scrub"}}


@pytest.mark.parametrize(
    "path",
    [
        "unit/_secret/test_plan.py",
        "unit/_apply/test_plan.py",
        "unit/_secret/test_what_several_modules_do.py",
        "unit/docs/test_guides.py",
        "integration/modules/test_plan.py",
        "integration/conftest.py",
    ],
)
def test_accepts(path: str) -> None:
    assert find_misplaced(path, ROOMS) is None


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("unit/_secret/samples.py", "is no test: what tests share is in tests/support"),
        ("unit/test_plan.py", "belongs into a folder of tests/unit, named after its subject"),
        ("integration/test_roles.py", "belongs into a folder of tests/integration, named after its subject"),
        ("unit/_gone/test_plan.py", "is in _gone, which is no room of plugins/module_utils"),
        ("unit/_runtime/test_plan.py", "belongs into _apply or _secret, where plan.py is"),
        ("unit/collection/test_scrub.py", "belongs into _runtime, where scrub.py is"),
    ],
)
def test_refuses_the_place(path: str, complaint: str) -> None:
    assert find_misplaced(path, ROOMS) == complaint


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from support.cluster import Cluster\nimport pytest", []),
        ("from support.samples import keys\nfrom bench.figures import judge", []),
        ("from test_prune import holding", ["test_prune.holding"]),
        ("import test_prune", ["test_prune"]),
        ("def later():\n    from unit._secret.test_plan import CASES", ["unit._secret.test_plan.CASES"]),
        ("from integration.modules import test_prune", ["integration.modules.test_prune"]),
        ("from .test_prune import holding", [".test_prune.holding"]),
        ("from ansible_collections.a.b.tests.unit.samples import x", ["ansible_collections.a.b.tests.unit.samples.x"]),
    ],
)
def test_finds_imports_of_tests(source: str, found: list[str]) -> None:
    assert list(find_imports_of_tests(source)) == found
