# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node makes outside its own namespaces, marked by the node's own name, and how that is removed.

Each node has a name of its own. Its processes have it in their environment, its cgroups are in one of that name.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import time
from collections.abc import Iterable
from pathlib import Path

PREFIX = "keyring-node-"
MARK = "KEYRING_CONTROL_PLANE_NODE"
_CGROUPS = Path("/sys/fs/cgroup")
_PROCESSES = Path("/proc")
_SECONDS_TO_END = 10
# The limits of a container need them. In version 1, each is a hierarchy.
_CONTROLLERS = ("cpu", "memory", "pids")


def make_cgroups(identity: str) -> dict[Path, Path]:
    """Make the cgroup of a node in each hierarchy. Return where each hierarchy is mounted, by group."""
    found = {}
    for hierarchy, kind in find_hierarchies(Path("/proc/self/mountinfo").read_text()).items():
        group = hierarchy / identity
        group.mkdir(exist_ok=True)
        for name in ("cpuset.mems", "cpuset.cpus"):  # empty in a new group of the older kind: no process may enter
            if kind == "cgroup" and (group / name).exists():
                (group / name).write_text((hierarchy / name).read_text())
        found[group] = hierarchy
    return found


def why_no_cgroups() -> str | None:
    """Return why a node cannot have cgroups of its own that Pods can use; None if it can.

    What is made to find out is removed.
    """
    hierarchies = find_hierarchies(Path("/proc/self/mountinfo").read_text())
    if not hierarchies:
        return f"no cgroup hierarchy is mounted in {_CGROUPS}"
    for hierarchy, kind in hierarchies.items():
        group = hierarchy / f"{PREFIX}{secrets.token_hex(4)}"
        try:
            group.mkdir()
        except OSError as error:
            return f"none can be made in {hierarchy}: {error.strerror}"
        missing: list[str] = []
        with contextlib.suppress(OSError):  # another node has removed it, as one that is left
            if kind == "cgroup2" and hierarchy == _CGROUPS:  # elsewhere, others have the controllers
                found = (group / "cgroup.controllers").read_text().split()
                missing = [name for name in _CONTROLLERS if name not in found]
            group.rmdir()
        if missing:
            return f"those in {hierarchy} have no controller {', '.join(missing)}"
    return None


def find_hierarchies(mountinfo: str) -> dict[Path, str]:
    """Return the cgroup hierarchies in /sys/fs/cgroup by mount point, each with its kind: cgroup or cgroup2."""
    mounts = {Path(point): kind for point, kind in read_mounts(mountinfo)}
    return {
        point: kind
        for point, kind in mounts.items()
        if kind in ("cgroup", "cgroup2") and _CGROUPS in (point, point.parent)
    }


def read_mounts(mountinfo: str) -> list[tuple[str, str]]:
    """Return the mount point and the file system of each line (proc_pid_mountinfo(5))."""
    found = []
    for line in mountinfo.splitlines():
        fields = line.split()
        # Blanks and backslashes are escaped as octal numbers.
        point = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), fields[4])
        found.append((point, fields[fields.index("-") + 1]))
    return found


def remove_remains() -> None:
    """Remove the cgroups of nodes that were killed together with all that would have removed them."""
    identities = {group.name for group in _find_cgroups(f"{PREFIX}*")}
    for identity in identities - find_running():
        _remove(_find_cgroups(identity))


def remove_cgroups(identity: str) -> None:
    """Remove the cgroups of a node, which are in use until the kernel has ended its processes."""
    deadline = time.monotonic() + _SECONDS_TO_END
    while (groups := _find_cgroups(identity)) and time.monotonic() < deadline:
        _remove(groups)
        time.sleep(0.05)


def find_running() -> set[str]:
    """Return the names of the nodes that run on this machine."""
    found = set()
    for process in _PROCESSES.glob("[0-9]*"):
        if identity := node_of(process):
            found.add(identity)
    return found


def node_of(process: Path) -> str:
    """Return the name of the node that a process belongs to, given its folder in /proc; empty if it is another's."""
    with contextlib.suppress(OSError):  # ended meanwhile, or not ours to read
        for variable in (process / "environ").read_bytes().split(b"\0"):
            name, _equals, value = variable.partition(b"=")
            if name == MARK.encode():
                return value.decode(errors="replace")
    return ""


def _find_cgroups(name: str) -> list[Path]:
    """Return the groups of this name: in the only hierarchy, or in each of the older ones."""
    return [path for pattern in (name, f"*/{name}") for path in _CGROUPS.glob(pattern) if path.is_dir()]


def _remove(groups: Iterable[Path]) -> None:
    """Remove groups with all that are in them, as far as they are empty."""
    for group in groups:
        inner: list[Path] = []
        with contextlib.suppress(OSError):  # one was removed while they were listed: the caller tries again
            inner = [path for path in group.glob("**/") if path != group]
        for each in [*sorted(inner, reverse=True), group]:  # what is inside first
            with contextlib.suppress(OSError):
                each.rmdir()
