# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source ``watch`` on a real API server: what it announces, and what it survives."""

from __future__ import annotations

import base64
import copy
import json
import logging
import os
import socket
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.selection import Selection
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.settings import (
    ConnectionOptions,
    resolve_settings,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._watch import batches, watcher
from ansible_collections.keyring.kubernetes.plugins.module_utils._watch.known import NamespaceChange, NamespaceList
from ansible_collections.keyring.kubernetes.plugins.module_utils._watch.options import WatchedCluster
from ansible_collections.keyring.kubernetes.plugins.module_utils._watch.watcher import News
from support.canary import Canary, canary, find_leaks, key_canary
from support.cluster import Cluster, Identity
from support.control_plane import ControlPlane
from support.event_source import RunningSource, running_source, source_threads
from support.processes import eventually, wait_until
from support.restarts import RestartableServer

RULES = [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["list", "watch"]}]
CANARY = "canary-4c0a59f2b7d8e1"


@pytest.fixture
def prefix() -> str:
    """The beginning of the names of a test's own namespaces: other tests make some in the same cluster."""
    return f"watch-{uuid.uuid4().hex[:8]}"


@pytest.fixture(autouse=True)
def _no_connection_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("K8S_AUTH_") or name == "KUBECONFIG":
            monkeypatch.delenv(name)


def create(cluster: Cluster, *names: str, **metadata: Any) -> set[str]:
    for name in names:
        cluster.api.create_namespace({"metadata": {"name": name, **metadata}})
    return set(names)


def delete(cluster: Cluster, name: str) -> None:
    """Delete a namespace as the namespace controller does, which the embedded cluster does not have."""
    cluster.api.delete_namespace(name)
    cluster.api.replace_namespace_finalize(name, {"metadata": {"name": name}, "spec": {"finalizers": []}})
    wait_until(lambda: name not in {item.metadata.name for item in cluster.api.list_namespace().items})


def write_kubeconfig(path: Path, identity: Identity, token: str | None = None) -> str:
    """Write the kubeconfig of an identity, or one with another token."""
    kubeconfig = copy.deepcopy(identity.connection["kubeconfig"])
    if token:
        kubeconfig["users"][0]["user"] = {"token": token}
    path.write_text(yaml.safe_dump(kubeconfig))
    return str(path)


def item(cluster: Cluster, **options: Any) -> dict[str, Any]:
    return {"name": "test", "kubeconfig": str(cluster.kubeconfig), **options}


def test_announces_all_selected_namespaces_at_the_start_and_then_new_ones(
    cluster: Cluster, writer: Identity, prefix: str, tmp_path: Path
) -> None:
    """By an identity that may list and watch namespaces, and nothing else."""
    kubeconfig = write_kubeconfig(tmp_path / "kubeconfig", writer)
    create(cluster, f"{prefix}-b", f"{prefix}-a", f"{prefix}-excluded")
    names = [f"{prefix}-*", f"!{prefix}-excluded*", "kube-public"]
    with running_source(clusters=[item(cluster, kubeconfig=kubeconfig)], namespaces=names) as source:
        assert source.next_event() == {
            "kind": "namespaces_created",
            "cluster": "test",
            "server": cluster.server,
            "namespaces": ["kube-public", f"{prefix}-a", f"{prefix}-b"],
            "more": False,
        }
        create(cluster, f"{prefix}-excluded-2", f"{prefix}-c")
        assert source.next_event()["namespaces"] == [f"{prefix}-c"]


def block(source: RunningSource, cluster: Cluster, name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Return when the queue holds the event of the start, and the source waits with that of one more namespace.

    What is logged as a change from now on is in the batch after these two.
    """
    caplog.set_level(logging.DEBUG)
    wait_until(source.holds_event)
    caplog.clear()
    create(cluster, name)
    wait_until(lambda: "Cluster test: announcing 1 namespaces" in caplog.text)


def test_a_recreated_namespace_is_announced_again_and_a_terminating_one_is_not(
    cluster: Cluster, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    create(cluster, f"{prefix}-a", f"{prefix}-ending")
    cluster.api.delete_namespace(f"{prefix}-ending")
    with running_source(clusters=[item(cluster)], namespaces=[f"{prefix}-*"], settle=0) as source:
        block(source, cluster, f"{prefix}-block", caplog)
        delete(cluster, f"{prefix}-a")
        create(cluster, f"{prefix}-a", f"{prefix}-ending-soon")
        cluster.api.delete_namespace(f"{prefix}-ending-soon")
        wait_until(lambda: f"Cluster test: MODIFIED {prefix}-ending-soon" in caplog.text)
        events = [source.next_event()["namespaces"] for _number in range(3)]
        assert events == [[f"{prefix}-a"], [f"{prefix}-block"], [f"{prefix}-a"]]


def test_a_namespace_is_announced_when_it_gets_the_label(cluster: Cluster, prefix: str) -> None:
    selectors = [f"team={prefix}", f"tier={prefix}"]
    create(cluster, f"{prefix}-first", labels={"team": prefix, "tier": prefix})
    create(cluster, f"{prefix}-later")
    with running_source(clusters=[item(cluster)], namespace_selectors=selectors) as source:
        assert source.next_event()["namespaces"] == [f"{prefix}-first"]
        for value in (prefix, None, prefix):
            cluster.api.patch_namespace(f"{prefix}-later", {"metadata": {"labels": {"tier": value}}})
            if value:
                assert source.next_event()["namespaces"] == [f"{prefix}-later"]


def test_a_text_that_is_not_a_selector_ends_the_source(cluster: Cluster) -> None:
    with (
        running_source(clusters=[item(cluster)], namespace_selectors=["team=web", "a b"]) as source,
        pytest.raises(KeyringError, match=r'^namespace_selectors: "a b" is not a label selector\. The server says: '),
    ):
        source.wait_for_error()


def test_nothing_is_lost_while_a_play_runs(cluster: Cluster, prefix: str, caplog: pytest.LogCaptureFixture) -> None:
    """The queue holds one event and the source another one; all others are merged into one more."""
    first, *names = [f"{prefix}-{number:03}" for number in range(50)]
    create(cluster, first)
    with running_source(clusters=[item(cluster)], namespaces=[f"{prefix}-*"], settle=0) as source:
        block(source, cluster, names[0], caplog)
        create(cluster, *names[1:])
        wait_until(lambda: f"Cluster test: ADDED {names[-1]}" in caplog.text)
        events = [source.next_event()["namespaces"] for _number in range(3)]
        assert events == [[first], names[:1], names[1:]]


def test_what_is_beyond_the_limit_of_a_minute_is_sent_as_one_event(
    cluster: Cluster, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_MINUTE", 10.0)
    create(cluster, f"{prefix}-a")
    arguments = {"namespaces": [f"{prefix}-*"], "settle": 0, "max_events_per_minute": 1}
    with running_source(clusters=[item(cluster)], **arguments) as source:
        first = source.next_event()
        create(cluster, f"{prefix}-b", f"{prefix}-c")
        second = source.next_event()
    assert (first["namespaces"], first["more"]) == ([f"{prefix}-a"], False)
    assert (second["namespaces"], second["more"]) == ([f"{prefix}-b", f"{prefix}-c"], True)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def test_a_cluster_that_cannot_be_reached_does_not_stop_the_others(
    cluster: Cluster, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    away = {"name": "away", "host": f"https://127.0.0.1:{free_port()}"}
    with running_source(clusters=[away, item(cluster)], namespaces=[f"{prefix}-*"]) as source:
        create(cluster, f"{prefix}-a")
        assert source.next_event()["cluster"] == "test"
        wait_until(lambda: "Cluster away: waiting" in caplog.text)
    assert f"Cluster away: Cannot reach the API server {away['host']}: connection refused." in caplog.text
    assert "Cluster test: watching namespaces from resourceVersion" in caplog.text


@dataclass(frozen=True)
class Secretive:
    """A secret of a connection with the options of its cluster and its variables, and what is logged in the end."""

    known: Canary
    logged: str
    options: Mapping[str, str]
    environ: Mapping[str, str] = field(default_factory=dict)


def options_for_user(cluster: Cluster, folder: Path, user: Mapping[str, Any]) -> Mapping[str, str]:
    """Write a kubeconfig for a user, and return the options with it."""
    kubeconfig = yaml.safe_load(cluster.kubeconfig.read_text())
    kubeconfig["users"][0]["user"] = dict(user)
    (folder / "kubeconfig").write_text(yaml.safe_dump(kubeconfig))
    return {"kubeconfig": str(folder / "kubeconfig")}


def write_plugin(path: Path, status: Mapping[str, str], before: str = "") -> dict[str, Any]:
    """Write a credential plugin, and return the user of a kubeconfig that has it."""
    credential = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}
    path.write_text(f"#!/bin/sh\n{before}\ncat <<'END'\n{json.dumps(credential)}\nEND\n")
    path.chmod(0o700)
    return {
        "exec": {"apiVersion": credential["apiVersion"], "command": str(path), "interactiveMode": "Never"},
    }


def secret_of_environment(cluster: Cluster, folder: Path) -> Secretive:
    known, ca_cert = canary("K8S_AUTH_PASSWORD"), folder / "ca.crt"
    entry = yaml.safe_load(cluster.kubeconfig.read_text())["clusters"][0]["cluster"]
    ca_cert.write_bytes(base64.b64decode(entry["certificate-authority-data"]))
    options = {"host": cluster.server, "ca_cert": str(ca_cert)}
    environ = {"K8S_AUTH_USERNAME": "me", "K8S_AUTH_PASSWORD": known.text}
    return Secretive(known, "Cluster test: Cannot list namespaces", options, environ)


def secret_of_proxy(cluster: Cluster, folder: Path) -> Secretive:
    known, port = canary("password of the proxy", awkward="-"), free_port()
    options = {"kubeconfig": str(cluster.kubeconfig)}
    environ = {"K8S_AUTH_PROXY": f"http://me:{known.text}@127.0.0.1:{port}"}
    return Secretive(
        known, f"Cluster test: Cannot reach the proxy http://127.0.0.1:{port}, which leads to", options, environ
    )


def secret_of_client_key(cluster: Cluster, folder: Path) -> Secretive:
    user = yaml.safe_load(cluster.kubeconfig.read_text())["users"][0]["user"]
    known = key_canary("client key", base64.b64decode(user["client-key-data"]).decode())
    return Secretive(known, "Cluster test: watching namespaces", options_for_user(cluster, folder, user))


def secret_of_plugin(cluster: Cluster, folder: Path) -> Secretive:
    known = canary("token of a plugin", awkward="-")
    user = write_plugin(folder / "plugin", {"token": known.text})
    return Secretive(known, "Cluster test: Cannot list namespaces", options_for_user(cluster, folder, user))


def secret_of_token_file(cluster: Cluster, folder: Path) -> Secretive:
    known = canary("token in a file", awkward="-")
    (folder / "token").write_text(known.text)
    user = {"tokenFile": str(folder / "token")}
    return Secretive(known, "Cluster test: Cannot list namespaces", options_for_user(cluster, folder, user))


SECRETS = [
    secret_of_environment,
    secret_of_proxy,
    secret_of_client_key,
    secret_of_plugin,
    secret_of_token_file,
]


@pytest.mark.parametrize("secret_of", SECRETS)
def test_no_secret_is_logged_or_sent_as_an_event(
    secret_of: Callable[[Cluster, Path], Secretive],
    cluster: Cluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = secret_of(cluster, tmp_path)
    for name, value in secret.environ.items():
        monkeypatch.setenv(name, value)
    events = []
    with running_source(clusters=[{"name": "test", **secret.options}], namespaces=["kube-public"]) as source:
        wait_until(lambda: secret.logged in caplog.text)
        if "watching" in secret.logged:
            events.append(source.next_event())
        else:
            wait_until(lambda: "Cluster test: waiting" in caplog.text)
    places = {"log": caplog.text.encode(), "events": json.dumps(events).encode()}
    assert find_leaks(places, [secret.known]) == []


def test_a_wrong_server_is_refused_before_the_first_request(cluster: Cluster, writer: Identity, tmp_path: Path) -> None:
    kubeconfig = write_kubeconfig(tmp_path / "kubeconfig", writer)
    wrong = {"name": "wrong", "kubeconfig": kubeconfig, "expect_server": "https://prod.example.com"}
    with (
        running_source(clusters=[item(cluster, kubeconfig=kubeconfig), wrong], namespaces=["*"]) as source,
        pytest.raises(KeyringError) as refused,
    ):
        source.wait_for_error()
    assert str(refused.value).startswith(
        f"clusters[1].expect_server: The connection leads to {cluster.server}, but expect_server is "
        '"https://prod.example.com". Nothing was sent.'
    )
    assert refused.value.failure == "unexpected_server"
    assert cluster.audit(writer) == []


def test_credentials_of_the_environment_are_not_sent_to_several_servers(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("K8S_AUTH_API_KEY", CANARY)
    clusters = [{"name": name, "host": cluster.server} for name in ("a", "b")]
    with (
        running_source(clusters=clusters, namespaces=["*"]) as source,
        pytest.raises(KeyringError, match=r"^K8S_AUTH_API_KEY is set, and clusters has several items\."),
    ):
        source.wait_for_error()


def test_refused_credentials_are_read_again(
    cluster: Cluster, writer: Identity, prefix: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A token that was replaced in its file, as that of an identity that rotates it, ends the failures."""
    caplog.set_level(logging.DEBUG)
    kubeconfig = write_kubeconfig(tmp_path / "kubeconfig", writer, token=CANARY)
    create(cluster, f"{prefix}-a")
    with running_source(clusters=[item(cluster, kubeconfig=kubeconfig)], namespaces=[f"{prefix}-*"]) as source:
        wait_until(lambda: "Cluster test: waiting" in caplog.text)
        write_kubeconfig(tmp_path / "kubeconfig", writer)
        assert source.next_event()["namespaces"] == [f"{prefix}-a"]
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len([text for text in warnings if text.startswith("Cluster test: Cannot list namespaces")]) == 1
    token = writer.connection["kubeconfig"]["users"][0]["user"]["token"]
    assert CANARY not in caplog.text
    assert token not in caplog.text


def test_a_permission_that_comes_later_ends_the_failures(
    cluster: Cluster, namespace: str, prefix: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    identity = cluster.cluster_identity(namespace, [{**RULES[0], "verbs": ["list"]}])
    account = identity.user.rpartition(":")[2]
    kubeconfig = write_kubeconfig(tmp_path / "kubeconfig", identity)
    create(cluster, f"{prefix}-a")
    with running_source(clusters=[item(cluster, kubeconfig=kubeconfig)], namespaces=[f"{prefix}-*"]) as source:
        assert source.next_event()["namespaces"] == [f"{prefix}-a"]
        wait_until(lambda: "Cluster test: Cannot watch namespaces" in caplog.text)
        create(cluster, f"{prefix}-b")
        cluster.rbac.replace_cluster_role(account, {"metadata": {"name": account}, "rules": RULES})
        assert source.next_event()["namespaces"] == [f"{prefix}-b"]


def test_a_slow_credential_plugin_does_not_stop_the_others(
    cluster: Cluster, writer: Identity, prefix: str, tmp_path: Path
) -> None:
    """The plugin ends when a file is there, which only the event loop makes, after the event of another cluster."""
    kubeconfig = copy.deepcopy(writer.connection["kubeconfig"])
    token = kubeconfig["users"][0]["user"]["token"]
    started, allowed = tmp_path / "started", tmp_path / "allowed"
    waits = f"touch {started}\nuntil [ -e {allowed} ]; do sleep 0.1; done"
    kubeconfig["users"][0]["user"] = write_plugin(tmp_path / "plugin", {"token": token}, waits)
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(kubeconfig))
    create(cluster, f"{prefix}-a")
    slow = {"name": "slow", "kubeconfig": str(tmp_path / "kubeconfig")}
    with running_source(clusters=[slow, item(cluster)], namespaces=[f"{prefix}-*"]) as source:
        wait_until(started.exists)
        assert source.next_event()["cluster"] == "test"
        source.call(allowed.touch)
        assert source.next_event()["cluster"] == "slow"


def test_threads_end_with_the_source(cluster: Cluster, prefix: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    selectors = [f"team={prefix}", f"tier={prefix}"]
    with running_source(clusters=[item(cluster)], namespace_selectors=selectors):
        wait_until(lambda: caplog.text.count("watching namespaces") == 2)
        assert len(source_threads()) == 2
    # Not at once: each gets the end of its connection, and closes what it has opened.
    assert eventually(lambda: not source_threads(), seconds=10)


@contextmanager
def running_watcher(cluster: Cluster, prefix: str, version: str | None = None) -> Iterator[list[News]]:
    """Watch the namespaces with a prefix, from a resourceVersion on; yield the news that come meanwhile."""
    options: dict[str, Any] = {"kubeconfig": str(cluster.kubeconfig)}
    settings = resolve_settings(ConnectionOptions(**options), {})
    reported: list[News] = []
    watched = WatchedCluster("test", "clusters[0]", options)
    selection = Selection(globs=(f"{prefix}-*",))
    tested = watcher.NamespaceWatcher(watched, settings, selection, "*", lambda _server, news: reported.append(news))
    thread = threading.Thread(target=tested.run, args=[version])
    thread.start()
    try:
        yield reported
    finally:
        tested.stop()
        thread.join(10)
    assert not thread.is_alive()


def test_a_watch_that_the_server_ends_is_resumed(
    cluster: Cluster, prefix: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The second namespace is created after the end of the watch that has seen the first one."""
    monkeypatch.setattr(watcher, "_WATCH_SECONDS", 2)
    caplog.set_level(logging.INFO)
    with running_watcher(cluster, prefix) as reported:
        wait_until(lambda: "watching namespaces" in caplog.text)
        create(cluster, f"{prefix}-a")
        wait_until(lambda: len(reported) == 2)
        caplog.clear()
        wait_until(lambda: "Cluster test: watching namespaces from resourceVersion" in caplog.text)
        create(cluster, f"{prefix}-b")
        wait_until(lambda: len(reported) == 3)
    changes = [news for news in reported if isinstance(news, NamespaceChange)]
    assert isinstance(reported[0], NamespaceList)
    assert [news.namespace.name for news in changes] == [f"{prefix}-a", f"{prefix}-b"]


@pytest.fixture(scope="module")
def restartable() -> Iterator[tuple[Cluster, RestartableServer]]:
    """A control plane of the test's own, whose API server may be killed."""
    with ControlPlane() as control_plane, RestartableServer(control_plane) as server:
        yield Cluster(control_plane.kubeconfig), server


@pytest.mark.slow
def test_no_namespace_is_lost_when_the_api_server_restarts(
    restartable: tuple[Cluster, RestartableServer], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    cluster, server = restartable
    kept = create(cluster, "app-kept", "app-recreated")
    with running_source(clusters=[item(cluster)], namespaces=["app-*"]) as source:
        source.names_until(kept)
        server.kill()
        wait_until(lambda: "Cannot reach the API server" in caplog.text)
        server.start()
        delete(cluster, "app-recreated")
        created = create(cluster, "app-recreated", "app-new")
        assert sorted(source.names_until(created)) == sorted(created)
        create(cluster, "app-later")
        assert source.next_event()["namespaces"] == ["app-later"]


@pytest.mark.slow
def test_changes_that_the_server_no_longer_has_make_it_list_again(
    restartable: tuple[Cluster, RestartableServer], prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    """After its start a server has no changes from before: it answers 410 to the resourceVersion of an earlier list."""
    caplog.set_level(logging.INFO)
    cluster, server = restartable
    version = cluster.api.list_namespace().metadata.resource_version
    create(cluster, f"{prefix}-a", f"{prefix}-b")
    server.kill()
    server.start()
    with running_watcher(cluster, prefix, version) as reported:
        wait_until(lambda: bool(reported))
    first = reported[0]
    assert isinstance(first, NamespaceList)
    assert [seen.name for seen in first.namespaces] == [f"{prefix}-a", f"{prefix}-b"]
    assert f"Cluster test: {cluster.server} no longer has the changes since the last one." in caplog.text
