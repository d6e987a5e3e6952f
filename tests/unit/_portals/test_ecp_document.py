# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fields of the answers of ECP: a missing one is empty, one of another type is refused without its value."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.ecp_document import (
    read_moment,
    read_text,
    read_typed_field,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.strange_document import StrangeDocument


def test_reads_a_field() -> None:
    document = {"text": "x", "number": 0, "list": [], "nothing": None}
    assert read_typed_field(document, "number", int) == 0
    assert read_typed_field(document, "list", list) == []
    assert read_text(document, "text") == "x"
    assert read_text(document, "nothing") == read_text(document, "missing") == ""
    assert read_typed_field(document, "nothing", int) is None


@pytest.mark.parametrize("value", [True, 1.5, "s3cret-text", ["s3cret-text"], {"x": "s3cret-text"}])
def test_refuses_another_type(value: object) -> None:
    with pytest.raises(StrangeDocument, match=r"^Its field number has a value of another type\.$"):
        read_typed_field({"number": value}, "number", int)


@pytest.mark.parametrize("document", [None, [], "s3cret-text", 5])
def test_refuses_what_is_no_object(document: object) -> None:
    with pytest.raises(StrangeDocument, match=r"^It has another value in place of a JSON object\.$"):
        read_text(document, "name")
    assert read_moment(document, "name") is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [("2020-10-02T17:05:00+02:00", "2020-10-02T15:05:00Z"), ("yesterday", None), (5, None), (None, None)],
)
def test_reads_a_time(given: Any, expected: str | None) -> None:
    assert read_moment({"time": given}, "time") == expected
