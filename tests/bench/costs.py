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
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
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


def run(command: Sequence[str], *, environment: Mapping[str, str], directory: Path) -> Cost:
    """Run a command to its end. Raises RunFailed when it ends with anything but 0."""
    with tempfile.NamedTemporaryFile(dir=directory) as result, (directory / "output").open("w+b") as output:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__, result.name, *command],
            env=dict(environment),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
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
            output.seek(0)
            words = output.read().decode(errors="replace").splitlines()[-15:]
            raise RunFailed("\n".join([f"{Path(command[0]).name} ended with {code}:", *words]))
        measured: dict[str, Any] = json.loads(result.read())
    return Cost(**measured)


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
