# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which server strings are one registry to the kubelet (pkg/credentialprovider/keyring.go).

Each expectation was also worked out with Go's net/url as the kubelet calls it.
"""

from __future__ import annotations

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.url_match import match_key


@pytest.mark.parametrize(
    ("server", "key"),
    [
        ("quay.io", "quay.io"),
        ("quay.io/", "quay.io"),
        ("https://quay.io", "quay.io"),
        ("http://quay.io", "quay.io"),
        ("https://quay.io/", "quay.io"),
        ("quay.io/v1/", "quay.io"),
        ("https://quay.io/v1/", "quay.io"),
        ("https://quay.io/v2/", "quay.io"),
        ("http://registry:5000/v2/", "registry:5000"),
        ("registry:5000", "registry:5000"),
        ("[::1]:5000/v1/", "[::1]:5000"),
        ("*.dkr.ecr.*.amazonaws.com", "*.dkr.ecr.*.amazonaws.com"),
        # The slash at the end is needed.
        ("https://quay.io/v1", "quay.io/v1"),
        ("quay.io/v2", "quay.io/v2"),
        ("quay.io/v3/", "quay.io/v3/"),
        # Paths.
        ("quay.io/foo", "quay.io/foo"),
        ("quay.io/foo/", "quay.io/foo/"),
        ("https://quay.io/v2/foo", "quay.io/foo"),
        ("quay.io/v1/foo/bar/", "quay.io/foo/bar/"),
        ("quay.io/v1/v2/foo", "quay.io/v2/foo"),
        ("quay.io//", "quay.io//"),
        ("quay.io/foo/v2/", "quay.io/foo/v2/"),
        # The rest is lost.
        ("user@quay.io", "quay.io"),
        ("https://user:pass@quay.io/foo", "quay.io/foo"),
        ("a@b@quay.io", "quay.io"),
        ("@quay.io", "quay.io"),
        ("quay.io?x=1", "quay.io"),
        ("quay.io/?x=1", "quay.io"),
        ("quay.io/foo?x#y", "quay.io/foo"),
        ("quay.io/foo#y?x", "quay.io/foo"),
        # Case counts, also in the scheme, of which only one is dropped.
        ("QUAY.io", "QUAY.io"),
        ("HTTPS://quay.io", "HTTPS://quay.io"),
        ("oci://quay.io", "oci://quay.io"),
        ("http://https://quay.io", "https://quay.io"),
        ("https://http://quay.io", "http://quay.io"),
        # Percent escapes are decoded, also those of a slash.
        ("quay.io/%66oo", "quay.io/foo"),
        ("quay.io/v1%2Ffoo", "quay.io/foo"),
        ("quay.io/%2566oo", "quay.io/%66oo"),
        ("quay.io/%C3%BC", "quay.io/\u00fc"),
        ("quay.io/%FF", "quay.io/\udcff"),
        # Half a surrogate pair is the replacement character to Go.
        ("quay.io/\ud800", "quay.io/\ufffd"),
        # What is no URL stands for itself.
        ("u ser@quay.io", "u ser@quay.io"),
        ("quay.io/%zz", "quay.io/%zz"),
        ("https://quay.io:port", "https://quay.io:port"),
        ("a:b:c", "a:b:c"),
        ("[quay.io]", "[quay.io]"),
        ("", ""),
        ("/", ""),
        ("https://", ""),
    ],
)
def test_match_key(server: str, key: str) -> None:
    assert match_key(server) == key


@pytest.mark.parametrize(
    ("servers", "key"),
    [
        pytest.param(
            [
                "https://index.docker.io/v1/",
                "index.docker.io/v1/",
                "index.docker.io",
                "index.docker.io/",
                "https://index.docker.io",
                "https://index.docker.io/v2/",
            ],
            "index.docker.io",
            id="index.docker.io",
        ),
        pytest.param(["docker.io", "https://docker.io", "docker.io/", "docker.io/v1/"], "docker.io", id="docker.io"),
        pytest.param(["docker.io/library"], "docker.io/library", id="docker.io/library"),
    ],
)
def test_the_keys_of_docker_hub(servers: list[str], key: str) -> None:
    assert {match_key(server) for server in servers} == {key}
