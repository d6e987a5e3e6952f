# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which credentials the clients of registries find in what image_pull_secret writes, with their own libraries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from support.oracles.programs import ask_oracle
from support.oracles.pull_secrets import write_pull_secret

CONTROLLERS = "pull-secret"
BUILDERS = ("docker", "go-containerregistry", "podman")
CLIENTS = (CONTROLLERS, *BUILDERS)


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


def id_of(case: Case) -> str:
    return f"{case.server} for {case.image}"


def read(secret: Mapping[str, Any], client: str, image: str) -> dict[str, Any]:
    (answer,) = ask_oracle("registries", {"secret": secret, "as": client, "image": image})
    return answer


def write(format_: str, *servers: str) -> Mapping[str, Any]:
    registries = [
        {"server": server, "username": f"ada-{index}", "password": PASSWORD} for index, server in enumerate(servers)
    ]
    return write_pull_secret(format=format_, registries=registries)


def check(answer: Mapping[str, Any], *, is_found: bool) -> None:
    assert answer["read"] == (LOGIN if is_found else NOTHING), answer["error"]


@pytest.mark.parametrize("case", CASES, ids=id_of)
def test_controllers_find_the_login_in_a_pull_secret(case: Case) -> None:
    secret = write("pull_secret", "other.example.org", case.server)
    check(read(secret, CONTROLLERS, case.image), is_found=CONTROLLERS in case.found_by)


@pytest.mark.parametrize("client", BUILDERS)
@pytest.mark.parametrize("case", [case for case in CASES if "*" not in case.server], ids=id_of)
def test_builders_find_the_login_in_a_config_json(client: str, case: Case) -> None:
    """The module writes Docker Hub under the one name that all of them look up, and refuses patterns."""
    is_hub = case.server.endswith("docker.io")
    secret = write("config_json", "other.example.org", case.server)
    check(read(secret, client, case.image), is_found=is_hub or client in case.found_by)
