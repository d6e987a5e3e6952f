# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Damaged PEM texts: what is repaired byte for byte, and what is refused."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.key_format import find_key_block
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.pem import (
    decode_base64,
    is_whole_der,
    parse_pem,
    straighten,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from support.samples.keys import KINDS, key_text
from support.samples.secrets import encode, refusal

OPTION = "ssh.private_key"


def fold(text: str) -> str:
    """What YAML makes of a text behind ``>-``: a line end becomes a blank, an empty line a line end."""
    return "\n".join(part.replace("\n", " ") for part in text.strip().split("\n\n"))


def join_lines(text: str) -> str:
    """What a form of one line makes of a text. The headers of an old encrypted key do not survive that."""
    return text if "Proc-Type" in text else text.replace("\n", "")


Damage = Callable[[str], str]

DAMAGES: dict[str, Damage] = {
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "CR": lambda text: text.replace("\n", "\r"),
    "written line ends": lambda text: text.replace("\r", r"\r").replace("\n", r"\n"),
    "folded": fold,
    "indented": lambda text: "".join(f"    {line}" for line in text.splitlines(keepends=True)),
    "blanks at line ends": lambda text: text.replace("\n", " \t\n"),
    "blanks around": lambda text: f" \n\t{text}\n\n ",
    "without the last line end": lambda text: text.rstrip("\n"),
    "without line ends": join_lines,
}


def repair(text: str) -> str:
    return find_key_block(text, OPTION).text


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_damage_to_every_kind_of_key_is_undone(kind: str, encrypted: bool, damage: Damage) -> None:
    text = key_text(kind, encrypted=encrypted)
    assert repair(damage(text)) == text


@given(
    kind=st.sampled_from(KINDS),
    encrypted=st.booleans(),
    damages=st.lists(st.sampled_from(list(DAMAGES.values())), max_size=4),
)
def test_damages_on_top_of_one_another_are_undone(kind: str, encrypted: bool, damages: list[Damage]) -> None:
    text = damaged = key_text(kind, encrypted=encrypted)
    for damage in damages:
        damaged = damage(damaged)
    assert repair(damaged) == text


def test_a_byte_order_mark_is_removed() -> None:
    text = key_text("Ed25519 OpenSSH")
    assert repair("\ufeff" + text) == text


def test_lines_of_another_width_stay() -> None:
    begin, *body, end = key_text("ECDSA PKCS#8").splitlines()
    text = "\n".join([begin, *textwrap.wrap("".join(body), 76), end, ""])
    assert repair(text) == text


@given(text=st.text(st.sampled_from("\\nr\r\n a-"), min_size=1).filter(str.strip))
def test_straight_line_ends_stay_straight(text: str) -> None:
    once = straighten(text, OPTION)
    assert straighten(once, OPTION) == once if once.strip() else "\n" in once
    assert "\r" not in once


def pem(*lines: str) -> str:
    return "\n".join(line if line.startswith("AA") else f"-----{line} THING-----" for line in lines)


CUT = "ssh.private_key is cut: it has {}. Copy the whole text, from the first -----BEGIN to the last -----END line."
NO_END = CUT.format("a BEGIN line without its END line")
NO_BEGIN = CUT.format("an END line without its BEGIN line")
DAMAGED = (
    "ssh.private_key is damaged: the text between its BEGIN and END lines is not base64. "
    "A part was cut off or replaced. Copy the whole text again."
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(pem("BEGIN", "AAAA"), NO_END, id="no END"),
        pytest.param(pem("BEGIN", "AAAA", "BEGIN", "AAAA", "END"), NO_END, id="BEGIN twice"),
        pytest.param(pem("BEGIN", "AAAA", "END", "BEGIN", "AAAA"), NO_END, id="the second without END"),
        pytest.param(pem("AAAA", "END"), NO_BEGIN, id="no BEGIN"),
        pytest.param(pem("BEGIN", "AAAA", "END", "AAAA", "END"), NO_BEGIN, id="END twice"),
        pytest.param(pem("BEGIN", "AAAA") + "\n-----END OTHER-----", NO_BEGIN, id="another END"),
        pytest.param(pem("BEGIN", "AAAA") + "\n----END THING----", NO_END, id="a hyphen less"),
        pytest.param(pem("BEGIN", "END"), DAMAGED, id="nothing inside"),
        pytest.param(pem("BEGIN", "AAA", "END"), DAMAGED, id="one character less"),
        pytest.param(pem("BEGIN", "AA…A", "END"), DAMAGED, id="an ellipsis"),
        pytest.param(pem("BEGIN", "AA==", "AAAA", "END"), DAMAGED, id="padding inside"),
        pytest.param(pem("BEGIN", "AA_-", "END"), DAMAGED, id="base64 for URLs"),
    ],
)
def test_cut_and_damaged_texts_are_refused(text: str, message: str) -> None:
    assert refusal(parse_pem, text, OPTION) == message


def test_a_text_over_64_kib_is_refused() -> None:
    straighten("a" * 65536, OPTION)
    assert refusal(straighten, "a" * 65537, OPTION) == (
        "ssh.private_key is longer than 64 KiB. No valid key, certificate or list of host keys is that long. "
        "Check the file or the variable behind it."
    )


@pytest.mark.parametrize(
    ("text", "data"),
    [("AAAA", b"\0\0\0"), (" AA\nAA\t", b"\0\0\0"), ("AA=", None), ("AAé=", None), ("A-_A", None), ("", b"")],
)
def test_decode_base64(text: str, data: bytes | None) -> None:
    assert decode_base64(text) == data


@pytest.mark.parametrize(
    ("data", "whole"),
    [
        (b"\x30\x00", True),
        (b"\x30\x01a", True),
        (b"\x30\x81\x01a", True),
        (b"\x30\x82\x00\x01a", True),
        (b"", False),
        (b"\x30", False),
        (b"\x30\x01", False),
        (b"\x30\x01ab", False),
        (b"\x30\x82\x00\x01", False),
        (b"\x30\x82", False),
        (b"\x31\x00", False),
    ],
)
def test_is_whole_der(data: bytes, whole: bool) -> None:
    assert is_whole_der(data) is whole


# There is no clock in this test: what is not linear would never come to an end on one of these.
@pytest.mark.parametrize(
    "piece",
    [
        "-----BEGIN A-----",
        "-----END A-----",
        "-----BEGIN A-----AAAA-----END A-----",
        "-",
        "ssh-",
        " ssh-rsa ",
        " ",
        "\\n",
    ],
)
def test_long_hostile_texts_end(piece: str) -> None:
    text = "!" + piece * (65000 // len(piece))
    refusal(find_key_block, text, OPTION)


@given(text=st.text(max_size=200) | st.builds(encode, st.binary(max_size=100)))
def test_no_text_is_an_accident(text: str) -> None:
    try:
        find_key_block(text, OPTION)
    except KeyringError:
        return
    raise AssertionError(f"{text!r} is a key")
