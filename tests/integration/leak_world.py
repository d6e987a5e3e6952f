# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tasks of leak_cases find: Secrets in a namespace, files, ways to the API server, and a talkative webhook."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from admission import Judge, Request
from canary import Canary, find_leaks, read_below
from cluster import Cluster
from leak_cases import CANARIES, EXISTING, FILES, VARIABLES
from rights import READ_ONLY

import control_plane_pki as pki

ALL_RIGHTS = [{"apiGroups": [""], "resources": ["secrets", "namespaces"], "verbs": ["*"]}]
EXEC_CREDENTIAL = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential"}


@dataclass(frozen=True)
class World:
    """A folder with all that the tasks are given, the values of ``connect``, and every canary that is somewhere."""

    inputs: Path
    connect: Mapping[str, Any]
    canaries: Sequence[Canary]

    @property
    def variables(self) -> str:
        """The argument of ansible-playbook that names the file with the secrets."""
        return f"--extra-vars=@{self.inputs / 'variables.yml'}"


def build_world(cluster: Cluster, namespace: str, inputs: Path) -> World:
    """Make all of it. Fails when a canary is not there, because a search for it would prove nothing."""
    inputs.mkdir()
    for name, fields in EXISTING.items():
        cluster.create_secret(namespace, name, **fields)
    for name, text in FILES.items():
        (inputs / name).write_text(text)
    connect, keys = _build_connections(cluster, namespace, inputs)
    variables = {**VARIABLES, "connect": connect, "inputs": str(inputs), "test_namespace": namespace}
    (inputs / "variables.yml").write_text(yaml.safe_dump(variables, allow_unicode=True, width=10_000))
    canaries = [*CANARIES.values(), *keys]
    there = {**read_below(inputs), "cluster": dump_secrets(cluster, namespace)}
    missing = [known.name for known in canaries if not find_leaks(there, [known])]
    assert not missing, missing
    return World(inputs, connect, canaries)


def dump_secrets(cluster: Cluster, namespace: str) -> bytes:
    """All Secrets of the namespace as the API returns them."""
    data: bytes = cluster.api.list_namespaced_secret(namespace, _preload_content=False).data
    return data


def digests(*dumps: bytes) -> list[Canary]:
    """What is stored in Secrets, to be searched for by its digests alone."""
    secrets = [secret for dump in dumps for secret in json.loads(dump)["items"]]
    values = {value for secret in secrets for value in (secret.get("data") or {}).values()}
    return [Canary("stored data", value, (), (base64.b64decode(value).decode(),)) for value in sorted(values)]


def metadata(dump: bytes) -> dict[str, bytes]:
    """Names, labels and annotations of Secrets, which more people may read than the data."""
    found = [secret["metadata"] for secret in json.loads(dump)["items"]]
    return {f"metadata of {fields['name']}": json.dumps(fields).encode() for fields in found}


def judge(cluster: Cluster, namespace: str) -> Judge:
    """Refuses with messages that quote the Secret, as a talkative webhook does, and lets somebody else win a race."""
    races: list[str] = []

    def decide(request: Request) -> Mapping[str, Any] | None:
        secret = request["object"] or request["oldObject"]
        name = secret["metadata"]["name"]
        if name.startswith("race-") and races.count(name) < 2:
            races.append(name)
            if request["operation"] == "CREATE":
                cluster.create_secret(namespace, name, **EXISTING["race-update"])
            else:
                somebody = {"metadata": {"annotations": {"example.com/race": str(len(races))}}}
                cluster.api.patch_namespaced_secret(name, namespace, somebody)
        data = (secret.get("data") or {}).get(".dockerconfigjson", "")
        answers = {
            "server-says-the-object": (403, json.dumps(secret)),
            "server-says-the-config": (422, base64.b64decode(data).decode()),
            "server-says-a-part": (400, f"{data[:120]}…"),
            "server-says-conflict": (409, json.dumps(secret)),
            "server-says-what-is-stored": (500, base64.b64decode(data).decode()),
        }
        if name not in answers:
            return None
        code, message = answers[name]
        return {"code": code, "message": message}

    return decide


def _build_connections(cluster: Cluster, namespace: str, inputs: Path) -> tuple[dict[str, Any], list[Canary]]:
    """The ways to the API server that the cases name, and the canaries in them."""
    assert cluster.client_kubeconfig
    writer, nobody, reader = (
        cluster.identity(namespace, rules).connection["kubeconfig"] for rules in (ALL_RIGHTS, (), READ_ONLY)
    )
    admin, expired, by_plugin = (
        cluster.client_kubeconfig(user, groups=["system:masters"], valid_for=timedelta(hours=hours))
        for user, hours in (("admin", 1), ("expired", -1), ("by-plugin", 1))
    )
    server = admin["clusters"][0]["cluster"]
    token = writer["users"][0]["user"]["token"]
    certificate, key = _pem(admin)
    given_certificate, given_key = _pem(by_plugin)
    files = {
        "ca.crt": base64.b64decode(server["certificate-authority-data"]).decode(),
        "crt": certificate,
        "key": key,
        "kubeconfig": yaml.safe_dump(writer),
        "token-plugin": _credential(token=token),
        "certificate-plugin": _credential(clientCertificateData=given_certificate, clientKeyData=given_key),
    }
    for name, text in files.items():
        (inputs / name).write_text(text)
    other = base64.b64encode(pki.make_authority("another").certificate).decode()
    proxy = f"http://octo:{CANARIES['proxy_password'].text}@127.0.0.1:1"
    connect = {
        "server": server["server"],
        "ca_cert": str(inputs / "ca.crt"),
        "token": token,
        "client_key": key,
        "admin": admin,
        "expired": expired,
        "with_token": writer,
        "without_rights": nobody,
        "read_only": reader,
        "other_authority": _with_cluster(admin, {**server, "certificate-authority-data": other}),
        "with_proxy": _with_cluster(admin, {**server, "proxy-url": proxy}),
        "with_wrong_token": _with_user(admin, {"token": CANARIES["mapping_token"].text}),
        "with_plugin": _with_plugin(admin, f"cat '{inputs}/token-plugin'"),
        "with_certificate_plugin": _with_plugin(admin, f"cat '{inputs}/certificate-plugin'"),
        "with_failing_plugin": _with_plugin(admin, f"cat '{inputs}/plugin-stderr' >&2; exit 1"),
        "with_garbage_plugin": _with_plugin(admin, f"cat '{inputs}/plugin-stderr'"),
    }
    return connect, [
        _token_canary("token of the writer", writer),
        _token_canary("token without rights", nobody),
        _token_canary("token of the reader", reader),
        _key_canary("client key of the admin", admin),
        _key_canary("client key of an expired certificate", expired),
        _key_canary("client key that a plugin gives", by_plugin),
    ]


def _credential(**status: str) -> str:
    """What a credential plugin prints."""
    return json.dumps({**EXEC_CREDENTIAL, "status": status})


def _with_cluster(kubeconfig: Mapping[str, Any], cluster: Mapping[str, Any]) -> dict[str, Any]:
    return {**kubeconfig, "clusters": [{"name": kubeconfig["clusters"][0]["name"], "cluster": dict(cluster)}]}


def _with_user(kubeconfig: Mapping[str, Any], user: Mapping[str, Any]) -> dict[str, Any]:
    return {**kubeconfig, "users": [{"name": kubeconfig["users"][0]["name"], "user": dict(user)}]}


def _with_plugin(kubeconfig: Mapping[str, Any], command: str) -> dict[str, Any]:
    """A kubeconfig whose user gets credentials from a shell command, which has a secret in its environment."""
    environment = [{"name": "PLUGIN_SECRET", "value": CANARIES["plugin_environment"].text}]
    program = {"command": "sh", "args": ["-c", command], "env": environment, "interactiveMode": "Never"}
    return _with_user(kubeconfig, {"exec": {"apiVersion": EXEC_CREDENTIAL["apiVersion"], **program}})


def _pem(kubeconfig: Mapping[str, Any]) -> tuple[str, str]:
    """The client certificate and its key."""
    user = kubeconfig["users"][0]["user"]
    certificate, key = (base64.b64decode(user[name]) for name in ("client-certificate-data", "client-key-data"))
    return certificate.decode(), key.decode()


def _token_canary(name: str, kubeconfig: Mapping[str, Any]) -> Canary:
    """The token of a kubeconfig, known by its signature."""
    token = kubeconfig["users"][0]["user"]["token"]
    signature = token.rpartition(".")[2]
    return Canary(name, token, (signature[:24], signature[-24:]))


def _key_canary(name: str, kubeconfig: Mapping[str, Any]) -> Canary:
    """The client key of a kubeconfig, known by its secret number: the octets 7 to 38 (SEC 1, P-256)."""
    key = _pem(kubeconfig)[1]
    line = key.splitlines()[1]
    return Canary(name, key, (line[10:30], line[30:50]))
