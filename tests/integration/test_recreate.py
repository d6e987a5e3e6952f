# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Secret that is made anew is never lost: the new one is proved first, and the old one is put back when it fails."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest
from cluster import Cluster
from kubernetes import client
from kubernetes.client.exceptions import ApiException
from playbook import Playbook, task

NAME = "registry"
GHCR = {"server": "ghcr.io", "username": "octo", "password": "ghcr-token-1"}

# An admission rule on the creation of Secrets, and what the task does then.
RULES = {
    "refuses-the-new-one": (
        "object.type == 'Opaque'",
        "Secret {namespace}/registry was left as it is: a trial of the new one failed. Cannot create Secret",
        "kept",
    ),
    "refuses-it-after-the-proof": (
        "object.type == 'Opaque' || request.dryRun",
        "Secret {namespace}/registry was deleted to be made anew, and that failed: Cannot create Secret",
        "put back",
    ),
    "refuses-everything-after-the-proof": (
        "request.dryRun",
        "Secret {namespace}/registry was deleted to be made anew, and that failed: Cannot create Secret",
        "missing",
    ),
}
ENDINGS = {
    "put back": "The old one was put back, under a new UID. Mend the cause first.",
    "missing": "It could not be put back, so it is missing now. Run the task again.",
}


@pytest.mark.parametrize("rule", RULES)
def test_the_old_secret_is_not_lost(cluster: Cluster, namespace: str, playbook: Playbook, rule: str) -> None:
    expression, message, outcome = RULES[rule]
    before = cluster.create_secret(namespace, NAME, type="Opaque", string_data={"extra": "kept"})
    admit(cluster, namespace, expression)
    arguments = {"name": NAME, "namespace": namespace, "registries": [GHCR], "recreate": True}

    (result,) = playbook.run([task("image_pull_secret", **arguments, kubeconfig=str(cluster.kubeconfig))]).results

    assert result["msg"].startswith(message.format(namespace=namespace))
    assert result["msg"].endswith(ENDINGS.get(outcome, ""))
    assert result["changed"] == (outcome != "kept")
    if outcome == "missing":
        with pytest.raises(ApiException, match="404"):
            cluster.read_secret(namespace, NAME)
        return
    after = cluster.read_secret(namespace, NAME)
    assert (after["type"], after["data"]) == (before["type"], before["data"])
    assert (after["metadata"]["uid"] == before["metadata"]["uid"]) == (outcome == "kept")


def admit(cluster: Cluster, namespace: str, expression: str) -> None:
    """Let the API server refuse new Secrets in a namespace unless the expression holds; returns when it does."""
    api: Any = client.AdmissionregistrationV1Api(cluster.api.api_client)
    name = f"test-{uuid.uuid4().hex[:8]}"
    resource = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["secrets"]}
    scope = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    # The name "probe" is always refused: it shows when the rule is in force.
    validations = [{"expression": f"object.metadata.name != 'probe' && ({expression})", "message": "not here"}]
    policy = {
        "metadata": {"name": name},
        "spec": {
            "matchConstraints": {"resourceRules": [resource], "namespaceSelector": scope},
            "validations": validations,
        },
    }
    binding = {"metadata": {"name": name}, "spec": {"policyName": name, "validationActions": ["Deny"]}}
    api.create_validating_admission_policy(policy)
    api.create_validating_admission_policy_binding(binding)
    deadline = time.monotonic() + 30
    while not refused(cluster, namespace):
        assert time.monotonic() < deadline, "the admission rule does not come into force"
        time.sleep(0.2)


def refused(cluster: Cluster, namespace: str) -> bool:
    try:
        cluster.api.create_namespaced_secret(namespace, {"metadata": {"name": "probe"}}, dry_run="All")
    except ApiException as error:
        return bool(error.status == 422)
    return False
