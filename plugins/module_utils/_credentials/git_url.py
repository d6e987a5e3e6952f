# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""URLs of Git repositories over ssh, https and http, which are those that take a credential.

Facts: git-clone(1), "GIT URLS"; RFC 3986. A URL is never quoted where a part of it may be a password or a token.
The clone URLs of Azure DevOps and Bitbucket have a user name before the host, which is accepted and never shown.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

from .._dataclasses import dataclass
from .._errors import KeyringError
from .git_hosts import find_git_host
from .secret_values import HIDDEN, check_secret_value, public_username

if TYPE_CHECKING:
    from .git_shapes import UrlScheme

_PORTS: dict[UrlScheme, int] = {"ssh": 22, "https": 443, "http": 80}
# The port of a registry, whose URL begins with oci:// or with its host.
_REGISTRY_PORT = 443

_URL_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_GIT_HOST_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?"
_GIT_HOST = re.compile(rf"{_GIT_HOST_LABEL}(\.{_GIT_HOST_LABEL})*")
_URL_LOCATION = re.compile(r"(\[[^\[\]/]*\]|[^:/\[\]]*)(:[^/]*)?")
_PORT_NUMBER = re.compile(r"[0-9]{1,5}")
_SCP_PORT = re.compile(r"([0-9]{1,5})(?:[/:].*)?")
# What people and organisations are not named, and tokens without a known prefix are.
_RANDOM = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])([A-Za-z0-9]{20,}|(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9_=-]{20,})")
_CODECOMMIT_USER = re.compile(r"[A-Za-z0-9+=,.@_-]+-at-[0-9]{12}")


@dataclass(frozen=True)
class GitUrl:
    """A URL in its parts. ``host`` is in lower case and without brackets, ``port`` is None if it is not in the URL.

    ``scp`` is true for ``user@host:path``, whose path has no slash before it.
    """

    scheme: UrlScheme
    user: str | None
    host: str
    port: int | None
    path: str
    scp: bool = False

    @property
    def effective_port(self) -> int:
        """Return the port that is used: that of the URL, or the default of the scheme."""
        return _PORTS.get(self.scheme, _REGISTRY_PORT) if self.port is None else self.port

    @property
    def user_name(self) -> str | None:
        """Return the name of the user, in which a character may be encoded in the URL."""
        return None if self.user is None else unquote(self.user)

    @property
    def has_default_port(self) -> bool:
        """Return whether the URL has the port that it would have without one."""
        return self.port == _PORTS.get(self.scheme, _REGISTRY_PORT)

    @property
    def location(self) -> str:
        """Return the host, an IPv6 address in brackets, with the port if the URL has one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def port_in_path(self) -> int | None:
        """Return the number after the colon of git@host:2222/path, which looks like a port and is a folder."""
        found = _SCP_PORT.fullmatch(self.path) if self.scp else None
        return int(found[1]) if found and _is_port(found[1]) else None

    @property
    def ssh_url(self) -> str:
        """Return the URL with ssh:// before it. A number that looks like a port becomes one."""
        user = self.user if self.user and public_username(self.user, None) != HIDDEN else "git"
        port = self.port_in_path
        if port is None:
            return f"ssh://{user}@{self.location}/{self.path.lstrip('/')}"
        return f"ssh://{user}@{self.location}:{port}/{self.path[len(str(port)) :].lstrip('/:')}"


@dataclass(frozen=True)
class _Parts:
    """The parts of any string. ``user`` is everything before the last @, ``host`` still has its brackets.

    ``path`` is everything after host and port. It begins with a slash, with scp with a colon, in a wrong URL with
    anything.
    """

    text: str
    scheme: str
    user: str | None
    host: str
    port: str | None
    path: str

    @classmethod
    def split(cls, text: str) -> _Parts:
        """Split any string without validation. In one without a scheme, the path begins at the first colon."""
        scheme, rest = "", text
        start = _URL_SCHEME.match(text)
        if start:
            scheme, rest = start[1], text[start.end() :]
        user, at, rest = rest.rpartition("@")
        location = cast("re.Match[str]", _URL_LOCATION.match(rest))  # it always matches, if only the empty string
        host, port = location[1], None
        end = len(host)
        if scheme and location[2]:
            port = location[2][1:]
            end = location.end()
        return cls(text, scheme, user if at else None, host, port, rest[end:])


# Condition, reason, remedy. The first row that applies is reported.
_URL_REFUSALS: tuple[tuple[Callable[[_Parts], object], str, str], ...] = (
    (
        lambda url: re.search(r"[^\S ]|[\x00-\x1f\x7f]", url.text) or " " in url.host or url.text.strip() != url.text,
        "It has whitespace or a newline.",
        "Remove it.",
    ),
    (
        lambda url: " " in url.path and not url.scheme and not find_git_host(url.host.lower()),
        "It has a space, and programs disagree on how to write one in the form git@host:path.",
        "Begin it with ssh://, and write %20 in place of the space.",
    ),
    (
        lambda url: " " in url.text,
        "It has a space.",
        "Write %20 in its place.",
    ),
    (
        lambda url: url.scheme in ("git", "file"),
        "No credential is used over {scheme}://.",
        "Write the ssh:// or https:// URL of the repository, or leave out the Secret.",
    ),
    (
        lambda url: url.scheme in ("git+ssh", "ssh+git"),
        "{scheme}:// is an old spelling that many programs refuse.",
        "Write ssh:// in its place.",
    ),
    (
        lambda url: url.scheme != url.scheme.lower() and url.scheme.lower() in _PORTS,
        "Git knows schemes in lower case only.",
        "Write it in lower case.",
    ),
    (
        lambda url: url.scheme and url.scheme not in _PORTS,
        "Its scheme must be ssh, https or http.",
        'Write it like "https://git.example.com/team/app" or "ssh://git@git.example.com/team/app".',
    ),
    (
        lambda url: url.scheme in ("https", "http") and url.user is not None and not _is_user_name(url.user),
        "A password or token in the URL is visible wherever the URL is shown.",
        "Remove everything before the @, and give it as username and password; write an @ in a path as %40.",
    ),
    (
        lambda url: url.user is not None and re.search("[:@/]", url.user),
        "There is more than a user name before the @, perhaps a password, and ssh takes no password from a URL.",
        "Write only the user there, as in git@github.com.",
    ),
    (
        lambda url: not url.scheme and url.user is None,
        "It has no scheme, and no user as in git@github.com.",
        'Write it like "https://git.example.com/team/app" or "git@git.example.com:team/app".',
    ),
    (
        lambda url: url.user == "",
        "There is nothing before the @.",
        "Write the user, which is git at most servers.",
    ),
    (
        lambda url: "?" in url.text or "#" in url.text,
        "It has a query or a fragment.",
        "Remove what begins with ? or #.",
    ),
    (
        lambda url: not url.host,
        "It has no host.",
        "Write the name of the Git server.",
    ),
    (
        lambda url: not url.scheme and url.path.startswith("/"),
        "Without ssh:// at the beginning, a colon separates host and path.",
        'Write "git@{host}:{rest}".',
    ),
    (
        lambda url: url.scheme == "ssh" and url.port and not url.port.isdigit(),
        "After ssh:// and the host, a colon is followed by a port, not by a path.",
        'Write it like "ssh://git@git.example.com/team/app" or "git@git.example.com:team/app".',
    ),
    (
        lambda url: not _is_port(url.port),
        "Its port is not a number from 1 to 65535.",
        "Correct it, or leave it out together with the colon.",
    ),
    (
        lambda url: not _is_git_host(url.host) or (url.path and url.path[0] not in "/:"),
        "Its host is neither a name nor an address. An IPv6 address must be in brackets.",
        "Correct it.",
    ),
)


def parse_git_url(text: str, option: str) -> GitUrl:
    """Parse the URL of a Git server or repository. The path may be empty.

    Accept ``ssh://``, ``https://`` and ``http://`` URLs, ``user@host:path``, and ``user@host`` alone. Raise
    KeyringError, with ``option``, for others and for a URL with a password or token.
    """
    check_secret_value(text, option)
    url = _Parts.split(text)
    for is_wrong, why, remedy in _URL_REFUSALS:
        if is_wrong(url):
            words = {"scheme": url.scheme, "host": url.host, "rest": url.path[1:]}
            raise KeyringError(
                f"{option} must be the URL of a Git repository over ssh or https.",
                why.format(**words),
                remedy.format(**words),
                option=option,
            )
    host = url.host.strip("[]").lower()
    if not url.scheme:
        return GitUrl("ssh", url.user, host, None, url.path[1:], scp=True)
    port = int(url.port) if url.port else None
    return GitUrl(cast("UrlScheme", url.scheme), url.user, host, port, url.path)


def compared_url(text: str) -> str:
    """Return a stored URL as Argo CD compares it: regardless of case and of .git at its end, with user and port.

    Source: argoproj/argo-cd util/git/git.go, NormalizeGitURL.
    """
    text = text.strip().lower()
    if "://" not in text and "@" in text:
        text = text.replace(":", "/", 1)
    return text.removeprefix("ssh://").removesuffix(".git")


def host_of(text: str) -> str | None:
    """Return the host of a stored URL in lower case; None if it has no valid one."""
    host = _Parts.split(text.strip()).host.lower()
    return host.strip("[]") if _is_git_host(host) else None


def parse_proxy_url(text: str, option: str) -> GitUrl:
    """Parse the URL of a proxy: as parse_git_url, over http, https or socks5."""
    url = parse_git_url(text.replace("socks5://", "http://", 1) if text.startswith("socks5://") else text, option)
    if url.scheme == "ssh" or url.user is not None or url.path.strip("/"):
        raise KeyringError(
            f"{option} must be the URL of a proxy, without user and path.",
            "",
            'Write it like "http://proxy.example.com:3128" or "socks5://proxy.example.com:1080".',
            option=option,
        )
    return url


def public_url(text: str) -> str:
    """Return any URL as it may be shown: without query, password and token, but with the user of an ssh URL."""
    url = _Parts.split(text)
    start = f"{url.scheme}://" if url.scheme else ""
    user = ""
    if url.scheme in ("", "ssh") and url.user and re.fullmatch(_GIT_HOST_LABEL, url.user):
        user = f"{url.user}@" if public_username(url.user, None) == url.user else ""
    port = "" if url.port is None else f":{url.port}"
    path = re.split("[?#]", url.path, maxsplit=1)[0]
    return f"{start}{user}{url.host}{port}{path}"


def _is_user_name(text: str) -> bool:
    """Return whether what stands before the @ of a URL is only the name of a user, and no password or token."""
    name = unquote(text)
    if not name or re.search(r"[:/\s]|@.*@", name) or "@" in text or public_username(name, None) == HIDDEN:
        return False
    return not _RANDOM.fullmatch(name) or bool(_CODECOMMIT_USER.fullmatch(name))


def _is_port(port: str | None) -> bool:
    return port is None or bool(_PORT_NUMBER.fullmatch(port) and 0 < int(port) < 65536)


def _is_git_host(host: str) -> bool:
    if not host.startswith("["):
        return bool(_GIT_HOST.fullmatch(host))
    try:
        ipaddress.IPv6Address(host[1:-1])
    except ValueError:
        return False
    return True
