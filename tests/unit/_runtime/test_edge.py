# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text of others becomes printable at the edge: every kind of character that a terminal obeys, hides or reorders."""

from __future__ import annotations

import sys
import unicodedata
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._printable import (
    LONGEST_SENTENCE,
    make_line,
    make_printable,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.edge import SENTENCES, make_result_printable
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime, execute

# Kind, text, as it is shown in data.
CHARACTERS = (
    ("NUL", "a\x00b", "a\\x00b"),
    ("bell", "a\x07b", "a\\x07b"),
    ("backspace", "ab\x08", "ab\\x08"),
    ("carriage return", "good\rbad", "good\\x0dbad"),
    ("ESC: clear the screen", "\x1b[2J", "\\x1b[2J"),
    ("ESC: OSC 52, the clipboard", "\x1b]52;c;cm0gLXJm\x07", "\\x1b]52;c;cm0gLXJm\\x07"),
    ("DEL", "a\x7f", "a\\x7f"),
    ("C1: CSI", "\x9b2J", "\\x9b2J"),
    ("C1: OSC and ST", "\x9d0;title\x9c", "\\x9d0;title\\x9c"),
    ("C1: NEL", "a\x85b", "a\\x85b"),
    ("soft hyphen", "gh\xadcr", "gh\\xadcr"),
    ("grapheme joiner", "a\u034fb", "a\\u034fb"),
    ("Arabic letter mark", "a\u061cb", "a\\u061cb"),
    ("Hangul filler", "a\u3164b", "a\\u3164b"),
    ("zero width space", "gh\u200bcr.io", "gh\\u200bcr.io"),
    ("zero width joiner", "a\u200db", "a\\u200db"),
    ("right to left mark", "a\u200fb", "a\\u200fb"),
    ("line separator", "a\u2028b", "a\\u2028b"),
    ("paragraph separator", "a\u2029b", "a\\u2029b"),
    ("right to left override", "moc.oi\u202ercgh", "moc.oi\\u202ercgh"),
    ("isolates", "\u2066a\u2069", "\\u2066a\\u2069"),
    ("word joiner", "a\u2060b", "a\\u2060b"),
    ("variation selector", "a\ufe0f", "a\\ufe0f"),
    ("byte order mark", "\ufeffa", "\\ufeffa"),
    ("annotation", "\ufff9a\ufffb", "\\ufff9a\\ufffb"),
    ("half a surrogate pair", "\ud800.io", "\ufffd.io"),
    ("private use", "\ue000", "\\ue000"),
    ("no character", "\ufdd0\uffff", "\\ufdd0\\uffff"),
    ("musical format", "\U0001d173", "\\U0001d173"),
    ("tag characters", "a\U000e0067\U000e007f", "a\\U000e0067\\U000e007f"),
    ("variation selector supplement", "a\U000e0100", "a\\U000e0100"),
)
STAY = ("ghcr.io", "Grüße, 名前 & עברית", "a\tb\nc", "✓ 😀 — …", "a\xa0b", "\ufffd")


@pytest.mark.parametrize(("text", "shown"), [pytest.param(*row[1:], id=row[0]) for row in CHARACTERS])
def test_a_character_becomes_visible(text: str, shown: str) -> None:
    assert make_printable(text) == shown
    assert make_printable(shown) == shown, "what is printable stays"


@pytest.mark.parametrize("text", STAY)
def test_text_in_any_language_stays(text: str) -> None:
    assert make_printable(text) == text


def test_every_control_and_format_character_becomes_visible() -> None:
    """By Unicode's own categories, as this Python knows them."""
    left = [
        f"U+{code:04X}"
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
        and make_printable(chr(code)) == chr(code)
        and chr(code) not in "\t\n"
    ]
    # Signs that are printed around the digits or letters after them.
    numbers = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x13430, 0x13440)}
    assert set(left) <= {f"U+{code:04X}" for code in numbers}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("one\n\nTASK [Delete it] ****\nok: [localhost]", "one TASK [Delete it] **** ok: [localhost]"),
        ("one\r\ntwo\rthree", "one two three"),
        ("one\u2028two\u2029three\x85four\x0bfive\x0csix\x1cseven", "one two three four five six seven"),
        ("a  b\tc", "a  b c"),
        ("\n a \n", "a"),
        ("x" * (LONGEST_SENTENCE + 7), "x" * LONGEST_SENTENCE + "… (7 more characters)"),
    ],
)
def test_a_sentence_is_one_line(text: str, line: str) -> None:
    assert make_line(text) == line


@pytest.mark.parametrize(("text", "shown"), [pytest.param(*row[1:], id=row[0]) for row in CHARACTERS])
def test_results_are_printable(text: str, shown: str) -> None:
    """In data, in keys, and in sentences, of a task that succeeds and of one that fails."""

    def succeed(_params: Any, _runtime: Runtime) -> dict[str, Any]:
        data = {"name": text, "secrets": [{"labels": {text: text}}], "diff": {"before": {text: text}}}
        return {**data, "warnings": [f"See {text}\nTASK"]}

    def fail(_params: Any, _runtime: Runtime) -> dict[str, Any]:
        raise KeyringError(f"It says: {text}\nTASK [x] ok", quoted=f"{text}\nTASK [x] ok", failure="rejected")

    done = execute(succeed, {}, Runtime(check_mode=False, environ={}))
    failed = execute(fail, {}, Runtime(check_mode=False, environ={}))
    assert done["name"] == shown
    assert done["secrets"] == [{"labels": {shown: shown}}]
    assert done["diff"] == {"before": {shown: shown}}
    for sentence in (*done["warnings"], failed["msg"]):
        assert "\n" not in sentence
        assert make_printable(sentence) == sentence
    assert failed["msg"].endswith("TASK [x] ok")


def test_all_fields_with_sentences_become_lines() -> None:
    result = dict.fromkeys(SENTENCES, "a\nb")
    assert make_result_printable(result) == dict.fromkeys(SENTENCES, "a b")
    assert make_result_printable({"problems": ["a\nb"]}) == {"problems": ["a b"]}
    assert make_result_printable({"description": "a\nb"}) == {"description": "a\nb"}
