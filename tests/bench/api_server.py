# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API server that everybody is measured against, and what is in it."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from bench.raw_http import REGISTRY, Request, connect, send
from support.control_plane import ControlPlane

_USER = "bench"
_MASTERS = ["system:masters"]
_THREADS = 8
_PAGE = 1000


@dataclass(frozen=True)
class Stored:
    """The version and the password of a stored pull secret."""

    version: str
    password: str


class ApiServer:
    """A running control plane with the namespaces of the benchmark.

    ``identity`` is the folder with the credentials of everybody, who may do everything: kubeconfig, ca.crt, client.crt
    and client.key.
    """

    def __init__(self, control_plane: ControlPlane, identity: Path) -> None:
        self.server = control_plane.server
        self.identity = identity
        self.kubeconfig = control_plane.client_kubeconfig(_USER, _MASTERS, valid_for=timedelta(days=2))
        self.namespaces: list[str] = []
        user = self.kubeconfig["users"][0]["user"]
        identity.mkdir(parents=True)
        (identity / "kubeconfig").write_text(yaml.safe_dump(self.kubeconfig))
        (identity / "ca.crt").write_bytes(control_plane.ca_certificate.read_bytes())
        (identity / "client.crt").write_bytes(b64decode(user["client-certificate-data"]))
        (identity / "client.key").write_bytes(b64decode(user["client-key-data"]))
        self._pool = connect(self.server, identity, _THREADS)

    def version(self) -> str:
        return str(self._get("/version")["gitVersion"])

    def grow(self, count: int) -> None:
        """Make namespaces ``bench-00000``, ``bench-00001`` … until there are that many."""
        names = [f"bench-{number:05}" for number in range(len(self.namespaces), count)]
        self.make("/api/v1/namespaces", [{"metadata": {"name": name}} for name in names])
        self.namespaces += names

    def make(self, path: str, objects: Sequence[Any]) -> None:
        """Make objects of one kind."""
        self.send([Request("POST", path, json.dumps(body).encode()) for body in objects])

    def make_in_each(self, namespaces: Sequence[str], resource: str, body: Any) -> None:
        """Make one object in each of these namespaces."""
        content = json.dumps(body).encode()
        self.send([Request("POST", f"/api/v1/namespaces/{name}/{resource}", content) for name in namespaces])

    def stored(self, secret: str) -> dict[str, Stored]:
        """Return the pull secrets of this name by namespace."""
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

    def delete(self, secret: str) -> None:
        """Delete the pull secrets of this name."""
        paths = [f"/api/v1/namespaces/{namespace}/secrets/{secret}" for namespace in self.stored(secret)]
        self.send([Request("DELETE", path) for path in paths])

    def send(self, requests: Iterator[Request] | Sequence[Request]) -> None:
        send(self._pool, requests, _THREADS)

    def _get(self, path: str) -> dict[str, Any]:
        (answer,) = send(self._pool, [Request("GET", path)], 1)
        document: dict[str, Any] = json.loads(answer)
        return document
