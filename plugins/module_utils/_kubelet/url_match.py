# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The match keys of servers, and the images that they serve.

A port of kubernetes pkg/credentialprovider/keyring.go (``BasicDockerKeyring.Add``, ``URLsMatch``), and of the part of
net/url of Go 1.26 that it uses. Go 1.26 builds Kubernetes 1.36. Older versions accept more than one colon in a host,
and brackets around what is not an IPv6 address. All functions work on bytes, as percent escapes may not be UTF-8.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import NamedTuple

from .._dataclasses import dataclass
from .go_json import go_text

_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_GO_PORT = re.compile(rb"(:[0-9]*)?")
_GO_USER = re.compile(rb"[A-Za-z0-9._:~!$&'()*+,;=%@-]*")

_HOST_BYTES = rb"A-Za-z0-9!\"$&'()*+,.:;<=>\[\]_~\x80-\xff-"
# In a host only bytes from 0x80 on may be escaped, and the percent sign.
_GO_HOST = re.compile(rb"(?:[" + _HOST_BYTES + rb"]|%(?:[89A-Fa-f][0-9A-Fa-f]|25))*")
_ZONE_BYTE = re.compile(rb"[ %" + _HOST_BYTES.replace(rb"\x80-\xff", b"") + rb"]")


class NotAUrl(ValueError):
    """An error of Go's url.Parse."""


class Url(NamedTuple):
    """The host with port, and the path, of Go's url.URL, both with their percent escapes decoded."""

    host: bytes
    path: bytes


def parse_url(rest: bytes) -> Url:
    """Parse the part of a URL behind ``https://`` as Go does: net/url ``Parse``, ``parse``, ``parseAuthority``.

    Raise NotAUrl where Go returns an error.
    """
    rest, _hash, fragment = rest.partition(b"#")
    if _CONTROL.search(rest):
        raise NotAUrl
    _unescape(fragment)
    authority, slash, path = rest.partition(b"?")[0].partition(b"/")
    user, _at, host = authority.rpartition(b"@")
    decoded = _parse_host(host)
    if not _GO_USER.fullmatch(user):
        raise NotAUrl
    _unescape(user)
    return Url(decoded, _unescape(slash + path))


def _unescape(text: bytes) -> bytes:
    """Decode percent escapes: net/url ``unescape`` of a path, a user or a fragment."""
    if b"%" not in text:
        return text
    if _BAD_ESCAPE.search(text):
        raise NotAUrl
    return _ESCAPE.sub(lambda escape: bytes([int(escape[1], 16)]), text)


def _unescape_host(text: bytes) -> bytes:
    """Check a host and decode its percent escapes: net/url ``unescape`` with ``encodeHost``."""
    if not _GO_HOST.fullmatch(text):
        raise NotAUrl
    return _unescape(text)


def _parse_host(host: bytes) -> bytes:
    """Check a host with its port and decode it: net/url ``parseHost``."""
    bracket = host.rfind(b"[")
    if bracket > 0:
        raise NotAUrl
    if bracket == 0:
        return _parse_ip_literal(host)
    if not _GO_PORT.fullmatch(host[len(host.partition(b":")[0]) :]):
        raise NotAUrl
    return _unescape_host(host)


def _parse_ip_literal(host: bytes) -> bytes:
    """Check an address in brackets with its port and decode it: net/url ``parseHost``, netip ``ParseAddr``."""
    inside, bracket, port = host[1:].rpartition(b"]")
    if not bracket or not _GO_PORT.fullmatch(port):
        raise NotAUrl
    zone = inside.find(b"%25")
    if zone < 0:
        zone = len(inside)
    name = _unescape_host(inside[:zone]) + _unescape_zone(inside[zone:])
    address, percent, zone_name = name.partition(b"%")
    if not _is_ipv6(address) or (percent and not zone_name):
        raise NotAUrl
    return b"[" + name + b"]" + port


def _unescape_zone(text: bytes) -> bytes:
    """Check and decode the zone of an IPv6 address: net/url ``unescape`` with ``encodeZone``.

    Here the bytes of a host, and a space, may be escaped too.
    """
    decoded = _unescape(text)
    plain = _ESCAPE.sub(b"", text)
    escaped = [bytes([int(digits, 16)]) for digits in _ESCAPE.findall(text)]
    if not _GO_HOST.fullmatch(plain) or not all(_ZONE_BYTE.fullmatch(byte) for byte in escaped):
        raise NotAUrl
    return decoded


def _is_ipv6(address: bytes) -> bool:
    try:
        ipaddress.IPv6Address(address.decode("latin-1"))
    except ValueError:
        return False
    return True


# A host with or without a port, as nearly all servers are: Go changes nothing in it.
_PLAIN_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]+)?")
_HTTP_PREFIXES = (b"https://", b"http://")


def match_key(server: str) -> str:
    """Return the string that the kubelet compares with images. Servers with one match key are one registry to it.

    It is without scheme, user information, query, a leading ``/v1`` or ``/v2``, and an empty path. A server that the
    kubelet cannot read is returned as it is. Source: keyring.go ``BasicDockerKeyring.Add``.
    """
    key = read_match_key(server)
    return server if key is None else key.decode(errors="surrogateescape")


def read_match_key(server: str) -> bytes | None:
    """Return the match key, or None if the server is not a URL: ``BasicDockerKeyring.Add`` ignores such an entry."""
    if _PLAIN_HOST.fullmatch(server):
        return server.encode()
    text = go_text(server).encode()
    scheme = next((scheme for scheme in _HTTP_PREFIXES if text.startswith(scheme)), b"")
    try:
        url = parse_url(text[len(scheme) :])
    except NotAUrl:
        return None
    path = url.path[3:] if url.path.startswith((b"/v1/", b"/v2/")) else url.path
    return url.host if path == b"/" else url.host + path


# One step of a pattern: a star, or the ranges of code points that match.
_STAR: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class UrlTarget:
    """The parts of a match key or image name that are compared."""

    labels: tuple[bytes, ...]
    port: bytes
    path: bytes


def parse_target(text: bytes) -> UrlTarget | None:
    """Split a match key or an image name for comparison: keyring.go ``ParseSchemelessURL``, ``SplitURL``.

    Return None if it is not a URL, and so matches nothing. Escapes are decoded, and those of a key have been decoded
    once before: ``%2561`` is ``a`` here.
    """
    try:
        url = parse_url(text)
    except NotAUrl:
        return None
    host, port = split_host_port(url.host)
    return UrlTarget(tuple(host.split(b".")), port, url.path)


def split_host_port(location: bytes) -> tuple[bytes, bytes]:
    """Split the host of a parsed URL into host and port: keyring.go ``SplitURL``, Go's net.SplitHostPort.

    Return everything and no port where Go fails. The brackets around a host are removed only together with its port.
    Where Go fails for a bracket in an odd place, the parts differ from Go's, and no image matches either.
    """
    if location.startswith(b"["):
        inside, _bracket, port = location[1:].rpartition(b"]")
        return (inside, port[1:]) if port else (location, b"")
    host, colon, port = location.rpartition(b":")
    return (host, port) if colon else (location, b"")


def matches(key: UrlTarget, image: UrlTarget) -> bool:
    """Return whether credentials under this key are used for the image: keyring.go ``URLsMatch``."""
    return (
        key.port == image.port
        and len(key.labels) == len(image.labels)
        and image.path.startswith(key.path)
        and all(map(label_matches, key.labels, image.labels))
    )


def label_matches(pattern: bytes, label: bytes) -> bool:
    """Return whether one label of a host matches: keyring.go ``URLsMatch``, Go's path/filepath.Match.

    The label is ASCII. A host that Go has parsed has no ``?``, ``^`` or backslash, and a bracket only before an IPv6
    address without a port.
    """
    if b"*" not in pattern and b"[" not in pattern:
        return pattern == label
    steps = _parse_pattern(pattern)
    return steps is not None and _glob(steps, label)


def _glob(steps: Sequence[tuple[tuple[int, int], ...]], label: bytes) -> bool:
    """Match and backtrack only to the last star, so in quadratic time at worst."""
    step = place = 0
    star, resume = -1, 0
    while place < len(label):
        if step < len(steps) and steps[step] is _STAR:
            star, resume = step, place
            step += 1
        elif step < len(steps) and any(low <= label[place] <= high for low, high in steps[step]):
            step += 1
            place += 1
        elif star >= 0:
            resume += 1
            step, place = star + 1, resume
        else:
            return False
    return all(rest is _STAR for rest in steps[step:])


def _parse_pattern(pattern: bytes) -> list[tuple[tuple[int, int], ...]] | None:
    """Parse a pattern into steps. Return None if it is malformed."""
    try:
        text = pattern.decode()
    except UnicodeDecodeError:
        # A label is ASCII, so a byte beyond it never matches, and Go rejects one in a class as malformed.
        return None
    steps: list[tuple[tuple[int, int], ...]] = []
    place = 0
    while place < len(text):
        if text[place] == "[":
            found = _parse_class(text, place + 1)
            if found is None:
                return None
            ranges, place = found
            steps.append(ranges)
            continue
        steps.append(_STAR if text[place] == "*" else ((ord(text[place]), ord(text[place])),))
        place += 1
    return steps


def _parse_class(text: str, place: int) -> tuple[tuple[tuple[int, int], ...], int] | None:
    """Parse a character class into its ranges and the position after it, or None: path/filepath ``matchChunk``."""
    ranges: list[tuple[int, int]] = []
    while not (ranges and text[place : place + 1] == "]"):
        low = high = text[place : place + 1]
        place += 1
        if text[place : place + 1] == "-":
            high = text[place + 1 : place + 2]
            place += 2
        if low in ("", "-", "]") or high in ("", "-", "]"):
            return None
        ranges.append((ord(low), ord(high)))
    return tuple(ranges), place + 1
