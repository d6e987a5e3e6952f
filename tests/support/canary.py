# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts that must be found nowhere, and the search for them in every form in which they may be written.

A canary begins and ends with random letters and digits. No escaping changes those (JSON, URL, shell, YAML, Python), so
the two ends are found in every escaped form, in a longer text, and where only a part was printed. What does change
them, base64 and digests, is worked out.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

# What breaks a naive escaping or a naive search.
AWKWARD = " '\"%&<ü\\ß?#"

# Of a line of a key, enough to know it by.
_KEY_CHARACTERS = 10

# Of a digest, enough to know it by; a shortened one is a leak as well.
_DIGEST_CHARACTERS = 12


@dataclass(frozen=True)
class Canary:
    """A secret text and the pieces by which it is known. ``also_digested`` are texts made of it, such as user:text."""

    name: str
    text: str = field(repr=False)
    pieces: tuple[str, ...] = field(repr=False)
    also_digested: tuple[str, ...] = field(default=(), repr=False)

    @property
    def forms(self) -> Mapping[bytes, str]:
        """What to search for, and what each is."""
        found = {}
        for text in (self.text, *self.also_digested):
            found.update(dict.fromkeys(digest_forms(text), "digest"))
        for piece in self.pieces:
            once = base64_cores(piece)
            twice = [core for text in once for core in base64_cores(text)]
            found.update({core.encode(): "base64 of base64" for core in twice})
            found.update({core.encode(): "base64" for core in once})
            found[piece.encode()] = "text"
        return found


def canary(name: str, awkward: str = AWKWARD, prefix: str = "", user: str = "") -> Canary:
    """A new canary; ``prefix`` stands before it, and ``user`` is the user name in its ``auth``."""
    ends = (secrets.token_hex(6), secrets.token_hex(6))
    text = prefix + awkward.join(ends)
    return Canary(name, text, ends, (auth(user, text), f"{user}:{text}") if user else ())


def web_token_canary(name: str, user: str = "", exp: int = 4102444800) -> Canary:
    """A new JSON Web Token with an expiry time, known by its subject as well as by its parts."""
    subject, signature = secrets.token_hex(12), secrets.token_hex(16)
    claims = base64.urlsafe_b64encode(json.dumps({"sub": subject, "exp": exp}).encode()).decode().rstrip("=")
    text = f"eyJhbGciOiJSUzI1NiJ9.{claims}.{signature}"
    return Canary(name, text, (subject, claims, signature), (auth(user, text), f"{user}:{text}") if user else ())


def number_canary(name: str, user: str = "", point: str = "") -> Canary:
    """A new canary of digits, which YAML and Python write as it is when it is a number."""
    # 15 digits, as many as a floating-point number always gives back.
    text = f"{secrets.randbelow(9 * 10**6) + 10**6}7{point}{secrets.randbelow(9 * 10**5) + 10**5}9"
    return Canary(name, text, (text,), (auth(user, text), f"{user}:{text}") if user else ())


def key_text(key: PrivateKey, form: PrivateFormat = PrivateFormat.OpenSSH, passphrase: str | None = None) -> str:
    """A private key as it stands in a file."""
    encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, form, encryption).decode()


def public_text(key: PrivateKey) -> str:
    """The public half, which may be seen."""
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def key_canary(name: str, text: str) -> Canary:
    """A private key, known by what is secret of each line of its body: an encrypted one by all that is encrypted."""
    lines = text.split("-----")[2].split()
    data = base64.b64decode("".join(lines))
    starts = accumulate((len(line) for line in lines), initial=0)
    spans = [(-(-first * 8 // 6), last * 8 // 6) for first, last in _secret_spans(text, data)]
    parts = (
        line[max(begin - start, 0) : max(end - start, 0)]
        for start, line in zip(starts, lines, strict=False)
        for begin, end in spans
    )
    pieces = tuple(part for part in parts if len(part) >= _KEY_CHARACTERS)
    return Canary(name, text, pieces, (text.strip(), "".join(lines)))


def _secret_spans(text: str, data: bytes) -> list[tuple[int, int]]:
    """Where the secret numbers of a key are among the octets of its body."""
    load = load_ssh_private_key if "OPENSSH" in text else load_pem_private_key
    try:
        key = load(text.encode(), None)
    except (TypeError, ValueError):
        return [(len(data) // 2, len(data))]  # encrypted: what stands before it is shorter than itself
    if isinstance(key, ed25519.Ed25519PrivateKey):
        numbers = [key.private_bytes_raw()]
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        numbers = [key.private_numbers().private_value.to_bytes((key.key_size + 7) // 8, "big")]
    else:
        assert isinstance(key, rsa.RSAPrivateKey)
        found = key.private_numbers()
        numbers = [value.to_bytes((value.bit_length() + 7) // 8, "big") for value in (found.d, found.p, found.q)]
    places = [(data.index(number), len(number)) for number in numbers]
    return [(place, place + length) for place, length in places]


def auth(user: str, text: str) -> str:
    """The ``auth`` of an entry of a docker config."""
    return base64.b64encode(f"{user}:{text}".encode()).decode()


def base64_cores(text: str) -> list[str]:
    """The parts of base64 that stand for this text alone, wherever it begins in a longer text."""
    data = text.encode()
    cores = []
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + data).decode()
        core = encoded[(0, 2, 3)[offset] : (offset + len(data)) * 8 // 6]
        cores += [core, core.translate(str.maketrans("+/", "-_"))]
    return cores


def digest_forms(text: str) -> set[bytes]:
    """The beginnings of the usual digests of a text, in hexadecimal and in base64."""
    digests = [hashlib.new(kind, text.encode()) for kind in ("md5", "sha1", "sha256", "sha512")]
    hexadecimal = {digest.hexdigest()[:_DIGEST_CHARACTERS].encode() for digest in digests}
    return hexadecimal | {base64.b64encode(digest.digest())[:_DIGEST_CHARACTERS] for digest in digests}


def find_leaks(places: Mapping[str, bytes], canaries: Iterable[Canary]) -> list[str]:
    """A line for each canary in each place, with the form in which it was found first and what stands before it."""
    texts = b"\n".join({text for content in places.values() for text in _TEXT.findall(content)})
    leaks = []
    for known in canaries:
        kinds = known.forms
        forms = [form for form in kinds if form in texts or not _TEXT.fullmatch(form)]
        for place, content in places.items():
            found = next((form for form in forms if form in content), None)
            if found:
                before = content[: content.index(found)][-100:].decode(errors="replace")
                leaks.append(f"{place}: {known.name} as {kinds[found]}, after {before!r}")
    return leaks


# Most forms of a canary can only lie within such a text. The same ones stand in many places, and are searched once.
_TEXT = re.compile(rb"[A-Za-z0-9+/=_-]{10,}")


def read_below(directory: Path, *, leave_out: Iterable[Path] = ()) -> dict[str, bytes]:
    """Every file below a directory by its name there; the content begins with the name, which is searched too."""
    excluded = set(leave_out)
    paths = (path for path in sorted(directory.rglob("*")) if path not in excluded)
    names = {path: str(path.relative_to(directory)) for path in paths}
    return {name: f"{name}\n".encode() + (path.read_bytes() if path.is_file() else b"") for path, name in names.items()}
