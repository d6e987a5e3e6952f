# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The example of several clusters, and the programs that try it.

Its programs are run as scripts and import one another by bare names, so they cannot be in a package. This file puts
their folder on ``sys.path``, and is where everything else imports them from.
"""

from __future__ import annotations

import sys

from support.paths import ROOT

EXAMPLE = ROOT / "examples" / "clusters"
if str(EXAMPLE / "trial") not in sys.path:
    sys.path.append(str(EXAMPLE / "trial"))

import run  # noqa: E402 - found there
import slices  # noqa: E402

__all__ = ["EXAMPLE", "run", "slices"]
