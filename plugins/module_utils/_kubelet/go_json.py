# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON as Go's encoding/json reads it, where Python's reader differs.

Members of an object keep their order, also repeated ones. Bytes that are not UTF-8, and half a surrogate pair, become
U+FFFD. There is no recursion, so the depth that Go allows can be read. Source: Go 1.26 encoding/json.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from typing import Any

_GO_MAX_DEPTH = 10_000

_PLAIN = r'[^"\\\x00-\x1f]*'
_JSON_TOKEN = re.compile(
    r"[ \t\r\n]*(?:([{}\[\],:])"
    rf'|("{_PLAIN}(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{{4}}){_PLAIN})*")'
    r"|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null))"
)
_SPACE = re.compile(r"[ \t\r\n]*")
_WORDS = {"true": True, "false": False, "null": None}
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_FOLDED = {**{ord(letter): letter.upper() for letter in "abcdefghijklmnopqrstuvwxyz"}, 0x17F: "S", 0x212A: "K"}


class NotJson(ValueError):
    """A string that is not JSON to Go."""


class JsonObject(list[tuple[str, Any]]):
    """The members of an object, in order."""


def parse_json(data: bytes) -> Any:
    """Parse JSON into str, bool, None, list and JsonObject: encoding/json ``Unmarshal``, scanner.go.

    Any number becomes 0, as no number is used. Raise NotJson where Go returns an error.
    """
    text = go_text(data.decode(errors="surrogateescape"))
    try:
        return _PLAIN_READER.decode(text) if "\\u" not in text else _read_tokens(text)
    except (ValueError, RecursionError):
        return _read_tokens(text)


def _refuse_go_constant(name: str) -> Any:
    raise NotJson(name)


# Python's reader, a tenth of the time for a config of a megabyte. What it accepts Go accepts too, and reads alike where
# no half of a surrogate pair can be escaped.
_PLAIN_READER = json.JSONDecoder(
    object_pairs_hook=JsonObject,
    parse_int=lambda digits: 0,
    parse_float=lambda digits: 0,
    parse_constant=_refuse_go_constant,
)


def _read_tokens(text: str) -> Any:
    """Parse any JSON token by token. Raise NotJson where Go returns an error."""
    reader = _Reader()
    for mark, string, word in _tokens(text):
        if mark:
            reader.take_mark(mark)
        else:
            reader.take_scalar(_unquote(string) if string else _WORDS.get(word, 0))
    return reader.end()


def go_text(text: str) -> str:
    """Return the text as a Go program has it after reading JSON: decode.go ``unquoteBytes``."""
    return _HALF_CHARACTER.sub("\ufffd", text)


@functools.lru_cache(maxsize=32)  # the entries of a config have the same few names
def fold_name(name: str) -> str:
    """Return a field name for comparison without case: encoding/json fold.go ``foldName``.

    A long s counts as s, and the sign for kelvin as k.
    """
    return name.translate(_FOLDED)


def _unquote(token: str) -> str:
    """Decode a string token: encoding/json decode.go ``unquote``."""
    if "\\" not in token:
        return token[1:-1]
    return go_text(json.loads(token))


def _tokens(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield each token as a mark, a string with its quotes, or a number or word; the other two are empty."""
    place = 0
    while token := _JSON_TOKEN.match(text, place):
        yield token[1] or "", token[2] or "", token[3] or ""
        place = token.end()
    if not _SPACE.fullmatch(text, place):
        raise NotJson


class _Reader:
    """The state of the parser between two tokens; ``expects`` is what may come next: encoding/json scanner.go."""

    def __init__(self) -> None:
        self.opened: list[JsonObject | list[Any]] = []
        self.keys: list[str] = []
        self.expects = "value"
        self.result: Any = None

    def end(self) -> Any:
        """Return the value after the last token. Raise NotJson if it is not complete."""
        if self.expects != "end":
            raise NotJson
        return self.result

    def take_scalar(self, value: Any) -> None:
        """Add a string, number, boolean or null. Raise NotJson if none may come here."""
        if self.expects in ("key", "key or }") and isinstance(value, str):
            self.keys.append(value)
            self.expects = ":"
        elif self.expects in ("value", "value or ]"):
            self._complete(value)
        else:
            raise NotJson

    def take_mark(self, mark: str) -> None:
        """Add a bracket, brace, comma or colon. Raise NotJson if it may not come here."""
        if mark in "{[" and self.expects in ("value", "value or ]"):
            self.opened.append(JsonObject() if mark == "{" else [])
            self.expects = "key or }" if mark == "{" else "value or ]"
            if len(self.opened) > _GO_MAX_DEPTH:
                raise NotJson
        elif mark in "}]" and self._may_close(mark):
            self._complete(self.opened.pop())
        elif mark == ":" and self.expects == ":":
            self.expects = "value"
        elif mark == "," and self.expects == ", or end":
            self.expects = "key" if isinstance(self.opened[-1], JsonObject) else "value"
        else:
            raise NotJson

    def _may_close(self, mark: str) -> bool:
        if self.expects == ", or end":
            return isinstance(self.opened[-1], JsonObject) == (mark == "}")
        return self.expects.endswith(f"or {mark}")

    def _complete(self, value: Any) -> None:
        if not self.opened:
            self.result = value
            self.expects = "end"
            return
        parent = self.opened[-1]
        if isinstance(parent, JsonObject):
            parent.append((self.keys.pop(), value))
        else:
            parent.append(value)
        self.expects = ", or end"
