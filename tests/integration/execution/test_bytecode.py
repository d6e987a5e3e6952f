# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible's own process loads the collection from bytecode, which is never older than its source."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.paths import copy_to
from support.playbook import Playbook, Run, task

# A file that each action imports, a sentence of it, and what a user may make of that sentence.
FILE = Path("plugins") / "plugin_utils" / "action.py"
SENTENCE, CHANGED = "keyring_direct must be one of", "keyring_direct has to be one of"


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The collection in a folder of its own, without bytecode."""
    root = copy_to(tmp_path / "collections")
    assert list(root.rglob("__pycache__")) == []
    return root


@pytest.fixture
def playbook(tmp_path: Path) -> Playbook:
    return Playbook(tmp_path)


def fail_at_once(playbook: Playbook, installed: Path, **more: str) -> Run:
    """Run a task that fails before it looks for a cluster."""
    step = {**task("image_pull_secret", name="registry"), "vars": {"keyring_direct": "perhaps"}}
    return playbook.run([step], environment={"ANSIBLE_COLLECTIONS_PATH": str(installed.parents[2]), **more})


def bytecode(installed: Path) -> set[str]:
    return {path.name.partition(".")[0] for path in installed.rglob("*.pyc")}


def test_bytecode_is_kept_and_follows_the_source(playbook: Playbook, installed: Path) -> None:
    assert SENTENCE in fail_at_once(playbook, installed).results[0]["msg"]
    assert {"action", "direct", "image_pull_secret", "plan", "connection"} <= bytecode(installed)
    file = installed / FILE
    file.write_text(file.read_text().replace(SENTENCE, CHANGED))
    assert CHANGED in fail_at_once(playbook, installed).results[0]["msg"]


def test_it_does_without_where_python_writes_none(playbook: Playbook, installed: Path) -> None:
    run = fail_at_once(playbook, installed, PYTHONDONTWRITEBYTECODE="1")
    assert SENTENCE in run.results[0]["msg"]
    assert bytecode(installed) == set()


def test_it_does_without_where_no_folder_can_be_made(playbook: Playbook, installed: Path) -> None:
    for folder in {path.parent for path in (installed / "plugins").rglob("*.py")}:
        (folder / "__pycache__").write_text("not a folder")
    assert SENTENCE in fail_at_once(playbook, installed).results[0]["msg"]
    assert bytecode(installed) == set()
