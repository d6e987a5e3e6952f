# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Examples of the documents, typed as they stand; and a cluster into which all documents are typed, one after another.

The cluster compares its Secrets and links before and after each document: what an earlier document made must be as it
was. Within one document an example may change and delete what that document made.
"""

from __future__ import annotations

import ast
import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from kubernetes.client.exceptions import ApiException

from support.cluster import Cluster
from support.documents import Block
from support.paths import ROOT
from support.playbook import ANSIBLE_PLAYBOOK, Playbook, run_program
from support.samples.git import HOSTS, KEY, private
from support.samples.keys import key_text

JSON_KEY = json.dumps(
    {"type": "service_account", "project_id": "acme", "private_key": "-----BEGIN", "client_email": "x"}
)

# The variables that the examples leave to the reader.
VARIABLES: Mapping[str, Any] = {
    "ghcr_token": "ghcr-token",
    "leaked_token": "ghcr-token",
    "docker_hub_token": "docker-hub-token",
    "ecr_token": "ecr-token",
    "ngc_api_key": "ngc-api-key",
    "deploy_key": private(KEY),
    "git_host_keys": HOSTS,
    "git_token": "git-token",
    "github_app_key": key_text("RSA PKCS#1"),
    "registry_password": "registry-password",
    "machine_docker_config": {"auths": {"quay.io": {"username": "machine", "password": "machine-token"}}},
    "vault_ghcr_token": "ghcr-token",
    "registries": [{"server": "ghcr.io", "username": "octo", "password": "ghcr-token"}],
}

# Those that the examples of roles leave. A variable such as ecr_token is the role's own there.
ROLE_VARIABLES: Mapping[str, Any] = {
    "deploy_key": private(KEY),
    "git_host_keys": HOSTS,
    "vault_acr_password": "acr-s3cret",
    "vault_artifact_registry_key": JSON_KEY,
    "vault_artifactory_token": "artifactory-s3cret",
    "vault_docker_hub_token": "docker_hub-s3cret",
    "vault_ecr_token": "ecr-s3cret",
    "vault_ghcr_token": "ghcr-s3cret",
    "vault_gitlab_registry_token": "gitlab_registry-s3cret",
    "vault_harbor_password": "harbor-s3cret",
    "vault_quay_token": "quay-s3cret",
    "vault_registry_password": "registry-s3cret",
    "ecp_user": "admin",
    "ecp_url": "https://ngapi.cdnetworks.com",
}

# The namespaces of the examples; a guide makes its own.
NAMESPACES = (
    *("web", "team-a", "team-sandbox"),
    *("shop", "shop-a", "shop-sandbox", "batch", "builds", "labelled", "argocd"),
)

# Examples that cannot be typed here.
_CLOUD = "it needs the cloud; test_minting.py has one"
_OPENSHIFT = "it needs the kinds of OpenShift; test_openshift_pull_secret.py has them"
NOT_TYPED: Mapping[str, str] = {
    "Something to test on": "it starts an API server of its own; test_control_plane.py does that",
    "Start an API server and a registry that asks for a password": "test_control_plane_detached.py runs it",
    "Look up the pull secret of the nodes": _OPENSHIFT,
    "Show the registries that the role openshift_pull_secret added": _OPENSHIFT,
    "The nodes of OpenShift can pull from the registry of the company": _OPENSHIFT,
    "The namespace web can pull from Azure Container Registry with a minted token": _CLOUD,
    "The namespace web can pull from Artifact Registry with a minted token": _CLOUD,
    "Mint a token of a GitHub App for Tekton, which takes only user name and password": (
        "it needs GitHub; test_git_tokens.py has one"
    ),
    "The namespace web can pull from Harbor with a secret that is refreshed": "test_harbor_refresh.py types it",
    "Ask the registry whether the token can pull an image, and write nothing if it cannot": (
        "it asks a registry on the internet"
    ),
    "Store a token of Amazon ECR, in a playbook that runs every few hours": _CLOUD,
}


def documented(module: str, section: str) -> str:
    """Return a section of a module's documentation, such as EXAMPLES."""
    tree = ast.parse((ROOT / "plugins" / "modules" / f"{module}.py").read_text())
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == section:
            text: str = ast.literal_eval(node.value)
            return text
    raise AssertionError(f"{module} has no {section}")


@dataclass(frozen=True)
class StoredSecret:
    """A Secret as far as a later document could take something from it."""

    uid: str
    version: str
    parts: frozenset[str]
    """The names of its keys, and the registries of its docker config."""


@dataclass(frozen=True)
class Snapshot:
    """The Secrets of a cluster by namespace and name, and its links: ServiceAccount, list and name of a Secret."""

    secrets: Mapping[str, StoredSecret]
    links: frozenset[tuple[str, str, str]]


def take_snapshot(api: Any) -> Snapshot:
    secrets = {}
    for secret in _listed(api.list_secret_for_all_namespaces):
        metadata, data = secret["metadata"], secret.get("data", {})
        parts = {f"key {key}" for key in data}
        with suppress(KeyError, ValueError):
            config = json.loads(base64.b64decode(data[".dockerconfigjson"]))
            parts.update(f"registry {server}" for server in config["auths"])
        stored = StoredSecret(metadata["uid"], metadata["resourceVersion"], frozenset(parts))
        secrets[f"{metadata['namespace']}/{metadata['name']}"] = stored
    links: set[tuple[str, str, str]] = set()
    for account in _listed(api.list_service_account_for_all_namespaces):
        name = f"{account['metadata']['namespace']}/{account['metadata']['name']}"
        for field in ("imagePullSecrets", "secrets"):
            links.update((name, field, reference["name"]) for reference in account.get(field, []))
    return Snapshot(secrets, frozenset(links))


def _listed(request: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(request(_preload_content=False).data)["items"]
    return items


def find_damage(before: Snapshot, after: Snapshot) -> list[str]:
    """Return what was taken from the Secrets and links of the first snapshot, or changed in them."""
    damage = []
    for name, old in before.secrets.items():
        new = after.secrets.get(name)
        if new is None:
            damage.append(f"Secret {name} was deleted.")
        elif new.uid != old.uid:
            damage.append(f"Secret {name} was recreated.")
        elif old.parts - new.parts:
            damage.append(f"Secret {name} lost {', '.join(sorted(old.parts - new.parts))}.")
        elif new.version != old.version:
            damage.append(f"Secret {name} was changed.")
    for account, field, secret in sorted(before.links - after.links):
        damage.append(f"ServiceAccount {account} no longer has {secret} in its {field}.")
    return damage


@dataclass(frozen=True)
class SharedCluster:
    """The cluster into which all documents are typed."""

    cluster: Cluster

    @contextmanager
    def typing(self) -> Iterator[None]:
        """Fail when what is typed meanwhile damages what earlier documents have made."""
        before = take_snapshot(self.cluster.api)
        yield
        damage = find_damage(before, take_snapshot(self.cluster.api))
        assert not damage, "\n".join(["It damages what the examples of earlier documents have made:", *damage])

    def prepare(self, *more: str) -> None:
        """Make the namespaces and ServiceAccounts that examples expect, where they do not exist yet."""
        for name in (*NAMESPACES, *more):
            labels = {"registry": "shared"} if name == "labelled" else {}
            with suppress(ApiException):  # another document has made it
                self.cluster.api.create_namespace({"metadata": {"name": name, "labels": labels}})
        with suppress(ApiException):
            self.cluster.create_account("builds", "builder")


def type_plays(
    plays: Sequence[Mapping[str, Any]],
    given: Mapping[str, Any],
    cluster: Cluster,
    directory: Path,
    **environment: str,
) -> None:
    """Run plays with these variables as the admin, and fail when one of them fails."""
    playbook = Playbook(directory)
    key_file = directory / "deploy-key"
    key_file.write_text(private(KEY))
    variables = directory / "variables.yml"
    variables.write_text(yaml.safe_dump({**given, "deploy_key_file": str(key_file), "keyring_direct": "always"}))
    path = directory / "document.yml"
    path.write_text(yaml.safe_dump(list(plays), sort_keys=False, allow_unicode=True, width=10_000))
    done = run_program(
        [str(ANSIBLE_PLAYBOOK), "-e", f"@{variables}", str(path)],
        cwd=directory,
        env=playbook.environment(K8S_AUTH_KUBECONFIG=str(cluster.kubeconfig), **environment),
    )
    assert done.returncode == 0, done.stdout


def plays_of(blocks: Iterable[Block]) -> list[dict[str, Any]]:
    """Return the plays of a document in its order, and its tasks as plays of one task each."""
    plays: list[dict[str, Any]] = []
    for block in blocks:
        listed = yaml.safe_load(block.text) if block.language == "yaml" else None
        for example in listed if isinstance(listed, list) else ():
            if example.get("name") in NOT_TYPED:
                continue
            if "hosts" in example:
                plays.append(example)
            elif any("." in name for name in example):
                plays.append({"hosts": "localhost", "gather_facts": False, "tasks": [example]})
    return plays
