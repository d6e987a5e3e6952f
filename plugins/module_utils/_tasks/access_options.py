# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of image_access_info."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any

from .._cluster.selection import GivenTargets, parse_targets
from .._cluster.settings import ConnectionOptions
from .._credentials.docker_config import KEY, TYPE, parse_docker_config, render_docker_config
from .._dataclasses import dataclass
from .._errors import KeyringError
from .._images.pullers import POD, Reference
from .._images.verdict import is_pattern
from .._runtime.open_cluster import parse_connection
from .._secret.consumers import PULLER_KINDS
from .._secret.names import check_secret_name
from .verify_options import parse_verify_options

if TYPE_CHECKING:
    from .._images.node_credentials import NodeCredentials
    from .._images.upgrade import KubeletPolicy
    from .._registry.verification import VerifyOptions
    from .._secret.plan import Secret

# The short names of kubectl for kinds that create Pods.
_SHORT_NAMES = {
    "deploy": "Deployment",
    "sts": "StatefulSet",
    "ds": "DaemonSet",
    "rs": "ReplicaSet",
    "cj": "CronJob",
    "rc": "ReplicationController",
    "dc": "DeploymentConfig",
    "ro": "Rollout",
}

# Options about a cluster, which docker configs at hand exclude.
_OF_A_CLUSTER = ("namespace", "namespaces", "namespace_selectors", "pods", "workloads")


def _name_workloads() -> dict[str, str]:
    """Return the kinds that create Pods, by their names in lower case, their resources and their short names."""
    names = dict(_SHORT_NAMES)
    for kind in PULLER_KINDS:
        if kind.kind != POD:
            names[kind.kind.lower()] = kind.kind
            names[kind.resource] = kind.kind
    return names


_WORKLOADS = _name_workloads()


@dataclass(frozen=True)
class ClusterImages:
    """The images of Pods and workloads in a cluster; None stands for all of them in the namespaces."""

    targets: GivenTargets
    pods: tuple[str, ...] | None = None
    workloads: tuple[Reference, ...] | None = None

    @property
    def includes_everything(self) -> bool:
        """Return whether all Pods and workloads of the namespaces are selected."""
        return self.pods is None and self.workloads is None


@dataclass(frozen=True)
class ConfigImages:
    """Images to look up in docker configs at hand, which are the Secrets of an imagined Pod."""

    images: tuple[str, ...]
    docker_configs: tuple[Secret, ...] = field(repr=False)


MAX_VERIFY_REQUESTS = 100_000


@dataclass(frozen=True)
class UpgradeOptions:
    """The options of the upgrade audit: the policy of the kubelets, and the most requests for public images."""

    policy: KubeletPolicy
    max_requests: int


@dataclass(frozen=True)
class ImageAccessOptions:
    """The options of image_access_info, parsed. ``verification`` is None if no registry is to be asked.

    ``upgrade`` is None without the upgrade audit. ``node_secrets`` are the secret texts of ``node_credentials``.
    """

    subject: ClusterImages | ConfigImages
    node_providers: tuple[str, ...]
    verification: VerifyOptions | None
    connection: ConnectionOptions
    upgrade: UpgradeOptions | None = None
    node_credentials: NodeCredentials | None = None
    node_secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def are_nodes_given(self) -> bool:
        """Return whether the task states for which images nodes have credentials."""
        is_given = self.node_credentials is not None and bool(self.node_credentials.providers)
        return bool(self.node_providers) or is_given


def parse_options(params: Mapping[str, Any]) -> ImageAccessOptions:
    """Parse the options of the module. Raises KeyringError for invalid ones, with the index of an item."""
    for option in ("pods", "workloads", "images"):
        if params[option] is not None and not params[option]:
            raise KeyringError(
                f"{option} is empty.", "", "Check the variable behind it, or leave it out for all.", option=option
            )
    providers = _parse_providers(params["node_providers"])
    upgrade = _parse_upgrade(params)
    node_credentials: NodeCredentials | None = None
    node_secrets: tuple[str, ...] = ()
    if params["node_credentials"] is not None:
        from .node_options import parse_node_credentials

        node_credentials, node_secrets = parse_node_credentials(params["node_credentials"])
    if params["docker_configs"] is None and params["images"] is None:
        subject: ClusterImages | ConfigImages = _parse_cluster_images(params)
        verification = parse_verify_options(params)
    else:
        _check_config_images(params)
        verification = parse_verify_options(params)
        subject = ConfigImages(tuple(params["images"]), parse_docker_configs(params["docker_configs"]))
    return ImageAccessOptions(
        subject, providers, verification, parse_connection(params), upgrade, node_credentials, node_secrets
    )


def _parse_upgrade(params: Mapping[str, Any]) -> UpgradeOptions | None:
    """Return the options of the upgrade audit, None without it. Invalid ones are refused in either case."""
    name, allowlist, most = params["kubelet_policy"], params["kubelet_allowlist"], params["verify_max_requests"]
    if allowlist and name != "NeverVerifyAllowlistedImages":
        raise KeyringError(
            "kubelet_allowlist is given for another policy.",
            "The kubelet reads it only with NeverVerifyAllowlistedImages.",
            "Set kubelet_policy to NeverVerifyAllowlistedImages, or leave it out.",
            option="kubelet_allowlist",
        )
    if not 0 <= most <= MAX_VERIFY_REQUESTS:
        raise KeyringError(
            f"verify_max_requests must be between 0 and {MAX_VERIFY_REQUESTS}; got {most}.",
            option="verify_max_requests",
        )
    if not params["upgrade_audit"] and not allowlist:
        return None
    from .._images.upgrade import KubeletPolicy, parse_allowlist

    policy = KubeletPolicy(name, parse_allowlist(allowlist or (), "kubelet_allowlist"))
    return UpgradeOptions(policy, most) if params["upgrade_audit"] else None


def parse_docker_configs(source: Any, name: str = "docker_configs") -> tuple[Secret, ...]:
    """Return docker configs as Secrets of a Pod, in order; one that is not a list stands for itself.

    ``name`` is the option that has them.

    Raises KeyringError with the index of an invalid one, and without any of its content.
    """
    secrets: list[Secret] = []
    for index, item in enumerate(source if isinstance(source, list) else [source]):
        option = f"{name}[{index}]"
        text = base64.b64encode(render_docker_config(parse_docker_config(item, option)).encode()).decode()
        secrets.append({"metadata": {"namespace": "", "name": option}, "type": TYPE, "data": {KEY: text}})
    return tuple(secrets)


def _parse_providers(patterns: Sequence[str]) -> tuple[str, ...]:
    for index, pattern in enumerate(patterns):
        if not is_pattern(pattern):
            raise KeyringError(
                f"node_providers[{index}] is not a pattern for images.",
                "It is compared with the registry of an image as in a node's credential provider.",
                "Write it like *.dkr.ecr.*.amazonaws.com.",
                option=f"node_providers[{index}]",
            )
    return tuple(patterns)


def _parse_cluster_images(params: Mapping[str, Any]) -> ClusterImages:
    targets = parse_targets(params["namespace"], params["namespaces"], params["namespace_selectors"])
    pods, workloads = params["pods"], params["workloads"]
    for index, name in enumerate(pods or ()):
        _check_object_name(name, f"pods[{index}]")
    references = tuple(_parse_workload(f"workloads[{index}]", text) for index, text in enumerate(workloads or ()))
    return ClusterImages(
        targets,
        pods=None if pods is None else tuple(pods),
        workloads=None if workloads is None else references,
    )


def _check_config_images(params: Mapping[str, Any]) -> None:
    """Raise KeyringError unless images and docker configs are given together, and nothing about a cluster."""
    from .._images.preflight import check_images

    for option in _OF_A_CLUSTER:
        if params[option] is not None:
            raise KeyringError(
                f"{option} asks about a cluster, and docker_configs and images about docker configs at hand.",
                "One task answers one of the two.",
                "Use a task for each.",
                option=option,
            )
    for option, other in (("docker_configs", "images"), ("images", "docker_configs")):
        if params[option] in (None, []):
            raise KeyringError(
                f"{option} is missing.",
                f"{other} needs it: images are looked up in docker configs.",
                "Give both.",
                option=option,
            )
    check_images(params["images"])


def _parse_workload(option: str, text: str) -> Reference:
    kind, slash, name = text.partition("/")
    if not slash or kind.lower() not in _WORKLOADS:
        raise KeyringError(
            f"{option} is not kind/name.",
            f"The kind is one of {', '.join(sorted(set(_WORKLOADS.values())))}; for a Pod use pods.",
            "Write it like deployment/web.",
            option=option,
        )
    _check_object_name(name, option)
    return Reference(_WORKLOADS[kind.lower()], name)


def _check_object_name(name: str, option: str) -> None:
    try:
        check_secret_name(name, option)
    except KeyringError:
        raise KeyringError(
            f"{option} is not a name that such an object can have.",
            "Allowed are lower-case letters, digits, - and .",
            "Check the variable behind it.",
            option=option,
        ) from None
