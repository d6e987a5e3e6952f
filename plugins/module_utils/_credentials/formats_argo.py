# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The formats of Argo CD, its Image Updater, and Kargo."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from .format_parts import APP, BASIC, SSH_KEY, USERNAME_PASSWORD, keys_of
from .git_shapes import CLOUD_IDENTITY, CredentialKind, Format, FormatSetting, Shape, UrlScheme

if TYPE_CHECKING:
    from .git_url import GitUrl

_ARGOCD_LABEL = "argocd.argoproj.io/secret-type"
_ARGOCD_TYPES = ("git", "helm", "oci")
_ARGOCD_SOURCE = "argoproj/argo-cd util/db/repository_secrets.go, pkg/apis/application/v1alpha1/repository_types.go"
_CLIENT = keys_of(client_certificate="tlsClientCertData", client_key="tlsClientCertKey")
_CLIENT_PAIR = ("client_certificate", "client_key")
_GITHUB_APP = keys_of(
    id="githubAppID",
    installation_id="githubAppInstallationID",
    private_key="githubAppPrivateKey",
    base_url="githubAppEnterpriseBaseUrl",
)
_ARGOCD_REASONS = {
    "ssh.known_hosts": "Argo CD reads host keys from the ConfigMap argocd-ssh-known-hosts-cm; "
    "argocd cert add-ssh --batch adds them there.",
    "https.ca_certificate": "Argo CD reads it from the ConfigMap argocd-tls-certs-cm.",
}

_ARGOCD_SAME_URL = "Argo CD uses one of them at random."

_BOOLEAN_IDENTITY = FormatSetting(type="boolean", only=CLOUD_IDENTITY)
_AZURE_ID = FormatSetting(
    pattern=re.compile("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
    rule="an ID such as 12345678-1234-1234-1234-123456789012",
    only=CLOUD_IDENTITY,
)
_AZURE_ENDPOINT = FormatSetting(
    pattern=re.compile("https://[A-Za-z0-9.-]+/?"),
    rule="a URL such as https://login.microsoftonline.us",
    only=CLOUD_IDENTITY,
)
_WORKLOAD_IDENTITY = {"argocd_use_azure_workload_identity": _BOOLEAN_IDENTITY}
_ARGOCD_IDENTITIES: Mapping[str, FormatSetting] = {
    "argocd_azure_service_principal_client_id": _AZURE_ID,
    "argocd_azure_service_principal_tenant_id": _AZURE_ID,
    "argocd_azure_service_principal_client_secret": FormatSetting(type="password", secret=True, only=CLOUD_IDENTITY),
    "argocd_azure_active_directory_endpoint": _AZURE_ENDPOINT,
    **_WORKLOAD_IDENTITY,
    "argocd_gcp_service_account_key": FormatSetting(type="google_key", secret=True, only=CLOUD_IDENTITY),
}
_ARGOCD_REQUIRED_IDENTITIES = (
    (
        "argocd_azure_service_principal_client_id",
        "argocd_azure_service_principal_tenant_id",
        "argocd_azure_service_principal_client_secret",
    ),
    ("argocd_use_azure_workload_identity",),
    ("argocd_gcp_service_account_key",),
)

_ARGOCD_TYPE = {"argocd_type": FormatSetting(choices=_ARGOCD_TYPES)}
_ARGOCD_PROXY = {
    "argocd_proxy": FormatSetting(key="proxy", secret=True),
    "argocd_no_proxy": FormatSetting(key="noProxy"),
}
_ARGOCD_BASIC_AUTH = {"argocd_force_http_basic_auth": FormatSetting(type="boolean", key="forceHttpBasicAuth")}
_ARGOCD_PLAIN_HTTP = {"argocd_insecure_oci_force_http": FormatSetting(type="boolean", key="insecureOCIForceHttp")}
# What only a repository has, of any type, and what only one with Git has.
_ARGOCD_REPOSITORY = {
    "argocd_name": FormatSetting(key="name"),
    "argocd_project": FormatSetting(key="project"),
    "argocd_insecure": FormatSetting(type="boolean", key="insecure"),
}
_ARGOCD_GIT_REPOSITORY = {
    **_ARGOCD_REPOSITORY,
    "argocd_insecure_ignore_host_key": FormatSetting(type="boolean", key="insecureIgnoreHostKey"),
    "argocd_enable_lfs": FormatSetting(type="boolean", key="enableLfs"),
    "argocd_depth": FormatSetting(type="number", key="depth"),
}
# helm repo add of a repository that is a dependency fails without a name.
_ARGOCD_HELM_REPOSITORY = {**_ARGOCD_REPOSITORY, "argocd_name": FormatSetting(key="name", required=True)}


def _is_in_registry(url: GitUrl | None) -> str | None:
    """Return the value of enableOCI: a chart without http:// or https:// before its URL is in a registry."""
    return "true" if url and not url.scheme else None


_ARGOCD_OCI = {"argocd_enable_oci": FormatSetting(type="boolean", key="enableOCI", default=_is_in_registry)}


def _marks(secret_type: str) -> dict[str, str]:
    return {_ARGOCD_LABEL: secret_type}


def _azure_keys(id_end: str) -> dict[str, tuple[str, ...]]:
    """Return the keys of cloud identities. A repository spells two of them differently from a template."""
    return keys_of(
        argocd_azure_service_principal_client_id=f"azureServicePrincipalClient{id_end}",
        argocd_azure_service_principal_tenant_id=f"azureServicePrincipalTenant{id_end}",
        argocd_azure_service_principal_client_secret="azureServicePrincipalClientSecret",
        argocd_azure_active_directory_endpoint="azureActiveDirectoryEndpoint",
        argocd_use_azure_workload_identity="useAzureWorkloadIdentity",
        argocd_gcp_service_account_key="gcpServiceAccountKey",
    )


def _argocd_git(name: str, secret_type: str, settings: Mapping[str, FormatSetting], *, is_template: bool) -> Format:
    """Return the row of Git repositories. ``is_template``: the URL is a prefix, and the credential for all of them."""
    labels, constants = _marks(secret_type), {"type": "git"}
    basic = keys_of(username="username", password="password", bearer_token="bearerToken")
    required_sets = (*BASIC, ("password",), ("bearer_token",))  # a client certificate alone only blocks templates
    shapes: dict[CredentialKind, Shape] = {
        "ssh": Shape(keys_of(private_key="sshPrivateKey"), SSH_KEY, labels=labels, constants=constants),
        "https": Shape({**basic, **_CLIENT}, required_sets, labels=labels, constants=constants),
        # Argo CD before 3.3 also needs the ID of the installation.
        "github_app": Shape(_GITHUB_APP, (("id", "private_key"),), labels=labels, constants=constants),
        CLOUD_IDENTITY: Shape(
            _azure_keys("ID" if is_template else "Id"), _ARGOCD_REQUIRED_IDENTITIES, labels=labels, constants=constants
        ),
    }
    return Format(
        name=name,
        source=_ARGOCD_SOURCE,
        shapes=shapes,
        variant="git" if "argocd_type" in settings else "",
        variant_setting="argocd_type" if "argocd_type" in settings else "",
        settings={**settings, **_ARGOCD_BASIC_AUTH, **_ARGOCD_PROXY, **_ARGOCD_IDENTITIES},
        reader="Go",
        url_needed=True,
        url_key="url",
        url_user=True,
        url_exact=not is_template,
        same_url=_ARGOCD_SAME_URL,
        same_url_key="" if is_template else "project",
        url_prefix=is_template,
        reasons=_ARGOCD_REASONS,
    )


def _argocd_helm(name: str, secret_type: str, settings: Mapping[str, FormatSetting], *, is_template: bool) -> Format:
    labels, constants = _marks(secret_type), {"type": "helm"}
    return Format(
        name=name,
        source=f"{_ARGOCD_SOURCE}, util/helm/client.go, docs/operator-manual/declarative-setup.md",
        shapes={
            "https": Shape(
                {**USERNAME_PASSWORD, **_CLIENT}, (*BASIC, _CLIENT_PAIR), labels=labels, constants=constants
            ),
            CLOUD_IDENTITY: Shape(
                keys_of(argocd_use_azure_workload_identity="useAzureWorkloadIdentity"),
                (("argocd_use_azure_workload_identity",),),
                labels=labels,
                constants=constants,
            ),
        },
        variant="helm",
        variant_setting="argocd_type",
        settings={
            **_ARGOCD_TYPE,
            **settings,
            **_ARGOCD_OCI,
            **_ARGOCD_PLAIN_HTTP,
            **_ARGOCD_PROXY,
            **_WORKLOAD_IDENTITY,
        },
        url_needed=True,
        url_key="url",
        url_schemes=("https", "http", ""),
        url_exact=not is_template,
        same_url=_ARGOCD_SAME_URL,
        same_url_key="" if is_template else "project",
        url_prefix=is_template,
        url_plain_setting="argocd_enable_oci",
        reasons={"https.ca_certificate": _ARGOCD_REASONS["https.ca_certificate"]},
    )


def _argocd_oci(name: str, secret_type: str, settings: Mapping[str, FormatSetting], *, is_template: bool) -> Format:
    labels, constants = _marks(secret_type), {"type": "oci"}
    return Format(
        name=name,
        source=f"{_ARGOCD_SOURCE}, util/oci/client.go",
        shapes={
            "https": Shape({**USERNAME_PASSWORD, **_CLIENT}, (*BASIC, _CLIENT_PAIR), labels=labels, constants=constants)
        },
        variant="oci",
        variant_setting="argocd_type",
        settings={**_ARGOCD_TYPE, **settings, **_ARGOCD_PLAIN_HTTP, **_ARGOCD_PROXY},
        url_needed=True,
        url_key="url",
        url_schemes=("oci",),
        url_repository=not is_template,
        url_exact=not is_template,
        same_url=_ARGOCD_SAME_URL,
        same_url_key="" if is_template else "project",
        url_prefix=is_template,
        reasons={"https.ca_certificate": _ARGOCD_REASONS["https.ca_certificate"]},
    )


_SCM_CREDS = Format(
    name="argocd_scm_creds",
    source="argoproj/argo-cd applicationset/utils/kubernetes.go, docs/operator-manual/applicationset",
    shapes={"https": Shape(keys_of(password="token"), (("password",),), labels=_marks("scm-creds"))},
    url_schemes=(),
    reasons={
        "https.username": "A tokenRef of an ApplicationSet names one key.",
        "https.bearer_token": "Give the token as https.password.",
        "github_app": "An ApplicationSet reads a GitHub App from the Secret that appSecretName names, "
        "which has the format argocd_repo_creds.",
    },
)

_IMAGE_UPDATER = Format(
    name="argocd_image_updater",
    source="argoproj-labs/argocd-image-updater pkg/argocd/gitcreds.go, docs/basics/update-methods.md",
    shapes={
        "ssh": Shape(keys_of(private_key="sshPrivateKey"), SSH_KEY),
        "https": Shape(USERNAME_PASSWORD, BASIC),
        "github_app": Shape(_GITHUB_APP, APP),
    },
    settings={
        "argocd_insecure": FormatSetting(type="boolean", key="insecure", only="github_app"),
        "argocd_proxy": FormatSetting(key="proxy", secret=True, only="github_app"),
    },
    reader="Go",
    url_user=True,
    http="refused",
    reasons={
        "ssh.known_hosts": "Argo CD Image Updater does not check host keys with a key from a Secret; "
        "it does with a key from argocd_repository.",
        "https.ca_certificate": "Argo CD Image Updater does not verify the server with a password from a Secret; "
        "it does with one from argocd_repository.",
        "https.bearer_token": "Argo CD Image Updater needs a user name and a password.",
    },
)

_KARGO_LABEL = "kargo.akuity.io/cred-type"
_KARGO_SOURCE = "akuity/kargo pkg/credentials, docs/docs/50-user-guide/50-security/30-managing-secrets.md"
_KARGO_SAME_URL = "Kargo uses only the first one by name."
_KARGO_TYPE = {"kargo_type": FormatSetting(choices=("git", "image", "helm", "generic"))}
_KARGO_REGEX = {"kargo_url_is_regex": FormatSetting(type="boolean", key="repoURLIsRegex")}
_ECR = re.compile(r"[0-9]{12}\.dkr\.ecr\.[^/]+\.amazonaws\.com/")
_GAR = re.compile(r"([^/]+\.)?gcr\.io/|[^/]+-docker\.pkg\.dev/")
_KARGO_IDENTITIES: Mapping[str, FormatSetting] = {
    "kargo_aws_region": FormatSetting(
        pattern=re.compile("[a-z]{2,}(-[a-z]+)+-[0-9]+"),
        rule="a region such as eu-central-1",
        only=CLOUD_IDENTITY,
        url_pattern=_ECR,
        url_rule="a repository on Amazon ECR, such as 123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app",
    ),
    # The ID of a temporary key begins with ASIA. It needs a session token, which Kargo does not read.
    "kargo_aws_access_key_id": FormatSetting(
        pattern=re.compile("AKIA[A-Z0-9]{12,124}"),
        rule="the ID of a long-term access key, which begins with AKIA",
        secret=True,
        only=CLOUD_IDENTITY,
    ),
    "kargo_aws_secret_access_key": FormatSetting(type="password", secret=True, only=CLOUD_IDENTITY),
    "kargo_gcp_service_account_key": FormatSetting(
        type="google_key",
        secret=True,
        only=CLOUD_IDENTITY,
        in_base64=True,
        url_pattern=_GAR,
        url_rule="a repository on Google Artifact Registry, such as europe-west3-docker.pkg.dev/project/images/app",
    ),
}


def _kargo_marks(secret_type: str) -> dict[str, str]:
    return {_KARGO_LABEL: secret_type}


def _kargo_registry(variant: str, schemes: tuple[UrlScheme, ...]) -> Format:
    """Return the row of images or of charts."""
    return Format(
        name="kargo",
        source=_KARGO_SOURCE,
        shapes={
            "https": Shape(USERNAME_PASSWORD, BASIC, labels=_kargo_marks(variant)),
            CLOUD_IDENTITY: Shape(
                keys_of(
                    kargo_aws_region="awsRegion",
                    kargo_aws_access_key_id="awsAccessKeyID",
                    kargo_aws_secret_access_key="awsSecretAccessKey",
                    kargo_gcp_service_account_key="gcpServiceAccountKey",
                ),
                (
                    ("kargo_aws_region", "kargo_aws_access_key_id", "kargo_aws_secret_access_key"),
                    ("kargo_gcp_service_account_key",),
                ),
                labels=_kargo_marks(variant),
            ),
        },
        variant=variant,
        variant_setting="kargo_type",
        settings={**_KARGO_TYPE, **_KARGO_REGEX, **_KARGO_IDENTITIES},
        url_needed=True,
        url_key="repoURL",
        url_schemes=schemes,
        same_url=_KARGO_SAME_URL,
        same_url_key="repoURLIsRegex",
        url_is_regex="kargo_url_is_regex",
        http_setting="controller.allowCredentialsOverHTTP of its Helm chart",
    )


_KARGO_ROWS = (
    Format(
        name="kargo",
        source=_KARGO_SOURCE,
        shapes={
            "https": Shape(USERNAME_PASSWORD, BASIC, labels=_kargo_marks("git")),
            "github_app": Shape(
                keys_of(
                    id="githubAppID",
                    client_id="githubAppClientID",
                    installation_id="githubAppInstallationID",
                    private_key="githubAppPrivateKey",
                ),
                (*APP, ("client_id", "installation_id", "private_key")),
                labels=_kargo_marks("git"),
            ),
        },
        variant="git",
        variant_setting="kargo_type",
        settings={**_KARGO_TYPE, **_KARGO_REGEX},
        url_needed=True,
        url_key="repoURL",
        same_url=_KARGO_SAME_URL,
        same_url_key="repoURLIsRegex",
        url_is_regex="kargo_url_is_regex",
        http_setting="controller.allowCredentialsOverHTTP of its Helm chart",
        reasons={"ssh": "Kargo drops SSH in 1.13."},
    ),
    _kargo_registry("image", ("",)),
    _kargo_registry("helm", ("https", "http", "oci", "")),
    # Expressions of a Project read the keys of such a Secret by name.
    Format(
        name="kargo",
        source=_KARGO_SOURCE,
        shapes={"https": Shape(USERNAME_PASSWORD, (("password",),), labels=_kargo_marks("generic"))},
        variant="generic",
        variant_setting="kargo_type",
        settings=_KARGO_TYPE,
        url_schemes=(),
    ),
)


ARGO_FORMATS = (
    _argocd_git("argocd_repository", "repository", {**_ARGOCD_TYPE, **_ARGOCD_GIT_REPOSITORY}, is_template=False),
    _argocd_helm("argocd_repository", "repository", _ARGOCD_HELM_REPOSITORY, is_template=False),
    _argocd_oci("argocd_repository", "repository", _ARGOCD_REPOSITORY, is_template=False),
    _argocd_git("argocd_repo_creds", "repo-creds", _ARGOCD_TYPE, is_template=True),
    _argocd_helm("argocd_repo_creds", "repo-creds", {}, is_template=True),
    _argocd_oci("argocd_repo_creds", "repo-creds", {}, is_template=True),
    # The source hydrator pushes to Git only.
    _argocd_git("argocd_repository_write", "repository-write", _ARGOCD_GIT_REPOSITORY, is_template=False),
    _argocd_git("argocd_repo_creds_write", "repo-write-creds", {}, is_template=True),
    _SCM_CREDS,
    _IMAGE_UPDATER,
    *_KARGO_ROWS,
)
