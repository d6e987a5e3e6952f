# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the code of the collection reads (CONTRIBUTING.md, "How the code is written").

ruff checks the form of docstrings; these tests hold what it cannot: names with one meaning, docstrings of functions
that begin with a verb, and comprehensions with one loop.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

import pytest

from support.paths import ROOT

PLUGINS = ROOT / "plugins"
FOLDERS = ("module_utils", "plugin_utils")

# Names that several files define, each with the reason.
SHARED_NAMES = {
    "DEFINITION": "the task of a module, which its action plugin looks up by this name",
    "OPTIONS": "the option table of a module",
    "parse_options": "the door of a module: its options, parsed",
    "run": "the task function of a module",
}

# Words with which the docstring of a function describes a thing instead of saying what the function does.
NOT_VERBS = frozenset((
    "a", "all", "an", "any", "as", "at", "each", "every", "how", "if", "in", "it", "its", "no", "one", "only", "so",
    "that", "the", "these", "this", "those", "what", "when", "where", "whether", "which", "who", "whoever", "why",
    "with",
))  # fmt: skip


def read_sources() -> dict[str, str]:
    """Return the source of each file in FOLDERS by its path below ``plugins``."""
    files = [file for folder in FOLDERS for file in sorted((PLUGINS / folder).rglob("*.py"))]
    return {file.relative_to(PLUGINS).as_posix(): file.read_text(encoding="utf-8") for file in files}


def find_top_level_names(source: str) -> Iterator[str]:
    """Yield the classes, functions and constants that a file defines; not what it imports."""
    for node in ast.parse(source).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def find_shared_names(sources: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the top-level names that several files define, with these files."""
    files = defaultdict(list)
    for path, source in sources.items():
        for name in dict.fromkeys(find_top_level_names(source)):
            files[name].append(path)
    return {name: paths for name, paths in files.items() if len(paths) > 1}


def find_docstrings_without_verb(source: str) -> list[str]:
    """Return the functions whose docstring does not begin with a verb, each with its first word."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and (text := ast.get_docstring(node)):
            word = text.split()[0].strip(".,:")
            is_property = any(ast.unparse(decorator).endswith("property") for decorator in node.decorator_list)
            if word.lower() in NOT_VERBS and not is_property:
                found.append(f"{node.name}: {word}")
    return found


def find_nested_loops(source: str) -> list[int]:
    """Return the lines of comprehensions with more than one ``for``."""
    comprehensions = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, comprehensions)]
    return [node.lineno for node in found if len(node.generators) > 1]


def test_a_name_has_one_meaning() -> None:
    shared = find_shared_names(read_sources())
    assert {name: files for name, files in shared.items() if name not in SHARED_NAMES} == {}


def test_shared_names_are_shared() -> None:
    assert SHARED_NAMES.keys() <= find_shared_names(read_sources()).keys()


def test_docstrings_of_functions_begin_with_a_verb() -> None:
    found = {path: find_docstrings_without_verb(source) for path, source in read_sources().items()}
    assert {path: functions for path, functions in found.items() if functions} == {}


def test_comprehensions_have_one_loop() -> None:
    found = {path: find_nested_loops(source) for path, source in read_sources().items()}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize("definition", ["class Entry: ...", "def Entry(): ...", "Entry = 1", "Entry: int = 1"])
def test_a_name_in_two_files_is_found(definition: str) -> None:
    assert find_shared_names({"a.py": definition, "b.py": "Entry = 2", "c.py": "from a import Entry"}) == {
        "Entry": ["a.py", "b.py"]
    }


@pytest.mark.parametrize("text", ["The entries.", "What it is.", "Whether it is.", "A list."])
def test_a_docstring_without_verb_is_found(text: str) -> None:
    assert find_docstrings_without_verb(f'def f():\n    """{text}"""') == [f"f: {text.split()[0]}"]


@pytest.mark.parametrize("text", ["Return the entries.", "Raise KeyringError if it is empty."])
def test_a_docstring_with_a_verb_is_accepted(text: str) -> None:
    assert find_docstrings_without_verb(f'def f():\n    """{text}"""') == []


def test_a_nested_loop_is_found() -> None:
    assert find_nested_loops("x = [1 for a in b]\ny = {1 for a in b for c in a}") == [2]


# Files with classes that the quick decorator does not make, each with the reason.
STANDARD_DATACLASSES = {
    "module_utils/_cluster/connection.py": "a connection is not frozen",
    "module_utils/_dataclasses.py": "the decorator itself",
    "module_utils/_images/problems.py": "problems are sorted",
    "module_utils/_secret/users.py": "users are sorted",
}


def test_frozen_dataclasses_are_created_quickly() -> None:
    """Each class of the standard library's decorator takes a start of a task a third of a millisecond longer."""
    sources = read_sources()
    standard = {
        path
        for path, source in sources.items()
        if re.search(r"^ *from dataclasses import .*\bdataclass\b", source, re.M)
    }
    assert standard == set(STANDARD_DATACLASSES)
