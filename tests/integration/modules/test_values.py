# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that YAML, INI or a template changed are refused with every way to write them, as far as that can be seen.

test_install.py runs the same table with every other ansible-core.
"""

from __future__ import annotations

import json

from ansible.release import __version__

from support.cluster import Cluster
from support.playbook import ANSIBLE_PLAYBOOK, Playbook, run_program
from support.value_cases import ENVIRONMENT, FOR_ORDINARY, ROWS, read_outcomes, write_play


def test_what_becomes_of_a_value(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    rows = FOR_ORDINARY if playbook.direct == "never" else ROWS
    command = write_play(playbook.directory, namespace, cluster.kubeconfig, rows, direct=playbook.direct)

    done = run_program(
        [ANSIBLE_PLAYBOOK, *command[1:]],
        cwd=playbook.directory,
        env=playbook.environment(**ENVIRONMENT),
    )

    assert (playbook.directory / "results.json").exists(), done.stdout
    outcomes = read_outcomes(playbook.directory, cluster, namespace, rows)
    assert outcomes == {row.name: row.outcome(__version__, native=False) for row in rows}
    results = json.loads((playbook.directory / "results.json").read_text())
    playbook.results.append([result for row, result in zip(rows, results, strict=True) if row in FOR_ORDINARY])
