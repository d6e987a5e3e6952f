# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is measured. Each scenario runs its contenders in turns, so that what the machine does besides meets all."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from bench.addresses import addresses
from bench.machine import NOT_INSTALLED, version_of_collection
from bench.raw_http import REGISTRY, TYPE, lists, secret_body
from bench.runner import LOCAL, Expected, Inventory, Runner
from bench.samples import Case
from bench.sshd import running_sshd
from bench.tasks import (
    ACCESS_INFO,
    BARE,
    DEBUG,
    HTTP,
    KEYRING,
    KUBECTL,
    KUBECTL_SERVER,
    KUBERNETES_CORE,
    MODULE,
    PING,
    SECRET_INFO,
    Task,
    bare,
    debug,
    keyring,
    kubernetes_core,
    ping,
    pull_secret,
)
from support.kubectl import find_kubectl

NAMESPACE = "bench-00000"
SECRET = "bench-keyring"
PASSWORD, NEW_PASSWORD = "first-password", "second-password"
ONE_TASK = "1 task"
CREATE, NOTHING_TO_DO, CHANGE_ALL = "create", "nothing to do", "change all"
ALL_THREE = "all three"
# Each with the password that it writes.
WRITES = ((CREATE, PASSWORD), (CHANGE_ALL, NEW_PASSWORD))


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
    inventory: Inventory | None = None,
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


def measure_ssh(runner: Runner) -> None:
    """Ordinary modules over SSH with pipelining."""
    with running_sshd(runner.folder / "sshd") as server:
        inventory = {"over-ssh": server.host}
        _measure_plays(runner, "ssh", _modules(runner), runner.sizes.module_tasks, inventory, server.pid)


def measure_clusters(runner: Runner) -> None:
    """One task for many clusters, each a host of the inventory; there is nothing to do."""
    runner.api_server.grow(1)
    contenders = {
        DEBUG: debug(),
        BARE: bare("{{ kubeconfig }}", f"/api/v1/namespaces/{NAMESPACE}/secrets/{SECRET}"),
        KEYRING: pull_secret("{{ kubeconfig }}", SECRET, PASSWORD, namespace=NAMESPACE),
    }
    with addresses(runner.api_server.server, runner.sizes.clusters) as servers:
        inventory = dict(_cluster(runner, number, server) for number, server in enumerate(servers))
        runner.prepare(KEYRING, [contenders[KEYRING]], inventory)
        for _round in range(runner.sizes.rounds):
            for contender, task in contenders.items():
                expected = Expected(SECRET, PASSWORD) if contender == KEYRING else None
                runner.play(Case("clusters", NOTHING_TO_DO, contender), [task], expected, inventory=inventory)


def _cluster(runner: Runner, number: int, server: str) -> tuple[str, dict[str, object]]:
    """Return the name and the variables of a host of the inventory, whose kubeconfig has this server."""
    config = runner.api_server.kubeconfig
    (entry,) = config["clusters"]
    # The certificate of the API server has this name, but not all of these addresses.
    cluster = {**entry["cluster"], "server": server, "tls-server-name": "localhost"}
    path = runner.folder / f"kubeconfig-{number}"
    path.write_text(yaml.safe_dump({**config, "clusters": [{**entry, "cluster": cluster}]}))
    return f"cluster-{number:02}", {**LOCAL, "kubeconfig": str(path)}


def measure_namespaces(runner: Runner) -> None:
    """One task for many namespaces: nothing to do, then to create and to change all Secrets."""
    runner.api_server.grow(runner.sizes.namespaces)
    contenders = {
        DEBUG: debug(),
        BARE: bare(runner.kubeconfig, *(request.path for request in lists(SECRET))),
        KEYRING: pull_secret(runner.kubeconfig, SECRET, PASSWORD, namespaces=["bench-*"]),
    }
    runner.api_server.delete(SECRET)
    runner.prepare(KEYRING, [contenders[KEYRING]])
    for _pair in range(runner.sizes.pairs):
        for contender, task in contenders.items():
            expected = Expected(SECRET, PASSWORD) if contender == KEYRING else None
            runner.play(Case("namespaces", NOTHING_TO_DO, contender), [task], expected)
    for _round in range(runner.sizes.rounds):
        _write(runner, "namespaces")
        runner.api_server.delete("bench-http")
        for step, password in WRITES:
            runner.http(Case("namespaces", step, HTTP), _all_changed(runner, "bench-http", password))
    for contender, options in ((KUBECTL, []), (KUBECTL_SERVER, ["--server-side", "--force-conflicts"])):
        secret = f"bench-kubectl{len(options)}"
        created = _all_changed(runner, secret, PASSWORD)
        runner.kubectl(Case("namespaces", CREATE, contender), find_kubectl(), options, created)
        if runner.sizes.kubectl_again:
            again = Expected(secret, PASSWORD)
            runner.kubectl(Case("namespaces", NOTHING_TO_DO, contender), find_kubectl(), options, again)


def _write(runner: Runner, scenario: str) -> None:
    """Create and change the Secrets of all namespaces."""
    runner.api_server.delete(SECRET)
    for step, password in WRITES:
        task = pull_secret(runner.kubeconfig, SECRET, password, namespaces=["bench-*"])
        expected = _all_changed(runner, SECRET, password)
        runner.play(Case(scenario, step, KEYRING), [task], expected, terminal=True)


def _all_changed(runner: Runner, secret: str, password: str) -> Expected:
    return Expected(secret, password, changed=len(runner.api_server.namespaces))


def measure_many(runner: Runner) -> None:
    """One task for very many namespaces, once: one run takes long enough to be beyond chance."""
    if not runner.sizes.many:
        return
    runner.api_server.grow(runner.sizes.many)
    _write(runner, "many")
    task = pull_secret(runner.kubeconfig, SECRET, NEW_PASSWORD, namespaces=["bench-*"])
    runner.play(Case("many", NOTHING_TO_DO, KEYRING), [task], Expected(SECRET, NEW_PASSWORD), terminal=True)


def measure_images(runner: Runner) -> None:
    """``image_access_info`` for all Pods of many namespaces, each with a pull secret of its own."""
    names = [f"images-{number:05}" for number in range(runner.sizes.namespaces)]
    make = runner.api_server.make_in_each
    runner.api_server.make("/api/v1/namespaces", [{"metadata": {"name": name}} for name in names])
    make(names, "serviceaccounts", {"metadata": {"name": "app"}})
    make(names, "secrets", secret_body("registry", PASSWORD))
    for number in range(runner.sizes.pods_in_a_namespace):
        make(names, "pods", _pod(f"pod-{number}", f"{REGISTRY}/acme/app:{number}", "registry"))
    contenders = {DEBUG: debug(), ACCESS_INFO: keyring("image_access_info", runner.kubeconfig, namespaces=["images-*"])}
    for _round in range(runner.sizes.rounds):
        for contender, task in contenders.items():
            runner.play(Case("images", ONE_TASK, contender), [task])


def _pod(name: str, image: str, *secrets: str) -> dict[str, object]:
    """Return a Pod that waits: there is no kubelet."""
    containers = [{"name": "app", "image": image}]
    pull_secrets = [{"name": name} for name in secrets]
    return {
        "metadata": {"name": name},
        "spec": {"serviceAccountName": "app", "imagePullSecrets": pull_secrets, "containers": containers},
    }


def measure_large(runner: Runner) -> None:
    """Three Secrets that are as large as they may be, used by one Pod, read and changed."""
    namespace, names = "large", ("large-0", "large-1", "large-2")
    make = runner.api_server.make_in_each
    runner.api_server.make("/api/v1/namespaces", [{"metadata": {"name": namespace}}])
    make([namespace], "serviceaccounts", {"metadata": {"name": "app"}})
    for name in names:
        make([namespace], "secrets", _large_secret(name, runner.sizes.entries))
    make([namespace], "pods", _pod("app", "r00001.large-1.example/acme/app:1", *names))
    where: dict[str, Any] = {"kubeconfig": runner.kubeconfig, "namespace": namespace}
    for number in range(runner.sizes.rounds):
        contenders = {
            DEBUG: [debug()],
            ACCESS_INFO: [keyring("image_access_info", **where)],
            SECRET_INFO: [keyring("image_pull_secret_info", **where)],
            KEYRING: [pull_secret(secret=name, password=f"password-{number}", **where) for name in names],
        }
        for contender, tasks_of_play in contenders.items():
            runner.play(Case("large", ALL_THREE, contender), tasks_of_play)


def _large_secret(name: str, entries: int) -> dict[str, object]:
    """Return a pull secret with an entry of 53 bytes for each of so many registries."""
    auths = {f"r{number:05}.{name}.example": {"auth": "dTpwYXNzd29yZA=="} for number in range(entries)}
    content = b64encode(json.dumps({"auths": auths}, separators=(",", ":")).encode()).decode()
    return {"metadata": {"name": name}, "type": TYPE, "data": {".dockerconfigjson": content}}


@dataclass(frozen=True)
class Scenario:
    """What the report calls it, and the function that measures it."""

    title: str
    measure: Callable[[Runner], None]


# In this order: the last ones make namespaces that would slow down the others.
SCENARIOS: Mapping[str, Scenario] = {
    "direct": Scenario("Tasks in Ansible's own process", measure_direct),
    "modules": Scenario("Ordinary modules", measure_modules),
    "ssh": Scenario("Ordinary modules over SSH with pipelining", measure_ssh),
    "clusters": Scenario("Clusters as hosts of the inventory", measure_clusters),
    "namespaces": Scenario("Many namespaces", measure_namespaces),
    "large": Scenario("Three Secrets of 1 MiB", measure_large),
    "images": Scenario("Images of many Pods", measure_images),
    "many": Scenario("Very many namespaces", measure_many),
}
