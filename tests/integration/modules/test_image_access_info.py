# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which Secret serves which image, told from a real API server. There is no kubelet, so tests write its words."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from kubernetes import client

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.docker_config import (
    KEY,
    LEGACY_TYPE,
    TYPE,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._secret.users import BUILT_IN_KINDS
from support.cluster import Cluster, Identity
from support.image_access import (
    APP,
    DATABASE,
    MODULE,
    RULES,
    TOKEN,
    UNAUTHORIZED,
    ask,
    deploy,
    link,
    pull_secret,
    run_pod,
    spec,
)
from support.playbook import ANSIBLE_PLAYBOOK, Playbook, task
from support.samples.secrets import encode
from support.typed_examples import documented

KINDS = {kind.resource for kind in BUILT_IN_KINDS}


def told(result: Mapping[str, Any]) -> list[tuple[str, str, str, str | None]]:
    """What pulls what, the status, and the Secret or else the cause."""
    return [
        (
            f"{item['kind']}/{item['name']}",
            item["image"],
            item["status"],
            item["cause"]["id"] if item["cause"] else item["secret"],
        )
        for item in result["images"]
    ]


def lists(cluster: Cluster, identity: Identity) -> list[tuple[str, str]]:
    """What an identity has listed on every cluster: the resource, and how it was narrowed."""
    events = [event for event in cluster.audit(identity) if "objectRef" in event]
    events = [event for event in events if event["objectRef"].get("apiGroup") != "primehub.io"]
    assert {event["verb"] for event in events} <= {"list"}, "only LISTs are sent"
    queries = [parse_qs(urlsplit(event["requestURI"]).query) for event in events]
    return [
        (event["objectRef"]["resource"], query.get("fieldSelector", [""])[0])
        for event, query in zip(events, queries, strict=True)
    ]


def populate(cluster: Cluster, namespace: str) -> None:
    """Fill a namespace with some of everything."""
    pull_secret(cluster, namespace, "registry", {"ghcr.io": {"auth": encode(f"octo:{TOKEN}")}})
    pull_secret(cluster, namespace, "broken", {"quay.io": {"auth": "!!"}})
    pull_secret(cluster, namespace, "old", {"https://GHCR.io": {"username": "a", "password": "old-s3cret"}})
    cluster.create_secret(namespace, "opaque", type="Opaque", string_data={KEY: '{"auths": {}}'})
    cluster.create_secret(
        namespace,
        "legacy",
        type=LEGACY_TYPE,
        string_data={".dockercfg": json.dumps({"quay.io": {"username": "robot", "password": "legacy-s3cret"}})},
    )
    link(cluster, namespace, "app")
    run_pod(cluster, namespace, "before", spec(APP), "ErrImagePull", UNAUTHORIZED)
    link(cluster, namespace, "app", "registry")
    run_pod(cluster, namespace, "after", spec(APP), "ImagePullBackOff", UNAUTHORIZED)
    run_pod(cluster, namespace, "odd", spec(APP), "ErrImagePull", f"mirror says: no more pulls with {TOKEN}, bye")
    run_pod(
        cluster, namespace, "refused", spec(APP, secrets=["registry", "broken"]), "illegal base64 data at input byte 0"
    )
    deploy(cluster, namespace, "web", spec(APP, DATABASE))
    deploy(cluster, namespace, "db", spec(DATABASE, secrets=["gone", "legacy"]))
    deploy(cluster, namespace, "typed", spec(APP, secrets=["opaque"]))
    deploy(cluster, namespace, "near", spec(APP, secrets=["old"]))


def test_a_namespace(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    populate(cluster, namespace)
    reader = cluster.identity(namespace, RULES)

    run = playbook.run(
        [
            ask(reader, namespace=namespace, node_providers=["quay.io"]),
            ask(reader, namespace=namespace, workloads=["deployment/near"]),
            {**ask(reader, namespace=namespace, pods=["after", "misspelt"]), "check_mode": True},
            ask(reader, namespace=f"{namespace}-misspelt"),
        ],
        "-vvv",
    )

    whole, workload, pod, nothing = run.results

    assert told(whole) == [
        ("Deployment/db", DATABASE, "matched", "legacy"),
        ("Deployment/near", APP, "no_entry", None),
        ("Deployment/typed", APP, "wrong_type", None),
        ("Deployment/web", APP, "matched", "registry"),
        ("Deployment/web", DATABASE, "no_entry", None),
        ("Pod/after", APP, "matched", "wrong_credentials"),
        ("Pod/before", APP, "no_entry", "started_before_link"),
        ("Pod/odd", APP, "matched", "unknown"),
        ("Pod/refused", APP, "secret_malformed", "secret_malformed"),
    ]
    assert whole["summary"] == {
        "images": 9,
        "matched": 4,
        "no_entry": 3,
        "secret_missing": 0,
        "secret_malformed": 1,
        "wrong_type": 1,
        "unknown": 0,
        "by_node": 2,
        "failing": 4,
        "problems": 2,
    }
    assert [(item["id"], item["name"]) for item in whole["problems"]] == [
        ("secret_missing", "gone"),
        ("started_before_link", "before"),
    ]
    assert [(item["kind"], item["name"], item["command"]) for item in whole["restarts"]] == [
        ("Pod", "before", f"kubectl delete pod/before -n {namespace}"),
    ]
    database, near, typed = whole["images"][:3]
    assert database["secrets"] == [
        {"name": "gone", "state": "missing", "type": None},
        {"name": "legacy", "state": "found", "type": LEGACY_TYPE},
    ]
    assert (database["server"], database["username"], database["by_node"]) == ("quay.io", "robot", True)
    assert near["why"] == [
        {
            "id": "host_case",
            "secret": "old",
            "server": "https://GHCR.io",
            "text": 'Hosts are compared with case: the entry has "GHCR.io", the image "ghcr.io".',
        }
    ]
    assert typed["secrets"] == [{"name": "opaque", "state": "wrong_type", "type": "Opaque"}]
    odd = next(item for item in whole["images"] if item["name"] == "odd")
    assert odd["cause"]["text"] == (
        "Not known. The kubelet reports: ErrImagePull: mirror says: no more pulls with ********, bye"
    )
    assert not re.search("s3cret|" + encode(f"octo:{TOKEN}"), run.output)
    assert (whole["unknown"], whole["changed"], whole["cluster"]["server"]) == ([], False, cluster.server)

    assert told(workload) == [("Deployment/near", APP, "no_entry", None)]
    assert told(pod) == [("Pod/after", APP, "matched", "wrong_credentials")]
    assert pod["warnings"] == ['pods[1]: no Pod "misspelt" waits or runs in these namespaces.']
    assert nothing["images"] == []
    assert {place["kind"] for place in nothing["unknown"]} >= {"Secret", *(kind.kind for kind in BUILT_IN_KINDS)}
    assert nothing["warnings"][0].startswith("The answer is not complete: Pod,")


def test_what_may_not_be_listed_is_told(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    pull_secret(cluster, namespace, "registry", {"ghcr.io": {"auth": encode(f"octo:{TOKEN}")}})
    link(cluster, namespace, "app", "registry")
    deploy(cluster, namespace, "web", spec(APP))
    deploy(cluster, namespace, "own", spec(APP, secrets=["registry"]))
    no_secrets = cluster.identity(namespace, [{**RULES[0], "resources": ["pods", "serviceaccounts"]}, *RULES[1:]])
    no_accounts = cluster.identity(namespace, [{**RULES[0], "resources": ["pods", "secrets"]}, *RULES[1:]])
    some = cluster.identity(namespace, RULES)
    first, second, everywhere, two = playbook.run(
        [
            ask(no_secrets, namespace=namespace),
            ask(no_accounts, namespace=namespace),
            ask(some, namespaces=["*"]),
            ask(some, namespaces=[namespace, "default"]),
        ]
    ).results

    assert [item["status"] for item in first["images"]] == ["unknown", "unknown"]
    assert [(place["namespace"], place["kind"]) for place in first["unknown"]] == [(namespace, "Secret")]
    assert first["problems"] == []
    assert first["unknown"][0]["text"].startswith(
        f"Cannot list Secrets of namespace {namespace}: forbidden (403). The identity {no_secrets.user} needs the verb "
        f"list on secrets in namespace {namespace}."
    )
    assert [(item["name"], item["status"]) for item in second["images"]] == [("own", "matched"), ("web", "unknown")]
    assert everywhere["failed"]
    assert everywhere["msg"].startswith("Cannot list namespaces: forbidden (403).")
    assert [item["status"] for item in two["images"]] == ["matched", "matched"]
    assert {place["namespace"] for place in two["unknown"]} == {"default"}
    built_in = [place for place in two["unknown"] if place["kind"] not in ("Image", "PhDeployment")]
    assert len(built_in) == len(KINDS) + 1


def test_without_a_cluster(playbook: Playbook) -> None:
    auths = {"https://index.docker.io/v1": {"auth": encode(f"ada:{TOKEN}")}, "ghcr.io": {"auth": encode("o:s3cret-2")}}
    nowhere = {"host": "https://127.0.0.1:1", "api_key": "x-s3cret"}
    broken = {"auths": {"quay.io": {"auth": "!!"}}}
    images = ["nginx", APP]
    run = playbook.run(
        [
            task(MODULE, docker_configs=[{"auths": {}}, {"auths": auths}], images=images, **nowhere),
            task(MODULE, docker_configs=[{"auths": auths}, broken], images=images),
            task(MODULE, docker_configs={"auths": auths}, images=["nginx", "Nginx:1"]),
            task(MODULE, docker_configs={"auths": auths}, images=images, namespace="web"),
            task(MODULE, docker_configs={"auths": auths}, image="nginx"),
        ],
        "-vvv",
    )

    found, malformed, no_image, both, unsupported = run.results

    assert [(item["image"], item["status"], item["secret"], item["server"]) for item in found["images"]] == [
        (APP, "matched", "docker_configs[1]", "ghcr.io"),
        ("nginx", "no_entry", None, None),
    ]
    assert "final_slash" in [reason["id"] for reason in found["images"][1]["why"]]
    assert found["cluster"] is None
    assert [item["status"] for item in malformed["images"]] == ["secret_malformed", "secret_malformed"]
    assert malformed["images"][0]["why"][0]["secret"] == "docker_configs[1]"
    assert no_image["msg"].startswith('images[1] is not the name of an image; got "Nginx:1".')
    assert both["msg"].startswith("namespace asks about a cluster,")
    assert unsupported["msg"].startswith("image is not an option of keyring.kubernetes.image_access_info. Did you mean")
    assert not re.search("s3cret|" + encode(f"ada:{TOKEN}"), run.output)


def test_many_namespaces_take_few_requests(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    names = [f"{namespace}-{number:02}" for number in range(60)]

    def fill(name: str) -> None:
        cluster.api.create_namespace({"metadata": {"name": name, "labels": {"group": namespace}}})
        pull_secret(cluster, name, "registry", {"ghcr.io": {"auth": encode(f"octo:{TOKEN}-{name}")}})
        cluster.create_secret(name, "opaque", type="Opaque", string_data={"x": "y"})
        link(cluster, name, "app", "registry", "opaque", "gone")
        deploy(cluster, name, "web", spec(APP, DATABASE))
        run_pod(cluster, name, "web-1", spec(APP))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(fill, names))
    reader = cluster.cluster_identity(namespace, RULES)
    which = [{"namespaces": [f"{namespace}-*"]}, {"namespace_selectors": [f"group={namespace}"]}]
    glob, selector, bad, misspelt = playbook.run(
        [
            ask(reader, **which[0]),
            ask(reader, **which[1]),
            ask(reader, namespace_selectors=["group in (x"]),
            ask(reader, namespace="misspelt", pods=["a"], workloads=["job/a"]),
        ]
    ).results

    assert glob["summary"] == {**glob["summary"], "images": 180, "matched": 120, "secret_missing": 60, "problems": 60}
    assert {item["namespace"] for item in glob["images"]} == set(names)
    assert glob["images"] == selector["images"]
    assert bad["msg"].startswith('namespace_selectors: "group in (x" is not a label selector. The server says:')
    assert misspelt["warnings"] == [
        "Namespace misspelt has no Pod, workload or ServiceAccount. Check whether it exists.",
        'pods[0]: no Pod "a" waits or runs in these namespaces.',
        'workloads[0]: these namespaces have no Job "a" without an owner.',
    ]
    if cluster.audit_log:
        one = [("namespaces", ""), *((kind, "") for kind in KINDS)]
        one += [("secrets", f"type={kind}") for kind in (TYPE, LEGACY_TYPE)]
        one += [("secrets", f"metadata.name={name},type!={TYPE},type!={LEGACY_TYPE}") for name in ("gone", "opaque")]
        asked = lists(cluster, reader)
        assert Counter(asked) == Counter([*one, *one, ("namespaces", ""), *one[1:13]])
        assert len(one) == 15


@pytest.mark.parametrize("playbook", ["auto"], indirect=True)
def test_the_examples(cluster: Cluster, playbook: Playbook) -> None:
    for name in ("web", "team-a"):
        with suppress(client.ApiException):  # the examples of another module have made it
            cluster.api.create_namespace({"metadata": {"name": name}})
        link(cluster, name, "app")
        deploy(cluster, name, "web", spec(APP))
    play = {"hosts": "localhost", "gather_facts": False, "tasks": yaml.safe_load(documented(MODULE, "EXAMPLES"))}
    play["vars"] = {"machine_docker_config": {"auths": {"ghcr.io": {"username": "machine", "password": "s3cret-1"}}}}
    path = playbook.directory / "examples.yml"
    path.write_text(yaml.safe_dump([play], width=10_000))

    done = subprocess.run(
        [str(ANSIBLE_PLAYBOOK), "-v", str(path)],
        env=playbook.environment(K8S_AUTH_KUBECONFIG=str(cluster.kubeconfig)),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert f"Deployment web: {APP} no_entry" in done.stdout
    assert '"server": "ghcr.io"' in done.stdout


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_more_names_than_are_asked_for_one_by_one(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    names = [f"opaque-{number}" for number in range(5)]
    for name in names:
        cluster.create_secret(namespace, name, type="Opaque", string_data={"x": "y"})
    link(cluster, namespace, "app")
    deploy(cluster, namespace, "web", spec(APP, secrets=[*names, "a,b=c"]))
    reader = cluster.identity(namespace, RULES)

    (result,) = playbook.run([ask(reader, namespace=namespace)]).results

    states = {secret["name"]: secret["type"] for secret in result["images"][0]["secrets"]}
    assert states == {**dict.fromkeys(names, "Opaque"), "a,b=c": None}
    assert result["images"][0]["status"] == "secret_missing"
    if cluster.audit_log:
        asked = [selector for resource, selector in lists(cluster, reader) if resource == "secrets"]
        assert asked == [f"type={TYPE}", f"type={LEGACY_TYPE}", f"type!={TYPE},type!={LEGACY_TYPE}"]
