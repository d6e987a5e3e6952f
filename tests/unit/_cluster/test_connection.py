# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a connection sends to prove who it is, before any request, and what is to blame where it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.connection import open_connection
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.settings import (
    ConnectionOptions,
    resolve_settings,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from support.control_plane import pki

SERVER = "https://k8s.example.com"


def kubeconfig(**user: str) -> dict[str, Any]:
    return {
        "clusters": [{"name": "a", "cluster": {"server": SERVER}}],
        "users": [{"name": "a", "user": user}],
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "current-context": "a",
    }


@pytest.mark.parametrize(
    ("params", "authorization"),
    [
        pytest.param({"kubeconfig": kubeconfig()}, None, id="none"),
        pytest.param({"kubeconfig": kubeconfig(token="t0ken")}, "Bearer t0ken", id="token"),
        pytest.param({"kubeconfig": kubeconfig(tokenFile="{folder}/bare")}, "Bearer t0ken", id="token in a file"),
        pytest.param({"kubeconfig": kubeconfig(tokenFile="{folder}/line")}, "Bearer t0ken", id="with its line end"),
        pytest.param({"host": SERVER, "api_key": "t0ken"}, "Bearer t0ken", id="api_key"),
        pytest.param({"host": SERVER, "api_key": "t0ken\n"}, "Bearer t0ken", id="api_key with its line end"),
        pytest.param({"host": SERVER, "username": "a", "password": "b\n"}, "Basic YTpiCg==", id="user and password"),
    ],
)
def test_the_header_that_proves_who_we_are(
    params: Mapping[str, Any], authorization: str | None, tmp_path: Path
) -> None:
    (tmp_path / "bare").write_text("t0ken")
    (tmp_path / "line").write_text("t0ken\n")
    settings = resolve_settings(ConnectionOptions(**_with_folder(params, str(tmp_path))), {})
    with closing(open_connection(settings)) as connection:
        assert connection.authorization() == authorization


def _with_folder(value: Any, folder: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _with_folder(item, folder) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_folder(item, folder) for item in value]
    return value.replace("{folder}", folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with certificates and keys, good and bad ones."""
    path = tmp_path_factory.mktemp("files")
    authority = pki.make_authority("ca")
    ada, bea = (pki.issue_client(authority, name) for name in ("ada", "bea"))
    key = serialization.load_pem_private_key(bea.key, None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"x"),
    )
    files = {
        "ca": authority.certificate,
        "ada.crt": ada.certificate,
        "ada.key": ada.key,
        "bea.key": bea.key,
        "locked.key": locked,
        "text": b"no certificate",
        "broken": b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "empty": b"",
    }
    for name, content in files.items():
        (path / name).write_bytes(content)
    return str(path)


KUBECONFIG = kubeconfig(token="t0ken")
ADA: Mapping[str, Any] = {"client_cert": "{folder}/ada.crt", "client_key": "{folder}/ada.key"}

# Options that cannot be used, alone and over a kubeconfig that could: which option is to blame.
BLAMED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "ca_cert without a certificate": ({"ca_cert": "{folder}/text"}, "ca_cert"),
    "ca_cert that does not parse": ({"ca_cert": "{folder}/broken"}, "ca_cert"),
    "ca_cert that is empty": ({"ca_cert": "{folder}/empty"}, "ca_cert"),
    "client_cert without a certificate": ({**ADA, "client_cert": "{folder}/text"}, "client_cert"),
    "client_cert that is empty": ({**ADA, "client_cert": "{folder}/empty"}, "client_cert"),
    "client_key that is empty": ({**ADA, "client_key": "{folder}/empty"}, "client_cert"),
    "client_key of another certificate": ({**ADA, "client_key": "{folder}/bea.key"}, "client_cert"),
    "client_key with a passphrase": ({**ADA, "client_key": "{folder}/locked.key"}, "client_key"),
    "api_key": ({"api_key": "two words"}, "api_key"),
    "impersonate_user": ({"impersonate_user": "a\nb"}, "impersonate_user"),
    "impersonate_groups": ({"impersonate_user": "a", "impersonate_groups": ["b", "c\0"]}, "impersonate_groups[1]"),
    "impersonate_groups alone": ({"impersonate_groups": ["b"]}, "impersonate_groups"),
    "proxy": ({"proxy": "ftp://proxy.example.com"}, "proxy"),
    "host": ({"host": "https://a b"}, "host"),
}


@pytest.mark.parametrize(
    "beside", [{"host": SERVER, "api_key": "t0ken"}, {"kubeconfig": KUBECONFIG}], ids=["alone", "over a kubeconfig"]
)
@pytest.mark.parametrize("name", BLAMED)
def test_an_option_that_cannot_be_used_is_to_blame(name: str, beside: Mapping[str, Any], folder: str) -> None:
    options, option = BLAMED[name]
    settings = resolve_settings(ConnectionOptions(**_with_folder({**beside, **options}, folder)), {})
    with pytest.raises(KeyringError) as error:
        open_connection(settings)
    assert dict(error.value.describe()) == {"id": "invalid_option", "option": option, "namespace": None}
    assert "kubeconfig of" not in str(error.value)
