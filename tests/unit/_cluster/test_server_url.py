# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the URL of an API server.

Where requests go is tested against kubectl, in tests/integration/cluster/test_as_kubectl.py.
"""

from __future__ import annotations

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.server_url import ServerUrl, parse_server
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
