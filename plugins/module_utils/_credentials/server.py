# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Server strings: the keys under ``auths`` of a docker config.

Facts: kubernetes pkg/credentialprovider/keyring.go (what can match), Docker's documentation (the names of Docker Hub),
docker/cli cli/internal/oauth/manager/manager.go and docker/hub-tool issue 155 (where logins keep their sessions).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass

from .._errors import KeyringError
from .._kubelet.server_text import HUB_DEAD_ENDS, Server

DOCKER_HUB = "https://index.docker.io/v1/"

_LABEL = r"[A-Za-z0-9*_]([A-Za-z0-9*_-]*[A-Za-z0-9*_])?"
_HOST = re.compile(rf"\[[0-9A-Fa-f:.]+\]|{_LABEL}(\.{_LABEL})*")
_PORT = re.compile(r":[0-9]{1,5}")
_PATH = re.compile(r"[A-Za-z0-9._/-]*")

# Without a port, to Docker and the kubelet the first part of a path on Docker Hub, or an image there:
# distribution/reference normalize.go.
_DOCKER_HUB_NAME = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?")


def _has_good_port(server: Server) -> bool:
    return not server.port or bool(_PORT.fullmatch(server.port) and 0 < int(server.port[1:]) < 65536)


def _is_docker_hub_name(server: Server) -> bool:
    """Whether the host is a word alone, or followed by the tag of an image."""
    return (
        server.host != "localhost"
        and bool(_DOCKER_HUB_NAME.fullmatch(server.host))
        and not re.fullmatch(":[0-9]*", server.port)
    )


@dataclass(frozen=True)
class Rule:
    """Something about a server string: its id, when it is so, why that is wrong, and what to write instead.

    In the sentences ``server`` is the server in its parts, ``shown`` what may be shown of it, ``lower`` its host in
    lower case.
    """

    id: str
    applies: Callable[[str, Server], object]
    why: str
    remedy: str = ""

    def explain(self, text: str) -> tuple[str, str]:
        """Why, and what to write instead."""
        server = Server.split(text)
        words = {"server": server, "shown": server.public(), "lower": server.host.lower()}
        return self.why.format(**words), self.remedy.format(**words)


# docker login in a browser adds these to the server of its index, Docker Desktop with two slashes.
_SESSION_PATH = re.compile(r"/+(?P<index>v[12]/+)?(access|refresh)-token/*", re.IGNORECASE)
_DOCKER_HOST = re.compile(r"([a-z0-9-]+\.)?docker\.(io|com)", re.IGNORECASE)
# Names under which hub-tool and Docker Desktop keep their sessions.
_SESSION_NAMES = frozenset((
    "hub-tool",
    "hub-tool-token",
    "hub-tool-refresh-token",
    "auth.docker.io",
    "desktop.docker.com",
    "login.docker.com",
))  # fmt: skip


def is_session_server(text: str) -> bool:
    """Return whether a docker login keeps the token of its session under this key, in any spelling.

    The path of a repository may be called access-token too, but not directly below the index of a registry, nor on
    Docker Hub, whose names have no dash.
    """
    server = Server.split(text.strip())
    path = _SESSION_PATH.fullmatch(server.path)
    if path:
        return bool(path["index"] or _DOCKER_HOST.fullmatch(server.host))
    return server.host.lower() in _SESSION_NAMES


_EMPTY = Rule(
    "server_empty",
    lambda text, server: not text.strip(),
    "It is empty.",
    f'Write the host of the registry, such as "ghcr.io"; for Docker Hub "{DOCKER_HUB}".',
)
# The first row that fits is told.
REFUSALS: tuple[Rule, ...] = (
    _EMPTY,
    Rule(
        "server_session_token",
        lambda text, server: is_session_server(text),
        "A docker login keeps the token of its session there. It opens the account, and no image is pulled with it.",
        "Remove it: name it in registries with state=absent, and end the session with docker logout.",
    ),
    Rule(
        "server_blank",
        lambda text, server: re.search(r"\s", text),
        "It has a blank or a line end, and such a key never matches an image.",
        "Remove it.",
    ),
    Rule(
        "server_hub_name",
        lambda text, server: _is_docker_hub_name(server),
        'A host without dot and port is a name on Docker Hub, so no image is looked up under "{server.host}".',
        f'Write "{DOCKER_HUB}" for Docker Hub, or the whole host, such as "registry.example.com".',
    ),
    Rule(
        "server_scheme",
        lambda text, server: server.scheme not in ("", "http://", "https://"),
        'A server that starts with "{server.scheme}" never matches an image.',
        'Write "{server.location}".',
    ),
    Rule(
        "server_image",
        lambda text, server: server.digest or ":" in server.path,
        "It looks like an image: a server has no tag and no digest.",
        'Write "{server.location}".',
    ),
    Rule(
        "server_user",
        lambda text, server: "@" in text,
        "A user has no place in a server.",
        'Remove the user and write "{server.location}".',
    ),
    Rule(
        "server_query",
        lambda text, server: "?" in text or "#" in text,
        "It has a query or a fragment, which the kubelet drops.",
        'Write "{server.location}{server.path}".',
    ),
    Rule(
        "server_malformed",
        lambda text, server: not (_HOST.fullmatch(server.host) and _has_good_port(server)),
        "The host or the port is not well formed.",
        'Write it as "registry.example.com" or "registry.example.com:5000".',
    ),
    Rule(
        "server_path",
        lambda text, server: not _PATH.fullmatch(server.path) or "//" in server.path,
        "No repository has such a path.",
        'Write the path as the images have it, or only "{server.location}".',
    ),
    Rule(
        "server_no_final_slash",
        lambda text, server: server.path in ("/v1", "/v2"),
        'Without a final slash "{server.path}" is a path to the kubelet, and no image matches it.',
        'Write "{shown}/".',
    ),
    Rule(
        "server_hub_dead_end",
        lambda text, server: server.host.lower() in HUB_DEAD_ENDS,
        "No image of Docker Hub is looked up under that name.",
        f'Write "{DOCKER_HUB}".',
    ),
)


def check_server(text: str, option: str) -> None:
    """Raise KeyringError, naming ``option``, when ``text`` is not a server or no image could ever match it.

    Allowed is a host with optional ``http://`` or ``https://``, port and path; ``*`` may stand in the host.
    """
    _refuse(text, option, REFUSALS)


def check_stored_server(text: str, option: str) -> None:
    """Raise KeyringError, naming ``option``, when ``text`` can not name an entry to be removed: when it is empty."""
    _refuse(text, option, (_EMPTY,))


def _refuse(text: str, option: str, rules: tuple[Rule, ...]) -> None:
    server = Server.split(text)
    rule = _find(text, server, rules)
    if rule:
        got = dataclasses.replace(server, host=f"…@{server.host}" if server.user else server.host).public()
        raise KeyringError(
            f'{option} must be a host with an optional port and path; got "{got}".', *rule.explain(text), option=option
        )


def _find(text: str, server: Server, rules: tuple[Rule, ...]) -> Rule | None:
    return next((rule for rule in rules if rule.applies(text, server)), None)


def find_refusal(text: str) -> Rule | None:
    """The first error in a server string."""
    return _find(text, Server.split(text), REFUSALS)


# What is allowed and yet seldom meant. All rows that fit are told.
WARNINGS: tuple[Rule, ...] = (
    Rule(
        "server_upper_case",
        lambda text, server: server.host != server.host.lower(),
        'hosts are compared with case; "{server.host}" serves no image of "{lower}".',
    ),
    Rule(
        "server_open_path",
        lambda text, server: server.path not in ("", "/") and not server.path.endswith("/"),
        'without a final "/" the credentials for "{server.location}{server.path}" are also offered to '
        '"{server.location}{server.path}-other".',
        'Write "{server.location}{server.path}/" to serve only what lies below it.',
    ),
)


def find_warnings(text: str) -> list[Rule]:
    """The rows of WARNINGS that fit a server string."""
    server = Server.split(text)
    return [rule for rule in WARNINGS if rule.applies(text, server)]


def warn_server(text: str, option: str) -> list[str]:
    """What is allowed in a server and yet seldom meant, as sentences."""
    return [f"{option}: {' '.join(filter(None, rule.explain(text)))}" for rule in find_warnings(text)]
