# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The example of the guide to automation platforms as a sliced job: by ansible-runner, a private folder a slice."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes.client.exceptions import ApiException

from support.canary import canary, find_leaks, read_below
from support.cluster import Cluster
from support.guides import File, read_guide
from support.paths import ROOT
from support.playbook import Playbook

RUNNER = Path(sys.executable).with_name("ansible-runner")
SLICES = 2


def example() -> dict[str, Any]:
    """The inventory and the playbook of the guide."""
    steps = read_guide(ROOT / "docs" / "docsite" / "rst" / "guide_automation_platform.rst")
    return {step.name: yaml.safe_load(step.content) for step in steps if isinstance(step, File)}


def cut(hosts: Sequence[str], number: int) -> list[str]:
    """The hosts of a slice, counted from 1, as AWX deals them out (awx/main/models/inventory.py, get_script_data)."""
    return sorted(hosts)[number - 1 :: SLICES]


def kubeconfig(clusters: dict[str, Cluster]) -> dict[str, Any]:
    """One kubeconfig with a context for each cluster."""
    merged: dict[str, Any] = {"apiVersion": "v1", "kind": "Config", "clusters": [], "users": [], "contexts": []}
    for name, cluster in clusters.items():
        given = yaml.safe_load(cluster.kubeconfig.read_text())
        merged["clusters"].append({**given["clusters"][0], "name": name})
        merged["users"].append({**given["users"][0], "name": name})
        merged["contexts"].append({"name": name, "context": {"cluster": name, "user": name}})
    return merged


@pytest.mark.parametrize("playbook", ["auto"], indirect=True)
def test_slices_of_an_inventory_of_clusters(
    cluster: Cluster, controlled_cluster: Cluster, playbook: Playbook, tmp_path: Path
) -> None:
    token = canary("token of a registry", user="octo")
    files = example()
    hosts = files["clusters.yml"]["all"]["hosts"]
    clusters = dict(zip(sorted(hosts), (cluster, controlled_cluster, cluster), strict=True))
    for each in (cluster, controlled_cluster):
        with suppress(ApiException):  # another test has made it
            each.api.create_namespace({"metadata": {"name": "team-slices"}})
        with suppress(ApiException):
            each.create_account("team-slices", "default")
    for name, variables in hosts.items():
        variables["keyring_connection"]["expect_server"] = clusters[name].server
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(kubeconfig(clusters)))
    given = {
        "K8S_AUTH_KUBECONFIG": str(tmp_path / "kubeconfig"),
        "GHCR_TOKEN": token.text,
        "PATH": f"{RUNNER.parent}:/usr/bin:/bin",
    }
    jobs = []
    for number in range(1, SLICES + 1):
        folder = tmp_path / f"job-{number}"
        inventory = {"all": {**files["clusters.yml"]["all"], "hosts": {n: hosts[n] for n in cut(list(hosts), number)}}}
        for name, content in {
            "inventory/hosts.yml": yaml.safe_dump(inventory),
            "project/registries.yml": yaml.safe_dump(files["registries.yml"], sort_keys=False),
            "env/extravars": "{ghcr_namespaces: [team-slices]}",
        }.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content)
        command = [str(RUNNER), "run", str(folder), "--playbook", "registries.yml", "--ident", "1"]
        environment = playbook.environment(**given)
        jobs.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))

    printed = [job.communicate()[0].decode() for job in jobs]

    assert [job.returncode for job in jobs] == [0] * SLICES, "\n".join(printed)
    assert ["lisbon: " in text for text in printed] == ["porto: " in text for text in printed] == [True, False]
    assert ["oslo: " in text for text in printed] == [False, True]
    for each in (cluster, controlled_cluster):
        assert each.read_auths("team-slices", "ghcr")["ghcr.io"]["password"] == token.text
        each.api.delete_namespaced_secret("ghcr", "team-slices")
    for number in range(1, SLICES + 1):  # which the guide warns of
        written = json.loads((tmp_path / f"job-{number}" / "artifacts" / "1" / "command").read_text())
        assert written["env"]["GHCR_TOKEN"] == token.text
    artifacts = {
        f"job-{number}/{name}": content
        for number in range(1, SLICES + 1)
        for name, content in read_below(tmp_path / f"job-{number}" / "artifacts").items()
        if not name.endswith("/command")  # the environment of the job, as it was given
    }
    assert any("job_events" in name for name in artifacts), json.dumps(sorted(artifacts))
    assert find_leaks({**artifacts, "output": "".join(printed).encode()}, [token]) == []
