# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secret texts are cut out in every form in which they are commonly written."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import unicodedata
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.secret_values import PossiblySecret
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.scrub import (
    SCRUBBED,
    SHORTEST,
    Scrubber,
    leaves,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.pull_secret import pull_secret_texts
from support.samples.secrets import decode, docker_secret, encode

SECRET = "pa\"ss'w%&<ör d\\/~"


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(SECRET, id="plain"),
        pytest.param("cGEic3MndyUmPMO2ciBkXC9+", id="base64"),
        pytest.param("cGEic3MndyUmPMO2ciBkXC9-", id="URL-safe base64"),
        pytest.param("pa%22ss%27w%25%26%3C%C3%B6r%20d%5C%2F~", id="URL-encoded"),
        pytest.param("pa%22ss%27w%25%26%3C%C3%B6r+d%5C%2F~", id="URL-encoded form"),
        pytest.param("pa\\\"ss'w%&<\\u00f6r d\\\\/~", id="JSON in ASCII"),
        pytest.param("pa\\\"ss'w%&<ör d\\\\/~", id="JSON"),
        pytest.param("pa\\\"ss'w%\\u0026\\u003cör d\\\\/~", id="JSON as Go writes it"),
        pytest.param("pa\"ss\\'w%&<ör d\\\\/~", id="Python"),
    ],
)
def test_every_written_form(form: str) -> None:
    scrubber = Scrubber()
    scrubber.add(SECRET)
    assert scrubber.clean(f"before {form} after") == f"before {SCRUBBED} after"
    assert scrubber.clean(form) == SCRUBBED


@pytest.mark.parametrize(
    ("secret", "form"),
    [
        pytest.param("s3cret!", "czNjcmV0IQ==", id="padded"),
        pytest.param("s3cret!", "czNjcmV0IQ", id="unpadded"),
        pytest.param("s3cret\n", "s3cret\n", id="with its line end"),
        pytest.param("s3cret\n", "s3cret", id="without its line end"),
        pytest.param(" s3cret ", "s3cret", id="without its blanks"),
        pytest.param("line one\nline two", "line one\\nline two", id="line ends escaped"),
        pytest.param("s3\udcfccret", "s3\udcfccret", id="a byte that was not UTF-8"),
    ],
)
def test_more_forms(secret: str, form: str) -> None:
    scrubber = Scrubber()
    scrubber.add(secret)
    assert scrubber.clean(f"<{form}>") == f"<{SCRUBBED}>"


def test_a_longer_secret_is_cut_before_one_that_it_contains() -> None:
    scrubber = Scrubber()
    scrubber.add("s3cret", "s3cret-and-more")
    assert scrubber.clean("s3cret-and-more, s3cret") == f"{SCRUBBED}, {SCRUBBED}"


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        pytest.param("s3cret", SCRUBBED, id="text"),
        pytest.param({"a": ["x s3cret", ("s3cret",)]}, {"a": [f"x {SCRUBBED}", [SCRUBBED]]}, id="nested"),
        pytest.param({"s3cret": 1}, {"s3cret": 1}, id="a key stays"),
        pytest.param([1, 1.5, True, None], [1, 1.5, True, None], id="other values stay"),
        pytest.param({}, {}, id="empty"),
        pytest.param("secret", "secret", id="something else"),
    ],
)
def test_clean(value: Any, cleaned: Any) -> None:
    scrubber = Scrubber()
    scrubber.add("s3cret")
    assert scrubber.clean(value) == cleaned


@pytest.mark.parametrize("secret", ["", "1", "x" * (SHORTEST - 1), " x\n" + " " * SHORTEST])
def test_a_short_text_is_left_alone(secret: str) -> None:
    scrubber = Scrubber()
    scrubber.add(secret)
    assert scrubber.clean("port 10001 xxxxxxxxxx\n       ") == "port 10001 xxxxxxxxxx\n       "


def test_the_shortest_text_is_cut() -> None:
    scrubber = Scrubber()
    scrubber.add("y" * SHORTEST)
    assert scrubber.clean("y" * SHORTEST) == SCRUBBED


def test_nothing_to_hide_changes_nothing() -> None:
    value = {"a": ["b", 1]}
    assert Scrubber().clean(value) == value
    assert Scrubber().clean_parts("any text") == "any text"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        pytest.param("denied: s3cret-t0ken!", f"denied: {SCRUBBED}", id="all of it"),
        pytest.param("denied: s3cret-t0k…", f"denied: {SCRUBBED}…", id="its beginning"),
        pytest.param("…ret-t0ken! denied", f"…{SCRUBBED} denied", id="its end"),
        pytest.param("a cret-t b", f"a {SCRUBBED} b", id="six characters"),
        pytest.param("a cret- b", "a cret- b", id="five characters"),
        pytest.param("s3cret-t and -t0ken!", f"{SCRUBBED} and {SCRUBBED}", id="two parts"),
        pytest.param("czNjcmV0LXQwa2…", f"{SCRUBBED}…", id="the beginning of its base64"),
        pytest.param("short", "short", id="shorter than a part"),
        pytest.param("", "", id="empty"),
    ],
)
def test_clean_parts(text: str, cleaned: str) -> None:
    scrubber = Scrubber()
    scrubber.add("s3cret-t0ken!")
    assert scrubber.clean_parts(text) == cleaned


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ("a", ["a"]),
        ({"k": ["a", {"l": ("b", 7, None, True)}], "m": "c"}, ["a", "b", "c"]),
        ([], []),
        (7, []),
        (None, []),
    ],
)
def test_leaves(value: Any, texts: list[str]) -> None:
    assert list(leaves(value)) == texts


def test_a_doubtful_text_is_cut_out_of_what_somebody_else_wrote_and_of_nothing_else() -> None:
    scrubber = Scrubber()
    scrubber.add(PossiblySecret("created"), PossiblySecret("x"))
    assert scrubber.clean({"operation": "created"}) == {"operation": "created"}
    assert scrubber.clean_parts("box created, boxcreat") == f"box {SCRUBBED}, boxcreat"


def test_one_with_a_base_knows_the_base_and_keeps_its_own_to_itself() -> None:
    base = Scrubber()
    base.add("of the base", PossiblySecret("doubtful of the base"))
    first, second = Scrubber(base), Scrubber(base)
    first.add("of the first", PossiblySecret("perhaps the first"))
    third = Scrubber(first)
    base.add("added later")
    text = "of the base, of the first, added later"

    assert base.clean(text) == f"{SCRUBBED}, of the first, {SCRUBBED}"
    assert second.clean(text) == f"{SCRUBBED}, of the first, {SCRUBBED}"
    assert first.clean(text) == f"{SCRUBBED}, {SCRUBBED}, {SCRUBBED}"
    assert third.clean(text) == f"{SCRUBBED}, {SCRUBBED}, {SCRUBBED}"


@pytest.mark.parametrize("levels", [1, 2])
def test_one_with_a_base_cuts_parts_of_both(levels: int) -> None:
    base = Scrubber()
    base.add("s3cret-base", PossiblySecret("a-word"))
    scrubber = base
    for _level in range(levels):
        scrubber = Scrubber(scrubber)
    scrubber.add("0ther-own", PossiblySecret("my-word"))
    text = "s3cret- a-word 0ther-o my-word"

    assert scrubber.clean_parts(text) == f"{SCRUBBED} {SCRUBBED} {SCRUBBED} {SCRUBBED}"
    assert base.clean_parts(text) == f"{SCRUBBED} {SCRUBBED} 0ther-o my-word"
    assert scrubber.clean(text) == text


KEY = ".dockerconfigjson"
ENTRY: dict[str, Any] = {
    "username": "octopus",
    "password": "p4ss<w0rd",
    "email": "octopus@example.com",
    "auth": encode("octopus:p4ss<w0rd"),
    "registry": "ghcr.io",
    "note": "created",
    "other": {"deep": ["f1eld-value", 31415926]},
}
CONFIG = {"auths": {"ghcr.io": ENTRY, "https://u:ser-1nfo@quay.io": None}, "HttpHeaders": {"X-Token": "h3ader-value"}}
STORED = docker_secret(CONFIG)
STORED["data"]["another"] = encode("an0ther-value")
SECRET_PIECES = ("p4ss", "w0rd", "f1eld", "3141", "1nfo", "h3ader", "an0ther", ENTRY["auth"][8:14], "created")


def scrubber_of_stored() -> Scrubber:
    scrubber = Scrubber()
    scrubber.add(*pull_secret_texts(STORED))
    return scrubber


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(json.dumps(STORED), id="the object"),
        pytest.param(json.dumps(STORED["data"]), id="its data"),
        pytest.param(decode(STORED["data"][KEY]), id="the docker config"),
        pytest.param(json.dumps(decode(STORED["data"][KEY])), id="the docker config as a text in JSON"),
        pytest.param(repr(CONFIG), id="the docker config in Python"),
        pytest.param(f"{decode(STORED['data'][KEY])}".replace("<", "\\u003c"), id="the docker config in Go"),
        pytest.param(f"{STORED['data'][KEY][:50]}…", id="the beginning of its base64"),
        pytest.param(f"…{STORED['data'][KEY][77:99]}…", id="a piece of its base64"),
        pytest.param(f"another: {decode(STORED['data']['another'])}", id="another key"),
    ],
)
def test_what_a_server_quotes_of_a_secret(text: str) -> None:
    cleaned = scrubber_of_stored().clean_parts(text)
    assert SCRUBBED in cleaned
    assert not [piece for piece in SECRET_PIECES if piece in cleaned]
    data = "".join(STORED["data"].values())
    assert not [data[start : start + 6] for start in range(len(data) - 5) if data[start : start + 6] in cleaned]


@pytest.mark.parametrize(
    "text",
    [
        "admission webhook denied it: every entry of auths needs a username, a password and an email of example.com",
        'the registry names {"auths": {"username": "octopus", "password": "", "other": {"deep"}}} are not allowed',
        "quay.io is not allowed in data of .dockerconfigjson; HttpHeaders and X-Token neither",
    ],
)
def test_what_is_no_secret_stays_in_what_a_server_says(text: str) -> None:
    assert scrubber_of_stored().clean_parts(text) == text


def test_what_is_no_secret_stays_in_results() -> None:
    result = {"operation": "created", "servers": ["ghcr.io", "quay.io"], "username": "octopus"}
    assert scrubber_of_stored().clean(result) == result
    assert scrubber_of_stored().clean(["p4ss<w0rd", ENTRY["auth"]]) == [SCRUBBED, SCRUBBED]


# What the guide "What is never shown" says that no scrubber recognises.
LIMITS = {
    "a digest": hashlib.sha256(SECRET.encode()).hexdigest(),
    "hexadecimal": SECRET.encode().hex(),
    "base64 from its second octet": base64.b64encode(SECRET.encode()[1:]).decode(),
    "base64 of a whole request": base64.b64encode(f"a{SECRET}".encode()).decode(),
    "reversed": SECRET[::-1],
    "another letter case": SECRET.upper(),
    "HTML entities": html.escape(SECRET),
    "five characters": SECRET[:5],
}


@pytest.mark.parametrize("form", LIMITS.values(), ids=LIMITS)
def test_what_is_not_recognised(form: str) -> None:
    scrubber = Scrubber()
    scrubber.add(SECRET)
    assert scrubber.clean(form) == form


def test_another_normal_form_is_not_recognised() -> None:
    scrubber = Scrubber()
    scrubber.add("pässwört")
    form = unicodedata.normalize("NFD", "pässwört")
    assert scrubber.clean(form) == form


QUOTED = "Pä55-word<Größe>&1"
CHANGED = {
    "reversed": QUOTED[::-1],
    "lower case": QUOTED.lower(),
    "upper case": QUOTED.upper(),
    "NFD": unicodedata.normalize("NFD", QUOTED),
    "HTML": html.escape(QUOTED),
    "hexadecimal": QUOTED.encode().hex(),
    "hexadecimal in capitals": QUOTED.encode().hex().upper(),
    "base32": base64.b32encode(QUOTED.encode()).decode(),
    "MD5": hashlib.md5(QUOTED.encode()).hexdigest(),  # noqa: S324  (a server may print one)
    "SHA-1": hashlib.sha1(QUOTED.encode()).hexdigest(),  # noqa: S324
    "SHA-256": hashlib.sha256(QUOTED.encode()).hexdigest(),
    "SHA-256 in base64": base64.b64encode(hashlib.sha256(QUOTED.encode()).digest()).decode(),
}


@pytest.mark.parametrize("form", CHANGED.values(), ids=CHANGED)
def test_what_a_server_makes_of_a_secret_is_not_quoted(form: str) -> None:
    scrubber = Scrubber()
    scrubber.add(QUOTED)
    assert form not in scrubber.clean_parts(f"denied: {form} is weak")
    assert len(scrubber.clean_parts(f"denied: {form} is weak")) < len(f"denied:  is weak{SCRUBBED}") + 14


def test_digits_that_occur_by_chance_are_left() -> None:
    """Six digits of the hexadecimal of a token occur in one of a thousand names that are generated."""
    token = "header.UtNDpayload.signature"
    name = "test-5744e48ecb"
    assert "5744e4" in token.encode().hex()

    scrubber = Scrubber()
    scrubber.add(token)
    assert scrubber.clean_parts(f"{name} needs the verb get") == f"{name} needs the verb get"


@pytest.mark.parametrize("before", ["", "a", "ab", '{"data":"', "octo:", "longer than that:"])
def test_base64_of_a_text_with_a_secret_inside(before: str) -> None:
    scrubber = Scrubber()
    scrubber.add(QUOTED)
    encoded = encode(f"{before}{QUOTED}and more")
    shown = scrubber.clean_parts(f"got {encoded}")
    assert SCRUBBED in shown
    left = shown.removeprefix("got ").split(SCRUBBED)
    assert all(
        QUOTED[:4] not in base64.b64decode(f"{part[: len(part) // 4 * 4]}").decode(errors="replace") for part in left
    )


@pytest.mark.parametrize("secret", ["1", "abc", "s3cr!", " x "])
def test_a_text_with_a_short_secret_is_not_quoted(secret: str) -> None:
    scrubber = Scrubber(Scrubber())
    scrubber._base.add(secret) if scrubber._base else None
    assert scrubber.clean_parts(f"the password {secret} is weak") == SCRUBBED
    assert scrubber.clean_parts("nothing of it") == "nothing of it"
    assert scrubber.clean(f"the password {secret} is weak") == f"the password {secret} is weak"
