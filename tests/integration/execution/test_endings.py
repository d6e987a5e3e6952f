# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every task ends by ``timeout``, by SIGTERM, and when Ansible itself is killed, in both ways of execution.

The servers here accept connections and never answer. The seconds are many times what an idle machine needs.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from support.cluster import Cluster
from support.playbook import Playbook, task
from support.processes import eventually, processes_in

SECONDS = 30
# Seconds of a task's timeout. An ordinary module takes a while to start before it waits for anything.
TIMEOUT: Mapping[str, int] = {"always": 3, "never": 8}


@dataclass
class SilentServer:
    """A port on loopback that accepts connections and sends nothing."""

    listener: socket.socket
    connections: list[socket.socket] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                self.connections.append(self.listener.accept()[0])


@pytest.fixture
def silent() -> Iterator[SilentServer]:
    server = SilentServer(socket.create_server(("127.0.0.1", 0)))
    threading.Thread(target=server.accept, daemon=True).start()
    yield server
    server.listener.close()
    for connection in server.connections:
        connection.close()


Arguments = Callable[[SilentServer, str, Cluster], Mapping[str, Any]]


def api_server(silent: SilentServer, namespace: str, _cluster: Cluster) -> dict[str, Any]:
    """A task on a cluster that never answers."""
    return task(
        "image_pull_secret_info",
        namespace=namespace,
        host=f"https://127.0.0.1:{silent.port}",
        api_key="token-of-nobody",
        validate_certs=False,
    )


def many_namespaces(silent: SilentServer, _namespace: str, _cluster: Cluster) -> dict[str, Any]:
    """A task with threads on a cluster that never answers."""
    return task(
        "image_pull_secret",
        namespaces=["a", "b", "c"],
        name="registry",
        registries=[{"server": "ghcr.io", "username": "octo", "password": "ghcr-token-1"}],
        host=f"https://127.0.0.1:{silent.port}",
        api_key="token-of-nobody",
        validate_certs=False,
    )


def registry(silent: SilentServer, _namespace: str, _cluster: Cluster) -> dict[str, Any]:
    """A task that asks a registry which never answers."""
    place = f"127.0.0.1:{silent.port}"
    return task(
        "image_access_info",
        docker_configs={"auths": {place: {"username": "octo", "password": "ghcr-token-1"}}},
        images=[f"{place}/acme/app:1"],
        verify=True,
        verify_timeout=600,
        verify_plain_http=[place],
    )


def git_server(silent: SilentServer, namespace: str, cluster: Cluster) -> dict[str, Any]:
    """A task that asks a Git server for its host keys, which never answers."""
    return task(
        "gitsync_secret",
        namespace=namespace,
        name="git",
        format="flux",
        url=f"ssh://git@127.0.0.1:{silent.port}/a/b.git",
        ssh={"generate": "ed25519", "scan_host_keys": True},
        kubeconfig=str(cluster.kubeconfig),
    )


WAITING: Mapping[str, Arguments] = {
    "api-server": api_server,
    "many-namespaces": many_namespaces,
    "registry": registry,
    "git-server": git_server,
}


@pytest.mark.parametrize("what", WAITING)
def test_timeout_ends_a_task(
    what: str, cluster: Cluster, namespace: str, playbook: Playbook, silent: SilentServer
) -> None:
    limited = {**WAITING[what](silent, namespace, cluster), "timeout": TIMEOUT[playbook.direct]}
    start = time.monotonic()
    (result,) = playbook.run([limited]).results
    assert time.monotonic() - start < SECONDS
    assert result["failed"]
    assert re.search("timed out|timeout|expected time frame", result["msg"], re.IGNORECASE)
    assert silent.connections, "it waited for the server"
    assert eventually(lambda: not processes_in(playbook.directory), seconds=SECONDS)
    playbook.results.clear()  # the seconds differ


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("what", WAITING)
def test_a_signal_ends_a_task(
    what: str, ending: signal.Signals, cluster: Cluster, namespace: str, playbook: Playbook, silent: SilentServer
) -> None:
    command = playbook.command([WAITING[what](silent, namespace, cluster)])
    with started(command, playbook) as process:
        assert eventually(lambda: silent.connections, seconds=60), "it waits for the server"
        process.send_signal(ending)
        assert process.wait(SECONDS) != 0
        assert eventually(lambda: not processes_in(playbook.directory), seconds=SECONDS)


class started:
    """A playbook that runs, and whatever of it is left at the end is killed."""

    def __init__(self, command: list[str], playbook: Playbook) -> None:
        self._directory = playbook.directory
        self._process = subprocess.Popen(
            command,
            cwd=playbook.directory,
            env=playbook.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> subprocess.Popen[bytes]:
        return self._process

    def __exit__(self, *_error: object) -> None:
        self._process.kill()
        self._process.wait()
        for pid in processes_in(Path(self._directory)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
