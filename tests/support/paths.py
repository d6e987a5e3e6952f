# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the checkout is, and what the tools say about it.

The programs in ``tools/`` are run as scripts and import one another by bare names, so they cannot be in a package. This
file puts their folder on ``sys.path``. A test of a tool imports it by its bare name as well.
"""

from __future__ import annotations

import sys
from pathlib import Path

_TOOLS = str(Path(__file__).resolve().parents[2] / "tools")
if _TOOLS not in sys.path:
    sys.path.append(_TOOLS)

from checkout import COLLECTION, ROOT, cache_directory, collections_path, copy_to  # noqa: E402 - found there

# Plugins that note what Ansible, and every Python that it starts, is given.
OBSERVERS = ROOT / "tests" / "support" / "observers"

__all__ = ["COLLECTION", "OBSERVERS", "ROOT", "cache_directory", "collections_path", "copy_to"]
