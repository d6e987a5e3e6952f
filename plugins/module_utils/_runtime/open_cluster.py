# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection of a task to its cluster: its options, and its life from the first request to the last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from .._cluster.connection import Connection, connection_secrets, open_connection
from .._cluster.settings import ConnectionOptions, resolve_settings
from .execute import Runtime, facts_on_failure
from .options import CONNECTION


def parse_connection(params: Mapping[str, Any]) -> ConnectionOptions:
    """Return the connection options of a task."""
    return ConnectionOptions(**{option: params[option] for option in CONNECTION})


@contextmanager
def open_cluster(options: ConnectionOptions, runtime: Runtime) -> Iterator[Connection]:
    """Yield a connection to the cluster that the options and the environment select, and close it.

    The secrets of the connection go to the scrubber of the task. The result of a task that fails inside names the
    cluster. Raises KeyringError for invalid options and for a cluster that cannot be used.
    """
    settings = resolve_settings(options, runtime.environ)
    runtime.scrubber.add(*connection_secrets(settings))
    connection = open_connection(settings, options.expect_server, runtime.files, runtime.retry_budget)
    runtime.scrubber.add(*connection_secrets(settings, connection))
    with closing(connection), facts_on_failure(cluster=connection.describe()):
        try:
            yield connection
        finally:
            runtime.scrubber.add(*connection.secrets())  # those that were renewed meanwhile
            runtime.warnings.extend(connection.warnings)
