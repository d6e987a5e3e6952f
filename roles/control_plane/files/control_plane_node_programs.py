# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The programs of a node: the kubelet, containerd with its shim and ctr, and what runs in containers.

They are built from the Go modules that the two folders beside this file pin. runc needs a C compiler, so it comes from
the machine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from control_plane_go import GoPrograms, built_directory, find_built

WITHOUT_NODE = "start the control plane without the node"
_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class NodePrograms:
    """The folder with the kubelet, and that with containerd, its shim, ctr and idle."""

    kubelet: Path
    runtime: Path


def find_node_programs() -> NodePrograms:
    """Return the programs. Build them when there are none (minutes, once). Raise ControlPlaneError if that fails."""
    return NodePrograms(find_kubelet().parent, find_runtime())


def node_programs_are_there() -> bool:
    """Return whether find_node_programs has nothing to build."""
    return all(built_directory(folder, _pins(files)).is_dir() for folder, files in (_kubelet(), _runtime()))


def find_kubelet() -> Path:
    """Return the kubelet. Build it when there is none (minutes, once). Raise ControlPlaneError if that fails."""
    folder, files = _kubelet()
    (version,) = re.findall(r"k8s\.io/kubernetes v(\S+)", files["go.mod"].decode())
    programs = GoPrograms(
        name="the kubelet",
        contents="the kubelet",
        duration="about five minutes on two cores",
        files=files,
        packages=("tool",),
        version=version,
        otherwise=WITHOUT_NODE,
    )
    return find_built(folder, _pins(files), programs) / "kubelet"


def find_runtime() -> Path:
    """Return the folder with containerd, its shim, ctr and idle. Build them when there are none, as find_kubelet."""
    folder, files = _runtime()
    programs = GoPrograms(
        name="containerd",
        contents="containerd, its shim and ctr",
        duration="about three minutes on two cores",
        files=files,
        packages=("tool", "."),
        version="1.0.0",
        otherwise=WITHOUT_NODE,
    )
    return find_built(folder, _pins(files), programs)


def _kubelet() -> tuple[str, dict[str, bytes]]:
    """Return the folder in the cache, and the files that pin what is built."""
    return "node-kubelet", _read_files("node_kubelet", "go.mod", "go.sum")


def _runtime() -> tuple[str, dict[str, bytes]]:
    return "node-runtime", _read_files("node_runtime", "go.mod", "go.sum", "main.go")


def _pins(files: dict[str, bytes]) -> bytes:
    return b"".join(files.values())


def _read_files(folder: str, *names: str) -> dict[str, bytes]:
    return {name: (_HERE / folder / name).read_bytes() for name in names}
