# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Server strings, the keys under ``auths`` of a docker config: rules that refuse them or warn about them.

Sources: kubernetes pkg/credentialprovider/keyring.go (what can match), Docker's documentation (the names of Docker
Hub), docker/cli cli/internal/oauth/manager/manager.go and docker/hub-tool issue 155 (where logins keep their sessions).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from .._dataclasses import dataclass
from .._errors import KeyringError
from .._kubelet.server_text import HUB_DEAD_ENDS, Server, public_server

DOCKER_HUB = "https://index.docker.io/v1/"

_HOST_LABEL = r"[A-Za-z0-9*_]([A-Za-z0-9*_-]*[A-Za-z0-9*_])?"
_SERVER_HOST = re.compile(rf"\[[0-9A-Fa-f:.]+\]|{_HOST_LABEL}(\.{_HOST_LABEL})*")
_SERVER_PORT = re.compile(r":[0-9]{1,5}")
_REPOSITORY_PATH = re.compile(r"[A-Za-z0-9._/-]*")

# Without a port, to Docker and the kubelet the first part of a path on Docker Hub, or an image there:
# distribution/reference normalize.go.
_DOCKER_HUB_NAME = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?")


def _has_good_port(server: Server) -> bool:
    if not server.port:
        return True
    return bool(_SERVER_PORT.fullmatch(server.port)) and 0 < int(server.port[1:]) < 65536


def _is_docker_hub_name(server: Server) -> bool:
    """Return whether the host is a word alone, or followed by the tag of an image."""
    if server.host == "localhost" or re.fullmatch(":[0-9]*", server.port):
        return False
    return bool(_DOCKER_HUB_NAME.fullmatch(server.host))


@dataclass(frozen=True)
class Rule:
    """A rule about a server string: its id, when it is broken, why that is wrong, and what to write instead.

    In the sentences ``server`` is the server in its parts, ``shown`` its part that may be shown, ``lower`` its host in
    lower case.
    """

    id: str
    applies: Callable[[str, Server], object]
    why: str
    remedy: str = ""

    def explain(self, text: str) -> tuple[str, str]:
        """Return the sentences about a server: why it is wrong, and what to write instead, which may be empty."""
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
# Errors. The first row that applies is reported.
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
        lambda text, server: re.search(r"[\s\ufeff]", text),
        "It has a blank, a line end or a byte-order mark, and such a key never matches an image.",
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
        lambda text, server: not (_SERVER_HOST.fullmatch(server.host) and _has_good_port(server)),
        "The host or the port is not well formed.",
        'Write it as "registry.example.com" or "registry.example.com:5000".',
    ),
    Rule(
        "server_path",
        lambda text, server: not _REPOSITORY_PATH.fullmatch(server.path) or "//" in server.path,
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
    """Raise KeyringError, naming ``option``, if ``text`` is not a server or no image could ever match it.

    Allowed is a host with optional ``http://`` or ``https://``, port and path. The host may contain ``*``.
    """
    _refuse_server(text, option, REFUSALS)


def check_stored_server(text: str, option: str) -> None:
    """Raise KeyringError, naming ``option``, if ``text`` cannot be a stored server that is to be removed: it is empty.

    Every other stored server can be removed, also one that matches no image.
    """
    _refuse_server(text, option, (_EMPTY,))


def _refuse_server(text: str, option: str, rules: tuple[Rule, ...]) -> None:
    rule = _first_broken(text, rules)
    if rule is None:
        return
    server = Server.split(text)
    if server.user:
        server = server._replace(host=f"…@{server.host}")
    why, remedy = rule.explain(text)
    what = f'{option} must be a host with an optional port and path; got "{server.public()}".'
    raise KeyringError(what, why, remedy, option=option)


def _first_broken(text: str, rules: tuple[Rule, ...]) -> Rule | None:
    server = Server.split(text)
    return next((rule for rule in rules if rule.applies(text, server)), None)


def find_refusal(text: str) -> Rule | None:
    """Return the first rule of REFUSALS that a server string breaks."""
    return _first_broken(text, REFUSALS)


# Servers that are allowed and rarely intended. All rows that apply are reported.
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
    """Return the rules of WARNINGS that a server string breaks."""
    server = Server.split(text)
    return [rule for rule in WARNINGS if rule.applies(text, server)]


def warn_server(text: str, option: str) -> list[str]:
    """Return a warning for each thing in a server that is allowed and rarely intended."""
    return _warn_rules(find_warnings(text), text, option)


def warn_imported_server(text: str, option: str) -> list[str]:
    """Return the warnings about a server that a program wrote, which has no final slash on purpose."""
    return _warn_rules((rule for rule in find_warnings(text) if rule.id != "server_open_path"), text, option)


def _warn_rules(rules: Iterable[Rule], text: str, option: str) -> list[str]:
    warnings = []
    for rule in rules:
        why, remedy = rule.explain(text)
        warnings.append(f"{option}: {why} {remedy}".rstrip())
    return warnings


def quote_servers(servers: Iterable[str]) -> str:
    """Return a list of servers for a message, without user and password in them."""
    return ", ".join(f'"{public_server(server)}"' for server in servers)
