# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gitsync_secret asks the Git server before it writes: what it asks, what it refuses, and that nothing is written then.

test_ask_git_server.py has what git servers answer.
"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from support.cluster import Cluster, Identity, writes
from support.git_world import SshKey, make_ssh_key
from support.playbook import Playbook, task
from support.rbac import documented_rules
from support.samples.keys import key_text
from support.servers.git_http import HttpGitServer
from support.servers.git_ssh import SshGitServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sshd is held by its parent as Linux does it")

NAME = "git-verified"
RULES = documented_rules(NAME, "ClusterRole")
WRONG = "wrong-s3cret"
DENIED = {"id": "denied_by_git_server", "option": None}


def keep(writer: Identity, namespace: str | None, **options: Any) -> dict[str, Any]:
    """A task that verifies. Without a namespace it has those of the options."""
    place = {"namespace": namespace} if namespace else {}
    return task("gitsync_secret", **writer.connection, **place, **{"name": NAME, "verify": True, **options})


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    return {**given, "check_mode": True}


def https_of(server: HttpGitServer, **more: Any) -> dict[str, Any]:
    """A credential of Flux, which has the CA certificate in its Secret."""
    ca = (server.ca or b"").decode()
    https = {"username": server.username, "password": server.password, "ca_certificate": ca, **more}
    return {"format": "flux", "url": server.url, "https": https}


def ssh_of(server: SshGitServer, key: SshKey, **more: Any) -> dict[str, Any]:
    return {"url": server.url, "ssh": {"private_key": key.private.decode(), "known_hosts": server.known_hosts, **more}}


def outcomes(result: Mapping[str, Any]) -> list[str]:
    return [item["outcome"] for item in result["verified"]]


def warned(result: Mapping[str, Any]) -> list[str]:
    return [text for text in result.get("warnings", ()) if "not verified" in text]


def test_a_password(
    cluster: Cluster,
    namespace: str,
    playbook: Playbook,
    writer: Identity,
    reader: Identity,
    https_server: HttpGitServer,
) -> None:
    right, wrong = https_of(https_server), https_of(https_server, password=WRONG)
    denied = playbook.run([checked(keep(reader, namespace, **wrong)), keep(writer, namespace, **wrong)], "-vvv")
    check, real = denied.results

    assert check == real
    assert writes(cluster.audit(writer)) == []
    assert real["failed"]
    assert not real["changed"]
    assert real["failure"] == {**DENIED, "namespace": namespace}
    assert real["msg"] == (
        f"The Git server denies the credential for {https_server.url}. The server refuses the user name and the "
        "password. Correct the credential. Do not run the task again before that, because some servers lock the "
        "account."
    )
    assert real["verified"] == [
        {
            "url": https_server.url,
            "outcome": "denied",
            "text": "The server refuses the user name and the password.",
            "asked_from": platform.node(),
        }
    ]

    first = keep(writer, namespace, **right)
    run = playbook.run(
        [
            checked(keep(reader, namespace, **right)),
            first,
            first,
            keep(writer, namespace, **right, labels={"team": "web"}),
            keep(writer, namespace, **wrong, update_credentials="on_create"),
            keep(writer, namespace, **wrong),
            keep(writer, namespace, **wrong, verify=False),
            keep(writer, namespace, state="absent"),
        ],
        "-vvv",
    )
    check, created, again, labelled, kept, refused, unasked, deleted = run.results

    assert [check["operation"], created["operation"]] == ["created", "created"]
    assert check["verified"] == created["verified"]
    assert outcomes(created) == ["readable"]
    assert warned(created) == []
    assert (again["operation"], again["verified"]) == ("unchanged", [])
    assert (labelled["operation"], labelled["verified"]) == ("updated", [])
    assert (kept["operation"], kept["verified"]) == ("unchanged", [])
    assert (refused["failure"]["id"], outcomes(refused)) == ("denied_by_git_server", ["denied"])
    assert (unasked["operation"], "verified" in unasked) == ("updated", False)
    assert (deleted["operation"], "verified" in deleted) == ("deleted", False)
    for secret in (WRONG, https_server.password):
        assert secret not in run.output + denied.output


def test_a_key(
    namespace: str, playbook: Playbook, writer: Identity, reader: Identity, ssh_server: SshGitServer
) -> None:
    key, other = make_ssh_key(), make_ssh_key()
    ssh_server.authorise(key.public)
    wrong_host = f"[127.0.0.1]:{ssh_server.port} {other.public}\n"
    missing = {"url": ssh_server.url.replace("repo.git", "other.git")}
    unknown_host = ssh_of(ssh_server, key, known_hosts=wrong_host)
    strict = {"verify_require": "pullable"}
    tasks = [
        keep(writer, namespace, **ssh_of(ssh_server, other)),
        keep(writer, namespace, **unknown_host, **strict),
        keep(writer, namespace, **{**ssh_of(ssh_server, key), **missing}, **strict),
        keep(writer, namespace, **ssh_of(ssh_server, key), **strict),
        keep(writer, namespace, **unknown_host),
        keep(writer, namespace, **{**ssh_of(ssh_server, key), **missing}, update_credentials="when_given"),
    ]
    run = playbook.run([*map(checked, tasks[:1]), *tasks])
    check, denied, host, elsewhere, created, warned_host, warned_missing = run.results

    assert check == denied
    assert denied["failure"]["id"] == "denied_by_git_server"
    assert [host["failure"], elsewhere["failure"]] == [
        {"id": "not_verified", "option": "verify_require", "namespace": namespace}
    ] * 2
    assert host["msg"] == (
        f"Nothing proves that the credential reads {ssh_server.url} (unverifiable). The server has another host key, "
        "so no key was sent. Set verify_require=not_denied to write it all the same."
    )
    assert [outcomes(result) for result in (host, elsewhere, created)] == [
        ["unverifiable"],
        ["not_found"],
        ["readable"],
    ]
    assert [result["operation"] for result in (created, warned_host, warned_missing)] == [
        "created",
        "updated",
        "updated",
    ]
    assert warned(warned_host) == [
        f"The credential for {ssh_server.url} was not verified (unverifiable). The server has another host key, so no "
        "key was sent."
    ]
    assert outcomes(warned_missing) == ["not_found"]


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_what_is_not_known(
    namespace: str,
    playbook: Playbook,
    writer: Identity,
    reader: Identity,
    ssh_server: SshGitServer,
    https_server: HttpGitServer,
) -> None:
    """A new key, host keys that are fetched later, host keys and certificates that the format does not store."""
    key = make_ssh_key()
    ssh_server.authorise(key.public)
    url, private_key = ssh_server.url, key.private.decode()
    fetched = {"private_key": private_key, "scan_host_keys": True}
    fetched["host_key_fingerprints"] = list(ssh_server.fingerprints.values())
    generated = {"url": url, "ssh": {"generate": "ed25519", "known_hosts": ssh_server.known_hosts}}
    argocd = {"format": "argocd_repository", "url": url, "ssh": {"private_key": private_key}}
    app = {"id": "7", "installation_id": "42", "private_key": key_text("RSA PKCS#1")}
    (playbook.directory / "ca.crt").write_bytes(https_server.ca or b"")
    login = {"username": https_server.username, "password": https_server.password}
    strict = {"verify_require": "pullable"}
    options: Mapping[str, dict[str, Any]] = {
        "generated": generated,
        "generated and required": {**generated, **strict},
        "fetched": {"url": url, "ssh": fetched, **strict},
        "no host keys": argocd,
        "host keys": {**argocd, "verify_known_hosts": ssh_server.known_hosts, **strict},
        "app": {"format": "flux", "github_app": app},
        "cookies": {"cookie_file": "a\tFALSE\t/\tFALSE\t0\tx\ty"},
        "bearer": {"format": "flux", "url": https_server.url, "https": {"bearer_token": WRONG}},
        "no certificate": {"url": https_server.url, "https": login},
        "certificate": {"url": https_server.url, "https": login, "verify_ca_cert": "ca.crt", **strict},
        "host": {"format": "kpack", "url": https_server.url.rpartition("/")[0], "https": login},
        "repository": {
            "format": "kpack",
            "url": https_server.url.rpartition("/")[0],
            "https": login,
            "verify_url": https_server.url,
            "verify_ca_cert": "ca.crt",
        },
    }
    tasks = [keep(writer, namespace, recreate=True, in_use="ignore", **given) for given in options.values()]
    steps: list[dict[str, Any]] = []
    for given in tasks:
        steps += [checked(given), given, keep(writer, namespace, state="absent", in_use="ignore")]
    results = playbook.run(steps).results
    check = dict(zip(options, results[::3], strict=True))
    real = dict(zip(options, results[1::3], strict=True))

    def seen(results: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: result["failure"]["id"] if result.get("failed") else outcomes(result)
            for name, result in results.items()
        }

    expected = {
        "generated": ["unverifiable"],
        "generated and required": "not_verified",
        "fetched": ["readable"],
        "no host keys": ["unverifiable"],
        "host keys": ["readable"],
        "app": ["unverifiable"],
        "cookies": ["unverifiable"],
        "bearer": ["unverifiable"],
        "no certificate": ["unreachable"],
        "certificate": ["readable"],
        "host": "invalid_option",
        "repository": ["readable"],
    }
    assert seen(real) == expected
    assert seen(check) == {**expected, "fetched": ["unverifiable"]}
    text = "Not known in check mode: the host keys are fetched when the task writes."
    assert check["fetched"]["verified"][0]["text"] == text
    assert real["host"]["failure"]["option"] == "verify_url"
    assert all(WRONG not in json.dumps(result) for result in results)


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_many_namespaces(
    cluster: Cluster, namespace: str, playbook: Playbook, writer: Identity, ssh_server: SshGitServer
) -> None:
    """One question for all of them, and nothing is written anywhere if the answer is no: not even a label."""
    names = [cluster.create_namespace() for _number in range(10)]
    key, other = make_ssh_key(), make_ssh_key()
    ssh_server.authorise(key.public)
    good = ssh_of(ssh_server, key)
    logins = ssh_server.log.read_text().count("Accepted publickey")
    made = playbook.run([keep(writer, None, namespaces=names[1:], **good)]).results[0]

    assert (made["operation"], outcomes(made)) == ("created", ["readable"])
    assert ssh_server.log.read_text().count("Accepted publickey") == logins + 1

    few, bad = names[:3], ssh_of(ssh_server, other)
    before = len(writes(cluster.audit(writer)))
    run = playbook.run(
        [
            checked(keep(writer, None, namespaces=names, labels={"a": "b"}, update_credentials="on_create", **bad)),
            keep(writer, None, namespaces=names, labels={"a": "b"}, update_credentials="on_create", **bad),
            keep(writer, None, namespaces=few, labels={"a": "b"}, update_credentials="on_create", **bad),
        ]
    )
    check, many, of_few = run.results

    assert check == many
    assert len(writes(cluster.audit(writer))) == before
    for result, total in ((many, 10), (of_few, 3)):
        assert (result["failure"]["id"], result["summary"]["not_tried"]) == ("denied_by_git_server", total)
        assert outcomes(result) == ["denied"]
    for name in names:
        cluster.api.delete_namespace(name)


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_a_copied_credential(cluster: Cluster, namespace: str, playbook: Playbook, https_server: HttpGitServer) -> None:
    cluster.create_secret(namespace, "source", string_data={"username": https_server.username, "password": WRONG})
    (playbook.directory / "ca.crt").write_bytes(https_server.ca or b"")
    copied = task(
        "gitsync_secret",
        kubeconfig=str(cluster.kubeconfig),
        namespace=namespace,
        name="copy",
        format="kargo",
        url=https_server.url,
        credentials_from={"name": "source"},
        verify=True,
        verify_ca_cert="ca.crt",
    )

    result = playbook.run([copied]).results[0]

    assert (result["failure"]["id"], outcomes(result)) == ("denied_by_git_server", ["denied"])
    assert WRONG not in json.dumps(result)
