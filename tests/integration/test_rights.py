# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Roles in the guide to least rights: those of the README, enough for their tasks, and no right that none uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import primehub
import pytest
import yaml
from cluster import Cluster
from git_samples import HOSTS, KEY, SSH_URL, private
from guides import File, read_guide
from playbook import Playbook, task
from rights import documented_link_rules, documented_rules

from checkout import ROOT

NAME = "registry"
REGISTRY = {"server": "ghcr.io", "username": "octo", "password": "ghcr-token"}
ACCOUNTS = {"service_accounts": ["default"]}
GONE = {"state": "absent", "service_accounts": ["*"]}
GIT = {"format": "tekton", "url": SSH_URL, "ssh": {"private_key": private(KEY), "known_hosts": HOSTS}}


def manifests() -> dict[str, dict[str, Any]]:
    """The Roles and ClusterRoles that a reader of the guide writes, by name."""
    steps = read_guide(ROOT / "docs" / "docsite" / "rst" / "guide_rights.rst")
    documents = [yaml.safe_load(step.content) for step in steps if isinstance(step, File)]
    return {found["metadata"]["name"]: found for found in documents if isinstance(found, dict)}


def keep(module: str, where: Mapping[str, Any], **options: Any) -> dict[str, Any]:
    return task(module, name=NAME, **where, **options)


def keep_one(a: str, _b: str) -> list[dict[str, Any]]:
    return [
        keep("image_pull_secret", {"namespace": a}, registries=[REGISTRY], **ACCOUNTS),
        keep("image_pull_secret", {"namespace": a}, registries=[{**REGISTRY, "password": "rotated"}]),
        keep("image_pull_secret", {"namespace": a}, **GONE),
        keep("gitsync_secret", {"namespace": a}, **GIT, **ACCOUNTS),
        keep("gitsync_secret", {"namespace": a}, format="tekton", **GONE),
    ]


def keep_many(a: str, b: str) -> list[dict[str, Any]]:
    both = {"namespaces": [a, f"{b}*"]}
    return [
        keep("image_pull_secret", {"namespaces": [a]}, registries=[REGISTRY], owner=a, **ACCOUNTS),
        keep("image_pull_secret", both, registries=[{**REGISTRY, "password": "rotated"}], owner=a, **ACCOUNTS),
        keep("image_pull_secret", {"namespaces": [b]}, registries=[REGISTRY], owner=a, prune=True, **ACCOUNTS),
        keep("image_pull_secret", both, **GONE),
        keep("gitsync_secret", both, **GIT, **ACCOUNTS),
        keep("gitsync_secret", both, format="tekton", **GONE),
    ]


def link(a: str, _b: str) -> list[dict[str, Any]]:
    return [
        task("service_account_secrets", namespace=a, service_account="default", image_pull_secrets=[{"name": NAME}])
    ]


def look(a: str, b: str) -> list[dict[str, Any]]:
    modules = ("image_pull_secret_info", "gitsync_secret_info")
    return [task(module, namespaces=[a, f"{b}*"], used_by=True) for module in modules]


def look_at_images(a: str, b: str) -> list[dict[str, Any]]:
    return [task("image_access_info", namespaces=[a, f"{b}*"])]


TASKS: Mapping[str, Callable[[str, str], list[dict[str, Any]]]] = {
    "pull-secret-writer": keep_one,
    "pull-secrets-writer": keep_many,
    "secret-linker": link,
    "secrets-reader": look,
    "image-access-reader": look_at_images,
}


def test_the_guide_has_a_role_for_each_kind_of_task_and_those_of_the_readme() -> None:
    found = manifests()

    assert set(found) == set(TASKS)
    for name, rules in {
        "pull-secret-writer": documented_rules(NAME),
        "pull-secrets-writer": documented_rules(NAME, "ClusterRole"),
        "secret-linker": documented_link_rules(),
    }.items():
        assert found[name]["rules"] == rules


def granted(rules: Sequence[Mapping[str, Sequence[str]]]) -> set[tuple[str, str]]:
    return {(verb, resource) for rule in rules for verb in rule["verbs"] for resource in rule["resources"]}


@pytest.mark.parametrize("playbook", ["auto"], indirect=True)
@pytest.mark.parametrize("name", TASKS)
def test_a_role_grants_what_its_tasks_use_and_nothing_more(
    cluster: Cluster, namespace: str, playbook: Playbook, name: str
) -> None:
    primehub.install(cluster)
    other = cluster.create_namespace()
    for place in (namespace, other):
        cluster.create_account(place, "default")
    role = manifests()[name]
    identify = cluster.cluster_identity if role["kind"] == "ClusterRole" else cluster.identity
    identity = identify(namespace, role["rules"])
    tasks = TASKS[name](namespace, other)
    keywords = {"module_defaults": {"group/keyring.kubernetes.k8s": dict(identity.connection)}}

    results = playbook.run(tasks, keywords=keywords).results

    assert [result.get("msg") for result in results] == [None] * len(tasks)
    assert [warning for result in results for warning in result.get("warnings", ())] == []
    places = [event["objectRef"] | {"verb": event["verb"]} for event in cluster.audit(identity) if "objectRef" in event]
    assert {(place["verb"], place["resource"]) for place in places} == granted(role["rules"])
    cluster.api.delete_namespace(other)
