# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kubelet's own keyring code: main.go beside it, built from the Go modules that pin the API server."""

from __future__ import annotations

from pathlib import Path

from support.control_plane import binaries, go

_SOURCE = Path(__file__).resolve().with_name("main.go")


def find_kubelet_keyring() -> Path:
    """Return the program. Build it when there is none (minutes, once). Raise ControlPlaneError if that fails."""
    # Go names a program after the module that it is in.
    return go.find_built("kubelet-keyring", b"".join(_files().values()), _kubelet_keyring()) / "control-plane"


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
