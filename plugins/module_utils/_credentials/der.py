# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lengths and integers of a DER structure, read without any library (ITU-T X.690)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from .._dataclasses import dataclass

INTEGER, OCTET_STRING, OBJECT_IDENTIFIER, SEQUENCE = 0x02, 0x04, 0x06, 0x30
_CONSTRUCTED = 0x20

# A key has about 20 elements. An attacker could put thousands of empty ones into 64 KiB.
_MAX_ELEMENTS = 200


@dataclass(frozen=True)
class Element:
    """An element: its tag and its content."""

    tag: int
    content: bytes = field(repr=False)


def read_elements(data: bytes) -> list[Element]:
    """Return the elements in ``data``, one after the other. Raise ValueError if it is not DER."""
    found: list[Element] = []
    place = 0
    while place < len(data):
        if len(found) == _MAX_ELEMENTS:
            raise ValueError("too many elements")
        tag, start, end = _read_header(data, place)
        found.append(Element(tag, data[start:end]))
        place = end
    return found


def read_sequence(data: bytes) -> list[Element]:
    """Return the elements of the one sequence in ``data``. Raise ValueError if it is something else."""
    found = read_elements(data)
    if len(found) != 1 or found[0].tag != SEQUENCE:
        raise ValueError("not one sequence")
    return read_elements(found[0].content)


def walk(elements: list[Element]) -> Iterator[Element]:
    """Yield these elements and all elements inside, in order. Raise ValueError if one is not DER."""
    waiting = elements[::-1]
    seen = 0
    while waiting:
        element = waiting.pop()
        seen += 1
        if seen > _MAX_ELEMENTS:
            raise ValueError("too many elements")
        yield element
        if element.tag & _CONSTRUCTED:
            waiting += read_elements(element.content)[::-1]


def read_integer(element: Element) -> int:
    """Return the value of an INTEGER."""
    return int.from_bytes(element.content, "big", signed=True)


def _read_header(data: bytes, place: int) -> tuple[int, int, int]:
    """Return the tag of an element, and the start and end of its content. Raise ValueError if it is not DER."""
    if len(data) < place + 2 or data[place] & 0x1F == 0x1F:
        raise ValueError("cut, or a tag of several bytes")
    start, length = place + 2, data[place + 1]
    if length >= 0x80:
        size = length - 0x80
        if not 0 < size <= 4:
            raise ValueError("a length that no key has")
        length = int.from_bytes(data[start : start + size], "big")
        start += size
    if start + length > len(data):
        raise ValueError("cut")
    return data[place], start, start + length
