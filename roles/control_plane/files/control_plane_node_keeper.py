# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process that keeps a node, and removes what it leaves when the process that wanted it is gone.

It ends with its stdin, whose other end that process holds: also if that is killed. The node runs in new namespaces, and
the kernel ends all of it if this process is killed.
"""

from __future__ import annotations

import select
import signal
import subprocess
import sys
from pathlib import Path

from control_plane_node_remains import make_cgroups, remove_cgroups
from control_plane_process import die_with_parent, remove_folder

_ISOLATED = ("unshare", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child")


def main(identity: str, directory: Path) -> int:
    """Return when the node has ended, or the process that wanted it. Nothing runs then, and no cgroup is left.

    The folder is removed only if that process is gone, or done with the node: until then it may read the logs.
    """
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit())
    process: subprocess.Popen[bytes] | None = None
    unwanted = False
    try:
        groups = make_cgroups(identity)
        # The folder may be gone already, with the process that wanted the node.
        (directory / "cgroups").write_text("".join(f"{group} {hierarchy}\n" for group, hierarchy in groups.items()))
        process = subprocess.Popen(
            [*_ISOLATED, "sh", "start.sh"], cwd=directory, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent
        )
        while process.poll() is None and not unwanted:
            unwanted = bool(select.select([sys.stdin], [], [], 0.5)[0])
    finally:
        if process is not None:
            process.kill()
            process.wait()
        remove_cgroups(identity)
        if unwanted:
            remove_folder(directory)
    return process.returncode


if __name__ == "__main__":
    _program, identity, directory = sys.argv
    sys.exit(main(identity, Path(directory)))
