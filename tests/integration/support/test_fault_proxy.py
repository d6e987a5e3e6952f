# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The proxy that breaks things breaks what it is told to break, and nothing else."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, RemoteDisconnected
from pathlib import Path
from ssl import create_default_context
from typing import Any
from urllib.parse import urlsplit

import pytest

from support.cluster import Cluster
from support.servers.fault_proxy import FaultProxy
from support.servers.fault_rules import CLOSE, HALF, HANG, LOST, RESET, Fault, Rule, delay, refuse

RIGHTS = ({"apiGroups": [""], "resources": ["secrets"], "verbs": ["*"]},)
TIMEOUT = 0.8


@dataclass(frozen=True)
class Server:
    """The real API server, and what a client of one namespace needs for it."""

    url: str
    ca: str
    token: str = field(repr=False)
    secrets: str

    def proxy(self, *rules: Rule) -> FaultProxy:
        return FaultProxy(self.url, self.ca, rules)

    def ask(
        self, connection: HTTPConnection, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[HTTPResponse, bytes]:
        """Send one request, and read the whole answer. After an error the next request connects again."""
        given = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **headers}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), given)
            answer = connection.getresponse()
            return answer, answer.read()
        except (OSError, HTTPException):
            connection.close()
            raise

    def create(self, proxy: FaultProxy, name: str) -> tuple[HTTPResponse, bytes]:
        return self.ask(client(proxy), "POST", self.secrets, secret(name))


@pytest.fixture
def server(cluster: Cluster, namespace: str) -> Server:
    kubeconfig = cluster.identity(namespace, RIGHTS).connection["kubeconfig"]
    ca = base64.b64decode(kubeconfig["clusters"][0]["cluster"]["certificate-authority-data"]).decode()
    token = kubeconfig["users"][0]["user"]["token"]
    return Server(cluster.server, ca, token, f"/api/v1/namespaces/{namespace}/secrets")


def client(proxy: FaultProxy) -> HTTPConnection:
    return HTTPConnection(urlsplit(proxy.url).netloc, timeout=TIMEOUT)


def secret(name: str, **data: str) -> dict[str, Any]:
    return {"metadata": {"name": name}, "stringData": data}


def outcome(call: Callable[..., tuple[HTTPResponse, bytes]], *arguments: Any) -> int | type[Exception]:
    """The status, or what the client raises instead."""
    try:
        return call(*arguments)[0].status
    except (OSError, HTTPException) as error:
        return type(error)


# A fault of a POST; what the client gets; whether the Secret is there afterwards; how many seconds it takes at least.
FAULTS: Sequence[tuple[Fault, int | type[Exception], bool, float]] = (
    (refuse(409), 409, False, 0),
    (refuse(429, {"Retry-After": "7"}), 429, False, 0),
    (refuse(500), 500, False, 0),
    (refuse(503), 503, False, 0),
    (refuse(504), 504, False, 0),
    (refuse(504, forward=True), 504, True, 0),
    (RESET, ConnectionResetError, False, 0),
    (LOST, ConnectionResetError, True, 0),
    (CLOSE, RemoteDisconnected, False, 0),
    (HALF, ConnectionResetError, True, 0),
    (delay(0.3), 201, True, 0.3),
    (delay(60), TimeoutError, True, TIMEOUT),
    (HANG, TimeoutError, False, TIMEOUT),
)


def test_each_fault(cluster: Cluster, server: Server, namespace: str) -> None:
    got = []
    for number, (fault, expected, written, seconds) in enumerate(FAULTS):
        begin = time.monotonic()
        with server.proxy(Rule(fault)) as proxy:
            got.append(outcome(server.create, proxy, f"s-{number}"))
        assert time.monotonic() - begin >= seconds
        status = expected if isinstance(expected, int) else 201 if written else None
        assert proxy.seen == [("POST", server.secrets, fault.name, status)]
    there = {item.metadata.name for item in cluster.api.list_namespaced_secret(namespace).items}

    assert [(FAULTS[n][0].name, got[n], f"s-{n}" in there) for n in range(len(FAULTS))] == [
        (fault.name, expected, written) for fault, expected, written, _seconds in FAULTS
    ]


def test_a_refusal_looks_like_one_of_an_api_server(server: Server) -> None:
    with server.proxy(Rule(refuse(429, {"Retry-After": "7"}))) as proxy:
        answer, body = server.create(proxy, "refused")

    assert (answer.headers["Retry-After"], answer.headers["Content-Type"]) == ("7", "application/json")
    assert json.loads(body) == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": "injected 429",
        "reason": "TooManyRequests",
        "code": 429,
    }


def test_half_of_an_answer(server: Server) -> None:
    with server.proxy(Rule(HALF)) as proxy:
        connection = client(proxy)
        connection.request("GET", "/version", headers={"Authorization": f"Bearer {server.token}"})
        answer = connection.getresponse()
        half = int(answer.headers["Content-Length"]) // 2

        assert answer.status == 200
        assert len(answer.read(half)) == half > 0
        with pytest.raises(ConnectionResetError):
            answer.read()


def test_what_no_rule_matches_reaches_the_server(server: Server) -> None:
    """All on one connection of the client."""
    merge = {"Content-Type": "application/merge-patch+json"}
    one = f"{server.secrets}/one"
    requests: Sequence[tuple[str, str, Any, Mapping[str, str], int]] = (
        ("GET", "/version", None, {}, 200),
        ("GET", one, None, {"Authorization": "Bearer wrong"}, 401),
        ("POST", f"{server.secrets}?dryRun=All", secret("one"), {}, 201),
        ("GET", one, None, {}, 404),
        ("POST", server.secrets, secret("one", key="x"), {}, 201),
        ("POST", server.secrets, secret("one", key="x"), {}, 409),
        ("PUT", one, secret("one", key="y"), {}, 200),
        ("PATCH", one, {"stringData": {"more": "z"}}, merge, 200),
        ("HEAD", one, None, {}, 405),
        ("GET", one, None, {}, 200),
        ("DELETE", one, None, {}, 200),
    )
    with server.proxy(Rule(RESET, path="^/elsewhere"), Rule(RESET, methods=("OPTIONS",))) as proxy:
        connection = client(proxy)
        connection.connect()
        socket = connection.sock
        answers = [
            server.ask(connection, method, path, body, **headers) for method, path, body, headers, _status in requests
        ]

        assert connection.sock is socket

    assert [answer.status for answer, _body in answers] == [status for *_request, status in requests]
    assert json.loads(answers[9][1])["data"] == {"key": "eQ==", "more": "eg=="}
    assert proxy.seen == [(method, path, None, status) for method, path, _body, _headers, status in requests]
    assert (proxy.count(), proxy.count(method="POST"), proxy.count(method="POST", status=201)) == (11, 3, 2)


def test_a_chunked_answer(server: Server, tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text(server.ca)
    direct = HTTPSConnection(urlsplit(server.url).netloc, context=create_default_context(cadata=server.ca))
    with FaultProxy(server.url, tmp_path / "ca.crt") as proxy:
        server.ask(client(proxy), "POST", server.secrets, secret("long", key="x" * 100_000))
        chunked, body = server.ask(direct, "GET", f"{server.secrets}/long")
        whole, same = server.ask(client(proxy), "GET", f"{server.secrets}/long")
    direct.close()

    assert (chunked.headers["Transfer-Encoding"], whole.headers["Transfer-Encoding"]) == ("chunked", None)
    assert body == same
    assert whole.headers["Audit-Id"]


def test_half_of_a_request_does_not_reach_the_server(server: Server) -> None:
    """Nor does it keep the proxy from going down."""
    with server.proxy() as proxy:
        connection = client(proxy)
        server.ask(connection, "GET", "/version")
        connection.putrequest("POST", server.secrets)
        connection.putheader("Authorization", f"Bearer {server.token}")
        connection.putheader("Content-Length", "60")
        connection.endheaders(b"{")
        proxy.down()

    assert proxy.seen == [("GET", "/version", None, 200)]


# What eight requests get, by the last digit of the status (a dot: no fault), and the rules.
PATTERNS: Mapping[str, Sequence[Rule]] = {
    "00000000": [Rule(refuse(500))],
    "00......": [Rule(refuse(500), first=2)],
    "...00000": [Rule(refuse(500), skip=3)],
    "..0..0..": [Rule(refuse(500), every=3)],
    "...0....": [Rule(refuse(500), skip=2, every=2, first=1)],
    "00333333": [Rule(refuse(500), first=2), Rule(refuse(503))],
    "0..3.3..": [Rule(refuse(500), first=1), Rule(refuse(503), skip=1, every=2, first=2)],
    "........": [Rule(refuse(500), methods=("PUT", "POST")), Rule(refuse(503), path="/versions")],
    "33333333": [Rule(refuse(500), methods=("PUT",)), Rule(refuse(503), methods=("PUT", "GET"), path=r"x=\d$")],
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_which_requests_a_rule_is_about(server: Server, pattern: str) -> None:
    with server.proxy(*PATTERNS[pattern]) as proxy:
        connection = client(proxy)
        statuses = [server.ask(connection, "GET", f"/version?x={number}")[0].status for number in range(8)]

    assert "".join({200: ".", 500: "0", 503: "3"}[status] for status in statuses) == pattern


def test_clients_that_come_at_once_are_counted_one_by_one(server: Server) -> None:
    def ask(_worker: int) -> None:
        connection = client(proxy)
        for _number in range(50):
            server.ask(connection, "GET", "/version")

    rules = Rule(refuse(500), skip=10, every=2, first=100), Rule(refuse(503))
    with server.proxy(*rules) as proxy, ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(8)))

    assert (proxy.count(status=500), proxy.count(status=503)) == (100, 300)


def test_off_and_on_again(server: Server) -> None:
    with server.proxy() as proxy:
        look = server.ask, client(proxy), "GET", "/version"
        url = proxy.url
        got = [outcome(*look)]
        proxy.down()
        got += [outcome(*look), outcome(*look), outcome(*look)]
        proxy.up()
        got += [outcome(*look)]

        assert proxy.url == url
    assert got == [200, ConnectionResetError, ConnectionRefusedError, ConnectionRefusedError, 200]
    assert proxy.count() == 2


def test_a_server_that_restarts(server: Server) -> None:
    """The server is a proxy here, as that can be switched off."""
    with server.proxy() as inner, FaultProxy(inner.url, None) as outer:
        look = server.ask, client(outer), "GET", "/version"
        got = [outcome(*look)]
        inner.down()
        inner.up()
        got += [outcome(*look)]
        inner.down()
        got += [outcome(*look), outcome(*look)]
        inner.up()
        got += [outcome(*look)]

    assert got == [200, 200, ConnectionResetError, ConnectionResetError, 200]
    assert [seen.fault for seen in outer.seen] == [None, None, "no-server", "no-server", None]


@pytest.mark.parametrize("fault", [HANG, delay(60)], ids=lambda fault: fault.name)
def test_everything_ends_with_the_context(server: Server, fault: Fault) -> None:
    before = set(threading.enumerate())
    with ThreadPoolExecutor(1) as pool:
        with server.proxy(Rule(fault)) as proxy:
            waiting = pool.submit(outcome, server.ask, client(proxy), "GET", "/version")
            while not proxy.seen:
                time.sleep(0.01)
        assert waiting.result() is ConnectionResetError

    for thread in set(threading.enumerate()) - before:
        thread.join(1)
        assert not thread.is_alive()
