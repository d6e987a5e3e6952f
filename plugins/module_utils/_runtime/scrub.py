# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The last line of defence, which removes secrets from strings that others wrote.

Results are built so that they contain no secret data. This is for messages of the API server, of an admission webhook
or of a library. result_fields.py lists the fields of a result that can have such strings.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, TypeVar, cast

from .._credentials.secret_values import PossiblySecret

ValueT = TypeVar("ValueT")

SCRUBBED = "********"

# A shorter secret is not worth the name, and cutting "1" out of a message would reveal it to the reader.
SHORTEST = 6

# So many characters of a secret in a row count as a part of it.
PART = 6

# So many digits in a row count as a part of a digest or of hexadecimal, where a byte is two digits. Six digits occur by
# chance in names such as test-5744e48ecb: a token of 1,000 characters has 2,000 rows of six digits.
HEXADECIMAL_PART = 12

# Of a longer secret, such as a key or a whole docker config, only the written forms are looked for.
_LONGEST_CHANGED = 1024

# Go's encoding/json escapes these, and so do the messages of the API server.
_ESCAPED_BY_GO = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


class Scrubber:
    """A set of secrets, which it removes from results in every form in which they are commonly written.

    A scrubber with a ``base`` knows the secrets of the base too, and keeps its own to itself.
    """

    def __init__(self, base: Scrubber | None = None) -> None:
        self._base = base
        self._secrets: set[str] = set()
        self._forms: set[str] = set()
        self._doubtful_forms: set[str] = set()

    def _known(self, *, doubtful: bool) -> Iterator[str]:
        """Yield all written forms of the secrets, and of the doubtful ones on request."""
        yield from tuple(self._forms)  # copied in one step, for another thread may add to them meanwhile
        if doubtful:
            yield from tuple(self._doubtful_forms)
        if self._base:
            yield from self._base._known(doubtful=doubtful)

    def add(self, *secrets: str) -> None:
        """Add secrets, each with its written forms. A PossiblySecret is left in results.

        Parts are removed too, so a secret must be secret from end to end: not JSON that contains a password.
        """
        for secret in secrets:
            if not isinstance(secret, PossiblySecret):
                self._secrets.add(secret)
            if len(secret.strip()) >= SHORTEST:
                forms = self._doubtful_forms if isinstance(secret, PossiblySecret) else self._forms
                forms |= written_forms(secret)

    def clean(self, value: ValueT) -> ValueT:
        """Return the value with every secret replaced; keys, numbers and booleans stay."""
        everything = "\0".join(dict.fromkeys(leaves(value)))  # most strings occur many times
        if len(everything) < SHORTEST:
            return value
        found = find_forms(everything, self._known(doubtful=False))
        if not found:
            return value
        return cast(ValueT, _replace(value, sorted(found, key=lambda form: (-len(form), form))))

    def clean_parts(self, text: str) -> str:
        """Return a string by a server that has seen the secrets, with every part of one replaced.

        Looked for are PART characters in a row in any form that a server may make of a secret, HEXADECIMAL_PART of
        digits. A string with a shorter secret in it is left out as a whole: a hole in it would show the secret.
        """
        secrets = set(self._known_secrets())
        if any(secret in text for secret in secrets if 0 < len(secret.strip()) < SHORTEST):
            return SCRUBBED
        parts = _split_parts(set(self._known(doubtful=True)), PART)
        for secret in secrets:
            if SHORTEST <= len(secret.strip()) <= _LONGEST_CHANGED:
                parts |= _split_parts(changed_forms(secret), PART)
                parts |= _split_parts(hexadecimal_forms(secret), HEXADECIMAL_PART)
        return _hide_parts(text, parts)

    def _known_secrets(self) -> Iterator[str]:
        yield from tuple(self._secrets)
        if self._base:
            yield from self._base._known_secrets()

    def clean_quotes(self, texts: Iterable[str]) -> dict[str, str]:
        """Return each text with every part of a written form replaced.

        Of the parts only those in the texts are kept: the secrets of a namespace may have millions of them.
        """
        quotes = list(texts)
        wanted: set[str] = set()
        for text in quotes:
            wanted |= _windows(text, PART)
        parts: set[str] = set()
        for form in self._known(doubtful=True):
            parts.update(wanted.intersection([form[start : start + PART] for start in range(len(form) - PART + 1)]))
        return {text: _hide_parts(text, parts) for text in quotes}


class NamespaceScrubbers:
    """A scrubber for each namespace with the secrets of that namespace and of the base.

    A password in one namespace changes nothing in the report about another.
    """

    def __init__(self, base: Scrubber) -> None:
        self._base = base
        self._scrubbers: dict[str | None, Scrubber] = {}

    def of(self, namespace: str | None) -> Scrubber:
        """Return the scrubber of a namespace; None stands for everything outside of namespaces."""
        return self._scrubbers.setdefault(namespace, Scrubber(self._base))


def _split_parts(forms: Iterable[str], length: int) -> set[str]:
    """Return all parts of the forms with this length."""
    parts: set[str] = set()
    for form in forms:
        parts |= _windows(form, length)
    return parts


def find_forms(text: str, forms: Iterable[str]) -> set[str]:
    """Return the forms that occur in a string.

    Both may be a megabyte in all, so the text is searched for few of the forms: for those whose first characters it
    has, and where many of these have one length, all of that length are looked up at once.
    """
    starts = _windows(text, SHORTEST)
    by_length: dict[int, set[str]] = {}
    for form in forms:
        if form[:SHORTEST] in starts:
            by_length.setdefault(len(form), set()).add(form)
    found: set[str] = set()
    for length, candidates in by_length.items():
        if len(candidates) > _MAX_SEARCHED:
            found |= candidates & _windows(text, length)
        else:
            found.update(form for form in candidates if form in text)
    return found


# So many forms of one length are searched for one by one; that is faster than looking at each position of the text.
_MAX_SEARCHED = 100


def _windows(text: str, length: int) -> set[str]:
    """Return all parts of a string with this length."""
    return {text[start : start + length] for start in range(len(text) - length + 1)}


def _hide_parts(text: str, parts: Collection[str]) -> str:
    """Return the text with one mask in place of each run of characters that belong to parts."""
    hidden = [False] * len(text)
    for length in {len(part) for part in parts}:
        for start in range(len(text) - length + 1):
            if text[start : start + length] in parts:
                hidden[start : start + length] = [True] * length
    shown: list[str] = []
    for index, character in enumerate(text):
        if not hidden[index]:
            shown.append(character)
        elif index == 0 or not hidden[index - 1]:
            shown.append(SCRUBBED)
    return "".join(shown)


def _replace(value: Any, forms: Sequence[str]) -> Any:
    """Return a value with the forms replaced in all of its strings."""
    if isinstance(value, str):
        for form in forms:
            value = value.replace(form, SCRUBBED)
    elif isinstance(value, dict):
        return {key: _replace(item, forms) for key, item in value.items()}
    elif isinstance(value, (list, tuple)):
        return [_replace(item, forms) for item in value]
    return value


def written_forms(secret: str) -> frozenset[str]:
    """Return the forms in which a secret is commonly written: plain, base64, URL-encoded, JSON, Python's repr."""
    return _remember_forms(secret) if len(secret) <= _LONGEST_REMEMBERED else _write_forms(secret)


# A longer secret is the whole content of a Secret: a thousand of these would fill the memory.
_LONGEST_REMEMBERED = 1000


def _write_forms(secret: str) -> frozenset[str]:
    standard = base64.b64encode(secret.encode(errors="surrogatepass")).decode()
    url_safe = standard.replace("+", "-").replace("/", "_")
    encoded = (standard, url_safe, standard.rstrip("="), url_safe.rstrip("="))
    quoted = _percent_encode(secret)
    if _SAME_IN_JSON.fullmatch(secret):  # most tokens
        return frozenset((secret, *encoded, quoted))
    return frozenset(
        (
            secret,
            secret.strip(),
            *encoded,
            quoted,
            quoted.replace("%20", "+"),
            json.dumps(secret)[1:-1],
            json.dumps(secret, ensure_ascii=False)[1:-1],
            json.dumps(secret, ensure_ascii=False)[1:-1].translate(_ESCAPED_BY_GO),
            repr(secret)[1:-1],
        )
    )


def changed_forms(secret: str) -> frozenset[str]:
    """Return what a server may make of a secret that it quotes: reversed, in capitals, base64 in another text, ….

    Only what does not depend on the text around the secret is returned of base64.
    """
    import html

    plain = {secret, secret.strip()}
    texts = {*plain, *(unicodedata.normalize(form, secret) for form in ("NFC", "NFD", "NFKC", "NFKD"))}
    for text in plain:
        texts |= {text.lower(), text.upper(), text.swapcase(), text.casefold()}
        texts |= {html.escape(text, quote=False), html.escape(text, quote=True)}
    found = {*texts, *(text[::-1] for text in texts)}
    for text in plain:
        data = text.encode(errors="surrogatepass")
        found.add(base64.b32encode(data).decode().rstrip("="))
        found |= _inner_base64(data)
        found |= {base64.b64encode(digest).decode() for digest in _digests(data)}
    return frozenset(found)


def hexadecimal_forms(secret: str) -> frozenset[str]:
    """Return the hexadecimal digits of a secret and of its digests."""
    found = set()
    for text in dict.fromkeys((secret, secret.strip())):
        data = text.encode(errors="surrogatepass")
        for encoded in (data, *_digests(data)):
            found |= {encoded.hex(), encoded.hex().upper()}
    return frozenset(found)


def _digests(data: bytes) -> list[bytes]:
    names = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
    return [hashlib.new(name, data, usedforsecurity=False).digest() for name in names]


def _inner_base64(data: bytes) -> set[str]:
    """Return the base64 of data that begins at each of the three offsets, without what its neighbours change."""
    found = set()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + data).decode().rstrip("=")
        inner = encoded[(before * 8 + 5) // 6 : len(encoded) - 1]
        found |= {inner, inner.translate(str.maketrans("+/", "-_"))}
    return found


_remember_forms = functools.lru_cache(maxsize=1024)(_write_forms)  # many namespaces hold the same texts

_SAME_IN_JSON = re.compile(r"[A-Za-z0-9+/=_.~-]*")
_RESERVED = re.compile(rb"[^A-Za-z0-9_.~-]")


def _percent_encode(text: str) -> str:
    """Return a string as in the query of a URL; urllib takes a tenth of a second for a megabyte."""
    return _RESERVED.sub(lambda found: b"%%%02X" % ord(found[0]), text.encode(errors="replace")).decode()


def leaves(value: Any) -> Iterator[str]:
    """Yield all strings at any depth of a value, without keys."""
    if isinstance(value, str):
        yield value
    else:
        for item in _items_of(value):
            yield from leaves(item)


def number_texts(value: Any) -> Iterator[str]:
    """Yield all numbers at any depth of a value as Python prints them; a password without quotes is one."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)
    else:
        for item in _items_of(value):
            yield from number_texts(item)


def _items_of(value: Any) -> Iterable[Any]:
    """Return the items of a list, or the values of a mapping; nothing of other values."""
    if isinstance(value, dict):
        return value.values()
    if isinstance(value, (list, tuple)):
        return value
    return ()
