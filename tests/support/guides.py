# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides of docs/docsite/rst: what their code blocks are, and a shell that runs them as a reader does.

CONTRIBUTING.md, "Write a guide", says how blocks are written.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import yaml
from antsibull_docutils.rst_code_finder import get_code_block_directives
from antsibull_docutils.utils import parse_document
from docutils import nodes
from docutils.parsers.rst import directives
from docutils.parsers.rst.directives.body import CodeBlock

from support.canary import Canary, canary

# What commands have printed stands in blocks of these languages, or below them in the same block.
_PRINTED = ("ansible-output", "diff", "text")


class _CodeBlock(CodeBlock):
    """Docutils' own, with the options that Sphinx adds and guides use."""

    option_spec: ClassVar = {
        **CodeBlock.option_spec,
        "caption": directives.unchanged,
        "emphasize-lines": directives.unchanged,
    }

    def run(self) -> list[Any]:
        (block,) = CodeBlock.run(self)
        block["caption"], block["line"] = self.options.get("caption"), self.lineno
        return [block]


@dataclass(frozen=True)
class Command:
    """What is typed. Of ``prints`` every line must be among what it prints, in this order."""

    line: int
    text: str
    prints: list[str] = field(default_factory=list)
    fails: bool = False


@dataclass(frozen=True)
class File:
    """What is written to a file."""

    line: int
    name: str
    content: str


Step = Command | File


class GuideError(AssertionError):
    """What is wrong with a guide, and on which line."""


def read_guide(path: Path) -> list[Step]:
    """What a reader of the guide does, in order. Raises GuideError for a block of which that is not said."""
    code = {name: _CodeBlock for name in get_code_block_directives() if name != "parsed-literal"}
    document = parse_document(path.read_text(), parser_name="restructuredtext", path=path, rst_directives=code)
    steps: list[Step] = []
    remark = ""
    for node in document.findall(lambda node: isinstance(node, nodes.comment | nodes.literal_block)):
        text = node.astext()
        if isinstance(node, nodes.comment):
            remark = text
            word, _colon, prepared = text.partition(":\n\n")
            if word == "prepare":
                steps.append(Command(node.line or 0, prepared))
            continue
        _read_block(steps, node, text, remark)
        remark = ""
    return steps


def _read_block(steps: list[Step], node: Any, text: str, remark: str) -> None:
    line, caption, language = node.get("line"), node.get("caption"), (*node["classes"], "")[1]
    if language == "yaml":
        _check_yaml(line, text)
    if re.match(r"not run: \w", remark):
        return
    if caption:
        steps.append(File(line, caption, text + "\n"))
    elif language == "console":
        steps += _read_commands(line, text, fails=remark == "fails")
    elif language in _PRINTED and steps and isinstance(steps[-1], Command):
        steps[-1].prints.extend(text.splitlines())
    else:
        raise GuideError(
            f"The block on line {line} is nothing that a test can run: a file has a :caption:, commands are a block of "
            f'console, what they print comes after them. Else write ".. not run:" and the reason above it.'
        )


def _check_yaml(line: int, text: str) -> None:
    try:
        list(yaml.safe_load_all(text))
    except yaml.YAMLError as error:
        raise GuideError(f"The block on line {line} is not YAML: {error}") from error


def _read_commands(line: int, text: str, *, fails: bool) -> list[Command]:
    typed: list[Command] = []
    goes_on = False
    for shown in text.splitlines():
        if shown.startswith("$ "):
            typed.append(Command(line, shown[2:]))
        elif not typed:
            raise GuideError(f'The block on line {line} does not begin with a command, "$ …".')
        elif goes_on or (shown.startswith("> ") and not typed[-1].prints):
            more = shown if goes_on else shown[2:]
            typed[-1] = Command(line, f"{typed[-1].text}\n{more}")
        else:
            typed[-1].prints.append(shown)
        goes_on = not typed[-1].prints and typed[-1].text.endswith("\\")
    if fails:
        typed[-1] = Command(line, typed[-1].text, typed[-1].prints, fails=True)
    return typed


@dataclass
class Reader:
    """Somebody who does in ``directory`` what a guide says. What is asked at a prompt is answered with a canary."""

    directory: Path
    environment: Mapping[str, str]
    canaries: list[Canary] = field(default_factory=list)
    printed: str = ""

    def follow(self, steps: Sequence[Step]) -> None:
        """Raises GuideError at the first step that does not do what the guide says."""
        with subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=self.directory,
            env=dict(self.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as shell:
            for step in steps:
                if isinstance(step, File):
                    path = self.directory / step.name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(step.content)
                else:
                    self._type(shell, step)

    def _type(self, shell: subprocess.Popen[str], command: Command) -> None:
        assert shell.stdin
        assert shell.stdout
        answer = canary(f"the answer to the command on line {command.line}")
        self.canaries.append(answer)
        typed, printed = self.directory.with_suffix(".in"), self.directory.with_suffix(".out")
        typed.write_text(answer.text + "\n")
        shell.stdin.write(f"{{\n{command.text}\n}} <{typed} >{printed} 2>&1\necho $?\n")
        shell.stdin.flush()
        ended = shell.stdout.readline().strip()
        output = printed.read_text()
        self.printed += output
        if (ended != "0") != command.fails:
            meant = "must fail" if command.fails else "must not fail"
            raise GuideError(f"Line {command.line}: {command.text}\nended with {ended}, and {meant}:\n{output}")
        for line in missing_lines(command.prints, output):
            raise GuideError(f"Line {command.line}: {command.text}\nhas not printed, or not here:\n{line}\n\n{output}")


def missing_lines(shown: Sequence[str], printed: str) -> Iterator[str]:
    """The first line that is shown and was not printed after the ones before it; none when all were.

    ``...`` stands for anything. How many spaces there are, and asterisks at the end, does not matter.
    """
    lines = iter([_plain(line) for line in printed.splitlines()])
    for line in shown:
        pattern = ".*".join(map(re.escape, _plain(line).split("...")))
        if line.strip() not in ("", "...") and not any(re.fullmatch(pattern, each) for each in lines):
            yield line
            return


def _plain(line: str) -> str:
    return " ".join(line.rstrip("* ").split())
