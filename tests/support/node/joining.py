# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a node joins the API server of the tests, and leaves it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from kubernetes.client import ApiException

from support.cluster import Cluster
from support.node.node import NAME


@contextmanager
def joining(cluster: Cluster) -> Iterator[dict[str, Any]]:
    """Yield a kubeconfig for a kubelet, and delete its Node at the end: tests that share the API server count Nodes.

    The kubelet may do everything, because its permissions are not what is tested. On a cluster that the tests did not
    start, the test is skipped, and nothing is deleted.
    """
    if cluster.client_kubeconfig is None:
        pytest.skip("a node joins only an API server that the tests started, not that of KEYRING_TEST_KUBECONFIG")
    kubeconfig = cluster.client_kubeconfig(f"system:node:{NAME}", ["system:nodes", "system:masters"])
    try:
        yield kubeconfig
    finally:
        try:
            cluster.api.delete_node(NAME)
        except ApiException as error:
            if error.status != 404:  # the kubelet did not come so far
                raise
