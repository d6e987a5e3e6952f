# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles with a limit: new namespaces get what the variables declare, and no role prunes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest

from support.cluster import Cluster
from support.many_namespaces import make
from support.playbook import Playbook, Run, role
from support.samples.git import HOSTS, SSH_URL

# What the tasks of a role do in either way of execution, the tests of the modules show.
pytestmark = pytest.mark.parametrize("playbook", ["auto"], indirect=True)

GHCR = {"preset": "ghcr", "username": "octo", "password": "ghp_s3cret"}


@pytest.fixture
def group(namespace: str) -> str:
    """What the names of this test's namespaces begin with, and the owner of their Secrets."""
    return namespace


def run_roles(
    playbook: Playbook, cluster: Cluster, tasks: Sequence[Mapping[str, Any]], *arguments: str
) -> tuple[list[dict[str, Any]], Run]:
    """Return what each role says in the end, run as the admin."""
    run = playbook.run(tasks, *arguments, environment={"K8S_AUTH_KUBECONFIG": str(cluster.kubeconfig)})
    assert "s3cret" not in run.output
    return [result["msg"] for result in run.results], run


def operations(result: Mapping[str, Any]) -> list[str]:
    assert "failure" not in result, result
    return [item["operation"] for item in result["results"]]


def read_secrets(cluster: Cluster, namespaces: Iterable[str]) -> dict[tuple[str, str], tuple[str, str]]:
    """Return UID and resource version of the Secrets of these namespaces."""
    found = {}
    for namespace in namespaces:
        for secret in cluster.api.list_namespaced_secret(namespace).items:
            metadata = secret.metadata
            found[namespace, metadata.name] = (metadata.uid, metadata.resource_version)
    return found


def names_of(cluster: Cluster, namespace: str) -> list[str]:
    return sorted(name for _namespace, name in read_secrets(cluster, [namespace]))


def pull_secrets(owner: str, *items: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    listed = [{"registries": [GHCR], **item} for item in items]
    common = {"pull_secrets_owner": owner, "pull_secrets_prune": True, "pull_secrets_list": listed}
    return role("pull_secrets", {**common, **more})


def shown(run: Run) -> str:
    return " ".join(run.output.replace("|", " ").split())


@pytest.mark.parametrize("check", [True, False], ids=["check mode", "for real"])
def test_a_limited_list_prunes_nothing(cluster: Cluster, group: str, playbook: Playbook, check: bool) -> None:
    """Neither what is no longer in the list, nor what the list declares elsewhere; also where an item itself prunes."""
    old, new, left = make(cluster, group, "old", "new", "left")
    teams = {"name": "teams", "namespaces": [f"{group}-*"]}
    one, pruning = {"name": "one", "namespace": old}, {"name": "pruning", "namespaces": [f"{group}-[on]*"]}
    run_roles(
        playbook,
        cluster,
        [
            pull_secrets(
                group,
                {**teams, "namespaces": [old, left]},
                one,
                {**pruning, "namespaces": [old, left]},
                {"name": "dropped", "namespace": left},
            )
        ],
    )
    before = read_secrets(cluster, [old, left])
    assert names_of(cluster, left) == ["dropped", "pruning", "teams"]

    (limited,), run = run_roles(
        playbook,
        cluster,
        [
            pull_secrets(
                group,
                teams,
                one,
                {**pruning, "prune": True},
                {"name": "gone", "namespaces": [f"{group}-*"], "state": "absent"},
                pull_secrets_namespaces_limit=[new, f"{group}-never"],
                pull_secrets_defaults={"report": "all"},
            )
        ],
        *(["--check"] if check else []),
    )

    assert operations(limited) == ["created", "skipped", "created", "unchanged"]
    assert [item["summary"]["namespaces"] for item in limited["results"] if "summary" in item] == [1, 1, 1]
    assert read_secrets(cluster, [old, left]) == before
    assert names_of(cluster, new) == ([] if check else ["pruning", "teams"])
    for warning in (
        "pull_secrets_prune has no effect, because pull_secrets_namespaces_limit is set.",
        "Nothing is pruned, because namespaces_limit is set.",
    ):
        assert shown(run).count(warning) == 1


def test_the_next_run_without_a_limit_prunes(cluster: Cluster, group: str, playbook: Playbook) -> None:
    old, new = make(cluster, group, "old", "new")
    teams = {"name": "teams", "namespaces": [f"{group}-*"]}
    dropped = {"name": "dropped", "namespace": old}

    results, _run = run_roles(
        playbook,
        cluster,
        [
            pull_secrets(group, teams, dropped, pull_secrets_namespaces_limit=[old]),
            pull_secrets(group, teams, pull_secrets_namespaces_limit=new),  # as -e name=value gives it
            pull_secrets(group, teams),
        ],
    )

    assert [operations(result) for result in results] == [["created", "created"], ["created"], ["unchanged"]]
    assert (names_of(cluster, old), names_of(cluster, new)) == (["teams"], ["teams"])


REFUSED: Mapping[str, tuple[str, Mapping[str, Any], str]] = {
    "empty": (
        "pull_secrets",
        {"pull_secrets_list": [{"name": "a", "namespaces": ["*"]}], "pull_secrets_namespaces_limit": []},
        "One or more items failed namespaces_limit is empty. It would leave out every namespace.",
    ),
    "a glob": (
        "pull_secrets",
        {"pull_secrets_list": [{"name": "a", "namespaces": ["*"]}], "pull_secrets_namespaces_limit": ["team-*"]},
        "One or more items failed namespaces_limit[0] is not a name that a namespace can have.",
    ),
    "in an item": (
        "pull_secrets",
        {"pull_secrets_list": [{"name": "a"}, {"name": "b", "namespaces_limit": ["web"]}]},
        "namespaces_limit must not be set for an item of pull_secrets_list or in pull_secrets_defaults. It is set for "
        "item 1. Set pull_secrets_namespaces_limit for all items.",
    ),
    "in the defaults": (
        "pull_secrets",
        {"pull_secrets_list": [{"name": "a"}], "pull_secrets_defaults": {"namespaces_limit": ["web"]}},
        "namespaces_limit must not be set for an item of pull_secrets_list or in pull_secrets_defaults. It is set for "
        "the options of all items.",
    ),
    "in the options of a registry role": (
        "ghcr",
        {
            "ghcr_username": "octo",
            "ghcr_token": "ghp_s3cret",
            "ghcr_namespaces": ["*"],
            "ghcr_options": {"namespaces_limit": ["web"]},
        },
        "ghcr_options must not contain namespaces_limit. Set ghcr_namespaces_limit instead.",
    ),
    "a number": (
        "ghcr",
        {
            "ghcr_username": "octo",
            "ghcr_token": "ghp_s3cret",
            "ghcr_namespaces": ["*"],
            "ghcr_namespaces_limit": ["web", 42],
        },
        "One or more items failed namespaces_limit[1] must be a string; it is an integer.",
    ),
    "in a consumer": (
        "git_credentials",
        {
            "git_credentials_https_password": "s3cret",
            "git_credentials_consumers": [{"name": "a", "namespaces_limit": ["web"]}],
        },
        "namespaces_limit must not be set for an item of git_credentials_consumers or in git_credentials_options.",
    ),
}


def test_what_limits_nothing_or_in_part_is_refused(cluster: Cluster, playbook: Playbook) -> None:
    given = [role(name, variables) for name, variables, _message in REFUSED.values()]

    results, _run = run_roles(playbook, cluster, given)

    failures = [result.get("failure", "") for result in results]
    rows = zip(REFUSED.items(), failures, strict=True)
    assert [f"{name}: {failure}" for (name, row), failure in rows if not failure.startswith(row[2])] == []


def test_a_registry_role_has_a_limit_of_its_own(cluster: Cluster, group: str, playbook: Playbook) -> None:
    """A limit of pull_secrets, such as one of the inventory, is not that of a registry role."""
    old, new = make(cluster, group, "old", "new")
    for name in (old, new):
        cluster.create_account(name, "default")
    given = {
        "ghcr_username": "octo",
        "ghcr_token": "ghp_s3cret",
        "ghcr_namespaces": [f"{group}-*"],
        "ghcr_owner": group,
        "ghcr_prune": True,
    }

    results, run = run_roles(
        playbook,
        cluster,
        [
            role("ghcr", {**given, "ghcr_namespaces": [old], "pull_secrets_namespaces_limit": [new]}),
            role("ghcr", {**given, "ghcr_namespaces": [f"{group}-n*"], "ghcr_namespaces_limit": [new]}),
            role("ghcr", {**given, "ghcr_state": "absent", "ghcr_prune": False, "ghcr_namespaces_limit": [new]}),
        ],
    )

    made, limited, absent = results
    assert (operations(made), operations(limited), operations(absent)) == (["created"], ["created"], ["deleted"])
    assert (names_of(cluster, old), names_of(cluster, new)) == (["ghcr"], [])
    assert shown(run).count("Nothing is pruned, because namespaces_limit is set.") == 1


def test_git_consumers_in_new_namespaces(cluster: Cluster, group: str, playbook: Playbook) -> None:
    """The first consumer, whose key the others copy, is left alone and read."""
    first, old, new = make(cluster, group, "first", "old", "new")
    given = {
        "git_credentials_url": SSH_URL,
        "git_credentials_ssh_generate": "ed25519",
        "git_credentials_ssh_known_hosts": HOSTS,
        "git_credentials_consumers": [
            {"name": "flux", "namespace": first, "format": "flux"},
            {"name": "flux", "namespaces": [old, f"{group}-n*"], "format": "flux"},
            {"name": "other", "namespace": old, "format": "flux"},
        ],
    }
    limited = role(
        "git_credentials", {**given, "git_credentials_namespaces_limit": [new]}, result="git_credentials_result"
    )
    unmade, _run = run_roles(playbook, cluster, [limited])
    (foreseen,), _run = run_roles(playbook, cluster, [limited], "--check")
    run_roles(
        playbook,
        cluster,
        [role("git_credentials", {**given, "git_credentials_namespaces_limit": [first, old]})],
    )
    before = read_secrets(cluster, [first, old])

    (check,), _run = run_roles(playbook, cluster, [limited], "--check")
    key = {"ansible.builtin.debug": {"msg": "{{ git_credentials_public_key }}"}}
    (made, public_key), _run = run_roles(playbook, cluster, [limited, key])

    missing = f"Secret {first}/flux) does not exist"
    assert missing in unmade[0]["failure"]
    assert missing in foreseen["failure"]
    assert operations(check) == operations(made) == ["skipped", "created", "skipped"]
    assert read_secrets(cluster, [first, old]) == before
    keys = {name: cluster.read_secret(name, "flux")["data"]["identity"] for name in (first, old, new)}
    assert len(set(keys.values())) == 1
    assert public_key == made["results"][1]["public_key"].strip()
