# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A connection means the same to this collection as to kubectl: request by request, through a recording server."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import control_plane_pki as pki
import pytest
from cluster import Cluster
from kubeconfig_variants import VARIANTS, Variant, World
from kubectl import find_kubectl
from recorder import Recorder, Request, Upstream, proxy

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.connection import open_connection
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.patience import Patience
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.secrets import read_secret
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.settings import resolve_settings
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError

SECONDS = 20
IMPATIENT = Patience(per_request := 0.5, 0.5, 3, 3)

ASKS = "kubectl asks for a user name at the terminal."
# Where this collection is meant to differ, and why.
DIFFERENCES: Mapping[str, str] = {
    "token with a newline": "kubectl sends nothing: Go refuses the header. A variable often ends in a newline.",
    "anonymous": ASKS,
    "password alone": ASKS,
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
    from base64 import b64decode

    cluster, user = kubeconfig["clusters"][0]["cluster"], kubeconfig["users"][0]["user"]
    client = pki.Pair(b64decode(user["client-certificate-data"]), b64decode(user["client-key-data"]))
    return Upstream(cluster["server"], b64decode(cluster["certificate-authority-data"]), client)


@pytest.fixture(scope="module")
def ports(recorder: Recorder) -> Iterator[Mapping[str, int]]:
    with ExitStack() as stack:
        kinds = ("http", "https", "socks5")
        open_ = {kind: stack.enter_context(proxy(recorder, kind)) for kind in kinds}
        closed = {f"{kind}-login": stack.enter_context(proxy(recorder, kind, "ada:p@ss")) for kind in kinds}
        yield open_ | closed


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
        settings = resolve_settings(variant.options, environ)
        with closing(open_connection(settings, patience=IMPATIENT)) as connection:
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

    theirs = ask_with_kubectl(kubectl, world, variant)
    ours = ask_with_the_collection(world, variant, monkeypatch)

    if name in DIFFERENCES:
        assert ours != theirs, "no longer a difference: remove the row"
    else:
        assert different(ours, theirs) == []
