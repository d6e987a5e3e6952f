# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The URL of an API server: where requests go, in the way in which kubectl reads it.

Sources: client-go 0.36, rest/url_utils.go and rest/request.go; net/url of Go 1.26.
"""

from __future__ import annotations

import ipaddress
import posixpath
import re
from urllib.parse import quote

from .._dataclasses import dataclass
from .._errors import FailureId, KeyringError
from .._kubelet.url_match import NotAUrl, parse_url

_SERVER_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_HOST_NAME = re.compile(r"[A-Za-z0-9._-]+")
# An IPv6 address, perhaps with a port behind it, where brackets are missing.
_BARE_IPV6 = re.compile(r"[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
DEFAULT_PORTS = {"http": 80, "https": 443}
# Go leaves these characters of a path as they are, beside letters, digits and "-_.~".
_SAFE_IN_PATH = "$&+,/:;=@-_.~"


@dataclass(frozen=True)
class ServerUrl:
    """The URL of an API server, without user information.

    ``scheme`` is http or https. ``host`` has no brackets. ``port`` is None where the URL names none. ``prefix`` is the
    path before every request, percent-encoded: empty, or with a slash at its start and none at its end.
    """

    scheme: str
    host: str
    port: int | None
    prefix: str

    @property
    def is_encrypted(self) -> bool:
        return self.scheme == "https"

    @property
    def bracketed_host(self) -> str:
        """Return the host as a URL has it: an IPv6 address in brackets."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def location(self) -> str:
        """Return the host, with the port where the URL names one."""
        return self.bracketed_host if self.port is None else f"{self.bracketed_host}:{self.port}"

    @property
    def effective_port(self) -> int:
        """Return the port, or that of the scheme where the URL names none."""
        return DEFAULT_PORTS[self.scheme] if self.port is None else self.port

    def __str__(self) -> str:
        return f"{self.scheme}://{self.location}{self.prefix}"


def parse_server(
    text: str,
    label: str,
    *,
    failure: FailureId,
    option: str | None,
    default_scheme: str = "",
    example: str = "https://cluster.example.com:6443",
) -> ServerUrl:
    """Parse the URL of an API server.

    ``label`` is what messages call it, ``option`` and ``failure`` are those of the KeyringError that is raised when it
    is not a URL that requests can be sent to. ``default_scheme`` is used where the text has no scheme; without one, a
    scheme is required. ``example`` is a URL for messages.
    """

    def error(problem: str, why: str, remedy: str) -> KeyringError:
        return KeyringError(f"{label} {problem}", why, remedy, failure=failure, option=option)

    advice = f"Write it like {example}."
    scheme, rest = split_scheme(text)
    if not scheme and default_scheme:
        scheme, rest = default_scheme, text
        if "/" in rest.rstrip("/"):
            raise error("has a path and no scheme.", "kubectl refuses it as well.", advice)
    if not scheme:
        raise error("must begin with https://.", "", _suggest_scheme(text) or advice)
    if scheme not in DEFAULT_PORTS:
        raise error("must begin with https://.", f"It begins with {scheme}://.", advice)
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority:
        raise error(
            "must not contain a user name or password.",
            "A URL is shown in results and messages.",
            "Remove everything up to the @, and give the credentials separately.",
        )
    if _BARE_IPV6.fullmatch(authority):
        raise error(
            "has an IPv6 address without brackets.",
            "A colon separates the host from the port, so the address must be in brackets.",
            "Write it like https://[2001:db8::1]:6443.",
        )
    try:
        url = parse_url(rest.encode())
        host, port = _split_location(url.host.decode())
        path = url.path.decode()
    except (NotAUrl, UnicodeError):
        raise error("is not a URL.", "", advice) from None
    if not _is_server_host(host):
        raise error("is not a URL.", "Its host is missing, or has characters that a host name cannot have.", advice)
    digits = port.lstrip("0") if port else "1"
    if len(digits) > 5 or not 0 < int(digits or "0") <= 65535:
        raise error("has a port that does not exist.", "Ports are numbers from 1 to 65535.", advice)
    return ServerUrl(scheme, host, int(digits) if port else None, _clean_path(path))


def split_scheme(text: str) -> tuple[str, str]:
    """Return the scheme of a URL in lower case, and what comes after it; an empty scheme and the text without one."""
    match = _SERVER_SCHEME.match(text)
    return (match[1].lower(), text[match.end() :]) if match else ("", text)


def _suggest_scheme(text: str) -> str:
    """Return advice with the text in it, where that is plainly a host and a port."""
    if re.fullmatch(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?", text) and ("." in text or ":" in text):
        return f"Write https://{text}."
    return ""


def _split_location(location: str) -> tuple[str, str]:
    """Return host, without brackets, and port, which may be empty."""
    host, colon, port = location.rpartition(":")
    if not colon or location.endswith("]"):
        host, port = location, ""
    return host.strip("[]"), port


def _is_server_host(host: str) -> bool:
    if ":" not in host:
        return bool(_HOST_NAME.fullmatch(host))
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True


def _clean_path(path: str) -> str:
    """Return a path as client-go puts it before its own: cleaned as Go's path.Join does it, then encoded."""
    cleaned = posixpath.normpath(f"/{path.lstrip('/')}")
    return "" if cleaned == "/" else quote(cleaned, safe=_SAFE_IN_PATH)
