# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The real ansible-rulebook, in an environment of its own and with the Java of this machine."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from environments import environment
from support.home import Home
from support.processes import descendants, eventually, kill_tree, runs

# The oldest Java that ansible-rulebook runs on.
JAVA = 17


def why_no_java() -> str:
    """Return why ansible-rulebook cannot run on this machine; an empty string if it can."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if not java:
        return f"ansible-rulebook needs Java {JAVA}, and there is no java on PATH and no JAVA_HOME"
    command = [java, "-XshowSettings:properties", "-version"]
    try:
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    except (OSError, subprocess.CalledProcessError) as error:
        return f"ansible-rulebook needs Java {JAVA}, and {java} does not run: {error}"
    found = re.search(r"java\.specification\.version = (\d+)", printed)
    if not found or int(found[1]) < JAVA:
        return (
            f"ansible-rulebook needs Java {JAVA}, and {java} is Java {found[1] if found else 'of an unknown version'}"
        )
    return ""


def find_rulebook() -> Path:
    """Return the folder with ansible-rulebook. Without Java the test is skipped; where CI is set, it fails."""
    if reason := why_no_java():
        if os.environ.get("CI", "false") != "false":
            pytest.fail(reason)
        pytest.skip(reason)
    return environment("rulebook", sys.executable, "rulebook.txt")


@dataclass(frozen=True)
class Running:
    """An ansible-rulebook that runs. ``log`` has what it prints."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def printed(self) -> str:
        """Return the output without colors."""
        return re.sub(r"\x1b\[[0-9;]*m", "", self.log.read_text(errors="replace"))

    def wait_for(self, text: str, *, times: int = 1, seconds: float = 120) -> None:
        """Wait until it has printed a text that often."""
        self.wait(lambda: self.printed.count(text) >= times, f"{text!r} {times} times", seconds=seconds)

    def wait(self, condition: Callable[[], bool], what: str, *, seconds: float = 120) -> None:
        """Wait until a condition is met. Fail the test if the program ends before."""
        eventually(lambda: condition() or not runs(self.process.pid), seconds=seconds)
        assert condition(), f"waited in vain for {what}:\n{self.printed}"


@contextlib.contextmanager
def running_rulebook(home: Home, *arguments: str | Path, **variables: str) -> Iterator[Running]:
    """Run ansible-rulebook for a user until the end of the block, and end it as an operator does."""
    log = home.directory / "rulebook.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [home.binaries / "ansible-rulebook", *arguments],
            cwd=home.directory,
            env=home.environment(**variables),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Running(process, log)
    finally:
        family = [process.pid, *descendants(process.pid)]
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        for pid in filter(runs, family):
            kill_tree(pid)
        process.wait()
