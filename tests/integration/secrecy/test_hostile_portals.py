# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts of a result are as a portal has them, whatever passwords there are, and its strings are printable."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime, TaskDefinition
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks import (
    cdnetworks_ecp_image_pull_secret,
    cdnetworks_ecp_image_pull_secret_info,
    cdnetworks_ecp_registry_user,
    cdnetworks_ecp_registry_user_info,
    sap_ai_core_docker_registry_secret,
    sap_ai_core_docker_registry_secret_info,
    sap_ai_core_git_repository,
    sap_ai_core_git_repository_info,
)
from ansible_collections.keyring.kubernetes.plugins.plugin_utils.direct import run_direct
from support.playbook import Playbook, task
from support.portals.ecp import Ecp, PullSecret, RegistryUser, ecp
from support.portals.sap import Repository, SapAiCore, Wait, sap_ai_core
from support.portals.talkative import ESCAPES

DEFINITIONS: Mapping[str, TaskDefinition] = {
    "cdnetworks_ecp_image_pull_secret": cdnetworks_ecp_image_pull_secret.DEFINITION,
    "cdnetworks_ecp_image_pull_secret_info": cdnetworks_ecp_image_pull_secret_info.DEFINITION,
    "cdnetworks_ecp_registry_user": cdnetworks_ecp_registry_user.DEFINITION,
    "cdnetworks_ecp_registry_user_info": cdnetworks_ecp_registry_user_info.DEFINITION,
    "sap_ai_core_docker_registry_secret": sap_ai_core_docker_registry_secret.DEFINITION,
    "sap_ai_core_docker_registry_secret_info": sap_ai_core_docker_registry_secret_info.DEFINITION,
    "sap_ai_core_git_repository": sap_ai_core_git_repository.DEFINITION,
    "sap_ai_core_git_repository_info": sap_ai_core_git_repository_info.DEFINITION,
}
TIME = "2026-10-02T15:00:00Z"

# What results of these modules are made of.
WORDS = (
    *("created", "updated", "unchanged", "present", "COMPLETED", "acme-tenant", "ecp-admin", "production", "ghcr.io"),
    *("docker-hub", "readonly", "stored", "127.0.0.1", TIME, "id-0000", "http://127.0.0.1", "invalid_option"),
)


@pytest.fixture
def sap() -> Iterator[SapAiCore]:
    with sap_ai_core() as server:
        yield server


@pytest.fixture
def portal() -> Iterator[Ecp]:
    with ecp() as server:
        yield server


def run(server: SapAiCore | Ecp, module: str, **arguments: Any) -> dict[str, Any]:
    """Return the result of a task in this process, without its arguments."""
    login = {"account": server.account()} if isinstance(server, Ecp) else {"service_key": server.service_key()}
    result = run_direct(module, DEFINITIONS[module], {**login, **arguments}, Runtime(check_mode=False, environ={}))
    result.pop("invocation", None)
    return result


def store(portal: Ecp, number: int, name: str, **fields: str) -> PullSecret:
    values: dict[str, Any] = {
        "registry": "ghcr.io",
        "username": "octo",
        "password": "pass-word-1",
        "description": "",
        **fields,
    }
    secret = PullSecret(f"id-000{number}", name, **values, created=TIME, updated=TIME)
    portal.own.secrets[secret.identity] = secret
    return secret


@pytest.mark.parametrize("word", WORDS)
def test_a_registry_password_rewrites_no_fact(sap: SapAiCore, portal: Ecp, word: str) -> None:
    registry = {"server": "ghcr.io", "username": "octo", "password": word}
    done = run(sap, "sap_ai_core_docker_registry_secret", name="production-1", registries=[registry], in_use="ignore")
    if word == "production":
        assert "contains a password" in done["msg"]
    else:
        assert done["operation"] == "created"
        assert done["name"] == "production-1"
        assert done["portal"]["server"] == sap.url
        assert [entry["server"] for entry in done["registries"]] == ["ghcr.io"]
        assert [entry["username"] for entry in done["registries"]] == ["octo"]

    done = run(portal, "cdnetworks_ecp_image_pull_secret", name="docker-hub-1", registry=registry)
    if word == "docker-hub":
        assert "contains a password" in done["msg"]
    else:
        assert (done["operation"], done["name"]) == ("created", "docker-hub-1")
        assert done["portal"]["server"] == portal.url
        assert done["secret"]["id"] in portal.own.secrets
        assert (done["secret"]["name"], done["secret"]["username"]) == ("docker-hub-1", "octo")


def test_stored_passwords_rewrite_no_fact_of_others(portal: Ecp) -> None:
    """Each stored pull secret has another word of the results as its password."""
    before = [store(portal, number, f"app-{number}") for number in range(len(WORDS))]
    shown = run(portal, "cdnetworks_ecp_image_pull_secret_info", details=True)
    for secret, word in zip(before, WORDS, strict=True):
        secret.password = word

    again = run(portal, "cdnetworks_ecp_image_pull_secret_info", details=True)

    assert again["total"] == len(WORDS)
    facts = ("id", "name", "created", "last_updated", "managed")
    assert [[secret[fact] for fact in facts] for secret in again["secrets"]] == [
        [secret[fact] for fact in facts] for secret in shown["secrets"]
    ]
    assert again["portal"]["server"] == portal.url


def odd_texts(value: Any) -> Iterator[str]:
    """Yield the strings of a result that a terminal would not print as they are."""
    if isinstance(value, str) and not value.replace("\n", "").isprintable():
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from odd_texts([key, item])
    elif isinstance(value, list):
        for item in value:
            yield from odd_texts(item)


def test_escapes_arrive_printable(sap: SapAiCore, portal: Ecp) -> None:
    done = Wait(0, 0)
    sap.identity_zone = f"acme{ESCAPES}"
    sap.repositories["odd"] = Repository(f"https://git.example.com/{ESCAPES}", "octo", "x", "COMPLETED", done, ESCAPES)
    store(portal, 0, "odd", description=ESCAPES, username=f"octo{ESCAPES}", registry=f"ghcr.io{ESCAPES}")
    short = ESCAPES[:14]
    portal.own.users[1] = RegistryUser(1, "odd", "odd-0001", "x", f"a{short}@b.c", short, {}, f"admin{ESCAPES}")
    git = {"username": "octo", "password": "pass-word-1"}
    registry = {"server": "ghcr.io", **git}
    results = [
        run(sap, "sap_ai_core_git_repository_info"),
        run(sap, "sap_ai_core_git_repository", name="odd", url="https://git.example.com/a", **git),
        run(sap, "sap_ai_core_git_repository", name="odd", state="absent", in_use="ignore"),
        run(sap, "sap_ai_core_docker_registry_secret_info"),
        run(portal, "cdnetworks_ecp_image_pull_secret_info", details=True),
        run(portal, "cdnetworks_ecp_image_pull_secret", name="odd", registry=registry),
        run(portal, "cdnetworks_ecp_image_pull_secret", name="odd", registry=registry, recreate=True),
        run(portal, "cdnetworks_ecp_registry_user_info"),
        run(
            portal,
            "cdnetworks_ecp_registry_user",
            username="odd-0001",
            email="d@e.f",
            description="",
            projects_access=[],
        ),
    ]

    assert [list(odd_texts(result)) for result in results] == [[]] * len(results)
    assert "\\x1b]52" in json.dumps(results), "the escapes are there, and visible"
    sentences = [[result.get("msg", ""), *result["warnings"]] for result in results]
    assert not any("\n" in sentence for of_task in sentences for sentence in of_task)


# Strange answers: names and IDs that a request would be about, and values of other types.
STRANGE: Mapping[str, Any] = {
    "a path": "../../registry/users/1",
    "an escape": f"app{ESCAPES}",
    "a list": ["app"],
    "a number": 7,
    "nothing": "",
    "a long string": "a" * 100_000,
}


@pytest.mark.parametrize("strange", STRANGE)
def test_strange_names_and_ids_are_not_shown(sap: SapAiCore, portal: Ecp, strange: str) -> None:
    value = STRANGE[strange]
    secret = store(portal, 0, "app")
    portal.own.secrets = {"x": dataclasses.replace(secret, identity=value)}
    by_id = run(portal, "cdnetworks_ecp_image_pull_secret", name="app", state="absent")
    assert by_id["failure"]["id"] == "unreachable"
    assert {method for method, _path in portal.asked} == {"GET"}

    sap.repositories = {"x": Repository("https://git.example.com/a", "octo", "x", "COMPLETED", Wait(0, 0))}
    sap._details = lambda name: {"name": value, "url": "https://git.example.com/a", "status": "COMPLETED"}  # type: ignore[method-assign]
    listed = run(sap, "sap_ai_core_git_repository_info")
    if isinstance(value, str):
        assert (listed["repositories"], len(listed["warnings"])) == ([], 1)
    else:
        assert listed["failure"]["id"] == "unreachable"
    assert not list(odd_texts([by_id, listed]))


def test_the_playbook_prints_no_escapes(portal: Ecp, playbook: Playbook) -> None:
    """What Ansible itself prints of a result: messages, warnings and headers of a diff."""
    store(portal, 0, "odd", description=ESCAPES, username=f"octo{ESCAPES}", registry=f"ghcr.io{ESCAPES}")
    registry = {"server": "ghcr.io", "username": "octo", "password": "pass-word-1"}
    common = {"account": portal.account(), "name": "odd"}
    tasks = [
        task("cdnetworks_ecp_image_pull_secret", **common, registry=registry),
        task("cdnetworks_ecp_image_pull_secret", **common, registry=registry, recreate=True),
    ]

    done = playbook.run(tasks, "-vvv", "--diff")

    assert [result["operation"] for result in done.results] == ["failed", "recreated"]
    assert not list(odd_texts(done.output.replace("\r", "")))
