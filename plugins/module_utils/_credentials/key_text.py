# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of a private key: which PEM block it is, or what was given in its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from .._errors import KeyringError
from .pem import Block, decode_base64, has_pem_lines, is_whole_der, looks_encoded, parse_pem, straighten

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

# The end of a PEM label, what such a text is, and what to do.
_OTHER_BLOCKS = (
    ("PUBLIC KEY", "a public key", "Give the private key, which is the file without .pub."),
    ("CERTIFICATE", "a certificate", "Give the private key that belongs to it."),
    ("CERTIFICATE REQUEST", "a certificate request", "Give the private key that belongs to it."),
    ("DSA PRIVATE KEY", "a DSA key", "SSH servers do not accept it. Make another: ssh-keygen -t ed25519."),
)
# What a text without PEM lines begins with or has in it, what it is then, and what to do.
_OTHER_TEXTS = (
    (r"^[\[{]", "JSON", "Give the text of the key alone."),
    (
        r"(?:^|\s)(?:ssh|ecdsa|sk)-[a-z0-9-]+-cert-v01@openssh\.com\s",
        "a certificate",
        "Give the private key that belongs to it.",
    ),
    (r"(?:^|\s)(?:ssh|ecdsa|sk)-[a-z0-9@.-]+\s+AAAA", *_OTHER_BLOCKS[0][1:]),
    (r"^---- BEGIN SSH2 PUBLIC KEY ----", *_OTHER_BLOCKS[0][1:]),
    (r"^PuTTY-User-Key-File-", "a PuTTY key file", _EXPORT),
)


def find_key_block(text: str, option: str) -> Block:
    """The one block with a private key, or a refusal that says what the text is instead."""
    text = straighten(text, option).strip()
    if text.startswith(("{", "[")) or not has_pem_lines(text):
        raise _refusal(option, *_describe(text))
    pem = parse_pem(text, option)
    # `openssl ecparam -genkey` prints the name of the curve before the key, which names it again.
    blocks = [block for block in pem.blocks if block.label != "EC PARAMETERS"] or list(pem.blocks)
    if len(blocks) > 1:
        raise _refusal(option, f"{len(blocks)} PEM blocks", "Give the one private key alone.")
    if pem.has_other_text:
        raise _refusal(option, "more than that", "Remove what stands before its BEGIN line and after its END line.")
    block = blocks[0]
    if block.label not in FORMS:
        other = [row[1:] for row in _OTHER_BLOCKS if block.label.endswith(row[0])]
        raise _refusal(option, *(other[0] if other else ("another kind of PEM block", "Check where it comes from.")))
    if FORMS[block.label] == "OpenSSH" or block.cipher or is_whole_der(block.data):
        return block
    raise damaged_key(option)


def _describe(text: str) -> tuple[str, str]:
    for pattern, kind, remedy in _OTHER_TEXTS:
        if re.search(pattern, text):
            return kind, remedy
    if looks_encoded(text):
        return "base64 of a PEM text", "Give the text itself: the module encodes it for the Secret."
    data = decode_base64(text) or b""
    if data.startswith(MAGIC) or is_whole_der(data):
        return "a key without its BEGIN and END lines", "Copy the whole text, with the lines that begin with -----."
    return "something else", "Check the file or the variable behind it."


def _refusal(option: str, kind: str, remedy: str) -> KeyringError:
    return KeyringError(f"{option} must be one private key; got {kind}.", "", remedy, option=option)


def refuse_encrypted(block: Block, option: str) -> None:
    """Raise KeyringError for a PEM key with a passphrase, where the consumer can not ask for it."""
    if block.label.startswith("ENCRYPTED ") or block.cipher:
        raise KeyringError(
            f"{option} is protected by a passphrase.",
            "Nobody is there to type it.",
            "Remove it: openssl pkey -in key -out key.pem.",
            option=option,
        )


def damaged_key(option: str) -> KeyringError:
    """The refusal of a key whose lines are there, but not all that should stand between them."""
    return KeyringError(
        f"{option} is damaged: it can not be read as a private key.",
        "A part was cut off or replaced.",
        "Copy the whole text again.",
        option=option,
    )
