# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is measured. Each scenario runs its contenders in turns, so that what the machine does besides meets all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.machine import NOT_INSTALLED, version_of_collection
from bench.runner import LOCALHOST, Expected, Inventory, Runner
from bench.samples import Case
from bench.tasks import (
    BARE,
    DEBUG,
    KEYRING,
    KUBERNETES_CORE,
    MODULE,
    PING,
    Task,
    bare,
    debug,
    kubernetes_core,
    ping,
    pull_secret,
)

NAMESPACE = "bench-00000"
SECRET = "bench-keyring"
PASSWORD, NEW_PASSWORD = "first-password", "second-password"
ONE_TASK = "1 task"
NOTHING_TO_DO = "nothing to do"


def tasks(count: int) -> str:
    """Return the step of a play with so many tasks."""
    return f"{count} tasks"


def measure_direct(runner: Runner) -> None:
    """Tasks in Ansible's own process; there is nothing to do."""
    runner.api_server.grow(1)
    contenders = {
        DEBUG: debug(),
        BARE: bare(runner.kubeconfig, f"/api/v1/namespaces/{NAMESPACE}/secrets/{SECRET}"),
        KEYRING: pull_secret(runner.kubeconfig, SECRET, PASSWORD, namespace=NAMESPACE),
    }
    # The bare action reads the Secret that this makes.
    runner.prepare(KEYRING, [contenders[KEYRING]])
    _measure_plays(runner, "direct", contenders, runner.sizes.direct_tasks)


def measure_modules(runner: Runner) -> None:
    """Tasks that start an ordinary module; there is nothing to do."""
    _measure_plays(runner, "modules", _modules(runner), runner.sizes.module_tasks)


def _modules(runner: Runner) -> dict[str, Task]:
    runner.api_server.grow(1)
    contenders = {
        PING: ping(),
        MODULE: pull_secret(runner.kubeconfig, SECRET, PASSWORD, as_module=True, namespace=NAMESPACE),
    }
    if version_of_collection("kubernetes/core") != NOT_INSTALLED:
        contenders[KUBERNETES_CORE] = kubernetes_core(runner.kubeconfig, "bench-core", PASSWORD, NAMESPACE)
    return contenders


def _measure_plays(
    runner: Runner,
    scenario: str,
    contenders: Mapping[str, Task],
    count: int,
    inventory: Inventory = LOCALHOST,
    server: int | None = None,
) -> None:
    """Measure plays of one task and of many, from which the costs of the start and of a task follow."""
    for contender, task in contenders.items():
        runner.prepare(contender, [task], inventory)
    for _round in range(runner.sizes.rounds):
        for step, number in ((ONE_TASK, 1), (tasks(count), count)):
            for contender, task in contenders.items():
                expected = Expected(SECRET, PASSWORD) if contender in (KEYRING, MODULE) else None
                case = Case(scenario, step, contender)
                runner.play(case, [task] * number, expected, inventory=inventory, server=server)


@dataclass(frozen=True)
class Scenario:
    title: str
    measure: Callable[[Runner], None]


SCENARIOS: Mapping[str, Scenario] = {
    "direct": Scenario("Tasks in Ansible's own process", measure_direct),
    "modules": Scenario("Ordinary modules", measure_modules),
}
