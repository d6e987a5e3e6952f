# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The last line of defence: secret texts, cut out of what others wrote.

Results are built so that they hold no material. This is for what others write: a message of the API server, of an
admission webhook, of a library. Which fields of a result that is, result_fields.py says.
"""

from __future__ import annotations

import base64
import functools
import itertools
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, TypeVar, cast
from urllib.parse import quote, quote_plus

from .._credentials.secret_values import PossiblySecret

T = TypeVar("T")

SCRUBBED = "********"

# A shorter text is no password worth the name, and cutting "1" out of a message would spell it to the reader.
SHORTEST = 6

# So many characters of a secret in a row are taken for a part of it.
PART = 6


# Go's encoding/json writes these as escapes, so the API server's messages have them so.
_ESCAPED_BY_GO = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


class Scrubber:
    """Collects secret texts, and cuts them out of results in every form in which they are written.

    One with a ``base`` knows those of the base too, and keeps its own to itself.
    """

    def __init__(self, base: Scrubber | None = None) -> None:
        self._base = base
        self._forms: set[str] = set()
        self._doubtful_forms: set[str] = set()

    def _known(self, *, doubtful: bool) -> Iterator[str]:
        yield from tuple(self._forms)  # copied in one step, for another thread may add to them meanwhile
        if doubtful:
            yield from tuple(self._doubtful_forms)
        if self._base:
            yield from self._base._known(doubtful=doubtful)

    def add(self, *secrets: str) -> None:
        """Take note of secret texts; each is also looked for in its written forms. A Doubtful one is left in results.

        Parts are cut out too, so a text must be secret from end to end: not JSON with a password somewhere in it.
        """
        for secret in secrets:
            if len(secret.strip()) >= SHORTEST:
                forms = self._doubtful_forms if isinstance(secret, PossiblySecret) else self._forms
                forms |= written_forms(secret)

    def clean(self, value: T) -> T:
        """The value with every secret text replaced; keys, numbers and booleans stay."""
        everything = "\0".join(dict.fromkeys(leaves(value)))  # most texts are there many times
        found = sorted({form for form in self._known(doubtful=False) if form in everything}, key=len, reverse=True)
        return cast(T, _replace(value, found)) if found else value

    def clean_parts(self, text: str) -> str:
        """A text that somebody else wrote, with every part of a secret text replaced that is long enough to tell."""
        return self.clean_quotes((text,))[text]

    def clean_quotes(self, texts: Iterable[str]) -> dict[str, str]:
        """Each text as clean_parts gives it back; for many of them, as all secrets are taken apart only once."""
        forms = set(self._known(doubtful=True))
        parts = {form[start : start + PART] for form in forms for start in range(len(form) - PART + 1)}
        return {text: _hide_parts(text, parts) for text in texts}


class NamespaceScrubbers:
    """A scrubber for each namespace, which knows the secrets of that namespace and of the base, and no others.

    So a password in one namespace changes nothing that is reported about another.
    """

    def __init__(self, base: Scrubber) -> None:
        self._base = base
        self._scrubbers: dict[str | None, Scrubber] = {}

    def of(self, namespace: str | None) -> Scrubber:
        """Return the scrubber of a namespace; None is for what belongs to no namespace."""
        return self._scrubbers.setdefault(namespace, Scrubber(self._base))


def _hide_parts(text: str, parts: Collection[str]) -> str:
    hidden = [False] * len(text)
    for start in range(len(text) - PART + 1):
        if text[start : start + PART] in parts:
            hidden[start : start + PART] = [True] * PART
    runs = itertools.groupby(zip(text, hidden, strict=True), key=lambda pair: pair[1])
    return "".join(SCRUBBED if is_hidden else "".join(char for char, _flag in run) for is_hidden, run in runs)


def _replace(value: Any, forms: Sequence[str]) -> Any:
    if isinstance(value, str):
        for form in forms:
            value = value.replace(form, SCRUBBED)
    elif isinstance(value, dict):
        return {key: _replace(item, forms) for key, item in value.items()}
    elif isinstance(value, (list, tuple)):
        return [_replace(item, forms) for item in value]
    return value


@functools.lru_cache(maxsize=1024)  # many namespaces hold the same texts
def written_forms(secret: str) -> frozenset[str]:
    """The ways in which a text is commonly written: plain, base64, URL-encoded, JSON, the representation of Python."""
    data = secret.encode(errors="surrogatepass")
    encoded = {base64.b64encode(data).decode(), base64.urlsafe_b64encode(data).decode()}
    return frozenset(
        (
            secret,
            secret.strip(),
            *encoded,
            *(form.rstrip("=") for form in encoded),
            quote(secret, safe="", errors="replace"),
            quote_plus(secret, errors="replace"),
            json.dumps(secret)[1:-1],
            json.dumps(secret, ensure_ascii=False)[1:-1],
            json.dumps(secret, ensure_ascii=False)[1:-1].translate(_ESCAPED_BY_GO),
            repr(secret)[1:-1],
        )
    )


def leaves(value: Any) -> Iterator[str]:
    """All texts in a value, however deep; keys are left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from leaves(item)


def number_texts(value: Any) -> Iterator[str]:
    """Return all numbers in a value as Python prints them, however deep: a password without quotes is one."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, (list, tuple, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from number_texts(item)
