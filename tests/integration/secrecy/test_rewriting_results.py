# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may write Secrets in one namespace cannot rewrite what is reported of another, nor what a playbook does there.

The passwords of the other namespace are equal to every text of the results, above all to times, names and statuses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.docker_config import KEY, TYPE
from support.cluster import Cluster
from support.image_access import APP, DATABASE, TOKEN, UNAUTHORIZED, deploy, link, pull_secret, run_pod, spec
from support.playbook import Playbook, task
from support.playbooks import Page, run
from support.samples.secrets import encode

OWNER = "team-web"
# What a tenant knows without looking: what results are made of.
WORDS = (
    *("matched", "no_entry", "secret_missing", "secret_malformed", "wrong_type", "unknown", "failed", "deleted"),
    *("production", "Opaque", "ghcr.io", "********", "next_pull", "image_pull_secrets", "ServiceAccount", "2026-1"),
    *("kubernetes.io/dockerconfigjson", "imagePullSecrets", "namespace", "secrets", "status", "unused_secret"),
)
PLANTED = 160
MUCH = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]


@pytest.fixture
def evil(cluster: Cluster, namespace: str) -> Iterator[str]:
    """The namespace of a tenant, behind that of the test in every list."""
    name = f"{namespace}-evil"
    cluster.api.create_namespace({"metadata": {"name": name}})
    yield name
    cluster.api.delete_namespace(name)


def populate(cluster: Cluster, namespace: str) -> None:
    """Secrets of this collection and of others, images of which one finds no entry, and one that is not pulled."""
    metadata = {
        "labels": {"app.kubernetes.io/managed-by": "keyring.kubernetes", "keyring.kubernetes/owner": OWNER},
        "annotations": {
            "keyring.kubernetes/origin": f"{namespace}/production",
            "keyring.kubernetes/expires-at": json.dumps({"ghcr.io": "2030-01-31T00:00:00Z"}),
            "displayName": "The registry of production",
        },
    }
    auths = {"auths": {"ghcr.io": {"auth": encode(f"octopus:{TOKEN}")}}}
    cluster.create_secret(namespace, "production", type=TYPE, string_data={KEY: json.dumps(auths)}, metadata=metadata)
    pull_secret(cluster, namespace, "registry", {"quay.io": {"auth": encode(f"octopus:{TOKEN}")}})
    git = {"username": "octopus", "password": "a-s3cret-of-git", "url": "https://git.example.com/app", "type": "git"}
    labels = {"argocd.argoproj.io/secret-type": "repository"}
    cluster.create_secret(namespace, "repository", type="Opaque", string_data=git, metadata={"labels": labels})
    link(cluster, namespace, "app")
    run_pod(cluster, namespace, "before", spec(APP), "ErrImagePull", UNAUTHORIZED)
    link(cluster, namespace, "app", "registry")
    run_pod(cluster, namespace, "waiting", spec(APP), "ErrImagePull", "no luck in production")
    deploy(cluster, namespace, "web", spec(APP, DATABASE))
    deploy(cluster, namespace, "gone", spec("nginx", secrets=["missing"]))


def texts(value: Any) -> Iterator[str]:
    """Every text in a result, keys among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield key
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    else:
        yield str(value)


def plant(cluster: Cluster, evil: str, passwords: Sequence[str]) -> None:
    """Make Secrets with these passwords, and as many as ever, so that both ways of execution see the same."""
    labels = {"keyring.kubernetes/owner": OWNER, "argocd.argoproj.io/secret-type": "repository"}
    padded = [*passwords, *(f"padding-{number}" for number in range(PLANTED - len(passwords)))]
    assert len(padded) == PLANTED
    auths = {f"{number}.example": {"auth": encode(f"octo:{password}")} for number, password in enumerate(padded)}
    config = {"type": TYPE, "string_data": {KEY: json.dumps({"auths": auths})}}
    cluster.create_secret(evil, "config", metadata={"labels": labels}, **config)
    for number, password in enumerate(padded):
        git = {"type": "Opaque", "string_data": {"username": "octo", "password": password, "type": "git"}}
        cluster.create_secret(evil, f"git-{number}", metadata={"labels": labels}, **git)


def of_namespace(result: Mapping[str, Any], namespace: str) -> dict[str, Any]:
    """What a result says of a namespace, and of no namespace at all."""
    lists = {
        name: [item for item in result[name] if item["namespace"] == namespace]
        for name in ("secrets", "images", "problems", "unknown")
        if name in result
    }
    return {**lists, **{name: result.get(name) for name in ("cluster", "ends_next", "failed", "msg")}}


def test_modules_report_the_same(cluster: Cluster, namespace: str, evil: str, playbook: Playbook) -> None:
    reader = cluster.cluster_identity(namespace, MUCH)
    populate(cluster, namespace)
    where = {"namespaces": [namespace, evil], **reader.connection}
    tasks = [
        task("image_pull_secret_info", used_by=True, **where),
        task("gitsync_secret_info", format="argocd_repository", used_by=True, **where),
        task("image_access_info", **where),
    ]
    before = [of_namespace(result, namespace) for result in playbook.run(tasks).results]
    passwords = sorted({*WORDS, *(text for result in before for text in texts(result) if len(text) >= 6)})
    plant(cluster, evil, passwords)

    done = playbook.run(tasks)

    secrets, git, access = done.results
    assert git["total"] == PLANTED + 1, "the tenant's Secrets are read"
    assert len(secrets["secrets"][-1]["registries"]) == PLANTED
    assert [of_namespace(result, namespace) for result in done.results] == before
    assert "********" not in json.dumps(before)
    stored = cluster.read_secret(namespace, "production")
    shown = next(item for item in secrets["secrets"] if item["name"] == "production")
    assert shown["created"] == stored["metadata"]["creationTimestamp"]
    assert access["summary"]["matched"] == 1


def lines_about(lines: Sequence[str], namespace: str) -> list[str]:
    """The lines with a namespace in them, without the width of columns."""
    return [" ".join(line.split()) for line in lines if namespace in line.replace(f"{namespace}-evil", "")]


@pytest.mark.parametrize("playbook", ["auto"], indirect=True)
def test_playbooks_report_the_same_and_delete_nothing(
    cluster: Cluster, namespace: str, evil: str, playbook: Playbook
) -> None:
    populate(cluster, namespace)
    both = [namespace, evil]
    page = Path(playbook.directory / "image-access-report.html")

    def reports() -> list[Any]:
        _code, access, _output = run(playbook, "image_access_report", cluster, report_namespaces=both)
        data = json.loads(Page(page.read_text()).scripts[0])
        _code, explained, _output = run(playbook, "explain_pull", cluster, namespace=namespace)
        _code, listed, _output = run(playbook, "list_image_pull_secrets", cluster, namespace=f"{namespace}*", filter="")
        _code, held, _output = run(playbook, "find_credential", cluster, token=TOKEN, find_namespaces=both)
        where: dict[str, Any] = {"expiry_namespaces": both, "expiry_within": "9999w"}
        _code, expiring, _output = run(playbook, "credential_expiry", cluster, **where)
        return [
            of_namespace(data, namespace),
            access[: access.index(" ")],
            explained,
            lines_about(listed, namespace),
            lines_about(held, namespace),
            lines_about(expiring, namespace),
            [line for line in held if "hold" in line],
        ]

    before = reports()
    facts = cluster.read_secret(namespace, "production")["metadata"]
    passwords = sorted(
        {*WORDS, *(text for text in texts([before[0], facts]) if len(text) >= 6), namespace, cluster.server}
    )
    plant(cluster, evil, passwords)
    code, lines, output = run(
        playbook, "cleanup", cluster, namespace=f"{namespace}*", owner=OWNER, days="30", confirm="yes"
    )

    assert code == 0, output
    assert re.fullmatch(rf"\d+ pull secrets with owner {OWNER}, none to delete\.", lines[0])
    assert cluster.read_secret(namespace, "production")["metadata"] == facts
    assert reports() == before
    assert "********" not in json.dumps(before)


# Words of the results of the task that is given them.
OWN_PASSWORDS = ("created", "updated", "unchanged", "present", "arguments", "ghcr.io", "kubernetes.io/dockerconfigjson")


def test_the_own_password_of_a_task_blanks_no_fact(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    """Both in our own scrubbing and in Ansible's, which knows it as a value that is not logged."""
    writer = cluster.cluster_identity(namespace, MUCH)
    common = {"namespaces": [namespace], "report": "all", **writer.connection}
    passwords = [*OWN_PASSWORDS, namespace]

    def given(number: int, password: str) -> dict[str, Any]:
        entry = {"server": "ghcr.io", "username": "octopus", "password": password}
        return task("image_pull_secret", name=f"own-{number}", registries=[entry], **common)

    tasks = [given(number, password) for number, password in enumerate(passwords)]
    results = playbook.run([*tasks, *tasks], "-vvv").results

    for number, result in enumerate(results):
        name = f"own-{number % len(passwords)}"
        if passwords[number % len(passwords)] == namespace:
            assert "contains a password" in result["msg"], "the name of a namespace everybody may read"
            continue
        operation = "created" if number < len(passwords) else "unchanged"
        assert result["operation"] == operation
        assert result["cluster"] == {"server": cluster.server, "context": "test", "source": "arguments"}
        (entry,) = result["secrets"]
        assert (entry["namespace"], entry["operation"]) == (namespace, operation)
        assert entry["secret"]["name"] == name
        assert entry["secret"]["type"] == TYPE
        assert [item["server"] for item in entry["secret"]["registries"]] == ["ghcr.io"]
        assert entry["secret"]["uid"] == cluster.read_secret(namespace, name)["metadata"]["uid"]


@pytest.mark.parametrize("playbook", ["auto"], indirect=True)
def test_a_password_does_not_defeat_the_check_of_an_outcome(
    cluster: Cluster, namespace: str, playbook: Playbook
) -> None:
    form: dict[str, Any] = {"secret_name": "registry", "registry": "ghcr.io", "registry_username": "octo"}
    form |= {"registry_password": "failed", "display_name": "", "description": ""}

    good, _lines, _output = run(playbook, "add_image_pull_secret", cluster, namespace=namespace, **form)
    bad, _lines, output = run(playbook, "add_image_pull_secret", cluster, namespace=f"{namespace}-not-there", **form)

    assert good == 0
    assert bad == 2, output
    assert "was created" not in output
