# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The programs of a node: the kubelet, containerd with its shim and ctr, and what runs in containers.

They are built from the Go modules that the two folders beside this file pin. runc needs a C compiler, so it comes from
the machine.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from support.control_plane import go
from support.go_program import find_built

_HERE = Path(__file__).resolve().parent


def why_no_node() -> str | None:
    """Return why no node can run on this machine; None if one can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "a node needs Linux and root"
    if shutil.which("runc") is None:
        return "a node needs runc on PATH (Debian and Ubuntu: package runc)"
    isolated = subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True, check=False)
    if isolated.returncode:
        return "a node needs mount and PID namespaces of its own, and unshare cannot make them"
    return None


def find_kubelet() -> Path:
    """Return the kubelet. Build it when there is none (minutes, once). Raise ControlPlaneError if that fails."""
    files = _read_files("kubelet", "go.mod", "go.sum")
    (version,) = re.findall(r"k8s\.io/kubernetes v(\S+)", files["go.mod"].decode())
    programs = go.GoPrograms(
        name="the kubelet",
        contents="the kubelet",
        duration="about five minutes on two cores",
        files=files,
        packages=("tool",),
        version=version,
    )
    return find_built("node-kubelet", b"".join(files.values()), programs) / "kubelet"


def find_runtime() -> Path:
    """Return the folder with containerd, its shim, ctr and idle. Build them when there are none, as find_kubelet."""
    files = _read_files("runtime", "go.mod", "go.sum", "main.go")
    programs = go.GoPrograms(
        name="containerd",
        contents="containerd, its shim and ctr",
        duration="about three minutes on two cores",
        files=files,
        packages=("tool", "."),
        version="1.0.0",
    )
    return find_built("node-runtime", b"".join(files.values()), programs)


def _read_files(folder: str, *names: str) -> dict[str, bytes]:
    return {name: (_HERE / folder / name).read_bytes() for name in names}
