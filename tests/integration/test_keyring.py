# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keyring gives the answers of the kubelet's own code, of which tests/kubelet/main.go makes a program.

KEYRING_CASES says how many cases are made, KEYRING_SEED which: a failure prints its seed and a small case.
"""

from __future__ import annotations

import base64
import copy
import itertools
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from keyring_cases import Generator
from kubelet_program import ask, find_kubelet_keyring

from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.keyring import Credential, build_keyring
from ansible_collections.keyring.kubernetes.tests.unit.keyring_facts import QUESTIONS

CASES = int(os.environ.get("KEYRING_CASES", "20000"))
BATCH = 2000

Question = dict[str, Any]


@pytest.fixture(scope="session")
def program() -> Path:
    return find_kubelet_keyring()


def test_the_fact_tables(program: Path) -> None:
    for question, theirs in zip(QUESTIONS, ask(program, QUESTIONS), strict=True):
        assert comparable(question, theirs) == ours(question), question


def test_generated_cases(program: Path) -> None:
    seed = os.environ.get("KEYRING_SEED") or str(random.SystemRandom().randrange(10**9))
    matched = refused = 0
    for begin in range(0, CASES, BATCH):
        seeds = [f"{seed}/{number}" for number in range(begin, min(begin + BATCH, CASES))]
        questions = [Generator(random.Random(each)).question() for each in seeds]  # noqa: S311 - repeatable on purpose
        for each, question, theirs in zip(seeds, questions, ask(program, questions), strict=True):
            mine = ours(question)
            matched += any(mine.get("lookups") or ()) and any(found["credentials"] for found in mine["lookups"])
            refused += "refusal" in mine
            if mine != comparable(question, theirs):
                pytest.fail(f"seed {each} of KEYRING_SEED={seed}: {describe(program, question)}")
    print(f"seed {seed}: {CASES} cases, {matched} with a match, {refused} refused")
    assert matched > CASES / 5
    assert CASES / 20 < refused < CASES / 2


def ours(question: Question) -> dict[str, Any]:
    """The keyring's answer, in the shape of comparable."""
    keyring = build_keyring(question["secrets"])
    if keyring.refusal:
        return {"refusal": keyring.refusal.reason}
    found = [keyring.lookup(image) for image in question["images"]]
    return {
        "lookups": [
            {
                "name": lookup.name or "",
                "credentials": in_defined_order(map(as_row, lookup.credentials), lookup.credentials),
            }
            for lookup in found
        ]
    }


def comparable(question: Question, theirs: dict[str, Any]) -> dict[str, Any]:
    """The kubelet's answer, where two entries of one Secret with one match key stand in the order of their texts."""
    if theirs["refusal"]:
        return {"refusal": theirs["refusal"]}
    keyring = build_keyring(question["secrets"])
    lookups = []
    for image, found in zip(question["images"], theirs["lookups"], strict=True):
        rows = [(row["secret"], row["username"], row["password"], row["email"]) for row in found["credentials"]]
        expected = keyring.lookup(image).credentials
        same_length = len(expected) == len(rows)
        lookups.append(
            {"name": found["name"], "credentials": in_defined_order(rows, expected) if same_length else rows}
        )
    return {"lookups": lookups}


def as_row(credential: Credential) -> tuple[int, str, str, str]:
    texts = (credential.username, credential.password, credential.email)
    username, password, email = (base64.b64encode(text.encode(errors="surrogateescape")).decode() for text in texts)
    return credential.secret, username, password, email


def in_defined_order(rows: Any, credentials: tuple[Credential, ...]) -> list[Any]:
    """The rows, sorted within one match key of one Secret: Go's maps have no order."""
    pairs = zip(rows, credentials, strict=True)
    groups = itertools.groupby(pairs, key=lambda pair: (pair[1].secret, pair[1].key))
    return [row for _key, group in groups for row in sorted(row for row, _credential in group)]


def describe(program: Path, question: Question) -> str:
    small = shrink(program, question)
    shown = [
        {**secret, "data": {key: base64.b64decode(value) for key, value in secret["data"].items()}}
        for secret in small["secrets"]
    ]
    (theirs,) = ask(program, [small])
    return f"\nsecrets {shown}\nimages {small['images']}\nours    {ours(small)}\nkubelet {comparable(small, theirs)}"


def shrink(program: Path, question: Question) -> Question:
    """A smaller question that is still answered in two ways: fewer Secrets, fewer images, shorter data."""
    found: Question | None = question
    while found:
        question, found = found, None
        candidates = smaller(question)
        while not found and (batch := list(itertools.islice(candidates, 200))):
            pairs = zip(batch, ask(program, batch), strict=True)
            found = next((each for each, theirs in pairs if ours(each) != comparable(each, theirs)), None)
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
