# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets with the login of one registry: what may be seen of them, and which Secrets belong to a format."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.pull_formats import PULL_FORMATS
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.registries import parse_registries
from ansible_collections.keyring.kubernetes.plugins.module_utils._registry.written_entries import find_written_entries
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.names import EXPIRES_AT
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.plain_login import (
    PlacedLogin,
    PlainLoginView,
    find_misfit,
)
from support.samples.secrets import OUR_ANNOTATIONS, OUR_LABELS, encode, stored_secret

TOKEN = f"ghp_{'a1' * 18}"
LABEL = {"argocd.argoproj.io/secret-type": "repository"}
ARGOCD, KARGO, CONFIG = PULL_FORMATS["argocd_oci"], PULL_FORMATS["kargo_image"], PULL_FORMATS["config_json"]
LOGIN = {"username": "octo", "password": "s3cret!"}
APP = {"type": "oci", "url": "oci://ghcr.io/acme/app", **LOGIN}


def secret(data: dict[str, str], **metadata: Any) -> dict[str, Any]:
    return stored_secret({key: encode(value) for key, value in data.items()}, kind="Opaque", **metadata)


def view() -> PlainLoginView:
    assert ARGOCD.login
    return PlainLoginView(ARGOCD, ARGOCD.login)


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        pytest.param(APP, {"type": "oci", "url": "oci://ghcr.io/acme/app", "username": "octo"}, id="the public parts"),
        pytest.param({**APP, "username": TOKEN}, {"username": "<hidden>"}, id="a token as user name"),
        pytest.param({**APP, "username": "s3cret!"}, {"username": "<hidden>"}, id="the password as user name"),
        pytest.param({**APP, "name": "s3cret!"}, {"name": "<hidden>"}, id="the password as name"),
        pytest.param({**APP, "project": TOKEN}, {"project": "<hidden>"}, id="a token as project"),
        pytest.param({**APP, "name": "a@b?c#d"}, {"name": "a@b?c#d"}, id="a name is not cut like a URL"),
        pytest.param(
            {**APP, "url": "oci://octo:s3cret!@ghcr.io/a?x=1"}, {"url": "oci://ghcr.io/a"}, id="a user in the URL"
        ),
        pytest.param({**APP, "url": TOKEN}, {"url": "<hidden>"}, id="a token as URL"),
    ],
)
def test_only_public_parts_are_shown(data: dict[str, str], shown: dict[str, str]) -> None:
    described = view().describe(secret(data))["data"]
    assert {key: described[key] for key in shown} == shown
    assert repr(described["password"]) == "<hidden>"
    assert all("s3cret" not in str(value) for value in described.values())


@pytest.mark.parametrize("key", ["proxy", "extra", "sshPrivateKey"])
def test_everything_else_is_hidden(key: str) -> None:
    found = secret({**APP, key: "http://octo:pa55@proxy"})
    assert repr(view().describe(found)["data"][key]) == "<hidden>"
    assert {"http://octo:pa55@proxy", encode("http://octo:pa55@proxy"), "s3cret!"} <= set(view().secret_texts(found))
    assert "octo" not in view().secret_texts(found)


def test_the_registry_of_a_secret() -> None:
    dated = secret(APP, annotations={EXPIRES_AT: '{"ghcr.io": "2099-01-31T00:00:00Z"}'})
    registry = {"server": "ghcr.io/acme/app", "username": "octo", "email": None}
    assert view().list_registries(dated) == [{**registry, "expires_at": "2099-01-31T00:00:00Z"}]
    assert view().list_registries(secret(APP)) == [{**registry, "expires_at": None}]
    assert view().list_registries(secret(LOGIN)) == []


def place(url: str, server: str = "ghcr.io") -> PlacedLogin:
    assert ARGOCD.login
    registry = parse_registries([{"server": server, **LOGIN}], "always")[0]
    return PlacedLogin(ARGOCD, ARGOCD.login, registry, url, {})


@pytest.mark.parametrize(
    ("stored", "wanted", "server", "kept"),
    [
        ("oci://ghcr.io/acme/app", "oci://ghcr.io/acme/app", "ghcr.io", True),
        ("oci://ghcr.io/acme/app", "ghcr.io/acme", "ghcr.io", True),
        ("oci://ghcr.io/acme/app", "oci://quay.io/acme/app", "quay.io", False),
        ("oci://registry-1.docker.io/acme/app", "oci://docker.io/acme/app", "https://index.docker.io/v1/", True),
        ("", "oci://ghcr.io/acme/app", "ghcr.io", False),
    ],
)
def test_a_stored_login_counts_only_for_its_registry(stored: str, wanted: str, server: str, kept: bool) -> None:
    config = place(wanted, server).read(secret({**APP, "url": stored}))
    assert list(config["auths"]) == ([server] if kept else [])


def test_only_a_new_password_is_verified() -> None:
    placed = place("oci://ghcr.io/acme/app")
    after = secret(APP)

    def written(before: dict[str, Any] | None) -> list[str]:
        found = find_written_entries(before, after, [placed.registry], (), placed.read)
        return [f"{item.server} {item.username} {item.password}" for item in found]

    assert written(None) == written(secret({**APP, "password": "0ther!"})) == ["ghcr.io octo s3cret!"]
    assert written(after) == []


OURS = {"labels": OUR_LABELS, "annotations": OUR_ANNOTATIONS}


@pytest.mark.parametrize(
    ("row", "found", "fits"),
    [
        pytest.param(ARGOCD, secret(APP, labels=LABEL), True, id="with its label"),
        pytest.param(ARGOCD, secret(APP), False, id="without its label"),
        pytest.param(ARGOCD, secret(APP, **OURS), True, id="ours without its label"),
        pytest.param(ARGOCD, secret({**APP, "sshPrivateKey": "x"}, **OURS), False, id="ours with another credential"),
        pytest.param(KARGO, secret({}), True, id="empty"),
        pytest.param(CONFIG, secret(LOGIN), False, id="without the file"),
        pytest.param(CONFIG, secret({"config.json": "{", "x": "y"}), True, id="with a file that does not parse"),
    ],
)
def test_which_secrets_are_of_a_format(row: Any, found: dict[str, Any], fits: bool) -> None:
    assert (find_misfit(found, row) == "") is fits
