# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PEM texts, repaired from the damage of YAML, forms and Windows where the repair is certain.

Facts: RFC 7468 (the lines around the body), RFC 1421 (the headers of an encrypted key), ssh-keygen (lines of 70).
"""

from __future__ import annotations

import base64
import binascii
import re
import textwrap
from dataclasses import field

from .._dataclasses import dataclass
from .._errors import KeyringError
from .secret_values import check_secret_value
from .text_encoding import BYTE_ORDER_MARK


def require_cryptography() -> None:
    """Raise KeyringError if the package cryptography is missing. Call it before a function imports from it."""
    try:
        import cryptography  # noqa: F401
    except ImportError:
        raise KeyringError(
            "The Python package cryptography is missing on the machine that runs this task.",
            "It is needed to read keys and certificates.",
            "Install it there: pip install cryptography.",
            failure="missing_library",
        ) from None


def is_library_fault(error: BaseException) -> bool:
    """Return whether the package cryptography raised an exception because of the data that it reads.

    Its part in Rust may raise PanicException, which derives from BaseException, as do the exceptions that end a task:
    those of a signal and of a timeout.
    """
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


MAX_LENGTH = 64 * 1024

_BOUNDARY = re.compile(r"-----(BEGIN|END) ([A-Z0-9][A-Z0-9 ]{0,40})-----")
_ENCRYPTED = re.compile(r"\s*Proc-Type:\s*4,ENCRYPTED\s+DEK-Info:\s*([A-Za-z0-9,-]+)\s")

# RFC 2045 has lines of 76, ssh-keygen of 70, OpenSSL of 64. A string with longer lines has lost its newlines.
_LONGEST_LINE = 76
_LONGEST_PATH = 255
_PATH = re.compile(r"(?:~|\.{1,2})?(?:/[\w.@ -]+)+|[\w-][\w.-]*\.(?:crt|key|pem)")
# The kind and the remedy for such a string in the place of a file's content.
PATH_GIVEN = ("the path of a file", "Give the content of the file, such as with lookup('ansible.builtin.file', path).")


@dataclass(frozen=True)
class Block:
    """A PEM block. ``cipher`` is the value of DEK-Info of a key that is encrypted as in RFC 1421, or empty."""

    label: str
    data: bytes = field(repr=False)
    lines: tuple[str, ...] = field(repr=False)
    cipher: str = field(default="", repr=False)

    @property
    def text(self) -> str:
        """Return the block as OpenSSL and ssh-keygen print it, with one newline at the end."""
        headers = ["Proc-Type: 4,ENCRYPTED", f"DEK-Info: {self.cipher}", ""] if self.cipher else []
        lines = [f"-----BEGIN {self.label}-----", *headers, *self.lines, f"-----END {self.label}-----"]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Pem:
    """The PEM blocks of a string. ``has_other_text`` states whether anything but whitespace is outside of them."""

    blocks: tuple[Block, ...]
    has_other_text: bool


def straighten(text: str, option: str) -> str:
    r"""Return the text with line feeds as its only newlines.

    Replace a written ``\n`` if there is no real newline inside. Raise KeyringError for a string that is empty, a
    mask, or over 64 KiB.
    """
    text = text.removeprefix(BYTE_ORDER_MARK)
    check_secret_value(text, option)
    if len(text) > MAX_LENGTH:
        raise KeyringError(
            f"{option} is longer than 64 KiB.",
            "No valid key, certificate or list of host keys is that long.",
            "Check the file or the variable behind it.",
            option=option,
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\n" in text.strip():
        return text
    return re.sub(r"\\r\\n|\\[rn]", "\n", text)


def has_pem_lines(text: str) -> bool:
    """Return whether there is a BEGIN or END line, also inside a longer line."""
    return bool(_BOUNDARY.search(text))


def parse_pem(text: str, option: str) -> Pem:
    """Parse the blocks of a straightened text. Restore their lines if they are folded or indented.

    Raise KeyringError if a block is cut or its body is not base64.
    """
    before, *parts = _BOUNDARY.split(text)
    outside, blocks = [before], []
    opened = body = ""
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
    """Decode base64 regardless of whitespace in it. Return None if it is not base64."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (ValueError, binascii.Error):
        return None


def is_whole_der(data: bytes) -> bool:
    """Return whether the bytes are exactly one ASN.1 sequence in DER: ITU-T X.690."""
    if len(data) < 2 or data[0] != 0x30:
        return False
    if data[1] < 0x80:
        return len(data) == 2 + data[1]
    size = data[1] - 0x80
    return len(data) == 2 + size + int.from_bytes(data[2 : 2 + size], "big")


def looks_encoded(text: str) -> bool:
    """Return whether a string is the base64 of PEM."""
    return b"-----BEGIN " in (decode_base64(text) or b"")


def looks_like_path(text: str) -> bool:
    """Return whether a string is the path of a file, which people give in place of its content."""
    return len(text) <= _LONGEST_PATH and _PATH.fullmatch(text) is not None


def _parse_block(label: str, body: str, option: str) -> Block:
    cipher = ""
    headers = _ENCRYPTED.match(body)
    if headers:
        cipher = headers[1]
        body = body[headers.end() :]
    lines = body.split()
    data = decode_base64("".join(lines))
    if not data:
        raise KeyringError(
            f"{option} is damaged: the text between its BEGIN and END lines is not base64.",
            "A part was cut off or replaced.",
            "Copy the whole text again.",
            option=option,
        )
    if len(max(lines, key=len)) > _LONGEST_LINE:
        width = 70 if label.startswith("OPENSSH ") else 64
        lines = textwrap.wrap("".join(lines), width)
    return Block(label, data, tuple(lines), cipher)


def _cut(option: str, has: str, lacks: str) -> KeyringError:
    return KeyringError(
        f"{option} is cut: it has {has} line without its {lacks} line.",
        "",
        "Copy the whole text, from the first -----BEGIN to the last -----END line.",
        option=option,
    )
