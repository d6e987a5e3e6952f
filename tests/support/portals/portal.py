# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the APIs of all portals have in common, on loopback: what was asked, faults on request, and TLS."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import Any, TypeVar

from werkzeug.serving import WSGIRequestHandler
from werkzeug.wrappers import Request, Response

from support.control_plane import pki
from support.servers.wsgi import StartResponse, serving

WRITES = ("POST", "PUT", "PATCH", "DELETE")

Route = tuple[str, str, Callable[..., Response]]


class Refused(Exception):
    """An error that the API gives: its status, its code and its message."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers


@dataclass
class Fault:
    """An answer instead of the API's own, for the next ``times`` requests whose ``METHOD path`` contains ``only``."""

    status: int
    times: int
    only: str
    headers: dict[str, str]
    body: str | None


@dataclass
class Portal:
    """A portal whose API is served. Subclasses have its routes and the format of its errors.

    ``asked`` are the requests, ``bodies`` their bodies and ``received`` all of each, in the same order; ``forget``
    clears the three. ``status`` is that of all answers of the API where it is given; ``fail_next`` gives errors to
    some. The answers to the next ``lose`` writes are lost after the write was applied, those to the next ``drop``
    before it was. With ``echo_secrets`` the messages of errors quote the request's Authorization and body. ``address``
    is where clients are sent to, such as a proxy; without it they are sent to ``url``. ``ca_cert`` is the path of the
    authority, for TLS.
    """

    asked: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list, repr=False)
    received: list[Request] = field(default_factory=list, repr=False)
    status: int | None = None
    lose: int = 0
    drop: int = 0
    echo_secrets: bool = False
    url: str = ""
    address: str = ""
    ca_cert: str | None = None

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def forget(self) -> None:
        """Forget what was asked."""
        self.asked.clear()
        self.bodies.clear()
        self.received.clear()

    def fail_next(
        self,
        status: int,
        times: int = 1,
        *,
        only: str = "",
        retry_after: str | int | None = None,
        location: str | None = None,
        body: str | None = None,
    ) -> None:
        """Give errors to the next requests, such as those of ``only="POST /v2/"``; with a body, exactly this text."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        if location is not None:
            headers["Location"] = location
        self._faults.append(Fault(status, times, only, headers, body))

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        body = request.get_data()
        is_write = request.method in WRITES and not self.is_login(request)
        with self._lock:
            self.asked.append((request.method, request.path))
            self.bodies.append(body)
            self.received.append(request)
            if is_write and self.drop:
                self.drop -= 1
                environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
                return Response()(environ, start_response)
            answer = self._answer(request)
            if is_write and self.lose:
                self.lose -= 1
                environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return answer(environ, start_response)

    def _answer(self, request: Request) -> Response:
        identity = str(uuid.uuid4())
        fault = self._find_fault(request)
        try:
            if fault and fault.body is not None:
                answer = Response(fault.body, fault.status, fault.headers, content_type="text/html")
            elif fault:
                raise Refused(fault.status, "Failed", "the portal was told to fail", fault.headers)
            elif self.status and not self.is_login(request):
                raise Refused(self.status, "Failed", "the portal was told to fail")
            else:
                answer = self.serve(request)
        except Refused as refused:
            if self.echo_secrets:
                sent = request.headers.get("Authorization"), request.get_data(as_text=True)
                refused.message = f"{refused.message}: {sent[0]} {sent[1]}"
            answer = self.refuse(request, refused, identity)
        answer.headers["Date"] = formatdate(usegmt=True)
        self.mark(answer, identity)
        return answer

    def _find_fault(self, request: Request) -> Fault | None:
        for fault in self._faults:
            if fault.times and fault.only in f"{request.method} {request.path}":
                fault.times -= 1
                return fault
        return None

    def is_login(self, request: Request) -> bool:
        """Return whether a request only asks for a token."""
        return False

    def serve(self, request: Request) -> Response:
        """Answer a request. Raise Refused."""
        raise NotImplementedError

    def refuse(self, request: Request, refused: Refused, identity: str) -> Response:
        """Return an error in the format of the portal."""
        raise NotImplementedError

    def mark(self, answer: Response, identity: str) -> None:
        """Add the headers that every answer has, or change its date."""


def call_route(routes: Sequence[Route], request: Request) -> Response:
    """Answer with the route of a request. Raise Refused for an unknown path, or another method of a known one."""
    allowed = []
    for method, path, function in routes:
        found = re.fullmatch(path, request.path)
        if found and method == request.method:
            return function(request, *found.groups())
        if found:
            allowed.append(method)
    if allowed:
        raise Refused(405, "MethodNotAllowed", "the method is not allowed", {"Allow": ", ".join(allowed)})
    raise Refused(404, "NotFound", "there is no such path")


def read_object(request: Request, code: str) -> dict[str, Any]:
    """Return the JSON object of a body. Raise Refused with the code."""
    try:
        document = json.loads(request.get_data())
    except (ValueError, RecursionError):
        raise Refused(400, code, "the body is not valid JSON") from None
    if not isinstance(document, dict):
        raise Refused(400, code, "the body must be a JSON object")
    return document


def json_response(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(document), status, headers, content_type="application/json")


def empty_response(status: int, headers: dict[str, str] | None = None) -> Response:
    answer = Response(status=status, headers=headers)
    del answer.headers["Content-Type"]
    return answer


class DatedHandler(WSGIRequestHandler):
    """A handler that leaves the Date of an answer to the portal, whose clock may be wrong."""

    def send_response(self, code: int, message: str | None = None) -> None:
        self.log_request(code)
        self.send_response_only(code, message)


PortalType = TypeVar("PortalType", bound=Portal)


@contextlib.contextmanager
def portal_on_loopback(portal: PortalType, name: str, directory: Path | None) -> Iterator[PortalType]:
    """Serve a portal; with a directory by TLS, and the certificate authority in ``<name>-ca.crt`` there."""
    arguments: dict[str, Any] = {"request_handler": DatedHandler}
    if directory:
        authority = pki.make_authority(name)
        pki.issue_server(authority).write(directory, name)
        ca_cert = directory / f"{name}-ca.crt"
        ca_cert.write_bytes(authority.certificate)
        portal.ca_cert = str(ca_cert)
        arguments["ssl_context"] = (str(directory / f"{name}.crt"), str(directory / f"{name}.key"))
    with serving(portal, **arguments) as portal.url:
        yield portal
