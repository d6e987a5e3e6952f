# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs that print too much or never end, such as a credential plugin and ssh-keyscan."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.bounded_program import (
    Finished,
    OutputTooLarge,
    run_program,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.connection import open_connection
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.settings import (
    ConnectionOptions,
    resolve_settings,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.host import scan_host_keys
from support.processes import eventually
from support.samples.secrets import refusal

PATIENCE = 20.0
ENDLESS = "#!/bin/sh\nexec cat /dev/zero\n"


def run(script: str, seconds: float = PATIENCE, most: int = 1000) -> Finished:
    return run_program(["/bin/sh", "-c", script], seconds=seconds, most=most, reads_errors=True)


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def test_output_errors_and_status() -> None:
    assert run("printf out; printf err >&2; exit 3") == Finished(3, b"out", b"err")
    assert run("kill -9 $$").status == -9
    assert run_program(["/bin/sh", "-c", "printf x; printf y >&2"], seconds=PATIENCE, most=1).output == b"x"


@pytest.mark.parametrize("script", ["cat /dev/zero", "cat /dev/zero >&2", "printf %1001d 0"])
def test_too_much_output(script: str) -> None:
    with pytest.raises(OutputTooLarge):
        run(script)


@pytest.mark.parametrize("script", ["exec sleep 60", "exec sleep 60 >&- 2>&-", "while :; do printf x; sleep 0.2; done"])
def test_a_program_that_does_not_end(script: str) -> None:
    begin = time.monotonic()
    with pytest.raises(subprocess.TimeoutExpired):
        run(script, seconds=0.5)
    assert time.monotonic() - begin < PATIENCE


def test_a_program_gets_input_a_folder_and_descriptors(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"piped")
    os.close(writer)
    script = f"cat; pwd; cat /dev/fd/{reader}"
    with (tmp_path / "input").open("w+") as given:
        given.write("given ")
        given.seek(0)
        done = run_program(
            ["/bin/sh", "-c", script],
            seconds=PATIENCE,
            most=1000,
            folder=str(tmp_path),
            stdin=given.fileno(),
            inherited=(reader,),
        )
    os.close(reader)
    assert done.output == f"given {tmp_path}\npiped".encode()


def test_a_program_in_a_session_of_its_own_ends_with_its_children() -> None:
    script = "sleep 62 & (: </dev/tty) 2>/dev/null && exit 3; echo $$ $!; exec >&- 2>&-; sleep 62"
    with pytest.raises(subprocess.TimeoutExpired):
        run_program(["/bin/sh", "-c", script], seconds=1, most=1000, own_session=True)
    assert eventually(lambda: subprocess.run(["pgrep", "-f", "^sleep 62"], check=False).returncode != 0)


def test_a_plugin_that_prints_without_an_end(tmp_path: Path) -> None:
    program(tmp_path / "plugin", ENDLESS)
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": str(tmp_path / "plugin"),
        "interactiveMode": "Never",
    }
    kubeconfig = {
        "clusters": [{"name": "a", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "a", "user": {"exec": plugin}}],
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "current-context": "a",
    }
    settings = resolve_settings(ConnectionOptions(kubeconfig=kubeconfig), {"PATH": "/usr/bin:/bin"})

    assert refusal(open_connection, settings) == (
        "The credential plugin of users[0].user of kubeconfig printed more than 1 MiB. Its output is not shown, "
        "because it may hold a secret. Run the command under exec by hand, as the same user on the same machine."
    )


def test_a_server_with_host_keys_without_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "ssh-keyscan", ENDLESS)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    assert refusal(scan_host_keys, "git.example.com", 22) == (
        "ssh.scan_host_keys got no host key of git.example.com port 22. The server sent more than 64 KiB. "
        "Give ssh.known_hosts instead."
    )
