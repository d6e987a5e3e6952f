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

from support.kubelet.facts import MATCHES
from support.kubelet.words import (
    IMAGES,
    JUNK,
    NAMES,
    NOT_JSON,
    ODD,
    PATHS,
    PATTERNS,
    SCHEMES,
    SUFFIXES,
    TAILS,
    TOP,
    UNUSED,
    USED,
    USERS,
    USUAL_IMAGES,
)

T = TypeVar("T")

TYPES = {"kubernetes.io/dockerconfigjson": ".dockerconfigjson", "kubernetes.io/dockercfg": ".dockercfg"}


@dataclass
class Generator:
    """Makes the case of a seed; the same seed gives the same case."""

    random: random.Random
    images: list[str] = field(default_factory=list)
    count: int = 0

    def question(self) -> dict[str, Any]:
        if self.often(15):
            return self.near_fact()
        self.images = [self.image() for _each in range(self.random.choice([1, 2, 4]))]
        secrets = [self.secret() for _each in range(self.random.choice([0, 1, 1, 1, 2, 2, 3]))]
        return {"secrets": secrets, "images": self.images}

    def near_fact(self) -> dict[str, Any]:
        """A row of a fact table, changed in a place or two."""
        server, image, _matched = self.one(*MATCHES)
        entries = [(self.mutate(server, 40), self.entry) for _each in range(2)]
        text = self.object([("auths", partial(self.object, entries, 0))], 0)
        data = {".dockerconfigjson": base64.b64encode(text.encode()).decode()}
        secret = {"type": "kubernetes.io/dockerconfigjson", "data": data}
        return {"secrets": [secret], "images": [image, self.mutate(image, 60)]}

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
        auths = self.object([(self.server(), self.entry) for _each in range(self.one(0, 1, 1, 2, 3, 5))], 4)
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
            *(f"user-{mark}:pass-{mark}" for _each in range(8)), f"u:{mark}:x", f":{mark}", f"{mark}:", ":", "é:ü\n"
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
