# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real registries on loopback, the token service that one of them trusts, and an image to pull."""

from __future__ import annotations

import base64
import contextlib
import json
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import bcrypt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from support.control_plane import binaries, pki, registries

Registry = registries.Registry
Image = registries.Image
push_image = registries.push_image

USER, PASSWORD = "ada", "registry-s3cret"


@dataclass(frozen=True)
class LoggedRegistry(Registry):
    """A registry whose log a test may read, for who has asked it."""

    log: Path = Path()


@contextlib.contextmanager
def registry(auth: Mapping[str, Any], *, tls: bool = False) -> Iterator[LoggedRegistry]:
    """The registry that is built with the control plane, for as long as the context lasts; it keeps all in memory."""
    with (
        tempfile.TemporaryDirectory(prefix="keyring-registry-") as name,
        registries.running_registry(binaries.find_binaries("registry"), Path(name), auth, tls=tls) as found,
    ):
        yield LoggedRegistry(**vars(found), log=Path(name) / "log")


@dataclass(frozen=True)
class PasswordRegistry(LoggedRegistry):
    """A registry that asks for a password by itself. ``passwords`` is its file of users."""

    passwords: Path = Path()

    def let_in(self, logins: Mapping[str, str]) -> None:
        """Let in exactly these users, with these passwords (at most 72 bytes: what bcrypt looks at), from now on."""
        lines = [f"{user}:{bcrypt.hashpw(password.encode(), _SALT).decode()}\n" for user, password in logins.items()]
        self.passwords.write_text("".join(lines))


# The cheapest that there is: who knows the passwords of the tests does not matter.
_SALT = bcrypt.gensalt(4)


@contextlib.contextmanager
def htpasswd_registry(*images: str) -> Iterator[PasswordRegistry]:
    """A registry with TLS that asks for a password by itself."""
    with tempfile.NamedTemporaryFile("w", prefix="keyring-htpasswd-") as file:
        file.write(f"{USER}:{bcrypt.hashpw(PASSWORD.encode(), _SALT).decode()}\n")
        file.flush()
        with registry({"htpasswd": {"realm": "basic-realm", "path": file.name}}, tls=True) as found:
            for image in images:
                push(found, image, basic(USER, PASSWORD))
            yield PasswordRegistry(**vars(found), passwords=Path(file.name))


def basic(username: str, password: str) -> str:
    return registries.basic_authorization(username, password)


def push(target: Registry, image: str, authorization: str) -> None:
    """Push an image with nothing in it."""
    registries.push_image(target, image, registries.make_empty_image(), authorization)


class TokenService(ThreadingHTTPServer):
    """Gives tokens to its users, for the repositories that they may pull. ``asked`` is what it was asked.

    As a real one does, it gives a token also for a repository that the user may not pull: one that opens nothing.
    """

    daemon_threads = True

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(("127.0.0.1", 0), _TokenHandler)
        self.allowed = allowed
        self.logins: dict[str, str] = {USER: PASSWORD}
        self.asked: list[dict[str, list[str]]] = []
        self.key = pki.make_key()

    def jwks(self) -> dict[str, Any]:
        """The public key, as the registry reads it."""
        numbers = self.key.public_key().public_numbers()
        point = {name: _url64(value.to_bytes(32, "big")) for name, value in (("x", numbers.x), ("y", numbers.y))}
        return {"keys": [{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "test", **point}]}

    def token(self, repository: str, *actions: str, user: str = USER) -> str:
        """A token for the registry (distribution's token specification)."""
        now = int(time.time())
        claims = {
            "iss": "token-service",
            "sub": user,
            "aud": "registry",
            "iat": now,
            "nbf": now - 10,
            "exp": now + 300,
            "jti": uuid.uuid4().hex,
            "access": [{"type": "repository", "name": repository, "actions": list(actions)}] if actions else [],
        }
        header = {"typ": "JWT", "alg": "ES256", "kid": "test"}
        text = ".".join(_url64(json.dumps(part).encode()) for part in (header, claims))
        r, s = decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(SHA256())))
        return f"{text}.{_url64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


class _TokenHandler(BaseHTTPRequestHandler):
    server: TokenService

    def do_POST(self) -> None:
        """Leave the newer protocol to others, as most token services do: a container runtime tries that one first."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer(405, {})

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        self.server.asked.append(query)
        given = self.headers.get("Authorization")
        users = [user for user, password in self.server.logins.items() if given == basic(user, password)]
        if not users:
            self._answer(401, {"errors": [{"code": "UNAUTHORIZED", "message": f"not let in: {given}"}]})
            return
        repository = query.get("scope", [":"])[0].split(":")[1]  # a login names none
        actions = ("pull",) if repository in self.server.allowed else ()
        self._answer(200, {"token": self.server.token(repository, *actions, user=users[0])})

    def _answer(self, status: int, document: Mapping[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name in the base class)
        pass


@contextlib.contextmanager
def token_registry(allowed: Sequence[str], *images: str) -> Iterator[tuple[LoggedRegistry, TokenService]]:
    """A plain registry with these images that sends to a token service, at ``localhost``."""
    service = TokenService(allowed)
    threading.Thread(target=service.serve_forever, args=(0.02,), daemon=True).start()
    try:
        with tempfile.NamedTemporaryFile("w", prefix="keyring-jwks-") as file:
            json.dump(service.jwks(), file)
            file.flush()
            auth = {
                "realm": f"http://localhost:{service.server_port}/token",
                "service": "registry",
                "issuer": "token-service",
                "jwks": file.name,
            }
            with registry({"token": auth}) as found:
                for image in images:
                    push(found, image, f"Bearer {service.token(image.partition(':')[0], 'pull', 'push')}")
                yield found, service
    finally:
        service.shutdown()
        service.server_close()


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
