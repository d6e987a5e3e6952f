# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The formats of consumers that build from a repository: Tekton, OpenShift, Jenkins, kpack, vendir."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .format_parts import ANY_HOST, BASIC, SSH_KEY, SSH_PRIVATEKEY, USERNAME_PASSWORD, keys_of
from .git_shapes import BASIC_AUTH, SSH_AUTH, CredentialKind, Format, FormatSetting, Shape

if TYPE_CHECKING:
    from .git_url import GitUrl

# OpenShift's pattern of a URL: scheme, host with optional port, and path. Each may be *, a host may begin with *.
_MATCH_URI = re.compile(r"(\*|git|https?|ssh)://(\*|(\*\.)?[A-Za-z0-9.-]+)(:[0-9]+)?/\S*")

_MATCH_PREFIX = "build.openshift.io/source-secret-match-uri-"


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


_JENKINS_TYPE = "jenkins.io/credentials-type"
_JENKINS_KEYS = "jenkins.io/credentials-keybinding-"
_JENKINS_APP = keys_of(private_key="privateKey", owner="owner", base_url="apiUri")


def _jenkins(_kind: CredentialKind, _url: GitUrl | None, settings: Mapping[str, Any]) -> dict[str, str]:
    return {f"{_JENKINS_KEYS}{key}": name for key, name in (settings.get("jenkins_keys") or {}).items()}


BUILD_FORMATS = (
    Format(
        name="tekton",
        source="tektoncd/pipeline docs/auth.md, pkg/credentials",
        shapes={
            "ssh": Shape(SSH_PRIVATEKEY, SSH_KEY, SSH_AUTH, recommended={"known_hosts": ANY_HOST}),
            "https": Shape(USERNAME_PASSWORD, BASIC, BASIC_AUTH),
        },
        settings={"tekton_index": FormatSetting(type="number")},
        annotate=_tekton,
        annotation="tekton.dev/git-",
        by_service_account=True,
        url_needed=True,
        not_in_username='"',
    ),
    Format(
        name="openshift_build",
        source="openshift/builder pkg/build/builder/cmd/scmauth",
        shapes={
            "ssh": Shape(SSH_PRIVATEKEY, SSH_KEY, SSH_AUTH, recommended={"known_hosts": ANY_HOST}),
            "https": Shape(
                {**USERNAME_PASSWORD, **keys_of(ca_certificate="ca.crt")}, (*BASIC, ("password",)), BASIC_AUTH
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
        source="jenkinsci/kubernetes-credentials-provider-plugin docs/examples, SecretUtils.java",
        shapes={
            "ssh": Shape(
                keys_of(private_key="privateKey", passphrase="passphrase"),
                SSH_KEY,
                labels={_JENKINS_TYPE: "basicSSHUserPrivateKey"},
            ),
            "https": Shape(USERNAME_PASSWORD, BASIC, labels={_JENKINS_TYPE: "usernamePassword"}),
            "github_app": Shape(
                {**keys_of(id="appID"), **_JENKINS_APP},
                (("id", "private_key"),),
                labels={_JENKINS_TYPE: "gitHubApp"},
                wrong_keys={"appId": "id"},
            ),
        },
        variants={
            # The plugin github-app-kubernetes-credentials 0.0.1; kubernetes-credentials-provider has gitHubApp since
            # 1.196.va_55f5e31e3c2.
            "githubApp": {
                "github_app": Shape(
                    {**keys_of(id="appId"), **_JENKINS_APP},
                    (("id", "private_key"),),
                    labels={_JENKINS_TYPE: "githubApp"},
                    wrong_keys={"appID": "id"},
                )
            },
            "secretFile": {
                "cookie_file": Shape(
                    keys_of(cookie_file="data"),
                    (("cookie_file",),),
                    labels={_JENKINS_TYPE: "secretFile"},
                    is_general=True,
                )
            },
            "secretText": {
                "https": Shape(
                    keys_of(password="text"), (("password",),), labels={_JENKINS_TYPE: "secretText"}, is_general=True
                )
            },
        },
        variant_setting="jenkins_type",
        settings={
            "jenkins_type": FormatSetting(choices=("githubApp", "secretFile", "secretText")),
            "jenkins_keys": FormatSetting(type="names"),
            "jenkins_description": FormatSetting(annotation="jenkins.io/credentials-description"),
            "jenkins_filename": FormatSetting(key="filename", only="cookie_file", default=lambda url: ".gitcookies"),
            "jenkins_username": FormatSetting(
                key="username", only="ssh", default=lambda url: (url and url.user) or "git"
            ),
            "jenkins_scope": FormatSetting(label="jenkins.io/credentials-scope", choices=("global", "system")),
        },
        annotate=_jenkins,
        annotation=_JENKINS_KEYS,
        renaming=_JENKINS_KEYS,
        renaming_setting="jenkins_keys",
        app_key_forms=("PKCS#8",),
        reasons={"cookie_file": "A file needs format_options.jenkins_type=secretFile."},
    ),
    Format(
        name="kpack",
        source="buildpacks-community/kpack docs/secrets.md, pkg/git",
        shapes={
            "ssh": Shape(SSH_PRIVATEKEY, SSH_KEY, SSH_AUTH),
            "https": Shape(USERNAME_PASSWORD, BASIC, BASIC_AUTH),
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
                keys_of(private_key="ssh-privatekey", known_hosts="ssh-knownhosts"),
                SSH_KEY,
                recommended={"known_hosts": ANY_HOST},
            ),
            "https": Shape(USERNAME_PASSWORD, BASIC),
        },
        http="refused",
        refuses_other_keys=True,
    ),
)
