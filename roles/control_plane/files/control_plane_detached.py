# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep a control plane in a directory until it is stopped, by whatever process.

The supervisor holds a lock on a file in that directory, and ends when the file is removed: no process number
is kept that could be another's by then, and removing the directory stops the control plane.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import fcntl
import json
import os
import re
import signal
import stat
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from control_plane import ControlPlane, ControlPlaneError, build, refuse_parts
from control_plane_binaries import binaries_are_there
from control_plane_node_programs import node_programs_are_there
from control_plane_process import remove_folder
from control_plane_supervisor import KEPT_WHILE, READY, SECONDS_TO_START, Parts, client_for

_SECONDS_TO_STOP = 30
_DNS_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NAMES = {"controller_manager": "a controller manager", "registry": "a private registry", "node": "a node"}


@dataclass(frozen=True)
class Done:
    """What was done, or in check mode would be."""

    changed: bool
    msg: str
    built: bool = True
    """Whether the programs were there."""
    registry: dict[str, str] | None = None
    """How to use the private registry, if one runs: server, username, password_file, ca_cert and image."""
    kubeconfig: str | None = None
    """The path of the kubeconfig; None after a stop."""


def start(directory: Path, parts: Parts, *, namespaces: list[str], check: bool) -> Done:
    """Return when the control plane of this directory answers and has these namespaces. Raises ControlPlaneError.

    One that runs already is asked. Of two that start it at once, the second waits.
    """
    _refuse_names(namespaces)
    kubeconfig = str(directory / "kubeconfig")
    built = binaries_are_there() and (node_programs_are_there() or not parts.node)
    # The first starter waits as long for the servers, and again for each part.
    deadline = time.monotonic() + SECONDS_TO_START * (1 + sum(asdict(parts).values()))
    while (lock := _lock(directory, check=check)) is None:
        if ready := _read_ready(directory):
            _refuse_other_parts(directory, ready, parts)
        if ready and (ask := client_for(directory, ready["server"]))("/readyz") == 200:
            made = _make_namespaces(ask, namespaces, check=check)
            msg = f"A control plane runs in {directory}{_with(made, check=check)}."
            return Done(bool(made), msg, built, ready["private_registry"], kubeconfig)
        if time.monotonic() > deadline:
            raise ControlPlaneError(f"The control plane in {directory} does not answer. Stop it first.")
        time.sleep(0.1)
    with lock:
        refuse_parts(parts, directory)
        if check:
            more = _with(namespaces, check=True)
            msg = f"A control plane would be started in {directory}{more}."
            return Done(True, msg, built, kubeconfig=kubeconfig)
        for left_by_a_killed_one in directory.iterdir():
            if left_by_a_killed_one.is_dir():
                remove_folder(left_by_a_killed_one)
            elif left_by_a_killed_one.name != KEPT_WHILE:
                left_by_a_killed_one.unlink()
        control_plane = ControlPlane(**asdict(parts), directory=directory, lock=lock.fileno())
        control_plane.start()
    made = _make_namespaces(client_for(directory, control_plane.server), namespaces, check=False)
    msg = f"A control plane was started in {directory}{_with(made, check=False)}."
    return Done(True, msg, registry=control_plane.private_registry, kubeconfig=kubeconfig)


def _refuse_names(namespaces: list[str]) -> None:
    """Raise ControlPlaneError for a name that no namespace can have, before anything is started."""
    for name in namespaces:
        if not _DNS_LABEL.fullmatch(name):
            raise ControlPlaneError(
                f'"{name}" is not a valid name of a namespace. Use at most 63 lower-case letters, digits and dashes, '
                "with a letter or digit at both ends."
            )


def _refuse_other_parts(directory: Path, ready: Mapping[str, Any], parts: Parts) -> None:
    """Raise ControlPlaneError for a control plane that runs with other parts."""
    for name, wanted in asdict(parts).items():
        if ready[name] != wanted:
            raise ControlPlaneError(
                f"The control plane in {directory} runs {'with' if ready[name] else 'without'} {_NAMES[name]}. "
                "Stop it first: what is stored in it will be lost."
            )


def _make_namespaces(ask: Callable[..., int], names: list[str], *, check: bool) -> list[str]:
    """Make those that do not exist, and say which."""
    missing = [name for name in names if ask(f"/api/v1/namespaces/{quote(name)}") == 404]
    for name in [] if check else missing:
        status = ask("/api/v1/namespaces", {"metadata": {"name": name}})
        if status not in (201, 409):
            raise ControlPlaneError(f'Cannot make the namespace "{name}": the API server answers {status}.')
    return missing


def _with(namespaces: list[str], *, check: bool) -> str:
    if not namespaces:
        return ""
    return f"; namespaces that {'would be' if check else 'were'} made: {', '.join(namespaces)}"


def stop(directory: Path, *, check: bool) -> Done:
    """Return when nothing of the control plane of this directory is left. Raises ControlPlaneError."""
    _refuse_foreign(directory)
    try:
        lock = _open_own(directory / KEPT_WHILE, os.O_RDONLY)
    except FileNotFoundError:
        return Done(False, f"No control plane runs in {directory}.")
    with lock:
        if not check:
            (directory / KEPT_WHILE).unlink(missing_ok=True)
            deadline = time.monotonic() + _SECONDS_TO_STOP
            while not _locked(lock):
                if time.monotonic() > deadline:
                    raise ControlPlaneError(
                        f"The control plane in {directory} still runs {_SECONDS_TO_STOP} seconds after it was asked to "
                        "end. Look for a process control_plane_supervisor.py that is held."
                    )
                time.sleep(0.05)
            if not (directory / KEPT_WHILE).exists():  # or it has been started again
                # Still there when the supervisor was killed.
                remove_folder(directory)
    return Done(True, f"The control plane in {directory} {'would be' if check else 'was'} stopped.")


def _lock(directory: Path, *, check: bool) -> IO[str] | None:
    """The lock of a control plane that does not run, None when it runs."""
    file = directory / KEPT_WHILE
    _refuse_foreign(directory)
    if directory.is_dir() and not file.exists() and any(directory.iterdir()):
        raise ControlPlaneError(
            f"{directory} holds other files, and would be removed with the control plane. "
            "Name a directory that is empty or does not exist."
        )
    if check:
        if not file.exists():
            return open(os.devnull)
        lock = _open_own(file, os.O_RDONLY)
    else:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        _refuse_foreign(directory)  # another process may have been faster
        directory.chmod(0o700)  # it will hold keys
        lock = _open_own(file, os.O_WRONLY | os.O_CREAT)
    # The file may be that of a control plane that has ended meanwhile.
    if _locked(lock) and file.exists() and file.stat().st_ino == os.fstat(lock.fileno()).st_ino:
        return lock
    lock.close()
    return None


def _refuse_foreign(directory: Path) -> None:
    """Raise ControlPlaneError for a directory of another user, who could take the keys in it, and for a link."""
    try:
        found = directory.lstat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise ControlPlaneError(f"{directory} cannot be used: {error.strerror}.") from error
    if not stat.S_ISDIR(found.st_mode):
        raise ControlPlaneError(f"{directory} is not a directory, or a link to one. Name the directory itself.")
    if found.st_uid != os.geteuid():
        raise ControlPlaneError(
            f"{directory} belongs to another user, who could read the keys in it. "
            "Name a directory of your own, or one that does not exist."
        )


def _open_own(file: Path, flags: int) -> IO[str]:
    """Open a file of the directory, which nothing truncates and no link leads elsewhere."""
    try:
        opened = os.open(file, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise ControlPlaneError(f"{file} is a symbolic link. Remove it.") from error
    return os.fdopen(opened, "w" if flags & os.O_WRONLY else "r")


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read_ready(directory: Path) -> dict[str, Any] | None:
    try:
        ready: dict[str, Any] = json.loads((directory / READY).read_text())
    except FileNotFoundError:
        return None
    return ready


def build_while_runs(pid: int, parts: Parts) -> None:
    """Build the programs. End like an interrupted build, within a second, when a process has ended.

    Nothing shows the output of the build before it ends, so it reports no progress.
    """

    def look(_number: int, _frame: object) -> None:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            signal.setitimer(signal.ITIMER_REAL, 0)
            # As one from outside: it waits where the build holds interrupts back.
            signal.raise_signal(signal.SIGTERM)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, 1, 1)
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        build(parts)


def _directory(path: str) -> Path:
    """Return the absolute path, with ~ and environment variables as in Ansible. Raise ControlPlaneError if empty."""
    if not path.strip():
        raise ControlPlaneError("The path of the directory is empty. Name the directory of the control plane.")
    return Path(os.path.expandvars(path)).expanduser().absolute()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Keep a control plane in a directory until it is stopped.")
    commands = parser.add_subparsers(required=True, metavar="start | stop | build", dest="command_name")
    starts = commands.add_parser("start", help="start it there, unless it runs")
    starts.add_argument("--namespace", action="append", default=[], help="make it where it does not exist")
    builds = commands.add_parser("build", help="build its programs, and report no progress")
    builds.add_argument("--while", type=int, required=True, metavar="PID", dest="pid", help="end with this process")
    for command in (starts, builds):
        command.add_argument("--controller-manager", action="store_true", help="fill and delete namespaces")
        command.add_argument("--registry", action="store_true", help="run a registry with a password and an image")
        command.add_argument("--node", action="store_true", help="run a node too, and the other two")
    stops = commands.add_parser("stop", help="stop the one that runs there, and remove the directory")
    for command in (starts, stops):
        command.add_argument("--check", action="store_true", help="only say what would be done")
        command.add_argument("directory", help="of this control plane alone")
    return parser


def _run(arguments: argparse.Namespace) -> Done:
    if arguments.command_name == "stop":
        return stop(_directory(arguments.directory), check=arguments.check)
    parts = Parts(arguments.controller_manager, arguments.registry, arguments.node).completed()
    if arguments.command_name == "build":
        build_while_runs(arguments.pid, parts)
        return Done(True, "The programs were built.")
    return start(_directory(arguments.directory), parts, namespaces=arguments.namespace, check=arguments.check)


def main() -> int:
    arguments = _parser().parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        done = _run(arguments)
    except ControlPlaneError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        place = getattr(arguments, "directory", "the user's cache")
        print(f"Cannot use {place} for a control plane: {error.strerror or error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(json.dumps(asdict(done)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
