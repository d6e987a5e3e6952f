# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A portal is reached through the proxy of the options or of the environment, and only over TLS."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.retries import RetryBudget
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.server_url import ServerUrl
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.connection import (
    PortalAccess,
    PortalConnection,
    check_expected_portal,
    parse_portal_url,
)

URL = parse_portal_url("https://api.example.com/prefix", "url")

PROXIES: Mapping[str, tuple[PortalAccess, str | None]] = {
    "none": (PortalAccess(), None),
    "of the options": (PortalAccess(proxy="http://user:pw@proxy:3128"), "http://proxy:3128"),
    "of the environment": (PortalAccess(environ={"HTTPS_PROXY": "http://env:1"}), "http://env:1"),
    "of the environment in lower case": (PortalAccess(environ={"https_proxy": "http://env:1"}), "http://env:1"),
    "for another scheme": (PortalAccess(environ={"HTTP_PROXY": "http://env:1"}), None),
    "options before the environment": (
        PortalAccess(proxy="socks5://proxy", environ={"HTTPS_PROXY": "http://env:1"}),
        "socks5://proxy:1080",
    ),
    "not for this host": (
        PortalAccess(environ={"HTTPS_PROXY": "http://env:1", "NO_PROXY": "a.test,.example.com"}),
        None,
    ),
    "not by the options": (PortalAccess(no_proxy="example.com", environ={"HTTPS_PROXY": "http://env:1"}), None),
    "options with an exception": (PortalAccess(proxy="http://proxy:1", no_proxy="api.example.com"), None),
    "no_proxy in place of NO_PROXY": (
        PortalAccess(no_proxy="", environ={"HTTPS_PROXY": "http://env:1", "NO_PROXY": "*"}),
        "http://env:1",
    ),
    "kubernetes variables": (PortalAccess(environ={"K8S_AUTH_PROXY": "http://env:1"}), None),
}


@pytest.mark.parametrize("case", PROXIES)
def test_the_proxy(case: str) -> None:
    access, proxy = PROXIES[case]
    connection = PortalConnection(URL, access, RetryBudget())

    assert connection.proxy == proxy
    assert connection.server == "https://api.example.com/prefix"


UNUSABLE = {
    "a proxy that is none": (PortalAccess(proxy="ftp://proxy"), "proxy"),
    "certificates that are none": (PortalAccess(ca=b"no PEM"), "ca_cert"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_what_cannot_be_used(case: str) -> None:
    access, option = UNUSABLE[case]
    with pytest.raises(KeyringError) as caught:
        PortalConnection(URL, access, RetryBudget())

    assert caught.value.describe() == {"id": "invalid_option", "option": option, "namespace": None}


@pytest.mark.parametrize(
    "expected",
    [
        *("api.example.com", "https://api.example.com", "*.example.com", None, ""),
        *("https://api.example.com/prefix", "https://api.example.com/prefix/", "https://api.example.com/prefix/v2"),
        "https://api.example.com/v2",
    ],
)
def test_the_expected_portal(expected: str | None) -> None:
    check_expected_portal(URL, expected)


@pytest.mark.parametrize(
    "expected",
    [
        "example.com",
        "http://api.example.com",
        "api.example.com:8443",
        "ngapi.example.com",
        "https://api.example.com/other",
    ],
)
def test_another_portal(expected: str) -> None:
    with pytest.raises(KeyringError) as caught:
        check_expected_portal(URL, expected)

    assert caught.value.failure == "unexpected_server"
    assert "kubeconfig" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["http://api.example.com", "api.example.com", "https://", "https://a b", "https://u:p@h", "ftp://h", ""]
)
def test_a_url_that_gets_no_credentials(text: str) -> None:
    with pytest.raises(KeyringError) as caught:
        parse_portal_url(text, "account.url")

    assert caught.value.option == "account.url"


def test_a_url_keeps_its_path() -> None:
    assert ServerUrl("https", "api.example.com", 8443, "/a/b") == parse_portal_url(
        "https://api.example.com:8443/a/b/", ""
    )
