# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What connections to an API server are put together from."""

from __future__ import annotations

import base64
import json
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from support.playbook import task

READ_NOTHING = {"name": "not-there", "state": "absent"}  # one GET, and nothing to do


def look(options: Mapping[str, Any], namespace: str | None) -> dict[str, Any]:
    return task("image_pull_secret", **READ_NOTHING, **({"namespace": namespace} if namespace else {}), **options)


@dataclass(frozen=True)
class Parts:
    """What a way is put together from: an identity's kubeconfig as mapping and in files."""

    kubeconfig: dict[str, Any]
    server: str
    token: str
    folder: Path

    def file(self, name: str, content: str | bytes | Mapping[str, Any]) -> str:
        path = self.folder / name
        text = yaml.safe_dump(dict(content)) if isinstance(content, Mapping) else content
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    @property
    def ca(self) -> str:
        data = self.kubeconfig["clusters"][0]["cluster"]["certificate-authority-data"]
        return self.file("ca.crt", base64.b64decode(data))

    def with_cluster(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **self.kubeconfig,
            "clusters": [{"name": "control-plane", "cluster": {"server": self.server, **fields}}],
        }

    def with_user(self, user: Mapping[str, Any]) -> dict[str, Any]:
        return {**self.kubeconfig, "users": [{"name": "robot", "user": dict(user)}]}


PLUGIN = {"apiVersion": "client.authentication.k8s.io/v1", "command": sys.executable, "interactiveMode": "Never"}


def plugin(folder: Parts, code: str) -> dict[str, Any]:
    """A kubeconfig whose user asks a credential plugin, a Python program of this code."""
    path = folder.file(f"plugin-{uuid.uuid4().hex[:6]}.py", code)
    return folder.with_user({"exec": {**PLUGIN, "args": [path]}})


def token_plugin(token: str, version: str = "v1") -> str:
    kind = {"apiVersion": f"client.authentication.k8s.io/{version}", "kind": "ExecCredential"}
    status = {**kind, "status": {"token": token}}
    return f"print('''{json.dumps(status)}''')"
