# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node for all tests of a file: it takes seconds to start. With several workers, several nodes run at once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.cluster import Cluster
from support.control_plane import node_machine
from support.node.joining import joining
from support.node.node import Node, running_node
from support.servers.registries import PasswordRegistry, htpasswd_registry

REASON = node_machine.why_no_node(Path(tempfile.gettempdir()))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip every test of this folder where no node can run."""
    for item in items:
        if REASON and "integration/node" in item.nodeid:
            item.add_marker(pytest.mark.skip(reason=REASON))


@pytest.fixture(scope="module")
def private() -> Iterator[PasswordRegistry]:
    """A registry that asks for a password, which the node trusts."""
    with htpasswd_registry() as found:
        yield found


@pytest.fixture(scope="module")
def node(cluster: Cluster, private: PasswordRegistry) -> Iterator[Node]:
    """A node with the settings of a new cluster, as far as they decide about images."""
    with joining(cluster) as kubeconfig, running_node(kubeconfig, [private], {}) as found:
        yield found
