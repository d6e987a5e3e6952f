# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that are read while they come, from a server that writes its bytes as the test says."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import NamedTuple

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster import stream as streams
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.connection import Connection, open_connection
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.refused import NoAnswer, Refused
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.settings import (
    ConnectionOptions,
    resolve_settings,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.transport import AnswerTooLarge
from support.processes import wait_until

CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
UNTIL_CLOSED = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"


def chunk(text: str) -> str:
    return f"{len(text):x}\r\n{text}\r\n"


class Served(NamedTuple):
    """A connection to a server, and the requests that it has got."""

    connection: Connection
    asked: list[str]


@contextmanager
def server_of(pieces: Sequence[str], release: threading.Event | None = None) -> Iterator[Served]:
    """A server that answers one request with these pieces, and closes the connection once it is released."""
    asked: list[str] = []

    def answer() -> None:
        peer, _address = listener.accept()
        with peer:
            asked.append(peer.recv(65536).decode())
            for piece in pieces:
                peer.sendall(piece.encode())
            if release:
                release.wait(30)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer)
        thread.start()
        host = f"http://127.0.0.1:{listener.getsockname()[1]}/prefix"
        with closing(open_connection(resolve_settings(ConnectionOptions(host=host), {}))) as connection:
            yield Served(connection, asked)
        thread.join()


def open_stream(connection: Connection, quiet: float = 30) -> streams.Stream:
    return streams.open_stream(connection, "/x?watch=1", "application/json", quiet=quiet, longest=60)


@pytest.mark.parametrize(
    "pieces",
    [
        [CHUNKED, chunk("one\ntw"), chunk("o\nthree\n"), chunk("cut"), "0\r\n\r\n"],
        [UNTIL_CLOSED, "one\n", "two\nthree\ncut"],
    ],
    ids=["chunks", "until the connection is closed"],
)
def test_complete_lines_are_yielded(pieces: Sequence[str]) -> None:
    with server_of(pieces) as served, closing(open_stream(served.connection)) as stream:
        stream.check()
        assert list(stream.lines()) == [b"one", b"two", b"three"]
    assert served.asked[0].startswith("GET /prefix/x?watch=1 HTTP/1.1\r\n")
    assert "Accept: application/json\r\n" in served.asked[0]


def test_a_line_is_yielded_before_the_next_one_comes() -> None:
    release = threading.Event()
    with (
        server_of([CHUNKED, chunk("one\n")], release) as served,
        closing(open_stream(served.connection)) as stream,
    ):
        assert next(stream.lines()) == b"one"
        release.set()


def test_another_thread_ends_a_read() -> None:
    release = threading.Event()
    found: list[bytes] = []

    def read(stream: streams.Stream) -> None:
        with suppress(http.client.HTTPException):
            for line in stream.lines():
                found.append(line)  # noqa: PERF402  (the test waits for it)

    with (
        server_of([CHUNKED, chunk("one\n")], release) as served,
        closing(open_stream(served.connection)) as stream,
    ):
        reader = threading.Thread(target=read, args=[stream])
        reader.start()
        wait_until(lambda: found == [b"one"])
        stream.interrupt()
        reader.join(10)
        still_reads = reader.is_alive()
        release.set()  # only now does the server end the answer
        reader.join()
    assert not still_reads


def test_a_stream_that_was_closed_is_not_interrupted() -> None:
    with server_of([UNTIL_CLOSED]) as served:
        stream = open_stream(served.connection)
        stream.close()
        stream.interrupt()
        stream.close()


def test_silence_is_an_error() -> None:
    release = threading.Event()
    with (
        server_of([CHUNKED, chunk("one\n")], release) as served,
        closing(open_stream(served.connection, quiet=0.3)) as stream,
    ):
        lines = stream.lines()
        assert next(lines) == b"one"
        with pytest.raises(TimeoutError):
            next(lines)
        release.set()


def test_silence_before_the_answer_is_the_same_error() -> None:
    release = threading.Event()
    with server_of([], release) as served:
        with pytest.raises(TimeoutError):
            open_stream(served.connection, quiet=0.3)
        release.set()


def test_a_chunk_that_is_cut_off_is_an_error_or_the_end() -> None:
    with server_of([CHUNKED, chunk("one\n"), "ff\r\ncut"]) as served:
        lines = open_stream(served.connection).lines()
        assert next(lines) == b"one"
        with pytest.raises((http.client.IncompleteRead, StopIteration)):
            next(lines)


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MAX_LINE", 100)
    with (
        server_of([UNTIL_CLOSED, "x" * 101]) as served,
        closing(open_stream(served.connection)) as stream,
        pytest.raises(AnswerTooLarge),
    ):
        list(stream.lines())


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ('HTTP/1.1 429 Busy\r\nRetry-After: 7\r\nContent-Length: 19\r\n\r\n{"message": "wait"}', "wait"),
        ("HTTP/1.1 503 Away\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n", ""),
        ("HTTP/1.1 503 Away\r\nRetry-After: 7\r\nConnection: close\r\n\r\n<html>", ""),
    ],
    ids=["a Status", "no body", "another body"],
)
def test_an_answer_other_than_200_is_a_refusal(answer: str, message: str) -> None:
    with (
        server_of([answer]) as served,
        closing(open_stream(served.connection)) as stream,
        pytest.raises(Refused) as refused,
    ):
        stream.check()
    assert (refused.value.status, refused.value.message, refused.value.retry_after) == (int(answer[9:12]), message, 7)


def test_a_server_that_closes_without_an_answer_is_explained() -> None:
    with server_of([]) as served, pytest.raises(NoAnswer) as no_answer:
        open_stream(served.connection)
    assert str(no_answer.value.error).startswith(f"Cannot reach the API server {served.connection.server}: ")
