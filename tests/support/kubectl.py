# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find kubectl, or build it from the Go modules that pin the API server."""

from __future__ import annotations

import os
from pathlib import Path

from support.control_plane import binaries, go

# go.mod names all modules of kubectl, as it names k8s.io/kubernetes; go.sum lacks the sums of those that only
# kubectl needs.
_MORE_SUMS = Path(__file__).resolve().with_name("kubectl.sum")


def find_kubectl() -> Path:
    """The program; builds it when there is none (minutes, once). Raises ControlPlaneError."""
    if assets := os.environ.get("KUBEBUILDER_ASSETS"):
        given = Path(assets, "kubectl")
        if os.access(given, os.X_OK):
            return given.resolve()
    pins = b"".join((*binaries.pinned_files().values(), _MORE_SUMS.read_bytes()))
    return go.find_built("kubectl", pins, _kubectl()) / "kubectl"


def _kubectl() -> go.GoPrograms:
    files = binaries.pinned_files()
    more = [line for line in _MORE_SUMS.read_bytes().splitlines(keepends=True) if line.strip() and line[:1] != b"#"]
    files["go.sum"] += b"".join(more)
    return go.GoPrograms(
        name="kubectl",
        contents="kubectl",
        duration="one to five minutes on two cores",
        files=files,
        packages=("k8s.io/kubernetes/cmd/kubectl",),
        version=binaries.pinned_version(),
    )
