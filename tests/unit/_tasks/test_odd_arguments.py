# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No argument, of whatever type or with whatever characters, makes a task fail with another error than a refusal."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._printable import make_line
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime, TaskDefinition
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.options import Options
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks import (
    cdnetworks_ecp_registry_user,
    cdnetworks_ecp_registry_user_info,
    gitsync_secret,
    gitsync_secret_info,
    image_access_info,
    image_pull_secret,
    image_pull_secret_info,
    openshift_global_pull_secret_info,
    sap_ai_core_docker_registry_secret,
    sap_ai_core_docker_registry_secret_info,
    sap_ai_core_git_repository,
    sap_ai_core_git_repository_info,
    service_account_secrets,
)
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.direct import plain, run_direct, validate
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.files import read_files

# Nothing listens there, and nothing is sent: what is wrong with the options is found before.
SERVER = {"host": "https://127.0.0.1:9"}
SERVICE_KEY = {
    "clientid": "sb-1",
    "clientsecret": "client-secret-1",
    "url": "https://127.0.0.1:9",
    "serviceurls": {"AI_API_URL": "https://127.0.0.1:9"},
}
ECP = {"url": "https://127.0.0.1:9", "user": "admin", "api_key": "pass-word-1"}
ENTRY = {"server": "ghcr.io", "username": "octo", "password": "pass-word-1"}
TASKS: Mapping[str, tuple[TaskDefinition, Mapping[str, Any]]] = {
    "cdnetworks_ecp_registry_user": (
        cdnetworks_ecp_registry_user.DEFINITION,
        {
            "account": ECP,
            "username_prefix": "team-web",
            "password": "Pass-word-1",
            "email": "web@example.com",
            "projects_access": [{"project": "web", "access_type": "readonly"}],
        },
    ),
    "cdnetworks_ecp_registry_user_info": (cdnetworks_ecp_registry_user_info.DEFINITION, {"account": ECP}),
    "image_pull_secret": (image_pull_secret.DEFINITION, {"namespace": "web", "name": "x", "registries": [ENTRY]}),
    "image_pull_secret copying": (
        image_pull_secret.DEFINITION,
        {"namespace": "web", "name": "x", "credentials_from": {"name": "y"}},
    ),
    "image_pull_secret_info": (image_pull_secret_info.DEFINITION, {"namespace": "web"}),
    "gitsync_secret": (
        gitsync_secret.DEFINITION,
        {"namespace": "web", "name": "x", "format": "flux", "https": {"username": "octo", "password": "pass-word-1"}},
    ),
    "gitsync_secret_info": (gitsync_secret_info.DEFINITION, {"namespace": "web"}),
    "image_access_info": (image_access_info.DEFINITION, {"namespace": "web"}),
    "openshift_global_pull_secret_info": (openshift_global_pull_secret_info.DEFINITION, {}),
    "sap_ai_core_docker_registry_secret": (
        sap_ai_core_docker_registry_secret.DEFINITION,
        {"service_key": SERVICE_KEY, "name": "xy", "registries": [ENTRY]},
    ),
    "sap_ai_core_docker_registry_secret_info": (
        sap_ai_core_docker_registry_secret_info.DEFINITION,
        {"service_key": SERVICE_KEY},
    ),
    "sap_ai_core_git_repository": (
        sap_ai_core_git_repository.DEFINITION,
        {
            "service_key": SERVICE_KEY,
            "name": "xy",
            "url": "https://github.com/team/app",
            "username": "octo",
            "password": "pass-word-1",
        },
    ),
    "sap_ai_core_git_repository_info": (sap_ai_core_git_repository_info.DEFINITION, {"service_key": SERVICE_KEY}),
    "service_account_secrets": (
        service_account_secrets.DEFINITION,
        {"namespace": "web", "service_account": "app", "image_pull_secrets": ["x"]},
    ),
}
ODD: tuple[Any, ...] = (
    5, -1, 0, 10**400, 1.5, float("nan"), True, None, "", " ", "\x00", "a\x00b", "/tmp/\x00", "\ud800", "a\udcff/b",
    "/\udcff", "\x1b]52;c;cm0=\x07", "\u202e\u200b\u2028", "x" * 100_000, "../..", "a/b", "x?y#z", "{", "{}", "[]", "[",
    "a=b", "{{ x }}", "'", '"', [], [5], [None], [[]], [{}], ["\x00"], ["\ud800"], {}, {"a": 5}, {"\x00": "\x00"},
    {5: 5}, {"\ud800": "\ud800"}, {"name": 5}, {"name": "\x00"}, {"name": ["a"]}, b"\xff",
)  # fmt: skip


def places(options: Options) -> Iterator[tuple[str, ...]]:
    """Yield the path of every option, with those in mappings and in items of lists."""
    for name, row in options.items():
        yield (name,)
        if "options" in row:
            yield from ((name, *rest) for rest in places(row["options"]))


def put(arguments: Mapping[str, Any], path: tuple[str, ...], value: Any, options: Options) -> dict[str, Any]:
    """Return the arguments with another value at a path, and what is missing on the way."""
    name, *rest = path
    if not rest:
        return {**arguments, name: value}
    row = options[name]
    inner = arguments.get(name) or {}
    if row["type"] == "list" and not (inner and isinstance(inner, dict)):
        item = inner[0] if inner and isinstance(inner[0], dict) else {}
        return {**arguments, name: [put(item, tuple(rest), value, row["options"])]}
    return {**arguments, name: put(inner, tuple(rest), value, row["options"])}


def run(definition: TaskDefinition, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Run a task as the action plugin does."""
    given = plain(arguments)
    files: dict[str, bytes] = {}
    try:
        if not validate(definition, given).error_messages:
            given, files = read_files(given, definition.options, [os.getcwd()], lambda content: content)
    except KeyringError as error:
        return {"failure": error.describe(), "msg": make_line(str(error))}
    return run_direct("x", definition, given, Runtime(check_mode=True, environ={}, files=files))


@pytest.mark.parametrize("task", TASKS)
def test_every_option_with_odd_values(task: str) -> None:
    definition, arguments = TASKS[task]
    pick = random.Random(task)  # noqa: S311
    faults = []
    for path in places(definition.options):
        for value in pick.sample(ODD, 6):
            server = SERVER if "host" in definition.options else {}
            given = put({**server, **arguments}, path, value, definition.options)
            result = run(definition, given)
            failure = result.get("failure") or {}
            if failure.get("id") == "internal_error" or not str(result.get("msg", "x")).isprintable():
                faults.append((".".join(path), value if len(str(value)) < 50 else "long", result["msg"]))
    assert faults == []


@pytest.mark.parametrize("value", [5, 0, 1.5, True, ""])
def test_a_value_in_place_of_a_mapping(value: Any) -> None:
    """Ansible itself fails on it."""
    definition, arguments = TASKS["image_pull_secret copying"]
    result = run(definition, {**SERVER, **arguments, "credentials_from": value})
    assert result["msg"].startswith("credentials_from must be a mapping of its options; it is a")
    assert result["failure"] == {"id": "invalid_option", "option": "credentials_from", "namespace": None}
