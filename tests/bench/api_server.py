# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API server that everybody is measured against: what is in it, and what it was asked for."""

from __future__ import annotations

import json
import os
import time
import uuid
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.raw_http import REGISTRY, Request, connect, patches, send
from support.control_plane import ControlPlane

_SETUP = "bench-setup"
_MASTERS = ["system:masters"]
_THREADS = 8
_PAGE = 1000
FOREIGN_NAME = "foreign"
FOREIGN_BYTES = 100_000


@dataclass(frozen=True)
class Stored:
    """What is of interest of a stored pull secret."""

    version: str
    password: str


@dataclass(frozen=True)
class Asked:
    """Requests by verb of RBAC, dry runs apart, and how many of them were further pages of a list."""

    verbs: dict[str, int]
    pages: int


class ApiServer:
    """A running control plane with the namespaces of the benchmark."""

    def __init__(self, control_plane: ControlPlane, directory: Path) -> None:
        self._control_plane = control_plane
        self._directory = directory
        self.server = control_plane.server
        self.namespaces: list[str] = []
        self._pool = connect(self.server, self.identity(_SETUP), _THREADS)
        self._mark = (0, 0)

    def identity(self, user: str) -> Path:
        """A folder with the credentials of a user who may do everything: kubeconfig, ca.crt, client.crt, client.key."""
        folder = self._directory / user
        if not folder.exists():
            folder.mkdir(parents=True)
            config = self._control_plane.client_kubeconfig(user, _MASTERS, valid_for=timedelta(days=2))
            (folder / "kubeconfig").write_text(json.dumps(config))
            entry = config["users"][0]["user"]
            (folder / "ca.crt").write_bytes(self._control_plane.ca_certificate.read_bytes())
            (folder / "client.crt").write_bytes(b64decode(entry["client-certificate-data"]))
            (folder / "client.key").write_bytes(b64decode(entry["client-key-data"]))
        return folder

    def version(self) -> str:
        return str(self._get("/version")["gitVersion"])

    def grow(self, count: int) -> None:
        """Make namespaces until there are that many; there is no way back."""
        names = [f"bench-{number:05}" for number in range(len(self.namespaces), count)]
        bodies = [json.dumps({"metadata": {"name": name}}).encode() for name in names]
        self._send([Request("POST", "/api/v1/namespaces", body) for body in bodies])
        self.namespaces += names

    def add_foreign(self, count: int) -> None:
        """Make that many large Secrets that are nobody's business, spread over the namespaces."""
        data = {"blob": b64encode(os.urandom(FOREIGN_BYTES)).decode()}

        def requests() -> Iterator[Request]:
            for number in range(count):
                body = {"metadata": {"name": f"{FOREIGN_NAME}-{number:05}"}, "data": data}
                namespace = self.namespaces[number % len(self.namespaces)]
                yield Request("POST", f"/api/v1/namespaces/{namespace}/secrets", json.dumps(body).encode())

        self._send(requests())

    def stored(self, secret: str) -> dict[str, Stored]:
        """The Secrets of this name, by namespace."""
        found: dict[str, Stored] = {}
        following = ""
        while True:
            path = f"/api/v1/secrets?fieldSelector=metadata.name%3D{secret}&limit={_PAGE}&continue={following}"
            page = self._get(path)
            for item in page["items"]:
                auths = json.loads(b64decode(item["data"][".dockerconfigjson"]))["auths"]
                metadata = item["metadata"]
                found[metadata["namespace"]] = Stored(metadata["resourceVersion"], auths[REGISTRY]["password"])
            following = page["metadata"].get("continue", "")
            if not following:
                return found

    def drift(self, secret: str, password: str) -> None:
        """Let somebody else change the Secret of the first namespace."""
        self._send(patches(secret, self.namespaces[:1], password))

    def delete(self, secret: str) -> None:
        paths = [f"/api/v1/namespaces/{namespace}/secrets/{secret}" for namespace in self.stored(secret)]
        self._send([Request("DELETE", path) for path in paths])

    def mark(self) -> None:
        """Begin to count requests."""
        self._flush()
        log = self._control_plane.audit_log.stat()
        self._mark = (log.st_ino, log.st_size)

    def asked(self, user: str) -> Asked:
        """What a user has asked for since `mark()`, from the audit log."""
        self._flush()
        ours = [event for event in self._events() if event["user"].get("username") == user]
        pages = sum("continue=" in event["requestURI"] for event in ours)
        verbs = Counter(event["verb"] + " (dry run)" * ("dryRun=" in event["requestURI"]) for event in ours)
        return Asked(dict(sorted(verbs.items())), pages)

    def _events(self) -> Iterator[dict[str, Any]]:
        """Audit events since the mark; the API server begins a new log every 100 MB, and renames the old one."""
        inode, offset = self._mark
        logs = sorted(self._control_plane.audit_log.parent.glob("audit*.log"), key=lambda log: log.stat().st_mtime)
        inodes = [log.stat().st_ino for log in logs]
        for log in logs[inodes.index(inode) :]:
            with log.open("rb") as file:
                if log.stat().st_ino == inode:
                    file.seek(offset)
                for line in file:
                    yield json.loads(line)

    def _flush(self) -> None:
        """Wait until everything that was asked before is in the audit log: for a request of our own."""
        marker = f"/version?marker={uuid.uuid4().hex}"
        self._get(marker)
        deadline = time.monotonic() + 30
        while marker.encode() not in self._end_of_log():
            if time.monotonic() > deadline:
                raise TimeoutError("The audit log does not get the request that marks its end.")
            time.sleep(0.02)
        # A request that was answered a moment ago by another thread of the server may be a moment late.
        time.sleep(0.05)

    def _end_of_log(self) -> bytes:
        with self._control_plane.audit_log.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - 100_000))
            return file.read()

    def _get(self, path: str) -> dict[str, Any]:
        (answer,) = send(self._pool, [Request("GET", path)], 1)
        document: dict[str, Any] = json.loads(answer)
        return document

    def _send(self, requests: Iterator[Request] | Sequence[Request]) -> None:
        send(self._pool, requests, _THREADS)
