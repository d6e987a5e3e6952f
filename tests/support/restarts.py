# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An embedded API server that is killed and started again, while its etcd keeps the data."""

from __future__ import annotations

import http.client
import os
import signal
import ssl
import subprocess
from pathlib import Path
from types import TracebackType

from support.control_plane import ControlPlane, die_with_parent
from support.processes import name_of, processes_in, runs, wait_until


class RestartableServer:
    """The API server of a control plane.

    Its supervisor would end everything as soon as one server has ended, so it is stopped meanwhile (SIGSTOP). A process
    that waits for the end of this one lets it continue, so that it also removes everything if the tests are killed.
    """

    def __init__(self, control_plane: ControlPlane) -> None:
        self._control_plane = control_plane
        found = {name_of(pid): pid for pid in processes_in(control_plane.directory)}
        self._pid = found["kube-apiserver"]
        self._supervisor = int(Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()[1])
        self._command = Path(f"/proc/{self._pid}/cmdline").read_text().split("\0")[:-1]
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes]

    def __enter__(self) -> RestartableServer:
        command = ["sh", "-c", f"read -r line; kill -CONT {self._supervisor}"]
        self._guard = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
        os.kill(self._supervisor, signal.SIGSTOP)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._guard.communicate()

    def kill(self) -> None:
        """Kill the server, whose connections end without a word."""
        if self._process:
            self._process.kill()
            self._process.wait()
        elif runs(self._pid):
            os.kill(self._pid, signal.SIGKILL)
            wait_until(lambda: not runs(self._pid))
        self._process = None

    def start(self) -> None:
        """Start the server with the same options, and return when it is ready."""
        directory = self._control_plane.directory
        with (directory / "restarted.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=directory,
                env={},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
            )
        wait_until(self._is_ready)

    def _is_ready(self) -> bool:
        directory = self._control_plane.directory
        tls = ssl.create_default_context(cafile=str(directory / "server-ca.crt"))
        tls.load_cert_chain(directory / "supervisor.crt", directory / "supervisor.key")
        location = self._control_plane.server.removeprefix("https://")
        connection = http.client.HTTPSConnection(location, context=tls, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
