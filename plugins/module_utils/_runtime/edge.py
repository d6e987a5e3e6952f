# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The edge of a task: every string of a result is made printable before Ansible gets it.

Ansible prints ``msg``, ``warnings`` and the headers of a diff as they are, so each of them becomes one line. Of other
strings it escapes what is below U+0020, so these keep their lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from .._printable import make_line, make_printable

PrintableT = TypeVar("PrintableT")

# The fields with sentences, also in lists. A name means the same wherever it is in a result.
SENTENCES = frozenset(("msg", "warnings", "text", "message", "problems", "before_header", "after_header"))


def make_result_printable(result: PrintableT) -> PrintableT:
    """Return a result, or a part of one, in which every string is printable, keys included."""
    return cast(PrintableT, _map_printable(result, is_sentence=False))


def _map_printable(value: Any, *, is_sentence: bool) -> Any:
    if isinstance(value, str):
        return make_line(value) if is_sentence else make_printable(value)
    if isinstance(value, Mapping):
        return {make_printable(key): _map_printable(item, is_sentence=key in SENTENCES) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_map_printable(item, is_sentence=is_sentence) for item in value]
    return value
