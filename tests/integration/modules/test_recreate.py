# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Secret that is made anew is never lost: the new one is proved first, and the old one is put back when it fails."""

from __future__ import annotations

import pytest
from kubernetes.client.exceptions import ApiException

from support.admission import admit
from support.cluster import Cluster
from support.playbook import Playbook, task

NAME = "registry"
GHCR = {"server": "ghcr.io", "username": "octo", "password": "ghcr-token-1"}

# An admission rule on the creation of Secrets, and what the task does then.
RULES = {
    "refuses-the-new-one": (
        "object.type == 'Opaque'",
        "Secret {namespace}/registry was not changed, because a dry run of the new one failed. Cannot create Secret",
        "kept",
    ),
    "refuses-it-after-the-proof": (
        "object.type == 'Opaque' || request.dryRun",
        "Secret {namespace}/registry was deleted to be recreated, and that failed: Cannot create Secret",
        "put back",
    ),
    "refuses-everything-after-the-proof": (
        "request.dryRun",
        "Secret {namespace}/registry was deleted to be recreated, and that failed: Cannot create Secret",
        "missing",
    ),
}
ENDINGS = {
    "put back": "The old one was restored with a new UID. Fix the cause, and run the task again.",
    "missing": "It could not be restored, so it is missing now. Run the task again.",
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
