# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lint the documentation, and build the site from a copy of the checkout. A warning is an error.

Takes the folder for the site.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from checkout import COLLECTION, ROOT, copy_to

SPHINX = ROOT / "docs" / "sphinx"
NAME = ".".join(COLLECTION.parts[-2:])
START = "docsite/guide_start"
# Sections of the page of the collection, each with the labels above its heading.
_SECTION = re.compile(r"^(?<!:\n\n)(?=(?:\.\. _\S+:\n\n)*[^\n]+\n-{3,}$)", re.MULTILINE)
_INTERNAL_FILTERS = re.compile(r"^\.\. _filter_plugins_in.*?(?=^\.\. _role_plugins_in)", re.MULTILINE | re.DOTALL)


def run(program: str, *arguments: object, cwd: Path) -> None:
    """Run a tool of this environment. One that fails ends the program, and has said why."""
    command = [str(Path(sys.executable).with_name(program)), *map(str, arguments)]
    if subprocess.call(command, cwd=cwd):
        sys.exit(f"{program} has failed.")


def release(checkout: Path) -> None:
    """Give a changelog to a version that is not released yet: of the fragments that there are."""
    version = yaml.safe_load((checkout / "galaxy.yml").read_text())["version"]
    if version not in yaml.safe_load((checkout / "changelogs" / "changelog.yaml").read_text())["releases"]:
        run("antsibull-changelog", "release", cwd=checkout)


def front_page(start: str, collection: str) -> str:
    """Return the first page of the site: the start page, then the lists of the page that antsibull-docs wrote.

    What the collection page begins with, its description and the changelog, comes last. Filters are left out: the
    collection has none for its users.
    """
    head, *sections = _SECTION.split(_INTERNAL_FILTERS.sub("", collection).replace(f"    {START}\n", ""))
    label = head.partition("\n\n")[0]
    description, changelog, *lists = sections
    return "\n\n".join((label, start, *lists, changelog, description))


def put_start_page_first(pages: Path) -> None:
    """Make the start page the first page of the site. Pages about filters and plugins' variables have no content."""
    index, start = pages / "index.rst", pages / f"{START}.rst"
    index.write_text(front_page(start.read_text(), index.read_text()))
    start.unlink()
    for page in (*pages.glob("*_filter.rst"), pages / "environment_variables.rst"):
        page.unlink()


def build(collections: Path, site: Path) -> None:
    """Build the site in an empty collections folder."""
    checkout = copy_to(collections)
    os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(collections)
    subprocess.run(["git", "init", "--quiet"], cwd=checkout, check=True)  # antsibull-changelog asks git for the files
    lint = ("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs", "self")
    run(*lint, "--check-extra-docs-refs", checkout, cwd=collections)
    release(checkout)
    pages = collections / "pages"
    pages.mkdir(mode=0o755)
    write = ("antsibull-docs", "--config-file", SPHINX / "antsibull-docs.cfg", "collection", "--fail-on-error")
    run(*write, "--use-current", "--squash-hierarchy", "--dest-dir", pages, NAME, cwd=collections)
    put_start_page_first(pages)
    options = ("--fail-on-warning", "--quiet", "--fresh-env", "--write-all", "--doctree-dir", collections / "trees")
    run("sphinx-build", *options, "--conf-dir", SPHINX, pages, site, cwd=collections)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="keyring-docs-") as temporary:
        build(Path(temporary).resolve(), Path(sys.argv[1]).resolve())
    print(f"The site: {sys.argv[1]}/index.html")
