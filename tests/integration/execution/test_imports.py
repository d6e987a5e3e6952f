# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task with nothing to do imports nothing but what its action has imported before Ansible forked its worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from support.cluster import Cluster
from support.imports import list_imports, list_imports_of_task

NAME = "registry"
LOGIN = {"username": "octo", "password": "s3cret-token"}

# By module: the arguments of an ordinary task beside namespace and kubeconfig.
TASKS: Mapping[str, Mapping[str, Any]] = {
    "image_pull_secret": {"name": NAME, "registries": [{"server": "ghcr.io", **LOGIN}]},
    "image_pull_secret_info": {"name": NAME},
    "gitsync_secret": {"name": "git", "format": "flux", "https": LOGIN},
    "gitsync_secret_info": {"name": "git"},
    "service_account_secrets": {"service_account": "robot", "image_pull_secrets": [{"name": NAME}]},
    "image_access_info": {},
}

# What only an ordinary module has.
OF_MODULES = {"module_utils/_runtime/module.py", "module_utils/_runtime/payload.py"}


@pytest.mark.parametrize("module", TASKS)
def test_a_worker_imports_nothing_again(cluster: Cluster, module: str) -> None:
    namespace = cluster.create_namespace()
    cluster.create_account(namespace, "robot")
    arguments = {**TASKS[module], "namespace": namespace, "kubeconfig": str(cluster.kubeconfig)}
    list_imports_of_task(module, arguments)
    result, imported = list_imports_of_task(module, arguments)
    assert (result.get("failed", False), result["changed"]) == (False, False)
    assert imported - OF_MODULES - list_imports(f"action/{module}") == set()
