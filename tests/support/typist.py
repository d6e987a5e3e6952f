# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A person at a terminal: a program in a pseudo-terminal, and answers that are typed when it asks."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from support.processes import descendants, kill_tree

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


@dataclass
class LiveTerminal:
    """A program at a terminal of its own, and a person who reads what it prints and types when it asks."""

    pid: int
    master: int
    raw: bytes = b""
    # The part of ``raw`` that an answer has followed.
    seen: int = 0
    code: int | None = None
    # The settings of the terminal before the program could change them.
    settings: list[object] = field(default_factory=list)

    def asked(self, pattern: str = "") -> str:
        """Wait until the program waits for keys and has printed this since the last answer. Return what it printed."""
        self._read_while(lambda: not (re.search(pattern, self.unread) and self._waits_for_keys()))
        assert re.search(pattern, self.unread), self.screen
        return self.unread

    def type(self, text: str | bytes) -> None:
        """Type, or paste, what is sent at once."""
        self.seen = len(self.raw)
        data = text.encode() if isinstance(text, str) else text
        while data:
            data = data[os.write(self.master, data[:1024]) :]

    def answer(self, pattern: str, text: str | bytes) -> str:
        """Wait for a question, answer it, and return what the program printed before."""
        printed = self.asked(pattern)
        self.type(text)
        return printed

    def end(self) -> int:
        """Wait until the program ends, and return its exit code."""
        self._read_while(lambda: True)
        if self.code is None:
            self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.code

    def close(self) -> None:
        """Close the terminal, as a window is closed."""
        if self.master >= 0:
            os.close(self.master)
            self.master = -1

    def end_without_terminal(self) -> None:
        """Wait until the program ends after its terminal was closed."""
        self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    @property
    def processes(self) -> list[int]:
        """The processes of the program that run now."""
        return [self.pid, *descendants(self.pid)]

    @property
    def unread(self) -> str:
        """What was printed since the last answer."""
        return _CONTROLS.sub("", self.raw[self.seen :].decode(errors="replace"))

    @property
    def screen(self) -> str:
        """All that a person reads."""
        return _CONTROLS.sub("", self.raw.decode(errors="replace"))

    def _waits_for_keys(self) -> bool:
        """Return whether Ansible reads keys: without blocking, after it has emptied the keyboard's buffer."""
        flags = Path(f"/proc/{self.pid}/fdinfo/0").read_text().split("flags:")[1].split()[0]
        return bool(int(flags, 8) & os.O_NONBLOCK)

    def _read_while(self, is_expected: Callable[[], bool]) -> None:
        """Read what is printed, until nothing more arrives that is expected, or the program has ended."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            ready = select.select([self.master], [], [], 0.01)[0]
            if ready:
                try:
                    self.raw += os.read(self.master, 65536)
                except OSError:  # the program has ended
                    return
            elif not is_expected():
                return
        kill_tree(self.pid)
        raise AssertionError(f"waited in vain:\n{self.screen}")


def open_terminal(
    command: Sequence[str], *, environment: Mapping[str, str], directory: Path, columns: int = 90, rows: int = 40
) -> LiveTerminal:
    """Run a program at a terminal of this size."""

    def execute() -> None:
        os.chdir(directory)
        os.execvpe(command[0], list(command), dict(environment))  # noqa: S606 - a program of the test

    return open_terminal_for(execute, columns=columns, rows=rows)


def open_terminal_for(program: Callable[[], object], *, columns: int = 90, rows: int = 40) -> LiveTerminal:
    """Run a function in a child of this process, at a terminal of this size."""
    waiting, starting = os.pipe()
    child, master = pty.fork()
    if child == 0:
        code = 1
        os.read(waiting, 1)
        try:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115
            sys.stderr = sys.stdout
            program()
            sys.stdout.flush()
            code = 0
        finally:
            os._exit(code)
    terminal = LiveTerminal(child, master, settings=termios.tcgetattr(master))
    os.write(starting, b"x")
    os.close(waiting)
    os.close(starting)
    return terminal
