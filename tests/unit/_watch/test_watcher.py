# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a watcher asks and logs, from a server that answers each request as the test says."""

from __future__ import annotations

import json
import logging
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster import stream as streams
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.selection import Selection
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.settings import (
    ConnectionOptions,
    resolve_settings,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._watch import resume, watcher
from ansible_collections.keyring.kubernetes.plugins.module_utils._watch.known import NamespaceChange, NamespaceList
from ansible_collections.keyring.kubernetes.plugins.module_utils._watch.options import WatchedCluster
from support.messages import strings_of
from support.paths import ROOT
from support.processes import wait_until

BY_SELECTOR = Selection(selectors=("team=web",))
TOKEN = "canary-7d1f0c4b9ae352"
# Seconds for which nothing comes until a watch counts as lost.
QUIET = 0.5


@dataclass(frozen=True)
class Reply:
    """The bytes of an answer. ``hold`` keeps the connection open after them."""

    text: str
    hold: bool = False


def reply(body: str = "", status: str = "200 OK", *, hold: bool = False) -> Reply:
    return Reply(f"HTTP/1.1 {status}\r\nConnection: close\r\n\r\n{body}", hold)


def namespace(name: str, version: str = "") -> dict[str, object]:
    return {"metadata": {"name": name, "uid": f"uid of {name}", "resourceVersion": version}}


def listed(*names: str) -> Reply:
    return reply(json.dumps({"metadata": {"resourceVersion": "7"}, "items": [namespace(name) for name in names]}))


def event(kind: str, name: str, version: str) -> str:
    return json.dumps({"type": kind, "object": namespace(name, version)}) + "\n"


def status(code: int, message: str = "no") -> str:
    return json.dumps({"kind": "Status", "code": code, "message": message})


def expired() -> str:
    return json.dumps({"type": "ERROR", "object": json.loads(status(410))}) + "\n"


@dataclass
class ScriptedServer:
    """A server that gives one answer after the other, and then only the beginning of one."""

    replies: Sequence[Reply]
    last: Reply
    port: int = 0
    asked: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def serve(self, listener: socket.socket) -> None:
        while not self.ended.is_set():
            peer, _address = listener.accept()
            threading.Thread(target=self.answer, args=[peer]).start()

    def answer(self, peer: socket.socket) -> None:
        with peer:
            request = peer.recv(65536).decode()
            if not request:
                return
            number = len(self.asked)
            sent = self.replies[number] if number < len(self.replies) else self.last
            self.asked.append(describe_request(request))
            peer.sendall(sent.text.encode())
            if sent.hold:
                self.ended.wait(30)


def describe_request(request: str) -> str:
    """Return ``list``, or ``watch`` with the resourceVersion from which it goes on."""
    query = parse_qs(urlsplit(request.split()[1]).query)
    return f"watch {query['resourceVersion'][0]}" if "watch" in query else "list"


@contextmanager
def scripted_server(*replies: Reply, last: Reply) -> Iterator[ScriptedServer]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = ScriptedServer(replies, last, listener.getsockname()[1])
        thread = threading.Thread(target=server.serve, args=[listener])
        thread.start()
        try:
            yield server
        finally:
            server.ended.set()
            socket.create_connection(("127.0.0.1", server.port)).close()  # ends accept
            thread.join()


@contextmanager
def running_watcher(options: Mapping[str, Any], selection: Selection) -> Iterator[list[watcher.News]]:
    settings = resolve_settings(ConnectionOptions(**options), {})
    selector = (selection.selectors or ("*",))[0]
    reported: list[watcher.News] = []
    cluster = WatchedCluster("test", "clusters[0]", {})
    tested = watcher.NamespaceWatcher(
        cluster, settings, selection, selector, lambda _server, news: reported.append(news)
    )
    thread = threading.Thread(target=tested.run)
    thread.start()
    try:
        yield reported
    finally:
        tested.stop()
        thread.join(60)  # a list is not interrupted: it ends when the server has closed the connection
        assert not thread.is_alive()


@contextmanager
def watched_server(
    *replies: Reply, selection: Selection, last: Reply | None = None
) -> Iterator[tuple[ScriptedServer, list[watcher.News]]]:
    """A server and what a watcher reports about it."""
    with scripted_server(*replies, last=last or reply(hold=True)) as server:
        options = {"host": f"http://127.0.0.1:{server.port}", "api_key": TOKEN}
        with running_watcher(options, selection) as reported:
            try:
                yield server, reported
            finally:
                server.ended.set()


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(resume, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(resume, "LONGEST_WAIT", 0.02)
    monkeypatch.setattr(streams, "MAX_LINE", 1000)
    caplog.set_level(logging.INFO)


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    texts = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    return [text.partition(": ")[2] for text in texts if "No credentials are sent" not in text]


HTML = "<html>Bad request</html>"
BUSY = Reply("HTTP/1.1 429 Busy\r\nRetry-After: 86400\r\nConnection: close\r\n\r\n" + status(429))
AT_ONCE = "http://127.0.0.1 ended a watch at once. Check any proxy in between."
TOO_OLD = "http://127.0.0.1 no longer has the changes since the last one. Check any proxy in between."
STRANGE = "http://127.0.0.1 did not answer like a Kubernetes API server."
SILENT = "http://127.0.0.1 sent nothing for 150 seconds, not even a bookmark. Check any proxy in between."

# The answers, the requests, and the beginnings of the warnings.
STORIES: dict[str, tuple[list[Reply], list[str], list[str]]] = {
    "an end after a change": (
        [listed(), reply(event("ADDED", "a", "8"))],
        ["list", "watch 7", "watch 8"],
        [],
    ),
    "an end after a bookmark": (
        [listed(), reply(event("BOOKMARK", "", "9"))],
        ["list", "watch 7", "watch 9"],
        [],
    ),
    "an end at once": ([listed(), reply()], ["list", "watch 7", "watch 7"], []),
    "ends at once in a row": (
        [listed(), reply(), reply(), reply()],
        ["list", "watch 7", "watch 7", "watch 7", "watch 7"],
        [AT_ONCE],
    ),
    "ends at once with changes between them": (
        [listed(), reply(), reply(event("ADDED", "a", "8")), reply()],
        ["list", "watch 7", "watch 7", "watch 8", "watch 8"],
        [],
    ),
    "ends at once with a bookmark that says nothing new, in a row": (
        [listed(), reply(event("BOOKMARK", "", "7")), reply(event("BOOKMARK", "", "7"))],
        ["list", "watch 7", "watch 7", "watch 7"],
        [AT_ONCE],
    ),
    "no resourceVersion": (
        [listed(), reply('{"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": null}}}\n', hold=True)],
        ["list", "watch 7", "list"],
        [STRANGE],
    ),
    "no name": (
        [listed(), reply(event("ADDED", "", "8"), hold=True)],
        ["list", "watch 7", "list"],
        [STRANGE],
    ),
    "changes that are too old": ([listed(), reply(status(410), "410 Gone")], ["list", "watch 7", "list"], []),
    "changes that are too old, in an event": ([listed(), reply(expired())], ["list", "watch 7", "list"], []),
    "changes that are always too old": (
        [listed(), reply(expired()), listed(), reply(expired()), listed(), reply(expired())],
        ["list", "watch 7", "list", "watch 7", "list", "watch 7", "list"],
        [TOO_OLD],
    ),
    "a load balancer refuses the second list": (
        [listed(), reply(expired()), reply(HTML, "400 Bad Request")],
        ["list", "watch 7", "list", "list"],
        ["Cannot list namespaces"],
    ),
    "the server refuses the second list": (
        [listed(), reply(expired()), reply(status(400), "400 Bad Request")],
        ["list", "watch 7", "list", "list"],
        ["Cannot list namespaces"],
    ),
    "a load balancer refuses the first list": (
        [reply(HTML, "400 Bad Request"), listed()],
        ["list", "list", "watch 7"],
        ["Cannot list namespaces"],
    ),
    "a permission is missing": (
        [listed(), reply(status(403), "403 Forbidden"), reply(status(403), "403 Forbidden")],
        ["list", "watch 7", "watch 7", "watch 7"],
        ["Cannot watch namespaces"],
    ),
    "a server that asks for a day": ([listed(), BUSY], ["list", "watch 7", "watch 7"], ["Cannot watch namespaces"]),
    "a balancer without a server": (
        [listed(), reply("", "503 Service Unavailable")],
        ["list", "watch 7", "list"],
        ["Cannot watch namespaces"],
    ),
    "a server that is away": (
        [listed(), reply(status(503), "503 Service Unavailable")],
        ["list", "watch 7", "list"],
        ["Cannot watch namespaces"],
    ),
    "a server with an error": (
        [listed(), reply(status(500), "500 Internal Server Error")],
        ["list", "watch 7", "list"],
        ["Cannot watch namespaces: the server answers 500. The server says: no The source tries again."],
    ),
    "a server that comes back": (
        [listed(), reply(status(503), "503 Service Unavailable"), listed(), reply(event("ADDED", "a", "8"))],
        ["list", "watch 7", "list", "watch 7", "watch 8"],
        ["Cannot watch namespaces", "The watch works again."],
    ),
    "silence": ([listed(), reply(hold=True)], ["list", "watch 7", "list"], [SILENT]),
    "not even the beginning of an answer": ([listed(), Reply("", hold=True)], ["list", "watch 7", "list"], [SILENT]),
    "silence after a change": (
        [listed(), reply(event("ADDED", "a", "8"), hold=True)],
        ["list", "watch 7", "list"],
        [SILENT],
    ),
    "a line without end": ([listed(), reply("x" * 1001, hold=True)], ["list", "watch 7", "list"], [STRANGE]),
    "a line that is not JSON": ([listed(), reply("hello\n", hold=True)], ["list", "watch 7", "list"], [STRANGE]),
    "a line that is not an event": ([listed(), reply("{}\n", hold=True)], ["list", "watch 7", "list"], [STRANGE]),
    "no list": ([reply("{}")], ["list", "list"], [STRANGE]),
}


@pytest.mark.parametrize("story", STORIES)
def test_a_watcher_goes_on(story: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    replies, asked, warnings = STORIES[story]
    if SILENT in warnings:
        monkeypatch.setattr(watcher, "_QUIET_SECONDS", QUIET)
    with watched_server(*replies, selection=BY_SELECTOR) as (server, reported):
        wait_until(lambda: len(server.asked) >= len(asked))
        found = [text.replace(f":{server.port}", "") for text in warnings_of(caplog)]
    assert server.asked[: len(asked)] == asked
    assert len(found) == len(warnings)
    assert all(text.startswith(warning) for text, warning in zip(found, warnings, strict=True)), found
    assert not any(isinstance(news, watcher.WatchError) for news in reported)


def test_watches_that_end_without_anything_are_silence(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A proxy that holds back the answer may also end it before the silence is long enough."""
    monkeypatch.setattr(watcher, "_QUIET_SECONDS", QUIET)
    monkeypatch.setattr(watcher, "WORKING_AFTER", 0)
    with watched_server(listed(), last=reply(), selection=BY_SELECTOR) as (server, _reported):
        wait_until(lambda: server.asked.count("list") == 2)
    assert [text.replace(f":{server.port}", "") for text in warnings_of(caplog)[:1]] == [SILENT]


def test_a_watch_that_ends_after_one_change_is_followed_by_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pause ends with the watcher."""
    monkeypatch.setattr(resume, "FIRST_WAIT", 60)
    with watched_server(listed(), last=reply(event("ADDED", "a", "8")), selection=BY_SELECTOR) as (server, reported):
        wait_until(lambda: len(reported) == 2)
        time.sleep(0.3)
    assert server.asked == ["list", "watch 7"]


def test_a_selector_that_the_server_does_not_understand_is_an_error() -> None:
    """The server may quote what it has got."""
    refusal = reply(status(400, f"unable to parse {TOKEN}"), "400 Bad Request")
    with watched_server(refusal, selection=Selection(selectors=("a b",))) as (_server, reported):
        wait_until(lambda: bool(reported))
    (news,) = reported
    assert isinstance(news, watcher.WatchError)
    assert str(news.error) == (
        'namespace_selectors: "a b" is not a label selector. The server says: unable to parse ******** '
        "Write it like team=web, 'tier in (a, b)' or !temporary."
    )
    assert news.error.option == "namespace_selectors"


@pytest.mark.parametrize(
    ("selection", "selected"),
    [
        (Selection(globs=("web-*",), exclusions=("web-x",), literals=("app",)), ["web-a", "app"]),
        (Selection(globs=("*",)), ["web-a", "web-x", "app"]),
        (Selection(globs=("*",), literals=("kube-system",)), ["web-a", "web-x", "app", "kube-system"]),
        (Selection(selectors=("*",), exclusions=("app",)), ["web-a", "web-x"]),
        (BY_SELECTOR, ["web-a", "web-x", "app"]),
    ],
)
def test_only_selected_namespaces_are_reported(selection: Selection, selected: list[str]) -> None:
    names = ["web-a", "web-x", "app", "kube-system", "openshift-x"]
    changes = "".join(event("ADDED", name, "8") for name in (*names, "app"))
    with watched_server(listed(*names), reply(changes), selection=selection) as (server, reported):
        wait_until(lambda: len(server.asked) == 3)
    first, *others = reported
    assert isinstance(first, NamespaceList)
    assert [seen.name for seen in first.namespaces] == selected
    changed = [news.namespace.name for news in others if isinstance(news, NamespaceChange)]
    assert changed == [name for name in (*names, "app") if name in selected]


def test_another_server_in_the_kubeconfig_is_an_error(tmp_path: Path) -> None:
    """What is known belongs to the first server. A path may hold a secret, as that of some proxies does."""
    kubeconfig = tmp_path / "kubeconfig"

    def lead_to(place: str) -> None:
        content = {
            "clusters": [{"name": "a", "cluster": {"server": f"http://127.0.0.1:{place}"}}],
            "contexts": [{"name": "a", "context": {"cluster": "a", "user": ""}}],
            "current-context": "a",
        }
        kubeconfig.write_text(json.dumps(content))

    with scripted_server(listed(), reply(hold=True), last=reply(hold=True)) as server:
        lead_to(str(server.port))
        with running_watcher({"kubeconfig": str(kubeconfig), "api_key": TOKEN}, Selection(globs=("*",))) as reported:
            wait_until(lambda: len(server.asked) == 2)
            lead_to(f"1/{TOKEN}")
            server.ended.set()
            wait_until(lambda: len(reported) == 2)
    news = reported[1]
    assert isinstance(news, watcher.WatchError)
    assert str(news.error).startswith(
        "clusters[0]: The connection leads to http://127.0.0.1:1/******** now, and led to "
    )


def test_the_failure_to_open_the_first_connection_shows_no_secret(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A path is shown, and this one has the password of the proxy in it."""
    kubeconfig = {
        "clusters": [{"name": "a", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "a", "user": {"tokenFile": str(tmp_path / TOKEN)}}],
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "current-context": "a",
    }
    (tmp_path / "kubeconfig").write_text(json.dumps(kubeconfig))
    options = {"kubeconfig": str(tmp_path / "kubeconfig"), "proxy": f"http://me:{TOKEN}@127.0.0.1:1"}
    with running_watcher(options, Selection(globs=("*",))):
        wait_until(lambda: bool(warnings_of(caplog)))
    assert f"{tmp_path}/********, which cannot be read" in warnings_of(caplog)[0]
    assert TOKEN not in caplog.text


# What is said of writes. A watcher only reads.
OF_WRITES = ("secrets.py", "objects.py")


def test_no_message_of_a_connection_speaks_of_a_task() -> None:
    folder = ROOT / "plugins" / "module_utils" / "_cluster"
    texts = [text for path in folder.glob("*.py") if path.name not in OF_WRITES for text in strings_of(path)]
    advice = {text for text in texts if re.search(r"(Run the|this) task\b", text) and "\n" not in text}
    assert len(advice) > 5
    assert {text for text in map(watcher._address_source, advice) if "task" in text} == set()
