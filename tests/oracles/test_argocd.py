# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Argo CD reads from the Secrets of its formats, with its own code."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_formats import FORMAT_ROWS, FORMATS
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_shapes import (
    CLOUD_IDENTITY,
    CredentialKind,
    Format,
)
from support.oracles.programs import ask_oracle
from support.oracles.pull_secrets import write_pull_secret
from support.oracles.samples import Sample, make_sample, samples_of, url_for

LABEL = "argocd.argoproj.io/secret-type"
BASIC = ("username", "password")

# The names of Argo CD's fields for the parts of each kind of credential.
FIELDS: Mapping[str, Mapping[str, str]] = {
    "ssh": {"private_key": "sshPrivateKey"},
    "https": {
        "username": "username",
        "password": "password",
        "bearer_token": "bearerToken",
        "client_certificate": "tlsClientCertData",
        "client_key": "tlsClientCertKey",
    },
    "github_app": {
        "id": "githubAppID",
        "installation_id": "githubAppInstallationID",
        "private_key": "githubAppPrivateKey",
        "base_url": "githubAppEnterpriseBaseUrl",
    },
    CLOUD_IDENTITY: {
        "argocd_azure_service_principal_client_id": "azureServicePrincipalClientId",
        "argocd_azure_service_principal_tenant_id": "azureServicePrincipalTenantId",
        "argocd_azure_service_principal_client_secret": "azureServicePrincipalClientSecret",
        "argocd_azure_active_directory_endpoint": "azureActiveDirectoryEndpoint",
        "argocd_use_azure_workload_identity": "useAzureWorkloadIdentity",
        "argocd_gcp_service_account_key": "gcpServiceAccountKey",
    },
}
# The type with which Argo CD asks the Git server, by the first part.
CREDENTIALS = {
    "private_key": "git.SSHCreds",
    "username": "git.HTTPSCreds",
    "password": "git.HTTPSCreds",
    "bearer_token": "git.HTTPSCreds",
    "id": "git.GitHubAppCreds",
    "argocd_azure_service_principal_client_id": "git.AzureServicePrincipalCreds",
    "argocd_use_azure_workload_identity": "git.AzureWorkloadIdentityCreds",
    "argocd_gcp_service_account_key": "git.GoogleCloudCreds",
}
NO_CREDENTIALS = "git.NopCreds"
FORMATS_OF_ARGOCD = ("argocd_repository", "argocd_repository_write", "argocd_repo_creds", "argocd_repo_creds_write")
VALUES: Mapping[str, Any] = {"boolean": True, "number": 3, "line": "a-value"}


def name_of(row: Format) -> str:
    return f"{row.name} {row.variant}".strip()


def read(secret: Mapping[str, Any], url: str, kind: str = "", project: str = "") -> dict[str, Any]:
    """The answer of Argo CD that looks for a kind of Secret, by default that of the label."""
    found = kind or secret["metadata"]["labels"][LABEL]
    (answer,) = ask_oracle("argocd", {"secret": secret, "as": found, "url": url, "project": project})
    return answer


def parts_of(answer: Mapping[str, Any], sample: Sample) -> dict[str, str]:
    """The parts of the credential that Argo CD read."""
    assert answer["error"] == ""
    fields = {part: answer["read"].get(field) for part, field in FIELDS[sample.kind].items()}
    # Its numbers and booleans are strings in a Secret.
    return {part: value if isinstance(value, str) else json.dumps(value) for part, value in fields.items() if value}


def check_type(answer: Mapping[str, Any], sample: Sample) -> None:
    """Argo CD takes it for a repository of this type, and asks a Git server with this kind of credential."""
    row_type = base64.b64decode(sample.secret["data"]["type"]).decode()
    assert answer["read"]["type"] == row_type
    if row_type == "git":
        assert answer["git"] == CREDENTIALS[next(iter(sample.parts))]


@pytest.mark.parametrize("sample", samples_of("argocd_repository", "argocd_repository_write"))
def test_a_repository_has_the_credential(sample: Sample) -> None:
    name = sample.secret["data"].get("name")
    answer = read(sample.secret, sample.url)
    assert parts_of(answer, sample) == sample.parts
    check_type(answer, sample)
    assert answer["read"].get("name") == (base64.b64decode(name).decode() if name else None)


@pytest.mark.parametrize("sample", samples_of("argocd_repo_creds", "argocd_repo_creds_write"))
def test_a_repository_below_the_url_has_the_credential_of_the_template(sample: Sample) -> None:
    assert parts_of(read(sample.secret, sample.url), sample) == sample.parts

    is_write = sample.format.endswith("_write")
    inherited = read(sample.secret, f"{sample.url}app.git", "repository-write" if is_write else "repository")
    assert parts_of(inherited, sample) == sample.parts
    assert inherited["read"]["inheritedCreds"] is True


@pytest.mark.parametrize("row", [row for row in FORMAT_ROWS if row.name in FORMATS_OF_ARGOCD], ids=name_of)
def test_argocd_reads_every_setting(row: Format) -> None:
    kind: CredentialKind = "https"
    settings = {key: setting for key, setting in row.settings.items() if setting.key and setting.only in (None, kind)}
    given = {key: VALUES[setting.type] for key, setting in settings.items()}
    # A chart in a registry has a URL without a scheme.
    url = "git.example.com/team/app" if "argocd_enable_oci" in given else None
    sample = make_sample(row, kind, BASIC, url=url, format_options=given)
    answer = read(sample.secret, sample.url, project="a-value")

    assert answer["error"] == ""
    # A template has no field for what it does not read; the names differ in capitals.
    fields = {field.lower(): value for field, value in answer["read"].items()}
    assert {key: fields.get(setting.key.lower()) for key, setting in settings.items()} == given


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        pytest.param({"argocd_url": "oci://ghcr.io/acme/app"}, "oci://ghcr.io/acme/app", id="a repository"),
        pytest.param(
            {"argocd_url": "ghcr.io/acme", "argocd_type": "helm", "argocd_name": "charts"}, "ghcr.io/acme", id="charts"
        ),
        pytest.param({"argocd_secret_type": "repo-creds"}, "oci://ghcr.io/acme/app", id="all of the registry"),
        pytest.param(
            {"argocd_secret_type": "repo-creds", "argocd_type": "helm"}, "ghcr.io/acme", id="all charts of the registry"
        ),
    ],
)
def test_argocd_reads_the_login_at_a_registry(settings: dict[str, str], url: str) -> None:
    login = {"server": "ghcr.io", "username": "ada", "password": "s3c:r/t@é"}
    secret = write_pull_secret(format="argocd_oci", registries=[login], format_options=settings)
    answer = read(secret, url)

    assert answer["error"] == ""
    kind = settings.get("argocd_type", "oci")
    found = {name: answer["read"].get(name) for name in ("username", "password", "type")}
    assert found == {"username": "ada", "password": "s3c:r/t@é", "type": kind}
    assert answer["read"].get("enableOCI", False) is (kind == "helm")


def test_argocd_finds_a_secret_by_its_label_and_its_url() -> None:
    sample = make_sample(FORMATS["argocd_repository"], "https", BASIC)
    without = copy.deepcopy(dict(sample.secret))
    without["metadata"]["labels"][LABEL] = "repo"

    assert read(sample.secret, sample.url, "repository")["git"] == "git.HTTPSCreds"
    assert read(without, sample.url, "repository")["git"] == NO_CREDENTIALS
    elsewhere = url_for(FORMATS["argocd_repo_creds"], "https")
    assert read(sample.secret, elsewhere, "repository")["git"] == NO_CREDENTIALS


def test_argocd_needs_the_key_that_it_documents() -> None:
    sample = make_sample(FORMATS["argocd_repository"], "ssh", ("private_key",))
    secret = copy.deepcopy(dict(sample.secret))
    secret["data"]["ssh-privatekey"] = secret["data"].pop("sshPrivateKey")

    assert read(secret, sample.url)["git"] == NO_CREDENTIALS
