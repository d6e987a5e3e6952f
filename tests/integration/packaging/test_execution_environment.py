# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ansible-builder makes of the collection and of the example in docs/; no image is built."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
import yaml

from environments import environment
from support.home import Home
from support.paths import COLLECTION, ROOT, copy_to
from tarball import build

EXAMPLE = "docs/execution-environment.yml"


@pytest.fixture
def user(tmp_path: Path) -> Home:
    """Somebody with ansible-builder and a copy of the checkout, in which the tarball was built."""
    copy_to(tmp_path / ".ansible" / "collections")
    (tmp_path / "build").mkdir()
    shutil.copy2(build(tmp_path / "build"), tmp_path / ".ansible" / "collections" / COLLECTION)
    return Home(tmp_path, environment("ansible-builder", sys.executable, "builder.txt"))


def stated(name: str) -> list[str]:
    """The lines of a file of requirements."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", "---"))]


def test_what_is_read_of_the_collection(user: Home) -> None:
    said = user.run(
        "ansible-builder", "introspect", "--write-pip", "pip.txt", "--write-bindep", "bindep.txt", user.collections
    )

    def written(name: str) -> list[str]:
        lines = (user.directory / name).read_text(encoding="utf-8").splitlines()
        assert all(line.endswith("# from collection keyring.kubernetes") for line in lines), lines
        return [line.partition("#")[0].strip() for line in lines]

    assert "Traceback" not in said
    # ansible-builder leaves PyYAML out: every execution environment has it.
    needed = [line for line in stated("requirements.txt") if not line.startswith("PyYAML")]
    assert sorted(written("pip.txt")) == sorted(needed)
    assert sorted(written("bindep.txt")) == sorted(stated("bindep.txt"))


def test_the_example(user: Home) -> None:
    checkout = user.collection
    user.run(
        "ansible-builder",
        "create",
        "--file",
        checkout / EXAMPLE,
        "--context",
        "context",
        "--output-filename",
        "Containerfile",
    )

    context = user.directory / "context"
    (tarball,) = (context / "_build" / "collections").iterdir()
    (wanted,) = yaml.safe_load((context / "_build" / "requirements.yml").read_text(encoding="utf-8"))["collections"]
    steps = (context / "Containerfile").read_text(encoding="utf-8").splitlines()
    copies = steps.index("COPY _build/collections /collections")
    installs = next(number for number, step in enumerate(steps) if "ansible-galaxy collection install" in step)
    assert wanted == {"name": f"/collections/{tarball.name}", "type": "file"}
    assert copies < installs
    assert 'ARG ANSIBLE_INSTALL_REFS="ansible-core~=2.16.0 ansible-runner~=2.4"' in steps
