# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a node can run on this machine, beside what runs there already.

The node has mount and PID namespaces of its own, and its own cgroups. What it shares with a kubelet or
containerd of the machine is the kernel: the memory and the processes of a node that serves people. Both are refused
where one of them runs, or where its containers still do.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from control_plane_node_programs import WITHOUT_NODE
from control_plane_node_remains import node_of, read_mounts, why_no_cgroups

# The names of the processes, and of the programs that people know. Docker starts a containerd.
_RIVALS = {
    "kubelet": "kubelet",
    "containerd": "containerd",
    "k3s-server": "k3s",
    "k3s-agent": "k3s",
    "kubelite": "MicroK8s",
}
# A shim outlives its containerd, with the container.
_SHIM = "containerd-shim"
_FOLDERS = (
    "/var/lib/kubelet",
    "/run/containerd",
    "/var/lib/containerd",
    "/run/k3s",
    "/var/lib/rancher",
    "/var/lib/docker",
)
_LISTENS = 0x10000  # __SO_ACCEPTCON in linux/net.h


@dataclass(frozen=True)
class Machine:
    """What is asked about a machine: its processes by id, its mount points, and the sockets that are listened on."""

    processes: tuple[tuple[int, str], ...]
    mounts: tuple[str, ...]
    sockets: tuple[str, ...]


def why_no_node(directory: Path | None = None, root: Path = Path("/")) -> str | None:
    """Return why no node can run on this machine, and how to go on; None if one can.

    ``directory`` is where the node will be, if that is known; it need not exist. ``root`` is where the machine's /proc
    and sockets are read.
    """
    if sys.platform != "linux":
        return f"A node needs Linux. Use a Linux machine, or {WITHOUT_NODE}."
    if os.geteuid() != 0:
        return f"A node needs root, to start containers. Run this as root, or {WITHOUT_NODE}."
    if shutil.which("runc") is None:
        return f"A node needs runc, and PATH has none. Install the package runc, or {WITHOUT_NODE}."
    for program in ("unshare", "mount"):
        if shutil.which(program) is None:
            return f"A node needs {program}, and PATH has none. Install the package util-linux, or {WITHOUT_NODE}."
    if directory and (reason := _why_no_programs(directory)):
        return reason
    if reason := find_rival(read_machine(root)):
        return reason
    if reason := why_no_cgroups():
        return f"A node needs cgroups of its own, and {reason}. Use a virtual machine, or {WITHOUT_NODE}."
    isolated = subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True, check=False)
    if isolated.returncode:
        return (
            "A node needs mount and PID namespaces of its own, and the kernel refuses them. "
            f"Use a virtual machine, or {WITHOUT_NODE}."
        )
    return None


def _why_no_programs(directory: Path) -> str | None:
    """Return why no program can run from this directory, which has the root file systems of the containers."""
    there = directory.absolute()
    while not there.exists():
        there = there.parent
    if not os.statvfs(there).f_flag & os.ST_NOEXEC:
        return None
    return (
        f"The containers of a node run from {directory}, and its file system is mounted with noexec. "
        "Use another directory (TMPDIR, or control_plane_directory of the role), or "
        f"{WITHOUT_NODE}."
    )


def find_rival(machine: Machine) -> str | None:
    """Return which kubelet or containerd of the machine a node would share its kernel with; None if there is none."""
    for pid, name in sorted(machine.processes):
        if name in _RIVALS:
            return _refuse(f"{_RIVALS[name]} runs on this machine (process {pid})", "Stop it")
        if name.startswith(_SHIM):
            return _refuse(f"A container of containerd runs on this machine (process {pid})", "Stop the container")
    for folder in _FOLDERS:
        for mount in sorted(machine.mounts):
            if mount.startswith(f"{folder}/"):
                return _refuse(f"{folder} is in use: {mount} is mounted", "Unmount it")
        for socket in sorted(machine.sockets):
            if socket.startswith(f"{folder}/"):
                return _refuse(f"{folder} is in use: a process listens on {socket}", "Stop that process")
    return None


def _refuse(found: str, remedy: str) -> str:
    return (
        f"{found}. A node for tests is not started beside the containers of another program: both would share the "
        f"kernel and its memory. {remedy}, use another machine, or {WITHOUT_NODE}."
    )


def read_machine(root: Path = Path("/")) -> Machine:
    """Return what runs on this machine and does not belong to a node of this collection."""
    proc = root / "proc"
    # A process that has just ended, or begun, has a name and no memory yet: neither arguments nor environment.
    processes = [
        (int(process.name), _read(process / "comm").strip())
        for process in proc.glob("[0-9]*")
        if not node_of(process) and _read(process / "cmdline")
    ]
    sockets = listening(_read(proc / "net/unix").splitlines())
    return Machine(
        processes=tuple(processes),
        mounts=tuple(point for point, _kind in read_mounts(_read(proc / "self/mountinfo"))),
        # Those of a node of this collection are in its own folders.
        sockets=tuple(path for path in sockets if _is_socket(root / path.removeprefix("/"))),
    )


def listening(lines: Iterable[str]) -> list[str]:
    """Return the paths of the sockets that are listened on: the fourth field has the flags, the eighth the path."""
    fields = [line.split(maxsplit=7) for line in list(lines)[1:]]
    return [each[7] for each in fields if len(each) == 8 and int(each[3], 16) & _LISTENS]


def _is_socket(path: Path) -> bool:
    try:
        return stat.S_ISSOCK(path.stat().st_mode)
    except OSError:
        return False


def _read(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:  # a process that has ended meanwhile
        return ""
