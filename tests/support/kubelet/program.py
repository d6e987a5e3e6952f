# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kubelet's own keyring code: main.go beside it, built from the Go modules that pin the API server."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

from support.control_plane import binaries, go
from support.paths import cache_directory

_SOURCE = Path(__file__).resolve().with_name("main.go")


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
