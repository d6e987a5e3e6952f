# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of Harbor's API that is about one robot account, on loopback.

Paths, statuses and bodies are those of goharbor/harbor api/v2.0/swagger.yaml (GetRobotByID, RefreshSec); which secrets
are accepted, and who is let in, are those of src/server/v2.0/handler/robot.go and src/server/middleware/security.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from werkzeug.wrappers import Request, Response

from support.control_plane import pki
from support.servers.wsgi import serving

NEVER = -1


@dataclass
class Robot:
    """A robot account. ``expires_at`` are seconds since 1970, or NEVER."""

    name: str
    secret: str = field(repr=False)
    expires_at: int = NEVER
    disable: bool = False


@dataclass
class Harbor:
    """Harbor with robot accounts by ID, and users with their passwords.

    Those of ``readers`` may read robot accounts and not update them. ``asked`` are the requests. ``lose`` is the number
    of the next answers that are lost after the request was served, ``status`` that of all answers where it is given.
    """

    robots: dict[int, Robot] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict, repr=False)
    readers: frozenset[str] = frozenset()
    asked: list[tuple[str, str]] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list, repr=False)
    lose: int = 0
    status: int | None = None
    url: str = ""

    def lets_in(self, username: str, password: str) -> bool:
        """Return whether a user or robot account can log in."""
        for robot in self.robots.values():
            if robot.name == username:
                lasts = robot.expires_at == NEVER or robot.expires_at > time.time()
                return robot.secret == password and not robot.disable and lasts
        return self.users.get(username) == password

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        answer = self._answer(request)
        if self.lose and request.method == "PATCH":
            self.lose -= 1
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return answer(environ, start_response)

    def _answer(self, request: Request) -> Response:
        self.asked.append((request.method, request.path))
        login = request.authorization
        assert request.method in ("GET", "PATCH")
        if self.status:
            return _errors(
                self.status, f"refused: {request.headers['Authorization']}", {"Location": f"{self.url}/else"}
            )
        if not login or not self.lets_in(str(login.username), str(login.password)):
            return _errors(401, f"unauthorized: {request.headers['Authorization']}")
        found = re.fullmatch("/api/v2.0/robots/([0-9]+)", request.path)
        robot = self.robots.get(int(found[1])) if found else None
        if not found or robot is None:
            return _errors(404, "robot not found")
        if request.method == "GET":
            return _json_response(
                {
                    "id": int(found[1]),
                    "name": robot.name,
                    "level": "project",
                    "duration": NEVER,
                    "editable": True,
                    "disable": robot.disable,
                    "expires_at": robot.expires_at,
                    "permissions": [],
                }
            )
        if login.username in self.readers:
            return _errors(403, "forbidden")
        return self._refresh(request, robot)

    def _refresh(self, request: Request, robot: Robot) -> Response:
        body = request.get_json()
        assert set(body) == {"secret"}
        secret = body["secret"]
        is_long = 8 <= len(secret) <= 128
        if not is_long or not all(re.search(shape, secret) for shape in ("[a-z]", "[A-Z]", r"\d")):
            return _errors(400, f"the secret must be 8-128 characters long: {secret}")
        robot.secret = secret
        self.secrets.append(secret)
        return _json_response({})


def _errors(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    return _json_response({"errors": [{"code": "ERROR", "message": message}]}, status, headers)


def _json_response(document: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(document), status, headers, content_type="application/json")


@contextlib.contextmanager
def harbor(directory: Path | None = None) -> Iterator[Harbor]:
    """Harbor on loopback; with a directory by TLS, and the certificate authority in ``harbor-ca.crt`` there."""
    server = Harbor()
    arguments: dict[str, Any] = {}
    if directory:
        authority = pki.make_authority("harbor")
        pki.issue_server(authority).write(directory, "harbor")
        (directory / "harbor-ca.crt").write_bytes(authority.certificate)
        arguments["ssl_context"] = (str(directory / "harbor.crt"), str(directory / "harbor.key"))
    with serving(server, **arguments) as server.url:
        yield server
