# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a registry asks for credentials."""

from __future__ import annotations

import time

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._registry.challenge import Challenge, parse_challenges

BEARER = 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"'


@pytest.mark.parametrize(
    ("headers", "challenges"),
    [
        pytest.param([], [], id="none"),
        pytest.param(["Basic"], [Challenge("basic", {})], id="a scheme alone"),
        pytest.param(['BASIC Realm = "a b"'], [Challenge("basic", {"realm": "a b"})], id="names in any case"),
        pytest.param(["Basic realm=plain"], [Challenge("basic", {"realm": "plain"})], id="without quotes"),
        pytest.param(
            [BEARER],
            [
                Challenge(
                    "bearer",
                    {
                        "realm": "https://auth.docker.io/token",
                        "service": "registry.docker.io",
                        "scope": "repository:a/b:pull,push",
                    },
                )
            ],
            id="a token",
        ),
        pytest.param(
            ['Negotiate, Bearer realm="x",service="y", Basic realm="z"'],
            [
                Challenge("negotiate", {}),
                Challenge("bearer", {"realm": "x", "service": "y"}),
                Challenge("basic", {"realm": "z"}),
            ],
            id="several in one header",
        ),
        pytest.param(
            ['Basic realm="a"', 'Bearer realm="b"'],
            [Challenge("basic", {"realm": "a"}), Challenge("bearer", {"realm": "b"})],
            id="several headers",
        ),
        pytest.param([r'Basic realm="a \"b\" \\"'], [Challenge("basic", {"realm": r'a "b" \ '[:-1]})], id="escapes"),
        pytest.param(['Bearer realm="a",realm="b"'], [Challenge("bearer", {"realm": "a"})], id="the first one counts"),
        pytest.param(
            ['Bearer realm="never closed'], [Challenge("bearer", {"realm": ""})], id="a quote that stays open"
        ),
        pytest.param(['realm="a"'], [], id="no scheme"),
        pytest.param(["\x00\xff"], [], id="nonsense"),
        pytest.param(["Basic realm=" + "x" * 9000], [], id="too long"),
    ],
)
def test_challenges(headers: list[str], challenges: list[Challenge]) -> None:
    assert parse_challenges(headers) == challenges


@pytest.mark.parametrize("unit", [" ", ",", "a", 'a="', "a=\\", "a ", 'a="\\', "="])
def test_no_header_takes_long(unit: str) -> None:
    begin = time.monotonic()
    parse_challenges([unit * (8192 // len(unit))])
    assert time.monotonic() - begin < 1
