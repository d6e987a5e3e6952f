# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens that a registry is known not to take, or not to take for long, by their shape: rules of the presets.

A token of another vendor is not in these tables: ``makers`` of a preset names the vendors whose tokens it takes.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

from .expiry import read_claims
from .preset_shapes import LoginRule


def _has_shape(pattern: str) -> Callable[[str | None, str | None], object]:
    """Return a condition about the whole password, without whitespace around it."""
    shape = re.compile(pattern, re.ASCII)
    return lambda _username, password: shape.fullmatch((password or "").strip())


# GitHub, Working with the Container registry: only personal access tokens (classic), and the token of a workflow.
GITHUB_REFUSALS = (
    LoginRule(
        "password",
        _has_shape("github_pat_.*"),
        "is a fine-grained token",
        "GitHub Packages takes only personal access tokens (classic).",
        "Create one with the scope read:packages.",
    ),
    LoginRule(
        "password",
        _has_shape("ghr_.*"),
        "is a refresh token of a GitHub App",
        "It is exchanged for an access token, and gives no access to a registry.",
        "Create a personal access token (classic) with the scope read:packages.",
    ),
)
GITHUB_WARNINGS = (
    LoginRule(
        "password",
        _has_shape("ghs_.*"),
        "is an installation token of a GitHub App",
        "The registry accepts the login, but private packages cannot be pulled with it. The token of a workflow can "
        "pull the packages of its repository until the job ends.",
        "Give a personal access token (classic) with the scope read:packages.",
    ),
    LoginRule(
        "password",
        _has_shape("gh[ou]_.*"),
        "is a token of a login session",
        "It belongs to an app that acts for a person, and is revoked when that person logs out or after some hours.",
        "Give a personal access token (classic) with the scope read:packages.",
    ),
)

# An instance may put a prefix of its own before each token: GitLab, Account and limit settings, Instance token prefix.
_INSTANCE = "(?:(?!gl[a-z]+-)[A-Za-z0-9_-]{1,64}?-)?"

# GitLab, Token overview: what has no access to the container registry.
GITLAB_REFUSALS = tuple(
    LoginRule(
        "password",
        _has_shape(f"{_INSTANCE}gl{kind}-.*"),
        f"is {name}",
        "It has no access to the container registry.",
        "Give a deploy token with read_registry.",
    )
    for kind, name in (
        ("ptt", "a pipeline trigger token"),
        ("rtr?", "a runner token"),
        ("ft", "a feed token"),
        ("imt", "a token for incoming mail"),
        ("agent", "a token of an agent for Kubernetes"),
        ("soat", "a SCIM token"),
        ("ffct", "a token for feature flags"),
        ("oas", "the secret of an OAuth application"),
    )
)


def _is_job_login(username: str | None, password: str | None) -> object:
    return username == "gitlab-ci-token" or _has_shape(f"{_INSTANCE}glcbt-.*")(None, password)


GITLAB_WARNINGS = (
    LoginRule(
        "password",
        _is_job_login,
        "is a job token",
        "It expires with the job, and no Pod can pull with it afterwards.",
        "Give a deploy token.",
    ),
)


def _is_undecoded(_username: str | None, password: str | None) -> bool:
    """Return whether the password is what GetAuthorizationToken returns: base64 of username and password."""
    try:
        return base64.b64decode(password or "", validate=True).startswith(b"AWS:")
    except (binascii.Error, ValueError):
        return False


# IAM User Guide, IAM identifiers, Unique ID prefixes. A secret access key has 40 characters, and a password of ECR more
# than a thousand.
_AWS_KEY = "(?:AKIA|ASIA)[A-Z2-7]{16}|[A-Za-z0-9/+]{40}"
AWS_REFUSALS = (
    LoginRule(
        "password",
        _is_undecoded,
        "is an authorizationToken as the API returns it",
        "That is base64 of AWS:, followed by the password.",
        "Decode it, and give what follows the colon.",
    ),
    LoginRule(
        "password",
        _has_shape(_AWS_KEY),
        "is an access key of AWS",
        "The registry takes only tokens, which are minted with such a key.",
        "Leave password out, and give the key to the machine that runs the task.",
    ),
)

# Google Cloud, Best practices for managing API keys; OAuth client secrets.
GOOGLE_TOKEN_REFUSALS = (
    LoginRule(
        "password",
        _has_shape("AIza.{30,}|GOCSPX-.*"),
        "is an API key or a client secret of Google",
        "The registry takes service-account keys and access tokens.",
        "Create a key of a service account that may read the repositories.",
    ),
)

_ARM_HOSTS = ("management.azure.com", "management.core.", "management.chinacloudapi.cn", "management.usgovcloudapi.net")


def _is_for_resource_manager(_username: str | None, password: str | None) -> bool:
    audience = str(read_claims(password).get("aud"))
    return any(host in audience for host in _ARM_HOSTS)


AZURE_WARNINGS = (
    LoginRule(
        "password",
        _is_for_resource_manager,
        "is a token for Azure Resource Manager",
        "It gives access to more than registries, and a registry refuses it where authentication-as-arm is disabled.",
        "Get one with the scope https://containerregistry.azure.net/.default.",
    ),
)

QUAY_WARNINGS = (
    LoginRule(
        "password",
        lambda _username, password: read_claims(password),
        "is a token of a federated robot account",
        "It lasts an hour, and no Pod can pull with it afterwards.",
        "Give the token of the robot account itself, or run the task more often than that.",
    ),
)
