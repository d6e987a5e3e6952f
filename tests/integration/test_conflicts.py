# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writers that meet on one Secret: no entry is ever lost."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

from cluster import Cluster
from playbook import Playbook, task
from rights import documented_rules

WRITERS = 8
ROUNDS = 20


def test_eight_playbooks_at_once_that_each_add_a_registry(cluster: Cluster, namespace: str, tmp_path: Path) -> None:
    """In each round all of them write the same new Secret; they wait for one another before it."""
    names = [f"round-{number}" for number in range(ROUNDS)]
    rules = [{**rule, "resourceNames": names} if "resourceNames" in rule else rule for rule in documented_rules("x")]
    robot = cluster.identity(namespace, rules)
    processes = []
    for writer in range(WRITERS):
        directory = tmp_path / str(writer)
        directory.mkdir()
        registry = {"server": f"registry-{writer}.example.com", "username": "octo", "password": f"token-{writer}"}
        tasks = []
        for name in names:
            tasks.append(meet(tmp_path / name, writer))
            arguments = {"namespace": namespace, "name": name, "registries": [registry]}
            tasks.append(task("image_pull_secret", **arguments, **robot.connection))
        playbook = Playbook(directory, "always" if writer % 2 else "never")
        processes.append(
            subprocess.Popen(
                playbook.command(tasks),
                env=playbook.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
    outputs = [process.communicate(timeout=600)[0] for process in processes]

    assert [process.returncode for process in processes] == [0] * WRITERS, outputs
    everybody = {f"registry-{writer}.example.com" for writer in range(WRITERS)}
    assert {name: set(cluster.read_auths(namespace, name)) for name in names} == dict.fromkeys(names, everybody)
    if cluster.audit_log:
        answers = Counter(event["responseStatus"]["code"] for event in cluster.audit(robot))
        assert answers[409] >= ROUNDS, f"the writers hardly met: {answers}"


def meet(directory: Path, writer: int) -> dict[str, object]:
    """A task that ends when all writers have come to it."""
    directory.mkdir(exist_ok=True)
    wait = f"touch {directory}/{writer}; while [ $(ls {directory} | wc -l) -lt {WRITERS} ]; do sleep 0.02; done"
    return {"ansible.builtin.set_fact": {"met": f"{{{{ lookup('ansible.builtin.pipe', '{wait}') }}}}"}}
