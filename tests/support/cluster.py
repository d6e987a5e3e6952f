# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API server of the integration tests, with identities to act as and the log of what they did."""

from __future__ import annotations

import base64
import json
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from kubernetes import client, config

from support.control_plane import ControlPlane
from support.processes import name_of, processes_in

Rule = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Identity:
    """A ServiceAccount with a token, and the connection options that make a task act as it."""

    user: str
    connection: Mapping[str, Any] = field(repr=False)


@dataclass
class Cluster:
    """A real API server. One that was not started by the tests has no ``audit_log`` and no ``client_kubeconfig``.

    ``client_kubeconfig`` makes a kubeconfig with a client certificate of any user; see ControlPlane.
    """

    kubeconfig: Path
    audit_log: Path | None = None
    client_kubeconfig: Callable[..., dict[str, Any]] | None = None
    # Typed by the client as taking and giving model objects; it takes plain mappings as well.
    api: Any = field(init=False, repr=False)
    rbac: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        configuration = client.Configuration()
        config.load_kube_config(str(self.kubeconfig), client_configuration=configuration)
        api_client = client.ApiClient(configuration)
        self.api = client.CoreV1Api(api_client)
        self.rbac = client.RbacAuthorizationV1Api(api_client)
        self.server = configuration.host

    def create_namespace(self, suffix: str = "", **metadata: Any) -> str:
        name = f"test-{uuid.uuid4().hex[:10]}{suffix}"
        self.api.create_namespace({"metadata": {"name": name, **metadata}})
        return name

    def create_secret(self, namespace: str, name: str, **fields: Any) -> dict[str, Any]:
        """Make a Secret as somebody else would. ``string_data`` is the data in plain text."""
        metadata = {"name": name, **fields.pop("metadata", {})}
        plain = fields.pop("string_data", {})
        data = {key: base64.b64encode(value.encode()).decode() for key, value in plain.items()}
        self.api.create_namespaced_secret(namespace, {"metadata": metadata, "data": data, **fields})
        return self.read_secret(namespace, name)

    def read_secret(self, namespace: str, name: str) -> dict[str, Any]:
        """The Secret as the API returns it."""
        answer = self.api.read_namespaced_secret(name, namespace, _preload_content=False)
        document: dict[str, Any] = json.loads(answer.data)
        return document

    def create_account(self, namespace: str, name: str, **fields: Any) -> None:
        """Make a ServiceAccount, with lists of Secrets by the names that Kubernetes has for them."""
        metadata = {"name": name, **fields.pop("metadata", {})}
        self.api.create_namespaced_service_account(namespace, {"metadata": metadata, **fields})

    def read_account(self, namespace: str, name: str) -> dict[str, Any]:
        """The ServiceAccount as the API returns it."""
        answer = self.api.read_namespaced_service_account(name, namespace, _preload_content=False)
        document: dict[str, Any] = json.loads(answer.data)
        return document

    def read_auths(self, namespace: str, name: str) -> dict[str, Any]:
        """What is under ``auths`` in the docker config of a pull secret."""
        text = base64.b64decode(self.read_secret(namespace, name)["data"][".dockerconfigjson"])
        auths: dict[str, Any] = json.loads(text)["auths"]
        return auths

    def identity(self, namespace: str, rules: Sequence[Rule]) -> Identity:
        """A new identity with these rights in one namespace."""
        name = f"robot-{uuid.uuid4().hex[:8]}"
        self.api.create_namespaced_service_account(namespace, {"metadata": {"name": name}})
        self.grant(namespace, name, namespace, rules)
        token = self.api.create_namespaced_service_account_token(name, namespace, {"spec": {"expirationSeconds": 3600}})
        return Identity(
            f"system:serviceaccount:{namespace}:{name}", {"kubeconfig": self._kubeconfig(token.status.token)}
        )

    def cluster_identity(self, namespace: str, rules: Sequence[Rule]) -> Identity:
        """A new identity of a namespace with these rights in all of them."""
        identity = self.identity(namespace, ())
        account = identity.user.rpartition(":")[2]
        self.rbac.create_cluster_role({"metadata": {"name": account}, "rules": list(rules)})
        self.rbac.create_cluster_role_binding(
            {
                "metadata": {"name": account},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": account},
                "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": namespace}],
            }
        )
        return identity

    def grant(self, namespace: str, account: str, account_namespace: str, rules: Sequence[Rule]) -> None:
        """Give a ServiceAccount rights in a namespace."""
        role = f"{account}-{uuid.uuid4().hex[:6]}"
        self.rbac.create_namespaced_role(namespace, {"metadata": {"name": role}, "rules": list(rules)})
        binding = {
            "metadata": {"name": role},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role},
            "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": account_namespace}],
        }
        self.rbac.create_namespaced_role_binding(namespace, binding)

    def audit(self, identity: Identity) -> list[dict[str, Any]]:
        """What an identity has asked of the API server, in order; each with verb, objectRef and responseStatus.

        A list of several pages is one request: how many there are depends on what other tests have left.
        """
        assert self.audit_log, "an audit log exists only for the embedded API server"
        self._flush_audit()
        # The log of a session is long: to parse all of it took up to three seconds.
        lines = (line for line in self.audit_log.read_bytes().splitlines() if identity.user.encode() in line)
        events = (json.loads(line) for line in lines)
        asked = [event for event in events if event["user"].get("username") == identity.user]
        return [event for event in asked if "continue=" not in event["requestURI"]]

    def _flush_audit(self) -> None:
        """Wait for the line of a request of our own: everything asked before it is written by then."""
        assert self.audit_log
        end = self.audit_log.stat().st_size
        marker = f"/version?marker={uuid.uuid4().hex}"
        self.api.api_client.rest_client.pool_manager.request("GET", f"{self.server}{marker}")
        deadline = time.monotonic() + 10
        while marker.encode() not in _read_from(self.audit_log, end):
            assert time.monotonic() < deadline, "the audit log does not get the request that marks its end"
            time.sleep(0.05)

    def _kubeconfig(self, token: str) -> dict[str, Any]:
        stored = yaml.safe_load(self.kubeconfig.read_text())
        context = next(c for c in stored["contexts"] if c["name"] == stored["current-context"])["context"]
        cluster = next(c for c in stored["clusters"] if c["name"] == context["cluster"])
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [cluster],
            "users": [{"name": "robot", "user": {"token": token}}],
            "contexts": [{"name": "test", "context": {"cluster": cluster["name"], "user": "robot"}}],
            "current-context": "test",
        }


def _read_from(log: Path, place: int) -> bytes:
    """What a log has from this place on; all of it when it was begun anew."""
    with log.open("rb") as file:
        file.seek(place if place <= log.stat().st_size else 0)
        return file.read()


def verbs(events: Sequence[Mapping[str, Any]]) -> list[str]:
    """The verbs of audit events, dry runs marked."""
    return [event["verb"] + ("?dryRun" if "dryRun" in event["requestURI"] else "") for event in events]


def writes(events: Sequence[Mapping[str, Any]]) -> list[str]:
    return [verb for verb in verbs(events) if verb not in ("get", "list")]


def start(kubeconfig: str | None, *, controller_manager: bool = False) -> Iterator[Cluster]:
    """The cluster that the kubeconfig names, or one of our own for as long as the generator lives."""
    if kubeconfig:
        yield Cluster(Path(kubeconfig))
        return
    with ControlPlane(controller_manager=controller_manager) as control_plane:
        yield Cluster(control_plane.kubeconfig, control_plane.audit_log, control_plane.client_kubeconfig)


@contextmanager
def once_asked(cluster: Cluster, identity: Identity, act: Callable[[], object]) -> Iterator[None]:
    """Act as soon as an identity has asked for something."""

    def wait() -> None:
        deadline = time.monotonic() + 60
        while not cluster.audit(identity) and time.monotonic() < deadline:
            time.sleep(0.2)
        act()

    thread = threading.Thread(target=wait)
    thread.start()
    yield
    thread.join()


@contextmanager
def controller_held(cluster: Cluster, identity: Identity) -> Iterator[None]:
    """No controller works until an identity has asked for something; only where they are processes of our own."""
    own = processes_in(cluster.kubeconfig.parent)
    pids = [pid for pid in own if name_of(pid).startswith("kube-controller")]
    if not pids or not cluster.audit_log:
        yield
        return
    os.kill(pids[0], signal.SIGSTOP)
    with once_asked(cluster, identity, lambda: os.kill(pids[0], signal.SIGCONT)):
        yield
