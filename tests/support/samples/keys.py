# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys and certificates for tests, made when they are first asked for: none lies in the repository."""

from __future__ import annotations

import datetime
import subprocess
import textwrap
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

PASSPHRASE = "correct horse"
FORMATS = {
    "OpenSSH": PrivateFormat.OpenSSH,
    "PKCS#1": PrivateFormat.TraditionalOpenSSL,
    "SEC1": PrivateFormat.TraditionalOpenSSL,
    "PKCS#8": PrivateFormat.PKCS8,
}
# Every algorithm in every form that it has.
KINDS = tuple(
    f"{algorithm} {form}"
    for algorithm, forms in (
        ("RSA", ("OpenSSH", "PKCS#1", "PKCS#8")),
        ("ECDSA", ("OpenSSH", "SEC1", "PKCS#8")),
        ("ECDSA-384", ("OpenSSH", "SEC1")),
        ("ECDSA-521", ("OpenSSH", "SEC1")),
        ("Ed25519", ("OpenSSH", "PKCS#8")),
    )
    for form in forms
)

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@cache
def private_key(algorithm: str) -> Key:
    """The key of this algorithm that all tests share."""
    curves = {"ECDSA": ec.SECP256R1(), "ECDSA-384": ec.SECP384R1(), "ECDSA-521": ec.SECP521R1()}
    if algorithm == "RSA":
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(curves[algorithm]) if algorithm in curves else ed25519.Ed25519PrivateKey.generate()


@cache
def key_text(kind: str, *, encrypted: bool = False) -> str:
    """A private key of KINDS in the lines in which ssh-keygen and OpenSSL print it."""
    algorithm, form = kind.split()
    how: KeySerializationEncryption = BestAvailableEncryption(PASSPHRASE.encode()) if encrypted else NoEncryption()
    text = private_key(algorithm).private_bytes(Encoding.PEM, FORMATS[form], how).decode()
    if form != "OpenSSH":
        return text
    begin, *lines, end = text.splitlines()
    return "\n".join([begin, *textwrap.wrap("".join(lines), 70), end, ""])


@cache
def weak_rsa_key(bits: int) -> str:
    """A private RSA key of few bits in PKCS#1. OpenSSL makes it also where Python refuses."""
    command = ["openssl", "genrsa", "-traditional", str(bits)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def public_line(algorithm: str) -> str:
    """The public key as it stands in a .pub file, without comment and line end."""
    return private_key(algorithm).public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def public_pem(algorithm: str) -> str:
    """The public key as OpenSSL prints it."""
    key = private_key(algorithm).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@cache
def certificate(algorithm: str) -> str:
    """A certificate of that key, signed with the key itself."""
    key = private_key(algorithm)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "git.example.com")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=3650))
    )
    signed = builder.sign(key, None if algorithm == "Ed25519" else hashes.SHA256())
    return signed.public_bytes(Encoding.PEM).decode()


@cache
def certificate_request(algorithm: str) -> str:
    """A request for a certificate of that key."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "git.example.com")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name)
    return request.sign(private_key(algorithm), hashes.SHA256()).public_bytes(Encoding.PEM).decode()
