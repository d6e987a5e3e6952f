# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running what is measured, and proof that it did its work."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bench import costs, raw_http
from bench.api_server import ApiServer
from bench.costs import RunFailed
from bench.progress import Progress
from bench.samples import Case, Sample, Samples
from bench.sizes import Sizes
from bench.tasks import Task, play
from support.paths import collections_path
from support.processes import descendants

_HERE = Path(__file__).resolve().parent
_ANSIBLE_PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")
_LINE_OF_PROGRESS = re.compile(rb"\d+/\d+ namespaces")

# What of the machine a contender may see. PYTHONDONTWRITEBYTECODE above all stays out.
_INHERITED = ("PATH", "LANG", "LC_ALL")

Inventory = Mapping[str, Mapping[str, Any]]
LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
LOCALHOST: Inventory = {"localhost": LOCAL}

# Requests at a time: the default of the option ``concurrency``, and the threads of raw HTTP.
CONCURRENCY = 8


@dataclass(frozen=True)
class Expected:
    """What a run must leave: so many Secrets of this name changed, and all of them with this password."""

    secret: str
    password: str
    changed: int = 0


@dataclass
class Runner:
    """Measures commands one after the other, and keeps the samples."""

    api_server: ApiServer
    folder: Path
    sizes: Sizes
    progress: Progress
    samples: Samples = field(default_factory=Samples)

    @property
    def kubeconfig(self) -> str:
        return str(self.api_server.identity / "kubeconfig")

    def prepare(self, contender: str, tasks: Sequence[Task], inventory: Inventory | None = None) -> None:
        """Run a play without measuring it: it makes its Secrets, its bytecode and its connections."""
        self.progress.begin(f"preparing {contender}")
        self._run(self._play(tasks, inventory))
        self.progress.end()

    def play(
        self,
        case: Case,
        tasks: Sequence[Task],
        expected: Expected | None = None,
        *,
        inventory: Inventory | None = None,
        terminal: bool = False,
        server: int | None = None,
    ) -> None:
        """Measure a play; with ``server``, the id of a process, also the CPU of that and its children."""
        self.measure(case, self._play(tasks, inventory), expected, terminal=terminal, server=server)

    def http(self, case: Case, expected: Expected) -> None:
        """Measure the requests of an operation alone."""
        spec = raw_http.Spec(
            operation=case.step,
            server=self.api_server.server,
            identity=str(self.api_server.identity),
            secret=expected.secret,
            namespaces=self.api_server.namespaces,
            password=expected.password,
            threads=CONCURRENCY,
        )
        path = self.folder / "spec.json"
        path.write_text(json.dumps(asdict(spec)))
        self.measure(case, [sys.executable, raw_http.__file__, str(path)], expected)

    def kubectl(self, case: Case, program: Path, options: Sequence[str], expected: Expected) -> None:
        """Measure kubectl with a file of all Secrets."""
        names = self.api_server.namespaces
        items = [raw_http.secret_body(expected.secret, expected.password, namespace=name) for name in names]
        manifest = self.folder / "manifest.json"
        manifest.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
        self.measure(case, [str(program), "apply", f"--filename={manifest}", *options], expected)

    def measure(
        self,
        case: Case,
        command: Sequence[str],
        expected: Expected | None,
        *,
        terminal: bool = False,
        server: int | None = None,
    ) -> None:
        """Add a sample. Raise RunFailed if the command fails or did something else than expected."""
        self.progress.begin(f"{case.scenario}, {case.step}: {case.contender}")
        before = self.api_server.stored(expected.secret) if expected else {}
        served = _cpu_of_tree(server) if server else 0.0
        cost = self._run(command, terminal=terminal)
        served = _cpu_of_tree(server) - served if server else 0.0
        if expected:
            _prove(case, expected, before, self.api_server.stored(expected.secret))
        clock = self._clock()
        sample = Sample(
            wall=cost.wall,
            cpu=cost.cpu + served,
            memory=cost.memory,
            clock=float(clock.read_text()) if clock.exists() else None,
            progress_lines=len(_LINE_OF_PROGRESS.findall((self.folder / "output").read_bytes())),
        )
        self.samples.add(case, sample)
        self.progress.end(f"{sample.wall:.2f} s, CPU {sample.cpu:.2f} s")

    def _play(self, tasks: Sequence[Task], inventory: Inventory | None) -> list[str]:
        """Return the command for a play, on this machine without an inventory; write the files that it reads."""
        playbook, hosts = self.folder / "playbook.yml", self.folder / "inventory.yml"
        playbook.write_text(yaml.dump(play(tasks), width=10_000, Dumper=_NoAliases))
        hosts.write_text(yaml.dump({"all": {"hosts": dict(inventory or LOCALHOST)}}, Dumper=_NoAliases))
        return [sys.executable, str(_ANSIBLE_PLAYBOOK), f"--inventory={hosts}", str(playbook)]

    def _run(self, command: Sequence[str], *, terminal: bool = False) -> costs.Cost:
        self._clock().unlink(missing_ok=True)
        return costs.run(command, environment=self._environment(), directory=self.folder, terminal=terminal)

    def _environment(self) -> dict[str, str]:
        """Return the same environment for everybody."""
        home, temporary = self.folder / "home", self.folder / "tmp"
        for folder in (home, temporary):
            folder.mkdir(exist_ok=True)
        return {name: os.environ[name] for name in _INHERITED if name in os.environ} | {
            "HOME": str(home),
            "TMPDIR": str(temporary),
            "KUBECONFIG": self.kubeconfig,
            "KEYRING_BENCH_CLOCK": str(self._clock()),
            "ANSIBLE_ACTION_PLUGINS": str(_HERE / "action_plugins"),
            "ANSIBLE_CALLBACK_PLUGINS": str(_HERE / "callback_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "task_clock",
            "ANSIBLE_COLLECTIONS_PATH": str(collections_path()),
            "ANSIBLE_FORKS": "10",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_HOST_KEY_CHECKING": "0",
        }

    def _clock(self) -> Path:
        """Return where a contender writes how long it took by its own account."""
        return self.folder / "clock"


class _NoAliases(yaml.SafeDumper):
    """Writes a task that is there several times in full each time."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _prove(case: Case, expected: Expected, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    changed = sum(before.get(namespace) != secret for namespace, secret in after.items())
    wrong = sum(secret.password != expected.password for secret in after.values())
    if changed != expected.changed or wrong:
        raise RunFailed(
            f"{case.contender}, {case.step}: {changed} Secrets changed instead of {expected.changed}, and {wrong} of "
            "them have another password than they should."
        )


def _cpu_of_tree(pid: int) -> float:
    """Return the user and system time of a process, its descendants and those of them that have ended."""
    ticks = 0
    for each in [pid, *descendants(pid)]:
        with contextlib.suppress(OSError):  # ended meanwhile
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")
