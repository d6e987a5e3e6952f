# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The disk of a node, as full as a test wants it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from support.control_plane import nodes
from support.node.node import Node

# What the node has pulled stays; there is no room for another program.
_LIMIT = """
set -eu
content={inside}/root/io.containerd.content.v1.content
mkdir {inside}/small
mount -t tmpfs -o size=$(($(du -sk "$content" | cut -f1) + 256))k tmpfs {inside}/small
cp -a "$content/." {inside}/small
mount --move {inside}/small "$content"
"""


def fill_disk(node: Node) -> None:
    """Leave no room for another image on the node."""
    keeper = node._keeper.pid
    (isolated, *_others) = Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split()
    script = _LIMIT.format(inside=nodes._INSIDE)
    subprocess.run(["nsenter", f"--mount=/proc/{isolated}/ns/mnt", "sh", "-c", script], check=True)
