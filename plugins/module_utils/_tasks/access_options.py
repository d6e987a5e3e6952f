# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked of image_access_info, read from its options and checked."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._cluster.selection import parse_targets
from .._credentials.docker_config import KEY, TYPE, parse_docker_config, render_docker_config
from .._errors import KeyringError
from .._images.preflight import check_images
from .._images.pullers import POD, Reference
from .._images.verdict import is_pattern
from .._secret.names import check_secret_name
from .._secret.plan import Secret
from .._secret.users import BUILT_IN_KINDS

# What makes Pods, by its name in lower case, its resource, and the short names of kubectl.
_WORKLOADS = {
    name: kind.kind
    for kind in BUILT_IN_KINDS
    if kind.template and kind.kind != POD
    for name in (kind.kind.lower(), kind.resource)
} | {"deploy": "Deployment", "sts": "StatefulSet", "ds": "DaemonSet", "rs": "ReplicaSet", "cj": "CronJob"}

_OF_A_CLUSTER = ("namespace", "namespaces", "namespace_selectors", "pods", "workloads")


@dataclass(frozen=True)
class ImageAccessOptions:
    """What is asked: about images in a cluster, of all or of these Pods and workloads; or about ``images`` alone."""

    node_providers: tuple[str, ...]
    pods: tuple[str, ...] | None = None
    workloads: tuple[Reference, ...] | None = None
    images: tuple[str, ...] | None = None

    @property
    def is_of_namespaces(self) -> bool:
        """Whether everything in the namespaces is meant."""
        return self.pods is None and self.workloads is None


def parse_question(params: Mapping[str, Any]) -> ImageAccessOptions:
    """What the options ask. Raises KeyringError for what can not be asked, with the index of an item."""
    for option in ("pods", "workloads", "images"):
        if params[option] is not None and not params[option]:
            raise KeyringError(
                f"{option} is empty.", "", "Check the variable behind it, or leave it out for all.", option=option
            )
    providers = tuple(params["node_providers"])
    for index, pattern in enumerate(providers):
        if not is_pattern(pattern):
            raise KeyringError(
                f"node_providers[{index}] is no pattern for images.",
                "It is compared with the registry of an image as in a node's credential provider.",
                "Write it like *.dkr.ecr.*.amazonaws.com.",
                option=f"node_providers[{index}]",
            )
    if params["docker_configs"] is not None or params["images"] is not None:
        return ImageAccessOptions(providers, images=_parse_images(params))
    parse_targets(params["namespace"], params["namespaces"], params["namespace_selectors"])
    pods, workloads = params["pods"], params["workloads"]
    for index, name in enumerate(pods or ()):
        _check_name(name, f"pods[{index}]")
    return ImageAccessOptions(
        providers,
        pods=None if pods is None else tuple(pods),
        workloads=None if workloads is None else tuple(map(_parse_workload, range(len(workloads)), workloads)),
    )


def parse_docker_configs(source: Any) -> list[Secret]:
    """The docker configs as Secrets of a Pod, in order; one that is no list stands for itself.

    Raises KeyringError naming the item; no message quotes any of the content.
    """
    items: Sequence[Any] = source if isinstance(source, list) else [source]
    return [_as_secret(parse_docker_config(item, option), option) for option, item in _numbered(items)]


def _numbered(items: Sequence[Any]) -> list[tuple[str, Any]]:
    return [(f"docker_configs[{index}]", item) for index, item in enumerate(items)]


def _as_secret(config: Mapping[str, Any], option: str) -> Secret:
    text = base64.b64encode(render_docker_config(config).encode()).decode()
    return {"metadata": {"namespace": "", "name": option}, "type": TYPE, "data": {KEY: text}}


def _parse_images(params: Mapping[str, Any]) -> tuple[str, ...]:
    """The images to look up in docker configs; the two options belong together, and exclude a cluster."""
    given = [option for option in _OF_A_CLUSTER if params[option] is not None]
    if given:
        raise KeyringError(
            f"{given[0]} asks about a cluster, and docker_configs and images about docker configs at hand.",
            "One task answers one of the two.",
            "Use a task for each.",
            option=given[0],
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
    return tuple(params["images"])


def _parse_workload(index: int, text: str) -> Reference:
    kind, slash, name = text.partition("/")
    if not slash or kind.lower() not in _WORKLOADS:
        raise KeyringError(
            f"workloads[{index}] is not kind/name.",
            f"The kind is one of {', '.join(sorted(set(_WORKLOADS.values())))}; for a Pod use pods.",
            "Write it like deployment/web.",
            option=f"workloads[{index}]",
        )
    _check_name(name, f"workloads[{index}]")
    return Reference(_WORKLOADS[kind.lower()], name)


def _check_name(name: str, option: str) -> None:
    try:
        check_secret_name(name, option)
    except KeyringError:
        raise KeyringError(
            f"{option} is not a name that such an object can have.",
            "Allowed are lower-case letters, digits, - and .",
            "Check the variable behind it.",
            option=option,
        ) from None
