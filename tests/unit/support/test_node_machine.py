# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs on a machine decides whether a node may start there, and is read as the kernel shows it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from support.control_plane import node_machine, node_remains

EMPTY = node_machine.Machine(processes=(), mounts=(), sockets=())
MOUNTINFO = r"""22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
23 22 0:21 / /var/lib/kubelet/a\040é rw shared:5 - tmpfs tmpfs rw
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu
33 31 0:30 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
34 22 0:31 / /srv/chroot/sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
"""
UNIX = [
    "Num       RefCount Protocol Flags    Type St Inode Path",
    "0000000000000000: 00000002 00000000 00010000 0001 01 20001 /run/containerd/containerd.sock",
    "0000000000000000: 00000003 00000000 00000000 0001 03 20002 /run/containerd/connected.sock",
    "0000000000000000: 00000002 00000000 00010000 0001 01 20003",
    "0000000000000000: 00000002 00000000 00010000 0001 01 20004 @abstract",
]


@pytest.mark.parametrize(
    ("machine", "beginning"),
    [
        (EMPTY, None),
        (node_machine.Machine(((1, "systemd"), (7, "kubeletctl"), (8, "my-kubelet")), (), ()), None),
        (node_machine.Machine(((7, "kubelet"),), (), ()), "kubelet runs on this machine (process 7)."),
        (node_machine.Machine(((9, "k3s-agent"), (7, "k3s-server")), (), ()), "k3s runs on this machine (process 7)."),
        (node_machine.Machine((), ("/", "/var/lib", "/var/lib/kubelet", "/var/lib/kubelets/x"), ()), None),
        (
            node_machine.Machine((), ("/run/containerd/io.containerd/rootfs",), ()),
            "/run/containerd is in use: /run/containerd/io.containerd/rootfs is mounted.",
        ),
        (node_machine.Machine((), (), ("/run/docker.sock", "@/containerd-shim/x.sock")), None),
        (
            node_machine.Machine((), (), ("/run/k3s/containerd/containerd.sock",)),
            "/run/k3s is in use: a process listens on /run/k3s/containerd/containerd.sock.",
        ),
    ],
)
def test_what_a_node_does_not_start_beside(machine: node_machine.Machine, beginning: str | None) -> None:
    said = node_machine.find_rival(machine)
    if beginning is None:
        assert said is None
    else:
        assert said is not None
        assert said.startswith(f"{beginning} A node for tests is not started beside")
        assert said.endswith(", use another machine, or start the control plane without the node.")


def test_mount_points_are_unescaped() -> None:
    assert node_remains.read_mounts(MOUNTINFO)[:2] == [("/", "ext4"), ("/var/lib/kubelet/a é", "tmpfs")]


@pytest.mark.parametrize(
    ("mountinfo", "expected"),
    [
        (MOUNTINFO, {"/sys/fs/cgroup/cpu": "cgroup", "/sys/fs/cgroup/unified": "cgroup2"}),
        ("29 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw", {"/sys/fs/cgroup": "cgroup2"}),
        ("22 1 254:0 / / rw,relatime - ext4 /dev/vda rw", {}),
    ],
)
def test_cgroups_are_made_only_where_they_are_removed(mountinfo: str, expected: Mapping[str, str]) -> None:
    found = node_remains.find_hierarchies(mountinfo)
    assert {str(point): kind for point, kind in found.items()} == expected


def test_only_sockets_with_a_path_that_are_listened_on_count() -> None:
    assert node_machine.listening(UNIX) == ["/run/containerd/containerd.sock", "@abstract"]


RUNS = "{} runs on this machine (process 7)."
PROCESSES = {
    "kubelet": RUNS.format("kubelet"),
    "containerd": RUNS.format("containerd"),
    "kubelite": RUNS.format("MicroK8s"),
    "containerd-shim-runc-v2": "A container of containerd runs on this machine (process 7).",
    "python3": None,
}


def make_proc(root: Path, name: str, *, arguments: str = "x\0", environment: str = "A=b\0") -> None:
    """Make a /proc with one process, as the kernel shows it: its name has at most 15 characters."""
    process = root / "proc" / "7"
    process.mkdir(parents=True)
    (process / "comm").write_text(f"{name[:15]}\n")
    (process / "cmdline").write_text(arguments)
    (process / "environ").write_text(environment)


@pytest.mark.parametrize(("name", "beginning"), PROCESSES.items())
def test_a_process_is_read_from_proc(tmp_path: Path, name: str, beginning: str | None) -> None:
    make_proc(tmp_path, name)
    said = node_machine.find_rival(node_machine.read_machine(tmp_path))
    assert (said or "").startswith(beginning or "")
    assert (said is None) == (beginning is None)


@pytest.mark.parametrize(
    "unlike",
    [{"arguments": ""}, {"environment": f"A=b\0{node_remains.MARK}={node_remains.PREFIX}0123abcd\0"}],
    ids=["it has ended", "it is of a node of this collection"],
)
def test_a_process_that_does_not_count(tmp_path: Path, unlike: dict[str, str]) -> None:
    make_proc(tmp_path, "kubelet", **unlike)
    assert node_machine.read_machine(tmp_path).processes == ()
