# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The portals of the tests do what the vendors' documents say, and prism and SAP's own client notice when not.

The modules are tested with these portals, so the portals are tested with what others wrote. The documents are not in
this repository; CONTRIBUTING.md, "The APIs of the portals", says where to put them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from support.portals.client import log_in, sign
from support.portals.documents import ECP, SAP_AI_CORE, read_document
from support.portals.ecp import ANYONE, ERRORS, ecp
from support.portals.prism import Checked, checked_ecp, checked_sap
from support.portals.sap import SapAiCore, Token, sap_ai_core
from support.portals.tools import ask_sap_client, send_random_requests

DOCKER = "docker_registry_secrets"
GIT = "repositories"
CONFIG = {".dockerconfigjson": json.dumps({"auths": {"https://index.docker.io": {"username": "u", "password": "p"}}})}
OTHER_CONFIG = {".dockerconfigjson": json.dumps({"auths": {"ghcr.io": {"username": "u", "password": "p"}}})}
URL = "https://git.example.com/apps.git"
LOGIN = {"username": "ci", "password": "token"}

# What SAP's client asks, and what it makes of the answer. An ID is compared by its presence.
SAP_CALLS: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    (DOCKER, "create", {"name": "pull", "data": CONFIG}, {"message": "Secret has been created"}),
    (DOCKER, "query", {}, {"count": 1, "resources": [{"name": "pull"}]}),
    (DOCKER, "query", {"top": 1, "skip": 1}, {"count": 0, "resources": []}),
    (DOCKER, "get", {"name": "pull"}, {"name": "pull"}),
    (DOCKER, "modify", {"name": "pull", "data": OTHER_CONFIG}, {"id": "…", "message": "Secret has been modified"}),
    (GIT, "create", {"name": "apps", "url": URL, **LOGIN}, {"message": "Repository has been on-boarded"}),
    (GIT, "get", {"name": "apps"}, {"name": "apps", "url": URL, "status": "COMPLETED"}),
    (GIT, "query", {}, {"count": 1, "resources": [{"name": "apps", "url": URL, "status": "COMPLETED"}]}),
    (GIT, "modify", {"name": "apps", **LOGIN}, {"id": "…", "message": "ArgoCD application has been updated"}),
]  # fmt: skip
SAP_DELETES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    (DOCKER, "delete", {"name": "pull"}, {"id": "…", "message": "Docker Registry Secret has been deleted"}),
    (GIT, "delete", {"name": "apps"}, {"id": "…", "message": "The repository has been off-boarded."}),
]


@pytest.fixture(scope="module")
def sap() -> Iterator[tuple[SapAiCore, Checked]]:
    """AI Core behind prism, for tests that leave no violations and no objects."""
    with checked_sap() as found:
        yield found


def calls(server: SapAiCore, rows: list[tuple[str, str, dict[str, Any], dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return what SAP's client makes of the answers to the calls of some rows, without the IDs."""
    said = ask_sap_client(server, *(row[:3] for row in rows))
    answers = [line.get("answer", line) for line in said]
    return [{**answer, "id": "…"} if "id" in answer else answer for answer in answers]


def test_sap_client_and_the_portal_understand_each_other(sap: tuple[SapAiCore, Checked]) -> None:
    server, front = sap
    assert calls(server, SAP_CALLS) == [row[3] for row in SAP_CALLS]
    assert server.secrets == {"pull": OTHER_CONFIG[".dockerconfigjson"]}
    assert server.repositories["apps"].password == "token"

    assert calls(server, SAP_DELETES) == [row[3] for row in SAP_DELETES]
    assert (server.secrets, server.repositories) == ({}, {})
    assert front.violations == []


@pytest.mark.parametrize(
    ("call", "violation"),
    [
        (
            (DOCKER, "create", {"name": "pull", "data": {".dockerconfigjson": 3}}),
            "POST /v2/admin/dockerRegistrySecrets: body.data..dockerconfigjson "
            "Request body property data..dockerconfigjson must be string",
        ),
        (
            (DOCKER, "create", {"name": "Pull", "data": CONFIG}),
            "POST /v2/admin/dockerRegistrySecrets: body.name Request body property name must match pattern",
        ),
        (
            (GIT, "modify", {"name": "apps", "username": "ci", "password": None}),
            "PATCH /v2/admin/repositories/apps: body.password Request body property password must be string",
        ),
    ],
)
def test_wrong_requests_of_sap_client_are_found(
    sap: tuple[SapAiCore, Checked], call: tuple[str, str, dict[str, Any]], violation: str
) -> None:
    server, front = sap
    server.forget()
    assert ask_sap_client(server, call) == [{"status": 422}]
    assert [found[: len(violation)] for found in front.violations] == [violation]
    assert server.asked == [("POST", "/oauth/token")]  # prism kept the request
    front.violations.clear()


@pytest.mark.parametrize(
    ("body", "violation"),
    [
        ('{"count": "1", "resources": []}', "response.body.count Response body property count must be integer"),
        ('{"resources": []}', "response.body Response body must have required property 'count'"),
        (
            '{"count": 0, "resources": [], "total": 0}',
            "response.body Response body must NOT have additional properties",
        ),
        ("<html>", "response The received media type"),
        ('{"count": 0', "invalid json response body"),
    ],
)
def test_wrong_answers_are_found(sap: tuple[SapAiCore, Checked], body: str, violation: str) -> None:
    server, front = sap
    server.fail_next(200, only="GET /v2/", body=body)
    assert log_in(server).ask("GET", "/v2/admin/dockerRegistrySecrets").status == 500
    assert violation in front.violations[0]
    front.violations.clear()


def test_undeclared_statuses_are_found() -> None:
    with checked_ecp() as (server, front):
        server.status = 401
        assert sign(server).ask("GET", "/ecp/v1/imagepullsecrets").status == 401
        assert front.violations == [
            "GET /ecp/v1/imagepullsecrets: response Unable to match the returned status code with those defined in the "
            "document: 200,400"
        ]
        front.violations.clear()


def test_a_violation_fails_the_test() -> None:
    with pytest.raises(AssertionError, match="must be integer"), checked_sap() as (server, _front):  # noqa: PT012 - it ends there
        server.fail_next(200, only="GET /v2/", body='{"count": "1", "resources": []}')
        log_in(server).ask("GET", "/v2/admin/dockerRegistrySecrets")


def test_random_requests_get_the_answers_of_saps_document() -> None:
    with sap_ai_core() as server:
        server.tokens["random"] = Token(time.monotonic() + 3600, None)
        generic_secrets = "--exclude-path-regex=/admin/(resourceQuota/)?secrets"
        done = send_random_requests(SAP_AI_CORE, server.url, "--header=Authorization: Bearer random", generic_secrets)
        assert done.returncode == 0, done.stdout
        assert len(server.asked) > 500


def test_random_requests_get_the_answers_of_ecps_document() -> None:
    """Valid requests may be refused: what a name or a password must be is only said in words there."""
    with ecp() as server:
        server.children.add(ANYONE)
        server.tolerance = 3600
        headers = [f"--header={name}: {value}" for name, value in sign(server).headers.items()]
        done = send_random_requests(ECP, server.url, "--exclude-checks=positive_data_acceptance", *headers)
        assert done.returncode == 0, done.stdout
        assert len(server.asked) > 500


def test_ecp_gives_every_error_of_the_document() -> None:
    documented = set(errors_in(read_document(ECP)))
    given = {(code, status) for code, (status, _message) in ERRORS.items()}
    assert given - documented == {("InvalidRequestBody", 400), ("Unauthorized", 401)}
    assert documented - given == set()


def errors_in(document: dict[str, Any]) -> list[tuple[str, int]]:
    """Return the code and the status of each error that a document of ECP shows as an example."""
    found = []
    for operations in document["paths"].values():
        for operation in operations.values():
            responses = operation.get("responses", {}) if isinstance(operation, dict) else {}
            for status, response in responses.items():
                examples = response.get("content", {}).get("application/json", {}).get("examples", {})
                values = [example["value"] for example in examples.values()]
                found += [(value["error"], int(status)) for value in values if "error" in value]
    return found
