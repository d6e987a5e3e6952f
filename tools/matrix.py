# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the tests on every ansible-core that is supported and every Python that it runs on, and print a row for each.

Arguments select rows: ``2.16``, ``3.10`` or ``2.16/3.10``. A row is red when one of its checks fails, except for a
release that is not out yet. Where this machine lacks a Python, its rows say so and are not red.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from checkout import ROOT
from environments import environment, find_python

# The Pythons on which each runs as a controller, by its own metadata.
PYTHONS: Mapping[str, Sequence[str]] = {
    "2.16.19": ("3.10", "3.11", "3.12"),
    "2.17.14": ("3.10", "3.11", "3.12"),
    "2.18.19": ("3.11", "3.12", "3.13"),
    "2.19.14": ("3.11", "3.12", "3.13"),
    "2.20.10": ("3.12", "3.13", "3.14"),
    "2.21.5": ("3.12", "3.13", "3.14"),
    "2.22.0rc1": ("3.13", "3.14", "3.15"),
}

# What each run of the tests installs: the oldest, the last whose templates give strings, and the newest. The matrix
# installs all of them.
IN_EVERY_RUN = ("2.16.19", "2.18.19", "2.21.5")

NEWEST = {"PyYAML": "6.0.3", "urllib3": "2.8.0", "cryptography": "50.0.2", "bcrypt": "5.0.0"}

# Without a server in seconds, then every module and both ways of execution on a real one.
INTEGRATION = (
    "cluster/test_as_kubectl.py",
    "modules/test_image_pull_secret.py",
    "modules/test_image_pull_secret_info.py",
    "modules/test_gitsync_secret.py",
    "modules/test_gitsync_secret_info.py",
    "modules/test_service_account_secrets.py",
)


@dataclass(frozen=True)
class Cell:
    """One ansible-core on one Python, with the oldest packages that the collection takes or with the newest."""

    core: str
    python: str
    packages: str

    def __str__(self) -> str:
        return f"ansible-core {self.core}, Python {self.python}, {self.packages} packages"

    @property
    def released(self) -> bool:
        return self.core.replace(".", "").isdecimal()

    def binaries(self, *, tests: bool) -> Path:
        """Return the folder of its programs, made when it is first asked for; ``tests``: with what the tests import.

        Without that it has what a user installs, and nothing else.
        """
        python = find_python(self.python)
        assert python, f"no Python {self.python} on this machine"
        files = [core_file(self.core), "tests.txt"] if tests else [core_file(self.core)]
        return environment(f"ansible-core-{self.core}-python{self.python}", python, *files)


def core_file(core: str) -> str:
    """The file in requirements/ that pins an ansible-core and the packages of the collection, by its Python."""
    return f"ansible-core-{core}.txt"


def oldest_packages() -> dict[str, str]:
    """The lower bounds of the collection's own requirements.txt."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)>=([\d.]+)", text, re.MULTILINE))


# The oldest packages go with the oldest Python of each.
CELLS = tuple(
    Cell(core, python, "newest" if number else "oldest")
    for core, pythons in PYTHONS.items()
    for number, python in enumerate(pythons)
)


def to_install() -> Sequence[Cell]:
    """Return the cells that KEYRING_MATRIX names; else one for each release of IN_EVERY_RUN.

    Cells without a Python on this machine are left out. Where that leaves fewer than two, every release has a cell.
    """
    here = [cell for cell in CELLS if find_python(cell.python)]
    if words := os.environ.get("KEYRING_MATRIX", "").split():
        return [cell for cell in selected(words) if cell in here]
    # By turns with the oldest and the newest Python.
    releases = [[cell for cell in here if cell.core == core and cell.released] for core in PYTHONS]
    cells = [found[-1 if number % 2 else 0] for number, found in enumerate(releases) if found]
    chosen = [cell for cell in cells if cell.core in IN_EVERY_RUN]
    return chosen if len(chosen) > 1 else cells


def checks(cell: Cell) -> Iterator[tuple[str, list[str]]]:
    """What is run for a cell, from the checkout: what a user does, then the tests in the environment of the cell."""
    python = str(cell.binaries(tests=True) / "python")
    pytest = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]
    yield "install", [sys.executable, *pytest, "tests/integration/packaging/test_install.py"]
    yield "unit", [python, *pytest, "tests/unit"]
    yield "integration", [python, *pytest, *(f"tests/integration/{name}" for name in INTEGRATION)]
    yield "sanity", [python, "tools/sanity.py"]


def run_cell(cell: Cell, logs: Path) -> Iterator[str]:
    """The outcome of each check; what a check printed is in a file of its own."""
    if not find_python(cell.python):
        yield "no such Python here"
        return
    variables = {**os.environ, "KEYRING_MATRIX": f"{cell.core}/{cell.python}"}
    for name, command in checks(cell):
        begin = time.monotonic()
        log = logs / f"{cell.core}-{cell.python}-{name}.log"
        with log.open("w", encoding="utf-8") as stream:
            code = subprocess.call(command, cwd=ROOT, env=variables, stdout=stream, stderr=subprocess.STDOUT)
        yield f"{name} {f'FAILED, see {log}' if code else 'passed'} ({time.monotonic() - begin:.0f} s)"


def selected(words: Sequence[str]) -> list[Cell]:
    """The cells that a word names, by release, Python or both; all of them without words."""

    def named(cell: Cell, word: str) -> bool:
        release, _slash, python = word.rpartition("/")
        if release:
            return f"{cell.core}.".startswith(f"{release}.") and cell.python == python
        return f"{cell.core}.".startswith(f"{word}.") or cell.python == word

    return [cell for cell in CELLS if not words or any(named(cell, word) for word in words)]


def main() -> int:
    """Print the table and return the exit code."""
    cells = selected(sys.argv[1:])
    if not cells:
        print(f"No row is named {' or '.join(sys.argv[1:])}. There are {', '.join(PYTHONS)}.", file=sys.stderr)
        return 2
    logs = Path(tempfile.mkdtemp(prefix="keyring-matrix-"))
    red = False
    print("| ansible-core | Python | packages | outcome |\n|---|---|---|---|", flush=True)
    for cell in cells:
        print(f"| {cell.core} | {cell.python} | {cell.packages} |", end=" ", flush=True)
        outcomes = []
        for outcome in run_cell(cell, logs):
            outcomes.append(outcome)
            print(f"{', ' if len(outcomes) > 1 else ''}{outcome}", end="", flush=True)
        failed = any("FAILED" in outcome for outcome in outcomes)
        red |= failed and cell.released
        print(" |" if cell.released or not failed else "; not released, so not counted |", flush=True)
    return int(red)


if __name__ == "__main__":
    sys.exit(main())
