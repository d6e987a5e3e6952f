# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What somebody may have meant by a word that nobody knows."""

from __future__ import annotations

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.suggestions import suggest_words


@pytest.mark.parametrize(
    ("word", "known", "question"),
    [
        pytest.param("knwon_hosts", ["known_hosts", "key"], "Did you mean known_hosts?", id="one"),
        pytest.param("name", ["argocd_name", "x"], "Did you mean argocd_name?", id="the end of one"),
        pytest.param("zzz", ["b", "a"], "Choose from: a, b.", id="none near"),
        pytest.param("zzz", [], "It has none. Leave it out.", id="none at all"),
        pytest.param("", ["a"], "Choose from: a.", id="nothing given"),
    ],
)
def test_suggest_words(word: str, known: list[str], question: str) -> None:
    assert suggest_words(word, known) == question
