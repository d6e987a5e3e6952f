# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook image_access_upgrade_check, on two hosts of an inventory and with registries on loopback."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator

import pytest

from support.cluster import Cluster
from support.image_access import TOKEN, link, nodes, pull_secret, spec, start_pod
from support.playbook import Playbook
from support.playbooks import run
from support.samples.secrets import encode
from support.servers.odd_registry import OddRegistry, asks_basic, manifest, odd_registry, reply

NAME = "image_access_upgrade_check"


@pytest.fixture
def registries() -> Iterator[tuple[OddRegistry, OddRegistry, OddRegistry]]:
    """A registry that asks for a password, one that serves everyone, and one that answers 429."""
    with (
        odd_registry(asks_basic(manifest)) as private,
        odd_registry(manifest) as public,
        odd_registry(lambda asked: reply("429 Too Many Requests")) as busy,
    ):
        yield private, public, busy


@pytest.mark.parametrize("playbook", ["auto"], indirect=True)
def test_two_hosts(
    cluster: Cluster,
    namespace: str,
    playbook: Playbook,
    registries: tuple[OddRegistry, OddRegistry, OddRegistry],
) -> None:
    private, public, busy = registries
    other, lender = cluster.create_namespace(), cluster.create_namespace()
    pull_secret(cluster, lender, "registry", {private.location: {"auth": encode(f"octo:{TOKEN}")}})
    for place in (namespace, other):
        link(cluster, place, "app")
        start_pod(cluster, place, "borrower", spec(f"{private.location}/acme/app:1"))
        start_pod(cluster, place, "open", spec(f"{public.location}/acme/app:1", f"{public.location}/acme/app:2"))
        start_pod(cluster, place, "busy", spec(f"{busy.location}/a:1", f"{busy.location}/b:1"))
    down = {"clusters": [{"name": "a", "cluster": {"server": "http://127.0.0.1:9"}}], "current-context": "a"}
    down |= {"contexts": [{"name": "a", "context": {"cluster": "a", "user": ""}}], "users": []}
    connection = {"keyring_connection": {"kubeconfig": str(cluster.kubeconfig)}}
    login = {"username": "u", "password": "mirror-s3cret"}
    credentials = {"mirrors": {"configs": {"mirror.example": {"auth": login}}}}
    inventory = {
        "one": {**connection, "upgrade_namespaces": [namespace], "node_credentials": credentials},
        "two": {**connection, "upgrade_namespaces": [other], "kubelet_policy": "AlwaysVerify"},
    }
    plain = [server.location for server in registries]
    with nodes(cluster, "v1.34.2", "v1.35.0"):
        code, lines, output = run(
            playbook,
            NAME,
            cluster,
            inventory=inventory,
            verify=True,
            upgrade_check_file="check.json",
            verify_plain_http=plain,
        )
        asked = [len(server.asked) for server in registries]
        unasked, unknown, _output = run(playbook, NAME, cluster, inventory=inventory)
        failing, _lines, failed = run(
            playbook, NAME, cluster, inventory=inventory, verify=True, upgrade_check_fail=True, verify_plain_http=plain
        )
        three = {**inventory, "down": {"keyring_connection": {"kubeconfig": down}}}
        half, partly, _output = run(playbook, NAME, cluster, inventory=three, verify=True, verify_plain_http=plain)
        before = len(public.asked) + len(private.asked)
        few, _few, _output = run(
            playbook, NAME, cluster, inventory=inventory, verify=True, verify_max_requests=1, verify_plain_http=plain
        )
        bounded = len(public.asked) + len(private.asked) - before

    assert code == 0, output
    assert asked == [1, 1, 1], "each image name once for both hosts, and nothing after a 429"
    now = f"{private.location}: fails now, borrowed credentials. 1 image on 1 host."
    later = f"{private.location}: fails on a new node or with a new tag, borrowed credentials. 1 image on 1 host."
    assert now in lines
    assert lines[lines.index(later) + 1 : lines.index(later) + 4] == [
        f"  one: Pod borrower of namespace {namespace}, {private.location}/acme/app:1",
        f"    Copy Secret {lender}/registry, if its owner agrees, and link it to ServiceAccount app. Then",
        "    recreate the Pod.",
    ]
    assert "one: nodes 1 of v1.34.2, 1 of v1.35.0" in lines
    assert "10 images: 2 will fail, 4 not known, 4 fine." in lines
    path = playbook.directory / "check.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "s3cret" not in path.read_text()
    written = json.loads(path.read_text())["images"]
    first = written[0]
    assert (first["host"], first["registry"], first["credentials"]) == ("two", private.location, "borrowed")
    assert first["upgrade"]["when"] == "now"
    assert first["fix"]["task"]["keyring.kubernetes.image_pull_secret"]["credentials_from"] == {
        "namespace": lender,
        "name": "registry",
    }
    assert {row["credentials"] for row in written if row["registry"] == public.location} == {"public"}
    assert unasked == 0
    assert [line for line in unknown if "not known" in line] == [
        *(
            f"{host}: not known, the registry was not asked. {count} image{'s' if count > 1 else ''} on 2 hosts."
            for host, count in sorted([(private.location, 1), (public.location, 2), (busy.location, 2)])
        ),
        "10 images: 0 will fail, 10 not known, 0 fine.",
    ]
    assert failing == 2
    assert failed.count("Images of this cluster that will fail after the upgrade: 1.") >= 2
    assert half == 2
    assert any(line.startswith("Not read: down: Cannot reach the API server") for line in partly)
    assert now in partly
    assert (few, bounded <= 1) == (0, True)


@pytest.mark.parametrize("playbook", ["auto"], indirect=True)
def test_a_link_in_place_of_the_file_is_refused(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    target = playbook.directory / "target"
    target.write_text("mine")
    (playbook.directory / "check.json").symlink_to(target)

    code, _lines, output = run(playbook, NAME, cluster, upgrade_namespaces=[namespace], upgrade_check_file="check.json")

    assert code == 2
    assert "upgrade_check_file is not a regular file" in output
    assert target.read_text() == "mine"
