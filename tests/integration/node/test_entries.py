# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every kind of entry that the modules write: what image_access_info predicts is what a Pod on a real node does.

Each case has a repository of its own, so that the log of the registry states whose password pulled the image.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from support.cluster import Cluster
from support.image_access import handed_out
from support.node.entry_cases import LOGINS, LONG, NAMES, Case, Places, Stored, make_cases, name_of
from support.node.hosts import serve_at
from support.node.node import Node
from support.node.pods import PodState, create_pods, delete_pods, make_pod, run_pods, wait_for_pod
from support.playbook import Playbook, task
from support.processes import eventually
from support.servers.registries import (
    PASSWORD,
    USER,
    LoggedRegistry,
    PasswordRegistry,
    Registry,
    TokenService,
    basic,
    htpasswd_registry,
    push_image,
    token_registry,
)


@dataclass(frozen=True)
class Attempt:
    """A request of the node for a manifest: the repository, and the user whose password it sent and if it was right."""

    repository: str
    user: str
    accepted: bool


@dataclass(frozen=True)
class Outcome:
    """What came of a case: the Pod's state, the users that the registry was asked with, and the prediction."""

    pod: PodState
    attempts: tuple[Attempt, ...]
    predicted: Mapping[str, Any]
    secrets: tuple[str, ...]


@pytest.fixture(scope="module")
def outcomes(
    cluster: Cluster, node: Node, private: PasswordRegistry, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Outcome]]:
    """Every case: its Secrets are written in one play, and its Pods are created together."""
    namespace = cluster.create_namespace()
    for account in ("default", "linked", "linked-by-itself"):
        cluster.create_account(namespace, account)
    with htpasswd_registry() as second, token_registry(["x"]) as (token, service):
        places = Places(private.location, second.location, token.location)
        cases = make_cases(places)
        private.let_in(LOGINS)
        second.let_in(LOGINS)
        service.logins["long"] = LONG
        serve_at(node, second.location, f"https://{second.location}", second.ca)
        serve_at(node, "docker.io", f"https://{private.location}", private.ca)
        for name, case in cases.items():
            push_case(node, image_of(name, case, places), (private, second, token), service)
        playbook = Playbook(tmp_path_factory.mktemp("entries"), "always")
        secrets = write_secrets(cluster, playbook, namespace, cases)
        pods = [
            make_pod(
                namespace,
                name_of(name),
                image_of(name, case, places),
                () if case.by_account else secrets[name],
                policy="Always",
                account=case.account,
            )
            for name, case in cases.items()
        ]
        create_pods(cluster, pods)
        states = {
            name: wait_for_pod(cluster, node, pod, PodState.is_running if case.user else PodState.is_refused)
            for (name, case), pod in zip(cases.items(), pods, strict=True)
        }
        attempts = [attempt for registry in (private, second, token) for attempt in read_attempts(registry)]
        predicted = predict(cluster, playbook, namespace, cases, (private, second, token))
        yield {
            name: Outcome(
                states[name],
                tuple(attempt for attempt in attempts if attempt.repository.split("/")[-1] == name_of(name)),
                predicted[name_of(name)],
                tuple(secrets[name]),
            )
            for name in cases
        }
        delete_pods(cluster, pods)
        cluster.api.delete_namespace(namespace)


@pytest.mark.parametrize("name", NAMES)
def test_the_prediction_is_what_a_pod_does(outcomes: Mapping[str, Outcome], name: str) -> None:
    case = make_cases(Places("", "", ""))[name]
    outcome = outcomes[name]
    predicted, verified = outcome.predicted, outcome.predicted["verified"]
    accepted = [attempt.user for attempt in outcome.attempts if attempt.accepted]
    tried = list(dict.fromkeys(attempt.user for attempt in outcome.attempts))

    assert outcome.pod.is_running() == (case.user is not None), outcome.pod
    assert set(accepted) == ({case.user} if case.user else set())
    assert predicted["status"] == case.status
    assert (verified["outcome"] if verified else None) == case.outcome
    if case.outcome == "pullable":
        assert verified["username"] == case.user
    if case.outcome == "denied":
        assert verified["username"] == predicted["username"]
    expected = [case.user] if case.tried is None and case.user else list(case.tried or ())
    assert tried == expected
    if expected:
        assert predicted["username"] == expected[0]


def test_rotation_and_removal(cluster: Cluster, node: Node, private: PasswordRegistry, tmp_path: Path) -> None:
    namespace, image = cluster.create_namespace(), f"{private.location}/rotated:1"
    cluster.create_account(namespace, "default")
    private.let_in({USER: PASSWORD})
    push_image(private, "rotated:1", node.image("app"), basic(USER, PASSWORD))
    playbook = Playbook(tmp_path, "always")
    connection = {"kubeconfig": str(cluster.kubeconfig), "namespace": namespace}
    ca = tmp_path / "registry.crt"
    ca.write_bytes(private.ca or b"")
    pods = []

    def write(*registries: Mapping[str, Any]) -> None:
        written = task("image_pull_secret", name="registry", registries=list(registries), **connection)
        (result,) = playbook.run([written]).results
        assert result["changed"], result

    def run_and_predict(name: str) -> tuple[str, str, str | None]:
        """Return what a new Pod does, and what the module states about it."""
        pods.append(make_pod(namespace, name, image, ["registry"], policy="Always"))
        state = run_pods(cluster, node, pods[-1:])[name]
        asked = {"verify": True, "verify_ca_cert": str(ca)}
        (result,) = playbook.run([task("image_access_info", pods=[name], **asked, **connection)]).results
        (found,) = result["images"]
        verified = found["verified"] and found["verified"]["outcome"]
        return "runs" if state.is_running() else "refused", found["status"], verified

    entry = {"server": private.location, "username": USER}
    other = {"server": "registry.example.com", "username": USER, "password": "other-s3cret"}
    write({**entry, "password": PASSWORD}, other)
    uid = cluster.read_secret(namespace, "registry")["metadata"]["uid"]
    assert run_and_predict("before") == ("runs", "matched", "pullable")
    private.let_in({USER: "rotated-s3cret"})
    assert run_and_predict("revoked") == ("refused", "matched", "denied")
    write({**entry, "password": "rotated-s3cret"})
    assert run_and_predict("rotated") == ("runs", "matched", "pullable")
    wait_for_pod(cluster, node, pods[1], PodState.is_running)  # the kubelet tries again with the new password
    write({"server": private.location, "state": "absent"})
    assert run_and_predict("removed") == ("refused", "no_entry", None)
    assert cluster.read_secret(namespace, "registry")["metadata"]["uid"] == uid
    delete_pods(cluster, pods)
    cluster.api.delete_namespace(namespace)


def image_of(name: str, case: Case, places: Places) -> str:
    return (case.image or f"{places.private}/cases/{{}}:1").format(name_of(name))


def push_case(node: Node, image: str, registries: Sequence[Registry], service: TokenService) -> None:
    """Push the image of a case to its registry; one of Docker Hub to the first registry, which is its mirror."""
    location, _slash, name = image.rpartition("@")[2].partition("/")
    found = next((registry for registry in registries if registry.location == location), None)
    if found is None:
        found, name = registries[0], f"acme/{image.rpartition('/')[2]}"
    repository = name.partition(":")[0]
    authorization = basic(USER, PASSWORD)
    if found is registries[-1]:
        service.allowed = [*service.allowed, repository]
        authorization = f"Bearer {service.token(repository, 'pull', 'push')}"
    push_image(found, name, node.image("app"), authorization)


def write_secrets(
    cluster: Cluster, playbook: Playbook, namespace: str, cases: Mapping[str, Case]
) -> Mapping[str, list[str]]:
    """Write the Secrets of all cases, with the modules where these can, and return their names by case."""
    connection = {"kubeconfig": str(cluster.kubeconfig), "namespace": namespace}
    names: dict[str, list[str]] = {}
    tasks = []
    for name, case in cases.items():
        names[name] = [f"{name_of(name)}-{number}" for number in range(len(case.secrets))]
        for secret, written in zip(names[name], case.secrets, strict=True):
            if isinstance(written, Stored):
                cluster.create_secret(namespace, secret, **written.fields())
            else:
                tasks.append(task("image_pull_secret", name=secret, **written, **connection))
        if case.account == "linked-by-itself":
            linked = {"service_account": case.account, "image_pull_secrets": [{"name": names[name][0]}]}
            tasks.append(task("service_account_secrets", **linked, **connection))
    results = playbook.run(tasks).results
    assert [result["msg"] for result in results if result.get("failed")] == []
    assert all(result["changed"] for result in results)
    for name, case in cases.items():
        if case.by_account:  # the API server looks at a copy of the ServiceAccount, which lags behind
            assert eventually(partial(hands_out, cluster, namespace, case.account, names[name]), seconds=60), name
    return names


def hands_out(cluster: Cluster, namespace: str, account: str, secrets: Sequence[str]) -> bool:
    """Return whether a new Pod of an account gets these pull secrets."""
    return handed_out(cluster, namespace, account) == list(secrets)


def predict(
    cluster: Cluster,
    playbook: Playbook,
    namespace: str,
    cases: Mapping[str, Case],
    registries: Sequence[Registry],
) -> Mapping[str, Mapping[str, Any]]:
    """Return what image_access_info states about each Pod. Registries of other machines are not asked."""
    ca = playbook.directory / "registries.crt"
    ca.write_bytes(b"".join(registry.ca or b"" for registry in registries))
    connection = {"kubeconfig": str(cluster.kubeconfig), "namespace": namespace}
    elsewhere = [name_of(name) for name, case in cases.items() if case.image.startswith(("docker.io/", "acme/"))]
    here = [name_of(name) for name in cases if name_of(name) not in elsewhere]
    asked = {
        "verify": True,
        "verify_scope": "all",
        "verify_ca_cert": str(ca),
        "verify_plain_http": [registries[-1].location],
        "verify_realms": ["localhost"],
    }
    tasks = [
        task("image_access_info", pods=here, **asked, **connection),
        task("image_access_info", pods=elsewhere, **connection),
    ]
    results = playbook.run(tasks).results
    assert [result["msg"] for result in results if result.get("failed")] == []
    return {image["name"]: {"verified": None, **image} for result in results for image in result["images"]}


def read_attempts(registry: LoggedRegistry) -> Iterator[Attempt]:
    """Yield the requests of the container runtime with a password, in order, as the registry has logged them."""
    for line in registry.log.read_text().splitlines():
        if "containerd/" not in line or " vars.name=" not in line:
            continue
        repository = _field(line, "vars.name")
        refused = re.search(r'msg="error authenticating user \\"(.*?)\\": authentication failure"', line)
        if refused:
            yield Attempt(repository, refused[1], accepted=False)
        elif "auth.user.name=" in line:
            yield Attempt(repository, _field(line, "auth.user.name"), accepted=True)


def _field(line: str, name: str) -> str:
    found = re.search(rf' {re.escape(name)}=(?:"(.*?)"|(\S+))', line)
    assert found, line
    return found[1] or found[2]
