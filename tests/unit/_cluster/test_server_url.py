# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the URL of an API server, and what expect_server takes.

Where requests go is tested against kubectl, in tests/integration/cluster/test_as_kubectl.py.
"""

from __future__ import annotations

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.server_url import (
    ServerUrl,
    check_expected,
    parse_server,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError

EXAMPLE = "Write it like https://cluster.example.com:6443."
NO_HOST = f"host is not a URL. Its host is missing, or has characters that a host name cannot have. {EXAMPLE}"


def parse(text: str) -> ServerUrl:
    return parse_server(text, "host", failure="invalid_option", option="host")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("10.0.0.1:6443", "host must begin with https://. Write https://10.0.0.1:6443."),
        ("cluster.example.com", "host must begin with https://. Write https://cluster.example.com."),
        ("s3cret", f"host must begin with https://. {EXAMPLE}"),
        ("/var/run/s3cret", f"host must begin with https://. {EXAMPLE}"),
        ("", f"host must begin with https://. {EXAMPLE}"),
        ("ftp://a", f"host must begin with https://. It begins with ftp://. {EXAMPLE}"),
        ("https:/a", f"host must begin with https://. {EXAMPLE}"),
        (
            "https://::1:6443",
            "host has an IPv6 address without brackets. A colon separates the host from the port, so the address must "
            "be in brackets. Write it like https://[2001:db8::1]:6443.",
        ),
        (
            "https://fe80::1",
            "host has an IPv6 address without brackets. A colon separates the host from the port, so the address must "
            "be in brackets. Write it like https://[2001:db8::1]:6443.",
        ),
        (
            "https://ada:s3cret@a",
            "host must not contain a user name or password. A URL is shown in results and messages. "
            "Remove everything up to the @, and give the credentials separately.",
        ),
        ("https://a:65536", f"host has a port that does not exist. Ports are numbers from 1 to 65535. {EXAMPLE}"),
        (
            f"https://a:{'9' * 5000}",
            f"host has a port that does not exist. Ports are numbers from 1 to 65535. {EXAMPLE}",
        ),
        ("https://a:0", f"host has a port that does not exist. Ports are numbers from 1 to 65535. {EXAMPLE}"),
        ("https://a:s3cret", f"host is not a URL. {EXAMPLE}"),
        ("https://a b", f"host is not a URL. {EXAMPLE}"),
        ("https://a/%zz", f"host is not a URL. {EXAMPLE}"),
        ("https://a\n", f"host is not a URL. {EXAMPLE}"),
        ("https://", NO_HOST),
        ("https:///path", NO_HOST),
        ("https://:6443", NO_HOST),
        ("https://a,b", NO_HOST),
        ("https://cl\u00fcster", NO_HOST),
        ("https://[::g]", f"host is not a URL. {EXAMPLE}"),
    ],
)
def test_what_is_wrong_is_said_and_not_quoted(text: str, message: str) -> None:
    with pytest.raises(KeyringError) as caught:
        parse(text)

    assert str(caught.value) == message
    assert (caught.value.failure, caught.value.option) == ("invalid_option", "host")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://a", "https://a"),
        ("https://a/", "https://a"),
        ("https://a:6443/k8s/clusters/c-1/", "https://a:6443/k8s/clusters/c-1"),
        ("https://a?x=s3cret#s3cret", "https://a"),
        ("HTTPS://A", "https://A"),
        ("https://[::1]:6443", "https://[::1]:6443"),
        ("https://a:", "https://a"),
    ],
)
def test_how_a_server_is_shown(text: str, shown: str) -> None:
    assert str(parse(text)) == shown


RANCHER = "https://rancher.example.com/k8s/clusters/c-1"


@pytest.mark.parametrize(
    ("server", "expected", "outcome"),
    [
        ("https://a:6443", None, "passes"),
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
def test_the_expected_server(server: str, expected: str | None, outcome: str) -> None:
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
