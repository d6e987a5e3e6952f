# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of formats: a row for each consumer of Git credentials, with the Secret that it reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._errors import KeyringError
from .git_shapes import BASIC_AUTH, CUSTOM, OPAQUE, SSH_AUTH, CredentialKind, Format, FormatSetting, Shape

if TYPE_CHECKING:
    from .git_url import GitUrl


def _keys(**keys: str) -> dict[str, tuple[str, ...]]:
    return {part: (key,) for part, key in keys.items()}


# OpenShift's pattern of a URL: scheme, host with optional port, and path. Each may be *, a host may begin with *.
_MATCH_URI = re.compile(r"(\*|git|https?|ssh)://(\*|(\*\.)?[A-Za-z0-9.-]+)(:[0-9]+)?/\S*")

_MATCH_PREFIX = "build.openshift.io/source-secret-match-uri-"

_SSH = (("private_key",),)
_BASIC = (("username", "password"),)
_APP = (("id", "installation_id", "private_key"),)
_ANY_HOST = "without it any host is trusted, even one that intercepts the connection"
_USERNAME_PASSWORD = _keys(username="username", password="password")
_SSH_PRIVATEKEY = _keys(private_key="ssh-privatekey", known_hosts="known_hosts")


def _tekton(kind: CredentialKind, url: GitUrl | None, settings: Mapping[str, Any]) -> dict[str, str]:
    if url is None:
        return {}
    scheme = "" if kind == "ssh" else f"{url.scheme}://"
    return {f"tekton.dev/git-{settings.get('tekton_index') or 0}": scheme + url.location}


def _kpack(kind: CredentialKind, url: GitUrl | None, _settings: Mapping[str, Any]) -> dict[str, str]:
    if url is None:
        return {}
    if kind == "ssh":
        return {"kpack.io/git": f"git@{url.location}"}
    return {"kpack.io/git": f"{url.scheme}://{url.location}"}


def _openshift(_kind: CredentialKind, _url: GitUrl | None, settings: Mapping[str, Any]) -> dict[str, str]:
    uris = enumerate(settings.get("openshift_match_uris") or (), start=1)
    return {f"{_MATCH_PREFIX}{number}": uri for number, uri in uris}


def _argocd(name: str, secret_type: str, settings: Mapping[str, FormatSetting]) -> Format:
    marks: dict[str, Any] = {
        "labels": {"argocd.argoproj.io/secret-type": secret_type},
        "constants": {"type": "git"},
    }
    client = _keys(client_certificate="tlsClientCertData", client_key="tlsClientCertKey")
    app = _keys(
        id="githubAppID",
        installation_id="githubAppInstallationID",
        private_key="githubAppPrivateKey",
        base_url="githubAppEnterpriseBaseUrl",
    )
    basic = _keys(username="username", password="password", bearer_token="bearerToken")
    required_sets = (*_BASIC, ("password",), ("bearer_token",))  # a client certificate alone only blocks templates
    return Format(
        name=name,
        source="argoproj/argo-cd util/db/repository_secrets.go",
        shapes={
            "ssh": Shape(_keys(private_key="sshPrivateKey"), _SSH, **marks),
            "https": Shape({**basic, **client}, required_sets, **marks),
            "github_app": Shape(app, _APP, **marks),
        },
        settings=settings,
        reader="Go",
        url_needed=True,
        url_key="url",
        url_user=True,
        url_exact=secret_type == "repository",
        url_prefix=secret_type == "repo-creds",
        reasons={
            "ssh.known_hosts": "Argo CD reads host keys from the ConfigMap argocd-ssh-known-hosts-cm; "
            "argocd cert add-ssh --batch adds them there.",
            "https.ca_certificate": "Argo CD reads it from the ConfigMap argocd-tls-certs-cm.",
        },
    )


_ARGOCD_SHARED = {
    "argocd_force_http_basic_auth": FormatSetting(type="boolean", key="forceHttpBasicAuth"),
    "argocd_proxy": FormatSetting(key="proxy", secret=True),
    "argocd_no_proxy": FormatSetting(key="noProxy"),
}

_FORMAT_ROWS = (
    Format(
        name="git_sync",
        source="kubernetes/git-sync README.md, docs/ssh.md, docs/cookie-file.md",
        shapes={
            "ssh": Shape(
                _keys(private_key="ssh", known_hosts="known_hosts"),
                _SSH,
                recommended={
                    "known_hosts": "without it git-sync refuses every host, unless verification is turned off"
                },
            ),
            "https": Shape(_USERNAME_PASSWORD, _BASIC),
            "cookie_file": Shape(_keys(cookie_file="cookie_file"), (("cookie_file",),)),
        },
    ),
    Format(
        name="primehub",
        source="InfuseAI PrimeHub documentation, Secret Management",
        shapes={"ssh": Shape(_keys(private_key="ssh"), _SSH)},
        settings={"primehub_display_name": FormatSetting(annotation="displayName")},
        name_prefix="gitsync-secret-",
        reasons={"ssh.known_hosts": "PrimeHub does not verify host keys."},
    ),
    Format(
        name="airflow",
        source="apache/airflow chart/values.yaml, dags.gitSync",
        shapes={
            "ssh": Shape(_keys(private_key="gitSshKey"), _SSH),
            "https": Shape(
                {
                    "username": ("GIT_SYNC_USERNAME", "GITSYNC_USERNAME"),
                    "password": ("GIT_SYNC_PASSWORD", "GITSYNC_PASSWORD"),
                },
                _BASIC,
            ),
        },
        reasons={"ssh.known_hosts": "Host keys are a value of the chart: dags.gitSync.knownHosts."},
    ),
    Format(
        name="airflow_community",
        source="airflow-helm/charts airflow/values.yaml, dags.gitSync",
        shapes={
            "ssh": Shape(_keys(private_key="id_rsa"), _SSH),
            "https": Shape(_USERNAME_PASSWORD, _BASIC),
        },
        reasons={"ssh.known_hosts": "Host keys are a value of the chart: dags.gitSync.sshKnownHosts."},
    ),
    Format(
        name="config_sync",
        source="GoogleContainerTools/kpt-config-sync pkg/reconcilermanager/controllers",
        shapes={
            "ssh": Shape(
                _keys(private_key="ssh", known_hosts="known_hosts"), _SSH, recommended={"known_hosts": _ANY_HOST}
            ),
            "https": Shape(_keys(username="username", password="token"), _BASIC),
            "cookie_file": Shape(_keys(cookie_file="cookie_file"), (("cookie_file",),)),
            "github_app": Shape(
                _keys(
                    id="github-app-application-id",
                    client_id="github-app-client-id",
                    installation_id="github-app-installation-id",
                    private_key="github-app-private-key",
                    base_url="github-app-base-url",
                ),
                (*_APP, ("client_id", "installation_id", "private_key")),
            ),
        },
        reasons={"https.ca_certificate": "Config Sync reads it from the Secret that spec.git.caCertSecretRef names."},
    ),
    Format(
        name="flux",
        source="fluxcd/pkg runtime/secrets, fluxcd/source-controller docs/spec/v1/gitrepositories.md",
        shapes={
            "ssh": Shape(
                _keys(
                    private_key="identity",
                    public_key="identity.pub",
                    known_hosts="known_hosts",
                    passphrase="password",
                ),
                (("private_key", "known_hosts"),),
            ),
            "https": Shape(
                _keys(
                    username="username",
                    password="password",
                    bearer_token="bearerToken",
                    ca_certificate="ca.crt",
                    client_certificate="tls.crt",
                    client_key="tls.key",
                ),
                (*_BASIC, ("bearer_token",), ("client_certificate", "client_key")),
            ),
            "github_app": Shape(
                _keys(
                    id="githubAppID",
                    installation_id="githubAppInstallationID",
                    owner="githubAppInstallationOwner",
                    private_key="githubAppPrivateKey",
                    base_url="githubAppBaseURL",
                ),
                (*_APP, ("id", "owner", "private_key")),
            ),
        },
        reader="Go",
        url_scp=False,
        bearer_with_user=False,
        host_keys="all lines",
        host_patterns="Go",
    ),
    _argocd(
        "argocd_repository",
        "repository",
        {
            "argocd_name": FormatSetting(key="name"),
            "argocd_project": FormatSetting(key="project"),
            "argocd_insecure": FormatSetting(type="boolean", key="insecure"),
            "argocd_enable_lfs": FormatSetting(type="boolean", key="enableLfs"),
            "argocd_depth": FormatSetting(type="number", key="depth"),
            **_ARGOCD_SHARED,
        },
    ),
    _argocd("argocd_repo_creds", "repo-creds", _ARGOCD_SHARED),
    Format(
        name="tekton",
        source="tektoncd/pipeline docs/auth.md, pkg/credentials",
        shapes={
            "ssh": Shape(_SSH_PRIVATEKEY, _SSH, SSH_AUTH, recommended={"known_hosts": _ANY_HOST}),
            "https": Shape(_USERNAME_PASSWORD, _BASIC, BASIC_AUTH),
        },
        settings={"tekton_index": FormatSetting(type="number")},
        annotate=_tekton,
        annotation="tekton.dev/git-",
        by_service_account=True,
        url_needed=True,
        not_in_username='"',
    ),
    Format(
        name="fleet",
        source="rancher/fleet internal/ssh, pkg/git",
        shapes={
            "ssh": Shape(
                _SSH_PRIVATEKEY,
                _SSH,
                SSH_AUTH,
                recommended={
                    "known_hosts": "Fleet then uses its ConfigMap known-hosts, and before 0.13 trusts any host"
                },
            ),
            "https": Shape(_USERNAME_PASSWORD, _BASIC, BASIC_AUTH),
            "github_app": Shape(
                _keys(
                    id="github_app_id",
                    installation_id="github_app_installation_id",
                    private_key="github_app_private_key",
                ),
                _APP,
            ),
        },
        reader="Go",
        host_keys="library",
        host_patterns="go-git",
        documents_pem=True,
        app_key_forms=("PKCS#1",),
    ),
    Format(
        name="openshift_build",
        source="openshift/builder pkg/build/builder/cmd/scmauth",
        shapes={
            "ssh": Shape(_SSH_PRIVATEKEY, _SSH, SSH_AUTH, recommended={"known_hosts": _ANY_HOST}),
            "https": Shape(
                {**_USERNAME_PASSWORD, **_keys(ca_certificate="ca.crt")}, (*_BASIC, ("password",)), BASIC_AUTH
            ),
        },
        settings={
            "openshift_match_uris": FormatSetting(
                type="lines",
                pattern=_MATCH_URI,
                rule="like ssh://git.example.com/team/*",
            )
        },
        annotate=_openshift,
        annotation=_MATCH_PREFIX,
        by_service_account=True,
    ),
    Format(
        name="jenkins",
        source="jenkinsci/kubernetes-credentials-provider-plugin docs/examples",
        shapes={
            "ssh": Shape(
                _keys(private_key="privateKey", passphrase="passphrase"),
                _SSH,
                labels={"jenkins.io/credentials-type": "basicSSHUserPrivateKey"},
            ),
            "https": Shape(_USERNAME_PASSWORD, _BASIC, labels={"jenkins.io/credentials-type": "usernamePassword"}),
            "github_app": Shape(
                _keys(id="appID", private_key="privateKey", owner="owner", base_url="apiUri"),
                (("id", "private_key"),),
                labels={"jenkins.io/credentials-type": "gitHubApp"},
            ),
        },
        settings={
            "jenkins_description": FormatSetting(annotation="jenkins.io/credentials-description"),
            "jenkins_username": FormatSetting(
                key="username", only="ssh", default=lambda url: (url and url.user) or "git"
            ),
            "jenkins_scope": FormatSetting(label="jenkins.io/credentials-scope", choices=("global", "system")),
        },
        app_key_forms=("PKCS#8",),
    ),
    Format(
        name="kargo",
        source="akuity/kargo pkg/credentials/kubernetes",
        shapes={
            "https": Shape(_USERNAME_PASSWORD, _BASIC, labels={"kargo.akuity.io/cred-type": "git"}),
            "github_app": Shape(
                _keys(
                    id="githubAppID",
                    client_id="githubAppClientID",
                    installation_id="githubAppInstallationID",
                    private_key="githubAppPrivateKey",
                ),
                (*_APP, ("client_id", "installation_id", "private_key")),
                labels={"kargo.akuity.io/cred-type": "git"},
            ),
        },
        settings={"kargo_url_is_regex": FormatSetting(type="boolean", key="repoURLIsRegex")},
        url_needed=True,
        url_key="repoURL",
        url_is_regex="kargo_url_is_regex",
        http_setting="controller.allowCredentialsOverHTTP of its Helm chart",
        reasons={"ssh": "Kargo drops SSH in 1.13."},
    ),
    Format(
        name="kpack",
        source="buildpacks-community/kpack docs/secrets.md, pkg/git",
        shapes={
            "ssh": Shape(_SSH_PRIVATEKEY, _SSH, SSH_AUTH),
            "https": Shape(_USERNAME_PASSWORD, _BASIC, BASIC_AUTH),
        },
        annotate=_kpack,
        annotation="kpack.io/git",
        by_service_account=True,
        reader="Go",
        host_patterns="go-git",
        url_needed=True,
        url_path=False,
    ),
    Format(
        name="vendir",
        source="carvel-dev/vendir pkg/vendir/fetch/git",
        shapes={
            "ssh": Shape(
                _keys(private_key="ssh-privatekey", known_hosts="ssh-knownhosts"),
                _SSH,
                recommended={"known_hosts": _ANY_HOST},
            ),
            "https": Shape(_USERNAME_PASSWORD, _BASIC),
        },
        http="refused",
        refuses_other_keys=True,
    ),
)

FORMATS: Mapping[str, Format] = {row.name: row for row in _FORMAT_ROWS}


FORMAT_NAMES = [*FORMATS, CUSTOM]


def find_format(name: str, keys: Mapping[str, str], custom_type: str = OPAQUE) -> Format:
    """Return the row of a format; that of ``custom`` is made from the option ``keys``.

    Raise KeyringError for ``keys`` with another format, and as custom_format does.
    """
    if name == CUSTOM:
        from .git_custom import custom_format

        return custom_format(keys, custom_type)
    if keys:
        where = f"with format={name}" if name else "without format"
        raise KeyringError(
            f"keys cannot be used {where}.",
            f"Only format={CUSTOM} takes key names of your own.",
            "Leave it out.",
            option="keys",
        )
    return FORMATS[name]
