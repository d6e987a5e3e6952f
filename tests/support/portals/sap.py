# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the AI Core API 2.42 that is about Docker registry secrets and Git repositories, on loopback.

Paths, statuses and bodies are those of SAP's OpenAPI document. The token endpoint is that of an XSUAA.
"""

from __future__ import annotations

import contextlib
import re
import ssl
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from werkzeug.wrappers import Request, Response

from support.control_plane import pki
from support.portals.portal import (
    DatedHandler,
    Portal,
    Refused,
    Route,
    call_route,
    json_response,
    portal_on_loopback,
    read_object,
)
from support.servers.wsgi import StartResponse, serving

LOGIN = "/oauth/token"
DOCKER = "/v2/admin/dockerRegistrySecrets"
REPOSITORIES = "/v2/admin/repositories"
QUOTA = "/v2/admin/resourceQuota"

# The names that the document's ^[a-z0-9](?:_?[a-z0-9\.\-]+)*[a-z0-9]$ accepts, in linear time.
_DOCKER_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.\-]|_(?=[a-z0-9.\-].))*[a-z0-9]")
_REPOSITORY_NAME = re.compile(r"[a-z0-9\-]{1,51}")


@dataclass
class Wait:
    """What a write waits for until it is done: a number of reads and a point in time."""

    reads: int
    until: float

    def is_over(self, *, is_read: bool) -> bool:
        """Return whether the write is done by now. A read that comes too early counts."""
        if self.reads <= 0 and time.monotonic() >= self.until:
            return True
        if is_read:
            self.reads -= 1
        return False


@dataclass
class Pending:
    """A write that was accepted and is not done; without a value, a delete."""

    name: str
    value: str | None = field(repr=False)
    wait: Wait


@dataclass
class Repository:
    """A Git repository; its status is IN-PROGRESS until the wait is over."""

    url: str
    username: str
    password: str = field(repr=False)
    outcome: str
    wait: Wait
    status: str = "IN-PROGRESS"


@dataclass
class Token:
    """An access token, good until a point in time and, where ``uses`` is given, for so many requests."""

    until: float
    uses: int | None


@dataclass
class SapAiCore(Portal):
    """AI Core of one tenant.

    ``secrets`` are the stored Docker registry secrets, name to docker config; no answer has them. A create or delete is
    done, and a repository has its ``outcome``, after ``reads_until_done`` reads of its name or of the list and
    ``seconds_until_done``, and with ``never_done`` never. An update is done at once, since no one can see it.
    ``token_life`` (seconds) and ``token_uses`` are those of the next tokens; a client hears of the first only.
    ``existing`` is the status of a create of a Docker registry secret that exists, for which the document has none.
    """

    client_id: str = "sb-keyring!b1|aicore!b540"
    client_secret: str = field(default_factory=lambda: f"sap-{uuid.uuid4().hex}$=", repr=False)
    identity_zone: str = "acme-tenant"
    tokens: dict[str, Token] = field(default_factory=dict, repr=False)
    token_life: int = 43199
    token_uses: int | None = None
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    repositories: dict[str, Repository] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=lambda: {"dockerRegistrySecrets": 50, "repositories": 20})
    reads_until_done: int = 0
    seconds_until_done: float = 0
    never_done: bool = False
    outcome: str = "COMPLETED"
    existing: int = 409
    cert_url: str = ""
    client_pair: pki.Pair | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._pending: list[Pending] = []

    @property
    def token_url(self) -> str:
        return self.url + LOGIN

    def service_key(self) -> dict[str, Any]:
        """Return a service key with a client secret."""
        return {
            "clientid": self.client_id,
            "clientsecret": self.client_secret,
            "url": self.url,
            "identityzone": self.identity_zone,
            "identityzoneid": "7d3a1f5e-0000-4000-8000-000000000001",
            "appname": "keyring!b1|aicore!b540",
            "serviceurls": {"AI_API_URL": self.address or self.url},
        }

    def x509_service_key(self) -> dict[str, Any]:
        """Return a service key with a certificate. The server must have TLS."""
        assert self.client_pair, "a certificate needs TLS: sap_ai_core(directory)"
        key = self.service_key()
        del key["clientsecret"]
        return {
            **key,
            "certificate": self.client_pair.certificate.decode(),
            "key": self.client_pair.key.decode(),
            "certurl": self.cert_url,
            "credential-type": "x509",
        }

    def is_login(self, request: Request) -> bool:
        return request.path == LOGIN

    def serve(self, request: Request) -> Response:
        if self.is_login(request):
            return self._log_in(request)
        if not self._is_known(request):
            raise Refused(401, "Unauthorized", "Jwt verification fails")
        routes: Sequence[Route] = [
            ("POST", DOCKER, self._create_secret),
            ("GET", DOCKER, self._list_secrets),
            ("GET", f"{DOCKER}/([^/]+)", self._get_secret),
            ("PATCH", f"{DOCKER}/([^/]+)", self._update_secret),
            ("DELETE", f"{DOCKER}/([^/]+)", self._delete_secret),
            ("POST", REPOSITORIES, self._create_repository),
            ("GET", REPOSITORIES, self._list_repositories),
            ("GET", f"{REPOSITORIES}/([^/]+)", self._get_repository),
            ("PATCH", f"{REPOSITORIES}/([^/]+)", self._update_repository),
            ("DELETE", f"{REPOSITORIES}/([^/]+)", self._delete_repository),
            ("GET", f"{QUOTA}/(dockerRegistrySecrets|repositories)", self._tell_quota),
        ]
        return call_route(routes, request)

    def refuse(self, request: Request, refused: Refused, identity: str) -> Response:
        if self.is_login(request):
            return json_response({"error": refused.code, "error_description": refused.message}, refused.status)
        error = {
            "code": refused.code,
            "message": refused.message,
            "requestId": identity,
            "target": request.path,
            "details": {},
        }
        return json_response({"error": error}, refused.status, refused.headers)

    # The token endpoint

    def _log_in(self, request: Request) -> Response:
        if request.method != "POST":
            raise Refused(405, "method_not_allowed", "Request method is not supported", {"Allow": "POST"})
        login = request.authorization
        if login and login.type == "basic":
            given = (login.username, login.password)
        else:
            given = (request.form.get("client_id"), request.form.get("client_secret"))
        has_certificate = self._has_certificate(request)
        if given != (self.client_id, self.client_secret) and not (has_certificate and given[0] == self.client_id):
            raise Refused(401, "unauthorized", "Bad credentials")
        if request.form.get("grant_type") != "client_credentials":
            raise Refused(400, "unsupported_grant_type", "Unsupported grant type")
        token = f"token-{uuid.uuid4().hex}"
        self.tokens[token] = Token(time.monotonic() + self.token_life, self.token_uses)
        answer = {"access_token": token, "token_type": "bearer", "expires_in": self.token_life, "scope": "uaa.resource"}
        return json_response({**answer, "jti": uuid.uuid4().hex})

    def _has_certificate(self, request: Request) -> bool:
        """Return whether the connection proved to have the key of the certificate in the service key."""
        shown = request.environ.get("SSL_CLIENT_CERT")
        if not shown or not self.client_pair:
            return False
        certificates = [x509.load_pem_x509_certificate(pem) for pem in (shown.encode(), self.client_pair.certificate)]
        return certificates[0] == certificates[1]

    def _is_known(self, request: Request) -> bool:
        token = self.tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if token is None or time.monotonic() > token.until or token.uses == 0:
            return False
        if token.uses is not None:
            token.uses -= 1
        return True

    # Docker registry secrets

    def _create_secret(self, request: Request) -> Response:
        body = _read_body(request, "application/json")
        name, value = body.get("name"), _docker_config(body)
        if not isinstance(name, str):
            raise Refused(400, "BadRequest", "name is required")
        _check_docker_name(name)
        self._settle(name, is_read=False)
        if name in self.secrets or any(pending.name == name for pending in self._pending):
            raise Refused(self.existing, "AlreadyExists", f"secret {name} already exists")
        if self._used("dockerRegistrySecrets") >= self.limits["dockerRegistrySecrets"]:
            raise Refused(403, "QuotaExceeded", "the quota of Docker registry secrets is used up")
        self._accept(name, value)
        return json_response({"message": "Secret has been created"}, 202)

    def _list_secrets(self, request: Request) -> Response:
        self._settle(None, is_read=True)
        return _page(request, [{"name": name} for name in sorted(self.secrets)])

    def _get_secret(self, request: Request, name: str) -> Response:
        _check_docker_name(name)
        self._settle(name, is_read=True)
        self._find_secret(name)
        return json_response({"name": name})

    def _update_secret(self, request: Request, name: str) -> Response:
        _check_docker_name(name)
        value = _docker_config(_read_body(request, "application/merge-patch+json"))
        self._settle(name, is_read=False)
        self._find_secret(name)
        if not self.never_done:
            self.secrets[name] = value
        return json_response({"id": _identity(name), "message": "Secret has been modified"}, 202)

    def _delete_secret(self, request: Request, name: str) -> Response:
        _check_docker_name(name)
        self._settle(name, is_read=False)
        self._find_secret(name)
        self._accept(name, None)
        return json_response({"id": _identity(name), "message": "Docker Registry Secret has been deleted"}, 202)

    def _find_secret(self, name: str) -> None:
        if name not in self.secrets:
            raise Refused(404, "NotFound", f"secret {name} not found")

    def _accept(self, name: str, value: str | None) -> None:
        """Promise a create or delete, and do it if nothing is to be waited for."""
        if not self.never_done:
            self._pending.append(Pending(name, value, self._wait()))
            self._settle(name, is_read=False)

    def _wait(self) -> Wait:
        return Wait(self.reads_until_done, time.monotonic() + self.seconds_until_done)

    def _settle(self, name: str | None, *, is_read: bool) -> None:
        """Do what is due of the accepted writes, of one name or of all."""
        for pending in list(self._pending):
            if name not in (None, pending.name) or not pending.wait.is_over(is_read=is_read):
                continue
            self._pending.remove(pending)
            if pending.value is None:
                self.secrets.pop(pending.name, None)
            else:
                self.secrets[pending.name] = pending.value

    # Git repositories

    def _create_repository(self, request: Request) -> Response:
        body = _read_body(request, "application/json")
        url, username, password = _texts(body, "url", "username", "password")
        name = body.get("name", _derive_name(url))
        if not isinstance(name, str):
            raise Refused(400, "BadRequest", "name must be a string")
        _check_repository_name(name)
        if name in self.repositories or any(known.url == url for known in self.repositories.values()):
            raise Refused(409, "AlreadyExists", "The provided repository already exists")
        if self._used("repositories") >= self.limits["repositories"]:
            raise Refused(403, "QuotaExceeded", "the quota of repositories is used up")
        self.repositories[name] = Repository(url, username, password, self.outcome, self._wait())
        return json_response({"id": _identity(name), "message": "Repository has been on-boarded"})

    def _list_repositories(self, request: Request) -> Response:
        return _page(request, [self._details(name) for name in sorted(self.repositories)])

    def _get_repository(self, request: Request, name: str) -> Response:
        self._find_repository(name)
        return json_response(self._details(name))

    def _update_repository(self, request: Request, name: str) -> Response:
        username, password = _texts(_read_body(request, "application/json"), "username", "password")
        found = self._find_repository(name)
        self.repositories[name] = Repository(found.url, username, password, self.outcome, self._wait())
        return json_response({"id": _identity(name), "message": "ArgoCD application has been updated"})

    def _delete_repository(self, request: Request, name: str) -> Response:
        self._find_repository(name)
        del self.repositories[name]
        return json_response({"id": _identity(name), "message": "The repository has been off-boarded."})

    def _find_repository(self, name: str) -> Repository:
        _check_repository_name(name)
        if name not in self.repositories:
            raise Refused(404, "NotFound", f"repository {name} not found")
        return self.repositories[name]

    def _details(self, name: str) -> dict[str, str]:
        repository = self.repositories[name]
        if repository.status == "IN-PROGRESS" and not self.never_done and repository.wait.is_over(is_read=True):
            repository.status = repository.outcome
        return {"name": name, "url": repository.url, "status": repository.status}

    # The quota

    def _used(self, resource: str) -> int:
        return len(self.secrets if resource == "dockerRegistrySecrets" else self.repositories)

    def _tell_quota(self, request: Request, resource: str) -> Response:
        answer: dict[str, Any] = {"quota": {"maxCount": self.limits[resource]}}
        if not _boolean(request, "quotaOnly"):
            answer["usage"] = {"count": self._used(resource)}
        return json_response(answer)


def _read_body(request: Request, content_type: str) -> dict[str, Any]:
    if request.mimetype != content_type:
        raise Refused(415, "UnsupportedMediaType", f"the content type must be {content_type}")
    return read_object(request, "BadRequest")


def _docker_config(body: dict[str, Any]) -> str:
    data = body.get("data")
    if not isinstance(data, dict) or set(data) != {".dockerconfigjson"}:
        raise Refused(400, "BadRequest", "data must have .dockerconfigjson and nothing else")
    (value,) = _texts(data, ".dockerconfigjson")
    return value


def _texts(body: dict[str, Any], *names: str) -> list[str]:
    found = [body.get(name) for name in names]
    texts = [value for value in found if isinstance(value, str)]
    if len(texts) != len(names):
        raise Refused(400, "BadRequest", f"{' and '.join(names)} must be strings")
    return texts


def _check_docker_name(name: str) -> None:
    if len(name) > 63 or not _DOCKER_NAME.fullmatch(name):
        raise Refused(400, "BadRequest", "the name of the Docker registry secret is not valid")


def _check_repository_name(name: str) -> None:
    if not _REPOSITORY_NAME.fullmatch(name):
        raise Refused(400, "BadRequest", "the name of the repository is not valid")


def _derive_name(url: str) -> str:
    """Return a name for a repository that was given none, from the end of its URL."""
    last = url.rstrip("/").rpartition("/")[2].removesuffix(".git")
    return re.sub(r"[^a-z0-9\-]", "-", last.lower())[:51] or "repository"


def _identity(name: str) -> str:
    """Return an ID by the document's pattern, which takes 4 to 64 characters."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def _page(request: Request, resources: Sequence[dict[str, str]]) -> Response:
    first = _number(request, "$skip") or 0
    top = _number(request, "$top")
    page = list(resources[first:] if top is None else resources[first : first + top])
    count = len(resources) if _boolean(request, "$count") else len(page)
    return json_response({"count": count, "resources": page})


def _number(request: Request, name: str) -> int | None:
    text = request.args.get(name)
    if text is not None and not re.fullmatch("[0-9]{1,18}", text):
        raise Refused(400, "BadRequest", f"{name} must be a non-negative integer")
    return None if text is None else int(text)


def _boolean(request: Request, name: str) -> bool:
    text = request.args.get(name, "false")
    if text not in ("true", "false"):
        raise Refused(400, "BadRequest", f"{name} must be true or false")
    return text == "true"


@contextlib.contextmanager
def sap_ai_core(directory: Path | None = None) -> Iterator[SapAiCore]:
    """AI Core on loopback; with a directory by TLS, with the authority in ``sap-ca.crt`` there, and X.509 logins."""
    with portal_on_loopback(SapAiCore(), "sap", directory) as server, contextlib.ExitStack() as stack:
        if directory:
            authority = pki.make_authority("sap clients")
            server.client_pair = pki.issue_client(authority, server.client_id)
            (directory / "sap-clients-ca.crt").write_bytes(authority.certificate)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(directory / "sap.crt", directory / "sap.key")
            context.load_verify_locations(directory / "sap-clients-ca.crt")
            context.verify_mode = ssl.CERT_REQUIRED
            server.cert_url = stack.enter_context(
                serving(_only_logins(server), ssl_context=context, request_handler=DatedHandler)
            )
        yield server


def _only_logins(server: SapAiCore) -> Any:
    """Return the application at ``certurl``, which gives tokens and nothing else."""

    def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != LOGIN:
            return Response(status=404)(environ, start_response)
        return server(environ, start_response)

    return application
