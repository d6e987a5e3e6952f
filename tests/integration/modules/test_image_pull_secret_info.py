# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""image_pull_secret_info against a real API server, with an identity that may only list."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.docker_config import (
    KEY,
    LEGACY_KEY,
    LEGACY_TYPE,
    TYPE,
)
from support.cluster import Cluster, verbs
from support.playbook import Playbook, task
from support.samples.secrets import encode
from support.uses import MAY_LIST_ALL, OFFER, PULL_KINDS, create_users, lists, used_by

MODULE = "image_pull_secret_info"
MAY_LIST = [{"apiGroups": [""], "resources": ["secrets", "namespaces"], "verbs": ["list"]}]
LEAKED, OTHER = "leaked-s3cret-token", "another-s3cret-token"
GHCR = {"server": "ghcr.io", "username": "octo", "password": LEAKED, "email": "ops@example.com"}


def pull_secret(auths: object, **fields: Any) -> dict[str, Any]:
    return {"type": TYPE, "string_data": {KEY: json.dumps({"auths": auths})}, **fields}


# What lies in the namespaces a and b, beside the Secret registry that a task makes in a.
SECRETS: Mapping[str, Mapping[str, Any]] = {
    "a/hub": pull_secret(
        {"https://index.docker.io/v1": {"auth": encode(f"acme:{LEAKED}")}},
        metadata={"annotations": {"displayName": "Great Hub", "description": "Pulls"}, "labels": {"team": "web"}},
    ),
    "a/opaque": {"string_data": {KEY: json.dumps({"auths": {"ghcr.io": {"username": "a", "password": LEAKED}}})}},
    "a/registry-empty": pull_secret({}),
    "b/broken": pull_secret({"ghcr.io": {"auth": "pants"}, "quay.io": {"username": "a", "password": OTHER}}),
    "b/old": {
        "type": LEGACY_TYPE,
        "string_data": {LEGACY_KEY: json.dumps({"https://ghcr.io/v1/": {"username": LEAKED, "password": LEAKED}})},
        "metadata": {"labels": {"team": "web", "app.kubernetes.io/managed-by": "Helm"}},
    },
    "b/registry": pull_secret({"*.example.com": {"username": "ghp_0123456789", "password": OTHER}}),
}
ALL = ["a/hub", "a/registry", "a/registry-empty", "b/broken", "b/old", "b/registry"]
BOTH = {"namespaces": ["{group}-?"]}

# What is asked for, which Secrets that finds, and how many lists it takes.
QUESTIONS: Mapping[str, tuple[Mapping[str, Any], Sequence[str], int]] = {
    "everything": (BOTH, ALL, 3),
    "one-namespace": ({"namespace": "{group}-b"}, ["b/broken", "b/old", "b/registry"], 2),
    "a-name": ({**BOTH, "name": "registry"}, ["a/registry", "b/registry"], 2),
    "a-name-of-another-type": ({"namespace": "{group}-a", "name": "opaque"}, [], 1),
    "two-names-of-namespaces": ({"namespaces": ["{group}-a", "{group}-b"], "search": "HUB"}, ["a/hub"], 4),
    "a-registry": ({**BOTH, "registry": "ghcr.io"}, ["a/registry", "b/broken", "b/old"], 3),
    "a-registry-in-another-spelling": ({**BOTH, "registry": "https://quay.io/v2/"}, ["b/broken"], 3),
    "a-registry-that-nobody-has": ({**BOTH, "registry": "r.io"}, [], 3),
    "a-display-name": ({**BOTH, "search": "great"}, ["a/hub"], 3),
    "an-owner": ({**BOTH, "owner": "team-web"}, ["a/registry"], 3),
    "labels": ({**BOTH, "label_selector": "team in (web, x)"}, ["a/hub", "b/old"], 3),
    "an-owner-and-labels": ({**BOTH, "owner": "team-web", "label_selector": "team=web"}, [], 3),
    "a-token": ({**BOTH, "holds": LEAKED}, ALL, 3),
}
REFUSALS = {
    "registry": (" ", "registry is empty. Check the variable behind it, or leave it out."),
    "search": ("", "search is empty. Check the variable behind it, or leave it out."),
    "holds": ("******", "holds is empty, or a mask instead of a value."),
    "label_selector": ("team in web", "label_selector is not a label selector. The server says:"),
}


def test_what_it_finds_and_tells(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    group = namespace
    for letter in ("a", "b"):
        cluster.api.create_namespace({"metadata": {"name": f"{group}-{letter}"}})
    for place, secret in SECRETS.items():
        letter, name = place.split("/")
        cluster.create_secret(f"{group}-{letter}", name, **secret)
    reader = cluster.cluster_identity(namespace, MAY_LIST)
    ours = {"namespace": f"{group}-a", "name": "registry", "owner": "team-web", "registries": [GHCR]}
    tasks = [task("image_pull_secret", **ours, kubeconfig=str(cluster.kubeconfig))]
    for question, _places, _lists in QUESTIONS.values():
        asked = {name: placed(value, group) for name, value in question.items()}
        tasks.append(task(MODULE, **asked, **reader.connection))
    for option, (value, _message) in REFUSALS.items():
        tasks.append(task(MODULE, namespace=f"{group}-a", **{option: value}, **reader.connection))

    run = playbook.run(tasks, "-vvv")

    made, *results = run.results
    answers = dict(zip(QUESTIONS, results, strict=False))
    found = {title: [place_of(item) for item in answers[title]["secrets"]] for title in QUESTIONS}
    assert found == {title: list(places) for title, (_question, places, _lists) in QUESTIONS.items()}
    for answer in answers.values():
        assert (answer["total"], answer["changed"]) == (len(answer["secrets"]), False)
    for (_value, message), refusal in zip(REFUSALS.values(), results[len(QUESTIONS) :], strict=True):
        assert refusal["msg"].startswith(message)
    if cluster.audit_log:
        expected = sum(lists for _question, _places, lists in QUESTIONS.values()) + 1  # the selector that is none
        assert Counter(verbs(cluster.audit(reader))) == {"list": expected}
    for text in (LEAKED, OTHER, encode(LEAKED), encode(f"octo:{LEAKED}"), encode(f"acme:{LEAKED}")):
        assert text not in run.output

    told = {place_of(item): item for item in answers["everything"]["secrets"]}
    assert told["a/registry"] == {
        **made["secret"],
        "format": "pull_secret",
        "display_name": None,
        "description": None,
        "created": told["a/registry"]["created"],
        "last_updated": told["a/registry"]["created"],
        "ours": True,
        "owner": "team-web",
        "managed_by": None,
        "used_by": None,
        "registries": [{"server": "ghcr.io", "username": "octo", "email": "ops@example.com", "expires_at": None}],
        "problems": [],
        "holds": None,
    }
    assert told["a/registry"]["created"]
    hidden = {"username": "<hidden>", "email": None, "expires_at": None}
    differences: dict[str, dict[str, Any]] = {
        "a/hub": {"display_name": "Great Hub", "description": "Pulls", "ours": False, "type": TYPE},
        "b/old": {
            "type": LEGACY_TYPE,
            "managed_by": "Helm",
            "registries": [{"server": "https://ghcr.io/v1/", **hidden}],
            "problems": [],
        },
        "b/registry": {"registries": [{"server": "*.example.com", **hidden}]},
    }
    for place, fields in differences.items():
        assert {name: told[place][name] for name in fields} == fields
    problems = {place: [problem["id"] for problem in item["problems"]] for place, item in told.items()}
    assert {place: ids for place, ids in problems.items() if ids} == {
        "a/hub": ["server_no_final_slash"],
        "a/registry-empty": ["no_entries"],
        "b/broken": ["not_base64"],
    }
    assert told["b/broken"]["problems"] == [
        {
            "id": "not_base64",
            "severity": "error",
            "server": "ghcr.io",
            "message": "Its auth cannot be read (it is not base64); the kubelet refuses every Pod that uses this "
            "Secret.",
        }
    ]
    holders = [place_of(item) for item in answers["a-token"]["secrets"] if item["holds"]]
    assert holders == ["a/hub", "a/registry", "b/old"]


def test_who_uses_a_secret(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    for name in ("registry", "unused"):
        cluster.create_secret(namespace, name, **pull_secret({}))
    create_users(cluster, namespace, "registry")
    everything, secrets = (cluster.cluster_identity(namespace, rules) for rules in (MAY_LIST_ALL, MAY_LIST))
    asked = {"namespace": namespace, "used_by": True}

    complete, many, partial = playbook.run(
        [
            task(MODULE, **asked, **everything.connection),
            task(MODULE, **{**asked, "namespace": None, "namespaces": [f"{namespace}*"]}, **everything.connection),
            task(MODULE, **asked, **secrets.connection),
        ]
    ).results

    for answer in (complete, many):
        users = {item["name"]: item["used_by"] for item in answer["secrets"]}
        assert users == {"registry": used_by(namespace, pull_secret=True), "unused": []}
        assert "warnings" not in answer
    assert [item["used_by"] for item in partial["secrets"]] == [None, None]
    assert len(partial["warnings"]) == 1
    assert partial["warnings"][0].startswith("used_by is not complete. Cannot list Pods, ReplicationControllers, ")
    if cluster.audit_log:
        # For each of two types, in each of two tasks; the namespaces only for the glob.
        assert lists(cluster, everything) == {"secrets": 4, "namespaces": 1, OFFER: 2, **dict.fromkeys(PULL_KINDS, 2)}
        assert lists(cluster, secrets) == {"secrets": 2, OFFER: 1, **dict.fromkeys(PULL_KINDS, 1)}


def place_of(item: Mapping[str, Any]) -> str:
    """Where a Secret is: the letter of its namespace, and its name."""
    return f"{item['namespace'][-1]}/{item['name']}"


def placed(value: Any, group: str) -> Any:
    """An argument with the names of this test's namespaces."""
    if isinstance(value, list):
        return [placed(item, group) for item in value]
    return value.replace("{group}", group)
