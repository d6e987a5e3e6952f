# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tasks of a suite find: Secrets in a namespace, files, ways to the API server, and a talkative webhook."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from support.admission import Judge, Request
from support.canary import Canary, find_leaks, key_canary, read_below
from support.cluster import Cluster
from support.control_plane import pki
from support.leaks.pull_secrets import CANARIES
from support.leaks.suite import Suite, Unsafe, Vaulted
from support.rbac import READ_ONLY
from support.servers.git_ssh import SshGitServer

ALL_RIGHTS = [{"apiGroups": [""], "resources": ["secrets", "namespaces"], "verbs": ["*"]}]
EXEC_CREDENTIAL = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential"}

VAULT_PASSWORD_FILE = "vault-password"
_CONNECTION_CANARIES = {
    name: CANARIES[name]
    for name in ("proxy_password", "mapping_token", "plugin_environment", "refresh_token", "login_secret")
}


class VariablesDumper(yaml.SafeDumper):
    """Writes what is encrypted, and what is no template, as Ansible has it."""


VariablesDumper.add_representer(Vaulted, lambda dumper, text: dumper.represent_scalar("!vault", str(text), style="|"))
VariablesDumper.add_representer(Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text), style='"'))


@dataclass(frozen=True)
class World:
    """A folder with all that the tasks are given, the values of ``connect``, and every canary that is somewhere."""

    module: str
    inputs: Path
    connect: Mapping[str, Any]
    canaries: Sequence[Canary]

    @property
    def variables(self) -> Sequence[str]:
        """The arguments of ansible-playbook that name the files with the secrets."""
        vault = self.inputs / VAULT_PASSWORD_FILE
        opened = [f"--vault-password-file={vault}"] if vault.exists() else []
        return [f"--extra-vars=@{self.inputs / 'variables.yml'}", *opened]


def build_world(
    cluster: Cluster, namespace: str, inputs: Path, suite: Suite, ssh_server: SshGitServer, registry: str
) -> World:
    """Make all of it, and two more namespaces with the same Secrets, whose changes and failures are shown once.

    ``registry`` is the location of one that quotes what it gets.
    Fails when a canary is not there, because a search for it would prove nothing.
    """
    inputs.mkdir()
    twins = [f"twin-{namespace}-{suffix}" for suffix in ("a", "b")]
    for twin in twins:
        cluster.api.create_namespace({"metadata": {"name": twin}})
    for place in (namespace, *twins):
        for name, fields in suite.existing.items():
            cluster.create_secret(place, name, **fields)
    cluster.api.create_namespaced_service_account(namespace, {"metadata": {"name": "app"}})
    for name, text in suite.files.items():
        (inputs / name).write_text(text)
    connect, keys = _build_connections(cluster, namespace, inputs)
    variables = {
        **suite.variables,
        "connect": connect,
        "inputs": str(inputs),
        "test_namespace": namespace,
        "quoting_registry": registry,
        "git_server": {"url": ssh_server.url, "fingerprints": list(ssh_server.fingerprints.values())},
    }
    (inputs / "variables.yml").write_text(
        yaml.dump(variables, Dumper=VariablesDumper, allow_unicode=True, width=10_000)
    )
    canaries = [*{**_CONNECTION_CANARIES, **suite.canaries}.values(), *keys]
    there = {**read_below(inputs), "cluster": dump_secrets(cluster, namespace)}
    missing = [known.name for known in canaries if not find_leaks(there, [known])]
    assert not missing, missing
    return World(suite.module, inputs, connect, canaries)


def dump_secrets(cluster: Cluster, namespace: str) -> bytes:
    """All Secrets of the namespace as the API returns them."""
    data: bytes = cluster.api.list_namespaced_secret(namespace, _preload_content=False).data
    return data


def items(dump: bytes) -> list[dict[str, Any]]:
    """The Secrets in a dump."""
    found: list[dict[str, Any]] = json.loads(dump)["items"]
    return found


def digests(*dumps: bytes) -> list[Canary]:
    """What is stored in Secrets, to be searched for by its digests alone."""
    secrets = [secret for dump in dumps for secret in items(dump)]
    values = {value for secret in secrets for value in (secret.get("data") or {}).values()}
    return [Canary("stored data", value, (), (base64.b64decode(value).decode(),)) for value in sorted(values)]


def metadata(dump: bytes) -> dict[str, bytes]:
    """Names, labels and annotations of Secrets, which more people may read than the data."""
    found = [secret["metadata"] for secret in items(dump)]
    return {f"metadata of {fields['name']}": json.dumps(fields).encode() for fields in found}


def stored_keys(*dumps: bytes) -> list[Canary]:
    """The private keys in Secrets, those too that a task has made or brought into another form."""
    stored = {
        (secret["metadata"]["name"], key, base64.b64decode(value).decode())
        for dump in dumps
        for secret in items(dump)
        for key, value in (secret.get("data") or {}).items()
    }
    whole = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\n[^-]+\n-----END [A-Z ]*PRIVATE KEY-----\n?")
    return [key_canary(f"{key} of {name}", text) for name, key, text in sorted(stored) if whole.fullmatch(text)]


def judge(cluster: Cluster, namespace: str, suite: Suite) -> Judge:
    """Refuses with messages that quote the Secret, as a talkative webhook does, and lets somebody else win a race."""
    races: list[str] = []

    def decide(request: Request) -> Mapping[str, Any] | None:
        secret = request["object"] or request["oldObject"]
        name = secret["metadata"]["name"]
        if name.startswith("race-") and races.count(name) < 2:
            races.append(name)
            if request["operation"] == "CREATE":
                cluster.create_secret(namespace, name, **suite.existing["race-update"])
            else:
                somebody = {"metadata": {"annotations": {"example.com/race": str(len(races))}}}
                cluster.api.patch_namespaced_secret(name, namespace, somebody)
        values = list((secret.get("data") or {}).values())
        content = "\n".join(base64.b64decode(value).decode() for value in values)
        answers = {
            "server-says-the-object": (403, json.dumps(secret)),
            "server-says-the-config": (422, content),
            "server-says-a-part": (400, "…".join(f"{value[:120]}…{value[-120:]}" for value in values)),
            "server-says-a-line": (400, "".join(line[3:] for line in content.splitlines())),
            "server-says-conflict": (409, json.dumps(secret)),
            "server-says-what-it-has": (400, content),
            "server-says-what-is-stored": (500, content),
        }
        if name not in answers:
            return None
        code, message = answers[name]
        # A pause longer than a task waits for: what may pass is not tried again.
        return {"code": code, "message": message, "details": {"retryAfterSeconds": 600}}

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
    proxy = f"http://octo:{_CONNECTION_CANARIES['proxy_password'].text}@127.0.0.1:1"
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
        "with_wrong_token": _with_user(admin, {"token": _CONNECTION_CANARIES["mapping_token"].text}),
        "with_two_logins": _with_user(
            admin,
            {
                "token": _CONNECTION_CANARIES["mapping_token"].text,
                "username": "octo",
                "password": _CONNECTION_CANARIES["login_secret"].text,
            },
        ),
        "with_expired_login": _with_user(admin, {"auth-provider": _expired_login()}),
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


def _expired_login() -> dict[str, Any]:
    """A user of an identity provider that nobody reaches, without a token that is still valid."""
    return {
        "name": "oidc",
        "config": {
            "idp-issuer-url": "https://127.0.0.1:1",
            "client-id": "client",
            "client-secret": _CONNECTION_CANARIES["login_secret"].text,
            "refresh-token": _CONNECTION_CANARIES["refresh_token"].text,
        },
    }


def _with_plugin(kubeconfig: Mapping[str, Any], command: str) -> dict[str, Any]:
    """A kubeconfig whose user gets credentials from a shell command, which has a secret in its environment."""
    environment = [{"name": "PLUGIN_SECRET", "value": _CONNECTION_CANARIES["plugin_environment"].text}]
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
