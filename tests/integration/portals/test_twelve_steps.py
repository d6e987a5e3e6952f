# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create, again, modify, again, delete and again, each in check mode first, with prism between module and portal.

prism checks every request and every answer against the vendor's document. The requests of each step are counted: what a
task costs is documented, and check mode only reads.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.wrappers import Response

from support.playbook import Playbook, task
from support.portals.ecp import Ecp
from support.portals.portal import Portal
from support.portals.prism import Checked, checked_ecp, checked_sap
from support.portals.sap import SapAiCore
from support.servers.wsgi import StartResponse, serving

# Requests as the table shows them: the method and the end of the path.
LOG_IN = "POST token"

CHANGES = frozenset(("created", "updated", "deleted"))

TOKENS = ("ghp_0123456789abcdefghijABCDEFGHIJ456789", "ghp_other456789abcdefghijABCDEFGHIJ456789")
PASSWORDS = ("Ab3defghijkl", "Bc4defghijkl")


@dataclass(frozen=True)
class Step:
    """What is asked for, what was done, and the requests: those of check mode, and what a real run sends after them."""

    options: Mapping[str, Any]
    operation: str
    reads: Sequence[str] = ()
    more: Sequence[str] = ()


@dataclass(frozen=True)
class Case:
    """A module that writes, how it is connected, and its six steps."""

    module: str
    portal: Callable[[], AbstractContextManager[tuple[Any, Checked]]]
    steps: Sequence[Step]


def docker_secret() -> list[Step]:
    """AI Core returns no credentials: what exists is written in each run, or kept."""
    name = {"name": "pull"}
    given = [{**name, "registries": [{"server": "ghcr.io", "username": "octo", "password": token}]} for token in TOKENS]
    kept = {"update_credentials": "on_create"}
    gone = {**name, "state": "absent", "in_use": "ignore"}
    quota = "GET resourceQuota/dockerRegistrySecrets"
    one = "dockerRegistrySecrets/pull"
    return [
        Step(
            given[0],
            "created",
            [LOG_IN, f"GET {one}", quota],
            ["POST dockerRegistrySecrets", f"GET {one}", f"GET {one}"],
        ),
        Step({**given[0], **kept}, "kept", [LOG_IN, f"GET {one}"]),
        Step(given[1], "updated", [LOG_IN, f"GET {one}"], [f"PATCH {one}", f"GET {one}"]),
        Step({**given[1], **kept}, "kept", [LOG_IN, f"GET {one}"]),
        Step(gone, "deleted", [LOG_IN, f"GET {one}"], [f"DELETE {one}", f"GET {one}", f"GET {one}"]),
        Step(gone, "unchanged", [LOG_IN, f"GET {one}"]),
    ]


def git_repository() -> list[Step]:
    """As above; and the status of the repository is awaited."""
    url = "https://github.com/team/app"
    given = [{"name": "app", "url": url, "username": "robot", "password": token} for token in TOKENS]
    kept = {"update_credentials": "on_create"}
    gone = {"name": "app", "state": "absent", "in_use": "ignore"}
    one = "repositories/app"
    return [
        Step(
            given[0],
            "created",
            [LOG_IN, f"GET {one}", "GET resourceQuota/repositories", "GET repositories"],
            ["POST repositories", f"GET {one}", f"GET {one}"],
        ),
        Step({**given[0], **kept}, "kept", [LOG_IN, f"GET {one}"]),
        Step(given[1], "updated", [LOG_IN, f"GET {one}"], [f"PATCH {one}", f"GET {one}", f"GET {one}"]),
        Step({**given[1], **kept}, "kept", [LOG_IN, f"GET {one}"]),
        Step(gone, "deleted", [LOG_IN, f"GET {one}"], [f"DELETE {one}", f"GET {one}"]),
        Step(gone, "unchanged", [LOG_IN, f"GET {one}"]),
    ]


def image_pull_secret() -> list[Step]:
    """ECP returns everything, so all is compared."""
    registry = {"server": "ghcr.io", "username": "octo"}
    given = [{"name": "pull", "registry": {**registry, "password": token}} for token in TOKENS]
    gone = {"name": "pull", "state": "absent"}
    missing = ["GET imagepullsecrets"]
    found = [*missing, "GET imagepullsecrets/<id>"]
    return [
        Step(given[0], "created", missing, ["POST imagepullsecrets"]),
        Step(given[0], "unchanged", found),
        Step(given[1], "updated", found, ["PATCH imagepullsecrets/<id>"]),
        Step(given[1], "unchanged", found),
        Step(gone, "deleted", found, ["DELETE imagepullsecrets/<id>"]),
        Step(gone, "unchanged", missing),
    ]


def registry_user() -> list[Step]:
    """The password is compared with that in the secret of the user."""
    user = {"username_prefix": "team", "email": "team@example.com", "description": "Builds"}
    access = [[{"project": "myproject1", "access_type": kind}] for kind in ("readonly", "readwrite")]
    given = [
        {**user, "password": password, "projects_access": projects}
        for password, projects in zip(PASSWORDS, access, strict=True)
    ]
    gone = {"username_prefix": "team", "state": "absent"}
    missing = ["GET registry/users"]
    found = [*missing, "GET imagepullsecrets", "GET imagepullsecrets/<id>"]
    return [
        Step(given[0], "created", missing, ["POST registry/users", "GET users/<id>"]),
        Step(given[0], "unchanged", found),
        Step(given[1], "updated", found, ["PUT users/<id>", "PATCH users/<id>", "GET users/<id>"]),
        Step(given[1], "unchanged", found),
        Step(gone, "deleted", missing, ["DELETE users/<id>"]),
        Step(gone, "unchanged", missing),
    ]


CASES = (
    Case("sap_ai_core_docker_registry_secret", checked_sap, docker_secret()),
    Case("sap_ai_core_git_repository", checked_sap, git_repository()),
    Case("cdnetworks_ecp_image_pull_secret", checked_ecp, image_pull_secret()),
    Case("cdnetworks_ecp_registry_user", checked_ecp, registry_user()),
)


def connection(server: SapAiCore | Ecp) -> dict[str, Any]:
    """Return the options that select a portal."""
    return {"service_key": server.service_key()} if isinstance(server, SapAiCore) else {"account": server.account()}


@contextlib.contextmanager
def marks_in(server: Portal) -> Iterator[Mapping[str, Any]]:
    """Yield a task that notes among the requests of a portal that the next task begins."""

    def note(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        server.asked.append(("MARK", ""))
        return Response("noted")(environ, start_response)

    with serving(note) as url:
        yield {"ansible.builtin.set_fact": {"mark": f"{{{{ lookup('ansible.builtin.url', '{url}') }}}}"}}


def requests_of_tasks(server: Portal) -> list[list[str]]:
    """Return the requests after each mark."""
    found: list[list[str]] = []
    for method, path in server.asked:
        if method == "MARK":
            found.append([])
        else:
            found[-1].append(f"{method} {shorten(path)}")
    return found


def shorten(path: str) -> str:
    """Return the end of a path, without the ID of an object."""
    for prefix in ("/v2/admin/", "/ecp/v1/", "/oauth/"):
        path = path.removeprefix(prefix)
    return re.sub(r"/([0-9a-f-]{36}|\d+)$", "/<id>", path)


@pytest.mark.parametrize("case", CASES, ids=[case.module for case in CASES])
@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_twelve_steps(playbook: Playbook, case: Case) -> None:
    with case.portal() as served, marks_in(served[0]) as mark:
        server = served[0]
        if isinstance(server, SapAiCore):
            server.reads_until_done = 1
        tasks: list[Mapping[str, Any]] = []
        for step in case.steps:
            wanted = {**task(case.module, **connection(server), **step.options), "diff": True}
            tasks += [mark, {**wanted, "check_mode": True}, mark, wanted]
        results = playbook.run(tasks).results[1::2]
        asked = requests_of_tasks(server)

    expected = [(step.operation, step.operation in CHANGES) for step in case.steps]
    for real, way in enumerate(("check mode", "a real run")):
        assert [(result["operation"], result["changed"]) for result in results[real::2]] == expected, way
    assert [result.get("diff") for result in results[::2]] == [result.get("diff") for result in results[1::2]]
    assert asked[::2] == [list(step.reads) for step in case.steps]
    assert asked[1::2] == [[*step.reads, *step.more] for step in case.steps]
