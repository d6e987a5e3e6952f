# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to a portal: troubles that pass are waited out, and nothing is written twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.refused import Intent, OutcomeUnknown
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.retries import RetryBudget
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.connection import (
    PortalAccess,
    PortalConnection,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.portal_refusal import PortalRefused
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.portal_requests import (
    ChangedMeanwhile,
    PortalApi,
    decide_until_known,
    read_portal,
    wait_until,
    write_portal,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.sap_login import SapLogin
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.sap_texts import SAP_TEXTS
from ansible_collections.keyring.kubernetes.plugins.module_utils._portals.service_key import (
    ServiceKey,
    parse_service_key,
)
from support.portals.sap import DOCKER, LOGIN, SapAiCore, sap_ai_core
from support.servers.wsgi import serving

LIST = ("GET", DOCKER)
TOKEN = ("POST", LOGIN)
READ = Intent("list", "", "Docker registry secrets", None)
WRITE = Intent("create", "", "Docker registry secret web", None)
BODY = {"name": "web", "data": {".dockerconfigjson": "{}"}}


@pytest.fixture
def sap() -> Iterator[SapAiCore]:
    with sap_ai_core() as server:
        yield server


@contextmanager
def open_api(key: ServiceKey, access: PortalAccess | None = None, **budget: float) -> Iterator[PortalApi]:
    retry_budget = RetryBudget(**budget)
    access = access or PortalAccess()
    connection = PortalConnection(key.api, access, retry_budget)
    try:
        yield PortalApi(connection, SapLogin(key, access, retry_budget, lambda text: None), SAP_TEXTS)
    finally:
        connection.close()


def read(api: PortalApi) -> Any:
    answer = read_portal(api, READ, DOCKER)
    assert answer
    return answer.document


def test_one_token_serves_a_task(sap: SapAiCore) -> None:
    with open_api(parse_service_key(sap.service_key(), "k")) as api:
        assert read(api) == read(api) == {"count": 0, "resources": []}

    assert sap.asked == [TOKEN, LIST, LIST]


def test_an_expired_token_is_renewed(sap: SapAiCore) -> None:
    sap.token_uses = 2
    with open_api(parse_service_key(sap.service_key(), "k")) as api:
        read(api)
        read(api)
        write_portal(api, WRITE, "POST", DOCKER, BODY)

    assert sap.asked == [TOKEN, LIST, LIST, ("POST", DOCKER), TOKEN, ("POST", DOCKER)]
    assert sap.secrets == {"web": "{}"}


def test_a_token_that_never_works_is_renewed_once(sap: SapAiCore) -> None:
    sap.token_life = 0
    with open_api(parse_service_key(sap.service_key(), "k")) as api, pytest.raises(KeyringError) as caught:
        read(api)

    assert caught.value.failure == "unauthorized"
    assert sap.asked == [TOKEN, LIST, TOKEN, LIST]


def test_a_token_is_renewed_before_it_expires(sap: SapAiCore) -> None:
    sap.token_life = 2
    with open_api(parse_service_key(sap.service_key(), "k")) as api:
        read(api)
        time.sleep(1.2)
        read(api)

    assert sap.asked == [TOKEN, LIST, TOKEN, LIST]


def test_a_certificate_in_place_of_a_secret(tmp_path: Path) -> None:
    with sap_ai_core(tmp_path) as sap:
        access = PortalAccess(ca=(tmp_path / "sap-ca.crt").read_bytes())
        with open_api(parse_service_key(sap.x509_service_key(), "k"), access) as api:
            assert read(api) == {"count": 0, "resources": []}
        with open_api(parse_service_key(sap.x509_service_key(), "k")) as api, pytest.raises(KeyringError) as caught:
            read(api)
    assert caught.value.failure == "tls_failed"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
@pytest.mark.parametrize("only", ["GET /v2/", "POST /oauth"], ids=["read", "token"])
def test_what_passes_is_waited_out(sap: SapAiCore, status: int, only: str) -> None:
    sap.fail_next(status, 2, only=only)
    with open_api(parse_service_key(sap.service_key(), "k")) as api:
        assert read(api) == {"count": 0, "resources": []}


def test_what_does_not_pass_ends_with_the_budget(sap: SapAiCore) -> None:
    sap.status = 503
    with (
        open_api(parse_service_key(sap.service_key(), "k"), per_request=0.5) as api,
        pytest.raises(KeyringError) as caught,
    ):
        read(api)

    assert caught.value.failure == "server_error"
    assert 2 <= sap.asked.count(LIST) <= 8


def test_a_pause_that_the_portal_asks_for_is_obeyed(sap: SapAiCore) -> None:
    sap.fail_next(429, only="GET /v2/", retry_after=100)
    with open_api(parse_service_key(sap.service_key(), "k"), per_request=5) as api, pytest.raises(KeyringError):
        read(api)

    assert sap.asked == [TOKEN, LIST]


@pytest.mark.parametrize("status", [400, 403, 404, 409])
def test_a_refusal_is_not_repeated(sap: SapAiCore, status: int) -> None:
    sap.fail_next(status, only="GET /v2/")
    with open_api(parse_service_key(sap.service_key(), "k")) as api, pytest.raises(KeyringError) as caught:
        read(api)

    assert sap.asked == [TOKEN, LIST]
    assert "It reports Failed: the portal was told to fail (request " in str(caught.value)
    assert caught.value.facts["request_id"] in str(caught.value)


LOST: dict[str, Callable[[SapAiCore], None]] = {
    "the answer is lost": lambda sap: setattr(sap, "lose", 1),
    "the request is lost": lambda sap: setattr(sap, "drop", 1),
    "an error of the server": lambda sap: sap.fail_next(500, only="POST /v2/"),
    "an error of a proxy": lambda sap: sap.fail_next(502, only="POST /v2/", body="<html>"),
}


@pytest.mark.parametrize("case", LOST)
def test_a_write_whose_outcome_is_unknown_is_not_repeated(sap: SapAiCore, case: str) -> None:
    LOST[case](sap)
    with open_api(parse_service_key(sap.service_key(), "k")) as api, pytest.raises(OutcomeUnknown) as caught:
        write_portal(api, WRITE, "POST", DOCKER, BODY)

    assert sap.asked == [TOKEN, ("POST", DOCKER)]
    assert caught.value.error.failure == "outcome_unknown"
    assert caught.value.error.changed


def test_a_write_that_was_not_processed_is_repeated(sap: SapAiCore) -> None:
    sap.fail_next(429, 2, only="POST /v2/")
    with open_api(parse_service_key(sap.service_key(), "k")) as api:
        assert write_portal(api, WRITE, "POST", DOCKER, BODY).status == 202

    assert sap.asked == [TOKEN, *[("POST", DOCKER)] * 3]


@pytest.mark.parametrize("case", LOST)
def test_a_task_decides_again(sap: SapAiCore, case: str) -> None:
    LOST[case](sap)
    with open_api(parse_service_key(sap.service_key(), "k")) as api:

        def decide() -> str:
            if read_portal(api, READ, f"{DOCKER}/web", missing=True):
                return "is there"
            write_portal(api, WRITE, "POST", DOCKER, BODY)
            return "created"

        outcome = decide_until_known(api, decide)

    assert outcome == ("is there" if "answer" in case else "created")
    assert sap.secrets == {"web": "{}"}


def test_a_task_does_not_decide_for_ever(sap: SapAiCore) -> None:
    decisions = []
    with open_api(parse_service_key(sap.service_key(), "k")) as api:

        def decide() -> None:
            decisions.append(1)
            raise ChangedMeanwhile(KeyringError("It was changed.", failure="conflict"))

        with pytest.raises(KeyringError) as caught:
            decide_until_known(api, decide)

    assert (caught.value.failure, len(decisions)) == ("conflict", 3)


STRANGE = {
    "HTML": "<html>hello</html>",
    "nothing": "",
    "a string that does not end": '"abc',
    "deep nesting": "[" * 100_000,
}


@pytest.mark.parametrize("case", STRANGE)
def test_an_answer_that_is_not_json(sap: SapAiCore, case: str) -> None:
    sap.fail_next(200, only="GET /v2/", body=STRANGE[case])
    with open_api(parse_service_key(sap.service_key(), "k")) as api, pytest.raises(KeyringError) as caught:
        read(api)

    assert caught.value.failure == "unreachable"
    assert "did not answer like SAP AI Core" in str(caught.value)


TOKENS = {
    "HTML": (200, "<html>", "unreachable"),
    "a list": (200, "[]", "unreachable"),
    "no token": (200, "{}", "unreachable"),
    "a token that is a number": (200, '{"access_token": 7}', "unreachable"),
    "an empty token": (200, '{"access_token": ""}', "unreachable"),
    "a token with a newline": (200, '{"access_token": "a\\nb: c"}', "unreachable"),
    "a token with an umlaut": (200, '{"access_token": "ä"}', "unreachable"),
    "a redirect": (302, "", "unreachable"),
    "a wrong path": (404, "", "unreachable"),
    "a refusal": (401, '{"error": "unauthorized"}', "unauthorized"),
}


@pytest.mark.parametrize("case", TOKENS)
def test_an_answer_that_is_no_token(sap: SapAiCore, case: str) -> None:
    status, body, failure = TOKENS[case]
    sap.fail_next(status, only=f"POST {LOGIN}", body=body)
    with open_api(parse_service_key(sap.service_key(), "k")) as api, pytest.raises(KeyringError) as caught:
        read(api)

    assert caught.value.failure == failure
    assert sap.asked == [TOKEN]


@pytest.mark.parametrize("body", ["", "<html>404 nginx</html>", "{}", '{"error": "no"}'])
def test_what_does_not_exist_is_what_the_portal_says(sap: SapAiCore, body: str) -> None:
    sap.fail_next(404, only="GET /v2/", body=body)
    with open_api(parse_service_key(sap.service_key(), "k")) as api:
        with pytest.raises(KeyringError) as caught:
            read_portal(api, READ, f"{DOCKER}/web", missing=True)
        assert read_portal(api, READ, f"{DOCKER}/web", missing=True) is None

    assert caught.value.failure == "unreachable"


def test_credentials_do_not_follow_a_redirect(sap: SapAiCore) -> None:
    asked = []

    def elsewhere(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        asked.append(environ["PATH_INFO"])
        start_response("200 OK", [])
        return [b"{}"]

    with serving(elsewhere) as url, open_api(parse_service_key(sap.service_key(), "k")) as api:
        sap.fail_next(307, only="GET /v2/", location=url)
        with pytest.raises(KeyringError) as caught:
            read(api)

    assert caught.value.failure == "unreachable"
    assert asked == []


def test_a_portal_that_is_not_there() -> None:
    with sap_ai_core() as sap:
        key = parse_service_key(sap.service_key(), "k")
    with open_api(key) as api, pytest.raises(KeyringError) as caught:
        read(api)

    assert caught.value.failure == "unreachable"
    assert f"Cannot reach the token service {key.tokens}" in str(caught.value)


def test_a_refused_write_has_the_words_of_the_portal(sap: SapAiCore) -> None:
    with open_api(parse_service_key(sap.service_key(), "k")) as api, pytest.raises(PortalRefused) as caught:
        write_portal(api, WRITE, "POST", DOCKER, {"name": "Web"})

    assert caught.value.status == 400
    assert caught.value.message
    assert caught.value.request_id


def test_waiting_ends() -> None:
    looks = []

    def is_done() -> bool:
        looks.append(1)
        return len(looks) == 3

    assert wait_until(is_done, 10)
    assert len(looks) == 3
    assert not wait_until(lambda: False, 0.3)
