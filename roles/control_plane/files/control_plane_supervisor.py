# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process between control_plane.py and the servers; it outlives a killed parent, and cleans up.

It makes a directory, and writes it to stdout as a JSON line ("directory"). Then it fills it with keys, certificates and
kubeconfigs and starts the servers in it, and writes another line when they are ready ("server") or cannot go on
("error").
It ends with SIGTERM, or when its stdin ends: the parent holds the other end of that pipe. One that is
to outlive its parent is given a directory, and ends when a certain file in it is removed.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import select
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import control_plane_node as nodes
import control_plane_pki as pki
from control_plane_go import ControlPlaneError
from control_plane_node_images import make_image
from control_plane_node_programs import NodePrograms, find_node_programs
from control_plane_process import die_with_parent, lock_folder, remove_unlocked_folders
from control_plane_registry import PRIVATE_IMAGE, Registry, describe_registry, make_empty_image, private_registry

SECONDS_TO_START = 60
READY = "ready.json"
KEPT_WHILE = "remove-this-to-stop"
_LOG_LINES = 8
_PREFIX = "keyring-control-plane-"
_MASTERS = "system:masters"
# A socket file of this name in the working directory: no port, and none of the 108 bytes that
# bound the path of a socket. etcd insists on something that looks like host:port.
_ETCD = "unix://localhost:2379"
_ETCD_PEER = "unix://localhost:2380"
_AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata"}],
}
_COMMANDS = {
    "etcd": [
        "--name=control-plane",
        "--data-dir=etcd",
        "--unsafe-no-fsync",
        f"--listen-client-urls={_ETCD}",
        f"--advertise-client-urls={_ETCD}",
        f"--listen-peer-urls={_ETCD_PEER}",
        f"--initial-advertise-peer-urls={_ETCD_PEER}",
        f"--initial-cluster=control-plane={_ETCD_PEER}",
        # It elects itself: sooner than in the second that it takes by default.
        "--heartbeat-interval=20",
        "--election-timeout=100",
        "--log-level=warn",
    ],
    "kube-apiserver": [
        f"--etcd-servers={_ETCD}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        "--permit-port-sharing",
        "--endpoint-reconciler-type=none",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--tls-cert-file=server.crt",
        "--tls-private-key-file=server.key",
        "--client-ca-file=client-ca.crt",
        "--anonymous-auth=false",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-account-signing-key-file=service-account.key",
        "--service-account-key-file=service-account.key",
        "--audit-policy-file=audit-policy.json",
        "--audit-log-path=audit.log",
    ],
    "kube-controller-manager": [
        "--kubeconfig=controller-manager.kubeconfig",
        "--service-account-private-key-file=service-account.key",
        "--root-ca-file=server-ca.crt",
        "--leader-elect=false",
        "--secure-port=0",
    ],
}


_CONTROLLERS = "serviceaccount-controller,serviceaccount-token-controller,namespace-controller"
# With a node, its own rules apply to it, and Pods get the certificate that their token needs.
_WITHOUT_NODE = {
    "kube-apiserver": ["--authorization-mode=RBAC"],
    "kube-controller-manager": [f"--controllers={_CONTROLLERS}"],
}
_WITH_NODE = {
    "kube-apiserver": ["--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction"],
    "kube-controller-manager": [f"--controllers={_CONTROLLERS},root-ca-certificate-publisher-controller"],
}


@dataclass(frozen=True)
class Parts:
    """What a control plane has beside its API server and etcd."""

    controller_manager: bool = False
    registry: bool = False
    node: bool = False

    def completed(self) -> Parts:
        """Return these parts with those that a node needs."""
        return Parts(self.controller_manager or self.node, self.registry or self.node, self.node)

    @property
    def programs(self) -> list[str]:
        """Return the names of the programs that run beside those of the node."""
        names = ["kube-apiserver", "etcd"]
        if self.controller_manager:
            names.append("kube-controller-manager")
        if self.registry:
            names.append("registry")
        return names


class StartError(Exception):
    """A server does not run; the text says which one, and ends with its last words."""


@dataclass(frozen=True)
class Server:
    name: str
    process: subprocess.Popen[bytes]

    def last_words(self) -> str:
        lines = Path(f"{self.name}.log").read_text(errors="replace").splitlines()
        return "\n".join([f"The last lines of {self.name}:", *lines[-_LOG_LINES:]])

    def check(self) -> None:
        """Raise StartError when the server has ended."""
        if self.process.poll() is not None:
            raise StartError(f"{self.name} ended with {self.process.returncode}. {self.last_words()}")


def main(binaries: Path, directory: Path | None, parts: Parts) -> None:
    """Serve until asked to end; an error is reported when nothing is left."""
    signal.signal(signal.SIGTERM, _end)
    os.umask(0o077)  # keys are among the files, and so are the servers' own
    told_to_end = file_gone if directory else parent_gone
    try:
        with working_in(directory) as place:
            report(directory=str(place))  # before there are keys in it: the parent removes it if this is killed
            serve(binaries, place, told_to_end, parts)
        return
    except (StartError, ControlPlaneError) as error:
        problem = str(error)
    except OSError as error:
        what = [str(part) for part in (error.strerror or error, error.filename) if part]
        problem = f"Cannot start the control plane: {': '.join(what)}."
    # The parent sends one as soon as it has read this.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    report(error=problem)


@contextlib.contextmanager
def working_in(wanted: Path | None) -> Iterator[Path]:
    """Work in the directory that is wanted, else in one of its own; removed at the end."""
    if wanted is None:
        remove_unlocked_folders(Path(tempfile.gettempdir()), _PREFIX)
        with (
            tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as temporary,
            lock_folder(Path(temporary)),
        ):
            os.chdir(temporary)
            yield Path(temporary)
        return
    os.chdir(wanted)
    try:
        yield wanted
    finally:
        # Where it was removed, the next control plane may be there already.
        with contextlib.suppress(OSError):
            if wanted.samefile("."):
                # Out of the way at once, as the next one may be started while this is removed.
                shutil.rmtree(wanted.rename(wanted.with_name(f"{wanted.name}.ended-{os.getpid()}")))


def serve(binaries: Path, directory: Path, told_to_end: Callable[[float], bool], parts: Parts) -> None:
    """Start the servers, report that they are ready, and return when asked to end."""
    with reserved_port() as port, contextlib.ExitStack() as running:
        server = f"https://127.0.0.1:{port}"
        servers: list[Server] = []
        more = _WITH_NODE if parts.node else _WITHOUT_NODE
        programs = find_node_programs() if parts.node else None

        def start(name: str, *options: str) -> None:
            servers.append(running.enter_context(started(name, binaries, (*more.get(name, ()), *options))))

        def wait_until(*paths: str) -> None:
            ask = client_for(directory, server)
            deadline = time.monotonic() + SECONDS_TO_START
            while not all(ask(path) == 200 for path in paths):
                for each in servers:
                    each.check()
                if time.monotonic() > deadline:
                    last = servers[-1]
                    raise StartError(f"{last.name} is not ready after {SECONDS_TO_START} seconds. {last.last_words()}")
                if told_to_end(0.05):
                    sys.exit()

        start("etcd")
        write_files(directory, server)
        start("kube-apiserver", f"--secure-port={port}")
        wait_until("/readyz", "/api/v1/namespaces/default")
        if parts.controller_manager:
            start("kube-controller-manager")
            wait_until("/api/v1/namespaces/default/serviceaccounts/default")
        registry = running.enter_context(registry_in(directory, binaries, programs)) if parts.registry else None
        node = running.enter_context(node_in(directory, programs, server, registry)) if programs else None
        if node:
            ask = client_for(directory, server)
            nodes.wait_for_node(node, lambda: ask(f"/api/v1/nodes/{nodes.NAME}") == 200, told_to_end)
        known = describe_registry(directory / "registry", registry) if registry else None
        ready = {"server": server, **asdict(parts), "private_registry": known}
        Path("half-written").write_text(json.dumps(ready))
        Path("half-written").rename(READY)
        report(server=server)
        while not told_to_end(1):
            for each in servers:
                each.check()
            if registry and registry.has_ended():
                raise StartError("The registry ended.")
            if node and (reason := node.why_ended()):
                raise StartError(reason)


def registry_in(
    directory: Path, binaries: Path, programs: NodePrograms | None
) -> contextlib.AbstractContextManager[Registry]:
    """Run a private registry. Its image can run where there are the programs of a node."""
    image = make_image(programs.runtime / "idle", PRIVATE_IMAGE) if programs else make_empty_image()
    return private_registry(binaries, directory / "registry", image)


def node_in(
    directory: Path, programs: NodePrograms, server: str, registry: Registry | None
) -> contextlib.AbstractContextManager[nodes.Node]:
    """Run a node that joins the server as nodes do, and trusts the registry."""
    user = f"system:node:{nodes.NAME}"
    client = pki.issue_client(pki.Pair.read(directory, "client-ca"), user, groups=["system:nodes"])
    ca = (directory / "server-ca.crt").read_bytes()
    kubeconfig = pki.render_kubeconfig(server, ca, client, user=user, namespace="default")
    return nodes.running_node(directory, programs, kubeconfig, [registry] if registry else [])


def write_files(directory: Path, server: str) -> None:
    """Everything that the servers and their clients read."""
    serving, clients = pki.make_authority("control-plane-server"), pki.make_authority("control-plane-clients")
    (directory / "server-ca.crt").write_bytes(serving.certificate)
    pki.issue_server(serving).write(directory, "server")
    clients.write(directory, "client-ca")
    (directory / "service-account.key").write_bytes(pki.key_pem(pki.make_key()))
    (directory / "audit-policy.json").write_text(json.dumps(_AUDIT_POLICY))
    for name, user in {
        "kubeconfig": "admin",
        "controller-manager.kubeconfig": "system:kube-controller-manager",
    }.items():
        client = pki.issue_client(clients, user, groups=[_MASTERS])
        config = pki.render_kubeconfig(server, serving.certificate, client, user=user, namespace="default")
        (directory / name).write_text(json.dumps(config, indent=2))
    pki.issue_client(clients, "control-plane-supervisor", groups=[_MASTERS]).write(directory, "supervisor")


@contextlib.contextmanager
def reserved_port() -> Iterator[int]:
    """A free port that only the API server gets (SO_REUSEPORT needs the option on both sides).

    Elsewhere than on Linux a socket that does not listen could swallow connections: there it is
    closed at once, and the port could be taken in the second that the API server needs.
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind(("127.0.0.1", 0))
        port: int = holder.getsockname()[1]
        if sys.platform != "linux":
            holder.close()
        yield port


@contextlib.contextmanager
def started(name: str, binaries: Path, options: tuple[str, ...]) -> Iterator[Server]:
    """A running server; at the end it is killed, as nothing of it is kept."""
    with open(f"{name}.log", "wb") as log:
        process = subprocess.Popen(
            [binaries / name, *_COMMANDS[name], *options],
            # etcd reads every variable ETCD_… as an option.
            env={},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=die_with_parent,
        )
    try:
        yield Server(name, process)
    finally:
        process.kill()
        process.wait()


def client_for(directory: Path, server: str) -> Callable[..., int]:
    """A function that asks the API server as one who may do everything: the status, 0 without an answer."""
    tls = ssl.create_default_context(cafile=directory / "server-ca.crt")
    tls.load_cert_chain(directory / "supervisor.crt", directory / "supervisor.key")

    def ask(path: str, body: object = None) -> int:
        connection = http.client.HTTPSConnection(server.removeprefix("https://"), context=tls, timeout=5)
        try:
            content = json.dumps(body) if body else None
            connection.request("POST" if body else "GET", path, content, {"Content-Type": "application/json"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    return ask


def parent_gone(seconds: float) -> bool:
    """Wait that long for the end of stdin; nothing is ever written to it."""
    return bool(select.select([sys.stdin], [], [], seconds)[0])


def file_gone(seconds: float) -> bool:
    """Wait, at most a moment, and say whether the file of a control plane that outlives its parent is gone."""
    time.sleep(min(seconds, 0.2))
    return not Path(KEPT_WHILE).exists()


def report(**what: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps(what), flush=True)


def _end(number: int, frame: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit()


if __name__ == "__main__":
    _program, binaries, directory, parts = sys.argv
    main(Path(binaries), Path(directory) if directory else None, Parts(**json.loads(parts)))
