# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client for registries before anything is sent: certificates that it cannot use, and servers that cannot be.

What it sends and what it makes of answers is in tests/integration/modules/test_verify.py.
"""

from __future__ import annotations

from contextlib import closing

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._registry.client import (
    Deadline,
    NoResponse,
    RegistryClient,
    Trust,
)
from support.control_plane import pki

BROKEN = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize("ca", [b"", b"no certificate", b"\xff", BROKEN], ids=["empty", "text", "binary", "broken"])
def test_refuses_a_file_without_a_certificate(ca: bytes) -> None:
    with pytest.raises(KeyringError, match=r"^verify_ca_cert has no certificate that can be used\.") as error:
        RegistryClient(Trust(ca))
    assert dict(error.value.describe()) == {"id": "invalid_option", "option": "verify_ca_cert", "namespace": None}


def test_takes_a_certificate_with_text_around_it() -> None:
    RegistryClient(Trust("The CA of the registry, Zürich\n".encode() + pki.make_authority("ca").certificate)).close()


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("http://registry.example.com:99999/v2/", "its name cannot be resolved"),
        (f"http://{'a' * 64}.example.com/v2/", "its name cannot be resolved"),
        ("http://[::1/v2/", "its name cannot be resolved"),
        ("http://127.0.0.1:1/v2/", "connection refused"),
        ("https://127.0.0.1:1/v2/", "connection refused"),
    ],
)
def test_says_why_no_response_came(url: str, text: str) -> None:
    with closing(RegistryClient(Trust())) as client, pytest.raises(NoResponse) as error:
        client.send("HEAD", url, {}, Deadline(10))
    assert (str(error.value), error.value.strange) == (text, False)
