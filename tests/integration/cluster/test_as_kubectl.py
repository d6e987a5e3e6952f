# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A connection means the same to this collection as to kubectl: request by request, through a recording server."""

from __future__ import annotations

import dataclasses
import functools
import os
import subprocess
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.api import send_write
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.connection import open_connection
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.refused import Intent
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.retries import RetryBudget
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.secrets import read_secret
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.settings import (
    ConnectionOptions,
    resolve_settings,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from support.cluster import Cluster
from support.control_plane import pki
from support.kubeconfig_variants import VARIANTS, Variant, World
from support.kubectl import find_kubectl
from support.playbook import Playbook, run_program, task
from support.servers.recorder import Recorder, Request, Upstream, proxy

SECONDS = 60
IMPATIENT = RetryBudget(per_request=0.5, total=0.5, to_connect=10, to_answer=10)

ASKS = "kubectl asks for a user name at the terminal."
# Where this collection is meant to differ, and why.
DIFFERENCES: Mapping[str, str] = {
    "token with a newline": "kubectl sends nothing: Go refuses the header. A variable often ends in a newline.",
    "anonymous": ASKS,
    "password alone": ASKS,
    "token: ~": ASKS,
    "proxy-url with SOCKS and a user alone": "PySocks offers no user name without a password.",
    "fields in other cases": ASKS,
}


@dataclass(frozen=True)
class Outcome:
    """What came of a connection: the request as it arrived and what the proxies saw, or that nothing was asked."""

    request: Request | None
    proxied: tuple[str, ...]


@pytest.fixture(scope="module")
def kubectl() -> Path:
    return find_kubectl()


@pytest.fixture(scope="module")
def recorder(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorder]:
    if not cluster.client_kubeconfig:
        pytest.skip("only the embedded API server has a certificate authority that the tests may use")
    admin = cluster.client_kubeconfig("admin", groups=["system:masters"])
    folder = tmp_path_factory.mktemp("recorder")
    with closing(Recorder(upstream_of(admin), pki.make_authority("recorder"), CLIENTS, folder)) as found:
        yield found


CLIENTS = pki.make_authority("clients")


def upstream_of(kubeconfig: Mapping[str, Any]) -> Upstream:
    cluster, user = kubeconfig["clusters"][0]["cluster"], kubeconfig["users"][0]["user"]
    client = pki.Pair(b64decode(user["client-certificate-data"]), b64decode(user["client-key-data"]))
    return Upstream(cluster["server"], b64decode(cluster["certificate-authority-data"]), client)


@pytest.fixture(scope="module")
def ports(recorder: Recorder) -> Iterator[Mapping[str, int]]:
    with ExitStack() as stack:
        kinds = ("http", "https", "socks5")
        open_ = {kind: stack.enter_context(proxy(recorder, kind)) for kind in kinds}
        closed = {f"{kind}-login": stack.enter_context(proxy(recorder, kind, "ada:p@ss")) for kind in kinds}
        elsewhere = stack.enter_context(proxy(recorder, "https", host="127.0.0.2"))
        yield {**open_, **closed, "https-elsewhere": elsewhere}


@pytest.fixture(scope="module")
def token(cluster: Cluster) -> Iterator[str]:
    """The token of an identity that may act as anyone."""
    namespace = cluster.create_namespace()
    rules = [{"apiGroups": ["", "authentication.k8s.io"], "resources": ["*"], "verbs": ["*"]}]
    identity = cluster.cluster_identity(namespace, rules)
    yield identity.connection["kubeconfig"]["users"][0]["user"]["token"]
    cluster.api.delete_namespace(namespace)


@pytest.fixture
def world(recorder: Recorder, ports: Mapping[str, int], token: str, tmp_path: Path) -> World:
    (tmp_path / "recorder.crt").write_bytes(recorder.certificate)
    return World(recorder, CLIENTS, token, tmp_path / "files", ports)


def environment(variant: Variant, folder: Path) -> dict[str, str]:
    home = folder / "home"
    home.mkdir(exist_ok=True)
    return {"PATH": os.environ["PATH"], "HOME": str(home), **variant.environment}


def ask_with_kubectl(kubectl: Path, world: World, variant: Variant) -> Outcome:
    world.recorder.take()
    done = subprocess.run(
        [kubectl, "get", "secret", "not-there", "-n", "default", *variant.flags],
        env=environment(variant, world.folder.parent),
        cwd=world.folder.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SECONDS,
        check=False,
    )
    print(done.stdout.decode())
    return outcome(world)


def ask_with_the_collection(world: World, variant: Variant, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    world.recorder.take()
    environ = environment(variant, world.folder.parent)
    monkeypatch.setenv("HOME", environ["HOME"])
    try:
        settings = resolve_settings(ConnectionOptions(**variant.options), environ)
        with closing(open_connection(settings, retry_budget=IMPATIENT)) as connection:
            read_secret(connection, "default", "not-there")
    except KeyringError as error:
        print(error)
    return outcome(world)


def outcome(world: World) -> Outcome:
    requests, proxied = world.recorder.take()
    # kubectl asks for what the server has before it asks for the Secret, each time through the proxy.
    return Outcome(requests[-1] if requests else None, tuple(dict.fromkeys(proxied)))


def different(ours: Outcome, theirs: Outcome) -> list[tuple[str, Any, Any]]:
    """Return the fields that differ: name, ours, theirs."""
    if not ours.request or not theirs.request:
        return [] if ours == theirs else [("outcome", ours, theirs)]
    pairs = [(name, value, getattr(theirs.request, name)) for name, value in vars(ours.request).items()]
    pairs.append(("proxied", ours.proxied, theirs.proxied))
    return [pair for pair in pairs if pair[1] != pair[2]]


@pytest.mark.parametrize("name", VARIANTS)
def test_a_connection_is_kubectls(kubectl: Path, world: World, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    variant = VARIANTS[name](world)

    ours = ask_with_the_collection(world, variant, monkeypatch)
    theirs = ask_with_kubectl(kubectl, world, variant)  # afterwards, for it writes refreshed tokens to the kubeconfig

    if name in DIFFERENCES:
        assert ours != theirs, "no longer a difference: remove the row"
    else:
        assert different(ours, theirs) == []


@pytest.mark.parametrize("name", ["as-groups", "as in all fields", "as-groups through a proxy for http"])
def test_a_write_has_kubectls_headers(kubectl: Path, world: World, name: str) -> None:
    """Some versions of urllib3 join repeated headers in requests with a body alone."""
    variant = VARIANTS[name](world)
    own = environment(variant, world.folder.parent)
    command = [str(kubectl), "create", "secret", "generic", "a", "-n", "default", "--dry-run=server", *variant.flags]
    subprocess.run(command, env=own, cwd=world.folder.parent, check=False, timeout=SECONDS, capture_output=True)
    (theirs,) = world.recorder.take()[0]

    with closing(
        open_connection(resolve_settings(ConnectionOptions(**variant.options), own), retry_budget=IMPATIENT)
    ) as connection:
        path, intent = "/api/v1/namespaces/default/secrets", Intent("create", "secrets", "Secret default/a", "default")
        send_write(connection, intent, "POST", path, {"metadata": {"name": "a"}}, {"dryRun": "All"})
    (ours,) = world.recorder.take()[0]

    assert (ours.method, ours.headers, ours.identity) == (theirs.method, theirs.headers, theirs.identity)


# Variants that a playbook tries, too.
BY_PLAYBOOK = (
    "path",
    "http",
    "tls-server-name",
    "insecure and an authority",
    "client certificate as data",
    "relative paths",
    "as in all fields",
    "exec with all cluster information",
    "KUBECONFIG",
    "several files",
    "a SOCKS proxy with a user",
    "proxy-url with a user",
    "host over a kubeconfig",
)


def same(name: str, w: World) -> tuple[Variant, Variant]:
    variant = VARIANTS[name](w)
    return variant, variant


def mapping(w: World) -> tuple[Variant, Variant]:
    config = w.config({"token": w.token, "as": "viewer"}, {"server": f"{w.server}/k8s/clusters/c-abc"})
    return Variant({"kubeconfig": config}), w.by(config)


def options(w: World) -> tuple[Variant, Variant]:
    ca = w.file("ca.crt", w.recorder.authority.certificate)
    server = f"{w.server}/k8s/clusters/c-abc/"
    ours = Variant({"host": server, "api_key": w.token, "ca_cert": ca, "impersonate_user": "viewer"})
    return ours, Variant({}, ("--server", server, "--token", w.token, "--certificate-authority", ca, "--as", "viewer"))


def variables(w: World) -> tuple[Variant, Variant]:
    ca = w.file("ca.crt", w.recorder.authority.certificate)
    server = f"{w.server}/k8s/clusters/c-abc/"
    given = {"K8S_AUTH_HOST": server, "K8S_AUTH_API_KEY": w.token, "K8S_AUTH_SSL_CA_CERT": ca}
    return Variant({}, (), given), Variant({}, ("--server", server, "--token", w.token, "--certificate-authority", ca))


# Forms that kubectl does not have, and what is the same for it.
FORMS: Mapping[str, Callable[[World], tuple[Variant, Variant]]] = {
    **{name: functools.partial(same, name) for name in BY_PLAYBOOK},
    "kubeconfig as a mapping": mapping,
    "host and options": options,
    "environment": variables,
}


def test_a_task_has_kubectls_connection(kubectl: Path, world: World, playbook: Playbook) -> None:
    wanted, tasks = {}, []
    for number, (name, make) in enumerate(FORMS.items()):
        own = dataclasses.replace(world, folder=world.folder / str(number))
        ours, theirs = make(own)
        wanted[name] = ask_with_kubectl(kubectl, own, theirs)
        absent = task("image_pull_secret", name="not-there", namespace="default", state="absent", **ours.options)
        tasks.append({**absent, "environment": dict(ours.environment)})

    results = playbook.run(tasks).results

    requests, _proxied = world.recorder.take()
    asked = {name: result.get("msg") for name, result in zip(wanted, results, strict=True)}
    arrived = [name for name, expected in wanted.items() if expected.request]
    assert len(requests) == len(arrived), asked
    found = {name: Outcome(request, wanted[name].proxied) for name, request in zip(arrived, requests, strict=True)}
    assert [pair for name, outcome in found.items() for pair in different(outcome, wanted[name])] == []


IN_A_POD = """
mount -t tmpfs tmpfs /run
mkdir -p /var/run/secrets/kubernetes.io/serviceaccount
cp "$1"/* /var/run/secrets/kubernetes.io/serviceaccount/
shift
exec "$@"
"""


def test_a_pod_has_kubectls_connection(kubectl: Path, world: World, playbook: Playbook) -> None:
    folder = Path(world.file("pod/token", world.token)).parent
    world.file("pod/ca.crt", world.recorder.authority.certificate)
    world.file("pod/namespace", "default")
    unshare = ["unshare", "--mount", "--propagation", "private", "sh", "-ec", IN_A_POD, "sh", str(folder)]
    if subprocess.run([*unshare, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this user may not make a file system of its own, which stands for that of a Pod")
    pod = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(world.recorder.https)}
    subprocess.run(
        [*unshare, kubectl, "get", "secret", "not-there"],
        env={**environment(Variant(), world.folder.parent), **pod},
        check=False,
        timeout=SECONDS,
    )
    theirs = outcome(world)

    command = playbook.command([task("image_pull_secret", name="not-there", state="absent")])
    done = run_program([*unshare, *command], env=playbook.environment(**pod), cwd=playbook.directory)

    assert theirs.request, done.stdout
    assert different(outcome(world), theirs) == [], done.stdout
