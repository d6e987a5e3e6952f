# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rulebooks of the collection: run by the real ansible-rulebook, from the installed tarball, on a real API server.

The source and the playbook have identities of their own, with the permissions that the guide lists.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.canary import Canary, canary, find_leaks
from support.cluster import Cluster, Identity
from support.home import Home
from support.rbac import documented_rules, manifests
from support.rulebook import find_rulebook, running_rulebook
from support.servers.awx import TOKEN, Awx, awx_server
from tarball import build

NAME = "ghcr"
ALONE = "keyring.kubernetes.new_namespaces"
LAUNCHING = "keyring.kubernetes.new_namespaces_job_template"
TEMPLATE = "Keyring: Give new namespaces their Secrets"
BOTH = (ALONE, LAUNCHING)
# With it, the arguments of the source are printed.
VERBOSE = "-vv"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with ansible-rulebook and the collection, installed from its tarball."""
    user = Home(tmp_path_factory.mktemp("home"), find_rulebook())
    tarball = build(tmp_path_factory.mktemp("tarball"))
    user.run("ansible-galaxy", "collection", "install", tarball)
    return user


@dataclass(frozen=True)
class Team:
    """The namespaces of a test: those of a pattern are watched; ``settled`` has a Secret and is not watched."""

    prefix: str
    settled: str
    watcher: Identity
    writer: Identity

    def write_kubeconfig(self, folder: Path, identity: Identity) -> str:
        path = folder / f"{identity.user.rpartition(':')[2]}.kubeconfig"
        path.write_text(yaml.safe_dump(identity.connection["kubeconfig"]))
        path.chmod(0o600)
        return str(path)


@pytest.fixture
def team(controlled_cluster: Cluster) -> Iterator[Team]:
    cluster = controlled_cluster
    prefix, settled = f"team-{uuid.uuid4().hex[:8]}", cluster.create_namespace("-settled")
    watcher = cluster.cluster_identity(settled, manifests()["namespace-watcher"]["rules"])
    writer = cluster.cluster_identity(settled, documented_rules(NAME, "ClusterRole"))
    yield Team(prefix, settled, watcher, writer)
    for item in cluster.api.list_namespace().items:
        if item.metadata.name.startswith(prefix) or item.metadata.name == settled:
            cluster.api.delete_namespace(item.metadata.name)


def create_namespaces(cluster: Cluster, names: Sequence[str]) -> None:
    for name in names:
        cluster.api.create_namespace({"metadata": {"name": name}})


def has_secrets(cluster: Cluster, namespaces: Sequence[str]) -> bool:
    found = cluster.api.list_secret_for_all_namespaces(field_selector=f"metadata.name={NAME}").items
    return {item.metadata.namespace for item in found} >= set(namespaces)


def watched(team: Team, home: Home, *, name: str = "lisbon", **more: Any) -> dict[str, Any]:
    """Return the variables of a rulebook for one cluster."""
    kubeconfig = team.write_kubeconfig(home.directory, team.watcher)
    return {"clusters": [{"name": name, "kubeconfig": kubeconfig}], "namespaces": [f"{team.prefix}-*"], **more}


def write_inventory(home: Home, team: Team, password: str) -> Path:
    """Write a folder with an inventory, as operators have it, whose list of Secrets is beside the hosts."""
    folder = home.directory / "inventory"
    (folder / "group_vars").mkdir(parents=True, exist_ok=True)
    connection = {"kubeconfig": team.write_kubeconfig(home.directory, team.writer)}
    hosts = {"lisbon": {"keyring_connection": connection}, "oslo": {}}
    (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
    item = {
        "name": NAME,
        "namespaces": [f"{team.prefix}-*", team.settled],
        "registries": [{"server": "ghcr.io", "username": "octo", "password": password}],
        "service_accounts": ["default"],
    }
    variables: Mapping[str, Any] = {
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "pull_secrets_list": [item],
        "pull_secrets_owner": team.prefix,
        "pull_secrets_prune": True,
    }
    (folder / "group_vars" / "all.yml").write_text(yaml.safe_dump(variables))
    return folder


def secrets_of(team: Team, *more: Canary) -> list[Canary]:
    """Return what may be printed nowhere: tokens, and what a test adds."""
    tokens = (
        identity.connection["kubeconfig"]["users"][0]["user"]["token"] for identity in (team.watcher, team.writer)
    )
    return [*(Canary("token", token, (token.rpartition(".")[2],)) for token in tokens), *more]


def test_new_namespaces_get_their_secrets(home: Home, controlled_cluster: Cluster, team: Team) -> None:
    cluster, password = controlled_cluster, canary("password", user="octo")
    content = {".dockerconfigjson": '{"auths": {"ghcr.io": {"username": "octo", "password": "of-others"}}}'}
    kept = cluster.create_secret(team.settled, NAME, type="kubernetes.io/dockerconfigjson", string_data=content)
    before, one = f"{team.prefix}-before", f"{team.prefix}-one"
    many = [f"{team.prefix}-{number}" for number in range(30)]
    variables = home.write("new.yml", watched(team, home, settle=2, max_events_per_minute=6))
    inventory = write_inventory(home, team, password.text)
    create_namespaces(cluster, [before])

    with running_rulebook(home, "-r", ALONE, "-i", inventory, "-e", variables, VERBOSE) as rulebook:
        rulebook.wait(lambda: has_secrets(cluster, [before]), "the Secret of an existing namespace")
        create_namespaces(cluster, [one])
        rulebook.wait(lambda: has_secrets(cluster, [one]), "the Secret of a new namespace")
        rulebook.wait_for("PLAY RECAP", times=2)
        create_namespaces(cluster, many)
        rulebook.wait(lambda: has_secrets(cluster, many), "the Secrets of many namespaces")
        rulebook.wait_for("PLAY RECAP", times=3)

    printed = rulebook.printed
    assert find_leaks({"ansible-rulebook": rulebook.log.read_bytes()}, secrets_of(team, password)) == []
    assert "max_events_per_minute" in printed, "the arguments of the source are printed, and hold no secret"
    assert printed.count("PLAY RECAP") <= 5, "a batch is one play"
    assert cluster.read_auths(one, NAME)["ghcr.io"]["password"] == password.text
    assert [link["name"] for link in cluster.read_account(one, "default")["imagePullSecrets"]] == [NAME]
    assert cluster.read_secret(team.settled, NAME) == kept, "declared, but outside the limit"
    events = [event for event in cluster.audit(team.watcher) if "objectRef" in event]
    used = {(event["verb"], event["objectRef"]["resource"]) for event in events}
    (rule,) = manifests()["namespace-watcher"]["rules"]
    assert used == {(verb, resource) for verb in rule["verbs"] for resource in rule["resources"]}
    assert {event["responseStatus"]["code"] for event in events} == {200}


def test_a_play_that_fails_is_repeated(home: Home, controlled_cluster: Cluster, team: Team) -> None:
    """The first play lacks a list of Secrets. The operator adds it while the rulebook runs."""
    cluster, new = controlled_cluster, f"{team.prefix}-new"
    variables = home.write("new.yml", watched(team, home, settle=1, playbook=str(home.directory / "own.yml")))
    inventory = write_inventory(home, team, "a-password")
    marker = home.directory / "repaired"
    marker.unlink(missing_ok=True)
    check = {"name": "Wait for the operator", "ansible.builtin.stat": {"path": str(marker)}, "register": "found"}
    must = {"name": "Fail without it", "ansible.builtin.assert": {"that": "found.stat.exists"}}
    play = {"hosts": "lisbon", "connection": "local", "gather_facts": False, "tasks": [check, must]}
    home.write("own.yml", [play, {"ansible.builtin.import_playbook": ALONE}])
    create_namespaces(cluster, [new])

    with running_rulebook(home, "-r", ALONE, "-i", inventory, "-e", variables) as rulebook:
        rulebook.wait_for("PLAY RECAP")
        assert not has_secrets(cluster, [new])
        marker.touch()
        rulebook.wait(lambda: has_secrets(cluster, [new]), "the Secret from the second attempt")

    assert "Previous run_playbook failed. Retry 1 of 1" in rulebook.printed


@pytest.fixture
def controller() -> Iterator[tuple[Awx, dict[str, str]]]:
    """A controller with the job template of extensions/awx, and the variables with which a rulebook finds it.

    There is another one in another organization, whose names look like numbers.
    """
    with awx_server(["new_namespaces.yml"]) as (awx, environment):
        (default,) = (item["id"] for item in awx.items["organizations"] if item["name"] == "Default")
        another = awx.create("organizations", {"name": "2026"})["id"]
        for name, organization in ((TEMPLATE, default), ("1e3", another)):
            prompts = {"ask_variables_on_launch": True, "ask_limit_on_launch": True}
            given = {"name": name, "organization": organization, "playbook": "new_namespaces.yml", **prompts}
            awx.create("job_templates", given)
        yield (
            awx,
            {
                "EDA_CONTROLLER_URL": environment["CONTROLLER_HOST"],
                "EDA_CONTROLLER_TOKEN": TOKEN,
                "EDA_JOB_TEMPLATE_REFRESH_DELAY": "0.2",
            },
        )


NAMES_LIKE_NUMBERS = {"job_template": "1e3", "organization": "2026"}


@pytest.mark.parametrize(
    ("name", "template", "more"),
    [("lisbon", TEMPLATE, {}), ("0x10", "1e3", NAMES_LIKE_NUMBERS)],
    ids=["defaults", "names like numbers"],
)
def test_a_job_template_gets_the_namespaces_and_the_limit(
    home: Home,
    controlled_cluster: Cluster,
    team: Team,
    controller: tuple[Awx, dict[str, str]],
    name: str,
    template: str,
    more: Mapping[str, str],
) -> None:
    (awx, environment), new = controller, f"{team.prefix}-new"
    variables = home.write("new.yml", watched(team, home, name=name, settle=1, **more))
    awx.outcomes.append("failed")
    create_namespaces(controlled_cluster, [new])

    with running_rulebook(home, "-r", LAUNCHING, "-e", variables, VERBOSE, **environment) as rulebook:
        rulebook.wait(lambda: len(awx.launched) == 2, "a job that fails, and its repetition")

    given = {
        "limit": name,
        "extra_vars": {
            "new_namespaces_cluster": name,
            "new_namespaces_limit": [new],
            "new_namespaces_server": controlled_cluster.server,
        },
    }
    assert awx.launched == [
        {"template": template, "status": "failed", **given},
        {"template": template, "status": "successful", **given},
    ]
    assert find_leaks({"ansible-rulebook": rulebook.log.read_bytes()}, secrets_of(team)) == []


def refused(home: Home, arguments: Sequence[str | Path], code: int = 1) -> str:
    return " ".join(home.run("ansible-rulebook", *arguments, code=code).split())


def test_what_an_operator_forgets_is_said(home: Home, controlled_cluster: Cluster, team: Team) -> None:
    variables = home.write("new.yml", watched(team, home))
    inventory = write_inventory(home, team, "a-password")
    nameless = home.write("nameless.yml", {"clusters": [{"kubeconfig": "/nowhere"}]})

    without_inventory = refused(home, ["-r", ALONE, "-e", variables])
    without_clusters = refused(home, ["-r", ALONE, "-i", inventory])
    without_name = refused(home, ["-r", ALONE, "-i", inventory, "-e", nameless])

    assert "which needs inventory to be defined" in without_inventory
    assert "clusters must be a list of mappings with at least one item." in without_clusters
    assert "clusters[0].name is missing." in without_name


def test_both_rulebooks_have_the_same_source_and_one_rule(home: Home) -> None:
    """With once_within or a second rule, events would be lost or be processed twice. A job takes longer than a play."""
    folder = home.collection / "extensions" / "eda" / "rulebooks"
    texts = [(folder / f"{name.rpartition('.')[2]}.yml").read_text() for name in BOTH]
    alone, launching = yaml.safe_load(texts[0]), yaml.safe_load(texts[1].replace("default(1) }}", "default(2) }}"))
    assert alone[0]["sources"] == launching[0]["sources"]
    for (ruleset,) in (alone, launching):
        (rule,) = ruleset["rules"]
        assert rule.keys() == {"name", "condition", "action"}
