# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets of Harbor's robot accounts that a task refreshes, against a real API server and a Harbor on loopback."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from support.canary import Canary, find_leaks, read_below
from support.cluster import Cluster
from support.playbook import Playbook, role, task
from support.roles import example
from support.servers.harbor import Harbor, Robot, harbor

AFTER_APPLY = "<known after apply>"
EXPIRES_AT = "keyring.kubernetes/expires-at"
SERVER = "harbor.example.com"
ROBOT = "robot$web+puller"
API = "robot$rotation"
READ, REFRESH = ("GET", "/api/v2.0/robots/7"), ("PATCH", "/api/v2.0/robots/7")
DAY = timedelta(days=1)


def fill(server: Harbor) -> Harbor:
    """Harbor with the robot account of the task, and one that may update it."""
    server.robots[7] = Robot(ROBOT, f"First{uuid.uuid4().hex}")
    server.robots[8] = Robot(API, f"api-{uuid.uuid4().hex}")
    return server


@pytest.fixture
def server() -> Iterator[Harbor]:
    with harbor() as running:
        yield fill(running)


def puller(server: Harbor, **options: Any) -> dict[str, Any]:
    """An item of registries whose secret is refreshed."""
    given = {
        "host": SERVER,
        "refresh_secret": True,
        "robot_id": 7,
        "api_username": API,
        "api_password": server.robots[8].secret,
        "endpoint_url": server.url,
        **options,
    }
    return {"preset": "harbor", "username": ROBOT, "preset_options": given}


def refresh(cluster: Cluster, namespace: str, registry: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    place = {} if "namespaces" in more else {"namespace": namespace}
    given = {"name": "harbor", "kubeconfig": str(cluster.kubeconfig), "registries": [dict(registry)]}
    return task("image_pull_secret", **{**given, **place, **more})


def password(cluster: Cluster, namespace: str) -> str:
    return str(cluster.read_auths(namespace, "harbor")[SERVER]["password"])


def expiry(cluster: Cluster, namespace: str) -> str:
    text = cluster.read_secret(namespace, "harbor")["metadata"]["annotations"][EXPIRES_AT]
    return str(json.loads(text)[SERVER])


def age(cluster: Cluster, namespace: str, left: timedelta) -> None:
    """Let the stored secret be near its end."""
    end = (datetime.now(timezone.utc) + left).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = {"metadata": {"annotations": {EXPIRES_AT: json.dumps({SERVER: end})}}}
    cluster.api.patch_namespaced_secret("harbor", namespace, body)


def test_a_secret_is_refreshed_when_it_is_due(
    cluster: Cluster, namespace: str, playbook: Playbook, server: Harbor
) -> None:
    given = refresh(cluster, namespace, puller(server))
    first_secret = server.robots[7].secret

    (planned,) = playbook.run([given], "--check", "--diff").results
    assert server.asked == []
    first, second = playbook.run([given, given], "--diff").results

    assert server.asked == [READ, REFRESH]
    assert password(cluster, namespace) == server.robots[7].secret
    assert server.lets_in(ROBOT, password(cluster, namespace))
    assert not server.lets_in(ROBOT, first_secret)
    end = expiry(cluster, namespace)
    left = datetime.fromisoformat(end) - datetime.now(timezone.utc)
    assert timedelta(0) <= 30 * DAY - left < timedelta(minutes=2)
    assert [result["operation"] for result in (planned, first, second)] == ["created", "created", "unchanged"]
    assert [result["minted"] for result in (planned, first, second)] == [[SERVER], [SERVER], []]
    assert [result["next_run_before"] for result in (planned, first, second)] == [AFTER_APPLY, end, end]
    entry = {"server": SERVER, "username": ROBOT, "email": None}
    assert planned["secret"]["registries"] == [{**entry, "expires_at": AFTER_APPLY}]
    assert first["secret"]["registries"] == second["secret"]["registries"] == [{**entry, "expires_at": end}]
    unknown = json.loads(json.dumps(first).replace(end, AFTER_APPLY))
    unknown["secret"].update(uid=None, resource_version=None)
    assert planned == unknown

    age(cluster, namespace, 10 * DAY + timedelta(minutes=5))
    (lasting,) = playbook.run([given]).results
    age(cluster, namespace, 10 * DAY - timedelta(minutes=5))
    (renewed,) = playbook.run([given]).results
    (forced,) = playbook.run([refresh(cluster, namespace, puller(server), force_mint=True)]).results
    operations = [result["operation"] for result in (lasting, renewed, forced)]
    assert operations == ["unchanged", "updated", "updated"]
    assert server.asked == [READ, REFRESH] * 3
    assert password(cluster, namespace) == server.robots[7].secret
    assert len(set(server.secrets)) == 3


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_a_robot_account_that_expires_first(
    cluster: Cluster, namespace: str, playbook: Playbook, server: Harbor
) -> None:
    """A refresh does not extend the account, so that each run would refresh in vain."""
    server.robots[7].expires_at = int(time.time() + 9 * DAY.total_seconds())
    end = datetime.fromtimestamp(server.robots[7].expires_at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    registry = puller(server)

    (refused,) = playbook.run([refresh(cluster, namespace, registry)]).results
    assert refused["msg"] == (
        f"registries[0] (preset harbor) got no token. The robot account expires at {end}, and a refreshed secret would "
        "not last longer. Extend the robot account in Harbor, or use a smaller min_validity."
    )
    assert server.asked == [READ]
    first, second = playbook.run([refresh(cluster, namespace, registry, min_validity=8 * 86400)] * 2).results
    assert [result["operation"] for result in (first, second)] == ["created", "unchanged"]
    assert first["next_run_before"] == end
    assert server.asked == [READ, READ, REFRESH]


NO_TOKEN = "registries[0] (preset harbor) got no token. "


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_nothing_is_refreshed_where_harbor_or_the_task_is_wrong(
    cluster: Cluster, namespace: str, playbook: Playbook, server: Harbor, tmp_path: Path
) -> None:
    first_secret = server.robots[7].secret
    server.robots[9] = Robot("robot$other", "Other-secret-0")
    server.robots[10] = Robot(ROBOT, "Other-secret-1", disable=True)
    server.robots[11] = Robot(ROBOT, "Other-secret-2", expires_at=int(time.time()) - 60)
    server.users["reader"] = "reader-s3cret"
    server.readers = frozenset(("reader",))
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"robot_id": 9}, "The robot account with preset_options.robot_id has another name", "minting_failed"),
        ({"robot_id": 10}, "The robot account is deactivated. Activate it in Harbor.", "minting_failed"),
        ({"robot_id": 11}, "The robot account expires at 20", "minting_failed"),
        ({"robot_id": 12}, "Harbor has no such robot account. Check preset_options.robot_id.", "minting_failed"),
        ({"api_password": "wr0ng-password"}, "Harbor does not accept the login. Check", "minting_failed"),
        (
            {"api_username": "reader", "api_password": "reader-s3cret"},
            "The account of preset_options.api_username has no permission for that.",
            "minting_failed",
        ),
        ({"api_username": ROBOT}, "preset_options.api_username is the robot account itself", "minting_failed"),
        ({"endpoint_url": "http://127.0.0.1:1"}, "Harbor cannot be reached from this machine.", "unreachable"),
        ({"ca_file": str(tmp_path / "none")}, "preset_options.ca_file cannot be read: No such file", "minting_failed"),
    ]
    tasks = [refresh(cluster, namespace, puller(server, **options)) for options, _message, _failure in cases]

    results = playbook.run(tasks).results

    for result, (_options, message, failure) in zip(results, cases, strict=True):
        assert result["msg"].startswith(NO_TOKEN + message)
        assert result["failure"] == {"id": failure, "option": "registries[0]", "namespace": namespace}
        assert "Basic " not in json.dumps(result)
    assert server.secrets == []
    assert server.robots[7].secret == first_secret
    assert cluster.api.list_namespaced_secret(namespace).items == []

    for status, message in (
        (302, "Harbor refuses the request (302). Check preset_options.host"),
        (500, "Harbor refuses the request (500). Check preset_options.host"),
        (200, "The answer is not that of Harbor. Check preset_options.host"),
    ):
        server.status = status
        (result,) = playbook.run([refresh(cluster, namespace, puller(server))]).results
        assert result["msg"].startswith(NO_TOKEN + message)


HELM = {"app.kubernetes.io/managed-by": "Helm"}
REFUSED_SECRETS: tuple[tuple[dict[str, Any], dict[str, Any], str], ...] = (
    ({"metadata": {"labels": HELM}}, {}, "managed_elsewhere"),
    ({"type": "Opaque"}, {}, "wrong_type"),
    ({"immutable": True}, {}, "immutable"),
    ({}, {"images": ["quay.io/acme/app"]}, "image_not_served"),
)


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
@pytest.mark.parametrize(("stored", "options", "failure"), REFUSED_SECRETS, ids=[case[2] for case in REFUSED_SECRETS])
def test_nothing_is_refreshed_for_a_secret_that_is_not_written(
    cluster: Cluster,
    namespace: str,
    playbook: Playbook,
    server: Harbor,
    stored: dict[str, Any],
    options: dict[str, Any],
    failure: str,
) -> None:
    """Else the stored password would be invalid, and the new one lost."""
    metadata = {"name": "harbor", **stored.get("metadata", {})}
    body = {"type": "kubernetes.io/dockerconfigjson", **stored, "metadata": metadata}
    if body["type"] != "Opaque":
        body["stringData"] = {".dockerconfigjson": '{"auths": {}}'}
    cluster.api.create_namespaced_secret(namespace, body)

    (result,) = playbook.run([refresh(cluster, namespace, puller(server), **options)]).results

    assert server.asked == []
    assert result["failure"]["id"] == failure


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_nothing_is_refreshed_where_another_token_is_refused(
    cluster: Cluster, namespace: str, playbook: Playbook, server: Harbor
) -> None:
    settings = {"location": "europe-west3", "key_file": "/nowhere/key.json"}
    other = {"preset": "artifact_registry", "preset_options": settings}

    (result,) = playbook.run([refresh(cluster, namespace, puller(server), registries=[puller(server), other])]).results

    assert server.asked == []
    assert result["failure"]["option"] == "registries[1]"


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_an_answer_that_is_lost(cluster: Cluster, namespace: str, playbook: Playbook, server: Harbor) -> None:
    given = refresh(cluster, namespace, puller(server))

    server.lose = 1
    (repeated,) = playbook.run([given]).results
    assert repeated["operation"] == "created"
    assert server.asked == [READ, REFRESH, REFRESH]
    assert server.secrets[0] == server.secrets[1] == password(cluster, namespace)

    age(cluster, namespace, DAY)
    server.lose = 2
    unknown, again = playbook.run([given, given]).results
    assert unknown["msg"] == (
        f"{NO_TOKEN}It is not known whether Harbor refreshed the secret of the robot account. The old one may be "
        "invalid. Run the task again with force_mint=true."
    )
    assert unknown["failure"] == {"id": "outcome_unknown", "option": "registries[0]", "namespace": namespace}
    assert again["operation"] == "updated"
    assert password(cluster, namespace) == server.robots[7].secret


ONE_NAMESPACE = (
    "registries[0].preset_options.refresh_secret needs a task for one namespace. The old secret of the robot account "
    "is invalid at once, also where it is stored elsewhere. Select one namespace, and copy its Secret to the others "
    "with credentials_from in a second task."
)


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_one_namespace_refreshes_and_others_copy(
    cluster: Cluster, namespace: str, playbook: Playbook, server: Harbor
) -> None:
    others = sorted(cluster.create_namespace() for _number in range(2))
    many = [
        refresh(cluster, namespace, puller(server), namespaces=names)
        for names in ([namespace, others[0]], [f"{namespace}*"], ["*", f"!{others[0]}"])
    ]
    for arguments in ((), ("--check",)):
        assert [result["msg"] for result in playbook.run(many, *arguments).results] == [ONE_NAMESPACE] * len(many)
    assert server.asked == []

    tasks = [
        refresh(cluster, namespace, puller(server), namespaces=[namespace]),
        task(
            "image_pull_secret",
            namespaces=others,
            name="harbor",
            credentials_from={"name": "harbor", "namespace": namespace},
            kubeconfig=str(cluster.kubeconfig),
        ),
    ]
    first = playbook.run(tasks).results
    age(cluster, namespace, DAY)
    second, third = playbook.run(tasks).results, playbook.run(tasks).results

    changes = [[result["changed"] for result in results] for results in (first, second, third)]
    assert changes == [[True, True], [True, True], [False, False]]
    assert server.asked == [READ, REFRESH] * 2
    assert {password(cluster, name) for name in (namespace, *others)} == {server.robots[7].secret}
    for name in others:
        cluster.api.delete_namespace(name)


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"robot_id": None},
            "registries[0].preset_options.refresh_secret is true without robot_id, api_username and api_password. "
            "These select the robot account, and the account that may update it. Give all of them.",
        ),
        (
            {"refresh_secret": None},
            "registries[0].preset_options.robot_id is given without registries[0].preset_options.refresh_secret. Give "
            "both, or neither.",
        ),
        (
            {"refresh_secret": False},
            "registries[0].password is missing. With update_credentials=always each registry needs both username and "
            "password. Give it, or set update_credentials=when_given to keep what is stored.",
        ),
        (
            {"refresh_days": 0},
            "registries[0].preset_options.refresh_days must be at least 1. The secret would be refreshed by each run. "
            "Leave it out for 30 days.",
        ),
        (
            {"username": None},
            "registries[0].username is missing. Preset harbor mints a password for this user. Give it.",
        ),
        (
            {"password": "Given-s3cret"},
            "registries[0].password and registries[0].preset_options.refresh_secret exclude each other. refresh_secret "
            "is for a token that is minted where no password is given. Keep one of them.",
        ),
    ],
)
def test_a_refresh_is_asked_for_in_full(
    cluster: Cluster, namespace: str, playbook: Playbook, server: Harbor, changed: dict[str, Any], message: str
) -> None:
    registry = puller(server)
    for name, value in changed.items():
        place = registry if name in ("username", "password") else registry["preset_options"]
        place[name] = value
    (result,) = playbook.run([refresh(cluster, namespace, registry)]).results
    assert result["msg"] == message
    assert server.asked == []


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_the_role_refreshes(cluster: Cluster, namespace: str, playbook: Playbook, tmp_path: Path) -> None:
    """As in the second example of its README, with a Harbor that has a certificate of its own."""
    given = {
        **example("harbor", 1)["roles"][0]["vars"],
        "keyring_connection": {"kubeconfig": str(cluster.kubeconfig)},
        "harbor_namespaces": [namespace],
        "harbor_service_accounts": [],
    }
    with harbor(tmp_path) as running:
        server = fill(running)
        given |= {"harbor_endpoint_url": server.url, "harbor_api_password": server.robots[8].secret}
        trusting = {**given, "harbor_ca_file": str(tmp_path / "harbor-ca.crt")}
        (unknown,) = playbook.run([role("harbor", given)]).results
        first, second = playbook.run([role("harbor", trusting)] * 2).results

        assert "Harbor cannot be reached from this machine." in json.dumps(unknown)
        operations = [result["msg"]["results"][0]["operation"] for result in (first, second)]
        assert operations == ["created", "unchanged"]
        assert server.asked == [READ, REFRESH]
        assert password(cluster, namespace) == server.robots[7].secret


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_requests_is_missing(
    cluster: Cluster, namespace: str, playbook: Playbook, server: Harbor, tmp_path: Path
) -> None:
    folder = tmp_path / "without"
    folder.mkdir()
    (folder / "requests.py").write_text("raise ModuleNotFoundError('No module named requests')\n")
    (result,) = playbook.run(
        [refresh(cluster, namespace, puller(server))], environment={"PYTHONPATH": str(folder)}
    ).results
    assert result["msg"] == (
        f"{NO_TOKEN}The Python package requests is missing on the machine that runs this task. Install it there: "
        "pip install requests. Or give password."
    )
    assert result["failure"]["id"] == "missing_library"


LOGS_ALL = """
import http.client, logging, os
logging.basicConfig(level=logging.DEBUG, filename=os.environ["KEYRING_TEST_LOG"])
for name in ("requests", "urllib3"):
    logging.getLogger(name).setLevel(logging.DEBUG)
"""


def test_nothing_secret_leaves_while_a_secret_is_refreshed(
    cluster: Cluster, namespace: str, playbook: Playbook, server: Harbor, tmp_path: Path
) -> None:
    """Also not where Harbor refuses and quotes what was sent. requests logs at the level of debugging."""
    given, watched = tmp_path / "given", tmp_path / "watched"
    for folder in (given, watched):
        folder.mkdir()
    (given / "sitecustomize.py").write_text(LOGS_ALL)
    environment = {
        "PYTHONPATH": str(given),
        "KEYRING_TEST_LOG": str(watched / "libraries.log"),
        "ANSIBLE_LOG_PATH": str(watched / "ansible.log"),
        "ANSIBLE_DISPLAY_TRACEBACK": "always",
    }
    secrets = [server.robots[7].secret, server.robots[8].secret]
    misplaced = puller(server, robot_ident=7)
    tasks = [
        refresh(cluster, namespace, puller(server)),
        refresh(cluster, namespace, puller(server)),
        refresh(cluster, namespace, puller(server), force_mint=True, labels={"x": "y"}),
        refresh(cluster, namespace, misplaced),
        refresh(cluster, namespace, {**puller(server), "password": secrets[1]}),
    ]

    run = playbook.run(tasks, "-vvvvv", "--diff", environment=environment)
    server.status = 500
    refused = playbook.run(
        [refresh(cluster, namespace, puller(server), force_mint=True)], "-vvvvv", "--diff", environment=environment
    )

    results = [*run.results, *refused.results]
    expected = ["created", "unchanged", "updated", *["failed"] * 3]
    assert [result["operation"] for result in results] == expected, [result.get("msg") for result in results]
    secrets += server.secrets
    secrets.append(base64.b64encode(f"{API}:{secrets[1]}".encode()).decode())
    known = [Canary(f"secret {number}", text, (text,)) for number, text in enumerate(secrets)]
    places = {
        **read_below(watched),
        **read_below(tmp_path / "home"),
        **read_below(tmp_path / "tmp"),
        "output": f"{run.output}{refused.output}".encode(),
        "results": json.dumps([run.results, refused.results]).encode(),
        "metadata": json.dumps(cluster.read_secret(namespace, "harbor")["metadata"]).encode(),
    }
    assert b"DEBUG" in places["libraries.log"]
    assert find_leaks(places, known) == []
