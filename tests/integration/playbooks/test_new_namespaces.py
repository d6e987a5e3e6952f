# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook new_namespaces: it processes the namespaces that it is given, and refuses to run without them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from support.cluster import Cluster
from support.playbook import Playbook
from support.playbooks import run
from support.samples.git import HOSTS, KEY, SSH_URL, private

NAME = "new_namespaces"
REGISTRIES = [{"server": "ghcr.io", "username": "octo", "password": "s3cret-token"}]
CHOSEN: Mapping[str, Any] = {"new_namespaces_cluster": "lisbon"}
pytestmark = pytest.mark.parametrize("playbook", ["auto"], indirect=True)


def inventory(cluster: Cluster, **variables: Any) -> dict[str, Any]:
    """Return two hosts, of which one leads to the cluster."""
    common = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    connection = {"kubeconfig": str(cluster.kubeconfig)}
    return {"lisbon": {**common, "keyring_connection": connection, **variables}, "oslo": common}


def pull_secrets(*namespaces: str) -> dict[str, Any]:
    item = {"name": "ghcr", "namespaces": list(namespaces), "registries": REGISTRIES, "service_accounts": ["default"]}
    return {"pull_secrets_list": [item], "pull_secrets_owner": namespaces[0], "pull_secrets_prune": True}


def git_credentials(*namespaces: str) -> dict[str, Any]:
    return {
        "git_credentials_consumers": [{"format": "tekton", "name": "git", "namespaces": list(namespaces)}],
        "git_credentials_url": SSH_URL,
        "git_credentials_ssh_private_key": private(KEY),
        "git_credentials_ssh_known_hosts": HOSTS,
    }


def names_of_secrets(cluster: Cluster, namespace: str) -> set[str]:
    return {item.metadata.name for item in cluster.api.list_namespaced_secret(namespace).items}


def test_only_the_new_namespaces_get_their_secrets(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    new, declared = cluster.create_namespace("-new"), cluster.create_namespace("-declared")
    for place in (namespace, new, declared):
        cluster.create_account(place, "default")
    hosts = inventory(cluster, **pull_secrets(namespace, new, declared), **git_credentials(namespace, new))
    variables: dict[str, Any] = {**CHOSEN, "new_namespaces_limit": [new], "new_namespaces_server": cluster.server}

    code, _lines, output = run(playbook, NAME, cluster, inventory=hosts, **variables)
    again, _lines, unchanged = run(playbook, NAME, cluster, inventory=hosts, **variables)

    assert (code, again) == (0, 0), output + unchanged
    assert names_of_secrets(cluster, new) == {"ghcr", "git"}
    assert [link["name"] for link in cluster.read_account(new, "default")["imagePullSecrets"]] == ["ghcr"]
    assert names_of_secrets(cluster, namespace) == names_of_secrets(cluster, declared) == set()
    assert "changed=0" in unchanged
    assert f"Require a list of Secrets for {new}]" in output
    assert "WARNING" not in output
    for place in (new, declared):
        cluster.api.delete_namespace(place)


@pytest.mark.parametrize("name", ["2026", "1e3", "0x10"])
def test_a_cluster_may_be_named_like_a_number(cluster: Cluster, namespace: str, playbook: Playbook, name: str) -> None:
    """Native types of Jinja would make it one, with an ansible-core before 2.19."""
    hosts = {name: {**inventory(cluster)["lisbon"], **pull_secrets(namespace)}}
    variables: dict[str, Any] = {"new_namespaces_cluster": name, "new_namespaces_limit": [namespace]}
    cluster.create_account(namespace, "default")

    code, _lines, output = run(
        playbook, NAME, cluster, inventory=hosts, environment={"ANSIBLE_JINJA2_NATIVE": "true"}, **variables
    )

    assert code == 0, output
    assert names_of_secrets(cluster, namespace) == {"ghcr"}


BROKEN: Mapping[str, tuple[Mapping[str, Any], set[str]]] = {
    "pull secrets": ({"pull_secrets_list": [{"name": "ghcr", "registries": [{"server": "ghcr.io"}]}]}, {"git"}),
    "Git credentials": ({"git_credentials_ssh_known_hosts": "git.example.com nonsense"}, {"ghcr"}),
}


@pytest.mark.parametrize(("broken", "made"), BROKEN.values(), ids=BROKEN)
def test_a_failure_of_one_role_does_not_stop_the_other(
    cluster: Cluster, namespace: str, playbook: Playbook, broken: Mapping[str, Any], made: set[str]
) -> None:
    cluster.create_account(namespace, "default")
    hosts = inventory(cluster, **{**pull_secrets(namespace), **git_credentials(namespace), **broken})

    code, _lines, output = run(playbook, NAME, cluster, inventory=hosts, **CHOSEN, new_namespaces_limit=[namespace])

    assert code != 0, output
    assert names_of_secrets(cluster, namespace) == made, output


REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "no cluster": ({"new_namespaces_cluster": ""}, "new_namespaces_cluster must be the name of a host"),
    "another cluster": (
        {"new_namespaces_cluster": "rome"},
        'It is "rome". The hosts of the inventory are: lisbon, oslo.',
    ),
    "all hosts": ({"new_namespaces_cluster": "all"}, 'It is "all".'),
    "a pattern": ({"new_namespaces_cluster": "lis*"}, 'It is "lis*".'),
    "no limit": ({}, "new_namespaces_limit must be a list with at least one namespace, such as"),
    "an empty limit": ({"new_namespaces_limit": []}, "new_namespaces_limit must be a list"),
    "null as limit": ({"new_namespaces_limit": None}, "new_namespaces_limit must be a list"),
    "a string as limit": ({"new_namespaces_limit": "web"}, "new_namespaces_limit must be a list"),
    "another server": (
        {"new_namespaces_server": "https://rome.example.com:6443", "new_namespaces_limit": ["{namespace}"]},
        'but expect_server is "https://rome.example.com:6443"',
    ),
    "nothing to create": (
        {"new_namespaces_cluster": "oslo", "new_namespaces_limit": ["{namespace}"]},
        "The host oslo has neither pull_secrets_list nor git_credentials_consumers",
    ),
}


@pytest.mark.parametrize(("variables", "message"), REFUSED.values(), ids=REFUSED)
def test_it_fails_before_anything_is_written(
    cluster: Cluster, namespace: str, playbook: Playbook, variables: Mapping[str, Any], message: str
) -> None:
    cluster.create_account(namespace, "default")
    given = {**CHOSEN, **variables}
    if given.get("new_namespaces_limit") == ["{namespace}"]:
        given["new_namespaces_limit"] = [namespace]

    code, _lines, output = run(
        playbook, NAME, cluster, inventory=inventory(cluster, **pull_secrets(namespace)), **given
    )

    assert code != 0, output
    assert message in output.replace('\\"', '"')
    assert names_of_secrets(cluster, namespace) == set()


@pytest.mark.parametrize(
    ("variables", "own"),
    [({}, {"expect_server": "127.0.0.1:*"}), ({"new_namespaces_check_server": False}, {})],
    ids=["its own expect_server", "not compared"],
)
def test_a_host_may_reach_its_cluster_by_another_url(
    cluster: Cluster, namespace: str, playbook: Playbook, variables: Mapping[str, Any], own: Mapping[str, Any]
) -> None:
    cluster.create_account(namespace, "default")
    hosts = inventory(cluster, **pull_secrets(namespace), **variables)
    hosts["lisbon"]["keyring_connection"].update(own)
    others: Mapping[str, Any] = {"new_namespaces_server": "https://rome.example.com:6443"}
    given = {**CHOSEN, "new_namespaces_limit": [namespace], **others}

    code, _lines, output = run(playbook, NAME, cluster, inventory=hosts, **given)

    assert code == 0, output
    assert names_of_secrets(cluster, namespace) == {"ghcr"}
