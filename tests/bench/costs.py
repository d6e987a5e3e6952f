# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a command and write what it cost to a file, as JSON.

A small process of its own: until a new process has replaced its program, Linux counts the memory of the one
that started it as its own, so a large one would raise every peak.
"""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class RunFailed(Exception):
    """A contender did not do its work; the text ends with its last words."""


@dataclass(frozen=True)
class Cost:
    """What a command and all its children took.

    ``wall`` and ``cpu`` (user and system) are seconds. ``memory`` is the peak of the largest single process
    among them in bytes (ru_maxrss of wait4), not their sum.
    """

    wall: float
    cpu: float
    memory: int


def run(command: Sequence[str], *, environment: Mapping[str, str], directory: Path, terminal: bool = False) -> Cost:
    """Run a command to its end; what it writes goes to the file ``output``, with ``terminal`` by way of one.

    Raises RunFailed when it ends with anything but 0.
    """
    output = directory / "output"
    with tempfile.NamedTemporaryFile(dir=directory) as result, _writing_to(output, terminal=terminal) as descriptor:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__, result.name, *command],
            env=dict(environment),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=subprocess.STDOUT,
            # Ctrl-C in a terminal is meant for the benchmark, which then ends what it has started.
            start_new_session=True,
        )
        try:
            code = process.wait()
        except BaseException:
            _end(process)
            raise
        if code:
            words = output.read_text(errors="replace").splitlines()[-15:]
            raise RunFailed("\n".join([f"{Path(command[0]).name} ended with {code}:", *words]))
        measured: dict[str, Any] = json.loads(result.read())
    return Cost(**measured)


@contextlib.contextmanager
def _writing_to(path: Path, *, terminal: bool) -> Iterator[int]:
    """Yield a descriptor whose output goes to a file; with ``terminal`` it is a terminal."""
    with path.open("wb", buffering=0) as file:
        if not terminal:
            yield file.fileno()
            return
        ours, theirs = pty.openpty()

        def copy() -> None:
            # Linux reports the end of a terminal as an error.
            with contextlib.suppress(OSError):
                while content := os.read(ours, 4096):
                    file.write(content)

        copying = threading.Thread(target=copy, daemon=True)
        copying.start()
        try:
            yield theirs
        finally:
            os.close(theirs)
            copying.join(timeout=10)
            os.close(ours)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask with SIGINT first: ansible-playbook then ends its workers, which are in sessions of their own."""
    for number in (signal.SIGINT, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        try:
            process.wait(timeout=10)
            return
        except subprocess.TimeoutExpired:
            continue


def main(result: str, command: list[str]) -> int:
    # The command decides what a signal means; this process waits for it.
    signal.signal(signal.SIGINT, lambda number, frame: None)
    begin = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ, setsigdef=[signal.SIGINT])
    _pid, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - begin
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss
    cost = {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss * unit}
    with open(result, "w", encoding="utf-8") as file:
        json.dump(cost, file)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
