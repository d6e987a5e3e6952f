# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is measured, and the tasks with which a play has them do their work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.raw_http import REGISTRY, USERNAME, secret_body

DEBUG, BARE, KEYRING = "debug", "bare action", "keyring"
PING, MODULE, KUBERNETES_CORE = "ping", "keyring as module", "kubernetes.core"
ACCESS_INFO, SECRET_INFO = "image_access_info", "image_pull_secret_info"
HTTP, KUBECTL, KUBECTL_SERVER = "raw HTTP", "kubectl", "kubectl --server-side"

DESCRIPTIONS = {
    DEBUG: "`ansible.builtin.debug`, the floor of every task: an empty play of the same shape",
    BARE: "an action plugin of 20 lines that reads the kubeconfig, opens TLS and sends one GET, or the two LISTs "
    "(namespaces, Secrets of one name): the floor of every task about a cluster in Ansible's own process",
    KEYRING: "`keyring.kubernetes.image_pull_secret`, executed in Ansible's own process, which is the default with a "
    "local connection",
    PING: "`ansible.builtin.ping`, the floor of every task that starts a module",
    MODULE: "the same as an ordinary module (`keyring_direct: never`)",
    KUBERNETES_CORE: "`kubernetes.core.k8s` with the Secret as definition, an ordinary module as well",
    ACCESS_INFO: "`keyring.kubernetes.image_access_info`, executed in the same way",
    SECRET_INFO: "`keyring.kubernetes.image_pull_secret_info`, executed in the same way",
    HTTP: "urllib3 in as many threads as this collection uses, bodies made before, connections kept: the limit",
    KUBECTL: "`kubectl apply` of one file with all Secrets",
    KUBECTL_SERVER: "`kubectl apply --server-side --force-conflicts` of the same file",
}

Task = dict[str, Any]


def debug() -> Task:
    return {"ansible.builtin.debug": {"msg": "nothing"}}


def ping() -> Task:
    return {"ansible.builtin.ping": {}}


def bare(kubeconfig: str, *paths: str) -> Task:
    return {"bare": {"kubeconfig": kubeconfig, "get": list(paths)}}


def keyring(module: str, kubeconfig: str, *, as_module: bool = False, **options: Any) -> Task:
    """Return a task of this collection; it is an error if it is not executed in the way that is measured."""
    return {
        f"keyring.kubernetes.{module}": {"kubeconfig": kubeconfig, **options},
        "vars": {"keyring_direct": "never" if as_module else "always"},
    }


def pull_secret(kubeconfig: str, secret: str, password: str, *, as_module: bool = False, **where: Any) -> Task:
    registries = [{"server": REGISTRY, "username": USERNAME, "password": password}]
    options = {"name": secret, "registries": registries, **where}
    return keyring("image_pull_secret", kubeconfig, as_module=as_module, **options)


def kubernetes_core(kubeconfig: str, secret: str, password: str, namespace: str) -> Task:
    definition = secret_body(secret, password, namespace=namespace)
    return {"kubernetes.core.k8s": {"kubeconfig": kubeconfig, "state": "present", "definition": definition}}


def play(tasks: Sequence[Task]) -> list[dict[str, Any]]:
    """Return a playbook of these tasks for all hosts of the inventory."""
    return [{"hosts": "all", "gather_facts": False, "tasks": list(tasks)}]
