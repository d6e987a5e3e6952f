# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GitHub's API on loopback, as far as it mints tokens for the installations of an App.

It verifies the JWT and the body as the documentation has them: docs.github.com, "Generating a JSON Web Token (JWT) for
a GitHub App", "Generating an installation access token for a GitHub App", and the REST API of Apps.
"""

from __future__ import annotations

import base64
import contextlib
import json
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from werkzeug.wrappers import Request, Response

from support.samples.keys import key_text, private_key
from support.servers.wsgi import StartResponse, serving

CLIENT_ID = "Iv23liAbCdEfGhIjKlMn"
APP_ID = "4711"
INSTALLATION = "815"
OWNER = "acme"
REPOSITORIES = ("app", "web", "Secrets.Of-Acme")

# The key with which the App signs.
APP_KEY = key_text("RSA PKCS#1")

TOKEN_LIFE = timedelta(hours=1)
MOST_REPOSITORIES = 500
_LEVELS = ("read", "write", "admin")


@dataclass
class GitHub:
    """A server with one App, which has one installation.

    ``asked`` is what was asked: method, path, and the body. ``tokens`` are those that were given, ``jwts`` those that
    were shown, ``revoked`` the tokens that were revoked. ``granted`` is what the installation may do, with
    these ``repositories``. With ``answer``
    every request gets that one. ``wider`` is written over the answer with a token. ``skew`` is how far the clock here
    is ahead. With ``keeps`` a token cannot be revoked.
    """

    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list, repr=False)
    jwts: list[str] = field(default_factory=list, repr=False)
    revoked: list[str] = field(default_factory=list, repr=False)
    granted: dict[str, str] = field(default_factory=lambda: {"contents": "write", "metadata": "read", "issues": "read"})
    repositories: tuple[str, ...] = REPOSITORIES
    is_user: bool = False
    suspended: bool = False
    keeps: bool = False
    life: timedelta = TOKEN_LIFE
    skew: timedelta = timedelta(0)
    wider: dict[str, Any] = field(default_factory=dict)
    answer: Response | None = None
    seconds: float = 0
    prefix: str = "/api/v3"
    origin: str = ""

    @property
    def url(self) -> str:
        """The value of the option base_url."""
        return f"{self.origin}{self.prefix}"

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        body = json.loads(request.get_data() or "null")
        self.asked.append((request.method, request.path.removeprefix(self.prefix), body))
        time.sleep(self.seconds)
        answer = self.answer or self._respond(request, body)
        answer.headers["Date"] = format_datetime(datetime.now(timezone.utc) + self.skew, usegmt=True)
        return answer(environ, start_response)

    def _respond(self, request: Request, body: Any) -> Response:
        assert request.headers["Accept"] == "application/vnd.github+json"
        assert request.headers["X-GitHub-Api-Version"] == "2022-11-28"
        path = request.path.removeprefix(self.prefix)
        scheme, _space, shown = request.headers["Authorization"].partition(" ")
        assert scheme == "Bearer"
        if (request.method, path) == ("DELETE", "/installation/token"):
            return self._revoke(shown)
        self.jwts.append(shown)
        refusal = self._refuse_jwt(shown)
        if refusal:
            return refusal
        if request.method == "GET":
            return self._find_installation(path)
        assert request.method == "POST"
        assert request.content_type == "application/json"
        if path != f"/app/installations/{INSTALLATION}/access_tokens":
            return _error(404, "Not Found")
        if self.suspended:
            return _error(403, "This installation has been suspended")
        return self._mint(body)

    def _refuse_jwt(self, jwt: str) -> Response | None:
        """As GitHub does; it looks for the App before it looks at the signature."""
        signed, _dot, signature = jwt.rpartition(".")
        header, claims = (json.loads(_decode(part)) for part in signed.split("."))
        assert header == {"alg": "RS256", "typ": "JWT"}
        assert claims.keys() == {"iat", "exp", "iss"}
        now = (datetime.now(timezone.utc) + self.skew).timestamp()
        if claims["iss"] not in (CLIENT_ID, APP_ID):
            return _error(404, "Integration not found")
        if not isinstance(claims["iat"], int) or claims["iat"] > now:
            return _error(401, "'Issued at' claim ('iat') must be an Integer representing the time of the assertion")
        if claims["exp"] <= now:
            return _error(401, "'Expiration time' claim ('exp') must be in the future")
        if claims["exp"] - now > 600:
            return _error(401, "'Expiration time' claim ('exp') is too far in the future")
        key = private_key("RSA")
        if not isinstance(key, RSAPrivateKey):
            raise TypeError("the App signs with RSA")
        try:
            key.public_key().verify(_decode(signature), signed.encode(), PKCS1v15(), SHA256())
        except InvalidSignature:
            return _error(401, f"A JSON web token could not be decoded: {jwt}")
        return None

    def _find_installation(self, path: str) -> Response:
        known = f"/{'users' if self.is_user else 'orgs'}/{OWNER}/installation"
        if path.lower() != known:
            return _error(404, "Not Found")
        since = "2026-01-01T00:00:00Z" if self.suspended else None
        return _json({"id": int(INSTALLATION), "account": {"login": OWNER}, "suspended_at": since})

    def _mint(self, body: Mapping[str, Any]) -> Response:
        assert body.keys() <= {"repositories", "repository_ids", "permissions"}
        for name, level in body.get("permissions", {}).items():
            if name not in self.granted or _LEVELS.index(level) > _LEVELS.index(self.granted[name]):
                return _error(422, "The permissions requested are not granted to this installation.")
        names = body.get("repositories")
        if names is not None:
            assert 0 < len(names) <= MOST_REPOSITORIES
            known = {name.lower(): name for name in self.repositories}
            if not {name.lower() for name in names} <= known.keys():
                return _error(
                    422,
                    "There is at least one repository that does not exist or is not accessible to the parent "
                    "installation.",
                )
        claims = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        self.tokens.append(f"ghs_{APP_ID}_eyJhbGciOiJSUzI1NiJ9.{claims}.{uuid.uuid4().hex}")
        end = datetime.now(timezone.utc) + self.life
        document: dict[str, Any] = {
            "token": self.tokens[-1],
            "expires_at": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "permissions": {**(body.get("permissions") or self.granted), "metadata": "read"},
            "repository_selection": "all" if names is None else "selected",
        }
        if names is not None:
            document["repositories"] = [_describe(known[name.lower()]) for name in names]
        return _json({**document, **self.wider}, 201)

    def _revoke(self, token: str) -> Response:
        assert token in self.tokens
        if self.keeps:
            return _error(500, "Server Error")
        self.revoked.append(token)
        return Response(status=204)


def _describe(name: str) -> dict[str, Any]:
    """As long as GitHub's own description of a repository, so that an answer about many is long."""
    return {"id": 1, "name": name, "full_name": f"{OWNER}/{name}", "description": "x" * 5000}


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _json(document: Mapping[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(document), status, content_type="application/json; charset=utf-8")


def _error(status: int, message: str, **headers: str) -> Response:
    answer = _json({"message": message, "documentation_url": "https://docs.github.com/rest"}, status)
    answer.headers.update(headers)
    return answer


def limited(status: int, **headers: str) -> Response:
    """The answer to too many requests."""
    return _error(status, "API rate limit exceeded", **{name.replace("_", "-"): text for name, text in headers.items()})


@contextlib.contextmanager
def github(**arguments: Any) -> Iterator[GitHub]:
    server = GitHub()
    with serving(server, **arguments) as server.origin:
        yield server
