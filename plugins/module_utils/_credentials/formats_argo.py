# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The formats of Argo CD and Kargo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .format_parts import APP, BASIC, SSH_KEY, USERNAME_PASSWORD, keys_of
from .git_shapes import Format, FormatSetting, Shape


def _argocd(name: str, secret_type: str, settings: Mapping[str, FormatSetting]) -> Format:
    marks: dict[str, Any] = {
        "labels": {"argocd.argoproj.io/secret-type": secret_type},
        "constants": {"type": "git"},
    }
    client = keys_of(client_certificate="tlsClientCertData", client_key="tlsClientCertKey")
    app = keys_of(
        id="githubAppID",
        installation_id="githubAppInstallationID",
        private_key="githubAppPrivateKey",
        base_url="githubAppEnterpriseBaseUrl",
    )
    basic = keys_of(username="username", password="password", bearer_token="bearerToken")
    required_sets = (*BASIC, ("password",), ("bearer_token",))  # a client certificate alone only blocks templates
    return Format(
        name=name,
        source="argoproj/argo-cd util/db/repository_secrets.go",
        shapes={
            "ssh": Shape(keys_of(private_key="sshPrivateKey"), SSH_KEY, **marks),
            "https": Shape({**basic, **client}, required_sets, **marks),
            "github_app": Shape(app, APP, **marks),
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


ARGO_FORMATS = (
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
        name="kargo",
        source="akuity/kargo pkg/credentials/kubernetes",
        shapes={
            "https": Shape(USERNAME_PASSWORD, BASIC, labels={"kargo.akuity.io/cred-type": "git"}),
            "github_app": Shape(
                keys_of(
                    id="githubAppID",
                    client_id="githubAppClientID",
                    installation_id="githubAppInstallationID",
                    private_key="githubAppPrivateKey",
                ),
                (*APP, ("client_id", "installation_id", "private_key")),
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
)
