# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said between us and a registry, and what it means. Replies are data; nothing is sent."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._registry.place import RegistryLocation, find_place
from ansible_collections.keyring.kubernetes.plugins.module_utils._registry.pull_check import (
    CheckResult,
    PullCheck,
    Request,
    Response,
    pull_check_flow,
)
from support.samples.secrets import encode

PLACE = RegistryLocation("ghcr.io", "acme/app", "1")
QUESTION = PullCheck(PLACE, "octo", "s3cret-p:w", "user octo")
BASIC = f"Basic {encode('octo:s3cret-p:w')}"
MANIFEST = "https://ghcr.io/v2/acme/app/manifests/1"
TOKEN = "https://ghcr.io/token?service=ghcr.io&scope=repository:acme/app:pull"

ASKS_BASIC = Response(401, [("Www-Authenticate", 'Basic realm="x"')])
ASKS_TOKEN = Response(
    401,
    [("WWW-Authenticate", 'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:x/y:pull,push"')],
)
GIVES_TOKEN = Response(200, body=b'{"token": "t.o-k_en"}')
YES = Response(200, [("Content-Type", "application/vnd.oci.image.manifest.v1+json; charset=utf-8")])
SEEN = Response(404, [("Docker-Distribution-Api-Version", "registry/2.0")])


def hold(question: PullCheck, replies: Sequence[Response]) -> tuple[list[Request], CheckResult]:
    """The requests of a talk with these replies, and its answer."""
    requests = []
    conversation = pull_check_flow(question)
    left = list(replies)
    try:
        request = next(conversation)
        while True:
            requests.append(request)
            request = conversation.send(left.pop(0))
    except StopIteration as end:
        assert not left, "not all replies were asked for"
        answer: CheckResult = end.value
        return requests, answer


def sent(requests: Sequence[Request]) -> list[tuple[str, str, str | None]]:
    return [(request.method, request.url, request.headers.get("Authorization")) for request in requests]


def test_credentials_are_sent_when_they_are_asked_for() -> None:
    assert sent(hold(QUESTION, [YES])[0]) == [("HEAD", MANIFEST, None)]
    assert sent(hold(QUESTION, [ASKS_BASIC, YES])[0]) == [("HEAD", MANIFEST, None), ("HEAD", MANIFEST, BASIC)]


def test_a_password_goes_to_the_token_service_alone_and_the_scope_is_ours() -> None:
    requests, _answer = hold(QUESTION, [ASKS_TOKEN, GIVES_TOKEN, YES])
    assert sent(requests) == [
        ("HEAD", MANIFEST, None),
        ("GET", TOKEN, BASIC),
        ("HEAD", MANIFEST, "Bearer t.o-k_en"),
    ]
    assert "application/vnd.oci.image.index.v1+json, " in requests[0].headers["Accept"]
    assert "s3cret" not in f"{requests}{QUESTION}"


EVERYONE = PullCheck(PLACE, "", "", "everyone", anonymous=True)
ELSEWHERE = Response(401, [("www-authenticate", 'Bearer realm="https://elsewhere.example/token"')])


@pytest.mark.parametrize(
    ("replies", "outcome", "requests"),
    [
        ([YES], "pullable", 1),
        ([ASKS_TOKEN, GIVES_TOKEN, YES], "pullable", 3),
        ([ASKS_TOKEN, GIVES_TOKEN, Response(401)], "denied", 3),
        ([ASKS_TOKEN, GIVES_TOKEN, Response(403)], "denied", 3),
        ([ASKS_TOKEN, GIVES_TOKEN, SEEN], "not_found", 3),
        ([ASKS_TOKEN, Response(401)], "denied", 2),
        ([ASKS_TOKEN, Response(403)], "denied", 2),
        ([ASKS_TOKEN, Response(200, body=b"[" * 100_000)], "unverifiable", 2),
        ([ASKS_TOKEN, Response(429)], "unverifiable", 2),
        ([ASKS_BASIC], "denied", 1),
        ([ELSEWHERE], "unverifiable", 1),
        ([SEEN], "not_found", 1),
        ([Response(307)], "unverifiable", 1),
        ([Response(429)], "unverifiable", 1),
        ([Response(401)], "denied", 1),
    ],
)
def test_a_question_without_credentials(replies: Sequence[Response], outcome: str, requests: int) -> None:
    asked, answer = hold(EVERYONE, replies)
    assert (answer.outcome, len(asked)) == (outcome, requests)
    assert {request.headers.get("Authorization") for request in asked} <= {None, "Bearer t.o-k_en"}


def test_a_realm_may_have_a_query() -> None:
    asks = Response(401, [("www-authenticate", 'Bearer realm="https://ghcr.io/token?a=b",service="a b&c=d"')])
    requests, _answer = hold(QUESTION, [asks, Response(500)])
    assert requests[1].url == "https://ghcr.io/token?a=b&service=a%20b%26c%3Dd&scope=repository:acme/app:pull"


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ("scope=repository:acme/app:push,delete", ""),
        ("scope=registry:catalog:*&scope=x", ""),
        ("offline_token=true&client_id=x", ""),
        ("OFFLINE_TOKEN=true", ""),
        ("%73cope=repository:a:push", ""),
        ("service=other", ""),
        ("grant_type=password&access_type=offline&account=x&refresh_token=y", ""),
        ("a=b&scope=c&d=e", "a=b&d=e&"),
        ("&&", ""),
    ],
)
def test_a_realm_asks_for_nothing_more(query: str, sent: str) -> None:
    asks = Response(401, [("www-authenticate", f'Bearer realm="https://ghcr.io/token?{query}"')])
    requests, _answer = hold(QUESTION, [asks, Response(500)])
    assert requests[1].url == f"https://ghcr.io/token?{sent}scope=repository:acme/app:pull"


def errors(message: str) -> bytes:
    return json.dumps({"errors": [{"code": "DENIED", "message": message}]}).encode()


@pytest.mark.parametrize(
    ("replies", "answer"),
    [
        pytest.param(
            [YES],
            CheckResult(
                "pullable",
                "The registry serves it without credentials, so these were not needed, and are not checked.",
            ),
            id="public",
        ),
        pytest.param([SEEN], CheckResult("not_found", "The registry has no such image or tag (404)."), id="missing"),
        pytest.param(
            [Response(404, [("Content-Type", "application/json; charset=utf-8")])],
            CheckResult("not_found", "The registry has no such image or tag (404)."),
            id="missing, in JSON",
        ),
        pytest.param(
            [Response(404, [("Content-Type", "text/html")])],
            CheckResult("unverifiable", "The server there (404) does not look like a registry."),
            id="another web server",
        ),
        pytest.param(
            [Response(403)],
            CheckResult("unverifiable", "The registry refuses (403) without asking for credentials."),
            id="forbidden to all",
        ),
        pytest.param(
            [Response(200, [("Content-Type", "text/html")])],
            CheckResult("unverifiable", "Its answer (200) is not an image manifest."),
            id="a web page",
        ),
        pytest.param(
            [Response(307, [("Location", "https://evil.example/?t=s3cret")])],
            CheckResult("unverifiable", "The registry answers with a redirect (307), which is not followed."),
            id="a redirect",
        ),
        pytest.param(
            [Response(429)],
            CheckResult(
                "unverifiable",
                "The registry has received too many requests (429), so no more are sent.",
                ends=True,
            ),
            id="too many",
        ),
        pytest.param([Response(503)], CheckResult("unverifiable", "The registry fails (503)."), id="broken"),
        pytest.param(
            [Response(418)],
            CheckResult("unverifiable", "The registry gives an unexpected answer (418)."),
            id="a teapot",
        ),
        pytest.param(
            [Response(401)],
            CheckResult(
                "unverifiable", "The registry asks for credentials (401) in a way that no pull secret can serve."
            ),
            id="no challenge",
        ),
        pytest.param(
            [Response(401, [("WWW-Authenticate", 'Negotiate, Digest realm="x"')])],
            CheckResult(
                "unverifiable", "The registry asks for credentials (401) in a way that no pull secret can serve."
            ),
            id="another challenge",
        ),
        pytest.param(
            [ASKS_BASIC, YES],
            CheckResult("pullable", "The registry lets user octo pull it.", credentials="accepted"),
            id="ok",
        ),
        pytest.param(
            [ASKS_BASIC, ASKS_BASIC],
            CheckResult(
                "denied",
                "The registry refuses user octo (401): the password is wrong or has expired.",
                credentials="refused",
            ),
            id="refused",
        ),
        pytest.param(
            [ASKS_BASIC, Response(403)],
            CheckResult(
                "denied",
                "The registry refuses user octo (403): it may not pull the image, or is locked.",
                credentials="doubtful",
            ),
            id="forbidden",
        ),
        pytest.param(
            [ASKS_BASIC, SEEN],
            CheckResult(
                "not_found",
                "The registry has no such image or tag (404), or hides it from user octo.",
                credentials="accepted",
            ),
            id="not there",
        ),
        pytest.param(
            [ASKS_BASIC, Response(302)],
            CheckResult(
                "unverifiable",
                "The registry answers with a redirect (302), which is not followed.",
                credentials="doubtful",
            ),
            id="a redirect of credentials",
        ),
        pytest.param(
            [ASKS_TOKEN, GIVES_TOKEN, YES],
            CheckResult("pullable", "The registry lets user octo pull it.", credentials="accepted"),
            id="with a token",
        ),
        pytest.param(
            [ASKS_TOKEN, Response(200, body=b'{"access_token": "t"}'), YES],
            CheckResult("pullable", "The registry lets user octo pull it.", credentials="accepted"),
            id="the other name of a token",
        ),
        pytest.param(
            [ASKS_TOKEN, GIVES_TOKEN, ASKS_TOKEN],
            CheckResult(
                "denied", "The registry refuses user octo (401): it may not pull the image.", credentials="accepted"
            ),
            id="the token is not enough",
        ),
        pytest.param(
            [ASKS_TOKEN, Response(401, body=errors("incorrect username\n or  password"))],
            CheckResult(
                "denied",
                "The registry gives user octo no token (401): the password is wrong or has expired. It says: incorrect "
                "username or password",
                "incorrect username or password",
                "refused",
            ),
            id="no token",
        ),
        pytest.param(
            [ASKS_TOKEN, Response(403, body=b"[]")],
            CheckResult(
                "denied",
                "The registry gives user octo no token (403): the password is wrong, or it may not pull the image.",
                credentials="doubtful",
            ),
            id="no token, for either reason",
        ),
        pytest.param(
            [ASKS_TOKEN, Response(302)],
            CheckResult(
                "unverifiable",
                "The token service of the registry answers with a redirect (302), which is not followed.",
                credentials="doubtful",
            ),
            id="the token service redirects",
        ),
        *(
            pytest.param(
                [ASKS_TOKEN, Response(200, body=body)],
                CheckResult(
                    "unverifiable", "The token service of the registry answers without a token.", credentials="doubtful"
                ),
                id=f"no token in {body[:20]!r}",
            )
            for body in (b"", b"<html>", b"[]", b'{"token": 1}', b'{"token": "a\\r\\nX: y"}', b"[" * 100_000)
        ),
    ],
)
def test_answers(replies: list[Response], answer: CheckResult) -> None:
    assert hold(QUESTION, replies)[1] == answer


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ('realm="https://evil.example/token"', "It gives tokens at evil.example, which is not its own host;"),
        ('realm="http://ghcr.io/token"', "It gives tokens at ghcr.io without TLS,"),
        ('service="ghcr.io"', "It names no usable address of a token service."),
    ],
)
def test_no_credentials_for_a_realm_that_is_not_the_registry_s(header: str, why: str) -> None:
    requests, answer = hold(QUESTION, [Response(401, [("WWW-Authenticate", f"Bearer {header}")])])
    assert sent(requests) == [("HEAD", MANIFEST, None)]
    assert answer.outcome == "unverifiable"
    assert answer.text.startswith(f"The registry requires a token. {why}")


@pytest.mark.parametrize(("username", "password"), [("", "s3cret"), ("octo", "")])
def test_half_an_entry_is_not_sent(username: str, password: str) -> None:
    requests, answer = hold(PullCheck(find_place("nginx"), username, password), [])
    assert (requests, answer.outcome) == ([], "unverifiable")


@pytest.mark.parametrize(
    ("said", "quoted"),
    [
        ("bad eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.e30 token", "bad ******** token"),
        ("see https://u:p@host/x", "see https://host/x"),
        ("a\x00b\x1b[31m\u202e", "a b [31m"),
        ("word " * 100, f"{'word ' * 40}…"),
    ],
)
def test_quotes_are_cut(said: str, quoted: str) -> None:
    assert hold(QUESTION, [ASKS_TOKEN, Response(401, body=errors(said))])[1].quoted == quoted


LOGIN = PullCheck(RegistryLocation("ghcr.io"), "octo", "s3cret-p:w", "user octo")
API = "https://ghcr.io/v2/"


def test_a_login_asks_for_no_repository() -> None:
    assert sent(hold(LOGIN, [ASKS_TOKEN, GIVES_TOKEN, Response(200)])[0]) == [
        ("GET", API, None),
        ("GET", "https://ghcr.io/token?service=ghcr.io", BASIC),
        ("GET", API, "Bearer t.o-k_en"),
    ]
    assert sent(hold(LOGIN, [ASKS_BASIC, Response(200)])[0]) == [("GET", API, None), ("GET", API, BASIC)]


@pytest.mark.parametrize(
    ("replies", "outcome", "fate"),
    [
        pytest.param([ASKS_BASIC, Response(200)], "authenticated", "accepted", id="a password"),
        pytest.param([ASKS_TOKEN, GIVES_TOKEN, Response(200)], "authenticated", "accepted", id="a token"),
        pytest.param([ASKS_BASIC, Response(401)], "denied", "refused", id="a wrong password"),
        pytest.param([ASKS_BASIC, Response(403)], "denied", "doubtful", id="a locked account"),
        pytest.param([ASKS_TOKEN, Response(401)], "denied", "refused", id="no token"),
        pytest.param([ASKS_TOKEN, GIVES_TOKEN, Response(401)], "unverifiable", "accepted", id="a useless token"),
        pytest.param([Response(200)], "unverifiable", "unused", id="no question"),
        pytest.param([Response(403)], "unverifiable", "unused", id="a blocked address"),
        pytest.param([Response(404)], "unverifiable", "unused", id="no registry"),
        pytest.param([ASKS_BASIC, Response(404)], "unverifiable", "accepted", id="no registry with a password"),
        pytest.param([ASKS_BASIC, Response(302)], "unverifiable", "doubtful", id="a redirect"),
        pytest.param([ASKS_BASIC, Response(429)], "unverifiable", "doubtful", id="too many"),
        pytest.param([ASKS_BASIC, Response(500)], "unverifiable", "doubtful", id="an error"),
    ],
)
def test_answers_to_a_login(replies: Sequence[Response], outcome: str, fate: str) -> None:
    answer = hold(LOGIN, replies)[1]
    assert (answer.outcome, answer.credentials) == (outcome, fate)
