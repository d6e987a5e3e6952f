# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmark itself works: small, and with those contenders that need nothing that is not here anyway."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from support.paths import ROOT

ONLY = ("one-task", "fan-out", "keyring-module", "http")


def test_it_measures_and_reports(tmp_path: Path) -> None:
    report = tmp_path / "report.rst"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "bench", "--rounds=1", "--sizes=2", f"--write={report}"),
            *(f"--only={name}" for name in ONLY),
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    text = report.read_text(encoding="utf-8")
    assert done.stdout == f"{text}\n"
    assert re.findall(r"^(.+)\n~+$", text, re.MULTILINE) == ["One task, nothing to do", "2 namespaces"]
    # Columns: operation, contender, process, itself, clock, CPU, memory, requests, ratio, runs.
    rows = [cells for line in text.splitlines() if len(cells := re.split("  +", line)) == 10]
    assert [row[7] for row in rows if row[1] == "keyring-module"] == ["1 get"]
    assert [row[7] for row in rows if row[1] == "http"] == [
        "2 create",
        "2 list",
        "2 list, 1 patch",
        "2 list",
        "2 patch",
    ]
