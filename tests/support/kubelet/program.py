# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kubelet's own keyring code: main.go beside it, built from the Go modules that pin the API server."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from support.control_plane import binaries, go
from support.paths import cache_directory

_SOURCE = Path(__file__).resolve().with_name("main.go")


def ask(program: Path, questions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers to questions, in order; main.go says what is in them."""
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run([program], input=lines, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def find_kubelet_keyring() -> Path:
    """The program; builds it when there is none (a minute, once). Raises ControlPlaneError."""
    pins = b"".join(_files().values())
    name = f"{hashlib.sha256(pins).hexdigest()[:16]}-{sys.platform}-{os.uname().machine}"
    target = cache_directory() / "kubelet-keyring" / name
    if not target.is_dir():
        go.build_programs(target, _kubelet_keyring())
    # Go names a program after the module that it is in.
    return target / "control-plane"


def _files() -> dict[str, bytes]:
    return {**binaries.pinned_files(), _SOURCE.name: _SOURCE.read_bytes()}


def _kubelet_keyring() -> go.GoPrograms:
    return go.GoPrograms(
        name="the kubelet's keyring",
        contents="the kubelet's keyring",
        duration="up to three minutes on two cores",
        files=_files(),
        packages=(".",),
        version=binaries.pinned_version(),
    )
