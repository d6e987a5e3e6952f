# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PEM texts: what happens to them on the way through YAML, forms and Windows is undone where it is certain.

Facts: RFC 7468 (the lines around the body), RFC 1421 (the headers of an encrypted key), ssh-keygen (lines of 70).
"""

from __future__ import annotations

import base64
import binascii
import re
import textwrap
from dataclasses import dataclass, field

from .._errors import KeyringError
from .material import check_material

MAX_LENGTH = 64 * 1024

_BOUNDARY = re.compile(r"-----(BEGIN|END) ([A-Z0-9][A-Z0-9 ]{0,40})-----")
_ENCRYPTED = re.compile(r"\s*Proc-Type:\s*4,ENCRYPTED\s+DEK-Info:\s*([A-Za-z0-9,-]+)\s")

# RFC 2045 has lines of 76, ssh-keygen of 70, OpenSSL of 64; longer ones come from a text that lost its line ends.
_LONGEST_LINE = 76


@dataclass(frozen=True)
class Block:
    """One PEM block. ``cipher`` is the value of DEK-Info of a key that is encrypted in the old way, or empty."""

    label: str
    data: bytes = field(repr=False)
    lines: tuple[str, ...] = field(repr=False)
    cipher: str = field(default="", repr=False)

    @property
    def text(self) -> str:
        """The block as OpenSSL and ssh-keygen print it, with one line end at its end."""
        headers = ["Proc-Type: 4,ENCRYPTED", f"DEK-Info: {self.cipher}", ""] if self.cipher else []
        lines = [f"-----BEGIN {self.label}-----", *headers, *self.lines, f"-----END {self.label}-----"]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Pem:
    """The blocks of a text, and whether anything but blanks stands outside of them."""

    blocks: tuple[Block, ...]
    has_other_text: bool


def straighten(text: str, option: str) -> str:
    r"""The text with line feeds as its only line ends; a written ``\n`` is one where there is no real one inside.

    Raises KeyringError for a text that is empty, a mask, or over 64 KiB.
    """
    check_material(text, option)
    if len(text) > MAX_LENGTH:
        raise KeyringError(
            f"{option} is longer than 64 KiB.",
            "No key, certificate or list of host keys that somebody means is so long.",
            "Check the file or the variable behind it.",
            option=option,
        )
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return text if "\n" in text.strip() else re.sub(r"\\r\\n|\\[rn]", "\n", text)


def has_pem_lines(text: str) -> bool:
    """Whether there is a BEGIN or END line, or what is left of one."""
    return bool(_BOUNDARY.search(text))


def parse_pem(text: str, option: str) -> Pem:
    """The blocks of a straightened text, where folded or indented with their lines restored.

    Raises KeyringError when a block is cut or its body is not base64.
    """
    before, *parts = _BOUNDARY.split(text)
    outside, blocks, opened = [before], [], ""
    body = ""
    for verb, label, content in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        if verb == "BEGIN":
            if opened:
                raise _cut(option, "a BEGIN", "END")
            opened, body = label, content
        else:
            if opened != label:
                raise _cut(option, "an END", "BEGIN")
            blocks.append(_parse_block(label, body, option))
            outside.append(content)
            opened = ""
    if opened:
        raise _cut(option, "a BEGIN", "END")
    return Pem(tuple(blocks), any(part.strip() for part in outside))


def decode_base64(text: str) -> bytes | None:
    """The bytes behind a base64 text, whatever blanks are in it; None where it is not base64."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (ValueError, binascii.Error):
        return None


def is_whole_der(data: bytes) -> bool:
    """Whether the bytes are one ASN.1 sequence, neither cut nor with something after it."""
    if len(data) < 2 or data[0] != 0x30:
        return False
    if data[1] < 0x80:
        return len(data) == 2 + data[1]
    size = data[1] - 0x80
    return len(data) == 2 + size + int.from_bytes(data[2 : 2 + size], "big")


def looks_encoded(text: str) -> bool:
    """Whether a text is the base64 of a PEM text."""
    return b"-----BEGIN " in (decode_base64(text) or b"")


def _parse_block(label: str, body: str, option: str) -> Block:
    headers = _ENCRYPTED.match(body)
    lines = body[headers.end() if headers else 0 :].split()
    data = decode_base64("".join(lines))
    if not data:
        raise KeyringError(
            f"{option} is damaged: what stands between its BEGIN and END lines is not base64.",
            "A part was cut off or replaced.",
            "Copy the whole text again.",
            option=option,
        )
    if len(max(lines, key=len)) > _LONGEST_LINE:
        lines = textwrap.wrap("".join(lines), 70 if label.startswith("OPENSSH ") else 64)
    return Block(label, data, tuple(lines), headers[1] if headers else "")


def _cut(option: str, has: str, lacks: str) -> KeyringError:
    return KeyringError(
        f"{option} is cut: it has {has} line without its {lacks} line.",
        "",
        "Copy the whole text, from the first -----BEGIN to the last -----END line.",
        option=option,
    )
