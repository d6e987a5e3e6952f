# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kubelet's own keyring code: main.go beside it, built from the Go modules that pin the API server."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from support.control_plane import binaries
from support.paths import cache_directory

_PINS = Path(binaries.__file__).resolve().parent
_SOURCE = Path(__file__).resolve().with_name("main.go")


def ask(program: Path, questions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers to questions, in order; main.go says what is in them."""
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run([program], input=lines, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def find_kubelet_keyring() -> Path:
    """The program; builds it when there is none (a minute, once). Raises ControlPlaneError."""
    parts = b"".join(path.read_bytes() for path in (_PINS / "go.mod", _PINS / "go.sum", _SOURCE))
    name = f"{hashlib.sha256(parts).hexdigest()[:16]}-{sys.platform}-{os.uname().machine}"
    target = cache_directory() / "kubelet-keyring" / name
    if not target.is_dir():
        _build(target)
    # Go names a program after the module that it is in.
    return target / "control-plane"


def _build(target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with binaries._locked(target.parent / "lock"):
        if target.is_dir():
            return
        binaries._say("Building the kubelet's keyring from Go modules: up to three minutes on two cores, once.")
        with tempfile.TemporaryDirectory(prefix="building-", dir=target.parent) as work:
            _compile(Path(work)).rename(target)


def _compile(work: Path) -> Path:
    go = binaries._find_go(work)
    for source in (_PINS / "go.mod", _PINS / "go.sum", _SOURCE):
        shutil.copyfile(source, work / source.name)
    packages = binaries._go(go, work, ["list", "-deps", "."], binaries._Progress("Downloading: {} modules"))
    progress = binaries._Progress(f"Compiling: {{}} of {len(packages)} packages")
    binaries._go(go, work, ["install", "-v", "-ldflags=-s -w", "."], progress)
    return work / "bin"
