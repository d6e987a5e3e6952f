# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real sshd on loopback that serves one Git repository to the keys that a test authorises, and nothing else.

It never runs as root: it would need a user and a directory that only an installed one has. Started by root it runs as
nobody, to whom the library nss_wrapper gives the name and the shell that sshd asks for.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.control_plane import die_with_parent
from support.git_world import make_repository, make_ssh_key
from support.servers.sshd_program import find_nss_wrapper, find_sshd

_NOBODY = 65534
_SECONDS_TO_START = 10


@dataclass(frozen=True)
class SshGitServer:
    """Where it is and how it is known. ``fingerprints`` are those of its host keys by type; ``log`` is what it says."""

    url: str
    host: str
    port: int
    known_hosts: str
    fingerprints: Mapping[str, str]
    log: Path
    _authorized_keys: Path = field(repr=False)

    def authorise(self, *public_keys: str) -> None:
        """Let in who has one of these keys, and nobody else. At first nobody is let in."""
        self._authorized_keys.write_text("".join(f"{key.strip()}\n" for key in public_keys))


@contextlib.contextmanager
def ssh_git_server() -> Iterator[SshGitServer]:
    """A server for as long as the context lasts; it ends also when this process is killed."""
    with tempfile.TemporaryDirectory(prefix="keyring-git-") as name, _held_port() as port:
        directory = Path(name)
        repository, log, authorized_keys = make_repository(directory), directory / "log", directory / "authorized_keys"
        authorized_keys.touch()
        host_keys = {directory / f"host_key_{kind}": make_ssh_key(kind) for kind in ("ed25519", "rsa")}
        for path, key in host_keys.items():
            path.touch(mode=0o600)
            path.write_bytes(key.private)
        program, config = _copy_sshd(directory), directory / "sshd_config"
        config.write_text("".join(f"{line}\n" for line in _render_config(directory, program, port, list(host_keys))))
        user, environment, identity = _account(directory)
        with _running(
            [program, "-D", "-e", "-f", config],
            log,
            env={"LD_LIBRARY_PATH": str(program.parent), **environment},
            **identity,
        ):
            yield SshGitServer(
                url=f"ssh://{user}@127.0.0.1:{port}{repository}",
                host="127.0.0.1",
                port=port,
                known_hosts="".join(f"[127.0.0.1]:{port} {key.public}\n" for key in host_keys.values()),
                fingerprints={key.public.split()[0]: key.fingerprint for key in host_keys.values()},
                log=log,
                _authorized_keys=authorized_keys,
            )


@contextlib.contextmanager
def _held_port() -> Iterator[int]:
    """A free port that is given to nobody else. sshd can have it: it sets the same option, and this does not listen."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def _copy_sshd(directory: Path) -> Path:
    """A copy of sshd with what was unpacked beside it, as nobody may look into the cache of root."""
    original, programs = find_sshd(), directory / "programs"
    programs.mkdir()
    for path in (*original.parent.glob("sshd*"), *original.parent.glob("lib*.so*")):
        shutil.copy(path, programs)
    return programs / original.name


def _render_config(directory: Path, program: Path, port: int, host_keys: Sequence[Path]) -> list[str]:
    said = subprocess.run(
        [program, "-V"],  # before OpenSSH 9.3 no option, but the version is part of the complaint
        env={"LD_LIBRARY_PATH": str(program.parent)},
        capture_output=True,
        text=True,
        check=False,
    ).stderr
    version = tuple(map(int, re.findall(r"OpenSSH_(\d+)\.(\d+)", said)[0]))
    parts = {"SshdSessionPath": program.with_name("sshd-session"), "SshdAuthPath": program.with_name("sshd-auth")}
    return [
        f"Port {port}",
        "ListenAddress 127.0.0.1",
        "PidFile none",
        *(f"HostKey {path}" for path in host_keys),
        f"AuthorizedKeysFile {directory}/authorized_keys",
        "StrictModes no",  # else it takes no file below a directory like /tmp
        "UsePAM no",
        "AuthenticationMethods publickey",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "DisableForwarding yes",
        "PermitTTY no",
        f'ForceCommand {shutil.which("git")} shell -c "$SSH_ORIGINAL_COMMAND"',
        "LogLevel VERBOSE",
        *(f"{option} {path}" for option, path in parts.items() if path.exists()),
        *(["PerSourcePenalties no"] if version >= (9, 8) else []),  # they are for who is refused often
    ]


def _account(directory: Path) -> tuple[str, dict[str, str], dict[str, Any]]:
    """Whom sshd runs as and lets in: the name, variables for it, and arguments for Popen. It gets the directory."""
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid()).pw_name, {}, {}
    passwd, group = directory / "passwd", directory / "group"
    passwd.write_text(f"git:x:{_NOBODY}:{_NOBODY}::{directory}:/bin/sh\n")
    group.write_text(f"git:x:{_NOBODY}:\n")
    for path in (directory, *directory.rglob("*")):
        os.chown(path, _NOBODY, _NOBODY)
    library = shutil.copy(find_nss_wrapper(), directory)
    variables = {"LD_PRELOAD": str(library), "NSS_WRAPPER_PASSWD": str(passwd), "NSS_WRAPPER_GROUP": str(group)}
    return "git", variables, {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}


@contextlib.contextmanager
def _running(command: Sequence[Path | str], log: Path, **options: Any) -> Iterator[None]:
    """sshd, from when it listens on; at the end it is killed, as nothing of it is kept."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, preexec_fn=die_with_parent, **options
        )
    try:
        deadline = time.monotonic() + _SECONDS_TO_START
        while "Server listening on" not in log.read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"sshd does not listen. It said:\n{log.read_text()}")
            time.sleep(0.01)
        yield
    finally:
        process.kill()
        process.wait()
