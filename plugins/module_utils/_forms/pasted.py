# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person types or pastes: whether a value of several lines is complete, and keys that are part of no value."""

from __future__ import annotations

import json
import re

from .._errors import KeyringError

_PEM_END = re.compile(r"-----end [^\n]*-----\s*\Z", re.IGNORECASE)
# The first line of a manifest. Other values in one line are the path of a file, base64 or a password.
_YAML_START = re.compile(r"(---|#|[a-z]\w*:(\s|\Z))", re.IGNORECASE)


def is_complete(text: str) -> bool:
    """Return whether a pasted value is complete: a key, JSON with or without its outer braces, or one line.

    The end of a YAML document cannot be seen. ``text`` may be in lower case.
    """
    value = text.strip()
    if value.lower().startswith("-----begin"):
        return bool(_PEM_END.search(value))
    if value.startswith(("{", "[", '"')):
        return _is_json(value) or _is_json(f"{{{value.rstrip(',')}}}")
    return not _YAML_START.match(value)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def normalize_typed(typed: bytes) -> str:
    """Return what was typed as text with newlines of Unix, without whitespace around it.

    A byte that is not UTF-8 becomes half a surrogate pair. Of the two keys that erase a character, Ansible knows the
    one of the terminal. The other is applied here.
    """
    text = typed.decode(errors="surrogateescape").replace("\r\n", "\n").replace("\r", "\n")
    kept: list[str] = []
    for character in text:
        if character not in _ERASING:
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept).strip()


_ERASING = "\b\x7f"
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_CONTROL_KEY = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def check_typed(text: str, label: str, *, lines: bool = False) -> None:
    """Raise KeyringError for bytes that are not UTF-8, and for keys that are part of no value, such as arrows.

    A value of several ``lines`` may contain tabs.
    """
    if _NOT_UTF8.search(text):
        raise KeyringError(
            f"{label} contains a character that is not valid UTF-8.",
            "The terminal uses another encoding, or only a part of a character was deleted.",
            "Type it again.",
            option=label,
        )
    if _has_control_key(text, lines=lines):
        raise KeyringError(
            f"{label} contains a control character, for example of an arrow key.",
            "Only Backspace corrects what was typed.",
            "Type it again.",
            option=label,
        )


def check_given(text: str, label: str, option: str, *, lines: bool = False) -> None:
    """Raise KeyringError for what ``check_typed`` refuses, in a value that was not typed but set."""
    if _NOT_UTF8.search(text):
        raise KeyringError(
            f"{label} contains a character that is not valid UTF-8.", "", "Write it in UTF-8.", option=option
        )
    if _has_control_key(text, lines=lines):
        raise KeyringError(f"{label} contains a control character.", "", "Remove it.", option=option)


def _has_control_key(text: str, *, lines: bool) -> bool:
    """Return whether a text has control characters other than newlines, or, of several ``lines``, tabs."""
    return bool(_CONTROL_KEY.search(text.replace("\t", "").replace("\r\n", "\n") if lines else text))


# A value of one line that can only be a path, or is more likely one than a secret: it begins like a path, is short and
# no JSON, or has a character that base64 does not have.
_PATH_OF_FILE = re.compile(r"(?=[^{\r\n]+\Z)(~?/|\.{1,2}/|.{1,40}\Z|.*[^A-Za-z0-9+/=])")
# A public key in one line, which people confuse with the private one.
_PUBLIC_KEY = re.compile(r"(ssh|ecdsa|sk)-[A-Za-z0-9@.-]+ +AAAA")


def is_probably_path(text: str) -> bool:
    """Return whether a value of several lines is rather the path of a file that contains it.

    A survey of an automation platform joins the lines of a key.
    """
    is_value = text.startswith(('"', "-----BEGIN")) or _PUBLIC_KEY.match(text)
    return bool(_PATH_OF_FILE.match(text)) and not is_value
