# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which credentials a task would write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.registries import parse_registries
from ansible_collections.keyring.kubernetes.plugins.module_utils._registry.written_entries import find_written_entries
from support.samples.secrets import docker_secret


def entry(password: str = "p-1", username: str = "octo") -> dict[str, str]:
    return {"username": username, "password": password}


def written(
    before: Mapping[str, Any] | None, after: Mapping[str, Any], *servers: str, images: Sequence[str] = ()
) -> list[tuple[str, str]]:
    """The servers and images of the entries that a task for these servers would write."""
    registries = parse_registries([{"server": server, **entry()} for server in servers], "always")
    stored = None if before is None else docker_secret({"auths": before})
    found = find_written_entries(stored, docker_secret({"auths": after}), registries, images)
    return [(item.server, item.image) for item in found]


HUB = "https://index.docker.io/v1/"


@pytest.mark.parametrize(
    ("before", "after", "servers"),
    [
        pytest.param(None, {"ghcr.io": entry()}, ["ghcr.io"], id="a new Secret"),
        pytest.param({}, {"ghcr.io": entry()}, ["ghcr.io"], id="a new entry"),
        pytest.param({"ghcr.io": entry("old")}, {"ghcr.io": entry()}, ["ghcr.io"], id="another password"),
        pytest.param({"ghcr.io": entry(username="old")}, {"ghcr.io": entry()}, ["ghcr.io"], id="another user"),
        pytest.param({"ghcr.io": []}, {"ghcr.io": entry()}, ["ghcr.io"], id="what cannot be read"),
        pytest.param({"ghcr.io": {"auth": "%"}}, {"ghcr.io": entry()}, ["ghcr.io"], id="an auth that is none"),
    ],
)
def test_new_credentials(before: Mapping[str, Any] | None, after: Mapping[str, Any], servers: list[str]) -> None:
    assert written(before, after, *servers) == [(server, "") for server in servers]


@pytest.mark.parametrize(
    ("before", "after", "servers"),
    [
        pytest.param({"ghcr.io": entry()}, {"ghcr.io": entry()}, ["ghcr.io"], id="the same"),
        pytest.param({"ghcr.io": {"auth": "b2N0bzpwLTE="}}, {"ghcr.io": entry()}, ["ghcr.io"], id="another form"),
        pytest.param({"https://ghcr.io/v2/": entry()}, {"ghcr.io": entry()}, ["ghcr.io"], id="another spelling"),
        pytest.param({}, {"quay.io": entry("new"), "ghcr.io": entry()}, [], id="what is not of the task"),
        pytest.param({"ghcr.io": entry()}, {"ghcr.io": {**entry(), "email": "a@b.c"}}, ["ghcr.io"], id="an e-mail"),
    ],
)
def test_credentials_that_are_stored_already(
    before: Mapping[str, Any], after: Mapping[str, Any], servers: list[str]
) -> None:
    assert written(before, after, *servers) == []


def test_an_entry_is_asked_for_the_images_that_it_is_tried_first_for() -> None:
    after = {"ghcr.io": entry(), "ghcr.io/acme/": entry("p-2"), HUB: entry(), "quay.io": entry("p-3")}
    images = ["ghcr.io/acme/app:1", "ghcr.io/other:1", "nginx", "ghcr.io/other:1"]
    servers = ["ghcr.io", "ghcr.io/acme/", HUB, "quay.io"]
    assert written(None, after, *servers, images=images) == [
        ("ghcr.io", "ghcr.io/other:1"),
        ("ghcr.io/acme/", "ghcr.io/acme/app:1"),
        (HUB, "nginx"),
        ("quay.io", ""),
    ]
    unchanged = {"ghcr.io/acme/": entry("p-2")}
    assert written(unchanged, after, "ghcr.io", images=["ghcr.io/acme/app:1"]) == [("ghcr.io", "")]
