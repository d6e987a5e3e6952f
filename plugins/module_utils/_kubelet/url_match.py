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
from dataclasses import dataclass

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
    if not _GO_USER.fullmatch(user):
        raise NotAUrl
    _unescape(user)
    return Url(decoded, _unescape(slash + path))


def _unescape(text: bytes) -> bytes:
    if _BAD_ESCAPE.search(text):
        raise NotAUrl
    return _ESCAPE.sub(lambda escape: bytes([int(escape[1], 16)]), text)


def _unescape_host(text: bytes) -> bytes:
    if not _GO_HOST.fullmatch(text):
        raise NotAUrl
    return _unescape(text)


def _parse_host(host: bytes) -> bytes:
    bracket = host.rfind(b"[")
    if bracket > 0:
        raise NotAUrl
    if bracket == 0:
        return _parse_ip_literal(host)
    if not _GO_PORT.fullmatch(host[len(host.partition(b":")[0]) :]):
        raise NotAUrl
    return _unescape_host(host)


def _parse_ip_literal(host: bytes) -> bytes:
    inside, bracket, port = host[1:].rpartition(b"]")
    if not bracket or not _GO_PORT.fullmatch(port):
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
    if not _GO_HOST.fullmatch(plain) or not all(_ZONE_BYTE.fullmatch(byte) for byte in escaped):
        raise NotAUrl
    return decoded


def _is_ipv6(address: bytes) -> bool:
    try:
        ipaddress.IPv6Address(address.decode("latin-1"))
    except ValueError:
        return False
    return True


_HTTP_PREFIXES = (b"https://", b"http://")


def match_key(server: str) -> str:
    """The text that the kubelet compares with images; two servers with one match key are one registry to it.

    The scheme, user information, query and a leading ``/v1`` or ``/v2`` are dropped, an empty path too. A server that
    is not read at all stands for itself.
    """
    key = read_match_key(server)
    return server if key is None else key.decode(errors="surrogateescape")


def read_match_key(server: str) -> bytes | None:
    """The match key; None when the server is no URL, and the entry is ignored."""
    text = go_text(server).encode()
    scheme = next((scheme for scheme in _HTTP_PREFIXES if text.startswith(scheme)), b"")
    try:
        url = parse_url(text[len(scheme) :])
    except NotAUrl:
        return None
    path = url.path[3:] if url.path.startswith((b"/v1/", b"/v2/")) else url.path
    return url.host if path == b"/" else url.host + path


# One byte of a pattern: a star, or the ranges of code points that it stands for.
_STAR: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class UrlTarget:
    """A key or image name, in the parts that are compared."""

    labels: tuple[bytes, ...]
    port: bytes
    path: bytes


def parse_target(text: bytes) -> UrlTarget | None:
    """The parts of a match key or an image name; None when it is no URL, and so matches nothing.

    Escapes are decoded, and have been decoded once before in a key: ``%2561`` is ``a`` here.
    """
    try:
        url = parse_url(text)
    except NotAUrl:
        return None
    host, port = split_host_port(url.host)
    return UrlTarget(tuple(host.split(b".")), port, url.path)


def split_host_port(location: bytes) -> tuple[bytes, bytes]:
    """Host and port of a parsed URL, as Go's net.SplitHostPort has them; all and no port where it fails.

    A host in brackets loses them only together with its port. Where Go fails for a bracket in an odd place the parts
    differ, and no image matches either.
    """
    if location.startswith(b"["):
        inside, _bracket, port = location[1:].rpartition(b"]")
        return (inside, port[1:]) if port else (location, b"")
    host, colon, port = location.rpartition(b":")
    return (host, port) if colon else (location, b"")


def matches(key: UrlTarget, image: UrlTarget) -> bool:
    """Whether credentials under this key are offered for the image."""
    return (
        key.port == image.port
        and len(key.labels) == len(image.labels)
        and image.path.startswith(key.path)
        and all(map(label_matches, key.labels, image.labels))
    )


def label_matches(pattern: bytes, label: bytes) -> bool:
    """Whether a part of a host matches, as in Go's path/filepath.Match; the label is ASCII.

    No host that Go has parsed holds ``?``, ``^`` or a backslash; a bracket only begins an IPv6 address without a port.
    """
    if b"*" not in pattern and b"[" not in pattern:
        return pattern == label
    steps = _parse_pattern(pattern)
    return steps is not None and _glob(steps, label)


def _glob(steps: Sequence[tuple[tuple[int, int], ...]], label: bytes) -> bool:
    """Match with a way back to the last star only, so in quadratic time at worst."""
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
    """The steps of a pattern, None when it is malformed."""
    try:
        text = pattern.decode()
    except UnicodeDecodeError:
        # Nothing but ASCII matches a byte beyond it; in a class Go calls it malformed.
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
    """The ranges of a character class and the place behind it."""
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
