# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What somebody may have meant by a word that nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Collection


def did_you_mean(word: str, known: Collection[str]) -> str:
    """A question with the nearest of the known words, or all of them where none is near."""
    near = difflib.get_close_matches(word, known, n=2, cutoff=0.5)
    near += [name for name in known if word and name.endswith(word) and name not in near]
    return f"Did you mean {' or '.join(near)}?" if near else f"Known are: {', '.join(sorted(known)) or 'none'}."
