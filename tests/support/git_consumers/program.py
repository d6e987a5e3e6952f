# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Git code of Flux, Argo CD and Fleet: main.go beside it, built from the Go modules that go.mod beside it pins."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from support.control_plane import go
from support.paths import cache_directory

_FILES = ("go.mod", "go.sum", "main.go")


def find_git_consumers() -> Path:
    """The program; builds it when there is none (minutes, once). Raises ControlPlaneError."""
    files = {name: Path(__file__).with_name(name).read_bytes() for name in _FILES}
    name = f"{hashlib.sha256(b''.join(files.values())).hexdigest()[:16]}-{sys.platform}-{os.uname().machine}"
    target = cache_directory() / "git-consumers" / name
    if not target.is_dir():
        go.build_programs(target, _git_consumers(files))
    # Go names a program after the module that it is in.
    return target / "git-consumers"


def _git_consumers(files: Mapping[str, bytes]) -> go.GoPrograms:
    return go.GoPrograms(
        name="the consumers of Git credentials",
        contents="the Git code of Flux, Argo CD and Fleet",
        duration="up to five minutes on two cores",
        files=files,
        packages=(".",),
        version="1.0.0",
    )
