# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles on a real API server: their examples as they stand, what they refuse, and what is pruned."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import pytest
import yaml
from kubernetes import client
from kubernetes.client.exceptions import ApiException

from support.cluster import Cluster
from support.image_access import deploy, spec
from support.paths import ROOT
from support.playbook import Playbook, role
from support.rbac import READ_ONLY
from support.roles import REGISTRIES, ROLES, example
from support.samples.git import HOSTS, SSH_URL
from support.typed_examples import JSON_KEY, ROLE_VARIABLES

# What the tasks of a role do in either way of execution, the tests of the modules show.
pytestmark = pytest.mark.parametrize("playbook", ["auto"], indirect=True)

NAMESPACES = ("web", "batch", "team-a", "team-sandbox", "argocd")
# Under which server, and for whom, each registry role writes its credentials.
ENTRIES = {
    "docker_hub": ("https://index.docker.io/v1/", "acme"),
    "ghcr": ("ghcr.io", "octo"),
    "gitlab_registry": ("registry.gitlab.com", "gitlab+deploy-token-7"),
    "quay": ("quay.io", "acme+robot"),
    "ecr": ("123456789012.dkr.ecr.eu-central-1.amazonaws.com", "AWS"),
    "artifact_registry": ("europe-west4-docker.pkg.dev", "_json_key"),
    "acr": ("acmeregistry.azurecr.io", "puller"),
    "harbor": ("harbor.example.com", "robot$web+puller"),
    "artifactory": ("acme.jfrog.io", "puller"),
}


def result_of(name: str) -> str:
    return "git_credentials_result" if name == "git_credentials" else "pull_secrets_result"


def run_roles(
    playbook: Playbook, cluster: Cluster, tasks: Sequence[Mapping[str, Any]], *arguments: str, **keywords: Any
) -> list[dict[str, Any]]:
    """What each role says in the end, run as the admin."""
    variables = playbook.directory / "variables.yml"
    variables.write_text(yaml.safe_dump(dict(ROLE_VARIABLES)))
    run = playbook.run(
        tasks,
        "-e",
        f"@{variables}",
        *arguments,
        environment={"K8S_AUTH_KUBECONFIG": str(cluster.kubeconfig)},
        keywords=keywords,
    )
    assert "s3cret" not in run.output
    return [result["msg"] for result in run.results]


def operations(result: Mapping[str, Any]) -> list[str]:
    assert "failure" not in result, result
    return [item["operation"] for item in result["results"]]


@pytest.fixture
def namespaces(cluster: Cluster) -> None:
    """Those of the examples, with a ServiceAccount and without Secrets."""
    for namespace in NAMESPACES:
        with suppress(ApiException):  # another test has made it
            cluster.api.create_namespace({"metadata": {"name": namespace}})
        with suppress(ApiException):
            cluster.api.delete_namespaced_service_account("default", namespace)
        cluster.create_account(namespace, "default")
        cluster.api.delete_collection_namespaced_secret(namespace)


def linked(cluster: Cluster, namespace: str) -> list[str]:
    references = cluster.read_account(namespace, "default").get("imagePullSecrets", [])
    return [reference["name"] for reference in references]


@pytest.mark.usefixtures("namespaces")
def test_the_examples_of_the_roles(cluster: Cluster, playbook: Playbook) -> None:
    """In check mode, where nothing is written; for real; once more; and what is made goes again."""
    given = {name: example(name)["roles"][0]["vars"] for name in ROLES}
    tasks = [role(name, variables, result=result_of(name)) for name, variables in given.items()]
    gone = [
        role(name, {**variables, **absent(name, variables)}, result=result_of(name))
        for name, variables in given.items()
    ]

    foreseen = run_roles(playbook, cluster, tasks, "--check")
    assert [secrets(cluster, namespace) for namespace in NAMESPACES] == [[]] * len(NAMESPACES)
    made = run_roles(playbook, cluster, tasks)

    expected = [*[["created"]] * len(REGISTRIES), ["created", "created"], ["created", "created"]]
    assert list(map(operations, foreseen)) == list(map(operations, made)) == expected
    for name, (server, username) in ENTRIES.items():
        secret = name.replace("_", "-")
        entry = cluster.read_auths("web", secret)[server]
        password = entry["password"]
        assert (entry["username"], password) == (username, password)
        if name == "artifact_registry":
            assert json.loads(password) == json.loads(JSON_KEY)
        else:
            assert password == f"{name}-s3cret"
        assert secret in linked(cluster, "web")
    assert (linked(cluster, "team-a"), linked(cluster, "team-sandbox")) == (["team-ghcr"], [])

    again = run_roles(playbook, cluster, tasks)
    assert {operation for result in again for operation in operations(result)} == {"unchanged"}

    ended = run_roles(playbook, cluster, gone)
    assert {operation for result in ended for operation in operations(result)} == {"deleted"}
    assert [secrets(cluster, namespace) for namespace in NAMESPACES] == [[]] * len(NAMESPACES)
    assert linked(cluster, "web") == []


def absent(name: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """What is changed so that a role removes what it made. A registry role then needs no token."""
    if name == "pull_secrets":
        items = [{**item, "state": "absent"} for item in variables["pull_secrets_list"]]
        return {"pull_secrets_list": items, "pull_secrets_prune": False}
    if name == "git_credentials":
        return {"git_credentials_state": "absent"}
    return {f"{name}_state": "absent", f"{name}_{REGISTRIES[name][1]}": None}


def secrets(cluster: Cluster, namespace: str) -> list[str]:
    return [item.metadata.name for item in cluster.api.list_namespaced_secret(namespace).items]


@pytest.mark.usefixtures("namespaces")
def test_an_example_as_it_stands(cluster: Cluster, playbook: Playbook) -> None:
    """A play with roles and tasks, and the key for two consumers."""
    play = example("git_credentials")

    (told,) = run_roles_of(playbook, cluster, play)

    assert told["git_credentials_public_key"].startswith("ssh-ed25519 ")
    flux = cluster.read_secret("web", "flux-credential")["data"]
    argocd = cluster.read_secret("argocd", "argocd-app")["data"]
    assert flux["identity"] == argocd["sshPrivateKey"]
    assert base64.b64decode(flux["identity.pub"]).decode().split()[:2] == told["git_credentials_public_key"].split()[:2]


def run_roles_of(playbook: Playbook, cluster: Cluster, play: Mapping[str, Any]) -> list[dict[str, Any]]:
    variables = playbook.directory / "variables.yml"
    variables.write_text(yaml.safe_dump(dict(ROLE_VARIABLES)))
    run = playbook.run(
        play["tasks"],
        "-e",
        f"@{variables}",
        environment={"K8S_AUTH_KUBECONFIG": str(cluster.kubeconfig)},
        keywords={"roles": play["roles"]},
    )
    assert run.returncode == 0
    return run.results


GHCR = {"ghcr_username": "octo", "ghcr_token": "ghp_s3cret", "ghcr_namespaces": ["web"]}
ITEM = {
    "name": "one",
    "namespace": "web",
    "registries": [{"preset": "ghcr", "username": "o", "password": "ghp_s3cret"}],
}
GIT = {"git_credentials_ssh_generate": "ed25519", "git_credentials_url": SSH_URL}

REFUSED: Mapping[str, tuple[str, Mapping[str, Any], str]] = {
    "no token": (
        "ghcr",
        {**GHCR, "ghcr_token": None},
        "ghcr_token must be set to a string that is not empty.",
    ),
    "an empty token and no username": (
        "ghcr",
        {**GHCR, "ghcr_token": "", "ghcr_username": None},
        "ghcr_token and ghcr_username must be set to a string that is not empty.",
    ),
    "a list in place of a password that may be left out": (
        "acr",
        {"acr_name": "acme", "acr_username": "u", "acr_password": ["s3cret"], "acr_namespaces": ["web"]},
        "acr_password must be set to a string that is not empty.",
    ),
    "a token without quotes": (
        "ghcr",
        {**GHCR, "ghcr_token": 42798},
        "One or more items failed registries[0].password must be a string; it is an integer.",
    ),
    "a user name without quotes": (
        "ghcr",
        {**GHCR, "ghcr_username": False},
        "One or more items failed registries[0].username must be a string; it is a boolean.",
    ),
    "an account without quotes": (
        "ecr",
        {"ecr_account_id": 123456789012, "ecr_region": "eu-central-1", "ecr_namespaces": ["web"]},
        "One or more items failed registries[0].preset_options.account_id must be a string; it is an integer.",
    ),
    "a namespace without quotes": (
        "ghcr",
        {**GHCR, "ghcr_namespaces": ["web", 42]},
        "One or more items failed namespaces[1] must be a string; it is an integer.",
    ),
    "no namespaces": (
        "ghcr",
        {**GHCR, "ghcr_namespaces": []},
        "ghcr_namespaces or ghcr_namespace_selectors must be set.",
    ),
    "what the preset refuses": (
        "ghcr",
        {**GHCR, "ghcr_token": "github_pat_s3cret"},
        "One or more items failed registries[0].password is a fine-grained token.",
    ),
    "no region": (
        "ecr",
        {"ecr_account_id": "123456789012", "ecr_token": "s3cret", "ecr_namespaces": ["web"]},
        "One or more items failed registries[0].preset_options.region is missing; preset ecr needs it.",
    ),
    "prune without owner": (
        "pull_secrets",
        {"pull_secrets_list": [ITEM], "pull_secrets_prune": True},
        "pull_secrets_prune needs pull_secrets_owner and a pull_secrets_list with items.",
    ),
    "prune of an empty list": (
        "pull_secrets",
        {"pull_secrets_list": [], "pull_secrets_prune": True, "pull_secrets_owner": "a"},
        "pull_secrets_prune needs pull_secrets_owner and a pull_secrets_list with items.",
    ),
    "an item without name": (
        "pull_secrets",
        {"pull_secrets_list": [ITEM, {"namespace": "web"}]},
        "Each item of pull_secrets_list must be a mapping with the name of a Secret. Invalid items, counted from 0: 1.",
    ),
    "a name without quotes": (
        "pull_secrets",
        {"pull_secrets_list": [{**ITEM, "name": 42}]},
        "One or more items failed name must be a string; it is an integer.",
    ),
    "a passphrase without quotes": (
        "git_credentials",
        {
            "git_credentials_ssh_private_key_file": str(ROOT / "LICENSE"),
            "git_credentials_ssh_passphrase": 0,
            "git_credentials_consumers": [{"name": "a", "namespace": "web"}],
        },
        "One or more items failed ssh.passphrase must be a string; it is an integer.",
    ),
    "a consumer's name without quotes": (
        "git_credentials",
        {**GIT, "git_credentials_consumers": [{"name": 42, "namespace": "web"}]},
        "One or more items failed name must be a string; it is an integer.",
    ),
    "no consumers": (
        "git_credentials",
        {**GIT, "git_credentials_consumers": []},
        "git_credentials_consumers must be a non-empty list.",
    ),
    "a key that is made in many namespaces and copied": (
        "git_credentials",
        {**GIT, "git_credentials_consumers": [{"name": "a", "namespaces": ["web"]}, {"name": "b", "namespace": "web"}]},
        "git_credentials_consumers[0] must set namespace, because the role generates the key in that Secret and copies "
        "it to the others.",
    ),
    "an empty password": (
        "git_credentials",
        {
            "git_credentials_https_username": "octo",
            "git_credentials_https_password": "",
            "git_credentials_consumers": [{"name": "a", "namespace": "web"}],
        },
        "One or more items failed https.password is empty.",
    ),
}


@pytest.mark.usefixtures("namespaces")
def test_wrong_variables_are_named(cluster: Cluster, playbook: Playbook) -> None:
    given = [role(name, variables, result=result_of(name)) for name, variables, _message in REFUSED.values()]

    results = run_roles(playbook, cluster, given)

    assert [
        f"{name}: {result}"
        for (name, (_role, _variables, message)), result in zip(REFUSED.items(), results, strict=True)
        if not result.get("failure", "").startswith(message)
    ] == []
    assert secrets(cluster, "web") == []


@pytest.mark.parametrize(
    ("name", "variables", "warning"),
    [
        (
            "ghcr",
            {"ghcr_namespace": ["web"], "ghcr_admin": "x"},
            "ghcr_namespace is not a variable of the role ghcr, and has no effect. Did you mean ghcr_namespaces?",
        ),
        (
            "pull_secrets",
            {"pull_secrets_list": [{"name": 1}], "pull_secrets_ownr": "x"},
            "pull_secrets_ownr is not a variable of the role pull_secrets, and has no effect. Did you mean "
            "pull_secrets_owner?",
        ),
        (
            "git_credentials",
            {"git_credentials_consumers": [], "git_credentials_color": "x"},
            "git_credentials_color is not a variable of the role git_credentials, and has no effect. Its "
            "variables are: git_credentials_consumers, ",
        ),
        (
            "primehub_secrets",
            {"primehub_secrets_list": [{"name": ""}], "primehub_secrets_in_us": "x"},
            "primehub_secrets_in_us is not a variable of the role primehub_secrets, and has no effect. Did you mean "
            "primehub_secrets_in_use?",
        ),
    ],
)
def test_a_misspelt_variable_is_a_warning(
    playbook: Playbook, name: str, variables: Mapping[str, Any], warning: str
) -> None:
    """Once, and nothing about other variables. No role reaches a cluster here."""
    output = playbook.run([role(name, variables)]).output

    shown = " ".join(output.replace("|", " ").split())
    assert shown.count("is not a variable of the role") == 1, output
    assert warning in shown


def pull_secrets(*items: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    entry = {"preset": "ghcr", "username": "octo", "password": "ghp_s3cret"}
    listed = [{"registries": [entry], **item} for item in items]
    common = {"pull_secrets_owner": "platform", "pull_secrets_prune": True}
    return role(
        "pull_secrets",
        {**common, "pull_secrets_defaults": {"service_accounts": ["default"]}, "pull_secrets_list": listed, **more},
    )


@pytest.mark.usefixtures("namespaces")
def test_roles_link_all_service_accounts(cluster: Cluster, playbook: Playbook) -> None:
    """Those that charts have created, too, of one namespace or of many."""
    ghcr = {**example("ghcr")["roles"][0]["vars"], "ghcr_service_accounts": ["*", "ci-*"]}
    places = ("web", "team-a", "team-sandbox")
    for namespace in places:
        cluster.create_account(namespace, "chart")
    of_teams = {"name": "all", "namespaces": ["team-*"], "service_accounts": ["*"]}

    one, many, again = run_roles(
        playbook, cluster, [role("ghcr", ghcr), pull_secrets(of_teams), pull_secrets(of_teams)]
    )

    assert [operations(result) for result in (one, many, again)] == [["created"], ["created"], ["unchanged"]]
    references = {
        namespace: {
            account: [item["name"] for item in cluster.read_account(namespace, account).get("imagePullSecrets", ())]
            for account in ("chart", "default")
        }
        for namespace in places
    }
    for namespace in places:
        cluster.api.delete_namespaced_service_account("chart", namespace)
    assert references == {
        "web": {"chart": ["ghcr"], "default": ["ghcr"]},
        "team-a": {"chart": ["all"], "default": ["all"]},
        "team-sandbox": {"chart": ["all"], "default": ["all"]},
    }


@pytest.mark.usefixtures("namespaces")
def test_a_password_does_not_hide_from_a_prune_what_the_list_has(cluster: Cluster, playbook: Playbook) -> None:
    """A result in which the name of a namespace was blanked would make the prune delete what was just written."""
    item = {"name": "kept", "namespaces": ["team-sand*"]}
    entry = {"preset": "ghcr", "username": "octo", "password": "team-sandbox"}

    (first, second) = run_roles(playbook, cluster, [pull_secrets(item), pull_secrets({**item, "registries": [entry]})])

    assert operations(first) == ["created"]
    assert operations(second) == ["updated"]
    assert secrets(cluster, "team-sandbox") == ["kept"]


@pytest.mark.usefixtures("namespaces")
def test_what_is_no_longer_in_the_list_is_deleted(cluster: Cluster, playbook: Playbook) -> None:
    """Of this owner alone, under every name, and two Secrets of one name in the list do not fight."""
    one, two = {"name": "one", "namespace": "web"}, {"name": "one", "namespaces": ["batch", "team-a"]}
    other = pull_secrets({"name": "other", "namespace": "web"}, pull_secrets_owner="somebody", pull_secrets_prune=False)
    cluster.create_secret(
        "web", "by-hand", type="kubernetes.io/dockerconfigjson", string_data={".dockerconfigjson": "{}"}
    )
    copied = {"labels": {"app.kubernetes.io/managed-by": "keyring.kubernetes", "keyring.kubernetes/owner": "platform"}}
    cluster.create_secret(
        "team-sandbox",
        "copy",
        type="kubernetes.io/dockerconfigjson",
        string_data={".dockerconfigjson": "{}"},
        metadata={**copied, "annotations": {"keyring.kubernetes/origin": "web/copy"}},
    )

    run_roles(playbook, cluster, [other, pull_secrets(one, two, {"name": "three", "namespace": "team-a"})])
    (again,) = run_roles(playbook, cluster, [pull_secrets(one, two, {"name": "three", "namespace": "team-a"})])
    assert operations(again) == ["unchanged"] * 3
    assert linked(cluster, "team-a") == ["one", "three"]

    run_roles(playbook, cluster, [pull_secrets(one, {**two, "namespaces": ["batch"]})], "--check")
    assert secrets(cluster, "team-a") == ["one", "three"]
    run_roles(playbook, cluster, [pull_secrets(one, {**two, "namespaces": ["batch"]})])

    assert [secrets(cluster, namespace) for namespace in NAMESPACES] == [
        ["by-hand", "one", "other"],
        ["one"],
        [],
        ["copy"],
        [],
    ]
    assert linked(cluster, "team-a") == []


@pytest.mark.usefixtures("namespaces")
def test_what_stops_a_prune(cluster: Cluster, playbook: Playbook) -> None:
    kept, used = {"name": "kept", "namespace": "web"}, {"name": "used", "namespace": "batch"}
    deploy(cluster, "batch", "shop", spec("nginx", secrets=["used"]))
    run_roles(playbook, cluster, [pull_secrets(kept, used, {"name": "third", "namespace": "batch"})])

    broken = {**kept, "registries": [{"server": "ghcr.io", "username": "octo"}]}
    failed, limited, void, partly, in_use = run_roles(
        playbook,
        cluster,
        [
            pull_secrets(broken),
            pull_secrets(kept, pull_secrets_prune_limit=1),
            pull_secrets(kept, {"name": "third", "namespaces": ["web", "!*"]}),
            pull_secrets(kept, {"name": "third", "namespaces": ["team-*", "nothing-*"]}),
            pull_secrets(kept, {"name": "third", "namespace": "batch"}),
        ],
    )

    assert "registries[0].password" in failed["failure"]
    assert limited["failure"] == (
        "Nothing is pruned. This would delete 2 Secrets: batch/third, batch/used. "
        "Set pull_secrets_prune_limit to that number to delete them."
    )
    stays = ", so what it selected before would be deleted."
    assert void["failure"] == f"Nothing is pruned. third selects no namespace, or in part none{stays}"
    assert partly["failure"] == (
        f'Nothing is pruned. third selects no namespace, or in part none (namespaces: "nothing-*"){stays}'
    )
    assert "Secret batch/used is in use by Deployment shop." in in_use["failure"]
    assert secrets(cluster, "batch") == ["third", "used"]
    client.AppsV1Api(cluster.api.api_client).delete_namespaced_deployment("shop", "batch")


@pytest.mark.usefixtures("namespaces")
def test_a_prune_spares_what_is_copied_and_counts_what_it_deletes_alone(cluster: Cluster, playbook: Playbook) -> None:
    """Items that are absent are deleted by themselves, in check mode too."""
    source, gone = {"name": "source", "namespace": "web"}, {"name": "gone", "namespace": "batch"}
    copies = {"name": "copy", "namespaces": ["team-*"], "registries": []}
    of = {"credentials_from": {"namespace": "web", "name": "source"}}
    run_roles(playbook, cluster, [pull_secrets(source, gone)])
    listed = pull_secrets({**copies, **of}, {**gone, "state": "absent"}, pull_secrets_prune_limit=0)
    by_default = pull_secrets(
        copies, pull_secrets_prune_limit=0, pull_secrets_defaults={**of, "service_accounts": ["default"]}
    )

    (foreseen,) = run_roles(playbook, cluster, [listed], "--check")
    (done, again) = run_roles(playbook, cluster, [listed, by_default])

    assert operations(foreseen) == operations(done) == ["created", "deleted"]
    assert operations(again) == ["unchanged"]
    assert [secrets(cluster, namespace) for namespace in NAMESPACES] == [["source"], [], ["copy"], ["copy"], []]


@pytest.mark.usefixtures("namespaces")
def test_a_registry_role_prunes_its_own_secret_alone(cluster: Cluster, playbook: Playbook) -> None:
    quay = {"quay_username": "a+b", "quay_token": "s3cret", "quay_namespaces": ["batch"], "quay_owner": "platform"}
    ghcr = {**GHCR, "ghcr_owner": "platform", "ghcr_prune": True}

    run_roles(playbook, cluster, [role("quay", quay), role("ghcr", {**ghcr, "ghcr_namespaces": ["web", "batch"]})])
    (pruned,) = run_roles(playbook, cluster, [role("ghcr", ghcr)])

    assert operations(pruned) == ["deleted"]
    assert (secrets(cluster, "web"), secrets(cluster, "batch")) == (["ghcr"], ["quay"])


@pytest.mark.usefixtures("namespaces")
def test_a_key_that_is_made_is_copied_and_check_mode_makes_none(cluster: Cluster, playbook: Playbook) -> None:
    consumers = [
        {"name": "made", "namespace": "web", "format": "flux"},
        {"name": "gitsync-secret-copied", "namespaces": ["batch", "team-a"], "format": "primehub"},
    ]
    given = {**GIT, "git_credentials_ssh_known_hosts": HOSTS, "git_credentials_consumers": consumers}
    tasks = [role("git_credentials", given, result="git_credentials_result")]

    (foreseen,) = run_roles(playbook, cluster, tasks, "--check")
    (made,) = run_roles(playbook, cluster, tasks)
    (again,) = run_roles(playbook, cluster, tasks, "--check")

    assert operations(foreseen) == operations(made) == ["created", "created"]
    assert operations(again) == ["unchanged", "unchanged"]
    key = cluster.read_secret("web", "made")["data"]["identity"]
    for namespace in ("batch", "team-a"):
        assert cluster.read_secret(namespace, "gitsync-secret-copied")["data"]["ssh"] == key


@pytest.mark.usefixtures("namespaces")
def test_how_a_role_is_told_the_cluster(cluster: Cluster, playbook: Playbook) -> None:
    """By the variable, which wins; else by the play's defaults of the group; check mode needs no more than to read."""
    reader = cluster.cluster_identity("web", READ_ONLY).connection["kubeconfig"]
    (playbook.directory / "reader").write_text(yaml.safe_dump(reader))
    defaults = [{"group/keyring.kubernetes.k8s": {"kubeconfig": str(playbook.directory / "reader")}}]
    admin = {"keyring_connection": {"kubeconfig": str(cluster.kubeconfig)}}

    refused, made = run_roles(
        playbook, cluster, [role("ghcr", GHCR), role("ghcr", {**GHCR, **admin})], module_defaults=defaults
    )
    (checked,) = run_roles(
        playbook, cluster, [role("ghcr", {**GHCR, "ghcr_namespaces": ["batch"]})], "--check", module_defaults=defaults
    )
    (elsewhere,) = run_roles(
        playbook, cluster, [role("ghcr", {**GHCR, "keyring_connection": {"expect_server": "production"}})]
    )

    assert "forbidden (403)" in refused["failure"]
    assert (operations(made), operations(checked)) == (["created"], ["created"])
    assert "expect_server" in elsewhere["failure"]
