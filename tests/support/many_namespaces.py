# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pull secret in many namespaces: the task that keeps it there, and what its result tells of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.retries import RetryBudget
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime, execute
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.image_pull_secret import DEFINITION
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.direct import validate
from support.cluster import Cluster, Identity
from support.playbook import task
from support.rbac import documented_rules

NAME = "registry"
RULES = documented_rules(NAME, "ClusterRole")
PULL = {"imagePullSecrets": [{"name": NAME}]}
GHCR = {"server": "ghcr.io", "username": "octo", "password": "ghcr-token-1"}
GHCR_ROTATED = {**GHCR, "password": "ghcr-token-2"}
QUAY = {"server": "quay.io", "username": "acme+robot", "password": "quay-token-1"}

OPERATIONS = ("created", "updated", "recreated", "deleted", "unchanged", "skipped", "failed", "not_tried")
# What a failed result lists by name.
NAMED = ("created", "updated", "recreated", "deleted")


def make(cluster: Cluster, group: str, *suffixes: str) -> list[str]:
    """Namespaces of a group, with the label group."""
    names = [f"{group}-{suffix}" for suffix in suffixes]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: cluster.api.create_namespace(labelled(name, group)), names))
    return names


def labelled(name: str, group: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "labels": {"group": group}}}


def keep(identity: Identity, *registries: Mapping[str, Any], **arguments: Any) -> dict[str, Any]:
    given = {"registries": list(registries)} if registries else {}
    return task("image_pull_secret", name=NAME, **given, **arguments, **identity.connection)


def told(result: Mapping[str, Any]) -> dict[str, str]:
    """Operation by namespace, of those that the result lists in full or by name."""
    named = {name: operation for operation in NAMED for name in result.get(operation, ())}
    return {**named, **{entry["namespace"]: entry["operation"] for entry in result["secrets"]}}


def summary(namespaces: int, **counts: int) -> dict[str, int]:
    return {"namespaces": namespaces, **dict.fromkeys(OPERATIONS, 0), **counts}


def about(events: Sequence[Mapping[str, Any]], resources: Collection[str]) -> list[Mapping[str, Any]]:
    """The requests that are about objects of these kinds."""
    return [event for event in events if event.get("objectRef", {}).get("resource") in resources]


def foreseeable(real: Mapping[str, Any]) -> dict[str, Any]:
    """What check mode can know of the result of a real run."""
    entries = []
    for entry in real["secrets"]:
        secret = entry["secret"] and {**entry["secret"], "resource_version": None}
        if entry["operation"] == "created":
            secret["uid"] = None
        entries.append({**entry, "secret": secret})
    return {**real, "secrets": entries}


def holding(cluster: Cluster, *namespaces: str) -> list[str]:
    """Those of these namespaces in which there is the Secret."""
    found = cluster.api.list_secret_for_all_namespaces(field_selector=f"metadata.name={NAME}").items
    return sorted({secret.metadata.namespace for secret in found} & set(namespaces))


def without(verb: str, resource: str) -> list[dict[str, Any]]:
    """The documented rules, less one right."""
    rules = [
        {**rule, "resources": [name], "verbs": [given for given in rule["verbs"] if (given, name) != (verb, resource)]}
        for rule in RULES
        for name in rule["resources"]
    ]
    return [rule for rule in rules if rule["verbs"]]


def run_task(retry_budget: RetryBudget, **arguments: Any) -> dict[str, Any]:
    """The task in this process, with another retry_budget than users have."""
    validated = validate(DEFINITION, {"name": NAME, **arguments})
    assert not validated.error_messages
    context = Runtime(check_mode=False, environ={}, retry_budget=retry_budget)
    return execute(DEFINITION.run, validated.validated_parameters, context)
