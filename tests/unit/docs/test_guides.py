# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the test of the guides makes of their blocks, and what it does not let pass."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest

from support.canary import find_leaks
from support.guides import Command, File, GuideError, Reader, Step, missing_lines, read_guide


def block(language: str, text: str, *options: str) -> str:
    return "\n".join(
        [f".. code-block:: {language}", *(f"   {option}" for option in options), "", indent(text, "   "), ""]
    )


def guide(directory: Path, *parts: str) -> list[Step]:
    page = directory / "guide.rst"
    page.write_text("\n".join(parts))
    return read_guide(page)


def reader(directory: Path) -> Reader:
    (directory / "work").mkdir()
    return Reader(directory / "work", {"PATH": "/usr/bin:/bin"})


@pytest.mark.parametrize(
    ("parts", "steps"),
    [
        ([block("yaml", "a: 1", ":caption: a.yml")], [File(1, "a.yml", "a: 1\n")]),
        ([block("console", "$ a\nA\n$ b")], [Command(1, "a", ["A"]), Command(1, "b")]),
        ([block("console", "$ a \\\n    b\nA")], [Command(1, "a \\\n    b", ["A"])]),
        ([block("console", "$ a <<E\n> b\n> E\nA")], [Command(1, "a <<E\nb\nE", ["A"])]),
        ([block("console", "$ a"), "Words.\n", block("diff", "+ A")], [Command(1, "a", ["+ A"])]),
        ([".. fails\n", block("console", "$ a\n$ b")], [Command(3, "a"), Command(3, "b", fails=True)]),
        ([".. not run: a reason\n", block("console", "$ a")], []),
        ([".. prepare:\n\n   a\n   b\n"], [Command(4, "a\nb")]),
        (["- An item\n", indent(block("console", "$ a"), "  ")], [Command(3, "a")]),
    ],
)
def test_steps(tmp_path: Path, parts: list[str], steps: list[Step]) -> None:
    assert guide(tmp_path, *parts) == steps


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([block("yaml", "a: 1")], "nothing that a test can run"),
        ([block("diff", "+ A")], "nothing that a test can run"),
        ([".. not run:\n", block("yaml", "a: 1")], "nothing that a test can run"),
        ([".. not run: of the first alone\n", block("yaml", "a: 1"), block("yaml", "a: 1")], "line 7"),
        ([".. not run: a reason\n", block("yaml", "a: b: c")], "line 3 is not YAML"),
        ([block("console", "A")], "does not begin with a command"),
    ],
)
def test_what_is_not_said(tmp_path: Path, parts: list[str], message: str) -> None:
    with pytest.raises(GuideError, match=message):
        guide(tmp_path, *parts)


@pytest.mark.parametrize(
    ("shown", "printed", "missing"),
    [
        (["a", "c"], "a\nb\nc", []),
        (["c", "a"], "a\nb\nc", ["a"]),
        (["a", "a"], "a", ["a"]),
        (["a"], "a b", ["a"]),
        (["a ... c", "..."], "a b c", []),
        (["TASK [a] ***"], "TASK [a] *****", []),
        (["a b"], "a    b", []),
        (["a.c"], "abc", ["a.c"]),
    ],
)
def test_missing_lines(shown: list[str], printed: str, missing: list[str]) -> None:
    assert list(missing_lines(shown, printed)) == missing


def test_a_reader_keeps_what_the_shell_knows(tmp_path: Path) -> None:
    steps: list[Step] = [
        File(1, "a/b", "text\n"),
        Command(2, "cd a; export C=c"),
        Command(3, 'cat b; echo "$C"', ["text", "c"]),
    ]
    reader(tmp_path).follow(steps)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (Command(1, "false"), "ended with 1, and must not fail"),
        (Command(1, "true", fails=True), "ended with 0, and must fail"),
        (Command(1, "echo a", ["b"]), "has not printed, or not here:\nb"),
    ],
)
def test_a_guide_that_is_wrong(tmp_path: Path, command: Command, message: str) -> None:
    with pytest.raises(GuideError, match=message):
        reader(tmp_path).follow([command])


@pytest.mark.parametrize(
    "command", ['echo "$TOKEN"', 'echo "user:$TOKEN" | base64 -w0', 'echo -n "$TOKEN" | sha256sum']
)
def test_a_guide_that_prints_a_secret(tmp_path: Path, command: str) -> None:
    somebody = reader(tmp_path)
    somebody.follow([Command(1, "read -rs TOKEN && export TOKEN"), Command(2, command)])
    assert find_leaks({"what was printed": somebody.printed.encode()}, somebody.canaries)
