# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ways to reach an API server, each with a real one at the end, and what is said when there is none."""

from __future__ import annotations

import base64
import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.cluster import Cluster
from support.connections import PLUGIN, Parts, look, plugin, token_plugin
from support.playbook import Playbook
from support.rbac import READ_ONLY


@dataclass(frozen=True)
class Way:
    """Connection options and environment that must lead to the API server, and what the result says of it."""

    options: Mapping[str, Any]
    environment: Mapping[str, str] = field(default_factory=dict)
    source: str = "arguments"
    context: str | None = "test"


PLUGIN_OF_THE_USER = r"The credential plugin of users\[0\]\.user of kubeconfig "

WAYS: Mapping[str, Callable[[Parts], Way]] = {
    "mapping": lambda p: Way({"kubeconfig": p.kubeconfig}),
    "path": lambda p: Way({"kubeconfig": p.file("config", p.kubeconfig)}),
    "two-paths": lambda p: Way(
        {
            "kubeconfig": p.file("one", {**p.kubeconfig, "users": []})
            + ":"
            + p.file("two", {**p.kubeconfig, "clusters": [], "contexts": []})
        }
    ),
    "context": lambda p: Way({"kubeconfig": {**p.kubeconfig, "current-context": "other"}, "context": "test"}),
    "host-and-token": lambda p: Way({"host": p.server, "api_key": p.token, "ca_cert": p.ca}, context=None),
    "aliases": lambda p: Way({"host": p.server, "api_key": p.token, "verify_ssl": False}, context=None),
    "plugin": lambda p: Way({"kubeconfig": plugin(p, token_plugin(p.token))}),
    "environment": lambda p: Way(
        {},
        {"K8S_AUTH_HOST": p.server, "K8S_AUTH_API_KEY": p.token, "K8S_AUTH_SSL_CA_CERT": p.ca},
        source="environment",
        context=None,
    ),
    "environment-kubeconfig": lambda p: Way(
        {}, {"K8S_AUTH_KUBECONFIG": p.file("config", p.kubeconfig)}, source="environment"
    ),
    "KUBECONFIG": lambda p: Way({}, {"KUBECONFIG": p.file("config", p.kubeconfig)}, source="environment"),
    "home": lambda p: Way({}, {"HOME": str(p.folder / "user")}, source="kubeconfig"),
    "option-before-environment": lambda p: Way({"kubeconfig": p.kubeconfig}, {"K8S_AUTH_KUBECONFIG": "/nowhere"}),
    "option-before-injected-server": lambda p: Way(
        {"kubeconfig": p.kubeconfig}, {"K8S_AUTH_HOST": "https://127.0.0.1:1", "K8S_AUTH_API_KEY": "of another"}
    ),
}


@pytest.fixture
def parts(cluster: Cluster, namespace: str, tmp_path: Path) -> Parts:
    identity = cluster.identity(namespace, READ_ONLY)
    kubeconfig = identity.connection["kubeconfig"]
    result = Parts(kubeconfig, cluster.server, kubeconfig["users"][0]["user"]["token"], tmp_path)
    home = tmp_path / "user" / ".kube"
    home.mkdir(parents=True)
    (home / "config").write_text(yaml.safe_dump(kubeconfig))
    return result


@pytest.mark.parametrize("name", WAYS)
def test_the_way_leads_to_the_server(
    cluster: Cluster, namespace: str, playbook: Playbook, parts: Parts, name: str
) -> None:
    way = WAYS[name](parts)

    (result,) = playbook.run([look(way.options, namespace)], environment=way.environment).results

    assert result.get("msg") is None
    assert result["cluster"] == {"server": cluster.server, "context": way.context, "source": way.source}
    assert list((playbook.directory / "tmp").iterdir()) == []


def test_client_certificates_inline_and_in_files(
    cluster: Cluster, namespace: str, playbook: Playbook, parts: Parts
) -> None:
    if not cluster.client_kubeconfig:
        pytest.skip("only the embedded API server has a certificate authority that the tests may use")
    admin = cluster.client_kubeconfig("ada", groups=["system:masters"])
    user = admin["users"][0]["user"]
    files = {
        "client_cert": parts.file("client.crt", base64.b64decode(user["client-certificate-data"])),
        "client_key": parts.file("client.key", base64.b64decode(user["client-key-data"])),
    }
    ways: list[dict[str, Any]] = [{"kubeconfig": admin}, {"host": cluster.server, "ca_cert": parts.ca, **files}]

    run = playbook.run([look(options, namespace) for options in ways])

    assert [result["operation"] for result in run.results] == ["unchanged", "unchanged"], run.output
    assert list((playbook.directory / "tmp").iterdir()) == []


def test_acting_as_somebody_else(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    robot = cluster.identity(namespace, READ_ONLY)
    admin = {"kubeconfig": str(cluster.kubeconfig)}
    nobody, as_robot = playbook.run(
        [
            look({**admin, "impersonate_user": "nobody", "impersonate_groups": ["a", "b"]}, namespace),
            look({**admin, "impersonate_user": robot.user}, namespace),
        ]
    ).results

    assert nobody["msg"] == (
        f"Cannot read Secret {namespace}/not-there: forbidden (403). The identity nobody needs the verb get on secrets "
        f"in namespace {namespace}. Bind it to a Role with that rule; the guide to permissions shows the whole Role."
    )
    assert as_robot["operation"] == "unchanged"


def test_the_namespace_of_the_context(cluster: Cluster, namespace: str, playbook: Playbook, parts: Parts) -> None:
    context = {"name": "test", "context": {**parts.kubeconfig["contexts"][0]["context"], "namespace": namespace}}
    there, missing = playbook.run(
        [
            look({"kubeconfig": {**parts.kubeconfig, "contexts": [context]}}, None),
            look({"kubeconfig": parts.kubeconfig}, None),
        ]
    ).results

    assert there["operation"] == "unchanged"
    assert missing["msg"] == (
        "namespace is missing. The context of the kubeconfig names none either. "
        "Give namespace, namespaces or namespace_selectors."
    )


def test_the_server_that_is_expected(cluster: Cluster, namespace: str, playbook: Playbook, parts: Parts) -> None:
    location = cluster.server.removeprefix("https://")
    expected = [cluster.server, location, "127.0.0.*", "*:*"]

    results = playbook.run(
        [look({"kubeconfig": parts.kubeconfig, "expect_server": server}, namespace) for server in expected]
    ).results

    assert [result["operation"] for result in results] == ["unchanged"] * len(expected)


@contextmanager
def forward_proxy(seen: list[str]) -> Iterator[str]:
    """A real HTTP proxy on loopback that serves CONNECT, and notes what it is asked."""
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(source: socket.socket, target: socket.socket) -> None:
        while data := source.recv(65536):
            target.sendall(data)

    def serve() -> None:
        while True:
            try:
                client, _address = listener.accept()
            except OSError:
                return
            head = client.recv(65536).decode()
            seen.append(head)
            host, _colon, port = head.split()[1].partition(":")
            server = socket.create_connection((host, int(port)))
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            for pair in ((client, server), (server, client)):
                threading.Thread(target=pump, args=pair, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()


def test_proxies(cluster: Cluster, namespace: str, playbook: Playbook, parts: Parts) -> None:
    seen: list[str] = []
    with forward_proxy(seen) as proxy:
        through = {"kubeconfig": parts.kubeconfig, "proxy": proxy}
        run = playbook.run([look(through, namespace), look({**through, "no_proxy": "127.0.0.0/8"}, namespace)])

    assert [result["operation"] for result in run.results] == ["unchanged", "unchanged"], run.output
    assert [head.split()[:2] for head in seen] == [["CONNECT", cluster.server.removeprefix("https://")]]


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


# Options that lead nowhere, and the message.
FAILURES: Mapping[str, Callable[[Parts], tuple[Mapping[str, Any], str]]] = {
    "closed-port": lambda p: (
        {"host": f"https://127.0.0.1:{closed_port()}", "api_key": p.token, "validate_certs": False},
        r"Cannot reach the API server https://127\.0\.0\.1:\d+: connection refused\. Check the server",
    ),
    "unknown-name": lambda p: (
        {"host": "https://cluster.invalid", "api_key": p.token},
        r"Cannot reach the API server https://cluster\.invalid: its name cannot be resolved\. Check the name "
        r"of the server",
    ),
    "another-authority": lambda p: (
        {"host": p.server, "api_key": p.token},
        r"Cannot reach the API server .*: its certificate is not accepted \(.*\)\. Check ca_cert",
    ),
    "bad-token": lambda p: (
        {"host": p.server, "api_key": "wrong-token", "ca_cert": p.ca},
        r"Cannot read Secret .*/not-there: not authenticated \(401\)\. .* does not accept the credentials; a token or",
    ),
    "missing-kubeconfig": lambda p: (
        {"kubeconfig": "/nowhere/config"},
        r"kubeconfig /nowhere/config does not exist on the controller\. Give the path of a file on",
    ),
    "missing-remote-kubeconfig": lambda p: (
        {"kubeconfig": "/nowhere/config", "remote_src": True},
        r"kubeconfig /nowhere/config does not exist on the machine that runs this task\.",
    ),
    "no-kubeconfig": lambda p: ({}, r"kubeconfig ~/\.kube/config does not exist on the machine that runs this task\."),
    "broken-kubeconfig": lambda p: (
        {"kubeconfig": p.file("broken", "users: [{token: hidden-token\n  - :")},
        r"kubeconfig .*/broken is not a kubeconfig\.",
    ),
    "unknown-context": lambda p: (
        {"kubeconfig": p.kubeconfig, "context": "production"},
        r'kubeconfig has no context "production"\. Its contexts are test\.',
    ),
    "no-current-context": lambda p: (
        {"kubeconfig": {**p.kubeconfig, "current-context": ""}},
        r"kubeconfig has no usable current context\. Its contexts are test\. Give context\.",
    ),
    "unknown-user": lambda p: (
        {"kubeconfig": {**p.kubeconfig, "users": []}},
        r'contexts\[0\]\.context\.user of kubeconfig names the user "robot", which is missing\. Correct the name',
    ),
    "plugin-that-fails": lambda p: (
        {"kubeconfig": plugin(p, "import sys; print('hidden-token'); sys.exit('hidden-token')")},
        PLUGIN_OF_THE_USER + r"exited with status 1\. Its output is not shown, because",
    ),
    "plugin-that-is-ended": lambda p: (
        {"kubeconfig": plugin(p, "import os; os.kill(os.getpid(), 9)")},
        PLUGIN_OF_THE_USER + r"was ended by signal 9\.",
    ),
    "plugin-without-JSON": lambda p: (
        {"kubeconfig": plugin(p, "print('hidden-token')")},
        PLUGIN_OF_THE_USER + r"printed no ExecCredential\. Its output is not shown, because",
    ),
    "plugin-with-other-JSON": lambda p: (
        {"kubeconfig": plugin(p, "print('[\"hidden-token\"]')")},
        PLUGIN_OF_THE_USER + r"printed no ExecCredential\.",
    ),
    "plugin-of-another-version": lambda p: (
        {"kubeconfig": plugin(p, token_plugin("hidden-token", "v1beta1"))},
        PLUGIN_OF_THE_USER + r"answered in the API version "
        r"client\.authentication\.k8s\.io/v1beta1\. The kubeconfig asks for client\.authentication\.k8s\.io/v1\.",
    ),
    "plugin-without-credentials": lambda p: (
        {"kubeconfig": plugin(p, token_plugin(""))},
        PLUGIN_OF_THE_USER + r"printed neither a token nor a certificate\.",
    ),
    "plugin-with-a-bad-token": lambda p: (
        {"kubeconfig": plugin(p, token_plugin("hidden-token x"))},
        r"The token of the credential plugin of users\[0\]\.user of kubeconfig has whitespace or a character that is",
    ),
    "plugin-that-is-missing": lambda p: (
        {
            "kubeconfig": p.with_user(
                {"exec": {**PLUGIN, "command": "no-such", "installHint": "Run \x1b[2Jget no-such"}}
            )
        },
        PLUGIN_OF_THE_USER + r"is not installed\. The command no-such was not found\. "
        r"Its installHint says: Run \\x1b\[2Jget no-such",
    ),
    "plugin-that-cannot-be-run": lambda p: (
        {"kubeconfig": p.with_user({"exec": {**PLUGIN, "command": p.file("plain", "text")}})},
        PLUGIN_OF_THE_USER + r"is not installed\. The command .*/plain was not found",
    ),
    "plugin-for-a-terminal": lambda p: (
        {"kubeconfig": p.with_user({"exec": {**PLUGIN, "interactiveMode": "Always"}})},
        PLUGIN_OF_THE_USER + r"needs a terminal\. Its interactiveMode is Always",
    ),
    "provider-that-is-gone": lambda p: (
        {"kubeconfig": p.with_user({"auth-provider": {"name": "gcp", "config": {"access-token": "hidden-token"}}})},
        r'users\[0\]\.user\.auth-provider\.name of kubeconfig is "gcp", which kubectl no longer has\. It has only '
        r"oidc\. Let the kubeconfig use gke-gcloud-auth-plugin",
    ),
    "missing-token-file": lambda p: (
        {"kubeconfig": p.with_user({"tokenFile": "/nowhere/token"})},
        r"users\[0\]\.user\.tokenFile of kubeconfig names /nowhere/token, which cannot be read: No such file",
    ),
    "no-server": lambda p: (
        {"kubeconfig": p.with_cluster({"server": ""})},
        r"clusters\[0\]\.cluster\.server of kubeconfig is missing\. Write the URL of the API server there\.",
    ),
    "insecure-and-an-authority": lambda p: (
        {"kubeconfig": p.with_cluster({"insecure-skip-tls-verify": True, "certificate-authority": p.ca})},
        r"clusters\[0\]\.cluster\.insecure-skip-tls-verify of kubeconfig is true, and there is a certificate authority",
    ),
    "key-in-place-of-its-path": lambda p: (
        {"kubeconfig": p.with_user({"client-certificate": p.file("x", "x"), "client-key": "hidden-token"})},
        r"users\[0\]\.user\.client-key of kubeconfig names a file that cannot be read: No such file",
    ),
    "arguments-in-the-command": lambda p: (
        {"kubeconfig": p.with_user({"exec": {**PLUGIN, "command": "tool --token hidden-token"}})},
        PLUGIN_OF_THE_USER + r"is not installed\. Its command was not found\.",
    ),
    "password-alone": lambda p: (
        {"kubeconfig": p.kubeconfig, "password": "hidden-token"},
        r"password needs username\.",
    ),
    "slash-in-the-password-of-a-proxy": lambda p: (
        {"kubeconfig": p.kubeconfig, "proxy": "http://ada:12/hidden-token@127.0.0.1:1"},
        r"proxy is not the URL of a proxy\. A slash, a question mark or a hash in its user name or password must be",
    ),
    "missing-authority": lambda p: (
        {"kubeconfig": p.with_cluster({"certificate-authority": "/nowhere/ca"})},
        r"clusters\[0\]\.cluster\.certificate-authority of kubeconfig names /nowhere/ca, which cannot be read: No such",
    ),
    "missing-client-key": lambda p: (
        {"kubeconfig": p.with_user({"client-certificate": p.file("x", "x"), "client-key": "/nowhere/key"})},
        r"users\[0\]\.user\.client-key of kubeconfig names /nowhere/key, which cannot be read: No such file",
    ),
    "authority-that-is-a-folder": lambda p: (
        {"kubeconfig": p.with_cluster({"certificate-authority": "/tmp"})},
        r"clusters\[0\]\.cluster\.certificate-authority of kubeconfig names /tmp, which cannot be read: Is a directory",
    ),
    "authority-without-a-certificate": lambda p: (
        {"kubeconfig": p.with_cluster({"certificate-authority": p.file("empty", "hidden-token")})},
        r"clusters\[0\]\.cluster\.certificate-authority of kubeconfig has no certificate that can be read\.",
    ),
    "bearer-in-api_key": lambda p: (
        {"host": p.server, "api_key": f"Bearer {p.token}", "ca_cert": p.ca},
        r"api_key begins with the name of an authentication scheme\. It is a whole header value",
    ),
    "blank-in-api_key": lambda p: (
        {"host": p.server, "api_key": "hidden-token x", "ca_cert": p.ca},
        r"api_key has whitespace or a character that is not allowed in an HTTP header\.",
    ),
    "bearer-in-a-kubeconfig": lambda p: (
        {"kubeconfig": p.with_user({"token": "Bearer hidden-token"})},
        r"users\[0\]\.user\.token of kubeconfig begins with the name of an authentication scheme\.",
    ),
    "host-without-a-scheme": lambda p: (
        {"host": "10.0.0.1:6443", "api_key": p.token},
        r"host must begin with https://\. Write https://10\.0\.0\.1:6443\.",
    ),
    "IPv6-without-brackets": lambda p: (
        {"host": "https://::1:6443", "api_key": p.token},
        r"host has an IPv6 address without brackets\.",
    ),
    "proxy-without-a-scheme": lambda p: (
        {"kubeconfig": p.kubeconfig, "proxy": "127.0.0.1:3128"},
        r"proxy is not the URL of a proxy\. It must begin with http://, https://, socks5://\.",
    ),
    "certificate-without-key": lambda p: ({"host": p.server, "client_cert": p.ca}, r"client_cert needs client_key\."),
    "not-a-certificate": lambda p: (
        {"host": p.server, "client_cert": p.file("x", "x"), "client_key": p.file("x", "x"), "ca_cert": p.ca},
        r"The client certificate cannot be used: client_cert and client_key\. One of them is not PEM",
    ),
    "not-a-url": lambda p: (
        {"host": "https://not a url", "api_key": p.token},
        r"host is not a URL\. Write it like https",
    ),
    "text-as-kubeconfig": lambda p: (
        {"kubeconfig": "a:\n  b"},
        r"kubeconfig must be a path or a mapping; it is the text",
    ),
}


def test_failures_are_sentences(cluster: Cluster, namespace: str, playbook: Playbook, parts: Parts) -> None:
    given = {name: failure(parts) for name, failure in FAILURES.items()}

    run = playbook.run(
        [look(options, namespace) for options, _message in given.values()],
        environment={"HOME": str(playbook.directory / "nobody")},
    )

    messages = {name: result["msg"] for name, result in zip(given, run.results, strict=True)}
    wrong: dict[str, str] = {
        name: messages[name] for name, (_options, pattern) in given.items() if not re.match(pattern, messages[name])
    }
    assert not wrong
    assert "hidden-token" not in run.output


def test_an_expired_client_certificate(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    if not cluster.client_kubeconfig:
        pytest.skip("only the embedded API server has a certificate authority that the tests may use")
    expired = cluster.client_kubeconfig("ada", valid_for=timedelta(hours=-1))

    (result,) = playbook.run([look({"kubeconfig": expired}, namespace)]).results

    assert result["msg"].startswith(f"Cannot read Secret {namespace}/not-there: not authenticated (401). ")


def test_hosts_that_do_not_say_which_cluster_they_mean(
    cluster: Cluster, namespace: str, playbook: Playbook, parts: Parts
) -> None:
    environment = {"K8S_AUTH_KUBECONFIG": parts.file("config", parts.kubeconfig)}
    tasks = [look({}, namespace), look({"kubeconfig": parts.kubeconfig}, namespace)]

    shared, own = playbook.run(tasks, hosts="edge-17", environment=environment).results
    local, _own = playbook.run(tasks, environment=environment).results

    assert shared["warnings"] == [
        f"Host edge-17 does not say which cluster it means; {cluster.server} was chosen by the environment, so every "
        "other such host means the same one. Set kubeconfig, context or host for each host."
    ]
    assert "warnings" not in own
    assert "warnings" not in local
