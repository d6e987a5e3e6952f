# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The formats of consumers that build from a repository: Tekton, OpenShift, Jenkins, kpack, vendir."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._errors import KeyringError
from .format_parts import ANY_HOST, BASIC, SSH_KEY, SSH_PRIVATEKEY, USERNAME_PASSWORD, keys_of
from .git_shapes import BASIC_AUTH, KINDS, SSH_AUTH, CredentialKind, Format, FormatSetting, Shape

if TYPE_CHECKING:
    from .git_url import GitUrl

# OpenShift's pattern of a URL: scheme, host with optional port, and path. Each may be *, a host may begin with *.
_MATCH_URI = re.compile(r"(\*|git|https?|ssh)://(\*|(\*\.)?[A-Za-z0-9.-]+)(:[0-9]+)?/\S*")

_MATCH_PREFIX = "build.openshift.io/source-secret-match-uri-"


# The heading of a section, as in [http] or [url "https://git.example.com/"].
_GIT_CONFIG = re.compile(r'^[ \t]*\[[A-Za-z0-9.-]+([ \t]+"[^"\n]*")?\]', re.MULTILINE)


def _tekton(kind: CredentialKind, url: GitUrl | None, settings: Mapping[str, Any]) -> dict[str, str]:
    if url is None:
        return {}
    from .git_url import parse_git_url

    has_path = settings.get("tekton_path") == "true"
    places = {_tekton_place(kind, url, has_path, "url"): "url"}
    for index, text in enumerate(settings.get("tekton_urls") or ()):
        option = f"format_options.tekton_urls[{index}]"
        place = _tekton_place(kind, parse_git_url(text, option), has_path, option)
        if place in places:
            raise KeyringError(
                f"{option} gives the same annotation as {places[place]}.",
                "Tekton fails if one URL is in two annotations.",
                "Remove it, or set tekton_path=true if the repositories differ.",
                option=option,
            )
        places[place] = option
    first = int(settings.get("tekton_index") or 0)
    return {f"tekton.dev/git-{number}": place for number, place in enumerate(places, start=first)}


def _tekton_place(kind: CredentialKind, url: GitUrl, has_path: bool, option: str) -> str:
    """Return the value of an annotation: the server, or with ``has_path`` the repository or folder on it.

    Tekton adds .git to the path of SSH, and compares that of HTTPS as it is.
    """
    start = url.location if kind == "ssh" else f"{url.scheme}://{url.location}"
    path = url.path.strip("/")
    if not has_path or not path:
        return start
    if "=" in path:
        raise KeyringError(
            f'{option} has a "=" in its path.',
            "Tekton reads the annotation as name=value, and fails with a second one.",
            "Set tekton_path=false.",
            option=option,
        )
    if kind == "ssh" and url.user not in (None, "git"):
        raise KeyringError(
            f"{option} has another user than git.",
            "With a path in the annotation, Tekton finds the key only for clone URLs that begin with git@.",
            "Set tekton_path=false.",
            option=option,
        )
    return f"{start}/{path.removesuffix('.git') if kind == 'ssh' else path}"


def _advise_tekton(kind: CredentialKind, url: GitUrl | None, settings: Mapping[str, Any]) -> list[str]:
    if kind != "ssh" or url is None or url.scp or settings.get("tekton_path") != "true":
        return []
    path = url.path.strip("/").removesuffix(".git")
    return [
        "With tekton_path=true, Tekton uses the key only for clone URLs with git@ and a colon. "
        f"Clone git@{url.host}:{path}.git."
    ]


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


def _rename_keys(_kind: CredentialKind, _url: GitUrl | None, settings: Mapping[str, Any]) -> dict[str, str]:
    return {f"{_JENKINS_KEYS}{key}": name for key, name in (settings.get("jenkins_keys") or {}).items()}


def _jenkins(
    variant: str,
    shapes: Mapping[CredentialKind, Shape],
    settings: Mapping[str, FormatSetting] | None = None,
    reasons: Mapping[str, str] | None = None,
) -> Format:
    other_kind = f"format_options.jenkins_type is {variant}, which is for another kind of credential."
    return Format(
        name="jenkins",
        source="jenkinsci/kubernetes-credentials-provider-plugin docs/examples, SecretUtils.java",
        shapes=shapes,
        variant=variant,
        variant_setting="jenkins_type",
        settings={
            "jenkins_type": FormatSetting(choices=("githubApp", "secretFile", "secretText")),
            "jenkins_keys": FormatSetting(type="names"),
            "jenkins_description": FormatSetting(annotation="jenkins.io/credentials-description"),
            "jenkins_scope": FormatSetting(label="jenkins.io/credentials-scope", choices=("global", "system")),
            **(settings or {}),
        },
        annotate=_rename_keys,
        annotation=_JENKINS_KEYS,
        renaming_setting="jenkins_keys",
        app_key_forms=("PKCS#8",),
        reasons=reasons or {kind: other_kind for kind in KINDS if kind not in shapes},
    )


BUILD_FORMATS = (
    Format(
        name="tekton",
        source="tektoncd/pipeline docs/auth.md, pkg/credentials",
        shapes={
            "ssh": Shape(SSH_PRIVATEKEY, SSH_KEY, SSH_AUTH, recommended={"known_hosts": ANY_HOST}),
            "https": Shape(USERNAME_PASSWORD, BASIC, BASIC_AUTH),
        },
        settings={
            "tekton_index": FormatSetting(type="number"),
            "tekton_path": FormatSetting(type="boolean"),
            "tekton_urls": FormatSetting(type="lines", is_urls=True),
        },
        annotate=_tekton,
        annotation="tekton.dev/git-",
        unique_annotations=True,
        advise=_advise_tekton,
        by_service_account=True,
        url_needed=True,
        not_in_username='"',
    ),
    Format(
        name="tekton_workspace",
        source="tektoncd-catalog/git-clone task/git-clone, the workspace ssh-directory",
        shapes={
            "ssh": Shape(
                keys_of(private_key="id_rsa", known_hosts="known_hosts"), SSH_KEY, recommended={"known_hosts": ANY_HOST}
            )
        },
        settings={
            "tekton_ssh_config": FormatSetting(
                type="text",
                key="config",
                pattern=re.compile(r"^[ \t]*(Host|Match)[ \t=]", re.MULTILINE | re.IGNORECASE),
                rule="the content of an SSH client configuration file, with a line that begins with Host",
                secret=True,
            )
        },
        reasons={"https": "For the workspace basic-auth, use format git_credentials."},
    ),
    Format(
        name="tekton_resolver",
        source="tektoncd/pipeline docs/git-resolver.md",
        shapes={"https": Shape(keys_of(password="token"), (("password",),))},
        reasons={"https.username": "The resolver takes a token alone."},
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
            ),
            "openshift_gitconfig": FormatSetting(
                type="text",
                key=".gitconfig",
                pattern=_GIT_CONFIG,
                rule="the content of a Git configuration file, with a line such as [http]",
                secret=True,
            ),
        },
        annotate=_openshift,
        annotation=_MATCH_PREFIX,
        by_service_account=True,
    ),
    _jenkins(
        "default",
        {
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
        {
            "jenkins_username": FormatSetting(
                key="username", only="ssh", default=lambda url: (url and url.user) or "git"
            ),
        },
        {"cookie_file": "A file needs format_options.jenkins_type=secretFile."},
    ),
    # The plugin github-app-kubernetes-credentials 0.0.1; kubernetes-credentials-provider has gitHubApp since
    # 1.196.va_55f5e31e3c2.
    _jenkins(
        "githubApp",
        {
            "github_app": Shape(
                {**keys_of(id="appId"), **_JENKINS_APP},
                (("id", "private_key"),),
                labels={_JENKINS_TYPE: "githubApp"},
                wrong_keys={"appID": "id"},
            )
        },
    ),
    _jenkins(
        "secretFile",
        {
            "cookie_file": Shape(
                keys_of(cookie_file="data"),
                (("cookie_file",),),
                labels={_JENKINS_TYPE: "secretFile"},
                is_general=True,
            )
        },
        {"jenkins_filename": FormatSetting(key="filename", default=lambda url: ".gitcookies")},
    ),
    _jenkins(
        "secretText",
        {
            "https": Shape(
                keys_of(password="text"), (("password",),), labels={_JENKINS_TYPE: "secretText"}, is_general=True
            )
        },
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
