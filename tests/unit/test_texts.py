# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists and mappings where a text belongs are named by their place, and never shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.execute import Context
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.gitsync_secret import CODE as GIT
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.image_pull_secret import CODE as PULL
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.scrub import Scrubber
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.texts import refuse_structures
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.direct import run_direct

SECRET = "s3cret-token"
TYPED = "an0ther-of-a-wrong-type"
GOOD = {"server": "ghcr.io", "username": "octo", "password": SECRET}
LIST = "must be a text; it is a list. Give the one item that is meant, without brackets."
MAPPING = (
    "must be a text; it is a mapping. A template in which there is JSON alone makes a mapping of it in some versions "
    "of Ansible. Check the variable behind it; for JSON let the template end with | string."
)


def registry(**changes: Any) -> dict[str, Any]:
    return {"name": "registry", "registries": [GOOD, {**GOOD, "server": "quay.io", **changes}]}


REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "password in a list": (registry(password=[SECRET]), f"registries[1].password {LIST}"),
    "password in a list in a list": (registry(password=[[SECRET]]), f"registries[1].password {LIST}"),
    "empty list": (registry(password=[]), f"registries[1].password {LIST}"),
    "password in a mapping": (registry(password={"value": SECRET}), f"registries[1].password {MAPPING}"),
    "username in a list": (registry(username=[SECRET]), f"registries[1].username {LIST}"),
    "server in a mapping": (registry(server={"a": SECRET}), f"registries[1].server {MAPPING}"),
    "item as JSON": (
        {"registries": [GOOD, json.dumps({**GOOD, "password": [SECRET]})]},
        f"registries[1].password {LIST}",
    ),
    "one item as JSON": ({"registries": json.dumps({"password": [SECRET]})}, f"registries[0].password {LIST}"),
    "name": ({"name": [SECRET], "registries": [GOOD]}, f"name {LIST}"),
    "of the connection": ({"api_key": [SECRET], "registries": [GOOD]}, f"api_key {LIST}"),
    "where to copy from": ({"credentials_from": {"name": {"a": SECRET}}}, f"credentials_from.name {MAPPING}"),
}

REFUSED_OF_GIT: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "key in a list": ({"ssh": {"private_key": [SECRET]}}, f"ssh.private_key {LIST}"),
    "password in a mapping": ({"https": {"password": {"a": SECRET}}}, f"https.password {MAPPING}"),
    "as pairs": ({"https": json.dumps({"password": [SECRET]})}, f"https.password {LIST}"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_list_or_mapping_is_no_text(case: str) -> None:
    arguments, message = REFUSED[case]
    with pytest.raises(KeyringError) as caught:
        refuse_structures(arguments, PULL.options, Scrubber())

    assert str(caught.value) == message


@pytest.mark.parametrize("case", REFUSED_OF_GIT)
def test_a_list_or_mapping_is_no_git_credential(case: str) -> None:
    arguments, message = REFUSED_OF_GIT[case]
    with pytest.raises(KeyringError) as caught:
        refuse_structures(arguments, GIT.options, Scrubber())

    assert str(caught.value) == message


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(registry(), id="texts"),
        pytest.param(registry(password=12345678), id="a number"),
        pytest.param(registry(password=None, email=None), id="nothing"),
        pytest.param({**registry(), "docker_config": {"auths": {}}, "kubeconfig": {"users": []}}, id="raw"),
        pytest.param({**registry(), "labels": {"a": "b"}, "namespaces": ["a"], "unknown": ["b"]}, id="others"),
        pytest.param(registry(preset_options={"regions": ["de"]}), id="options of a preset"),
        pytest.param({"registries": ["server=ghcr.io password=[x]"]}, id="pairs"),
        pytest.param({"registries": [GOOD, [GOOD], None, 7]}, id="items of a wrong type"),
        pytest.param({"registries": {**GOOD, "password": [SECRET]}}, id="no list"),
    ],
)
def test_what_is_left_to_others(arguments: Mapping[str, Any]) -> None:
    refuse_structures(arguments, PULL.options, Scrubber())


@pytest.mark.parametrize("value", [[TYPED], {"a": TYPED}, [{"a": ["short", TYPED]}]])
@pytest.mark.parametrize("field", ["password", "username"])
def test_its_content_is_not_shown(field: str, value: Any) -> None:
    context = Context(check_mode=True, environ={})

    result = run_direct("image_pull_secret", PULL, registry(**{field: value}), context)

    assert result["operation"] == "failed"
    assert result["msg"].startswith(f"registries[1].{field} must be a text; it is a ")
    assert TYPED not in json.dumps(result)
    assert "short" not in json.dumps(result)
