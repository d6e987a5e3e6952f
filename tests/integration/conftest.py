# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One API server for all integration tests; a namespace and a home for each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import cluster as clusters
import pytest
from playbook import Playbook


@pytest.fixture(scope="session")
def cluster() -> Iterator[clusters.Cluster]:
    """The cluster of KEYRING_TEST_KUBECONFIG, else an embedded one."""
    yield from clusters.start(os.environ.get("KEYRING_TEST_KUBECONFIG"))


@pytest.fixture
def namespace(cluster: clusters.Cluster) -> Iterator[str]:
    """A namespace for one test."""
    name = cluster.create_namespace()
    yield name
    cluster.api.delete_namespace(name)


@pytest.fixture
def playbook(tmp_path: Path) -> Playbook:
    """Runs playbooks in a directory of the test's own."""
    return Playbook(tmp_path)
