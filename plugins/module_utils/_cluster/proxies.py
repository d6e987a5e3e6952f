# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The proxy to an API server, chosen as kubectl chooses it.

Sources: golang.org/x/net/http/httpproxy; apimachinery 0.36, util/net/http.go; client-go 0.36, clientcmd/helpers.go.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import TypeAlias
from urllib.parse import unquote, urlsplit

from .._dataclasses import dataclass
from .._errors import FailureId, KeyringError
from .server_url import ServerUrl

_PROXY_VARIABLES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
_PROXY_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
# A kubeconfig may name these; the environment may also say socks5h, which means the same to Go.
_PROXY_SCHEMES = ("http", "https", "socks5")

Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"


@dataclass(frozen=True)
class Proxy:
    """A proxy on the way to the API server. ``origin`` is its URL without user information."""

    scheme: str
    host: str
    port: int
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @property
    def is_socks(self) -> bool:
        return self.scheme.startswith("socks")

    @property
    def origin(self) -> str:
        """Return the URL without user information, as messages may show it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def parse_proxy(
    text: str, label: str, *, failure: FailureId, option: str | None, schemes: Sequence[str] = _PROXY_SCHEMES
) -> Proxy:
    """Parse the URL of a proxy. Raises KeyringError, in which ``label`` names it and the text is not quoted."""

    def error(why: str) -> KeyringError:
        remedy = "Write it like http://proxy.example.com:3128."
        return KeyringError(f"{label} is not the URL of a proxy.", why, remedy, failure=failure, option=option)

    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        raise error("Its port or its address cannot be read.") from None
    if url.scheme not in schemes:
        raise error(f"It must begin with {', '.join(f'{scheme}://' for scheme in _PROXY_SCHEMES)}.")
    if not url.hostname or any(character.isspace() for character in text):
        raise error("Its host is missing, or it has whitespace.")
    if "@" in text.partition("://")[2].partition(url.netloc)[2]:
        raise error("A slash, a question mark or a hash in its user name or password must be percent-encoded.")
    return Proxy(
        url.scheme,
        url.hostname,
        _PROXY_PORTS[url.scheme] if port is None else port,
        None if url.username is None else unquote(url.username),
        None if url.password is None else unquote(url.password),
    )


def proxy_from_environment(server: ServerUrl, environ: Mapping[str, str]) -> Proxy | None:
    """Return the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name for a server, or None.

    A loopback address and the name localhost are always reached directly. Raises KeyringError for what is not the URL
    of a proxy.
    """
    name = "HTTPS_PROXY" if server.is_encrypted else "HTTP_PROXY"
    text = _variable(environ, name)
    if not text or is_direct(server, _variable(environ, "NO_PROXY"), loopback=True):
        return None
    whole = text if "://" in text else f"http://{text}"  # Go also takes host:port
    return parse_proxy(whole, name, failure="invalid_option", option=None, schemes=tuple(_PROXY_PORTS))


def find_proxy_secrets(urls: Iterable[str], environ: Mapping[str, str]) -> list[str]:
    """Return the passwords in URLs of proxies, these and those of the environment, as they are written and decoded."""
    found = []
    for text in (*urls, *(environ.get(name, "") for name in _PROXY_VARIABLES)):
        try:
            url = urlsplit(text if "://" in text else f"http://{text}")
        except ValueError:
            continue
        login = url.password or url.username or ""  # a token may be in place of the user name
        found += [login, unquote(login)]
    return [secret for secret in found if secret]


def is_direct(server: ServerUrl, no_proxy: str, *, loopback: bool) -> bool:
    """Return whether a server is reached without the proxy, as NO_PROXY has it.

    ``loopback``: whether the loopback addresses are reached directly whatever ``no_proxy`` says.
    """
    host = server.host.lower()
    if loopback and is_loopback(host):
        return True
    address = _parse_address(host)
    return any(matches(host, server.effective_port, address) for matches in _parse_rules(no_proxy))


def is_loopback(host: str) -> bool:
    """Return whether a host, without brackets, is this machine: a loopback address, or the name localhost."""
    address = _parse_address(host.lower())
    return host.lower() == "localhost" or (address is not None and address.is_loopback)


# Whether a rule of NO_PROXY matches a host and a port; the address is that of the host, where it is one.
_Rule = Callable[[str, int, "Address | None"], bool]


def _parse_rules(no_proxy: str) -> Iterator[_Rule]:
    for item in no_proxy.lower().split(","):
        text = item.strip()
        if text == "*":
            yield lambda _host, _port, _parse_address: True
        elif text:
            yield _parse_rule(text)


def _parse_rule(text: str) -> _Rule:
    network = _parse_network(text)
    if network is not None:
        return lambda _host, _port, address: address is not None and address in network
    name, port = _split_port(text)
    single = _parse_address(name)
    if single is not None:
        return lambda _host, at, address: address == single and port in ("", str(at))
    domain = name[1:] if name.startswith("*.") else name
    suffix = domain if domain.startswith(".") else f".{domain}"

    def matches(host: str, at: int, address: Address | None) -> bool:
        if not name or address is not None or port not in ("", str(at)):
            return False
        return host.endswith(suffix) or host == domain

    return matches


def _split_port(text: str) -> tuple[str, str]:
    """Return the name and the port of a rule, each perhaps empty, as Go's net.SplitHostPort does."""
    if text.startswith("["):
        name, bracket, port = text[1:].partition("]:")
        return (name, port) if bracket else (text, "")
    name, colon, port = text.partition(":")
    return (name, port) if colon and ":" not in port else (text, "")


def _parse_network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    if not text.partition("/")[2].isdecimal():
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _parse_address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _variable(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name) or environ.get(name.lower()) or ""
