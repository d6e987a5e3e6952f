# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection awx.awx, whose modules load job templates, from the wheel of the Python package ansible.

pip looks for the wheel where it is configured to look. It is unpacked once into the user's cache, this collection
alone.
"""

from __future__ import annotations

import ast
import fcntl
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from support.paths import cache_directory

# The version of the package, the digest of its wheel, and the version of awx.awx in it.
PACKAGE = "12.3.0"
DIGEST = "cd156f82fa87f7a899212b0efa9f7ca3a24d609212de9f78428a572eb01e5414"
VERSION = "24.6.1"

_FOLDER = "ansible_collections/awx/awx/"


def find_awx_collection() -> Path:
    """Return a folder of collections with awx.awx. Download it when there is none (54 MB, once)."""
    target = cache_directory() / "awx-collection" / f"{VERSION}-{DIGEST[:12]}"
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / "lock").open("w", encoding="utf-8") as lock:  # two workers may want it
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.is_dir():
            print(f"Downloading awx.awx {VERSION} in the Python package ansible: 54 MB, once.", file=sys.stderr)
            with tempfile.TemporaryDirectory(prefix="downloading-", dir=target.parent) as work:
                _unpack(_download(Path(work)), Path(work) / "collections").rename(target)
    return target


def _download(work: Path) -> Path:
    """Download the wheel, compare its digest, and return its path."""
    requirements = work / "requirements.txt"
    requirements.write_text(f"ansible=={PACKAGE} --hash=sha256:{DIGEST}\n")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    options = [
        "--no-deps",
        "--only-binary=:all:",
        "--require-hashes",
        f"--dest={work}",
        f"--requirement={requirements}",
    ]
    done = subprocess.run([*pip, *options], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(
            "awx.awx cannot be downloaded. Check that pip reaches its registry. Its last lines:\n" + done.stderr[-2000:]
        )
    (wheel,) = work.glob("*.whl")
    return wheel


def _unpack(wheel: Path, folder: Path) -> Path:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder, [name for name in archive.namelist() if name.startswith(_FOLDER)])
    return folder


def read_argument_spec(collections: Path, module: str) -> dict[str, Any]:
    """Return the argument spec that a module of awx.awx gives to its base, without running the module."""
    tree = ast.parse((collections / _FOLDER / "plugins" / "modules" / f"{module}.py").read_text())
    specs = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["argument_spec"]
    ]
    (spec,) = specs
    assert isinstance(spec, ast.Call)
    return {str(option.arg): _read_option(option.value) for option in spec.keywords}


def _read_option(call: ast.expr) -> dict[str, Any]:
    assert isinstance(call, ast.Call)
    return {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}
