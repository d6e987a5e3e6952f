# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each failure has its id, whichever way the task is executed: a playbook can rely on it where messages change.

What a proxy in front of the server must answer for it is in test_faults.py.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kubernetes.client.exceptions import ApiException

from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import FAILURE_IDS
from support.admission import Request, admission_webhook, admit
from support.cluster import Cluster
from support.control_plane import pki
from support.playbook import Playbook, task

NAME = "registry"
PASSWORD = "s3cret-token"
GHCR = {"server": "ghcr.io", "username": "octo", "password": PASSWORD}
TYPE = "kubernetes.io/dockerconfigjson"
CONFIG = {".dockerconfigjson": json.dumps({"auths": {"ghcr.io": {"username": "octo", "password": "another-token"}}})}
US = {"app.kubernetes.io/managed-by": "keyring.kubernetes"}


@dataclass(frozen=True)
class Case:
    """A task that fails, and what stands in its namespace before."""

    arguments: Mapping[str, Any]
    secret: Mapping[str, Any] | None = None
    option: str | None = None
    account: Mapping[str, Any] | None = None
    has_namespace: bool = True


def pull_secret(**fields: Any) -> dict[str, Any]:
    return {"type": TYPE, "string_data": CONFIG, **fields}


def labelled(**labels: str) -> dict[str, Any]:
    return pull_secret(metadata={"labels": labels})


KEEP: Mapping[str, Any] = {"registries": [GHCR]}
REMOVE: Mapping[str, Any] = {"state": "absent"}

PLUGIN = {"apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-plugin", "interactiveMode": "Never"}


def kubeconfig(**user: Any) -> dict[str, Any]:
    """A kubeconfig of a server that nothing is sent to."""
    return {
        "clusters": [{"name": "a", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "a", "user": user}],
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "current-context": "a",
    }


# By the id of the failure, and what tells two of one id apart.
CASES: Mapping[str, Case] = {
    "being_deleted": Case(KEEP, pull_secret(metadata={"finalizers": ["example.com/hold"]})),
    "credential_plugin_failed": Case(
        {**KEEP, "kubeconfig": kubeconfig(exec=PLUGIN)}, option="kubeconfig", has_namespace=False
    ),
    "forbidden": Case({**KEEP, "impersonate_user": "nobody"}),
    "image_not_served": Case({**KEEP, "images": ["quay.io/acme/app"]}, option="images"),
    "immutable": Case(KEEP, pull_secret(immutable=True)),
    "in_use": Case(REMOVE, pull_secret(), account={"imagePullSecrets": [{"name": NAME}]}),
    "invalid_kubeconfig": Case(
        {**KEEP, "kubeconfig": kubeconfig(token="t", **{"as-uid": "1"})},
        option="kubeconfig.users[0].user.as",
        has_namespace=False,
    ),
    "invalid_option": Case(
        {"registries": [GHCR, {**GHCR, "server": ""}]}, option="registries[1].server", has_namespace=False
    ),
    "invalid_option: of Ansible": Case({**KEEP, "state": "presnt"}, option="state", has_namespace=False),
    "invalid_option: two of Ansible": Case({**KEEP, "a": 1, "b": 2}, option="a", has_namespace=False),
    "invalid_secret": Case(KEEP, pull_secret(string_data={".dockerconfigjson": '{"auths": {"ghcr.io": []}}'})),
    "managed_elsewhere": Case(KEEP, labelled(**{"app.kubernetes.io/managed-by": "Helm"})),
    "minting_failed": Case(
        {"registries": [{"preset": "ecr", "preset_options": {"account_id": "123456789012", "region": "eu-central-1"}}]},
        option="registries[0]",
    ),
    "not_a_string": Case(
        {"registries": [{**GHCR, "password": [PASSWORD]}]}, option="registries[0].password", has_namespace=False
    ),
    "not_a_string: in a kubeconfig": Case(
        {**KEEP, "kubeconfig": kubeconfig(password=7)},
        option="kubeconfig.users[0].user.password",
        has_namespace=False,
    ),
    "not_found": Case({**KEEP, "service_accounts": ["missing"], "wait": False}),
    "not_found: the source": Case(
        {"credentials_from": {"name": "nowhere"}}, option="credentials_from.name", has_namespace=False
    ),
    "rejected": Case(
        {"docker_config": {"auths": {f"r{number}.example.com": {**GHCR, "x": "x" * 4096} for number in range(64)}}},
        pull_secret(string_data={**CONFIG, "other": "x" * 900_000}),
    ),
    "tls_failed": Case({**KEEP, "ca_cert": "{directory}/other-ca.crt"}),
    "unauthorized": Case({**KEEP, "api_key": "wrong", "kubeconfig": None, "host": "{server}", "validate_certs": False}),
    "unexpected_server": Case({**KEEP, "expect_server": "*.example.com"}, option="expect_server", has_namespace=False),
    "unreachable": Case({**KEEP, "host": "https://127.0.0.1:1"}),
    "unreadable_file": Case(
        {"docker_config_file": "/does/not/exist"}, option="docker_config_file", has_namespace=False
    ),
    "wrong_owner": Case(
        {**KEEP, "owner": "team-a", "labels": {"a": "b"}},
        pull_secret(
            metadata={
                "labels": {**US, "keyring.kubernetes/owner": "team-b"},
                "annotations": {"keyring.kubernetes/origin": f"{{namespace}}/{NAME}"},
            }
        ),
    ),
    "wrong_type": Case(KEEP, {"type": "example.com/other"}),
    "wrong_type: deleted": Case(REMOVE, {"type": "example.com/other"}),
}


# Where the others are provoked.
ELSEWHERE: Mapping[str, str] = {
    "admission_denied": "below",
    "clock_skew": "tests/integration/portals/test_ecp_image_pull_secret.py",
    "conflict": "test_faults.py",
    "denied_by_git_server": "tests/integration/modules/test_git_verify.py",
    "denied_by_registry": "tests/integration/modules/test_verify_writes.py",
    "in_use_unknown": "test_prune.py",
    "internal_error": "tests/unit/plugin_utils/test_direct.py",
    "not_synchronized": "tests/integration/portals/test_sap_git_repository_requests.py",
    "not_verified": "tests/integration/modules/test_verify_writes.py",
    "missing_library": "test_minting.py, test_what_the_machine_lacks",
    "outcome_unknown": "test_faults.py",
    "prune_limit": "test_prune.py",
    "quota": "below",
    "server_error": "test_faults.py",
}


def test_every_id_is_provoked() -> None:
    assert {name.partition(":")[0] for name in CASES} | ELSEWHERE.keys() == set(FAILURE_IDS)


def test_each_failure_has_its_id(cluster: Cluster, playbook: Playbook) -> None:
    namespaces = {name: cluster.create_namespace() for name in CASES}
    other = pki.make_authority("other").certificate
    (playbook.directory / "other-ca.crt").write_bytes(other)
    tasks = []
    for name, case in CASES.items():
        namespace = namespaces[name]
        prepare(cluster, namespace, case)
        places = {"{directory}": str(playbook.directory), "{server}": cluster.server}
        given = {option: places_in(value, places) for option, value in case.arguments.items()}
        common = {"name": NAME, "namespace": namespace, "kubeconfig": str(cluster.kubeconfig)}
        arguments = {option: value for option, value in {**common, **given}.items() if value is not None}
        tasks.append(task("image_pull_secret", **arguments))

    run = playbook.run(tasks)

    failures = {name: result["failure"] for name, result in zip(CASES, run.results, strict=True)}
    assert failures == {
        name: failure(name.partition(":")[0], namespaces[name] if case.has_namespace else None, case.option)
        for name, case in CASES.items()
    }
    assert PASSWORD not in run.output


def failure(name: str, namespace: str | None, option: str | None = None) -> dict[str, str | None]:
    return {"id": name, "option": option, "namespace": namespace}


def places_in(value: Any, places: Mapping[str, str]) -> Any:
    for name, place in places.items():
        value = value.replace(name, place) if isinstance(value, str) else value
    return value


def prepare(cluster: Cluster, namespace: str, case: Case) -> None:
    """Make what stands in the namespace before the task."""
    if case.account:
        cluster.create_account(namespace, "default", **case.account)
    if not case.secret:
        return
    fields = json.loads(json.dumps(case.secret).replace("{namespace}", namespace))
    cluster.create_secret(namespace, NAME, **fields)
    if fields.get("metadata", {}).get("finalizers"):
        cluster.api.delete_namespaced_secret(NAME, namespace)


def test_the_other_modules_have_it_too(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    nobody = {"kubeconfig": str(cluster.kubeconfig), "impersonate_user": "nobody"}
    here = {"namespace": namespace, **nobody}
    cases: list[tuple[str, dict[str, Any], dict[str, str | None]]] = [
        ("gitsync_secret", {"name": NAME, "https": BASIC, **here}, failure("forbidden", namespace)),
        ("gitsync_secret", {"https": BASIC, **here}, failure("invalid_option", None, "name")),
        ("gitsync_secret_info", here, failure("forbidden", namespace)),
        ("gitsync_secret_info", {"nmae": NAME, **here}, failure("invalid_option", None, "nmae")),
        ("image_pull_secret_info", here, failure("forbidden", namespace)),
        ("image_pull_secret_info", {"registry": "", **here}, failure("invalid_option", None, "registry")),
        ("image_access_info", {**here, "host": "https://127.0.0.1:1"}, failure("unreachable", None)),
        ("image_access_info", {"pods": [], **here}, failure("invalid_option", None, "pods")),
        ("service_account_secrets", {**LINK, **here}, failure("forbidden", namespace)),
        ("service_account_secrets", {"service_account": "x", **here}, failure("invalid_option", None)),
        (
            "service_account_secrets",
            {**LINK, "image_pull_secrets": [{"name": NAME, "state": "gone"}], **here},
            failure("invalid_option", None, "image_pull_secrets.state"),
        ),
    ]

    results = playbook.run([task(module, **arguments) for module, arguments, _failure in cases]).results

    found = [(module, result["failure"]) for (module, *_rest), result in zip(cases, results, strict=True)]
    assert found == [(module, expected) for module, _arguments, expected in cases]


BASIC = {"username": "octo", "password": PASSWORD}
LINK: Mapping[str, Any] = {"service_account": "default", "image_pull_secrets": [{"name": NAME}]}


def keep(cluster: Cluster, namespace: str, **more: Any) -> dict[str, Any]:
    common = {"name": NAME, "namespace": namespace, "kubeconfig": str(cluster.kubeconfig)}
    return task("image_pull_secret", **{**common, **KEEP, **more})


def test_a_quota_is_no_missing_permission(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    hard = {"secrets": "0"}
    cluster.api.create_namespaced_resource_quota(namespace, {"metadata": {"name": "small"}, "spec": {"hard": hard}})
    # Else the controller manager does it.
    cluster.api.patch_namespaced_resource_quota_status("small", namespace, {"status": {"hard": hard, "used": hard}})
    deadline = time.monotonic() + 30
    while not is_full(cluster, namespace):
        assert time.monotonic() < deadline, "the quota does not come into force"
        time.sleep(0.2)

    (result,) = playbook.run([keep(cluster, namespace)]).results

    assert result["failure"] == failure("quota", namespace)
    assert result["msg"] == (
        f'Cannot create Secret {namespace}/{NAME}: ResourceQuota "small" refuses it (403). It says: exceeded quota: '
        "small, requested: secrets=1, used: secrets=0, limited: secrets=0. Remove what is no longer needed in the "
        "namespace, or have the quota raised."
    )


def is_full(cluster: Cluster, namespace: str) -> bool:
    try:
        cluster.api.create_namespaced_secret(namespace, {"metadata": {"name": "probe"}}, dry_run="All")
    except ApiException as error:
        return "exceeded quota" in str(error.body)
    return False


def test_a_policy_is_named(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    admit(cluster, namespace, "false")

    (result,) = playbook.run([keep(cluster, namespace)]).results

    assert result["failure"] == failure("admission_denied", namespace)
    assert re.fullmatch(
        f'Cannot create Secret {namespace}/{NAME}: ValidatingAdmissionPolicy "test-[0-9a-f]{{8}}" refuses it '
        r"\(422\)\. It says: not here\. Ask an administrator of the cluster which rule that is, and how this object "
        r"can comply with it\.",
        result["msg"],
    )


# What a webhook answers, by the name of the Secret: any status, also those that mean another thing from the server.
STATUSES = (0, 400, 401, 403, 404, 409, 422, 429, 500, 503)
QUOTING = "quoting"


def judge(request: Request) -> Mapping[str, Any] | None:
    name = request["name"]
    if name == QUOTING:
        config = base64.b64decode(request["object"]["data"][".dockerconfigjson"]).decode()
        return {"code": 403, "message": f"no such config here: {config}"}
    code = int(name.rpartition("-")[2])
    user = 'User "ada" cannot create resource "secrets" in API group ""'  # as if a permission were missing
    return {"code": code, "message": user, "reason": "Forbidden"} if code else {}


def test_a_webhook_is_named_whatever_its_status(
    cluster: Cluster, namespace: str, playbook: Playbook, tmp_path: Path
) -> None:
    names = [f"status-{code}" for code in STATUSES]
    with admission_webhook(cluster, namespace, tmp_path, judge):
        run = playbook.run([keep(cluster, namespace, name=name) for name in (*names, QUOTING)])

    ask = "Ask an administrator of the cluster which rule that is, and how this object can comply with it."
    *results, quoting = run.results
    for name, code, result in zip(names, STATUSES, results, strict=True):
        what = f'Cannot create Secret {namespace}/{name}: admission webhook "judge.keyring.test" refuses it '
        said = 'It says: User "ada" cannot create resource "secrets" in API group "".'
        assert result["failure"] == failure("admission_denied", namespace), name
        assert result["msg"] == f"{what}({code or 400}). {said if code else 'It gives no reason.'} {ask}"
    assert quoting["failure"] == failure("admission_denied", namespace)
    assert quoting["msg"] == (
        f'Cannot create Secret {namespace}/{QUOTING}: admission webhook "judge.keyring.test" refuses it (403). '
        f"It says: (not quoted here, because it contains a secret of this request). {ask}"
    )
    assert PASSWORD not in run.output
