# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The limit: the requests that the work needs and nothing else, on connections that are kept.

As a program it does the work that a JSON file describes (the fields of Spec), and writes the seconds from the
first request to the last answer to KEYRING_BENCH_CLOCK.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from urllib3 import HTTPSConnectionPool
from urllib3.util import parse_url

MERGE_PATCH = "application/merge-patch+json"
USERNAME = "octo"
REGISTRY = "ghcr.io"
TYPE = "kubernetes.io/dockerconfigjson"


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: bytes | None = None
    content_type: str = "application/json"


class Refused(Exception):
    """The API server answered something else than success."""


@dataclass(frozen=True)
class Spec:
    """What the program is to do. ``identity`` is a folder with ca.crt, client.crt and client.key."""

    operation: str
    server: str
    identity: str
    secret: str
    namespaces: list[str]
    password: str
    threads: int


def connect(server: str, identity: Path, threads: int) -> HTTPSConnectionPool:
    """Connections to the API server, kept; the first one is made with the first request."""
    url = parse_url(server)
    return HTTPSConnectionPool(
        str(url.host),
        url.port,
        maxsize=threads,
        block=True,
        ca_certs=str(identity / "ca.crt"),
        cert_file=str(identity / "client.crt"),
        key_file=str(identity / "client.key"),
    )


def send(pool: HTTPSConnectionPool, requests: Iterable[Request], threads: int) -> list[bytes]:
    """Send requests from several threads; the answers, in no order. Raises Refused for anything but success."""
    waiting = iter(requests)
    lock = threading.Lock()
    answers: list[bytes] = []
    refusals: list[str] = []

    def work() -> None:
        while not refusals:
            with lock:
                request = next(waiting, None)
            if request is None:
                return
            headers = {"Accept": "application/json", "Content-Type": request.content_type}
            try:
                answer = pool.request(request.method, request.path, body=request.body, headers=headers, retries=False)
            except Exception as error:  # noqa: BLE001  (a thread has nobody else to tell)
                refusals.append(f"{request.method} {request.path}: {error}")
                return
            if 200 <= answer.status < 300:
                answers.append(answer.data)
            else:
                refusals.append(f"{request.method} {request.path}: {answer.status} {answer.data[:300]!r}")

    workers = [threading.Thread(target=work, daemon=True) for _number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if refusals:
        raise Refused(refusals[0])
    return answers


def docker_config(password: str) -> str:
    """The docker config that everybody writes, as base64."""
    auth = b64encode(f"{USERNAME}:{password}".encode()).decode()
    auths = {REGISTRY: {"auth": auth, "password": password, "username": USERNAME}}
    return b64encode(json.dumps({"auths": auths}, separators=(",", ":")).encode()).decode()


def secret_body(secret: str, password: str, *, namespace: str = "") -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": secret, **({"namespace": namespace} if namespace else {})},
        "type": TYPE,
        "data": {".dockerconfigjson": docker_config(password)},
    }


def lists(secret: str) -> list[Request]:
    """What anybody has to ask who does not know what is there."""
    return [
        Request("GET", "/api/v1/namespaces"),
        Request("GET", f"/api/v1/secrets?fieldSelector=metadata.name%3D{secret}"),
    ]


def creates(secret: str, namespaces: Sequence[str], password: str) -> list[Request]:
    body = json.dumps(secret_body(secret, password)).encode()
    return [Request("POST", f"/api/v1/namespaces/{namespace}/secrets", body) for namespace in namespaces]


def patches(secret: str, namespaces: Sequence[str], password: str) -> list[Request]:
    body = json.dumps({"data": {".dockerconfigjson": docker_config(password)}}).encode()
    return [
        Request("PATCH", f"/api/v1/namespaces/{namespace}/secrets/{secret}", body, MERGE_PATCH)
        for namespace in namespaces
    ]


def plan(spec: Spec) -> list[list[Request]]:
    """The requests of an operation; a list waits for the one before it."""
    everywhere = (spec.secret, spec.namespaces, spec.password)
    return {
        "create": lambda: [creates(*everywhere)],
        "nothing to do": lambda: [lists(spec.secret)],
        "change all": lambda: [patches(*everywhere)],
    }[spec.operation]()


def main() -> None:
    spec = Spec(**json.loads(Path(sys.argv[1]).read_text()))
    steps = plan(spec)
    begin = time.perf_counter()
    pool = connect(spec.server, Path(spec.identity), spec.threads)
    for step in steps:
        send(pool, step, min(spec.threads, len(step)))
    Path(os.environ["KEYRING_BENCH_CLOCK"]).write_text(str(time.perf_counter() - begin))


if __name__ == "__main__":
    main()
