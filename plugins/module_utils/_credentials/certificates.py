# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates for TLS: a bundle of authorities, and a client certificate with its key.

Some consumers ignore a bundle that they cannot parse, so it is checked here. Facts: RFC 7468.
"""

from __future__ import annotations

from typing import Any

from .._errors import KeyringError
from .key_format import FORMS, damaged_key, find_key_block, refuse_encrypted
from .key_opener import OPENER, KeyOpener
from .pem import (
    PATH_GIVEN,
    Block,
    decode_base64,
    has_pem_lines,
    is_library_fault,
    is_whole_der,
    looks_encoded,
    looks_like_path,
    parse_pem,
    require_cryptography,
    straighten,
)

_CERTIFICATE_LABEL = "CERTIFICATE"
# The end of a PEM label, the name of such a block, the remedy.
_NOT_CERTIFICATES = (
    ("PRIVATE KEY", "a private key", "Give only the certificate, because anyone may read this value."),
    ("CERTIFICATE REQUEST", "a certificate request", "Give the certificate that the authority issued for it."),
    ("PUBLIC KEY", "a public key", "Give the certificate that contains it."),
    ("TRUSTED CERTIFICATE", "a certificate in OpenSSL's own form", "Convert it: openssl x509 -in ca.pem -out ca.crt."),
)


def check_certificates(text: str, option: str) -> str:
    """Return the PEM certificates of a string with repaired newlines, without comments between them.

    Raise KeyringError, with ``option``, if there is none, or if one of the blocks is something else or damaged.
    """
    blocks = _certificate_blocks(text, option)
    for number, block in enumerate(blocks, 1):
        place = f"{option}, certificate {number}," if len(blocks) > 1 else option
        _certificate_public_key(block, place)
    return "".join(block.text for block in blocks)


def check_client_pair(
    certificate: str, key: str, option_certificate: str, option_key: str, opener: KeyOpener = OPENER
) -> tuple[str, str]:
    """Return a client certificate, perhaps with its chain, and its key, both with repaired newlines.

    Raise KeyringError, with the options, if one of them cannot be parsed, if the key has a passphrase, or if it does
    not belong to the first certificate.
    """
    chain = check_certificates(certificate, option_certificate)
    block = find_key_block(key, option_key)
    if FORMS[block.label] == "OpenSSH":
        raise KeyringError(
            f"{option_key} has the form of OpenSSH, which TLS does not read.",
            "",
            "Convert it: ssh-keygen -p -m PKCS8 -f key.",
            option=option_key,
        )
    refuse_encrypted(block, option_key)
    if _private_key_public_half(block, option_key, opener) != _certificate_public_key(
        _certificate_blocks(chain, option_certificate)[0], option_certificate
    ):
        raise KeyringError(
            f"{option_key} does not belong to {option_certificate}.",
            "The certificate was made for another key.",
            "Give a matching pair. With several certificates, put the one for the key first.",
            option=option_key,
        )
    return chain, block.text


def _certificate_blocks(text: str, option: str) -> tuple[Block, ...]:
    text = straighten(text, option).strip()
    if not has_pem_lines(text):
        raise _certificate_refusal(option, *_describe_no_certificate(text))
    blocks = parse_pem(text, option).blocks
    for block in blocks:
        if block.label != _CERTIFICATE_LABEL:
            other = [row[1:] for row in _NOT_CERTIFICATES if block.label.endswith(row[0])]
            raise _certificate_refusal(option, *(other[0] if other else ("another kind of PEM block", "Remove it.")))
    return blocks


def _describe_no_certificate(text: str) -> tuple[str, str]:
    if looks_like_path(text):
        return PATH_GIVEN
    if looks_encoded(text):
        return "base64 of a PEM text", "Give the text itself: the module encodes it for the Secret."
    if is_whole_der(decode_base64(text) or b""):
        return "base64 without BEGIN and END lines", "Convert it: openssl x509 -inform DER -in ca.der -out ca.crt."
    return "something else", "Check the file or the variable behind it."


def _certificate_refusal(option: str, kind: str, remedy: str) -> KeyringError:
    return KeyringError(
        f"{option} must be one or more certificates in PEM form; got {kind}.", "", remedy, option=option
    )


def _certificate_public_key(block: Block, place: str) -> bytes:
    """Return the public key of a certificate in DER. Raise KeyringError if it cannot be parsed."""
    require_cryptography()
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from cryptography.x509 import load_der_x509_certificate

    try:
        found = load_der_x509_certificate(block.data)
        return found.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except BaseException as error:
        if not is_library_fault(error):
            raise
    raise KeyringError(
        f"{place} is damaged: it cannot be read as a certificate.",
        "A part was cut off or replaced.",
        "Copy the whole text again.",
        option=place,
    )


def _private_key_public_half(block: Block, option: str, opener: KeyOpener) -> bytes:
    """Return the public key of a private key in DER. Raise KeyringError if it cannot be opened."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    opened: Any = opener.open(block, None, option)
    try:
        return bytes(opened.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    except BaseException as error:
        if not is_library_fault(error):
            raise
    raise damaged_key(option)
