# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node of the tests deletes its own Node, and touches no cluster that the tests did not start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.cluster import Cluster
from support.node.joining import joining
from support.node.node import NAME

WORKER = "production-worker-1"


@pytest.fixture
def nodes(cluster: Cluster) -> Iterator[None]:
    """The Node of another machine, and one with the name of the tests."""
    if cluster.client_kubeconfig is None:
        pytest.skip("it creates Nodes, and KEYRING_TEST_KUBECONFIG is a cluster of others")
    for name in (NAME, WORKER):
        cluster.api.create_node({"metadata": {"name": name}})
    yield
    for name in names_of_nodes(cluster):
        cluster.api.delete_node(name)


def names_of_nodes(cluster: Cluster) -> set[str]:
    return {node.metadata.name for node in cluster.api.list_node().items} & {NAME, WORKER}


@pytest.mark.usefixtures("nodes")
def test_deletes_its_own_node_only(cluster: Cluster) -> None:
    with joining(cluster):
        assert names_of_nodes(cluster) == {NAME, WORKER}

    assert names_of_nodes(cluster) == {WORKER}


def test_a_kubelet_that_did_not_register_is_no_error(cluster: Cluster) -> None:
    if cluster.client_kubeconfig is None:
        pytest.skip("no node joins a cluster of others")
    with joining(cluster) as kubeconfig:
        assert kubeconfig["users"]


@pytest.mark.usefixtures("nodes")
def test_skips_on_a_cluster_of_others(cluster: Cluster) -> None:
    with pytest.raises(pytest.skip.Exception, match="KEYRING_TEST_KUBECONFIG"), joining(Cluster(cluster.kubeconfig)):
        pass

    assert names_of_nodes(cluster) == {NAME, WORKER}
