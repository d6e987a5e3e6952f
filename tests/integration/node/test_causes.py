# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every cause of a failed pull that a node can produce, as image_access_info and explain_pull state it.

The messages are those of a real kubelet and containerd. The node is gone when the causes are read, so that no Pod tries
again while a test changes a Secret.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from support.cluster import Cluster
from support.control_plane import registries
from support.image_access import link, pull_secret
from support.node.cause_cases import CASES, FULL_DISK, OTHER_CAUSES, Case
from support.node.disk import fill_disk
from support.node.failing_servers import start_failing_servers
from support.node.hosts import serve_at
from support.node.joining import joining
from support.node.node import Node, running_node
from support.node.pods import Pod, PodState, create_pods, make_pod, run_pods, wait_for_pod
from support.playbook import Playbook, task
from support.playbooks import run
from support.samples.secrets import encode
from support.servers.registries import (
    PASSWORD,
    USER,
    Image,
    PasswordRegistry,
    Registry,
    basic,
    htpasswd_registry,
    push_image,
    registry,
    token_registry,
)
from support.typed_examples import documented

ALL = {**CASES, "a full disk": FULL_DISK}
INDEX = "application/vnd.oci.image.index.v1+json"


@dataclass(frozen=True)
class Found:
    """What is stated about the failed pulls, by the name of the case: the cause in data, and the printed paragraph."""

    causes: Mapping[str, Mapping[str, str] | None]
    printed: Mapping[str, str]
    states: Mapping[str, PodState]


def name_of(case: str) -> str:
    return f"case-{list(ALL).index(case)}"


@pytest.fixture(scope="module")
def found(cluster: Cluster, private: PasswordRegistry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Found]:
    namespace, other = cluster.create_namespace(), cluster.create_namespace()
    for account in ("default", "later"):
        cluster.create_account(namespace, account)
    with ExitStack() as stack:
        kubeconfig = stack.enter_context(joining(cluster))
        of_node = stack.enter_context(htpasswd_registry())
        public = stack.enter_context(registry({}, tls=True))
        token, service = stack.enter_context(token_registry(["app"]))
        wrong = json.dumps({"auths": {of_node.location: {"auth": encode("node:wrong")}}})
        trusted = [private, of_node, public]
        node = stack.enter_context(running_node(kubeconfig, trusted, {}, wrong))
        places = {
            "private": private.location,
            "public": public.location,
            "token": token.location,
            "node": of_node.location,
            **start_failing_servers(stack, node),
        }
        for host in ("docker.io", "k8s.gcr.io"):
            serve_at(node, host, f"https://{public.location}", public.ca)
        image = node.image("app")
        for name in ("app:1", "there:1"):
            push_image(private, name, image, basic(USER, PASSWORD))
        for repository in ("app", "hidden"):
            push_image(token, f"{repository}:1", image, f"Bearer {service.token(repository, 'pull', 'push')}")
        push_image(public, "app:1", image)
        push_for_another_platform(public, image)
        write_secrets(cluster, namespace, other, places)
        put_on_node(cluster, node, namespace, f"{private.location}/there:1")

        pods = {name: make_case(namespace, name, case, places) for name, case in CASES.items()}
        create_pods(cluster, list(pods.values()))
        states = {name: wait_for_pod(cluster, node, pod, PodState.is_refused) for name, pod in pods.items()}
        push_image(public, "large:1", node.image("large"))
        fill_disk(node)
        full = make_case(namespace, "a full disk", FULL_DISK, places)
        create_pods(cluster, [full])
        states["a full disk"] = wait_for_pod(cluster, node, full, PodState.is_refused)
        stack.close()

        change_later(cluster, namespace, places)
        playbook = Playbook(tmp_path_factory.mktemp("causes"), "always")
        by_node = [places["node"]]
        asked = task(
            "image_access_info", namespace=namespace, node_providers=by_node, kubeconfig=str(cluster.kubeconfig)
        )
        (result,) = playbook.run([asked]).results
        causes = {image["name"]: image["cause"] for image in result["images"]}
        code, lines, output = run(playbook, "explain_pull", cluster, target_namespace=namespace, node_providers=by_node)
        assert code == 0, output
        yield Found(
            {name: causes[name_of(name)] for name in ALL},
            {name: find_paragraph(lines, name_of(name)) for name in ALL},
            states,
        )
    for each in (namespace, other):
        cluster.api.delete_namespace(each)


@pytest.mark.parametrize("name", ALL)
def test_the_cause_of_a_failed_pull(found: Found, name: str) -> None:
    case, state, cause = ALL[name], found.states[name], found.causes[name]

    assert cause, state
    assert cause["id"] == case.cause, (state, cause)
    assert case.sentence in cause["text"]
    # The playbook prints it in lines of JSON, which has other quotation marks.
    text = " ".join(cause["text"].replace('"', "'").split())
    assert f"Cause: {text}" in found.printed[name]


def test_each_documented_cause_is_produced_or_cannot_be() -> None:
    described = documented("image_access_info", "RETURN").partition("cause:")[2].partition("sample: wrong_credentials")
    ids = set(re.findall(r"V\((\w+)\)", described[0]))

    produced = {case.cause for case in ALL.values()}
    assert produced.isdisjoint(OTHER_CAUSES)
    assert produced | set(OTHER_CAUSES) == ids


def make_case(namespace: str, name: str, case: Case, places: Mapping[str, str]) -> Pod:
    server, _slash, path = case.image.partition("/")
    image = f"{places.get(server, server)}/{path}"
    return make_pod(namespace, name_of(name), image, case.secrets, policy=case.policy, account=case.account)


def put_on_node(cluster: Cluster, node: Node, namespace: str, image: str) -> None:
    """Let a Pod pull an image, so that it is on the node."""
    pod = make_pod(namespace, "puller", image, ["good"])
    assert run_pods(cluster, node, [pod])["puller"].is_running()


def write_secrets(cluster: Cluster, namespace: str, other: str, places: Mapping[str, str]) -> None:
    private, token = places["private"], places["token"]
    host = private.partition(":")[0]
    right, wrong = {"auth": encode(f"{USER}:{PASSWORD}")}, {"auth": encode(f"{USER}:wrong")}
    everywhere = (private, token, places["forbidden"], places["token-page"], places["token-closed"])
    auths: Mapping[str, Mapping[str, Any]] = {
        "good": dict.fromkeys((*everywhere, places["token-limited"]), right),
        "wrong": dict.fromkeys((private, token), wrong),
        "unknown-user": {private: {"auth": encode("who:wrong")}},
        "elsewhere": {"registry.example.com": right},
        "other-port": {f"{host}:1": right},
        "other-path": {f"{private}/team/": right},
        "session": {private: {"identitytoken": "x"}},
        "no-password": {private: {"username": USER}},
        "no-user": {private: {"password": PASSWORD}},
        "empty": {},
        "later": {"registry.example.com": right},
        "not-base64": {private: {"auth": "!!"}},
        "no-colon": {private: {"auth": encode("pants")}},
        "number": {private: {"username": 1, "password": "x"}},
        "malformed": {"elsewhere.test": {"auth": "!!"}},
        "fixed-later": {private: {"auth": "!!"}},
    }
    for name, entries in auths.items():
        pull_secret(cluster, namespace, name, entries)
    pull_secret(cluster, other, "in-other", {private: right})
    cluster.create_secret(namespace, "opaque", type="Opaque", string_data={".dockerconfigjson": "{}"})


def change_later(cluster: Cluster, namespace: str, places: Mapping[str, str]) -> None:
    """Write what the kubelet did not have."""
    right = {"auths": {places["private"]: {"auth": encode(f"{USER}:{PASSWORD}")}}}
    data = {"data": {".dockerconfigjson": base64.b64encode(json.dumps(right).encode()).decode()}}
    for name in ("later", "fixed-later"):
        cluster.api.patch_namespaced_secret(name, namespace, data)
    link(cluster, namespace, "later", "good")


def push_for_another_platform(target: Registry, image: Image) -> None:
    """Push an index that has an image for another architecture only."""
    push_image(target, "platform:s390x", image)
    manifest = {
        **registries.describe_blob(registries.MANIFEST, image.manifest),
        "platform": {"architecture": "s390x", "os": "linux"},
    }
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [manifest]}
    url = f"{registries._repository_url(target, 'platform')}/manifests/1"
    registries._send(target, "PUT", url, "", json.dumps(index).encode(), INDEX)


def find_paragraph(lines: list[str], pod: str) -> str:
    """Return what the playbook prints about a Pod, in one line."""
    start = next(number for number, line in enumerate(lines) if line.startswith(f"Pod {pod} "))
    end = next((number for number in range(start + 1, len(lines)) if not lines[number].strip()), len(lines))
    return " ".join(" ".join(lines[start:end]).split())
