# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Release the version in galaxy.yml: write the changelog, commit and tag it, build the tarball and its checksum.

Nothing leaves the machine; what to push and to upload is printed at the end. With ``--dry-run`` the same is done in a
clone of the committed files that is removed afterwards.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from checkout import ROOT


def run(checkout: Path, program: str, *arguments: str) -> str:
    """Run a program in the checkout and return what it prints. One that fails ends this program, and has said why."""
    # Tools start one another by name, and must find those beside this Python.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = [program, *arguments]
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(command, cwd=checkout, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"{program} {arguments[0]} failed. Nothing was pushed or uploaded.")
    return done.stdout.strip()


def read_version(checkout: Path) -> str:
    """Return the version in galaxy.yml."""
    version: str = yaml.safe_load((checkout / "galaxy.yml").read_text())["version"]
    return version


def find_obstacle(checkout: Path) -> str | None:
    """Return why this checkout cannot be released now."""
    version = read_version(checkout)
    if run(checkout, "git", "status", "--porcelain"):
        return "The checkout has changes that are not committed. Commit or remove them."
    if run(checkout, "git", "tag", "--list", version):
        return f"The tag {version} exists. Raise the version in galaxy.yml."
    if version in yaml.safe_load((checkout / "changelogs" / "changelog.yaml").read_text())["releases"]:
        return f"The changelog has version {version} already. Raise the version in galaxy.yml."
    return None


def release(checkout: Path, folder: Path) -> Path:
    """Write the changelog, commit and tag it. Put the tarball and SHA256SUMS into the folder, return the tarball."""
    version = read_version(checkout)
    run(checkout, "antsibull-changelog", "release")
    run(checkout, "git", "add", "CHANGELOG.md", "changelogs")
    run(checkout, "git", "commit", "--quiet", "--message", f"release: publish version {version}")
    run(checkout, "git", "tag", "--annotate", version, "--message", f"Version {version}")
    run(checkout, "ansible-galaxy", "collection", "build", "--force", "--output-path", str(folder))
    (tarball,) = folder.glob(f"*-{version}.tar.gz")
    digest = hashlib.sha256(tarball.read_bytes()).hexdigest()
    (folder / "SHA256SUMS").write_text(f"{digest}  {tarball.name}\n")
    return tarball


def rehearse() -> None:
    """Release a clone of the committed files, and print its changelog and checksum."""
    with tempfile.TemporaryDirectory(prefix="keyring-release-") as temporary:
        clone, folder = Path(temporary, "ansible_collections", "keyring", "kubernetes"), Path(temporary, "release")
        folder.mkdir()
        run(ROOT, "git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone))
        for setting in ("user.name=Dry run", "user.email=dry-run@example.invalid"):
            run(clone, "git", "config", *setting.split("="))
        if obstacle := find_obstacle(clone):
            sys.exit(obstacle)
        release(clone, folder)
        print((clone / "CHANGELOG.md").read_text())
        print(run(clone, "git", "log", "--oneline", "--decorate", "-1"))
        print((folder / "SHA256SUMS").read_text(), end="")
    print("This was a dry run. The checkout was not changed.")


def main() -> None:
    """Release, or rehearse it with --dry-run."""
    if sys.argv[1:] == ["--dry-run"]:
        rehearse()
        return
    if obstacle := find_obstacle(ROOT):
        sys.exit(obstacle)
    tarball = release(ROOT, ROOT)
    version = read_version(ROOT)
    print(f"Released {version}: {tarball.name} and SHA256SUMS. Now publish them:")
    print(f"  git push origin HEAD {version}")
    print(f"  ansible-galaxy collection publish {tarball.name}")
    print("  Attach both files to the release of the forge.")


if __name__ == "__main__":
    main()
