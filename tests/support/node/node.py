# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real kubelet with containerd, joined to the control plane of the tests.

Both run in mount and PID namespaces of their own: nothing of a kubelet or containerd of the machine is touched, and the
kernel ends every process and mount with them. Pods need ``hostNetwork`` and ``nodeName``, as no network plugin and no
scheduler runs.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from support.control_plane import die_with_parent
from support.node.images import RunnableImage, make_image, write_archive
from support.node.programs import find_kubelet, find_runtime
from support.servers.registries import Registry

T = TypeVar("T")

NAME = "node"
_PAUSE = "keyring.test/pause:1"
_SECONDS_TO_START = 60
_SECONDS_TO_END = 10
_CGROUPS = Path("/sys/fs/cgroup")

# What the two programs write into whatever their settings. Each is hidden by an empty folder in the node's namespace.
_FIXED_FOLDERS = ("/run", "/var/lib", "/var/log")

# cgroup v1 machines need the first four settings. Everything that a Pod of the tests does not need is off.
_KUBELET: Mapping[str, Any] = {
    "apiVersion": "kubelet.config.k8s.io/v1beta1",
    "kind": "KubeletConfiguration",
    "failCgroupV1": False,
    "cgroupsPerQOS": False,
    "enforceNodeAllocatable": [],
    "cgroupDriver": "cgroupfs",
    "address": "127.0.0.1",
    "readOnlyPort": 0,
    "healthzPort": 0,
    "authentication": {"anonymous": {"enabled": False}, "webhook": {"enabled": False}},
    "authorization": {"mode": "AlwaysAllow"},
    "evictionHard": {"memory.available": "1Mi"},
    "localStorageCapacityIsolation": False,
    "resolvConf": "",
    "serializeImagePulls": False,
    "syncFrequency": "2s",
}

# "native" needs no overlay file system below. Without CAP_SYS_RESOURCE nothing may lower its oom_score_adj.
_CONTAINERD = """
version = 3
root = "{directory}/root"
state = "{directory}/state"
[grpc]
  address = "{directory}/containerd.sock"
[plugins.'io.containerd.cri.v1.images']
  snapshotter = "native"
  use_local_image_pull = true
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = "{pause}"
  [plugins.'io.containerd.cri.v1.images'.registry]
    config_path = "{directory}/hosts"
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.containerd]
    default_runtime_name = "runc"
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      snapshotter = "native"
"""

# The kubelet is the first process of the namespace: all others end with it.
_START = """
set -eu
for folder in {folders}; do mount -t tmpfs tmpfs "$folder"; done
containerd --config {directory}/containerd.toml > {directory}/containerd.log 2>&1 &
until {ctr} version > /dev/null 2>&1; do sleep 0.1; done
{ctr} images import --local --snapshotter native {directory}/pause.tar > {directory}/import.log 2>&1
{ctr} images label {pause} io.cri-containerd.pinned=pinned > /dev/null
exec {kubelet} --config {directory}/kubelet.json --kubeconfig {directory}/kubeconfig --root-dir {directory}/kubelet \\
  --cert-dir {directory}/certificates --hostname-override {name} > {directory}/kubelet.log 2>&1
"""


class Node:
    """A running node. ``image`` makes images that it can run, ``load`` puts one on it without a pull."""

    def __init__(self, directory: Path, runtime: Path, process: subprocess.Popen[bytes]) -> None:
        self._directory = directory
        self._runtime = runtime
        self._process = process

    def image(self, name: str) -> RunnableImage:
        """Return an image whose containers run until they are stopped."""
        return make_image(self._runtime / "idle", name)

    def load(self, name: str) -> None:
        """Put an image on the node as an administrator does before Pods exist."""
        archive = self._directory / "loaded.tar"
        write_archive(archive, name, self.image(name))
        command = [*_ctr(self._runtime, self._directory), "images", "import", "--local", "--snapshotter", "native"]
        subprocess.run([*command, archive], check=True, capture_output=True)

    def check(self) -> None:
        """Raise AssertionError with the last lines of the logs when the node has ended."""
        if self._process.poll() is None:
            return
        logs = [(self._directory / f"{name}.log") for name in ("start", "import", "containerd", "kubelet")]
        lines = [f"{log.name}: {line}" for log in logs if log.exists() for line in log.read_text().splitlines()[-8:]]
        raise AssertionError("\n".join(["The node ended.", *lines]))


@contextlib.contextmanager
def running_node(
    kubeconfig: Mapping[str, Any], registries: Sequence[Registry], settings: Mapping[str, Any], credentials: str = ""
) -> Iterator[Node]:
    """Run a node that trusts these registries, for as long as the context lasts.

    ``kubeconfig`` is that of an administrator: rights of a node are not what is tested. ``settings`` are added to the
    configuration of the kubelet. ``credentials`` is a docker config of the node.
    """
    kubelet, runtime = find_kubelet(), find_runtime()
    groups_before = _find_cgroups()
    with tempfile.TemporaryDirectory(prefix="keyring-node-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        for folder in ("kubelet", "certificates", "logs", "home", "hosts"):
            (directory / folder).mkdir()
        _write_files(directory, runtime, kubeconfig, settings)
        if credentials:
            (directory / "kubelet" / "config.json").write_text(credentials)
        for registry in registries:
            _trust(directory / "hosts" / registry.location, registry)
        script = _START.format(
            folders=" ".join(_FIXED_FOLDERS),
            directory=directory,
            ctr=" ".join(str(part) for part in _ctr(runtime, directory)),
            pause=_PAUSE,
            kubelet=kubelet,
            name=NAME,
        )
        with (directory / "start.log").open("wb") as log:
            process = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child", "sh", "-c", script],
                # The kubelet reads docker configs in its working folder and in its home too.
                cwd=directory / "home",
                env={"PATH": f"{runtime}:{os.environ['PATH']}", "HOME": str(directory / "home")},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
            )
        try:
            yield Node(directory, runtime, process)
        finally:
            process.kill()
            process.wait()
    _remove_cgroups(_find_cgroups() - groups_before)


def wait_for(what: str, ask: Callable[[], T | None], node: Node, seconds: float = _SECONDS_TO_START) -> T:
    """Return the first answer that is not None. Raise AssertionError after the time, or when the node has ended."""
    deadline = time.monotonic() + seconds
    while (answer := ask()) is None:
        node.check()
        assert time.monotonic() < deadline, f"{what}: not within {seconds} seconds"
        time.sleep(0.1)
    return answer


def _write_files(directory: Path, runtime: Path, kubeconfig: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """Write what containerd and the kubelet read."""
    (directory / "containerd.toml").write_text(_CONTAINERD.format(directory=directory, pause=_PAUSE))
    write_archive(directory / "pause.tar", _PAUSE, make_image(runtime / "idle", _PAUSE))
    (directory / "kubeconfig").write_text(json.dumps(kubeconfig))
    configuration = {
        **_KUBELET,
        "containerRuntimeEndpoint": f"unix://{directory}/containerd.sock",
        "podLogsDir": f"{directory}/logs",
        "port": _free_port(),
        **settings,
    }
    (directory / "kubelet.json").write_text(json.dumps(configuration))


def _trust(folder: Path, registry: Registry) -> None:
    """Let containerd trust the certificate of a registry."""
    folder.mkdir()
    assert registry.ca is not None
    (folder / "ca.crt").write_bytes(registry.ca)
    url = f"https://{registry.location}"
    (folder / "hosts.toml").write_text(f'server = "{url}"\n[host."{url}"]\n  ca = "{folder}/ca.crt"\n')


def _ctr(runtime: Path, directory: Path) -> list[str | Path]:
    return [runtime / "ctr", "--address", f"{directory}/containerd.sock", "--namespace", "k8s.io"]


def _free_port() -> int:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        port: int = holder.getsockname()[1]
    return port


def _find_cgroups() -> set[Path]:
    """Return the groups of containerd, which are not in a namespace."""
    return {path for path in _CGROUPS.glob("**/k8s.io/**") if path.is_dir()}


def _remove_cgroups(groups: set[Path]) -> None:
    """Remove the groups, which are in use until the kernel has ended all processes of the node."""
    deadline = time.monotonic() + _SECONDS_TO_END
    while groups and time.monotonic() < deadline:
        for group in sorted(groups, reverse=True):  # what is inside first
            with contextlib.suppress(OSError):
                group.rmdir()
        groups = {group for group in groups if group.is_dir()}
        time.sleep(0.1)
