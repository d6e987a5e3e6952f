# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to restart because its Pods are older than a link: by kind of what made them, each object once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._images.audit import ImageAudit
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.restarts import Restart, find_restarts
from support.samples.access import APP, DATABASE, GHCR, QUAY, account, made, spec, template, world

SHOP = template(spec(APP, DATABASE))
OBJECTS = {
    "Deployment": [made("shop", SHOP)],
    "ReplicaSet": [made("shop-1", SHOP, owner="Deployment/shop"), made("orphan", SHOP, owner="Rollout/canary")],
    "StatefulSet": [made("shop", SHOP)],
    "DaemonSet": [made("shop", SHOP)],
    "CronJob": [made("nightly", {"jobTemplate": {"spec": SHOP}})],
    "Job": [made("once", SHOP), made("nightly-1", SHOP, owner="CronJob/nightly")],
}
# What made two Pods, then the kind, name and command of what to restart, and the end of the advice.
CASES: Sequence[tuple[str, Sequence[tuple[str, str, str | None]], str]] = (
    ("ReplicaSet/shop-1", [("Deployment", "shop", "kubectl rollout restart deployment/shop -n web")], "Restart it."),
    ("StatefulSet/shop", [("StatefulSet", "shop", "kubectl rollout restart statefulset/shop -n web")], "Restart it."),
    ("DaemonSet/shop", [("DaemonSet", "shop", "kubectl rollout restart daemonset/shop -n web")], "Restart it."),
    ("Job/once", [("Job", "once", None)], "Delete the Job and create it again from its manifest."),
    ("Job/nightly-1", [("CronJob", "nightly", None)], "delete it and create it from the CronJob."),
    (
        "ReplicaSet/orphan",
        [("Pod", "a", "kubectl delete pod/a -n web"), ("Pod", "b", "kubectl delete pod/b -n web")],
        "Delete the Pod. ReplicaSet orphan recreates it.",
    ),
    (
        "",
        [("Pod", "a", "kubectl delete pod/a -n web"), ("Pod", "b", "kubectl delete pod/b -n web")],
        "Delete the Pod, and create it again from its manifest.",
    ),
)


def restarts(*pods: Any, accounts: Sequence[str] = ("registry",)) -> list[Restart]:
    objects = {**OBJECTS, "Pod": pods, "ServiceAccount": [account("default", *accounts)]}
    return find_restarts(ImageAudit(world(objects, GHCR, QUAY)).find_images())


@pytest.mark.parametrize(("owner", "expected", "advice"), CASES, ids=[case[0] or "nothing" for case in CASES])
def test_what_to_restart(owner: str, expected: Sequence[tuple[str, str, str | None]], advice: str) -> None:
    found = restarts(made("a", spec(APP), owner=owner), made("b", spec(APP), owner=owner))
    assert [(item.kind, item.name, item.command) for item in found] == expected
    assert all(item.text.endswith(advice) for item in found)
    assert sum(item.pods for item in found) == 2


def test_the_sentence_names_the_secrets() -> None:
    owner = "ReplicaSet/shop-1"
    (several,) = restarts(made("a", spec(APP, DATABASE), owner=owner), accounts=("registry", "quay"))
    (one,) = restarts(made("a", spec(APP)))
    assert several.text == (
        "1 Pod of Deployment shop was created before Secrets quay, registry were linked to the ServiceAccount. "
        "Restart it."
    )
    assert (several.secrets, several.pods) == (("quay", "registry"), 1)
    assert one.text == (
        "Pod a was created before Secret registry was linked to ServiceAccount default. Delete the Pod, and create it "
        "again from its manifest."
    )


def test_pods_that_need_no_restart() -> None:
    has_it = made("a", spec(APP, secrets=["registry"]), owner="ReplicaSet/shop-1")
    needs_another = made("b", spec(DATABASE), owner="ReplicaSet/shop-1")
    assert restarts(has_it, needs_another) == []


def test_names_are_quoted_for_a_shell() -> None:
    (found,) = restarts(made("a; rm -r ~", spec(APP)))
    assert found.command == "kubectl delete 'pod/a; rm -r ~' -n web"
