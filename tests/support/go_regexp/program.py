# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Go's own compiler of regular expressions: main.go beside it, which needs no other module."""

from __future__ import annotations

from pathlib import Path

from support.control_plane import go

_FILES = ("go.mod", "main.go")


def find_go_regexp() -> Path:
    """Return the program. Build it when there is none (seconds, once). Raise ControlPlaneError if that fails."""
    files = {name: Path(__file__).with_name(name).read_bytes() for name in _FILES}
    programs = go.GoPrograms(
        name="the compiler of regular expressions",
        contents="regexp.Compile of Go",
        duration="a minute",
        files=files,
        packages=(".",),
        version="1.0.0",
    )
    return go.find_built("go-regexp", b"".join(files.values()), programs) / "go-regexp"
