# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a FaultProxy breaks, as data: faults, rules that say when they happen, and the record of what was seen."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""


@dataclass(frozen=True)
class Fault:
    """What becomes of a request. Without any field: nothing unusual.

    ``forward``: it reaches the server. ``answer``: what is answered instead of what the server says.
    ``wait``: seconds before the answer; None is until the proxy is down. ``sent``: the part of the answer's body that
    is sent before the connection ends; 1 is all of it, and the connection stays; 0 is nothing, not even the status.
    ``reset``: the connection ends with a TCP reset.
    """

    name: str | None = None
    forward: bool = True
    answer: Answer | None = None
    wait: float | None = 0.0
    sent: float = 1.0
    reset: bool = False


RESET = Fault("reset", forward=False, sent=0, reset=True)
LOST = Fault("lost", sent=0, reset=True)  # the server has done it, the client is not told
HALF = Fault("half", sent=0.5, reset=True)
CLOSE = Fault("close", forward=False, sent=0)
HANG = Fault("hang", forward=False, wait=None, sent=0)
NO_SERVER = Fault("no-server", sent=0, reset=True)  # not injected: the server itself gave no answer

# kubernetes apimachinery pkg/apis/meta/v1/types.go, "StatusReason"
_REASONS = {
    409: "Conflict",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}


def delay(seconds: float) -> Fault:
    """The server does it at once; its answer comes later."""
    return Fault("delay", wait=seconds)


def refuse(
    status: int, headers: Mapping[str, str] | None = None, *, reason: str | None = None, forward: bool = False
) -> Fault:
    """Answer with a Status of Kubernetes; with ``forward`` the server has done the request all the same."""
    message = f"injected {status}"
    fields = {"status": "Failure", "message": message, "reason": reason or _REASONS.get(status, ""), "code": status}
    body = json.dumps({"kind": "Status", "apiVersion": "v1", "metadata": {}, **fields}).encode()
    answer = Answer(status, (("Content-Type", "application/json"), *(headers or {}).items()), body)
    return Fault(str(status), forward=forward, answer=answer)


@dataclass(frozen=True)
class Rule:
    """A fault, and the requests that it happens to.

    Those with one of the methods (none: any) and with the regular expression in path and query are counted. Of those,
    ``skip`` pass; then every ``every``-th gets the fault, until ``first`` have had it. Others go on to the next rule.
    """

    fault: Fault
    methods: Sequence[str] = ()
    path: str = ""
    skip: int = 0
    every: int = 1
    first: int | None = None

    def counts(self, method: str, path: str) -> bool:
        return (not self.methods or method in self.methods) and bool(re.search(self.path, path))

    def hits(self, number: int) -> bool:
        """Whether it happens to this one of the counted requests; they are numbered from 1."""
        turn, rest = divmod(number - self.skip, self.every)
        return turn > 0 and rest == 0 and (self.first is None or turn <= self.first)


class Seen(NamedTuple):
    """A request; the name of its fault; and the status of the answer, be it lost, or None where there was none."""

    method: str
    path: str
    fault: str | None
    status: int | None
