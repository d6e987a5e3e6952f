# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OpenPGP private keys in ASCII armor, read as far as needed to tell what they are and whether they are encrypted.

Facts: RFC 9580, sections 4.2 (packet headers), 5.5 (key material) and 6.2 (ASCII armor).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .._errors import KeyringError, MissingCredential
from .pem import decode_base64, straighten

_BLOCK = re.compile(r"-----BEGIN PGP ([A-Z ]{1,40})-----\n(.*?)-----END PGP \1-----", re.DOTALL)
_SECRET_KEY_TAG = 5
_PRIVATE = "PRIVATE KEY BLOCK"
_EXPORT_KEY = "Export it with: gpg --armor --export-secret-keys KEY-ID."

# The public key material of version 4, by the number of the algorithm: integers of any length, or a fixed size.
_INTEGERS = {1: 2, 2: 2, 3: 2, 16: 3, 17: 4}
_FIXED_SIZES = {25: 32, 26: 56, 27: 32, 28: 57}
_ECDH, _CURVE_ALGORITHMS = 18, (18, 19, 22)
_AFTER_VERSION_AND_TIME = 5


def check_openpgp_key(text: str, option: str, passphrase: str | None, passphrase_option: str) -> str:
    """Return the armored key with repaired newlines.

    Raise KeyringError, with ``option``, if the text is not one private key, or if the key is encrypted and there is no
    passphrase. The passphrase itself cannot be checked without a library.
    """
    text = straighten(text, option).strip()
    blocks = _BLOCK.findall(text)
    if len(blocks) != 1 or blocks[0][0] != _PRIVATE or not _BLOCK.fullmatch(text):
        raise _refusal(option, _describe_other(text, [label for label, _body in blocks]))
    data = _decode_armor(blocks[0][1])
    packets = list(_read_packets(data)) if data else []
    if not packets or packets[0][0] != _SECRET_KEY_TAG:
        raise KeyringError(
            f"{option} is damaged.", "Its lines are not those of a private key.", _EXPORT_KEY, option=option
        )
    keys = [body for tag, body in packets if tag == _SECRET_KEY_TAG]
    if len(keys) > 1:
        raise _refusal(option, f"{len(keys)} keys")
    if _is_encrypted(keys[0]) and passphrase is None:
        raise MissingCredential(
            f"{option} has a passphrase, and {passphrase_option} is missing.",
            "Its consumer cannot ask for one.",
            f"Give {passphrase_option}.",
            option=passphrase_option,
        )
    return f"{text}\n"


def _describe_other(text: str, labels: list[str]) -> str:
    """Return what a text is instead of one private key."""
    if labels == ["PUBLIC KEY BLOCK"]:
        return "a public key"
    if labels:
        return "more or something else"
    if "-----BEGIN PGP " in text:
        return "a string that is cut or has lost its newlines"
    return "a key of SSH or TLS" if "PRIVATE KEY-----" in text else "something else"


def _refusal(option: str, what: str) -> KeyringError:
    return KeyringError(
        f"{option} must be one OpenPGP private key in ASCII armor; got {what}.", "", _EXPORT_KEY, option=option
    )


def _decode_armor(body: str) -> bytes | None:
    """Return the bytes of an armored block; None if it is damaged. Its headers end with an empty line."""
    headers, separator, rest = body.partition("\n\n") if not body.startswith("\n") else ("", "\n", body[1:])
    if not separator or any(": " not in line for line in headers.splitlines()):
        return None
    lines = rest.split()
    checksum = lines.pop() if lines and re.fullmatch("=[A-Za-z0-9+/]{4}", lines[-1]) else ""
    data = decode_base64("".join(lines))
    if data and checksum and decode_base64(checksum[1:]) != _checksum(data):
        return None
    return data


def _checksum(data: bytes) -> bytes:
    """Return the CRC-24 of RFC 9580, section 6.1."""
    value = 0xB704CE
    for byte in data:
        value ^= byte << 16
        for _bit in range(8):
            value <<= 1
            if value & 0x1000000:
                value ^= 0x1864CFB
    return value.to_bytes(3, "big")


def _read_packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the tag and the body of each packet, as far as they are whole."""
    place = 0
    while place < len(data) and data[place] & 0x80:
        tag, start, size = _read_packet_header(data, place)
        if size is None or start + size > len(data):
            return
        yield tag, data[start : start + size]
        place = start + size


def _read_packet_header(data: bytes, place: int) -> tuple[int, int, int | None]:
    """Return the tag of a packet, the place of its body, and its size; None for a size that no key has."""
    first, rest = data[place], data[place + 1 : place + 6]
    if first & 0x40:
        tag, start = first & 0x3F, place + 2
        if len(rest) > 0 and rest[0] < 192:
            return tag, start, rest[0]
        if len(rest) > 1 and rest[0] < 224:
            return tag, start + 1, ((rest[0] - 192) << 8) + rest[1] + 192
        is_long = len(rest) > 4 and rest[0] == 255
        return tag, start + 4, int.from_bytes(rest[1:5], "big") if is_long else None
    width = 1 << (first & 0x03)
    is_whole = width < 8 and len(rest) >= width
    return (first >> 2) & 0x0F, place + 1 + width, int.from_bytes(rest[:width], "big") if is_whole else None


def _is_encrypted(body: bytes) -> bool:
    """Return whether a key packet is surely encrypted: the octet after its public part is not zero."""
    place = _find_secret_part(body)
    return place is not None and place < len(body) and body[place] != 0


def _find_secret_part(body: bytes) -> int | None:
    """Return where the secret part of a key packet begins; None for an unknown version or algorithm."""
    if not body or len(body) <= _AFTER_VERSION_AND_TIME:
        return None
    place = _AFTER_VERSION_AND_TIME + 1
    if body[0] in (5, 6):
        return place + 4 + int.from_bytes(body[place : place + 4], "big")
    if body[0] != 4:
        return None
    algorithm = body[_AFTER_VERSION_AND_TIME]
    if algorithm in _FIXED_SIZES:
        return place + _FIXED_SIZES[algorithm]
    integers = _INTEGERS.get(algorithm, 0)
    if algorithm in _CURVE_ALGORITHMS:
        place, integers = _skip_counted(body, place), 1
    if not integers:
        return None
    for _integer in range(integers):
        bits = int.from_bytes(body[place : place + 2], "big")
        place += 2 + (bits + 7) // 8
    return _skip_counted(body, place) if algorithm == _ECDH else place


def _skip_counted(body: bytes, place: int) -> int:
    """Return the place after a field that begins with its length."""
    return place + 1 + (body[place] if place < len(body) else 0)
