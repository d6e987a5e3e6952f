# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs whose output is read: within a time, and up to a size."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import field

from .._dataclasses import dataclass

# Bytes of output that are read at once.
_READ_SIZE = 64 * 1024


class OutputTooLarge(Exception):
    """The error for a program that printed more than the limit."""


@dataclass(frozen=True)
class Finished:
    """The exit status of a program, negative if a signal ended it, and its output."""

    status: int
    output: bytes = field(repr=False)
    errors: bytes = field(repr=False)


def run_program(
    command: Sequence[str],
    *,
    seconds: float,
    most: int,
    environment: Mapping[str, str] | None = None,
    reads_errors: bool = False,
    folder: str | None = None,
    stdin: int = subprocess.DEVNULL,
    inherited: Sequence[int] = (),
    own_session: bool = False,
) -> Finished:
    """Run a program to its end. Its messages are dropped unless ``reads_errors``.

    It has no input unless ``stdin`` is a file descriptor, and keeps the file descriptors ``inherited``. With
    ``own_session`` it has no terminal on which it could ask, and its children are ended with it.
    Raise OSError and ValueError for one that cannot be started, subprocess.TimeoutExpired after ``seconds``, and
    OutputTooLarge for more than ``most`` bytes of output. The program has ended then, too.
    """
    # There is no module whose run_command could be called, when Ansible's own process runs this.
    process = subprocess.Popen(  # pylint: disable=ansible-bad-function
        command,
        env=environment,
        cwd=folder,
        stdin=stdin,
        pass_fds=inherited,
        start_new_session=own_session,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if reads_errors else subprocess.DEVNULL,
    )
    end = time.monotonic() + seconds
    with process:
        try:
            output, errors = _read_all(process, end, most)
            status = process.wait(max(0, end - time.monotonic()))
        except BaseException:
            if own_session and process.returncode is None:  # not waited for yet, so the number is that of its group
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            raise
    return Finished(status, output, errors)


def _read_all(process: subprocess.Popen[bytes], end: float, most: int) -> tuple[bytes, bytes]:
    """Return what a program prints until it closes its pipes: output and errors."""
    printed = (bytearray(), bytearray())
    with selectors.DefaultSelector() as selector:
        for pipe, text in zip((process.stdout, process.stderr), printed, strict=True):
            if pipe:
                selector.register(pipe, selectors.EVENT_READ, text)
        while selector.get_map():
            left = end - time.monotonic()
            if left <= 0:
                raise subprocess.TimeoutExpired(process.args, left)
            for key, _events in selector.select(left):
                piece = os.read(key.fd, _READ_SIZE)
                key.data.extend(piece)
                if not piece:
                    selector.unregister(key.fileobj)
                if len(key.data) > most:
                    raise OutputTooLarge
    return bytes(printed[0]), bytes(printed[1])
