# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A person at a terminal: a program in a pseudo-terminal, and answers that are typed when it asks."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# What is typed is lost until the program has emptied the keyboard's buffer, right after it has turned off the echo or
# the editing of lines.
_PAUSE = 0.1
_PATIENCE = 120

_CONTROLS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|\x1b\[|[\r\x07]")


@dataclass(frozen=True)
class Session:
    """The exit code, and what the terminal has got. ``left`` are the answers that were never asked for."""

    returncode: int
    raw: bytes
    left: Sequence[tuple[str, str]]

    @property
    def screen(self) -> str:
        """What a person reads."""
        return _CONTROLS.sub("", self.raw.decode(errors="replace"))


def type_into(
    command: Sequence[str], answers: Sequence[tuple[str, str]], *, environment: Mapping[str, str], directory: Path
) -> Session:
    """Run a program at a terminal. Each answer is a regular expression of what is asked, and what is typed then."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(directory)
        os.execvpe(command[0], list(command), dict(environment))  # noqa: S606 - a program of the test
    raw, seen, left = b"", 0, list(answers)
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                raw += os.read(terminal, 65536)
            except OSError:  # the program has ended
                break
        elif left and (found := re.search(left[0][0].encode(), raw[seen:])) and _is_asking(terminal):
            time.sleep(_PAUSE)
            _type(terminal, left.pop(0)[1])
            seen += found.end()
    else:
        os.kill(child, signal.SIGTERM)
    _child, status = os.waitpid(child, 0)
    os.close(terminal)
    return Session(os.waitstatus_to_exitcode(status), raw, left)


def _type(terminal: int, text: str) -> None:
    data = text.encode()
    while data:
        data = data[os.write(terminal, data[:1024]) :]


def _is_asking(terminal: int) -> bool:
    return not termios.tcgetattr(terminal)[3] & termios.ICANON
