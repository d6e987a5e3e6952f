# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cost of opening a private key, read from its headers before any library opens it.

The author of a key decides on its cost. A library that opens a key runs to its end: neither a signal nor a timeout of
Ansible stops it. So a key over a bound is not opened.

Facts: OpenSSH's PROTOCOL.key, RFC 8017 (PKCS#1), RFC 5958 (PKCS#8), RFC 8018 (PBES2), RFC 7914 (scrypt).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .._dataclasses import dataclass
from .._errors import KeyringError
from .der import (
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    Element,
    read_elements,
    read_integer,
    read_sequence,
    walk,
)
from .key_format import FORMS, MAGIC, damaged_key, read_string
from .pem import Block

_SCRYPT = bytes.fromhex("2b06010401da47040b")
# An RSA key with numbers of n bits needs at least 3.5 n bits in all, and 4.5 n where it was generated.
_LEAST_SHARE, _USUAL_SHARE = 3.5, 4.5
_SMALLER_KEY = "Generate another key: ssh-keygen -t ed25519."
_FEWER_ROUNDS = "Encrypt the key again with the usual settings: ssh-keygen -p -f key."


@dataclass(frozen=True)
class Bound:
    """The accepted maximum of one cost, its name in messages, and the milliseconds that an amount of it takes."""

    most: int
    name: str
    remedy: str
    milliseconds: Callable[[int], float]


# Measured with bcrypt 5.0 and cryptography 50 on one core of 2026: test_key_cost.py has the figures.
BOUNDS: Mapping[str, Bound] = {
    "bcrypt_rounds": Bound(512, "rounds of bcrypt", _FEWER_ROUNDS, lambda rounds: 7.2 * rounds),
    "iterations": Bound(
        2_000_000, "iterations of its key derivation", _FEWER_ROUNDS, lambda iterations: iterations / 1000
    ),
    "scrypt_work": Bound(2**21, "as N*r*p of scrypt", _FEWER_ROUNDS, lambda work: work / 2400),
    "scrypt_memory": Bound(2**18, "as N*r of scrypt", _FEWER_ROUNDS, lambda _memory: 0),
    "bits": Bound(8192, "bits", _SMALLER_KEY, lambda bits: 212 * (bits / 4096) ** 4),
    "encrypted_bytes": Bound(
        int(8192 / 8 * _USUAL_SHARE) + 128,
        "encrypted bytes",
        _SMALLER_KEY,
        lambda size: 212 * (size * 8 / _LEAST_SHARE / 4096) ** 4,
    ),
}

# The milliseconds of RSA with 4096 bits and without a passphrase, more than most keys need: too little to be counted.
_SMALL = 250


def check_cost(block: Block, option: str) -> float:
    """Return the milliseconds that opening a key may take, 0 where that is little and no passphrase is tried.

    Raise KeyringError, with ``option``, for a key over one of BOUNDS.
    """
    try:
        costs = _read_costs(block)
    except ValueError:
        raise damaged_key(option) from None
    for name, amount in costs.items():
        if amount > BOUNDS[name].most:
            raise _too_costly(BOUNDS[name], amount, option)
    total = sum(BOUNDS[name].milliseconds(amount) for name, amount in costs.items())
    has_passphrase = costs.keys() != {"bits"}
    return total if has_passphrase or total > _SMALL else 0


def _too_costly(bound: Bound, amount: int, option: str) -> KeyringError:
    shown = str(amount) if amount < 2**64 else "2^64 or more"  # Python refuses to print a number of thousands of digits
    is_option = " " not in option  # else it is a place in a Secret
    return KeyringError(
        f"{option} is not opened: it has {shown} {bound.name}, and at most {bound.most} are accepted.",
        "Opening it takes so long that the task would never end.",
        bound.remedy,
        failure="invalid_option" if is_option else "invalid_secret",
        option=option if is_option else None,
    )


def _read_costs(block: Block) -> dict[str, int]:
    """Return the costs of a key by the names of BOUNDS. Raise ValueError if its headers cannot be read."""
    if FORMS[block.label] == "OpenSSH":
        return _read_openssh(block.data)
    if block.cipher:  # the cipher's key is one MD5 of the passphrase
        return {"encrypted_bytes": len(block.data)}
    if block.label == "ENCRYPTED PRIVATE KEY":
        return _read_encrypted(block.data)
    elements = read_sequence(block.data)
    bits = _most_bits(elements)
    if block.label == "PRIVATE KEY":
        # PKCS#8 has the key itself in an octet string, RSA and ECDSA in a sequence of their own.
        for element in elements:
            if element.tag == OCTET_STRING and element.content[:1] == bytes([SEQUENCE]):
                bits = max(bits, _most_bits(read_elements(element.content)))
    return {"bits": bits}


def _read_openssh(data: bytes) -> dict[str, int]:
    """Return the costs of a key in OpenSSH's own form: PROTOCOL.key."""
    _cipher, rest = read_string(data[len(MAGIC) :])
    derivation, rest = read_string(rest)
    settings, rest = read_string(rest)
    public, _rest = read_string(rest[4:])
    costs = {"bits": 0}
    algorithm, numbers = read_string(public)
    if algorithm == b"ssh-rsa":
        modulus = read_string(read_string(numbers)[1])[0]
        costs["bits"] = int.from_bytes(modulus, "big").bit_length()
    if derivation != b"none":
        rounds = read_string(settings)[1]
        costs["bcrypt_rounds"] = int.from_bytes(rounds, "big")
    return costs


def _read_encrypted(data: bytes) -> dict[str, int]:
    """Return the costs of an encrypted PKCS#8 key, whose settings are in clear."""
    settings, *encrypted = read_sequence(data)
    if settings.tag != SEQUENCE or [element.tag for element in encrypted] != [OCTET_STRING]:
        raise ValueError("not an encrypted key")
    elements = list(walk([settings]))
    numbers = [abs(read_integer(element)) for element in elements if element.tag == INTEGER]
    costs = {"encrypted_bytes": len(encrypted[0].content)}
    if Element(OBJECT_IDENTIFIER, _SCRYPT) not in elements:
        # The iterations come first, and then lengths of keys, each at most 64 bytes and derived in as many steps.
        iterations = numbers[0] if numbers else 0
        steps = max([1, *(number // 64 for number in numbers[1:])])
        return {**costs, "iterations": iterations * steps}
    if len(numbers) < 3:
        raise ValueError("scrypt without its settings")
    cost, block_size, parallel = numbers[:3]
    return {**costs, "scrypt_memory": cost * block_size, "scrypt_work": cost * block_size * parallel}


def _most_bits(elements: list[Element]) -> int:
    """Return the size of the largest number: an RSA modulus, or a parameter of DSA or Diffie-Hellman."""
    numbers = [element for element in walk(elements) if element.tag == INTEGER]
    return max((read_integer(number).bit_length() for number in numbers), default=0)
