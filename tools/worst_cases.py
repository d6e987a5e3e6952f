# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure the worst cases of all parsers, and write their table into tests/README.md."""

from __future__ import annotations

import platform
import re
import sys
import time

from checkout import ROOT

sys.path.insert(0, str(ROOT / "tests"))

from support.samples.parsers import PARSERS

PAGE = ROOT / "tests" / "README.md"
ROUNDS = 2


def measure(name: str, case: str) -> tuple[int, int]:
    """The bytes of a worst case, and the milliseconds of processor time: the least of some rounds."""
    size, make = PARSERS[name].worst[case]
    text = make(size)
    taken = []
    for _round in range(ROUNDS):
        begin = time.process_time()
        PARSERS[name].run(text)
        taken.append(time.process_time() - begin)
    return len(text.encode(errors="surrogatepass")), round(min(taken) * 1000)


def main() -> None:
    """Write the table."""
    rows = [
        f"Measured with Python {platform.python_version()}.",
        "",
        "| Parser | Input | bytes | ms |",
        "|---|---|---|---|",
    ]
    for name, parser in PARSERS.items():
        for case in parser.worst:
            size, milliseconds = measure(name, case)
            rows.append(f"| {name} | {case} | {size:,} | {milliseconds:,} |")
            print(rows[-1], flush=True)
    marks = ("<!-- Written by `make worst-cases`. -->\n", "<!-- The end of what is written. -->")
    text = PAGE.read_text(encoding="utf-8")
    table = "\n".join(rows) + "\n"
    PAGE.write_text(
        re.sub(f"{marks[0]}.*{marks[1]}", f"{marks[0]}{table}{marks[1]}", text, flags=re.DOTALL), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
