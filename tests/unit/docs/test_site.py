# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The site begins with the start page, which lists every guide, and files in code blocks fit the page."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest
import yaml

from docsite import START, front_page
from support.documents import Block, read_documents
from support.paths import ROOT

PAGES = ROOT / "docs" / "docsite" / "rst"
# What fits beside the two lists of a page in a window of 1,400 pixels.
COLUMNS = 98
# The collection page as antsibull-docs writes it, as far as it matters here.
COLLECTION = dedent("""\
    .. _plugins_in_a.b:

    A.B
    ===

    Collection version 1.0.0

    Description
    -----------

    What it is.

    .. toctree::
        :maxdepth: 1

    .. _changelog_section_for_a.b:

    Changelog
    ---------

    .. toctree::

        changelog

    Get started
    -----------

    .. toctree::

        docsite/guide_start
        docsite/guide_install

    .. _plugin_index_for_a.b:

    Plugin Index
    ------------

    .. _filter_plugins_in_a.b:

    Filter Plugins
    ~~~~~~~~~~~~~~

    .. _role_plugins_in_a.b:

    Role Index
    ----------
    """)


def test_the_start_page_lists_the_sections_of_the_site() -> None:
    sections = yaml.safe_load((ROOT / "docs" / "docsite" / "extra-docs.yml").read_text())["sections"]
    listed = (PAGES / "guide_start.rst").read_text().partition("Find a guide\n")[2]
    found = []
    for part in re.split(r"^\*\*", listed, flags=re.MULTILINE)[1:]:
        title, _end, pages = part.partition("**")
        found.append({"title": title, "toctree": re.findall(r"docsite\.(\w+)>", pages)})

    assert sections[0]["toctree"].pop(0) == START.rpartition("/")[2]
    assert found == sections


def test_every_page_is_in_a_section() -> None:
    sections = yaml.safe_load((ROOT / "docs" / "docsite" / "extra-docs.yml").read_text())["sections"]

    assert sorted(page for section in sections for page in section["toctree"]) == sorted(
        path.stem for path in PAGES.glob("*.rst")
    )


def test_the_site_begins_with_the_start_page() -> None:
    page = front_page("Start\n=====\n", COLLECTION)

    headings = re.findall(r"^([^\n]+)\n[=\-~]{3,}$", page, re.MULTILINE)
    assert headings == ["Start", "Get started", "Plugin Index", "Role Index", "Changelog", "Description"]
    assert page.startswith(".. _plugins_in_a.b:\n\nStart\n")
    assert "Filter" not in page
    assert START not in page
    for label, heading in (("changelog_section_for_a.b", "Changelog"), ("role_plugins_in_a.b", "Role Index")):
        assert f".. _{label}:\n\n{heading}\n" in page


def find_long_lines(block: Block) -> list[str]:
    """Return the lines of a file in a code block that do not fit. Printed lines are wrapped, as in a terminal."""
    if block.language not in ("yaml", "ini", "text"):
        return []
    lines = enumerate(block.text.splitlines())
    return [f"{block.place(number)}: {len(line)} columns" for number, line in lines if len(line) > COLUMNS]


SHOWN = {name: blocks for name, blocks in read_documents().items() if name.startswith(("docs/", "plugins/"))}


@pytest.mark.parametrize("name", SHOWN)
def test_files_in_code_blocks_fit_the_page(name: str) -> None:
    assert [line for block in SHOWN[name] for line in find_long_lines(block)] == []


def test_finds_a_line_that_does_not_fit() -> None:
    assert find_long_lines(Block("a", 7, "yaml", "b\n" + "c" * (COLUMNS + 1))) == [f"a:8: {COLUMNS + 1} columns"]
    assert find_long_lines(Block("a", 7, "yaml", "c" * COLUMNS)) == []
    assert find_long_lines(Block("a", 7, "console", "c" * (COLUMNS + 1))) == []
