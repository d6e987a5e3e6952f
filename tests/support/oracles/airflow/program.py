# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Git provider of Airflow 3, in an environment of its own: it needs 140 packages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from environments import environment

PINS = "airflow.txt"
_SCRIPT = Path(__file__).resolve().with_name("read_connection.py")


def ask_airflow(*environments: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what the hook reads in containers with these environment variables. Install Airflow when there is none."""
    python = environment("airflow", sys.executable, PINS) / "python"
    lines = "".join(json.dumps({"environment": variables}) + "\n" for variables in environments)
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [python, _SCRIPT],
            input=lines,
            env={"PATH": os.environ["PATH"], "HOME": home, "AIRFLOW_HOME": home},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]
