# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option github_app_token: what it refuses, for which formats it is, and what the token is for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.app_token import (
    MAX_REPOSITORIES,
    warn_better_choice,
)
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_credential import takes_app_token
from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_formats import FORMATS
from ansible_collections.keyring.kubernetes.plugins.module_utils._errors import KeyringError
from support.samples.git_secrets import ADA, SSH_URL, GitTask, params_of
from support.samples.keys import key_text
from support.samples.secrets import refusal

APP_KEY = key_text("RSA PKCS#1")
TOKEN = {"client_id": "Iv23liAbCdEf", "owner": "acme", "private_key": APP_KEY, "repositories": ["app"]}
NUMBER_PAGE = {
    "app_id": "The settings page of the GitHub App shows the App ID.",
    "installation_id": "The installation ID is at the end of the URL of the installation's page.",
}
A_CLIENT_ID = "A client ID, which begins with Iv, is another value."
PAGE = "The settings page of the GitHub App shows it."
NAME = "Write it like app; ['*'] alone stands for all repositories of the installation."
KEY_FILE = "Give the file with the private key"

# The options beside those of TOKEN, the message after the name of the first option, and that name.
REFUSALS: Mapping[str, tuple[dict[str, Any], str, str]] = {
    "two IDs of the App": (
        {"app_id": "1"},
        "github_app_token.client_id and github_app_token.app_id exclude each other. Both set the same value. "
        "Keep one of them.",
        "app_id",
    ),
    "two ways to the installation": (
        {"installation_id": "1"},
        "github_app_token.owner and github_app_token.installation_id exclude each other. Both set the same value. "
        "Keep one of them.",
        "installation_id",
    ),
    "two keys": (
        {"private_key_file": "/k"},
        "github_app_token.private_key and github_app_token.private_key_file exclude each other. Both set the same "
        "value. Keep one of them.",
        "private_key_file",
    ),
    "no App": (
        {"client_id": None},
        "github_app_token.client_id is missing. Without it, GitHub gives no token. "
        "Give it, or github_app_token.app_id.",
        "client_id",
    ),
    "no installation": (
        {"owner": None},
        "github_app_token.owner is missing. Without it, GitHub gives no token. "
        "Give it, or github_app_token.installation_id.",
        "owner",
    ),
    "no key": (
        {"private_key": None},
        "github_app_token.private_key is missing. Without it, GitHub gives no token. "
        "Give it, or github_app_token.private_key_file.",
        "private_key",
    ),
    **{
        f"client ID {text} as {part}": (
            {"client_id": None, "app_id": text} if part == "app_id" else {"owner": None, part: text},
            f"github_app_token.{part} must be a number. {A_CLIENT_ID} {page}",
            part,
        )
        for part, page in NUMBER_PAGE.items()
        for text in ("Iv1.8a61f9b3a7aba766", "Iv23liAbCdEf")
    },
    "an owner as installation": (
        {"owner": None, "installation_id": "acme"},
        f"github_app_token.installation_id must be a number. {NUMBER_PAGE['installation_id']}",
        "installation_id",
    ),
    "App ID as client ID": (
        {"client_id": "12345"},
        f"github_app_token.client_id must be a string such as Iv23abc. A number is the App ID. {PAGE}",
        "client_id",
    ),
    "a repository as owner": (
        {"owner": "acme/app"},
        "github_app_token.owner must be the name of an organization or user. Leave out the URL and the repository.",
        "owner",
    ),
    "a client secret as key": (
        {"private_key": "0123456789abcdef0123456789abcdef01234567"},
        "github_app_token.private_key must be one private key; got 40 hexadecimal digits, as a client secret has. "
        f"{KEY_FILE}.",
        "private_key",
    ),
    **{
        f"{start} as key": (
            {"private_key": f"{start}11ABCDEFG0123456789_abcdefghij"},
            f"github_app_token.private_key must be one private key; got a GitHub token. {KEY_FILE}; a token is a "
            "password.",
            "private_key",
        )
        for start in ("github_pat_", "ghp_", "ghs_")
    },
    "another kind of key": (
        {"private_key": key_text("Ed25519 OpenSSH")},
        "github_app_token.private_key is an Ed25519 key. GitHub makes RSA keys for its Apps. "
        "Give the file that GitHub offered for download.",
        "private_key",
    ),
    "no repository": (
        {"repositories": []},
        "github_app_token.repositories is empty. Without names, GitHub gives a token for all repositories of the "
        "installation. List the repositories, or write ['*'] for all of them.",
        "repositories",
    ),
    "all and one": (
        {"repositories": ["*", "app"]},
        f"github_app_token.repositories[0] is not the name of a repository. {NAME}",
        "repositories[0]",
    ),
    "a glob": (
        {"repositories": ["app", "team-*"]},
        f"github_app_token.repositories[1] is not the name of a repository. {NAME}",
        "repositories[1]",
    ),
    "an empty name": (
        {"repositories": [""]},
        f"github_app_token.repositories[0] is not the name of a repository. {NAME}",
        "repositories[0]",
    ),
    "a name with its owner": (
        {"repositories": ["acme/app"]},
        "github_app_token.repositories[0] is not the name of a repository. Write only what follows the last slash. "
        "The owner is that of the installation.",
        "repositories[0]",
    ),
    "too many": (
        {"repositories": [f"r{number}" for number in range(MAX_REPOSITORIES + 1)]},
        "github_app_token.repositories has 501 names. GitHub takes at most 500. "
        "List fewer, or write ['*'] for all repositories of the installation.",
        "repositories",
    ),
    "no permissions": (
        {"permissions": {}},
        "github_app_token.permissions is empty. Without permissions, GitHub gives a token with all those of the App. "
        "List them, or leave the option out for contents: read.",
        "permissions",
    ),
    "an unknown level": (
        {"permissions": {"contents": "none"}},
        "github_app_token.permissions.contents must be one of read, write, admin. A permission that is not listed is "
        "not given.",
        "permissions.contents",
    ),
    "a name with a blank": (
        {"permissions": {"pull requests": "read"}},
        "github_app_token.permissions has a name that no permission of a GitHub App has. "
        "Write it like contents or pull_requests.",
        "permissions",
    ),
    "a URL without TLS": (
        {"base_url": "http://ghe.example.com/api/v3"},
        "github_app_token.base_url must begin with https://. Without encryption, the token could be read on its way. "
        "Write it like https://ghe.example.com/api/v3.",
        "base_url",
    ),
    **{
        f"website {url}": (
            {"base_url": url},
            "github_app_token.base_url is not the URL of an API of GitHub. That of an Enterprise Server ends with "
            f"/api/v3, and that on ghe.com begins with api. {remedy}",
            "base_url",
        )
        for url, remedy in (
            ("https://github.com", "Leave it out for github.com."),
            ("https://github.com/acme", "Leave it out for github.com."),
            ("https://acme.ghe.com", "Write https://api.acme.ghe.com."),
            ("https://ghe.example.com", "Write https://ghe.example.com/api/v3."),
            ("https://ghe.example.com:8443/", "Write https://ghe.example.com:8443/api/v3."),
        )
    },
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refuses_what_github_would_refuse(name: str) -> None:
    options, message, part = REFUSALS[name]
    with pytest.raises(KeyringError) as caught:
        GitTask(github_app_token={**TOKEN, **options})
    assert str(caught.value) == message
    assert caught.value.describe() == {
        "id": "invalid_option",
        "option": f"github_app_token.{part}",
        "namespace": None,
    }


@pytest.mark.parametrize(
    ("other", "option"),
    [
        ({"https": ADA}, "https"),
        ({"ssh": {"private_key": key_text("Ed25519 OpenSSH")}}, "ssh"),
        ({"cookie_file": "c"}, "cookie_file"),
        ({"github_app": {"id": "1", "installation_id": "2", "private_key": APP_KEY}}, "github_app"),
        ({"credentials_from": {"name": "source"}}, "credentials_from"),
    ],
)
def test_excludes_other_credentials(other: dict[str, Any], option: str) -> None:
    assert refusal(GitTask, github_app_token=TOKEN, **other) == (
        f"github_app_token and {option} exclude each other. The task mints the whole credential. Keep one of them."
    )


def test_needs_a_consumer_of_passwords() -> None:
    message = "Its consumer reads no password. Give another credential, or use another format."
    assert refusal(GitTask, github_app_token=TOKEN, format="primehub") == (
        f"Format primehub does not take a token of github_app_token. {message}"
    )
    custom = {"format": "custom", "keys": {"bearer_token": "token"}}
    assert refusal(GitTask, github_app_token=TOKEN, **custom) == (
        f"Format custom does not take a token of github_app_token. {message}"
    )


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"format": "flux_receiver"}, "flux_receiver"),
        ({"format": "flux_proxy", "url": "http://proxy:3128"}, "flux_proxy"),
        ({"format": "fleet_helm"}, "fleet_helm"),
        (
            {
                "format": "argocd_repository",
                "url": "https://charts.example.com",
                "format_options": {"argocd_type": "helm", "argocd_name": "a"},
            },
            "argocd_repository with argocd_type=helm",
        ),
        ({"format": "kargo", "format_options": {"kargo_type": "generic"}}, "kargo with kargo_type=generic"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_needs_a_consumer_of_git(options: dict[str, Any], name: str) -> None:
    assert refusal(GitTask, github_app_token=TOKEN, **options) == (
        f"Format {name} does not take a token of github_app_token. Its credential is not for a Git repository. "
        "Give another credential, or use another format."
    )


@pytest.mark.parametrize(
    ("url", "base_url", "server"),
    [
        ("https://git.example.com/acme/app", None, "github.com"),
        ("https://github.com/acme/app", "https://git.example.com/api/v3", "git.example.com"),
        ("https://acme.ghe.com/acme/app", None, "github.com"),
        ("https://github.com/acme/app", "https://api.acme.ghe.com", "acme.ghe.com"),
    ],
)
def test_refuses_a_repository_on_another_server(url: str, base_url: str | None, server: str) -> None:
    host = url.split("/")[2]
    assert refusal(GitTask, github_app_token={**TOKEN, "base_url": base_url}, format="flux", url=url) == (
        f"url is on {host}, and github_app_token mints a token for {server}. The server of url does not know that "
        f"token. Set github_app_token.base_url to the API of the server, such as https://{host}/api/v3, or correct url."
    )


@pytest.mark.parametrize("host", ["gitlab.com", "bitbucket.org", "dev.azure.com", "codeberg.org"])
def test_refuses_a_server_that_has_no_github_apps(host: str) -> None:
    url = f"https://{host}/acme/app"
    assert refusal(GitTask, github_app_token=TOKEN, format="tekton", url=url) == (
        f"url is on {host}, and github_app_token mints a token for github.com. The server of url does not know that "
        "token. Give a token of that server as https.password, or correct url."
    )


def test_refuses_a_further_repository_on_another_server() -> None:
    urls = ["https://github.com/acme/lib", "https://git.example.com/acme/lib"]
    given = {"format": "tekton", "url": "https://github.com/acme/app", "format_options": {"tekton_urls": urls}}
    option = "format_options.tekton_urls[1]"
    assert refusal(GitTask, github_app_token=TOKEN, **given) == (
        f"{option} is on git.example.com, and github_app_token mints a token for github.com. The server of {option} "
        "does not know that token. Set github_app_token.base_url to the API of the server, such as "
        f"https://git.example.com/api/v3, or correct {option}."
    )


@pytest.mark.parametrize(
    ("url", "base_url", "server"),
    [
        ("https://github.com/acme/app.git", None, "github.com"),
        ("https://GitHub.com/acme/app.git", "https://api.github.com", "github.com"),
        ("https://git.example.com:8443/acme/app", "https://git.example.com/api/v3/", "git.example.com"),
        ("https://acme.ghe.com/acme/app", "https://api.acme.ghe.com/", "acme.ghe.com"),
        (None, "https://git.example.com:8443/api/v3", "git.example.com:8443"),
    ],
)
def test_names_the_server_of_the_token(url: str | None, base_url: str | None, server: str) -> None:
    mint = GitTask(
        github_app_token={**TOKEN, "base_url": base_url}, format="flux", url=url, check_mode=True
    ).options.mint
    assert mint
    assert mint.app.server == server
    assert not mint.app.api.endswith("/")


def test_refuses_an_ssh_url() -> None:
    assert refusal(GitTask, github_app_token=TOKEN, url=SSH_URL).startswith("url ")


def test_refuses_a_proof() -> None:
    given = {"github_app_token": TOKEN, "url": "https://github.com/acme/app", "verify": True}
    assert refusal(GitTask, **given, verify_require="pullable") == (
        "verify_require=pullable cannot be met with github_app_token. The task mints the token, and does not ask the "
        "Git server about it. Set verify_require=not_denied."
    )


def test_refuses_a_negative_validity() -> None:
    assert refusal(GitTask, github_app_token=TOKEN, min_validity=-1).startswith("min_validity must be at least 0")


def test_the_scope_is_the_same_for_the_same_token() -> None:
    """In whatever order and case it is written; it has nothing secret in it."""
    spellings = [
        {"repositories": ["App", "web"], "permissions": {"contents": "read", "issues": "read"}, "owner": "ACME"},
        {"repositories": ["web", "app", "app"], "permissions": {"issues": "read", "contents": "read"}},
    ]
    scopes = {GitTask(github_app_token={**TOKEN, **options}).options.mint.app.scope for options in spellings}  # type: ignore[union-attr]
    assert list(map(json.loads, scopes)) == [
        {
            "api": "https://api.github.com",
            "app": "Iv23liAbCdEf",
            "installation": "acme",
            "permissions": {"contents": "read", "issues": "read"},
            "repositories": ["app", "web"],
        }
    ]


def test_numbers_are_ids() -> None:
    given = {**TOKEN, "client_id": None, "owner": None, "app_id": 12, "installation_id": 34}
    params = params_of(github_app_token=given)["github_app_token"]
    assert (params["app_id"], params["installation_id"]) == ("12", "34")


def test_formats_with_an_app_of_their_own() -> None:
    """The others have no better choice, and all that take a password take a token."""
    assert {name for name, row in FORMATS.items() if warn_better_choice(row)} == {
        name for name, row in FORMATS.items() if "github_app" in row.shapes
    }
    assert not any(takes_app_token(FORMATS[name]) for name in ("primehub", "flux_signing", "argocd_scm_creds"))
    assert all(takes_app_token(FORMATS[name]) for name in ("git_sync", "tekton", "kpack", "vendir", "flux", "airflow"))
    (warning,) = warn_better_choice(FORMATS["flux"])
    assert warning == (
        "Format flux takes a GitHub App itself: with github_app, the consumer makes its own tokens. The token of "
        "github_app_token expires after an hour, and only another run of this task renews it."
    )
