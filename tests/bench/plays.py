# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plays that are measured. What a task does is a table row; what a play looks like is the same for all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bench.raw_http import REGISTRY, USERNAME, secret_body
from bench.work import Scenario

Task = dict[str, Any]
# The task of a contender for one namespace, which may be a template.
ForOne = Callable[[str], Task]

ALL = "bench-*"


def debug(namespace: str) -> Task:
    return {"ansible.builtin.debug": {"msg": namespace}}


def keyring(kubeconfig: str, secret: str, password: str, **where: Any) -> Task:
    registries = [{"server": REGISTRY, "username": USERNAME, "password": password}]
    arguments = {"kubeconfig": kubeconfig, "name": secret, "registries": registries, **where}
    return {"keyring.kubernetes.image_pull_secret": arguments}


def kubernetes_core(kubeconfig: str, secret: str, password: str, namespace: str) -> Task:
    definition = secret_body(secret, password, namespace=namespace)
    return {"kubernetes.core.k8s": {"kubeconfig": kubeconfig, "state": "present", "definition": definition}}


def tasks(scenario: Scenario, namespaces: Sequence[str], for_one: ForOne, for_many: Task | None = None) -> list[Task]:
    """The tasks of a play. Without ``for_many`` a contender loops over many namespaces."""
    if scenario.shape in ("one task", "tasks"):
        return [for_one(namespace) for namespace in namespaces]
    if scenario.many and for_many:
        return [for_many]
    return [{**for_one("{{ item }}"), "loop": list(namespaces)}]
