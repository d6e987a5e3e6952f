# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The embedded API server, as the role ``control_plane`` brings it along.

The files of the role are run as scripts and import one another by bare names, so they cannot be in a package. This file
puts their folder on ``sys.path``, and is where everything else imports them from.
"""

from __future__ import annotations

import sys

from support.paths import ROOT

FILES = ROOT / "roles" / "control_plane" / "files"
if str(FILES) not in sys.path:
    sys.path.append(str(FILES))

import control_plane_binaries as binaries  # noqa: E402 - found there, as are the others
import control_plane_go as go  # noqa: E402
import control_plane_node as nodes  # noqa: E402
import control_plane_node_images as node_images  # noqa: E402
import control_plane_node_machine as node_machine  # noqa: E402
import control_plane_node_programs as node_programs  # noqa: E402
import control_plane_node_remains as node_remains  # noqa: E402
import control_plane_pki as pki  # noqa: E402
import control_plane_process as folders  # noqa: E402
import control_plane_registry as registries  # noqa: E402
from control_plane import ControlPlane, ControlPlaneError  # noqa: E402

die_with_parent = folders.die_with_parent

__all__ = [
    "FILES",
    "ControlPlane",
    "ControlPlaneError",
    "binaries",
    "die_with_parent",
    "folders",
    "go",
    "node_images",
    "node_machine",
    "node_programs",
    "node_remains",
    "nodes",
    "pki",
    "registries",
]
