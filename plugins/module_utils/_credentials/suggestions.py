# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Suggestions for a name that is not known, such as that of an option with a typing error."""

from __future__ import annotations

import difflib
from collections.abc import Collection


def suggest_words(word: str, known: Collection[str]) -> str:
    """Return a question with the known words that are most like ``word``, or a list of all where none is like it."""
    near = difflib.get_close_matches(word, known, n=2, cutoff=0.5)
    for name in known:
        if word and name.endswith(word) and name not in near:
            near.append(name)
    if near:
        return f"Did you mean {' or '.join(near)}?"
    return f"Known are: {', '.join(sorted(known)) or 'none'}."
