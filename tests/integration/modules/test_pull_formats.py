# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The formats of image_pull_secret that no kubelet reads, and several Secrets to copy, against a real API server."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import pytest

from support.cluster import Cluster
from support.playbook import Playbook, task
from support.scenarios import Scenario, Step, Subject, chosen, run_scenarios, shared_scenarios

MODULE = "image_pull_secret"
GHCR = {"server": "ghcr.io", "username": "octo", "password": "ghcr-token-1"}
ROTATED = {**GHCR, "password": "ghcr-token-2"}
QUAY = {"server": "quay.io", "username": "acme+robot", "password": "quay-token-1"}


def docker_config(*registries: Mapping[str, str]) -> str:
    """A docker config, as the module writes it."""
    auths = {}
    for registry in registries:
        login = {"username": registry["username"], "password": registry["password"]}
        auth = base64.b64encode(":".join(login.values()).encode()).decode()
        auths[registry["server"]] = {**login, "auth": auth}
    return json.dumps({"auths": auths}, separators=(",", ":"))


def pull_secret(*registries: Mapping[str, str]) -> dict[str, Any]:
    """A pull secret that another client made."""
    return {"type": "kubernetes.io/dockerconfigjson", "string_data": {".dockerconfigjson": docker_config(*registries)}}


def argocd(registry: Mapping[str, str], **more: str) -> dict[str, str]:
    login = {"username": registry["username"], "password": registry["password"]}
    return {"type": "oci", "url": "oci://ghcr.io/acme/app", **login, **more}


def kargo(registry: Mapping[str, str], **more: str) -> dict[str, str]:
    return {"repoURL": "ghcr.io/acme/app", "username": registry["username"], "password": registry["password"], **more}


@dataclasses.dataclass(frozen=True)
class Case:
    """A format: its options, the data of its Secrets, and the labels by which its consumer finds them."""

    options: Mapping[str, Any]
    stored: Mapping[str, str]
    changed: Mapping[str, str]
    labels: Mapping[str, str] = dataclasses.field(default_factory=dict)


ARGOCD = {"argocd.argoproj.io/secret-type": "repository"}
KARGO = {"kargo.akuity.io/cred-type": "image"}
CASES = {
    "config_json": Case(
        {"format": "config_json"}, {"config.json": docker_config(GHCR)}, {"config.json": docker_config(ROTATED)}
    ),
    "argocd_oci": Case(
        {"format": "argocd_oci", "format_options": {"argocd_url": "oci://ghcr.io/acme/app"}},
        argocd(GHCR),
        argocd(ROTATED),
        ARGOCD,
    ),
    "kargo_image": Case(
        {"format": "kargo_image", "format_options": {"kargo_url": "ghcr.io/acme/app"}},
        kargo(GHCR),
        kargo(ROTATED),
        KARGO,
    ),
}


def adapt(scenario: Scenario, case: Case) -> Scenario:
    """A scenario that all modules share, for a format."""
    steps = [dataclasses.replace(step, arguments={**case.options, **step.arguments}) for step in scenario.steps]
    existing = dict(scenario.existing or {})
    if existing:
        metadata = dict(existing.get("metadata", {}))
        metadata["labels"] = {**case.labels, **metadata.get("labels", {})}
        existing["metadata"] = metadata
    left = dict(scenario.left)
    if "labels" in left:
        left["labels"] = {**case.labels, **left["labels"]}
    source = pull_secret(GHCR) if scenario.source else None
    return dataclasses.replace(scenario, steps=tuple(steps), existing=existing or None, left=left, source=source)


def share(case: Case) -> dict[str, Scenario]:
    subject = Subject(
        module=MODULE,
        type="Opaque",
        given={"registries": [GHCR]},
        rotated={"registries": [ROTATED]},
        kept={"registries": [{"server": "ghcr.io"}]},
        stored=case.stored,
        changed=case.changed,
        linkable={},
        link_list="imagePullSecrets",
    )
    scenarios = shared_scenarios(subject)
    del scenarios["linked"]  # no ServiceAccount lends such a Secret
    return {title: adapt(scenario, case) for title, scenario in scenarios.items()}


def does(
    operation: str, *registries: Mapping[str, Any], told: Mapping[str, Any] | None = None, **arguments: Any
) -> Step:
    return Step(operation, {"registries": list(registries), **arguments}, told=told or {})


def refuses(message: str, *registries: Mapping[str, Any], **arguments: Any) -> Step:
    return Step("failed", {"registries": list(registries), **arguments}, message)


def argo_task(**settings: Any) -> dict[str, Any]:
    return {"format": "argocd_oci", "format_options": settings}


def kargo_task(**settings: Any) -> dict[str, Any]:
    return {"format": "kargo_image", "format_options": settings}


TEMPLATES = {"argocd.argoproj.io/secret-type": "repo-creds"}
OWN = {
    "builders-get-all-registries": Scenario(
        (
            does("created", GHCR, format="config_json"),
            does("updated", QUAY, format="config_json", told={"unmanaged_registries": ["ghcr.io"]}),
            does("unchanged", QUAY, format="config_json"),
            refuses("has the type Opaque, and kubernetes.io/dockerconfigjson is needed.", QUAY),
            Step("failed", {"state": "absent"}, "has the type Opaque. This task deletes only kubernetes.io/dockerconf"),
        ),
        left={"data": {"config.json": docker_config(GHCR, QUAY)}},
    ),
    "a-pull-secret-becomes-a-config": Scenario(
        (
            refuses("has the type kubernetes.io/dockerconfigjson, and Opaque is needed.", QUAY, format="config_json"),
            does("recreated", QUAY, format="config_json", recreate=True),
            does("recreated", GHCR, recreate=True),
        ),
        existing=pull_secret(GHCR),
        left={"data": {".dockerconfigjson": docker_config(QUAY, GHCR)}},
    ),
    "charts": Scenario(
        (
            does("created", GHCR, **argo_task(argocd_type="helm", argocd_name="charts")),
            does("unchanged", GHCR, **argo_task(argocd_type="helm", argocd_name="charts")),
            does(
                "updated",
                GHCR,
                **argo_task(argocd_secret_type="repo-creds", argocd_insecure_oci_force_http=True),
            ),
        ),
        left={
            "labels": TEMPLATES,
            "data": argocd(GHCR, url="oci://ghcr.io/", name="charts", insecureOCIForceHttp="true"),
        },
        both_ways=True,
    ),
    "a-password-is-not-kept-for-another-registry": Scenario(
        (
            does("created", GHCR, **argo_task(argocd_url="oci://ghcr.io/acme/app")),
            does(
                "updated",
                {"server": "ghcr.io"},
                **argo_task(argocd_url="oci://ghcr.io/acme/web"),
                update_credentials="when_given",
                told={"credentials_kept": ["ghcr.io"]},
            ),
            refuses(
                "registries[0].username is missing. The Secret has no readable credentials",
                {"server": "quay.io"},
                **argo_task(argocd_url="oci://quay.io/acme/web"),
                update_credentials="when_given",
            ),
        ),
        left={"data": argocd(GHCR, url="oci://ghcr.io/acme/web")},
    ),
    "an-expression-and-a-name": Scenario(
        (
            does("created", GHCR, **kargo_task(kargo_url=r"^ghcr\.io/acme/", kargo_url_is_regex=True)),
            does("updated", {**GHCR, "server": "ghcr.io/acme/app"}, format="kargo_image"),
            does("unchanged", {**GHCR, "server": "ghcr.io/acme/app"}, format="kargo_image"),
        ),
        left={"data": kargo(GHCR), "labels": KARGO},
        both_ways=True,
    ),
    "an-expiry-date": Scenario(
        (
            does("created", {**GHCR, "expires_at": "2099-01-31"}, **argo_task(argocd_secret_type="repo-creds")),
            does(
                "unchanged",
                {"server": "ghcr.io"},
                **argo_task(argocd_secret_type="repo-creds"),
                update_credentials="when_given",
                told={
                    "next_run_before": "2099-01-31T00:00:00Z",
                    "registries": [
                        {
                            "server": "ghcr.io/",
                            "username": "octo",
                            "email": None,
                            "expires_at": "2099-01-31T00:00:00Z",
                        }
                    ],
                },
            ),
            does("updated", ROTATED, **argo_task(argocd_secret_type="repo-creds"), told={"next_run_before": None}),
        ),
        left={"annotations": {}},
    ),
    "what-is-another-kind-stays": Scenario(
        (
            refuses("has no key config.json. It is another kind of Secret", GHCR, format="config_json"),
            refuses(
                "does not have the label argocd.argoproj.io/secret-type: repository or repo-creds.",
                GHCR,
                **argo_task(argocd_secret_type="repo-creds"),
            ),
            Step("failed", {"state": "absent", "format": "config_json"}, "has no key config.json."),
            Step(
                "failed", {"state": "absent", "format": "kargo_image"}, "does not have the label kargo.akuity.io/cred"
            ),
        ),
        existing={"type": "Opaque", "string_data": {"username": "root", "password": "database-password"}},
        left={"data": {"username": "root", "password": "database-password"}},
    ),
    "a-git-repository-is-another-kind": Scenario(
        (
            refuses("is not of the type oci or helm under the key type.", GHCR, **argo_task(argocd_type="helm")),
            Step("failed", {"state": "absent", "format": "argocd_oci"}, "is not of the type oci or helm"),
        ),
        existing={
            "type": "Opaque",
            "string_data": {
                "type": "git",
                "url": "https://git.example.com/app",
                "username": "a",
                "password": "s3cret!",
            },
            "metadata": {"labels": ARGOCD},
        },
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_formats_are_managed_like_pull_secrets(cluster: Cluster, namespace: str, playbook: Playbook, name: str) -> None:
    run_scenarios(cluster, namespace, playbook, MODULE, chosen(share(CASES[name]), both_ways=True))


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
@pytest.mark.parametrize("name", CASES)
def test_formats_decide_like_pull_secrets(cluster: Cluster, namespace: str, playbook: Playbook, name: str) -> None:
    run_scenarios(cluster, namespace, playbook, MODULE, chosen(share(CASES[name]), both_ways=False))


def test_formats_in_both_ways(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    run_scenarios(cluster, namespace, playbook, MODULE, chosen(OWN, both_ways=True))


@pytest.mark.parametrize("playbook", ["always"], indirect=True)
def test_what_formats_decide(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    run_scenarios(cluster, namespace, playbook, MODULE, chosen(OWN, both_ways=False))


def test_a_label_that_was_removed_is_written_again(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    """Only in a Secret of this collection: any other one without the label is another kind of Secret."""
    common = {"namespace": namespace, "name": "app", "registries": [GHCR], "kubeconfig": str(cluster.kubeconfig)}
    given = task(MODULE, **common, **argo_task(argocd_url="oci://ghcr.io/acme/app"))
    playbook.run([given])
    label = next(iter(ARGOCD))
    cluster.api.patch_namespaced_secret("app", namespace, {"metadata": {"labels": {label: None}}})
    again = playbook.run([given]).results[0]
    assert again["operation"] == "updated"
    assert again["secret"]["labels"][label] == "repository"


def test_copies_several_pull_secrets(cluster: Cluster, namespace: str, playbook: Playbook) -> None:
    """Their registries add up; one with other credentials in two Secrets is refused, and one can be chosen."""
    cluster.create_secret(namespace, "one", **pull_secret(GHCR))
    cluster.create_secret(namespace, "two", **pull_secret(QUAY, GHCR))
    cluster.create_secret(namespace, "other", **pull_secret(ROTATED))
    common = {"namespace": namespace, "kubeconfig": str(cluster.kubeconfig)}
    both = [{"name": "one"}, {"name": "two"}]
    merged, clash, chosen_one, mapping, twice, missing = playbook.run(
        [
            task(MODULE, name="merged", credentials_from=both, **common),
            task(MODULE, name="merged", credentials_from=[*both, {"name": "other"}], **common),
            task(
                MODULE,
                name="chosen",
                format="argocd_oci",
                format_options={"argocd_secret_type": "repo-creds"},
                credentials_from=[{"name": "two", "servers": ["ghcr.io"]}],
                **common,
            ),
            task(MODULE, name="merged", credentials_from={"name": "two", "servers": ["gcr.io"]}, **common),
            task(MODULE, name="merged", credentials_from=[{"name": "one"}, {"name": "one"}], **common),
            task(MODULE, name="merged", credentials_from=[{"name": "one"}, {"name": "none"}], **common),
        ]
    ).results
    assert [registry["server"] for registry in merged["secret"]["registries"]] == ["ghcr.io", "quay.io"]
    assert clash["msg"].startswith(
        f'credentials_from[2] (Secret {namespace}/other).auths["ghcr.io"] is the same registry as credentials_from[0] '
        f'(Secret {namespace}/one).auths["ghcr.io"] ("ghcr.io").'
    )
    assert clash["failure"] == {"id": "invalid_option", "option": "credentials_from[2]", "namespace": None}
    assert [registry["username"] for registry in chosen_one["secret"]["registries"]] == ["octo"]
    assert mapping["msg"].startswith("credentials_from.servers[0] is not a server of credentials_from (Secret ")
    assert mapping["failure"]["option"] == "credentials_from.servers[0]"
    assert twice["failure"]["option"] == "credentials_from[1].name"
    assert missing["msg"] == (
        f"credentials_from[1] (Secret {namespace}/none) does not exist. Create it first, or correct the name."
    )
    assert missing["failure"]["option"] == "credentials_from[1].name"
