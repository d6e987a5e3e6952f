# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is measured, and how each is told what to do."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import yaml

from bench import plays, raw_http
from bench.api_server import ApiServer
from bench.work import Operation, Scenario
from support.paths import collections_path

_HERE = Path(__file__).resolve().parent
_ANSIBLE_PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")

# What of the machine a contender may see. PYTHONDONTWRITEBYTECODE above all stays out.
_INHERITED = ("PATH", "LANG", "LC_ALL")


@dataclass(frozen=True)
class Job:
    """One run of a contender, in a folder of its own."""

    scenario: Scenario
    operation: Operation
    password: str
    api_server: ApiServer
    identity: Path
    threads: int

    @property
    def secret(self) -> str:
        return self.identity.name

    @property
    def namespaces(self) -> list[str]:
        return self.api_server.namespaces[: self.scenario.size]


class Contender(Protocol):
    @property
    def name(self) -> str:
        """As the report has it."""

    @property
    def describe(self) -> str:
        """For the reader of the report."""

    @property
    def largest(self) -> int:
        """The number of namespaces that is feasible."""

    @property
    def briefly_from(self) -> int:
        """From so many namespaces on only a part of the operations is feasible."""

    @property
    def writes(self) -> bool:
        """Whether it does the work at all."""

    def runs(self, scenario: Scenario) -> bool:
        """Whether it takes part at all; how many namespaces are too many is said by ``largest``."""

    def command(self, job: Job) -> list[str]:
        """What to run; writes the files that it reads into the folder of the identity."""


@dataclass(frozen=True)
class AnsibleContender:
    """A play. ``variables`` are extra variables."""

    name: str
    describe: str
    module: str
    variables: Mapping[str, str]
    largest: int = sys.maxsize
    briefly_from: int = sys.maxsize
    many: bool = True

    @property
    def writes(self) -> bool:
        return self.module != "debug"

    def runs(self, scenario: Scenario) -> bool:
        return self.many or not scenario.many

    def command(self, job: Job) -> list[str]:
        play = {"hosts": "localhost", "gather_facts": False, "tasks": self._tasks(job)}
        playbook, inventory = job.identity / "playbook.yml", job.identity / "inventory.yml"
        playbook.write_text(yaml.safe_dump([play], width=10_000))
        host = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        inventory.write_text(yaml.safe_dump({"all": {"hosts": {"localhost": host}}}))
        more = [f"--extra-vars={name}={value}" for name, value in self.variables.items()]
        more += ["--check"] if job.operation == "check" else []
        return [sys.executable, str(_ANSIBLE_PLAYBOOK), f"--inventory={inventory}", *more, str(playbook)]

    def _tasks(self, job: Job) -> list[plays.Task]:
        what = (str(job.identity / "kubeconfig"), job.secret, job.password)
        if self.module == "debug":
            return plays.tasks(job.scenario, job.namespaces, plays.debug, plays.debug(plays.ALL))
        if self.module == "kubernetes.core":
            return plays.tasks(job.scenario, job.namespaces, lambda name: plays.kubernetes_core(*what, name))
        everywhere = plays.keyring(*what, namespaces=[plays.ALL], concurrency=job.threads)
        return plays.tasks(job.scenario, job.namespaces, lambda name: plays.keyring(*what, namespace=name), everywhere)


@dataclass(frozen=True)
class KubectlContender:
    """``kubectl apply`` with a file of all Secrets."""

    name: str
    describe: str
    program: Path
    options: tuple[str, ...]
    largest: int = sys.maxsize
    briefly_from: int = sys.maxsize
    writes: bool = True

    def runs(self, scenario: Scenario) -> bool:
        return scenario.shape == "fan-out"

    def command(self, job: Job) -> list[str]:
        items = [raw_http.secret_body(job.secret, job.password, namespace=name) for name in job.namespaces]
        manifest = job.identity / "manifest.json"
        manifest.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
        more = ["--dry-run=server"] if job.operation == "check" else []
        return [str(self.program), "apply", f"--filename={manifest}", *self.options, *more]


@dataclass(frozen=True)
class HttpContender:
    """Only the requests that the work needs."""

    name: str
    describe: str
    largest: int = sys.maxsize
    briefly_from: int = sys.maxsize
    writes: bool = True

    def runs(self, scenario: Scenario) -> bool:
        return scenario.many

    def command(self, job: Job) -> list[str]:
        spec = raw_http.Spec(
            operation=job.operation,
            server=job.api_server.server,
            identity=str(job.identity),
            secret=job.secret,
            namespaces=job.namespaces,
            password=job.password,
            threads=job.threads,
        )
        path = job.identity / "spec.json"
        path.write_text(json.dumps(asdict(spec)))
        return [sys.executable, raw_http.__file__, str(path)]


def environment(job: Job) -> dict[str, str]:
    """The same for everybody."""
    home, temporary = job.identity / "home", job.identity.parent / "tmp"
    for folder in (home, temporary):
        folder.mkdir(exist_ok=True)
    return {name: os.environ[name] for name in _INHERITED if name in os.environ} | {
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "KUBECONFIG": str(job.identity / "kubeconfig"),
        "KEYRING_BENCH_CLOCK": str(clock(job)),
        "ANSIBLE_CALLBACK_PLUGINS": str(_HERE / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "task_clock",
        "ANSIBLE_COLLECTIONS_PATH": str(collections_path()),
        "ANSIBLE_NOCOLOR": "1",
    }


def clock(job: Job) -> Path:
    """Where a contender writes how long it took by its own account."""
    return job.identity / "clock"


DEBUG, KEYRING, MODULE, KUBERNETES_CORE, HTTP = "debug", "keyring", "keyring-module", "kubernetes.core", "http"
KUBECTL = ("kubectl-client", "kubectl-server")


# kubernetes.core takes the same time for every operation, half a second for each namespace.
_BRIEFLY_FROM = 100


def contenders(kubectl: Path, largest: int) -> list[Contender]:
    """In the order of a round: the floor first, the limit last."""
    return [
        AnsibleContender(DEBUG, "`ansible.builtin.debug`, the floor: an empty play of the same shape", "debug", {}),
        AnsibleContender(
            KEYRING,
            "`keyring.kubernetes.image_pull_secret`, executed directly in the controller",
            "keyring",
            {"keyring_direct": "always"},
        ),
        AnsibleContender(
            MODULE,
            "the same, executed as an ordinary module (`keyring_direct: never`)",
            "keyring",
            {"keyring_direct": "never"},
            many=False,
        ),
        AnsibleContender(
            KUBERNETES_CORE,
            "`kubernetes.core.k8s` with a definition; a loop where there are many namespaces",
            "kubernetes.core",
            {},
            largest=largest,
            briefly_from=_BRIEFLY_FROM,
        ),
        KubectlContender(KUBECTL[0], "`kubectl apply` of one file with all Secrets", kubectl, (), largest),
        KubectlContender(
            KUBECTL[1],
            "`kubectl apply --server-side --force-conflicts` of the same file",
            kubectl,
            ("--server-side", "--force-conflicts"),
            largest,
        ),
        HttpContender(HTTP, "urllib3 in threads, bodies made before, connections kept: the limit"),
    ]
