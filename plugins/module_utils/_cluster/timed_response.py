# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers of HTTP that must be complete in time, however slowly their bytes come.

The timeout of a socket is for each piece: a server that sends a byte now and then would never be given up.
"""

from __future__ import annotations

import io
import socket
import time
from http.client import HTTPResponse
from typing import Any


class AnswerTooSlow(TimeoutError):
    """An answer that was not complete in time, though something of it came now and then."""


class TimedResponse(HTTPResponse):
    """A response that must be read to its end within ``seconds`` from when the request was sent.

    None stands for the timeout that the request gave to the socket.
    """

    seconds: float | None = None

    def __init__(self, sock: socket.socket, *arguments: Any, **keywords: Any) -> None:
        super().__init__(sock, *arguments, **keywords)
        seconds = self.seconds or sock.gettimeout()
        if seconds is not None:
            self.fp: Any = io.BufferedReader(_TimedReader(self.fp.detach(), sock, seconds))


class _TimedReader(io.RawIOBase):
    """The bytes of a socket, until a time from now on."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, seconds: float) -> None:
        self._raw, self._sock = raw, sock
        self._end = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def readinto(self, buffer: Any) -> int | None:
        left = self._end - time.monotonic()
        if left <= 0:
            raise AnswerTooSlow
        of_a_piece = self._sock.gettimeout()
        self._sock.settimeout(left if of_a_piece is None else min(left, of_a_piece))
        try:
            return self._raw.readinto(buffer)
        except TimeoutError:
            if time.monotonic() < self._end:
                raise
            raise AnswerTooSlow from None
        finally:
            self._sock.settimeout(of_a_piece)

    def close(self) -> None:
        self._raw.close()
        super().close()
