# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Git code of Flux, Argo CD and Fleet: main.go beside it, built from the Go modules that go.mod beside it pins."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from support.control_plane import go

_FILES = ("go.mod", "go.sum", "main.go")


def find_git_consumers() -> Path:
    """Return the program. Build it when there is none (minutes, once). Raise ControlPlaneError if that fails."""
    files = {name: Path(__file__).with_name(name).read_bytes() for name in _FILES}
    # Go names a program after the module that it is in.
    return go.find_built("git-consumers", b"".join(files.values()), _git_consumers(files)) / "git-consumers"


def _git_consumers(files: Mapping[str, bytes]) -> go.GoPrograms:
    return go.GoPrograms(
        name="the consumers of Git credentials",
        contents="the Git code of Flux, Argo CD and Fleet",
        duration="up to five minutes on two cores",
        files=files,
        packages=(".",),
        version="1.0.0",
    )
