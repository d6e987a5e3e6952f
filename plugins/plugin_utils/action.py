# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the controller adds to a module of this collection: it alone knows for which host a task runs."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

_LOCAL = ("localhost", "127.0.0.1", "::1")

# How a cluster was chosen when nothing in the task or the inventory chose it.
_SHARED_SOURCES = {
    "environment": "the environment",
    "kubeconfig": "the current context of the kubeconfig in the home directory",
    "in_cluster": "the Pod in which the task runs",
}


class KeyringAction(ActionBase):
    """Runs the module of the same name, and warns when many hosts would mean one cluster many times."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        variables = task_vars or {}
        result: dict[str, Any] = super().run(tmp, variables)
        result.update(self._execute_module(task_vars=variables, wrap_async=self._task.async_val))
        warning = warn_shared_cluster(variables.get("inventory_hostname", "localhost"), result.get("cluster"))
        if warning:
            result["warnings"] = [*result.get("warnings", []), warning]
        return result


def warn_shared_cluster(host: str, cluster: dict[str, Any] | None) -> str | None:
    """A warning when a cluster was chosen by something that all hosts of the inventory share."""
    if host in _LOCAL or not cluster or cluster["source"] not in _SHARED_SOURCES:
        return None
    return (
        f"Host {host} does not say which cluster it means; {cluster['server']} was chosen by "
        f"{_SHARED_SOURCES[cluster['source']]}, so every other such host means the same one. "
        "Set kubeconfig, context or host for each host."
    )
