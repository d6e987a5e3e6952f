# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Regular expressions of Go (RE2), as regexp.Compile reads them. A consumer ignores one that does not compile.

Python's re knows lookaround, backreferences and possessive repetition, which RE2 does not have, and does not know
classes such as [[:alpha:]], which RE2 has. Source: https://pkg.go.dev/regexp/syntax. The names of Unicode classes are
not checked, and neither is the size of the program.
"""

from __future__ import annotations

import re

from .._errors import KeyringError

_REPEAT = re.compile(r"\{(0|[1-9][0-9]*)(,(0|[1-9][0-9]*)?)?\}")
_GROUP_NAME = re.compile(r"\(\?P?<[A-Za-z0-9_]+>")
_GROUP_FLAGS = re.compile(r"\(\?(?=[a-zA-Z-]*[:)])([imsU]*)(-[imsU]+)?([:)])")
_HEXADECIMAL = re.compile(r"x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})")
_OCTAL = re.compile(r"0[0-7]{0,2}|[1-7][0-7]{1,2}")
_UNICODE_CLASS = re.compile(r"[pP](?:[A-Z]|\{\^?[A-Za-z_]+\})")
_POSIX_CLASS = re.compile(r"\[:(.*?):\]", re.DOTALL)
_POSIX_NAMES = frozenset(
    (
        "alnum",
        "alpha",
        "ascii",
        "blank",
        "cntrl",
        "digit",
        "graph",
        "lower",
        "print",
        "punct",
        "space",
        "upper",
        "word",
        "xdigit",
    )
)
_PERL_CLASSES = "dDsSwW"
_CONTROL_CODES = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_ASSERTIONS = "AbBz"
_MAX_REPEAT = 1000
_MAX_DEPTH = 500

_NOT_IN_RE2 = "RE2 has no lookaround, backreference, atomic group or possessive repetition."


class _InvalidGoRegexp(Exception):
    """A construct that Go does not compile. ``what`` describes it without the expression."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


# Flags and groups may stand before the anchor.
_ANCHORED = re.compile(r"(?:\(\?[imsU-]+\)|\((?:\?[imsU-]*:|\?P?<[A-Za-z0-9_]+>)?)*(?:\^|\\A)")


def begins_at_start(text: str) -> bool:
    """Return whether an expression matches only from the beginning of a string, as far as its own beginning says."""
    return _ANCHORED.match(text) is not None


def check_go_regexp(text: str, option: str, reader: str) -> None:
    """Raise KeyringError, with ``option``, for a regular expression that Go does not compile. It is never quoted."""
    try:
        _GoRegexpParser(text).parse()
    except _InvalidGoRegexp as error:
        what = error.what.removesuffix(".")
        raise KeyringError(
            f"{option} is not a regular expression that {reader} can compile.",
            f"It has {what}. {reader} reads the syntax RE2 of Go, and ignores a Secret with any other.",
            "Correct it, as https://pkg.go.dev/regexp/syntax describes.",
            option=option,
        ) from None


class _OpenGroup:
    """An open group: the greatest number of repetitions in what has been read of it, and of its last item.

    ``last`` is None where there is nothing to repeat.
    """

    def __init__(self) -> None:
        self.most = 1
        self.last: int | None = None

    def add(self, repetitions: int) -> None:
        """Add an item with this number of repetitions in it."""
        self.most = max(self.most, repetitions)
        self.last = repetitions


class _GoRegexpParser:
    """A reader of one expression, which follows the parser of Go: one pass, with a stack of open groups."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._groups = [_OpenGroup()]
        self._after_repeat = False

    def parse(self) -> None:
        """Raise _InvalidGoRegexp for the first construct that Go does not compile."""
        while self._at < len(self._text):
            was_repeat, self._after_repeat = self._after_repeat, False
            character = self._text[self._at]
            if character in "*+?":
                self._at += 1
                self._repeat(None, was_repeat)
            elif character == "{":
                self._read_brace(was_repeat)
            elif character == "(":
                self._open_group()
            elif character == ")":
                self._close_group()
            elif character == "|":
                self._at += 1
                self._groups[-1].last = None
            elif character == "[":
                self._read_class()
                self._groups[-1].add(1)
            elif character == "\\":
                self._read_escape()
            else:
                self._at += 1
                self._groups[-1].add(1)
        if len(self._groups) > 1:
            raise _InvalidGoRegexp("a group that is not closed")

    def _read_brace(self, was_repeat: bool) -> None:
        """Read a number of repetitions. A brace that does not begin one stands for itself."""
        found = _REPEAT.match(self._text, self._at)
        if found is None:
            self._at += 1
            self._groups[-1].add(1)
            return
        self._at = found.end()
        least, most = int(found[1]), int(found[1])
        if found[2]:
            most = int(found[3]) if found[3] else -1
        if least > _MAX_REPEAT or most > _MAX_REPEAT or (0 <= most < least):
            raise _InvalidGoRegexp(f"a repetition with a number above {_MAX_REPEAT}, or with the greater number first")
        self._repeat((least, most), was_repeat)

    def _repeat(self, count: tuple[int, int] | None, was_repeat: bool) -> None:
        """Repeat the last item. Go counts how often nested repetitions repeat it in all."""
        if self._text.startswith("?", self._at):
            self._at += 1
        if was_repeat:
            raise _InvalidGoRegexp(f"a repetition of a repetition. {_NOT_IN_RE2}")
        group = self._groups[-1]
        if group.last is None:
            raise _InvalidGoRegexp("a repetition with nothing before it")
        self._after_repeat = True
        if count is None:
            return
        least, most = count
        times = least if most < 0 else most
        total = times * group.last
        if (least >= 2 or most >= 2) and total > _MAX_REPEAT:
            raise _InvalidGoRegexp(f"repetitions that amount to more than {_MAX_REPEAT}")
        group.add(max(total, 1))

    def _open_group(self) -> None:
        if not self._text.startswith("(?", self._at):
            self._at += 1
            self._push()
            return
        name = _GROUP_NAME.match(self._text, self._at)
        if name:
            self._at = name.end()
            self._push()
            return
        flags = _GROUP_FLAGS.match(self._text, self._at)
        if not flags:
            what = "a group that begins with (? and is none of (?:, (?flags), (?flags: and (?P<name>"
            raise _InvalidGoRegexp(f"{what}. {_NOT_IN_RE2}")
        self._at = flags.end()
        if flags[3] == ":":
            self._push()

    def _push(self) -> None:
        self._groups.append(_OpenGroup())
        if len(self._groups) > _MAX_DEPTH:
            raise _InvalidGoRegexp("too many nested groups")

    def _close_group(self) -> None:
        self._at += 1
        if len(self._groups) == 1:
            raise _InvalidGoRegexp("a closing parenthesis without an opening one")
        closed = self._groups.pop()
        self._groups[-1].add(closed.most)

    def _read_escape(self) -> None:
        """Read what begins with a backslash outside of a class."""
        following = self._text[self._at + 1 : self._at + 2]
        if following == "Q":
            end = self._text.find("\\E", self._at + 2)
            literal = self._text[self._at + 2 :] if end < 0 else self._text[self._at + 2 : end]
            self._at = len(self._text) if end < 0 else end + 2
            if literal:
                self._groups[-1].add(1)
            return
        if following and following in _ASSERTIONS:
            self._at += 2
        elif not self._skip_class_escape():
            self._read_character()
        self._groups[-1].add(1)

    def _skip_class_escape(self) -> bool:
        """Skip a backslash and the name of a class of characters. Return whether there is one."""
        following = self._text[self._at + 1 : self._at + 2]
        if following and following in _PERL_CLASSES:
            self._at += 2
            return True
        found = _UNICODE_CLASS.match(self._text, self._at + 1)
        if found:
            self._at = found.end()
            return True
        return False

    def _read_character(self) -> int:
        """Read one character, which may be escaped, and return its code."""
        if self._text[self._at] != "\\":
            self._at += 1
            return ord(self._text[self._at - 1])
        start = self._at + 1
        following = self._text[start : start + 1]
        for pattern, base in ((_HEXADECIMAL, 16), (_OCTAL, 8)):
            found = pattern.match(self._text, start)
            if found:
                self._at = found.end()
                digits = next((group for group in found.groups() if group), found[0])
                code = int(digits, base)
                if code > 0x10FFFF:
                    raise _InvalidGoRegexp("a character beyond the last one of Unicode")
                return code
        self._at = start + 1
        if following in _CONTROL_CODES:
            return _CONTROL_CODES[following]
        if following.isascii() and following and not following.isalnum():
            return ord(following)
        if not following:
            raise _InvalidGoRegexp("a backslash at its end")
        raise _InvalidGoRegexp(f"a backslash before a character that has no meaning there. {_NOT_IN_RE2}")

    def _read_class(self) -> None:
        """Read a class in square brackets."""
        self._at += 1
        if self._text.startswith("^", self._at):
            self._at += 1
        first = True
        while first or not self._text.startswith("]", self._at):
            if self._at >= len(self._text):
                raise _InvalidGoRegexp("a square bracket that is not closed")
            first = False
            posix = _POSIX_CLASS.match(self._text, self._at)
            if posix:
                if posix[1].removeprefix("^") not in _POSIX_NAMES:
                    raise _InvalidGoRegexp("an unknown name in [: :]")
                self._at = posix.end()
            elif not (self._text[self._at] == "\\" and self._skip_class_escape()):
                self._read_range()
        self._at += 1

    def _read_range(self) -> None:
        low = self._read_character()
        after = self._text[self._at + 1 : self._at + 2]
        if not self._text.startswith("-", self._at) or after in ("", "]"):
            return
        self._at += 1
        if self._read_character() < low:
            raise _InvalidGoRegexp("a range of characters that ends before it begins")
