# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imports of this collection's files from bytecode, which is kept as Python does for every other package.

Ansible's loader of collections compiles each file from its source in each process: for an action of this collection
about 100 files, which is a third of what it adds to the start of a play.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from types import ModuleType

# ansible_collections.keyring.kubernetes.plugins
_ROOT = __name__.rpartition(".plugin_utils.")[0]


class BytecodeFinder:
    """A finder for ``sys.meta_path`` that leaves the files below ``plugins`` of this collection to Python's loader.

    That keeps bytecode in ``__pycache__``, compiles again what has changed, and does without where it may not write.
    """

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return where a file of this collection is loaded from, or None for packages and for everything else."""
        if path is None or not name.startswith(f"{_ROOT}."):
            return None
        leaf = name.rpartition(".")[2]
        for folder in path:
            file = os.path.join(folder, f"{leaf}.py")
            if os.path.isfile(file):
                return spec_from_file_location(name, file)
        return None


@contextmanager
def from_bytecode() -> Iterator[None]:
    """Import the files of this collection from bytecode inside the block. Packages are still found by Ansible."""
    finder = BytecodeFinder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
