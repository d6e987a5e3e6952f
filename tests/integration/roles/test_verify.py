# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Roles that verify credentials: a wrong password fails one login, regardless of the number of hosts."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.cluster import Cluster
from support.playbook import ANSIBLE_PLAYBOOK, Playbook, run_program
from support.servers.odd_registry import asks_basic, manifest, odd_registries, odd_registry, reply
from support.servers.registries import PASSWORD, USER, basic

HOSTS = 8
NAME = "verified"
DENIES = reply("401 No", 'WWW-Authenticate: Basic realm="odd"')
WRONG = "wrong-s3cret"


def lets_in(asked: Any) -> Sequence[bytes]:
    """Accept one password and no other."""
    return manifest(asked) if asked.authorization == basic(USER, PASSWORD) else DENIES


def play(
    playbook: Playbook, cluster: Cluster, namespaces: Sequence[str], variables: Mapping[str, Any], *arguments: str
) -> str:
    """Run the role pull_secrets on as many hosts as there are namespaces. Return the output."""
    hosts = {
        f"host-{number}": {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "keyring_direct": playbook.direct,
            "keyring_connection": {"kubeconfig": str(cluster.kubeconfig)},
            "own_namespace": namespace,
            "own_password": PASSWORD if number else WRONG,
        }
        for number, namespace in enumerate(namespaces)
    }
    (playbook.directory / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
    roles = [{"role": "keyring.kubernetes.pull_secrets", "vars": dict(variables)}]
    (playbook.directory / "site.yml").write_text(
        yaml.safe_dump([{"hosts": "all", "gather_facts": False, "roles": roles}])
    )
    command: list[str | Path] = [ANSIBLE_PLAYBOOK, "-i", "hosts.yml", "site.yml", *arguments]
    done = run_program(command, env=playbook.environment(), cwd=playbook.directory)
    assert "s3cret" not in done.stdout
    return done.stdout


def items(*servers: str, password: str = PASSWORD) -> list[dict[str, Any]]:
    """Two Secrets for each host, with the same credentials."""
    registries = [{"server": server, "username": USER, "password": password} for server in servers]
    return [
        {"name": f"{NAME}-{number}", "namespace": "{{ own_namespace }}", "registries": registries}
        for number in range(2)
    ]


def holding(cluster: Cluster, namespaces: Sequence[str]) -> int:
    found = cluster.api.list_secret_for_all_namespaces().items
    return sum(secret.metadata.name.startswith(NAME) and secret.metadata.namespace in namespaces for secret in found)


@pytest.fixture
def namespaces(cluster: Cluster) -> list[str]:
    return [cluster.create_namespace() for _number in range(HOSTS)]


def test_a_wrong_password_fails_one_login(cluster: Cluster, namespaces: list[str], playbook: Playbook) -> None:
    """No host writes anything, also what is good; the right password is then written by all."""
    with odd_registries(asks_basic(manifest), asks_basic(lets_in)) as (good, picky):
        places = [good.location, picky.location]
        variables = {"pull_secrets_verify": True, "pull_secrets_defaults": {"verify_plain_http": places}}
        wrong = {"server": picky.location, "username": USER, "password": WRONG}
        listed = items(good.location)
        listed[1]["registries"] = [wrong]
        for arguments in ([], ["--check"]):
            output = play(playbook, cluster, namespaces, {**variables, "pull_secrets_list": listed}, *arguments)
            assert "The registry refuses user ada (401)" in output
            assert "changed: [" not in output
            assert holding(cluster, namespaces) == 0
        assert picky.sent == [basic(USER, WRONG)] * 2, "once for each run"
        picky.asked.clear()
        play(playbook, cluster, namespaces, {**variables, "pull_secrets_list": items(*places)})
        assert holding(cluster, namespaces) == HOSTS * 2
        asked = len(picky.sent)
        assert asked == (1 if playbook.direct == "always" else 2 + HOSTS * 2)
        play(playbook, cluster, namespaces, {**variables, "pull_secrets_list": items(*places)})
        assert len(picky.sent) == asked, "nothing is written, so nothing is asked"


def test_other_failures_of_the_first_host_stop_no_other_host(
    cluster: Cluster, namespaces: list[str], playbook: Playbook
) -> None:
    with odd_registry(asks_basic(manifest)) as server:
        listed = items(server.location)
        listed[0]["namespace"] = "{{ 'no_name' if inventory_hostname == 'host-0' else own_namespace }}"
        variables = {"pull_secrets_verify": True, "pull_secrets_defaults": {"verify_plain_http": [server.location]}}
        output = play(playbook, cluster, namespaces, {**variables, "pull_secrets_list": listed})
    assert holding(cluster, namespaces) == HOSTS * 2 - 1
    assert output.count("failed=1") == 1


def test_hosts_with_different_credentials(cluster: Cluster, namespaces: list[str], playbook: Playbook) -> None:
    with odd_registry(asks_basic(lets_in)) as server:
        defaults = {"verify": True, "verify_plain_http": [server.location]}
        listed = items(server.location, password="{{ own_password }}")
        play(playbook, cluster, namespaces, {"pull_secrets_defaults": defaults, "pull_secrets_list": listed})
        wrong = server.sent.count(basic(USER, WRONG))
    assert holding(cluster, namespaces) == (HOSTS - 1) * 2
    assert wrong == (1 if playbook.direct == "always" else 2)


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_hosts_share_what_a_registry_answers(cluster: Cluster, namespaces: list[str], playbook: Playbook) -> None:
    """Also without the variable: workers ask at the same time, and all but one wait for its answer."""

    def slowly(asked: Any) -> Sequence[bytes]:
        time.sleep(1)
        return DENIES

    with odd_registry(asks_basic(slowly)) as server:
        defaults = {"verify": True, "verify_plain_http": [server.location]}
        listed = items(server.location)
        output = play(playbook, cluster, namespaces, {"pull_secrets_defaults": defaults, "pull_secrets_list": listed})
    assert server.sent == [basic(USER, PASSWORD)]
    assert output.count("failed=1") == HOSTS
    assert holding(cluster, namespaces) == 0
