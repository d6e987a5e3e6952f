# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The README stays short, lists everything that the collection contains, and links to files that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.paths import ROOT

README = (ROOT / "README.md").read_text().partition("-->\n")[2]
MARKDOWN = sorted(path for path in ROOT.glob("*.md") if path.name != "CHANGELOG.md")


def test_is_short() -> None:
    assert len(README.split()) <= 930


def test_the_first_screen_is_short() -> None:
    lines = README.partition("![The demo")[0].splitlines()

    assert sum(bool(line) for line in lines) < 25


@pytest.mark.parametrize("kind", ["modules", "roles"])
def test_lists_what_there_is(kind: str) -> None:
    folder = ROOT / "roles" if kind == "roles" else ROOT / "plugins" / "modules"
    names = {path.stem for path in folder.iterdir() if not path.name.startswith("_")}

    table = README.partition(f"## {kind.capitalize()}\n")[2].partition("\n## ")[0]
    listed = set(re.findall(r"`(\w+)`", "".join(line.split("|")[1] for line in table.splitlines() if "|" in line)))

    assert listed == names


@pytest.mark.parametrize("document", MARKDOWN, ids=lambda path: path.name)
def test_links_lead_to_files(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text())

    assert [target for target in targets if "://" not in target and not (ROOT / target).exists()] == []
