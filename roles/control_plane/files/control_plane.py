# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start a real Kubernetes API server on this machine, for tests, trials and demos.

A kube-apiserver and its etcd run on loopback, without containers and without root, and are gone
without a trace at the end. Pods run only with a node, which needs Linux and root.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

import control_plane_pki as pki
from control_plane_binaries import find_binaries
from control_plane_go import ControlPlaneError
from control_plane_node import NAME
from control_plane_node_machine import why_no_node
from control_plane_node_programs import find_node_programs
from control_plane_process import remove_folder
from control_plane_registry import why_no_private_registry
from control_plane_supervisor import READY, Parts

__all__ = ["ControlPlane", "ControlPlaneError", "refuse_parts"]

_SUPERVISOR = Path(__file__).resolve().with_name("control_plane_supervisor.py")
_SECONDS_TO_STOP = 30


class ControlPlane:
    """A running control plane: between `start()` and `stop()`, or in a `with` block.

    RBAC is on, anonymous requests are refused. It ends with this process, however that ends.
    With `controller_manager`, namespaces get their ServiceAccount `default` and are really deleted.
    With `registry`, a registry on loopback has a private image. With `node`, Pods run that name it.
    With `directory` it outlives this process; control_plane_detached.py holds the `lock`, and stops it.
    """

    server: str
    """URL of the API server."""
    directory: Path
    """A directory of this control plane alone (mode 0700), removed by `stop()`."""

    def __init__(
        self,
        *,
        controller_manager: bool = False,
        registry: bool = False,
        node: bool = False,
        directory: Path | None = None,
        lock: int | None = None,
    ) -> None:
        self._parts = Parts(controller_manager, registry, node)
        self._wanted_directory = directory
        self._lock = lock
        self._supervisor: subprocess.Popen[str] | None = None

    def __enter__(self) -> ControlPlane:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Return when the API server is ready and has the namespace `default`.

        Builds the programs first when there are none. Raises ControlPlaneError.
        """
        refuse_parts(self._parts, self._wanted_directory or Path(tempfile.gettempdir()))
        binaries = find_binaries(*self._parts.programs)
        if self._parts.node:
            find_node_programs()
        self._supervisor = subprocess.Popen(
            [sys.executable, _SUPERVISOR, binaries, self._wanted_directory or "", json.dumps(asdict(self._parts))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Who waits for the end of this process's output would wait for that of the supervisor.
            stderr=subprocess.DEVNULL if self._wanted_directory else None,
            pass_fds=[] if self._lock is None else [self._lock],
            text=True,
            # Ctrl-C in a terminal is for this process, which then stops the supervisor.
            start_new_session=True,
        )
        try:
            self.directory = Path(self._hear(self._supervisor)["directory"])
            self.server = self._hear(self._supervisor)["server"]
        except BaseException:
            self.stop()
            raise

    def wait(self) -> None:
        """Block for as long as the servers run; raises ControlPlaneError when one ends by itself."""
        if self._supervisor:
            self._hear(self._supervisor)

    def stop(self) -> None:
        """Stop the servers and remove the directory. Does nothing when they do not run."""
        supervisor, self._supervisor = self._supervisor, None
        if not supervisor:
            return
        supervisor.terminate()
        try:
            supervisor.communicate(timeout=_SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            supervisor.kill()
            supervisor.communicate()
        if self._wanted_directory is None and hasattr(self, "directory"):
            # Still there when the supervisor was killed.
            remove_folder(self.directory)

    @property
    def kubeconfig(self) -> Path:
        """A kubeconfig file of user `admin` (group system:masters) with an inline client certificate."""
        return self.directory / "kubeconfig"

    @property
    def audit_log(self) -> Path:
        """The audit log: one JSON object a line, level Metadata, every request when it is complete."""
        return self.directory / "audit.log"

    @property
    def ca_certificate(self) -> Path:
        """The authority that signed the API server's certificate, PEM."""
        return self.directory / "server-ca.crt"

    @property
    def private_registry(self) -> dict[str, str] | None:
        """Its server, username, password_file, ca_cert and image; None without a registry."""
        found: dict[str, str] | None = json.loads((self.directory / READY).read_text())["private_registry"]
        return found

    def client_kubeconfig(
        self,
        user: str,
        groups: Iterable[str] = (),
        valid_for: timedelta = timedelta(hours=1),
        namespace: str = "default",
    ) -> dict[str, Any]:
        """A kubeconfig mapping with an inline client certificate of any user and groups.

        A negative `valid_for` gives a certificate that expired that long ago.
        """
        authority = pki.Pair.read(self.directory, "client-ca")
        client = pki.issue_client(authority, user, groups=groups, valid_for=valid_for)
        ca = self.ca_certificate.read_bytes()
        return pki.render_kubeconfig(self.server, ca, client, user=user, namespace=namespace)

    @staticmethod
    def _hear(supervisor: subprocess.Popen[str]) -> dict[str, str]:
        line = supervisor.stdout.readline() if supervisor.stdout else ""
        said: dict[str, str] = json.loads(line) if line else {"error": "The control plane was killed."}
        if "error" in said:
            raise ControlPlaneError(said["error"])
        return said


def refuse_parts(parts: Parts, directory: Path | None = None) -> None:
    """Raise ControlPlaneError for parts that cannot run on this machine, before minutes go into building them.

    ``directory`` is where they will run, if that is known.
    """
    reason = why_no_node(directory) if parts.node else None
    if parts.registry and not reason:
        reason = why_no_private_registry()
    if reason:
        raise ControlPlaneError(reason)


def run(parts: Parts) -> int:
    """Run until Ctrl-C, SIGTERM or SIGHUP."""
    with ControlPlane(**asdict(parts)) as control_plane, contextlib.suppress(KeyboardInterrupt):
        print(
            f"The control plane runs at {control_plane.server}. In another terminal:\n\n"
            f"  export KUBECONFIG={shlex.quote(str(control_plane.kubeconfig))}\n\n"
            f"Audit log: {control_plane.audit_log}\n"
            f"{_describe_parts(control_plane, parts)}"
            "Ctrl-C ends it and removes everything.",
            flush=True,
        )
        control_plane.wait()
    return 0


def _describe_parts(control_plane: ControlPlane, parts: Parts) -> str:
    lines = []
    if not parts.controller_manager:
        lines.append("Namespaces get no ServiceAccount default: --controller-manager is not set.")
    if registry := control_plane.private_registry:
        lines.append(f"Registry: {registry['server']}, user name {registry['username']}")
        lines += [f"  password in {registry['password_file']}", f"  certificate to trust: {registry['ca_cert']}"]
        lines.append(f"  private image: {registry['image']}")
    if parts.node:
        lines.append(f"Node: {NAME}. Pods need nodeName: {NAME} and hostNetwork: true.")
    return "".join(f"{line}\n" for line in lines)


def execute(command: list[str], parts: Parts) -> int:
    """Run the command against a control plane of its own; its exit code, as a shell would say it."""
    with ControlPlane(**asdict(parts)) as control_plane:
        # The terminal sends Ctrl-C to the command as well, and the command decides what it means.
        signal.signal(signal.SIGINT, lambda number, frame: None)
        try:
            process = subprocess.Popen(command, env=_environment(control_plane, parts))
        except OSError as error:
            raise ControlPlaneError(f"Cannot run {command[0]}: {error.strerror}.") from error
        for passed_on in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(passed_on, lambda number, frame: process.send_signal(number))
        code = process.wait()
    return code if code >= 0 else 128 - code


def _environment(control_plane: ControlPlane, parts: Parts) -> dict[str, str]:
    """Without what would send the command elsewhere: K8S_AUTH_* of the user, and what is of an outer control plane."""
    foreign = ("K8S_AUTH_", "KEYRING_CONTROL_PLANE_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    ours = {
        "KUBECONFIG": str(control_plane.kubeconfig),
        "K8S_AUTH_KUBECONFIG": str(control_plane.kubeconfig),
        "KEYRING_CONTROL_PLANE_AUDIT_LOG": str(control_plane.audit_log),
    }
    if registry := control_plane.private_registry:
        ours["KEYRING_CONTROL_PLANE_REGISTRY"] = json.dumps(registry)
    if parts.node:
        ours["KEYRING_CONTROL_PLANE_NODE_NAME"] = NAME
    return inherited | ours


def build(parts: Parts) -> int:
    """Build when needed, and print where the programs are."""
    refuse_parts(parts)
    print(find_binaries(*parts.programs))
    if parts.node:
        programs = find_node_programs()
        print(programs.kubelet, programs.runtime, sep="\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="A real Kubernetes API server on this machine, without containers.",
        epilog="Programs come from KUBEBUILDER_ASSETS, else from an earlier build in the user's cache "
        "directory, else they are built from Go modules (minutes, once).",
    )
    commands = parser.add_subparsers(required=True, metavar="run | exec | build", dest="command_name")
    running = commands.add_parser("run", help="start it, print how to reach it, and keep it until Ctrl-C")
    with_command = commands.add_parser("exec", help="start it, run a command against it, and stop it")
    with_command.add_argument(
        "command",
        nargs="+",
        metavar="-- COMMAND",
        help="gets KUBECONFIG, K8S_AUTH_KUBECONFIG and KEYRING_CONTROL_PLANE_AUDIT_LOG, and with a registry "
        "KEYRING_CONTROL_PLANE_REGISTRY: server, username, password_file, ca_cert and image as JSON",
    )
    building = commands.add_parser("build", help="build its programs when needed, and print where they are")
    for command in (running, with_command, building):
        command.add_argument(
            "--controller-manager", action="store_true", help="namespaces get their ServiceAccount default"
        )
        command.add_argument("--registry", action="store_true", help="a registry with a password and an image")
        command.add_argument(
            "--node",
            action="store_true",
            help="also a kubelet with containerd that runs Pods, with a controller manager and the registry "
            "(Linux, root, runc and util-linux)",
        )
    return parser


def main() -> int:
    arguments = _parser().parse_args()
    parts = Parts(arguments.controller_manager, arguments.registry, arguments.node).completed()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        if arguments.command_name == "exec":
            return execute(arguments.command, parts)
        return run(parts) if arguments.command_name == "run" else build(parts)
    except ControlPlaneError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
