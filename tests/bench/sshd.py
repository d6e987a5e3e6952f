# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An SSH server on loopback that lets in the user who runs the benchmark, for ordinary modules over SSH."""

from __future__ import annotations

import contextlib
import getpass
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.control_plane import die_with_parent
from support.processes import kill_tree
from support.servers.sshd_program import find_nss_wrapper, find_sshd

_SECONDS_TO_START = 10

# What an installed sshd finds for root: an empty directory, here in a view of the file system that it has alone.
_WITH_DIRECTORY = 'mount -t tmpfs none /run && mkdir /run/sshd && exec "$@"'


@dataclass(frozen=True)
class SshServer:
    """The id of its process, and the variables of a host that Ansible reaches by it, with pipelining."""

    pid: int
    host: dict[str, Any]


@contextlib.contextmanager
def running_sshd(folder: Path) -> Iterator[SshServer]:
    """Yield a server that runs until the end of the block."""
    folder.mkdir()
    port = _free_port()
    for name in ("host_key", "user_key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    host_key = " ".join((folder / "host_key.pub").read_text().split()[:2])
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {host_key}\n")
    config = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "PidFile": "none",
        "HostKey": folder / "host_key",
        "AuthorizedKeysFile": folder / "user_key.pub",
        "StrictModes": "no",  # else it takes no file below a directory like /tmp
        "UsePAM": "no",
        "AuthenticationMethods": "publickey",
    }
    (folder / "sshd_config").write_text("".join(f"{name} {value}\n" for name, value in config.items()))
    with _running(folder) as pid:
        yield SshServer(
            pid,
            {
                "ansible_connection": "ssh",
                "ansible_host": "127.0.0.1",
                "ansible_port": port,
                "ansible_user": getpass.getuser(),
                "ansible_ssh_private_key_file": str(folder / "user_key"),
                "ansible_ssh_common_args": f"-F /dev/null -o UserKnownHostsFile={folder}/known_hosts",
                "ansible_ssh_pipelining": True,
                "ansible_python_interpreter": sys.executable,
            },
        )


@contextlib.contextmanager
def _running(folder: Path) -> Iterator[int]:
    """Yield the id of the process once it listens; at the end it and its sessions are killed."""
    program, log = find_sshd(), folder / "log"
    command = [str(program), "-D", "-e", "-f", str(folder / "sshd_config")]
    environment = {"LD_LIBRARY_PATH": str(program.parent)}
    if os.getuid() == 0:
        command = ["unshare", "--mount", "sh", "-c", _WITH_DIRECTORY, "sh", *command]
        environment |= _accounts(folder)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=die_with_parent,
        )
    try:
        deadline = time.monotonic() + _SECONDS_TO_START
        while "Server listening on" not in log.read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                raise OSError(f"sshd does not listen. It said:\n{log.read_text()}")
            time.sleep(0.01)
        yield process.pid
    finally:
        kill_tree(process.pid)
        process.wait()


def _accounts(folder: Path) -> dict[str, str]:
    """Return variables that show sshd the users that it needs, as nothing is installed."""
    (folder / "passwd").write_text(f"root:x:0:0::{folder}:/bin/sh\nsshd:x:65534:65534::/run/sshd:/bin/false\n")
    (folder / "group").write_text("root:x:0:\nsshd:x:65534:\n")
    return {
        "LD_PRELOAD": str(find_nss_wrapper()),
        "NSS_WRAPPER_PASSWD": str(folder / "passwd"),
        "NSS_WRAPPER_GROUP": str(folder / "group"),
    }


def _free_port() -> int:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        port: int = holder.getsockname()[1]
        return port
