# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task with which a form begins: the cluster, its namespaces, and the namespace of the context."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._cluster.api import list_rows
from .._cluster.refused import Intent, Refused, explain
from .._runtime.execute import Result, Runtime, TaskDefinition
from .._runtime.open_cluster import open_cluster, parse_connection
from .._runtime.options import COMMON, Options

OPTIONS: Options = dict(COMMON)


def run(params: Mapping[str, Any], runtime: Runtime) -> Result:
    """Report the namespaces of the cluster, None without the permission to list them. Only reads."""
    with open_cluster(parse_connection(params), runtime) as connection:
        names: list[str] | None = None
        try:
            names = sorted(row.metadata["name"] for row in list_rows(connection, "/api/v1/namespaces", {}))
        except Refused as refused:
            if refused.status != 403:
                raise explain(refused, Intent("list", "namespaces", "the namespaces", None), connection) from None
        return {
            "changed": False,
            "namespaces": names,
            "namespace": connection.namespace,
            "cluster": connection.describe(),
        }


DEFINITION = TaskDefinition(run, OPTIONS)
