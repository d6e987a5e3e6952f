# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role primehub_secrets: PrimeHub's page as data, on a real API server."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from support import primehub
from support.canary import auth, canary, find_leaks, key_canary, key_text, read_below
from support.cluster import Cluster
from support.leaks.watch import watch
from support.playbook import Playbook, Run
from support.samples.secrets import encode

PASSWORD = canary("password", user="octo")
KEY = key_text(ed25519.Ed25519PrivateKey.generate())
ALL = [PASSWORD, key_canary("private key", KEY)]

GIT = {"name": "models", "type": "git_sync", "secret": KEY, "display_name": "Models"}
PULL = {
    "name": "registry",
    "type": "image_pull",
    "registry_host": "ghcr.io",
    "username": "octo",
    "password": PASSWORD.text,
}

pytestmark = pytest.mark.parametrize("playbook", ["auto"], indirect=True)


def run(
    playbook: Playbook,
    cluster: Cluster,
    namespace: str,
    *items: Mapping[str, Any],
    check: bool = False,
    **variables: Any,
) -> tuple[Run, list[dict[str, Any]]]:
    """Run the role under the eyes of a search for secrets: how it went, and the names that it says."""
    given = playbook.directory / "given.json"
    given.write_text(json.dumps({"given": items}))
    role = {
        "name": "The role",
        "block": [{"ansible.builtin.include_role": {"name": "keyring.kubernetes.primehub_secrets"}}],
        "rescue": [{"ansible.builtin.set_fact": {"primehub_secrets_result": []}}],
        "vars": {"primehub_secrets_list": "{{ given }}", "primehub_secrets_namespace": namespace, **variables},
    }
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/keyring.kubernetes.k8s": {"kubeconfig": str(cluster.kubeconfig)}},
        "pre_tasks": [role],
    }
    shown = {"ansible.builtin.debug": {"var": "primehub_secrets_result"}}
    arguments = ["-e", f"@{given}", "-vvvvv", "--diff", *(["--check"] if check else [])]
    keywords = {key: value for key, value in play.items() if key != "hosts"}
    done = playbook.run([shown], *arguments, environment=watch(playbook.directory), keywords=keywords)
    places = {"output": done.output.encode(), **read_below(playbook.directory, leave_out=[given])}
    assert find_leaks(places, ALL) == []
    result: list[dict[str, Any]] = done.results[0]["primehub_secrets_result"]
    return done, result


def operations(result: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(item["name"], item["secret"], item["operation"]) for item in result]


def test_both_types_under_both_names(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    _run, preview = run(playbook, cluster, namespace, PULL, GIT, check=True)
    assert not [s for s in cluster.api.list_namespaced_secret(namespace).items if "models" in s.metadata.name]
    _run, first = run(playbook, cluster, namespace, PULL, GIT)
    _run, second = run(playbook, cluster, namespace, PULL, GIT)

    both = [("registry", "image-registry"), ("models", "gitsync-secret-models")]
    assert operations(preview) == operations(first) == [(*names, "created") for names in both]
    assert operations(second) == [(*names, "unchanged") for names in both]
    git, pull = (cluster.read_secret(namespace, name) for name in ("gitsync-secret-models", "image-registry"))
    assert (git["type"], git["data"]) == ("Opaque", {"ssh": encode(KEY)})
    assert git["metadata"]["annotations"]["displayName"] == "Models"
    assert pull["type"] == "kubernetes.io/dockerconfigjson"
    assert pull["metadata"]["annotations"]["displayName"] == "registry"
    entry = {"username": "octo", "password": PASSWORD.text, "auth": auth("octo", PASSWORD.text)}
    assert cluster.read_auths(namespace, "image-registry") == {"ghcr.io": entry}


def test_how_the_role_is_told_the_cluster(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    elsewhere = {"expect_server": "https://elsewhere.example.com"}

    for item in (PULL, GIT):
        done, result = run(playbook, cluster, namespace, item, keyring_connection=elsewhere)

        assert (result, "expect_server" in done.output) == ([], True), done.output


def test_older_names_of_types_and_another_host(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    older = [
        {**GIT, "type": "git_dataset"},
        {**PULL, "type": "dockerconfigjson"},
        {**GIT, "name": "b", "type": "opaque"},
    ]

    _run, result = run(playbook, cluster, namespace, *older)
    _run, moved = run(playbook, cluster, namespace, {**PULL, "registry_host": "quay.io"})

    assert [item["secret"] for item in result] == ["gitsync-secret-models", "image-registry", "gitsync-secret-b"]
    assert operations(moved) == [("registry", "image-registry", "updated")]
    assert list(cluster.read_auths(namespace, "image-registry")) == ["quay.io"], "PrimeHub reads the first entry only"


NOT_A_STRING = "Without quotes, YAML and INI turn a value such as"
FAULTS: Sequence[tuple[Mapping[str, Any], str]] = [
    ({**PULL, "password": ""}, "[0].password is blank, or a mask of asterisks."),
    ({**PULL, "password": "******"}, "[0].password is blank, or a mask of asterisks."),
    ({**PULL, "username": " "}, "[0].username is blank, or a mask of asterisks."),
    ({**PULL, "registry_host": ""}, "[0].registry_host is blank, or a mask of asterisks."),
    ({"name": "a", "type": "git_sync"}, "[0].secret is blank, or a mask of asterisks."),
    ({**PULL, "name": "image-a"}, "[0].name begins with gitsync-secret- or image- already."),
    ({**GIT, "name": "gitsync-secret-a"}, "[0].name begins with gitsync-secret- or image- already."),
    ({**GIT, "name": "Models"}, "[0].name cannot be a name on PrimeHub's page."),
    ({**GIT, "name": "a" * 64}, "[0].name cannot be a name on PrimeHub's page."),
    ({**GIT, "state": "gone"}, "[0].state must be present or absent."),
    (
        {**PULL, "secret": ""},
        "[0] has a field that this type does not have. Its fields are name, display_name, type, state, ",
    ),
    (
        {**PULL, "type": "docker"},
        "[0].type must be one of git_sync, git_dataset, opaque, image_pull, dockerconfigjson.",
    ),
    ({"type": "git_sync", "secret": KEY}, "[0].name cannot be a name on PrimeHub's page."),
    ({**PULL, "password": 0}, f"[0].password must be a string. {NOT_A_STRING}"),
    ({**PULL, "username": False}, f"[0].username must be a string. {NOT_A_STRING}"),
    ({**PULL, "display_name": 1.5}, f"[0].display_name must be a string. {NOT_A_STRING}"),
    ({**GIT, "name": 42}, f"[0].name must be a string. {NOT_A_STRING}"),
    ({**GIT, "name": "a\n"}, "[0].name cannot be a name on PrimeHub's page."),
]


def test_what_the_page_would_not_take(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    items = [{**item} for item, _message in FAULTS]

    done, result = run(playbook, cluster, namespace, *items)

    assert result == []
    for number, (_item, message) in enumerate(FAULTS):
        assert message.replace("[0]", f"primehub_secrets_list[{number}]") in done.output
    assert not [s for s in cluster.api.list_namespaced_secret(namespace).items if s.metadata.name.startswith("image-")]


def test_keep_blank(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    run(playbook, cluster, namespace, PULL, GIT)
    before = [cluster.read_secret(namespace, name)["data"] for name in ("image-registry", "gitsync-secret-models")]
    blank = [
        {**PULL, "password": "******", "display_name": "New"},
        {"name": "models", "type": "git_sync", "secret": ""},
    ]

    refused, _result = run(playbook, cluster, namespace, *blank, primehub_secrets_keep_blank="no")
    assert "primehub_secrets_list[0].password is blank" in refused.output
    _run, result = run(playbook, cluster, namespace, *blank, primehub_secrets_keep_blank="yes")
    _run, nothing = run(
        playbook, cluster, namespace, {**PULL, "name": "new", "password": ""}, primehub_secrets_keep_blank=True
    )

    assert [item["operation"] for item in result] == ["updated", "updated"]
    after = [cluster.read_secret(namespace, name) for name in ("image-registry", "gitsync-secret-models")]
    assert [secret["data"] for secret in after] == before
    assert [secret["metadata"]["annotations"]["displayName"] for secret in after] == ["New", "models"]
    assert nothing == [], "there is nothing to keep"


def test_what_primehub_uses_is_not_deleted(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    primehub.install(cluster)
    run(playbook, cluster, namespace, PULL)
    primehub.create_objects(cluster, namespace, "image-registry")
    absent = {"name": "registry", "type": "image_pull", "state": "absent"}

    done, refused = run(playbook, cluster, namespace, absent)
    _run, deleted = run(playbook, cluster, namespace, absent, primehub_secrets_in_use="ignore")

    assert refused == []
    assert "image-registry is in use by" in done.output
    assert "PhDeployment primehub" in done.output
    assert operations(deleted) == [("registry", "image-registry", "deleted")]
