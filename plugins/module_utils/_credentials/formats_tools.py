# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The formats of tools that use Git: files of git itself, DevWorkspaces, runners of GitHub, Pipelines-as-Code."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from .format_parts import ANY_HOST, APP, BASIC, SSH_KEY, keys_of
from .git_shapes import Composer, Composition, Format, FormatSetting, Shape

# A line of a file for git-credential-store, as git writes it, and as people write it without encoding.
_ENCODED_LINE = re.compile(
    r"https?://(?:[^:/?#@%\s]|%[0-9A-Fa-f]{2})+:(?:[^/?#@%\s]|%[0-9A-Fa-f]{2})+@[^/?#@\s]+(?:/[^\s@]*)?"
)
_ANY_LINE = re.compile(r"https?://([^:/@\s]+):(\S+)@[^/?#@\s]+(?:/[^\s@]*)?")


def _write_credential_line(composition: Composition) -> str:
    """Return the line that git-credential-store finds for every repository of the server in the URL."""
    from .git_url import parse_git_url

    user, password = (quote(composition.parts[part], safe="") for part in ("username", "password"))
    url = parse_git_url(composition.url, "url")
    return f"{url.scheme}://{user}:{password}@{url.location}"


def _write_file(composition: Composition) -> str:
    return f"{_write_credential_line(composition)}\n"


def _read_credential_line(text: str) -> dict[str, str]:
    """Return user and password of a file with one line; nothing of a file for several servers."""
    found = _ANY_LINE.fullmatch(text.strip())
    return {"username": unquote(found[1]), "password": unquote(found[2])} if found else {}


def _line_problem(text: str) -> str:
    if _ENCODED_LINE.fullmatch(text.strip()):
        return ""
    return "The user name or the password in the URL is not percent-encoded, so git reads another one."


def _write_config(composition: Composition) -> str:
    """Return the configuration with which git reads the file in the home folder for this server alone."""
    from .git_url import parse_git_url

    url = parse_git_url(composition.url, "url")
    return f'[credential "{url.scheme}://{url.location}"]\n\thelper = store\n'


# The folder is that of the mount path: a workspace has the key and the host keys there.
_SSH_FOLDER = "/etc/ssh/"


def _write_ssh_config(composition: Composition) -> str:
    """Return the configuration of ssh, which reads ssh_known_hosts in its own folder by default."""
    checking = "yes" if "known_hosts" in composition.parts else "accept-new"
    return f"Host *\n  IdentityFile {_SSH_FOLDER}dwo_ssh_key\n  StrictHostKeyChecking {checking}\n"


_WATCHED = {"controller.devfile.io/watch-secret": "true"}
_MOUNT = "controller.devfile.io/mount-"
_DEVWORKSPACE_SETTINGS = {
    "devworkspace_mount_on_start": FormatSetting(type="boolean", annotation=f"{_MOUNT}on-start"),
    "devworkspace_include": FormatSetting(annotation=f"{_MOUNT}to-devworkspace-include"),
    "devworkspace_exclude": FormatSetting(annotation=f"{_MOUNT}to-devworkspace-exclude"),
}


def _write_app(composition: Composition) -> str:
    return composition.parts.get("id") or composition.parts.get("client_id", "")


def _read_app(text: str) -> dict[str, str]:
    if not text:
        return {}
    return {"id" if text.isdecimal() else "client_id": text}


TOOL_FORMATS = (
    Format(
        name="actions_runner_controller",
        source="actions/actions-runner-controller apis/actions.github.com/v1alpha1/appconfig",
        shapes={
            "https": Shape(keys_of(password="github_token"), (("password",),)),
            "github_app": Shape(
                keys_of(
                    id="github_app_id",
                    client_id="github_app_id",
                    installation_id="github_app_installation_id",
                    private_key="github_app_private_key",
                ),
                (*APP, ("client_id", "installation_id", "private_key")),
                composed={"github_app_id": Composer(_write_app, _read_app)},
            ),
        },
        reasons={
            "https.username": "The controller sends the token alone.",
            "github_app.base_url": "The controller derives it from githubConfigUrl of its Helm chart.",
        },
    ),
    Format(
        name="git_credentials",
        source="git-credential-store(1); tektoncd/catalog task/git-clone; upbound/provider-terraform docs",
        shapes={
            "https": Shape(
                keys_of(username=".git-credentials", password=".git-credentials"),
                BASIC,
                composed={
                    ".git-credentials": Composer(_write_file, _read_credential_line, _line_problem, replaces_all=True),
                    ".gitconfig": Composer(_write_config),
                },
            )
        },
        url_needed=True,
    ),
    Format(
        name="devworkspace_git",
        source="devfile/devworkspace-operator pkg/provision/automount/gitconfig.go, docs/additional-configuration.adoc",
        shapes={
            "https": Shape(
                keys_of(username="credentials", password="credentials"),
                BASIC,
                labels={"controller.devfile.io/git-credential": "true"},
                watch_labels=_WATCHED,
                composed={
                    "credentials": Composer(
                        _write_credential_line, _read_credential_line, _line_problem, replaces_all=True
                    )
                },
            )
        },
        settings=_DEVWORKSPACE_SETTINGS,
        url_needed=True,
        reasons={"ssh": "For an SSH key, use format devworkspace_ssh."},
    ),
    Format(
        name="devworkspace_ssh",
        source="devfile/devworkspace-operator docs/additional-configuration.adoc, pkg/library/ssh",
        shapes={
            "ssh": Shape(
                keys_of(
                    private_key="dwo_ssh_key",
                    public_key="dwo_ssh_key.pub",
                    known_hosts="ssh_known_hosts",
                    passphrase="passphrase",
                ),
                SSH_KEY,
                labels={"controller.devfile.io/mount-to-devworkspace": "true"},
                for_any_keys=True,
                watch_labels=_WATCHED,
                annotations={f"{_MOUNT}path": _SSH_FOLDER, f"{_MOUNT}as": "subpath"},
                recommended={"known_hosts": ANY_HOST},
                composed={"ssh_config": Composer(_write_ssh_config)},
            )
        },
        settings=_DEVWORKSPACE_SETTINGS,
        passphrase_name="git-ssh-key",
        reasons={"https": "For a user name and a password, use format devworkspace_git."},
    ),
    Format(
        name="pipelines_as_code",
        source="openshift-pipelines/pipelines-as-code pkg/pipelineascode/secret.go, pkg/provider/github",
        shapes={
            "https": Shape(keys_of(password="provider.token"), (("password",),)),
            "github_app": Shape(
                keys_of(id="github-application-id", private_key="github-private-key"), (("id", "private_key"),)
            ),
        },
        settings={
            "pipelines_as_code_webhook_secret": FormatSetting(
                type="password",
                key="webhook.secret",
                secret=True,
                recommended={"github_app": "without it Pipelines-as-Code refuses every webhook of GitHub"},
            )
        },
        reasons={
            "https.username": "The user is git_provider.user of the Repository.",
            "github_app.client_id": "Pipelines-as-Code reads the ID as a number.",
            "github_app.installation_id": "Pipelines-as-Code takes it from each webhook.",
        },
    ),
)
