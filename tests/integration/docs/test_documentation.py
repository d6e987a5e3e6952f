# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation shows runs as it stands: the modules' examples, the README's example, the demo."""

from __future__ import annotations

import json
import re
import subprocess
from base64 import b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import pytest
import yaml
from kubernetes.client.exceptions import ApiException

import demo_picture
from support.cluster import Cluster, Identity
from support.control_plane import binaries, registries
from support.paths import ROOT
from support.playbook import ANSIBLE_PLAYBOOK, Playbook, Run
from support.rbac import READ_ONLY, documented_link_rules, documented_rules
from support.samples.git import KEY, private
from support.servers.clouds import aws
from support.servers.github import github
from support.typed_examples import VARIABLES, documented
from support.uses import MAY_LIST_ALL

DEMO = str(ROOT / "playbooks" / "demo.yml")


README = (ROOT / "README.md").read_text()


def readme_block(language: str) -> str:
    """Return the first block of the README in this language."""
    block: str = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)[0]
    return block


def prepare(cluster: Cluster) -> None:
    """The namespaces of all examples, without Secrets; ServiceAccounts where examples link to them."""
    for namespace in (
        *("argocd", "web", "shop", "builds", "batch"),
        *("team-a", "team-b", "shop-a", "shop-sandbox", "labelled"),
    ):
        with suppress(ApiException):  # the other way of execution has made it
            metadata = {"name": namespace, "labels": {"registry": "shared"} if namespace == "labelled" else {}}
            cluster.api.create_namespace({"metadata": metadata})
    for namespace in cluster.api.list_namespace().items:
        # The globs of the examples also select namespaces that other tests left, with the Secrets of the other way.
        if not namespace.metadata.name.startswith("kube-"):
            cluster.api.delete_collection_namespaced_secret(namespace.metadata.name)
    for namespace, name in (
        *(("web", "default"), ("shop", "default"), ("batch", "default")),
        *(("builds", "default"), ("builds", "builder")),
    ):
        with suppress(ApiException):  # nobody has made it before
            cluster.api.delete_namespaced_service_account(name, namespace)
        cluster.create_account(namespace, name, imagePullSecrets=[{"name": "old-registry"}])


def run_examples(
    playbook: Playbook, identity: Identity, examples: Sequence[Mapping[str, Any]], **environment: str
) -> Run:
    """Run examples as they stand, with the variables that they leave open and the rights of this identity."""
    key_file = playbook.directory / "deploy-key"
    key_file.write_text(private(KEY))
    variables = playbook.directory / "variables.yml"
    variables.write_text(yaml.safe_dump({**VARIABLES, "deploy_key_file": str(key_file)}))
    kubeconfig = playbook.directory / "kubeconfig"
    kubeconfig.write_text(yaml.safe_dump(identity.connection["kubeconfig"]))
    environment = {"K8S_AUTH_KUBECONFIG": str(kubeconfig), **environment}
    return playbook.run(examples, "-e", f"@{variables}", environment=environment)


def documented_identity(cluster: Cluster, module: str, examples: Sequence[Mapping[str, Any]]) -> Identity:
    """Return an identity with the documented permissions for the Secrets of these examples alone."""
    given = [example[module] for example in examples if module in example]
    many = {item["name"] for item in given if "namespaces" in item or "namespace_selectors" in item}
    identity = cluster.cluster_identity(
        "web", [rule for name in many for rule in documented_rules(name, "ClusterRole")]
    )
    account = identity.user.rpartition(":")[2]
    for namespace, name in {(item["namespace"], item["name"]) for item in given if "namespace" in item}:
        cluster.grant(namespace, account, "web", documented_rules(name))
    return identity


@pytest.mark.parametrize("playbook", ["auto"], indirect=True)
def test_the_readme_prints_what_its_task_prints(cluster: Cluster, playbook: Playbook) -> None:
    prepare(cluster)
    config = {"auths": {"ghcr.io": {"username": "octo", "password": "old", "auth": b64encode(b"octo:old").decode()}}}
    for namespace in ("team-a", "team-b"):
        cluster.create_secret(
            namespace,
            "registry",
            type="kubernetes.io/dockerconfigjson",
            string_data={".dockerconfigjson": json.dumps(config)},
        )
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": yaml.safe_load(readme_block("yaml"))}]
    path = playbook.directory / "readme.yml"
    path.write_text(yaml.safe_dump(play))
    environment = playbook.environment(K8S_AUTH_KUBECONFIG=str(cluster.kubeconfig))

    command = [str(ANSIBLE_PLAYBOOK), "--check", "--diff", str(path), "-e", "ghcr_token=rotated"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
    assert readme_block("diff") in done.stdout
    assert done.stdout.count("--- before") == 1
    assert "Secret registry in team-a, team-b\n" in done.stdout
    assert "team-sandbox" not in done.stdout


def test_the_examples_of_image_pull_secret(cluster: Cluster, playbook: Playbook) -> None:
    prepare(cluster)
    examples = yaml.safe_load(documented("image_pull_secret", "EXAMPLES"))
    identity = documented_identity(cluster, "keyring.kubernetes.image_pull_secret", examples)

    with aws() as cloud:
        keys = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "aws-s3cret-of-somebody"}
        run = run_examples(playbook, identity, examples, AWS_ENDPOINT_URL=cloud.url, **keys)

    operations = [result["operation"] for result in run.results]
    one = ["created", "updated", "updated", "created", "created"]
    many = ["created", "created"]
    linked = ["unchanged", "unchanged", "updated", "created", "created"]
    shapes = ["created", "created", "created", "created"]
    assert operations == [*one, *many, *linked, "created", *shapes, "created", "updated", "deleted"]
    assert run.returncode == 0


def test_the_examples_of_image_pull_secret_info(cluster: Cluster, playbook: Playbook) -> None:
    prepare(cluster)
    config = '{"auths": {"ghcr.io": {"username": "octo", "password": "ghcr-token"}}}'
    cluster.create_secret(
        "web", "registry", type="kubernetes.io/dockerconfigjson", string_data={".dockerconfigjson": config}
    )
    reader = cluster.cluster_identity("web", MAY_LIST_ALL)

    run = run_examples(playbook, reader, yaml.safe_load(documented("image_pull_secret_info", "EXAMPLES")))

    everything, leaked, _told = run.results
    assert [(item["name"], item["used_by"]) for item in everything["secrets"]] == [("registry", [])]
    holders = [f"{item['namespace']}/{item['name']}" for item in leaked["secrets"] if item["holds"]]
    assert "web/registry" in holders
    assert run.returncode == 0


def test_the_examples_of_gitsync_secret(cluster: Cluster, playbook: Playbook) -> None:
    prepare(cluster)
    examples = yaml.safe_load(documented("gitsync_secret", "EXAMPLES"))
    identity = documented_identity(cluster, "keyring.kubernetes.gitsync_secret", examples)

    with github() as server:
        for example in examples:
            options = example.get("keyring.kubernetes.gitsync_secret", {})
            if "github_app_token" in options:
                options["url"] = "https://127.0.0.1"
                options["github_app_token"]["base_url"] = server.url
                server.repositories = tuple(options["github_app_token"]["repositories"])
        run = run_examples(playbook, identity, examples)

    assert len(server.tokens) == 1
    made, told, copied = run.results[1:4]
    assert [result.get("operation") for result in run.results] == [
        "created",
        "created",
        None,
        *["created"] * 9,
        "deleted",
        "created",
    ]
    assert told["flux_credential.public_key"] == made["public_key"] == copied["public_key"]
    assert run.returncode == 0

    reader = cluster.cluster_identity("web", READ_ONLY)
    looks = run_examples(playbook, reader, yaml.safe_load(documented("gitsync_secret_info", "EXAMPLES")))

    everything, problems, _one_key = looks.results
    assert [item["name"] for item in everything["secrets"]] == [
        "app-token",
        "flux-app",
        "flux-combined",
        "git-login",
        "gitsync-secret-models",
    ]
    assert problems["msg"] == {}
    assert looks.returncode == 0


def test_the_examples_of_service_account_secrets(cluster: Cluster, playbook: Playbook) -> None:
    prepare(cluster)
    examples = yaml.safe_load(documented("service_account_secrets", "EXAMPLES"))
    identity = cluster.cluster_identity("web", documented_link_rules("ClusterRole"))

    run = run_examples(playbook, identity, examples)

    *first, in_team, _everywhere, last = run.results
    assert [result["operation"] for result in (*first, last)] == ["updated"] * 4
    assert in_team["summary"]["failed"] == 0
    accounts = [result["service_account"] for result in (*first, last)]
    assert [(account["image_pull_secrets"], account["secrets"]) for account in accounts] == [
        (["old-registry", "registry"], []),
        (["registry"], ["git-credential"]),
        (["shared-registry"], []),
        (["old-registry", "registry"], []),
    ]
    assert run.returncode == 0


@pytest.mark.parametrize("playbook", ["auto"], indirect=True)
def test_the_demo_prints_what_its_picture_shows(cluster: Cluster, playbook: Playbook) -> None:
    command = [str(ANSIBLE_PLAYBOOK), "--diff", DEMO, "-e", f"demo_kubeconfig={cluster.kubeconfig}"]
    folder = playbook.directory / "registry"
    with registries.private_registry(
        binaries.find_binaries("registry"), folder, registries.make_empty_image()
    ) as found:
        environment = playbook.environment(
            ANSIBLE_FORCE_COLOR="true",
            ANSIBLE_CALLBACK_RESULT_FORMAT="yaml",
            ANSIBLE_DISPLAY_SKIPPED_HOSTS="false",
            KEYRING_CONTROL_PLANE_REGISTRY=json.dumps(registries.describe_registry(folder, found)),
        )
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
    assert (folder / registries.PASSWORD_FILE).read_text() not in done.stdout + done.stderr
    for line in (
        "01 preview: would be created, nothing was written",
        "03 again: unchanged",
        "04 rotate: updated in place, the UID is the same",
        "06 import: updated to ghcr.io, https://index.docker.io/v1/, quay.io",
        "08 delete: deleted",
        "09 verify: created. The registry lets user keyring pull it.",
        "10 refuse: the registry refuses a wrong password (denied_by_registry)",
        "11 keep: the Secret is the same",
    ):
        assert line in done.stdout
    assert "demo-token" not in done.stdout + done.stderr
    assert demo_picture.render_picture(done.stdout) == demo_picture.PICTURE.read_text(), "Run: make demo-picture"


@pytest.mark.parametrize("playbook", ["auto"], indirect=True)
def test_the_demo_touches_no_cluster_that_nobody_named(cluster: Cluster, playbook: Playbook) -> None:
    environment = {**playbook.environment(), "K8S_AUTH_KUBECONFIG": str(cluster.kubeconfig)}
    done = subprocess.run([str(ANSIBLE_PLAYBOOK), DEMO], env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "or select one of your clusters with -e demo_kubeconfig=PATH" in done.stdout + done.stderr
