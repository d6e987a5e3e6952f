# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a namespace to its images, and to what is wrong there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._images.audit import (
    ClusterSnapshot,
    ImageAudit,
    ImageFinding,
    check_offline,
    named_secrets,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.problems import Problem, find_problems
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.pullers import Reference
from support.samples.access import (
    APP,
    DATABASE,
    GHCR,
    QUAY,
    account,
    login,
    made,
    pull_secret,
    spec,
    template,
    waiting,
    world,
)

REFUSED = "failed to authorize: failed to fetch anonymous token: 401 Unauthorized"

WEB = made("web", template(spec(APP, DATABASE)))
REPLICAS = made("web-1", template(spec(APP, DATABASE)), owner="Deployment/web")


def pod(name: str, *images: str, secrets: Sequence[str] = (), owner: str = "ReplicaSet/web-1", **more: Any) -> Any:
    return made(name, spec(*images, secrets=secrets), owner=owner, **more)


def told(found: Sequence[ImageFinding]) -> list[tuple[str, str, str, int, str | None]]:
    return [
        (
            str(Reference(item.puller.kind, item.puller.name)),
            item.image,
            item.verdict.status,
            item.pods,
            item.cause.id if item.cause else None,
        )
        for item in found
    ]


def deployment(*pods: Any, secrets: Sequence[str] = ("registry",)) -> ClusterSnapshot:
    """A Deployment whose ServiceAccount names these Secrets, and Pods."""
    objects = {
        "Deployment": [WEB],
        "ReplicaSet": [REPLICAS],
        "Pod": list(pods),
        "ServiceAccount": [account("default", *secrets)],
    }
    return world(objects, GHCR)


def test_pods_are_told_by_their_workload() -> None:
    like_it = [pod(f"web-1-{name}", APP, DATABASE, secrets=["registry"]) for name in "ab"]
    other_image = pod("web-1-c", "ghcr.io/acme/app:0", DATABASE, secrets=["registry"])
    before_link = pod("web-1-d", APP)
    failing = pod(
        "web-1-e", APP, DATABASE, secrets=["registry"], status=waiting("ErrImagePull", REFUSED, container="c1")
    )
    found = ImageAudit(deployment(*like_it, other_image, before_link, failing)).find_images()
    assert told(found) == [
        ("Deployment/web", APP, "matched", 3, None),
        ("Deployment/web", DATABASE, "no_entry", 3, None),
        ("Pod/web-1-c", "ghcr.io/acme/app:0", "matched", 0, None),
        ("Pod/web-1-d", APP, "no_entry", 0, None),
        ("Pod/web-1-e", DATABASE, "no_entry", 0, "no_entry"),
    ]


@pytest.mark.parametrize(
    ("pods", "workloads", "names"),
    [
        pytest.param(["web-1-a"], None, ["Pod/web-1-a"], id="a Pod, though it is like its workload"),
        pytest.param(None, [Reference("Deployment", "web")], ["Deployment/web", "Pod/web-1-b"], id="a workload"),
        pytest.param([], [Reference("Job", "web")], [], id="nothing of that name"),
        pytest.param(
            ["stray"], [Reference("Deployment", "web")], ["Deployment/web", "Pod/stray", "Pod/web-1-b"], id="both"
        ),
    ],
)
def test_these_pods_and_workloads(pods: list[str] | None, workloads: list[Reference] | None, names: list[str]) -> None:
    known = deployment(
        pod("web-1-a", APP, secrets=["registry"]),
        pod("web-1-b", APP),
        made("stray", spec(APP)),
    )
    found = ImageAudit(known).find_images(pods, workloads)
    assert sorted({str(Reference(item.puller.kind, item.puller.name)) for item in found}) == names


# What the Pod names, what made it, the Secret of its ServiceAccount that it would get and that serves the image.
@pytest.mark.parametrize(
    ("secrets", "owner", "linked"),
    [
        pytest.param((), "ReplicaSet/web-1", "registry", id="made before"),
        pytest.param((), "", "registry", id="a Pod that stands by itself"),
        pytest.param(("quay",), "", "registry", id="it has what the account named then"),
        pytest.param(("own",), "", None, id="a list of its own"),
        pytest.param(("quay",), "StatefulSet/db", None, id="the list of its template"),
        pytest.param(("registry",), "", None, id="it has them"),
    ],
)
def test_a_pod_that_started_before_a_link(secrets: tuple[str, ...], owner: str, linked: str | None) -> None:
    objects = {
        "Deployment": [WEB],
        "ReplicaSet": [REPLICAS],
        "StatefulSet": [made("db", template(spec(APP, secrets=["quay"])))],
        "Pod": [pod("x", APP, secrets=secrets, owner=owner)],
        "ServiceAccount": [account("default", "quay", "registry")],
    }
    (found,) = ImageAudit(world(objects, GHCR, QUAY)).find_images(["x"])
    assert found.linked == linked


def test_a_link_that_would_not_help_is_no_cause() -> None:
    (found,) = ImageAudit(deployment(pod("x", APP), secrets=["quay"])).find_images(["x"])
    assert (found.verdict.status, found.linked) == ("no_entry", None)


def test_what_could_not_be_listed_is_not_called_fine() -> None:
    objects = {"Deployment": [WEB, made("own", template(spec(APP, secrets=["registry", "gone"])))]}
    no_accounts = ImageAudit(world(objects, GHCR, unknown=[("web", "ServiceAccount")])).find_images()
    assert told(no_accounts) == [
        ("Deployment/own", APP, "matched", 0, None),
        ("Deployment/web", APP, "unknown", 0, None),
        ("Deployment/web", DATABASE, "unknown", 0, None),
    ]
    no_secrets = ImageAudit(world(objects, unknown=[("web", "Secret")])).find_images()
    assert [item.verdict.status for item in no_secrets] == ["unknown", "no_entry", "no_entry"]


def test_secrets_of_another_type() -> None:
    objects = {"Pod": [made("x", spec(APP, secrets=["opaque"]))]}
    (found,) = ImageAudit(world(objects, other_types={("web", "opaque"): "Opaque"})).find_images()
    assert (found.verdict.status, found.pull_secrets.candidates[0].type) == ("wrong_type", "Opaque")


def test_named_secrets() -> None:
    objects = {
        "Pod": [made("x", spec(APP, secrets=["a", ""]))],
        "Deployment": [made("y", template(spec(APP, secrets=["b"])))],
        "ServiceAccount": [account("default", "c")],
    }
    assert named_secrets(objects) == {("web", "a"), ("web", "b"), ("web", "c")}


def test_without_a_cluster() -> None:
    found = check_offline([QUAY, GHCR], [DATABASE, APP, "nginx", APP], ["docker.io"])
    assert [(item.image, item.verdict.status, item.verdict.secret) for item in found] == [
        (APP, "matched", "registry"),
        ("nginx", "no_entry", None),
        (DATABASE, "matched", "quay"),
    ]
    assert found[1].verdict.by_node


def problems(known: ClusterSnapshot, *, of_namespaces: bool = True) -> list[Problem]:
    survey = ImageAudit(known)
    return find_problems(survey.find_images(), survey, of_namespaces=of_namespaces)


def test_problem_started_before_link() -> None:
    known = deployment(pod("web-1-a", APP, DATABASE), pod("web-1-b", APP, secrets=["registry"]))
    assert problems(known) == [
        Problem(
            "web",
            "started_before_link",
            "Pod",
            "web-1-a",
            "Pod web-1-a was created before Secret registry was linked to ServiceAccount default, so it has no "
            f"credentials for {APP}. Recreate the Pod.",
        )
    ]


def test_problem_secrets_that_nobody_uses() -> None:
    mounted = spec(APP, volumes=[{"name": "v", "secret": {"secretName": "mounted"}}])
    objects = {"Deployment": [made("x", template(mounted))], "ServiceAccount": [account("default", "linked")]}
    secrets = [pull_secret(name, {}) for name in ("mounted", "linked", "old")]
    sentence = "No Pod, workload or ServiceAccount of the namespace references Secret old."
    assert problems(world(objects, *secrets)) == [Problem("web", "unused_secret", "Secret", "old", sentence)]
    assert problems(world(objects, *secrets), of_namespaces=False) == []
    assert problems(world(objects, *secrets, unknown=[("web", "Job")])) == []


def test_problem_secrets_that_are_not_there() -> None:
    objects = {
        "Deployment": [made(name, template(spec(APP, secrets=["gone"]))) for name in ("a", "b", "c")],
        "ServiceAccount": [account("default", "gone")],
    }
    text = "Secret gone does not exist. It is referenced by Deployment a, Deployment b, Deployment c and 1 more."
    assert problems(world(objects)) == [Problem("web", "secret_missing", "Secret", "gone", text)]
    assert problems(world(objects, unknown=[("web", "Secret")])) == []


def test_problem_a_service_account_that_is_not_there() -> None:
    objects = {"Deployment": [made("x", template(spec(APP, serviceAccountName="robot")))]}
    text = "Deployment x cannot create Pods, because ServiceAccount robot does not exist."
    assert problems(world(objects)) == [Problem("web", "service_account_missing", "Deployment", "x", text)]
    assert problems(world(objects, unknown=[("web", "ServiceAccount")])) == []


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        pytest.param(
            {"ghcr.io": login("ada", "a")},
            {"https://ghcr.io": login("octo", "b")},
            [
                (
                    "duplicate_registry",
                    "b",
                    "Secrets a and b have different credentials for ghcr.io. Those of a are tried first.",
                )
            ],
            id="different credentials",
        ),
        pytest.param({"ghcr.io": login("ada", "a")}, {"ghcr.io": login("ada", "a")}, [], id="the same credentials"),
        pytest.param({"ghcr.io": login("ada", "a")}, {"ghcr.io/acme": login("octo", "b")}, [], id="another path"),
        pytest.param(
            {"docker.io": login("ada", "a"), "https://docker.io/": login("ada", "a")},
            {},
            [
                (
                    "duplicate_key",
                    "a",
                    "Secret a has 2 entries for the same registry: docker.io, https://docker.io/. Which of "
                    "them is tried "
                    "first is not defined.",
                )
            ],
            id="one key twice",
        ),
    ],
)
def test_problem_duplicates(first: Any, second: Any, found: list[tuple[str, str, str]]) -> None:
    objects = {"Pod": [made(name, spec(APP, secrets=["a", "b"])) for name in ("x", "y")]}
    told = problems(world(objects, pull_secret("a", first), pull_secret("b", second)))
    assert told == [Problem("web", id_, "Secret", name, text) for id_, name, text in found]
