# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates and client pairs: what is repaired, and what is refused with which words."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.certificates import (
    check_certificates,
    check_client_pair,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from support.samples.keys import certificate, certificate_request, key_text, public_pem
from support.samples.secrets import encode, refusal

OPTION = "https.ca_certificates"
RSA = certificate("RSA")
ECDSA = certificate("ECDSA")
ED25519 = certificate("Ed25519")
BODY = "".join(ECDSA.splitlines()[1:-1])


def armour(label: str, data: bytes) -> str:
    return f"-----BEGIN {label}-----\n{encode(data)}\n-----END {label}-----\n"


DAMAGES: dict[str, Callable[[str], str]] = {
    "none": str,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "written line ends": lambda text: text.replace("\n", r"\n"),
    "folded": lambda text: text.strip().replace("\n", " "),
    "indented": lambda text: "".join(f"  {line}" for line in text.splitlines(keepends=True)),
    "without the last line end": lambda text: text.rstrip("\n"),
    "without line ends": lambda text: text.replace("\n", ""),
    "empty lines": lambda text: text.replace("-----\n", "-----\n\n"),
    "comments": lambda text: text.replace("-----BEGIN", "\nsubject=CN = git.example.com\n-----BEGIN"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("text", [ECDSA, RSA + ECDSA + ED25519], ids=["one", "three"])
def test_certificates_are_repaired(text: str, damage: Callable[[str], str]) -> None:
    assert check_certificates(damage(text), OPTION) == text


NO_CERTIFICATE = "https.ca_certificates must be one or more certificates in PEM form; got {}. {}"
PRIVATE = NO_CERTIFICATE.format("a private key", "Give only the certificate, because anyone may read this value.")
REQUEST = NO_CERTIFICATE.format("a certificate request", "Give the certificate that the authority issued for it.")
PUBLIC = NO_CERTIFICATE.format("a public key", "Give the certificate that contains it.")
TRUSTED = NO_CERTIFICATE.format(
    "a certificate in OpenSSL's own form", "Convert it: openssl x509 -in ca.pem -out ca.crt."
)
OTHER = NO_CERTIFICATE.format("another kind of PEM block", "Remove it.")
ENCODED = NO_CERTIFICATE.format("base64 of a PEM text", "Give the text itself: the module encodes it for the Secret.")
DER = NO_CERTIFICATE.format(
    "base64 without BEGIN and END lines", "Convert it: openssl x509 -inform DER -in ca.der -out ca.crt."
)
PATH = NO_CERTIFICATE.format(
    "the path of a file", "Give the content of the file, such as with lookup('ansible.builtin.file', path)."
)
ELSE = NO_CERTIFICATE.format("something else", "Check the file or the variable behind it.")
DAMAGED = (
    "{} is damaged: it cannot be read as a certificate. A part was cut off or replaced. Copy the whole text again."
)
CUT = (
    "https.ca_certificates is cut: it has a BEGIN line without its END line. "
    "Copy the whole text, from the first -----BEGIN to the last -----END line."
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "",
            "https.ca_certificates is empty. An empty value would replace a working credential. "
            "Check the variable behind it, or leave the option out together with update_credentials=when_given.",
            id="empty",
        ),
        pytest.param(key_text("ECDSA PKCS#8"), PRIVATE, id="key"),
        pytest.param(ECDSA + key_text("ECDSA SEC1"), PRIVATE, id="certificate and key"),
        pytest.param(certificate_request("ECDSA"), REQUEST, id="request"),
        pytest.param(certificate_request("ECDSA").replace("CERT", "NEW CERT"), REQUEST, id="new request"),
        pytest.param(public_pem("ECDSA"), PUBLIC, id="public key"),
        pytest.param(armour("TRUSTED CERTIFICATE", b"0\0"), TRUSTED, id="trusted"),
        pytest.param(armour("X509 CRL", b"0\0"), OTHER, id="revocations"),
        pytest.param(encode(ECDSA), ENCODED, id="base64"),
        pytest.param(BODY, DER, id="base64 of DER"),
        pytest.param("a1B2" * 2048, ELSE, id="noise"),
        pytest.param("/etc/ssl/certs/ca.crt", PATH, id="path"),
        pytest.param(ECDSA[:300], CUT, id="cut"),
        pytest.param(armour("CERTIFICATE", base64.b64decode(BODY)[:-9]), DAMAGED.format(OPTION), id="short"),
        pytest.param(
            RSA + armour("CERTIFICATE", b"0\0"), DAMAGED.format(f"{OPTION}, certificate 2,"), id="the second is empty"
        ),
    ],
)
def test_what_is_no_certificate_is_refused(text: str, message: str) -> None:
    assert refusal(check_certificates, text, OPTION) == message


@given(text=st.text(max_size=200) | st.binary(min_size=1, max_size=100).map(lambda data: armour("CERTIFICATE", data)))
def test_no_text_is_an_accident(text: str) -> None:
    try:
        check_certificates(text, OPTION)
    except KeyringError:
        return
    raise AssertionError(f"{text!r} is a certificate")


# --- a certificate and its key ---------------------------------------------------------------------------------------

OPTIONS = ("https.client_certificate", "https.client_key")


@pytest.mark.parametrize(
    "kind", ["RSA PKCS#1", "RSA PKCS#8", "ECDSA SEC1", "ECDSA PKCS#8", "ECDSA-521 SEC1", "Ed25519 PKCS#8"]
)
def test_a_pair_is_repaired(kind: str) -> None:
    text, key = certificate(kind.split()[0]), key_text(kind)
    crlf = text.replace("\n", "\r\n"), key.replace("\n", "\r\n")
    assert check_client_pair(*crlf, *OPTIONS) == (text, key)


def test_the_authority_may_stand_below() -> None:
    assert check_client_pair(ECDSA + RSA, key_text("ECDSA SEC1"), *OPTIONS)[0] == ECDSA + RSA


OF_ANOTHER = (
    "https.client_key does not belong to https.client_certificate. The certificate was made for another key. "
    "Give a matching pair. With several certificates, put the one for the key first."
)
PROTECTED = (
    "https.client_key is protected by a passphrase. A task cannot ask for it. "
    "Remove it: openssl pkey -in key -out key.pem."
)


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        pytest.param(ECDSA, key_text("ECDSA-521 SEC1"), OF_ANOTHER, id="another key"),
        pytest.param(ECDSA, key_text("RSA PKCS#8"), OF_ANOTHER, id="another algorithm"),
        pytest.param(RSA + ECDSA, key_text("ECDSA SEC1"), OF_ANOTHER, id="wrong order"),
        pytest.param(ECDSA, key_text("ECDSA SEC1", encrypted=True), PROTECTED, id="passphrase"),
        pytest.param(ECDSA, key_text("ECDSA PKCS#8", encrypted=True), PROTECTED, id="passphrase, PKCS#8"),
        pytest.param(
            ECDSA,
            key_text("ECDSA OpenSSH"),
            "https.client_key has the form of OpenSSH, which TLS does not read. "
            "Convert it: ssh-keygen -p -m PKCS8 -f key.",
            id="OpenSSH",
        ),
        pytest.param(
            ECDSA,
            ECDSA,
            "https.client_key must be one private key; got a certificate. Give the private key that belongs to it.",
            id="certificate twice",
        ),
        pytest.param(
            ECDSA,
            armour("PRIVATE KEY", b"0\0"),
            "https.client_key is damaged: it cannot be read as a private key. "
            "A part was cut off or replaced. Copy the whole text again.",
            id="damaged key",
        ),
        pytest.param(
            key_text("ECDSA SEC1"),
            ECDSA,
            PRIVATE.replace(OPTION, OPTIONS[0]),
            id="the other way round",
        ),
    ],
)
def test_what_is_no_pair_is_refused(text: str, key: str, message: str) -> None:
    assert refusal(check_client_pair, text, key, *OPTIONS) == message
