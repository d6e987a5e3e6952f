# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running tasks through ansible-playbook, in a process and a home of their own, as a user does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

from support.paths import OBSERVERS

ANSIBLE_PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")

# What of the machine a playbook may see. Everything else, KUBECONFIG and K8S_AUTH_* above all, stays out.
_INHERITED = ("PATH", "LANG", "LC_ALL", "ANSIBLE_COLLECTIONS_PATH", "VIRTUAL_ENV")


def run_program(
    command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str], timeout: float | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program where nobody can be asked. Both of its outputs are in ``stdout``, as a terminal would show them."""
    return subprocess.run(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=timeout,
    )


# What this run of the tests has compiled and packed of modules; see OBSERVERS.
_BYTECODE = tempfile.TemporaryDirectory(prefix="keyring-bytecode-")
_MODULES = tempfile.TemporaryDirectory(prefix="keyring-modules-")


@dataclass(frozen=True)
class Run:
    """One run of ansible-playbook: the registered result of each task, and everything that was printed."""

    results: list[dict[str, Any]]
    output: str
    returncode: int


# The values of keyring_direct: in Ansible's own process, in a process for each task, or what Ansible's own can do.
Direct = Literal["always", "never", "auto"]


@dataclass(frozen=True)
class Playbook:
    """Runs tasks with its own home, temporary directory and inventory below ``directory``, and keeps their results."""

    directory: Path
    direct: Direct = "auto"
    results: list[list[dict[str, Any]]] = field(default_factory=list, repr=False)

    def command(
        self,
        tasks: Sequence[Mapping[str, Any]],
        *,
        hosts: str = "localhost",
        keywords: Mapping[str, Any] | None = None,
    ) -> list[str]:
        """Write a playbook of these tasks, and say how it is run. Each result is registered and written to a file.

        A task that registers its result itself keeps its name for it; of a block it is the result of its last task, or
        of the last one of its rescue. ``keywords`` are those of the play.
        """
        names = [task.get("register", f"result_{number}") for number, task in enumerate(tasks)]
        registered = [_register(task, name) for task, name in zip(tasks, names, strict=True)]
        keep = {
            "keep_results": {
                "dest": str(self.directory / "results.json"),
                "content": "{{ [" + ", ".join(names) + "] | to_json }}",
            },
            "check_mode": False,
            "diff": False,
        }
        play = {"hosts": hosts, "gather_facts": False, **(keywords or {}), "tasks": [*registered, keep]}
        path = self.directory / "playbook.yml"
        path.write_text(yaml.safe_dump([play], allow_unicode=True, width=10_000))
        inventory = self.directory / "inventory.yml"
        variables = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "keyring_direct": self.direct,
        }
        inventory.write_text(yaml.safe_dump({"all": {"hosts": {hosts: variables}}}))
        return [str(ANSIBLE_PLAYBOOK), "-i", str(inventory), str(path)]

    def environment(self, **more: str) -> dict[str, str]:
        home, temporary = self.directory / "home", self.directory / "tmp"
        for folder in (home, temporary):
            folder.mkdir(exist_ok=True)
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        # Ansible takes the home of the user from the system's list and not from HOME.
        folders = {"HOME": home, "TMPDIR": temporary, "ANSIBLE_REMOTE_TMP": home / "remote"}
        return {
            **inherited,
            **{name: str(path) for name, path in folders.items()},
            "ANSIBLE_ACTION_PLUGINS": str(OBSERVERS / "action_plugins"),
            "PYTHONPATH": str(OBSERVERS / "python"),
            "KEYRING_TEST_BYTECODE": _BYTECODE.name,
            "KEYRING_TEST_MODULES": _MODULES.name,
            "ANSIBLE_NOCOLOR": "1",
            **more,
        }

    def run(
        self,
        tasks: Sequence[Mapping[str, Any]],
        *arguments: str,
        hosts: str = "localhost",
        environment: Mapping[str, str] | None = None,
        keywords: Mapping[str, Any] | None = None,
    ) -> Run:
        """Run the tasks; those that may fail have ``ignore_errors``. Fails the test when no results were written."""
        command = self.command(tasks, hosts=hosts, keywords=keywords)
        results = self.directory / "results.json"
        results.unlink(missing_ok=True)
        done = run_program(
            [*command, *arguments],
            env=self.environment(**(environment or {})),
            cwd=self.directory,
        )
        assert results.exists(), done.stdout
        run = Run(json.loads(results.read_text()), done.stdout, done.returncode)
        self.results.append(run.results)
        return run


def task(module: str, **arguments: Any) -> dict[str, Any]:
    """A task of this collection that does not end the play when it fails."""
    return {f"keyring.kubernetes.{module}": arguments, "ignore_errors": True}


def role(name: str, variables: Mapping[str, Any], *, result: str = "pull_secrets_result") -> dict[str, Any]:
    """A role of this collection that does not end the play when it fails.

    Its result has as ``msg`` either the ``results`` of the modules, from the variable ``result``, or the ``failure``.
    """
    done = {"results": f"{{{{ {result}.results }}}}"}
    failed = {
        "failure": "{{ ([ansible_failed_result.msg] + ansible_failed_result.results | default([])"
        " | map(attribute='msg', default='') | select | list) | join(' ') }}"
    }
    return {
        "block": [
            {"ansible.builtin.include_role": {"name": f"keyring.kubernetes.{name}"}, "vars": dict(variables)},
            {"ansible.builtin.debug": {"msg": done}},
        ],
        "rescue": [{"ansible.builtin.debug": {"msg": failed}}],
    }


def _register(task: Mapping[str, Any], name: str) -> dict[str, Any]:
    if "block" not in task:
        return {**task, "register": name}
    endings = {part: [*task[part][:-1], _register(task[part][-1], name)] for part in ("block", "rescue")}
    return {**task, **endings}
