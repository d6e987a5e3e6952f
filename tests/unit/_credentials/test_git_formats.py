# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Secret that each consumer gets: its type, keys and values, labels and annotations, against what it documents."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_custom import custom_format
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_formats import (
    FORMAT_ROWS,
    FORMATS,
    find_format,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_shapes import KINDS
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.ssh_key import parse_private_key
from support.paths import ROOT
from support.samples.git_secrets import ADA, HOSTS, HTTPS_URL, SCP_URL, SSH_URL, plan_of, written
from support.samples.host_keys import DSA
from support.samples.keys import PASSPHRASE, certificate, key_text, public_line, weak_rsa_key
from support.samples.openpgp import GPG_KEY, LOCKED_GPG_KEY
from support.samples.secrets import encode

KEY = key_text("Ed25519 OpenSSH")
PUBLIC = public_line("Ed25519")
PEM_KEY = key_text("RSA PKCS#1")
LOCKED = key_text("Ed25519 OpenSSH", encrypted=True)
APP_KEY = key_text("RSA PKCS#1")
APP_KEY_8 = key_text("RSA PKCS#8")
CERTIFICATE = certificate("ECDSA")
CLIENT_KEY = key_text("ECDSA PKCS#8")
COOKIES = "git.example.com\tFALSE\t/\tTRUE\t2147483647\to\tgit-ada=1//abc\n"

SSH = {"private_key": KEY, "known_hosts": HOSTS}
BARE_SSH = {"private_key": KEY}
APP = {"id": "7", "installation_id": "42", "private_key": APP_KEY}
CLIENT = {"client_certificate": CERTIFICATE, "client_key": CLIENT_KEY}
SSH_AUTH = "kubernetes.io/ssh-auth"
BASIC_AUTH = "kubernetes.io/basic-auth"
ARGOCD = "argocd.argoproj.io/secret-type"
JENKINS = "jenkins.io/credentials-type"
DEVFILE = "controller.devfile.io/"


LOGIN = {"url": "https://a.example.com", "username": "eve", "password": "t0ken"}
GIT_CONFIG = '[http "https://git.example.com/"]\n\tproxy = http://proxy.example.com:3128\n'


def secret(
    data: dict[str, str],
    kind: str = "Opaque",
    *,
    labels: dict[str, str] | None = None,
    annotations: dict[str, str] | None = None,
) -> dict[str, Any]:
    return {"type": kind, "data": data, "labels": labels or {}, "annotations": annotations or {}}


def connection(**fields: Any) -> dict[str, Any]:
    return secret({"AIRFLOW_CONN_GIT_DEFAULT": json.dumps({"conn_type": "git", **fields})})


def argocd(url: str, secret_type: str = "repository", kind: str = "git", **data: str) -> dict[str, Any]:
    return secret({"type": kind, "url": url, **data}, labels={ARGOCD: secret_type})


def jenkins(kind: str, data: dict[str, str], **annotations: str) -> dict[str, Any]:
    return secret(data, labels={JENKINS: kind})


def kargo(kind: str = "git", **data: str) -> dict[str, Any]:
    return secret({"repoURL": HTTPS_URL, **data}, labels={"kargo.akuity.io/cred-type": kind})


GOOGLE_KEY = json.dumps({"type": "service_account", "client_email": "a@p.iam", "private_key": "s3cret"}, indent=2)
AZURE = {
    f"argocd_azure_service_principal_{part}": value
    for part, value in (
        ("client_id", "12345678-1234-1234-1234-123456789abc"),
        ("tenant_id", "12345678-1234-1234-1234-123456789def"),
        ("client_secret", "s3cret"),
    )
}
AWS = {
    "kargo_aws_region": "eu-central-1",
    "kargo_aws_access_key_id": "AKIAEXAMPLEEXAMPLE12",
    "kargo_aws_secret_access_key": "s3cret",
}
ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app"
GAR = "europe-west3-docker.pkg.dev/project/images/app"
DEVOPS = "https://dev.azure.com/acme/app/_git/app"


def git_config(port: str) -> str:
    return f'[credential "https://git.example.com{port}"]\n\thelper = store\n'


def devworkspace_ssh(checking: str, **data: str) -> dict[str, Any]:
    config = f"Host *\n  IdentityFile /etc/ssh/dwo_ssh_key\n  StrictHostKeyChecking {checking}\n"
    return secret(
        {"dwo_ssh_key.pub": f"{PUBLIC}\n", "ssh_config": config, **data},
        labels={f"{DEVFILE}mount-to-devworkspace": "true", f"{DEVFILE}watch-secret": "true"},
        annotations={f"{DEVFILE}mount-path": "/etc/ssh/", f"{DEVFILE}mount-as": "subpath"},
    )


# Format, kind, the options beside the format, the Secret.
CASES: tuple[tuple[str, str, dict[str, Any], dict[str, Any]], ...] = (
    ("git_sync", "ssh", {"ssh": SSH}, secret({"ssh": KEY, "known_hosts": HOSTS})),
    ("git_sync", "https", {"https": ADA, "url": HTTPS_URL}, secret(ADA)),
    ("git_sync", "cookie_file", {"cookie_file": COOKIES}, secret({"cookie_file": COOKIES})),
    (
        "git_sync_env",
        "https with submodules of other servers",
        {"https": ADA, "format_options": {"git_sync_credentials": [LOGIN, {**LOGIN, "url": "https://b.example.com"}]}},
        secret(
            {
                "GITSYNC_USERNAME": "ada",
                "GITSYNC_PASSWORD": "s3cret",
                "GITSYNC_CREDENTIAL": '[{"url": "https://a.example.com", "username": "eve", "password": "t0ken"}, '
                '{"url": "https://b.example.com", "username": "eve", "password": "t0ken"}]',
            }
        ),
    ),
    (
        "git_sync_env",
        "github_app",
        {"github_app": {**APP, "base_url": "https://ghe.example.com/api/v3"}},
        secret(
            {
                "GITSYNC_GITHUB_APP_APPLICATION_ID": "7",
                "GITSYNC_GITHUB_APP_INSTALLATION_ID": "42",
                "GITSYNC_GITHUB_APP_PRIVATE_KEY": APP_KEY,
                "GITSYNC_GITHUB_BASE_URL": "https://ghe.example.com/api/v3",
            }
        ),
    ),
    (
        "git_sync_env",
        "github_app by client ID",
        {"github_app": {"client_id": "Iv23.a", "installation_id": "42", "private_key": APP_KEY}},
        secret(
            {
                "GITSYNC_GITHUB_APP_CLIENT_ID": "Iv23.a",
                "GITSYNC_GITHUB_APP_INSTALLATION_ID": "42",
                "GITSYNC_GITHUB_APP_PRIVATE_KEY": APP_KEY,
            }
        ),
    ),
    ("primehub", "ssh", {"ssh": BARE_SSH}, secret({"ssh": KEY}, annotations={"displayName": "app"})),
    ("airflow", "ssh", {"ssh": BARE_SSH}, secret({"gitSshKey": KEY})),
    (
        "airflow",
        "https",
        {"https": ADA},
        secret(
            {
                "GIT_SYNC_USERNAME": "ada",
                "GITSYNC_USERNAME": "ada",
                "GIT_SYNC_PASSWORD": "s3cret",
                "GITSYNC_PASSWORD": "s3cret",
            }
        ),
    ),
    ("airflow_community", "ssh", {"ssh": BARE_SSH}, secret({"id_rsa": KEY})),
    ("airflow_community", "https", {"https": ADA}, secret(ADA)),
    (
        "airflow_connection",
        "ssh",
        {"ssh": BARE_SSH, "url": SCP_URL},
        connection(host=SCP_URL, extra={"private_key": KEY}),
    ),
    (
        "airflow_connection",
        "ssh with passphrase and host keys",
        {
            "ssh": {"private_key": LOCKED, "passphrase": PASSPHRASE},
            "url": SSH_URL,
            "format_options": {
                "airflow_known_hosts_file": "/opt/airflow/known_hosts",
                "airflow_strict_host_key_checking": "yes",
            },
        },
        connection(
            host=SSH_URL,
            extra={
                "private_key": LOCKED,
                "private_key_passphrase": PASSPHRASE,
                "known_hosts_file": "/opt/airflow/known_hosts",
                "strict_host_key_checking": "yes",
            },
        ),
    ),
    (
        "airflow_connection",
        "https",
        {"https": ADA, "url": HTTPS_URL},
        connection(host=HTTPS_URL, login="ada", password="s3cret"),
    ),
    (
        "airflow_connection",
        "https with password alone",
        {"https": {"password": 'a"b\\c ü'}, "url": HTTPS_URL},
        connection(host=HTTPS_URL, password='a"b\\c ü'),
    ),
    (
        "airflow_connection",
        "github_app",
        {"github_app": APP, "url": HTTPS_URL},
        connection(
            host=HTTPS_URL,
            extra={
                "github_app_id": "7",
                "github_installation_id": "42",
                "private_key": APP_KEY,
            },
        ),
    ),
    (
        "airflow_connection",
        "github_app by client ID",
        {
            "github_app": {"client_id": "Iv23.a", "installation_id": "42", "private_key": APP_KEY},
            "url": HTTPS_URL,
        },
        connection(
            host=HTTPS_URL,
            extra={"github_app_id": "Iv23.a", "github_installation_id": "42", "private_key": APP_KEY},
        ),
    ),
    ("config_sync", "ssh", {"ssh": SSH}, secret({"ssh": KEY, "known_hosts": HOSTS})),
    ("config_sync", "https", {"https": ADA}, secret({"username": "ada", "token": "s3cret"})),
    ("config_sync", "cookie_file", {"cookie_file": COOKIES}, secret({"cookie_file": COOKIES})),
    (
        "config_sync",
        "https with a proxy",
        {"https": ADA, "format_options": {"config_sync_https_proxy": "http://eve:t0ken@proxy.example.com:3128"}},
        secret({"username": "ada", "token": "s3cret", "https_proxy": "http://eve:t0ken@proxy.example.com:3128"}),
    ),
    (
        "config_sync",
        "github_app",
        {"github_app": {**APP, "base_url": "https://ghe.example.com/api/v3"}},
        secret(
            {
                "github-app-application-id": "7",
                "github-app-installation-id": "42",
                "github-app-private-key": APP_KEY,
                "github-app-base-url": "https://ghe.example.com/api/v3",
            }
        ),
    ),
    (
        "config_sync",
        "github_app by client ID",
        {"github_app": {"client_id": "Iv23.a", "installation_id": "42", "private_key": APP_KEY}},
        secret(
            {
                "github-app-client-id": "Iv23.a",
                "github-app-installation-id": "42",
                "github-app-private-key": APP_KEY,
            }
        ),
    ),
    (
        "flux",
        "ssh",
        {"ssh": SSH, "url": SSH_URL},
        secret({"identity": KEY, "identity.pub": f"{PUBLIC}\n", "known_hosts": HOSTS}),
    ),
    (
        "flux",
        "ssh with passphrase",
        {"ssh": {**SSH, "private_key": LOCKED, "passphrase": PASSPHRASE}},
        secret({"identity": LOCKED, "identity.pub": f"{PUBLIC}\n", "known_hosts": HOSTS, "password": PASSPHRASE}),
    ),
    ("flux", "https", {"https": ADA}, secret(ADA)),
    (
        "flux",
        "https with CA and client certificate",
        {"https": {**ADA, **CLIENT, "ca_certificate": certificate("RSA")}},
        secret({**ADA, "ca.crt": certificate("RSA"), "tls.crt": CERTIFICATE, "tls.key": CLIENT_KEY}),
    ),
    (
        "flux",
        "https with client certificate alone",
        {"https": CLIENT},
        secret({"tls.crt": CERTIFICATE, "tls.key": CLIENT_KEY}),
    ),
    ("flux", "https with token", {"https": {"bearer_token": "t0ken"}}, secret({"bearerToken": "t0ken"})),
    (
        "flux",
        "github_app",
        {"github_app": {**APP, "base_url": "https://ghe.example.com/api/v3"}},
        secret(
            {
                "githubAppID": "7",
                "githubAppInstallationID": "42",
                "githubAppPrivateKey": APP_KEY,
                "githubAppBaseURL": "https://ghe.example.com/api/v3",
            }
        ),
    ),
    (
        "flux",
        "github_app by owner",
        {"github_app": {"id": "7", "owner": "acme", "private_key": APP_KEY_8}},
        secret({"githubAppID": "7", "githubAppInstallationOwner": "acme", "githubAppPrivateKey": APP_KEY_8}),
    ),
    (
        "flux",
        "github_app of an enterprise with a CA",
        {"github_app": {**APP, "ca_certificate": CERTIFICATE}},
        secret(
            {
                "githubAppID": "7",
                "githubAppInstallationID": "42",
                "githubAppPrivateKey": APP_KEY,
                "ca.crt": CERTIFICATE,
            }
        ),
    ),
    (
        "flux_proxy",
        "https",
        {"https": ADA, "url": "http://proxy.example.com:3128"},
        secret({**ADA, "address": "http://proxy.example.com:3128"}),
    ),
    (
        "flux_proxy",
        "https without a login",
        {"https": {}, "url": "socks5://proxy.example.com:1080"},
        secret({"address": "socks5://proxy.example.com:1080"}),
    ),
    ("flux_signing", "ssh", {"ssh": BARE_SSH}, secret({"identity": KEY})),
    (
        "flux_signing",
        "ssh with passphrase",
        {"ssh": {"private_key": LOCKED, "passphrase": PASSPHRASE}},
        secret({"identity": LOCKED, "password": PASSPHRASE}),
    ),
    ("flux_signing", "gpg", {"gpg": {"private_key": GPG_KEY}}, secret({"git.asc": GPG_KEY})),
    (
        "flux_signing",
        "gpg with passphrase",
        {"gpg": {"private_key": LOCKED_GPG_KEY.replace("\n", "\r\n"), "passphrase": PASSPHRASE}, "url": SSH_URL},
        secret({"git.asc": LOCKED_GPG_KEY, "passphrase": PASSPHRASE}),
    ),
    ("flux_receiver", "https", {"https": {"password": "t0ken"}}, secret({"token": "t0ken"})),
    ("argocd_repository", "ssh", {"ssh": BARE_SSH, "url": SCP_URL}, argocd(SCP_URL, sshPrivateKey=KEY)),
    ("argocd_repository", "https", {"https": ADA, "url": HTTPS_URL}, argocd(HTTPS_URL, **ADA)),
    (
        "argocd_repository",
        "https with password alone",
        {"https": {"password": "s3cret"}, "url": HTTPS_URL},
        argocd(HTTPS_URL, password="s3cret"),
    ),
    (
        "argocd_repository",
        "https with token and client certificate",
        {"https": {"bearer_token": "t0ken", **CLIENT}, "url": HTTPS_URL},
        argocd(HTTPS_URL, bearerToken="t0ken", tlsClientCertData=CERTIFICATE, tlsClientCertKey=CLIENT_KEY),
    ),
    (
        "argocd_repository",
        "github_app",
        {"github_app": {**APP, "base_url": "https://ghe.example.com/api/v3"}, "url": HTTPS_URL},
        argocd(
            HTTPS_URL,
            githubAppID="7",
            githubAppInstallationID="42",
            githubAppPrivateKey=APP_KEY,
            githubAppEnterpriseBaseUrl="https://ghe.example.com/api/v3",
        ),
    ),
    (
        "argocd_repository",
        "https with all format_options",
        {
            "https": ADA,
            "url": HTTPS_URL,
            "format_options": {
                "argocd_name": "app",
                "argocd_project": "web",
                "argocd_insecure": True,
                "argocd_enable_lfs": "false",
                "argocd_depth": 1,
                "argocd_force_http_basic_auth": True,
                "argocd_proxy": "http://ada:s3cret@proxy.example.com:3128",
                "argocd_no_proxy": "*.internal",
            },
        },
        argocd(
            HTTPS_URL,
            **ADA,
            name="app",
            project="web",
            insecure="true",
            enableLfs="false",
            depth="1",
            forceHttpBasicAuth="true",
            proxy="http://ada:s3cret@proxy.example.com:3128",
            noProxy="*.internal",
        ),
    ),
    (
        "argocd_repo_creds",
        "ssh",
        {"ssh": BARE_SSH, "url": "ssh://git@git.example.com/"},
        argocd("ssh://git@git.example.com/", "repo-creds", sshPrivateKey=KEY),
    ),
    (
        "argocd_repo_creds",
        "https",
        {"https": ADA, "url": "https://git.example.com/team/"},
        argocd("https://git.example.com/team/", "repo-creds", **ADA),
    ),
    (
        "argocd_repo_creds",
        "github_app",
        {"github_app": APP, "url": "https://git.example.com/", "format_options": {"argocd_proxy": "http://p:1"}},
        argocd(
            "https://git.example.com/",
            "repo-creds",
            githubAppID="7",
            githubAppInstallationID="42",
            githubAppPrivateKey=APP_KEY,
            proxy="http://p:1",
        ),
    ),
    (
        "argocd_repository",
        "github_app without installation",
        {"github_app": {"id": "7", "private_key": APP_KEY}, "url": HTTPS_URL},
        argocd(HTTPS_URL, githubAppID="7", githubAppPrivateKey=APP_KEY),
    ),
    (
        "argocd_repository",
        "cloud_identity of Azure",
        {
            "url": DEVOPS,
            "format_options": {
                **AZURE,
                "argocd_azure_active_directory_endpoint": "https://login.microsoftonline.us",
                "argocd_use_azure_workload_identity": False,
                "argocd_gcp_service_account_key": None,
                "argocd_insecure_ignore_host_key": False,
            },
        },
        argocd(
            DEVOPS,
            azureServicePrincipalClientId="12345678-1234-1234-1234-123456789abc",
            azureServicePrincipalTenantId="12345678-1234-1234-1234-123456789def",
            azureServicePrincipalClientSecret="s3cret",
            azureActiveDirectoryEndpoint="https://login.microsoftonline.us",
            insecureIgnoreHostKey="false",
        ),
    ),
    (
        "argocd_repository",
        "cloud_identity of a workload",
        {"url": DEVOPS, "format_options": {"argocd_use_azure_workload_identity": True}},
        argocd(DEVOPS, useAzureWorkloadIdentity="true"),
    ),
    (
        "argocd_repository",
        "cloud_identity of Google",
        {
            "url": "https://source.developers.google.com/p/a/r/b",
            "format_options": {"argocd_gcp_service_account_key": f"{GOOGLE_KEY}\n"},
        },
        argocd("https://source.developers.google.com/p/a/r/b", gcpServiceAccountKey=GOOGLE_KEY),
    ),
    (
        "argocd_repository",
        "cloud_identity of Google as a mapping",
        {"url": HTTPS_URL, "format_options": {"argocd_gcp_service_account_key": json.loads(GOOGLE_KEY)}},
        argocd(HTTPS_URL, gcpServiceAccountKey=GOOGLE_KEY),
    ),
    (
        "argocd_repository",
        "https of a Helm repository",
        {
            "https": {**ADA, **CLIENT},
            "url": "https://charts.example.com",
            "format_options": {"argocd_type": "helm", "argocd_name": "charts", "argocd_project": "web"},
        },
        argocd(
            "https://charts.example.com",
            kind="helm",
            name="charts",
            project="web",
            tlsClientCertData=CERTIFICATE,
            tlsClientCertKey=CLIENT_KEY,
            **ADA,
        ),
    ),
    (
        "argocd_repository",
        "https of a Helm repository, by certificate",
        {
            "https": CLIENT,
            "url": "https://charts.example.com",
            "format_options": {"argocd_type": "helm", "argocd_name": "charts"},
        },
        argocd(
            "https://charts.example.com",
            kind="helm",
            name="charts",
            tlsClientCertData=CERTIFICATE,
            tlsClientCertKey=CLIENT_KEY,
        ),
    ),
    (
        "argocd_repository",
        "https of charts in a registry",
        {
            "https": ADA,
            "url": "registry.example.com:5000/team/charts",
            "format_options": {
                "argocd_type": "helm",
                "argocd_name": "charts",
                "argocd_insecure_oci_force_http": True,
                "argocd_no_proxy": "*.internal",
            },
        },
        argocd(
            "registry.example.com:5000/team/charts",
            kind="helm",
            name="charts",
            enableOCI="true",
            insecureOCIForceHttp="true",
            noProxy="*.internal",
            **ADA,
        ),
    ),
    (
        "argocd_repository",
        "cloud_identity of charts",
        {
            "url": "acme.azurecr.io/charts",
            "format_options": {
                "argocd_type": "helm",
                "argocd_name": "charts",
                "argocd_enable_oci": True,
                "argocd_use_azure_workload_identity": "true",
            },
        },
        argocd("acme.azurecr.io/charts", kind="helm", name="charts", enableOCI="true", useAzureWorkloadIdentity="true"),
    ),
    (
        "argocd_repository",
        "https of an OCI repository",
        {"https": ADA, "url": "oci://registry.example.com/team/app", "format_options": {"argocd_type": "oci"}},
        argocd("oci://registry.example.com/team/app", kind="oci", **ADA),
    ),
    (
        "argocd_repo_creds",
        "cloud_identity of Azure",
        {"url": "https://dev.azure.com/acme/", "format_options": AZURE},
        argocd(
            "https://dev.azure.com/acme/",
            "repo-creds",
            azureServicePrincipalClientID="12345678-1234-1234-1234-123456789abc",
            azureServicePrincipalTenantID="12345678-1234-1234-1234-123456789def",
            azureServicePrincipalClientSecret="s3cret",
        ),
    ),
    (
        "argocd_repo_creds",
        "https of charts",
        {"https": ADA, "url": "registry.example.com/", "format_options": {"argocd_type": "helm"}},
        argocd("registry.example.com/", "repo-creds", kind="helm", enableOCI="true", **ADA),
    ),
    (
        "argocd_repo_creds",
        "cloud_identity of charts",
        {
            "url": "https://charts.example.com/",
            "format_options": {"argocd_type": "helm", "argocd_use_azure_workload_identity": True},
        },
        argocd("https://charts.example.com/", "repo-creds", kind="helm", useAzureWorkloadIdentity="true"),
    ),
    (
        "argocd_repo_creds",
        "https of OCI repositories",
        {"https": ADA, "url": "oci://registry.example.com/", "format_options": {"argocd_type": "oci"}},
        argocd("oci://registry.example.com/", "repo-creds", kind="oci", **ADA),
    ),
    *(
        (
            name,
            f"{kind} to push",
            {**given, "url": url},
            argocd(url, secret_type, **data),
        )
        for name, secret_type, https_url, ssh_url, id_end in (
            ("argocd_repository_write", "repository-write", HTTPS_URL, SCP_URL, "Id"),
            ("argocd_repo_creds_write", "repo-write-creds", "https://git.example.com/", "git@git.example.com:", "ID"),
        )
        for kind, url, given, data in (
            ("ssh", ssh_url, {"ssh": BARE_SSH}, {"sshPrivateKey": KEY}),
            ("https", https_url, {"https": ADA}, ADA),
            (
                "github_app",
                https_url,
                {"github_app": {"id": "7", "private_key": APP_KEY}},
                {"githubAppID": "7", "githubAppPrivateKey": APP_KEY},
            ),
            (
                "cloud_identity",
                https_url,
                {"format_options": AZURE},
                {
                    f"azureServicePrincipalClient{id_end}": "12345678-1234-1234-1234-123456789abc",
                    f"azureServicePrincipalTenant{id_end}": "12345678-1234-1234-1234-123456789def",
                    "azureServicePrincipalClientSecret": "s3cret",
                },
            ),
        )
    ),
    (
        "argocd_scm_creds",
        "https",
        {"https": {"password": "t0ken"}},
        secret({"token": "t0ken"}, labels={ARGOCD: "scm-creds"}),
    ),
    ("argocd_image_updater", "ssh", {"ssh": BARE_SSH, "url": SSH_URL}, secret({"sshPrivateKey": KEY})),
    ("argocd_image_updater", "https", {"https": ADA}, secret(ADA)),
    (
        "argocd_image_updater",
        "github_app",
        {
            "github_app": {**APP, "base_url": "https://ghe.example.com/api/v3"},
            "format_options": {"argocd_insecure": False, "argocd_proxy": "http://proxy.example.com:3128"},
        },
        secret(
            {
                "githubAppID": "7",
                "githubAppInstallationID": "42",
                "githubAppPrivateKey": APP_KEY,
                "githubAppEnterpriseBaseUrl": "https://ghe.example.com/api/v3",
                "insecure": "false",
                "proxy": "http://proxy.example.com:3128",
            }
        ),
    ),
    (
        "tekton",
        "ssh",
        {"ssh": SSH, "url": SSH_URL},
        secret(
            {"ssh-privatekey": KEY, "known_hosts": HOSTS}, SSH_AUTH, annotations={"tekton.dev/git-0": "git.example.com"}
        ),
    ),
    (
        "tekton",
        "ssh on another port",
        {
            "ssh": {"private_key": KEY, "known_hosts": f"[git.example.com]:2222 {PUBLIC}\n"},
            "url": "ssh://git@git.example.com:2222/a",
            "format_options": {"tekton_index": 3},
        },
        secret(
            {"ssh-privatekey": KEY, "known_hosts": f"[git.example.com]:2222 {PUBLIC}\n"},
            SSH_AUTH,
            annotations={"tekton.dev/git-3": "git.example.com:2222"},
        ),
    ),
    (
        "tekton",
        "https",
        {"https": ADA, "url": HTTPS_URL, "format_options": {"tekton_index": None}},
        secret(ADA, BASIC_AUTH, annotations={"tekton.dev/git-0": "https://git.example.com"}),
    ),
    (
        "tekton",
        "https for one repository",
        {"https": ADA, "url": HTTPS_URL, "format_options": {"tekton_path": True}},
        secret(ADA, BASIC_AUTH, annotations={"tekton.dev/git-0": HTTPS_URL}),
    ),
    (
        "tekton",
        "ssh for one repository",
        {"ssh": SSH, "url": "git@git.example.com:team/app.git", "format_options": {"tekton_path": True}},
        secret(
            {"ssh-privatekey": KEY, "known_hosts": HOSTS},
            SSH_AUTH,
            annotations={"tekton.dev/git-0": "git.example.com/team/app"},
        ),
    ),
    (
        "tekton",
        "https for several servers and a folder",
        {
            "https": ADA,
            "url": "https://git.example.com/",
            "format_options": {
                "tekton_index": 2,
                "tekton_path": True,
                "tekton_urls": ["https://git.example.com/team/", "http://git.example.org:3000"],
            },
        },
        secret(
            ADA,
            BASIC_AUTH,
            annotations={
                "tekton.dev/git-2": "https://git.example.com",
                "tekton.dev/git-3": "https://git.example.com/team",
                "tekton.dev/git-4": "http://git.example.org:3000",
            },
        ),
    ),
    (
        "tekton_workspace",
        "ssh",
        {"ssh": SSH, "format_options": {"tekton_ssh_config": "Host git.example.com\n  Port 2222"}},
        secret({"id_rsa": KEY, "known_hosts": HOSTS, "config": "Host git.example.com\n  Port 2222\n"}),
    ),
    ("tekton_resolver", "https", {"https": {"password": "t0ken"}}, secret({"token": "t0ken"})),
    (
        "fleet",
        "https with password alone",
        {"https": {"password": "t0ken"}},
        secret({"password": "t0ken"}, BASIC_AUTH),
    ),
    ("fleet_helm", "https", {"https": {"ca_certificate": CERTIFICATE}}, secret({"cacerts": CERTIFICATE})),
    (
        "fleet_helm",
        "https with all format_options",
        {"https": ADA, "format_options": {"fleet_insecure_skip_verify": True, "fleet_basic_http": "false"}},
        secret({**ADA, "insecureSkipVerify": "true", "basicHTTP": "false"}),
    ),
    (
        "fleet",
        "ssh",
        {"ssh": {"private_key": PEM_KEY, "known_hosts": HOSTS}},
        secret({"ssh-privatekey": PEM_KEY, "known_hosts": HOSTS}, SSH_AUTH),
    ),
    ("fleet", "https", {"https": ADA}, secret(ADA, BASIC_AUTH)),
    (
        "fleet",
        "github_app",
        {"github_app": APP},
        secret({"github_app_id": "7", "github_app_installation_id": "42", "github_app_private_key": APP_KEY}),
    ),
    (
        "openshift_build",
        "ssh",
        {"ssh": SSH, "format_options": {"openshift_match_uris": ["ssh://git.example.com/*", "ssh://*.org:22/*"]}},
        secret(
            {"ssh-privatekey": KEY, "known_hosts": HOSTS},
            SSH_AUTH,
            annotations={
                "build.openshift.io/source-secret-match-uri-1": "ssh://git.example.com/*",
                "build.openshift.io/source-secret-match-uri-2": "ssh://*.org:22/*",
            },
        ),
    ),
    (
        "openshift_build",
        "https",
        {"https": {**ADA, "ca_certificate": CERTIFICATE}},
        secret({**ADA, "ca.crt": CERTIFICATE}, BASIC_AUTH),
    ),
    (
        "openshift_build",
        "https with a Git configuration",
        {"https": ADA, "format_options": {"openshift_gitconfig": GIT_CONFIG}},
        secret({**ADA, ".gitconfig": GIT_CONFIG}, BASIC_AUTH),
    ),
    (
        "openshift_build",
        "https with password alone",
        {"https": {"password": "s3cret"}},
        secret({"password": "s3cret"}, BASIC_AUTH),
    ),
    (
        "jenkins",
        "ssh",
        {"ssh": BARE_SSH},
        jenkins("basicSSHUserPrivateKey", {"username": "git", "privateKey": KEY}),
    ),
    (
        "jenkins",
        "ssh with the user of the URL",
        {"ssh": BARE_SSH, "url": "ssh://ada@git.example.com/a"},
        jenkins("basicSSHUserPrivateKey", {"username": "ada", "privateKey": KEY}),
    ),
    (
        "jenkins",
        "ssh with passphrase and user",
        {
            "ssh": {"private_key": LOCKED, "passphrase": PASSPHRASE},
            "format_options": {"jenkins_username": "eve"},
        },
        jenkins("basicSSHUserPrivateKey", {"username": "eve", "privateKey": LOCKED, "passphrase": PASSPHRASE}),
    ),
    ("jenkins", "https", {"https": ADA}, jenkins("usernamePassword", ADA)),
    (
        "jenkins",
        "https with description and scope",
        {"https": ADA, "format_options": {"jenkins_description": "the app", "jenkins_scope": "system"}},
        secret(
            ADA,
            labels={JENKINS: "usernamePassword", "jenkins.io/credentials-scope": "system"},
            annotations={"jenkins.io/credentials-description": "the app"},
        ),
    ),
    (
        "jenkins",
        "github_app",
        {"github_app": {"id": "7", "private_key": APP_KEY_8}},
        jenkins("gitHubApp", {"appID": "7", "privateKey": APP_KEY_8}),
    ),
    (
        "jenkins",
        "github_app of an enterprise",
        {
            "github_app": {
                "id": "7",
                "private_key": APP_KEY_8,
                "owner": "acme",
                "base_url": "https://ghe.example.com/api/v3",
            }
        },
        jenkins(
            "gitHubApp",
            {"appID": "7", "privateKey": APP_KEY_8, "owner": "acme", "apiUri": "https://ghe.example.com/api/v3"},
        ),
    ),
    (
        "jenkins",
        "github_app for the older plugin",
        {"github_app": {"id": "7", "private_key": APP_KEY_8}, "format_options": {"jenkins_type": "githubApp"}},
        jenkins("githubApp", {"appId": "7", "privateKey": APP_KEY_8}),
    ),
    (
        "jenkins",
        "https as a text",
        {"https": {"password": "s3cret"}, "format_options": {"jenkins_type": "secretText"}},
        jenkins("secretText", {"text": "s3cret"}),
    ),
    (
        "jenkins",
        "cookie_file as a file",
        {"cookie_file": COOKIES, "format_options": {"jenkins_type": "secretFile"}},
        jenkins("secretFile", {"filename": ".gitcookies", "data": COOKIES}),
    ),
    (
        "jenkins",
        "cookie_file with its name",
        {"cookie_file": COOKIES, "format_options": {"jenkins_type": "secretFile", "jenkins_filename": "cookies"}},
        jenkins("secretFile", {"filename": "cookies", "data": COOKIES}),
    ),
    (
        "jenkins",
        "https with other names of keys",
        {"https": ADA, "format_options": {"jenkins_keys": {"username": "user", "password": "token"}}},
        secret(
            {"user": "ada", "token": "s3cret"},
            labels={JENKINS: "usernamePassword"},
            annotations={
                "jenkins.io/credentials-keybinding-username": "user",
                "jenkins.io/credentials-keybinding-password": "token",
            },
        ),
    ),
    (
        "jenkins",
        "ssh with another name for the user",
        {"ssh": BARE_SSH, "format_options": {"jenkins_keys": {"username": "login", "privateKey": "ssh-privatekey"}}},
        secret(
            {"login": "git", "ssh-privatekey": KEY},
            labels={JENKINS: "basicSSHUserPrivateKey"},
            annotations={
                "jenkins.io/credentials-keybinding-username": "login",
                "jenkins.io/credentials-keybinding-privateKey": "ssh-privatekey",
            },
        ),
    ),
    (
        "jenkins",
        "https as a text under another name",
        {
            "https": {"password": "s3cret"},
            "format_options": {"jenkins_type": "secretText", "jenkins_keys": {"text": "token"}},
        },
        secret(
            {"token": "s3cret"},
            labels={JENKINS: "secretText"},
            annotations={"jenkins.io/credentials-keybinding-text": "token"},
        ),
    ),
    ("actions_runner_controller", "https", {"https": {"password": "s3cret"}}, secret({"github_token": "s3cret"})),
    (
        "actions_runner_controller",
        "github_app",
        {"github_app": APP},
        secret({"github_app_id": "7", "github_app_installation_id": "42", "github_app_private_key": APP_KEY}),
    ),
    (
        "actions_runner_controller",
        "github_app by client ID",
        {"github_app": {"client_id": "Iv23.a", "installation_id": "42", "private_key": APP_KEY_8}},
        secret({"github_app_id": "Iv23.a", "github_app_installation_id": "42", "github_app_private_key": APP_KEY_8}),
    ),
    (
        "git_credentials",
        "https",
        {"https": ADA, "url": HTTPS_URL},
        secret({".git-credentials": "https://ada:s3cret@git.example.com\n", ".gitconfig": git_config("")}),
    ),
    (
        "git_credentials",
        "https with characters that a URL splits at",
        {"https": {"username": "ada@acme", "password": "p:a/s@s?ö%2F w"}, "url": "https://git.example.com:8443/a"},
        secret(
            {
                ".git-credentials": "https://ada%40acme:p%3Aa%2Fs%40s%3F%C3%B6%252F%20w@git.example.com:8443\n",
                ".gitconfig": git_config(":8443"),
            }
        ),
    ),
    (
        "devworkspace_git",
        "https",
        {"https": {"username": "ada", "password": "s3c@ret"}, "url": HTTPS_URL},
        secret(
            {"credentials": "https://ada:s3c%40ret@git.example.com"},
            labels={f"{DEVFILE}git-credential": "true", f"{DEVFILE}watch-secret": "true"},
        ),
    ),
    (
        "devworkspace_git",
        "https for some workspaces",
        {
            "https": ADA,
            "url": "https://git.example.com",
            "format_options": {
                "devworkspace_mount_on_start": True,
                "devworkspace_include": "web-*",
                "devworkspace_exclude": "*-test",
            },
        },
        secret(
            {"credentials": "https://ada:s3cret@git.example.com"},
            labels={f"{DEVFILE}git-credential": "true", f"{DEVFILE}watch-secret": "true"},
            annotations={
                f"{DEVFILE}mount-on-start": "true",
                f"{DEVFILE}mount-to-devworkspace-include": "web-*",
                f"{DEVFILE}mount-to-devworkspace-exclude": "*-test",
            },
        ),
    ),
    (
        "devworkspace_ssh",
        "ssh",
        {"ssh": SSH, "url": SCP_URL},
        devworkspace_ssh("yes", dwo_ssh_key=KEY, ssh_known_hosts=HOSTS),
    ),
    ("devworkspace_ssh", "ssh without host keys", {"ssh": BARE_SSH}, devworkspace_ssh("accept-new", dwo_ssh_key=KEY)),
    (
        "devworkspace_ssh",
        "ssh with passphrase",
        {"name": "git-ssh-key", "ssh": {**SSH, "private_key": LOCKED, "passphrase": PASSPHRASE}},
        devworkspace_ssh("yes", dwo_ssh_key=LOCKED, ssh_known_hosts=HOSTS, passphrase=PASSPHRASE),
    ),
    ("pipelines_as_code", "https", {"https": {"password": "s3cret"}}, secret({"provider.token": "s3cret"})),
    (
        "pipelines_as_code",
        "https with a webhook secret",
        {"https": {"password": "s3cret"}, "format_options": {"pipelines_as_code_webhook_secret": "h00k-s3cret"}},
        secret({"provider.token": "s3cret", "webhook.secret": "h00k-s3cret"}),
    ),
    (
        "pipelines_as_code",
        "github_app",
        {
            "github_app": {"id": "7", "private_key": APP_KEY},
            "format_options": {"pipelines_as_code_webhook_secret": "h00k-s3cret"},
        },
        secret({"github-application-id": "7", "github-private-key": APP_KEY, "webhook.secret": "h00k-s3cret"}),
    ),
    ("kargo", "https", {"https": ADA, "url": HTTPS_URL}, kargo(**ADA)),
    (
        "kargo",
        "https with a pattern",
        {"https": ADA, "url": "^https://git.example.com/[a-z]+$", "format_options": {"kargo_url_is_regex": "true"}},
        kargo(**ADA, repoURL="^https://git.example.com/[a-z]+$", repoURLIsRegex="true"),
    ),
    (
        "kargo",
        "github_app",
        {"github_app": APP, "url": HTTPS_URL, "format_options": {"kargo_url_is_regex": False}},
        kargo(githubAppID="7", githubAppInstallationID="42", githubAppPrivateKey=APP_KEY, repoURLIsRegex="false"),
    ),
    (
        "kargo",
        "github_app by client ID",
        {
            "github_app": {"client_id": "Iv1", "installation_id": "42", "private_key": APP_KEY},
            "url": HTTPS_URL,
        },
        kargo(githubAppClientID="Iv1", githubAppInstallationID="42", githubAppPrivateKey=APP_KEY),
    ),
    (
        "kargo",
        "https of an image",
        {"https": ADA, "url": "ghcr.io/acme/app", "format_options": {"kargo_type": "image"}},
        kargo("image", repoURL="ghcr.io/acme/app", **ADA),
    ),
    (
        "kargo",
        "https of images by pattern",
        {
            "https": ADA,
            "url": "^ghcr\\.io/acme/",
            "format_options": {"kargo_type": "image", "kargo_url_is_regex": True},
        },
        kargo("image", repoURL="^ghcr\\.io/acme/", repoURLIsRegex="true", **ADA),
    ),
    (
        "kargo",
        "cloud_identity of AWS",
        {"url": ECR, "format_options": {"kargo_type": "image", **AWS}},
        kargo(
            "image",
            repoURL=ECR,
            awsRegion="eu-central-1",
            awsAccessKeyID="AKIAEXAMPLEEXAMPLE12",
            awsSecretAccessKey="s3cret",
        ),
    ),
    *(
        (
            "kargo",
            f"cloud_identity of Google, {name}",
            {"url": GAR, "format_options": {"kargo_type": "image", "kargo_gcp_service_account_key": key}},
            kargo("image", repoURL=GAR, gcpServiceAccountKey=encode(GOOGLE_KEY)),
        )
        for name, key in (("JSON", GOOGLE_KEY), ("base64", encode(GOOGLE_KEY)))
    ),
    (
        "kargo",
        "https of a chart",
        {"https": ADA, "url": "https://charts.example.com", "format_options": {"kargo_type": "helm"}},
        kargo("helm", repoURL="https://charts.example.com", **ADA),
    ),
    (
        "kargo",
        "cloud_identity of a chart",
        {"url": f"oci://{ECR}", "format_options": {"kargo_type": "helm", **AWS}},
        kargo(
            "helm",
            repoURL=f"oci://{ECR}",
            awsRegion="eu-central-1",
            awsAccessKeyID="AKIAEXAMPLEEXAMPLE12",
            awsSecretAccessKey="s3cret",
        ),
    ),
    (
        "kargo",
        "https of a generic Secret",
        {"https": {"password": "s3cret"}, "format_options": {"kargo_type": "generic"}},
        secret({"password": "s3cret"}, labels={"kargo.akuity.io/cred-type": "generic"}),
    ),
    (
        "kpack",
        "ssh",
        {"ssh": SSH, "url": "ssh://git@git.example.com"},
        secret(
            {"ssh-privatekey": KEY, "known_hosts": HOSTS},
            SSH_AUTH,
            annotations={"kpack.io/git": "git@git.example.com"},
        ),
    ),
    (
        "kpack",
        "https",
        {"https": ADA, "url": "https://git.example.com/"},
        secret(ADA, BASIC_AUTH, annotations={"kpack.io/git": "https://git.example.com"}),
    ),
    ("vendir", "ssh", {"ssh": SSH}, secret({"ssh-privatekey": KEY, "ssh-knownhosts": HOSTS})),
    ("vendir", "https", {"https": ADA}, secret(ADA)),
    (
        "custom",
        "ssh",
        {
            "ssh": {**SSH, "private_key": LOCKED, "passphrase": PASSPHRASE},
            "url": SSH_URL,
            "keys": {
                "private_key": "id_ed25519",
                "public_key": "id_ed25519.pub",
                "known_hosts": "hosts",
                "passphrase": "phrase",
                "url": "remote",
            },
        },
        secret(
            {
                "id_ed25519": LOCKED,
                "id_ed25519.pub": f"{PUBLIC}\n",
                "hosts": HOSTS,
                "phrase": PASSPHRASE,
                "remote": SSH_URL,
            }
        ),
    ),
    (
        "custom",
        "https with a type",
        {
            "https": {"password": "s3cret"},
            "keys": {"password": "token"},
            "format_options": {"custom_type": "example.com/git"},
        },
        secret({"token": "s3cret"}, "example.com/git"),
    ),
    (
        "custom",
        "cookie_file",
        {"cookie_file": COOKIES, "keys": {"cookie_file": "a" * 253}},
        secret({"a" * 253: COOKIES}),
    ),
    (
        "custom",
        "cookie_file with a byte-order mark",
        {"cookie_file": "\ufeff" + COOKIES, "keys": {"cookie_file": "c"}},
        secret({"c": COOKIES}),
    ),
    (
        "custom",
        "github_app",
        {
            "github_app": {"client_id": "Iv1", "owner": "acme", "private_key": APP_KEY},
            "keys": {"client_id": ".id", "owner": "owner", "private_key": "key"},
        },
        secret({".id": "Iv1", "owner": "acme", "key": APP_KEY}),
    ),
    (
        "custom",
        "https with more secrets and an empty key",
        {
            "https": {"password": "s3cret"},
            "keys": {"password": "runner-token"},
            "format_options": {
                "custom_secrets": {"webhook": "h00k-s3cret", "file": "several\nlines\n"},
                "custom_empty_keys": ["runner-registration-token"],
            },
        },
        secret(
            {
                "runner-token": "s3cret",
                "webhook": "h00k-s3cret",
                "file": "several\nlines\n",
                "runner-registration-token": "",
            }
        ),
    ),
    (
        "custom",
        "gpg",
        {"gpg": {"private_key": GPG_KEY}, "keys": {"private_key": "signing.asc"}},
        secret({"signing.asc": GPG_KEY}),
    ),
)


@pytest.mark.parametrize(
    ("row", "options", "expected"),
    [pytest.param(row, options, expected, id=f"{row}, {kind}") for row, kind, options, expected in CASES],
)
def test_the_secret_of_a_format(row: str, options: dict[str, Any], expected: dict[str, Any]) -> None:
    assert written(format=row, **options) == expected


@pytest.mark.parametrize(
    ("row", "options"),
    [pytest.param(row, options, id=f"{row}, {kind}") for row, kind, options, _expected in CASES],
)
def test_a_second_run_changes_nothing(row: str, options: dict[str, Any]) -> None:
    stored = plan_of(format=row, **options).after
    assert plan_of(stored, format=row, **options).operation == "unchanged"


def test_every_kind_of_every_format_has_a_case() -> None:
    known = {(row.name, row.variant, kind) for row in FORMAT_ROWS for kind in row.shapes}
    cases = set()
    for name, kind, options, _expected in CASES:
        variant = find_format(name, options.get("keys", {}), "Opaque", options.get("format_options")).variant
        cases.add((name, variant, kind.split()[0]))
    assert cases == known | {("custom", "", kind) for kind in KINDS}


def test_the_guide_lists_what_each_format_takes() -> None:
    words = {
        "ssh": "SSH",
        "https": "HTTPS",
        "cookie_file": "cookie file",
        "github_app": "GitHub App",
        "gpg": "GPG",
        "cloud_identity": "cloud identity",
    }
    text = (ROOT / "docs" / "docsite" / "rst" / "guide_git.rst").read_text()
    guide = text.partition("docsite.git_format_options:")[0]  # further tables follow
    rows = re.findall(r"^   \* - ((?:``\w+``(?:, )?)+)\n     - .+\n     - (.+)$", guide, re.MULTILINE)
    taken = {
        name: {word for word in words.values() if word in taken}
        for names, taken in rows
        for name in re.findall(r"\w+", names)
    }

    del taken["format"]  # the heading
    assert taken.pop("custom") == set()  # all of these
    expected: dict[str, set[str]] = {}
    for row in FORMAT_ROWS:
        expected.setdefault(row.name, set()).update(words[kind] for kind in row.shapes)
    assert taken == expected


@pytest.mark.parametrize(
    ("module", "option"),
    [
        ("gitsync_secret", ("format",)),
        ("gitsync_secret", ("credentials_from", "format")),
        ("gitsync_secret_info", ("format",)),
    ],
)
def test_the_documentation_has_every_format_among_its_choices(module: str, option: tuple[str, ...]) -> None:
    source = (ROOT / "plugins" / "modules" / f"{module}.py").read_text()
    documentation = source.partition('DOCUMENTATION = r"""')[2].partition('"""')[0]
    row: dict[str, Any] = {"suboptions": yaml.safe_load(documentation)["options"]}
    for name in option:
        row = row["suboptions"][name]
    assert set(row["choices"]) == {*FORMATS, "custom"}


def test_the_module_documents_the_settings_of_each_format() -> None:
    module = (ROOT / "plugins" / "modules" / "gitsync_secret.py").read_text()
    documented = module.partition("  format_options:\n")[2].partition("    type: dict\n")[0]
    settings = {name for row in FORMAT_ROWS for name in row.settings}
    custom = custom_format({"password": "p"}, "Opaque").settings
    assert settings | custom.keys() == set(re.findall(r"C\((\w+_\w+)\)", documented))


def test_git_sync_is_the_default() -> None:
    assert written(https=ADA) == written(https=ADA, format="git_sync")


@pytest.mark.parametrize(
    ("row", "given", "form"),
    [
        pytest.param("fleet", APP_KEY_8, "PKCS#1", id="Fleet reads PKCS#1 alone"),
        pytest.param("jenkins", APP_KEY, "PKCS#8", id="Jenkins reads PKCS#8 alone"),
        pytest.param("flux", key_text("RSA OpenSSH"), "PKCS#1", id="nobody reads the form of OpenSSH"),
    ],
)
def test_the_key_of_an_app_is_converted(row: str, given: str, form: str) -> None:
    options: dict[str, Any] = {"format": row, "github_app": {**APP, "private_key": given}}
    if row == "jenkins":
        del options["github_app"]["installation_id"]
    data = written(**options)["data"]
    text = next(value for value in data.values() if value.startswith("-----BEGIN"))
    key = parse_private_key(text, "key")
    assert (key.form, key.public_key) == (form, public_line("RSA"))


@pytest.mark.parametrize(
    ("row", "given", "options", "form"),
    [
        pytest.param("git_sync", "Ed25519 OpenSSH", {}, "OpenSSH", id="OpenSSH's form stays"),
        pytest.param("git_sync", "RSA PKCS#1", {}, "PKCS#1", id="PKCS#1 stays"),
        pytest.param("git_sync", "ECDSA SEC1", {}, "SEC1", id="SEC1 stays"),
        pytest.param("vendir", "RSA PKCS#8", {}, "PKCS#8", id="PKCS#8 stays"),
        pytest.param("git_sync", "Ed25519 PKCS#8", {"convert": True}, "OpenSSH", id="Ed25519 in PKCS#8, OpenSSH"),
        pytest.param("argocd_repository", "Ed25519 PKCS#8", {}, "PKCS#8", id="Ed25519 in PKCS#8, Go"),
        pytest.param("fleet", "Ed25519 PKCS#8", {}, "PKCS#8", id="Ed25519 in PKCS#8, Fleet"),
        pytest.param("fleet", "Ed25519 OpenSSH", {"convert": True}, "PKCS#8", id="Ed25519 for Fleet"),
        pytest.param("fleet", "RSA OpenSSH", {"convert": True}, "PKCS#1", id="RSA for Fleet"),
        pytest.param("fleet", "ECDSA OpenSSH", {"convert": True}, "SEC1", id="ECDSA for Fleet"),
        pytest.param("fleet", "RSA PKCS#1", {"convert": True}, "PKCS#1", id="nothing to convert"),
        pytest.param("tekton_workspace", "ECDSA SEC1", {}, "SEC1", id="SEC1 stays for a workspace"),
    ],
)
@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
def test_a_key_in_the_form_that_the_consumer_reads(
    row: str, given: str, options: dict[str, Any], form: str, encrypted: bool
) -> None:
    """A passphrase that the consumer cannot ask for is taken off; the form stays where it can be read."""
    passphrase = {"passphrase": PASSPHRASE} if encrypted else {}
    ssh = {"private_key": key_text(given, encrypted=encrypted), **passphrase, **options}
    task: dict[str, Any] = {"format": row, "ssh": ssh, **({"url": SSH_URL} if row.startswith("argocd") else {})}
    data = written(**task)["data"]
    key = parse_private_key(next(value for value in data.values() if value.startswith("-----BEGIN")), "key")
    assert (key.form, key.encrypted, key.public_key) == (form, False, public_line(given.split()[0]))
    assert PASSPHRASE not in data.values()
    assert plan_of(plan_of(**task).after, **task).operation == "unchanged"


AZURE_SOURCE = "https://learn.microsoft.com/azure/devops/repos/git/use-ssh-keys-to-authenticate"
AWS_SOURCE = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadSSHPublicKey.html"
OTHER_USER = (
    "url has another user than https.username. git asks for the password of the user in the URL; remove it there, or "
    "write the same one."
)
WEAK_RSA = weak_rsa_key(1024)
FOREIGN_HOST = "without it any host is trusted, even one that intercepts the connection"


@pytest.mark.parametrize(
    ("options", "warnings"),
    [
        pytest.param({"ssh": SSH}, (), id="nothing to say"),
        pytest.param(
            {"ssh": BARE_SSH},
            ("ssh.known_hosts is missing; without it git-sync refuses every host, unless verification is turned off.",),
            id="git-sync",
        ),
        *(
            pytest.param(
                {"ssh": BARE_SSH, "format": row, **({"url": SSH_URL} if row == "tekton" else {})},
                (f"ssh.known_hosts is missing; {FOREIGN_HOST}.",),
                id=row,
            )
            for row in ("config_sync", "tekton", "openshift_build", "vendir")
        ),
        pytest.param(
            {"ssh": {"private_key": PEM_KEY}, "format": "fleet"},
            (
                "ssh.known_hosts is missing; "
                "Fleet then uses its ConfigMap known-hosts, and before 0.13 trusts any host.",
            ),
            id="fleet",
        ),
        pytest.param({"ssh": BARE_SSH, "format": "primehub"}, (), id="PrimeHub does not verify"),
        pytest.param(
            {"https": ADA, "url": "http://git.example.com/a"},
            ("url begins with http://, so the credential travels without encryption.",),
            id="http",
        ),
        *(
            pytest.param(
                {"https": {"bearer_token": "t0ken"}, "url": f"https://{host}/acme/app", "format": row},
                (
                    f"{name} refuses https.bearer_token for Git, according to "
                    "https://fluxcd.io/flux/components/source/gitrepositories/. "
                    "Give the token as https.password, with an https.username.",
                ),
                id=f"a bearer token for {name}, {row}",
            )
            for host, name in (("github.com", "GitHub"), ("gitlab.com", "GitLab"), ("bitbucket.org", "Bitbucket"))
            for row in ("flux", "argocd_repository")
        ),
        pytest.param(
            {"https": {"bearer_token": "t0ken"}, "url": "https://git.example.com/a", "format": "flux"},
            (),
            id="a bearer token for another server",
        ),
        *(
            pytest.param(
                {
                    "ssh": {"private_key": key_text("RSA OpenSSH"), "known_hosts": f"* {PUBLIC}"},
                    "url": f"ssh://{user}git-codecommit.eu-west-1.amazonaws.com/v1/repos/r",
                },
                (
                    "url has no user that begins with APKA. For SSH, AWS CodeCommit needs the ID of the public key in "
                    "IAM there.",
                ),
                id=f"CodeCommit with the user {user or None}",
            )
            for user in ("git@", "")
        ),
        pytest.param(
            {"https": {"password": "t0ken"}, "format": "fleet"},
            (
                "https.username is missing; from 0.14 on, Fleet then sends the password in its place, which GitHub "
                "accepts and Bitbucket does not.",
            ),
            id="a token alone for Fleet",
        ),
        pytest.param({"https": ADA, "format": "flux_proxy", "url": "http://proxy:3128"}, (), id="http to a proxy"),
        pytest.param(
            {
                "format": "tekton",
                "ssh": SSH,
                "url": "ssh://git@git.example.com/team/app.git",
                "format_options": {"tekton_path": True},
            },
            (
                "With tekton_path=true, Tekton uses the key only for clone URLs with git@ and a colon. "
                "Clone git@git.example.com:team/app.git.",
            ),
            id="a URL that Tekton does not match with a path",
        ),
        *(
            pytest.param(
                {
                    "format": "airflow_connection",
                    "ssh": BARE_SSH,
                    "url": SSH_URL,
                    "format_options": {"airflow_strict_host_key_checking": checking} if checking else {},
                },
                (
                    "Without strict_host_key_checking=yes, Airflow may connect to a host whose key it does not know. "
                    "Set airflow_known_hosts_file to a file that is mounted, and airflow_strict_host_key_checking to "
                    "yes.",
                ),
                id=f"Airflow with {checking}",
            )
            for checking in (None, "no", "accept-new")
        ),
        pytest.param(
            {"https": ADA, "url": "https://git.example.com/o", "format": "argocd_repo_creds"},
            ("url is compared as a string, so it also covers names that only begin with /o.",),
            id="a prefix that ends inside a name",
        ),
        pytest.param(
            {"https": ADA, "url": "https://git.example.com", "format": "argocd_repo_creds"},
            ("url is compared as a string, so it also covers names that only begin with git.example.com.",),
            id="a prefix that ends inside the host",
        ),
        pytest.param(
            {"https": ADA, "url": "https://git.example.com/o/", "format": "argocd_repo_creds"}, (), id="a prefix"
        ),
        pytest.param(
            {"https": ADA, "url": "https://git.example.com/o", "format": "argocd_repository"}, (), id="no prefix"
        ),
        pytest.param(
            {"https": ADA, "url": "http://git.svc:3000/a", "format": "flux"},
            ("url begins with http://, so the credential travels without encryption.",),
            id="http for Flux",
        ),
        pytest.param(
            {"https": ADA, "url": "http://git.svc:3000/a", "format": "kargo"},
            (
                "url begins with http://, so the credential travels without encryption. "
                "kargo sends it only with controller.allowCredentialsOverHTTP of its Helm chart.",
            ),
            id="http for Kargo",
        ),
        *(
            pytest.param(
                {"https": ADA, "url": f"https://git.example.com{end}", "format": "argocd_repository"},
                (f"url {what}; for argocd_repository, the URL without it is another repository.",),
                id=f"{end} for Argo CD",
            )
            for end, what in (("/a/", "ends with a slash"), (":443/a", "has the port 443"))
        ),
        pytest.param({"https": ADA, "url": "https://ada@git.example.com/a"}, (), id="the same user in the URL"),
        pytest.param(
            {"https": {**ADA, "username": "ada@example.com"}, "url": "https://ada%40example.com@git.example.com/a"},
            (),
            id="the same user, encoded",
        ),
        pytest.param(
            {"https": ADA, "url": "https://acme@dev.azure.com/acme/p/_git/r", "format": "argocd_repository"},
            (OTHER_USER,),
            id="another user in the URL",
        ),
        pytest.param(
            {"https": {"password": "t0ken"}, "url": "https://acme@dev.azure.com/a", "format": "argocd_repository"},
            (),
            id="a user in the URL alone",
        ),
        pytest.param(
            {"ssh": SSH, "url": "git@git.example.com:22/app"},
            (
                "url has no port: in the form git@host:path, git reads 22 as a folder. If it is the port, write "
                "ssh://git@git.example.com:22/app.",
            ),
            id="a port that git reads as a folder",
        ),
        *(
            pytest.param(
                {"ssh": {"private_key": key_text(f"{algorithm} OpenSSH"), "known_hosts": f"* {PUBLIC}"}, "url": url},
                (f"ssh.private_key is an {algorithm} key. {name} accepts only RSA keys, according to {source}.",),
                id=f"{algorithm} for {name}",
            )
            for algorithm in ("Ed25519", "ECDSA")
            for name, url, source in (
                ("Azure DevOps", "git@ssh.dev.azure.com:v3/acme/p/r", AZURE_SOURCE),
                ("AWS CodeCommit", "ssh://APKA@git-codecommit.eu-west-1.amazonaws.com/v1/repos/r", AWS_SOURCE),
            )
        ),
        *(
            pytest.param({"ssh": {"private_key": key_text(kind), "known_hosts": f"* {PUBLIC}"}, "url": url}, (), id=url)
            for kind, url in (
                ("RSA OpenSSH", "git@ssh.dev.azure.com:v3/acme/p/r"),
                ("Ed25519 OpenSSH", "git@bitbucket.org:acme/app.git"),
                ("ECDSA OpenSSH", "git@github.com:acme/app.git"),
            )
        ),
        pytest.param(
            {
                "ssh": {"private_key": WEAK_RSA, "known_hosts": f"* {PUBLIC}"},
                "url": "git@bitbucket.org:acme/app.git",
            },
            (
                "ssh.private_key has 1024 bits. Bitbucket accepts 2048 or more, according to "
                "https://support.atlassian.com/bitbucket-cloud/docs/supported-ssh-key-formats/.",
            ),
            id="a short key for Bitbucket",
        ),
        pytest.param(
            {"ssh": {"private_key": KEY, "known_hosts": HOSTS}, "format": "fleet"},
            (
                "ssh.private_key is in the format OpenSSH, and the documentation of fleet asks for PEM. "
                "Its Git library reads both; ssh.convert=true writes PEM.",
            ),
            id="OpenSSH's form for Fleet",
        ),
        pytest.param(
            {"ssh": {"private_key": PEM_KEY, "known_hosts": HOSTS}, "format": "fleet", "url": SSH_URL},
            (
                "ssh.known_hosts has only an Ed25519 key for git.example.com. Current releases of fleet ask the server "
                "for an ECDSA or RSA key first, and refuse it without a line. Add all lines that ssh-keyscan prints.",
            ),
            id="one host key for Fleet",
        ),
        pytest.param(
            {
                "ssh": {"private_key": KEY, "known_hosts": f"{HOSTS}a.example.com {public_line('ECDSA')}\n"},
                "format": "flux",
                "url": SSH_URL,
            },
            (
                "ssh.known_hosts has lines of other hosts with keys of ecdsa-sha2-nistp256. Format flux asks the "
                "server of url for such a key too, and refuses it without a line for git.example.com. Remove these "
                "lines.",
            ),
            id="host keys of another server for Flux",
        ),
        pytest.param(
            {
                "ssh": {"private_key": KEY, "known_hosts": f"{HOSTS}old.example.com {DSA}\n"},
                "url": SSH_URL,
            },
            ("ssh.known_hosts, line 2: left out, because DSA keys are no longer in use.",),
            id="a host key that ssh does not use",
        ),
    ],
)
def test_what_is_seldom_meant_is_a_warning(options: dict[str, Any], warnings: tuple[str, ...]) -> None:
    assert plan_of(**options).warnings == warnings


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
@pytest.mark.parametrize("kind", ["RSA PKCS#1", "RSA PKCS#8", "ECDSA SEC1", "Ed25519 PKCS#8"])
def test_a_key_that_signs_is_converted(kind: str, encrypted: bool) -> None:
    passphrase = {"passphrase": PASSPHRASE} if encrypted else {}
    ssh = {"private_key": key_text(kind, encrypted=encrypted), "convert": True, **passphrase}
    data = written(format="flux_signing", ssh=ssh)["data"]
    key = parse_private_key(data["identity"], "key", data.get("password"))
    assert (key.form, key.encrypted, key.public_key) == ("OpenSSH", False, public_line(kind.split()[0]))
    assert data.keys() == {"identity"}


def test_the_display_name_of_primehub_is_written_once() -> None:
    """Who writes another one, such as the portal, keeps it; format_options has the last word."""
    task: dict[str, Any] = {"format": "primehub", "ssh": BARE_SSH}
    stored: Any = plan_of(**task).after
    stored["metadata"]["annotations"]["displayName"] = "My app"
    assert plan_of(stored, **task).operation == "unchanged"
    named = {**task, "format_options": {"primehub_display_name": "The app"}}
    assert written(**named)["annotations"] == {"displayName": "The app"}
    assert written(stored, **named)["annotations"] == {"displayName": "The app"}
    assert written(**task, annotations={"displayName": "Mine"})["annotations"] == {"displayName": "Mine"}


def test_null_takes_a_particular_away() -> None:
    task: dict[str, Any] = {"format": "argocd_repository", "https": ADA, "url": HTTPS_URL}
    stored = plan_of(**task, format_options={"argocd_project": "web", "argocd_name": "app"}).after
    data = written(stored, **task, format_options={"argocd_project": None})["data"]
    assert "project" not in data
    assert data["name"] == "app"
    jenkins_task: dict[str, Any] = {"format": "jenkins", "ssh": BARE_SSH}
    described = plan_of(**jenkins_task, format_options={"jenkins_description": "a", "jenkins_scope": "global"}).after
    nothing = {"jenkins_description": None, "jenkins_scope": None, "jenkins_username": None}
    assert written(described, **jenkins_task, format_options=nothing) == jenkins(
        "basicSSHUserPrivateKey", {"username": "git", "privateKey": KEY}
    )
