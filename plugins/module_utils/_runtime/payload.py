# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The import of the collection's files from the archive in which Ansible sends an ordinary module."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from zipimport import zipimporter


class PayloadImporter(zipimporter):
    """An importer that knows the path of a file in the archive without compiling the file.

    Python's own compiles each file twice: once for the path, which differs where an archive holds bytecode, and once to
    run it. Ansible's archive holds source files alone.
    """

    def get_filename(self, fullname: str) -> str:
        """Return the path of a module of the archive."""
        stem = os.path.join(self.archive, f"{self.prefix}{fullname.rpartition('.')[2]}")
        return os.path.join(stem, "__init__.py") if self.is_package(fullname) else f"{stem}.py"


@contextmanager
def importing() -> Iterator[None]:
    """Compile what is imported from Ansible's archive once, from here on; collect no garbage inside the block.

    Hardly anything that an import makes is garbage, and later collections leave it out.
    """
    archive = getattr(__spec__.loader, "archive", None)
    if archive:
        for path, importer in list(sys.path_importer_cache.items()):
            if isinstance(importer, zipimporter) and importer.archive == archive:
                sys.path_importer_cache[path] = PayloadImporter(path)
        sys.path_hooks.insert(0, PayloadImporter)
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
