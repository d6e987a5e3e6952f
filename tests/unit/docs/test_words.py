# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documents and messages use the words of the field, and none that makes a reader stop."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.paths import ROOT

# A word that documents do not use, and what to write instead.
WORDS: Mapping[str, str] = {
    "can not": "cannot",
    "told|tells?|telling": "report, return, state, list",
    "anew": "again",
    "mend(?:s|ed|ing)?": "fix",
    "(?:is|are) over": "expired",
    "lets? go of": "no longer references",
    "stands? (?:in|beside|around)": "is stored in, is next to",
    "fore(?:see|sees|seen)": "predict",
    "nobody|somebody": "no one, another client, a person",
    "material": "secret data",
    "foreign": "unmanaged, third-party",
    "shall": "must, should",
    "lest": "so that … not",
    "whoever|whichever": "anyone who, regardless of",
    "carr(?:y|ies|ied) out": "apply, process",
    "a text|texts": "a string",
    "a blank|blanks": "whitespace",
    "line ends?": "newline",
    "as it should be": "manage",
    "what is (?:left|there)": "the remaining …, the current state",
    "least rights?": "permissions",
    "(?:is|are) meant": "the selected …",
}

DOCUMENTS = (
    "*.md",
    "changelogs/fragments/*.yml",
    "docs/docsite/rst/*.rst",
    "examples/**/*.md",
    "examples/**/*.yml",
    "extensions/eda/rulebooks/*.yml",
    "playbooks/**/*.j2",
    "playbooks/**/*.py",
    "playbooks/**/*.yml",
    "plugins/doc_fragments/*.py",
    "plugins/modules/*.py",
    "roles/*/README.md",
    "roles/*/meta/*.yml",
)


def find_words(text: str) -> Iterator[str]:
    """Yield each word that a document should not use, with its line and what to write instead. Code is left out."""
    for number, line in enumerate(text.splitlines(), 1):
        prose = re.sub(r"``[^`]*``|`[^`]*`", "", line)
        for word, instead in WORDS.items():
            for found in re.finditer(rf"\b(?:{word})\b", prose, re.IGNORECASE):
                yield f'{number}: "{found[0]}". Write: {instead}'


def list_documents() -> list[Path]:
    return sorted({path for pattern in DOCUMENTS for path in ROOT.glob(pattern)})


@pytest.mark.parametrize("path", list_documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_documents_use_plain_words(path: Path) -> None:
    assert list(find_words(path.read_text())) == []


def find_placeholders(text: str) -> list[str]:
    """Return what was to be replaced before a release, such as a figure that was to be measured."""
    return re.findall(r"@[A-Z][A-Z0-9_]*@", text)


@pytest.mark.parametrize("path", list_documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_documents_have_no_placeholder(path: Path) -> None:
    assert find_placeholders(path.read_text()) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It takes @SECONDS@ s and @MEMORY_2@ MB.", ["@SECONDS@", "@MEMORY_2@"]),
        ("Write to ada@example.com, or as robot@ABC.", []),
        ("{{ name }}@v1@", []),
    ],
)
def test_finds_a_planted_placeholder(text: str, found: list[str]) -> None:
    assert find_placeholders(text) == found


@pytest.mark.parametrize("planted", ["You can not do this.", "Nobody is told.", "A blank stands in front."])
def test_finds_a_planted_word(planted: str) -> None:
    assert list(find_words(f"# Title\n\n{planted}"))


def test_leaves_code_alone() -> None:
    assert list(find_words("The option `shall` and ``can not``")) == []


def parse_messages(source: str) -> Iterator[str]:
    """Yield the strings of a Python file that are sentences or parts of one: with a space, no docstring, no regex."""
    tree = ast.parse(source)
    others: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) or (isinstance(node, ast.Assign) and _is_documentation(node.targets[0])):
            others.add(id(node.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in others:
            yield from _find_sentence(node.value)


def _is_documentation(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id in ("DOCUMENTATION", "EXAMPLES", "RETURN")


def _find_sentence(value: str) -> Iterator[str]:
    if " " in value and not re.search(r"\\[bdsSw]|\(\?", value):
        yield value


def parse_task_messages(data: Any) -> Iterator[str]:
    """Yield the messages of the tasks in a YAML file."""
    if isinstance(data, list):
        for item in data:
            yield from parse_task_messages(item)
    elif isinstance(data, dict):
        for key, value in data.items():
            if key in ("msg", "fail_msg", "success_msg", "prompt") and isinstance(value, str):
                yield value
            yield from parse_task_messages(value)


def list_message_files() -> list[Path]:
    """Return the files with messages; modules and fragments are documents."""
    python = [path for path in (ROOT / "plugins").rglob("*.py") if path.parent.name not in ("modules", "doc_fragments")]
    tasks = [*ROOT.glob("roles/*/tasks/*.yml"), *ROOT.glob("playbooks/*.yml"), *ROOT.glob("playbooks/tasks/*.yml")]
    return sorted([*python, *tasks])


def read_messages(path: Path) -> list[str]:
    if path.suffix == ".py":
        return list(parse_messages(path.read_text()))
    return list(parse_task_messages(yaml.safe_load(path.read_text())))


@pytest.mark.parametrize("path", list_message_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_messages_use_plain_words(path: Path) -> None:
    assert [word for message in read_messages(path) for word in find_words(message)] == []


PLANTED_MESSAGES = [
    'raise KeyringError("You can not do this.")',
    'raise KeyringError(f"{option} can not be read.")',
    'TEXTS = {"a": ("It has a blank.", 1)}',
    'def f():\n    """Do it."""\n    return "It was made anew."',
]


@pytest.mark.parametrize("planted", PLANTED_MESSAGES)
def test_finds_a_planted_word_in_a_message(planted: str) -> None:
    assert [word for message in parse_messages(planted) for word in find_words(message)]


def test_finds_a_planted_word_in_a_task() -> None:
    tasks = [{"block": [{"ansible.builtin.assert": {"that": "a", "fail_msg": "You can not."}}]}]

    assert list(parse_task_messages(tasks)) == ["You can not."]


@pytest.mark.parametrize(
    "source", ['"""You can not."""', 'RETURN = "You can not."', r're.compile("can not (?:be)")', 'x = "anew"']
)
def test_leaves_what_is_no_message_alone(source: str) -> None:
    assert list(parse_messages(source)) == []
