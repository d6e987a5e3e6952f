# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tools that know the portals' APIs on their own: SAP's client, and random requests by a vendor's document.

They are in an environment of their own: SAP's client must not be where the modules run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from environments import environment
from support.portals.documents import write_document
from support.portals.sap import SapAiCore

PINS = "portals.txt"

# Limits of a run with random requests. It takes a quarter of a minute.
_REQUESTS = 40  # for each operation and kind of request
_SECONDS = 300

_SCRIPT = Path(__file__).resolve().with_name("sap_client.py")


def ask_sap_client(server: SapAiCore, *calls: tuple[str, str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what SAP's client makes of the answers. Install it when there is none (a quarter of a minute, once)."""
    python = environment("portals", sys.executable, PINS) / "python"
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [python, _SCRIPT],
            input="".join(json.dumps(line) + "\n" for line in (server.service_key(), *calls)),
            env={"PATH": os.environ["PATH"], "HOME": home},
            cwd=home,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def send_random_requests(document: str, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Send requests by a vendor's document, valid and invalid ones, the same in each run, and check all answers.

    Without the document the test is skipped, or fails where it was promised.
    """
    with tempfile.TemporaryDirectory() as home:
        path = write_document(document, Path(home), closed=False)
        options = [f"--url={url}", "--seed=22", "--workers=1", f"--max-examples={_REQUESTS}", "--no-color"]
        return subprocess.run(
            [environment("portals", sys.executable, PINS) / "schemathesis", "run", path, *options, *arguments],
            env={"PATH": os.environ["PATH"], "HOME": home, "COLUMNS": "120"},
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
