# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of the playbooks, made from the comment at the head of each.

Such a comment has sentences, and indented below them either commands or what the variables mean, each in the columns
``  name   text``. Run as a program, as ``make docs`` does, it writes the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from checkout import ROOT

PAGE = ROOT / "docs" / "docsite" / "rst" / "playbooks.rst"
_BEGIN = ".. What follows: make docs\n"


def render_page(page: str) -> str:
    """The page with the playbooks as their heads describe them."""
    before, begin, _rest = page.partition(_BEGIN)
    sections = (line for path in sorted(ROOT.glob("playbooks/*.yml")) for line in _render_playbook(path))
    return "\n".join([before + begin, *sections]).rstrip() + "\n"


def _render_playbook(path: Path) -> Iterator[str]:
    _licence, head, _play = path.read_text().split("\n\n", 2)
    lines = [line.removeprefix("#").removeprefix(" ") for line in head.splitlines()]
    yield f"{path.stem}\n{'-' * len(path.stem)}\n"
    for kind, group in groupby(lines, lambda line: (not line.strip(), line.startswith(" "))):
        match kind, list(group):
            case (False, False), sentences:
                yield _plain(" ".join(sentences)) + "\n"
            case (False, True), block:
                yield from _render_commands(block) if "ansible-playbook" in block[0] else _render_variables(block)


def _render_commands(lines: Sequence[str]) -> Iterator[str]:
    yield ".. code-block:: console\n"
    for line in lines:
        command = line.removeprefix("  ")
        yield f"   {'' if command.startswith(' ') else '$ '}{command}"
    yield ""


def _render_variables(lines: Iterable[str]) -> Iterator[str]:
    rows: list[list[str]] = []
    for line in lines:
        if line.startswith("   "):  # goes on with what the line before it says
            rows[-1][1:] = [" ".join([*rows[-1][1:], line.strip()])]
        else:
            rows.append(re.split(r"  +", line.strip(), maxsplit=1))
    yield ".. list-table::\n   :widths: auto\n"
    for names, *texts in rows:
        yield f"   * - ``{names.replace(', ', '``, ``')}``"
        yield f"     - {_plain(' '.join(texts))}".rstrip()
    yield ""


def _plain(text: str) -> str:
    return re.sub(r"[*|\\]|_(?!\w)", r"\\\g<0>", text).replace("`", "``")


if __name__ == "__main__":
    PAGE.write_text(render_page(PAGE.read_text()))
