# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fields of the answers of the ECP platform, by their types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from .._credentials.expiry import parse_time, render_time
from .strange_document import StrangeDocument

JsonT = TypeVar("JsonT", str, int, list[Any])


def read_typed_field(document: object, name: str, type_: type[JsonT]) -> JsonT | None:
    """Return a field of an object in an answer, None if it is missing or null.

    Raises StrangeDocument for a value of another type, and if the document is not an object.
    """
    if not isinstance(document, Mapping):
        raise StrangeDocument("It has another value in place of a JSON object.")
    value = document.get(name)
    if value is None:
        return None
    if not isinstance(value, type_) or isinstance(value, bool):
        raise StrangeDocument(f"Its field {name} has a value of another type.")
    return value


def read_text(document: object, name: str) -> str:
    """Return a string of an object, empty where it has none. Raises StrangeDocument like read_typed_field."""
    return read_typed_field(document, name, str) or ""


def read_moment(document: object, name: str) -> str | None:
    """Return a time of an object in UTC, None for anything else: it is only shown."""
    text = document.get(name) if isinstance(document, Mapping) else None
    moment = parse_time(text) if isinstance(text, str) else None
    return render_time(moment) if moment else None
