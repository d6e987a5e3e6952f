# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""gitsync_secret_info against a real API server, with an identity that may only list."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from support.cluster import Cluster, verbs
from support.playbook import Playbook, task
from support.samples.git import HOST, HOST_KEY, HOSTS, KEY, NEW_KEY, private, ssh
from support.uses import GIT_KINDS, MAY_LIST_ALL, OFFER, create_users, lists, used_by

MAY_LIST: Sequence[Mapping[str, Sequence[str]]] = (
    {"apiGroups": [""], "resources": ["secrets", "namespaces"], "verbs": ["list"]},
)
BASIC = {"username": "octo", "password": "git-token-1"}
TOKEN = {"username": "ghp_0123456789abcdef", "password": "git-token-2"}
FLUX = {"identity": private(KEY), "identity.pub": f"{KEY.public}\n", "known_hosts": HOSTS}
CRLF = private(NEW_KEY).replace("\n", "\r\n")

# What lies in the namespaces a and b, beside the Secret flux-git that a task makes in a.
SECRETS: Mapping[str, Mapping[str, Any]] = {
    "a/gitsync-secret-models": {
        "string_data": {"ssh": private(KEY)},
        "metadata": {"annotations": {"displayName": "Great Models", "kubernetes.io/description": "Read only"}},
    },
    "a/plain": {"string_data": BASIC},
    "a/registry": {"type": "kubernetes.io/dockerconfigjson", "string_data": {".dockerconfigjson": '{"auths": {}}'}},
    "a/settings": {"string_data": {"color": "blue"}},
    "b/basic": {"type": "kubernetes.io/basic-auth", "string_data": TOKEN, "metadata": {"labels": {"team": "web"}}},
    "b/flux-git": {"string_data": {"identity": private(KEY)}},
    "b/tekton": {
        "type": "kubernetes.io/ssh-auth",
        "string_data": {"ssh-privatekey": CRLF},
        "metadata": {"labels": {"team": "web", "app.kubernetes.io/managed-by": "Helm"}},
    },
}
BOTH = {"namespaces": ["{group}-?"]}
READERS_OF_A_KEY = ["fleet", "kpack", "openshift_build", "tekton"]

# What is asked for, and which Secrets that finds.
QUESTIONS: Mapping[str, tuple[Mapping[str, Any], Sequence[str]]] = {
    "everything": (BOTH, ["a/flux-git", "a/gitsync-secret-models", "b/basic", "b/flux-git", "b/tekton"]),
    "one-namespace": ({"namespace": "{group}-b"}, ["b/basic", "b/flux-git", "b/tekton"]),
    "a-name": ({"namespaces": ["{group}-a", "{group}-b"], "name": "flux-git"}, ["a/flux-git", "b/flux-git"]),
    "the-name-of-an-unmarked-one": ({"namespace": "{group}-a", "name": "plain"}, ["a/plain"]),
    "a-text": ({**BOTH, "search": "great"}, ["a/gitsync-secret-models"]),
    "an-owner": ({**BOTH, "owner": "team-web"}, ["a/flux-git"]),
    "labels": ({**BOTH, "label_selector": "team in (web, x)"}, ["b/basic", "b/tekton"]),
    "a-format": ({**BOTH, "format": "git_sync"}, ["a/gitsync-secret-models", "a/plain"]),
    "a-key": ({**BOTH, "fingerprint": KEY.fingerprint}, ["a/flux-git", "a/gitsync-secret-models", "b/flux-git"]),
}
REFUSALS = {
    "fingerprint": ("SHA1:x", 'fingerprint[0] must be "SHA256:" and 43 characters of base64.'),
    "search": (" ", "search is empty. Check the variable behind it, or leave it out."),
}


def test_what_it_finds_and_tells(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    group = namespace
    for letter in ("a", "b"):
        cluster.api.create_namespace({"metadata": {"name": f"{group}-{letter}"}})
    for place, secret in SECRETS.items():
        letter, name = place.split("/")
        cluster.create_secret(f"{group}-{letter}", name, **secret)
    reader = cluster.cluster_identity(namespace, MAY_LIST)
    flux = {"namespace": f"{group}-a", "name": "flux-git", "format": "flux", "owner": "team-web", "ssh": ssh()}
    tasks = [task("gitsync_secret", **flux, kubeconfig=str(cluster.kubeconfig))]
    for question, _places in QUESTIONS.values():
        asked = {name: placed(value, group) for name, value in question.items()}
        tasks.append(task("gitsync_secret_info", **asked, **reader.connection))
    for option, (value, _message) in REFUSALS.items():
        tasks.append(task("gitsync_secret_info", **{option: value}, **reader.connection))

    run = playbook.run(tasks, "-vvv")

    made, *results = run.results
    answers = dict(zip(QUESTIONS, results, strict=False))
    for title, (_question, places) in QUESTIONS.items():
        answer = answers[title]
        assert [f"{item['namespace'][-1]}/{item['name']}" for item in answer["secrets"]] == places, title
        assert (answer["total"], answer["changed"]) == (len(places), False)
    for (_value, message), refusal in zip(REFUSALS.values(), results[len(QUESTIONS) :], strict=True):
        assert refusal["msg"].startswith(message)
    if cluster.audit_log:
        assert set(verbs(cluster.audit(reader))) == {"list"}
    lines = [line for key in (KEY, NEW_KEY) for line in private(key).splitlines()[1:-1]]
    for text in (*lines, BASIC["password"], *TOKEN.values(), base64.b64encode(private(KEY).encode()).decode()):
        assert text not in run.output

    told = {f"{item['namespace'][-1]}/{item['name']}": item for item in answers["everything"]["secrets"]}
    ours = {**told["a/flux-git"], "created": None, "last_updated": None}
    assert ours == {
        **{name: value for name, value in made["secret"].items() if name != "format"},
        "display_name": None,
        "description": None,
        "created": None,
        "last_updated": None,
        "ours": True,
        "owner": "team-web",
        "managed_by": None,
        "used_by": None,
        "formats": ["flux"],
        "kind": "ssh",
        "data_keys": sorted(FLUX),
        "url": None,
        "username": None,
        "known_hosts": [f"{HOST} ssh-ed25519 {HOST_KEY.fingerprint}"],
        "public_key": KEY.public,
        "fingerprint": KEY.fingerprint,
        "problems": [],
    }
    assert told["a/flux-git"]["created"]
    differences: dict[str, dict[str, Any]] = {
        "a/gitsync-secret-models": {
            "display_name": "Great Models",
            "description": "Read only",
            "ours": False,
            "fingerprint": KEY.fingerprint,
            "problems": [],
        },
        "b/basic": {"kind": "https", "username": "<hidden>", "public_key": None, "problems": []},
        "b/tekton": {
            "managed_by": "Helm",
            "formats": READERS_OF_A_KEY,
            "fingerprint": NEW_KEY.fingerprint,
        },
    }
    for place, expected in differences.items():
        assert {name: told[place][name] for name in expected} == expected
    assert told["b/tekton"]["problems"][0] == (
        "The private_key of the Secret has damaged line endings; writing it again fixes it."
    )
    alone = answers["a-name"]["secrets"][1]  # without host keys, Flux can only sign with it
    assert (alone["formats"], alone["kind"], alone["data_keys"]) == (["flux_signing"], "ssh", ["identity"])


TEMPLATE_URL = f"https://{HOST}/team/"
APP_URL = f"https://{HOST}/team/app"
PASSWORD = {"https": {"username": "ada", "password": "s3cret-of-a-repository"}}
WORKLOAD = {"argocd_use_azure_workload_identity": True}
# Secrets by name: the options that write them, and the names of the others with the same URL.
REPOSITORIES: Mapping[str, tuple[Mapping[str, Any], Sequence[str]]] = {
    "write-1": ({"format": "argocd_repository_write", "url": APP_URL, **PASSWORD}, ["write-2"]),
    "write-2": (
        {"format": "argocd_repository_write", "url": f"{APP_URL.upper().replace('HTTPS', 'https')}.git", **PASSWORD},
        ["write-1"],
    ),
    "write-of-web": (
        {
            "format": "argocd_repository_write",
            "url": APP_URL,
            **PASSWORD,
            "format_options": {"argocd_project": "web"},
        },
        [],
    ),
    "read": ({"format": "argocd_repository", "url": APP_URL, **PASSWORD}, []),
    "with-a-user": ({"format": "argocd_repository", "url": f"https://ada@{HOST}/team/app", **PASSWORD}, []),
    "template-1": ({"format": "argocd_repo_creds", "url": TEMPLATE_URL, **PASSWORD}, ["template-2"]),
    "template-2": ({"format": "argocd_repo_creds", "url": TEMPLATE_URL, "format_options": WORKLOAD}, ["template-1"]),
    "kargo-1": ({"format": "kargo", "url": APP_URL, **PASSWORD}, ["kargo-2"]),
    "kargo-2": ({"format": "kargo", "url": APP_URL, **PASSWORD}, ["kargo-1"]),
    "kargo-image": (
        {"format": "kargo", "url": f"{HOST}/team/app", **PASSWORD, "format_options": {"kargo_type": "image"}},
        [],
    ),
}
OUTCOMES = {
    "kargo": "Kargo uses only the first one by name.",
    "argocd": "Argo CD uses one of them at random.",
}


def test_secrets_of_one_url(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    connection = {"kubeconfig": str(cluster.kubeconfig), "namespace": namespace}
    tasks = [
        task("gitsync_secret", **connection, name=name, **options) for name, (options, _others) in REPOSITORIES.items()
    ]
    tasks.append(task("gitsync_secret_info", **connection, used_by=True))

    run = playbook.run(tasks, "-vvv")

    found = {item["name"]: item for item in run.results[-1]["secrets"]}
    expected = {}
    for name, (options, others) in REPOSITORIES.items():
        outcome = OUTCOMES[options["format"].partition("_")[0]]
        expected[name] = [f"The URL is also that of {other}. {outcome} Keep one of these Secrets." for other in others]
    assert {name: item["problems"] for name, item in found.items()} == expected
    assert {name: item["kind"] for name, item in found.items() if item["kind"] != "https"} == {
        "template-2": "cloud_identity"
    }
    assert [use["kind"] for use in found["template-2"]["used_by"]] == ["Argo CD"]
    assert [use["kind"] for use in found["kargo-image"]["used_by"]] == ["Kargo"]
    assert "s3cret-of-a-repository" not in run.output


def test_who_uses_a_secret(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    cluster.create_secret(namespace, "flux-git", string_data=FLUX)
    create_users(cluster, namespace, "flux-git")
    everything, secrets = (cluster.cluster_identity(namespace, rules) for rules in (MAY_LIST_ALL, MAY_LIST))
    asked = {"namespace": namespace, "name": "flux-git", "used_by": True}

    complete, partial = playbook.run(
        [task("gitsync_secret_info", **asked, **identity.connection) for identity in (everything, secrets)]
    ).results

    assert [item["used_by"] for item in complete["secrets"]] == [used_by(namespace, pull_secret=False)]
    assert [item["used_by"] for item in partial["secrets"]] == [None]
    assert len(partial["warnings"]) == 1
    if cluster.audit_log:
        assert lists(cluster, everything) == dict.fromkeys({"secrets", OFFER, *GIT_KINDS}, 1)


def placed(value: Any, group: str) -> Any:
    """An argument with the names of this test's namespaces."""
    if isinstance(value, list):
        return [placed(item, group) for item in value]
    return value.replace("{group}", group)
