# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Examples that are typed one after the other leave each other's Secrets alone, as far as their text says so."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

import pytest

from support.documents import Block, find_collisions, find_deleting_first_examples, read_documents
from support.paths import ROOT
from support.typed_examples import Snapshot, StoredSecret, find_damage


def test_reads_every_document() -> None:
    documents = read_documents()

    guides = {f"docs/docsite/rst/{path.name}" for path in (ROOT / "docs" / "docsite" / "rst").glob("guide_*.rst")}
    modules = {f"plugins/modules/{path.name}" for path in (ROOT / "plugins" / "modules").glob("*.py")}
    roles = {f"roles/{path.name}" for path in (ROOT / "roles").iterdir()}
    assert {
        "README.md",
        "examples/clusters",
        "docs/docsite/rst/playbooks.rst",
        "docs/docsite/rst/registries.rst",
    } <= set(documents)
    assert guides | modules | roles <= set(documents)


def test_documents_share_nothing() -> None:
    collisions = find_collisions(read_documents())

    assert not collisions, "\n".join(collisions)


def test_first_examples_delete_nothing() -> None:
    deletions = find_deleting_first_examples(read_documents())

    assert not deletions, "\n".join(deletions)


def block(file: str, text: str, language: str = "yaml") -> Block:
    return Block(file, 10, language, dedent(text))


TASK = """\
- name: A task
  keyring.kubernetes.image_pull_secret:
    namespaces: [team-*, '!team-sandbox']
    name: registry
    owner: platform
"""
ROLE = """\
- hosts: localhost
  roles:
    - role: keyring.kubernetes.pull_secrets
      vars:
        pull_secrets_owner: platform
        pull_secrets_list:
          - name: registry
            namespace: team-a
"""


@pytest.mark.parametrize(
    ("one", "other", "collisions"),
    [
        (
            block("a", TASK),
            block("b", ROLE),
            ["a:14 and b:14: owner platform", "a:12 and b:16: Secret team-*/registry"],
        ),
        (block("a", TASK), block("b", TASK.replace("team-", "shop-").replace("platform", "shop")), []),
        (block("a", TASK), block("b", TASK.replace("registry", "shop").replace("platform", "shop")), []),
        (
            block("a", TASK),
            block("b", "$ ansible-playbook keyring.kubernetes.cleanup \\\n  -e owner=platform", "console"),
            ["a:14 and b:11: owner platform"],
        ),
        (
            block("a", TASK),
            block(
                "b", "$ ansible-playbook keyring.kubernetes.x -e namespace=team-b -e secret_name=registry", "console"
            ),
            ["a:12 and b:10: Secret team-*/registry"],
        ),
        (
            block("a", "+        keyring.kubernetes/owner: platform", "diff"),
            block("b", TASK),
            ["a:10 and b:14: owner platform"],
        ),
        (
            block("a", "vars:\n  ghcr_namespaces: [web]"),
            block("b", "vars: {namespace: web, name: ghcr}"),
            ["a:11 and b:10: Secret web/ghcr"],
        ),
        (
            block("a", "vars:\n  primehub_secrets_list: [{name: models, type: git_sync}]"),
            block(
                "b",
                "$ ansible-playbook keyring.kubernetes.add_git_secret -e namespace=hub -e secret_name=models",
                "console",
            ),
            ["a:11 and b:10: Secret hub/gitsync-secret-models"],
        ),
        (
            block("a", "vars:\n  primehub_secrets_list: [{name: models, type: image_pull}]"),
            block(
                "b",
                "$ ansible-playbook keyring.kubernetes.primehub_add_secret -e target_namespace=hub \\\n"
                "    -e secret_name=models -e secret_type=image_pull",
                "console",
            ),
            ["a:11 and b:10: Secret hub/image-models"],
        ),
        (
            block("a", "keyring.kubernetes.service_account_secrets: {namespace: web, service_account: default}"),
            block("b", "x:\n  namespace: web\n  service_account: default"),
            ["a:10 and b:11: ServiceAccount web/default"],
        ),
        (
            block("a", "for name in shop web; do kubectl create namespace $name; done", "console"),
            block("b", "$ kubectl --kubeconfig x create namespace web", "console"),
            ["a:10 and b:10: namespace web"],
        ),
        (
            block("a", "keyring.kubernetes.image_pull_secret_info: {namespace: web, name: registry}"),
            block("b", "x: {credentials_from: {namespace: web, name: registry}}"),
            [],
        ),
    ],
)
def test_finds_what_two_documents_share(one: Block, other: Block, collisions: list[str]) -> None:
    assert find_collisions({"one": [one], "other": [other]}) == collisions


@pytest.mark.parametrize(
    ("option", "deletion"),
    [
        ("prune: true", "prune: true"),
        ("pull_secrets_prune: true", "pull_secrets_prune: true"),
        ("purge_registries: true", "purge_registries: true"),
        ("exclusive: true", "exclusive: true"),
        ("recreate: true", "recreate: true"),
        ("take_ownership: true", "take_ownership: true"),
        ("in_use: ignore", "in_use: ignore"),
        ("registries: [{server: ghcr.io, state: absent}]", "state: absent"),
        ("prune: false", ""),
    ],
)
def test_finds_what_a_first_example_deletes(option: str, deletion: str) -> None:
    first = block("a", f"- keyring.kubernetes.image_pull_secret:\n    {option}\n")

    found = find_deleting_first_examples({"a": [block("a", "$ true", "console"), first]})
    later = find_deleting_first_examples({"a": [block("a", TASK), first]})

    assert found == ([f"a:11: {deletion}"] if deletion else [])
    assert later == []


def test_every_file_of_a_repository_to_copy_is_its_first_example() -> None:
    files = [block("examples/a/site.yml", TASK), block("examples/a/all.yml", "pull_secrets_prune: true")]

    assert find_deleting_first_examples({"examples/a": files}) == ["examples/a/all.yml:10: pull_secrets_prune: true"]


def test_the_first_command_of_a_playbook_answers_no_question() -> None:
    page = "docs/docsite/rst/playbooks.rst"
    asks, answers = "$ ansible-playbook keyring.kubernetes.cleanup\n", "$ ansible-playbook x \\\n  -e confirm=yes\n"

    assert find_deleting_first_examples({page: [block(page, asks + answers, "console")]}) == []
    assert find_deleting_first_examples({page: [block(page, answers, "console")]}) == [f"{page}:10: -e confirm=yes"]


SECRET = StoredSecret("uid", "1", frozenset({"key .dockerconfigjson", "registry ghcr.io", "registry quay.io"}))
LINK = ("web/default", "imagePullSecrets", "registry")
BEFORE = Snapshot({"web/registry": SECRET}, frozenset({LINK}))
OTHER_LINK = ("web/default", "imagePullSecrets", "other")


@pytest.mark.parametrize(
    ("secrets", "links", "damage"),
    [
        ({"web/registry": SECRET}, {LINK}, []),
        ({"web/registry": SECRET, "web/other": SECRET}, {LINK, OTHER_LINK}, []),
        ({"web/other": SECRET}, {LINK}, ["Secret web/registry was deleted."]),
        ({"web/registry": replace(SECRET, uid="another")}, {LINK}, ["Secret web/registry was recreated."]),
        (
            {"web/registry": replace(SECRET, version="2", parts=SECRET.parts - {"registry quay.io"})},
            {LINK},
            ["Secret web/registry lost registry quay.io."],
        ),
        ({"web/registry": replace(SECRET, version="2")}, {LINK}, ["Secret web/registry was changed."]),
        (
            {"web/registry": SECRET},
            {OTHER_LINK},
            ["ServiceAccount web/default no longer has registry in its imagePullSecrets."],
        ),
    ],
)
def test_finds_damage(secrets: dict[str, StoredSecret], links: set[tuple[str, str, str]], damage: list[str]) -> None:
    assert find_damage(BEFORE, Snapshot(secrets, frozenset(links))) == damage
