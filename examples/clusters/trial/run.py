# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the playbook of the trial in check mode, for real and once more, each cluster with a control plane of its own.

The control planes are stopped whatever happens; those of another trial are left alone. The program fails if check mode
did not predict the changes, and if the last run changes anything.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EXAMPLE = Path(__file__).resolve().parent.parent
INVENTORIES = ("trial/inventory.yml",)
STEPS: Mapping[str, list[str]] = {
    "check mode": ["site.yml", "--check", "--diff"],
    "apply": ["site.yml"],
    "run again": ["site.yml"],
}


class TrialError(Exception):
    """Says in sentences what went wrong, and how to go on."""


@dataclass(frozen=True)
class Step:
    """How long a run of the playbook took, and how many tasks changed something on each cluster."""

    seconds: float
    changed: Mapping[str, int]

    def __str__(self) -> str:
        return f"{self.seconds:5.1f} s   changed: " + ", ".join(f"{name} {n}" for name, n in self.changed.items())


def sources(inventories: Sequence[str]) -> list[str]:
    """Return the options for these inventories."""
    return [argument for name in inventories for argument in ("-i", name)]


def play(*arguments: str, log: Path | None = None, inventories: Sequence[str] = INVENTORIES) -> None:
    """Run ansible-playbook for all to see, and write to the log what it prints."""
    command = ["ansible-playbook", *sources(inventories), *arguments]
    print(f"\n$ {' '.join(command)}", flush=True)
    environment = os.environ | ({"ANSIBLE_LOG_PATH": str(log)} if log else {})
    try:
        process = subprocess.Popen(command, cwd=EXAMPLE, env=environment)
    except FileNotFoundError:
        raise TrialError("There is no ansible-playbook on PATH. Install ansible-core, or activate its venv.") from None
    try:
        code = process.wait()
    except KeyboardInterrupt:
        process.terminate()  # Ctrl-C has reached it already; what was sent to this process alone has not
        process.wait()
        raise
    if code:
        raise TrialError(f"{arguments[0]} ended with {code}; what it printed says why.")


def read_inventory(inventories: Sequence[str]) -> Mapping[str, Any]:
    """Return the inventories together, in the form of inventory scripts. Raise TrialError if they cannot be read."""
    command = ["ansible-inventory", *sources(inventories), "--list"]
    try:
        listed = subprocess.run(command, cwd=EXAMPLE, check=False, stdout=subprocess.PIPE)
    except FileNotFoundError:
        raise TrialError("There is no ansible-inventory on PATH. Install ansible-core, or activate its venv.") from None
    if listed.returncode:
        raise TrialError("The inventory cannot be read; what ansible-inventory printed says why.")
    inventory: Mapping[str, Any] = json.loads(listed.stdout)
    return inventory


def directory_of(cluster: str) -> Path:
    """Return where the inventory has the control plane of a cluster."""
    home = Path(os.environ.get("ANSIBLE_HOME") or "~/.ansible").expanduser()
    return home / f"keyring-example-{cluster}"


@contextmanager
def control_planes(clusters: Iterable[str], inventories: Sequence[str] = INVENTORIES) -> Iterator[None]:
    """Run a control plane for each cluster, for as long as the context lasts.

    Raise TrialError before anything is started or stopped if one of their directories exists: it is that of another
    trial, which may have been started by hand.
    """
    made: list[Path] = []
    try:
        for cluster in sorted(clusters):
            directory = directory_of(cluster)
            try:
                directory.mkdir(mode=0o700, parents=True)  # of two trials at once, only one can do this
            except FileExistsError:
                stop = " ".join(["ansible-playbook", *sources(inventories), "trial/stop.yml"])
                raise TrialError(
                    f"{directory} exists: another trial runs, or was killed. Nothing was started or stopped. Wait for "
                    f'its end, or run "{stop}" in {EXAMPLE}. If the directory is still there, remove it.'
                ) from None
            made.append(directory)
        try:
            play("trial/start.yml", inventories=inventories)
            yield
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            play("trial/stop.yml", inventories=inventories)
    finally:
        for directory in made:
            with suppress(OSError):  # removed with its control plane, unless that was not started
                directory.rmdir()


def timed(*arguments: str) -> Step:
    with tempfile.TemporaryDirectory(prefix="keyring-example-") as directory:
        log = Path(directory, "log")
        started = time.monotonic()
        play(*arguments, log=log)
        seconds = time.monotonic() - started
        recap = re.findall(r"(\S+) +: ok=\d+ +changed=(\d+)", log.read_text())
    return Step(seconds, {name: int(number) for name, number in recap})


def try_it() -> None:
    """Raises TrialError."""
    inventory = read_inventory(INVENTORIES)
    with control_planes(inventory["_meta"]["hostvars"]):
        steps = {name: timed(*arguments) for name, arguments in STEPS.items()}
    print("\nThree clusters, each time in one run of the playbook:")
    for name, step in steps.items():
        print(f"  {name:<10} {step}")
    if steps["check mode"].changed != steps["apply"].changed:
        raise TrialError("The real run changed what check mode had not predicted.")
    if any(steps["run again"].changed.values()):
        raise TrialError("The second run has changed something.")


def main() -> str | None:
    """Return what went wrong, for sys.exit."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        try_it()
    except TrialError as error:
        return str(error)
    except KeyboardInterrupt:
        return "Ended early."
    return None


if __name__ == "__main__":
    sys.exit(main())
