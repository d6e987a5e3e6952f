# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a kubelet does with an image, by its version, its policy and the credentials of the Pod."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._images.upgrade import (
    IMAGE_CREDENTIALS,
    KUBELET_ROWS,
    POLICIES,
    FailsWhen,
    ImageCredentials,
    ImageUse,
    KubeletPolicy,
    NodeVersions,
    PolicyName,
    UpgradeOutcome,
    checks_images,
    parse_allowlist,
    predict,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.upgrade_answers import (
    OpenImage,
    Settled,
    settle_image,
)
from support.samples.access import APP
from support.samples.secrets import refusal

OLD, NEW = NodeVersions({"v1.34.6": 3}), NodeVersions({"v1.34.6": 12, "v1.36.3": 3})
UNKNOWN = NodeVersions(is_known=False)
DEFAULT, NEVER, ALWAYS = (KubeletPolicy(name) for name in POLICIES[:3])
LISTED = KubeletPolicy("NeverVerifyAllowlistedImages", ("ghcr.io/acme/*",))
UNLISTED = KubeletPolicy("NeverVerifyAllowlistedImages", ("quay.io/*",))


@pytest.mark.parametrize(
    ("version", "checks"),
    [
        ("v1.32.0", False),
        ("v1.33.4+k3s1", False),
        ("v1.34.6-eks-113cf36", False),
        ("v1.35.0", True),
        ("v1.36.3+rke2r1", True),
        ("1.41.0", True),
        ("unknown", None),
        ("", None),
    ],
)
def test_the_table_by_version(version: str, checks: bool | None) -> None:
    assert checks_images(version) is checks


def test_the_table_is_sorted_and_has_its_sources() -> None:
    assert [row.since for row in KUBELET_ROWS] == sorted(row.since for row in KUBELET_ROWS)
    assert all(row.source for row in KUBELET_ROWS)


# Pods that were tried on a kubelet 1.36.3. The image was on the node, pulled by namespace demo with its Secret.
@pytest.mark.parametrize(
    ("credentials", "pull_policy", "outcome"),
    [
        pytest.param("borrowed", "IfNotPresent", "fails", id="another namespace, no pull secret"),
        pytest.param("borrowed", "IfNotPresent", "fails", id="the same namespace, no pull secret"),
        pytest.param("own", "IfNotPresent", "ok", id="another Secret with the same credentials"),
        pytest.param("borrowed", "Never", "fails", id="pull policy Never, no pull secret"),
    ],
)
def test_pods_that_were_tried(credentials: ImageCredentials, pull_policy: str, outcome: UpgradeOutcome) -> None:
    use = ImageUse(APP, credentials, pull_policy)
    assert predict(use, DEFAULT, NodeVersions({"v1.36.3": 1})).outcome == outcome


ROWS: Sequence[tuple[ImageUse, KubeletPolicy, NodeVersions, UpgradeOutcome, FailsWhen | None]] = (
    (ImageUse(APP, "own"), DEFAULT, NEW, "ok", None),
    (ImageUse(APP, "own", "Always"), ALWAYS, NEW, "ok", None),
    (ImageUse(APP, "own", "Never"), DEFAULT, NEW, "ok", None),
    (ImageUse(APP, "own", "Never"), ALWAYS, NEW, "unknown", None),
    (ImageUse(APP, "own", "Never"), LISTED, NEW, "ok", None),
    (ImageUse(APP, "own", is_denied=True), DEFAULT, OLD, "fails", "new_node_or_tag"),
    (ImageUse(APP, "own", "Always", is_denied=True), NEVER, OLD, "fails", "now"),
    (ImageUse(APP, "own", is_failing=True), DEFAULT, OLD, "fails", "now"),
    (ImageUse(APP, "public"), ALWAYS, NEW, "ok", None),
    (ImageUse(APP, "node"), ALWAYS, UNKNOWN, "ok", None),
    (ImageUse(APP, "unknown"), NEVER, NEW, "unknown", None),
    (ImageUse(APP, "borrowed"), DEFAULT, NEW, "fails", "new_node_or_tag"),
    (ImageUse(APP, "borrowed"), DEFAULT, OLD, "fails", "node_upgrade"),
    (ImageUse(APP, "borrowed"), DEFAULT, UNKNOWN, "unknown", None),
    (ImageUse(APP, "borrowed", "Always"), DEFAULT, UNKNOWN, "fails", "now"),
    (ImageUse(APP, "borrowed"), ALWAYS, NEW, "fails", "now"),
    (ImageUse(APP, "borrowed"), ALWAYS, OLD, "fails", "node_upgrade"),
    (ImageUse(APP, "borrowed"), NEVER, NEW, "ok", None),
    (ImageUse(APP, "borrowed"), LISTED, NEW, "ok", None),
    (ImageUse(APP, "borrowed"), UNLISTED, NEW, "fails", "now"),
    (ImageUse(APP, "missing"), DEFAULT, NEW, "fails", "new_node_or_tag"),
    (ImageUse(APP, "missing"), DEFAULT, OLD, "fails", "new_node_or_tag"),
    (ImageUse(APP, "missing"), NEVER, OLD, "fails", "new_node_or_tag"),
    (ImageUse(APP, "missing"), ALWAYS, NEW, "fails", "now"),
    (ImageUse(APP, "missing", "Always"), DEFAULT, OLD, "fails", "now"),
    (ImageUse(APP, "missing", "Never"), DEFAULT, NEW, "unknown", None),
)


@pytest.mark.parametrize(("use", "policy", "nodes", "outcome", "when"), ROWS)
def test_predictions(
    use: ImageUse,
    policy: KubeletPolicy,
    nodes: NodeVersions,
    outcome: UpgradeOutcome,
    when: FailsWhen | None,
) -> None:
    found = predict(use, policy, nodes)
    assert (found.outcome, found.when) == (outcome, when)


def test_no_prediction_has_a_date_and_each_failure_an_event() -> None:
    policies = [KubeletPolicy(name) for name in POLICIES]
    pulls = ("Always", "IfNotPresent", "Never")
    for credentials, pull, policy, nodes in itertools.product(IMAGE_CREDENTIALS, pulls, policies, (OLD, NEW, UNKNOWN)):
        found = predict(ImageUse(APP, credentials, pull), policy, nodes)
        assert (found.outcome == "fails") is (found.when is not None)
        assert not re.search(r"\b20[0-9]{2}\b|days|weeks|tomorrow", found.text)


@pytest.mark.parametrize(
    ("pattern", "image", "is_listed"),
    [
        ("ghcr.io/acme/app", "ghcr.io/acme/app:1", True),
        ("ghcr.io/acme/app", "ghcr.io/acme/app2:1", False),
        ("ghcr.io/*", "ghcr.io/acme/app@sha256:" + "0" * 64, True),
        ("ghcr.io/acme/*", "ghcr.io/acme2/app", False),
        ("docker.io/library/*", "nginx", True),
        ("docker.io/library/nginx", "nginx:1", True),
    ],
)
def test_the_allowlist(pattern: str, image: str, is_listed: bool) -> None:
    policy = KubeletPolicy("NeverVerifyAllowlistedImages", parse_allowlist([pattern], "kubelet_allowlist"))
    assert policy.skips(image) is is_listed


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("", "It has no registry."),
        ("/*", "It has no registry."),
        (" ghcr.io/*", "It has whitespace at an end."),
        ("*.io/*", "The only wildcard is /* at the end."),
        ("ghcr.io/*/app", "The only wildcard is /* at the end."),
        ("ghcr.io/acme*", "The only wildcard is /* at the end."),
        ("ghcr.io/acme/app:1", "It is not an image with its registry and without tag and digest."),
        ("nginx", "It is not an image with its registry and without tag and digest."),
    ],
)
def test_patterns_that_the_kubelet_refuses(pattern: str, why: str) -> None:
    assert refusal(parse_allowlist, ["ghcr.io/*", pattern], "kubelet_allowlist") == (
        f"kubelet_allowlist[1] is not a pattern of the kubelet's allowlist. {why} Write an image without tag, such as "
        "ghcr.io/acme/app, or a beginning with /*, such as ghcr.io/acme/*."
    )


@pytest.mark.parametrize("name", ["NeverVerifyPreloadedImages", "AlwaysVerify"])
def test_an_allowlist_counts_with_its_policy_alone(name: PolicyName) -> None:
    assert not KubeletPolicy(name, ("ghcr.io/*",)).skips(APP)


BITNAMI = "docker.io/bitnami/redis:7"


@pytest.mark.parametrize(
    ("open_image", "answer", "settled"),
    [
        (OpenImage(APP, has_lender=True), "pullable", Settled("public")),
        (OpenImage(APP, has_lender=True), "denied", Settled("borrowed")),
        (OpenImage(APP, has_lender=False), "denied", Settled("missing")),
        (OpenImage(APP, has_lender=False, is_complete=False), "denied", Settled("unknown", "unreadable")),
        (OpenImage(APP, has_lender=True), "not_found", Settled("unknown", "not_found")),
        (OpenImage(APP, has_lender=True), "unreachable", Settled("unknown", "no_answer")),
        (OpenImage(APP, has_lender=True), "unverifiable", Settled("unknown", "no_answer")),
        (OpenImage(APP, has_lender=True), None, Settled("unknown", "not_asked")),
        (OpenImage(APP, has_lender=True, is_of_cloud=True), None, Settled("unknown", "node_credentials")),
        (OpenImage(APP, has_lender=True, is_of_cloud=True), "denied", Settled("unknown", "node_credentials")),
        (OpenImage(APP, has_lender=True, is_of_cloud=True), "pullable", Settled("public")),
        (OpenImage(BITNAMI, has_lender=True), "denied", Settled("unknown", "retired")),
        (OpenImage(BITNAMI, has_lender=True), "not_found", Settled("unknown", "retired")),
        (OpenImage(BITNAMI, has_lender=True), "pullable", Settled("public")),
        (OpenImage(BITNAMI, has_lender=True), None, Settled("unknown", "not_asked")),
    ],
)
def test_answers_of_registries(open_image: OpenImage, answer: str | None, settled: Settled) -> None:
    assert settle_image(open_image, answer) == settled


def test_versions_that_are_no_version_do_not_check() -> None:
    counts: Mapping[str, int] = {"unknown": 3}
    assert not NodeVersions(counts).are_checking
