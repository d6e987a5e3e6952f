# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A store of answers in memory that Ansible's workers inherit, for all tasks of a run of ansible-playbook.

Ansible runs each task in a forked process, and the hosts of a play at the same time. What one of them learns is lost
with its process, unless it is in memory that was shared before the fork: this file is imported before.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import mmap
import multiprocessing
import secrets
import struct
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

_SLOTS = 512
_SLOT_SIZE = 2048
# Slots that are looked at for one question.
_PROBES = 16
# The digest of the question, the time at which the slot is free again, and the length of the answer; without one,
# somebody is asking.
_HEAD = struct.Struct("=32sdH")
# The seconds to wait for the lock, which is held for microseconds unless its holder was killed.
_LOCK_TIMEOUT = 1
_LOOK_AGAIN = 0.05


class SharedAnswers:
    """A table in anonymous memory. Questions are kept as HMACs with a key that exists only in these processes."""

    def __init__(self) -> None:
        """Raise OSError or ImportError if the system has no locks that processes can share."""
        self._lock = multiprocessing.get_context("fork").Lock()
        self._memory = mmap.mmap(-1, _SLOTS * _SLOT_SIZE)
        self._key = secrets.token_bytes(32)

    def find(self, question: str) -> Mapping[str, Any] | None:
        """Return the answer to a question that was asked before, or None."""
        digest = self._digest(question)
        with self._locked() as is_locked:
            return self._read(self._slot(digest), digest) if is_locked else None

    def claim(self, question: str, seconds: float) -> Mapping[str, Any] | None:
        """Return the answer to a question, or None if the caller has to ask it.

        Wait for at most so many seconds where another process is asking it.
        """
        digest = self._digest(question)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self._locked() as is_locked:
                if not is_locked:
                    return None
                slot = self._slot(digest)
                answer = self._read(slot, digest)
                if answer is not None or not self._is_taken(slot, digest):
                    if answer is None:
                        self._write(slot, digest, b"", seconds)
                    return answer
            time.sleep(_LOOK_AGAIN)
        return None

    def put(self, question: str, answer: Mapping[str, Any], seconds: float) -> None:
        """Keep the answer to a question for so many seconds. One that is too long is not kept."""
        digest = self._digest(question)
        text = json.dumps(answer).encode()
        with self._locked() as is_locked:
            if is_locked:
                fits = len(text) <= _SLOT_SIZE - _HEAD.size
                self._write(self._slot(digest), digest, text if fits else b"", seconds if fits else 0)

    def _digest(self, question: str) -> bytes:
        return hmac.new(self._key, question.encode(errors="surrogatepass"), hashlib.sha256).digest()

    @contextmanager
    def _locked(self) -> Iterator[bool]:
        """Hold the lock, and yield whether it was free in time."""
        is_locked = self._lock.acquire(timeout=_LOCK_TIMEOUT)
        try:
            yield is_locked
        finally:
            if is_locked:
                self._lock.release()

    def _slot(self, digest: bytes) -> int:
        """Return the offset of the slot of a question: its own, the first free one, or that of another question."""
        first = int.from_bytes(digest[:4], "big")
        offsets = [(first + probe) % _SLOTS * _SLOT_SIZE for probe in range(_PROBES)]
        for offset in offsets:
            if self._head(offset)[0] == digest:
                return offset
        now = time.monotonic()
        for offset in offsets:
            if self._head(offset)[1] <= now:
                return offset
        return offsets[0]

    def _head(self, offset: int) -> tuple[bytes, float, int]:
        digest, end, length = _HEAD.unpack_from(self._memory, offset)
        return digest, end, length

    def _is_taken(self, offset: int, digest: bytes) -> bool:
        """Return whether another process is asking this question."""
        found, end, _length = self._head(offset)
        return found == digest and end > time.monotonic()

    def _read(self, offset: int, digest: bytes) -> Mapping[str, Any] | None:
        found, end, length = self._head(offset)
        if found != digest or end <= time.monotonic() or not length:
            return None
        start = offset + _HEAD.size
        answer: Mapping[str, Any] = json.loads(self._memory[start : start + length])
        return answer

    def _write(self, offset: int, digest: bytes, text: bytes, seconds: float) -> None:
        _HEAD.pack_into(self._memory, offset, digest, time.monotonic() + seconds, len(text))
        start = offset + _HEAD.size
        self._memory[start : start + len(text)] = text


def _make_answers() -> SharedAnswers | None:
    try:
        return SharedAnswers()
    except (ImportError, OSError):
        return None


# None where tasks share nothing, so that each of them asks.
ANSWERS = _make_answers()
