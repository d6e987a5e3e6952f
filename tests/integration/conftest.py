# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One API server for all integration tests; a namespace and a home for each.

A test that runs playbooks runs twice: once with the tasks in Ansible's own process, once as ordinary modules. Both must
give the same results.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support import cluster as clusters
from support.playbook import Playbook
from support.rbac import reading
from support.servers.git_http import HttpGitServer, http_git_server
from support.servers.git_ssh import SshGitServer, ssh_git_server

# What differs from run to run, and what is compared in its place.
CHANGING = (
    (r"\b(test|robot)-[0-9a-f]{8,10}\b", r"<\1>"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<uid>"),
    (r'"resource_version": "\d+"', '"resource_version": "<version>"'),
    (r'(resourceVersion\\*": \\*")\d+', r"\1<version>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<time>"),
    (r"\bj\d{9,}\.\d+\b", "<job>"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:<port>"),
    (r"\b(ssh|ecdsa)-[a-z0-9-]+ AAAA[A-Za-z0-9+/=]+", "<public key>"),  # a key may be made in the run
    (r"SHA256:[A-Za-z0-9+/]{43}", "<fingerprint>"),
    (r"keyring-dry-run-[0-9a-f]{16}", "keyring-dry-run-<random>"),
    (r'Valid booleans include: (?:\\.|[^"\\])*', "Valid booleans include: <in any order>"),
)

results_of_tests: dict[str, list[Any]] = {}

# The files that take longest, longest first, from ten minutes to one. A worker takes a whole file at a time: one that
# began with such a file at the end would leave the others without work.
LONGEST = (
    "test_no_leak.py",
    "test_guides.py",
    "test_minting.py",
    "test_sap_git_repository.py",
    "test_service_account_secrets.py",
    "test_node.py",
    "test_direct_execution.py",
    "test_install.py",
    "test_namespaces_limit.py",
    "test_many_namespaces.py",
    "test_faults.py",
    "test_forms.py",
    "test_gitsync_secret.py",
    "test_image_pull_secret.py",
    "test_portal_roles.py",
    "test_connection.py",
    "test_bad_input.py",
    "test_awx.py",
    "test_portal_api_forms.py",
    "test_conflicts.py",
    "test_form_terminal.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest; of the others, with those of many tests."""
    tests = Counter(item.path for item in items)
    ranks = {name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: (ranks.get(item.path.name, len(LONGEST)), -tests[item.path]))


@pytest.fixture(scope="session")
def cluster() -> Iterator[clusters.Cluster]:
    """The cluster of KEYRING_TEST_KUBECONFIG, else an embedded one."""
    yield from clusters.start(os.environ.get("KEYRING_TEST_KUBECONFIG"))


@pytest.fixture(scope="session")
def controlled_cluster() -> Iterator[clusters.Cluster]:
    """As ``cluster``, with a controller manager: namespaces get their ServiceAccount, and are really deleted."""
    yield from clusters.start(os.environ.get("KEYRING_TEST_KUBECONFIG"), controller_manager=True)


@pytest.fixture(scope="session")
def ssh_server() -> Iterator[SshGitServer]:
    """A repository to clone over SSH. A test authorises the keys that it wants to be let in."""
    with ssh_git_server() as server:
        yield server


@pytest.fixture(scope="session")
def https_server() -> Iterator[HttpGitServer]:
    """A repository to clone over HTTPS."""
    with http_git_server() as server:
        yield server


@pytest.fixture
def namespace(cluster: clusters.Cluster) -> Iterator[str]:
    """A namespace for one test."""
    name = cluster.create_namespace()
    yield name
    cluster.api.delete_namespace(name)


@pytest.fixture
def writer(cluster: clusters.Cluster, namespace: str, request: pytest.FixtureRequest) -> clusters.Identity:
    """Who may do, in the whole cluster, what the RULES of the test's file allow."""
    return cluster.cluster_identity(namespace, request.module.RULES)


@pytest.fixture
def reader(cluster: clusters.Cluster, namespace: str, request: pytest.FixtureRequest) -> clusters.Identity:
    """Who may do of that what check mode needs."""
    return cluster.cluster_identity(namespace, reading(request.module.RULES))


@pytest.fixture(params=["always", "never"])
def playbook(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Playbook]:
    """Runs playbooks in a directory of the test's own, in one of the two ways in which tasks are executed."""
    runner = Playbook(tmp_path, request.param)
    yield runner
    results = comparable(runner)
    earlier = results_of_tests.setdefault(request.node.nodeid.replace(request.param, "either way"), results)
    assert list(differences(results, earlier)) == [], "the two ways of execution give different results"


def differences(results: list[Any], others: list[Any]) -> Iterator[tuple[int, str, Any, Any]]:
    """The fields in which tasks differ: number of the task, name of the field, and both values."""
    pairs = [pair for run in zip(results, others, strict=True) for pair in zip(*run, strict=True)]
    for number, (ours, theirs) in enumerate(pairs):
        for name in {**ours, **theirs}.keys() - {"exception"}:  # a place in Ansible's code
            if ours.get(name) != theirs.get(name):
                yield number, name, ours.get(name), theirs.get(name)


def comparable(runner: Playbook) -> list[Any]:
    """The results of a runner without what differs from run to run."""
    text = json.dumps(runner.results).replace(str(runner.directory), "<directory>")
    for pattern, replacement in CHANGING:
        text = re.sub(pattern, replacement, text)
    results: list[Any] = json.loads(text)
    return results
