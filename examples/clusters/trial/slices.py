# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the playbook of the trial in slices, each on a worker of its own, kill a worker half-way, and run it again.

AWX does the same for a job template with a job slice count: it cuts the inventory, and each slice goes through the
phases transmit, worker and process of ansible-runner. Its mesh carries the two streams of a worker from machine to
machine. Here they are pipes.

The exit code is 100 plus the number of the first slice that failed although its worker was not killed, and 1 for
everything else that went wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any, cast

from run import EXAMPLE, TrialError, control_planes, directory_of, read_inventory

try:
    import ansible_runner  # type: ignore[import-untyped]
except ImportError:
    sys.exit(f"{sys.executable} has no ansible-runner. Install it there, beside ansible-core.")

INVENTORIES = ("trial/inventory.yml", "trial/more.yml")
FAILED_SLICE = 100

# Seconds for a worker to delete its folder and end.
GRACE = 30

# What a worker has of this machine. Everything else must reach it through the stream, as on another machine: no
# K8S_AUTH_KUBECONFIG, no token, no vault password. The collection is not sent; an execution environment has it.
OF_THE_MACHINE = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "ANSIBLE_COLLECTIONS_PATH")

Inventory = Mapping[str, Any]


class SliceError(TrialError):
    """An error about a slice with an unexpected result."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number


@dataclass(frozen=True)
class Slice:
    """Some clusters of the inventory, and the folder that a worker gets for them."""

    number: int
    clusters: Sequence[str]
    folder: Path


@dataclass
class Job:
    """A running slice: its worker process, and the results received so far."""

    slice: Slice
    worker: subprocess.Popen[bytes]
    kill: bool
    status: str = "unstarted"
    reason: str = ""
    changed: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def say(self, text: str) -> None:
        print(f"slice {self.slice.number}: {text}\n", end="", flush=True)  # in one piece, beside other threads

    def take_status(self, status: Mapping[str, Any], runner_config: Any = None) -> None:
        self.status = status["status"]
        self.reason = status.get("job_explanation", "")

    def take_event(self, event: Mapping[str, Any]) -> bool:
        """Show a change or a failure, and kill the worker at the first one if it is the one to be killed.

        Returns True: the event is to be kept in a file.
        """
        data = event.get("event_data", {})
        if event["event"] == "playbook_on_stats":
            self.changed = {name: data["changed"].get(name, 0) for name in self.slice.clusters}
        text = describe(event["event"], data)
        if text:
            self.say(text)
        if self.kill and text and self.worker.poll() is None:
            self.say(f"killing the worker {self.worker.pid}")
            end(self.worker.pid)
        return True


def deal(names: Sequence[str], count: int) -> list[list[str]]:
    """Cut the clusters into slices as AWX does: by name, every n-th to the same slice, and no slice without a cluster.

    Returns the clusters of each slice.
    """
    ordered = sorted(names)
    count = min(count, len(ordered))
    return [ordered[first::count] for first in range(count)]


def cut(inventory: Inventory, clusters: Sequence[str]) -> dict[str, Any]:
    """Return the inventory, in the form of inventory scripts, without the other clusters and their variables."""
    groups: dict[str, Any] = {}
    for name, group in inventory.items():
        groups[name] = dict(group)
        if "hosts" in group:
            groups[name]["hosts"] = [host for host in group["hosts"] if host in clusters]
    variables = inventory["_meta"]["hostvars"]
    groups["_meta"] = {"hostvars": {host: variables[host] for host in clusters}}
    return groups


def describe(kind: str, data: Mapping[str, Any]) -> str:
    """Return what an event of ansible-runner says about a change or a failure; of all else, nothing."""
    result = data.get("res", {})
    task = f"{data.get('host')}: {data.get('task')}"
    if kind in ("runner_on_failed", "runner_item_on_failed", "runner_on_unreachable") and not data.get("ignore_errors"):
        return f"{task} failed: {result.get('msg', 'see the artifacts')}"
    whole_loop = "results" in result
    if kind in ("runner_on_ok", "runner_item_on_ok") and result.get("changed") and not whole_loop:
        item = result.get("_ansible_item_label")
        return f"{task} ({item})" if item else task
    return ""


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    command: str


def list_processes() -> list[Process]:
    listed = subprocess.run(["ps", "-A", "-w", "-w", "-o", "pid=,ppid=,args="], check=True, stdout=subprocess.PIPE)
    columns = [line.split(None, 2) for line in listed.stdout.decode(errors="replace").splitlines()]
    return [Process(int(pid), int(parent), "".join(command)) for pid, parent, *command in columns]


def end(pid: int) -> None:
    """Kill a process with its descendants, as when a machine loses its power.

    To kill the worker alone is not enough: ansible-runner starts the playbook in a session of its own, and it goes on.
    All are stopped before they are killed, so that none starts others meanwhile.
    """
    family: set[int] = set()
    found = {pid}
    while found:
        for each in found:
            signal_process(each, signal.SIGSTOP)
        family |= found
        found = {process.pid for process in list_processes() if process.parent in family} - family
    for each in family:
        signal_process(each, signal.SIGKILL)


def signal_process(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # it has ended, or is not of this program after all
        os.kill(pid, number)


def clear(machine: Path) -> None:
    """End the playbooks that a worker has left, as one does that was killed from outside, and delete its files.

    Other programs that have opened these files go on. Where the environment of a process cannot be read (without
    /proc), nothing is ended, and a playbook fails because its files are missing.
    """
    for process in list_processes():
        if f"{machine}/job/" in process.command and was_started_on(machine, process.pid):
            end(process.pid)
    shutil.rmtree(machine, ignore_errors=True)


def was_started_on(machine: Path, pid: int) -> bool:
    """Return whether a process has the environment of the worker of this machine."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
    return os.fsencode(f"TMPDIR={machine / 'tmp'}") in environment.split(b"\0")


def check_programs() -> None:
    for program in ("ansible-inventory", "ansible-playbook", "ansible-runner", "ps"):
        if not shutil.which(program):
            raise TrialError(f"There is no {program} on PATH.")


def prepare(inventory: Inventory, count: int, folder: Path) -> list[Slice]:
    """Write the folder of each slice: the playbook with its data, the inventory, and the kubeconfigs of its clusters.

    All paths in it are below the folder of the playbook, because a worker unpacks it anywhere.
    """
    slices = []
    for number, clusters in enumerate(deal(list(inventory["_meta"]["hostvars"]), count), start=1):
        part = Slice(number, clusters, folder / f"slice-{number}")
        shutil.copytree(EXAMPLE, part.folder / "project", ignore=shutil.ignore_patterns("trial", "inventory.yml"))
        (part.folder / "env").mkdir()
        own = cut(inventory, clusters)
        for name in clusters:
            control_plane = directory_of(name)
            shutil.copy(control_plane / "kubeconfig", part.folder / "env" / f"{name}.kubeconfig")
            own["_meta"]["hostvars"][name] = {
                **own["_meta"]["hostvars"][name],
                "keyring_connection": {
                    "kubeconfig": "{{ playbook_dir }}/../env/{{ inventory_hostname }}.kubeconfig",
                    "expect_server": (control_plane / "address").read_text(),
                },
            }
        script = part.folder / "inventory" / "hosts"
        script.parent.mkdir()
        script.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(own)}\nEND\n")
        script.chmod(0o700)
        slices.append(part)
    return slices


def vault_password() -> dict[str, Any]:
    """Return what makes the playbook of a worker ask for the vault password, and ansible-runner answer.

    Empty without ANSIBLE_VAULT_PASSWORD_FILE: the vault of the example is not encrypted. Raises TrialError if the file
    is a program or cannot be read.
    """
    name = os.environ.get("ANSIBLE_VAULT_PASSWORD_FILE")
    if not name:
        return {}
    path = EXAMPLE / Path(name).expanduser()  # as Ansible reads it, which runs in that folder
    if path.is_file() and os.access(path, os.X_OK):
        raise TrialError(
            f"ANSIBLE_VAULT_PASSWORD_FILE is {path}, which is executable: Ansible would run it. A worker needs the "
            "password itself. Write the password into a file that is not executable."
        )
    try:
        password = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise TrialError(f"ANSIBLE_VAULT_PASSWORD_FILE is {path}, which cannot be read: {reason}.") from None
    # Without suppress_env_files, the password would be written into the folder of the slice.
    return {"cmdline": "--ask-vault-pass", "passwords": {r"Vault password:\s*?$": password}, "suppress_env_files": True}


def start_worker(part: Slice, machine: Path) -> subprocess.Popen[bytes]:
    """Start a worker whose files are all below ``machine``. Its streams are its only connection to this program."""
    temporary = machine / "tmp"
    temporary.mkdir(parents=True)
    environment = {name: os.environ[name] for name in OF_THE_MACHINE if name in os.environ}
    environment |= dict.fromkeys(("TMPDIR", "ANSIBLE_LOCAL_TEMP", "ANSIBLE_REMOTE_TEMP"), str(temporary))
    command = ["ansible-runner", "worker", "--private-data-dir", str(machine / "job"), "--delete"]
    return subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )


def carry(job: Job, artifacts: Path, vault: Mapping[str, Any]) -> Job:
    """Send a slice to its worker, and process what comes back until the worker has ended or is lost.

    ``vault`` is what vault_password() returns.
    """
    started = time.monotonic()
    name = f"slice-{job.slice.number}"
    job.say(f"{', '.join(job.slice.clusters)} on worker {job.worker.pid}")
    stream = cast(IO[bytes], job.worker.stdin)
    with suppress(BrokenPipeError), stream:  # a worker that has ended already is noticed below
        ansible_runner.run(
            streamer="transmit",
            private_data_dir=str(job.slice.folder),
            playbook="site.yml",
            ident=name,
            _output=stream,
            **vault,
        )
    ansible_runner.run(
        streamer="process",
        private_data_dir=str(artifacts),
        artifact_dir=str(artifacts / name),
        quiet=True,
        _input=job.worker.stdout,
        status_handler=job.take_status,
        event_handler=job.take_event,
    )
    with suppress(subprocess.TimeoutExpired):
        job.worker.wait(GRACE)
    job.seconds = time.monotonic() - started
    job.say(job.status)
    return job


def run_slices(
    slices: Sequence[Slice], folder: Path, artifacts: Path, vault: Mapping[str, Any], kill: int = 0
) -> list[Job]:
    """Run the playbook once, all slices at the same time. No process and no file of a worker is left."""
    machines = [folder / f"machine-{part.number}" for part in slices]
    jobs: list[Job] = []
    with ThreadPoolExecutor(len(slices)) as pool:
        try:
            for part, machine in zip(slices, machines, strict=True):
                jobs.append(Job(part, start_worker(part, machine), part.number == kill))
            return list(pool.map(partial(carry, artifacts=artifacts, vault=vault), jobs))
        finally:
            for job, machine in zip(jobs, machines, strict=False):
                if job.worker.poll() is None:
                    end(job.worker.pid)
                    job.worker.wait()
                clear(machine)


def table(jobs: Sequence[Job]) -> str:
    rows = [("slice", "clusters", "status", "seconds", "changed tasks")]
    for job in jobs:
        changed = ", ".join(f"{name} {number}" for name, number in job.changed.items()) or "unknown"
        rows.append((str(job.slice.number), ", ".join(job.slice.clusters), job.status, f"{job.seconds:.1f}", changed))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def check(jobs: Sequence[Job], killed: int = 0) -> None:
    """Raise SliceError if a slice failed whose worker was not killed, or did not fail although it was."""
    for job in jobs:
        name = f"Slice {job.slice.number} ({', '.join(job.slice.clusters)})"
        if job.slice.number == killed:
            if job.status != "error":
                raise SliceError(killed, f"{name} was to lose its worker, but ended: {job.status}.")
            print(f"\n{name} has lost its worker. ansible-runner says: {job.reason}")
        elif job.status != "successful":
            raise SliceError(job.slice.number, f"{name} ended: {job.status}. {job.reason}".rstrip())


def check_changes(jobs: Sequence[Job], killed: int) -> None:
    """Raise TrialError unless the second run finished the slice of the killed worker, and changed nothing elsewhere."""
    for job in jobs:
        changed = sum(job.changed.values())
        if job.slice.number == killed and not changed:
            raise TrialError(f"The worker of slice {killed} was killed too late: nothing was left to do.")
        if job.slice.number != killed and changed:
            raise TrialError(f"The second run has changed something in slice {job.slice.number}.")


def try_it(count: int, killed: int | None, artifacts: Path | None) -> None:
    """Raises TrialError."""
    check_programs()
    vault = vault_password()
    inventory = read_inventory(INVENTORIES)
    slices = len(deal(list(inventory["_meta"]["hostvars"]), count))
    killed = slices if killed is None else killed
    if killed > slices:
        raise TrialError(f"There is no slice {killed}, only {slices}.")
    if artifacts and artifacts.exists() and (not artifacts.is_dir() or any(artifacts.iterdir())):
        raise TrialError(f"{artifacts} must be an empty folder, or a new one.")
    with tempfile.TemporaryDirectory(prefix="keyring-slices-") as directory:
        folder = Path(directory)
        with control_planes(inventory["_meta"]["hostvars"], INVENTORIES):
            parts = prepare(inventory, count, folder)
            print("\nThe first run, in slices:")
            first = run_slices(parts, folder, (artifacts or folder) / "first", vault, killed)
            print(f"\n{table(first)}")
            check(first, killed)
            print("\nThe second run, in the same slices:")
            second = run_slices(parts, folder, (artifacts or folder) / "second", vault)
            print(f"\n{table(second)}", flush=True)
            check(second)
            check_changes(second, killed)
    lost = f"Slice {killed} lost its worker, and the second run finished it. " if killed else ""
    print(f"\n{lost}The second run changed nothing else. All control planes and workers are gone.")


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slices", type=int, default=3, metavar="N", help="into how many slices (default: 3)")
    parser.add_argument("--kill", type=int, metavar="N", help="whose worker is killed; 0: none (default: the last one)")
    parser.add_argument("--artifacts", type=Path, metavar="FOLDER", help="keep in this new folder what comes back")
    options = parser.parse_args()
    if options.slices < 1:
        parser.error("--slices must be at least 1")
    if options.kill is not None and options.kill < 0:
        parser.error("--kill must be the number of a slice, or 0")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        try_it(options.slices, options.kill, options.artifacts and options.artifacts.absolute())
    except TrialError as error:
        print(error, file=sys.stderr)
        return FAILED_SLICE + error.number if isinstance(error, SliceError) else 1
    except KeyboardInterrupt:
        print("Ended early.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
