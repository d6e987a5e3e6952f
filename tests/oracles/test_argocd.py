# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Argo CD reads from the Secrets of its formats, with its own code."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.keyring.kubernetes.plugins.module_utils._credentials.git_formats import FORMATS
from support.oracles.programs import ask_oracle
from support.oracles.samples import Sample, make_sample, samples_of, url_for

LABEL = "argocd.argoproj.io/secret-type"
BASIC = ("username", "password")

# The names of Argo CD's fields for the parts of each kind of credential.
FIELDS: Mapping[str, Mapping[str, str]] = {
    "ssh": {"private_key": "sshPrivateKey"},
    "https": {
        "username": "username",
        "password": "password",
        "bearer_token": "bearerToken",
        "client_certificate": "tlsClientCertData",
        "client_key": "tlsClientCertKey",
    },
    "github_app": {
        "id": "githubAppID",
        "installation_id": "githubAppInstallationID",
        "private_key": "githubAppPrivateKey",
        "base_url": "githubAppEnterpriseBaseUrl",
    },
}
# The type with which Argo CD asks the Git server.
CREDENTIALS = {"ssh": "git.SSHCreds", "https": "git.HTTPSCreds", "github_app": "git.GitHubAppCreds"}
VALUES: Mapping[str, Any] = {"boolean": True, "number": 3, "line": "a-value"}


def read(secret: Mapping[str, Any], url: str, kind: str = "", project: str = "") -> dict[str, Any]:
    """The answer of Argo CD that looks for a kind of Secret, by default that of the label."""
    found = kind or secret["metadata"]["labels"][LABEL]
    (answer,) = ask_oracle("argocd", {"secret": secret, "as": found, "url": url, "project": project})
    return answer


def parts_of(answer: Mapping[str, Any], sample: Sample) -> dict[str, str]:
    """The parts of the credential that Argo CD read."""
    assert answer["error"] == ""
    return {part: str(answer["read"][field]) for part, field in FIELDS[sample.kind].items() if field in answer["read"]}


@pytest.mark.parametrize("sample", samples_of("argocd_repository"))
def test_a_repository_has_the_credential(sample: Sample) -> None:
    answer = read(sample.secret, sample.url)
    assert parts_of(answer, sample) == sample.parts
    assert answer["git"] == CREDENTIALS[sample.kind]
    assert answer["read"]["type"] == "git"


@pytest.mark.parametrize("sample", samples_of("argocd_repo_creds"))
def test_a_repository_below_the_url_has_the_credential_of_the_template(sample: Sample) -> None:
    assert parts_of(read(sample.secret, sample.url), sample) == sample.parts

    inherited = read(sample.secret, f"{sample.url}app.git", "repository")
    assert parts_of(inherited, sample) == sample.parts
    assert inherited["read"]["inheritedCreds"] is True
    assert inherited["git"] == CREDENTIALS[sample.kind]


@pytest.mark.parametrize("name", ["argocd_repository", "argocd_repo_creds"])
def test_argocd_reads_every_setting(name: str) -> None:
    settings = {key: setting for key, setting in FORMATS[name].settings.items() if setting.type in VALUES}
    given = {key: VALUES[setting.type] for key, setting in settings.items()}
    row = FORMATS[name]
    sample = make_sample(row, "https", BASIC, format_options=given)
    answer = read(sample.secret, sample.url, project="a-value")

    fields = {field.lower(): value for field, value in answer["read"].items()}
    assert {key: fields.get(setting.key.lower()) for key, setting in settings.items()} == given


def test_argocd_finds_a_secret_by_its_label_and_its_url() -> None:
    sample = make_sample(FORMATS["argocd_repository"], "https", BASIC)
    without = copy.deepcopy(dict(sample.secret))
    without["metadata"]["labels"][LABEL] = "repo"

    assert read(without, sample.url, "repository")["error"] == "no credentials"
    assert read(sample.secret, url_for(FORMATS["argocd_repo_creds"], "https"), "repository")["error"]


def test_argocd_needs_the_key_that_it_documents() -> None:
    sample = make_sample(FORMATS["argocd_repository"], "ssh", ("private_key",))
    secret = copy.deepcopy(dict(sample.secret))
    secret["data"]["ssh-privatekey"] = secret["data"].pop("sshPrivateKey")

    assert read(secret, sample.url)["error"] == "no credentials"
