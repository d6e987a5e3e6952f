# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Portals whose answers repeat the secrets of a request, wherever an answer can have a string.

What they do is in the name that a request is about: ``says-…`` refuses writes, ``reads-…`` refuses reads, ``sends-…``
adds headers to successful answers, and ``leads-…`` answers with a redirect. The rest of the name is a row of WORDS.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from werkzeug.wrappers import Request, Response

from support.canary import Canary
from support.portals.ecp import Ecp
from support.portals.portal import WRITES, Refused, json_response
from support.portals.sap import SapAiCore, Token

# What a terminal must never get: OSC 52, CSI as one character (C1), a text that runs backwards, a line of its own.
ESCAPES = "\x1b]52;c;cm0=\x07\x9b31m\u202e\u2066\r\n\x1b[2J"


@dataclass(frozen=True)
class Sent:
    """The secrets of one request: those with which it logs in, and those in its body."""

    login: Sequence[str] = field(repr=False)
    body: str = field(repr=False)

    @property
    def values(self) -> list[str]:
        """Return all strings in the body, also those in JSON in a string."""
        return list(dict.fromkeys(_leaves(self.body)))

    @property
    def all(self) -> list[str]:
        return [*self.login, *self.values]


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        try:
            inner = json.loads(value)
        except ValueError:
            inner = None
        if isinstance(inner, (dict, list)):
            yield from _leaves(inner)
        else:
            yield value
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _leaves(item)


def _of_each(change: Callable[[str], str]) -> Callable[[Sent], str]:
    return lambda sent: " ".join(change(text) for text in sent.values)


# What is repeated of a request, and how it is written.
WORDS: Mapping[str, Callable[[Sent], str]] = {
    "login": lambda sent: " ".join(sent.login),
    "body": lambda sent: sent.body,
    "values": _of_each(str),
    "halves": lambda sent: "…".join(f"{text[: len(text) // 2]}…{text[len(text) // 2 :]}" for text in sent.all),
    "json": _of_each(json.dumps),
    "repr": _of_each(repr),
    "html": _of_each(html.escape),
    "url": _of_each(lambda text: quote(text, safe="")),
    "base64": _of_each(lambda text: base64.b64encode(text.encode()).decode()),
    "base64-of-body": lambda sent: base64.b64encode(sent.body.encode()).decode()[-400:],
    "sha256": _of_each(lambda text: hashlib.sha256(text.encode()).hexdigest()),
    "reversed": _of_each(lambda text: text[::-1]),
    "upper": _of_each(str.upper),
    "much": lambda sent: "x" * 600 + " ".join(sent.all),
    "escapes": lambda sent: ESCAPES + ESCAPES.join(sent.all),
}
_ASKED = re.compile(r"\b(says|reads|sends|leads)-(" + "|".join(sorted(WORDS, key=len, reverse=True)) + r")\b")


def _find_asked(request: Request) -> tuple[str, str]:
    """Return what a request asks the portal to do and to say."""
    text = unquote(f"{request.path} {request.query_string.decode()} {request.get_data(as_text=True)}")
    found = _ASKED.search(text)
    return (found[1], found[2]) if found else ("", "")


def _refuse_talking(request: Request, sent: Sent) -> None:
    """Raise Refused for what a name asks to be refused, with a status, a code and a message of secrets."""
    verb, what = _find_asked(request)
    if verb == ("says" if request.method in WRITES else "reads"):
        raise Refused(400, what, f"You sent: {WORDS[what](sent)}", _headers(sent))


def _talk(request: Request, answer: Response, sent: Sent) -> Response:
    """Return what a name asks for in place of an answer, or the answer with headers of secrets."""
    verb, what = _find_asked(request)
    if verb == "leads":
        return Response(
            "moved", 307, {**_headers(sent), "Location": f"https://127.0.0.1:1/{_header(WORDS[what](sent))}"}
        )
    if verb == "sends":
        for name, value in _headers(sent).items():
            answer.headers[name] = value
        if "Location" in answer.headers:
            answer.headers["Location"] = f"/{_header(WORDS[what](sent).rpartition(' ')[2])}"
    return answer


def _header(text: str) -> str:
    return quote(text, safe=" ")


def _headers(sent: Sent) -> dict[str, str]:
    """Return headers with the secrets of a request; the ID of the request is the first half of the first of them."""
    said = _header(" ".join(sent.all))
    half = sent.login[0][: len(sent.login[0]) // 2]
    return {
        "X-Request-Id": half,
        "Qtl-Request-Id": half,
        "Warning": f'299 - "{said}"',
        "Server": said,
        "WWW-Authenticate": f'Bearer realm="{said}"',
    }


@dataclass
class TalkativeSap(SapAiCore):
    """AI Core that repeats secrets, and always gives the same access token.

    With ``login_says`` its token service refuses everyone and repeats what it got. With ``is_open`` it gives a token to
    everyone, whatever certificate they show.
    """

    token: str = field(default="", repr=False)
    login_says: bool = False
    is_open: bool = False

    def serve(self, request: Request) -> Response:
        if self.is_login(request):
            return self._serve_login(request)
        login = [self.token] if self.is_open else [self.token, self.client_secret]
        sent = Sent(login, request.get_data(as_text=True))
        _refuse_talking(request, sent)
        return _talk(request, super().serve(request), sent)

    def _serve_login(self, request: Request) -> Response:
        if self.login_says:
            sent = Sent([self.client_secret], request.get_data(as_text=True))
            raise Refused(401, self.client_secret, f"{sent.body} {WORDS['halves'](sent)}{ESCAPES}")
        if not self.is_open:
            super().serve(request)
        self.tokens[self.token] = Token(math.inf, None)
        return json_response({"access_token": self.token, "token_type": "bearer", "expires_in": 43199})

    def mark(self, answer: Response, identity: str) -> None:
        answer.headers.setdefault("X-Request-Id", identity)

    def refuse(self, request: Request, refused: Refused, identity: str) -> Response:
        answer = super().refuse(request, refused, identity)
        document = answer.get_json()
        if isinstance(document.get("error"), dict):
            document["error"]["details"] = {"said": refused.message}
            document["error"]["target"] = refused.message
        return json_response(document, refused.status, refused.headers)


@dataclass
class TalkativeEcp(Ecp):
    """ECP that repeats secrets."""

    def serve(self, request: Request) -> Response:
        login = request.authorization
        basic = request.headers.get("Authorization", "").rpartition(" ")[2]
        known = self.accounts.get(str(login.username), "") if login else ""
        sent = Sent([str(login.password) if login else "", basic, known], request.get_data(as_text=True))
        _refuse_talking(request, sent)
        return _talk(request, super().serve(request), sent)

    def mark(self, answer: Response, identity: str) -> None:
        said = answer.headers.get("Qtl-Request-Id")
        super().mark(answer, identity)
        if said:
            answer.headers["Qtl-Request-Id"] = said

    def signatures(self) -> list[Canary]:
        """Return the signatures that the API got, each with its header."""
        found: dict[str, Canary] = {}
        for request in self.received:
            login = request.authorization
            if login and login.password:
                text = str(login.password)
                header = request.headers["Authorization"].rpartition(" ")[2]
                # Of the header the end, which depends on the signature alone.
                found[text] = Canary("signature", text, (text[:13], text[13:27], header[-20:-4]))
        return list(found.values())
