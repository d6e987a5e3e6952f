# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks that write to a stored pull secret, made at random from the grammar of the kubelet's cases.

Names of fields are odd much more often than there: another case, a long s, repeated, null.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from support.kubelet.cases import TYPES, Generator
from support.kubelet.words import JUNK, TOP, USED

# Servers that a task may name, in spellings that are one registry to the kubelet.
SERVERS = ("ghcr.io", "https://ghcr.io", "ghcr.io/", "http://ghcr.io/v2/", "quay.io/acme", "*.io", "localhost:5000")


@dataclass
class WriteGenerator(Generator):
    """Makes the stored Secret and the task of a seed; the same seed gives the same case.

    No text has U+FFFD, which is what the kubelet reads of half a surrogate pair.
    """

    servers: list[str] = field(default_factory=list)

    def case(self) -> dict[str, Any]:
        """The Secret, and the options of the task."""
        self.images = [self.image() for _each in range(3)]
        secret = self.secret()
        items = [self.item() for _each in range(self.one(1, 1, 2, 3))]
        update = self.one("always", "always", "when_given", "on_create")
        return {"secret": secret, "registries": items, "purge": self.often(25), "update": update}

    def secret(self) -> dict[str, Any]:
        kind = self.one(*TYPES, *["kubernetes.io/dockerconfigjson"] * 4)
        data = {TYPES[kind]: self.config(kind == "kubernetes.io/dockercfg")}
        if self.often(5):
            data[self.one(*TYPES.values())] = self.config(self.often(50))
        encoded = {key: base64.b64encode(value).decode() for key, value in data.items()}
        metadata = {"namespace": "web", "name": "registry"}
        return {"metadata": metadata, "type": kind, "data": encoded}

    def item(self) -> dict[str, Any]:
        server = self.one(*self.servers, *SERVERS) if self.often(80) else self.server()
        server = self.one("", "", "https://", "http://") + server + self.one("", "", "/")
        if self.often(30):
            return {"server": server, "state": "absent"}
        self.count += 1
        given = {"username": f"task-user-{self.count}", "password": f"task-pass-{self.count}", "email": "task@example"}
        return {"server": server, **{name: value for name, value in given.items() if self.often(85)}}

    def server(self) -> str:
        server = self.one(*SERVERS) if self.often(50) else super().server()
        self.servers.append(server)
        return server

    def config(self, legacy: bool) -> bytes:
        parts = [self.entries() for _each in range(self.one(1, 1, 1, 2, 3))]
        if legacy:
            text = parts[0]
        else:
            members: list[tuple[str, Callable[[], str]]] = [("auths", partial(str, part)) for part in parts]
            if self.often(10):
                members.append(("auths", partial(self.one, "null", "null", "{}", "[]")))
            if self.often(30):
                members.append((self.one(*TOP), partial(self.one, *JUNK)))
            self.random.shuffle(members)
            text = self.object(members, 25)
        text = self.spoil(text) if self.often(1) else text
        return text.encode(errors="surrogatepass")

    def entries(self) -> str:
        return self.object([(self.server(), self.entry) for _each in range(self.one(0, 1, 2, 3))], 2)

    def name(self, name: str, odd: float) -> str:
        if not self.often(odd):
            return name
        return self.one(
            name.upper(),
            name.title(),
            name.swapcase(),
            name.capitalize(),
            name.replace("s", "\u017f"),
            name.replace("k", "\u212a"),
            self.mutate(name, 30),
        )

    def entry(self) -> str:
        if self.often(3):
            return self.one("null", "null", "{}", *JUNK)
        self.count += 1
        members: list[tuple[str, Callable[[], str]]] = [
            (name, partial(self.value, name, f"{self.count}")) for name in USED if self.often(65)
        ]
        again = [name for name in USED if self.often(10)]
        members += [(name, partial(self.value, name, f"again-{self.count}")) for name in again]
        if self.often(12):
            members.append((self.one("identitytoken", "registrytoken", "x", ""), partial(self.one, *JUNK)))
        self.random.shuffle(members)
        return self.object(members, 25)
