# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clouds on loopback that give tokens: moto for AWS, and small servers that check what the SDKs of others send."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import re
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.wrappers import Request, Response

from support.control_plane import pki
from support.servers.wsgi import StartResponse, serving

# Where a workload identity is known.
AUDIENCE = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/providers/ci"

# How long tokens of ECR last.
ECR_LIFE = timedelta(hours=12)


@dataclass
class Aws:
    """moto, which says that every token ended in 2015 and is the same: here each is new and lasts.

    moto has no ECR Public, which is answered here, and neither what gives credentials to a container and an instance.
    ``asked`` are the operations with the access key that signed each, ``tokens`` those that were given. With
    ``refusal`` the next answers are errors with this code; ``life`` is that of the next token. ``sessions`` are the
    temporary access keys with their session tokens, ``secret`` is what a container or a ServiceAccount is known by.
    """

    asked: list[tuple[str, str]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list, repr=False)
    assumed: list[str] = field(default_factory=list)
    sessions: dict[str, str] = field(default_factory=dict, repr=False)
    secret: str = field(default_factory=lambda: f"aws-{uuid.uuid4().hex}", repr=False)
    refusal: str | None = None
    life: timedelta | None = ECR_LIFE
    url: str = ""

    def __post_init__(self) -> None:
        self._moto = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        if request.path != "/":
            return self._identify(request)(environ, start_response)
        body = request.get_data()
        environ["wsgi.input"] = io.BytesIO(body)  # for moto, to read again
        target = request.headers.get("X-Amz-Target", "")
        sent = {} if target else parse_qs(body.decode())
        operation = target.rpartition(".")[2] or sent["Action"][0]
        key = re.search(r"Credential=(\w+)/\d{8}/([a-z0-9-]+)/", request.headers.get("Authorization", ""))
        if operation == "AssumeRoleWithWebIdentity":
            assert sent["WebIdentityToken"] == [self.secret]
        else:
            assert key, "the request is not signed"
            assert request.headers.get("X-Amz-Security-Token") == self.sessions.get(key[1])
        self.asked.append((operation, key[1] if key else ""))
        if self.refusal:
            return self._refuse(request)(environ, start_response)
        if target == "SpencerFrontendService.GetAuthorizationToken":
            assert key
            assert key[2] == "us-east-1"
            return _json({"authorizationData": self._token()})(environ, start_response)
        answer = Response.from_app(self._moto, environ)
        if operation.startswith("AssumeRole"):
            text = answer.get_data(as_text=True)
            (given,) = re.findall("<AccessKeyId>(\\w+)<", text)
            self.assumed.append(given)
            (self.sessions[given],) = re.findall("<SessionToken>([^<]+)<", text)
        elif self.life is not None:
            document = json.loads(answer.get_data())
            document["authorizationData"][0].update(self._token())
            answer = _json(document)
        return answer(environ, start_response)

    def _identify(self, request: Request) -> Response:
        """The credentials of a container, or of an instance by the second version of its metadata service."""
        role = "/latest/meta-data/iam/security-credentials/"
        known = f"of-{self.secret}"  # an instance gets a token of its own first
        if request.method == "PUT":
            assert request.path == "/latest/api/token"
            assert request.headers["X-Aws-Ec2-Metadata-Token-Ttl-Seconds"]
            return Response(known)
        if request.path.startswith(role):
            assert request.headers["X-Aws-Ec2-Metadata-Token"] == known
        else:
            assert (request.path, request.headers["Authorization"]) == ("/container", self.secret)
        if request.path == role:
            return Response("pull")
        self.asked.append((request.path, ""))
        key = f"ASIA{uuid.uuid4().hex[:16].upper()}"
        self.sessions[key] = uuid.uuid4().hex
        end = (datetime.now(timezone.utc) + timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return _json(
            {
                "Code": "Success",
                "AccessKeyId": key,
                "SecretAccessKey": self.secret,
                "Token": self.sessions[key],
                "Expiration": end,
            }
        )

    def _token(self) -> dict[str, Any]:
        assert self.life is not None
        self.tokens.append(f"aws-{uuid.uuid4().hex}")
        token = base64.b64encode(f"AWS:{self.tokens[-1]}".encode()).decode()
        return {"authorizationToken": token, "expiresAt": (datetime.now(timezone.utc) + self.life).timestamp()}

    def _refuse(self, request: Request) -> Response:
        """As AWS does, and with a message that quotes what was sent."""
        said = f"refused: {request.headers.get('Authorization')}"
        if "X-Amz-Target" in request.headers:
            return _json({"__type": self.refusal, "message": said}, 400)
        text = f"<ErrorResponse><Error><Code>{self.refusal}</Code><Message>{said}</Message></Error></ErrorResponse>"
        return Response(text, 403, content_type="text/xml")


def _json(document: Mapping[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(document), status, content_type="application/json")


@contextlib.contextmanager
def aws() -> Iterator[Aws]:
    cloud = Aws()
    with serving(cloud) as cloud.url:
        yield cloud


def _claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_decode(token.split(".")[1]))
    return found


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Google:
    """The servers of Google Cloud that give tokens.

    These are the token endpoint, the exchange of foreign tokens, the endpoint of IAM that lets one service account act
    as another, and the metadata service of an instance.

    ``asked`` is what was asked: the path, and of the signed claims or the body what matters. ``tokens`` are those that
    were given, ``secret`` is what a foreign workload is known by.
    """

    asked: list[tuple[str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list, repr=False)
    refuses: bool = False
    url: str = ""
    secret: str = field(default_factory=lambda: f"google-{uuid.uuid4().hex}", repr=False)
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048), repr=False)

    def key_file(self) -> dict[str, str]:
        """A key of a service account that gets its tokens here."""
        text = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        return {
            "type": "service_account",
            "project_id": "acme",
            "private_key_id": "k1",
            "private_key": text,
            "client_email": "ci@acme.iam.gserviceaccount.com",
            "client_id": "1",
            "token_uri": f"{self.url}/token",
        }

    def federation_file(self, source: Mapping[str, Any], **more: str) -> dict[str, Any]:
        """The configuration of a workload identity whose own token comes from this source."""
        return {
            "type": "external_account",
            "audience": AUDIENCE,
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": f"{self.url}/sts",
            "credential_source": source,
            **more,
        }

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        known = {"/token": self._let_in, "/sts": self._exchange, "/own": self._tell}
        answers = known.get(request.path, self._act_as if request.method == "POST" else self._identify)
        return answers(request)(environ, start_response)

    def _tell(self, request: Request) -> Response:
        """The own token of a workload that asks for it by URL."""
        assert request.headers["X-Workload"] == "pull"
        return _json({"id_token": self.secret})

    def _exchange(self, request: Request) -> Response:
        sent = request.form.to_dict()
        assert sent.pop("subject_token") == self.secret
        self.asked.append((request.path, {name: sent.pop(name) for name in ("audience", "scope")}))
        assert sent == {
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "requested_token_type": "urn:ietf:params:oauth:token-type:access_token",
        }
        if self.refuses:
            return _json({"error": "invalid_grant", "error_description": f"refused: {self.secret}"}, 400)
        return _json({"access_token": self._token(), "expires_in": 3600, "token_type": "Bearer"})

    def _identify(self, request: Request) -> Response:
        """The metadata service of an instance."""
        flavor = {"Metadata-Flavor": "Google"}
        assert request.headers["Metadata-Flavor"] == "Google"
        account = "/computeMetadata/v1/instance/service-accounts/default/"
        if request.path == f"{account}token":
            self.asked.append((request.path, request.args.get("scopes")))
            answer = _json({"access_token": self._token(), "expires_in": 3599, "token_type": "Bearer"})
        elif request.path == account:
            answer = _json({"email": "instance@acme.iam.gserviceaccount.com", "scopes": [], "aliases": ["default"]})
        else:
            answer = Response("acme" if request.path.endswith("project-id") else "")
        answer.headers.update(flavor)
        return answer

    def _let_in(self, request: Request) -> Response:
        assert request.form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        assertion = request.form["assertion"]
        signed, _dot, signature = assertion.rpartition(".")
        self.key.public_key().verify(_decode(signature), signed.encode(), PKCS1v15(), SHA256())
        claims = _claims(assertion)
        assert claims["aud"] == "https://oauth2.googleapis.com/token"  # wherever it is sent to
        self.asked.append((request.path, {name: claims[name] for name in ("iss", "scope")}))
        if self.refuses:
            return _json({"error": "invalid_grant", "error_description": f"refused: {assertion}"}, 400)
        return _json({"access_token": self._token(), "expires_in": 3600, "token_type": "Bearer"})

    def _act_as(self, request: Request) -> Response:
        assert request.headers["Authorization"] == f"Bearer {self.tokens[-1]}"
        self.asked.append((request.path, request.get_json()["scope"]))
        end = datetime.now(timezone.utc) + timedelta(hours=1)
        return _json({"accessToken": self._token(), "expireTime": end.strftime("%Y-%m-%dT%H:%M:%SZ")})

    def _token(self) -> str:
        self.tokens.append(f"ya29.{uuid.uuid4().hex}")
        return self.tokens[-1]


@contextlib.contextmanager
def google() -> Iterator[Google]:
    cloud = Google()
    with serving(cloud) as cloud.url:
        yield cloud


@dataclass
class Azure:
    """Entra, the endpoint of managed identities, and a registry that exchanges their tokens.

    ``asked`` is what was asked: the path with what was sent, but no token. ``tokens`` are those of the registry,
    ``error`` the number with which Entra refuses.
    """

    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list, repr=False)
    error: str | None = None
    role: bool = True
    url: str = ""
    secret: str = field(default_factory=lambda: f"entra-{uuid.uuid4().hex}", repr=False)
    entra: str = field(default_factory=lambda: f"eyJ-{uuid.uuid4().hex}", repr=False)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        if request.path.endswith("/.well-known/openid-configuration"):
            tenant = request.path.split("/")[1]
            base = f"{self.url}/{tenant}/oauth2/v2.0"
            answer = _json(
                {
                    "issuer": f"{self.url}/{tenant}/v2.0",
                    "authorization_endpoint": f"{base}/authorize",
                    "token_endpoint": f"{base}/token",
                }
            )
        elif request.path == "/oauth2/exchange":
            answer = self._exchange(request)
        else:
            answer = self._let_in(request) if request.method == "POST" else self._identify(request)
        return answer(environ, start_response)

    def _let_in(self, request: Request) -> Response:
        self.asked.append((request.path, {n: request.form[n] for n in ("grant_type", "client_id", "scope")}))
        assert request.form.get("client_secret", request.form.get("client_assertion")) == self.secret
        if self.error:
            said = f"AADSTS{self.error}: refused {self.secret}."
            return _json({"error": "invalid_client", "error_description": said, "error_codes": [int(self.error)]}, 401)
        return _json({"token_type": "Bearer", "expires_in": 3599, "access_token": self.entra})

    def _identify(self, request: Request) -> Response:
        """The endpoint of App Service, or the metadata service of a machine."""
        machine = request.path == "/metadata/identity/oauth2/token"
        if machine and "Metadata" not in request.headers:  # is it there at all?
            return _json({"error": "invalid_request"}, 400)
        assert machine or request.headers["X-IDENTITY-HEADER"] == self.secret
        self.asked.append((request.path, request.args.to_dict()))
        end = int((datetime.now(timezone.utc) + timedelta(hours=24)).timestamp())
        lasts = {"expires_on": str(end), "expires_in": "86400"}
        return _json({"access_token": self.entra, **lasts, "resource": "", "token_type": "Bearer"})

    def _exchange(self, request: Request) -> Response:
        sent = request.form.to_dict()
        assert request.method == "POST"
        assert sent.pop("access_token") == self.entra
        self.asked.append((request.path, sent))
        if not self.role:
            return _json({"errors": [{"code": "UNAUTHORIZED", "message": f"refused: {self.entra}"}]}, 401)
        end = int((datetime.now(timezone.utc) + timedelta(hours=3)).timestamp())
        claims = base64.urlsafe_b64encode(json.dumps({"exp": end, "jti": uuid.uuid4().hex}).encode()).decode()
        self.tokens.append(f"eyJhbGciOiJSUzI1NiJ9.{claims.rstrip('=')}.c2lnbmF0dXJl")
        return _json({"refresh_token": self.tokens[-1]})


@contextlib.contextmanager
def azure(directory: Path) -> Iterator[tuple[Azure, dict[str, str]]]:
    """Azure with TLS, and the variables that make an SDK use it."""
    authority = pki.make_authority("azure")
    pki.issue_server(authority).write(directory, "azure")
    ca = directory / "azure-ca.crt"
    ca.write_bytes(authority.certificate)
    cloud = Azure()
    files = (str(directory / "azure.crt"), str(directory / "azure.key"))
    with serving(cloud, ssl_context=files) as cloud.url:
        yield cloud, {"AZURE_AUTHORITY_HOST": cloud.url, "REQUESTS_CA_BUNDLE": str(ca)}


def main() -> None:
    """For a shell: AWS for as long as this process lives, and the variables that make an SDK use it."""
    with aws() as cloud:
        keys = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "aws-s3cret-of-somebody"}
        for name, text in {**keys, "AWS_ENDPOINT_URL": cloud.url}.items():
            print(f"export {name}={text}")
        print("# END", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
