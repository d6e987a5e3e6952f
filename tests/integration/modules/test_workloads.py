# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kinds that may not be installed: what is listed of them, and how it is found out, against a real API server."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.connection import open_connection
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.settings import (
    ConnectionOptions,
    resolve_settings,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.workloads import Listing, list_users
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.docker_config import KEY, TYPE
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime, execute
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.consumers import USER_KINDS
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.users import UserKind
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.image_pull_secret_info import DEFINITION
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.direct import validate
from support import primehub
from support.cluster import Cluster
from support.servers.fault_proxy import in_front_of, through
from support.servers.fault_rules import Rule, refuse
from support.uses import MAY_LIST_ALL

PODS, ACCOUNTS, IMAGES = (
    kind for name in ("Pod", "ServiceAccount", "Image") for kind in USER_KINDS if kind.kind == name
)
# Nobody installs them, so the tests need not care what others have left on the cluster.
NOWHERE = "nowhere.keyring.example"
ONE, OTHER = (UserKind(name, NOWHERE, ("v1",), f"{name.lower()}s", is_custom=True) for name in ("One", "Other"))
ABSENT = UserKind("Absent", IMAGES.group, IMAGES.versions, "absents", is_custom=True)
OFFERS = "^/apis$"


def ask(options: dict[str, Any], places: list[str | None], *kinds: UserKind) -> Any:
    with closing(open_connection(resolve_settings(ConnectionOptions(**options), {}))) as connection:
        return list_users(connection, places, kinds)


def test_a_kind_that_is_not_installed_has_nobody(cluster: Cluster, namespace: str) -> None:
    primehub.install(cluster)
    reader = cluster.cluster_identity(namespace, MAY_LIST_ALL)
    other = cluster.create_namespace()
    with in_front_of(cluster, reader) as proxy:
        found = ask(through(proxy, reader), [namespace, other, None], ONE, OTHER, ABSENT, IMAGES)

    nobody = [Listing(ONE), Listing(OTHER), Listing(ABSENT)]
    assert {place: listings[:3] for place, listings in found.items()} == dict.fromkeys((namespace, other, None), nobody)
    assert found[namespace][3] == Listing(IMAGES)
    asked = [seen.path.partition("?")[0] for seen in proxy.seen]
    images = "/apis/primehub.io/v1alpha1"
    assert asked == [
        "/apis",
        f"{images}/namespaces/{namespace}/images",
        f"{images}/namespaces/{other}/images",
        f"{images}/images",
    ], "one request tells of all kinds, whatever is asked about them"


@pytest.mark.parametrize(
    ("places", "kinds"),
    [
        pytest.param(["web"], (PODS, ACCOUNTS), id="kinds that every cluster has"),
        pytest.param([], (ONE, OTHER), id="no place"),
    ],
)
def test_what_needs_no_look_gets_none(
    cluster: Cluster, namespace: str, places: list[str | None], kinds: tuple[UserKind, ...]
) -> None:
    reader = cluster.cluster_identity(namespace, MAY_LIST_ALL)
    with in_front_of(cluster, reader) as proxy:
        ask(through(proxy, reader), places, *kinds)
    assert len(proxy.seen) == len(places) * len(kinds)


def test_who_may_not_see_what_is_installed_is_told_so(cluster: Cluster, namespace: str) -> None:
    reader = cluster.cluster_identity(namespace, MAY_LIST_ALL)
    with in_front_of(cluster, reader, Rule(refuse(403), path=OFFERS)) as proxy:
        found = ask(through(proxy, reader), [namespace], ONE, OTHER, PODS)
    text = (
        "Cannot see which custom resources are installed: forbidden (403). This identity may not read what the API "
        "server offers. Bind it to the ClusterRole system:discovery."
    )
    assert found == {namespace: [Listing(ONE, unknown=text), Listing(OTHER, unknown=text), Listing(PODS)]}
    assert len(proxy.seen) == 2


def test_used_by_tells_once_that_it_is_not_complete(cluster: Cluster, namespace: str) -> None:
    reader = cluster.cluster_identity(namespace, MAY_LIST_ALL)
    other = cluster.create_namespace()
    cluster.create_secret(namespace, "registry", type=TYPE, string_data={KEY: '{"auths": {}}'})
    with in_front_of(cluster, reader, Rule(refuse(403), path=OFFERS)) as proxy:
        options = {"namespaces": [namespace, other], "used_by": True, **through(proxy, reader)}
        validated = validate(DEFINITION, options)
        told = execute(DEFINITION.run, validated.validated_parameters, Runtime(check_mode=False, environ={}))
    assert not validated.error_messages
    assert [secret["used_by"] for secret in told["secrets"]] == [None]
    (warning,) = told["warnings"]
    assert warning.startswith("used_by is not complete. Cannot see which custom resources are installed")


def test_another_trouble_is_an_error(cluster: Cluster, namespace: str) -> None:
    reader = cluster.cluster_identity(namespace, MAY_LIST_ALL)
    with in_front_of(cluster, reader, Rule(refuse(400), path=OFFERS)) as proxy, pytest.raises(KeyringError) as error:
        ask(through(proxy, reader), [namespace], ONE)
    assert str(error.value).startswith(
        "Cannot read which custom resources are installed: the server does not understand the request (400)."
    )


def test_an_installed_kind_that_may_not_be_listed_is_told_so(cluster: Cluster, namespace: str) -> None:
    primehub.install(cluster)
    nobody = cluster.identity(namespace, [])
    with in_front_of(cluster, nobody) as proxy:
        found = ask(through(proxy, nobody), [namespace], ONE, IMAGES)
    assert found[namespace][0] == Listing(ONE)
    assert found[namespace][1].unknown.startswith(f"Cannot list Images of namespace {namespace}: forbidden (403).")
