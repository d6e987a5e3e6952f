# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who pulls which images, and with which Secrets."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._access.pullers import (
    Puller,
    Reference,
    Waiting,
    find_pullers,
    read_accounts,
    secrets_in_play,
)
from ansible_collections.keyring.kubernetes.tests.unit.access_samples import (
    APP,
    DATABASE,
    account,
    made,
    spec,
    template,
    waiting,
)

EVERY_IMAGE = {
    "initContainers": [{"name": "init", "image": "init:1"}, {"name": "again", "image": APP}],
    "containers": [{"name": "app", "image": APP}, {"name": "set-by-a-webhook"}],
    "ephemeralContainers": [{"name": "debug", "image": "debug:1"}],
    "volumes": [{"name": "model", "image": {"reference": "models/a:1"}}, {"name": "other", "emptyDir": {}}],
}


def test_every_container_and_image_volume_counts() -> None:
    (puller,) = find_pullers({"Pod": [made("a", EVERY_IMAGE)]})
    assert puller.images == {
        "init:1": ("init",),
        APP: ("again", "app"),
        "debug:1": ("debug",),
        "models/a:1": ("volume:model",),
    }


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("Pod", made("x", spec(APP))),
        ("Deployment", made("x", template(spec(APP), replicas=0))),
        ("StatefulSet", made("x", template(spec(APP)))),
        ("DaemonSet", made("x", template(spec(APP)))),
        ("ReplicaSet", made("x", template(spec(APP)))),
        ("ReplicaSet", made("x", template(spec(APP)), owner="Rollout/x")),
        ("Job", made("x", template(spec(APP)))),
        ("CronJob", made("x", {"jobTemplate": {"spec": template(spec(APP))}})),
    ],
)
def test_every_kind(kind: str, found: dict[str, Any]) -> None:
    assert find_pullers({kind: [found]}) == [Puller("web", kind, "x", "default", (), {APP: ("c0",)})]


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        pytest.param("Pod", made("x", spec(APP), status={"phase": "Succeeded"}), id="finished Pod"),
        pytest.param("ReplicaSet", made("x", template(spec(APP), replicas=0)), id="ReplicaSet at 0"),
        pytest.param(
            "Job",
            made("x", template(spec(APP)), status={"conditions": [{"type": "Complete", "status": "True"}]}),
            id="finished Job",
        ),
        pytest.param("ServiceAccount", account("x", "registry"), id="ServiceAccount"),
    ],
)
def test_what_does_not_count(kind: str, found: dict[str, Any]) -> None:
    assert find_pullers({kind: [found]}) == []


def test_a_pod_that_is_being_deleted_does_not_count() -> None:
    pod = made("x", spec(APP))
    pod["metadata"]["deletionTimestamp"] = "2026-11-21T10:00:00Z"
    assert find_pullers({"Pod": [pod]}) == []


def test_what_made_a_pod_is_followed_as_far_as_it_is_known() -> None:
    objects = {
        "Deployment": [made("web", template(spec(APP)))],
        "ReplicaSet": [made("web-1", template(spec(APP)), owner="Deployment/web")],
        "Job": [made("night-1", template(spec(APP)), owner="CronJob/night")],
        "Pod": [
            made("web-1-a", spec(APP), owner="ReplicaSet/web-1"),
            made("night-1-a", spec(APP), owner="Job/night-1"),
            made("stray", spec(APP), owner="Workflow/stray"),
        ],
    }
    found = {puller.name: puller.controller for puller in find_pullers(objects)}
    assert found == {
        "web-1-a": Reference("Deployment", "web"),
        "night-1-a": Reference("Job", "night-1"),
        "stray": None,
        "web": None,
        "night-1": None,
    }


def test_containers_that_wait() -> None:
    status = {
        **waiting("ErrImagePull", "no", "initContainerStatuses", "init"),
        **waiting("ContainerCreating"),
        **waiting("ImagePullBackOff", "later", "ephemeralContainerStatuses", "debug"),
    }
    (puller,) = find_pullers({"Pod": [made("x", EVERY_IMAGE, status=status)]})
    assert puller.waiting == (Waiting("init:1", "ErrImagePull", "no"), Waiting("debug:1", "ImagePullBackOff", "later"))


# Kind, what its Pod's spec names, what the ServiceAccount names, what is in play.
@pytest.mark.parametrize(
    ("kind", "own", "of_account", "in_play"),
    [
        pytest.param("Deployment", (), ("registry", "quay"), ("registry", "quay"), id="of the ServiceAccount"),
        pytest.param("Deployment", ("own",), ("registry",), ("own",), id="its own, not also those of the account"),
        pytest.param("Pod", (), ("registry",), (), id="a Pod that was made before"),
        pytest.param("Pod", ("b", "a", "b"), (), ("b", "a"), id="a Pod in its own order"),
        pytest.param("Deployment", ("",), ("registry",), (), id="an item without a name"),
    ],
)
def test_secrets_in_play(
    kind: str, own: tuple[str, ...], of_account: tuple[str, ...], in_play: tuple[str, ...]
) -> None:
    accounts = read_accounts([account("robot", *of_account), account("default", "other")])
    puller = Puller("web", kind, "x", "robot", own, {DATABASE: ("c0",)})
    assert secrets_in_play(puller, accounts) == in_play
