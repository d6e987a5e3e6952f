# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text that others wrote, made printable: nothing in it moves the cursor, hides, reorders or looks like another line.

Anyone who may create a Secret or a Pod chooses texts in it. Ansible prints messages and warnings as they are, and of
data only the characters below U+0020 escaped. What is stored and compared is never changed.

Sources: ECMA-48 (controls), the Unicode Character Database (DerivedCoreProperties.txt, Default_Ignorable_Code_Point),
UAX #9 (bidirectional formatting), UTR #36 (security).
"""

from __future__ import annotations

import re

# The characters that are not displayed as themselves, by kind.
_HIDDEN_RANGES = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f",  # controls, but for the tab and the newline: ESC, CR, and CSI in one character
    "\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u3164\ufeff\uffa0",  # zero width, and fillers
    "\u061c\u202a-\u202e\u2060-\u206f",  # what orders the text from right to left
    "\u2028\u2029",  # the separators of lines and paragraphs
    "\ufe00-\ufe0f\U000e0000-\U000e0fff",  # variation selectors and tags
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a",  # annotations, formats of shorthand and of music
    "\ue000-\uf8ff\U000f0000-\U0010ffff",  # private use
    "\ufdd0-\ufdef\ufffe\uffff",  # no characters
    "\ud800-\udfff",  # half a surrogate pair: UTF-8 has none, and Ansible fails the whole task for one
)
_HIDDEN_CHARACTER = re.compile(f"[{''.join(_HIDDEN_RANGES)}]")
# It begins with the first of several spaces: without that, many spaces alone take quadratic time.
_LINE_BREAK = re.compile("(?<![ \t])[ \t]*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\\s*|\t")

# The length from which a sentence is cut: it quotes more than anyone reads, and more than a terminal keeps.
LONGEST_SENTENCE = 8000


def make_printable(text: str) -> str:
    """Return a string with an escape in place of each character that is not displayed as itself, such as U+202E.

    Tabs and newlines stay. Half a surrogate pair becomes U+FFFD, as Go reads it.
    """
    if text.isascii() and text.isprintable():
        return text
    return _HIDDEN_CHARACTER.sub(_escape, text)


def make_line(text: str, longest: int = LONGEST_SENTENCE) -> str:
    """Return a string as one printable line of at most ``longest`` characters and a note of how many more it has."""
    line = make_printable(_LINE_BREAK.sub(" ", text)).strip()
    if len(line) <= longest:
        return line
    return f"{line[:longest]}… ({len(line) - longest} more characters)"


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
