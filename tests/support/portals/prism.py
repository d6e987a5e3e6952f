# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The portals behind prism, which checks every request and every answer against the vendor's document."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import urllib3
from werkzeug.wrappers import Request, Response

from support.control_plane import die_with_parent
from support.portals.documents import ECP, SAP_AI_CORE, write_document
from support.portals.ecp import Ecp, ecp
from support.portals.portal import DatedHandler, Portal
from support.portals.sap import SapAiCore, sap_ai_core
from support.prism.program import find_prism, why_no_prism
from support.servers.wsgi import StartResponse, serving

_SECONDS_TO_START = 60

# Headers that are about one connection.
_OF_CONNECTIONS = frozenset(("connection", "content-length", "keep-alive", "transfer-encoding"))


@dataclass
class Checked:
    """What is in front of a portal: it passes everything on to prism, and keeps what prism complains about.

    prism answers an invalid request itself, and replaces an invalid answer; ``violations`` say which and why. A test
    removes those that it expects.
    """

    prism: str
    violations: list[str] = field(default_factory=list)
    url: str = ""

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        answer = urllib3.request(
            request.method,
            self.prism + environ["REQUEST_URI"],
            body=request.get_data() or None,
            headers={name: value for name, value in request.headers if name.lower() not in _OF_CONNECTIONS},
            redirect=False,
            retries=False,
            timeout=60,
        )
        self._note(f"{request.method} {request.path}", answer)
        passed_on = [(name, value) for name, value in answer.headers.items() if name.lower() not in _OF_CONNECTIONS]
        response = Response(answer.data, answer.status)
        del response.headers["Content-Type"]
        for name, value in passed_on:
            response.headers.add(name, value)
        return response(environ, start_response)

    def _note(self, asked: str, answer: urllib3.BaseHTTPResponse) -> None:
        found = json.loads(answer.headers.get("sl-violations", "[]"))
        if not found and answer.headers.get("content-type") == "application/problem+json":
            problem = answer.json()
            found = problem.get("validation") or [{"message": problem["title"]}]
        for violation in found:
            place = ".".join(map(str, violation.get("location", ())))
            self.violations.append(f"{asked}: {place} {violation['message']}".replace(":  ", ": "))
            print(self.violations[-1])  # for the output of a test that fails for this reason


@contextlib.contextmanager
def checked(name: str, portal: Portal) -> Iterator[Checked]:
    """Put prism in front of a portal, and send its clients there. Fail the test for what prism complains about.

    Without the vendor's document or without prism the test is skipped, or fails where they were promised.
    """
    with tempfile.TemporaryDirectory(prefix="keyring-prism-") as directory:
        document = write_document(name, Path(directory), closed=True)
        if reason := why_no_prism():
            _give_up(reason)
        with _prism(document, portal.url) as url, contextlib.ExitStack() as stack:
            front = Checked(url)
            front.url = portal.address = stack.enter_context(serving(front, request_handler=DatedHandler))
            yield front
            assert front.violations == []


def _give_up(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@contextlib.contextmanager
def _prism(document: Path, upstream: str) -> Iterator[str]:
    """Run prism, and yield its URL."""
    log = document.with_suffix(".log")
    command: list[str | Path] = [find_prism(), "proxy", document, upstream, "--errors", "--port", "0"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, preexec_fn=die_with_parent
        )
    try:
        yield _wait_for_url(process, log)
    finally:
        process.kill()
        process.wait()


def _wait_for_url(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + _SECONDS_TO_START
    while not (found := re.search(r"listening on (http://127\.0\.0\.1:\d+)", log.read_text(encoding="utf-8"))):
        assert process.poll() is None, log.read_text(encoding="utf-8")
        assert time.monotonic() < deadline, "prism does not listen"
        time.sleep(0.02)
    return found[1]


@contextlib.contextmanager
def checked_sap() -> Iterator[tuple[SapAiCore, Checked]]:
    """AI Core behind prism. Its token endpoint is none of the document's, and is asked directly."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(sap_ai_core())
        yield server, stack.enter_context(checked(SAP_AI_CORE, server))


@contextlib.contextmanager
def checked_ecp() -> Iterator[tuple[Ecp, Checked]]:
    """ECP behind prism."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(ecp())
        yield server, stack.enter_context(checked(ECP, server))
