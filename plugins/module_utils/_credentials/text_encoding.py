# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text from files and from what is pasted: UTF-8, or what Windows writes, such as PowerShell with ``>``."""

from __future__ import annotations

from .._errors import KeyringError

BYTE_ORDER_MARK = "\ufeff"
# The mark at the beginning, and the encoding. UTF-32 comes first, as its mark begins like that of UTF-16.
_ENCODINGS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)


def to_bytes(source: str | bytes) -> bytes:
    """Return a string as the bytes of its file. Ansible reads a byte that is not UTF-8 as half a surrogate pair."""
    if isinstance(source, bytes):
        return source
    try:
        return source.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return source.encode(errors="surrogatepass")


def decode_text(source: str | bytes, option: str) -> str:
    """Return a string without byte-order mark: UTF-8, or UTF-16 and UTF-32 with one.

    Raise KeyringError naming ``option``, and without any of the content, for another encoding.
    """
    try:
        text = _decode(to_bytes(source))
    except UnicodeDecodeError:
        raise not_utf8(option) from None
    # ASCII in UTF-16 without a byte-order mark is UTF-8 too, with a null after each or before each character.
    if "\x00" in text[:2]:
        raise KeyringError(f"{option} is not UTF-8 text.", "It looks like UTF-16.", "Save it as UTF-8.", option=option)
    return text


def unmarked(data: bytes) -> bytes:
    """Return a file that begins with a byte-order mark as UTF-8 without one, and every other file as it is."""
    if not any(data.startswith(mark) for mark, _encoding in _ENCODINGS):
        return data
    try:
        return _decode(data).encode()
    except UnicodeDecodeError:
        return data


def _decode(data: bytes) -> str:
    for mark, encoding in _ENCODINGS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding)
    return data.decode()


def not_utf8(option: str) -> KeyringError:
    """Return the error about a string in another encoding."""
    return KeyringError(f"{option} is not UTF-8 text.", "", "Save it as UTF-8.", option=option)
