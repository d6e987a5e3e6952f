# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The formats of consumers that follow a repository: git-sync and what embeds it, Flux, Fleet, Config Sync."""

from __future__ import annotations

from .format_parts import ANY_HOST, APP, BASIC, SSH_KEY, SSH_PRIVATEKEY, USERNAME_PASSWORD, keys_of
from .git_shapes import BASIC_AUTH, SSH_AUTH, Format, FormatSetting, Shape

SYNC_FORMATS = (
    Format(
        name="git_sync",
        source="kubernetes/git-sync README.md, docs/ssh.md, docs/cookie-file.md",
        shapes={
            "ssh": Shape(
                keys_of(private_key="ssh", known_hosts="known_hosts"),
                SSH_KEY,
                recommended={
                    "known_hosts": "without it git-sync refuses every host, unless verification is turned off"
                },
            ),
            "https": Shape(USERNAME_PASSWORD, BASIC),
            "cookie_file": Shape(keys_of(cookie_file="cookie_file"), (("cookie_file",),)),
        },
    ),
    Format(
        name="primehub",
        source="InfuseAI PrimeHub documentation, Secret Management",
        shapes={"ssh": Shape(keys_of(private_key="ssh"), SSH_KEY)},
        settings={"primehub_display_name": FormatSetting(annotation="displayName")},
        name_prefix="gitsync-secret-",
        reasons={"ssh.known_hosts": "PrimeHub does not verify host keys."},
    ),
    Format(
        name="airflow",
        source="apache/airflow chart/values.yaml, dags.gitSync",
        shapes={
            "ssh": Shape(keys_of(private_key="gitSshKey"), SSH_KEY),
            "https": Shape(
                {
                    "username": ("GIT_SYNC_USERNAME", "GITSYNC_USERNAME"),
                    "password": ("GIT_SYNC_PASSWORD", "GITSYNC_PASSWORD"),
                },
                BASIC,
            ),
        },
        reasons={"ssh.known_hosts": "Host keys are a value of the chart: dags.gitSync.knownHosts."},
    ),
    Format(
        name="airflow_community",
        source="airflow-helm/charts airflow/values.yaml, dags.gitSync",
        shapes={
            "ssh": Shape(keys_of(private_key="id_rsa"), SSH_KEY),
            "https": Shape(USERNAME_PASSWORD, BASIC),
        },
        reasons={"ssh.known_hosts": "Host keys are a value of the chart: dags.gitSync.sshKnownHosts."},
    ),
    Format(
        name="config_sync",
        source="GoogleContainerTools/kpt-config-sync pkg/reconcilermanager/controllers",
        shapes={
            "ssh": Shape(
                keys_of(private_key="ssh", known_hosts="known_hosts"), SSH_KEY, recommended={"known_hosts": ANY_HOST}
            ),
            "https": Shape(keys_of(username="username", password="token"), BASIC),
            "cookie_file": Shape(keys_of(cookie_file="cookie_file"), (("cookie_file",),)),
            "github_app": Shape(
                keys_of(
                    id="github-app-application-id",
                    client_id="github-app-client-id",
                    installation_id="github-app-installation-id",
                    private_key="github-app-private-key",
                    base_url="github-app-base-url",
                ),
                (*APP, ("client_id", "installation_id", "private_key")),
            ),
        },
        reasons={"https.ca_certificate": "Config Sync reads it from the Secret that spec.git.caCertSecretRef names."},
    ),
    Format(
        name="flux",
        source="fluxcd/pkg runtime/secrets, fluxcd/source-controller docs/spec/v1/gitrepositories.md",
        shapes={
            "ssh": Shape(
                keys_of(
                    private_key="identity",
                    public_key="identity.pub",
                    known_hosts="known_hosts",
                    passphrase="password",
                ),
                (("private_key", "known_hosts"),),
            ),
            "https": Shape(
                keys_of(
                    username="username",
                    password="password",
                    bearer_token="bearerToken",
                    ca_certificate="ca.crt",
                    client_certificate="tls.crt",
                    client_key="tls.key",
                ),
                (*BASIC, ("bearer_token",), ("client_certificate", "client_key")),
            ),
            "github_app": Shape(
                keys_of(
                    id="githubAppID",
                    installation_id="githubAppInstallationID",
                    owner="githubAppInstallationOwner",
                    private_key="githubAppPrivateKey",
                    base_url="githubAppBaseURL",
                ),
                (*APP, ("id", "owner", "private_key")),
            ),
        },
        reader="Go",
        url_scp=False,
        bearer_with_user=False,
        host_keys="all lines",
        host_patterns="Go",
    ),
    Format(
        name="fleet",
        source="rancher/fleet internal/ssh, pkg/git",
        shapes={
            "ssh": Shape(
                SSH_PRIVATEKEY,
                SSH_KEY,
                SSH_AUTH,
                recommended={
                    "known_hosts": "Fleet then uses its ConfigMap known-hosts, and before 0.13 trusts any host"
                },
            ),
            "https": Shape(USERNAME_PASSWORD, BASIC, BASIC_AUTH),
            "github_app": Shape(
                keys_of(
                    id="github_app_id",
                    installation_id="github_app_installation_id",
                    private_key="github_app_private_key",
                ),
                APP,
            ),
        },
        reader="Go",
        host_keys="library",
        host_patterns="go-git",
        documents_pem=True,
        app_key_forms=("PKCS#1",),
    ),
)
