# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a connection sends to prove who it is, before any request."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.connection import open_connection
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.settings import resolve_settings

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
    settings = resolve_settings(_with_folder(params, str(tmp_path)), {})
    with closing(open_connection(settings)) as connection:
        assert connection.authorization() == authorization


def _with_folder(value: Any, folder: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _with_folder(item, folder) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_folder(item, folder) for item in value]
    return value.replace("{folder}", folder)
