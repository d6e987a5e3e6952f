# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The custom resources of other programs that use a Secret, each kind on a real API server with its definition."""

from __future__ import annotations

import dataclasses
import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from typing import Any

import pytest
import yaml
from kubernetes import client

from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.connection import open_connection
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.settings import (
    ConnectionOptions,
    resolve_settings,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._cluster.workloads import list_users
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.consumers import CUSTOM_KINDS
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.users import UserKind, find_uses
from support.cluster import Cluster, Identity
from support.consumers.definitions import create_object, define, find_definitions, installed
from support.consumers.samples import SAMPLES, Sample
from support.consumers.served import await_served
from support.many_namespaces import make, told
from support.playbook import Playbook, task
from support.servers.fault_proxy import in_front_of, through
from support.servers.fault_rules import Answer, Fault, Rule
from support.uses import MAY_LIST_ALL

NAME = "registry"
PULL = "kubernetes.io/dockerconfigjson"
EMPTY = {".dockerconfigjson": '{"auths": {}}'}
PASSWORD = "a-git-password"
GIT = {"username": "octo", "password": PASSWORD}
RULES: Sequence[Mapping[str, Sequence[str]]] = (
    {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "delete"]},
    *MAY_LIST_ALL,
)
# Secrets of Crossplane are where it runs, and its objects in no namespace.
NAMESPACED = [sample for sample in SAMPLES if not sample.kind.home]
CLUSTER_WIDE = [sample for sample in SAMPLES if sample.kind.home]
HOME = "crossplane-system"
ALWAYS = pytest.mark.parametrize("playbook", ["always"], indirect=True)


@pytest.fixture(scope="module")
def consumers(cluster: Cluster) -> Iterator[None]:
    with installed(cluster):
        yield


@pytest.fixture
def home(cluster: Cluster) -> Iterator[str]:
    """The namespace of Crossplane, with an object of each of its kinds that uses the Secret."""
    with suppress(client.ApiException):  # another test has made it; without a controller it is never gone
        cluster.api.create_namespace({"metadata": {"name": HOME}})
    for sample in CLUSTER_WIDE:
        create_object(cluster, HOME, sample, NAME)
    yield HOME
    for sample in CLUSTER_WIDE:
        custom: Any = client.CustomObjectsApi(cluster.api.api_client)
        custom.delete_cluster_custom_object(sample.kind.group, sample.version, sample.kind.resource, "x")
    with suppress(client.ApiException):
        cluster.api.delete_namespaced_secret(NAME, HOME)


def store(cluster: Cluster, namespace: str, name: str = NAME, *, pull: bool, **fields: Any) -> None:
    data = EMPTY if pull else GIT
    cluster.create_secret(namespace, name, type=PULL if pull else "Opaque", string_data=data, **fields)


def remove(identity: Identity, namespaces: Sequence[str], *, pull: bool, **options: Any) -> dict[str, Any]:
    module, more = ("image_pull_secret", {}) if pull else ("gitsync_secret", {"format": "flux"})
    given = {"name": NAME, "state": "absent", "namespaces": list(namespaces), **more, **options}
    return task(module, **given, **identity.connection)


def look(identity: Identity, namespaces: Sequence[str], *, pull: bool) -> dict[str, Any]:
    module = "image_pull_secret_info" if pull else "gitsync_secret_info"
    return task(module, name=NAME, namespaces=list(namespaces), used_by=True, **identity.connection)


def message(result: Mapping[str, Any]) -> str:
    """Return the message about the one namespace of a task."""
    (entry,) = result["secrets"]
    return str(entry["msg"])


def place(sample: Sample) -> str:
    return f"{sample.kind.kind}-{sample.kind.group.partition('.')[0]}".lower()


def test_the_consumers_own_definitions_are_tested_where_they_can_be_had() -> None:
    own = {sample.key for sample in SAMPLES} & set(find_definitions())
    assert {group for group, _kind in own} >= {
        "source.toolkit.fluxcd.io",
        "fleet.cattle.io",
        "pkg.crossplane.io",
        "argoproj.io",
        "serving.knative.dev",
    }
    for sample in SAMPLES:
        if sample.key in own:
            spec = define(sample)["spec"]
            assert spec["names"]["plural"] == sample.kind.resource
            assert (spec["scope"] == "Cluster") == bool(sample.kind.home)
            assert sample.version in {version["name"] for version in spec["versions"] if version["served"]}


@ALWAYS
@pytest.mark.usefixtures("consumers")
@pytest.mark.parametrize("pull", [True, False], ids=["pull-secret", "git-credential"])
def test_every_kind_that_can_hold_a_secret_is_a_user_of_it(
    cluster: Cluster, namespace: str, playbook: Playbook, pull: bool
) -> None:
    """An object of each kind: in used_by, and named by the refusal. One that cannot hold the Secret is not asked."""
    identity = cluster.cluster_identity(namespace, RULES)
    samples = dict(zip(make(cluster, namespace, *map(place, NAMESPACED)), NAMESPACED, strict=True))
    for name, sample in samples.items():
        store(cluster, name, pull=pull)
        create_object(cluster, name, sample, NAME, note=PASSWORD)
    group = [f"{namespace}-*"]

    run = playbook.run(
        [
            look(identity, group, pull=pull),
            {**remove(identity, group, pull=pull), "check_mode": True},
            remove(identity, group, pull=pull),
        ],
        "-vvv",
    )
    seen, check, real = run.results

    holding = {name: sample for name, sample in samples.items() if sample.kind.can_hold(PULL if pull else "Opaque")}
    used_by = {item["namespace"]: item["used_by"] for item in seen["secrets"]}
    assert used_by == {name: sample.used_by(name) if name in holding else [] for name, sample in samples.items()}
    assert told(real) == {name: "failed" if name in holding else "deleted" for name in samples}
    assert told(check) == told(real)
    messages = {item["namespace"]: item["msg"] for item in real["secrets"] if "msg" in item}
    for name, sample in holding.items():
        assert messages[name].startswith(f"Secret {name}/{NAME} is in use by {sample.kind.kind} x.")
    assert PASSWORD not in run.output, "an object is told of by its name, and nothing else of it"
    if cluster.audit_log:
        asked = {
            (event["objectRef"].get("apiGroup", ""), event["objectRef"]["resource"])
            for event in cluster.audit(identity)
            if "objectRef" in event
        }
        custom = {(kind.group, kind.resource) for kind in CUSTOM_KINDS}
        can_hold = {kind for kind in CUSTOM_KINDS if kind.can_hold(PULL if pull else "Opaque")}
        assert asked & custom == {(kind.group, kind.resource) for kind in can_hold}


@ALWAYS
@pytest.mark.usefixtures("consumers")
def test_an_object_without_a_namespace_uses_secrets_of_its_home(
    cluster: Cluster, namespace: str, playbook: Playbook, home: str
) -> None:
    identity = cluster.cluster_identity(namespace, RULES)
    only_here = cluster.identity(namespace, RULES)
    for name in (home, namespace):
        store(cluster, name, pull=True)

    seen, refused, other = playbook.run(
        [
            look(identity, [home, namespace], pull=True),
            remove(identity, [home], pull=True),
            {**remove(only_here, [namespace], pull=True)},
        ]
    ).results

    used_by = {item["namespace"]: item["used_by"] for item in seen["secrets"]}
    expected = sorted((item for sample in CLUSTER_WIDE for item in sample.used_by(home)), key=lambda item: item["kind"])
    assert used_by == {home: expected, namespace: []}
    users = "Configuration x, Function x, ImageConfig x, Provider x"
    assert refused["secrets"][0]["msg"].startswith(f"Secret {home}/{NAME} is in use by {users}.")
    assert other["operation"] == "deleted", "a Role in another namespace needs no permission on kinds of the cluster"


@ALWAYS
@pytest.mark.usefixtures("consumers")
def test_the_rules_in_a_refusal_are_those_that_are_missing(
    cluster: Cluster, namespace: str, playbook: Playbook
) -> None:
    """The rules are pasted as the message has them, and the same task works."""
    store(cluster, namespace, pull=False)
    secrets = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "delete"]}
    identity = cluster.identity(namespace, [secrets])
    refused, warned = playbook.run(
        [
            remove(identity, [namespace], pull=False),
            {**remove(identity, [namespace], pull=False, in_use="warn"), "check_mode": True},
        ]
    ).results
    (text,) = re.findall(r"rules: \[.*?verbs: \[list\]\}\]", message(refused))
    rules = yaml.safe_load(text)["rules"]
    asked = {(group, name) for rule in rules for group in rule["apiGroups"] for name in rule["resources"]}
    assert ("source.toolkit.fluxcd.io", "gitrepositories") in asked
    assert ("", "pods") in asked
    assert not any(group == "pkg.crossplane.io" for group, _name in asked)
    assert text in warned["warnings"][0]

    allowed = cluster.identity(namespace, [secrets, *rules])
    one_missing = [
        {**rule, "resources": [name for name in rule["resources"] if name != "gitrepositories"]} for rule in rules
    ]
    unable = cluster.identity(namespace, [secrets, *(rule for rule in one_missing if rule["resources"])])
    still, done = playbook.run(
        [remove(unable, [namespace], pull=False), remove(allowed, [namespace], pull=False)]
    ).results
    rule = "rules: [{apiGroups: [source.toolkit.fluxcd.io], resources: [gitrepositories], verbs: [list]}]"
    assert "Cannot list GitRepositories of namespace" in message(still)
    assert rule in message(still)
    assert still["failure"]["id"] == "in_use_unknown"
    assert done["operation"] == "deleted"


@ALWAYS
@pytest.mark.parametrize("label", ["argocd.argoproj.io/secret-type", "kargo.akuity.io/cred-type"])
def test_a_label_is_shown_and_does_not_block(cluster: Cluster, namespace: str, playbook: Playbook, label: str) -> None:
    identity = cluster.cluster_identity(namespace, RULES)
    store(cluster, namespace, pull=False, metadata={"labels": {label: "repository"}})
    seen, removed = playbook.run(
        [look(identity, [namespace], pull=False), remove(identity, [namespace], pull=False)]
    ).results
    ((use,),) = (item["used_by"] for item in seen["secrets"])
    assert (use["name"], use["how"], use["blocking"], use["api_version"]) == (label, "label", False, None)
    assert removed["operation"] == "deleted"
    assert "warnings" not in removed


def may_list(kind: UserKind) -> list[dict[str, list[str]]]:
    return [{"apiGroups": [kind.group], "resources": [kind.resource], "verbs": ["list"]}]


def ask(cluster: Cluster, identity: Identity, namespace: str, *kinds: UserKind, rules: Sequence[Rule] = ()) -> Any:
    with in_front_of(cluster, identity, *rules) as proxy:
        options = ConnectionOptions(**through(proxy, identity))
        with closing(open_connection(resolve_settings(options, {}))) as connection:
            listings = list_users(connection, [namespace], kinds)[namespace]
    return listings, [seen.path.partition("?")[0] for seen in proxy.seen]


def sample_of(kind: str) -> Sample:
    (found,) = (sample for sample in SAMPLES if sample.kind.kind == kind)
    return found


# A kind of the same fields in a group that no row names, so that a test may serve the versions that it needs.
Serve = Callable[..., UserKind]


@pytest.fixture
def serve(cluster: Cluster) -> Iterator[Serve]:
    api: Any = client.ApiextensionsV1Api(cluster.api.api_client)
    made = []

    def serve_versions(*versions: str, fields: bool = True) -> UserKind:
        sample = sample_of("GitRepository")
        kind = dataclasses.replace(sample.kind, group=f"flux-{uuid.uuid4().hex[:8]}.example.com")
        spec = define(sample)["spec"]
        any_fields = {"openAPIV3Schema": {"type": "object"}}
        served = [
            {
                "name": name,
                "served": True,
                "storage": name == versions[-1],
                "schema": spec["versions"][0]["schema"] if fields else any_fields,
            }
            for name in versions
        ]
        name = f"{kind.resource}.{kind.group}"
        body = {"metadata": {"name": name}, "spec": {**spec, "group": kind.group, "versions": served}}
        api.create_custom_resource_definition(body)
        made.append(name)
        await_served(cluster, {(kind.group, name, kind.resource) for name in versions})
        return kind

    yield serve_versions
    for name in made:
        api.delete_custom_resource_definition(name)


@pytest.mark.parametrize(
    ("versions", "chosen"),
    [
        (["v1beta2", "v1"], "v1"),
        (["v1", "v1beta2", "v2"], "v1"),
        (["v1beta1"], "v1beta1"),
    ],
)
def test_the_first_served_version_whose_fields_are_known(
    cluster: Cluster, namespace: str, serve: Serve, versions: list[str], chosen: str
) -> None:
    kind = serve(*versions)
    reader = cluster.cluster_identity(namespace, may_list(kind))
    (listing,), asked = ask(cluster, reader, namespace, kind)
    assert listing.unknown == ""
    assert asked == ["/apis", f"/apis/{kind.group}/{chosen}/namespaces/{namespace}/gitrepositories"]


def test_a_version_whose_fields_are_not_known_is_no_proof(cluster: Cluster, namespace: str, serve: Serve) -> None:
    kind = serve("v2")
    reader = cluster.cluster_identity(namespace, may_list(kind))
    (listing,), asked = ask(cluster, reader, namespace, kind)
    assert listing.unknown == (
        f"Cannot read the GitRepositories of {kind.group}: they are served in version v2 only. This "
        "collection knows the fields of v1, v1beta2, v1beta1. Update the collection."
    )
    assert listing.missing is None
    assert asked == ["/apis"]


def test_a_definition_without_the_field_does_no_harm(cluster: Cluster, namespace: str, serve: Serve) -> None:
    kind = serve("v1", fields=False)
    sample = dataclasses.replace(sample_of("GitRepository"), kind=kind)
    custom: Any = client.CustomObjectsApi(cluster.api.api_client)
    custom.create_namespaced_custom_object(kind.group, "v1", namespace, kind.resource, sample.render(NAME))
    reader = cluster.cluster_identity(namespace, may_list(kind))
    (listing,), _asked = ask(cluster, reader, namespace, kind)
    (found,) = listing.objects
    assert list(find_uses(kind, found)) == []


@pytest.mark.usefixtures("consumers")
def test_an_older_server_is_asked_for_each_version_of_a_group(cluster: Cluster, namespace: str) -> None:
    """A server before Kubernetes 1.26 answers with the names of its groups, as this one does without the header."""
    reader = cluster.cluster_identity(namespace, MAY_LIST_ALL)
    api_client = cluster.api.api_client
    request = api_client.param_serialize("GET", "/apis", auth_settings=["BearerToken"])
    groups = api_client.call_api(*request).read()
    assert json.loads(groups)["kind"] == "APIGroupList"
    older = Rule(
        Fault("older", forward=False, answer=Answer(200, (("Content-Type", "application/json"),), groups)),
        path="^/apis$",
    )
    samples = [sample_of("GitRepository"), sample_of("Rollout")]
    for sample in samples:
        create_object(cluster, namespace, sample, NAME)
    listings, asked = ask(cluster, reader, namespace, *(sample.kind for sample in samples), rules=[older])
    assert [[item["metadata"]["name"] for item in listing.objects] for listing in listings] == [["x"], ["x"]]
    assert sorted(asked) == [
        "/apis",
        "/apis/argoproj.io/v1alpha1",
        f"/apis/argoproj.io/v1alpha1/namespaces/{namespace}/rollouts",
        "/apis/source.toolkit.fluxcd.io/v1",
        f"/apis/source.toolkit.fluxcd.io/v1/namespaces/{namespace}/gitrepositories",
    ]
