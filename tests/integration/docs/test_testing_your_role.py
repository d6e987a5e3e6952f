# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of the guide to testing a role, run as a user does: with the collection installed from its tarball."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from support.guides import File, read_guide
from support.paths import ROOT, cache_directory
from support.playbook import Playbook, run_program
from tarball import build

PAGE = ROOT / "docs" / "docsite" / "rst" / "guide_testing_your_role.rst"
PROGRAMS = Path(sys.executable).parent


def write_example(directory: Path) -> list[str]:
    """Write the files of the page; their names."""
    files = [step for step in read_guide(PAGE) if isinstance(step, File)]
    for file in files:
        path = directory / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.content)
    return [file.name for file in files]


@pytest.mark.slow
def test_a_users_role_is_tested_with_the_installed_collection(tmp_path: Path) -> None:
    workspace, collections = tmp_path / "workspace", tmp_path / "collections"
    workspace.mkdir()
    environment = Playbook(tmp_path).environment(
        ANSIBLE_COLLECTIONS_PATH=str(collections),
        XDG_CACHE_HOME=str(cache_directory().parent),
        MOLECULE_EPHEMERAL_DIRECTORY=str(tmp_path / "ephemeral"),
    ) | {"PATH": f"{PROGRAMS}:/usr/bin:/bin"}

    def run(*command: str, cwd: Path) -> str:
        done = run_program(command, cwd=cwd, env=environment)
        assert done.returncode == 0, done.stdout
        return done.stdout

    run("ansible-galaxy", "collection", "install", "--offline", str(build(workspace)), cwd=tmp_path)
    assert len(write_example(tmp_path)) == 6
    said = run("molecule", "test", cwd=tmp_path / "team_access")
    for step in ("create", "check", "converge", "idempotence", "verify", "destroy"):
        assert re.search(rf"default.*{step}.*Executed.*Successful", said), said
    assert not (tmp_path / "ephemeral" / "control-plane").exists()
