# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private SSH keys: parsed, repaired where the text was damaged, and converted to another form.

Facts: OpenSSH's PROTOCOL.key (its own form), RFC 8017 (PKCS#1), RFC 5915 (SEC1), RFC 5958 (PKCS#8), ssh-keygen 9.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Literal, cast

from .._dataclasses import dataclass
from .._errors import KeyringError
from .key_format import FORMS, MAGIC, Form, damaged_key, find_key_block, fingerprint, read_string
from .key_opener import OPENER, KeyOpener
from .pem import Block, decode_base64, require_cryptography
from .secret_values import AFTER_APPLY, check_secret_value

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    _Usable = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

Algorithm = Literal["RSA", "ECDSA", "Ed25519"]

# Found with `ssh-keygen -y` of OpenSSH 9.2 (OpenSSL 3.0), encrypted or not: only Ed25519 as PKCS#8 is refused there.
READ_BY_OPENSSH: Mapping[Algorithm, frozenset[Form]] = {
    "RSA": frozenset(("OpenSSH", "PKCS#1", "PKCS#8")),
    "ECDSA": frozenset(("OpenSSH", "SEC1", "PKCS#8")),
    "Ed25519": frozenset(("OpenSSH",)),
}

# RequiredRSASize in ssh_config(5).
MIN_RSA_BITS = 1024
_CURVES = ("secp256r1", "secp384r1", "secp521r1")
# By the names of the library's classes, as the library removes the classes themselves one after the other.
_OTHER_ALGORITHMS = {
    "DH": "a Diffie-Hellman key",
    "DSA": "a DSA key",
    "Ed448": "an Ed448 key",
    "X25519": "an X25519 key",
    "X448": "an X448 key",
}
_NOT_ACCEPTED = "SSH servers do not accept it."


@dataclass(frozen=True)
class SshKey:
    """An opened private key. ``text`` is the repaired text, ``fingerprint`` as ``ssh-keygen -lf`` prints it.

    ``bits`` is the size of an RSA key, else 0.
    """

    text: str = field(repr=False)
    form: Form
    algorithm: Algorithm
    encrypted: bool
    public_key: str
    fingerprint: str
    bits: int = 0


# In place of a key that check mode does not make.
KEY_TO_COME = SshKey(
    text=AFTER_APPLY,
    form="OpenSSH",
    algorithm="Ed25519",
    encrypted=False,
    public_key=AFTER_APPLY,
    fingerprint=AFTER_APPLY,
)


def parse_private_key(text: str, option: str, passphrase: str | None = None, opener: KeyOpener = OPENER) -> SshKey:
    """Parse a private key. Repair its text where the repair is certain.

    Raise KeyringError, with ``option``, for a key that ssh cannot use, for a passphrase that is missing, wrong or not
    needed, and for a key that takes too long to open.
    """
    block = find_key_block(text, option)
    form = FORMS[block.label]
    encrypted = _needs_passphrase(block, option)
    _check_passphrase(encrypted, passphrase, option)
    key, algorithm, bits = _check_algorithm(_open_block(block, passphrase, option, opener), option)
    public_key = _public_text(key)
    blob = decode_base64(public_key.split()[1]) or b""
    return SshKey(block.text, form, algorithm, encrypted, public_key, fingerprint(blob), bits)


def has_passphrase(text: str, option: str) -> bool:
    """Return whether a private key is protected by a passphrase.

    Raise KeyringError, with ``option``, for a string that is not a private key, as parse_private_key does.
    """
    return _needs_passphrase(find_key_block(text, option), option)


def convert_key(
    key: SshKey, form: Literal["PEM", "OpenSSH", "PKCS#8"], passphrase: str | None, opener: KeyOpener = OPENER
) -> SshKey:
    """Return the same key in another form and without a passphrase, or the key itself if it is so already.

    PEM is PKCS#1 for RSA, SEC1 for ECDSA and PKCS#8 for Ed25519. The OpenSSH form contains random bytes, so compare
    results by ``public_key`` and ``form``. Raise KeyringError as parse_private_key does.
    """
    require_cryptography()
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem: Mapping[Algorithm, Form] = {"RSA": "PKCS#1", "ECDSA": "SEC1", "Ed25519": "PKCS#8"}
    target = pem[key.algorithm] if form == "PEM" else form
    if key.form == target and not key.encrypted:
        return key
    formats = {"OpenSSH": PrivateFormat.OpenSSH, "PKCS#8": PrivateFormat.PKCS8}
    option = "The key"
    opened = cast("_Usable", _open_block(find_key_block(key.text, option), passphrase, option, opener))
    text = opened.private_bytes(Encoding.PEM, formats.get(target, PrivateFormat.TraditionalOpenSSL), NoEncryption())
    return parse_private_key(text.decode(), option, opener=opener)


def _needs_passphrase(block: Block, option: str) -> bool:
    return block.label.startswith("ENCRYPTED ") or bool(block.cipher) or _is_encrypted_openssh(block, option)


def _is_encrypted_openssh(block: Block, option: str) -> bool:
    """Return whether a key in OpenSSH's own form is encrypted. Raise KeyringError for one that ssh cannot use."""
    if FORMS[block.label] != "OpenSSH":
        return False
    try:
        if not block.data.startswith(MAGIC):
            raise ValueError("magic")
        cipher, rest = read_string(block.data[len(MAGIC) :])
        rest = read_string(read_string(rest)[1])[1]  # the key derivation and its parameters
        public, rest = read_string(rest[4:])
        algorithm = read_string(public)[0]
        read_string(rest)
    except ValueError:
        raise damaged_key(option) from None
    if algorithm.startswith(b"sk-"):
        raise _useless(option, "a FIDO key", "It works only while a person touches the hardware that holds it.")
    if algorithm == b"ssh-dss":
        raise _useless(option, "a DSA key", _NOT_ACCEPTED)
    return cipher != b"none"


def _useless(option: str, kind: str, why: str) -> KeyringError:
    return KeyringError(f"{option} is {kind}.", why, "Generate another: ssh-keygen -t ed25519.", option=option)


def _check_passphrase(encrypted: bool, passphrase: str | None, option: str) -> None:
    place = passphrase_option(option)
    if passphrase is not None:
        check_secret_value(passphrase, place)
    if encrypted and passphrase is None:
        raise KeyringError(
            f"{option} is protected by a passphrase.",
            "Without it the key cannot be checked.",
            f"Give {place}.",
            option=place,
        )
    if passphrase is not None and not encrypted:
        raise KeyringError(
            f"{place} is given, but {option} has no passphrase.",
            "It may be the wrong key.",
            f"Check the key, or leave out {place}.",
            option=place,
        )


def passphrase_option(option: str) -> str:
    """Return the name of the option with the passphrase of a key, which is next to that of the key."""
    return option.rpartition(".")[0] + ".passphrase" if "." in option else "passphrase"


def _open_block(block: Block, passphrase: str | None, option: str, opener: KeyOpener) -> object:
    """Return the key as an object of the library."""
    opened = opener.open(block, passphrase, option)
    if opened == "unsupported" or opened == "no_bcrypt":
        raise _unsupported(passphrase, opened == "no_bcrypt", option)
    if opened != "damaged":
        return opened
    if passphrase is None:
        raise damaged_key(option)
    raise KeyringError(
        f"{passphrase_option(option)} does not open {option}.",
        "The passphrase is not that of this key, or the key is damaged.",
        "Try them: ssh-keygen -y -f key.",
        option=passphrase_option(option),
    )


def _unsupported(passphrase: str | None, lacks_bcrypt: bool, option: str) -> KeyringError:
    if lacks_bcrypt:
        return KeyringError(
            "The Python package bcrypt is missing on the machine that runs this task.",
            f"It is needed to open {option}, which has a passphrase and the form of OpenSSH.",
            "Install it there: pip install bcrypt.",
            failure="missing_library",
            option=option,
        )
    if passphrase is None:
        return KeyringError(
            f"{option} has an algorithm that SSH does not use.",
            "",
            "Give an RSA, ECDSA or Ed25519 key.",
            option=option,
        )
    return KeyringError(
        f"{option} is encrypted in a way that cannot be read here.",
        "",
        "Encrypt it again in the usual way: ssh-keygen -p -f key.",
        option=option,
    )


def _check_algorithm(key: object, option: str) -> tuple[_Usable, Algorithm, int]:
    """Return the key, the name of its algorithm, and the bits of an RSA key.

    Raise KeyringError if ssh cannot sign with it.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < MIN_RSA_BITS:
            raise _useless(option, f"an RSA key of {key.key_size} bits", f"ssh needs at least {MIN_RSA_BITS}.")
        return key, "RSA", key.key_size
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key, "Ed25519", 0
    if isinstance(key, ec.EllipticCurvePrivateKey):
        if key.curve.name in _CURVES:
            return key, "ECDSA", 0
        raise _useless(option, "an ECDSA key on another curve than nistp256, nistp384 and nistp521", _NOT_ACCEPTED)
    name = key.__class__.__name__.strip("_").removesuffix("PrivateKey")
    raise _useless(option, _OTHER_ALGORITHMS.get(name, "a key of an unknown algorithm"), _NOT_ACCEPTED)


def _public_text(key: _Usable) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
