# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Installation tokens of GitHub Apps, minted with the key of the App at GitHub's REST API.

Facts: docs.github.com, "Generating a JSON Web Token (JWT) for a GitHub App", "Generating an installation access token
for a GitHub App", "REST API endpoints for GitHub Apps", "Rate limits for the REST API". Nothing is quoted that the
server writes.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from .._credentials.app_token import AppToken, find_excess
from .._credentials.expiry import parse_time, render_time
from .._dataclasses import dataclass
from .._errors import KeyringError
from .._registry.client import Deadline, NoResponse, RawResponse, RegistryClient, Trust
from .token import READ_TIMEOUT, Hide, Token

# GitHub takes a JWT that was issued a minute ago, in case its clock is behind, and lasts at most ten minutes.
_ISSUED_BEFORE = 60
_LASTS = 540

# A clock that differs by more makes GitHub refuse the JWT.
_CLOCKS_DIFFER = timedelta(seconds=60)

_API_VERSION = "2022-11-28"

# Bytes of an answer: it describes each of up to 500 repositories at length.
_LONGEST_ANSWER = 16 * 1024 * 1024

# Longer waits are not read from an answer.
_LONGEST_WAIT = 24 * 3600


@dataclass(frozen=True)
class _Response:
    """An answer of the API. ``document`` is empty if the body is not a JSON object."""

    status: int
    headers: Mapping[str, str]
    document: Mapping[str, Any]

    @property
    def message(self) -> str:
        """Return what the server says about an error, in lower case, to recognise it."""
        return str(self.document.get("message", "")).lower()


def mint_installation_token(app: AppToken, hide: Hide) -> Token:
    """Mint a token for the repositories and permissions of the option.

    Raise KeyringError, with the option at fault, if GitHub gives none, or one with more than was asked for.
    """
    with closing(RegistryClient(Trust())) as client:
        github = _Api(app, client, hide)
        installation = app.installation_id or github.find_installation()
        return github.mint(installation)


class _Api:
    """GitHub's API, asked as an App."""

    def __init__(self, app: AppToken, client: RegistryClient, hide: Hide) -> None:
        self._app = app
        self._client = client
        self._hide = hide
        self._jwt = sign_jwt(app, datetime.now(timezone.utc))
        hide(self._jwt, self._jwt.rpartition(".")[2])

    def find_installation(self) -> str:
        """Return the ID of the installation that the organization or user has. Raise KeyringError without one."""
        for place in ("orgs", "users"):
            response = self._ask("GET", f"/{place}/{self._app.owner}/installation")
            if response.status == 200:
                return self._read_installation(response)
            if response.status != 404 or _is_unknown_app(response):
                break
        raise self._explain(response)

    def mint(self, installation: str) -> Token:
        """Mint the token. Raise KeyringError as mint_installation_token does."""
        asked: dict[str, Any] = {"permissions": dict(self._app.permissions)}
        if self._app.repositories:
            asked["repositories"] = list(self._app.repositories)
        response = self._ask("POST", f"/app/installations/{installation}/access_tokens", asked)
        if response.status != 201:
            raise self._explain(response)
        password = response.document.get("token")
        if not isinstance(password, str) or not password.isprintable() or not password.strip():
            raise self._strange()
        self._hide(password, base64.b64encode(f"{self._app.username}:{password}".encode()).decode())
        expires_at = parse_time(str(response.document.get("expires_at")))
        if expires_at is None:
            raise self._strange()
        self._refuse_excess(response, password, expires_at)
        return Token(password, expires_at)

    def _read_installation(self, response: _Response) -> str:
        number = response.document.get("id")
        if not isinstance(number, int) or isinstance(number, bool):
            raise self._strange()
        if response.document.get("suspended_at") is not None:
            raise self._suspended()
        return str(number)

    def _refuse_excess(self, response: _Response, password: str, expires_at: datetime) -> None:
        """Raise KeyringError if the token may do more than was asked for, and revoke it."""
        permissions = response.document.get("permissions")
        if not isinstance(permissions, dict):
            raise self._strange()
        excess = find_excess(self._app, permissions, _named_repositories(response.document))
        if not excess:
            return
        revoked = "It was revoked."
        try:
            answer = self._ask("DELETE", "/installation/token", token=password)
            is_revoked = answer.status == 204
        except KeyringError:
            is_revoked = False
        if not is_revoked:
            revoked = f"It could not be revoked, and lasts until {render_time(expires_at)}."
        part = "permissions" if ":" in excess[0] or "permission" in excess[0] else "repositories"
        raise _no_token(
            f"GitHub gave one with more than was asked for: {', '.join(excess)}. {revoked}",
            f"List it in {self._app.option}.{part} if the consumer may have it, and check {self._app.option}.base_url.",
            part,
        )

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, token: str = "") -> _Response:
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token or self._jwt}",
            "X-GitHub-Api-Version": _API_VERSION,
        }
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body).encode()
        deadline = Deadline(READ_TIMEOUT)
        try:
            url = f"{self._app.api}{path}"
            answer = self._client.send(method, url, headers, deadline, content, _LONGEST_ANSWER)
        except NoResponse as failure:
            raise _no_token(
                f"The API at {self._app.api} gives no answer: {failure}.",
                f"Check the network, the proxy, the certificate authorities and {self._app.option}.base_url.",
                "base_url",
            ) from None
        return _read_response(answer)

    def _explain(self, response: _Response) -> KeyringError:
        """Return the error about an answer that is not the expected one."""
        status, option = response.status, self._app.option
        if 300 <= status < 400:
            return _no_token(
                f"The API at {self._app.api} redirects ({status}), and redirects are not followed.",
                f"Set {option}.base_url to the address of the API itself.",
                "base_url",
            )
        wait = _seconds_to_wait(response)
        if status == 429 or (status == 403 and wait is not None):
            when = f"in {wait} seconds" if wait else "later"
            return _no_token(
                f"GitHub has answered too many requests of this App ({status}).", f"Run the task again {when}."
            )
        if status == 401:
            return self._explain_unauthorized(response)
        if status == 403 and "suspended" in response.message:
            return self._suspended()
        if status == 403:
            return _no_token(
                "GitHub forbids the App to mint a token (403).",
                "Check the App, and the list of allowed IP addresses of the organization.",
                self._installation_part,
            )
        if status == 404 and _is_unknown_app(response):
            return _no_token(
                "GitHub does not know the App (404).",
                f"Check {option}.{self._issuer_part}, and {option}.base_url if the App is on another server.",
                self._issuer_part,
            )
        if status == 404:
            return _no_token(
                "The App has no such installation (404).",
                f"Check {option}.{self._installation_part}, and install the App there.",
                self._installation_part,
            )
        if status == 422:
            return self._explain_refused(response)
        if status >= 500:
            return _no_token(f"The API at {self._app.api} has a fault ({status}).", "Run the task again later.")
        return self._strange()

    def _explain_unauthorized(self, response: _Response) -> KeyringError:
        there, here = _read_date(response), datetime.now(timezone.utc)
        if there and abs(there - here) > _CLOCKS_DIFFER:
            return _no_token(
                f"GitHub does not accept the time of the request. Its clock shows {render_time(there)}, and the clock "
                f"of the machine that runs this task shows {render_time(here)}.",
                "Set the clock.",
            )
        return _no_token(
            f"GitHub does not accept the key for the App in {self._app.option}.{self._issuer_part} (401).",
            "Give a private key of that App, which its settings page lists. If it is the right one, check the clock.",
            "private_key",
        )

    def _explain_refused(self, response: _Response) -> KeyringError:
        option = self._app.option
        if "permission" in response.message:
            return _no_token(
                "The installation does not have all of the permissions that are asked for (422).",
                f"Ask for fewer in {option}.permissions, or give them to the App and accept them for the installation.",
                "permissions",
            )
        return _no_token(
            "At least one of the repositories does not exist, or is not part of the installation (422).",
            f"Check {option}.repositories, and which repositories the installation may use.",
            "repositories",
        )

    def _suspended(self) -> KeyringError:
        return _no_token(
            "The installation of the App is suspended.",
            "An owner of the organization can end that in its settings, under GitHub Apps.",
            self._installation_part,
        )

    def _strange(self) -> KeyringError:
        return _no_token(
            f"The API at {self._app.api} does not answer like that of GitHub.",
            f"Check {self._app.option}.base_url, and what a proxy on the way answers.",
            "base_url",
        )

    @property
    def _issuer_part(self) -> str:
        return "app_id" if self._app.issuer.isdigit() else "client_id"

    @property
    def _installation_part(self) -> str:
        return "installation_id" if self._app.installation_id else "owner"


def sign_jwt(app: AppToken, now: datetime) -> str:
    """Return the JSON Web Token by which GitHub recognises the App, signed with its key."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from .._credentials.ssh_key import convert_key

    key = load_pem_private_key(convert_key(app.key, "PEM", None).text.encode(), None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("parse_app_token has refused every other key")
    seconds = int(now.timestamp())
    claims = {"iat": seconds - _ISSUED_BEFORE, "exp": seconds + _LASTS, "iss": app.issuer}
    signed = f"{_render_jwt_part({'alg': 'RS256', 'typ': 'JWT'})}.{_render_jwt_part(claims)}"
    return f"{signed}.{_base64url(key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def _render_jwt_part(part: Mapping[str, Any]) -> str:
    return _base64url(json.dumps(part, separators=(",", ":")).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _no_token(why: str, remedy: str, part: str = "") -> KeyringError:
    """Return the error about a token that is not given. ``part`` is the option below github_app_token at fault."""
    from .._credentials.git_credential import APP_TOKEN

    return KeyringError(
        f"{APP_TOKEN} got no token.",
        why,
        remedy,
        fatal=True,
        failure="minting_failed",
        option=f"{APP_TOKEN}.{part}" if part else APP_TOKEN,
    )


def _read_response(answer: RawResponse) -> _Response:
    status, headers, body = answer
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    known = {name.lower(): value for name, value in headers}
    return _Response(status, known, document if isinstance(document, dict) else {})


def _named_repositories(document: Mapping[str, Any]) -> list[str] | None:
    """Return the names of the repositories that a token is for; None if it is for all of the installation.

    GitHub lists them for a token that is restricted to some.
    """
    listed = document.get("repositories")
    if not isinstance(listed, list):
        return None
    return [str(item.get("name")) for item in listed if isinstance(item, dict)]


def _is_unknown_app(response: _Response) -> bool:
    return response.status == 404 and "integration not found" in response.message


def _seconds_to_wait(response: _Response) -> int | None:
    """Return how long GitHub asks to wait, 0 if it does not say; None if it does not limit requests."""
    wait = response.headers.get("retry-after", "")
    if wait.isascii() and wait.isdigit() and len(wait) < 10:
        return min(int(wait), _LONGEST_WAIT)
    if wait or response.headers.get("x-ratelimit-remaining") == "0" or "rate limit" in response.message:
        return 0
    return None


def _read_date(response: _Response) -> datetime | None:
    """Return the time on the clock of the server; None if it does not say."""
    try:
        date = parsedate_to_datetime(response.headers.get("date", ""))
    except (TypeError, ValueError, IndexError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=timezone.utc)
