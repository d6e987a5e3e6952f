# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual environments beside .venv.

They are for versions of Ansible and Python that are not those of .venv, and for tools whose requirements do not go
together with it. They are kept in the user's cache and made when first asked for.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from checkout import ROOT, cache_directory

REQUIREMENTS = ROOT / "tools" / "requirements"


@cache
def find_python(version: str) -> str | None:
    """The program of this minor version of Python, such as 3.10: this one, one on PATH, or one that pyenv keeps."""
    if version == ".".join(map(str, sys.version_info[:2])):
        return sys.executable
    for name in (f"python{version}", *_kept_by_pyenv(version)):
        command = [name, "-c", "import ensurepip, sys, venv; print(sys.executable)"]
        try:
            return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        except (OSError, subprocess.CalledProcessError):  # not there, or a version manager's empty shell
            continue
    return None


def _kept_by_pyenv(version: str) -> Iterator[str]:
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for folder in sorted(root.glob(f"versions/{version}.*")):
        yield str(folder / "bin" / "python")


def environment(name: str, python: str, *files: str) -> Path:
    """The folder ``bin`` of an environment with the packages that files in requirements/ pin.

    Its name ends with a digest of what is in it: another pin is another environment.
    """
    paths = [REQUIREMENTS / file for file in files]
    contents = "\n".join((python, *(path.read_text(encoding="utf-8") for path in paths)))
    folder = cache_directory() / "environments" / f"{name}-{hashlib.sha256(contents.encode()).hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    binaries = folder / "bin"
    with (folder / "lock").open("w", encoding="utf-8") as lock:  # two workers may want the same one
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / ".installed"
        if not done.exists():
            # Not with this environment's own Python: the new one would see its packages.
            subprocess.run([python, "-m", "venv", str(folder)], check=True)
            install = [str(binaries / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            requirements = [f"--requirement={path}" for path in paths]
            subprocess.run([*install, "--require-hashes", *requirements], check=True)
            done.touch()
    return binaries
