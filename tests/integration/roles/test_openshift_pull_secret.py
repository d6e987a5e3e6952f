# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role openshift_pull_secret and its module on a real API server with the kinds of OpenShift."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pytest
import yaml
from kubernetes.client.exceptions import ApiException

from support import cluster as clusters
from support.cluster import Cluster, Identity, Rule, verbs, writes
from support.documents import PAGES
from support.guides import File, read_guide
from support.openshift import ADDITIONAL, DOCKER_CONFIG, GLOBAL, RED_HAT, become, install, store
from support.playbook import Playbook, Run, role, task
from support.roles import example
from support.samples.secrets import encode
from support.servers.odd_registry import asks_basic, odd_registry, reply
from support.typed_examples import ROLE_VARIABLES

# What the tasks do in either way of execution, the tests of the modules show.
IN_ONE_WAY = pytest.mark.parametrize("playbook", ["auto"], indirect=True)
INFO = "openshift_global_pull_secret_info"
ADDED = "openshift.keyring.kubernetes/added-registries"
OURS = {"server": "registry.example.com", "username": "cluster", "password": "first-s3cret"}
PATH = {"server": "quay.io/acme/", "username": "acme+robot", "password": "path-s3cret"}
DENIES = reply("401 No", 'WWW-Authenticate: Basic realm="odd"')


@pytest.fixture(scope="module")
def openshift() -> Iterator[Cluster]:
    """A cluster of its own: other tests delete the namespace of OpenShift, or must not see its kinds."""
    for cluster in clusters.start(None):
        install(cluster)
        yield cluster


# The files of the guide with the Roles for a Secret, by its name; and the rule for a warning that none of them has.
ROLES = {
    GLOBAL[1]: ("node-pull-secret-reader.yml", "global-pull-secret.yml"),
    ADDITIONAL[1]: ("node-pull-secret-reader.yml", "additional-pull-secret.yml", "original-pull-secret.yml"),
}
READ_RELEASE = {"apiGroups": ["config.openshift.io"], "resources": ["clusterversions"], "verbs": ["get"]}


def identity_of_guide(cluster: Cluster, name: str, *more: Rule) -> Identity:
    """Return an identity with the permissions that the guide has for this Secret, and more for the whole cluster."""
    steps = read_guide(PAGES / "guide_openshift.rst")
    files = {step.name: step.content for step in steps if isinstance(step, File)}
    manifests = [yaml.safe_load(files[file]) for file in ROLES[name]]
    cluster_rules = [rule for found in manifests if found["kind"] == "ClusterRole" for rule in found["rules"]]
    identity = cluster.cluster_identity("default", [*cluster_rules, *more])
    for found in manifests:
        if found["kind"] == "Role":
            account = identity.user.rpartition(":")[2]
            cluster.grant(found["metadata"]["namespace"], account, "default", found["rules"])
    return identity


def render(identity: Identity, items: Sequence[Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the task that runs the role; ``variables`` are further ones, without its prefix."""
    given = {f"openshift_pull_secret_{name}": value for name, value in variables.items()}
    given |= {"openshift_pull_secret_registries": list(items), "keyring_connection": dict(identity.connection)}
    return role("openshift_pull_secret", given)


def run_role(
    playbook: Playbook, identity: Identity, items: Sequence[Any], *arguments: str, **variables: Any
) -> tuple[dict[str, Any], Run]:
    """Run the role; return what it says in the end, and the run."""
    run = playbook.run([render(identity, items, variables)], *arguments)
    assert "s3cret" not in run.output
    (result,) = run.results
    message: dict[str, Any] = result["msg"]
    return message, run


def operation(result: Mapping[str, Any]) -> str:
    assert "failure" not in result, result
    (item,) = result["results"]
    return str(item["operation"])


def entries(cluster: Cluster, identity: tuple[str, str] = GLOBAL) -> dict[str, Any]:
    return cluster.read_auths(*identity)


def exists(cluster: Cluster, identity: tuple[str, str]) -> bool:
    try:
        cluster.read_secret(*identity)
    except ApiException as error:
        assert error.status == 404  # noqa: PT017 - the other branch is the answer
        return False
    return True


@IN_ONE_WAY
def test_adds_changes_and_removes_entries_of_its_own(openshift: Cluster, playbook: Playbook) -> None:
    become(openshift, "HighlyAvailable")
    identity = identity_of_guide(openshift, GLOBAL[1])
    before = openshift.read_secret(*GLOBAL)

    foreseen, _run = run_role(playbook, identity, [OURS, PATH], "--check")
    assert verbs(openshift.audit(identity)) == ["get", "get", "list", "get"]
    assert openshift.read_secret(*GLOBAL) == before
    made, run = run_role(playbook, identity, [OURS, PATH])
    assert operation(foreseen) == operation(made) == "updated"
    assert run.output.count("The Machine Config Operator copies openshift-config/pull-secret to all nodes") == 1
    assert writes(openshift.audit(identity)) == ["patch"]

    after = openshift.read_secret(*GLOBAL)
    assert list(entries(openshift)) == [*RED_HAT, OURS["server"], PATH["server"]]
    assert {server: entries(openshift)[server] for server in RED_HAT} == RED_HAT
    assert entries(openshift)[OURS["server"]]["auth"] == encode("cluster:first-s3cret")
    assert (after["type"], after["metadata"]["uid"]) == (DOCKER_CONFIG, before["metadata"]["uid"])
    assert "labels" not in after["metadata"]
    assert after["metadata"]["annotations"] == {ADDED: "quay.io/acme/, registry.example.com"}

    again, run = run_role(playbook, identity, [OURS, PATH])
    assert operation(again) == "unchanged"
    assert "Machine Config Operator" not in run.output
    rotated, _run = run_role(playbook, identity, [{**OURS, "password": "second-s3cret"}])
    assert operation(rotated) == "updated"
    assert entries(openshift)[OURS["server"]]["auth"] == encode("cluster:second-s3cret")

    gone = [{"server": f"https://{OURS['server']}/v2/", "state": "absent"}, {**PATH, "state": "absent"}]
    assert [operation(run_role(playbook, identity, gone, *check)[0]) for check in (["--check"], [], [])] == [
        "updated",
        "updated",
        "unchanged",
    ]
    ended = openshift.read_secret(*GLOBAL)
    assert entries(openshift) == RED_HAT
    assert "annotations" not in ended["metadata"] or ADDED not in ended["metadata"]["annotations"]


@IN_ONE_WAY
def test_keeps_an_additional_pull_secret_in_a_hosted_control_plane(openshift: Cluster, playbook: Playbook) -> None:
    become(openshift, "External")
    identity = identity_of_guide(openshift, ADDITIONAL[1])
    original = openshift.read_secret(*GLOBAL)

    foreseen, _run = run_role(playbook, identity, [OURS, PATH], "--check")
    assert not exists(openshift, ADDITIONAL)
    assert writes(openshift.audit(identity)) == []
    made, run = run_role(playbook, identity, [OURS, PATH])
    assert operation(foreseen) == operation(made) == "created"
    assert "restarts their kubelet" in run.output
    assert sorted(entries(openshift, ADDITIONAL)) == ["quay.io/acme/", "registry.example.com"]

    # Another client adds one, which the role then neither changes nor removes.
    changed = openshift.read_secret(*ADDITIONAL)
    text = json.dumps(
        {"auths": {**entries(openshift, ADDITIONAL), "other.example.com": {"auth": encode("a:b-s3cret")}}}
    )
    openshift.api.patch_namespaced_secret(ADDITIONAL[1], ADDITIONAL[0], {"stringData": {".dockerconfigjson": text}})
    gone = [{**OURS, "state": "absent"}, {**PATH, "state": "absent"}]
    refused, _run = run_role(playbook, identity, [*gone, {"server": "other.example.com", "state": "absent"}])
    assert "which this role did not add" in refused["failure"]
    removed, _run = run_role(playbook, identity, gone)
    assert operation(removed) == "updated"
    assert list(entries(openshift, ADDITIONAL)) == ["other.example.com"]
    assert openshift.read_secret(*ADDITIONAL)["metadata"]["uid"] == changed["metadata"]["uid"]

    openshift.api.delete_namespaced_secret(ADDITIONAL[1], ADDITIONAL[0])
    run_role(playbook, identity, [OURS])
    ended = [operation(run_role(playbook, identity, gone, *check)[0]) for check in (["--check"], [], [])]
    assert ended == ["deleted", "deleted", "unchanged"]
    assert not exists(openshift, ADDITIONAL)
    assert openshift.read_secret(*GLOBAL) == original


QUAY = {"server": "https://quay.io/v2/", "username": "acme+robot", "password": "wrong-s3cret"}
# A password that would hide the entry from the role, if it were cut out of the result that the role reads.
OTHERS = {OURS["server"]: {"auth": encode(f"ada:{OURS['server']}")}}


class Refused(NamedTuple):
    """Variables of the role, and what it says about them."""

    message: str
    items: Sequence[Any]
    variables: Mapping[str, Any] = {}


REFUSED: Mapping[tuple[str, bool], Sequence[Refused]] = {
    ("HighlyAvailable", False): (
        Refused(
            "openshift_pull_secret_registries[1] would take the place of the credentials of OpenShift for quay.io",
            [OURS, QUAY],
        ),
        Refused("credentials of OpenShift for quay.io", [{**QUAY, "server": None, "preset": "quay"}]),
        Refused("serves the images of OpenShift below", [{**PATH, "server": "quay.io/openshift-release-dev"}]),
        Refused(
            "would remove the credentials of OpenShift for registry.redhat.io",
            [{"server": "registry.redhat.io", "state": "absent"}],
        ),
        Refused(
            "openshift_pull_secret_options must not have this option: purge_registries.",
            [OURS],
            {"options": {"purge_registries": True}},
        ),
        Refused("topology HighlyAvailable", [OURS], {"target": "hosted"}),
        Refused("must be a list with at least one item", []),
        Refused("registries[0].password must be a string", [{**OURS, "password": 1234}]),
    ),
    ("SingleReplica", True): (
        Refused("would replace the entry", [OURS]),
        Refused("would remove the entry", [{**OURS, "state": "absent"}]),
    ),
    ("External", True): (
        Refused("has no effect: openshift-config/pull-secret has an entry", [OURS]),
        Refused("has the topology External", [PATH], {"target": "cluster"}),
    ),
}


@IN_ONE_WAY
@pytest.mark.parametrize("state", REFUSED, ids=str)
def test_refuses_and_writes_nothing(openshift: Cluster, playbook: Playbook, state: tuple[str, bool]) -> None:
    topology, has_others = state
    become(openshift, topology, auths={**RED_HAT, **(OTHERS if has_others else {})})
    identity = identity_of_guide(openshift, (ADDITIONAL if topology == "External" else GLOBAL)[1])
    before = openshift.read_secret(*GLOBAL)
    tasks = [render(identity, case.items, case.variables) for case in REFUSED[state]]

    for arguments in (["--check"], []):
        run = playbook.run(tasks, *arguments)
        for case, result in zip(REFUSED[state], run.results, strict=True):
            assert case.message in result["msg"]["failure"]
        assert "s3cret" not in run.output

    assert writes(openshift.audit(identity)) == []
    assert openshift.read_secret(*GLOBAL) == before
    assert not exists(openshift, ADDITIONAL)


@IN_ONE_WAY
def test_takes_over_what_the_annotation_has(openshift: Cluster, playbook: Playbook) -> None:
    """So a user adopts an entry that was added by hand; the annotation is not rewritten."""
    become(openshift, "HighlyAvailable", auths={**RED_HAT, OURS["server"]: {"auth": encode("cluster:old-s3cret")}})
    body = {"metadata": {"annotations": {ADDED: f"gone.example.com {OURS['server']}"}}}
    openshift.api.patch_namespaced_secret(GLOBAL[1], GLOBAL[0], body)
    identity = identity_of_guide(openshift, GLOBAL[1])

    result, _run = run_role(playbook, identity, [OURS])

    assert operation(result) == "updated"
    assert entries(openshift) == {
        **RED_HAT,
        OURS["server"]: {
            **{name: OURS[name] for name in ("username", "password")},
            "auth": encode("cluster:first-s3cret"),
        },
    }
    assert openshift.read_secret(*GLOBAL)["metadata"]["annotations"] == {ADDED: OURS["server"]}


@IN_ONE_WAY
def test_warns_of_paused_pools(openshift: Cluster, playbook: Playbook) -> None:
    become(openshift, "HighlyAvailable", paused=["worker"])
    paused = "Paused MachineConfigPools: worker. Their nodes do not get a change of openshift-config/pull-secret"
    identity = identity_of_guide(openshift, GLOBAL[1])
    for arguments in (["--check"], [], []):
        _result, run = run_role(playbook, identity, [OURS], *arguments)
        assert run.output.count(paused) == 1


@IN_ONE_WAY
def test_a_wrong_password_is_refused_before_it_is_written(openshift: Cluster, playbook: Playbook) -> None:
    become(openshift, "HighlyAvailable")
    identity = identity_of_guide(openshift, GLOBAL[1])
    with odd_registry(asks_basic(lambda asked: DENIES)) as server:
        items = [{**OURS, "server": server.location}]
        refused, _run = run_role(
            playbook, identity, items, verify=True, options={"verify_plain_http": [server.location]}
        )
        assert "401" in refused["failure"]
        assert len(server.sent) == 1
    assert entries(openshift) == RED_HAT
    assert writes(openshift.audit(identity)) == []


@IN_ONE_WAY
def test_the_example_as_it_stands(openshift: Cluster, playbook: Playbook) -> None:
    become(openshift, "HighlyAvailable")
    variables = playbook.directory / "variables.yml"
    variables.write_text(yaml.safe_dump(dict(ROLE_VARIABLES)))
    play = example("openshift_pull_secret")
    shown = [{"ansible.builtin.debug": {"msg": "{{ openshift_pull_secret_found.target }}"}}]
    run = playbook.run(
        shown,
        "-e",
        f"@{variables}",
        environment={"K8S_AUTH_KUBECONFIG": str(openshift.kubeconfig)},
        keywords={"roles": play["roles"]},
    )
    assert (run.returncode, run.results[0]["msg"]) == (0, "cluster")
    assert set(entries(openshift)) == {*RED_HAT, "registry.example.com", "quay.io/acme/"}


@IN_ONE_WAY
def test_asks_for_the_variable_that_was_intended(openshift: Cluster, playbook: Playbook) -> None:
    become(openshift, "HighlyAvailable")
    identity = identity_of_guide(openshift, GLOBAL[1])
    _result, run = run_role(playbook, identity, [OURS], "--check", purge=True)
    assert "openshift_pull_secret_purge is not a variable of the role openshift_pull_secret" in run.output


def listed(*servers: str) -> list[dict[str, str]]:
    return [{"server": server} for server in servers]


def info(playbook: Playbook, identity: Identity, **options: Any) -> dict[str, Any]:
    run = playbook.run([task(INFO, **options, **identity.connection)])
    assert "s3cret" not in run.output
    (result,) = run.results
    assert "s3cret" not in json.dumps(result)
    return result


def test_the_module_reports_the_secret(openshift: Cluster, playbook: Playbook) -> None:
    become(openshift, "HighlyAvailable", paused=["master", "worker"])
    body = {"metadata": {"annotations": {ADDED: "quay.io/acme/"}}}
    openshift.api.patch_namespaced_secret(GLOBAL[1], GLOBAL[0], body)
    identity = identity_of_guide(openshift, GLOBAL[1])

    result = info(playbook, identity)

    shared = {"changed": False, "failed": False, "cluster": result["cluster"]}
    assert {name: value for name, value in result.items() if name not in ("invocation", "warnings", *shared)} == {
        "target": "cluster",
        "topology": "HighlyAvailable",
        "namespace": "openshift-config",
        "name": "pull-secret",
        "exists": True,
        "registries": listed(*sorted(RED_HAT)),
        "added_registries": listed("quay.io/acme/"),
        "original_registries": None,
        "paused_pools": ["master", "worker"],
    }
    assert result.get("warnings", []) == []


def test_the_module_reports_a_hosted_control_plane(openshift: Cluster, playbook: Playbook) -> None:
    become(openshift, "External", release="4.19.12")
    identity = identity_of_guide(openshift, ADDITIONAL[1], READ_RELEASE)

    result = info(playbook, identity)

    assert (result["target"], result["exists"]) == ("hosted", False)
    assert (result["registries"], result["added_registries"]) == ([], [])
    assert result["original_registries"] == listed(*sorted(RED_HAT))
    assert result["paused_pools"] == []
    assert result["warnings"] == [
        "The cluster runs OpenShift 4.19. Hosted control planes read kube-system/additional-pull-secret since "
        "OpenShift 4.20; an older release may ignore it."
    ]


@IN_ONE_WAY
@pytest.mark.parametrize("target", ["cluster", "hosted"])
def test_a_given_target_needs_only_the_secrets(openshift: Cluster, playbook: Playbook, target: str) -> None:
    become(openshift, "External" if target == "hosted" else "HighlyAvailable")
    identity = openshift.identity("default", ())
    account = identity.user.rpartition(":")[2]
    for namespace, name in (GLOBAL, ADDITIONAL):
        rule = {"apiGroups": [""], "resources": ["secrets"], "resourceNames": [name], "verbs": ["get"]}
        openshift.grant(namespace, account, "default", [rule])

    refused = info(playbook, identity)
    result = info(playbook, identity, target=target)

    assert refused["failure"] == {"id": "forbidden", "option": None, "namespace": None}
    assert (result["target"], result["topology"]) == (target, None)
    unknown = "It is not known whether a MachineConfigPool is paused: cannot list them, forbidden (403)."
    assert result.get("warnings", []) == ([unknown] if target == "cluster" else [])
    assert result["paused_pools"] == (None if target == "cluster" else [])


NOT_JSON = "{not json s3cret"
FAILURES: Mapping[str, tuple[str | None, Mapping[str, Any], str | None, str]] = {
    "invalid_secret": ("HighlyAvailable", {"string_data": {".dockerconfigjson": '{"auths": [1]}'}}, GLOBAL[0], ""),
    "not_found": ("HighlyAvailable", {}, GLOBAL[0], "Secret openshift-config/pull-secret does not exist."),
    "invalid_secret hosted": (
        "External",
        {"string_data": {".dockerconfigjson": '{"auths": [1]}'}},
        GLOBAL[0],
        "",
    ),
    "not_found hosted": ("External", {}, GLOBAL[0], "Secret openshift-config/pull-secret does not exist."),
    "not_found elsewhere": (None, {}, None, 'The cluster has no Infrastructure "cluster" of config.openshift.io.'),
}


@IN_ONE_WAY
@pytest.mark.parametrize("case", FAILURES)
def test_fails_where_it_cannot_know(openshift: Cluster, playbook: Playbook, case: str) -> None:
    topology, secret, namespace, message = FAILURES[case]
    become(openshift, topology)
    openshift.api.delete_namespaced_secret(GLOBAL[1], GLOBAL[0])
    if secret:
        openshift.create_secret(*GLOBAL, type=DOCKER_CONFIG, **secret)
    identity = Identity("admin", {"kubeconfig": str(openshift.kubeconfig)})

    result = info(playbook, identity)
    refused, _run = run_role(playbook, identity, [OURS])

    assert result["failure"] == {"id": case.split()[0], "option": None, "namespace": namespace}
    assert message in result["msg"]
    assert result["msg"] in refused["failure"]


@IN_ONE_WAY
def test_an_additional_secret_that_does_not_parse_is_not_repaired(openshift: Cluster, playbook: Playbook) -> None:
    become(openshift, "External")
    store(openshift, ADDITIONAL, {"a.example.com": "s3cret-in-a-wrong-place"})
    before = openshift.read_secret(*ADDITIONAL)
    identity = identity_of_guide(openshift, ADDITIONAL[1])

    refused, _run = run_role(playbook, identity, [OURS])

    assert "kube-system/additional-pull-secret" in refused["failure"]
    assert openshift.read_secret(*ADDITIONAL) == before
