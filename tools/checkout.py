# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the tools find this checkout, and where they keep what they may keep.

Ansible, mypy and the tests look the collection up as ``ansible_collections/keyring/kubernetes``. A symlink
with that name, outside the repository, leads them to the checkout. ansible-test and ansible-galaxy refuse a
symlink; they get a copy of the files that git knows or would add.

Run as a program it makes the symlink and prints the path for ``ANSIBLE_COLLECTIONS_PATH``.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COLLECTION = Path("ansible_collections", "keyring", "kubernetes")


def cache_directory() -> Path:
    """Return the folder of this collection in the user's cache."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base, "keyring.kubernetes")


def collections_path() -> Path:
    """Return a folder that holds this checkout as a collection, and nothing else; made on first use."""
    checkout = hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:12]
    path = cache_directory() / "checkouts" / checkout
    link = path / COLLECTION
    if not (link.is_symlink() and link.resolve() == ROOT):
        link.parent.mkdir(parents=True, exist_ok=True)
        new = link.with_name(f"{link.name}.{os.getpid()}")
        new.symlink_to(ROOT)
        new.replace(link)  # at once: several processes may do this
    return path


def copy_to(collections: Path) -> Path:
    """Copy the files of the checkout into a collections folder and return the root of the copy."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    destination = collections / COLLECTION
    for name in filter(None, os.fsdecode(listing).split("\0")):
        source = ROOT / name
        if not source.is_file():  # removed from the work tree, still in the index
            continue
        target = destination / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target, follow_symlinks=False)
    return destination


if __name__ == "__main__":
    print(collections_path())
