# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the server of a connection with what expect_server may have."""

from __future__ import annotations

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.expected_server import check_expected
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.server_url import ServerUrl, parse_server
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError


def parse(text: str) -> ServerUrl:
    return parse_server(text, "host", failure="invalid_option", option="host")


RANCHER = "https://rancher.example.com/k8s/clusters/c-1"


@pytest.mark.parametrize(
    ("server", "expected", "outcome"),
    [
        ("https://a:6443", "https://a:6443", "passes"),
        ("https://a:6443", "https://a:6443/", "passes"),
        ("https://a:6443", "a", "passes"),
        ("https://a:6443", "a:6443", "passes"),
        ("https://a:6443", "https://*", "passes"),
        ("https://a:6443", "a:*", "passes"),
        ("https://a:6443", "b", "fails"),
        ("https://a:6443", "http://a:6443", "fails"),
        ("https://a:6443", "https://a", "fails"),
        ("https://[::1]:6443", "::1", "passes"),
        ("https://[::1]:6443", "[::1]", "passes"),
        # Other spellings of the same server.
        ("https://a", "https://a:443", "passes"),
        ("https://a:443", "https://a", "passes"),
        ("http://a:80", "http://a", "passes"),
        ("https://a", "a:443", "passes"),
        ("https://a.example", "https://*.example:443", "passes"),
        ("https://a.example:443", "https://*.example", "passes"),
        ("https://a:80", "https://a", "fails"),
        ("https://a:6443", "https://a:443", "fails"),
        ("https://A:6443", "https://a:6443", "passes"),
        ("https://a:6443", "HTTPS://A:6443/", "passes"),
        ("https://A.example:6443", "*.EXAMPLE", "passes"),
        ("https://[2001:DB8:0::1]", "https://[2001:db8::1]:443", "passes"),
        ("https://[2001:db8::1]:6443", "https://[2001:0db8::0001]:6443", "passes"),
        ("https://[2001:db8::1]:6443", "https://[2001:db8::2]:6443", "fails"),
        ("https://RANCHER.example.com:443/k8s/clusters/c-1", RANCHER, "passes"),
        (RANCHER, "https://Rancher.example.com:443/k8s/./clusters/c%2D1", "passes"),
        (RANCHER, "https://rancher.example.com:443/k8s/clusters/*", "passes"),
        (RANCHER, "https://rancher.example.com:443", "warns"),
        (RANCHER, "https://rancher.example.com/K8S/clusters/c-1", "fails"),
        (RANCHER, RANCHER, "passes"),
        (RANCHER, f"{RANCHER}/", "passes"),
        (RANCHER, "https://rancher.example.com/k8s/clusters/*", "passes"),
        (RANCHER, "https://rancher.example.com", "warns"),
        (RANCHER, "https://rancher.example.com/", "warns"),
        (RANCHER, "rancher.example.com", "warns"),
        (RANCHER, "*.example.com", "warns"),
        (RANCHER, "https://rancher.example.com/k8s/clusters/c-2", "fails"),
        (RANCHER, "https://rancher.example.com/k8s", "fails"),
    ],
)
def test_the_expected_server(server: str, expected: str, outcome: str) -> None:
    if outcome == "fails":
        with pytest.raises(KeyringError) as caught:
            check_expected(parse(server), expected)
        assert caught.value.failure == "unexpected_server"
        return

    warnings = check_expected(parse(server), expected)

    assert warnings == (
        []
        if outcome == "passes"
        else [
            "expect_server does not name the path /k8s/clusters/c-1, which other clusters behind rancher.example.com "
            f"do not have. Write expect_server: {RANCHER}."
        ]
    )
