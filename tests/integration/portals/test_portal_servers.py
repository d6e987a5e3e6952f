# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The portals of the tests, where the vendors' documents say nothing: logins, waiting, and faults on request."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import urllib3

from support.portals.client import Client, log_in, sign
from support.portals.ecp import OWN_REGISTRY, SECRETS, USER, USERS, Ecp, ecp
from support.portals.sap import DOCKER, LOGIN, QUOTA, REPOSITORIES, SapAiCore, sap_ai_core

SECRET = {"name": "pull", "data": {".dockerconfigjson": "{}"}}
REPOSITORY = {"url": "https://git.example.com/team/My_Apps.git", "username": "u", "password": "p"}
PULL_SECRET = {"name": "pull", "registry": "ghcr.io", "username": "u", "password": "p"}
REGISTRY_USER = {"usernamePrefix": "ci", "password": "Abcdefg1", "email": "ci@example.com"}


@pytest.fixture
def sap() -> Iterator[SapAiCore]:
    with sap_ai_core() as server:
        yield server


@pytest.fixture
def edge() -> Iterator[Ecp]:
    with ecp() as server:
        yield server


def statuses(client: Client, path: str, times: int) -> list[int]:
    return [client.ask("GET", path).status for _time in range(times)]


# SAP AI Core


@pytest.mark.parametrize("user", ["", "other"])
@pytest.mark.parametrize("secret", ["", "other"])
@pytest.mark.parametrize("basic", [True, False])
def test_a_client_logs_in(sap: SapAiCore, user: str, secret: str, basic: bool) -> None:
    login = {"client_id": user or sap.client_id, "client_secret": secret or sap.client_secret}
    fields = {"grant_type": "client_credentials", **({} if basic else login)}
    headers = urllib3.make_headers(basic_auth=":".join(login.values())) if basic else {}
    pool = urllib3.PoolManager(retries=False)
    answer = pool.request("POST", sap.token_url, fields=fields, headers=headers, encode_multipart=False)

    assert answer.status == (401 if user or secret else 200)
    assert answer.json().get("error") == ("unauthorized" if user or secret else None)


def test_a_certificate_must_be_proved(tmp_path: Path) -> None:
    with sap_ai_core(tmp_path) as server:
        key = server.x509_service_key()
        (tmp_path / "client.pem").write_text(key["certificate"] + key["key"])
        fields = {"grant_type": "client_credentials", "client_id": key["clientid"]}

        def ask(url: str, cert_file: Path | None = None) -> int:
            pool = urllib3.PoolManager(retries=False, ca_certs=server.ca_cert, cert_file=cert_file)
            return pool.request("POST", url, fields=fields, encode_multipart=False).status

        assert ask(f"{key['certurl']}{LOGIN}", tmp_path / "client.pem") == 200
        assert ask(f"{key['url']}{LOGIN}", tmp_path / "client.pem") == 401
        with pytest.raises(urllib3.exceptions.SSLError):
            ask(f"{key['certurl']}{LOGIN}")


def test_tokens_expire(sap: SapAiCore) -> None:
    sap.token_uses = 2
    assert statuses(log_in(sap), DOCKER, 3) == [200, 200, 401]
    sap.token_uses, sap.token_life = None, 0
    assert statuses(log_in(sap), DOCKER, 1) == [401]


@pytest.mark.parametrize(
    ("reads", "seconds", "never", "found"),
    [
        (0, 0.0, False, [200, 200, 200]),
        (2, 0.0, False, [404, 404, 200]),
        (0, 60.0, False, [404, 404, 404]),
        (0, 0.0, True, [404, 404, 404]),
    ],
)
def test_a_create_and_a_delete_take_their_time(
    sap: SapAiCore, reads: int, seconds: float, never: bool, found: list[int]
) -> None:
    client = log_in(sap)
    sap.secrets["old"] = "{}"
    sap.reads_until_done, sap.seconds_until_done, sap.never_done = reads, seconds, never

    assert client.ask("POST", DOCKER, SECRET).status == 202
    assert statuses(client, f"{DOCKER}/pull", 3) == found
    assert client.ask("DELETE", f"{DOCKER}/old").status == 202
    assert statuses(client, f"{DOCKER}/old", 3) == [604 - status for status in found]


@pytest.mark.parametrize("outcome", ["COMPLETED", "ERROR"])
def test_a_repository_has_a_status(sap: SapAiCore, outcome: str) -> None:
    client = log_in(sap)
    sap.reads_until_done, sap.outcome = 1, outcome
    assert client.ask("POST", REPOSITORIES, REPOSITORY).status == 200

    answers = [client.ask("GET", f"{REPOSITORIES}/my-apps").json() for _time in range(3)]
    assert [answer["status"] for answer in answers] == ["IN-PROGRESS", outcome, outcome]
    assert client.ask("POST", REPOSITORIES, {**REPOSITORY, "name": "other"}).status == 409


def test_the_quota_is_kept(sap: SapAiCore) -> None:
    client = log_in(sap)
    sap.limits["dockerRegistrySecrets"] = 1
    assert [client.ask("POST", DOCKER, {**SECRET, "name": name}).status for name in ("one", "two")] == [202, 403]
    assert client.ask("GET", f"{QUOTA}/dockerRegistrySecrets").json() == {
        "quota": {"maxCount": 1},
        "usage": {"count": 1},
    }


# ECP


@pytest.mark.parametrize(
    ("clock", "off", "status"),
    [(0, 0, 200), (0, 290, 200), (0, -310, 401), (0, 310, 401), (600, 0, 401), (600, 600, 200)],
)
def test_a_signature_is_checked_by_the_servers_clock(edge: Ecp, clock: float, off: float, status: int) -> None:
    edge.clock_offset = clock
    answer = sign(edge, off=off).ask("GET", SECRETS)

    assert answer.status == status
    told = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    assert abs(told - time.time() - clock) < 5
    assert answer.headers["Qtl-Request-Id"]


def test_another_date_or_key_is_refused(edge: Ecp) -> None:
    client = sign(edge)
    assert client.ask("GET", SECRETS, Date="Sun, 06 Nov 1994 08:49:37 GMT").status == 401
    assert client.ask("GET", SECRETS, Date="yesterday").status == 401
    edge.accounts["ecp-admin"] = "other"
    assert client.ask("GET", SECRETS).status == 401


def test_customers_are_apart(edge: Ecp) -> None:
    client = sign(edge)
    child = {"On-Behalf-Of": "child"}
    assert client.ask("GET", SECRETS, **child).status == 403
    edge.children.add("child")
    assert client.ask("POST", SECRETS, PULL_SECRET, **child).status == 201
    assert client.ask("GET", SECRETS).json()["totalCount"] == 0
    assert client.ask("GET", SECRETS, **child).json()["totalCount"] == 1
    assert edge.customers["child"].secret("pull").password == "p"


def test_names_and_registries_are_ignored_in_updates(edge: Ecp) -> None:
    client = sign(edge)
    location = client.ask("POST", SECRETS, PULL_SECRET).headers["Location"]
    path = location.removeprefix(edge.url)
    answer = client.ask("PATCH", path, {"name": "other", "registry": "other", "password": "q"})
    assert (answer.status, answer.json()["name"], answer.json()["registry"]) == (200, "pull", "ghcr.io")
    assert edge.own.secret("pull").password == "q"


def test_users_have_managed_secrets(edge: Ecp) -> None:
    assert sign(edge, "ecp-other").ask("POST", USERS, REGISTRY_USER).status == 403
    client = sign(edge)
    client.ask("POST", USERS, REGISTRY_USER)
    user = edge.own.user("ci")
    secret = edge.own.secret(user.username)
    assert (secret.registry, secret.password) == (OWN_REGISTRY, "Abcdefg1")
    for method in ("PATCH", "DELETE"):
        answer = client.ask(method, f"{SECRETS}/{secret.identity}", {})
        assert answer.json()["error"].endswith("ManagedSecretNotAllowed")

    client.ask("PATCH", f"{USER}/{user.identity}", {"password": "Abcdefg2"})
    assert secret.password == "Abcdefg2"
    edge.in_use.add(user.username)
    assert client.ask("DELETE", f"{USER}/{user.identity}").json()["error"] == "CredentialsBeingUsed"
    edge.in_use.clear()
    assert client.ask("DELETE", f"{USER}/{user.identity}").status == 204
    assert edge.own.secrets == {}


def test_lists_have_pages(edge: Ecp) -> None:
    client = sign(edge)
    for number in range(5):
        client.ask("POST", SECRETS, {**PULL_SECRET, "name": f"pull-{number}"})
    answer = client.ask("GET", f"{SECRETS}?searchString=ull-&offset=3&limit=1").json()
    assert ([secret["name"] for secret in answer["ImagePullSecrets"]], answer["totalCount"]) == (["pull-3"], 5)
    assert client.ask("GET", f"{SECRETS}?limit=201").json()["error"] == "InvalidListLimit"
    assert client.ask("GET", f"{USERS}?limit=101").json()["error"] == "InvalidListLimit"


# Both


@pytest.mark.parametrize(("count", "written"), [("lose", {"pull": "{}"}), ("drop", {})])
def test_answers_are_lost(sap: SapAiCore, count: str, written: dict[str, str]) -> None:
    client = log_in(sap)
    setattr(sap, count, 1)
    client.ask("GET", DOCKER)
    with pytest.raises(urllib3.exceptions.HTTPError):
        client.ask("POST", DOCKER, SECRET)
    assert sap.secrets == written


def test_errors_are_given_on_request(edge: Ecp) -> None:
    client = sign(edge)
    edge.fail_next(503, 2, only="GET /ecp/", retry_after=7)
    edge.fail_next(200, only="POST", body="<html>")
    answers = [client.ask("GET", SECRETS) for _time in range(3)]
    assert [(answer.status, answer.headers.get("Retry-After")) for answer in answers] == [
        (503, "7"),
        (503, "7"),
        (200, None),
    ]
    assert client.ask("POST", SECRETS, PULL_SECRET).data == b"<html>"
    assert edge.own.secrets == {}


def test_errors_quote_secrets_on_request(sap: SapAiCore, edge: Ecp) -> None:
    sap.echo_secrets = edge.echo_secrets = True
    clients = log_in(sap), sign(edge)
    for client, path in zip(clients, (DOCKER, SECRETS), strict=True):
        answer = client.ask("POST", path, {"password": "p-7"})
        assert answer.status == 400
        assert client.headers["Authorization"] in answer.data.decode()
        assert "p-7" in answer.data.decode()
