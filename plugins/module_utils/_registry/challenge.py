# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The header WWW-Authenticate, with which a registry asks for credentials (RFC 9110, section 11)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from .._dataclasses import dataclass

# A longer header is none that a registry sends.
_LONGEST = 8192

_ITEM = re.compile(
    r"""[\s,]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)             # a scheme, or the name of a parameter
        (?:\s{0,9}=\s{0,9}(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?  # its value, in quotes or not""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Challenge:
    """A challenge: an authentication scheme and its parameters, both with names in lower case."""

    scheme: str
    parameters: Mapping[str, str]


def parse_challenges(headers: Sequence[str]) -> list[Challenge]:
    """Parse the values of the header into challenges, in order. What follows something unreadable is left out."""
    challenges: list[Challenge] = []
    for header in headers:
        if len(header) <= _LONGEST:
            challenges += _parse_header(header)
    return challenges


def _parse_header(header: str) -> list[Challenge]:
    found: list[tuple[str, dict[str, str]]] = []
    position = 0
    while item := _ITEM.match(header, position):
        position = item.end()
        name, quoted, bare = item.groups()
        if quoted is None and bare is None:
            found.append((name.lower(), {}))
        elif found:
            value = bare if quoted is None else re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)
            found[-1][1].setdefault(name.lower(), value)
    return [Challenge(scheme, parameters) for scheme, parameters in found]
