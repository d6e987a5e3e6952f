# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Import the tarball as Galaxy does when it is uploaded, and refuse it where Galaxy would warn.

Without ansible-lint and ansible-test, which are checks of their own here, and stricter.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from environments import environment
from tarball import build


def main() -> str | None:
    """Return what is wrong with the tarball, for sys.exit."""
    binaries = environment("galaxy-importer", sys.executable, "importer.txt")
    with tempfile.TemporaryDirectory(prefix="keyring-importer-") as workspace:
        done = subprocess.run(
            [binaries / "python", "-m", "galaxy_importer.main", build(Path(workspace))],
            cwd=workspace,
            env={
                **os.environ,
                "PATH": os.pathsep.join((str(binaries), os.environ["PATH"])),
                "GALAXY_IMPORTER_RUN_ANSIBLE_LINT": "false",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    complaints = [line for line in done.stdout.splitlines() if line.startswith(("WARNING", "ERROR", "CRITICAL"))]
    if done.returncode or complaints:
        return "Galaxy would say of the tarball:\n" + ("\n".join(complaints) or done.stdout)
    return None


if __name__ == "__main__":
    sys.exit(main())
