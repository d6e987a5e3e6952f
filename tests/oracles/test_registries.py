# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which credentials the clients of registries find in what image_pull_secret writes, with their own libraries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.registries import parse_registries
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.pull_secret import merge_pull_secret
from support.oracles.programs import ask_oracle
from support.samples.secrets import stored_secret

CLIENTS = ("pull-secret", "docker", "go-containerregistry", "podman")


class Case(NamedTuple):
    """A server as users write it, an image, and the clients that find the login; the kubelet finds all of them."""

    server: str
    image: str
    found_by: tuple[str, ...] = CLIENTS


CASES = (
    Case("ghcr.io", "ghcr.io/acme/app:1"),
    Case("https://index.docker.io/v1/", "acme/app"),
    Case("https://index.docker.io/v1/", "docker.io/acme/app"),
    Case("registry.example.com:5000", "registry.example.com:5000/team/app"),
    Case("https://quay.io", "quay.io/acme/app"),
    Case("registry.example.com/team", "registry.example.com/team/app"),
    # That is why the documentation says how to write Docker Hub, and what is for the kubelet alone.
    Case("docker.io", "acme/app", ("podman",)),
    Case("index.docker.io", "acme/app", ("pull-secret", "podman")),
    Case("*.example.com", "eu.example.com/app", ("pull-secret",)),
    Case(
        "registry.example.com/team/", "registry.example.com/team/app", ("pull-secret", "docker", "go-containerregistry")
    ),
)
PASSWORD = "s3c:r/t@é"
LOGIN = {"username": "ada-1", "password": PASSWORD, "token": ""}
NOTHING = {"username": "", "password": "", "token": ""}


def read(secret: Mapping[str, Any], client: str, image: str) -> dict[str, Any]:
    (answer,) = ask_oracle("registries", {"secret": secret, "as": client, "image": image})
    return answer


def pull_secret(*servers: str) -> dict[str, Any]:
    given = [
        {"server": server, "username": f"ada-{index}", "password": PASSWORD} for index, server in enumerate(servers)
    ]
    registries = parse_registries(given, "always")
    payload = merge_pull_secret(None, registries, purge=False, update="always")
    return stored_secret({key: text for key, text in payload.data.items() if text})


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.server} for {case.image}")
def test_controllers_find_the_login_in_a_pull_secret(case: Case) -> None:
    answer = read(pull_secret("other.example.org", case.server), "pull-secret", case.image)
    expected = LOGIN if "pull-secret" in case.found_by else NOTHING
    assert answer["read"] == expected
    assert bool(answer["error"]) is (expected == NOTHING)
