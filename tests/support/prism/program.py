# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""prism, which checks requests and answers against an OpenAPI document, from the packages that package-lock.json pins.

They are installed once for each set of pins and kept in the user's cache. ``npm ci`` compares their digests; it looks
for them where npm is configured to look, for the file names no registry.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from support.paths import cache_directory

_HERE = Path(__file__).resolve().parent
_FILES = ("package.json", "package-lock.json")
_NODE = 20


def why_no_prism() -> str | None:
    """Return why prism cannot run on this machine; None if it can."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return f"prism needs Node.js {_NODE} or later, with npm, on PATH (Debian and Ubuntu: packages nodejs and npm)"
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.", said)
    if found is None or int(found[1]) < _NODE:
        return f"prism needs Node.js {_NODE} or later, and the one on PATH is {said.strip() or 'broken'}"
    return None


def find_prism() -> Path:
    """Return the program. Install it when there is none (half a minute, once). Raise RuntimeError if that fails."""
    pins = b"".join((_HERE / name).read_bytes() for name in _FILES)
    home = cache_directory() / "prism"
    target = home / hashlib.sha256(pins).hexdigest()[:16]
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w", encoding="utf-8") as lock:  # two workers may want it
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.is_dir():
            print("Installing prism from npm: half a minute, once.", file=sys.stderr)
            with tempfile.TemporaryDirectory(prefix="installing-", dir=home) as work:
                _install(Path(work)).rename(target)
    return target / "node_modules" / ".bin" / "prism"


def _install(work: Path) -> Path:
    """Install the pinned packages below ``work``, without running their scripts, and return their folder."""
    folder = work / "packages"
    folder.mkdir()
    for name in _FILES:
        shutil.copy(_HERE / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", f"--cache={work / 'cache'}"]
    done = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        raise RuntimeError(
            f"prism cannot be installed: npm ci ended with {done.returncode}. Check that npm reaches its registry. Its "
            f"last lines:\n{done.stderr[-2000:]}"
        )
    return folder
