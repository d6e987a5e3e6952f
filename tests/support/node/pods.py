# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pods on the node of the tests: make them, create many at once, and read what the kubelet states of their images."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from support.cluster import Cluster
from support.node.node import NAME, Node, wait_for

# The reasons of a container that waits and whose image is still to come.
_PENDING = ("", "ContainerCreating", "PodInitializing")
RUNNING = "running"
# Those of a container whose image the node has, and that it cannot start (pkg/kubelet/kuberuntime).
_NOT_STARTED = (
    "CreateContainerConfigError",
    "CreateContainerError",
    "PreCreateHookError",
    "PreStartHookError",
    "RunContainerError",
    "CrashLoopBackOff",
)
# Many Pods start at once, on a machine that does other things as well.
_SECONDS_FOR_ALL = 240

Pod = Mapping[str, Any]


@dataclass(frozen=True)
class PodState:
    """What the kubelet states about the only container of a Pod: RUNNING, or the reason and message of its waiting."""

    reason: str
    message: str = ""

    def is_running(self) -> bool:
        """Return whether the container was started."""
        return self.reason == RUNNING

    def is_refused(self) -> bool:
        """Return whether the kubelet could not get the image."""
        return self.reason != RUNNING


def make_pod(
    namespace: str,
    name: str,
    image: str,
    secrets: Sequence[str] = (),
    *,
    policy: str = "IfNotPresent",
    account: str = "default",
) -> Pod:
    """Return the manifest of a Pod with one container, for the node that has neither a network nor a scheduler."""
    container = {"name": "app", "image": image, "imagePullPolicy": policy}
    spec = {
        "nodeName": NAME,
        "hostNetwork": True,
        "automountServiceAccountToken": False,
        "serviceAccountName": account,
        "terminationGracePeriodSeconds": 0,
        "tolerations": [{"operator": "Exists"}],
        "imagePullSecrets": [{"name": secret} for secret in secrets],
        "containers": [container],
    }
    return {"metadata": {"name": name, "namespace": namespace}, "spec": spec}


def create_pods(cluster: Cluster, pods: Sequence[Pod]) -> None:
    for pod in pods:
        cluster.api.create_namespaced_pod(pod["metadata"]["namespace"], pod)


def run_pods(cluster: Cluster, node: Node, pods: Sequence[Pod]) -> dict[str, PodState]:
    """Create Pods together, and return by name what the kubelet states first about the image of each."""
    create_pods(cluster, pods)
    return {pod["metadata"]["name"]: wait_for_pod(cluster, node, pod) for pod in pods}


def wait_for_pod(
    cluster: Cluster, node: Node, pod: Pod, is_wanted: Callable[[PodState], bool] = lambda _state: True
) -> PodState:
    """Return the first state of a Pod that is wanted.

    Raise AssertionError if none comes in time, or if the node has the image and cannot start the container.
    """
    metadata = pod["metadata"]
    return wait_for(metadata["name"], partial(_read_state, cluster, pod, is_wanted), node, _SECONDS_FOR_ALL)


def delete_pods(cluster: Cluster, pods: Sequence[Pod]) -> None:
    """Delete Pods without waiting for the kubelet to stop them."""
    for pod in pods:
        metadata = pod["metadata"]
        cluster.api.delete_namespaced_pod(metadata["name"], metadata["namespace"], grace_period_seconds=0)


def _read_state(cluster: Cluster, pod: Pod, is_wanted: Callable[[PodState], bool]) -> PodState | None:
    """Return the state of a Pod, or None as long as there is none that is wanted."""
    metadata = pod["metadata"]
    answer = cluster.api.read_namespaced_pod(metadata["name"], metadata["namespace"], _preload_content=False)
    for status in json.loads(answer.data)["status"].get("containerStatuses") or ():
        assert "terminated" not in status["state"], status
        if "running" in status["state"]:
            state = PodState(RUNNING)
        else:
            waiting = status["state"].get("waiting") or {}
            state = PodState(str(waiting.get("reason", "")), str(waiting.get("message", "")))
        assert state.reason not in _NOT_STARTED, state
        if state.reason not in _PENDING and is_wanted(state):
            return state
    return None
