# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens that are recognised by their shape, wherever they stand: as a user name, or in the wrong option."""

from __future__ import annotations

import re
from collections.abc import Iterator

# The beginning of a token, and how many characters follow it at least: more where it could be the beginning of a name.
# Each row has who makes such tokens, and where that is documented. An empty maker: several make such strings.
_TOKEN_ROWS: tuple[tuple[str, int, str, str], ...] = (
    ("gh[pousr]_", 1, "GitHub", "docs.github.com, About authentication to GitHub, Token formats"),
    ("github_pat_", 1, "GitHub", "the same"),
    (
        "gl(?:pat|oas|dt|rt|rtr|cbt|ptt|ft|imt|agent|wt|soat|ffct)-",
        1,
        "GitLab",
        "docs.gitlab.com, Token overview, Token prefixes",
    ),
    ("do[por]_v1_", 1, "DigitalOcean", "docs.digitalocean.com, Token prefixes of the API"),
    ("dckr_(?:pat|oat)_", 1, "Docker Hub", "docs.docker.com, Personal and organization access tokens"),
    ("AKCp[0-9]", 10, "Artifactory", "jfrog.com, API key"),
    ("cmVmdGtu", 16, "Artifactory", "jfrog.com, Reference token, base64 of reftkn"),
    ("npm_", 16, "npm", "docs.npmjs.com, About access tokens"),
    ("pypi-AgE", 16, "PyPI", "pypi.org, API tokens, a macaroon"),
    ("xox[abeoprs]-", 8, "Slack", "api.slack.com, Token types"),
    ("xapp-", 16, "Slack", "the same"),
    ("hv[sbr]\\.", 16, "HashiCorp Vault", "developer.hashicorp.com, Tokens, Token prefixes"),
    ("sha256~", 16, "OpenShift", "docs.openshift.com, OAuth access tokens"),
    ("ya29\\.", 8, "Google", "cloud.google.com, Access tokens"),
    ("GOCSPX-", 16, "Google", "client secrets of OAuth"),
    ("AIza", 30, "Google", "cloud.google.com, API keys"),
    ("eyJ", 20, "", "base64 of JSON: a JWT (RFC 7519), the password of Amazon ECR, the refresh token of Azure"),
    ("AT(?:ATT|CTT|BB)[0-9A-Za-z]", 16, "Atlassian", "support.atlassian.com, API tokens and app passwords"),
    ("nvapi-", 16, "NVIDIA NGC", "docs.nvidia.com, Personal keys"),
    ("hf_", 16, "Hugging Face", "huggingface.co, User access tokens"),
    ("gls[ae]_|glc_", 16, "Grafana", "grafana.com, Service account tokens"),
    ("dapi[0-9a-f]", 24, "Databricks", "docs.databricks.com, Personal access tokens"),
    ("sq[pua]_", 24, "SonarQube", "docs.sonarsource.com, Tokens"),
    ("CCIPAT_", 16, "CircleCI", "circleci.com, Personal API tokens"),
    ("y0_", 24, "Yandex", "yandex.cloud, OAuth token"),
    ("t1\\.", 40, "Yandex", "yandex.cloud, IAM token"),
    ("AGE-SECRET-KEY-1", 16, "age", "the private key that SOPS uses"),
)
_TOKEN_REST = "[A-Za-z0-9_.~+/=-]"
# What has its sign elsewhere: Azure DevOps, Azure Container Registry, and the client secret of an Entra application
# (learn.microsoft.com, Sensitive information type entity definitions).
_INNER_SIGNS = (
    "[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}",
    "[A-Za-z0-9+/]{42}\\+ACR[A-Za-z0-9]{6}",
    "[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31}",
)
_BEGINNINGS = "|".join(f"(?:{beginning}){_TOKEN_REST}{{{shortest},}}" for beginning, shortest, *_names in _TOKEN_ROWS)
_TOKEN = re.compile(f"(?<![A-Za-z0-9])(?:{_BEGINNINGS}|{'|'.join(_INNER_SIGNS)})")

_MAKERS = tuple(
    (re.compile(f"(?:{beginning}){_TOKEN_REST}{{{shortest},}}"), maker)
    for beginning, shortest, maker, _source in _TOKEN_ROWS
    if maker
)

# A shorter one is an example, and is no secret in a sentence.
_SHORTEST_IN_TEXT = 20


def contains_token(text: str) -> bool:
    """Return whether a string that should be a name contains a token."""
    return bool(_TOKEN.search(text))


def find_maker(text: str) -> str | None:
    """Return who makes tokens like this string; None for another string, and where several make such strings."""
    stripped = text.strip()
    for shape, maker in _MAKERS:
        if shape.fullmatch(stripped):
            return maker
    return None


def find_tokens(text: str) -> Iterator[str]:
    """Yield the tokens in any text."""
    for found in _TOKEN.finditer(text):
        if len(found[0]) >= _SHORTEST_IN_TEXT:
            yield found[0]


def hide_tokens(text: str, mask: str) -> str:
    """Return a string with the mask in place of each token."""
    return _TOKEN.sub(lambda found: mask if len(found[0]) >= _SHORTEST_IN_TEXT else found[0], text)
