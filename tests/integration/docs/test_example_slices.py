# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The example in slices: by its own program, whose playbooks are held, and through a real ansible-runner."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.canary import Canary, auth, canary, find_leaks, key_canary, read_below
from support.cluster import Cluster
from support.example import EXAMPLE
from support.paths import cache_directory
from support.playbook import ANSIBLE_PLAYBOOK, Playbook
from support.processes import descendants, eventually, name_of, processes_in, runs

SLICES: Mapping[int, tuple[str, str]] = {
    1: ("dublin", "ohio"),
    2: ("frankfurt", "oregon"),
    3: ("milan", "toronto"),
}
CLUSTERS = sorted(name for names in SLICES.values() for name in names)
KILLED = SLICES[3]

# Where each cluster has which Secrets in the end.
EUROPE = ("ghcr", "harbor")
AMERICA = ("ghcr", "ecr")
SECRETS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "dublin": {"team-shop": EUROPE, "flux-system": ("apps-git",)},
    "frankfurt": {"team-shop": EUROPE, "team-search": EUROPE, "flux-system": ("apps-git",)},
    "milan": {"team-shop": EUROPE, "team-maps": EUROPE, "flux-system": ("apps-git",)},
    "ohio": {"team-shop": AMERICA, "team-data": AMERICA, "argocd": ("apps-git",), "ci": ("apps-git", "docker-hub")},
    "oregon": {"team-shop": AMERICA, "argocd": ("apps-git",), "ci": ("apps-git",)},
    "toronto": {"team-shop": AMERICA, "team-data": AMERICA, "argocd": ("apps-git",), "ci": ("apps-git",)},
}

# Each playbook is held under the id of its process until its file is removed.
GATE = """#!/bin/sh
echo "$*" > "{gates}/$$.half" && mv "{gates}/$$.half" "{gates}/$$"
while [ -e "{gates}/$$" ]; do sleep 0.1; done
exec "{playbook}" "$@"
"""

# An example without clusters, for what the program itself does.
WITHOUT_CLUSTERS: Mapping[str, str] = {
    "trial/start.yml": """
        - hosts: clusters
          gather_facts: false
          tasks:
            - ansible.builtin.file:
                path: "{{ control_plane_directory }}"
                state: directory
                mode: "0700"
            - ansible.builtin.copy:
                content: nothing
                dest: "{{ control_plane_directory }}/{{ item }}"
                mode: "0600"
              loop: [kubeconfig, address]
        """,
    "trial/stop.yml": "- {hosts: clusters, gather_facts: false, tasks: [{ansible.builtin.debug: {msg: stopped}}]}",
}


@dataclass(frozen=True)
class Trial:
    """A copy of the example, and what is needed to run its program."""

    directory: Path

    @property
    def example(self) -> Path:
        return self.directory / "clusters"

    @property
    def gates(self) -> Path:
        return self.directory / "gates"

    @property
    def artifacts(self) -> Path:
        return self.directory / "artifacts"

    @property
    def printed(self) -> str:
        return (self.directory / "printed").read_text()

    def make(self) -> None:
        shutil.copytree(EXAMPLE, self.example)
        self.gates.mkdir()
        (self.directory / "bin").mkdir()
        gate = self.directory / "bin" / "ansible-playbook"
        gate.write_text(GATE.format(gates=self.gates, playbook=ANSIBLE_PLAYBOOK))
        gate.chmod(0o755)

    def control_plane(self, name: str) -> Path:
        return self.directory / "ansible" / f"keyring-example-{name}"

    def cluster(self, name: str) -> Cluster:
        return Cluster(self.control_plane(name) / "kubeconfig")

    def environment(self, **more: str) -> dict[str, str]:
        given = Playbook(self.directory).environment(
            ANSIBLE_HOME=str(self.directory / "ansible"), XDG_CACHE_HOME=str(cache_directory().parent), **more
        )
        return given | {"PATH": f"{self.directory / 'bin'}:{ANSIBLE_PLAYBOOK.parent}:{given['PATH']}"}

    @contextmanager
    def started(self, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
        """Let the program of the example run, and have it end whatever happens."""
        command = [sys.executable, "trial/slices.py", "--artifacts", str(self.artifacts), *arguments]
        with (self.directory / "printed").open("w") as printed:
            process = subprocess.Popen(
                command,
                cwd=self.example,
                env=self.environment(**environment),
                stdout=printed,
                stderr=printed,
                text=True,
            )
        try:
            yield process
        finally:
            while process.poll() is None:
                self.let_pass()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(0.2)
            self.let_pass()

    def held(self, process: subprocess.Popen[str], number: int, playbook: str) -> dict[int, str]:
        """Wait until so many playbooks are held. Return their processes, with the last words of their command lines."""

        def waiting() -> dict[int, str]:
            found = {int(path.name): path.read_text().strip() for path in self.gates.iterdir() if path.suffix == ""}
            return {pid: arguments for pid, arguments in found.items() if playbook in arguments}

        assert eventually(lambda: len(waiting()) == number or process.poll() is not None, seconds=300), self.printed
        assert process.poll() is None, self.printed
        return waiting()

    def let_pass(self, pids: Collection[int] = ()) -> None:
        """Let these playbooks go on, or all of them."""
        for path in self.gates.iterdir():
            if not pids or path.name in map(str, pids):
                path.unlink(missing_ok=True)


def processes_of(trial: Trial) -> set[int]:
    """Return the processes that have the PATH of a trial: its program, the workers and their playbooks."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):  # ended meanwhile
            if os.fsencode(trial.directory / "bin") in path.read_bytes():
                found.add(int(path.parent.name))
    return found


def read_all(pid: int) -> dict[str, bytes]:
    """Return what others may see of a process: its command line, and with the same user its environment."""
    return {f"{pid}/{name}": Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "environ")}


def versions(cluster: Cluster) -> dict[str, str]:
    """Return the identity and version of each Secret and ServiceAccount."""
    found = {}
    for kind, request in (
        ("Secret", cluster.api.list_secret_for_all_namespaces),
        ("ServiceAccount", cluster.api.list_service_account_for_all_namespaces),
    ):
        for each in json.loads(request(_preload_content=False).data)["items"]:
            metadata = each["metadata"]
            name = f"{kind} {metadata['namespace']}/{metadata['name']}"
            found[name] = f"{metadata['uid']} {metadata['resourceVersion']}"
    return found


def secrets_in(found: Mapping[str, str]) -> set[str]:
    return {name.removeprefix("Secret ") for name in found if name.startswith("Secret ")}


def expected_secrets(name: str) -> set[str]:
    return {f"{namespace}/{secret}" for namespace, secrets in SECRETS[name].items() for secret in secrets}


@dataclass(frozen=True)
class Seen:
    """What a whole run of the program has done."""

    first_arguments: list[str]
    after_the_first: Mapping[str, Mapping[str, str]]
    after_the_second: Mapping[str, Mapping[str, str]]
    strays: set[int]
    """Processes that had no connection to the program any more when the second run began."""
    seen_of_processes: Mapping[str, bytes]
    artifacts: Mapping[str, bytes]
    canaries: list[Canary]
    auths: Mapping[str, str]
    printed: str
    returncode: int
    left: set[int]
    left_files: list[Path]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Run the program with an encrypted vault of canaries. Only the stream can bring a worker its password."""
    trial = Trial(tmp_path_factory.mktemp("slices"))
    trial.make()
    vault = trial.example / "group_vars" / "clusters" / "vault.yml"
    tokens = {name: canary(name, user="acme-machine") for name in yaml.safe_load(vault.read_text())}
    vault.write_text(yaml.safe_dump({name: token.text for name, token in tokens.items()}))
    password = canary("vault password", awkward="-")
    (trial.directory / "vault-password").write_text(password.text)
    file = str(trial.directory / "vault-password")
    encrypt = [str(ANSIBLE_PLAYBOOK.with_name("ansible-vault")), "encrypt", "--vault-password-file", file, str(vault)]
    subprocess.run(encrypt, env=trial.environment(), check=True)
    seen_of_processes: dict[str, bytes] = {}
    with trial.started(ANSIBLE_VAULT_PASSWORD_FILE=file) as process:
        trial.let_pass(trial.held(process, 1, "trial/start.yml"))
        first = trial.held(process, len(SLICES), "site.yml")
        for pid in {process.pid, *descendants(process.pid)}:
            with contextlib.suppress(OSError):  # a gate has begun its next sleep
                seen_of_processes |= read_all(pid)
        trial.let_pass(first)
        second = trial.held(process, len(SLICES), "site.yml")
        control_planes = {pid for name in CLUSTERS for pid in processes_in(trial.control_plane(name))}
        apart = processes_of(trial) - control_planes - {process.pid, *descendants(process.pid)}
        strays = {pid for pid in apart if name_of(pid) not in ("", "sleep")}  # the gates sleep again and again
        after_the_first = {name: versions(trial.cluster(name)) for name in CLUSTERS}
        trial.let_pass(second)
        trial.held(process, 1, "trial/stop.yml")
        after_the_second = {name: versions(trial.cluster(name)) for name in CLUSTERS}
        auths = {name: trial.cluster(name).read_auths("team-shop", "ghcr")["ghcr.io"]["auth"] for name in CLUSTERS}
        keys = [client_key(trial.control_plane(name) / "kubeconfig", name) for name in CLUSTERS]
    eventually(lambda: not processes_of(trial))
    return Seen(
        sorted(first.values()),
        after_the_first,
        after_the_second,
        strays,
        seen_of_processes,
        read_below(trial.artifacts),
        [*tokens.values(), password, *keys],
        auths,
        trial.printed,
        process.returncode,
        processes_of(trial),
        [*trial.directory.glob("ansible/keyring-*"), *trial.directory.glob("tmp/keyring-slices-*")],
    )


def client_key(kubeconfig: Path, name: str) -> Canary:
    """Return the private key in a kubeconfig, which travels with the slice of its cluster."""
    (user,) = yaml.safe_load(kubeconfig.read_text())["users"]
    return key_canary(f"key of {name}", base64.b64decode(user["user"]["client-key-data"]).decode())


@pytest.mark.slow
def test_each_slice_is_a_job_of_ansible_runner(seen: Seen) -> None:
    assert seen.returncode == 0, seen.printed
    for number, arguments in enumerate(seen.first_arguments, start=1):
        assert re.fullmatch(rf"--ask-vault-pass -i \S+/machine-{number}/job/inventory site.yml", arguments)
    for number, names in SLICES.items():
        assert f"slice {number}: {', '.join(names)} on worker " in seen.printed
        for run in ("first", "second"):
            assert any(name.startswith(f"{run}/slice-{number}/job_events/") for name in seen.artifacts)
            finished = f"{run}/slice-{number}/rc" in seen.artifacts
            assert finished == ((run, names) != ("first", KILLED))


@pytest.mark.slow
def test_the_killed_worker_is_reported(seen: Seen) -> None:
    assert re.search(r"^slice 3: killing the worker \d+$", seen.printed, re.MULTILINE), seen.printed
    assert re.search(r"^3 +milan, toronto +error +\d+\.\d +unknown$", seen.printed, re.MULTILINE), seen.printed
    assert "\nSlice 3 (milan, toronto) has lost its worker. ansible-runner says: Unexpected empty line" in seen.printed
    assert seen.printed.rstrip().endswith(
        "The second run changed nothing else. All control planes and workers are gone."
    )
    assert seen.strays == set()


@pytest.mark.slow
@pytest.mark.parametrize("name", CLUSTERS)
def test_the_next_run_finishes_what_is_missing_and_changes_nothing_else(seen: Seen, name: str) -> None:
    before, after = seen.after_the_first[name], seen.after_the_second[name]
    assert secrets_in(after) == expected_secrets(name)
    kept = {each: version for each, version in before.items() if each.startswith("Secret ")}
    assert kept.items() <= after.items()
    if name in KILLED:
        assert secrets_in(before) < expected_secrets(name)
    else:
        assert before == after
    assert re.search(rf"{name} {'[12]' if name in KILLED else 0}\b", seen.printed.rpartition("changed tasks")[2])


@pytest.mark.slow
def test_the_killed_worker_had_written_something(seen: Seen) -> None:
    assert any(secrets_in(seen.after_the_first[name]) for name in KILLED)


@pytest.mark.slow
def test_no_secret_comes_back_or_is_seen_on_the_machine(seen: Seen) -> None:
    assert set(seen.auths.values()) == {auth("acme-machine", seen.canaries[0].text)}
    places = {**seen.artifacts, **seen.seen_of_processes, "printed": seen.printed.encode()}
    assert find_leaks(places, seen.canaries) == []


@pytest.mark.slow
def test_nothing_is_left(seen: Seen) -> None:
    assert seen.left == set()
    assert seen.left_files == []


def without_clusters(directory: Path, tasks: list[dict[str, Any]]) -> Trial:
    """Make a trial of two slices whose playbook has these tasks."""
    trial = Trial(directory)
    trial.make()
    for name, content in WITHOUT_CLUSTERS.items():
        (trial.example / name).write_text(content)
    play = {"hosts": "clusters", "gather_facts": False, "tasks": tasks}
    (trial.example / "site.yml").write_text(yaml.safe_dump([play]))
    return trial


def fail_on(name: str) -> list[dict[str, Any]]:
    return [{"name": "Fail", "ansible.builtin.fail": {"msg": "Made up."}, "when": f"inventory_hostname == '{name}'"}]


def kill_worker(process: subprocess.Popen[str], playbook: int) -> None:
    """Kill the worker whose playbook is this process, but not the playbook."""
    (worker,) = (pid for pid in descendants(process.pid) if playbook in descendants(pid))
    os.kill(worker, signal.SIGKILL)


Act = Callable[[subprocess.Popen[str], int], None]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tasks", "kill", "act", "returncode", "message"),
    [
        (fail_on("milan"), "0", None, 101, "Slice 1 (dublin, milan, oregon) ended: failed."),
        (fail_on("ohio"), "0", None, 102, "Slice 2 (frankfurt, ohio, toronto) ended: failed."),
        (
            [{"ansible.builtin.debug": {"msg": "Nothing."}}],
            "0",
            kill_worker,
            102,
            "Slice 2 (frankfurt, ohio, toronto) ended: error. Unexpected empty line encountered during worker stream.",
        ),
        (
            [{"ansible.builtin.debug": {"msg": "Nothing."}}],
            "1",
            None,
            101,
            "Slice 1 (dublin, milan, oregon) was to lose its worker, but ended: successful.",
        ),
    ],
    ids=["first fails", "second fails", "worker is lost", "worker is not lost"],
)
def test_the_exit_code_is_that_of_the_slice(
    tmp_path: Path, tasks: list[dict[str, Any]], kill: str, act: Act | None, returncode: int, message: str
) -> None:
    trial = without_clusters(tmp_path, tasks)

    with trial.started("--slices", "2", "--kill", kill) as process:
        trial.let_pass(trial.held(process, 1, "trial/start.yml"))
        held = trial.held(process, 2, "site.yml")
        lost = {pid for pid, arguments in held.items() if act and "machine-2" in arguments}
        if act:
            act(process, *lost)
        trial.let_pass(held.keys() - lost)
        trial.held(process, 1, "trial/stop.yml")
        left = set(filter(runs, held))

    assert left == set()
    assert process.returncode == returncode, trial.printed
    assert f"\n{message}" in trial.printed
    assert "stopped" in trial.printed
    assert eventually(lambda: not processes_of(trial))


@pytest.mark.slow
def test_an_interrupt_ends_the_workers(tmp_path: Path) -> None:
    trial = without_clusters(tmp_path, [{"ansible.builtin.debug": {"msg": "Nothing."}}])

    with trial.started("--slices", "2") as process:
        trial.let_pass(trial.held(process, 1, "trial/start.yml"))
        held = trial.held(process, 2, "site.yml")
        process.send_signal(signal.SIGTERM)
        trial.held(process, 1, "trial/stop.yml")
        left = set(filter(runs, held))

    assert left == set()
    assert process.returncode == 1
    assert trial.printed.endswith("Ended early.\n")
    assert eventually(lambda: not processes_of(trial))
    assert [*trial.directory.glob("tmp/keyring-slices-*")] == []


@pytest.mark.parametrize(
    ("arguments", "returncode", "message"),
    [
        (["--slices", "0"], 2, "slices.py: error: --slices must be at least 1\n"),
        (["--kill", "-1"], 2, "slices.py: error: --kill must be the number of a slice, or 0\n"),
        (["--artifacts", "trial"], 1, "/clusters/trial must be an empty folder, or a new one.\n"),
        (["--slices", "9", "--kill", "7"], 1, "There is no slice 7, only 6.\n"),
        (["--kill", "4"], 1, "There is no slice 4, only 3.\n"),
    ],
)
def test_refuses_what_it_cannot_do(tmp_path: Path, arguments: list[str], returncode: int, message: str) -> None:
    trial = Trial(tmp_path)
    trial.make()

    with trial.started(*arguments) as process:
        process.wait(60)

    assert process.returncode == returncode
    assert trial.printed.endswith(message)
    assert not any(trial.gates.iterdir())


def test_refuses_a_script_for_the_vault_password_before_it_starts_anything(tmp_path: Path) -> None:
    trial = Trial(tmp_path)
    trial.make()
    script = tmp_path / "vault-password"
    script.write_text("#!/bin/sh\necho s3cret\n")
    script.chmod(0o700)

    with trial.started(ANSIBLE_VAULT_PASSWORD_FILE=str(script)) as process:
        process.wait(60)

    assert process.returncode == 1
    assert trial.printed.startswith(f"ANSIBLE_VAULT_PASSWORD_FILE is {script}, which is executable")
    assert not any(trial.gates.iterdir())
