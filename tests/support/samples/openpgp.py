# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OpenPGP keys in ASCII armor, whose packets are whole and whose numbers are not real."""

from __future__ import annotations

import base64
import textwrap
from collections.abc import Sequence

# Public key material of version 4, by the number of the algorithm: RSA, DSA, ECDH, ECDSA, EdDSA, Ed25519.
_INTEGER = b"\x00\x09\x01\xff"
_OID = b"\x03\x2b\x65\x70"
MATERIAL = {
    1: _INTEGER * 2,
    17: _INTEGER * 4,
    18: _OID + _INTEGER + b"\x03\x01\x08\x07",
    19: _OID + _INTEGER,
    22: _OID + _INTEGER,
    27: b"k" * 32,
}


def key_packet(
    algorithm: int = 22, *, encrypted: bool = False, tag: int = 5, version: int = 4, numbers: bytes = b"s" * 40
) -> bytes:
    """A key in a packet with a header of the new form. ``numbers`` are those of an encrypted key."""
    material = MATERIAL[algorithm]
    size = len(material).to_bytes(4, "big") if version == 6 else b""
    secret = b"\xfe\x07\x03" + numbers if encrypted else b"\x00" + _INTEGER + b"\x12\x34"
    body = bytes([version]) + b"\x66\x00\x00\x00" + bytes([algorithm]) + size + material + secret
    return bytes([0xC0 | tag, len(body)]) + body


def old_packet(packet: bytes) -> bytes:
    """The same packet with a header of the old form, as GnuPG writes it."""
    tag, body = packet[0] & 0x3F, packet[2:]
    return bytes([0x80 | (tag << 2) | 1]) + len(body).to_bytes(2, "big") + body


def armor(packets: Sequence[bytes], label: str = "PRIVATE KEY BLOCK", headers: str = "", checksum: str = "") -> str:
    """The packets in ASCII armor."""
    lines = "\n".join(textwrap.wrap(base64.b64encode(b"".join(packets)).decode(), 64))
    end = f"{checksum}\n" if checksum else ""
    return f"-----BEGIN PGP {label}-----\n{headers}\n{lines}\n{end}-----END PGP {label}-----\n"


GPG_KEY = armor([key_packet()])
LOCKED_GPG_KEY = armor([key_packet(encrypted=True)])
