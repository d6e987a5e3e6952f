# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Go programs of the tests, each built once for each set of its pins and kept in the user's cache."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

from support.control_plane import go
from support.paths import cache_directory


def find_built(folder: str, pins: bytes, programs: go.GoPrograms) -> Path:
    """Return the folder with the programs. Build them when there are none for these pins. Raise ControlPlaneError."""
    name = f"{hashlib.sha256(pins).hexdigest()[:16]}-{sys.platform}-{os.uname().machine}"
    target = cache_directory() / folder / name
    if not target.is_dir():
        go.build_programs(target, programs)
    return target
