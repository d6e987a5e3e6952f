# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node that was asked for runs Pods, leaves nothing however it ends, and does not start beside a node of people."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client, config

from support.control_plane import FILES, ControlPlaneError, node_machine, node_programs, node_remains, nodes, registries
from support.paths import ROOT, cache_directory
from support.playbook import ANSIBLE_PLAYBOOK, Playbook
from support.processes import eventually, name_of, processes_in

REASON = node_machine.why_no_node(Path(tempfile.gettempdir()))
PREFIX = node_remains.PREFIX
needs_node = pytest.mark.skipif(REASON is not None, reason=REASON or "")
STARTER = [sys.executable, str(FILES / "control_plane.py")]
DETACHED = [sys.executable, str(FILES / "control_plane_detached.py")]
ENDING = (
    "A node for tests is not started beside the containers of another program: both would share the kernel and its "
    "memory. {}, use another machine, or start the control plane without the node.\n"
)


@dataclass(frozen=True)
class Started:
    """A control plane with a node that the command line has started, in an otherwise empty folder."""

    process: subprocess.Popen[str]
    temporary: Path

    @property
    def directory(self) -> Path:
        """Return the folder of the control plane."""
        (found,) = self.temporary.iterdir()
        return found

    @property
    def identity(self) -> str:
        """Return the name of the node."""
        return folder_of(self.directory).name


@contextmanager
def run_node(temporary: Path) -> Iterator[Started]:
    """Run ``control_plane.py run --node`` with a Pod on the node, so that there are cgroups and containers."""
    with subprocess.Popen(
        [*STARTER, "run", "--node"],
        env=os.environ | {"TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout
            while (line := process.stdout.readline()) and not line.startswith("Ctrl-C"):
                pass
            assert line, process.communicate()[1]
            started = Started(process, temporary)
            run_pod(started.directory)
            yield started
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)


def folder_of(directory: Path) -> Path:
    """Return the folder of the only node in the directory of a control plane."""
    (found,) = directory.glob(f"{PREFIX}*")
    return found


def keeper_of(directory: Path) -> int:
    """Return the keeper of the node in this directory, the process that was started first of those in its folder."""
    return min(processes_in(folder_of(directory)), key=start_time)


def run_pod(directory: Path, name: str = "app", **spec: Any) -> dict[str, Any]:
    """Create a Pod with the private image and its Secret. Return its container's state when that is known."""
    api: Any = client.CoreV1Api(config.new_client_from_config(str(directory / "kubeconfig")))
    registry = json.loads((directory / "ready.json").read_text())["private_registry"]
    password = Path(registry["password_file"]).read_text()
    auth = base64.b64encode(f"{registry['username']}:{password}".encode()).decode()
    content = {".dockerconfigjson": json.dumps({"auths": {registry["server"]: {"auth": auth}}})}
    secret = {"metadata": {"name": name}, "type": "kubernetes.io/dockerconfigjson", "stringData": content}
    api.create_namespaced_secret("default", secret)
    container = {"name": "app", "image": registry["image"], "imagePullPolicy": "Always"}
    pod = {
        "nodeName": nodes.NAME,
        "hostNetwork": True,
        "terminationGracePeriodSeconds": 0,
        "imagePullSecrets": [{"name": name}],
        "containers": [container],
        **spec,
    }
    api.create_namespaced_pod("default", {"metadata": {"name": name}, "spec": pod})
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        answer = json.loads(api.read_namespaced_pod(name, "default", _preload_content=False).data)
        for status in answer["status"].get("containerStatuses") or ():
            state: dict[str, Any] = status["state"]
            if "running" in state or "Pull" in state.get("waiting", {}).get("reason", ""):
                return state
        time.sleep(0.2)
    raise AssertionError(answer["status"])


def left_of(identity: str) -> list[str]:
    """Return the processes and the cgroups of a node that are there."""
    processes = [str(each) for each in Path("/proc").glob("[0-9]*") if node_remains.node_of(each) == identity]
    return processes + [str(group) for group in groups_of(identity)]


def groups_of(name: str) -> list[Path]:
    """Return the cgroups of this name: in the only hierarchy, or in each of the older ones."""
    return [group for pattern in (name, f"*/{name}") for group in Path("/sys/fs/cgroup").glob(pattern)]


# Where a kubelet and containerd write by default.
WRITTEN = (
    *("/etc/cni", "/opt/cni", "/opt/containerd", "/usr/libexec/kubernetes", "/etc/containerd", "/etc/kubernetes"),
    *("/var/lib/kubelet", "/var/lib/containerd", "/var/lib/cni", "/run/containerd", "/run/kubelet", "/run/node"),
    *("/run/nri", "/run/runc", "/var/run/nri", "/var/log/pods", "/var/log/containers"),
)


def read_machine_state() -> dict[str, object]:
    """Return what a kubelet and containerd change on a machine unless they are kept from it, and no one else."""
    settings = [Path("/proc/sys", name) for name in nodes.KERNEL_SETTINGS]
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    return {
        **{str(path): path.read_text() for path in settings if path.exists()},
        **{str(path): sorted(os.listdir(path)) for path in map(Path, WRITTEN) if path.is_dir()},
        "mounts": [line for line in mounts if re.search("kubelet|containerd|/cni|keyring-node", line)],
        "groups of others": [path for path in Path("/sys/fs/cgroup").glob("**/k8s.io") if PREFIX not in str(path)],
    }


@needs_node
def test_a_pod_pulls_with_the_secret_and_the_machine_stays_as_it_was(tmp_path: Path) -> None:
    before = read_machine_state()
    with run_node(tmp_path) as started:
        identity = started.identity
        assert "running" in run_pod(started.directory, "again")
        refused = run_pod(started.directory, "without", imagePullSecrets=[])
        assert "waiting" in refused
        assert read_machine_state() == before
        assert [path for path in groups_of(f"{identity}/k8s.io/*") if path.is_dir()]
        assert node_machine.why_no_node() is None  # another one can start beside it
    # It ended with SIGTERM.
    assert eventually(lambda: not list(tmp_path.iterdir()), seconds=30)
    assert eventually(lambda: not left_of(identity), seconds=20)
    assert read_machine_state() == before


def kill(process: int) -> None:
    """Let the kernel end a process at once."""
    os.kill(process, signal.SIGKILL)


def supervisor_of(started: Started) -> int:
    """Return the process that was started first of those in the directory."""
    return min(processes_in(started.directory), key=start_time)


def start_time(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


def program_of(started: Started, name: str) -> int:
    """Return the process of this node that has this name."""
    processes = [each for each in Path("/proc").glob("[0-9]*") if node_remains.node_of(each) == started.identity]
    (found,) = [int(each.name) for each in processes if name_of(int(each.name)) == name]
    return found


def kill_supervisor_and_keeper(started: Started) -> None:
    supervisor, keeper = supervisor_of(started), keeper_of(started.directory)
    kill(supervisor)
    kill(keeper)


ENDINGS = {
    "Ctrl-C": lambda started: os.killpg(started.process.pid, signal.SIGINT),
    "the parent is killed": lambda started: kill(started.process.pid),
    "the supervisor is killed": lambda started: kill(supervisor_of(started)),
    "the keeper is killed": lambda started: kill(keeper_of(started.directory)),
    "the supervisor and the keeper are killed": kill_supervisor_and_keeper,
}


@needs_node
@pytest.mark.parametrize("ending", ENDINGS)
def test_nothing_is_left_however_it_ends(tmp_path: Path, ending: str) -> None:
    with run_node(tmp_path) as started:
        identity = started.identity
        assert left_of(identity)
        ENDINGS[ending](started)
        assert eventually(lambda: not list(tmp_path.iterdir()), seconds=30)
        assert eventually(lambda: not any(each.startswith("/proc") for each in left_of(identity)), seconds=20)
        if ending == "the supervisor and the keeper are killed":
            node_remains.remove_remains()  # as the next node does before it starts
        assert eventually(lambda: not left_of(identity), seconds=20)


@needs_node
@pytest.mark.parametrize("file", ["start.log", "containerd.log", "kubelet.log"])
def test_nothing_is_left_if_the_supervisor_is_killed_while_the_node_starts(tmp_path: Path, file: str) -> None:
    with subprocess.Popen(
        [*STARTER, "run", "--node"], env=os.environ | {"TMPDIR": str(tmp_path)}, stderr=subprocess.PIPE, text=True
    ) as process:
        assert eventually(lambda: list(tmp_path.glob(f"*/{PREFIX}*/{file}")), seconds=60)
        started = Started(process, tmp_path)
        identity = started.identity
        kill(supervisor_of(started))
        assert process.communicate(timeout=60)[1] == "The control plane was killed.\n"
        assert process.returncode == 1
        assert eventually(lambda: not list(tmp_path.iterdir()), seconds=30)
        assert eventually(lambda: not left_of(identity), seconds=20)


@needs_node
@pytest.mark.parametrize("program", ["kubelet", "containerd"])
def test_a_node_that_ends_by_itself_is_reported_with_its_log(tmp_path: Path, program: str) -> None:
    with run_node(tmp_path) as started:
        identity = started.identity
        kill(program_of(started, program))
        code = started.process.wait(timeout=40)
        assert started.process.stderr
        said = started.process.stderr.read()
    assert code == 1
    assert said.startswith("The node ended.\n")
    assert f"start.log: {program} ended.\n" in said
    assert f"\n{program}.log: " in said
    assert not list(tmp_path.iterdir())
    assert left_of(identity) == []


# The role and its program


def call(*arguments: str | Path) -> tuple[int, str]:
    """Return the exit code of control_plane_detached.py, and what it prints."""
    done = subprocess.run([*DETACHED, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout or done.stderr


@needs_node
def test_one_that_outlives_its_starter_ends_when_it_is_stopped(tmp_path: Path) -> None:
    directory = tmp_path / "control-plane"
    start = ("start", "--node", directory)  # includes the controller manager, which Pods need
    code, said = call(*start)
    assert code == 0, said
    try:
        known = json.loads(said)["registry"]
        assert set(known) == {"server", "username", "password_file", "ca_cert", "image"}
        assert Path(known["password_file"]).stat().st_mode & 0o077 == 0
        assert Path(known["password_file"]).read_text() not in said
        assert "running" in run_pod(directory)
        identity = folder_of(directory).name

        again = {
            "changed": False,
            "msg": f"A control plane runs in {directory}.",
            "built": True,
            "registry": known,
            "kubeconfig": str(directory / "kubeconfig"),
        }
        assert json.loads(call(*start)[1]) == again
        code, said = call("start", "--controller-manager", "--registry", directory)
        assert (code, said) == (
            1,
            f"The control plane in {directory} runs with a node. Stop it first: what is stored in it will be lost.\n",
        )
    finally:
        stopped = call("stop", directory)
    assert stopped[0] == 0
    assert not directory.exists()
    assert left_of(identity) == []


@needs_node
def test_the_end_of_one_that_was_killed_leaves_the_next_alone(tmp_path: Path) -> None:
    directory = tmp_path / "control-plane"
    try:
        assert call("start", "--node", directory)[0] == 0
        identity, keeper = folder_of(directory).name, keeper_of(directory)
        os.kill(keeper, signal.SIGSTOP)
        kill(min(processes_in(directory), key=start_time))
        assert json.loads(call("start", "--node", directory)[1])["changed"]
        os.kill(keeper, signal.SIGCONT)
        assert eventually(lambda: not left_of(identity), seconds=20)
        assert "running" in run_pod(directory)
    finally:
        assert call("stop", directory)[0] == 0


@needs_node
@pytest.mark.slow
def test_the_role_starts_a_node_and_says_how_to_use_its_registry(tmp_path: Path) -> None:
    runner, directory = Playbook(tmp_path), tmp_path / "control-plane"
    fact: dict[str, Any] = {"ansible.builtin.debug": {"msg": "{{ control_plane_registry.image | default('unknown') }}"}}
    for state, arguments, changed in (
        ("started", ["--check"], True),
        ("started", [], True),
        ("started", [], False),
        ("stopped", [], True),
    ):
        variables = {
            "control_plane_state": state,
            "control_plane_directory": str(directory),
            "control_plane_node": True,
        }
        role: dict[str, Any] = {
            "ansible.builtin.include_role": {"name": "keyring.kubernetes.control_plane"},
            "vars": variables,
        }
        tasks = [role, fact] if state == "started" else [role]
        environment = {"XDG_CACHE_HOME": str(cache_directory().parent)}
        done = runner.run(tasks, *arguments, environment=environment)
        assert done.returncode == 0, done.output
        assert f"changed={1 + changed} " in done.output, done.output
        if state == "started":
            image = done.results[1]["msg"]
            assert image.endswith("/team/app:1") if directory.exists() else image == "unknown"
    assert not directory.exists()


# The demo


# Keeps the password and the Pods for this test, which are gone with the control plane.
WITH_PASSWORD_AND_PODS = """
import json, os, shutil, subprocess, sys
from kubernetes import client, config
shutil.copy(json.loads(os.environ["KEYRING_CONTROL_PLANE_REGISTRY"])["password_file"], sys.argv[1])
code = subprocess.call(sys.argv[3:])
api = client.CoreV1Api(config.new_client_from_config(os.environ["KUBECONFIG"]))
with open(sys.argv[2], "wb") as pods:
    pods.write(api.list_namespaced_pod("default", _preload_content=False).data)
sys.exit(code)
"""


@needs_node
@pytest.mark.slow
def test_the_demo_ends_with_a_pod_that_runs_and_prints_no_password(tmp_path: Path) -> None:
    runner, password_file, pods_file = Playbook(tmp_path), tmp_path / "password", tmp_path / "pods"
    kept = [sys.executable, "-c", WITH_PASSWORD_AND_PODS, str(password_file), str(pods_file)]
    playbook = [str(ANSIBLE_PLAYBOOK), "--diff", "-vvv", str(ROOT / "playbooks" / "demo.yml")]
    done = subprocess.run(
        [*STARTER, "exec", "--node", "--", *kept, *playbook],
        env=runner.environment(
            ANSIBLE_CALLBACK_RESULT_FORMAT="yaml", XDG_CACHE_HOME=str(cache_directory().parent), TMPDIR=str(tmp_path)
        ),
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    pods = json.loads(pods_file.read_text())["items"]
    (first, second) = [pod["status"]["containerStatuses"][0]["state"]["running"]["startedAt"] for pod in pods]
    assert [pod["metadata"]["name"] for pod in pods] == ["app", "app-2"]
    for line in (
        f"12 pull: the kubelet pulled the image with this Secret and started it at {first}",
        "14 fail: as expected, the next Pod waits with ",
        "15 explain: the cause is wrong_credentials",
        f"16 fix: with the right password, the kubelet pulled it and started it at {second}",
    ):
        assert line in done.stdout
    password = password_file.read_text()
    for secret in (password, f"keyring:{password}"):
        assert secret not in done.stdout + done.stderr
        assert base64.b64encode(secret.encode()).decode() not in done.stdout + done.stderr


# Programs that end, in the place of those of a node


@dataclass(frozen=True)
class Programs:
    """Scripts for sh that run as the programs of a node."""

    containerd: str = "echo waits; exec sleep 60"
    ctr: str = "exit 0"
    kubelet: str = "echo waits; exec sleep 60"

    def write(self, folder: Path) -> node_programs.NodePrograms:
        """Write them into a folder."""
        folder.mkdir()
        for name, script in asdict(self).items():
            (folder / name).write_text(f"#!/bin/sh\n{script}\n")
            (folder / name).chmod(0o755)
        (folder / "idle").touch()
        return node_programs.NodePrograms(folder, folder)


NOT_STARTED = {
    "containerd ends at once": (
        Programs(containerd="echo no room; exit 3", ctr="exit 1"),
        "The node ended.\nstart.log: containerd ended.\ncontainerd.log: no room",
    ),
    "containerd ends later": (
        Programs(containerd="sleep 1; echo no room; exit 3"),
        "The node ended.\nstart.log: containerd ended.\ncontainerd.log: no room\nkubelet.log: waits",
    ),
    "the kubelet ends": (
        Programs(kubelet="echo no room; exit 3"),
        "The node ended.\nstart.log: kubelet ended.\ncontainerd.log: waits\nkubelet.log: no room",
    ),
    "containerd does not answer": (
        Programs(ctr="exit 1"),
        "The node is not registered after 3 seconds.\ncontainerd.log: waits",
    ),
    "the kubelet does not register": (
        Programs(),
        "The node is not registered after 3 seconds.\ncontainerd.log: waits\nkubelet.log: waits",
    ),
}


def wait(seconds: float) -> bool:
    time.sleep(seconds)
    return False


@needs_node
@pytest.mark.parametrize("case", NOT_STARTED)
def test_a_node_that_does_not_start_is_reported_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    programs, expected = NOT_STARTED[case]
    monkeypatch.setattr(nodes, "_SECONDS_TO_START", 3 if "does not" in case else 30)
    folder = tmp_path / "nodes"
    folder.mkdir()
    with nodes.running_node(folder, programs.write(tmp_path / "programs"), {}) as node:
        (directory,) = folder.iterdir()
        with pytest.raises(ControlPlaneError) as raised:
            nodes.wait_for_node(node, lambda: False, wait)
    assert str(raised.value) == expected
    assert not list(folder.iterdir())
    assert left_of(directory.name) == []


@needs_node
def test_a_start_that_is_no_longer_wanted_ends_the_process(tmp_path: Path) -> None:
    with nodes.running_node(tmp_path, Programs().write(tmp_path / "programs"), {}) as node, pytest.raises(SystemExit):
        nodes.wait_for_node(node, lambda: False, lambda _seconds: True)


@needs_node
@pytest.mark.parametrize(
    ("ca", "expected"),
    [
        (None, 'server = "http://127.0.0.1:5000"\n[host."http://127.0.0.1:5000"]'),
        (
            b"certificate",
            'server = "https://127.0.0.1:5000"\n[host."https://127.0.0.1:5000"]\n'
            '  ca = "/run/node/hosts/127.0.0.1:5000/ca.crt"',
        ),
    ],
)
def test_a_registry_without_tls_is_asked_without_tls(tmp_path: Path, ca: bytes | None, expected: str) -> None:
    programs = Programs().write(tmp_path / "programs")
    with nodes.running_node(tmp_path, programs, {}, [registries.Registry(5000, ca)]):
        (hosts,) = tmp_path.glob("*/hosts/127.0.0.1:5000")
        assert (hosts / "hosts.toml").read_text() == expected
        assert [path.read_bytes() for path in hosts.glob("ca.crt")] == [ca] * bool(ca)


@needs_node
def test_an_error_before_the_start_leaves_no_folder(tmp_path: Path) -> None:
    nothing = node_programs.NodePrograms(tmp_path / "none", tmp_path / "none")
    with pytest.raises(FileNotFoundError), nodes.running_node(tmp_path, nothing, {}):
        pass
    assert not list(tmp_path.iterdir())


# A node whose kubelet prints its DNS servers and ends.
START = """
import sys, time
from pathlib import Path
import control_plane_node as nodes
from control_plane_go import ControlPlaneError
from control_plane_node_programs import NodePrograms
folder, programs = map(Path, sys.argv[1:])
with nodes.running_node(folder, NodePrograms(programs, programs), {}) as node:
    try:
        nodes.wait_for_node(node, lambda: False, time.sleep)
    except ControlPlaneError as error:
        print(error)
"""
RESOLVER = "mkdir -p /run/systemd/resolve; echo nameserver 127.0.0.53 > /run/systemd/resolve/stub-resolv.conf"
DNS: Mapping[str, tuple[str, str]] = {
    "a file": ("rm {etc}/resolv.conf; echo nameserver 127.0.0.53 > {etc}/resolv.conf", "nameserver 127.0.0.53"),
    "a link into /run": (
        f"ln -sf ../run/systemd/resolve/stub-resolv.conf {{etc}}/resolv.conf; {RESOLVER}",
        "nameserver 127.0.0.53",
    ),
    "a link into /var/run": (
        f"ln -sf /var/run/systemd/resolve/stub-resolv.conf {{etc}}/resolv.conf; {RESOLVER}",
        "nameserver 127.0.0.53",
    ),
    "a link to a file that does not exist": ("ln -sf /run/resolve/none {etc}/resolv.conf", "none"),
    "no file": ("rm {etc}/resolv.conf", "none"),
}


@needs_node
@pytest.mark.parametrize("resolver", DNS)
def test_the_node_has_the_dns_servers_of_the_machine(tmp_path: Path, resolver: str) -> None:
    """In a mount namespace of its own, where /etc and /run are others."""
    prepare, expected = DNS[resolver]
    folder, etc = tmp_path / "nodes", tmp_path / "etc"
    folder.mkdir()
    programs = Programs(kubelet="cat /etc/resolv.conf 2> /dev/null || echo none; exit 3").write(tmp_path / "programs")
    script = f"""
        cp -a /etc {etc}
        mount -t tmpfs tmpfs /run
        {prepare.format(etc=etc)}
        mount --bind {etc} /etc
        exec {sys.executable} -c "$1" {folder} {programs.kubelet}
    """
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-ec", script, "sh", START],
        env=os.environ | {"PYTHONPATH": str(FILES)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    expected = f"The node ended.\nstart.log: kubelet ended.\ncontainerd.log: waits\nkubelet.log: {expected}\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, expected, "")


# Where it does not start

HIDE = "mount -t tmpfs tmpfs /var/lib; mkdir -p /var/lib/kubelet/pods/1; mount -t tmpfs tmpfs /run"
LISTENER = (
    f"{sys.executable} -c 'import socket, time; s = socket.socket(socket.AF_UNIX); "
    's.bind("/run/containerd/containerd.sock"); s.listen(); time.sleep(60)\' & sleep 0.5'
)
READ_ONLY = (
    "awk '/ - cgroup2? /{ print $5 }' /proc/self/mountinfo | "
    "while read -r each; do mount -o remount,bind,ro $each; done"
)
NOEXEC = "a directory without programs"  # nothing is refused to a build, which does not know the directory
VIRTUAL = "Use a virtual machine, or start the control plane without the node.\n"
REFUSED: Mapping[str, tuple[str, str]] = {
    "a mount of a Pod": (
        f"{HIDE}; mount -t tmpfs tmpfs /var/lib/kubelet/pods/1",
        f"/var/lib/kubelet is in use: /var/lib/kubelet/pods/1 is mounted. {ENDING.format('Unmount it')}",
    ),
    "a socket of containerd": (
        f"{HIDE}; mkdir /run/containerd; {LISTENER}",
        "/run/containerd is in use: a process listens on /run/containerd/containerd.sock. "
        f"{ENDING.format('Stop that process')}",
    ),
    "no runc": (
        "mkdir {folder}/bin; ln -s $(command -v unshare) $(command -v mount) {folder}/bin; PATH={folder}/bin",
        "A node needs runc, and PATH has none. Install the package runc, or start the control plane without the "
        "node.\n",
    ),
    "no util-linux": (
        "mkdir {folder}/bin; ln -s $(command -v runc) {folder}/bin; PATH={folder}/bin",
        "A node needs unshare, and PATH has none. Install the package util-linux, or start the control plane without "
        "the node.\n",
    ),
    NOEXEC: (
        "mount -t tmpfs -o noexec tmpfs {folder}; export TMPDIR={folder}",
        "The containers of a node run from {folder}, and its file system is mounted with noexec. Use another directory "
        "(TMPDIR, or control_plane_directory of the role), or start the control plane without the node.\n",
    ),
    "no cgroups": (
        "umount --lazy --recursive /sys/fs/cgroup",
        f"A node needs cgroups of its own, and no cgroup hierarchy is mounted in /sys/fs/cgroup. {VIRTUAL}",
    ),
    "read-only cgroups": (
        READ_ONLY,
        f"A node needs cgroups of its own, and none can be made in /sys/fs/cgroup: Read-only file system. {VIRTUAL}",
    ),
    "cgroups without controllers": (
        "umount --lazy --recursive /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup; "
        "mkdir /sys/fs/cgroup/{group}; mount --bind /sys/fs/cgroup/{group} /sys/fs/cgroup",
        f"A node needs cgroups of its own, and those in /sys/fs/cgroup have no controller cpu, memory, pids. {VIRTUAL}",
    ),
}


ARGUMENTS = ("build", "--node")
CASES: list[tuple[str, tuple[str, ...]]] = [(found, ARGUMENTS) for found in REFUSED if found != NOEXEC]
CASES += [(NOEXEC, ("run", "--node")), ("no runc", ("run", "--node")), ("no runc", ("exec", "--node", "--", "true"))]


@needs_node
@pytest.mark.parametrize(("found", "arguments"), CASES)
def test_it_is_refused(tmp_path: Path, found: str, arguments: tuple[str, ...]) -> None:
    """In a mount namespace of its own: nothing of it is there for the machine, or for other tests."""
    prepare, expected = REFUSED[found]
    group = f"keyring-test-{os.getpid()}"
    prepare = prepare.replace("{folder}", str(tmp_path)).replace("{group}", group)
    script = f"{prepare}\nexec {' '.join([*STARTER, *arguments])}"
    isolated = ["unshare", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child"]
    done = subprocess.run([*isolated, "sh", "-ec", script], capture_output=True, text=True, check=False, timeout=60)
    for each in groups_of(group):
        each.rmdir()
    said = re.sub(r"in /sys/fs/cgroup[^:. ]*:", "in /sys/fs/cgroup:", done.stderr)
    assert (done.returncode, done.stdout, said) == (1, "", expected.replace("{folder}", str(tmp_path)))


@needs_node
def test_it_is_refused_beside_a_kubelet(tmp_path: Path) -> None:
    """In a /proc of its own: other tests ask at the same time whether a node can run."""
    process = tmp_path / "proc" / "7"
    process.mkdir(parents=True)
    (process / "comm").write_text("kubelet\n")
    (process / "cmdline").write_text("kubelet\0")
    expected = f"kubelet runs on this machine (process 7). {ENDING.format('Stop it')}"
    assert node_machine.why_no_node(root=tmp_path) == expected.rstrip()


BUILD = "import control_plane as program"
DETACHED_PROGRAM = "import control_plane_detached as program"


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        (BUILD, ["build", "--registry"]),
        (BUILD, ["run", "--registry"]),
        (BUILD, ["exec", "--registry", "--", "true"]),
        (DETACHED_PROGRAM, ["start", "--registry", "--check", "{folder}"]),
        (DETACHED_PROGRAM, ["start", "--registry", "{folder}"]),
        pytest.param(DETACHED_PROGRAM, ["start", "--node", "--check", "{folder}"], marks=needs_node),
    ],
)
def test_a_missing_package_is_reported_before_anything_is_built(
    tmp_path: Path, program: str, arguments: list[str]
) -> None:
    code = f"import sys; sys.modules['bcrypt'] = None; {program}; sys.exit(program.main())"
    done = subprocess.run(
        [sys.executable, "-c", code, *(each.format(folder=tmp_path / "control-plane") for each in arguments)],
        env={**os.environ, "PYTHONPATH": str(FILES), "XDG_CACHE_HOME": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("The private registry needs the Python package bcrypt. Install it")
    assert not (tmp_path / "cache").exists()


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root becomes another user")
def test_it_is_refused_to_a_user_who_is_not_root(tmp_path: Path) -> None:
    code = "import os, sys; os.setuid(65534); from control_plane import main; sys.exit(main())"
    environment = {**os.environ, "PYTHONPATH": str(FILES)}
    done = subprocess.run(
        [sys.executable, "-c", f"import control_plane; {code}", "build", "--node"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        "",
        "A node needs root, to start containers. Run this as root, or start the control plane without the node.\n",
    )
