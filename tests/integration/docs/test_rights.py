# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Roles in the guide to least rights are enough for their tasks, and no right that none uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
import yaml

from support.cluster import Cluster
from support.consumers.definitions import installed
from support.playbook import ANSIBLE_PLAYBOOK, Playbook, role, run_program, task
from support.rbac import manifests
from support.samples.git import HOSTS, KEY, SSH_URL, private

NAME = "registry"
REGISTRY = {"server": "ghcr.io", "username": "octo", "password": "ghcr-token"}
ACCOUNTS = {"service_accounts": ["default"]}
GONE = {"state": "absent", "service_accounts": ["*"]}
GIT = {"format": "tekton", "url": SSH_URL, "ssh": {"private_key": private(KEY), "known_hosts": HOSTS}}


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


def link_many(a: str, b: str) -> list[dict[str, Any]]:
    given: dict[str, Any] = {"image_pull_secrets": [{"name": NAME}]}
    many = {"namespaces": [a, f"{b}*"], **given}
    return [
        task("service_account_secrets", service_accounts=["default"], **many),
        task("service_account_secrets", service_accounts=["*"], **many),
        task("service_account_secrets", service_accounts=["default"], namespaces=[a], **given),
    ]


def look(a: str, b: str) -> list[dict[str, Any]]:
    modules = ("image_pull_secret_info", "gitsync_secret_info")
    return [task(module, namespaces=[a, f"{b}*"], used_by=True) for module in modules]


def look_at_images(a: str, b: str) -> list[dict[str, Any]]:
    return [task("image_access_info", namespaces=[a, f"{b}*"])]


def audit_upgrade(a: str, b: str) -> list[dict[str, Any]]:
    return [task("image_access_info", namespaces=[a, f"{b}*"], upgrade_audit=True)]


TASKS: Mapping[str, Callable[[str, str], list[dict[str, Any]]]] = {
    "pull-secret-writer": keep_one,
    "pull-secret-writer-all": keep_many,
    "secret-linker": link,
    "secret-linker-all": link_many,
    "secrets-reader": look,
    "image-access-reader": look_at_images,
    "upgrade-auditor": audit_upgrade,
}


# For the event source, which is no task. tests/integration/eda/test_rulebook.py uses it.
WATCHING = "namespace-watcher"


def test_the_guide_has_a_role_for_each_kind_of_task() -> None:
    assert set(manifests()) == {*TASKS, WATCHING}


def granted(rules: Sequence[Mapping[str, Sequence[str]]]) -> set[tuple[str, str, str]]:
    return {
        (verb, group, resource)
        for rule in rules
        for verb in rule["verbs"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }


@pytest.fixture(scope="module")
def _consumers(cluster: Cluster) -> Iterator[None]:
    """Every kind that a Role names is there, or else the tasks would not ask for it."""
    with installed(cluster):
        yield


@pytest.mark.usefixtures("_consumers")
@pytest.mark.parametrize("playbook", ["auto"], indirect=True)
@pytest.mark.parametrize("name", TASKS)
def test_a_role_grants_what_its_tasks_use_and_nothing_more(
    cluster: Cluster, namespace: str, playbook: Playbook, name: str
) -> None:
    other = cluster.create_namespace()
    for place in (namespace, other):
        cluster.create_account(place, "default")
    manifest = manifests()[name]
    identify = cluster.cluster_identity if manifest["kind"] == "ClusterRole" else cluster.identity
    identity = identify(namespace, manifest["rules"])
    tasks = TASKS[name](namespace, other)
    keywords = {"module_defaults": {"group/keyring.kubernetes.k8s": dict(identity.connection)}}

    results = playbook.run(tasks, keywords=keywords).results

    assert [result.get("msg") for result in results] == [None] * len(tasks)
    assert [warning for result in results for warning in result.get("warnings", ())] == []
    used = set()
    for event in cluster.audit(identity):
        # A denied request is one that the task can do without.
        if "objectRef" in event and event["responseStatus"]["code"] != 403:
            used.add((event["verb"], event["objectRef"].get("apiGroup", ""), event["objectRef"]["resource"]))
    assert used == granted(manifest["rules"])
    cluster.api.delete_namespace(other)


# The playbooks that only look, with variables beside the namespace, and the ClusterRole that is enough for them.
LOOKING = {
    "credential_expiry": ("secrets-reader", {}),
    "find_credential": ("secrets-reader", {}),
    "list_image_pull_secrets": ("secrets-reader", {}),
    "view_image_pull_secret": ("secrets-reader", {"secret_name": NAME}),
    "explain_pull": ("image-access-reader", {}),
    "image_access_report": ("image-access-reader", {}),
    "image_access_upgrade_check": ("upgrade-auditor", {}),
}


@pytest.mark.parametrize("playbook", ["auto"], indirect=True)
@pytest.mark.parametrize("name", LOOKING)
def test_a_clusterrole_is_enough_for_a_playbook_that_looks(
    cluster: Cluster, namespace: str, playbook: Playbook, name: str
) -> None:
    manifest, more = LOOKING[name]
    cluster.create_secret(
        namespace, NAME, type="kubernetes.io/dockerconfigjson", string_data={".dockerconfigjson": '{"auths": {}}'}
    )
    identity = cluster.cluster_identity(namespace, manifests()[manifest]["rules"])
    kubeconfig = playbook.directory / "kubeconfig"
    kubeconfig.write_text(yaml.safe_dump(identity.connection["kubeconfig"]))
    variables = [f"{key}={text}" for key, text in {"namespace": namespace, **more}.items()]
    given = {"K8S_AUTH_KUBECONFIG": str(kubeconfig), "KEYRING_TOKEN": "a-token"}

    done = run_program(
        [ANSIBLE_PLAYBOOK, f"keyring.kubernetes.{name}", *(f"--extra-vars={text}" for text in variables)],
        cwd=playbook.directory,
        env=playbook.environment(**given),
    )

    assert done.returncode == 0, done.stdout
    codes = [event["responseStatus"]["code"] for event in cluster.audit(identity) if "objectRef" in event]
    assert set(codes) == {200}


@pytest.mark.parametrize("playbook", ["auto"], indirect=True)
def test_what_the_guide_grants_is_enough_to_prune_a_list(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    old = f"{NAME}-old"
    named = [
        {**rule, **({"resourceNames": [NAME, old]} if "resourceNames" in rule else {})}
        for rule in manifests()["pull-secret-writer-all"]["rules"]
    ]
    identity = cluster.cluster_identity(namespace, [*named, *manifests()["secrets-reader"]["rules"][:-1]])
    items = [{"name": name, "namespace": namespace, "registries": [REGISTRY]} for name in (NAME, old)]
    common = {"pull_secrets_owner": namespace, "pull_secrets_prune": True}
    before, after = (
        role("pull_secrets", {**common, "keyring_connection": dict(connection), "pull_secrets_list": kept})
        for connection, kept in (({"kubeconfig": str(cluster.kubeconfig)}, items), (identity.connection, items[:1]))
    )

    results = playbook.run([before, after]).results

    assert [result["msg"].get("failure") for result in results] == [None, None]
    assert [secret.metadata.name for secret in cluster.api.list_namespaced_secret(namespace).items] == [NAME]
