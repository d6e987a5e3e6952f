# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the collection's tarball from a copy of the checkout, and refuse one that holds more or less than users need.

Takes the folder to put it in; without one, it only checks.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from checkout import copy_to

FOR_USERS = {
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "FILES.json",
    "LICENSE",
    "MANIFEST.json",
    "README.md",
    "SECURITY.md",
    "bindep.txt",
    "changelogs",
    "docs",
    "examples",
    "extensions",
    "extensions/awx",
    "extensions/eda",
    "meta",
    "playbooks",
    "plugins",
    "requirements.txt",
    "roles",
}
SINCE_A_RELEASE = {"CHANGELOG.md"}


def build(workspace: Path) -> Path:
    """Build the tarball in an empty folder and return its path."""
    checkout = copy_to(workspace)
    galaxy = Path(sys.executable).with_name("ansible-galaxy")
    command = [str(galaxy), "collection", "build", "--output-path", str(workspace), str(checkout)]
    if subprocess.call(command, stdout=subprocess.DEVNULL):
        sys.exit(1)  # ansible-galaxy has said why
    (tarball,) = workspace.glob("*.tar.gz")
    return tarball


def read_top_level(tarball: Path) -> set[str]:
    """Return the names at the top of a tarball, and those in its folder extensions."""
    with tarfile.open(tarball) as archive:
        paths = [name.split("/") for name in archive.getnames()]
    in_extensions = {"/".join(path[:2]) for path in paths if path[0] == "extensions"}
    return in_extensions | {path[0] for path in paths}


def main() -> str | None:
    """Return what is wrong with the tarball, for sys.exit."""
    with tempfile.TemporaryDirectory(prefix="keyring-build-") as workspace:
        tarball = build(Path(workspace))
        found = read_top_level(tarball)
        if unwanted := sorted(found - FOR_USERS - SINCE_A_RELEASE):
            return f"The tarball holds {', '.join(unwanted)}. Name them under build_ignore in galaxy.yml."
        if missing := sorted(FOR_USERS - found):
            return f"The tarball lacks {', '.join(missing)}. Take them out of build_ignore in galaxy.yml."
        for folder in sys.argv[1:]:
            print(shutil.copy2(tarball, folder))
    return None


if __name__ == "__main__":
    sys.exit(main())
