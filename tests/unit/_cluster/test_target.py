# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a kubeconfig may not do: lead a request to another path, or send a token over a connection in clear."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.settings import resolve_settings
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.target import Target, find_target
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.open_cluster import parse_connection
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.options import CONNECTION


def find(server: str, namespace: Any) -> Target:
    kubeconfig = {
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": "a-token-of-a-user"}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u", "namespace": namespace}}],
        "current-context": "x",
    }
    options = parse_connection({**dict.fromkeys(CONNECTION), "kubeconfig": kubeconfig})
    return find_target(resolve_settings(options, {}), None, {})


@pytest.mark.parametrize(
    "namespace", ["..", "a/b", "x?y#", "A", "a.b", "-a", "a" * 64, "a\x00", "a\n", "a b", "%2e%2e", "\u202ea"]
)
def test_a_namespace_is_one(namespace: str) -> None:
    with pytest.raises(KeyringError) as raised:
        find("https://c.example", namespace)
    assert str(raised.value).startswith("The namespace of context x in the kubeconfig")


@pytest.mark.parametrize("server", ["http://c.example", "c.example", "http://c.example:6443/k8s/clusters/c-1"])
def test_no_token_goes_over_plain_http(server: str) -> None:
    target = find(server, "web")
    assert target.user.token == ""
    assert [warning for warning in target.warnings if warning.startswith("No credentials are sent to ")]


def test_a_token_goes_over_tls() -> None:
    target = find("https://c.example", "web")
    assert target.user.token == "a-token-of-a-user"
    assert target.namespace == "web"
    assert target.warnings == ()
