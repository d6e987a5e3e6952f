# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A control plane that is kept in a directory: by its own program, and by the role control_plane."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client, config

from support.control_plane import FILES
from support.documents import read_documents
from support.paths import cache_directory
from support.playbook import ANSIBLE_PLAYBOOK, Playbook, run_program
from support.processes import eventually, processes_in, runs

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


# The file that its lock is on.
KEPT_WHILE = "remove-this-to-stop"


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, str(FILES / "control_plane_detached.py"), *map(str, arguments)]


def call(*arguments: str | Path, **environment: str) -> tuple[int, str]:
    """Its exit code, and what it says: of its answer the part that is not the directory's name."""
    done = subprocess.run(
        command(*arguments), env=os.environ | environment, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout or done.stderr


def does(*arguments: str | Path) -> dict[str, Any]:
    code, said = call(*arguments)
    assert code == 0, said
    answer: dict[str, Any] = json.loads(said)
    return answer


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    """Where a control plane may be kept; at the end none is."""
    path = tmp_path / "control-plane"
    yield path
    shutil.rmtree(path, ignore_errors=True)
    assert eventually(lambda: not processes_in(path))


def namespaces(directory: Path) -> set[str]:
    api = client.CoreV1Api(config.new_client_from_config(str(directory / "kubeconfig")))
    return {each["metadata"]["name"] for each in api.list_namespace().to_dict()["items"]}


def test_it_outlives_its_starter_and_ends_when_told(directory: Path) -> None:
    answer = {"built": True, "registry": None, "kubeconfig": str(directory / "kubeconfig")}
    assert does("stop", directory) == {
        **answer,
        "changed": False,
        "msg": f"No control plane runs in {directory}.",
        "kubeconfig": None,
    }
    assert does("start", "--check", "--namespace=web", directory) == {
        **answer,
        "changed": True,
        "msg": f"A control plane would be started in {directory}; namespaces that would be made: web.",
    }
    assert not directory.exists()
    first = does("start", "--namespace=web", directory)
    assert first["msg"] == f"A control plane was started in {directory}; namespaces that were made: web."
    processes = processes_in(directory)
    assert len(processes) == 3  # supervisor, etcd, kube-apiserver
    assert oct(directory.stat().st_mode) == "0o40700"
    assert "web" in namespaces(directory)

    for arguments in (["--namespace=web"], []):
        assert does("start", *arguments, directory) == {
            **answer,
            "changed": False,
            "msg": f"A control plane runs in {directory}.",
        }
    assert does("start", "--check", "--namespace=ci", directory) == {
        **answer,
        "changed": True,
        "msg": f"A control plane runs in {directory}; namespaces that would be made: ci.",
    }
    assert "ci" not in namespaces(directory)
    assert call("start", "--controller-manager", directory) == (
        1,
        f"The control plane in {directory} runs without a controller manager. "
        "Stop it first: what is stored in it will be lost.\n",
    )
    assert does("stop", "--check", directory)["msg"] == f"The control plane in {directory} would be stopped."
    assert processes_in(directory) == processes

    stopped = does("stop", directory)
    assert (stopped["changed"], stopped["msg"]) == (True, f"The control plane in {directory} was stopped.")
    assert not directory.exists()
    assert not any(map(runs, processes))


@pytest.mark.parametrize("check", [[], ["--check"]], ids=["start", "check"])
@pytest.mark.parametrize("name", ["", "Team_A", "-web", "web-", "w" * 64, "web\n", "a.b"])
def test_an_invalid_namespace_is_refused_before_anything_starts(directory: Path, name: str, check: list[str]) -> None:
    assert call("start", *check, "--namespace=web", f"--namespace={name}", directory) == (
        1,
        f'"{name}" is not a valid name of a namespace. Use at most 63 lower-case letters, digits and dashes, '
        "with a letter or digit at both ends.\n",
    )
    assert not directory.exists()


@pytest.mark.parametrize("action", [("start",), ("start", "--check"), ("stop",), ("stop", "--check")])
@pytest.mark.parametrize("path", ["", " "])
def test_an_empty_directory_is_refused(path: str, action: tuple[str, ...]) -> None:
    assert call(*action, path) == (1, "The path of the directory is empty. Name the directory of the control plane.\n")


@pytest.mark.parametrize("path", ["~/control-plane", "$HOME/control-plane"])
def test_a_directory_is_read_as_ansible_reads_paths(tmp_path: Path, path: str) -> None:
    code, said = call("start", "--check", path, HOME=str(tmp_path), XDG_CACHE_HOME=str(cache_directory().parent))
    assert (code, json.loads(said)["kubeconfig"]) == (0, str(tmp_path / "control-plane" / "kubeconfig"))


def start_time(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


@pytest.mark.parametrize(
    "killed", [pytest.param(0, id="the supervisor"), pytest.param(1, id="etcd"), pytest.param(2, id="kube-apiserver")]
)
def test_one_that_was_killed_is_started_anew(directory: Path, killed: int) -> None:
    does("start", "--namespace=web", directory)
    processes = sorted(processes_in(directory), key=start_time)
    os.kill(processes[killed], signal.SIGKILL)
    assert eventually(lambda: not any(map(runs, processes)))
    assert does("start", directory)["changed"]
    assert "web" not in namespaces(directory)
    assert len(processes_in(directory)) == 3
    assert not any(map(runs, processes))


def test_what_a_killed_one_left_is_removed_by_stop(directory: Path) -> None:
    does("start", directory)
    processes = processes_in(directory)
    os.kill(min(processes, key=start_time), signal.SIGKILL)
    assert eventually(lambda: not any(map(runs, processes)))
    assert directory.exists()
    assert does("stop", directory)["changed"]
    assert not directory.exists()


def test_who_removes_its_directory_stops_it(directory: Path) -> None:
    does("start", directory)
    processes = processes_in(directory)
    shutil.rmtree(directory)
    assert eventually(lambda: not any(map(runs, processes)))
    assert not does("stop", directory)["changed"]


def test_one_is_started_where_another_is_just_removed(directory: Path) -> None:
    does("start", "--namespace=web", directory)
    processes = processes_in(directory)
    shutil.rmtree(directory)
    assert does("start", directory)["changed"]
    assert "web" not in namespaces(directory)
    assert eventually(lambda: not any(map(runs, processes)))
    assert not does("start", directory)["changed"]


def test_of_two_that_start_it_at_once_the_second_waits(directory: Path) -> None:
    starters = [subprocess.Popen(command("start", directory), stdout=subprocess.PIPE, text=True) for _twice in "ab"]
    answers = [json.loads(starter.communicate(timeout=60)[0]) for starter in starters]
    assert sorted(answer["changed"] for answer in answers) == [False, True]
    assert len(processes_in(directory)) == 3


@pytest.mark.parametrize("arguments", [["start"], ["start", "--check"]])
def test_a_directory_with_files_of_others_is_refused(directory: Path, arguments: list[str]) -> None:
    directory.mkdir()
    (directory / "thesis.tex").touch()
    assert call(*arguments, directory) == (
        1,
        f"{directory} holds other files, and would be removed with the control plane. "
        "Name a directory that is empty or does not exist.\n",
    )
    assert not does("stop", directory)["changed"]
    assert [path.name for path in directory.iterdir()] == ["thesis.tex"]


def assets_with_a_broken_server(tmp_path: Path) -> str:
    for name in ("etcd", "kube-apiserver", "kube-controller-manager"):
        (tmp_path / name).write_text("#!/bin/sh\necho no room >&2; exit 3")
        (tmp_path / name).chmod(0o755)
    return str(tmp_path)


def test_a_start_that_fails_says_why_and_leaves_nothing(directory: Path, tmp_path: Path) -> None:
    code, said = call("start", directory, KUBEBUILDER_ASSETS=assets_with_a_broken_server(tmp_path))
    assert (code, said) == (1, "etcd ended with 3. The last lines of etcd:\nno room\n")
    assert not directory.exists()


# The role


def role(**variables: Any) -> dict[str, Any]:
    return {"ansible.builtin.include_role": {"name": "keyring.kubernetes.control_plane"}, "vars": variables}


@pytest.mark.slow
def test_the_role_starts_and_stops(tmp_path: Path, directory: Path) -> None:
    runner = Playbook(tmp_path)
    kubeconfig = str(directory / "kubeconfig")
    steps: list[tuple[str, list[str], str, bool, str]] = [
        ("started", ["--check"], "would be started", True, kubeconfig),
        ("started", [], "was started", True, kubeconfig),
        ("started", [], "runs", False, kubeconfig),
        ("stopped", ["--check"], "would be stopped", True, "none"),
        ("stopped", [], "was stopped", True, "none"),
        ("stopped", [], "No control plane runs", False, "none"),
    ]
    fact = {"ansible.builtin.debug": {"msg": "{{ control_plane_kubeconfig | default('none') }}"}}
    for number, (state, arguments, said, changed, expected) in enumerate(steps):
        task = role(control_plane_state=state, control_plane_directory=str(directory), control_plane_namespaces=["web"])
        done = runner.run([task, fact], *arguments, environment={"XDG_CACHE_HOME": str(cache_directory().parent)})
        assert done.returncode == 0, done.output
        assert said in done.output
        # The task that keeps the results for this test is a change as well.
        assert f"changed={1 + changed} " in done.output, done.output
        assert done.results[1]["msg"] == expected
        assert directory.exists() == (1 <= number <= 3)
        if directory.exists():
            assert "web" in namespaces(directory)


# Whether the controller manager, the registry and the node are wanted, as a command line or an inventory has it.
PARTS = ("controller_manager", "private_registry", "node")
STRINGS: list[tuple[str, tuple[str, str, str], list[str]]] = [
    ("-e", ("no", "false", "0"), []),
    ("INI", ("False", "0", "no"), []),
    ("-e", ("yes", "1", "off"), ["--controller-manager", "--registry"]),
    ("INI", ("true", "on", "FALSE"), ["--controller-manager", "--registry"]),
]


@pytest.mark.parametrize(("source", "values", "expected"), STRINGS)
def test_the_role_reads_strings_as_its_argument_spec_does(
    tmp_path: Path, directory: Path, source: str, values: tuple[str, str, str], expected: list[str]
) -> None:
    variables = [f"control_plane_{part}={value}" for part, value in zip(PARTS, values, strict=True)]
    variables.append("control_plane_namespaces=web,db")
    (tmp_path / "given.ini").write_text("\n".join(["[all:vars]", *variables]))
    arguments = ["-i", str(tmp_path / "given.ini")] if source == "INI" else ["-e", " ".join(variables)]
    command = {"ansible.builtin.debug": {"var": "control_plane__look.cmd"}}

    done = Playbook(tmp_path).run(
        [role(control_plane_directory=str(directory)), command],
        "--check",
        *arguments,
        environment={"XDG_CACHE_HOME": str(cache_directory().parent)},
    )

    assert done.results[1]["control_plane__look.cmd"][2:] == [
        *("start", *expected),
        *("--namespace=web", "--namespace=db", str(directory), "--check"),
    ]


@pytest.mark.slow
def test_the_readme_verifies_a_password_at_the_private_registry(tmp_path: Path, directory: Path) -> None:
    blocks = read_documents()["roles/control_plane"]
    (example,) = [block.text for block in blocks if "control_plane_private_registry: true" in block.text]
    (tmp_path / "play.yml").write_text(example)
    command = [str(ANSIBLE_PLAYBOOK), "play.yml", "-vvv", "-e", f"control_plane_directory={directory}"]
    environment = Playbook(tmp_path).environment(XDG_CACHE_HOME=str(cache_directory().parent))

    done = run_program(command, cwd=tmp_path, env=environment, timeout=120)
    again = run_program(command, cwd=tmp_path, env=environment, timeout=120)

    assert done.returncode == again.returncode == 0, done.stdout + again.stdout
    assert "The registry lets user keyring pull it." in done.stdout
    assert "changed=0 " in again.stdout
    password = (directory / "registry" / "password").read_text()
    assert password not in done.stdout + again.stdout


def run_that_fails(runner: Playbook, directory: Path, **environment: str) -> str:
    """What a run of the role prints that fails."""
    done = run_program(
        runner.command([role(control_plane_directory=str(directory))]),
        env=runner.environment(**environment),
        cwd=runner.directory,
        timeout=120,
    )
    assert done.returncode == 2, done.stdout
    return done.stdout


def message_of(output: str) -> str:
    """Return the ``msg`` of the task that failed."""
    (result,) = re.findall(r"FAILED! => (\{.*\})", output)
    return str(json.loads(result)["msg"])


def test_the_role_says_why_it_does_not_start(tmp_path: Path, directory: Path) -> None:
    assets = tmp_path / "assets"
    assets.mkdir()
    said = run_that_fails(Playbook(tmp_path), directory, KUBEBUILDER_ASSETS=assets_with_a_broken_server(assets))
    assert message_of(said) == "etcd ended with 3. The last lines of etcd:\nno room"
    assert not directory.exists()


def test_the_role_says_what_it_refuses(tmp_path: Path, directory: Path) -> None:
    directory.mkdir()
    (directory / "thesis.tex").touch()
    said = run_that_fails(Playbook(tmp_path), directory)
    assert message_of(said) == (
        f"{directory} holds other files, and would be removed with the control plane. "
        "Name a directory that is empty or does not exist."
    )


def settings_with_go(folder: Path, ending: str) -> dict[str, str]:
    """Return the environment for a build with a Go that ends like this."""
    program = folder / "bin" / "go"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nif [ $1 = version ]; then echo go version go1.99; else {ending}; fi")
    program.chmod(0o755)
    return {
        "KUBEBUILDER_ASSETS": "",
        "XDG_CACHE_HOME": str(folder / "cache"),
        "PATH": f"{program.parent}:{os.environ['PATH']}",
    }


@pytest.mark.slow
def test_the_role_shows_that_a_build_goes_on_and_why_it_fails(tmp_path: Path, directory: Path) -> None:
    go = settings_with_go(tmp_path, "sleep 6; echo no net >&2; exit 1")
    said = run_that_fails(Playbook(tmp_path), directory, **go)
    assert "Build the programs from Go modules - five to ten minutes on two cores, once" in said
    assert "ASYNC POLL on localhost" in said
    assert message_of(said) == (
        "Cannot build the control plane: go list ended with 1. Check that a Go module proxy (GOPROXY) can be "
        "reached, or set KUBEBUILDER_ASSETS to a directory that holds kube-apiserver and etcd. "
        "Its last lines:\nno net"
    )
    assert not directory.exists()


@pytest.mark.slow
def test_a_build_of_the_role_ends_with_the_playbook(tmp_path: Path, directory: Path) -> None:
    """Its supervisor is in a session of its own, and gets no interrupt of a terminal."""
    runner, pid = Playbook(tmp_path), tmp_path / "compiler"
    go = settings_with_go(tmp_path, f"[ $1 = list ] && {{ sleep 300 & echo $! > {pid}; wait; }}")
    with subprocess.Popen(
        runner.command([role(control_plane_directory=str(directory))]),
        env=runner.environment(**go),
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as playbook:
        assert eventually(lambda: pid.exists() and pid.read_text().strip(), seconds=60)
        os.killpg(playbook.pid, signal.SIGINT)
        playbook.wait(timeout=60)

    builds = tmp_path / "cache" / "keyring.kubernetes" / "control-plane"
    assert eventually(lambda: [path.name for path in builds.iterdir()] == ["lock"], seconds=30)
    assert eventually(lambda: not runs(int(pid.read_text())))


def test_only_its_owner_reads_what_is_in_it(directory: Path) -> None:
    before = os.umask(0)
    try:
        does("start", directory)
    finally:
        os.umask(before)
    readable = [path for path in directory.rglob("*") if path.lstat().st_mode & 0o077 and not path.is_symlink()]
    assert readable == []
    does("stop", directory)


@pytest.mark.parametrize("action", [("start",), ("start", "--check"), ("stop",), ("stop", "--check")])
@pytest.mark.parametrize("place", ["link", "file", "lock", "owner"])
def test_a_place_that_somebody_else_has_prepared(tmp_path: Path, place: str, action: tuple[str, ...]) -> None:
    directory, target = tmp_path / "control-plane", tmp_path / "target"
    target.write_text("kept")
    if place == "link":
        (tmp_path / "other").mkdir()
        directory.symlink_to(tmp_path / "other")
        expected = f"{directory} is not a directory, or a link to one. Name the directory itself.\n"
    elif place == "file":
        directory.write_text("kept")
        expected = f"{directory} is not a directory, or a link to one. Name the directory itself.\n"
    elif place == "lock":
        directory.mkdir()
        (directory / KEPT_WHILE).symlink_to(target)
        expected = f"{directory / KEPT_WHILE} is a symbolic link. Remove it.\n"
    else:
        if os.geteuid() != 0:
            pytest.skip("only root gives a directory to another user")
        directory.mkdir()
        os.chown(directory, 12345, 12345)
        expected = (
            f"{directory} belongs to another user, who could read the keys in it. "
            "Name a directory of your own, or one that does not exist.\n"
        )
    assert call(*action, directory) == (1, expected)
    assert target.read_text() == "kept"
    assert not processes_in(directory)
