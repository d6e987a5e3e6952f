# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real kubelet with containerd that joins a control plane on this machine.

Both run in mount and PID namespaces of their own, and the kernel ends every process and mount with them. Network and
cgroups are those of the machine: Pods need ``hostNetwork`` and ``nodeName``, as no network plugin and no scheduler
runs, and all cgroups are in one that has the node's own name.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from control_plane_go import ControlPlaneError
from control_plane_node_images import make_image, write_archive
from control_plane_node_programs import NodePrograms
from control_plane_node_remains import MARK, PREFIX, remove_cgroups, remove_remains
from control_plane_process import remove_folder
from control_plane_registry import Image, Registry

NAME = "node"
_KEEPER = Path(__file__).resolve().with_name("control_plane_node_keeper.py")
_PAUSE = "keyring.test/pause:1"
_SECONDS_TO_START = 60
_SECONDS_TO_END = 20
# Where the node sees its folder: short, as the path of a socket has at most 107 characters.
_INSIDE = "/run/node"

# Settings of the kernel that every kubelet changes, and what it wants. They have no namespace, so that the node sees
# files with these values instead of them.
KERNEL_SETTINGS = {
    "vm/overcommit_memory": 1,
    "vm/panic_on_oom": 0,
    "kernel/panic": 10,
    "kernel/panic_on_oops": 1,
    "kernel/keys/root_maxkeys": 1_000_000,
    "kernel/keys/root_maxbytes": 25_000_000,
}

# cgroup v1 machines need the first four settings. Everything that a Pod of a test does not need is off: the server of
# the kubelet, which would take a port of the machine, and its rules in the machine's iptables. On a busy machine, a
# kubelet would refuse a Pod for a moment: it limits its pulls, and goes on without a Secret that its watch does not
# have within a second.
_KUBELET: Mapping[str, Any] = {
    "apiVersion": "kubelet.config.k8s.io/v1beta1",
    "kind": "KubeletConfiguration",
    "failCgroupV1": False,
    "cgroupsPerQOS": False,
    "enforceNodeAllocatable": [],
    "cgroupDriver": "cgroupfs",
    "failSwapOn": False,
    "enableServer": False,
    "makeIPTablesUtilChains": False,
    "readOnlyPort": 0,
    "healthzPort": 0,
    "authentication": {"anonymous": {"enabled": False}, "webhook": {"enabled": False}},
    "authorization": {"mode": "AlwaysAllow"},
    "evictionHard": {"memory.available": "1Mi"},
    "localStorageCapacityIsolation": False,
    "resolvConf": "",
    "serializeImagePulls": False,
    "registryPullQPS": 0,
    "configMapAndSecretChangeDetectionStrategy": "Get",
    "syncFrequency": "2s",
    "containerRuntimeEndpoint": f"unix://{_INSIDE}/containerd.sock",
    "podLogsDir": f"{_INSIDE}/logs",
    "volumePluginDir": f"{_INSIDE}/plugins",
}

# "native" needs no overlay file system below. Without CAP_SYS_RESOURCE nothing may lower its oom_score_adj. The
# folders of opt and cni would be made in /opt and /etc.
_CONTAINERD = f"""
version = 3
root = "{_INSIDE}/root"
state = "{_INSIDE}/state"
[grpc]
  address = "{_INSIDE}/containerd.sock"
[plugins.'io.containerd.internal.v1.opt']
  path = "{_INSIDE}/opt"
[plugins.'io.containerd.nri.v1.nri']
  disable = true
[plugins.'io.containerd.cri.v1.images']
  snapshotter = "native"
  use_local_image_pull = true
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = "{_PAUSE}"
  [plugins.'io.containerd.cri.v1.images'.registry]
    config_path = "{_INSIDE}/hosts"
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ["{_INSIDE}/cni"]
    conf_dir = "{_INSIDE}/cni"
  [plugins.'io.containerd.cri.v1.runtime'.containerd]
    default_runtime_name = "runc"
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      snapshotter = "native"
"""

# /run, /var/lib and /var/log are what the two programs write into whatever their settings. The node sees folders of
# its own there, and its own cgroup as the root of each hierarchy: containerd makes groups below k8s.io, and has no
# setting for the place. The folder and the programs are bound first: they may be in a folder that is hidden then. So
# may the list of DNS servers, which systemd-resolved and NetworkManager write into /run.
# The shell is the first process of the namespace, and ends when one of the two programs ends: all other processes end
# with it.
_START = """
set -eu
hidden="$PWD/hidden"
mkdir -p "$hidden/run/node" "$hidden/run/kubelet" "$hidden/run/runtime" "$hidden/lib" "$hidden/log"
mount --bind "$PWD" "$hidden/run/node"
mount --bind "$KUBELET" "$hidden/run/kubelet"
mount --bind "$RUNTIME" "$hidden/run/runtime"
resolver="$(readlink -f /etc/resolv.conf || true)"
case "$resolver" in
  /run/*)
    mkdir -p "$hidden${{resolver%/*}}"
    if [ -f "$resolver" ]; then cp "$resolver" "$hidden$resolver"; fi
    ;;
esac
mount --rbind "$hidden/run" /run
while read -r group hierarchy; do
  mount --bind "$group" {inside}/cgroup
  umount -l "$hierarchy"  # runc looks at the first mount of a hierarchy, also under another
  mount --bind {inside}/cgroup "$hierarchy"
  umount {inside}/cgroup
done < {inside}/cgroups
cd {inside}/home
mount --bind {inside}/hidden/lib /var/lib
mount --bind {inside}/hidden/log /var/log
if [ -d /.docker ]; then mount --bind {inside}/home /.docker; fi  # the kubelet would read credentials there
while read -r setting value; do
  if [ -e "/proc/sys/$setting" ]; then
    mkdir -p "{inside}/kernel/$setting"
    echo "$value" > "{inside}/kernel/$setting/value"
    mount --bind "{inside}/kernel/$setting/value" "/proc/sys/$setting"
  fi
done < {inside}/kernel-settings
PATH="/run/runtime:$PATH"
check() {{
  if ! kill -0 "$1" 2> /dev/null; then echo "$2 ended."; exit 1; fi
}}
containerd --config {inside}/containerd.toml > {inside}/containerd.log 2>&1 &
containerd=$!
until {ctr} version > /dev/null 2>&1; do
  check "$containerd" containerd
  sleep 0.1
done
{ctr} images import --local --snapshotter native {inside}/pause.tar > {inside}/import.log 2>&1
{ctr} images label {pause} io.cri-containerd.pinned=pinned > /dev/null
/run/kubelet/kubelet --config {inside}/kubelet.json --kubeconfig {inside}/kubeconfig --root-dir {inside}/kubelet \\
  --cert-dir {inside}/certificates --hostname-override {name} > {inside}/kubelet.log 2>&1 &
kubelet=$!
while true; do
  check "$containerd" containerd
  check "$kubelet" kubelet
  sleep 0.5
done
"""


class Node:
    """A running node. ``image`` makes images that it can run, ``load`` puts one on it without a pull."""

    def __init__(self, directory: Path, programs: NodePrograms, keeper: subprocess.Popen[bytes]) -> None:
        self._directory = directory
        self._programs = programs
        self._keeper = keeper

    def image(self, name: str) -> Image:
        """Return an image whose containers run until they are stopped. Another name gives other digests."""
        return make_image(self._programs.runtime / "idle", name)

    def load(self, name: str) -> None:
        """Put an image on the node as an administrator does before Pods exist."""
        archive = self._directory / "loaded.tar"
        write_archive(archive, name, self.image(name))
        ctr = [str(self._programs.runtime / "ctr"), "--address", f"{self._directory}/containerd.sock"]
        command = [*ctr, "--namespace", "k8s.io", "images", "import", "--local", "--snapshotter", "native"]
        subprocess.run([*command, str(archive)], check=True, capture_output=True)

    def why_ended(self) -> str | None:
        """Return a sentence and the last lines of the logs when the node has ended; None while it runs."""
        if self._keeper.poll() is None:
            return None
        return f"The node ended.\n{self.last_lines()}"

    def last_lines(self) -> str:
        """Return the last lines of each log, with its name."""
        lines = []
        for name in ("start", "import", "containerd", "kubelet"):
            log = self._directory / f"{name}.log"
            if log.exists():
                lines += [f"{log.name}: {line}" for line in log.read_text(errors="replace").splitlines()[-8:]]
        return "\n".join(lines)


@contextlib.contextmanager
def running_node(
    parent: Path,
    programs: NodePrograms,
    kubeconfig: Mapping[str, Any],
    registries: Sequence[Registry] = (),
    settings: Mapping[str, Any] | None = None,
    credentials: str = "",
) -> Iterator[Node]:
    """Run a node that trusts these registries, for as long as the context lasts.

    Its files are in a folder with the node's own name in ``parent``, which is removed at the end. ``kubeconfig`` is
    that of the node. ``settings`` are added to the configuration of the kubelet. ``credentials`` is a docker config of
    the node.

    Nothing of the node remains, however it ends: a process of its own, the keeper, removes its cgroups and its folder
    when this process is gone. If the keeper is killed, the kernel ends the node and this process removes them.
    """
    remove_remains()
    identity = f"{PREFIX}{secrets.token_hex(4)}"
    # The name is the node's own: the keeper of a node that was killed never removes the folder of the next one.
    directory = parent / identity
    directory.mkdir(mode=0o700)  # it holds keys
    try:
        _write_files(directory, programs, kubeconfig, settings or {})
        if credentials:
            (directory / "kubelet" / "config.json").write_text(credentials)
        for registry in registries:
            _trust(directory, registry)
        keeper = _start_keeper(identity, directory, programs)
        try:
            yield Node(directory, programs, keeper)
        finally:
            _end_keeper(keeper)
            remove_cgroups(identity)
    finally:
        remove_folder(directory)


def _start_keeper(identity: str, directory: Path, programs: NodePrograms) -> subprocess.Popen[bytes]:
    """Start the process that keeps the node. It ends when its stdin is closed."""
    with (directory / "start.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, _KEEPER, identity, directory],
            cwd=directory,
            # The kubelet reads docker configs in its working folder and in its home too: both are empty.
            env={
                "PATH": os.environ["PATH"],
                "HOME": f"{_INSIDE}/home",
                "KUBELET": str(programs.kubelet),
                "RUNTIME": str(programs.runtime),
                MARK: identity,
            },
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            # A Ctrl-C in the terminal is for the process that started it.
            start_new_session=True,
        )


def _end_keeper(keeper: subprocess.Popen[bytes]) -> None:
    if keeper.stdin:
        keeper.stdin.close()
    try:
        keeper.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        keeper.kill()
        keeper.wait()


def wait_for_node(node: Node, is_registered: Callable[[], bool], is_unwanted: Callable[[float], bool]) -> None:
    """Return when the node is registered. Raise ControlPlaneError when it ends or the time is over.

    ``is_unwanted`` waits for the seconds that it gets, and returns whether to end this process instead.
    """
    deadline = time.monotonic() + _SECONDS_TO_START
    while not is_registered():
        if reason := node.why_ended():
            raise ControlPlaneError(reason)
        if time.monotonic() > deadline:
            raise ControlPlaneError(
                f"The node is not registered after {_SECONDS_TO_START} seconds.\n{node.last_lines()}"
            )
        if is_unwanted(0.05):
            sys.exit()


def _write_files(
    directory: Path, programs: NodePrograms, kubeconfig: Mapping[str, Any], settings: Mapping[str, Any]
) -> None:
    """Write what the node reads: its start, containerd and the kubelet."""
    for folder in ("kubelet", "certificates", "logs", "home", "hosts", "cni", "plugins", "cgroup"):
        (directory / folder).mkdir()
    (directory / "containerd.toml").write_text(_CONTAINERD)
    write_archive(directory / "pause.tar", _PAUSE, make_image(programs.runtime / "idle", _PAUSE))
    (directory / "kubeconfig").write_text(json.dumps(kubeconfig))
    configuration = {**_KUBELET, **settings}
    (directory / "kubelet.json").write_text(json.dumps(configuration))
    lines = [f"{setting} {value}\n" for setting, value in KERNEL_SETTINGS.items()]
    (directory / "kernel-settings").write_text("".join(lines))
    ctr = f"/run/runtime/ctr --address {_INSIDE}/containerd.sock --namespace k8s.io"
    (directory / "start.sh").write_text(_START.format(inside=_INSIDE, ctr=ctr, pause=_PAUSE, name=NAME))


def _trust(directory: Path, registry: Registry) -> None:
    """Let containerd trust the certificate of a registry, or use plain HTTP where there is none."""
    folder = directory / "hosts" / registry.location
    folder.mkdir()
    url = f"{'https' if registry.ca else 'http'}://{registry.location}"
    lines = [f'server = "{url}"', f'[host."{url}"]']
    if registry.ca:
        (folder / "ca.crt").write_bytes(registry.ca)
        lines.append(f'  ca = "{_INSIDE}/hosts/{registry.location}/ca.crt"')
    (folder / "hosts.toml").write_text("\n".join(lines))
