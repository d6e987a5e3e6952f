# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook credential_expiry on two clusters and one that is down: its table, its file, and when it fails."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from support.canary import Canary, find_leaks
from support.cluster import Cluster
from support.playbook import Playbook, task
from support.playbooks import run
from support.samples.web_tokens import SIGNATURE, web_token

pytestmark = pytest.mark.parametrize("playbook", ["auto"], indirect=True)

DOWN = {
    "clusters": [{"name": "a", "cluster": {"server": "http://127.0.0.1:9"}}],
    "contexts": [{"name": "a", "context": {"cluster": "a", "user": ""}}],
    "current-context": "a",
    "users": [],
}


def after(**left: float) -> datetime:
    return datetime.now(timezone.utc).replace(microsecond=0) + timedelta(**left)


def written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def jwt(moment: datetime) -> str:
    return web_token(int(moment.timestamp()))


def populate(cluster: Cluster, playbook: Playbook, first: str, second: str) -> Mapping[str, datetime]:
    """Write credentials that expired, expire soon, expire late and never, with tasks of the collection."""
    ends = {"over": after(days=-1), "soon": after(hours=30), "later": after(days=20), "late": after(days=90)}
    entry = {"server": "ghcr.io", "username": "octo", "password": "pull-s3cret"}
    entries: dict[str, Any] = {
        "recorded": {**entry, "expires_at": written(ends["soon"])},
        "late": {**entry, "expires_at": written(ends["late"])},
        "undated": entry,
    }
    token = {"server": "quay.io", "username": "robot", "password": jwt(ends["over"])}
    tasks = [
        *(
            task("image_pull_secret", namespaces=[first, second], name=name, registries=[item])
            for name, item in entries.items()
        ),
        task("image_pull_secret", namespace=second, name="token", registries=[token]),
        task("gitsync_secret", namespace=second, name="git", format="flux", https={"bearer_token": jwt(ends["later"])}),
    ]
    keywords = {"module_defaults": {"group/keyring.kubernetes.k8s": {"kubeconfig": str(cluster.kubeconfig)}}}
    results = playbook.run(tasks, keywords=keywords).results
    assert [result["changed"] for result in results] == [True] * 5
    expired = f"registries[0].password is a token that expired at {written(ends['over'])}. Give a new one."
    assert [result.get("warnings", []) for result in results][3] == [expired]
    unmanaged = {"auths": {"r.example": {"username": "a", "password": jwt(ends["over"])}}}
    cluster.create_secret(
        second,
        "unmanaged",
        type="kubernetes.io/dockerconfigjson",
        string_data={".dockerconfigjson": json.dumps(unmanaged)},
    )
    return ends


@pytest.fixture
def second(cluster: Cluster) -> Any:
    name = cluster.create_namespace()
    yield name
    cluster.api.delete_namespace(name)


def canaries(ends: Mapping[str, datetime]) -> list[Canary]:
    """The tokens with their parts, and the password."""
    found = [Canary("password", "pull-s3cret", ("pull-s3cret",))]
    for name, end in ends.items():
        token = jwt(end)
        found.append(Canary(f"token {name}", token, (*token.split("."), SIGNATURE[:20], SIGNATURE[-20:])))
    return found


def test_credential_expiry(cluster: Cluster, namespace: str, second: str, playbook: Playbook) -> None:
    ends = populate(cluster, playbook, namespace, second)
    here = {"keyring_connection": {"kubeconfig": str(cluster.kubeconfig)}}
    inventory = {
        "prod": {**here, "expiry_namespaces": [namespace, second]},
        "test": {**here, "expiry_namespaces": [namespace]},
    }

    code, lines, output = run(playbook, "credential_expiry", cluster, inventory=inventory, expiry_file="found.json")

    assert code == 0, output
    assert [line.split() for line in lines] == [
        ["EXPIRES", "LEFT", "HOST", "SECRET", "SERVER", "USERNAME"],
        [written(ends["over"])[:10], "expired", "prod", f"{second}/token", "quay.io", "robot"],
        [written(ends["soon"])[:10], "29", "h", "prod", "recorded", "in", "2", "namespaces", "ghcr.io", "octo"],
        [written(ends["soon"])[:10], "29", "h", "test", f"{namespace}/recorded", "ghcr.io", "octo"],
        [written(ends["later"])[:10], "19", "d", "prod", f"{second}/git", "(Git)"],
        [],
        *(
            text.split()
            for text in (
                "4 credentials expire within 30d; 1 of them expired already. Hosts: 2 read.",
                "The expiry date of 3 more credentials is not known. For pull secrets, record it with expires_at.",
                f"Several hosts are the same cluster: {cluster.server}. Its Secrets are listed once for each host.",
                f"File: {Path(playbook.directory / 'found.json').resolve()}",
            )
        ),
    ]
    assert len({line.index("prod") for line in lines if "prod" in line}) == 1, "the columns are aligned"
    path = playbook.directory / "found.json"
    assert path.stat().st_mode & 0o777 == 0o600
    document = json.loads(path.read_text())
    assert [(item["host"], item["secret"], item["expires_at"]) for item in document["findings"]] == [
        ("prod", "token", written(ends["over"])),
        ("prod", "recorded", written(ends["soon"])),
        ("test", "recorded", written(ends["soon"])),
        ("prod", "git", written(ends["later"])),
    ]
    assert document["findings"][1]["namespaces"] == sorted([namespace, second])
    places = {"output": output.encode(), "file": path.read_bytes()}
    assert find_leaks(places, canaries(ends)) == []


def test_when_the_playbook_fails(cluster: Cluster, namespace: str, second: str, playbook: Playbook) -> None:
    populate(cluster, playbook, namespace, second)
    here = {"keyring_connection": {"kubeconfig": str(cluster.kubeconfig)}, "expiry_namespaces": [namespace]}
    inventory = {"prod": here, "down": {"keyring_connection": {"kubeconfig": DOWN}}}

    found, _lines, in_table = run(playbook, "credential_expiry", cluster, inventory={"prod": here}, expiry_fail=True)
    none, nothing, _output = run(
        playbook, "credential_expiry", cluster, inventory={"prod": here}, expiry_fail="true", expiry_within="12h"
    )
    down, lines, of_down = run(playbook, "credential_expiry", cluster, inventory=inventory, expiry_file="half.json")
    wrong, _nothing, faults = run(
        playbook, "credential_expiry", cluster, expiry_within=30, expiry_fail="maybe", expiry_file="a.csv"
    )

    assert found == 2
    assert (
        "This cluster has credentials that have expired or expire within 30d. The table above lists them." in in_table
    )
    assert none == 0
    assert nothing[0] == "No credentials expire within 12h. Hosts: 1 read."
    assert down == 2
    assert [line.split()[2:5] for line in lines[:2]] == [
        ["HOST", "SECRET", "SERVER"],
        ["h", "prod", f"{namespace}/recorded"],
    ]
    assert [
        line for line in lines if line.startswith("Not read: down: Cannot reach the API server http://127.0.0.1:9")
    ] != []
    assert "1 credential expires within 30d. Hosts: 1 read, 1 not read or read in part." in lines
    assert "This cluster was not read. Cannot reach the API server http://127.0.0.1:9" in of_down
    assert json.loads((playbook.directory / "half.json").read_text())["hosts"]["down"]["not_read"]
    assert wrong == 2
    assert (
        "expiry_within must be a number of hours, days or weeks, such as 12h, 30d or 8w. expiry_fail must be true or "
        "false. expiry_file must be the path of a JSON file. Let it end with .json."
    ) in faults


@pytest.mark.parametrize("place", ["link", "folder"])
def test_the_file_replaces_no_more_than_a_file(
    cluster: Cluster, namespace: str, playbook: Playbook, place: str
) -> None:
    path, target = playbook.directory / "found.json", playbook.directory / "target"
    target.write_text("kept")
    if place == "link":
        path.symlink_to(target)
    else:
        path.mkdir()

    code, lines, output = run(
        playbook, "credential_expiry", cluster, expiry_file=str(path), expiry_namespaces=[namespace]
    )

    assert code == 2
    assert lines[0].startswith("No credentials expire"), "what was found is listed all the same"
    assert "is not a regular file" in output
    assert target.read_text() == "kept"
