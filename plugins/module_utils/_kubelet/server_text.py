# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Server strings, in their parts, and without those that must not be shown."""

from __future__ import annotations

import re
from typing import NamedTuple

_ANY_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
# Before these there is a user, and behind these a query or a fragment.
_PRIVATE_MARK = re.compile(r"[@?#]")
_PLAIN_DIGEST = re.compile(r"@sha[0-9]+:[0-9a-f]+")

# Host names of Docker Hub that no image reference is resolved to.
HUB_DEAD_ENDS = frozenset(("registry-1.docker.io", "hub.docker.com", "registry.hub.docker.com"))


class Server(NamedTuple):
    """The parts of a server string. If not empty, path begins with a slash, port with a colon, digest with @."""

    scheme: str
    user: str
    host: str
    port: str
    path: str
    digest: str = ""

    @classmethod
    def split(cls, text: str) -> Server:
        """Split any string into parts, without validation and without query and fragment.

        Everything before the last @ is the user, as a pasted password may contain slashes and question marks.
        """
        scheme = _ANY_SCHEME.match(text)
        start = scheme.group() if scheme else ""
        user, at, rest = text[len(start) :].rpartition("@")
        digest = ""
        if at and _PLAIN_DIGEST.fullmatch(at + rest):
            user, rest, digest = "", user, at + rest
        rest = re.split(r"[?#]", rest, maxsplit=1)[0]
        location, slash, path = rest.partition("/")
        host, colon, port = location.rpartition(":")
        if not colon or location.endswith("]"):
            host, colon, port = location, "", ""
        return cls(start, user, host, colon + port, slash + path, digest)

    @property
    def location(self) -> str:
        """Return host and port."""
        return self.host + self.port

    def public(self) -> str:
        """Return the server as it may be shown: without user information, query and fragment."""
        return f"{self.scheme}{self.location}{self.path}{self.digest}"


def public_server(text: str) -> str:
    """Return a server string as it may be shown: without user information, query and fragment."""
    return Server.split(text).public() if _PRIVATE_MARK.search(text) else text


def private_parts(text: str) -> list[str]:
    """Return the parts that public_server leaves out: user information, query and fragment."""
    if not _PRIVATE_MARK.search(text):
        return []
    query = re.split(r"[?#]", text.rpartition("@")[2], maxsplit=1)[1:]
    return [Server.split(text).user, *query]
