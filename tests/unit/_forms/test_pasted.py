# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is typed or pasted: when a value is complete, what is a path, and which keys are refused."""

from __future__ import annotations

import time

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._forms.pasted import (
    check_given,
    check_typed,
    is_complete,
    is_probably_path,
    normalize_typed,
)
from support.samples.keys import KINDS, key_text

KEY = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nQUJD\n-----END RSA PRIVATE KEY-----"
CONFIG = '{\n "auths": {\n  "ghcr.io": {"auth": "YTpi"}\n }\n}'

COMPLETE = {
    "nothing": "",
    "a password": "s3cret",
    "a path": "~/.docker/config.json",
    "a key": KEY,
    "a key in lower case, as Ansible hands keys over": KEY.lower(),
    "a key with blank lines around it": f"\n\n{KEY}\n\n",
    "JSON": CONFIG,
    "JSON in one line": '{"auths":{}}',
    "JSON from between the braces": CONFIG.strip("{}"),
    "JSON from between the braces, with its comma": CONFIG.strip("{}").rstrip() + ",",
    "a list": "[1, 2]",
    "a string of JSON": '"text"',
    "base64": "QUJD" * 300,
    "base64 in lines": "\n".join(["QUJD" * 19] * 5),
}
INCOMPLETE = {
    "a key without its end": KEY.rpartition("\n")[0],
    "the first line of a key": KEY.partition("\n")[0],
    "a key with a part of its end": KEY[:-3],
    "a comment after a key": f"{KEY}\n# comment",
    "JSON without its end": CONFIG[:-1],
    "the first line of JSON": "{",
    "the first line from between the braces": '"auths": {',
    "the first line of YAML": "apiVersion: v1",
    "a key of YAML without a value": "data:",
    "a document of YAML": "---\nkind: Secret",
    "a comment": "# a Secret",
    "deep JSON": "[" * 100_000,
}


@pytest.mark.parametrize("text", COMPLETE.values(), ids=list(COMPLETE))
def test_values_that_are_complete(text: str) -> None:
    assert is_complete(text)


@pytest.mark.parametrize("text", INCOMPLETE.values(), ids=list(INCOMPLETE))
def test_values_of_which_more_must_follow(text: str) -> None:
    assert not is_complete(text)


def test_long_values_are_decided_in_time() -> None:
    begin = time.monotonic()
    for text in ("-----begin" * 2000, "a:" * 10_000, "-----end " * 2000, "{" * 20_000, " " * 20_000):
        is_complete(text)
        is_probably_path(text)
    assert time.monotonic() - begin < 1


PATHS = (
    "keys/id_ed25519",
    "/etc/keys/-----BEGIN",
    "~/.docker/config.json",
    "/tmp/key",
    "./key",
    "../key",
    "key.pem",
    "keys/deploy",
    "C:\\key",
    "/" + "a" * 200,
)
NO_PATHS = (KEY, CONFIG, '"auths": {}', "QUJD" * 20, "{}", "")


def test_paths_and_values() -> None:
    assert [text for text in PATHS if not is_probably_path(text)] == []
    assert [text for text in NO_PATHS if is_probably_path(text)] == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("joined_with", ["", " ", "\\n"])
def test_a_key_that_a_survey_has_put_in_one_line_is_no_path(kind: str, joined_with: str) -> None:
    assert not is_probably_path(key_text(kind).strip().replace("\n", joined_with))


NORMALIZED = {
    b" name \r": "name",
    b"a\r\nb\rc\n": "a\nb\nc",
    b"ab\x08c": "ac",
    b"ab\x7f\x7f\x7fc": "c",
    "für".encode(): "für",
    b"": "",
}


def test_what_was_typed_becomes_text() -> None:
    assert {typed: normalize_typed(typed) for typed in NORMALIZED} == NORMALIZED


# What is typed, whether it has several lines, and the words of the refusal; none where it is accepted.
TYPED = {
    "letters": ("für 東京", False, ""),
    "an emoji": ("\N{KEY}", False, ""),
    "several lines, which the field refuses": ("a\nb", False, ""),
    "a tab in several lines": ("a:\n\tb", True, ""),
    "a tab in one line": ("a\tb", False, "control character"),
    "an arrow key": ("a\x1b[D", False, "control character"),
    "an arrow key in several lines": ("a\x1b[D", True, "control character"),
    "CSI in one character": ("a\x9bD", False, "control character"),
    "NUL": ("a\x00", False, "control character"),
    "Latin-1": (normalize_typed(b"m\xfcller"), False, "UTF-8"),
    "Latin-1 in several lines": (normalize_typed(b"a\nm\xfcller"), True, "UTF-8"),
}


@pytest.mark.parametrize("case", TYPED.values(), ids=list(TYPED))
def test_keys_that_are_part_of_no_value(case: tuple[str, bool, str]) -> None:
    text, lines, words = case
    if not words:
        check_typed(text, "Name", lines=lines)
        return
    with pytest.raises(KeyringError, match=words) as raised:
        check_typed(text, "Name", lines=lines)
    assert text not in str(raised.value)


def test_values_that_were_set_are_checked_like_typed_ones() -> None:
    for text, lines, words in TYPED.values():
        if not words:
            check_given(text, "name (Name)", "name", lines=lines)
            continue
        with pytest.raises(KeyringError, match=words) as raised:
            check_given(text, "name (Name)", "name", lines=lines)
        assert raised.value.option == "name"
        assert text not in str(raised.value)
        assert "type" not in str(raised.value).lower()
