# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a match key serves an image name: kubernetes pkg/credentialprovider/keyring.go, ``URLsMatch``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .go_url import NotAUrl, parse_url

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
