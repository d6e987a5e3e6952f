# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real registries on loopback, the token service that one of them trusts, and an image to pull."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import re
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import bcrypt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from support.control_plane import binaries, die_with_parent, pki

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
USER, PASSWORD = "ada", "registry-s3cret"
_SECONDS_TO_START = 20


@dataclass(frozen=True)
class Registry:
    """Where it is, on loopback. ``ca`` is the certificate to trust, in PEM; None for plain HTTP."""

    port: int
    ca: bytes | None = field(repr=False)

    @property
    def location(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextlib.contextmanager
def registry(auth: Mapping[str, Any], *, tls: bool = False) -> Iterator[Registry]:
    """The registry that is built with the control plane, for as long as the context lasts; it keeps all in memory."""
    with tempfile.TemporaryDirectory(prefix="keyring-registry-") as name:
        directory = Path(name)
        authority = pki.make_authority("registry") if tls else None
        http: dict[str, Any] = {"addr": "127.0.0.1:0", "secret": "shared"}
        if authority:
            pki.issue_server(authority).write(directory, "server")
            http["tls"] = {"certificate": f"{name}/server.crt", "key": f"{name}/server.key"}
        config = {"version": "0.1", "storage": {"inmemory": {}}, "http": http, "auth": auth}
        (directory / "config.json").write_text(json.dumps(config))
        with (directory / "log").open("wb") as log:
            process = subprocess.Popen(
                [binaries.find_binaries("registry") / "registry", "serve", directory / "config.json"],
                env={},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
            )
        try:
            yield Registry(_port(process, directory / "log"), authority.certificate if authority else None)
        finally:
            process.kill()
            process.wait()


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    """The port that the registry says it listens on."""
    deadline = time.monotonic() + _SECONDS_TO_START
    while not (found := re.search(r"listening on 127\.0\.0\.1:(\d+)", log.read_text())):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, "the registry does not listen"
        time.sleep(0.02)
    return int(found[1])


@contextlib.contextmanager
def htpasswd_registry(*images: str) -> Iterator[Registry]:
    """A registry with TLS that asks for a password by itself."""
    with tempfile.NamedTemporaryFile("w", prefix="keyring-htpasswd-") as file:
        file.write(f"{USER}:{bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()}\n")
        file.flush()
        with registry({"htpasswd": {"realm": "basic-realm", "path": file.name}}, tls=True) as found:
            for image in images:
                push(found, image, basic(USER, PASSWORD))
            yield found


def basic(username: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"


def push(target: Registry, image: str, authorization: str) -> None:
    """Push an image with nothing in it."""
    blob = b"{}"
    digest = push_blob(target, image.partition(":")[0], blob, authorization)
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": len(blob)},
        "layers": [],
    }
    push_manifest(target, image, json.dumps(manifest).encode(), authorization)


def push_blob(target: Registry, repository: str, blob: bytes, authorization: str) -> str:
    """Push a blob, by the requests of the OCI distribution specification, and return its digest."""
    digest = f"sha256:{hashlib.sha256(blob).hexdigest()}"
    upload = _send(target, "POST", f"{_repository_url(target, repository)}/blobs/uploads/", authorization)
    _send(target, "PUT", f"{upload}&digest={digest}", authorization, blob, "application/octet-stream")
    return digest


def push_manifest(target: Registry, image: str, manifest: bytes, authorization: str) -> None:
    """Push a manifest, whose blobs are there, under the tag of an image."""
    repository, _colon, tag = image.partition(":")
    _send(target, "PUT", f"{_repository_url(target, repository)}/manifests/{tag}", authorization, manifest, MANIFEST)


def _repository_url(target: Registry, repository: str) -> str:
    return f"{'https' if target.ca else 'http'}://{target.location}/v2/{repository}"


def _send(target: Registry, method: str, url: str, authorization: str, body: bytes = b"", type_: str = "") -> str:
    """The Location in the answer."""
    headers = {"Authorization": authorization, **({"Content-Type": type_} if type_ else {})}
    request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310  (our own server)
    context = ssl.create_default_context(cadata=target.ca.decode()) if target.ca else None
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    with opener.open(request, timeout=10) as answer:
        return str(answer.headers["Location"])


class TokenService(ThreadingHTTPServer):
    """Gives tokens to one user, for the repositories that it may pull. ``asked`` is what it was asked.

    As a real one does, it gives a token also for a repository that the user may not pull: one that opens nothing.
    """

    daemon_threads = True

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(("127.0.0.1", 0), _TokenHandler)
        self.allowed = allowed
        self.asked: list[dict[str, list[str]]] = []
        self.key = pki.make_key()

    def jwks(self) -> dict[str, Any]:
        """The public key, as the registry reads it."""
        numbers = self.key.public_key().public_numbers()
        point = {name: _url64(value.to_bytes(32, "big")) for name, value in (("x", numbers.x), ("y", numbers.y))}
        return {"keys": [{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "test", **point}]}

    def token(self, repository: str, *actions: str) -> str:
        """A token for the registry (distribution's token specification)."""
        now = int(time.time())
        claims = {
            "iss": "token-service",
            "sub": USER,
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

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        self.server.asked.append(query)
        given = self.headers.get("Authorization")
        if given != basic(USER, PASSWORD):
            self._answer(401, {"errors": [{"code": "UNAUTHORIZED", "message": f"not let in: {given}"}]})
            return
        repository = query.get("scope", [":"])[0].split(":")[1]  # a login names none
        actions = ("pull",) if repository in self.server.allowed else ()
        self._answer(200, {"token": self.server.token(repository, *actions)})

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
def token_registry(allowed: Sequence[str], *images: str) -> Iterator[tuple[Registry, TokenService]]:
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
