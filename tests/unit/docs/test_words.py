# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documents use the words of the field, and none that makes a reader stop."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from support.paths import ROOT

# A word that documents do not use, and what to write instead.
WORDS: Mapping[str, str] = {
    "can not": "cannot",
    "told|tells?|telling": "report, return, state, list",
    "anew": "again",
    "mend(?:s|ed|ing)?": "fix",
    "(?:is|are) over": "expired",
    "lets? go of": "no longer references",
    "stands? (?:in|beside|around)": "is stored in, is next to",
    "fore(?:see|sees|seen)": "predict",
    "nobody|somebody": "no one, another client, a person",
    "material": "secret data",
    "foreign": "unmanaged, third-party",
    "shall": "must, should",
    "lest": "so that … not",
    "whoever|whichever": "anyone who, regardless of",
    "carr(?:y|ies|ied) out": "apply, process",
    "a text|texts": "a string",
    "a blank|blanks": "whitespace",
    "line ends?": "newline",
    "as it should be": "manage",
    "what is (?:left|there)": "the remaining …, the current state",
    "least rights?": "permissions",
    "(?:is|are) meant": "the selected …",
}

DOCUMENTS = (
    "*.md",
    "changelogs/fragments/*.yml",
    "docs/docsite/rst/*.rst",
    "examples/**/*.md",
    "examples/**/*.yml",
    "playbooks/**/*.j2",
    "playbooks/**/*.py",
    "playbooks/**/*.yml",
    "plugins/doc_fragments/*.py",
    "plugins/modules/*.py",
    "roles/*/README.md",
    "roles/*/meta/*.yml",
)


def find_words(text: str) -> Iterator[str]:
    """Yield each word that a document should not use, with its line and what to write instead. Code is left out."""
    for number, line in enumerate(text.splitlines(), 1):
        prose = re.sub(r"``[^`]*``|`[^`]*`", "", line)
        for word, instead in WORDS.items():
            for found in re.finditer(rf"\b(?:{word})\b", prose, re.IGNORECASE):
                yield f'{number}: "{found[0]}". Write: {instead}'


def list_documents() -> list[Path]:
    return sorted({path for pattern in DOCUMENTS for path in ROOT.glob(pattern)})


@pytest.mark.parametrize("path", list_documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_documents_use_plain_words(path: Path) -> None:
    assert list(find_words(path.read_text())) == []


@pytest.mark.parametrize("planted", ["You can not do this.", "Nobody is told.", "A blank stands in front."])
def test_finds_a_planted_word(planted: str) -> None:
    assert list(find_words(f"# Title\n\n{planted}"))


def test_leaves_code_alone() -> None:
    assert list(find_words("The option `shall` and ``can not``")) == []
