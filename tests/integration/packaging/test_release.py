# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A release is a changelog, a commit, a tag, a tarball and its checksum. Obstacles are reported first."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

import release
from support.paths import ROOT


def git(checkout: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=checkout, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of the committed files that may commit."""
    clone = tmp_path / "ansible_collections" / "keyring" / "kubernetes"
    git(ROOT, "clone", "--quiet", str(ROOT), str(clone))
    for tag in git(clone, "tag", "--list").split():
        git(clone, "tag", "--delete", tag)
    git(clone, "config", "user.name", "Somebody")
    git(clone, "config", "user.email", "somebody@example.com")
    return clone


def test_releases_once(clone: Path, tmp_path: Path) -> None:
    assert release.find_obstacle(clone) is None

    tarball = release.release(clone, tmp_path)

    version = release.read_version(clone)
    assert git(clone, "describe", "--exact-match").strip() == version
    assert git(clone, "status", "--porcelain") == ""
    assert f'<a id="v{version.replace(".", "-")}"></a>' in (clone / "CHANGELOG.md").read_text()
    digest = hashlib.sha256(tarball.read_bytes()).hexdigest()
    assert (tmp_path / "SHA256SUMS").read_text() == f"{digest}  {tarball.name}\n"
    assert release.find_obstacle(clone) == f"The tag {version} exists. Raise the version in galaxy.yml."
    git(clone, "tag", "--delete", version)
    assert str(release.find_obstacle(clone)).startswith(f"The changelog has version {version} already.")


def test_refuses_changes_that_are_not_committed(clone: Path) -> None:
    (clone / "README.md").write_text("changed")

    assert str(release.find_obstacle(clone)).startswith("The checkout has changes that are not committed.")


def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    before = git(ROOT, "rev-parse", "HEAD"), git(ROOT, "tag", "--list"), sorted(path.name for path in ROOT.iterdir())

    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "release.py"), "--dry-run"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("This was a dry run. The checkout was not changed.\n")
    after = git(ROOT, "rev-parse", "HEAD"), git(ROOT, "tag", "--list"), sorted(path.name for path in ROOT.iterdir())
    assert after == before
