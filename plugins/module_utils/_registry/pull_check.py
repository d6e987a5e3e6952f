# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The exchange with a registry that shows whether credentials pull an image: requests and responses as data.

Without an image it shows whether the registry accepts the credentials, as a docker login does.
Sources: the OCI distribution specification (HEAD on a manifest, GET on /v2/), distribution's "Token Authentication
Specification".
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import field
from typing import Literal
from urllib.parse import quote, unquote, urlencode

from .._dataclasses import dataclass
from .challenge import Challenge, parse_challenges
from .place import RealmRefused, RegistryLocation, find_realm

Outcome = Literal["pullable", "authenticated", "denied", "not_found", "unreachable", "unverifiable"]
# Those of an image.
OUTCOMES: tuple[Outcome, ...] = ("pullable", "denied", "not_found", "unreachable", "unverifiable")

# The fate of the credentials: doubtful where a refusal may be about them or about the image.
LoginFate = Literal["accepted", "refused", "doubtful", "unused"]

_MANIFESTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
# Not asked for, and yet sent by old registries.
_OLD_MANIFESTS = (
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
)
# The fate of a password by the status of the answer to it.
_OF_BASIC: Mapping[int, LoginFate] = {200: "accepted", 404: "accepted", 401: "refused"}
# What a client asks a token service for: distribution's token specification, and OAuth 2 (RFC 6749).
_TOKEN_PARAMETERS = frozenset((
    "access_type", "account", "audience", "client_id", "expires_in", "grant_type", "offline_token", "password",
    "refresh_token", "resource", "response_type", "scope", "service", "username",
))  # fmt: skip
_BEARER_TOKEN = re.compile(r"[\x21-\x7e]{1,65536}")
_MAX_QUOTED_CHARS = 200
# As long as a token or a part of one, and longer than what is in a sentence.
_LONG_WORD = re.compile(r"[A-Za-z0-9_.+/=-]{25,}")


@dataclass(frozen=True)
class PullCheck:
    """A question to a registry: whether credentials pull an image, or are accepted where ``place`` has no image.

    ``user`` is what sentences call them. An ``anonymous`` check sends no credentials, also to a token service.
    """

    place: RegistryLocation
    username: str = field(repr=False)
    password: str = field(repr=False)
    user: str = "the credentials"
    realms: tuple[str, ...] = ()
    anonymous: bool = False


@dataclass(frozen=True)
class Request:
    """A request to send next. The headers may hold credentials."""

    method: Literal["HEAD", "GET"]
    url: str
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Response:
    """A response: the status, the headers in order, and the beginning of the body."""

    status: int
    headers: Sequence[tuple[str, str]] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> list[str]:
        """Return the values of a header, in order. ``name`` is in lower case."""
        return [value for key, value in self.headers if key.lower() == name]


@dataclass(frozen=True)
class CheckResult:
    """The outcome of a check and a sentence; ``quoted`` is that part of it which the registry wrote.

    ``ends`` is whether the registry must not be asked again.
    """

    outcome: Outcome
    text: str
    quoted: str = ""
    credentials: LoginFate = "unused"
    ends: bool = False


PullCheckFlow = Generator[Request, Response, CheckResult]


def pull_check_flow(check: PullCheck) -> PullCheckFlow:
    """Yield the requests to send, take the responses, and return the result.

    Credentials are sent once, to the registry or to its token service, and only after it has asked for them.
    """
    if not check.anonymous and not (check.username and check.password):
        return CheckResult("unverifiable", "The entry has no user name or no password, so the registry is not asked.")
    first = yield _ask_registry(check.place)
    if first.status != 401:
        return _judge(check, first, "unused")
    challenges = {item.scheme: item for item in reversed(parse_challenges(first.header("www-authenticate")))}
    if "bearer" in challenges:
        return (yield from _check_with_token(check, challenges["bearer"]))
    if check.anonymous:
        return CheckResult("denied", "The registry asks for credentials (401).")
    if "basic" in challenges:
        response = yield _ask_registry(check.place, _basic(check))
        return _judge(check, response, _OF_BASIC.get(response.status, "doubtful"))
    return CheckResult(
        "unverifiable", "The registry asks for credentials (401) in a way that no pull secret can serve."
    )


def _check_with_token(check: PullCheck, challenge: Challenge) -> PullCheckFlow:
    try:
        realm = find_realm(challenge.parameters.get("realm", ""), check.place, check.realms)
    except RealmRefused as refusal:
        return CheckResult("unverifiable", f"The registry requires a token. {refusal}")
    # The scope is our own: one that a registry asks for could open more than the pull of this image.
    address = _without_requests(realm)
    query = {
        "service": challenge.parameters.get("service", ""),
        "scope": f"repository:{check.place.repository}:pull" if check.place.repository else "",
    }
    given = urlencode({name: value for name, value in query.items() if value}, quote_via=quote, safe="/:")
    url = f"{address}{'&' if '?' in address else '?'}{given}"
    headers = {"Accept": "application/json"}
    if not check.anonymous:
        headers["Authorization"] = _basic(check)
    response = yield Request("GET", url, headers)
    if response.status != 200:
        return _judge_token_refusal(check, response)
    token = _find_token(response.body)
    if not token:
        return CheckResult(
            "unverifiable", "The token service of the registry answers without a token.", credentials="doubtful"
        )
    return _judge(check, (yield _ask_registry(check.place, f"Bearer {token}")), "accepted")


def _without_requests(realm: str) -> str:
    """Return the URL of a token service without parameters that ask for more than the task does."""
    address, _mark, query = realm.partition("?")
    kept = [item for item in query.split("&") if unquote(item.partition("=")[0]).lower() not in _TOKEN_PARAMETERS]
    return f"{address}?{'&'.join(kept)}" if any(kept) else address


def _ask_registry(place: RegistryLocation, authorization: str = "") -> Request:
    headers = {"Accept": ", ".join(_MANIFESTS) if place.repository else "application/json"}
    if authorization:
        headers["Authorization"] = authorization
    return Request("HEAD" if place.repository else "GET", place.url, headers)


def _basic(check: PullCheck) -> str:
    text = f"{check.username}:{check.password}".encode(errors="surrogateescape")
    return f"Basic {base64.b64encode(text).decode()}"


def _find_token(body: bytes) -> str | None:
    document = _parse_json(body)
    token = document.get("token") or document.get("access_token")
    return token if isinstance(token, str) and _BEARER_TOKEN.fullmatch(token) else None


def _parse_json(body: bytes) -> Mapping[str, object]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _judge(check: PullCheck, response: Response, credentials: LoginFate) -> CheckResult:
    """Return the result that follows from the response of the registry, with or without credentials."""
    return (
        _judge_image(check, response, credentials)
        if check.place.repository
        else _judge_login(check, response, credentials)
    )


def _judge_login(check: PullCheck, response: Response, credentials: LoginFate) -> CheckResult:
    """Return the result that follows from the response to a GET on the API of the registry."""
    user, unused = check.user, credentials == "unused"
    if response.status in (200, 403) and unused:
        return CheckResult("unverifiable", f"The registry answers ({response.status}) without asking for credentials.")
    if response.status == 200:
        text = f"The registry accepts {user}. Whether an image can be pulled was not asked."
        return CheckResult("authenticated", text, credentials=credentials)
    if response.status in (401, 403) and credentials == "accepted":
        text = f"The registry gives {user} a token, and does not accept it ({response.status})."
        return CheckResult("unverifiable", text, credentials=credentials)
    if response.status in (401, 403):
        text = f"The registry refuses {user} ({response.status}): the password is wrong or has expired."
        return CheckResult("denied", text, credentials="doubtful" if response.status == 403 else "refused")
    if response.status == 404:
        return CheckResult(
            "unverifiable", "The server there (404) does not look like a registry.", credentials=credentials
        )
    return _judge_trouble(response, "The registry", credentials)


def _judge_image(check: PullCheck, response: Response, credentials: LoginFate) -> CheckResult:
    """Return the result that follows from the response to a HEAD on the manifest."""
    user, unused = check.user, credentials == "unused"
    if response.status == 200 and _media_types(response).isdisjoint((*_MANIFESTS, *_OLD_MANIFESTS)):
        return CheckResult("unverifiable", "Its answer (200) is not an image manifest.", credentials=credentials)
    if response.status == 200 and unused:
        text = "The registry serves it without credentials, so these were not needed, and are not checked."
        return CheckResult("pullable", text)
    if response.status == 200:
        return CheckResult("pullable", f"The registry lets {user} pull it.", credentials=credentials)
    if response.status == 404 and unused and not _is_of_registry(response):
        return CheckResult("unverifiable", "The server there (404) does not look like a registry.")
    if response.status == 404:
        secret = "" if unused else f", or hides it from {user}"
        return CheckResult(
            "not_found", f"The registry has no such image or tag (404){secret}.", credentials=credentials
        )
    if response.status == 401:
        why = "the password is wrong or has expired" if credentials == "refused" else "it may not pull the image"
        return CheckResult("denied", f"The registry refuses {user} (401): {why}.", credentials=credentials)
    if response.status == 403 and unused:
        return CheckResult("unverifiable", "The registry refuses (403) without asking for credentials.")
    if response.status == 403:
        text = f"The registry refuses {user} (403): it may not pull the image, or is locked."
        return CheckResult("denied", text, credentials=credentials)
    return _judge_trouble(response, "The registry", credentials)


def _judge_token_refusal(check: PullCheck, response: Response) -> CheckResult:
    if response.status not in (401, 403):
        return _judge_trouble(response, "The token service of the registry", "doubtful")
    quoted = _find_message(response.body)
    said = f" It says: {quoted}" if quoted else ""
    if response.status == 401:
        text = f"The registry gives {check.user} no token (401): the password is wrong or has expired.{said}"
        return CheckResult("denied", text, quoted, "refused")
    text = f"The registry gives {check.user} no token (403): the password is wrong, or it may not pull the image.{said}"
    return CheckResult("denied", text, quoted, "doubtful")


def _judge_trouble(response: Response, who: str, credentials: LoginFate) -> CheckResult:
    if 300 <= response.status < 400:
        text = f"{who} answers with a redirect ({response.status}), which is not followed."
        return CheckResult("unverifiable", text, credentials=credentials)
    if response.status == 429:
        text = f"{who} has received too many requests (429), so no more are sent."
        return CheckResult("unverifiable", text, credentials=credentials, ends=True)
    fails = "fails" if response.status >= 500 else "gives an unexpected answer"
    return CheckResult("unverifiable", f"{who} {fails} ({response.status}).", credentials=credentials)


def _is_of_registry(response: Response) -> bool:
    """Return whether a refusal looks like one of a registry: any web server may answer 404."""
    return bool(response.header("docker-distribution-api-version")) or "application/json" in _media_types(response)


def _media_types(response: Response) -> set[str]:
    return {value.partition(";")[0].strip().lower() for value in response.header("content-type")}


def _find_message(body: bytes) -> str:
    """Return the words of a token service about a refusal, on one line, without what may be a token."""
    document = _parse_json(body)
    errors = document.get("errors")
    first = None
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        first = errors[0].get("message")
    said = (first, document.get("details"), document.get("message"), document.get("error_description"))
    text = next((item for item in said if isinstance(item, str) and item.strip()), "")
    line = "".join(char if char.isprintable() else " " for char in text[: 10 * _MAX_QUOTED_CHARS])
    line = _LONG_WORD.sub("********", re.sub(r"//[^/\s\"@]+@", "//", " ".join(line.split())))
    return line if len(line) <= _MAX_QUOTED_CHARS else f"{line[:_MAX_QUOTED_CHARS]}…"
