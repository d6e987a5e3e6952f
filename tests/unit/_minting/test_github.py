# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Installation tokens of a GitHub App, minted at a server on loopback that checks what it is sent."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from werkzeug.wrappers import Response

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.app_token import AppToken, parse_app_token
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._minting import github as minting
from ansible_collections.keyring.kubernetes.plugins.module_utils._minting.github import (
    mint_installation_token,
    sign_jwt,
)
from support.samples.keys import key_text
from support.servers.github import APP_ID, APP_KEY, CLIENT_ID, INSTALLATION, OWNER, GitHub, limited
from support.servers.wsgi import serving

NOTHING: Mapping[str, Any] = dict.fromkeys(
    ("client_id", "app_id", "owner", "installation_id", "private_key", "private_key_file", "base_url")
)
MINT = f"/app/installations/{INSTALLATION}/access_tokens"


@pytest.fixture(scope="module")
def place() -> Iterator[tuple[list[GitHub], str]]:
    """A server that asks the last one of a list, and its origin: to start one for each test takes half a second."""
    servers: list[GitHub] = []

    def ask_the_last(environ: Any, start: Any) -> Any:
        return servers[-1](environ, start)

    with serving(ask_the_last) as origin:
        yield servers, origin


@pytest.fixture
def server(place: tuple[list[GitHub], str], monkeypatch: pytest.MonkeyPatch) -> GitHub:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    servers, origin = place
    servers.append(GitHub(origin=origin))
    return servers[-1]


def app_of(server: GitHub, key: str = APP_KEY, **options: Any) -> AppToken:
    given = {
        **NOTHING,
        "client_id": None if "app_id" in options else CLIENT_ID,
        "installation_id": None if "owner" in options else INSTALLATION,
        "private_key": key,
        "repositories": ["app"],
        "permissions": {"contents": "read"},
        "base_url": server.url,
    }
    return parse_app_token({**given, **options}, key)


def refused(app: AppToken) -> tuple[str, str | None]:
    """The sentences of a refusal after the first one, and the option at fault."""
    hidden: list[str] = []
    with pytest.raises(KeyringError) as caught:
        mint_installation_token(app, lambda *texts: hidden.extend(texts))
    error = caught.value
    assert (error.failure, error.fatal) == ("minting_failed", True)
    begin, _space, rest = str(error).partition("github_app_token got no token. ")
    assert begin == ""
    assert not any(text in str(error) for text in hidden)
    return rest, error.option


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        pytest.param(
            {},
            [("POST", MINT, {"permissions": {"contents": "read"}, "repositories": ["app"]})],
            id="client ID and installation ID",
        ),
        pytest.param(
            {"app_id": APP_ID, "repositories": ["WEB", "web", "app"], "permissions": {"contents": "write"}},
            [("POST", MINT, {"permissions": {"contents": "write"}, "repositories": ["app", "web"]})],
            id="App ID and several repositories",
        ),
        pytest.param(
            {"repositories": ["*"]}, [("POST", MINT, {"permissions": {"contents": "read"}})], id="all repositories"
        ),
        pytest.param(
            {"owner": OWNER, "permissions": {"issues": "read", "contents": "read"}},
            [
                ("GET", f"/orgs/{OWNER}/installation", None),
                ("POST", MINT, {"permissions": {"contents": "read", "issues": "read"}, "repositories": ["app"]}),
            ],
            id="organization",
        ),
    ],
)
def test_mints_a_token(server: GitHub, options: dict[str, Any], asked: list[Any]) -> None:
    hidden: list[str] = []
    token = mint_installation_token(app_of(server, **options), lambda *texts: hidden.extend(texts))

    assert server.asked == asked
    assert [token.password] == server.tokens
    assert timedelta(0) <= datetime.now(timezone.utc) + server.life - token.expires_at < timedelta(minutes=1)
    assert {token.password, *server.jwts} <= set(hidden)


def test_finds_the_installation_of_a_user(server: GitHub) -> None:
    server.is_user = True
    mint_installation_token(app_of(server, owner=OWNER), lambda *texts: None)
    paths = [path for _method, path, _body in server.asked]
    assert paths == [f"/orgs/{OWNER}/installation", f"/users/{OWNER}/installation", MINT]


def test_reads_a_long_answer(server: GitHub) -> None:
    """GitHub describes each repository at length: far more than a registry ever sends."""
    server.repositories = tuple(f"repository-{number}" for number in range(500))
    app = app_of(server, repositories=list(server.repositories))
    assert mint_installation_token(app, lambda *texts: None).password == server.tokens[0]


@pytest.mark.parametrize("kind", ["RSA PKCS#1", "RSA PKCS#8", "RSA OpenSSH"])
def test_signs_with_a_key_in_any_form(server: GitHub, kind: str) -> None:
    assert mint_installation_token(app_of(server, key_text(kind)), lambda *texts: None).password == server.tokens[0]


@pytest.mark.parametrize(("options", "issuer"), [({}, CLIENT_ID), ({"app_id": APP_ID}, APP_ID)])
def test_the_claims_of_the_jwt(options: dict[str, Any], issuer: str) -> None:
    server = GitHub(origin="http://127.0.0.1:1")
    jwt = sign_jwt(app_of(server, **options), datetime.fromtimestamp(1_800_000_000.9, timezone.utc))
    claims = json.loads(base64.urlsafe_b64decode(jwt.split(".")[1] + "=="))
    assert claims == {"iat": 1_799_999_940, "exp": 1_800_000_540, "iss": issuer}
    assert claims["exp"] - claims["iat"] <= 600
    assert re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){2}", jwt)


API = "http://127.0.0.1:{port}/api/v3"
NOT_GITHUB = (
    f"The API at {API} does not answer like that of GitHub. Check github_app_token.base_url, and what a proxy on the "
    "way answers."
)
REDIRECTS = (
    f"The API at {API} redirects (302), and redirects are not followed. Set github_app_token.base_url to the address "
    "of the API itself."
)

# What the server does, the options, the sentences, and the option at fault.
REFUSALS: Mapping[str, tuple[dict[str, Any], dict[str, Any], str, str]] = {
    "another App's key": (
        {},
        {"key": "other"},
        "GitHub does not accept the key for the App in github_app_token.client_id (401). Give a private key of that "
        "App, which its settings page lists. If it is the right one, check the clock.",
        "private_key",
    ),
    "unknown App": (
        {},
        {"client_id": "Iv1.unknown"},
        "GitHub does not know the App (404). Check github_app_token.client_id, and github_app_token.base_url if the "
        "App is on another server.",
        "client_id",
    ),
    "unknown App, looked up by owner": (
        {},
        {"app_id": "1", "owner": OWNER},
        "GitHub does not know the App (404). Check github_app_token.app_id, and github_app_token.base_url if the App "
        "is on another server.",
        "app_id",
    ),
    "unknown installation": (
        {},
        {"installation_id": "1"},
        "The App has no such installation (404). Check github_app_token.installation_id, and install the App there.",
        "installation_id",
    ),
    "unknown owner": (
        {},
        {"owner": "nobody"},
        "The App has no such installation (404). Check github_app_token.owner, and install the App there.",
        "owner",
    ),
    "suspended": (
        {"suspended": True},
        {},
        "The installation of the App is suspended. An owner of the organization can end that in its settings, under "
        "GitHub Apps.",
        "installation_id",
    ),
    "suspended, looked up by owner": (
        {"suspended": True},
        {"owner": OWNER},
        "The installation of the App is suspended. An owner of the organization can end that in its settings, under "
        "GitHub Apps.",
        "owner",
    ),
    "forbidden": (
        {"answer": Response("{}", 403)},
        {},
        "GitHub forbids the App to mint a token (403). Check the App, and the list of allowed IP addresses of the "
        "organization.",
        "installation_id",
    ),
    "a repository that is not part of it": (
        {},
        {"repositories": ["app", "other"]},
        "At least one of the repositories does not exist, or is not part of the installation (422). Check "
        "github_app_token.repositories, and which repositories the installation may use.",
        "repositories",
    ),
    "a permission that it does not have": (
        {},
        {"permissions": {"contents": "read", "issues": "write"}},
        "The installation does not have all of the permissions that are asked for (422). Ask for fewer in "
        "github_app_token.permissions, or give them to the App and accept them for the installation.",
        "permissions",
    ),
    "429 with Retry-After": (
        {"answer": limited(429, Retry_After="60")},
        {},
        "GitHub has answered too many requests of this App (429). Run the task again in 60 seconds.",
        "",
    ),
    "403 with Retry-After": (
        {"answer": limited(403, Retry_After="7")},
        {},
        "GitHub has answered too many requests of this App (403). Run the task again in 7 seconds.",
        "",
    ),
    "403 without requests left": (
        {"answer": limited(403, X_RateLimit_Remaining="0")},
        {},
        "GitHub has answered too many requests of this App (403). Run the task again later.",
        "",
    ),
    "429 with a time that is none": (
        {"answer": limited(429, Retry_After="soon")},
        {},
        "GitHub has answered too many requests of this App (429). Run the task again later.",
        "",
    ),
    "fault of the server": (
        {"answer": Response("<html>", 503)},
        {},
        f"The API at {API} has a fault (503). Run the task again later.",
        "",
    ),
    "redirect": (
        {"answer": Response("", 302, headers={"Location": "https://elsewhere.example.com/"})},
        {},
        REDIRECTS,
        "base_url",
    ),
    "redirect of the installation": (
        {"answer": Response("", 302, headers={"Location": "https://elsewhere.example.com/"})},
        {"owner": OWNER},
        REDIRECTS,
        "base_url",
    ),
    "a page in place of JSON": ({"answer": Response("<html>Log in", 201)}, {}, NOT_GITHUB, "base_url"),
    "a page in place of the installation": (
        {"answer": Response("<html>", 200)},
        {"owner": OWNER},
        NOT_GITHUB,
        "base_url",
    ),
    "a list in place of an object": ({"answer": Response("[]", 201)}, {}, NOT_GITHUB, "base_url"),
    "deep JSON": ({"answer": Response("[" * 100_000, 201)}, {}, NOT_GITHUB, "base_url"),
    "another status": ({"answer": Response("{}", 200)}, {}, NOT_GITHUB, "base_url"),
    "no token": ({"wider": {"token": None}}, {}, NOT_GITHUB, "base_url"),
    "a token with a newline": ({"wider": {"token": "ghs_a\nb"}}, {}, NOT_GITHUB, "base_url"),
    "no expiry time": ({"wider": {"expires_at": 1}}, {}, NOT_GITHUB, "base_url"),
    "no permissions": ({"wider": {"permissions": None}}, {}, NOT_GITHUB, "base_url"),
    "an installation without number": (
        {"answer": Response('{"id": "1/access_tokens?"}', 200)},
        {"owner": OWNER},
        NOT_GITHUB,
        "base_url",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_says_why_there_is_no_token(server: GitHub, name: str) -> None:
    does, options, message, part = REFUSALS[name]
    for field, value in does.items():
        setattr(server, field, value)
    if options.get("key") == "other":
        options = {"key": another_rsa_key()}

    text, option = refused(app_of(server, **options))

    port = server.origin.rpartition(":")[2]
    assert text == message.replace("{port}", port)
    assert option == f"github_app_token.{part}".rstrip(".")
    assert server.revoked == []


def another_rsa_key() -> str:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


@pytest.mark.parametrize("skew", [timedelta(hours=1), timedelta(minutes=-20)], ids=["behind", "ahead"])
def test_a_wrong_clock(server: GitHub, skew: timedelta) -> None:
    server.skew = skew
    text, option = refused(app_of(server))
    assert re.fullmatch(
        r"GitHub does not accept the time of the request\. Its clock shows [0-9TZ:-]{20}, and the clock of the machine "
        r"that runs this task shows [0-9TZ:-]{20}\. Set the clock\.",
        text,
    )
    assert option == "github_app_token"


def test_a_clock_that_differs_a_little(server: GitHub) -> None:
    server.skew = timedelta(seconds=-45)
    assert mint_installation_token(app_of(server), lambda *texts: None).password == server.tokens[0]


MORE_PERMISSIONS = {"permissions": {"contents": "read", "issues": "write", "metadata": "read"}}
LIST_IT = "List it in github_app_token.{part} if the consumer may have it, and check github_app_token.base_url."


@pytest.mark.parametrize(
    ("wider", "options", "excess", "part"),
    [
        pytest.param(MORE_PERMISSIONS, {}, "issues: write", "permissions", id="another permission"),
        pytest.param({"permissions": {"contents": "write"}}, {}, "contents: write", "permissions", id="a higher level"),
        pytest.param({"permissions": {"metadata": "write"}}, {}, "metadata: write", "permissions", id="more metadata"),
        pytest.param(
            {"permissions": {"contents": "own er"}}, {}, "1 unknown permissions", "permissions", id="an unknown level"
        ),
        pytest.param(
            {"permissions": {"s3cret!": "read"}}, {}, "1 unknown permissions", "permissions", id="an unknown name"
        ),
        pytest.param(
            {"repository_selection": "all", "repositories": None},
            {},
            "all repositories of the installation",
            "repositories",
            id="all repositories",
        ),
        pytest.param(
            {"repositories": None},
            {},
            "all repositories of the installation",
            "repositories",
            id="no repositories listed",
        ),
        pytest.param(
            {"repositories": [{"name": "app"}, {"name": "web"}]},
            {},
            "1 other repositories",
            "repositories",
            id="another one",
        ),
        pytest.param(
            {**MORE_PERMISSIONS, "repositories": None},
            {},
            "issues: write, all repositories of the installation",
            "permissions",
            id="both",
        ),
        pytest.param(
            MORE_PERMISSIONS, {"repositories": ["*"]}, "issues: write", "permissions", id="for all repositories"
        ),
    ],
)
@pytest.mark.parametrize("keeps", [False, True], ids=["revoked", "not revoked"])
def test_a_token_with_more_than_asked_is_revoked(
    server: GitHub, wider: dict[str, Any], options: dict[str, Any], excess: str, part: str, keeps: bool
) -> None:
    server.wider, server.keeps = wider, keeps
    text, option = refused(app_of(server, **options))
    end = r"It was revoked\." if not keeps else r"It could not be revoked, and lasts until [0-9TZ:-]{20}\."
    start = f"GitHub gave one with more than was asked for: {excess}. "
    assert text.startswith(start)
    assert re.fullmatch(f"{end} {re.escape(LIST_IT.format(part=part))}", text.removeprefix(start))
    assert option == f"github_app_token.{part}"
    assert server.revoked == ([] if keeps else server.tokens)
    assert server.asked[-1] == ("DELETE", "/installation/token", None)


@pytest.mark.parametrize(
    "wider",
    [
        {"permissions": {}},
        {"permissions": {"contents": "read"}},
        {"repositories": [{"name": "App"}]},
        {"repositories": [{"name": "app"}, "odd"]},
        {"repository_selection": "all"},
    ],
)
def test_a_token_with_as_much_or_less_is_taken(server: GitHub, wider: dict[str, Any]) -> None:
    server.wider = wider
    app = app_of(server, permissions={"contents": "write"})
    assert mint_installation_token(app, lambda *texts: None).password == server.tokens[0]
    assert server.revoked == []


def test_no_answer_in_time(server: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minting, "READ_TIMEOUT", 0.3)
    server.seconds = 1
    text, option = refused(app_of(server))
    assert text == (
        f"The API at {server.url} gives no answer: no whole answer within 0.3 seconds. Check the network, the proxy, "
        "the certificate authorities and github_app_token.base_url."
    )
    assert option == "github_app_token.base_url"


@pytest.mark.parametrize(
    ("origin", "why"),
    [
        ("http://127.0.0.1:1", "connection refused"),
        ("https://127.0.0.1:1", "connection refused"),
        ("https://github.invalid", "its name cannot be resolved"),
    ],
)
def test_nothing_there(server: GitHub, origin: str, why: str) -> None:
    server.origin = origin
    assert refused(app_of(server))[0].startswith(f"The API at {origin}/api/v3 gives no answer: {why}. ")


def test_plain_http_in_place_of_tls(server: GitHub) -> None:
    app = app_of(server, base_url=server.url.replace("http:", "https:"))
    assert refused(app)[0].startswith(f"The API at {app.api} gives no answer: TLS failed. Check the network")


def test_the_proxy_of_the_environment(server: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy answers in place of the API, which nobody else reaches."""
    monkeypatch.setenv("http_proxy", server.origin)
    app = app_of(server, base_url="http://localhost:1/api/v3")
    with suppress(KeyringError):
        mint_installation_token(app, lambda *texts: None)
    assert [method for method, _path, _body in server.asked] == ["POST"]
