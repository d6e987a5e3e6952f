# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""git and ssh, run to ask a server: without the settings, keys and logins of the user, and within limits.

The password waits in a pipe that git's credential helper reads. The private key goes through a pipe to ssh-add, into an
agent of its own, which ends when the question is answered and when this process ends.
"""

from __future__ import annotations

import os
import selectors
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from .._cluster.bounded_program import OutputTooLarge, run_program
from .._cluster.local_file import describe_size
from .._errors import KeyringError
from .answer import read_answer
from .question import (
    AGENT_SOCKET,
    CA_FILE,
    KNOWN_HOSTS_FILE,
    GitAnswer,
    GitQuestion,
    base_variables,
    git_command,
    git_variables,
)

# Bytes that git may print.
MAX_PRINTED = 64 * 1024

# Seconds that the agent may take to end.
_AGENT_ENDS = 5.0

# The path of a socket has at most 107 bytes.
_SHORTER = "If TMPDIR is a long path, set a shorter one."

# It runs beside the agent, whose process id ssh-agent gives it. It ends the agent when its input ends: when that is
# closed, and also when the process that holds it is killed.
_GUARD = 'echo; cat >/dev/null; kill "$SSH_AGENT_PID"'

# The programs that are needed, and the packages that have them.
_PROGRAMS: Mapping[str, str] = {
    "git": "git",
    "ssh": "openssh-client (Debian) or openssh-clients (RPM)",
    "ssh-agent": "openssh-client (Debian) or openssh-clients (RPM)",
    "ssh-add": "openssh-client (Debian) or openssh-clients (RPM)",
}


class _KeyRefused(Exception):
    """The error for a private key that ssh-add does not read."""


class _NoAgent(Exception):
    """The error for an agent that ends before it listens."""


def ask_git_server(question: GitQuestion, seconds: int, environ: Mapping[str, str]) -> GitAnswer:
    """Return whether a Git server lets the credential read the repository. Nothing of it is fetched.

    Raise KeyringError if a program is missing.
    """
    end = time.monotonic() + seconds
    programs = _find_programs(question, environ)
    with (
        tempfile.TemporaryDirectory(prefix="keyring-verify-") as folder,
        _filled_pipe(question.secret.encode()) as pipe,
    ):
        try:
            if question.is_ssh:
                _write_public(folder, KNOWN_HOSTS_FILE, question.known_hosts)
                with _agent(programs, folder, pipe, environ, end):
                    return _run_git(question, programs, folder, pipe, seconds, end, environ)
            if question.ca_certificates:
                _write_public(folder, CA_FILE, question.ca_certificates)
            return _run_git(question, programs, folder, pipe, seconds, end, environ)
        except _KeyRefused:
            return GitAnswer("unverifiable", "Not asked: ssh-add of this machine does not read the private key.")
        except _NoAgent:
            return GitAnswer("unverifiable", f"Not asked: ssh-agent of this machine does not start. {_SHORTER}")
        except subprocess.TimeoutExpired:
            return GitAnswer("unreachable", f"The Git server gave no complete answer in {seconds} seconds.")
        except OutputTooLarge:
            return GitAnswer("unverifiable", f"The Git server sent more than {describe_size(MAX_PRINTED)} of messages.")


def _run_git(
    question: GitQuestion,
    programs: Mapping[str, str],
    folder: str,
    pipe: int,
    seconds: int,
    end: float,
    environ: Mapping[str, str],
) -> GitAnswer:
    done = run_program(
        git_command(programs["git"], question, folder, pipe, seconds),
        seconds=max(0.0, end - time.monotonic()),
        most=MAX_PRINTED,
        environment=git_variables(question, folder, environ, programs.get("ssh", ""), seconds),
        reads_errors=True,
        folder=folder,
        inherited=() if question.is_ssh else (pipe,),
        own_session=True,
    )
    was_sent = not question.is_ssh and os.read(pipe, 1) == b""
    return read_answer(
        question,
        done.status,
        done.output.decode(errors="replace"),
        done.errors.decode(errors="replace"),
        was_sent=was_sent,
    )


def _find_programs(question: GitQuestion, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the paths of the programs that a question needs."""
    needed = _PROGRAMS if question.is_ssh else ("git",)
    found: dict[str, str] = {}
    for name in needed:
        path = shutil.which(name, path=environ.get("PATH"))
        if path is None:
            raise KeyringError(
                f"verify needs the program {name}, which is missing on the machine that runs this task.",
                "It asks the Git server.",
                f"Install the package {_PROGRAMS[name]}, or leave out verify.",
                fatal=True,
                failure="missing_library",
                option="verify",
            )
        found[name] = path
    return found


def _write_public(folder: str, name: str, content: str) -> None:
    """Write a file without secrets."""
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(content)


@contextmanager
def _filled_pipe(content: bytes) -> Iterator[int]:
    """Yield the file descriptor of a pipe from which the content can be read once."""
    reader, writer = os.pipe()
    try:
        with open(writer, "wb", closefd=True) as file:
            file.write(content)
        yield reader
    finally:
        os.close(reader)


@contextmanager
def _agent(
    programs: Mapping[str, str], folder: str, key: int, environ: Mapping[str, str], end: float
) -> Iterator[None]:
    """Run an agent with one private key, which is read from a file descriptor, and end the agent at last."""
    socket = os.path.join(folder, AGENT_SOCKET)
    variables = base_variables(folder, environ)
    lifetime = str(int(max(1.0, end - time.monotonic())) + 1)
    guard = subprocess.Popen(  # pylint: disable=ansible-bad-function,consider-using-with
        [programs["ssh-agent"], "-a", socket, "-t", lifetime, "/bin/sh", "-c", _GUARD],
        env=variables,
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    with guard:
        try:
            _await_line(guard, end)
            added = run_program(
                [programs["ssh-add"], "-"],
                seconds=max(0.0, end - time.monotonic()),
                most=MAX_PRINTED,
                environment={**variables, "SSH_AUTH_SOCK": socket},
                folder=folder,
                stdin=key,
                own_session=True,
            )
            if added.status != 0:
                raise _KeyRefused
            yield
        finally:
            if guard.stdin:
                guard.stdin.close()
            try:
                guard.wait(_AGENT_ENDS)
            except subprocess.TimeoutExpired:
                guard.kill()


def _await_line(guard: subprocess.Popen[bytes], end: float) -> None:
    """Wait until the agent listens: its guard then prints a line. Raise _NoAgent if there comes none."""
    left = max(0.0, end - time.monotonic())
    with selectors.DefaultSelector() as selector:
        if guard.stdout:
            selector.register(guard.stdout, selectors.EVENT_READ)
        if not selector.select(left):
            raise subprocess.TimeoutExpired(guard.args, left)
    if guard.stdout and not os.read(guard.stdout.fileno(), 1):
        raise _NoAgent
