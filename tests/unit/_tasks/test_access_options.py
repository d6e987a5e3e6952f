# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may be asked of image_access_info, and what is shown of the question."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.selection import (
    ContextNamespace,
    OneNamespace,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.settings import ConnectionOptions
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.pullers import Reference
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.upgrade import POLICIES, KubeletPolicy
from ansible_collections.keyring.kubernetes.plugins.module_utils._registry.verification import VerifyOptions
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.invocation import public_arguments
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.options import CONNECTION
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.shown import MASK
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.access_options import (
    ClusterImages,
    ConfigImages,
    ImageAccessOptions,
    UpgradeOptions,
    parse_docker_configs,
    parse_options,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.image_access_info import OPTIONS
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.verify_options import (
    VERIFY_OPTIONS,
    parse_verify_options,
)
from support.samples.access import login
from support.samples.secrets import encode, refusal

CONFIG = {"auths": {"ghcr.io": login("octo", "ghcr-token")}}


def params(**given: Any) -> dict[str, Any]:
    defaults = {name: option.get("default") for name, option in OPTIONS.items()}
    return {**defaults, **given}


def asked(
    subject: ClusterImages | ConfigImages, *node_providers: str, verification: VerifyOptions | None = None, **own: Any
) -> ImageAccessOptions:
    return ImageAccessOptions(subject, node_providers, verification, ConnectionOptions(**own))


@pytest.mark.parametrize(
    ("given", "question"),
    [
        pytest.param({}, asked(ClusterImages(ContextNamespace())), id="all of a namespace"),
        pytest.param(
            {"namespace": "web", "host": "https://a"},
            asked(ClusterImages(OneNamespace("web")), host="https://a"),
            id="a namespace of a cluster",
        ),
        pytest.param(
            {"verify": True, "verify_scope": "all", "verify_ca_cert": "/ca.crt", "verify_realms": ["auth.example.com"]},
            asked(
                ClusterImages(ContextNamespace()),
                verification=VerifyOptions("all", ca_cert="/ca.crt", realms=("auth.example.com",)),
            ),
            id="with a check by the registries",
        ),
        pytest.param(
            {"pods": ["a"], "workloads": ["Deployment/a", "cronjobs/b", "sts/c"]},
            asked(
                ClusterImages(
                    ContextNamespace(),
                    ("a",),
                    (Reference("Deployment", "a"), Reference("CronJob", "b"), Reference("StatefulSet", "c")),
                )
            ),
            id="Pods and workloads",
        ),
        pytest.param(
            {"docker_configs": CONFIG, "images": ["nginx"], "node_providers": ["*.gcr.io"]},
            asked(ConfigImages(("nginx",), parse_docker_configs(CONFIG)), "*.gcr.io"),
            id="without a cluster",
        ),
        pytest.param(
            {"docker_configs": [CONFIG], "images": ["nginx"], "kubeconfig": "/a"},
            asked(ConfigImages(("nginx",), parse_docker_configs([CONFIG])), kubeconfig="/a"),
            id="a connection that is a default of the play",
        ),
    ],
)
def test_what_is_asked(given: dict[str, Any], question: ImageAccessOptions) -> None:
    assert parse_options(params(**given)) == question


OFFLINE = {"docker_configs": [CONFIG], "images": ["nginx"]}
KINDS = "CronJob, DaemonSet, Deployment, DeploymentConfig, Job, ReplicaSet, ReplicationController, Rollout, StatefulSet"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"images": ["nginx", "https://octo:s3cret@ghcr.io/acme/app"], "docker_configs": CONFIG},
            'images[1] is not the name of an image; got "https://ghcr.io/acme/app". It has a registry, a path in lower '
            "case and a tag or a digest, and neither whitespace nor https://. Write it like ghcr.io/acme/app:1.2.",
        ),
        (
            {"images": ["nginx"]},
            "docker_configs is missing. images needs it: images are looked up in docker configs. Give both.",
        ),
        (
            {"images": ["nginx"], "docker_configs": []},
            "docker_configs is missing. images needs it: images are looked up in docker configs. Give both.",
        ),
        (
            {"docker_configs": CONFIG},
            "images is missing. docker_configs needs it: images are looked up in docker configs. Give both.",
        ),
        *(
            (
                {**OFFLINE, option: value},
                f"{option} asks about a cluster, and docker_configs and images about docker configs at hand. One task "
                "answers one of the two. Use a task for each.",
            )
            for option, value in (("namespace", "web"), ("namespaces", ["*"]), ("pods", ["a"]), ("workloads", ["a"]))
        ),
        ({"images": []}, "images is empty. Check the variable behind it, or leave it out for all."),
        ({"pods": []}, "pods is empty. Check the variable behind it, or leave it out for all."),
        (
            {"pods": ["a", "A b"]},
            "pods[1] is not a name that such an object can have. Allowed are lower-case letters, digits, - and . Check "
            "the variable behind it.",
        ),
        (
            {"workloads": ["deployment/a", "web"]},
            f"workloads[1] is not kind/name. The kind is one of {KINDS}; for a Pod use pods. Write it like "
            "deployment/web.",
        ),
        (
            {"workloads": ["pod/web"]},
            f"workloads[0] is not kind/name. The kind is one of {KINDS}; for a Pod use pods. Write it like "
            "deployment/web.",
        ),
        (
            {"node_providers": ["quay.io", "a b"]},
            "node_providers[1] is not a pattern for images. It is compared with the registry of an image as "
            "in a node's "
            "credential provider. Write it like *.dkr.ecr.*.amazonaws.com.",
        ),
        (
            {"namespace": "web", "namespaces": ["a"]},
            "namespace and namespaces select namespaces in different ways. With namespace_selectors, "
            "namespaces may only exclude (!name or !glob). Use one of them, or one task for each.",
        ),
    ],
)
def test_what_can_not_be_asked(given: dict[str, Any], message: str) -> None:
    assert refusal(parse_options, params(**given)) == message


TEXT = json.dumps(CONFIG)


@pytest.mark.parametrize(
    "source",
    [CONFIG, [CONFIG], TEXT, [encode(TEXT)], {"data": {".dockerconfigjson": encode(TEXT)}}],
)
def test_every_form_of_a_docker_config(source: Any) -> None:
    (secret,) = parse_docker_configs(source)
    assert secret == {
        "metadata": {"namespace": "", "name": "docker_configs[0]"},
        "type": "kubernetes.io/dockerconfigjson",
        "data": {".dockerconfigjson": encode(json.dumps(CONFIG, separators=(",", ":")))},
    }


def test_a_docker_config_that_is_none_is_named_by_its_index() -> None:
    assert refusal(parse_docker_configs, [CONFIG, "s3cret"]) == (
        "docker_configs[1] is neither JSON, YAML nor base64 of these. Give the content of a docker config "
        "(config.json), a Secret, or the content of its data."
    )


UPGRADE = {"upgrade_audit": True}


def test_options_of_the_upgrade_audit() -> None:
    assert parse_options(params()).upgrade is None
    assert parse_options(params(**UPGRADE)).upgrade == UpgradeOptions(KubeletPolicy(), 500)
    policy = {"kubelet_policy": "NeverVerifyAllowlistedImages", "kubelet_allowlist": ["ghcr.io/acme/*"]}
    assert parse_options(params(**UPGRADE, **policy, verify_max_requests=7)).upgrade == UpgradeOptions(
        KubeletPolicy("NeverVerifyAllowlistedImages", ("ghcr.io/acme/*",)), 7
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {**UPGRADE, "kubelet_allowlist": ["ghcr.io/*"]},
            "kubelet_allowlist is given for another policy. The kubelet reads it only with "
            "NeverVerifyAllowlistedImages. Set kubelet_policy to NeverVerifyAllowlistedImages, or leave it out.",
        ),
        (
            {"kubelet_policy": "NeverVerifyAllowlistedImages", "kubelet_allowlist": ["ghcr.io/*", "*"]},
            "kubelet_allowlist[1] is not a pattern of the kubelet's allowlist. The only wildcard is /* at the end. "
            "Write an image without tag, such as ghcr.io/acme/app, or a beginning with /*, such as ghcr.io/acme/*.",
        ),
        ({"verify_max_requests": -1}, "verify_max_requests must be between 0 and 100000; got -1."),
        ({"verify_max_requests": 100_001}, "verify_max_requests must be between 0 and 100000; got 100001."),
    ],
)
def test_options_of_the_upgrade_audit_that_are_refused(given: dict[str, Any], message: str) -> None:
    assert refusal(parse_options, params(**given)) == message


def test_the_policies_are_those_of_the_kubelet() -> None:
    assert tuple(OPTIONS["kubelet_policy"]["choices"]) == POLICIES


@pytest.mark.parametrize("value", [CONFIG, [CONFIG], TEXT])
def test_credentials_of_nodes_are_not_shown(value: Any) -> None:
    names = ("credential_provider_config", "docker_configs", "mirrors")
    shown = public_arguments({"node_credentials": dict.fromkeys(names, value)}, OPTIONS)
    assert shown == {"node_credentials": dict.fromkeys(names, MASK)}


@pytest.mark.parametrize("value", [CONFIG, [CONFIG], TEXT])
def test_docker_configs_are_not_shown(value: Any) -> None:
    shown = public_arguments({"docker_configs": value, "images": ["nginx"]}, OPTIONS)
    assert shown == {"docker_configs": MASK, "images": ["nginx"]}


def test_no_option_hides_or_shadows_one_of_the_connection() -> None:
    assert all(OPTIONS[name] is CONNECTION[name] for name in CONNECTION)


def test_a_user_among_the_hosts_to_verify_is_not_shown() -> None:
    given = {name: ["https://u:s3cret@auth.example.com"] for name in ("verify_realms", "verify_plain_http")}
    assert public_arguments(given, OPTIONS) == {name: ["https://auth.example.com"] for name in given}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"verify_timeout": 0}, "verify_timeout must be between 1 and 600; got 0."),
        ({"verify_concurrency": 65}, "verify_concurrency must be between 1 and 64; got 65."),
        (
            {"verify_plain_http": ["a", "http://u:s3cret@a"]},
            'verify_plain_http[1] is not a host with an optional port. Write it like "auth.example.com".',
        ),
    ],
)
def test_what_can_not_be_verified(given: dict[str, Any], message: str) -> None:
    defaults = {name: option.get("default") for name, option in VERIFY_OPTIONS.items()}
    assert refusal(parse_verify_options, {**defaults, "verify": True, **given}) == message
    assert parse_verify_options({**defaults, **given}) is None
