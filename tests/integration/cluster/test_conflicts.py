# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writers that meet on one object: no entry is ever lost."""

from __future__ import annotations

import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from support.cluster import Cluster, Identity
from support.playbook import Playbook, task
from support.rbac import documented_link_rules, documented_rules

WRITERS = 8
ROUNDS = 6
NAMES = [f"round-{number}" for number in range(ROUNDS)]


def test_eight_playbooks_at_once_that_each_add_a_registry(cluster: Cluster, namespace: str, tmp_path: Path) -> None:
    """In each round all of them write the same new Secret; they wait for one another before it."""
    rules = [{**rule, "resourceNames": NAMES} if "resourceNames" in rule else rule for rule in documented_rules("x")]
    robot = cluster.identity(namespace, rules)

    def add_registry(writer: int, name: str) -> dict[str, Any]:
        registry = {"server": f"registry-{writer}.example.com", "username": "octo", "password": f"token-{writer}"}
        arguments = {"namespace": namespace, "name": name, "registries": [registry]}
        return task("image_pull_secret", **arguments, **robot.connection)

    write_at_once(tmp_path, NAMES, add_registry)

    everybody = {f"registry-{writer}.example.com" for writer in range(WRITERS)}
    assert {name: set(cluster.read_auths(namespace, name)) for name in NAMES} == dict.fromkeys(NAMES, everybody)
    check_that_they_met(cluster, robot)


def test_eight_playbooks_at_once_that_each_link_and_unlink_a_secret(
    cluster: Cluster, namespace: str, tmp_path: Path
) -> None:
    """In each round all of them write the same ServiceAccount: each adds one Secret, and removes another."""
    robot = cluster.identity(namespace, documented_link_rules())
    old = [{"name": f"old-{writer}"} for writer in range(WRITERS)]
    for name in NAMES:
        cluster.create_account(namespace, name, imagePullSecrets=[{"name": "foreign"}, *old])

    def link(writer: int, name: str) -> dict[str, Any]:
        links = [{"name": f"new-{writer}"}, {"name": f"old-{writer}", "state": "absent"}]
        arguments = {"namespace": namespace, "service_account": name, "image_pull_secrets": links}
        return task("service_account_secrets", **arguments, **robot.connection)

    write_at_once(tmp_path, NAMES, link)

    for name in NAMES:
        first, *others = (entry["name"] for entry in cluster.read_account(namespace, name)["imagePullSecrets"])
        assert (first, sorted(others)) == ("foreign", [f"new-{writer}" for writer in range(WRITERS)])
    check_that_they_met(cluster, robot)


def test_eight_playbooks_at_once_that_each_link_what_they_write(
    cluster: Cluster, namespace: str, tmp_path: Path
) -> None:
    """In each round all of them write a Secret of their own and link it to the same ServiceAccount.

    In the last one they unlink and delete it.
    """
    *kept, gone = names = NAMES[:5]
    rules = [{**rule, "resourceNames": []} if "resourceNames" in rule else rule for rule in documented_rules("x")]
    robot = cluster.identity(namespace, rules)
    foreign = [{"name": "foreign"}]
    cluster.create_account(namespace, "shared", imagePullSecrets=foreign, secrets=foreign)

    def link(writer: int, name: str) -> dict[str, Any]:
        registry = {"server": "ghcr.io", "username": "octo", "password": f"token-{writer}"}
        wanted = {"state": "absent"} if name == "last" else {"registries": [registry]}
        own = f"{gone if name == 'last' else name}-{writer}"
        arguments = {"namespace": namespace, "name": own, "service_accounts": ["shared"], **wanted}
        return task("image_pull_secret", **arguments, **robot.connection)

    write_at_once(tmp_path, [*names, "last"], link)

    account = cluster.read_account(namespace, "shared")
    linked = Counter(entry["name"] for entry in account["imagePullSecrets"])
    assert linked == Counter(["foreign", *(f"{name}-{writer}" for name in kept for writer in range(WRITERS))])
    assert account["secrets"] == foreign
    check_that_they_met(cluster, robot)


def write_at_once(directory: Path, names: Sequence[str], write: Callable[[int, str], Mapping[str, Any]]) -> None:
    """Run a playbook for each writer; before each object, in their order, they wait for one another."""
    processes = []
    with meeting_place(names) as url:
        for writer in range(WRITERS):
            own = directory / str(writer)
            own.mkdir()
            tasks = [step for name in names for step in (meet(f"{url}/{name}"), write(writer, name))]
            playbook = Playbook(own, "always" if writer % 2 else "never")
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


def check_that_they_met(cluster: Cluster, robot: Identity) -> None:
    """Without a conflict a test proves nothing; how many there are depends on what else the machine does."""
    if cluster.audit_log:
        answers = Counter(event["responseStatus"]["code"] for event in cluster.audit(robot))
        assert answers[409], f"the writers never met: {answers}"


@contextmanager
def meeting_place(names: Sequence[str]) -> Iterator[str]:
    """A server that answers a request for a name when all writers have asked for it."""
    barriers = {f"/{name}": threading.Barrier(WRITERS, timeout=300) for name in names}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            barriers[self.path].wait()
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name in the base class)
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def meet(url: str) -> dict[str, object]:
    """A task that ends when all writers have come to it."""
    answer = f"{{{{ lookup('ansible.builtin.url', '{url}', timeout=300) }}}}"
    return {"ansible.builtin.set_fact": {"met": answer}}
