# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A namespace as the API lists it: Pods, what makes them, ServiceAccounts and pull secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.docker_config import KEY, TYPE
from ansible_collections.keyring.kubernetes.plugins.module_utils._images.audit import ClusterSnapshot
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.names import Identity
from support.samples.secrets import encode

APP = "ghcr.io/acme/app:1"
DATABASE = "quay.io/acme/db:1"

Object = dict[str, Any]


def made(name: str, spec: Mapping[str, Any], owner: str = "", **more: Any) -> Object:
    """An object of the namespace web; its owner is written as Kind/name."""
    kind, _slash, owner_name = owner.partition("/")
    owners = {"ownerReferences": [{"kind": kind, "name": owner_name, "controller": True}]} if owner else {}
    return {"metadata": {"namespace": "web", "name": name, **owners}, "spec": spec, **more}


def spec(*images: str, secrets: Sequence[str] = (), **more: Any) -> Object:
    """The spec of a Pod with containers c0, c1, … and these pull secrets."""
    named = {"imagePullSecrets": [{"name": name} for name in secrets]} if secrets else {}
    return {"containers": [{"name": f"c{n}", "image": image} for n, image in enumerate(images)], **named, **more}


def template(pod: Mapping[str, Any], **more: Any) -> Object:
    return {"template": {"spec": pod}, **more}


def account(name: str, *secrets: str) -> Object:
    return made(name, {}, imagePullSecrets=[{"name": secret} for secret in secrets])


def waiting(reason: str, message: str = "", field: str = "containerStatuses", container: str = "c0") -> Object:
    """The status of a Pod of which one container waits."""
    return {field: [{"name": container, "state": {"waiting": {"reason": reason, "message": message}}}]}


def pull_secret(name: str, auths: object, namespace: str = "web") -> Object:
    """A Secret with these entries; a text stands for itself."""
    text = auths if isinstance(auths, str) else json.dumps({"auths": auths})
    return {"metadata": {"namespace": namespace, "name": name}, "type": TYPE, "data": {KEY: encode(text)}}


def login(username: str, password: str) -> dict[str, str]:
    return {"auth": encode(f"{username}:{password}")}


GHCR = pull_secret("registry", {"ghcr.io": login("octo", "ghcr-token")})
QUAY = pull_secret("quay", {"quay.io": login("acme+robot", "quay-token")})


def world(
    objects: Mapping[str, Sequence[Object]],
    *secrets: Object,
    other_types: Mapping[Identity, str | None] | None = None,
    unknown: Sequence[Identity] = (),
) -> ClusterSnapshot:
    by_name = {(item["metadata"]["namespace"], item["metadata"]["name"]): item for item in secrets}
    return ClusterSnapshot(objects, by_name, other_types or {}, frozenset(unknown))
