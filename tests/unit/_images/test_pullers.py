# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who pulls which images, and with which Secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.keyring.kubernetes.plugins.module_utils._images.pullers import (
    Puller,
    Reference,
    Waiting,
    effective_pull_secrets,
    find_pull_policy,
    find_pullers,
    read_accounts,
)
from support.samples.access import APP, DATABASE, account, made, spec, template, waiting

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
    assert find_pullers({kind: [found]}) == [
        Puller("web", kind, "x", "default", (), {APP: ("c0",)}, policies={APP: "IfNotPresent"})
    ]


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


VOLUME = "registry.example.com/data:1"
OTHER_VOLUME = "data"
WITH_VOLUMES = spec(
    APP,
    "nginx:1",
    volumes=[
        {"name": "v", "image": {"reference": VOLUME}},
        {"name": "w", "image": {"reference": OTHER_VOLUME, "pullPolicy": "Never"}},
    ],
)


# The message of a container c0, whose own image is APP, and the image that it is about.
@pytest.mark.parametrize(
    ("message", "image"),
    [
        (f'Back-off pulling image "{APP}": ErrImagePull: x', APP),
        (f'Back-off pulling image "{VOLUME}": ErrImagePull: x', VOLUME),
        (f'failed to pull and unpack image "{VOLUME}": not found', VOLUME),
        (f"initializing source docker://{VOLUME}: reading manifest 1", VOLUME),
        ('failed to resolve reference "docker.io/library/data:latest": not found', OTHER_VOLUME),
        ('Back-off pulling image "data"', OTHER_VOLUME),
        (f'Back-off pulling image "{VOLUME}0"', APP),
        (f'Back-off pulling image "{VOLUME}.2"', APP),
        ('Back-off pulling image "data:2"', APP),
        (f'Back-off pulling image "x.{VOLUME}"', APP),
        (f'Back-off pulling image "other/{VOLUME}"', APP),
        (f"{VOLUME} is a part of {APP}", APP),
        ("dial tcp: no route to host", APP),
        ('Back-off pulling image "nginx:1"', APP),
        ("", APP),
    ],
)
def test_a_message_is_about_the_image_that_it_names(message: str, image: str) -> None:
    pod = made("x", WITH_VOLUMES, status=waiting("ErrImagePull", message))
    (puller,) = find_pullers({"Pod": [pod]})
    assert puller.waiting == (Waiting(image, "ErrImagePull", message),)


@pytest.mark.parametrize(
    ("image", "written", "policy"),
    [
        ("nginx", None, "Always"),
        ("nginx:latest", None, "Always"),
        ("r.example:5000/nginx", None, "Always"),
        ("nginx:1", None, "IfNotPresent"),
        ("nginx@sha256:" + "0" * 64, None, "IfNotPresent"),
        ("nginx:latest@sha256:" + "0" * 64, None, "IfNotPresent"),
        ("nginx", "Never", "Never"),
        ("nginx:1", "Sometimes", "IfNotPresent"),
    ],
)
def test_pull_policies(image: str, written: str | None, policy: str) -> None:
    assert find_pull_policy(image, written) == policy


def test_the_strictest_policy_of_an_image() -> None:
    containers = [{"name": str(n), "image": APP, "imagePullPolicy": name} for n, name in enumerate(("Never", "Always"))]
    (puller,) = find_pullers({"Pod": [made("x", {**WITH_VOLUMES, "containers": containers})]})
    assert puller.policies == {APP: "Always", VOLUME: "IfNotPresent", OTHER_VOLUME: "Never"}


RUNNING = {"name": "c0", "state": {"running": {}}}


@pytest.mark.parametrize(
    ("status", "started"),
    [
        ({"phase": "Running"}, {APP, "nginx:1", VOLUME, OTHER_VOLUME}),
        ({"phase": "Pending"}, set()),
        ({"phase": "Running", "containerStatuses": [RUNNING]}, {APP, "nginx:1", VOLUME, OTHER_VOLUME}),
        ({"containerStatuses": [RUNNING]}, {APP, VOLUME, OTHER_VOLUME}),
        (
            {"containerStatuses": [{"name": "c0", "state": {"terminated": {"exitCode": 1}}}]},
            {APP, VOLUME, OTHER_VOLUME},
        ),
        (waiting("ContainerCreating"), set()),
        (waiting("ImagePullBackOff"), set()),
        (
            {"containerStatuses": [{**waiting("CrashLoopBackOff")["containerStatuses"][0], "imageID": "sha256:0"}]},
            {APP, VOLUME, OTHER_VOLUME},
        ),
    ],
)
def test_images_that_were_started(status: dict[str, Any], started: set[str]) -> None:
    (puller,) = find_pullers({"Pod": [made("x", WITH_VOLUMES, status=status)]})
    assert puller.started == started


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
    assert effective_pull_secrets(puller, accounts) == in_play


def chain(*links: str) -> dict[str, list[dict[str, Any]]]:
    """ReplicaSets, and Pods whose names begin with p; each link is written as name<owner, of a ReplicaSet."""
    objects: dict[str, list[dict[str, Any]]] = {"ReplicaSet": [], "Pod": []}
    for link in links:
        name, _sign, owner = link.partition("<")
        made_by = f"ReplicaSet/{owner}" if owner else ""
        if name.startswith("p"):
            objects["Pod"].append(made(name, spec(APP), owner=made_by))
        else:
            objects["ReplicaSet"].append(made(name, template(spec(APP)), owner=made_by))
    return objects


def tops(objects: Mapping[str, Sequence[dict[str, Any]]]) -> dict[str, str | None]:
    """What is found, by name, and the name of what made it."""
    return {puller.name: puller.controller.name if puller.controller else None for puller in find_pullers(objects)}


@pytest.mark.parametrize(
    ("links", "found"),
    [
        pytest.param(("a<a",), {"a": None}, id="itself"),
        pytest.param(("a<a", "p<a"), {"a": None, "p": "a"}, id="the Pod of one that owns itself"),
        pytest.param(("p<p2", "p2<p"), {"p": None, "p2": None}, id="Pods of ReplicaSets that are not known"),
        pytest.param(("a<b", "b<a"), {"a": None, "b": None}, id="one another"),
        pytest.param(("a<b", "b<a", "p<a", "p2<b"), {"a": None, "b": None, "p": "a", "p2": "b"}, id="their Pods"),
        pytest.param(
            ("a<b", "b<c", "c<d", "d<b", "p<a"),
            {"b": None, "c": None, "d": None, "p": "b"},
            id="a circle at the end of a chain",
        ),
        pytest.param(("a<b", "b<gone", "p<a"), {"b": None, "p": "b"}, id="no circle"),
    ],
)
def test_owner_references_in_a_circle_end_the_chain(links: tuple[str, ...], found: dict[str, str | None]) -> None:
    assert tops(chain(*links)) == found
    assert tops(chain(*reversed(links))) == found


def test_a_pod_that_owns_itself() -> None:
    pod = made("p", spec(APP), owner="Pod/p")
    assert tops({"Pod": [pod]}) == {"p": None}


@pytest.mark.parametrize("closed", [False, True])
def test_long_chains_are_walked_once(closed: bool) -> None:
    """A hundred thousand links; walked again from each of them, that would be five thousand million steps."""
    length = 100_000
    links = [f"r{number}<r{number + 1}" for number in range(length)]
    last = f"r{length}<r{length // 2}" if closed else f"r{length}"
    found = tops(chain(*links, last, "p<r0"))
    circle = length // 2 + 1 if closed else 1
    assert len(found) == circle + 1
    assert found["p"] == (f"r{length // 2}" if closed else f"r{length}")


@given(st.lists(st.tuples(st.sampled_from(["Pod", "ReplicaSet", "Job", "CronJob"]), st.integers(0, 8)), max_size=9))
def test_owners_of_any_shape(owners: list[tuple[str, int]]) -> None:
    """Each object is of the kind and has the owner that were drawn, by its place in the list."""
    objects: dict[str, list[dict[str, Any]]] = {}
    above: dict[int, int] = {}
    for number, (kind, owner) in enumerate(owners):
        known = owner < len(owners)
        made_by = f"{owners[owner][0]}/o{owner}" if known else ("Job/gone" if owner == 8 else "")
        body = spec(APP) if kind == "Pod" else template(spec(APP))
        body = {"jobTemplate": {"spec": body}} if kind == "CronJob" else body
        objects.setdefault(kind, []).append(made(f"o{number}", body, owner=made_by))
        if known:
            above[number] = owner
    found = tops(objects)
    for number, (kind, _owner) in enumerate(owners):
        walked = [number]
        while walked[-1] in above and above[walked[-1]] not in walked:
            walked.append(above[walked[-1]])
        following = above.get(walked[-1])
        top = walked[-1] if following is None else following
        expected = None if top == number else f"o{top}"
        if kind == "Pod" or expected is None:
            assert found[f"o{number}"] == expected
        else:
            assert f"o{number}" not in found
