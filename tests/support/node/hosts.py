# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the container runtime of a node looks for the images of a registry. It reads this again for each pull."""

from __future__ import annotations

from support.control_plane import nodes
from support.node.node import Node


def serve_at(node: Node, host: str, url: str, ca: bytes | None = None) -> None:
    """Let a registry be another server, as a mirror is. ``ca`` is the only certificate (PEM) that is trusted there."""
    folder = node._directory / "hosts" / host  # which is elsewhere in the mounts of the node
    folder.mkdir()
    lines = [f'server = "{url}"', f'[host."{url}"]', '  capabilities = ["pull", "resolve"]']
    if ca:
        (folder / "ca.crt").write_bytes(ca)
        lines.append(f'  ca = "{nodes._INSIDE}/hosts/{host}/ca.crt"')
    (folder / "hosts.toml").write_text("\n".join(lines))
