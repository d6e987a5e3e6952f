# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host and path that Go's net/url finds in an http or https URL, and which texts it refuses.

Source: net/url of Go 1.26, which builds Kubernetes 1.36. Older ones take more than one colon in a host, and brackets
around what is no IPv6 address. All is done on bytes, as percent escapes need not make UTF-8.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_PORT = re.compile(rb"(:[0-9]*)?")
_USER = re.compile(rb"[A-Za-z0-9._:~!$&'()*+,;=%@-]*")

_HOST_BYTES = rb"A-Za-z0-9!\"$&'()*+,.:;<=>\[\]_~\x80-\xff-"
# In a host only bytes from 0x80 on may be escaped, and the percent sign.
_HOST = re.compile(rb"(?:[" + _HOST_BYTES + rb"]|%(?:[89A-Fa-f][0-9A-Fa-f]|25))*")
_ZONE_BYTE = re.compile(rb"[ %" + _HOST_BYTES.replace(rb"\x80-\xff", b"") + rb"]")


class NotAUrl(ValueError):
    """Go's url.Parse returns an error."""


@dataclass(frozen=True)
class Url:
    """Host with port, and the path, both with their percent escapes decoded."""

    host: bytes
    path: bytes


def parse_url(rest: bytes) -> Url:
    """What is behind ``https://``, taken apart. Raises NotAUrl."""
    rest, _hash, fragment = rest.partition(b"#")
    if _CONTROL.search(rest):
        raise NotAUrl
    _unescape(fragment)
    authority, slash, path = rest.partition(b"?")[0].partition(b"/")
    user, _at, host = authority.rpartition(b"@")
    decoded = _parse_host(host)
    if not _USER.fullmatch(user):
        raise NotAUrl
    _unescape(user)
    return Url(decoded, _unescape(slash + path))


def _unescape(text: bytes) -> bytes:
    if _BAD_ESCAPE.search(text):
        raise NotAUrl
    return _ESCAPE.sub(lambda escape: bytes([int(escape[1], 16)]), text)


def _unescape_host(text: bytes) -> bytes:
    if not _HOST.fullmatch(text):
        raise NotAUrl
    return _unescape(text)


def _parse_host(host: bytes) -> bytes:
    bracket = host.rfind(b"[")
    if bracket > 0:
        raise NotAUrl
    if bracket == 0:
        return _parse_ip_literal(host)
    if not _PORT.fullmatch(host[len(host.partition(b":")[0]) :]):
        raise NotAUrl
    return _unescape_host(host)


def _parse_ip_literal(host: bytes) -> bytes:
    inside, bracket, port = host[1:].rpartition(b"]")
    if not bracket or not _PORT.fullmatch(port):
        raise NotAUrl
    zone = inside.find(b"%25")
    name = _unescape_host(inside[:zone]) + _unescape_zone(inside[zone:]) if zone >= 0 else _unescape_host(inside)
    address, percent, zone_name = name.partition(b"%")
    if not _is_ipv6(address) or (percent and not zone_name):
        raise NotAUrl
    return b"[" + name + b"]" + port


def _unescape_zone(text: bytes) -> bytes:
    """In a zone what a host may have can be escaped too, and a blank."""
    decoded = _unescape(text)
    plain = _ESCAPE.sub(b"", text)
    escaped = [bytes([int(digits, 16)]) for digits in _ESCAPE.findall(text)]
    if not _HOST.fullmatch(plain) or not all(_ZONE_BYTE.fullmatch(byte) for byte in escaped):
        raise NotAUrl
    return decoded


def _is_ipv6(address: bytes) -> bool:
    try:
        ipaddress.IPv6Address(address.decode("latin-1"))
    except ValueError:
        return False
    return True
