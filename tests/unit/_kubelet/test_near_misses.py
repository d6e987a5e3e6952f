# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What nearly serves an image, and the words for it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._kubelet.near_misses import NearMiss, near_misses
from support.kubelet.facts import ADA, LEGACY_KEY, LEGACY_TYPE, MATCHES, TYPE, pull_secret, secret

ON_HUB = 'The image names no registry, so it is looked up as "docker.io/{}".'
HUB = 'Write "https://index.docker.io/v1/".'


@pytest.mark.parametrize(
    ("server", "image", "expected"),
    [
        ("https://index.docker.io/v1", "nginx", {
            "final_slash": "It lacks the final slash, so no image matches it. " + HUB,
        }),
        ("registry:5000/v2", "registry:5000/app", {
            "final_slash": "It lacks the final slash, so no image matches it. "
            'Write "registry:5000/v2/".',
        }),
        ("ghcr.io/acme", "ghcr.io/other/app:1", {
            "path_other": '"ghcr.io/acme" serves only "ghcr.io/acme…", and the image is "ghcr.io/other/app".',
        }),
        ("https://r:5000/v2/team-a/", "r:5000/team/app", {
            "path_other": '"r:5000/team-a/" serves only "r:5000/team-a/…", and the image is "r:5000/team/app".',
        }),
        ("r.io/team/app/", "r.io/team/app", {
            "path_end": 'The final slash makes "/team/app/" serve only what lies below it, and the image is '
            '"/team/app" itself.',
        }),
        ("r.io/Team", "r.io/team/app", {
            "path_case": 'Paths are compared with case: the entry has "/Team", the image "/team/app".',
        }),
        ("r.io/team/app:1", "r.io/team/app:1", {
            "path_image": 'A server has no tag: no image has "/team/app:1" in its name.',
        }),
        ("r.io/*/app", "r.io/team/app", {
            "path_pattern": 'A path is compared as it is: "*" in "/*/app" is no pattern.',
        }),
        ("r.io", "r.io:5000/a", {
            "port_missing": 'Port 5000 is missing: the entry is for "r.io", the image is in "r.io:5000".',
        }),
        ("https://r.io:443", "r.io/a", {
            "port_extra": "The entry is for port 443, and the image names no port; not even 443 is the same as none.",
        }),
        ("r.io:5000", "r.io:5001/a", {"port_other": "The entry is for port 5000, the image is at port 5001."}),
        ("r.io:*", "r.io:5000/a", {
            "port_pattern": 'A port is compared as it is: ":*" is no pattern, and the entry is ignored.',
        }),
        ("GHCR.io", "ghcr.io/a", {
            "host_case": 'Hosts are compared with case: the entry has "GHCR.io", the image "ghcr.io".',
        }),
        ("*.amazonaws.com", "1.dkr.ecr.eu.amazonaws.com/a", {
            "host_star": 'A "*" stands for one part of a host: "*.amazonaws.com" has not as many parts as '
            '"1.dkr.ecr.eu.amazonaws.com".',
        }),
        ("example.com", "registry.example.com/a", {
            "host_parts": 'An entry serves no subdomains: the entry is for "example.com", the image is in '
            '"registry.example.com".',
        }),
        *(
            (server, "ghcr.io/a", {
                "host_pattern": 'Of patterns only "*" is usable in a host: "?" begins a query, and with a bracket, a '
                "brace or a backslash the kubelet cannot read the server.",
            })
            for server in ("gh?r.io", "https://gh[a-c]r.io/v1/")
        ),
        ("[::1]", "[::1]/a", {
            "ipv6": 'Without a port "[::1]" is read as a pattern for one letter, and no image at that address matches '
            "it.",
        }),
        *(
            (f"{scheme}r.io", "r.io/a", {
                "scheme": f'A server that starts with "{scheme}" never matches an image.',
            })
            for scheme in ("oci://", "docker://", "HTTPS://")
        ),
        *(
            (server, "r.io/a", {
                "blank": "The server has whitespace or a newline, so it never matches an image.",
            })
            for server in (" r.io", "r.io\n", "u:s3 cret@r.io", "r.io/ ")
        ),
        ("r.io/%zz", "r.io/a", {
            "unreadable": 'The kubelet cannot read "r.io/%zz" as a URL, and ignores the entry.',
        }),
        ("ada:s3{cret@r.io", "r.io/a", {
            "unreadable": 'The kubelet cannot read "r.io" as a URL, and ignores the entry.',
        }),
        ("hub.docker.com", "org/app", {
            "hub_name": f'No image of Docker Hub is looked up under "hub.docker.com". {HUB}',
        }),
        ("https://registry-1.docker.io/v2/", "docker.io/org/app", {
            "hub_name": f'No image of Docker Hub is looked up under "registry-1.docker.io". {HUB}',
        }),
        ("index.docker.io/org", "org/app", {
            "hub_alias": 'Images of Docker Hub are looked up as "docker.io/…", and this server is no key for '
            f"them. {HUB}",
        }),
        ("org", "org/app", {
            "hub_path": 'The first part of a server is a host, and "org" is a name on Docker Hub. Write '
            '"https://index.docker.io/v1/", or "docker.io/org/" for that name alone.',
        }),
        ("https://R.io/v1", "r.io:5000/a", {
            "host_case": 'Hosts are compared with case: the entry has "R.io", the image "r.io".',
            "port_missing": 'Port 5000 is missing: the entry is for "R.io", the image is in "r.io:5000".',
            "final_slash": "It lacks the final slash, so no image matches it. "
            'Write "https://R.io/v1/".',
        }),
        ("https://ada:s3/c?r#et@GHCR.io", "ghcr.io/a", {
            "unreadable": 'The kubelet cannot read "https://GHCR.io" as a URL, and ignores the entry.',
        }),
        # Another registry.
        ("quay.io", "ghcr.io/a", {}),
        ("cr.io", "ghcr.io/a", {}),
        ("*.io", "ghcr.dev/a", {}),
        # No image.
        ("GHCR.io", "ghcr.io/A", {}),
    ],
)  # fmt: skip
def test_servers(server: str, image: str, expected: dict[str, str]) -> None:
    found = near_misses([pull_secret(), pull_secret(**{server: ADA})][1:], image)
    assert found == [NearMiss(row, sentence, 0, server) for row, sentence in expected.items()]


@pytest.mark.parametrize(("server", "image", "matched"), MATCHES)
def test_what_serves_an_image_does_not_nearly(server: str, image: str, matched: bool) -> None:
    found = near_misses([pull_secret(**{server: ADA})], image)
    assert not (matched and found)


@pytest.mark.parametrize(
    ("image", "name"), [("nginx", "library/nginx"), ("team/app:1", "team/app"), ("registry/app", "registry/app")]
)
def test_an_image_without_a_registry(image: str, name: str) -> None:
    assert near_misses([pull_secret(**{"quay.io": ADA})], image) == [NearMiss("image_registry", ON_HUB.format(name))]


STORE = "Its credentials are in a credential store of the machine where the login was made (credsStore, credHelpers)."


def config(**members: Any) -> dict[str, Any]:
    return secret(json.dumps(members))


@pytest.mark.parametrize(
    ("given", "row", "sentence"),
    [
        (
            {"type": "Opaque", "data": {}},
            "secret_type",
            'The Secret has the type "Opaque", and is skipped: for pulling images it must be of type '
            "kubernetes.io/dockerconfigjson.",
        ),
        (
            secret("{}", TYPE, LEGACY_KEY),
            "secret_key",
            'The Secret has no ".dockerconfigjson", the key of its type "kubernetes.io/dockerconfigjson", and is '
            "skipped.",
        ),
        (secret("", LEGACY_TYPE, LEGACY_KEY), "secret_empty",
         'The ".dockercfg" of the Secret is empty, and it is skipped.'),
        (config(auths={}), "no_entries", 'The docker config has no entries under "auths".'),
        (config(credsStore="desktop"), "credential_store", STORE),
        (config(auths={}, credHelpers={"r.io": "x"}), "credential_store", STORE),
    ],
)  # fmt: skip
def test_secrets_that_are_skipped(given: dict[str, Any], row: str, sentence: str) -> None:
    assert near_misses([pull_secret(**{"a.io": ADA}), given], "r.io/a") == [NearMiss(row, sentence, 1)]


NOTHING = "The entry has neither auth nor username and password."


@pytest.mark.parametrize(
    ("entry", "members", "row", "sentence"),
    [
        *(
            (
                {name: "s3cret"},
                {},
                "login_token",
                "The entry has only the token of a login session (identitytoken), which no kubelet uses.",
            )
            for name in ("identitytoken", "registrytoken", "IdentityToken")
        ),
        ({}, {"credsStore": "desktop"}, "credential_store", STORE),
        (
            {"username": "ada"},
            {},
            "no_password",
            "The entry has no password. The user name alone is not sent to the registry.",
        ),
        (
            {"password": "s3cret"},
            {},
            "no_username",
            "The entry has no user name. The password alone is not sent to the registry.",
        ),
        ({}, {}, "no_credentials", NOTHING),
        (None, {}, "no_credentials", NOTHING),
        ({"auth": base64.b64encode(b":").decode()}, {}, "no_credentials", NOTHING),
    ],
)
def test_entries_without_credentials(entry: object, members: dict[str, Any], row: str, sentence: str) -> None:
    found = near_misses([config(auths={"r.io": entry}, **members)], "r.io/a")
    assert found == [NearMiss(row, sentence, 0, "r.io")]


def test_no_near_miss_of_a_pod_that_is_refused() -> None:
    assert near_misses([pull_secret(**{"R.io": ADA}), secret("{")], "r.io/a") == []


# There is no clock in this test: what takes more than quadratic time would never come to an end.
@pytest.mark.parametrize("piece", ["*a", "a.", "*.", "[", "?", "@", "/", ":", " ", "%"])
def test_hostile_servers(piece: str) -> None:
    near_misses([pull_secret(**{piece * 50_000: ADA})], "aaaaaaaaaaaaaaaaaaaaaaaaa.a.a.a.a/b")
