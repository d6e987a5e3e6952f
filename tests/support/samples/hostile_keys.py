# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private keys and certificates that somebody wrote to make a reader wait or fail. No library makes them."""

from __future__ import annotations

import base64
import struct
from collections.abc import Mapping

from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from support.samples.keys import PASSPHRASE, certificate, private_key

RSA_OID = bytes.fromhex("2a864886f70d010101")
DH_OID = bytes.fromhex("2a864886f70d010301")
DSA_OID = bytes.fromhex("2a8648ce380401")
EC_OID = bytes.fromhex("2a8648ce3d0201")
PRIME_FIELD_OID = bytes.fromhex("2a8648ce3d0101")
PBES2_OID = bytes.fromhex("2a864886f70d01050d")
PBKDF2_OID = bytes.fromhex("2a864886f70d01050c")
SCRYPT_OID = bytes.fromhex("2b06010401da47040b")
AES_OID = bytes.fromhex("60864801650304012a")
PBE_SHA_3DES_OID = bytes.fromhex("2a864886f70d010c0103")


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def integer(value: int) -> bytes:
    return der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def sequence(*parts: bytes) -> bytes:
    return der(0x30, b"".join(parts))


def octets(content: bytes) -> bytes:
    return der(0x04, content)


def oid(content: bytes) -> bytes:
    return der(0x06, content)


def pem(label: str, data: bytes) -> str:
    return f"-----BEGIN {label}-----\n{base64.encodebytes(data).decode()}-----END {label}-----\n"


def rsa_key(bits: int) -> bytes:
    """An RSA key in PKCS#1 of numbers without a meaning: only their sizes are as in a real one."""
    large, half = (1 << (bits - 1)) | 1, (1 << (bits // 2 - 1)) | 1
    numbers = (0, large, 65537, large >> 1, half, half, half >> 1, half >> 1, half >> 1)
    return sequence(*map(integer, numbers))


def packed(*strings: bytes) -> bytes:
    return b"".join(struct.pack(">I", len(string)) + string for string in strings)


def openssh_key(rounds: int | None, algorithm: bytes = b"ssh-ed25519", *numbers: bytes) -> str:
    """A key in OpenSSH's own form; with ``rounds`` it is encrypted, if only by name."""
    encrypted = rounds is not None
    settings = packed(b"s" * 16) + struct.pack(">I", rounds) if rounds is not None else b""
    names = (b"aes256-ctr", b"bcrypt") if encrypted else (b"none", b"none")
    head = b"openssh-key-v1\0" + packed(*names, settings) + struct.pack(">I", 1)
    public = packed(algorithm, *(numbers or (b"k" * 32,)))
    return pem("OPENSSH PRIVATE KEY", head + packed(public, b"x" * 256))


def with_rounds(rounds: int) -> str:
    """A real Ed25519 key with a passphrase whose rounds were set afterwards, as an attacker does it."""
    how = BestAvailableEncryption(PASSPHRASE.encode())
    text = private_key("Ed25519").private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, how).decode()
    data = base64.b64decode("".join(text.splitlines()[1:-1]))
    start = data.index(b"bcrypt") + len(b"bcrypt")
    place = start + 4 + 4 + struct.unpack(">I", data[start + 4 : start + 8])[0]
    return pem("OPENSSH PRIVATE KEY", data[:place] + struct.pack(">I", rounds) + data[place + 4 :])


def encrypted_pkcs8(derivation: bytes, encrypted: int = 128) -> str:
    cipher = sequence(oid(AES_OID), octets(b"i" * 16))
    settings = sequence(oid(PBES2_OID), sequence(derivation, cipher))
    return pem("ENCRYPTED PRIVATE KEY", sequence(settings, octets(b"x" * encrypted)))


def pbkdf2(iterations: int, *more: int) -> bytes:
    return sequence(oid(PBKDF2_OID), sequence(octets(b"s" * 8), integer(iterations), *map(integer, more)))


def scrypt(cost: int, block_size: int, parallel: int) -> bytes:
    return sequence(oid(SCRYPT_OID), sequence(octets(b"s" * 8), integer(cost), integer(block_size), integer(parallel)))


def pkcs8(algorithm: bytes, parameters: bytes, key: bytes) -> str:
    return pem("PRIVATE KEY", sequence(integer(0), sequence(oid(algorithm), parameters), octets(key)))


def explicit_curve(bits: int) -> bytes:
    """The parameters of an elliptic curve that no standard has."""
    prime = integer((1 << (bits - 1)) | 1)
    field = sequence(oid(PRIME_FIELD_OID), prime)
    return sequence(integer(1), field, sequence(octets(b"a" * 32), octets(b"b" * 32)), octets(b"\x04" * 65), prime)


def certificate_of_version(version: int) -> str:
    """A certificate with a version that no standard has."""
    lines = certificate("Ed25519").splitlines()
    data = base64.b64decode("".join(lines[1:-1]))
    place = data.index(bytes.fromhex("a003020102")) + 4
    return pem("CERTIFICATE", data[:place] + bytes([version]) + data[place + 1 :])


HUGE = (1 << 65_535) | 1

# Keys over a bound: the passphrase that is beside them, and what the refusal says of them.
TOO_COSTLY: Mapping[str, tuple[str, str | None, str]] = {
    "bcrypt 2^32-1": (with_rounds(2**32 - 1), PASSPHRASE, "4294967295 rounds of bcrypt, and at most 512"),
    "bcrypt 513": (with_rounds(513), PASSPHRASE, "513 rounds of bcrypt, and at most 512"),
    "PBKDF2": (encrypted_pkcs8(pbkdf2(2**31)), PASSPHRASE, "2147483648 iterations of its key derivation"),
    "PBKDF2 with many digits": (encrypted_pkcs8(pbkdf2(HUGE)), PASSPHRASE, "2^64 or more iterations"),
    "PBKDF2 with a long key": (encrypted_pkcs8(pbkdf2(1_000_000, 2**20)), PASSPHRASE, "iterations of its key"),
    "PBES1": (
        pem(
            "ENCRYPTED PRIVATE KEY",
            sequence(sequence(oid(PBE_SHA_3DES_OID), sequence(octets(b"s" * 8), integer(10**9))), octets(b"x" * 128)),
        ),
        PASSPHRASE,
        "1000000000 iterations",
    ),
    "scrypt N": (encrypted_pkcs8(scrypt(2**30, 8, 1)), PASSPHRASE, "8589934592 as N*r of scrypt"),
    "scrypt r": (encrypted_pkcs8(scrypt(16, 2**30, 1)), PASSPHRASE, "as N*r of scrypt"),
    "scrypt p": (encrypted_pkcs8(scrypt(2**14, 8, 2**20)), PASSPHRASE, "as N*r*p of scrypt"),
    "RSA 65536, PKCS#1": (pem("RSA PRIVATE KEY", rsa_key(65_536)), None, "65536 bits, and at most 8192"),
    "RSA 65536, PKCS#8": (pkcs8(RSA_OID, b"\x05\x00", rsa_key(65_536)), None, "65536 bits"),
    "RSA 8200, OpenSSH": (openssh_key(None, b"ssh-rsa", b"\x01\x00\x01", b"\x80" + b"n" * 1024), None, "8200 bits"),
    "RSA 8200, OpenSSH with passphrase": (
        openssh_key(16, b"ssh-rsa", b"\x01\x00\x01", b"\x80" + b"n" * 1024),
        PASSPHRASE,
        "8200 bits",
    ),
    "RSA, PKCS#1 with passphrase": (
        pem("RSA PRIVATE KEY", b"x" * 36_864).replace(
            "KEY-----\n",
            "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n",
            1,
        ),
        PASSPHRASE,
        "36864 encrypted bytes",
    ),
    "RSA, PKCS#8 with passphrase": (encrypted_pkcs8(pbkdf2(2048), 36_864), PASSPHRASE, "36864 encrypted bytes"),
    "RSA with a large exponent": (
        pem("RSA PRIVATE KEY", sequence(*map(integer, (0, 2**2047, HUGE, 3, 5, 5, 3, 3, 3)))),
        None,
        "65536 bits",
    ),
    "DSA": (pkcs8(DSA_OID, sequence(integer(HUGE), integer(HUGE), integer(2)), integer(3)), None, "65536 bits"),
    "Diffie-Hellman": (pkcs8(DH_OID, sequence(integer(HUGE), integer(2)), integer(3)), None, "65536 bits"),
    "a curve of its own": (
        pkcs8(EC_OID, explicit_curve(65_536), sequence(integer(1), octets(b"k" * 32))),
        None,
        "65536 bits",
    ),
    "a curve of its own, SEC1": (
        pem("EC PRIVATE KEY", sequence(integer(1), octets(b"k" * 32), der(0xA0, explicit_curve(65_536)))),
        None,
        "65536 bits",
    ),
}
