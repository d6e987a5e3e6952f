# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role git_credentials verifies: a wrong token fails one login, regardless of how many hosts and consumers."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.cluster import Cluster
from support.playbook import ANSIBLE_PLAYBOOK, Playbook, run_program
from support.servers.git_http import http_git_server
from support.servers.odd_registry import odd_registry, reply

HOSTS = 2
NAMES = ("one", "two", "three")
WRONG = "wrong-s3cret"
RIGHT = "right-s3cret"


def play(
    playbook: Playbook, cluster: Cluster, namespaces: Sequence[str], variables: Mapping[str, Any], *arguments: str
) -> str:
    """Run the role on as many hosts as there are namespaces, for several consumers each. Return the output."""
    shared = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "keyring_direct": playbook.direct,
        "keyring_connection": {"kubeconfig": str(cluster.kubeconfig)},
    }
    hosts = {name: {**shared, "own_namespace": name} for name in namespaces}
    (playbook.directory / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
    consumers = [{"name": name, "namespace": "{{ own_namespace }}"} for name in NAMES]
    given = {"git_credentials_consumers": consumers, "git_credentials_https_username": "robot", **variables}
    roles = [{"role": "keyring.kubernetes.git_credentials", "vars": given}]
    content = yaml.safe_dump([{"hosts": "all", "gather_facts": False, "roles": roles}])
    (playbook.directory / "site.yml").write_text(content)
    command: list[str | Path] = [ANSIBLE_PLAYBOOK, "-i", "hosts.yml", "site.yml", *arguments]
    done = run_program(command, env=playbook.environment(), cwd=playbook.directory)
    assert "s3cret" not in done.stdout
    return done.stdout


def count(cluster: Cluster, namespaces: Sequence[str]) -> int:
    """Return how many of the Secrets there are."""
    found = cluster.api.list_secret_for_all_namespaces().items
    return sum(secret.metadata.namespace in namespaces and secret.metadata.name in NAMES for secret in found)


@pytest.fixture
def namespaces(cluster: Cluster) -> list[str]:
    return [cluster.create_namespace() for _number in range(HOSTS)]


def test_a_wrong_token_fails_one_login(cluster: Cluster, namespaces: list[str], playbook: Playbook) -> None:
    denies = reply("401 Unauthorized", 'WWW-Authenticate: Basic realm="odd"')
    with odd_registry(lambda asked: denies) as server:
        wrong = {
            "git_credentials_url": f"http://{server.location}/a.git",
            "git_credentials_https_password": WRONG,
            "git_credentials_verify": True,
        }
        for runs, arguments in enumerate(([], ["--check"]), 1):
            output = play(playbook, cluster, namespaces, wrong, *arguments)
            assert "The Git server denies the credential for" in output
            assert "changed: [" not in output
            assert len(server.sent) == runs
    assert count(cluster, namespaces) == 0


def test_a_right_token_is_written_everywhere(cluster: Cluster, namespaces: list[str], playbook: Playbook) -> None:
    with http_git_server("robot", RIGHT, tls=False) as server:
        right = {
            "git_credentials_url": server.url,
            "git_credentials_https_password": RIGHT,
            "git_credentials_verify": True,
            "git_credentials_options": {"verify_require": "pullable"},
        }
        play(playbook, cluster, namespaces, right)
        assert count(cluster, namespaces) == HOSTS * len(NAMES)
    # The server is gone: what is not written is not asked about.
    output = play(playbook, cluster, namespaces, right)
    assert output.count("failed=0") == HOSTS
    unreachable = play(playbook, cluster, namespaces, {**right, "git_credentials_https_password": f"{RIGHT}-2"})
    assert "Nothing proves that the credential reads" in unreachable
    assert "changed: [" not in unreachable
