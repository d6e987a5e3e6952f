# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Server strings: the keys under ``auths`` of a docker config.

Facts: kubernetes pkg/credentialprovider/keyring.go (what can match), Docker's documentation (the names of Docker Hub).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError

DOCKER_HUB = "https://index.docker.io/v1/"

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_LABEL = r"[A-Za-z0-9*_]([A-Za-z0-9*_-]*[A-Za-z0-9*_])?"
_HOST = re.compile(rf"\[[0-9A-Fa-f:.]+\]|{_LABEL}(\.{_LABEL})*")
_PORT = re.compile(r":[0-9]{1,5}")
_DIGEST = re.compile(r"@sha[0-9]+:[0-9a-f]+")
_PATH = re.compile(r"[A-Za-z0-9._/-]*")

# Without a port, to Docker and the kubelet the first part of a path on Docker Hub, or an image there:
# distribution/reference normalize.go.
_DOCKER_HUB_NAME = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?")

# Names of Docker Hub that no image reference leads to.
_DOCKER_HUB_DEAD_ENDS = frozenset(("registry-1.docker.io", "hub.docker.com", "registry.hub.docker.com"))


@dataclass(frozen=True)
class Server:
    """A server string in its parts. Where not empty, path begins with a slash, port with a colon, digest with @."""

    scheme: str
    user: str
    host: str
    port: str
    path: str
    digest: str = ""

    @classmethod
    def split(cls, text: str) -> Server:
        """Cut any text into parts, without judging it; query and fragment are left out.

        All before the last @ is the user: a password that somebody pasted may hold slashes and question marks.
        """
        scheme = _SCHEME.match(text)
        start = scheme.group() if scheme else ""
        user, at, rest = text[len(start) :].rpartition("@")
        digest = ""
        if _DIGEST.fullmatch(at + rest):
            user, rest, digest = "", user, at + rest
        rest = re.split(r"[?#]", rest, maxsplit=1)[0]
        location, slash, path = rest.partition("/")
        host, colon, port = location.rpartition(":")
        if not colon or location.endswith("]"):
            host, colon, port = location, "", ""
        return cls(start, user, host, colon + port, slash + path, digest)

    @property
    def location(self) -> str:
        """Host and port."""
        return self.host + self.port

    def public(self) -> str:
        """The server as it may be shown: without user information, query and fragment."""
        return f"{self.scheme}{self.location}{self.path}{self.digest}"


def public_server(text: str) -> str:
    """The server string as it may be shown: without user information, query and fragment."""
    return Server.split(text).public()


def private_parts(text: str) -> list[str]:
    """What public_server leaves out: user information, query and fragment."""
    if not re.search(r"[@?#]", text):
        return []
    return [Server.split(text).user, *re.split(r"[?#]", text.rpartition("@")[2], maxsplit=1)[1:]]


def _has_good_port(server: Server) -> bool:
    return not server.port or bool(_PORT.fullmatch(server.port) and 0 < int(server.port[1:]) < 65536)


def _is_docker_hub_name(server: Server) -> bool:
    """Whether the host is a word alone, or followed by the tag of an image."""
    return (
        server.host != "localhost"
        and bool(_DOCKER_HUB_NAME.fullmatch(server.host))
        and not re.fullmatch(":[0-9]*", server.port)
    )


# When it is wrong, why, and what to write instead.
_Refusal = tuple[Callable[[str, Server], object], str, str]

_EMPTY: _Refusal = (
    lambda text, server: not text.strip(),
    "It is empty.",
    f'Write the host of the registry, such as "ghcr.io"; for Docker Hub "{DOCKER_HUB}".',
)
# The first row that fits is told.
_REFUSALS: tuple[_Refusal, ...] = (
    _EMPTY,
    (
        lambda text, server: re.search(r"\s", text),
        "It has a blank or a line end, and such a key never matches an image.",
        "Remove it.",
    ),
    (
        lambda text, server: _is_docker_hub_name(server),
        'A host without dot and port is a name on Docker Hub, so no image is looked up under "{server.host}".',
        f'Write "{DOCKER_HUB}" for Docker Hub, or the whole host, such as "registry.example.com".',
    ),
    (
        lambda text, server: server.scheme not in ("", "http://", "https://"),
        'A server that starts with "{server.scheme}" never matches an image.',
        'Write "{server.location}".',
    ),
    (
        lambda text, server: server.digest or ":" in server.path,
        "It looks like an image: a server has no tag and no digest.",
        'Write "{server.location}".',
    ),
    (
        lambda text, server: "@" in text,
        "A user has no place in a server.",
        'Remove the user and write "{server.location}".',
    ),
    (
        lambda text, server: "?" in text or "#" in text,
        "It has a query or a fragment, which the kubelet drops.",
        'Write "{server.location}{server.path}".',
    ),
    (
        lambda text, server: not (_HOST.fullmatch(server.host) and _has_good_port(server)),
        "The host or the port is not well formed.",
        'Write it as "registry.example.com" or "registry.example.com:5000".',
    ),
    (
        lambda text, server: not _PATH.fullmatch(server.path) or "//" in server.path,
        "No repository has such a path.",
        'Write the path as the images have it, or only "{server.location}".',
    ),
    (
        lambda text, server: server.path in ("/v1", "/v2"),
        'Without a final slash "{server.path}" is a path to the kubelet, and no image matches it.',
        'Write "{shown}/".',
    ),
    (
        lambda text, server: server.host.lower() in _DOCKER_HUB_DEAD_ENDS,
        "No image of Docker Hub is looked up under that name.",
        f'Write "{DOCKER_HUB}".',
    ),
)


def check_server(text: str, option: str) -> None:
    """Raise KeyringError, naming ``option``, when ``text`` is not a server or no image could ever match it.

    Allowed is a host with optional ``http://`` or ``https://``, port and path; ``*`` may stand in the host.
    """
    _refuse(text, option, _REFUSALS)


def check_stored_server(text: str, option: str) -> None:
    """Raise KeyringError, naming ``option``, when ``text`` can not name an entry to be removed: when it is empty."""
    _refuse(text, option, (_EMPTY,))


def _refuse(text: str, option: str, rows: tuple[_Refusal, ...]) -> None:
    server = Server.split(text)
    for is_wrong, why, remedy in rows:
        if is_wrong(text, server):
            words = {"server": server, "shown": server.public()}
            got = dataclasses.replace(server, host=f"…@{server.host}" if server.user else server.host).public()
            raise KeyringError(
                f'{option} must be a host with an optional port and path; got "{got}".',
                why.format(**words),
                remedy.format(**words),
            )


def warn_server(text: str, option: str) -> list[str]:
    """What is allowed in a server and yet seldom meant, as sentences."""
    server = Server.split(text)
    warnings = []
    if server.host != server.host.lower():
        warnings.append(
            f'{option}: hosts are compared with case; "{server.host}" serves no image of "{server.host.lower()}".'
        )
    if server.path not in ("", "/") and not server.path.endswith("/"):
        location = server.host + server.port + server.path
        warnings.append(
            f'{option}: without a final "/" the credentials for "{location}" are also offered to "{location}-other". '
            f'Write "{location}/" to serve only what lies below it.'
        )
    return warnings
