# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where registries are, and where credentials for them may be sent."""

from __future__ import annotations

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._registry.place import (
    RealmRefused,
    RegistryLocation,
    find_place,
    find_realm,
    find_registry,
    is_location,
)

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("image", "url"),
    [
        ("nginx", "https://registry-1.docker.io/v2/library/nginx/manifests/latest"),
        ("index.docker.io/acme/app:1", "https://registry-1.docker.io/v2/acme/app/manifests/1"),
        ("ghcr.io/acme/app:1.2", "https://ghcr.io/v2/acme/app/manifests/1.2"),
        (f"ghcr.io/acme/app:1.2@{DIGEST}", f"https://ghcr.io/v2/acme/app/manifests/{DIGEST}"),
        ("localhost:5000/app", "https://localhost:5000/v2/app/manifests/latest"),
        ("plain.example:5000/app:x", "http://plain.example:5000/v2/app/manifests/x"),
        ("plain.example/app", "https://plain.example/v2/app/manifests/latest"),
        ("[::1]:5000/app", "https://[::1]:5000/v2/app/manifests/latest"),
    ],
)
def test_places(image: str, url: str) -> None:
    assert find_place(image, ["Plain.example:5000"]).url == url


@pytest.mark.parametrize(
    ("server", "url"),
    [
        ("https://index.docker.io/v1/", "https://registry-1.docker.io/v2/"),
        ("docker.io", "https://registry-1.docker.io/v2/"),
        ("ghcr.io", "https://ghcr.io/v2/"),
        ("ghcr.io/acme/", "https://ghcr.io/v2/"),
        ("http://ghcr.io/v2/", "https://ghcr.io/v2/"),
        ("plain.example:5000/team/", "http://plain.example:5000/v2/"),
        ("[::1]:5000", "https://[::1]:5000/v2/"),
        ("*.example.com", None),
        ("registry*.example.com:5000", None),
    ],
)
def test_registries(server: str, url: str | None) -> None:
    place = find_registry(server, ["Plain.example:5000"])
    assert (place and place.url) == url


GHCR = RegistryLocation("ghcr.io", "acme/app", "1")
PLAIN = RegistryLocation("10.0.0.1:5000", "app", "1", plain=True)


@pytest.mark.parametrize(
    ("realm", "place", "more"),
    [
        pytest.param("https://ghcr.io/token", GHCR, [], id="its own host"),
        pytest.param("https://GHCR.io:443/token?account=x", GHCR, [], id="another port of it"),
        pytest.param("https://auth.docker.io/token", find_place("nginx"), [], id="Docker Hub"),
        pytest.param(
            "https://api.digitalocean.com/v2/registry/auth",
            find_place("registry.digitalocean.com/acme/app"),
            [],
            id="of a preset",
        ),
        pytest.param("https://gitlab.com/jwt/auth", find_place("registry.gitlab.com/a/b"), [], id="GitLab"),
        pytest.param("https://acme.azurecr.io/oauth2/token", find_place("acme.azurecr.io/a"), [], id="Azure"),
        pytest.param("https://eu-docker.pkg.dev/v2/token", find_place("eu-docker.pkg.dev/p/r/a"), [], id="Google"),
        pytest.param("https://quay.io/v2/auth", find_place("quay.io/a/b"), [], id="Quay"),
        pytest.param("https://auth.example.com/t", GHCR, ["Auth.example.com"], id="allowed"),
        pytest.param("https://auth.example.com:8443/t", GHCR, ["auth.example.com:8443"], id="allowed with its port"),
        pytest.param("http://10.0.0.1:5001/token", PLAIN, [], id="both plain"),
        pytest.param("https://10.0.0.1/token", PLAIN, [], id="better than the registry"),
    ],
)
def test_realms_that_get_credentials(realm: str, place: RegistryLocation, more: list[str]) -> None:
    assert find_realm(realm, place, more) == realm


FOREIGN = "It gives tokens at {}, which is not its own host; credentials go there only when verify_realms has it."
UNUSABLE = "It names no usable address of a token service."


@pytest.mark.parametrize(
    ("realm", "place", "more", "message"),
    [
        pytest.param("https://evil.example/token?x=s3cret", GHCR, [], FOREIGN.format("evil.example"), id="foreign"),
        pytest.param("https://ghcr.io.evil.example/", GHCR, [], FOREIGN.format("ghcr.io.evil.example"), id="like it"),
        pytest.param("https://x.ghcr.io/", GHCR, [], FOREIGN.format("x.ghcr.io"), id="below it"),
        pytest.param("https://auth.docker.io/token", GHCR, [], FOREIGN.format("auth.docker.io"), id="of another"),
        pytest.param(
            "https://auth.example.com:1/", GHCR, ["auth.example.com:2"], FOREIGN.format("auth.example.com:1"), id="port"
        ),
        pytest.param("https://10.0.0.2:5000/", PLAIN, [], FOREIGN.format("10.0.0.2:5000"), id="a neighbour"),
        pytest.param(
            "http://ghcr.io/token",
            GHCR,
            [],
            "It gives tokens at ghcr.io without TLS, and credentials do not go there.",
            id="plain",
        ),
        pytest.param("", GHCR, [], UNUSABLE, id="none"),
        pytest.param("/token", GHCR, [], UNUSABLE, id="a path"),
        pytest.param("ftp://ghcr.io/token", GHCR, [], UNUSABLE, id="another scheme"),
        pytest.param("https://ghcr.io@evil.example/", GHCR, [], UNUSABLE, id="a user"),
        pytest.param("https://evil.example\\@ghcr.io/", GHCR, [], UNUSABLE, id="a backslash"),
        pytest.param("https://evil.example#@ghcr.io/", GHCR, [], UNUSABLE, id="a fragment"),
        pytest.param("https://ghcr.io/a b", GHCR, [], UNUSABLE, id="a blank"),
        pytest.param("https://ghcr.io/a\r\nX: y", GHCR, [], UNUSABLE, id="a line end"),
        pytest.param("https://ghcr.io/" + "a" * 2000, GHCR, [], UNUSABLE, id="long"),
    ],
)
def test_realms_that_do_not(realm: str, place: RegistryLocation, more: list[str], message: str) -> None:
    with pytest.raises(RealmRefused) as refused:
        find_realm(realm, place, more)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("a.example", True),
        ("a.example:80", True),
        ("[::1]:80", True),
        ("https://a", False),
        ("a/b", False),
        ("", False),
    ],
)
def test_locations(text: str, answer: bool) -> None:
    assert is_location(text) is answer
