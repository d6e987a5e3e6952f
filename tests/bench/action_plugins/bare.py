# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The least that a task about a cluster can do in Ansible's own process: read the kubeconfig, open TLS, send GETs."""

from __future__ import annotations

import base64
import json
import os
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import urllib3
import yaml
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """An action with the options ``kubeconfig``, a path, and ``get``, a list of paths on the API server."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send one GET after the other, and parse each answer."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        config = yaml.load(Path(self._task.args["kubeconfig"]).read_bytes(), Loader=yaml.CSafeLoader)
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        server = urlsplit(cluster["server"])
        pool = urllib3.HTTPSConnectionPool(
            str(server.hostname),
            server.port,
            ssl_context=_tls(cluster, user),
            server_hostname=cluster.get("tls-server-name"),
            assert_hostname=cluster.get("tls-server-name"),
        )
        for path in self._task.args["get"]:
            answer = pool.request("GET", path, headers={"Accept": "application/json"}, retries=False)
            if answer.status != 200:
                return {**result, "failed": True, "msg": f"GET {path}: {answer.status}"}
            json.loads(answer.data)
        return result


def _tls(cluster: dict[str, str], user: dict[str, str]) -> ssl.SSLContext:
    """Return the TLS settings of a kubeconfig that has all of them inline."""
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    context = ssl.create_default_context(cadata=authority)
    content = base64.b64decode(user["client-certificate-data"]) + base64.b64decode(user["client-key-data"])
    # Python's ssl takes a client certificate from a file only: here one in memory.
    with open(os.memfd_create("bare"), "wb") as file:
        file.write(content)
        file.flush()
        context.load_cert_chain(f"/proc/self/fd/{file.fileno()}")
    return context
