# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which credentials an image gets; the same facts are asked of the kubelet's own code in the integration tests."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.images import normalise_image
from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.keyring import (
    Credential,
    Lookup,
    Refusal,
    lookup,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.url_match import label_matches
from support.kubelet.facts import ADA, AUTHS, MATCHES, NAMES, ORDERS, READ, REFUSED, pull_secret, secret


def test_the_answer() -> None:
    secrets = [pull_secret(), pull_secret(**{"https://ghcr.io/v2/org": {**ADA, "email": "ada@example.com"}})]
    found = Credential("ada", "lace", "ada@example.com", 1, "https://ghcr.io/v2/org", "ghcr.io/org")
    assert lookup(secrets, "ghcr.io/org/app:1") == Lookup("ghcr.io/org/app", (found,))


def test_no_secret_is_in_a_representation() -> None:
    text = repr(lookup([pull_secret(**{"ghcr.io": ADA})], "ghcr.io/a"))
    assert "ghcr.io" in text
    assert "lace" not in text


@pytest.mark.parametrize(("server", "image", "matched"), MATCHES)
def test_matches(server: str, image: str, matched: bool) -> None:
    assert bool(lookup([pull_secret(**{server: ADA})], image).credentials) == matched


@pytest.mark.parametrize(("image", "name"), NAMES)
def test_names(image: str, name: str | None) -> None:
    assert normalise_image(image) == name
    assert lookup([], image) == Lookup(name)


@pytest.mark.parametrize(("entry", "expected"), AUTHS)
def test_credentials(entry: str, expected: tuple[str, str]) -> None:
    (found,) = lookup([secret(f'{{"auths": {{"a.io": {entry}}}}}')], "a.io/b").credentials
    assert (found.username, found.password) == expected


@pytest.mark.parametrize(("text", "expected"), [pytest.param(*row, id=str(row[0])[:40]) for row in REFUSED])
def test_refusals(text: str | bytes, expected: tuple[str, str | None, str | None]) -> None:
    found = lookup([pull_secret(**{"a.io": ADA}), secret(text)], "a.io/b")
    refusal = found.refusal
    assert refusal
    assert (refusal.secret, refusal.reason, refusal.server, refusal.field) == (1, *expected)
    assert found.credentials == ()


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("x", Refusal(0, "not_json", "it is not JSON")),
        ("1", Refusal(0, "wrong_type", "it is not a JSON object")),
        ('{"auths": 1}', Refusal(0, "wrong_type", "it is not an object of the expected shape", None, "auths")),
        ('{"auths": {"a": 1}}', Refusal(0, "wrong_type", "it is not an object", "a")),
        ('{"auths": {"a": {"email": 1}}}', Refusal(0, "wrong_type", "it is not a string", "a", "email")),
        ('{"auths": {"a": {"auth": "!"}}}', Refusal(0, "not_base64", "it is not base64", "a", "auth")),
        (
            '{"auths": {"a": {"auth": "_zr-"}}}',
            Refusal(0, "not_base64", "it is URL-safe base64, and only standard base64 is read", "a", "auth"),
        ),
        (
            '{"auths": {"a": {"auth": "cGFudHM="}}}',
            Refusal(0, "no_colon", "its decoded text has no colon between user and password", "a", "auth"),
        ),
    ],
)
def test_why(text: str, refusal: Refusal) -> None:
    assert lookup([secret(text)], "a").refusal == refusal


@pytest.mark.parametrize(("text", "servers"), [pytest.param(*row, id=str(row[0])[:40]) for row in READ])
def test_what_is_read(text: str | bytes, servers: list[str]) -> None:
    found = [lookup([secret(text)], f"{server}/x") for server in ("b.io", "a.io")]
    assert [credential.server for each in found for credential in each.credentials] == servers
    assert not any(each.refusal for each in found)


@pytest.mark.parametrize(("secrets", "image", "users"), ORDERS)
def test_order(secrets: list[dict[str, Any]], image: str, users: list[str]) -> None:
    assert [credential.username for credential in lookup(secrets, image).credentials] == users


# There is no clock in these tests: what takes more than quadratic time would never come to an end.
@pytest.mark.parametrize("piece", ["*a", "*", "a*", "a.*", "%2a", "[", "]", "@", "/", ":", "::", "%25"])
def test_hostile_servers(piece: str) -> None:
    server = piece * 100_000
    assert not lookup([pull_secret(**{server: ADA})], "ghcr.io/a").credentials


def test_hostile_patterns() -> None:
    assert not label_matches(b"*a" * 2000 + b"b", b"a" * 5000)


@pytest.mark.parametrize("piece", ["a", "a.", "a-", "a--", "a_", "a__", "a/", "A.", "a:", ":", "[", "@", "1"])
def test_hostile_images(piece: str) -> None:
    assert normalise_image("ghcr.io/" + piece * 50_000 + "!") is None
    assert normalise_image(piece * 50_000 + "!/a") is None


@pytest.mark.parametrize("piece", ["{", "[", '"', '{"a":', "\\", '"\\u', "1", "1,", " "])
def test_hostile_configs(piece: str) -> None:
    assert lookup([secret(piece * 50_000 + "!")], "a").refusal
