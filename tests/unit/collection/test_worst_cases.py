# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every parser ends soon: on its worst cases, and on texts that are changed at random.

A case is measured in processor time, so that a loaded machine changes nothing; a watchdog ends the process where one
never returns. Here large worst cases have an eighth of their size; `make worst-cases` measures all of it. KEYRING_CASES
is the number of random texts for each parser, KEYRING_SEED the seed that a failure prints.
"""

from __future__ import annotations

import faulthandler
import os
import random
import re
import time
from collections.abc import Iterator

import pytest

from support.paths import ROOT
from support.samples.parsers import PARSERS

# Seconds of processor time for one case: more than ten times what the slowest takes, as a loaded machine is slower even
# so. What is quadratic takes minutes.
ALLOWED = 5.0
HANGS_AFTER = 300

CASES = int(os.environ.get("KEYRING_CASES", "60"))
SEED = int(os.environ.get("KEYRING_SEED", "20261128"))
# Repeating a part makes it this long, where that which is quadratic can be seen.
LONG = 40_000

PIECES = (
    *"\"'\\{}[]():,;=@/%*?&!|<>#~-+. \n\r\t\0",
    "\ud800",
    "\udcff",
    "é",
    "\u202e",
    "AAAA",
    "://",
    "999",
    "1e999",
    "\\u0000",
)

WORST = [(name, case) for name, parser in PARSERS.items() for case in parser.worst]


@pytest.fixture(autouse=True)
def watchdog() -> Iterator[None]:
    faulthandler.dump_traceback_later(HANGS_AFTER, exit=True, file=2)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.mark.parametrize(("name", "case"), WORST)
def test_the_worst_cases(name: str, case: str) -> None:
    size, make = PARSERS[name].worst[case]
    text = make(max(size // 8, min(size, 64 * 1024)))
    begin = time.process_time()

    PARSERS[name].run(text)

    assert time.process_time() - begin < ALLOWED


def changed(text: str, randomly: random.Random) -> str:
    """A text with a few changes: parts removed, doubled, repeated many times, moved, or replaced by odd characters."""
    for _number in range(randomly.randint(1, 4)):
        begin = randomly.randint(0, len(text))
        end = min(len(text), begin + randomly.choice((1, 2, 5, 20, 200)))
        part, piece = text[begin:end], randomly.choice(PIECES)
        inserted = randomly.choice(
            (
                "",
                piece,
                part + part,
                part[::-1],
                piece * randomly.choice((2, 100, LONG // len(piece))),
                part * (LONG // max(1, len(part)) if randomly.random() < 0.3 else 3),
            )
        )
        text = (text[:begin] + inserted + text[end:])[: 2 * LONG]
    return text


@pytest.mark.parametrize("name", PARSERS)
def test_random_texts(name: str) -> None:
    parser = PARSERS[name]
    for number in range(CASES):
        randomly = random.Random(f"{SEED} {name} {number}")  # noqa: S311 - spread, not secrecy
        text = changed(randomly.choice(parser.usual), randomly)
        begin = time.process_time()
        try:
            parser.run(text)
        except Exception as error:
            raise AssertionError(f"KEYRING_SEED={SEED}, case {number} of {name}: {text[:200]!r}") from error
        assert time.process_time() - begin < ALLOWED, f"KEYRING_SEED={SEED}, case {number} of {name}: {text[:200]!r}"


def test_the_table_lists_all_of_them() -> None:
    """When this fails: make worst-cases."""
    table = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| ([^|]+) \| ([^|]+) \| [0-9,]+ \| [0-9,]+ \|$", table, re.MULTILINE) == WORST
