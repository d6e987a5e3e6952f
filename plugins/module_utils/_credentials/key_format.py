# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The formats of private keys: the PEM blocks that hold one, and the wire format of SSH inside.

Facts: RFC 4251 section 5 (wire format), OpenSSH's PROTOCOL.key.
"""

from __future__ import annotations

import base64
import hashlib
import re
import struct
from collections.abc import Mapping
from typing import Literal

from .._errors import KeyringError
from .pem import (
    PATH_GIVEN,
    Block,
    decode_base64,
    has_pem_lines,
    is_whole_der,
    looks_encoded,
    looks_like_path,
    parse_pem,
    straighten,
)


def read_string(data: bytes) -> tuple[bytes, bytes]:
    """Return the first string in ``data``, and the bytes after it. Raise ValueError if ``data`` is too short."""
    if len(data) < 4:
        raise ValueError("cut")
    (length,) = struct.unpack(">I", data[:4])
    if len(data) < 4 + length:
        raise ValueError("cut")
    return data[4 : 4 + length], data[4 + length :]


def fingerprint(blob: bytes) -> str:
    """Return the fingerprint of a packed public key as ``ssh-keygen -lf`` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


Form = Literal["OpenSSH", "PKCS#1", "PKCS#8", "SEC1"]

FORMS: Mapping[str, Form] = {
    "OPENSSH PRIVATE KEY": "OpenSSH",
    "RSA PRIVATE KEY": "PKCS#1",
    "EC PRIVATE KEY": "SEC1",
    "PRIVATE KEY": "PKCS#8",
    "ENCRYPTED PRIVATE KEY": "PKCS#8",
}
MAGIC = b"openssh-key-v1\0"
_EXPORT = 'Export it: in PuTTYgen "Conversions, Export OpenSSH key", or puttygen key.ppk -O private-openssh -o key.'

# The end of a PEM label, the name of such a string, the remedy.
_NOT_PRIVATE_KEYS = (
    ("PUBLIC KEY", "a public key", "Give the private key, which is the file without .pub."),
    ("CERTIFICATE", "a certificate", "Give the private key that belongs to it."),
    ("CERTIFICATE REQUEST", "a certificate request", "Give the private key that belongs to it."),
    ("DSA PRIVATE KEY", "a DSA key", "SSH servers do not accept it. Generate another: ssh-keygen -t ed25519."),
)
# A pattern for a string without PEM lines, the name of such a string, the remedy.
_OTHER_TEXTS = (
    (r"^[\[{]", "JSON", "Give only the text of the key."),
    (
        r"(?:^|\s)(?:ssh|ecdsa|sk)-[a-z0-9-]+-cert-v01@openssh\.com\s",
        "a certificate",
        "Give the private key that belongs to it.",
    ),
    (r"(?:^|\s)(?:ssh|ecdsa|sk)-[a-z0-9@.-]+\s+AAAA", *_NOT_PRIVATE_KEYS[0][1:]),
    (r"^(?:github_pat|gh[pousr])_", "a GitHub token", "Give the file with the private key; a token is a password."),
    (r"^[0-9a-f]{40}$", "40 hexadecimal digits, as a client secret has", "Give the file with the private key."),
    (r"^---- BEGIN SSH2 PUBLIC KEY ----", *_NOT_PRIVATE_KEYS[0][1:]),
    (r"^PuTTY-User-Key-File-", "a PuTTY key file", _EXPORT),
)


def find_key_block(text: str, option: str) -> Block:
    """Return the one block with a private key. Raise KeyringError, with what the text is instead, if there is none."""
    text = straighten(text, option).strip()
    if text.startswith(("{", "[")) or not has_pem_lines(text):
        raise _key_refusal(option, *_describe_no_key(text))
    pem = parse_pem(text, option)
    # `openssl ecparam -genkey` prints the name of the curve before the key, which names it again.
    blocks = [block for block in pem.blocks if block.label != "EC PARAMETERS"] or list(pem.blocks)
    if len(blocks) > 1:
        raise _key_refusal(option, f"{len(blocks)} PEM blocks", "Give only the private key.")
    if pem.has_other_text:
        raise _key_refusal(option, "more than that", "Remove everything before its BEGIN line and after its END line.")
    block = blocks[0]
    if block.label not in FORMS:
        for end, kind, remedy in _NOT_PRIVATE_KEYS:
            if block.label.endswith(end):
                raise _key_refusal(option, kind, remedy)
        raise _key_refusal(option, "another kind of PEM block", "Check where it comes from.")
    if FORMS[block.label] == "OpenSSH" or block.cipher or is_whole_der(block.data):
        return block
    raise damaged_key(option)


def _describe_no_key(text: str) -> tuple[str, str]:
    """Return what a string without PEM lines is, and the remedy."""
    for pattern, kind, remedy in _OTHER_TEXTS:
        if re.search(pattern, text):
            return kind, remedy
    if looks_like_path(text):
        return PATH_GIVEN
    if looks_encoded(text):
        return "base64 of a PEM text", "Give the text itself: the module encodes it for the Secret."
    data = decode_base64(text) or b""
    if data.startswith(MAGIC) or is_whole_der(data):
        return "a key without its BEGIN and END lines", "Copy the whole text, with the lines that begin with -----."
    return "something else", "Check the file or the variable behind it."


def _key_refusal(option: str, kind: str, remedy: str) -> KeyringError:
    return KeyringError(f"{option} must be one private key; got {kind}.", "", remedy, option=option)


def refuse_encrypted(block: Block, option: str) -> None:
    """Raise KeyringError for a PEM key with a passphrase, for a consumer that cannot ask for it."""
    if block.label.startswith("ENCRYPTED ") or block.cipher:
        raise KeyringError(
            f"{option} is protected by a passphrase.",
            "A task cannot ask for it.",
            "Remove it: openssl pkey -in key -out key.pem.",
            option=option,
        )


def damaged_key(option: str) -> KeyringError:
    """Return the error for a key that has its BEGIN and END lines, but is not complete between them."""
    return KeyringError(
        f"{option} is damaged: it cannot be read as a private key.",
        "A part was cut off or replaced.",
        "Copy the whole text again.",
        option=option,
    )
