# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to restart so that Pods get a Secret that was linked to their ServiceAccount after they were created.

The API server copies the list of a ServiceAccount into a new Pod only, so existing Pods must be replaced.

Sources: kubernetes plugin/pkg/admission/serviceaccount; kubectl pkg/polymorphichelpers/objectrestarter.go (the kinds
that ``kubectl rollout restart`` supports).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping

from .._dataclasses import dataclass
from .audit import ImageFinding
from .pullers import POD, Puller, Reference

ROLLOUT_KINDS = ("DaemonSet", "Deployment", "StatefulSet")
# The other kinds whose Pods are not deleted one by one, with the advice for them.
ADVICE: Mapping[str, str] = {
    "CronJob": "The next Job of the CronJob gets it. To run the current Job again, delete it and create it from the "
    "CronJob.",
    "Job": "Delete the Job and create it again from its manifest.",
}


@dataclass(frozen=True)
class Restart:
    """An object to restart, with the Secrets that its Pods lack and a command, if one command does it."""

    namespace: str
    kind: str
    name: str
    secrets: tuple[str, ...]
    pods: int
    command: str | None
    text: str


def find_restarts(found: Iterable[ImageFinding]) -> list[Restart]:
    """Return what to restart because of the findings, each object once, sorted."""
    secrets_of: dict[tuple[str, str, str], set[str]] = {}
    pods_of: dict[tuple[str, str, str], dict[str, Puller]] = {}
    for item in found:
        if item.linked is None:
            continue
        target = _find_target(item.puller)
        key = (item.puller.namespace, target.kind, target.name)
        secrets_of.setdefault(key, set()).add(item.linked)
        pods_of.setdefault(key, {})[item.puller.name] = item.puller
    return [_describe_restart(key, sorted(secrets_of[key]), list(pods_of[key].values())) for key in sorted(secrets_of)]


def _find_target(pod: Puller) -> Reference:
    """Return the object to restart: what made the Pod where that replaces its Pods itself, otherwise the Pod."""
    controller = pod.controller
    if controller and (controller.kind in ROLLOUT_KINDS or controller.kind in ADVICE):
        return controller
    return Reference(POD, pod.name)


def _describe_restart(key: tuple[str, str, str], secrets: list[str], pods: list[Puller]) -> Restart:
    namespace, kind, name = key
    linked = f"Secret {secrets[0]} was" if len(secrets) == 1 else f"Secrets {', '.join(secrets)} were"
    if kind == POD:
        why = f"Pod {name} was created before {linked} linked to ServiceAccount {pods[0].account}."
    else:
        count = "1 Pod" if len(pods) == 1 else f"{len(pods)} Pods"
        verb = "was" if len(pods) == 1 else "were"
        why = f"{count} of {kind} {name} {verb} created before {linked} linked to the ServiceAccount."
    command: str | None = None
    if kind in ROLLOUT_KINDS:
        command = shlex.join(["kubectl", "rollout", "restart", f"{kind.lower()}/{name}", "-n", namespace])
        advice = "Restart it."
    elif kind in ADVICE:
        advice = ADVICE[kind]
    else:
        command = shlex.join(["kubectl", "delete", f"pod/{name}", "-n", namespace])
        advice = "Delete the Pod, and create it again from its manifest."
        if pods[0].controller:
            advice = f"Delete the Pod. {pods[0].controller.kind} {pods[0].controller.name} recreates it."
    return Restart(namespace, kind, name, tuple(secrets), len(pods), command, f"{why} {advice}")
