# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the vendors' documents are looked for, and what the tools get instead of them."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest

from support.portals import documents

CHECKOUT = "work/keyring"


@pytest.mark.parametrize(
    ("environment", "has_shared", "folder", "must"),
    [
        ({}, False, "work/shared/specs", False),
        ({}, True, "work/shared/specs", False),
        ({"CI": "true"}, False, "work/shared/specs", False),
        ({"CI": "true"}, True, "work/shared/specs", True),
        ({"CI": "false"}, True, "work/shared/specs", False),
        ({"PORTAL_DOCUMENTS": "given"}, False, "given", True),
        ({"PORTAL_DOCUMENTS": "", "CI": "true"}, True, "work/shared/specs", True),
    ],
)
def test_documents_are_looked_for(
    tmp_path: Path, environment: dict[str, str], has_shared: bool, folder: str, must: bool
) -> None:
    checkout = tmp_path / CHECKOUT
    checkout.mkdir(parents=True)
    if has_shared:
        (checkout.parent / "shared").mkdir()
    given = {name: str(tmp_path / value) if value == "given" else value for name, value in environment.items()}

    assert documents.documents_folder(given, checkout) == tmp_path / folder
    assert documents.must_be_there(given, checkout) is must


@pytest.mark.parametrize("promised", [True, False])
def test_a_missing_document_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, promised: bool) -> None:
    monkeypatch.setattr(documents, "ROOT", tmp_path / CHECKOUT)
    monkeypatch.delenv("CI", raising=False)
    folder = tmp_path / "given" if promised else tmp_path / "work" / "shared" / "specs"
    monkeypatch.setenv("PORTAL_DOCUMENTS", str(folder) if promised else "")
    outcome = pytest.fail.Exception if promised else pytest.skip.Exception
    sentence = f"The vendor's document {documents.ECP} is not in {folder}. Put it there, or set PORTAL_DOCUMENTS to its"

    with pytest.raises(outcome, match=re.escape(sentence)):
        documents.find_document(documents.ECP)


SCHEMAS: dict[str, Any] = {
    "Plain": {"type": "object", "properties": {"deep": {"type": "object", "properties": {"a": {}}}}},
    "Open": {"type": "object", "properties": {"a": {}}, "additionalProperties": True},
    "Anything": {"type": "object"},
    "Part": {"type": "object", "properties": {"a": {}}},
    "Whole": {"allOf": [{"$ref": "#/components/schemas/Part"}, {"type": "object", "properties": {"b": {}}}]},
}


def test_undeclared_fields_are_forbidden_where_no_other_schema_declares_them() -> None:
    documents.close_objects(SCHEMAS, open_names=documents.names_of_parts(SCHEMAS))

    closed = {"type": "object", "properties": {"a": {}}, "additionalProperties": False}
    assert {
        "Plain": {"type": "object", "properties": {"deep": closed}, "additionalProperties": False},
        "Open": {"type": "object", "properties": {"a": {}}, "additionalProperties": True},
        "Anything": {"type": "object"},
        "Part": {"type": "object", "properties": {"a": {}}},
        "Whole": {"allOf": [{"$ref": "#/components/schemas/Part"}, {"type": "object", "properties": {"b": {}}}]},
    } == SCHEMAS


def test_the_fast_pattern_accepts_the_names_of_the_slow_one() -> None:
    for length in range(7):
        for letters in itertools.product("a0._-A", repeat=length):
            name = "".join(letters)
            assert bool(re.search(documents.FAST, name)) == bool(re.search(documents.SLOW, name)), name
    assert not re.search(documents.FAST, "a" * 100_000 + "_")
