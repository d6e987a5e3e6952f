# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the server of a connection with the one that a task expects, however its URL is written."""

from __future__ import annotations

import contextlib
import fnmatch
import ipaddress
import re

from .._errors import KeyringError
from .._kubelet.server_text import public_server
from .server_url import DEFAULT_PORTS, ServerUrl, parse_server, split_scheme

_CHECK_KUBECONFIG = "Check kubeconfig, context and the environment, or correct expect_server."


def check_expected(server: ServerUrl, expected: str, remedy: str = _CHECK_KUBECONFIG) -> list[str]:
    """Return a warning when the expected server lacks the path of this one. Raises KeyringError for another server.

    The case of scheme and host, the default port and the form of an IPv6 address make no difference (RFC 3986, sections
    6.2.2.1 and 6.2.3; RFC 5952).
    """
    pattern = _normalize_expected(expected)
    ours = _normalize_server(server)
    host = ours.bracketed_host
    locations = [f"{host}:{ours.effective_port}", *([host] if ours.port is None else [])]
    origins = [f"{ours.scheme}://{location}" for location in locations]
    if any(fnmatch.fnmatchcase(origin + ours.prefix, pattern) for origin in origins):
        return []
    if any(fnmatch.fnmatchcase(name, pattern) for name in (*origins, *locations, host, ours.host)):
        if not server.prefix:
            return []
        return [
            f"expect_server does not name the path {server.prefix}, which other clusters behind {server.location} do "
            f"not have. Write expect_server: {server}."
        ]
    raise KeyringError(
        f'The connection leads to {server}, but expect_server is "{public_server(expected)}".',
        "Nothing was sent.",
        remedy,
        failure="unexpected_server",
        option="expect_server",
    )


def _normalize_server(server: ServerUrl) -> ServerUrl:
    """Return the one form of all spellings of a URL: lower case up to the path, without the port of its scheme."""
    port = None if server.effective_port == DEFAULT_PORTS[server.scheme] else server.port
    host = ipaddress.IPv6Address(server.host).compressed if ":" in server.host else server.host.lower()
    return ServerUrl(server.scheme, host, port, server.prefix)


def _normalize_expected(expected: str) -> str:
    """Return an expected server as a pattern for normalized URLs. What is no URL is in lower case up to its path."""
    text = expected.rstrip("/")
    scheme, rest = split_scheme(text)
    location, slash, path = rest.partition("/")
    pattern = (f"{scheme}://" if scheme else "") + location.lower() + slash + path
    if not re.search(r"[*?]", text):
        with contextlib.suppress(KeyringError):
            pattern = str(
                _normalize_server(parse_server(text, "expect_server", failure="unexpected_server", option=None))
            )
    return pattern.replace("[", "[[]")  # brackets are those of an IPv6 address
