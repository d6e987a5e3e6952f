# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens of a GitHub App that gitsync_secret mints, against a real API server and GitHub's API on loopback."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from support.canary import Canary, find_leaks, key_canary, read_below
from support.cluster import Cluster
from support.control_plane import pki
from support.playbook import Playbook, role, task
from support.servers.github import APP_ID, APP_KEY, CLIENT_ID, INSTALLATION, OWNER, TOKEN_LIFE, GitHub, github, limited

AFTER_APPLY = "<known after apply>"
EXPIRES_AT = "keyring.kubernetes/expires-at"
MINTED_FOR = "keyring.kubernetes/minted-for"
SERVER = "127.0.0.1"
URL = f"https://{SERVER}/acme/app.git"
MINT = ("POST", f"/app/installations/{INSTALLATION}/access_tokens")
USER = "x-access-token"


@pytest.fixture
def server() -> Iterator[GitHub]:
    with github() as running:
        yield running


def app(server: GitHub, **options: Any) -> dict[str, Any]:
    given = {
        "client_id": CLIENT_ID,
        "installation_id": int(INSTALLATION),
        "private_key": APP_KEY,
        "repositories": ["app"],
        "base_url": server.url,
        **options,
    }
    return {name: value for name, value in given.items() if value is not None}


def write(cluster: Cluster, namespace: str | list[str], server: GitHub, **more: Any) -> dict[str, Any]:
    place = {"namespace": namespace} if isinstance(namespace, str) else {"namespaces": namespace}
    given = {"name": "git", "kubeconfig": str(cluster.kubeconfig), "github_app_token": app(server)}
    return task("gitsync_secret", **{**given, **place, **more})


def info(cluster: Cluster, namespace: str) -> dict[str, Any]:
    return task("gitsync_secret_info", name="git", namespace=namespace, kubeconfig=str(cluster.kubeconfig))


def read_annotations(cluster: Cluster, namespace: str) -> dict[str, str]:
    found: dict[str, str] = cluster.read_secret(namespace, "git")["metadata"]["annotations"]
    return found


def read_data(cluster: Cluster, namespace: str, name: str) -> dict[str, str]:
    data = cluster.read_secret(namespace, name)["data"]
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


def password(cluster: Cluster, namespace: str) -> str:
    return read_data(cluster, namespace, "git")["password"]


def age(cluster: Cluster, namespace: str, left: timedelta) -> str:
    """Let the stored token be near its end; returns that."""
    end = (datetime.now(timezone.utc) + left).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = {"metadata": {"annotations": {EXPIRES_AT: json.dumps({"password": end})}}}
    cluster.api.patch_namespaced_secret("git", namespace, body)
    return end


def test_a_token_is_minted_when_it_must_be(
    cluster: Cluster, namespace: str, playbook: Playbook, server: GitHub
) -> None:
    given = write(cluster, namespace, server, format="tekton", url=URL)

    (foreseen,) = playbook.run([given], "--check", "--diff").results
    assert server.asked == []
    first, second, looked = playbook.run([given, given, info(cluster, namespace)], "--diff").results

    body = {"permissions": {"contents": "read"}, "repositories": ["app"]}
    assert server.asked == [(*MINT, body)]
    assert read_data(cluster, namespace, "git") == {"username": USER, "password": server.tokens[0]}
    end = json.loads(read_annotations(cluster, namespace)[EXPIRES_AT])["password"]
    assert timedelta(0) <= datetime.now(timezone.utc) + TOKEN_LIFE - datetime.fromisoformat(end) < timedelta(minutes=1)
    results = (foreseen, first, second)
    assert [result["operation"] for result in results] == ["created", "created", "unchanged"]
    minted = [server.origin.partition("//")[2]]
    assert [result["minted"] for result in results] == [minted, minted, []]
    assert [result["next_run_before"] for result in results] == [AFTER_APPLY, end, end]
    assert [result["secret"]["expires_at"] for result in results] == [AFTER_APPLY, end, end]
    assert [result["secret"]["username"] for result in results] == [USER] * 3
    assert second["credentials_kept"] == []
    unknown = json.loads(json.dumps(first).replace(end, AFTER_APPLY))
    unknown["secret"].update(uid=None, resource_version=None)
    assert foreseen == unknown
    assert looked["secrets"][0]["expires_at"] == end
    assert looked["secrets"][0]["problems"] == []

    age(cluster, namespace, timedelta(minutes=21))
    (lasting,) = playbook.run([given]).results
    age(cluster, namespace, timedelta(minutes=19))
    soon, renewed = playbook.run([info(cluster, namespace), given]).results
    assert [lasting["operation"], renewed["operation"]] == ["unchanged", "updated"]
    assert soon["secrets"][0]["problems"] == [f"The token expires at {soon['secrets'][0]['expires_at']}."]
    assert password(cluster, namespace) == server.tokens[1]

    more = app(server, repositories=["app", "web"])
    wider, forced, again = playbook.run(
        [
            write(cluster, namespace, server, format="tekton", url=URL, github_app_token=more),
            write(cluster, namespace, server, format="tekton", url=URL, github_app_token=more, force_mint=True),
            write(cluster, namespace, server, format="tekton", url=URL, github_app_token=more),
        ]
    ).results
    assert [wider["operation"], forced["operation"], again["operation"]] == ["updated", "updated", "unchanged"]
    assert password(cluster, namespace) == server.tokens[3]
    assert len(server.asked) == 4


def test_one_token_for_all_namespaces(cluster: Cluster, playbook: Playbook, server: GitHub) -> None:
    names = sorted(cluster.create_namespace() for _number in range(10))
    for name in names[:3]:
        cluster.create_secret(name, "git", type="Opaque", string_data={"username": "ada", "password": "s3cret"})
    given = write(cluster, names, server, github_app_token=app(server, installation_id=None, owner=OWNER))

    (foreseen,) = playbook.run([given], "--check").results
    assert server.asked == []
    (first,) = playbook.run([given]).results
    kept_end = age(cluster, names[0], timedelta(minutes=30))
    age(cluster, names[1], timedelta(minutes=1))
    (second,) = playbook.run([given]).results

    assert foreseen["summary"] == first["summary"]
    assert [first["summary"][operation] for operation in ("created", "updated")] == [7, 3]
    assert len(foreseen["minted"]) == 1
    assert foreseen["minted"] == first["minted"] == second["minted"]
    assert len(server.tokens) == 2
    assert [password(cluster, name) == server.tokens[1] for name in names] == [False, True, *[False] * 8]
    assert second["summary"]["updated"] == 1
    assert [foreseen["next_run_before"], second["next_run_before"]] == [AFTER_APPLY, kept_end]
    for name in names:
        cluster.api.delete_namespace(name)


def test_a_token_that_is_refused_is_asked_for_once_and_nothing_is_written(
    cluster: Cluster, playbook: Playbook, server: GitHub
) -> None:
    names = sorted(cluster.create_namespace() for _number in range(10))
    server.answer = limited(429, Retry_After="60")

    (result,) = playbook.run([write(cluster, names, server)]).results

    assert result["failed"]
    assert not result["changed"]
    assert "github_app_token got no token. GitHub has answered too many requests of this App (429)." in result["msg"]
    assert (result["summary"]["namespaces"], result["summary"]["not_tried"]) == (10, 10)
    assert len(server.asked) == 1
    assert result["minted"] == []
    assert [name for name in names if cluster.api.list_namespaced_secret(name).items] == []
    for name in names:
        cluster.api.delete_namespace(name)


def test_warnings_and_refusals(cluster: Cluster, namespace: str, playbook: Playbook, server: GitHub) -> None:
    as_app = {"id": APP_ID, "installation_id": INSTALLATION, "private_key": APP_KEY}
    nothing = {"github_app_token": None}
    verified = {"verify": True, "url": URL}
    tasks = [
        write(cluster, namespace, server, name="flux", format="flux"),
        write(cluster, namespace, server, name="verified", **verified),
        write(cluster, namespace, server, name="a", format="kpack", url=URL, github_app=as_app, **nothing),
        write(cluster, namespace, server, name="b", github_app_token=app(server, installation_id="1")),
        write(cluster, namespace, server, name="c", github_app_token=app(server, repositories=None)),
        write(cluster, namespace, server, name="d", min_validity=7200),
    ]

    better, asked, other, unknown, without, long = playbook.run(tasks).results

    assert better["operation"] == "created"
    assert [item["outcome"] for item in asked["verified"]] == ["unverifiable"]
    assert asked["verified"][0]["text"] == "Not asked: the task mints the token."
    assert "Give the App as github_app_token: the task then writes a token" in other["msg"]
    assert other["failure"]["option"] == "github_app"
    assert unknown["failure"] == {
        "id": "minting_failed",
        "option": "github_app_token.installation_id",
        "namespace": namespace,
    }
    assert without["failure"]["id"] == "invalid_option"
    assert "repositories" in without["msg"]
    assert long["operation"] == "created"
    output = playbook.run([tasks[0], tasks[5]], "--check").output
    for warning in ("Format flux takes a GitHub App itself", "each run mints a new one"):
        assert warning in " ".join(output.split())
    assert {item.metadata.name for item in cluster.api.list_namespaced_secret(namespace).items} == {
        "flux",
        "verified",
        "d",
    }


def test_tls_and_a_key_in_a_file(cluster: Cluster, namespace: str, playbook: Playbook, tmp_path: Path) -> None:
    authority = pki.make_authority("github")
    pki.issue_server(authority).write(tmp_path, "github")
    trusted = tmp_path / "ca.crt"
    trusted.write_bytes(authority.certificate)
    key = tmp_path / "app.pem"
    key.write_text(APP_KEY)
    with github(ssl_context=(str(tmp_path / "github.crt"), str(tmp_path / "github.key"))) as server:
        options = app(server, private_key=None, private_key_file=str(key), client_id=None, app_id=int(APP_ID))
        given = write(cluster, namespace, server, github_app_token=options)
        (distrusted,) = playbook.run([given]).results
        (result,) = playbook.run([given], environment={"SSL_CERT_FILE": str(trusted)}).results
    assert distrusted["failure"]["id"] == "minting_failed"
    assert f"The API at {server.url} gives no answer" in distrusted["msg"]
    assert result["operation"] == "created"
    assert password(cluster, namespace) == server.tokens[0]


def test_a_token_with_more_than_asked_is_never_written(
    cluster: Cluster, namespace: str, playbook: Playbook, server: GitHub
) -> None:
    server.wider = {"permissions": {"contents": "write", "metadata": "read"}}
    (result,) = playbook.run([write(cluster, namespace, server)]).results
    assert "GitHub gave one with more than was asked for: contents: write. It was revoked." in result["msg"]
    assert result["failure"]["option"] == "github_app_token.permissions"
    assert server.revoked == server.tokens
    assert len(server.tokens) == 1
    assert cluster.api.list_namespaced_secret(namespace).items == []


def test_a_password_ends_what_was_known_of_the_token(
    cluster: Cluster, namespace: str, playbook: Playbook, server: GitHub
) -> None:
    dated = {"username": "ada", "password": "git-token-1", "expires_at": "2099-01-31"}
    nothing = {"github_app_token": None}
    undated = {"username": "ada", "password": "git-token-2"}
    steps = [
        write(cluster, namespace, server),
        write(cluster, namespace, server, https=dated, **nothing),
        write(cluster, namespace, server, https=undated, **nothing),
    ]
    results = playbook.run([step for each in steps for step in (each, info(cluster, namespace))]).results
    assert [result["operation"] for result in results[::2]] == ["created", "updated", "updated"]
    ends = [result["secrets"][0]["expires_at"] for result in results[1::2]]
    assert ends[1:] == ["2099-01-31T00:00:00Z", None]
    assert results[2]["next_run_before"] == "2099-01-31T00:00:00Z"
    assert results[2]["minted"] == []
    assert not {EXPIRES_AT, MINTED_FOR} & read_annotations(cluster, namespace).keys()


@pytest.mark.parametrize("playbook", ["auto"], indirect=True)
def test_the_role_mints_for_each_consumer(cluster: Cluster, namespace: str, playbook: Playbook, server: GitHub) -> None:
    variables = {
        "git_credentials_github_app_token": app(server),
        "git_credentials_consumers": [
            {"namespace": namespace, "name": "git-sync"},
            {"namespace": namespace, "name": "tekton", "format": "tekton", "url": URL},
        ],
        "git_credentials_options": {"min_validity": 600},
        "keyring_connection": {"kubeconfig": str(cluster.kubeconfig)},
    }
    given = role("git_credentials", variables, result="git_credentials_result")
    first, second = playbook.run([given, given]).results
    for result, minted in ((first, 1), (second, 0)):
        assert [len(each["minted"]) for each in result["msg"]["results"]] == [minted] * 2
    for name, token in zip(("git-sync", "tekton"), server.tokens, strict=True):
        assert read_data(cluster, namespace, name) == {"username": USER, "password": token}


LOGS_ALL = """
import logging, os
logging.basicConfig(level=logging.DEBUG, filename=os.environ["KEYRING_TEST_LOG"])
logging.getLogger("urllib3").setLevel(logging.DEBUG)
"""


def test_nothing_secret_leaves_while_a_token_is_minted(
    cluster: Cluster, namespace: str, playbook: Playbook, server: GitHub, tmp_path: Path
) -> None:
    given, watched = tmp_path / "given", tmp_path / "watched"
    for folder in (given, watched):
        folder.mkdir()
    (given / "sitecustomize.py").write_text(LOGS_ALL)
    one_line = app(server, private_key=APP_KEY.replace("\n", " "))
    misplaced = {"owner": APP_KEY, "installation_id": None}
    tasks = [
        write(cluster, namespace, server),
        write(cluster, namespace, server),
        write(cluster, namespace, server, force_mint=True, labels={"x": "y"}),
        write(cluster, namespace, server, name="verified", verify=True, url=URL),
        write(cluster, namespace, server, github_app_token=one_line),
        write(cluster, namespace, server, github_app_token=app(server, **misplaced)),
        write(cluster, namespace, server, github_app_token={**app(server), "nmae": "x"}),
        write(cluster, namespace, server, github_app_token=app(server, repositories=[APP_KEY])),
        write(cluster, namespace, server, https={"username": "a", "password": APP_KEY}),
    ]
    more = {
        "PYTHONPATH": str(given),
        "KEYRING_TEST_LOG": str(watched / "libraries.log"),
        "ANSIBLE_LOG_PATH": str(watched / "ansible.log"),
        "ANSIBLE_DISPLAY_TRACEBACK": "always",
    }

    run = playbook.run(tasks, "-vvvvv", "--diff", environment=more)
    server.wider = {"permissions": {"issues": "write"}}
    server.keeps = True
    refused = [playbook.run([write(cluster, namespace, server, force_mint=True)], "-vvvvv", environment=more)]
    server.wider, server.granted = {}, {}
    refused.append(playbook.run([write(cluster, namespace, server, force_mint=True)], "-vvvvv", environment=more))

    results = [*run.results, *(result for each in refused for result in each.results)]
    operations = [result["operation"] for result in results if "operation" in result]
    assert operations[:3] == ["created", "unchanged", "updated"], [result.get("msg") for result in results]
    secrets = [*server.tokens, *server.jwts, *(jwt.rpartition(".")[2] for jwt in server.jwts)]
    secrets += [token.rpartition(".")[2] for token in server.tokens]
    known = [Canary(f"secret {number}", text, (text,)) for number, text in enumerate(secrets)]
    known.append(key_canary("key of the App", APP_KEY))
    metadata = cluster.read_secret(namespace, "git")["metadata"]
    places = {
        **read_below(watched),
        **read_below(tmp_path / "home"),
        **read_below(tmp_path / "tmp"),
        "output": "".join(each.output for each in (run, *refused)).encode(),
        "results": json.dumps(results).encode(),
        "metadata": json.dumps(metadata).encode(),
    }
    assert len(server.tokens) >= 4
    assert b"DEBUG" in places["libraries.log"]
    assert find_leaks(places, known) == []
