# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Searches for secrets in all that a run of Ansible has printed and written, and in the system's log."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from support.canary import Canary, find_leaks, read_below
from support.leaks.suite import Case
from support.paths import ROOT
from support.playbook import Playbook, Run

SYSTEM_LOG = Path("/dev/log")


class Given(Protocol):
    """What tasks are given: the folder with all of it, every canary that is somewhere, and the name of a module."""

    @property
    def module(self) -> str: ...

    @property
    def inputs(self) -> Path: ...

    @property
    def canaries(self) -> Sequence[Canary]: ...


PAYLOADS = {f"AnsiballZ_{path.name}" for path in (ROOT / "plugins" / "modules").glob("*.py")}


def written(playbook: Playbook, run: Run, given: Given, *, in_background: int = 0) -> dict[str, bytes]:
    """All that was printed and written, by place; what the tasks are given and Ansible's own payloads are left out.

    A payload is written only for a task that runs as an ordinary module.
    """
    places = read_below(playbook.directory, leave_out=given.inputs.iterdir())
    payloads = [places.pop(name) for name in list(places) if Path(name).name in PAYLOADS]
    ordinary = playbook.direct == "never"
    assert ordinary or len(payloads) == in_background
    if ordinary or in_background:
        assert find_leaks({"": b"".join(payloads)}, given.canaries), "payloads are left out because they hold secrets"
        assert f"AnsiballZ_{given.module}".encode() in places["arguments.txt"]
    texts = {"output": run.output.encode(), "log": places.pop("ansible.log"), "callback": places.pop("callback.jsonl")}
    for name, text in texts.items():
        start, *parts = re.split(rb"TASK \[", text)
        assert len(parts) >= len(run.results), f"{name} lacks tasks"
        places[name] = start
        for number, part in enumerate(parts):  # so that a leak is told with its task
            places[f"{name}, {part.partition(b']')[0].decode()} ({number})"] = part
    return places


def differences(cases: Sequence[Case], results: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """How results differ from what the cases say: a task that ends too early proves nothing."""
    for case, result in zip(cases, results, strict=True):
        operation = "failed" if result.get("failed") else result.get("operation", "read")
        message = result.get("msg", "")
        if operation != case.operation or case.message not in message or message.startswith("Unexpected"):
            yield f"{case.name}: {operation}, {message!r}; expected {case.operation}, {case.message!r}"
        for text in case.shown:
            if text not in json.dumps(result, ensure_ascii=False):
                yield f"{case.name}: the result lacks {text}"


class SystemLog:
    """Takes what programs on this machine write to the system's log."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(SYSTEM_LOG))
        self._receiver = threading.Thread(target=self._receive, daemon=True)
        self._receiver.start()

    def _receive(self) -> None:
        while line := self._socket.recv(1 << 20):
            self._lines.append(line)

    def content(self) -> bytes:
        return b"\n".join(self._lines)

    def close(self) -> None:
        SYSTEM_LOG.unlink()
        self._socket.shutdown(socket.SHUT_RDWR)  # ends recv, which must not see a closed socket
        self._receiver.join(timeout=10)
        self._socket.close()
