# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The formats of consumers that follow a repository: git-sync and what embeds it, Flux, Fleet, Config Sync."""

from __future__ import annotations

import re

from .airflow_connection import connection_shape
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
        reasons={"github_app": "git-sync reads a GitHub App from environment variables: use format git_sync_env."},
    ),
    Format(
        name="git_sync_env",
        source="kubernetes/git-sync main.go, README.md",
        shapes={
            "https": Shape(keys_of(username="GITSYNC_USERNAME", password="GITSYNC_PASSWORD"), BASIC),
            "github_app": Shape(
                keys_of(
                    id="GITSYNC_GITHUB_APP_APPLICATION_ID",
                    client_id="GITSYNC_GITHUB_APP_CLIENT_ID",
                    installation_id="GITSYNC_GITHUB_APP_INSTALLATION_ID",
                    private_key="GITSYNC_GITHUB_APP_PRIVATE_KEY",
                    base_url="GITSYNC_GITHUB_BASE_URL",
                ),
                (*APP, ("client_id", "installation_id", "private_key")),
            ),
        },
        settings={"git_sync_credentials": FormatSetting(type="logins", key="GITSYNC_CREDENTIAL", secret=True)},
        reasons={"ssh": "git-sync reads a key from a file: use format git_sync, and mount the Secret."},
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
        name="airflow_connection",
        source="apache/airflow providers/git/docs/connections/git.rst, task-sdk Connection.from_json",
        shapes={
            "ssh": connection_shape(("private_key", "passphrase"), SSH_KEY),
            "https": connection_shape(("username", "password"), (*BASIC, ("password",))),
            "github_app": connection_shape(
                ("id", "client_id", "installation_id", "private_key"),
                (*APP, ("client_id", "installation_id", "private_key")),
            ),
        },
        settings={
            "airflow_known_hosts_file": FormatSetting(only="ssh"),
            "airflow_strict_host_key_checking": FormatSetting(
                only="ssh", choices=("yes", "no", "accept-new", "off", "ask")
            ),
        },
        url_needed=True,
        reasons={
            "ssh.known_hosts": "A connection has only the path of a file with host keys: "
            "format_options.airflow_known_hosts_file.",
            "github_app.base_url": "Airflow asks api.github.com alone for the token of a GitHub App.",
        },
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
        settings={
            "config_sync_https_proxy": FormatSetting(
                key="https_proxy",
                pattern=re.compile(r"https?://[^/\s]+/?"),
                rule="the URL of a proxy, such as http://proxy.example.com:3128",
                secret=True,
            )
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
                    ca_certificate="ca.crt",
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
        name="flux_proxy",
        source="fluxcd/pkg runtime/secrets, fluxcd/source-controller docs/spec/v1/gitrepositories.md",
        shapes={"https": Shape(USERNAME_PASSWORD, (*BASIC, ()))},
        url_needed=True,
        url_key="address",
        url_schemes=(),
        url_is_proxy=True,
    ),
    Format(
        name="flux_signing",
        source="fluxcd/image-automation-controller docs/spec/v1/imageupdateautomations.md, internal/source/signing.go",
        shapes={
            "ssh": Shape(keys_of(private_key="identity", passphrase="password"), SSH_KEY),
            "gpg": Shape(keys_of(private_key="git.asc", passphrase="passphrase"), SSH_KEY),
        },
        url_schemes=(),
        reader="OpenSSH form",
        rsa_bits=2048,
        reasons={"ssh.known_hosts": "A key that signs commits is sent to no server."},
    ),
    Format(
        name="flux_receiver",
        source="fluxcd/notification-controller docs/spec/v1/receivers.md",
        shapes={"https": Shape(keys_of(password="token"), (("password",),))},
        url_schemes=(),
        reasons={"https.username": "A Receiver reads only the token of its webhook."},
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
            "https": Shape(
                USERNAME_PASSWORD,
                (*BASIC, ("password",)),
                BASIC_AUTH,
                recommended={
                    "username": "from 0.14 on, Fleet then sends the password in its place, which GitHub accepts and "
                    "Bitbucket does not"
                },
            ),
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
    Format(
        name="fleet_helm",
        source="rancher/fleet internal/bundlereader/auth.go",
        shapes={
            "https": Shape({**USERNAME_PASSWORD, **keys_of(ca_certificate="cacerts")}, (*BASIC, ("ca_certificate",)))
        },
        settings={
            "fleet_insecure_skip_verify": FormatSetting(type="boolean", key="insecureSkipVerify"),
            "fleet_basic_http": FormatSetting(type="boolean", key="basicHTTP"),
        },
        url_schemes=("https", "http", "oci"),
    ),
)
