# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a tenant writes to make a reading of the whole cluster wait or fail becomes a finding about that one Secret."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from kubernetes import client

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from ansible_collections.keyring.kubernetes.plugins.module_utils._runtime.execute import Runtime
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.info import DescribedSecret, report_secrets
from ansible_collections.keyring.kubernetes.plugins.module_utils._tasks.info_options import (
    INFO_OPTIONS,
    parse_info_options,
)
from support.cluster import Cluster
from support.playbook import Playbook, task
from support.samples.git import HOSTS, KEY, private
from support.samples.hostile_keys import TOO_COSTLY, certificate_of_version, with_rounds
from support.samples.keys import PASSPHRASE

SECONDS = 60
PULL_SECRET = "kubernetes.io/dockerconfigjson"
LARGE_KEY = TOO_COSTLY["RSA 65536, PKCS#1"][0]

GIT_SECRETS: Mapping[str, Mapping[str, str]] = {
    "good": {"identity": private(KEY), "known_hosts": HOSTS},
    "rounds": {"identity": with_rounds(2**32 - 1), "password": PASSPHRASE, "known_hosts": HOSTS},
    "large": {"identity": LARGE_KEY, "known_hosts": HOSTS},
    "version": {"username": "octo", "password": "pass-word-1", "ca.crt": certificate_of_version(7)},
}
GIT_PROBLEMS = {
    "good": "",
    "rounds": "The private_key of the Secret is not opened: it has 4294967295 rounds of bcrypt",
    "large": "The private_key of the Secret is not opened: it has 65536 bits",
    "version": "The ca_certificate of the Secret is damaged",
}
ENTRY = '{"auths": {"ghcr.io": {"auth": "b2N0bzpwYXNzLXdvcmQtMQ=="%s}}}'
PULL_SECRETS = {
    "good": ENTRY % "",
    "deep": ENTRY % (', "x": ' + "[" * 5000 + "]" * 5000),
    "surrogate": '{"auths": {"\\ud800.io": {"username": "\\udc00", "password": "\\udfff-pass-word"}}}',
    "zeros": '{"auths": {"\\u0000.io": {"auth": "b2N0bzpwYXNzLXdvcmQtMQ=="}}}',
}
APPS: Mapping[str, Mapping[str, Any]] = {
    "template": {"metadata": {"labels": {"app": "web"}}},
    "selector": {"matchLabels": {"app": "web"}},
}


def test_one_secret_never_ends_the_reading_of_others(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    for name, data in GIT_SECRETS.items():
        cluster.create_secret(namespace, f"git-{name}", string_data=data)
    for name, text in PULL_SECRETS.items():
        data = {".dockerconfigjson": base64.b64encode(text.encode()).decode()}
        body = {"metadata": {"name": f"pull-{name}"}, "type": PULL_SECRET, "data": data}
        cluster.api.create_namespaced_secret(namespace, body)
    common = {"namespace": namespace, "kubeconfig": str(cluster.kubeconfig)}
    start = time.monotonic()
    git, one, pull, _access = results = playbook.run(
        [
            task("gitsync_secret_info", format="flux", **common),
            task("gitsync_secret_info", format="flux", fingerprint=KEY.fingerprint, **common),
            task("image_pull_secret_info", **common),
            task("image_access_info", **common),
        ]
    ).results

    assert time.monotonic() - start < SECONDS
    assert [result["msg"] for result in results if result.get("failed")] == []
    problems = {found["name"]: " ".join(found["problems"]) for found in git["secrets"]}
    assert problems.keys() == {f"git-{name}" for name in GIT_SECRETS}
    for name, problem in GIT_PROBLEMS.items():
        assert problem in problems[f"git-{name}"]
    assert [found["name"] for found in one["secrets"]] == ["git-good"]
    unopened = next(warning for warning in one["warnings"] if "were not opened" in warning)
    assert f"{namespace}/git-large, {namespace}/git-rounds" in unopened
    found = {item["name"]: item for item in pull["secrets"]}
    assert found.keys() == {f"pull-{name}" for name in PULL_SECRETS}
    assert not found["pull-good"]["problems"]
    assert "not_read_here" in {problem["id"] for problem in found["pull-deep"]["problems"]}


@pytest.mark.parametrize("error", [RecursionError("pass-word-1"), KeyringError("It is odd."), KeyError("x")])
def test_whatever_a_secret_makes_fail_is_told_of_it(cluster: Cluster, namespace: str, error: Exception) -> None:
    """The second line of defence, by the function that describes a Secret failing for one of two."""
    for name in ("bad", "good"):
        cluster.create_secret(namespace, name, type="Opaque", string_data={"password": "pass-word-1"})
    given = {"namespace": namespace, "kubeconfig": str(cluster.kubeconfig)}
    params = ArgumentSpecValidator(dict(INFO_OPTIONS)).validate(given).validated_parameters
    context = Runtime(check_mode=True, environ={})

    class Reader:
        def describe(self, secret: Mapping[str, Any]) -> DescribedSecret:
            if secret["metadata"]["name"] == "bad":
                raise error
            return DescribedSecret({"problems": []}, ())

        def describe_unreadable(self, _secret: Mapping[str, Any], why: str) -> dict[str, Any]:
            return {"problems": [why]}

    result = report_secrets(parse_info_options(params), context, ("Opaque",), Reader())
    problems = {found["name"]: found["problems"] for found in result["secrets"]}
    assert problems["good"] == []
    assert problems["bad"][0].startswith("The Secret cannot be read. ")
    assert "pass-word-1" not in problems["bad"][0]


def test_owner_references_in_a_circle(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    apps: Any = client.AppsV1Api(cluster.api.api_client)  # typed as taking model objects, as in cluster.py
    pod = {"containers": [{"name": "app", "image": "ghcr.io/acme/app:1"}]}
    uids = {}
    for name in ("self", "one", "other"):
        body = {"metadata": {"name": name}, "spec": {**APPS, "template": {**APPS["template"], "spec": pod}}}
        uids[name] = apps.create_namespaced_replica_set(namespace, body).metadata.uid
    for name, owner in {"self": "self", "one": "other", "other": "one"}.items():
        reference = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": owner, "uid": uids[owner]}
        change = {"metadata": {"ownerReferences": [{**reference, "controller": True}]}}
        apps.patch_namespaced_replica_set(name, namespace, change)
    common = {"namespace": namespace, "kubeconfig": str(cluster.kubeconfig)}
    access, used = playbook.run(
        [
            {**task("image_access_info", **common), "timeout": SECONDS},
            {**task("image_pull_secret_info", used_by=True, **common), "timeout": SECONDS},
        ]
    ).results
    assert [image["name"] for image in access["images"]] == ["one", "other", "self"]
    assert not used.get("failed")


def test_a_key_that_takes_too_long_is_refused(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    """As an option, as a Secret to copy, and where it is stored; one that is stored may be replaced."""
    cluster.create_secret(namespace, "rounds", string_data=GIT_SECRETS["rounds"])
    cluster.create_secret(namespace, "stored", string_data=GIT_SECRETS["rounds"])
    common: dict[str, Any] = {"namespace": namespace, "format": "flux", "kubeconfig": str(cluster.kubeconfig)}
    url = "ssh://git@git.example.com/team/app.git"
    given = {"private_key": with_rounds(2**32 - 1), "passphrase": PASSPHRASE, "known_hosts": HOSTS}
    good = {"private_key": private(KEY), "known_hosts": HOSTS}
    tasks = [
        task("gitsync_secret", name="new", url=url, ssh=given, **common),
        task("gitsync_secret", name="new", url=url, ssh={**given, "private_key": LARGE_KEY}, **common),
        task("gitsync_secret", name="new", url=url, credentials_from={"name": "rounds", "format": "flux"}, **common),
        task("gitsync_secret", name="stored", url=url, ssh=good, **common),
    ]
    start = time.monotonic()
    results = playbook.run([{**each, "timeout": SECONDS} for each in tasks]).results
    assert time.monotonic() - start < SECONDS
    option, large, copied, replaced = results
    assert option["msg"].startswith("ssh.private_key is not opened: it has 4294967295 rounds of bcrypt")
    assert option["failure"] == {"id": "invalid_option", "option": "ssh.private_key", "namespace": None}
    assert "passphrase" in large["msg"] or "65536 bits" in large["msg"]
    assert copied["failed"]
    assert "is not opened" in copied["msg"]
    assert "rounds" in copied["msg"]
    assert replaced["operation"] == "updated", replaced
