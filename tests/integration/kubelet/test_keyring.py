# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keyring gives the answers of the kubelet's own code, of which tests/support/kubelet/main.go makes a program.

KEYRING_CASES says how many cases are made, KEYRING_SEED which: a failure prints its seed and a small case.
"""

from __future__ import annotations

import base64
import copy
import itertools
import os
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.go_json import fold_name
from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.keyring import (
    Credential,
    Refusal,
    build_keyring,
)
from support.kubelet.cases import Generator
from support.kubelet.facts import QUESTIONS, TYPE
from support.kubelet.program import find_kubelet_keyring
from support.questions import ask

CASES = int(os.environ.get("KEYRING_CASES", "20000"))
BATCH = 2000

MEMBERS = {fold_name(name): name for name in ("auths", "HttpHeaders")}

Question = dict[str, Any]
Row = tuple[int, str, str, str]


@pytest.fixture(scope="session")
def program() -> Path:
    return find_kubelet_keyring()


def test_the_fact_tables(program: Path) -> None:
    for question, theirs in zip(QUESTIONS, ask(program, QUESTIONS), strict=True):
        mine, expected = compare(question, theirs)
        assert mine == expected, question


def test_generated_cases(program: Path) -> None:
    seed = os.environ.get("KEYRING_SEED") or str(random.SystemRandom().randrange(10**9))
    matched = refused = 0
    for begin in range(0, CASES, BATCH):
        seeds = [f"{seed}/{number}" for number in range(begin, min(begin + BATCH, CASES))]
        questions = [Generator(random.Random(each)).question() for each in seeds]  # noqa: S311 - repeatable on purpose
        for each, question, theirs in zip(seeds, questions, ask(program, questions), strict=True):
            mine, expected = compare(question, theirs)
            if mine != expected:
                pytest.fail(f"case {each} of KEYRING_SEED={seed}: {describe(program, question)}")
            matched += any(found["credentials"] for found in mine.get("lookups", ()))
            refused += "refusal" in mine
    print(f"seed {seed}: {CASES} cases, {matched} with a match, {refused} refused")
    # Else the grammar makes too much of what says nothing.
    assert matched > CASES / 5
    assert CASES / 20 < refused < CASES / 2


def compare(question: Question, theirs: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The keyring's answer and the kubelet's, without the order that Go's maps do not have."""
    keyring = build_keyring(question["secrets"])
    expected = {"refusal": theirs["refusal"]} if theirs["refusal"] else {"lookups": []}
    if keyring.refusal:
        return {"refusal": kind(keyring.refusal, question)}, expected
    lookups = [keyring.lookup(image) for image in question["images"]]
    mine = [
        {"name": each.name or "", "credentials": in_order(map(as_row, each.credentials), each.credentials)}
        for each in lookups
    ]
    if not theirs["refusal"]:
        expected["lookups"] = [
            {"name": each["name"], "credentials": in_order(map(their_row, each["credentials"]), ours.credentials)}
            for each, ours in zip(theirs["lookups"], lookups, strict=True)
        ]
    return {"lookups": mine}, expected


def kind(refusal: Refusal, question: Question) -> str:
    """The refusal in the words of main.go: with the path to what is of the wrong type, in which Go names no entry."""
    if refusal.reason != "wrong_type":
        return refusal.reason
    in_auths = refusal.server is not None and question["secrets"][refusal.secret]["type"] == TYPE
    name = refusal.field and MEMBERS.get(fold_name(refusal.field), refusal.field)
    return "wrong_type " + ".".join(filter(None, ["auths" if in_auths else None, name]))


def differ(question: Question, theirs: dict[str, Any]) -> bool:
    mine, expected = compare(question, theirs)
    return mine != expected


def as_row(credential: Credential) -> Row:
    texts = (credential.username, credential.password, credential.email)
    username, password, email = (base64.b64encode(text.encode(errors="surrogateescape")).decode() for text in texts)
    return credential.secret, username, password, email


def their_row(credential: dict[str, Any]) -> Row:
    return credential["secret"], credential["username"], credential["password"], credential["email"]


def in_order(rows: Iterable[Row], credentials: Sequence[Credential]) -> list[Row]:
    """The rows, sorted within one match key of one Secret."""
    listed = list(rows)
    if len(listed) != len(credentials):
        return listed
    groups = itertools.groupby(zip(listed, credentials, strict=True), key=lambda pair: (pair[1].secret, pair[1].key))
    return [row for _key, group in groups for row in sorted(row for row, _credential in group)]


def describe(program: Path, question: Question) -> str:
    small = shrink(program, question)
    shown = [
        {**secret, "data": {key: base64.b64decode(value) for key, value in secret["data"].items()}}
        for secret in small["secrets"]
    ]
    (theirs,) = ask(program, [small])
    mine, expected = compare(small, theirs)
    return f"\nsecrets {shown}\nimages  {small['images']}\nours    {mine}\nkubelet {expected}"


def shrink(program: Path, question: Question) -> Question:
    """A smaller question that is still answered in two ways: fewer Secrets, fewer images, shorter data."""
    found: Question | None = question
    while found:
        question, found = found, None
        candidates = smaller(question)
        while not found and (batch := list(itertools.islice(candidates, 200))):
            pairs = zip(batch, ask(program, batch), strict=True)
            found = next((each for each, theirs in pairs if differ(each, theirs)), None)
    return question


def smaller(question: Question) -> Iterator[Question]:
    for name in ("secrets", "images"):
        for index in range(len(question[name])):
            yield {**question, name: [item for place, item in enumerate(question[name]) if place != index]}
    for index, secret in enumerate(question["secrets"]):
        for key, value in secret["data"].items():
            for text in shorter(base64.b64decode(value)):
                changed: Question = copy.deepcopy(question)
                changed["secrets"][index]["data"][key] = base64.b64encode(text).decode()
                yield changed


def shorter(data: bytes) -> Iterator[bytes]:
    """The data without one piece; of long data only large pieces are tried."""
    size = len(data)
    while size > len(data) // 400:
        for begin in range(0, len(data) - size + 1, max(1, size // 2)):
            yield data[:begin] + data[begin + size :]
        size //= 2
