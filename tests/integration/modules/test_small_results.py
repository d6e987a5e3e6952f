# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user reads after a task for 300 namespaces: a failure, or a change, is printed once, whatever their number."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from support.cluster import Cluster, Identity
from support.many_namespaces import GHCR, NAME, QUAY, foreseeable, keep, make, summary
from support.playbook import Playbook, task
from support.rbac import documented_rules
from support.samples.git import HOSTS, NEW_KEY

RULES = documented_rules(NAME, "ClusterRole")
NUMBER = 300

ADA = {"username": "ada", "password": "stored-password"}
ELEVEN_OF_300 = "{0}-000, {0}-001, {0}-002, {0}-003, {0}-004, {0}-005, {0}-006, {0}-007, {0}-008, {0}-009 and 290 more"

# A play around a task, its recap, and the task that writes the results.
AROUND = 25


@pytest.fixture
def names(cluster: Cluster, namespace: str) -> list[str]:
    """300 namespaces, whose names begin with that of the test's."""
    return make(cluster, namespace, *(f"{number:03}" for number in range(NUMBER)))


def store(cluster: Cluster, namespace: str, *servers: str, **fields: Any) -> None:
    """Make a pull secret as somebody else would, with a label and an entry that are the namespace's own."""
    auths = dict.fromkeys((*servers, f"{namespace}-registry.example"), ADA)
    fields = {"metadata": {"labels": {"app": f"{namespace}-app"}}, **fields}
    config = {".dockerconfigjson": json.dumps({"auths": auths})}
    cluster.create_secret(namespace, NAME, type="kubernetes.io/dockerconfigjson", string_data=config, **fields)


def headers(diff: Mapping[str, Any]) -> tuple[str, str]:
    return diff["before_header"], diff["after_header"]


def test_changes_are_printed_by_group(
    cluster: Cluster, namespace: str, names: list[str], playbook: Playbook, reader: Identity, writer: Identity
) -> None:
    created, rotated, added = names[0::3], names[1::3], names[2::3]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: store(cluster, name, "ghcr.io"), rotated))
        list(pool.map(lambda name: store(cluster, name), added))
    which = {"namespaces": [f"{namespace}-*"]}
    tasks = [
        {**keep(reader, GHCR, **which), "check_mode": True},
        keep(writer, GHCR, **which),
        {**keep(reader, QUAY, **which), "check_mode": True},
    ]

    run = playbook.run(tasks, "--diff")

    check, real, equal = run.results
    assert check == foreseeable(real)
    assert [diff["namespaces"] for diff in real["diff"]] == [created, rotated, added]
    assert [diff["before_header"] for diff in real["diff"]] == [f"Secret {NAME} in 100 namespaces"] * 3
    entry = {"username": "octo", "password": "<hidden>", "auth": "<hidden>"}
    assert [(diff["before"].get("registries"), diff["after"]["registries"]) for diff in real["diff"]] == [
        (None, {"ghcr.io": entry}),
        (
            {"ghcr.io": {"username": "ada", "password": "<hidden>"}},
            {"ghcr.io": {"username": "octo", "password": "<hidden, changed>", "auth": "<hidden>"}},
        ),
        (None, {"ghcr.io": entry}),
    ]
    assert [diff["namespaces"] for diff in equal["diff"]] == [names]
    assert headers(equal["diff"][0]) == (
        f"Secret {NAME} in 300 namespaces",
        f"Secret {NAME} in {ELEVEN_OF_300.format(namespace)}",
    )
    assert run.output.count("+++ after: ") == 3 + 3 + 1
    assert run.output.count("\n") < AROUND + 3 * 60 + 20
    assert max(len(line) for line in run.output.splitlines()) < 400


def test_failures_are_printed_once(
    cluster: Cluster, namespace: str, names: list[str], playbook: Playbook, writer: Identity
) -> None:
    frozen, managed = names[7], names[299]
    store(cluster, frozen, immutable=True)
    git = {"format": "flux", "ssh": {"private_key": NEW_KEY.private.decode(), "known_hosts": HOSTS}}
    which = {"namespaces": [f"{namespace}-*"]}

    one = playbook.run([keep(writer, GHCR, **which)])
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: freeze(cluster, name), names[:-1]))
    helm = {"metadata": {"labels": {"app.kubernetes.io/managed-by": "Helm"}}}
    cluster.api.patch_namespaced_secret(NAME, managed, helm)
    all_of_them = playbook.run(
        [keep(writer, QUAY, **which), task("gitsync_secret", name=NAME, **git, **which, **writer.connection)]
    )

    (result,) = one.results
    assert result["summary"] == summary(NUMBER, created=NUMBER - 1, failed=1)
    assert result["created"] == [name for name in names if name != frozen]
    assert [entry["namespace"] for entry in result["secrets"]] == [frozen]
    assert one.output.count("\n") < AROUND
    assert len(one.output) < 12_000
    pull, other = all_of_them.results
    assert pull["summary"] == summary(NUMBER, failed=NUMBER)
    assert pull["msg"].startswith(f"300 of 300 namespaces failed. {names[0]}: Secret {names[0]}/{NAME} is immutable")
    assert f" The same in {names[1]}, {names[2]}, " in pull["msg"]
    assert f"{names[10]} and 288 more. {managed}: Secret {managed}/{NAME} is managed by " in pull["msg"]
    assert [entry["namespace"] for entry in pull["secrets"]] == names
    assert other["summary"] == summary(NUMBER, failed=NUMBER)
    assert {result["failure"]["id"] for result in (pull, other)} == {"immutable", "wrong_type"}
    assert max(len(result["msg"]) for result in (pull, other)) < 1_500


def freeze(cluster: Cluster, namespace: str) -> None:
    cluster.api.patch_namespaced_secret(NAME, namespace, {"immutable": True})
