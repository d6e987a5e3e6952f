# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions to the keyring, made at random from a grammar that prefers what is odd."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")

TYPES = {"kubernetes.io/dockerconfigjson": ".dockerconfigjson", "kubernetes.io/dockercfg": ".dockercfg"}


def words(text: str) -> list[str]:
    return text.split()


NAMES = words(
    """
ghcr.io GHCR.io quay.io docker.io index.docker.io registry-1.docker.io hub.docker.com localhost localhost:5000 A F
Team registry:5000 registry.example.com registry.example.com:443 registry.example.com: 10.0.0.1 10.0.0.1:5000 a.b.c
[::1] [::1]:5000 [fe80::1]:80 [2001:db8::1]:5000 [1:2:3:4:5:6:7:8]:1 x--y.io a_b.io a__b.io prefix.kubernetes.io
:5000 012345678901.dkr.ecr.eu-west-1.amazonaws.com bar.example.com docker.com kubernetes.io kubernetes.com:1111
ghcr.io.
"""
)
PATTERNS = words(
    """
*.io *.example.com *.*.com * *:5000 *.dkr.ecr.*.amazonaws.com prefix.*.io *-good.kubernetes.io g*r.io *h*r*.i* **.io
gh[a-z]r.io ghcr.{io,com} gh?r.io *.amazonaws.com ghcr.*: *.docker.io index.docker.* doc*er.io [::*]:5000 ghcr.i\\o
[A::] [a::F] [::1%2525A-Z] [::1%2525*] [::%25252A] [::1%25en0] [fe80::1%25en0]:80 [fe80::1%2525a]:80
[::ffff:1.2.3.4] [::ffff:1.2.3.4]:5000 [::1.2.3.04] [::1%25] [::1%] [::g] [:::] [::1 ::1 [::1]] [[::1]] x[::1]
[::1]x [::1]:x [::1%25%20x] [1::2::3] [::%31] [fe80::1%25%41]:80 [12345::] [1:2:3:4:5:6:7::] [::1%25%5B]:5000
[::1%2525%255B]:5000 [] a]b [a.b] [A::%2525] [A::%2525%250A] [A::%2525%2520] [A::%2525]] [A::%25%25] [A::]:
[::a%2525B-] [::a%2525-A] [A::%2525%255B]
"""
)
PATHS = words(
    """
/ // /v1/ /v2/ /v1 /v2 /v1/v2/ /v3/ /V2/ /org /org/ /org/app /org/app/ /o /library /library/ /library/nginx /foo/bar
/foo/bar/ /v1/org /v2/org/ /org//app /org/app:1 /org/* /* /ORG /%6Frg /%2561pp /org%2Fapp /org%3F /org%23x /%zz /%
/%2 /org%00 /org%0A /org%25 /org/%C3%A9 /org/%FF /./org /../org /org.git /v2%2Forg /%762/org /org/a__b /bar/pong
/ping
"""
)
SCHEMES = [
    "https://",
    "http://",
    "HTTPS://",
    "Http://",
    "oci://",
    "docker://",
    "//",
    "https:",
    "https://https://",
    "ftp://",
]
USERS = ["user@", "u:p@", "a@b@", "@", "%41@", "%zz@", "u s@", "é@", "u/p@", "u?p@", "u#p@", ":@", "u%2@", "[@"]
TAILS = [
    "?x=1",
    "#y",
    "?",
    "#",
    "#%zz",
    "#%41",
    "?%zz",
    "#\n",
    "?\n",
    "?\x7f",
    ":443",
    ":",
    ":5000",
    ":0",
    "\n",
    " ",
    "\t",
    "\x7f",
]
ODD = [
    *"%[]:/?#@*\\{}<>\"'^`|~!$&()+,;=._- \t\n\r\x00\x7f0aAzZ",
    "%25",
    "%2F",
    "%61",
    "%2561",
    "%c3%a9",
    "%ff",
    "é",
    "\u2028",
    "\ufffd",
    "\U0001f511",
    "\u017f",
    "\u212a",
    "//",
    "..",
    "::",
    "[::1]",
    "/v1/",
    "/v2/",
    "https://",
    "%5B",
    "%5D",
    "%3a",
]
IMAGES = words(
    """
nginx nginx:1.2 library/nginx org/app docker.io/nginx docker.io/library/nginx index.docker.io/nginx
index.docker.io/org/app Docker.io/nginx nginx:5000/app Nginx Org/app org/App localhost/app localhost:5000/app A/app
F/app Team/app [::1]/app [::1]:5000/app [:::]:1/app [fe80::1]:80/x a/b/c/d ghcr.io/org/app ghcr.io/Org/app
ghcr.io/org/app/deep ghcr.io/v1/org ghcr.io/v2/org/app ghcr.io ghcr.io:443/org/app a__b.io/foo a_b.io/x x--y.io/foo
-a.io/foo a-.io/foo a..b/foo ghcr.io/a..b ghcr.io/a___b ghcr.io/a--b ghcr.io/a/ /ghcr.io/a ghcr.io//a
https://ghcr.io/a docker.io docker.io/ ubuntu: :tag a@b prefix.kubernetes.io/blah prefix.kubernetes.io/foo/bar
kubernetes.com:1111/foo bar.example.com/pong bar.example.com/pongz bar.example.com/pong/pang bar.example.com/ping
localhost sha256 registry/app registry:5000/team-a/app ghcr.io./a :5000/a
"""
)
IMAGES += [
    "",
    " nginx",
    "nginx ",
    "nginx\n",
    "é/app",
    "ghcr.io/é",
    "É.io/app",
    "ß/app",
    "\u212a/app",
    "a" * 64,
    "0" * 64,
]
IMAGES += [
    f"ghcr.io/{'a' * 255}",
    f"ghcr.io/{'a' * 256}",
    "a" * 247,
    "a" * 248,
    f"a_b.io/{'a' * 250}",
    "nginx:" + "t" * 129,
]
USUAL_IMAGES = words(
    """
nginx org/app docker.io/library/nginx localhost/app A/app registry:5000/team-a/app ghcr.io/org/app
ghcr.io/v2/org/app a.b.c/org/app prefix.kubernetes.io/foo/bar [::1]:5000/app 10.0.0.1:5000/org bar.example.com/pong
quay.io/foo/bar 012345678901.dkr.ecr.eu-west-1.amazonaws.com/org/app
"""
)
SUFFIXES = [
    "",
    "",
    "",
    ":1.2",
    ":latest",
    ":",
    ":-x",
    ":a/b",
    "@sha256:" + "0a" * 32,
    ":1@sha256:" + "0a" * 32,
    "@sha256:0a",
]
SUFFIXES += [
    "@sha384:" + "a" * 96,
    "@sha512:" + "0" * 128,
    "@sha256:" + "0A" * 32,
    "@SHA256:" + "0a" * 32,
    "@md5:" + "0" * 32,
]
JUNK = [
    "1",
    "-0",
    "1e400",
    "9" * 5000,
    "true",
    "false",
    "[]",
    "{}",
    '"x"',
    "[1,{}]",
    '{"a":"b"}',
    '{"a":1}',
    '"\\ud800"',
    "null",
]
NOT_JSON = [
    "01",
    "-",
    "+1",
    ".5",
    "1.",
    "NaN",
    "Infinity",
    "'x'",
    "nul",
    "tru",
    '"\\x"',
    '"\n"',
    '"',
    "{",
    "[1,]",
    '{"a":1,}',
    "{,}",
    "[,]",
    '{"a"}',
    "{1:2}",
    "",
    "\ufeff1",
    "1 2",
    "\x0b1",
    "\xa01",
    '"\\u12g4"',
    "//x",
    "1e",
    "1e+",
]
USED = ["username", "password", "email", "auth"]
UNUSED = ["identitytoken", "registrytoken", "Auth2", "x", "", "auths"]
TOP = ["HttpHeaders", "httpheaders", "credsStore", "credHelpers", "proxies", "auth", "x"]


@dataclass
class Generator:
    """Makes the case of a seed; the same seed gives the same case."""

    random: random.Random
    images: list[str] = field(default_factory=list)
    count: int = 0

    def question(self) -> dict[str, Any]:
        self.images = [self.image() for _ in range(self.random.choice([1, 2, 4]))]
        secrets = [self.secret() for _ in range(self.random.choice([0, 1, 1, 1, 2, 2, 3]))]
        return {"secrets": secrets, "images": self.images}

    def often(self, percent: float) -> bool:
        return self.random.random() * 100 < percent

    def one(self, *texts: T) -> T:
        return self.random.choice(texts)

    def mutate(self, text: str, percent: float) -> str:
        while text and self.often(percent):
            place = self.random.randrange(len(text) + 1)
            insertion = self.one("", self.one(*ODD), text[place : place + 3].swapcase())
            text = text[:place] + insertion + text[place + self.one(0, 1, len(insertion)) :]
        return text

    def image(self) -> str:
        if self.often(50):
            text = self.one(*USUAL_IMAGES)
        elif self.often(50):
            text = self.one(*IMAGES)
        else:
            text = self.one(*NAMES) + self.mutate(self.one(*PATHS), 2)
        return self.mutate(text, 3) + self.one("", "", ":1.2", self.one(*SUFFIXES))

    def server(self) -> str:
        if self.often(65):
            name = self.one(*self.images).partition("@")[0]
            name = name if "/" in name else self.one("", "index.docker.io/", "docker.io/library/") + name
            text = "/".join(name.split("/")[: self.one(1, 1, 2, 3, 9)])
            text = self.star(text) if self.often(20) else text
            head, slash, rest = text.partition("/")
            text = (
                head + self.one("", "", "", "/v1", "/v2") + slash + rest + self.one("", "/") if self.often(50) else text
            )
        else:
            text = self.one(self.one(*NAMES), self.one(*PATTERNS)) + self.one("", self.one(*PATHS))
        text = self.one("", self.one(*USERS)) + text if self.often(6) else text
        text = text + self.one(*TAILS) if self.often(6) else text
        text = self.one("https://", "https://", "http://", self.one(*SCHEMES)) + text if self.often(30) else text
        text = self.escape(text) if self.often(6) else text
        return self.mutate(text, 8)

    def escape(self, text: str) -> str:
        """A byte as a percent escape, or as one that has become another when it is decoded once."""
        place = self.random.randrange(len(text) + 1)
        middle = "".join(f"%{byte:{self.one('02x', '02X')}}" for byte in text[place : place + 1].encode())
        return (
            text[:place]
            + self.one(middle, middle.replace("%", "%25"), middle.replace("%", "%2525"))
            + text[place + 1 :]
        )

    def star(self, text: str) -> str:
        host, slash, path = text.partition("/")
        labels = host.split(".")
        place = self.random.randrange(len(labels))
        begin = self.random.randrange(len(labels[place]) + 1)
        end = self.random.randrange(begin, len(labels[place]) + 1)
        labels[place] = labels[place][:begin] + "*" + labels[place][end:]
        return ".".join(labels) + slash + path

    def secret(self) -> dict[str, Any]:
        kind = self.one(*TYPES, "kubernetes.io/dockerconfigjson", "kubernetes.io/dockerconfigjson")
        key = TYPES[kind]
        data = self.config(key == ".dockercfg")
        if self.often(4):
            kind = self.one("Opaque", "", *TYPES)
        if self.often(3):
            key = self.one("config.json", *TYPES.values())
        found = {key: data}
        if self.often(4):
            found[self.one(*TYPES.values())] = self.one(b"", b"{}", data, b" ", b"null")
        return {"type": kind, "data": {name: base64.b64encode(value).decode() for name, value in found.items()}}

    def config(self, legacy: bool) -> bytes:
        auths = self.object([(self.server(), self.entry) for _ in range(self.one(0, 1, 1, 2, 3, 5))], 4)
        if legacy:
            text = auths
        else:
            members: list[tuple[str, Callable[[], str]]] = [("auths", lambda: auths)]
            if self.often(6):
                again = self.object([(self.server(), self.entry)], 0)
                members.append(("auths", lambda: self.one(again, "null", "{}")))
            if self.often(12):
                members.append((self.one(*TOP), lambda: self.one(*JUNK)))
            self.random.shuffle(members)
            text = self.object(members, 8)
        text = self.one(*NOT_JSON, *JUNK) if self.often(0.7) else text
        text = self.spoil(text) if self.often(2) else text
        data = text.encode(errors="surrogatepass")
        return self.spoil_bytes(data) if self.often(6) else data

    def spoil(self, text: str) -> str:
        depth = self.one(10, 3000, 9998, 9999, 10000, 10001)
        return self.one(
            "\ufeff" + text, text + self.one("x", "{}", ",", "\x00"), text[:-1], text + "}", text.replace(":", "", 1),
            text.replace("{", '{"deep":' + "[" * depth + "]" * depth + ",", 1).replace(",}", "}"),
            self.mutate(text, 60),
        )  # fmt: skip

    def spoil_bytes(self, data: bytes) -> bytes:
        place = self.random.randrange(len(data) + 1)
        bytes_ = self.one(
            b"\xff", b"\xe2\x82", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf0\x9f\x94", b"\xf4\x90\x80\x80", b"\x80"
        )
        return data[:place] + bytes_ + data[place:]

    def object(self, members: list[tuple[str, Callable[[], str]]], odd: float) -> str:
        if members and self.often(4):
            members = [*members, self.one(*members)]
        pairs = [
            self.string(self.name(name, odd)) + self.space() + ":" + self.space() + value() for name, value in members
        ]
        return self.space() + "{" + (self.space() + "," + self.space()).join(pairs) + self.space() + "}" + self.space()

    def name(self, name: str, odd: float) -> str:
        if not self.often(odd):
            return name
        return self.one(name.upper(), name.title(), name.swapcase(), name.replace("s", "\u017f"), self.mutate(name, 50))

    def space(self) -> str:
        return str(self.one(" ", "\n", "\t\r")) if self.often(3) else ""

    def string(self, text: str) -> str:
        token = json.dumps(text, ensure_ascii=self.often(50))
        if self.often(4) and len(token) > 2:
            place = self.random.randrange(1, len(token) - 1)
            if token[place].isalnum() and "\\" not in token:
                return f"{token[:place]}\\u{ord(token[place]):04x}{token[place + 1 :]}"
        if self.often(2):
            return (
                token[:-1]
                + str(self.one("\\ud800", "\\udc00", "\\ud83d\\udd11", "\\ud800\\u0041", "\\/", "\\u0000"))
                + '"'
            )
        return token

    def entry(self) -> str:
        if self.often(2):
            return self.one("null", "null", "null", "null", "null", self.one(*JUNK))
        self.count += 1
        mark = f"{self.count}-{self.random.randrange(1000)}"
        members: list[tuple[str, Callable[[], str]]] = [
            (name, partial(self.value, name, mark)) for name in USED if self.often(65)
        ]
        if self.often(12):
            members.append((self.one(*UNUSED), lambda: self.one(*JUNK)))
        if self.often(5):
            again = self.one(*USED)
            members.append((again, lambda: self.value(again, f"again-{mark}")))
        self.random.shuffle(members)
        return self.object(members, 5)

    def value(self, name: str, mark: str) -> str:
        if self.often(0.6):
            return self.one(*JUNK)
        if self.often(2):
            return "null"
        return self.string(self.auth(mark) if name == "auth" else self.one("", f"{name}-{mark}", f"{name}-{mark}"))

    def auth(self, mark: str) -> str:
        text = self.one(
            *(f"user-{mark}:pass-{mark}" for _ in range(8)), f"u:{mark}:x", f":{mark}", f"{mark}:", ":", "é:ü\n"
        )
        data = text.encode() + self.random.randbytes(self.one(0, 0, 0, 1, 2))
        if self.often(1):
            data = self.one(b"", b"pants", b"\n")
        auth = base64.b64encode(data).decode()
        auth = auth.rstrip("=") if self.often(30) else auth
        if self.often(10):
            place = self.random.randrange(len(auth) + 1)
            auth = auth[:place] + self.one("\n", "\r\n", "\n\n", "\r") + auth[place:]
        if self.often(1):
            auth = self.mutate(auth + self.one("=", "==", " ", "\n=", "-", "_", "A", "\u00a0", "\x1c", "é", "=\n="), 30)
        return str(auth)
