# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The workflow, the templates and the hooks of the repository."""

from __future__ import annotations

import re
import subprocess

import pytest
import yaml

from support.actionlint.program import find_actionlint
from support.paths import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def lint(text: str) -> str:
    """Return what actionlint reports about a workflow."""
    done = subprocess.run(
        [find_actionlint(), "-no-color", "-shellcheck=", "-pyflakes=", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actionlint_accepts_a_workflow(workflow: object) -> None:
    assert lint((ROOT / str(workflow)).read_text()) == ""


def test_actionlint_refuses_a_misspelt_key() -> None:
    text = WORKFLOWS[0].read_text()

    assert 'unexpected key "run-on"' in lint(text.replace("runs-on:", "run-on:", 1))


def test_workflows_call_targets_of_the_makefile() -> None:
    jobs = [job for workflow in WORKFLOWS for job in yaml.safe_load(workflow.read_text())["jobs"].values()]
    commands = [step["run"] for job in jobs for step in job["steps"] if "run" in step]
    as_root = 'sudo env "PATH=$PATH" '
    called = [command.removeprefix(as_root) for command in commands if " systemctl stop " not in command]
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert called
    assert {command.split()[:1][0] for command in called} == {"make"}
    assert {command.split()[1] for command in called} <= targets


def test_hooks_call_programs_of_the_checks() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    makefile = (ROOT / "Makefile").read_text()

    for hook in hooks:
        program = hook["entry"].split()[0].rpartition("/")[2]
        assert f"$(RUN) {program}" in makefile
