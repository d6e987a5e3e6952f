# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Suggestions for a name that is not known, such as that of an option with a typing error."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence

# A longer word is not a typing error, and comparing it takes long.
_LONGEST_WORD = 100
# A word whose likeness is less than this part of the greatest likeness is not suggested beside the best word.
_MUCH_LESS = 0.85


def suggest_words(word: str, known: Collection[str]) -> str:
    """Return a question with the known words that are most like ``word``, or a list of all where none is like it."""
    question = ask_for(find_near(word, known))
    if question or not known:
        return question or "It has none. Leave it out."
    return f"Choose from: {', '.join(sorted(known))}."


def find_near(word: str, known: Collection[str], cutoff: float = 0.5) -> list[str]:
    """Return the known words that are most like ``word``, and those that end with it.

    ``cutoff`` is from 0, any word, to 1, the same word.
    """
    if not word or len(word) > _LONGEST_WORD:
        return []
    near = difflib.get_close_matches(word, known, n=2, cutoff=cutoff)
    if len(near) > 1 and _likeness(word, near[1]) < _MUCH_LESS * _likeness(word, near[0]):
        del near[1]
    for name in known:
        if name.endswith(word) and name not in near:
            near.append(name)
    return near


def _likeness(word: str, name: str) -> float:
    return difflib.SequenceMatcher(None, name, word).ratio()


def ask_for(names: Sequence[str]) -> str:
    """Return the question whether one of these names is the right one, or an empty string."""
    return f"Did you mean {' or '.join(names)}?" if names else ""
