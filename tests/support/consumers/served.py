# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API server offers, which follows a change of a CustomResourceDefinition a moment later."""

from __future__ import annotations

import json
import time
from collections.abc import Collection

from support.cluster import Cluster

# The group, version and plural of a kind.
Resource = tuple[str, str, str]


def list_served(cluster: Cluster) -> set[Resource]:
    """Return what the API server offers, as a client reads it that asks once for all."""
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    api_client = cluster.api.api_client
    request = api_client.param_serialize(
        "GET", "/apis", header_params={"Accept": accept}, auth_settings=["BearerToken"]
    )
    answer = api_client.call_api(*request)
    served: set[Resource] = set()
    for group in json.loads(answer.read())["items"]:
        for version in group["versions"]:
            for resource in version.get("resources") or ():
                served.add((group["metadata"]["name"], version["version"], resource["resource"]))
    return served


def await_served(cluster: Cluster, resources: Collection[Resource]) -> None:
    """Wait until the API server offers these resources."""
    deadline = time.monotonic() + 60
    while missing := set(resources) - list_served(cluster):
        assert time.monotonic() < deadline, f"the API server does not serve {sorted(missing)}"
        time.sleep(0.1)


def await_removed(cluster: Cluster, resources: Collection[tuple[str, str]]) -> None:
    """Wait until the API server no longer offers these resources, given by group and plural."""
    deadline = time.monotonic() + 60
    while left := {(group, plural) for group, _version, plural in list_served(cluster)} & set(resources):
        assert time.monotonic() < deadline, f"the API server still serves {sorted(left)}"
        time.sleep(0.1)
